"""Order, exclusion, ties, padding and batches, on tables of scores that can be checked by eye."""

from dataclasses import dataclass, field
from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from recommender.playlists import Excerpts, Playlists
from recommender.protocol import Scores
from recommender.ranking import NO_SONG, every_place, rank, ranks, recommend, top_k

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


@dataclass
class Counting(Table):
    """A table that keeps the seeds it was asked to score."""

    scored: list[list[int]] = field(default_factory=list)

    def score(self, seeds):
        self.scored += [songs.tolist() for songs in seeds]
        return super().score(seeds)


def scores_of(*row: float) -> Scores:
    return np.array([row], dtype=np.float32)


def one_row(*scores: float) -> Table:
    """A model that always scores the songs like this."""
    return Table(np.tile(scores, (9, 1)))


def places(model: Table, seeds: list[list[int]], targets: list[list[int]]) -> list[float]:
    return [place for part in rank(model, Playlists.of(seeds), Playlists.of(targets)) for place in part.places.tolist()]


def open_places(model: Table, seeds: list[list[int]], targets: list[list[int]]) -> list[float]:
    parts = rank(model, Playlists.of(seeds), Playlists.of(targets))
    return [place for part in parts for place in part.open_places.tolist()]


def by_scipy(row: np.ndarray) -> np.ndarray:
    """The expected place of every song, inf where it cannot be recommended."""
    return np.where(np.isneginf(row), INF, rankdata(-row, method="average") - 1)


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


LEVELS = np.array([-INF, -2.5, -1.0, -0.0, 0.0, 1.0, 1.5, 7.0, INF], dtype=np.float32)
GROUPED = (2047, 2048, 2049, 2500, 3071, 3072, 3073, 5000)  # songs; from 2,048 on the best are looked for by groups


@st.composite
def long_rows(draw):
    """A row of as many songs as are looked through by groups, of few levels or of many."""
    n, rng = draw(st.sampled_from(GROUPED)), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([LEVELS, LEVELS[:1], LEVELS[:2], LEVELS[-1:], rng.normal(size=n).astype(np.float32)]))
    row = rng.choice(levels, n)
    row[rng.random(n) < draw(st.sampled_from([0, 0.5, 0.999]))] = -INF
    return row


@given(long_rows(), st.one_of(st.sampled_from([1, 10, 63, 64, 65, 128, 2500, 6000]), st.integers(1, 6000)))
def test_top_k_of_a_large_catalogue_is_the_start_of_the_sorted_row(row, k):
    songs, values = top_k(row[None], k)
    best = np.lexsort((np.arange(len(row)), -row))[:k]
    best = best[row[best] > -INF].tolist()
    padding = k - len(best)
    assert (songs[0].tolist(), values[0].tolist()) == (
        best + [NO_SONG] * padding,
        row[best].tolist() + [-INF] * padding,
    )


@given(st.sampled_from(GROUPED), st.one_of(st.sampled_from([0, -1, -2]), st.integers(0, 2046)), st.integers(0, 99))
def test_the_best_song_of_a_large_catalogue_is_found_wherever_it_stands(n, place, seed):
    row = np.random.default_rng(seed).normal(size=n).astype(np.float32)
    row[place] = 9
    assert top_k(row[None], 1)[0].tolist() == [[place % n]]


@given(st.sampled_from([1, 5, 2047, *GROUPED]), st.integers(0, 2**32 - 1), st.sampled_from([1, 10, 64, 6000]))
def test_a_score_that_is_nan_is_an_error_wherever_it_stands(n, seed, k):
    rng = np.random.default_rng(seed)
    row = rng.choice(LEVELS, n)
    row[rng.integers(n)] = np.nan
    with pytest.raises(ValueError, match="a score is NaN; what cannot be recommended is -inf"):
        top_k(row[None], k)


@pytest.mark.parametrize("ask", [lambda model, seeds: recommend(model, seeds, 3), lambda m, s: [*rank(m, s, s)]])
def test_a_model_that_scores_nan_is_an_error(ask):
    with pytest.raises(ValueError, match="a score is NaN"):
        ask(one_row(1, np.nan, 2), Playlists.of([[0]]))


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
    assert places(one_row(*row), [[]], [list(range(len(row)))]) == by_scipy(np.array(row)).tolist()


@given(st.permutations(range(8)), st.sets(st.integers(0, 7), max_size=6))
def test_without_ties_the_place_is_that_in_the_list(row, seeds):
    [listed] = recommend(one_row(*row), Playlists.of([[*seeds]]), 8 - len(seeds))[0].tolist()
    assert places(one_row(*row), [[*seeds]], [listed]) == list(range(len(listed)))


def test_without_ties_the_first_place_is_0_and_the_last_one_less_than_the_songs():
    assert places(one_row(*range(2500)), [[]], [[2499, 0]]) == [0, 2499]


def test_over_all_orders_of_a_tie_the_mean_place_is_that_of_the_tie():
    alone = [places(one_row(*order), [[]], [[0]])[0] for order in permutations(range(4))]
    assert [np.mean(alone)] == places(one_row(5, 5, 5, 5), [[]], [[0]])


def test_among_all_songs_a_seed_takes_its_place():
    assert open_places(one_row(4, 7, 5), [[1]], [[0]]) == [2]


