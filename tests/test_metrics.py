"""Each metric by hand and against ranx."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.metrics import METRICS, Metric, by_query, evaluated, hit_rate, mrr, ndcg, recall

INF = math.inf


def value(metric: Metric, ranks: list[float], k: int, n_targets: int | None = None) -> float:
    """The metric of one query."""
    [only] = metric(np.array([ranks], dtype=float), np.array([n_targets or len(ranks)]), k)
    return float(only)


@pytest.mark.parametrize(("ranks", "hit"), [([0], 1), ([9], 1), ([10], 0), ([INF], 0), ([3, 50], 1), ([50, INF], 0)])
def test_a_hit_is_any_target_within_k(ranks, hit):
    assert value(hit_rate, ranks, 10) == hit


@pytest.mark.parametrize(("ranks", "share"), [([2, 9, 10, INF], 0.5), ([0, 1], 1), ([10, INF], 0), ([9], 1)])
def test_recall_is_the_share_of_targets_within_k(ranks, share):
    assert value(recall, ranks, 10) == share


@pytest.mark.parametrize(("ranks", "reciprocal"), [([0], 1), ([3], 0.25), ([1, 2], 0.5), ([10], 0), ([INF, INF], 0)])
def test_mrr_is_one_over_the_rank_of_the_best_target_within_k(ranks, reciprocal):
    assert value(mrr, ranks, 10) == reciprocal


@pytest.mark.parametrize(
    ("ranks", "k", "gain"),
    [
        ([0], 10, 1),
        ([2], 10, 1 / 2),  # 1 / log2(4)
        ([10], 10, 0),
        ([INF], 10, 0),
        ([0, 2], 10, (1 + 1 / 2) / (1 + 1 / math.log2(3))),
        ([0, 2, INF], 2, 1 / (1 + 1 / math.log2(3))),  # a perfect list of two has two gains, not three
    ],
)
def test_ndcg_is_the_gain_of_the_targets_against_a_perfect_list(ranks, k, gain):
    assert value(ndcg, ranks, k) == pytest.approx(gain, abs=1e-12)


@pytest.mark.parametrize(
    ("metric", "found"), [(hit_rate, 1), (recall, 1), (mrr, 1 / 10.5), (ndcg, 1 / math.log2(11.5))]
)
def test_a_place_halfway_is_within_k_where_it_is_below_k(metric, found):
    assert value(metric, [9.5], 10) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("metric", [recall, ndcg])
def test_padding_is_no_target(metric):
    assert value(metric, [0, INF, INF], 10, n_targets=1) == 1


@pytest.mark.filterwarnings("ignore:unsafe cast from uint64 to int64")  # numba, of ranx
def test_every_metric_agrees_with_ranx():
    from ranx import Qrels, Run, evaluate

    rng = np.random.default_rng(0)
    cutoffs, places, targets, lists = (1, 5, 20), [], {}, {}
    for query in range(300):
        listed = rng.permutation(60)[:30].tolist()  # best first; the other 30 songs are not in the list
        wanted = rng.permutation(60)[: rng.integers(1, 6)].tolist()
        places.append([listed.index(song) if song in listed else INF for song in wanted])
        targets[f"q{query:03}"] = {f"s{song}": 1 for song in wanted}
        lists[f"q{query:03}"] = {f"s{song}": 30.0 - place for place, song in enumerate(listed)}
    names = [f"{metric}@{k}" for metric in METRICS for k in cutoffs]
    expected = evaluate(Qrels(targets), Run(lists), names, return_mean=False)
    n_targets = np.array([len(query) for query in places])
    ranks = by_query(np.concatenate(places), n_targets)
    for name in names:
        np.testing.assert_allclose(evaluated(name, ranks, n_targets), expected[name], rtol=0, atol=1e-9, err_msg=name)


QUERIES = st.lists(st.lists(st.one_of(st.integers(0, 30), st.just(INF)), min_size=1, max_size=5), min_size=1)
NAMES = pytest.mark.parametrize("name", [f"{metric}@{k}" for metric in METRICS for k in (1, 10)] + [*METRICS])


def values(name: str, queries: list[list[float]]) -> list[float]:
    n_targets = np.array([len(query) for query in queries])
    return list(evaluated(name, by_query(np.concatenate(queries), n_targets), n_targets))


@NAMES
@given(queries=QUERIES)
def test_a_value_is_from_0_to_1(name, queries):
    assert all(0 <= value <= 1 for value in values(name, [sorted({*query}) for query in queries]))


@NAMES
@given(queries=QUERIES)
def test_queries_do_not_touch_one_another(name, queries):
    assert values(name, queries) == pytest.approx([values(name, [query])[0] for query in queries], abs=1e-12)


@pytest.mark.parametrize("name", ["hit_rate@1", "mrr@1", "ndcg@1", "ndcg@10", "recall@10", *METRICS])
def test_targets_on_the_first_places_are_worth_1(name):
    assert values(name, [[0], [1, 0], [0, 1, 2, 3]]) == pytest.approx([1, 1, 1], abs=1e-12)


@pytest.mark.parametrize("metric", [hit_rate, recall, mrr])
@given(ranks=st.lists(st.integers(0, 30), min_size=1, max_size=5).map(sorted), k=st.integers(1, 30))
def test_a_longer_list_is_not_worth_less(metric, ranks, k):
    assert value(metric, ranks, k) <= value(metric, ranks, k + 1)


def test_places_are_sorted_and_padded_query_by_query():
    padded = by_query(np.array([7.0, 3.0, 5.0, INF, 0.5]), np.array([2, 1, 2]))
    assert padded.tolist() == [[3, 7], [5, INF], [0.5, INF]]


@given(QUERIES)
def test_by_query_sorts_each_list(queries):
    n_targets = np.array([len(query) for query in queries])
    rows = by_query(np.concatenate(queries), n_targets).tolist()
    assert [row[:n] for row, n in zip(rows, n_targets, strict=True)] == [sorted(query) for query in queries]


def test_no_queries_have_no_rows():
    assert by_query(np.zeros(0), np.zeros(0, np.int64)).shape == (0, 0)


def test_the_number_after_the_at_sign_is_k():
    assert [values(f"hit_rate@{k}", [[4]]) for k in (4, 5)] == [[0], [1]]


def test_without_k_the_whole_catalogue_counts():
    assert values("mrr", [[999_999]]) == [1e-6]


@pytest.mark.parametrize("name", ["precision", "MRR@10", "", "@10"])
def test_an_unknown_metric_is_an_error(name):
    with pytest.raises(ValueError, match=f"metric must be one of hit_rate, recall, mrr, ndcg, .* got '{name}'"):
        evaluated(name, np.zeros((1, 1)), np.array([1]))
