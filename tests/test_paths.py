"""Paths: the ends, the length and the spacing hold, no step is dearer than it must be; the commands show them."""

import json
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.catalogue import Catalogue
from recommender.errors import RecommenderError, UnknownSongError
from recommender.paths import path
from recommender.playlists import Playlists
from recommender.steps import Rotation, along, places

NEVER = -np.inf


@dataclass
class Table:
    """Scores after the last seed alone, as a table says."""

    after: Any  # (n_songs, n_songs)

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds: Playlists):
        nothing = np.full(len(self.after), NEVER)
        rows = [self.after[songs[-1]] if len(songs) else nothing for songs in seeds]
        return np.array(rows, np.float32).reshape(len(seeds), len(self.after))


def line(n: int) -> Table:
    """The nearer two numbers, the likelier the step."""
    return Table(-np.abs(np.subtract.outer(np.arange(n), np.arange(n))).astype(float))


def alone(n: int, **rest: Any) -> Rotation:
    """Every song is of an artist of its own."""
    return Rotation(np.arange(n), **rest)


@st.composite
def questions(draw):
    """A few songs, by few artists, with any scores."""
    n = draw(st.integers(4, 6))
    scores = st.sampled_from([NEVER, 0.0, 1.0, 2.0, 3.0])
    after = draw(arrays(float, (n, n), elements=scores))
    artists, allowed = draw(arrays(int, n, elements=st.integers(0, 3))), draw(arrays(bool, n))
    rotation = Rotation(artists, draw(st.integers(0, 2)), draw(st.sampled_from([None, allowed])))
    return Table(after), rotation, draw(st.integers(3, min(n, 5)))


def spaced(songs, rotation: Rotation) -> bool:
    """Whether the artists are, but for those of the two ends."""
    ends = {0, len(songs) - 1}
    near = [(i, j) for i in range(len(songs)) for j in range(i) if i - j <= rotation.spacing and {i, j} != ends]
    return all(rotation.artists[songs[i]] != rotation.artists[songs[j]] for i, j in near)


def test_the_place_of_a_song_counts_those_before_it_but_no_seed():
    model = Table(np.array([[9.0, 1, 3, 3, NEVER]] * 5))
    assert places(model, Playlists.of([[0]]), np.arange(5)).tolist() == [[np.inf, 3, 1.5, 1.5, np.inf]]
    assert places(model, Playlists.of([]), [1]).shape == (0, 1)


def test_a_path_goes_where_every_step_is_best():
    found = path(line(9), 1, 5, 5, alone(9))
    assert found.songs == [1, 2, 3, 4, 5]
    assert found.places == along(line(9), found.songs).tolist() == [1.5] * 4


def test_some_small_steps_are_better_than_a_great_leap():
    """From 0, song 2 and then 1 are best (places 1 and 2), and 3 comes last after both; 4 is between."""
    after = np.array([[0, 8, 9, 1, 7], [9, 0, 8, 1, 7], [9, 8, 0, 1, 7], [1, 2, 3, 0, 9], [7, 6, 5, 9, 0.0]])
    found = path(Table(after), 0, 3, 3, alone(5))
    assert (found.songs, found.places) == ([0, 4, 3], [3, 1])


@given(questions())
def test_no_path_that_keeps_the_rules_costs_less(question):
    model, rotation, songs = question
    n = len(rotation.artists)
    steps = places(model, Playlists.of([[song] for song in range(n)]), np.arange(n))
    assume(np.isfinite(steps[:2]).any(axis=1).all())
    allowed = [song for song in range(2, n) if rotation.allowed is None or rotation.allowed[song]]
    rivals = [[0, *inner, 1] for inner in permutations(allowed, songs - 2) if spaced([0, *inner, 1], rotation)]
    costs = [np.sqrt(steps[rival[:-1], rival[1:]]).sum() for rival in rivals]
    least = min(costs, default=np.inf)
    if np.isinf(least):
        with pytest.raises(RecommenderError, match=f"no path of {songs} songs was found"):
            path(model, 0, 1, songs, rotation)
    else:
        found = path(model, 0, 1, songs, rotation)
        assert found.songs in rivals
        assert np.sqrt(found.places).sum() == pytest.approx(least)