def test_among_all_songs_a_seed_has_a_place():
    assert open_places(one_row(4, 7, 5), [[2]], [[2]]) == [1]


def test_a_seed_that_is_repeated_takes_one_place():
    assert open_places(one_row(4, 7, 5), [[1, 1, 1]], [[0]]) == [2]


def test_among_all_songs_a_seed_ties_with_a_target():
    assert open_places(one_row(5, 5, 1), [[1]], [[0]]) == [0.5]


SEEDED = st.tuples(
    st.lists(st.sampled_from(LEVELS.tolist()), min_size=1, max_size=8), st.lists(st.integers(0, 7), max_size=6)
).map(lambda drawn: (drawn[0], [seed % len(drawn[0]) for seed in drawn[1]]))


@given(SEEDED)
def test_open_places_are_the_average_ranks_of_scipy_whatever_the_seeds(drawn):
    row, seeds = drawn
    assert open_places(one_row(*row), [seeds], [list(range(len(row)))]) == by_scipy(np.array(row)).tolist()


@given(SEEDED)
def test_places_are_the_average_ranks_of_scipy_among_the_songs_that_are_no_seeds(drawn):
    row, seeds = drawn
    others = np.array(row)
    others[seeds] = -INF
    assert places(one_row(*row), [seeds], [list(range(len(row)))]) == by_scipy(others).tolist()


@given(st.integers(0, 2**32 - 1), st.sampled_from([15, 16, 40]))
def test_many_targets_of_a_query_have_the_places_that_each_has_alone(seed, n):
    rng = np.random.default_rng(seed)
    row, seeds, targets = (
        rng.choice(LEVELS, 60).tolist(),
        rng.integers(0, 60, 9).tolist(),
        rng.permutation(60)[:n].tolist(),
    )
    together, alone = ([seeds], [targets]), ([seeds] * n, [[target] for target in targets])
    model = Table(np.tile(row, (10, 1)))
    assert (places(model, *together), open_places(model, *together)) == (
        places(model, *alone),
        open_places(model, *alone),
    )


def test_places_in_a_large_catalogue_are_the_average_ranks_of_scipy():
    row = np.random.default_rng(0).choice(LEVELS, 5000)
    assert places(one_row(*row), [[]], [list(range(5000))]) == by_scipy(row).tolist()


def test_the_songs_ranked_are_those_recommended(many):
    model, seeds, targets = many
    ranked = np.concatenate([part.songs for part in rank(model, Playlists.of(seeds), Playlists.of(targets), 4)])
    assert ranked.tolist() == recommend(model, Playlists.of(seeds), 4)[0].tolist()


def test_the_parts_ranked_hold_every_query_in_order(many):
    model, seeds, targets = many
    asked = [songs.tolist() for part in rank(model, Playlists.of(seeds), Playlists.of(targets)) for songs in part.seeds]
    assert asked == seeds


def test_excerpts_are_ranked_as_the_playlists_that_they_are(many):
    model, _, _ = many
    songs = np.arange(12, dtype=np.int32)
    beginnings = Excerpts(songs, np.zeros(5, np.int64), np.arange(1, 6))
    targets = Playlists.of([[n] for n in range(6, 11)])
    [excerpts] = rank(model, beginnings, targets)
    [copied] = rank(model, beginnings.slice(0, 5), targets)
    assert excerpts.places.tolist() == copied.places.tolist()


def test_every_query_is_scored_once(many):
    _, seeds, targets = many
    model = Counting(np.zeros((6, 12)))
    list(rank(model, Playlists.of(seeds), Playlists.of(targets)))
    assert model.scored == seeds


@dataclass
class Third:
    """Fails on the batch that starts with the song `bad`."""

    bad: int

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        scores = np.tile(np.arange(5, dtype=np.float32), (len(seeds), 1))
        return scores * np.nan if seeds.songs[0] == self.bad else scores


MANY = Playlists.of([[n // 256] for n in range(256 * 4)])  # four batches, each of one song


def test_many_batches_are_answered_in_their_order():
    songs, _ = recommend(Third(bad=9), MANY, 1)
    assert songs[:, 0].tolist() == [4] * 1024
    assert [part.seeds.songs[0] for part in rank(Third(bad=9), MANY, MANY)] == [0, 1, 2, 3]


def test_what_fails_in_a_later_batch_is_told():
    with pytest.raises(ValueError, match="a score is NaN"):
        list(rank(Third(bad=2), MANY, MANY))


def test_ranking_leaves_the_threads_of_the_matrix_products_as_they_were():
    from threadpoolctl import threadpool_info

    before = threadpool_info()
    next(iter(rank(Third(bad=9), MANY, MANY)))
    list(rank(Third(bad=9), MANY, MANY))
    assert threadpool_info() == before


@given(TIED)
def test_a_rank_is_the_mean_of_the_ranks_of_ties(values):
    for row in values:
        assert np.array_equal(ranks(row), rankdata(row))


def test_every_place_leaves_out_the_seed_and_what_cannot_be_recommended():
    found = every_place(one_row(9, 2, -INF, 7, 2), Playlists.of([[0]]))
    assert found.tolist() == [[INF, 2.5, INF, 1, 2.5]]
