"""Shapes: each filter and dial on lists that can be checked by eye, and all of them against a walk down everything."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Catalogue, ParameterError, Playlists, Shape, UnknownSongError, greedy, shaping
from recommender.ranking import NO_SONG
from recommender.shaping import Shaper
from recommender.traits import Traits

SPARE = 2  # in place of the constants, so that small lists have to look further, too
MOVED, REACH = 5, 3
ARTISTS, TITLES, TAGS = ("A", "B", "C", "-"), ("One", "One (Live)", "Two", "Three", "-"), ("rock", "jazz", "soul")
AXES = np.vstack([np.eye(3), -np.eye(3)]).astype(np.float32)  # whose cosines are whole numbers, without rounding


def catalogue_of(
    *artists: str, titles: list[str] | None = None, plays: list[int] | None = None, tags: list | None = None
):
    n = len(artists)
    titles, tags = titles or [f"Song {i}" for i in range(n)], tags or [()] * n
    return Catalogue(np.arange(100, 100 + n), titles, artists, tags, np.array(plays or [0] * n, np.int64))


def lists(shape: Shape, catalogue, k: int, *, seeds=(), scores=None, vectors=None, **options) -> list[int]:
    """The list after the seeds of a model that likes the first song best, unless scores are given."""
    falling = np.arange(len(catalogue), 0, -1, dtype=np.float32)
    given_ = np.array([falling if scores is None else scores], np.float32)
    shaper = Shaper.of(shape, Traits(catalogue), vectors)
    songs, values = shaper.lists(given_, Playlists.of([list(seeds)]), k, **options)
    assert ((songs == NO_SONG) == np.isneginf(values)).all()
    return songs[0][songs[0] != NO_SONG].tolist()


def walked(shape: Shape, catalogue, vectors, scores, seeds, k: int, allow_repeats: bool) -> list[int]:
    """The same by the definition: everything is sorted, then walked down."""
    left = [song for song in np.lexsort((np.arange(len(scores)), -scores)) if scores[song] > -np.inf]
    left = [song for song in left if not barred(shape, catalogue, song)]
    if shape.collapse_versions and not allow_repeats:
        left = [song for song in left if not any(same_song(catalogue, song, seed) for seed in seeds)]
    if shape.popularity:
        lift = (catalogue.plays + 1).astype(np.float32) ** shape.popularity
        worth = {song: np.float32(place) / lift[song] for place, song in enumerate(left[: shaping.MOVED], 1)}
        left[: shaping.MOVED] = sorted(left[: shaping.MOVED], key=lambda song: worth[song])
    order, found = {song: place for place, song in enumerate(left)}, []
    while len(found) < k:
        may = [song for song in left if may_follow(shape, catalogue, found, seeds, song)]
        if not may:
            break
        if shape.variety:
            may = may[: greedy.REACH]
            may = [max(may, key=lambda song: marginal(shape.variety, vectors, found, song, order[song]))]
        found.append(may[0])
        left.remove(may[0])
    return [int(song) for song in found]


def barred(shape, catalogue, song) -> bool:
    tags, artist = set(catalogue.tags[song]), catalogue.artists[song]
    id_ = catalogue.ids[song]
    return (
        (bool(shape.only_tags) and not tags & shape.only_tags)
        or bool(tags & shape.without_tags)
        or (bool(shape.only_artists) and artist not in shape.only_artists)
        or artist in shape.without_artists
        or (shape.only is not None and id_ not in shape.only)
        or id_ in shape.without
        or (shape.hide_unknown and "-" in (artist, catalogue.titles[song]))
    )


def same_song(catalogue, one, other) -> bool:
    names = [(catalogue.titles[song].removesuffix(" (Live)"), catalogue.artists[song]) for song in (one, other)]
    return one == other or (names[0] == names[1] and "-" not in names[0])


def may_follow(shape, catalogue, found, seeds, song) -> bool:
    artist, heard = catalogue.artists[song], [*seeds, *found]
    alike = [place for place, other in enumerate(heard) if other == song or catalogue.artists[other] == artist != "-"]
    if shape.max_per_artist is not None and len([p for p in alike if p >= len(seeds)]) >= shape.max_per_artist:
        return False
    if alike and len(heard) - alike[-1] - 1 < shape.artist_spacing:
        return False
    return not (shape.collapse_versions and any(same_song(catalogue, song, other) for other in found))


def marginal(variety, vectors, found, song, place) -> np.float32:
    likeness = max([np.float32(0), *(vectors[song] @ vectors[other] for other in found)])
    return (1 - variety) / np.log2(np.float32(place) + 2) - variety * np.float32(likeness)


@st.composite
def cases(draw):
    n = draw(st.integers(1, 25))

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    tags = column(st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple))
    tags[0] = TAGS
    artists = column(st.sampled_from(ARTISTS))
    plays = np.array(column(st.integers(0, 3)), np.int64)
    catalogue = Catalogue(np.arange(100, 100 + n), column(st.sampled_from(TITLES)), artists, tags, plays)
    vectors = AXES[column(st.integers(0, 5))]
    seeds = draw(st.lists(st.integers(0, n - 1), max_size=4))
    scores = np.array(column(st.sampled_from([-np.inf, -1.0, 0.0, 1.0, 2.0, 3.0])), np.float32)
    allow_repeats = draw(st.booleans())
    if not allow_repeats:
        scores[seeds] = -np.inf
    known = (
        st.lists(st.sampled_from(sorted({a for a in artists if a != "-"})), max_size=1)
        if set(artists) > {"-"}
        else st.just([])
    )
    ids = st.lists(st.integers(100, 99 + n), max_size=n)
    some_tags = st.lists(st.sampled_from(TAGS), max_size=1)
    shape = Shape(
        max_per_artist=draw(st.none() | st.integers(1, 3)),
        artist_spacing=draw(st.integers(0, 4)),
        only_tags=draw(some_tags),
        without_tags=draw(some_tags),
        only_artists=draw(known),
        without_artists=draw(known),
        only=draw(st.none() | ids),
        without=draw(ids),
        collapse_versions=draw(st.booleans()),
        hide_unknown=draw(st.booleans()),
        popularity=draw(st.sampled_from([0.0, -1.0, -0.5, 0.5, 1.0])),
        variety=draw(st.sampled_from([0.0, 0.25, 0.5, 1.0])),
    )
    return shape, catalogue, vectors, scores, seeds, draw(st.integers(1, 12)), allow_repeats


@given(cases())
def test_a_shaped_list_is_what_a_walk_down_everything_gives(case):
    shape, catalogue, vectors, scores, seeds, k, allow_repeats = case
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (shaping, "_SPARE", SPARE),
            (shaping, "_PER_SONG", 1),
            (shaping, "_MORE", 2),
            (shaping, "MOVED", MOVED),
            (greedy, "REACH", REACH),
        ):
            patch.setattr(module, name, value)
        expected = walked(shape, catalogue, vectors, scores, seeds, k, allow_repeats)
        options = {"scores": scores, "vectors": vectors, "allow_repeats": allow_repeats}
        assert lists(shape, catalogue, k, seeds=seeds, **options) == expected


@given(st.lists(cases(), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_many_lists_are_the_same_as_one_by_one(some, seed):
    shape, catalogue, vectors, *_ = some[0]
    rng, n = np.random.default_rng(seed), len(catalogue)
    scores = rng.integers(0, 5, (70, n)).astype(np.float32)
    seeds = Playlists.of([rng.integers(0, n, rng.integers(0, 4)) for _ in range(70)])
    shaper = Shaper.of(shape, Traits(catalogue), vectors)
    together = shaper.lists(scores.copy(), seeds, 4)[0]
    alone = [shaper.lists(scores[i : i + 1].copy(), seeds.slice(i, i + 1), 4)[0][0] for i in range(70)]
    assert together.tolist() == np.array(alone).tolist()


def test_nothing_asked_changes_nothing():
    assert lists(Shape(), catalogue_of(*"AABC"), 3) == [0, 1, 2]


def test_an_artist_has_no_more_songs_than_asked():
    assert lists(Shape(max_per_artist=2), catalogue_of(*"AAAABB"), 4) == [0, 1, 4, 5]


def test_an_unknown_artist_is_another_one_each_time():
    assert lists(Shape(max_per_artist=1, artist_spacing=2), catalogue_of("-", "-", ""), 3) == [0, 1, 2]


def test_spellings_of_an_artist_are_one():
    assert lists(Shape(max_per_artist=1), catalogue_of("Beyoncé", "BEYONCE", "Beyonce feat. JAY-Z", "B"), 4) == [0, 3]


def test_songs_of_an_artist_stand_apart():
    assert lists(Shape(artist_spacing=1), catalogue_of(*"AAABC"), 5) == [0, 3, 1, 4, 2]


def test_spacing_counts_what_was_just_played():
    catalogue = catalogue_of(*"ABCDEA")
    assert lists(Shape(artist_spacing=2), catalogue, 4, seeds=[5], scores=[9, 8, 7, 6, 5, -np.inf]) == [1, 2, 0, 3]


def test_a_list_ends_where_no_song_may_stand():
    assert lists(Shape(artist_spacing=1), catalogue_of(*"AAAA"), 3) == [0]


def test_tags_artists_and_ids_may_be_asked_for_or_excluded():
    catalogue = catalogue_of(*"ABCD", tags=[("rock",), ("jazz", "rock"), ("soul",), ()])
    assert lists(Shape(only_tags=["Rock"]), catalogue, 4) == [0, 1]
    assert lists(Shape(without_tags=["jazz", "soul"]), catalogue, 4) == [0, 3]
    assert lists(Shape(only_artists=["b", "D"]), catalogue, 4) == [1, 3]
    assert lists(Shape(without_artists=["b"]), catalogue, 4) == [0, 2, 3]
    assert lists(Shape(only=[103, 101]), catalogue, 4) == [1, 3]
    assert lists(Shape(without=[103, 101]), catalogue, 4) == [0, 2]
    assert lists(Shape(only=[]), catalogue, 4) == []


def test_filters_act_before_the_cut():
    n = 2000
    catalogue = catalogue_of(*["A"] * (n - 2), "B", "C")
    for shape in (Shape(without_artists=["A"]), Shape(without_artists=["A"], max_per_artist=1)):
        assert lists(shape, catalogue, 2) == [n - 2, n - 1]
    assert lists(Shape(max_per_artist=1), catalogue, 3) == [0, n - 2, n - 1]


def test_versions_and_ids_of_a_song_are_one():
    titles = ["Nutshell", "Nutshell (Live; Unplugged)", "Nutshell", "Nutshell - Radio Edit", "Nutshell (Part 2)"]
    assert lists(Shape(collapse_versions=True), catalogue_of(*"AAAAA", titles=titles), 5) == [0, 4]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Paradise City", "Guns N' Roses"), ("Paradise City (Live)", "Guns N' Roses"), True),
        (("Would?", "Alice In Chains"), ("Would? (Live; Unplugged)", "Alice In Chains"), True),
        (("Subete", "Alexis & Fido"), ("Subete (w/ Don Omar)", "Alexis & Fido"), True),
        (("Close My Eyes Forever", "Lita Ford "), ("Close My Eyes Forever (w/ Ozzy Osbourne)", "Lita Ford"), True),
        (("Levels", "Avicii"), ("Levels - Radio Edit", "Avicii"), True),
        (("Faded", "Alan Walker"), ("Faded (Tiësto Remix)", "Alan Walker"), True),
        (("Hurt", "Johnny Cash"), ("Hurt", "Nine Inch Nails"), False),
        (("Ignition", "R. Kelly"), ("Ignition (Part 1)", "R. Kelly"), False),
        (("Happy Xmas (War Is Over)", "John Lennon"), ("Happy Xmas", "John Lennon"), False),
        (("Live And Let Die", "Wings"), ("And Let Die", "Wings"), False),
        (("Radio Ga Ga", "Queen"), ("Ga Ga", "Queen"), False),
        (("-", "A"), ("-", "A"), False),
    ],
)
def test_real_names_are_versions_of_one_song_or_not(one, other, same):
    titles, artists = zip(one, other, strict=True)
    first, second = Traits(catalogue_of(*artists, titles=list(titles))).versions
    assert (first == second) == same


def test_a_version_of_a_seed_is_not_answered_unless_repeats_are_allowed():
    catalogue = catalogue_of(*"AAB", titles=["One", "One (Live)", "Two"])
    shape, scores = Shape(collapse_versions=True), [-np.inf, 2, 1]
    assert lists(shape, catalogue, 3, seeds=[0], scores=scores) == [2]
    assert lists(shape, catalogue, 3, seeds=[0], scores=[3, 2, 1], allow_repeats=True) == [0, 2]


def test_unknown_songs_may_be_hidden():
    catalogue = catalogue_of("A", "-", "A", titles=["-", "One", "Two"])
    assert lists(Shape(hide_unknown=True), catalogue, 3) == [2]


def test_popularity_divides_places_by_plays():
    catalogue = catalogue_of(*"ABCD", plays=[9, 0, 3, 49])  # places 1 2 3 4; plays and one more: 10 1 4 50
    assert lists(Shape(popularity=1.0), catalogue, 4) == [3, 0, 2, 1]  # .1, 2, .75, .08
    assert lists(Shape(popularity=-1.0), catalogue, 4) == [1, 0, 2, 3]  # 10, 2, 12, 200


def test_popularity_moves_the_best_songs_only():
    n = shaping.MOVED + 2
    found = lists(Shape(popularity=1.0), catalogue_of(*["A"] * n, plays=[0] * (n - 1) + [10**6]), n)
    assert found == list(range(n))


def test_variety_takes_the_unlike_before_the_alike():
    vectors = AXES[[0, 0, 1, 0]]
    assert lists(Shape(variety=0.5), catalogue_of(*"ABCD"), 4, vectors=vectors) == [0, 2, 1, 3]


def test_variety_without_vectors_is_of_tags_and_artists():
    catalogue = catalogue_of(*"AABC", tags=[("rock",), ("rock",), ("rock",), ("jazz",)])
    assert lists(Shape(variety=0.9), catalogue, 4) == [0, 3, 2, 1]  # cosines with the first song: 1, .5, 0


def test_a_song_without_vector_is_like_no_other():
    vectors = np.vstack([AXES[0], AXES[0], np.full(3, np.nan)]).astype(np.float32)
    assert lists(Shape(variety=0.9), catalogue_of(*"ABC"), 3, vectors=vectors) == [0, 2, 1]


def test_a_list_begins_as_a_shorter_one_does():
    rng = np.random.default_rng(0)
    catalogue = catalogue_of(*map(str, rng.integers(0, 40, 900)), plays=rng.integers(0, 99, 900).tolist())
    vectors = rng.standard_normal((900, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shape = Shape(max_per_artist=3, artist_spacing=4, popularity=-0.5, variety=0.3)
    long = lists(shape, catalogue, 90, vectors=vectors)
    assert len(long) == 90
    assert lists(shape, catalogue, 7, vectors=vectors) == long[:7]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"max_per_artist": 0}, "max_per_artist must be at least 1, got 0"),
        ({"artist_spacing": -1}, "artist_spacing must be at least 0, got -1"),
        ({"popularity": 1.5}, "popularity must be from -1 to 1, got 1.5"),
        ({"popularity": float("nan")}, "popularity must be from -1 to 1, got nan"),
        ({"variety": -0.1}, "variety must be from 0 to 1, got -0.1"),
    ],
)
def test_an_impossible_shape_is_told(asked, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        Shape(**asked)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"only_tags": ["rokc"]}, "no song has the tag 'rokc'; did you mean rock?"),
        ({"without_tags": ["zzz"]}, "no song has the tag 'zzz'; `recommender search` shows the tags of songs"),
        ({"only_artists": ["Metalica"]}, "no song has the artist 'Metalica'; did you mean metallica?"),
        ({"without_artists": ["-"]}, "no song has the artist '-'"),
    ],
)
def test_an_unknown_tag_or_artist_is_answered_with_the_nearest(asked, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        lists(Shape(**asked), catalogue_of("Metallica", "-", tags=[("rock",), ()]), 1)


@pytest.mark.parametrize("asked", [{"only": [5]}, {"without": [5]}])
def test_an_unknown_id_is_told(asked):
    with pytest.raises(UnknownSongError, match="no song has the id 5"):
        lists(Shape(**asked), catalogue_of("A"), 1)
