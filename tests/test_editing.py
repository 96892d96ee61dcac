"""Editing: playlists go on, fill up and come into order; what does not fit is found, and what they are is named."""

import json
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from recommender.catalogue import Catalogue
from recommender.editing import Tag, continued, filled, misfits, most_alike, reordered, tags
from recommender.errors import RecommenderError
from recommender.ordering import cheap_order
from recommender.playlists import Playlists
from recommender.run import Run
from recommender.steps import Rotation, along
from tests.test_paths import NEVER, Table, alone, line


class Whole(Table):
    """Scores after all seeds, added up."""

    def score(self, seeds):
        return np.array([self.after[songs].sum(axis=0) for songs in seeds], np.float32)


NOTHING = Table(np.full((5, 5), NEVER))


@st.composite
def costs(draw, most: int = 6):
    """Costs of steps between a few things."""
    n = draw(st.integers(1, most))
    return np.array(draw(st.lists(st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=n, max_size=n)), float)


def cost(matrix, order) -> float:
    return sum(matrix[a, b] for a, b in pairwise(order))


def test_a_playlist_goes_on_with_the_best_song_each_time():
    assert continued(line(9), [6, 5], 5, alone(9)) == [6, 5, 4, 3, 2]


def test_a_playlist_that_goes_on_keeps_artists_apart():
    rotation = Rotation(np.array([0, 1, 2, 3, 0, 0, 0, 0, 1]), 1)
    assert continued(line(9), [6, 5], 4, rotation) == [6, 5, 3, 2]


def test_a_playlist_that_goes_on_has_so_many_songs_of_an_artist_at_most():
    rotation = Rotation(np.array([0, 1, 2, 3, 0, 0, 0, 0, 1]), most=2)
    assert continued(line(9), [6, 5], 5, rotation) == [6, 5, 3, 2, 1]


def test_a_gap_counts_all_songs_of_an_artist_however_far():
    artists = np.array([0, 1, 2, 0, 4, 5, 6, 7, 8])
    assert filled(line(9), [0, 4, None], Rotation(artists)) == [0, 4, 3]
    assert filled(line(9), [0, 4, None], Rotation(artists, most=1)) == [0, 4, 5]


def test_a_playlist_that_is_long_enough_does_not_go_on():
    with pytest.raises(RecommenderError, match="has 2 songs already; ask for more than that, got 2"):
        continued(line(9), [6, 5], 2, alone(9))


def test_each_gap_gets_the_best_song_for_what_is_around_it():
    assert filled(line(9), [1, None, 8, 5, None], alone(9)) == [1, 0, 8, 5, 4]


def test_a_gap_is_filled_from_what_comes_after_where_nothing_comes_before():
    assert filled(line(9), [None, 8], alone(9)) == [7, 8]


def test_a_gap_keeps_the_artists_on_both_sides_apart():
    rotation = Rotation(np.array([9, 1, 2, 3, 2, 5, 6, 7, 8]), 1)
    assert filled(line(9), [3, None, 2], rotation) == [3, 1, 2]


def test_a_playlist_without_a_gap_is_not_filled():
    with pytest.raises(RecommenderError, match="no gap to fill; write _"):
        filled(line(9), [1, 2], alone(9))


def test_a_gap_that_no_song_fits_is_named():
    with pytest.raises(RecommenderError, match="no song fits gap 2 of the playlist"):
        filled(NOTHING, [1, None, 3], alone(5))


def test_the_song_that_is_far_from_all_others_fits_least():
    assert misfits(Whole(line(30).after), [3, 4, 25, 5]).argmax() == 2


def test_a_song_is_judged_by_the_others_alone():
    """Song 3 would rather be heard beside song 1 than song 0, and nowhere else."""
    model = Table(np.array([[0.0, 9, 8, 7], [6, 0, 8, 7], [7, 8, 0, 9], [9, 8, 7, 0]]))
    assert misfits(model, [0, 1, 2]).tolist() == [2, 1, 1]


def test_a_song_that_stands_twice_is_judged_without_itself():
    assert np.isfinite(misfits(line(9), [3, 3, 4, 3])).all()


