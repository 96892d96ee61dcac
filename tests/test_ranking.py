"""Order, exclusion, ties, padding and batches, on tables of scores that can be checked by eye."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from recommender.playlists import Playlists
from recommender.protocol import Scores
from recommender.ranking import NO_SONG, ranks, recommend, top_k

INF = np.inf
SHAPES = st.tuples(st.integers(0, 4), st.integers(1, 8))
TIED = arrays(np.float32, SHAPES, elements=st.sampled_from([-INF, -1.0, -0.0, 0.0, 1.0, INF]))


@dataclass
class Table:
    """A model that scores `n` seeds by row `n` of its table, whichever songs they are."""

    table: np.ndarray

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        return self.table[seeds.lengths].astype(np.float32)


def scores_of(*row: float) -> Scores:
    return np.array([row], dtype=np.float32)


def one_row(*scores: float) -> Table:
    """A model that always scores the songs like this."""
    return Table(np.tile(scores, (9, 1)))


def places(model: Table, seeds: list[list[int]], targets: list[list[int]]) -> list[float]:
    return [place for part in ranks(model, Playlists.of(seeds), Playlists.of(targets)) for place in part.tolist()]


def sorted_top_k(row: list[float], k: int) -> tuple[list[int], list[float]]:
    """The best songs of one row by sorting all of it."""
    best = sorted((s for s in range(len(row)) if row[s] > -INF), key=lambda s: (-row[s], s))[:k]
    return best + [NO_SONG] * (k - len(best)), [row[s] for s in best] + [-INF] * (k - len(best))


def test_the_best_songs_come_best_first():
    songs, scores = top_k(scores_of(1, 4, 2, 3), 3)
    assert (songs.tolist(), scores.tolist()) == ([[1, 3, 2]], [[4, 3, 2]])


def test_equal_scores_go_to_the_lower_song():
    assert top_k(scores_of(1, 2, 2, 2, 0), 2)[0].tolist() == [[1, 2]]


def test_a_song_that_cannot_be_recommended_is_padding():
    songs, scores = top_k(scores_of(-INF, 5, -INF), 2)
    assert (songs.tolist(), scores.tolist()) == ([[1, NO_SONG]], [[5, -INF]])


def test_more_songs_asked_than_there_are_is_padding():
    songs, scores = top_k(scores_of(1, 2), 4)
    assert (songs.tolist(), scores.tolist()) == ([[1, 0, NO_SONG, NO_SONG]], [[2, 1, -INF, -INF]])


def test_a_catalogue_without_songs_is_all_padding():
    assert top_k(np.zeros((2, 0), np.float32), 1)[0].tolist() == [[NO_SONG], [NO_SONG]]


@pytest.mark.parametrize("k", [0, -1])
def test_no_list_is_shorter_than_one(k):
    with pytest.raises(ValueError, match=f"k must be at least 1, got {k}"):
        top_k(scores_of(1, 2), k)


@given(TIED, st.integers(1, 10))
@example(np.zeros((0, 3), np.float32), 2)
def test_top_k_is_the_start_of_the_sorted_row(scores, k):
    songs, values = top_k(scores, k)
    assert list(zip(songs.tolist(), values.tolist(), strict=True)) == [sorted_top_k(row, k) for row in scores.tolist()]


@given(TIED, st.integers(1, 10))
def test_top_k_leaves_the_scores_as_they_were(scores, k):
    before = scores.copy()
    top_k(scores, k)
    assert np.array_equal(scores, before)


def test_a_seed_is_not_recommended():
    assert recommend(one_row(9, 8, 7, 6), Playlists.of([[0, 2]]), 2)[0].tolist() == [[1, 3]]


def test_a_seed_may_be_recommended_where_repeats_are_allowed():
    assert recommend(one_row(9, 8, 7, 6), Playlists.of([[0, 2]]), 2, allow_repeats=True)[0].tolist() == [[0, 1]]


def test_a_query_excludes_only_its_own_seeds():
    assert recommend(one_row(9, 8, 7), Playlists.of([[0], [1], []]), 1)[0].tolist() == [[1], [0], [0]]


def test_seeds_leave_gaps_that_are_padded():
    songs, scores = recommend(one_row(9, 8, 7), Playlists.of([[0, 1]]), 2)
    assert (songs.tolist(), scores.tolist()) == ([[2, NO_SONG]], [[7, -INF]])


def test_no_queries_have_no_answers():
    assert [part.shape for part in recommend(one_row(9, 8), Playlists.of([]), 3)] == [(0, 3), (0, 3)]


@pytest.fixture(scope="module")
def many():
    """A model and 600 queries, more than two batches, of zero to five seeds and one or two targets each."""
    rng = np.random.default_rng(0)
    songs = [rng.permutation(12).tolist() for _ in range(600)]
    seeds = [row[: rng.integers(6)] for row in songs]
    targets = [row[6 : 7 + rng.integers(2)] for row in songs]
    return Table(rng.integers(0, 6, (6, 12))), seeds, targets


def test_many_queries_are_answered_as_one_by_one(many):
    model, seeds, _ = many
    together = recommend(model, Playlists.of(seeds), 4)[0].tolist()
    assert together == [recommend(model, Playlists.of([query]), 4)[0][0].tolist() for query in seeds]


def test_many_targets_are_placed_as_one_by_one(many):
    model, seeds, targets = many
    alone = [places(model, [query], [goals]) for query, goals in zip(seeds, targets, strict=True)]
    assert places(model, seeds, targets) == [place for query in alone for place in query]


def test_the_best_song_is_at_place_0():
    assert places(one_row(4, 7, 5), [[]], [[1]]) == [0]


def test_a_place_counts_the_songs_that_score_more():
    assert places(one_row(4, 7, 5), [[]], [[0]]) == [2]


def test_a_seed_takes_no_place():
    assert places(one_row(4, 7, 5), [[1]], [[0]]) == [1]


def test_a_tie_counts_as_its_expected_place():
    assert places(one_row(9, 5, 5, 5, 5, 1), [[]], [[3]]) == [2.5]  # 1, 2, 3 or 4, each as likely


def test_a_seed_is_not_in_a_tie():
    assert places(one_row(5, 5, 5), [[0]], [[1]]) == [0.5]


def test_a_target_that_cannot_be_recommended_has_no_place():
    assert places(one_row(4, -INF, -INF), [[]], [[1]]) == [INF]


def test_a_target_among_the_seeds_has_no_place():
    assert places(one_row(4, 7, 5), [[1]], [[1]]) == [INF]


def test_several_targets_have_a_place_each_in_their_order():
    assert places(one_row(4, 7, 5), [[], [1]], [[0, 1], [2]]) == [2, 0, 0]


def test_no_queries_have_no_places():
    assert places(one_row(4, 7), [], []) == []


@given(st.lists(st.sampled_from([-INF, -1.0, 0.0, 1.0, 2.0]), min_size=1, max_size=8))
def test_places_are_the_average_ranks_of_scipy(row):
    average = np.where(np.isneginf(row), INF, rankdata(-np.array(row), method="average") - 1)
    assert places(one_row(*row), [[]], [list(range(len(row)))]) == average.tolist()


@given(st.permutations(range(8)), st.sets(st.integers(0, 7), max_size=6))
def test_without_ties_the_place_is_that_in_the_list(row, seeds):
    [listed] = recommend(one_row(*row), Playlists.of([[*seeds]]), 8 - len(seeds))[0].tolist()
    assert places(one_row(*row), [[*seeds]], [listed]) == list(range(len(listed)))
