"""What makes a query easy or hard, against plain loops."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.breakdowns import breakdowns
from recommender.evaluation import evaluate, fit
from recommender.models import make
from recommender.playlists import Playlists
from recommender.split import Split, hold_out, next_song, second_half

BEFORE = "songs before it"
OVERLAP = "overlap with a training playlist"
PLAYS = "plays of the song, in tenths of the catalogue"
SEEN = "times the song followed the one before it in training"
LISTS = st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=8)
ASKING = LISTS.filter(lambda lists: any(len({*songs}) > 1 for songs in lists))
NOTHING = Playlists.of([])


def labels(split: Split, name: str) -> list[str]:
    """The group of each query."""
    groups = breakdowns(split)[name]
    return [groups.labels[number] for number in groups.of.tolist()]


def asking(train: list[list[int]], held_out: list[list[int]]) -> Split:
    return next_song(Playlists.of(train), Playlists.of(held_out))


@given(LISTS, ASKING)
def test_every_query_is_of_one_group(train, held_out):
    split = asking(train, held_out)
    for groups in breakdowns(split).values():
        assert len(groups.of) == len(split)
        assert all(0 <= number < len(groups.labels) for number in groups.of.tolist())


@pytest.mark.parametrize(
    ("n", "label"),
    [
        *[(1, "1"), (2, "2"), (3, "3–5"), (5, "3–5"), (6, "6–10"), (10, "6–10")],
        *[(11, "11–20"), (20, "11–20"), (21, "21–50"), (50, "21–50"), (51, "51+"), (60, "51+")],
    ],
)
def test_queries_are_told_apart_by_how_many_songs_came_before(n, label):
    assert labels(asking([], [[*range(61)]]), BEFORE)[n - 1] == label


@pytest.mark.parametrize(
    ("train", "label"),
    [
        ([], "Jaccard up to .5"),
        ([[0, 1, 2, 9], [6, 7]], "Jaccard up to .5"),  # 3 of 6
        ([[9], [0, 1, 2]], ".5 to .8"),  # 3 of 5
        ([[0, 1, 2, 3]], ".5 to .8"),  # 4 of 5
        ([[0, 1, 2, 3, 4, 9]], "above .8"),  # 5 of 6
        ([[0, 0], [4, 3, 2, 1, 0, 1]], "above .8"),  # 5 of 5
    ],
)
def test_queries_are_told_apart_by_the_training_playlist_most_like_theirs(train, label):
    assert labels(asking(train, [[0, 1, 2, 3, 4], [6, 8]]), OVERLAP) == [label] * 4 + ["Jaccard up to .5"]


@given(LISTS, ASKING)
def test_overlap_is_that_of_plain_sets(train, held_out):
    split, expected = asking(train, held_out), []
    for owner in split.owners.tolist():
        mine = {*held_out[owner]}
        others = [{*songs} for songs in train if len({*songs}) > 1]
        jaccard = max([len(mine & other) / len(mine | other) for other in others], default=0)
        expected.append("above .8" if jaccard > 0.8 else ".5 to .8" if jaccard > 0.5 else "Jaccard up to .5")
    assert labels(split, OVERLAP) == expected


@pytest.mark.parametrize(
    ("times", "label"), [(0, "0"), (1, "1"), (2, "2–4"), (4, "2–4"), (5, "5–9"), (9, "5–9"), (10, "10+"), (256, "10+")]
)
def test_queries_are_told_apart_by_how_often_the_song_came_next_in_training(times, label):
    assert labels(asking([[1, 0], *[[0, 1]] * times], [[5, 0, 1]]), SEEN)[1] == label


@given(st.lists(st.lists(st.integers(0, 2), max_size=12), max_size=8), ASKING)
def test_transitions_seen_are_those_that_plain_loops_count(train, held_out):
    split = asking(train, held_out)
    pairs = [pair for songs in train for pair in pairwise(songs)]
    expected = []
    for seeds, targets in zip(split.seeds, split.targets, strict=True):
        times = pairs.count((seeds[-1], targets[0]))
        starts = [start for start in (0, 1, 2, 5, 10) if start <= times]
        expected.append({0: "0", 1: "1", 2: "2–4", 5: "5–9", 10: "10+"}[starts[-1]])
    assert labels(split, SEEN) == expected


def every_song(plays: list[int]) -> Split:
    """Each song is asked for once, after one song more; `plays` says how often each is played in training."""
    n = len(plays)
    train = [[song] for song, times in enumerate(plays) for _ in range(times)]
    return asking(train, [[n, song] for song in range(n)])


@given(st.lists(st.integers(1, 5), min_size=1, max_size=45))
def test_the_tenths_of_the_catalogue_are_as_large_within_one(plays):
    groups = breakdowns(every_song(plays))[PLAYS]
    sizes = np.bincount(groups.of, minlength=10)
    assert (len(sizes), sizes.max() - sizes.min() <= 1) == (10, True)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=45))
def test_a_song_of_a_higher_tenth_is_played_at_least_as_often(plays):
    of = breakdowns(every_song(plays))[PLAYS].of
    in_order = np.array(plays)[np.lexsort((plays, of))]
    assert in_order.tolist() == sorted(plays)


def test_the_tenths_are_of_the_songs_played():
    assert labels(every_song([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), PLAYS) == [
        *["never played"] * 2,
        "1 (least)",
        *map(str, range(2, 10)),
        "10 (most)",
    ]


def test_where_every_song_asked_for_was_played_none_is_told_of_as_never_played():
    assert breakdowns(every_song([1, 2]))[PLAYS].labels[0] == "1 (least)"


def test_only_queries_of_one_song_are_told_apart_by_what_is_known_of_it():
    split = second_half(NOTHING, Playlists.of([[1, 2, 3, 4], [5, 6]]))
    assert [*breakdowns(split)] == [BEFORE, OVERLAP]


def test_queries_of_one_song_are_told_apart_in_all_four_ways():
    assert [*breakdowns(asking([], [[1, 2]]))] == [PLAYS, SEEN, BEFORE, OVERLAP]


@pytest.mark.parametrize("name", [BEFORE, OVERLAP, PLAYS, SEEN])
def test_the_mean_of_the_groups_by_how_many_they_are_is_that_of_all(name, small):
    split = next_song(*hold_out(small.train, 0.1)).sample(200)
    models = {"markov": make("markov")}
    fit(models, split.train, small.n_songs)
    report = evaluate(models, split)
    group = report.figures()["groups"][name]
    cells = [cell["mean"] * n for cell, n in zip(group["models"]["markov"], group["n"], strict=True) if n]
    assert sum(group["n"]) == 200
    assert sum(cells) / 200 == pytest.approx(report.mean("markov", "hit_rate@10"), abs=1e-12)