def test_songs_of_which_nothing_is_known_fit_nowhere():
    assert np.isinf(misfits(NOTHING, [0, 1, 2])).all()


def test_what_does_not_fit_among_two_songs_cannot_be_told():
    with pytest.raises(RecommenderError, match="from 3 songs on, the playlist has 2"):
        misfits(line(9), [1, 2])


def test_songs_are_put_in_the_order_in_which_they_follow_one_another():
    assert reordered(line(9), [4, 1, 3, 0, 2]) in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0])
    assert reordered(line(9), [4, 1, 3, 0, 2], keep_first=True) == [4, 3, 2, 1, 0]


@settings(max_examples=40)
@given(st.integers(0, 99), st.booleans())
def test_an_order_has_the_same_songs_and_never_dearer_steps(seed, keep_first):
    rng = np.random.default_rng(seed)
    model, songs = Table(rng.random((30, 30))), rng.choice(30, 10, replace=False).tolist()
    order = reordered(model, songs, keep_first=keep_first)
    assert sorted(order) == sorted(songs)
    assert np.sqrt(along(model, order)).sum() <= np.sqrt(along(model, songs)).sum()
    assert not keep_first or order[0] == songs[0]


def test_songs_of_which_nothing_is_known_keep_their_order():
    assert reordered(NOTHING, [3, 1, 2]) == [3, 1, 2]


def test_an_empty_playlist_has_no_order():
    with pytest.raises(RecommenderError, match="an empty playlist has no order"):
        reordered(line(9), [])


@settings(max_examples=40)
@given(costs(), st.booleans())
def test_no_order_is_cheaper_than_the_least_or_dearer_than_that_given(matrix, keep_first):
    n = len(matrix)
    rivals = [order for order in permutations(range(n)) if not keep_first or order[0] == 0]
    order = cheap_order(matrix, keep_first=keep_first)
    assert tuple(order) in rivals
    assert min(cost(matrix, rival) for rival in rivals) <= cost(matrix, order) <= cost(matrix, range(n))


def test_of_200_lists_of_six_at_least_190_come_into_the_cheapest_order():
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(200):
        matrix = rng.random((6, 6))
        found += cost(matrix, cheap_order(matrix)) < 1e-9 + min(cost(matrix, rival) for rival in permutations(range(6)))
    assert found >= 190


def tagged(*names: tuple[str, ...]) -> Catalogue:
    n = len(names)
    return Catalogue(np.arange(n), ["a"] * n, ["b"] * n, list(names), np.zeros(n, np.int64))


def test_a_playlist_is_named_by_the_tags_that_it_has_more_than_all_songs():
    catalogue = tagged(*[("rock", "all")] * 3, *[("jazz", "all")] * 17, ())
    chance = 1 / 1140  # one of the ways to draw 3 songs of 20
    (found,) = tags(catalogue, [0, 1, 2, 2, 20])
    assert found == Tag("rock", 3, 3, 0.15, pytest.approx(chance))
    assert chance == pytest.approx(hypergeom.pmf(3, 20, 3, 3))
    assert chance < binom.pmf(3, 3, 0.15)  # drawn with replacement


def test_a_playlist_without_tags_has_no_name():
    assert tags(tagged((), ("rock",)), [0]) == []


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(0, 6), max_size=6), max_size=8), st.lists(st.integers(0, 6), max_size=5))
def test_the_playlists_most_alike_are_those_of_the_greatest_jaccard_similarity(lists, songs):
    likeness = [len({*one} & {*songs}) / len({*one} | {*songs} or {0}) for one in lists]
    best = sorted((i for i in range(len(lists)) if likeness[i] and len({*lists[i]}) > 1), key=lambda i: -likeness[i])
    assert most_alike(Playlists.of(lists), songs, 3) == [(i, pytest.approx(likeness[i])) for i in best[:3]]


def test_the_command_goes_on_with_a_playlist(command, run_folder):
    _, out, _ = command("playlist", "continue", run_folder, 3, 17, "--songs", 6, "--json")
    songs = [song["id"] for song in json.loads(out)["songs"]]
    assert songs[:2] == [3, 17]
    assert len(set(songs)) == 6


