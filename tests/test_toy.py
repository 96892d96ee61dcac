"""The made-up radio: what its songs and playlists promise to those who learn from them."""

from collections import Counter

import numpy as np
import pytest

from recommender.datasets.toy import toy


@pytest.fixture(scope="module")
def radio():
    return toy()


@pytest.fixture(scope="module")
def catalogue(radio):
    return radio[0]


@pytest.fixture(scope="module")
def playlists(radio):
    return radio[1]


def neighbours(playlists):
    """Each song that another follows in its playlist, and that other."""
    inside = np.diff(playlists.owners) == 0
    return playlists.songs[:-1][inside], playlists.songs[1:][inside]


def test_the_same_seed_makes_the_same_playlists():
    (_, one), (_, two) = toy(60, 200, seed=3), toy(60, 200, seed=3)
    assert one.songs.tolist() == two.songs.tolist()
    assert one.offsets.tolist() == two.offsets.tolist()


def test_the_same_seed_makes_the_same_catalogue():
    (one, _), (two, _) = toy(60, 200, seed=3), toy(60, 200, seed=3)
    assert [one[row] for row in range(60)] == [two[row] for row in range(60)]


def test_another_seed_makes_other_playlists():
    assert toy(60, 200, seed=3)[1].songs.tolist() != toy(60, 200, seed=4)[1].songs.tolist()


@pytest.mark.parametrize(("n_songs", "n_playlists"), [(20, 1), (60, 200), (3000, 500)])
def test_it_has_the_size_asked_for(n_songs, n_playlists):
    catalogue, playlists = toy(n_songs, n_playlists)
    assert (len(catalogue), len(playlists)) == (n_songs, n_playlists)


def test_too_few_songs_are_refused():
    with pytest.raises(ValueError, match="n_songs must be at least 20, got 19"):
        toy(n_songs=19)


def test_no_playlists_are_refused():
    with pytest.raises(ValueError, match="n_playlists must be at least 1, got 0"):
        toy(n_playlists=0)


@pytest.mark.parametrize(("n_songs", "n_playlists"), [(20, 50), (60, 200), (2000, 400), (2000, 10_000)])
def test_every_song_is_played(n_songs, n_playlists):
    catalogue, _ = toy(n_songs, n_playlists)
    assert catalogue.plays.min() >= 1


def test_ids_are_rows_and_plays_count_the_playlists(catalogue, playlists):
    assert catalogue.ids.tolist() == list(range(2000))
    assert catalogue.plays.tolist() == playlists.counts(2000).tolist()


def test_a_tenth_of_the_songs_has_a_third_to_two_thirds_of_the_plays(catalogue):
    plays = np.sort(catalogue.plays)[::-1]
    assert 1 / 3 < plays[:200].sum() / plays.sum() < 2 / 3


def test_most_playlists_are_short_and_a_few_are_long(playlists):
    assert 4 <= np.median(playlists.lengths) <= 8
    assert 9 <= playlists.lengths.mean() <= 12
    assert playlists.lengths.max() == 60


def test_some_playlists_have_one_song_and_none_is_empty(playlists):
    assert playlists.lengths.min() == 1
    assert 0.05 < (playlists.lengths == 1).mean() < 0.2


def test_a_playlist_rarely_repeats_a_song(playlists):
    assert playlists.repeats.mean() < 0.03


def test_an_artist_rarely_follows_itself(catalogue, playlists):
    artists = np.array(catalogue.artists)
    first, second = neighbours(playlists)
    assert (artists[first] == artists[second]).mean() < 0.01


def test_neighbours_share_a_genre_twice_as_often_as_strangers(catalogue, playlists):
    genre = np.array([tags[0] if tags else "" for tags in catalogue.tags])
    pairs = np.stack([genre[side] for side in neighbours(playlists)])
    first, second = pairs[:, (pairs != "").all(axis=0)]
    strangers = np.random.default_rng(0).permutation(second)
    assert (first == second).mean() > 2 * (first == strangers).mean()


def test_no_title_comes_twice_by_one_artist(catalogue):
    assert len(set(zip(catalogue.titles, catalogue.artists, strict=True))) == 2000


def test_names_stay_apart_when_the_words_run_short():
    catalogue, _ = toy(n_songs=20_000, n_playlists=10)
    assert len(set(zip(catalogue.titles, catalogue.artists, strict=True))) == 20_000


def test_every_placeholder_of_a_name_is_filled(catalogue):
    names = {word for name in [*catalogue.titles, *catalogue.artists] for word in name.split()}
    assert not {word for word in names if word.isupper() and len(word) > 2}


def test_an_artist_has_five_songs_on_average_and_some_have_many(catalogue):
    songs = Counter(catalogue.artists).values()
    assert len(songs) == 400
    assert max(songs) > 20


def test_most_songs_of_an_artist_are_of_one_genre(catalogue):
    by_artist: dict[str, Counter[str]] = {}
    for artist, tags in zip(catalogue.artists, catalogue.tags, strict=True):
        by_artist.setdefault(artist, Counter()).update(tags[:1])
    main = sum(max(count.values(), default=0) for count in by_artist.values())
    assert main / sum(count.total() for count in by_artist.values()) > 0.8


def test_one_song_in_five_has_no_tags(catalogue):
    assert 0.17 < np.mean([not tags for tags in catalogue.tags]) < 0.23


def test_the_first_tag_is_one_of_ten_genres(catalogue):
    assert len({tags[0] for tags in catalogue.tags if tags}) == 10


def test_a_name_with_an_accent_is_found_without_it(catalogue):
    row = next(row for row, artist in enumerate(catalogue.artists) if "Zoë" in artist)
    assert row in catalogue.search(f"zoe {catalogue.titles[row]}")
