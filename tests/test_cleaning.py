"""Cleaning: each kind by hand, and what holds for all of them together."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue import Catalogue
from recommender.cleaning import Cleaning, Removed, clean
from recommender.datasets import Dataset, load
from recommender.duplicates import nearest
from recommender.errors import DataError, ParameterError
from recommender.playlists import Playlists
from recommender.stats import describe

SONGS = [("Hello", "Adele"), ("-", "Adele"), ("HELLO", "Adèle"), ("Hurt", "Johnny Cash"), ("Creep", "")]
TAGS = [("pop",), (), ("soul", "pop"), (), ("rock",)]
ALL = Cleaning(drop_unknown=True, merge_ids=True, collapse_repeats=True, near_duplicates=0.5, min_plays=1)


def dataset(train, test=None, songs=SONGS, tags=TAGS):
    titles, artists = zip(*songs, strict=True)
    playlists = Playlists.of(train)
    ids = np.arange(len(songs)) * 10 + 100
    catalogue = Catalogue(ids, titles, artists, tags, playlists.counts(len(songs)))
    return Dataset("tiny", catalogue, playlists, None if test is None else Playlists.of(test), "made up", {"a": "b"})


def songs_of(playlists):
    return [songs.tolist() for songs in playlists]


def same(one, other):
    """Whether two datasets hold the same, array by array."""
    return (
        [str(song) for song in one.catalogue] == [str(song) for song in other.catalogue]
        and np.array_equal(one.catalogue.ids, other.catalogue.ids)
        and np.array_equal(one.catalogue.plays, other.catalogue.plays)
        and list(one.catalogue.tags) == list(other.catalogue.tags)
        and songs_of(one.train) == songs_of(other.train)
        and (one.test is None) == (other.test is None)
        and (one.test is None or songs_of(one.test) == songs_of(other.test))
    )


def test_nothing_is_cleaned_unless_asked_for():
    source = dataset([[0, 0, 1], []])
    assert clean(source, Cleaning()) == (source, [])


def test_unknown_songs_leave_and_the_others_keep_their_ids():
    cleaned, removed = clean(dataset([[0, 1, 3], [4], [4, 2], []], [[1], [3]]), Cleaning(drop_unknown=True))
    assert cleaned.catalogue.ids.tolist() == [100, 120, 130]
    assert cleaned.catalogue.titles == ["Hello", "HELLO", "Hurt"]
    assert songs_of(cleaned.train) == [[0, 2], [1], []]  # the playlist that lost its only song leaves
    assert songs_of(cleaned.test) == [[], [2]]  # of test playlists none does
    assert removed == [Removed("songs with unknown title or artist", songs=2, plays=3, playlists=1, test_plays=1)]


def test_several_ids_of_a_song_become_its_first_one():
    cleaned, removed = clean(dataset([[2, 3, 0], [1, 4]], [[2]]), Cleaning(merge_ids=True))
    assert cleaned.catalogue.ids.tolist() == [100, 110, 130, 140]
    assert songs_of(cleaned.train) == [[0, 2, 0], [1, 3]]
    assert songs_of(cleaned.test) == [[0]]
    assert cleaned.catalogue[0].tags == ("pop", "soul")
    assert cleaned.catalogue.plays.tolist() == [2, 1, 1, 1]
    assert removed == [Removed("songs that repeat another's title and artist", 1, 0, 0, 0)]


def test_unknown_songs_are_never_merged():
    cleaned, _ = clean(dataset([[0, 1]], songs=[("-", "-")] * 2, tags=[()] * 2), Cleaning(merge_ids=True))
    assert cleaned.n_songs == 2


def test_of_repeats_the_first_play_stays():
    cleaned, removed = clean(dataset([[3, 0, 3, 3, 0]], [[1, 1]]), Cleaning(collapse_repeats=True))
    assert songs_of(cleaned.train) == [[3, 0]]
    assert songs_of(cleaned.test) == [[1]]
    assert cleaned.catalogue.plays.tolist() == [1, 0, 0, 1, 0]
    assert removed == [Removed("plays of a song already in the playlist", 0, 3, 0, 1)]


def test_merging_comes_before_collapsing():
    cleaned, _ = clean(dataset([[0, 2, 3]]), Cleaning(merge_ids=True, collapse_repeats=True))
    assert songs_of(cleaned.train) == [[0, 2]]


def test_of_near_duplicates_the_first_stays_and_test_playlists_stay():
    train = [[0, 1, 2], [3, 4], [2, 1, 0, 3], [3], [3]]  # 0 and 2 share 3 of 4 songs
    cleaned, removed = clean(dataset(train, [[0, 1, 2]] * 2), Cleaning(near_duplicates=0.7))
    assert songs_of(cleaned.train) == [[0, 1, 2], [3, 4], [3], [3]]
    assert songs_of(cleaned.test) == [[0, 1, 2]] * 2
    assert cleaned.catalogue.plays.tolist() == [1, 1, 1, 3, 1]
    assert removed == [Removed("playlists near an earlier one (Jaccard above 0.7)", 0, 4, 1, 0)]


def test_songs_played_too_seldom_leave():
    cleaned, removed = clean(dataset([[0, 1, 0], [2, 3, 3]], [[0, 1, 1]]), Cleaning(min_plays=2))
    assert cleaned.catalogue.ids.tolist() == [100, 130]
    assert songs_of(cleaned.train) == [[0, 0], [1, 1]]
    assert songs_of(cleaned.test) == [[0]]
    assert removed == [Removed("songs with fewer than 2 plays", 3, 2, 0, 2)]


def test_test_playlists_do_not_count_as_plays():
    cleaned, _ = clean(dataset([[0, 0, 1]], [[1, 1, 1]]), Cleaning(min_plays=2))
    assert cleaned.catalogue.ids.tolist() == [100]


def test_near_duplicates_and_plays_take_turns():
    songs, tags = [(f"Song {i}", "Artist") for i in range(6)], [()] * 6
    # [0 1 2] and [0 1 3] share 2 of 4. Songs 2, 3 and 5 leave, and the two become equal: one leaves
    train = [[0, 1, 2], [0, 1, 3], [0, 4], [1, 4, 5]]
    cleaned, removed = clean(dataset(train, None, songs, tags), Cleaning(near_duplicates=0.5, min_plays=2))
    assert songs_of(cleaned.train) == [[0, 1], [0, 2], [1, 2]]
    assert cleaned.catalogue.ids.tolist() == [100, 110, 140]
    near, rare = removed
    assert (near.plays, near.playlists) == (2, 1)
    assert (rare.songs, rare.plays) == (3, 3)


@pytest.mark.parametrize(
    ("cleaning", "message"),
    [
        (Cleaning(drop_unknown=True), "tiny: without songs with unknown title or artist no play is left; ask for less"),
        (Cleaning(min_plays=9), "tiny: without songs with fewer than 9 plays no play is left; ask for less cleaning"),
    ],
)
def test_cleaning_everything_away_is_an_error(cleaning, message):
    with pytest.raises(DataError, match=message):
        clean(dataset([[1, 4], [1]]), cleaning)


@pytest.mark.parametrize("threshold", [-0.1, 1.0, float("nan")])
def test_an_impossible_threshold_is_an_error(threshold):
    with pytest.raises(ParameterError, match=f"near_duplicates must be at least 0 and below 1, got {threshold}"):
        Cleaning(near_duplicates=threshold)


def test_a_negative_number_of_plays_is_an_error():
    with pytest.raises(ParameterError, match="min_plays must be at least 0, got -1"):
        Cleaning(min_plays=-1)


def test_what_was_removed_reads_as_a_line():
    assert str(Removed("odd songs", 1234, 0, 1, 5)) == "odd songs: 1,234 songs, 1 playlist, 5 test plays"
    assert str(Removed("odd songs", 0, 0, 0, 0)) == "odd songs: none"


def test_name_licence_and_digests_stay():
    source = dataset([[0, 3, 1], [2, 0]])
    cleaned, _ = clean(source, ALL)
    assert (cleaned.name, cleaned.licence, cleaned.digests) == (source.name, source.licence, source.digests)


WORDS = st.sampled_from(["-", "", "a", "A!", "b", "c"])
LISTS = st.lists(st.lists(st.integers(0, 7), max_size=8), max_size=8)
DATASETS = st.builds(
    dataset,
    LISTS,
    st.none() | LISTS,
    st.lists(st.tuples(WORDS, WORDS), min_size=8, max_size=8),
    st.lists(st.lists(st.sampled_from("xyz"), unique=True).map(tuple), min_size=8, max_size=8),
)
CLEANINGS = st.builds(
    Cleaning,
    drop_unknown=st.booleans(),
    merge_ids=st.booleans(),
    collapse_repeats=st.booleans(),
    near_duplicates=st.none() | st.sampled_from([0.0, 0.3, 0.5, 0.8]),
    min_plays=st.integers(0, 3),
)


def cleaned_or_none(source, cleaning):
    try:
        return clean(source, cleaning)
    except DataError:
        return None


@given(DATASETS, CLEANINGS)
def test_cleaning_twice_is_cleaning_once(source, cleaning):
    if answer := cleaned_or_none(source, cleaning):
        again, removed = clean(answer[0], cleaning)
        assert same(again, answer[0])
        assert all(str(step).endswith(": none") for step in removed)


@given(DATASETS, CLEANINGS)
def test_what_is_left_and_what_was_removed_make_up_what_was_there(source, cleaning):
    if answer := cleaned_or_none(source, cleaning):
        cleaned, removed = answer
        for count in (
            (source.n_songs, cleaned.n_songs, "songs"),
            (source.train.n_plays, cleaned.train.n_plays, "plays"),
            (len(source.train), len(cleaned.train), "playlists"),
            (source.test.n_plays if source.test else 0, cleaned.test.n_plays if cleaned.test else 0, "test_plays"),
        ):
            assert count[0] == count[1] + sum(getattr(step, count[2]) for step in removed)


@given(DATASETS, CLEANINGS)
def test_what_was_asked_for_holds(source, cleaning):
    if answer := cleaned_or_none(source, cleaning):
        cleaned, facts = answer[0], describe(answer[0])
        assert not cleaning.drop_unknown or facts["songs with unknown title or artist"] == 0
        assert not cleaning.merge_ids or facts["songs that repeat another's title and artist"] == 0
        assert not cleaning.collapse_repeats or facts["train"]["plays of a song already in the playlist"] == 0
        assert cleaning.near_duplicates is None or not nearest(cleaned.train, cleaning.near_duplicates).any()
        assert cleaned.n_songs == 0 or cleaned.catalogue.plays.min() >= cleaning.min_plays


@given(DATASETS, CLEANINGS)
def test_songs_keep_their_ids_titles_and_order(source, cleaning):
    if answer := cleaned_or_none(source, cleaning):
        catalogue = answer[0].catalogue
        assert all(one < other for one, other in pairwise(catalogue.ids.tolist()))
        for song in catalogue:
            original = source.catalogue[source.catalogue.row(song.id)]
            assert replace(song, plays=0, tags=()) == replace(original, plays=0, tags=())
            assert set(original.tags) <= set(song.tags)


@given(DATASETS, CLEANINGS.map(lambda cleaning: replace(cleaning, merge_ids=False)))
def test_playlists_are_thinned_and_never_reordered(source, cleaning):
    if answer := cleaned_or_none(source, cleaning):
        cleaned = answer[0]
        thinned = [cleaned.catalogue.ids[songs].tolist() for songs in cleaned.train]
        whole = iter([source.catalogue.ids[songs].tolist() for songs in source.train])
        assert all(any(is_within(songs, candidate) for candidate in whole) for songs in thinned)


def is_within(short, long):
    rest = iter(long)
    return all(song in rest for song in short)


@given(DATASETS, CLEANINGS)
def test_test_playlists_stay_in_number_and_decide_nothing(source, cleaning):
    if answer := cleaned_or_none(source, cleaning):
        without = clean(replace(source, test=None), cleaning)[0]
        assert songs_of(without.train) == songs_of(answer[0].train)
        assert (answer[0].test is None) == (source.test is None)
        assert source.test is None or len(answer[0].test) == len(source.test)


def test_the_real_playlists_lose_what_stats_counts(real):
    source = load(real / "yes_big")
    cleaned, removed = clean(source, Cleaning(drop_unknown=True, merge_ids=True, collapse_repeats=True))
    unknown, merged, repeats = removed
    assert (unknown.songs, merged.songs) == (38, 73)
    assert repeats.plays >= 15_846 - unknown.plays
    assert cleaned.n_songs == 9775 - 38 - 73