def test_the_command_marks_the_songs_that_it_found(command, run_folder):
    _, out, _ = command("playlist", "fill", run_folder, 3, "_", 17, "_")
    assert [line.split()[0] == "+" for line in out.splitlines()] == [False, True, False, True]


def test_the_command_puts_a_playlist_in_order(command, run_folder):
    _, out, _ = command("playlist", "reorder", run_folder, 3, 17, 30, 44, "--keep-first", "--json")
    songs = [song["id"] for song in json.loads(out)["songs"]]
    assert (songs[0], sorted(songs)) == (3, [3, 17, 30, 44])


def test_the_command_names_what_fits_least_first(command, run_folder):
    _, out, _ = command("playlist", "misfits", run_folder, 3, 17, 30, 44, "--json")
    places = [song["place"] for song in json.loads(out)["songs"]]
    assert places == sorted(places, reverse=True)


def test_the_command_names_the_tags(command, run_folder, small):
    rows = [row for row, names in enumerate(small.catalogue.tags) if names]
    alike = [row for row in rows if small.catalogue.tags[row][0] == small.catalogue.tags[rows[0]][0]]
    ids = small.catalogue.ids[alike[:6]].tolist()
    [found, *_] = json.loads(command("playlist", "tags", run_folder, *ids, "--json")[1])["tags"]
    assert found["of"] == len(ids)
    assert (
        f"{found['name']:24} {found['songs']} of {len(ids)} songs" in command("playlist", "tags", run_folder, *ids)[1]
    )


def test_the_command_says_that_a_song_has_no_name(command, run_folder, small):
    assert command("playlist", "tags", run_folder, 3)[:2] == (
        0,
        "no tag that these songs have more than the catalogue's\n",
    )


def test_the_command_finds_the_playlists_most_alike(command, run_folder):
    run = Run.load(run_folder)
    asked = run.catalogue.ids[run.learnt_from[0]].tolist()
    [found, *_] = json.loads(command("playlist", "alike", run_folder, *asked, "--json")[1])["playlists"]
    assert found == {"likeness": 1.0, "songs": asked}
    line = command("playlist", "alike", run_folder, *asked)[1].splitlines()
    assert any(text.startswith(f"  100% {len(asked):>5} songs: ") for text in line)
    assert len(command("playlist", "alike", run_folder, asked[0], "--k", 3)[1].splitlines()) == 3


def test_a_run_without_its_playlists_has_none_alike(command, run_folder, tmp_path):
    replace(Run.load(run_folder), playlists=None).save(tmp_path / "old")
    code, _, err = command("playlist", "alike", tmp_path / "old", 3)
    assert (code, "did not keep its playlists" in err) == (1, True)


def test_a_playlist_comes_from_a_file_and_goes_into_one(command, run_folder, tmp_path):
    command("playlist", "continue", run_folder, 3, 17, "--songs", 5, "--save", tmp_path / "five.m3u8")
    _, out, _ = command("playlist", "reorder", run_folder, "--from", tmp_path / "five.m3u8", "--json")
    assert len({song["id"] for song in json.loads(out)["songs"]} & {3, 17}) == 2
    code, _, err = command("playlist", "continue", run_folder, 3, "--save", tmp_path / "five.m3u8")
    assert (code, "five.m3u8 is there already" in err) == (1, True)


def test_filters_hold_for_what_a_playlist_goes_on_with(command, run_folder):
    run = Run.load(run_folder)
    first, tag = next((song.id, song.tags[0]) for song in run.catalogue if song.tags and song.plays > 5)
    _, out, _ = command("playlist", "continue", run_folder, first, "--songs", 6, "--without-tag", tag, "--json")
    assert all(tag not in song["tags"] for song in json.loads(out)["songs"][1:])


def test_a_playlist_of_nothing_is_an_error(command, run_folder):
    code, _, err = command("playlist", "tags", run_folder)
    assert (code, err) == (1, "error: give SONG... or --from FILE\n")