@settings(max_examples=40)
@given(st.integers(0, 99), st.integers(3, 12), st.integers(0, 3))
def test_a_path_has_its_ends_its_length_no_song_twice_and_artists_apart(seed, songs, spacing):
    rng = np.random.default_rng(seed)
    rotation = Rotation(rng.integers(0, 20, 80), spacing)
    start, end = rng.choice(80, 2, replace=False).tolist()
    found = path(Table(rng.random((80, 80))), start, end, songs, rotation).songs
    assert (found[0], found[-1], len(found), len(set(found))) == (start, end, songs, songs)
    assert spaced(found, rotation)


def test_a_path_is_found_through_songs_that_neither_end_knows():
    """0 knows 2 to 31, 1 knows 32 to 61, which both know only 900 and on."""
    n, left, right, far = 1000, slice(2, 32), slice(32, 62), slice(900, 1000)
    after = np.full((n, n), NEVER)
    after[0, left] = after[left, far] = after[far, right] = after[right, 1] = after[1, right] = 1
    found = path(Table(after), 0, 1, 5, alone(n)).songs
    assert found[2] >= 900


def test_songs_without_an_artist_are_of_one_artist_each():
    artists = ["Ann", "-", "-", "Ann", " "]
    catalogue = Catalogue(np.arange(5), ["a"] * 5, artists, [()] * 5, np.zeros(5, np.int64))
    assert Rotation.of(catalogue, 1).open([0]).tolist() == [False, True, True, False, True]
    assert Rotation.of(catalogue, 1).open([1]).tolist() == [True, False, True, True, True]


def test_a_path_to_the_song_it_starts_from_is_refused():
    with pytest.raises(RecommenderError, match="name two different songs"):
        path(line(5), 2, 2, 4, alone(5))


def test_a_path_without_a_song_between_its_ends_is_refused():
    with pytest.raises(RecommenderError, match=r"at least 3 songs.*got 2"):
        path(line(5), 1, 2, 2, alone(5))


@pytest.mark.parametrize(("unknown", "says"), [(0, "starts from"), (1, "leads to")])
def test_an_end_of_which_nothing_is_known_is_named(unknown, says):
    after = np.ones((5, 5))
    after[unknown] = NEVER
    with pytest.raises(UnknownSongError, match=f"the song that the path {says}"):
        path(Table(after), 0, 1, 3, alone(5))


def test_more_songs_than_there_are_make_no_path():
    with pytest.raises(RecommenderError, match="no path of 6 songs was found"):
        path(line(5), 0, 1, 6, alone(5))


def test_a_path_counts_no_songs_of_an_artist():
    with pytest.raises(RecommenderError, match="apart by spacing alone"):
        path(line(5), 0, 1, 4, Rotation(np.arange(5), most=1))


def test_no_songs_of_an_artist_at_all_is_refused():
    with pytest.raises(ValueError, match="most must be at least 1, got 0"):
        Rotation(np.arange(5), most=0)


def test_spacing_below_0_is_refused():
    with pytest.raises(ValueError, match="spacing must be at least 0, got -1"):
        alone(5, spacing=-1)


def test_the_command_shows_the_path_with_the_place_of_each_step(command, run_folder):
    code, out, _ = command("path", run_folder, 3, 17, "--songs", 5)
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 5
    assert (lines[0].split()[0], lines[-1].split()[1]) == ("3", "17")


def test_the_command_gives_the_path_as_json(command, run_folder):
    _, out, _ = command("path", run_folder, 3, 17, "--songs", 5, "--json")
    songs = json.loads(out)["songs"]
    assert [songs[0]["id"], songs[-1]["id"], len(songs)] == [3, 17, 5]
    assert songs[0]["place"] is None
    assert all(song["place"] >= 1 for song in songs[1:])


def test_the_command_says_what_is_wrong_in_a_line(command, run_folder):
    code, _, err = command("path", run_folder, 3, 3)
    assert (code, err) == (1, "error: a path leads from one song to another; name two different songs\n")
