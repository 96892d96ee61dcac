"""Playlists against plain lists of Python."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.playlists import Excerpts, Playlists

LISTS = st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=8)


def plain(playlists: Playlists | Excerpts) -> list[list[int]]:
    return [songs.tolist() for songs in playlists]


@given(LISTS)
@example([])
@example([[], []])
def test_lists_come_back_as_they_went_in(lists):
    assert plain(Playlists.of(lists)) == lists


@given(LISTS)
@example([])
def test_lists_come_back_from_their_songs_and_lengths(lists):
    songs = np.array([song for songs in lists for song in songs], dtype=np.int64)
    assert plain(Playlists.joined(songs, [len(songs) for songs in lists])) == lists


@given(LISTS)
@example([])
def test_lists_come_back_from_the_two_arrays(lists):
    playlists = Playlists.of(lists)
    assert plain(Playlists(playlists.songs, playlists.offsets)) == lists


def test_songs_are_int32_and_offsets_int64_whatever_was_given():
    playlists = Playlists(np.array([4, 2], dtype=np.int64), np.array([0, 2], dtype=np.uint8))
    assert [playlists.songs.dtype.name, playlists.offsets.dtype.name] == ["int32", "int64"]


def test_a_playlist_is_found_by_its_number():
    assert Playlists.of([[3, 1], [], [2]])[0].tolist() == [3, 1]


def test_a_negative_number_counts_from_the_end():
    assert Playlists.of([[3, 1], [], [2]])[-3].tolist() == [3, 1]


@pytest.mark.parametrize("i", [3, -4])
def test_a_number_beyond_the_playlists_is_an_index_error(i):
    with pytest.raises(IndexError, match=f"playlist {i} of 3"):
        Playlists.of([[3, 1], [], [2]])[i]


def test_no_playlists_have_no_last_one():
    with pytest.raises(IndexError, match="playlist -1 of 0"):
        Playlists.of([])[-1]


@pytest.mark.parametrize("offsets", [[], [0], [1, 3], [0, 2], [0, 4], [0, 2, 1, 3], [0, -1, 3]])
def test_offsets_must_rise_from_0_to_the_number_of_plays(offsets):
    with pytest.raises(ValueError, match="offsets must rise from 0 to 3, got"):
        Playlists(np.array([7, 8, 9], dtype=np.int32), np.array(offsets, dtype=np.int64))


def test_lengths_must_add_up_to_the_number_of_plays():
    with pytest.raises(ValueError, match=r"offsets must rise from 0 to 3, got \[0 1 2\]"):
        Playlists.joined(np.array([7, 8, 9]), [1, 1])


@given(LISTS)
@example([])
def test_plays_are_all_songs_in_all_playlists(lists):
    assert Playlists.of(lists).n_plays == sum(map(len, lists))


@given(LISTS)
@example([])
def test_lengths_are_those_of_the_lists(lists):
    assert Playlists.of(lists).lengths.tolist() == [len(songs) for songs in lists]


@given(LISTS)
@example([])
def test_owners_number_the_playlist_of_each_play(lists):
    assert Playlists.of(lists).owners.tolist() == [i for i, songs in enumerate(lists) for _ in songs]


@given(LISTS)
@example([])
def test_positions_count_the_songs_before_each_play(lists):
    assert Playlists.of(lists).positions.tolist() == [i for songs in lists for i in range(len(songs))]


def test_a_repeat_is_a_song_that_stood_earlier_in_its_own_playlist():
    repeats = Playlists.of([[3, 1, 3, 3], [], [3, 1, 1]]).repeats
    assert repeats.tolist() == [False, False, True, True, False, False, True]


@given(LISTS)
@example([])
def test_repeats_are_those_of_the_lists(lists):
    assert Playlists.of(lists).repeats.tolist() == [s in songs[:i] for songs in lists for i, s in enumerate(songs)]


def test_a_song_counts_every_time_it_is_played():
    assert Playlists.of([[3, 1, 3], [], [1]]).counts(5).tolist() == [0, 2, 0, 2, 0]


def test_without_playlists_no_song_is_counted():
    assert Playlists.of([]).counts(3).tolist() == [0, 0, 0]


@given(LISTS.filter(len), st.data())
def test_numbered_playlists_are_taken_in_the_order_asked(lists, data):
    which = data.draw(st.lists(st.integers(0, len(lists) - 1)))
    assert plain(Playlists.of(lists).take(np.array(which, dtype=np.int64))) == [lists[i] for i in which]


@given(LISTS, st.data())
def test_marked_playlists_are_taken(lists, data):
    marks = data.draw(st.lists(st.booleans(), min_size=len(lists), max_size=len(lists)))
    taken = Playlists.of(lists).take(np.array(marks, dtype=bool))
    assert plain(taken) == [songs for songs, mark in zip(lists, marks, strict=True) if mark]


@given(LISTS, st.data())
def test_a_slice_is_that_of_the_list(lists, data):
    start = data.draw(st.integers(0, len(lists)))
    stop = data.draw(st.integers(start, len(lists)))
    assert plain(Playlists.of(lists).slice(start, stop)) == lists[start:stop]


def test_a_slice_copies_no_song():
    playlists = Playlists.of([[1, 2], [3], [4, 5]])
    assert np.shares_memory(playlists.slice(1, 3).songs, playlists.songs)


def test_plays_that_are_not_marked_leave_their_playlist():
    kept = Playlists.of([[3, 1, 3], [], [2]]).keep(np.array([True, False, True, False]))
    assert plain(kept) == [[3, 3], [], []]


@given(LISTS, st.data())
def test_keeping_plays_is_filtering_each_list(lists, data):
    wanted = data.draw(st.sets(st.integers(0, 5)))
    playlists = Playlists.of(lists)
    kept = playlists.keep(np.isin(playlists.songs, list(wanted)))
    assert plain(kept) == [[song for song in songs if song in wanted] for songs in lists]


@given(LISTS, st.integers(1, 8))
@example([], 1)
def test_the_last_songs_are_the_end_of_each_list(lists, n):
    assert plain(Playlists.of(lists).last(n)) == [songs[-n:] for songs in lists]


def test_the_last_none_leaves_every_playlist_empty():
    assert plain(Playlists.of([[3, 1], [2]]).last(0)) == [[], []]


@st.composite
def stretches(draw):
    """An array of songs as a list, and where stretches of it start and stop; they may overlap and be empty."""
    songs = draw(st.lists(st.integers(0, 5), max_size=8))
    ends = st.integers(0, len(songs))
    return songs, draw(st.lists(st.tuples(ends, ends).map(sorted), max_size=8))


def excerpts(songs: list[int], stretches: list[list[int]]) -> Excerpts:
    starts, stops = np.array(stretches, dtype=np.int64).reshape(-1, 2).T
    return Excerpts(np.array(songs, dtype=np.int32), starts, stops)


@given(stretches())
@example(([], []))
def test_excerpts_are_the_stretches_of_the_array(drawn):
    songs, pieces = drawn
    assert plain(excerpts(songs, pieces)) == [songs[start:stop] for start, stop in pieces]


@given(stretches())
@example(([], []))
def test_there_are_as_many_excerpts_as_stretches(drawn):
    assert len(excerpts(*drawn)) == len(drawn[1])


@given(stretches())
@example(([], []))
def test_lengths_of_excerpts_are_those_of_the_stretches(drawn):
    assert excerpts(*drawn).lengths.tolist() == [stop - start for start, stop in drawn[1]]


@given(stretches(), st.data())
def test_numbered_excerpts_are_taken_in_the_order_asked(drawn, data):
    songs, pieces = drawn
    which = data.draw(st.lists(st.integers(0, len(pieces) - 1)) if pieces else st.just([]))
    taken = excerpts(songs, pieces).take(np.array(which, dtype=np.int64))
    assert plain(taken) == [songs[slice(*pieces[i])] for i in which]


@given(stretches(), st.data())
def test_marked_excerpts_are_taken(drawn, data):
    songs, pieces = drawn
    marks = data.draw(st.lists(st.booleans(), min_size=len(pieces), max_size=len(pieces)))
    taken = excerpts(songs, pieces).take(np.array(marks, dtype=bool))
    assert plain(taken) == [songs[start:stop] for (start, stop), mark in zip(pieces, marks, strict=True) if mark]


@given(stretches(), st.data())
def test_a_slice_of_excerpts_is_playlists_of_the_same_lists(drawn, data):
    songs, pieces = drawn
    start = data.draw(st.integers(0, len(pieces)))
    stop = data.draw(st.integers(start, len(pieces)))
    sliced: Playlists = excerpts(songs, pieces).slice(start, stop)
    assert plain(sliced) == [songs[start:stop] for start, stop in pieces[start:stop]]


def test_excerpts_copy_no_song():
    playlists = Playlists.of([[1, 2, 3]])
    beginnings = Excerpts(playlists.songs, np.array([0, 0]), np.array([1, 2])).take(np.array([1]))
    assert np.shares_memory(beginnings[0], playlists.songs)


def test_a_slice_of_excerpts_is_a_copy():
    playlists = Playlists.of([[1, 2, 3]])
    sliced = Excerpts(playlists.songs, np.array([0]), np.array([3])).slice(0, 1)
    assert not np.shares_memory(sliced.songs, playlists.songs)
