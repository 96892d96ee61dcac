"""Each metric by hand, and against trec_eval and ranx on thousands of answers with ties, short lists and empty ones."""

import itertools
import math
from typing import NamedTuple

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from recommender.metrics import (
    LOWER_IS_BETTER,
    METRICS,
    Metric,
    average_precision,
    by_query,
    clicks,
    evaluated,
    hit_rate,
    mrr,
    ndcg,
    precision,
    r_precision,
    recall,
)

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


@pytest.mark.parametrize(("ranks", "share"), [([2, 9, 10, INF], 0.2), ([0, 1], 0.2), ([10, INF], 0), ([9], 0.1)])
def test_precision_is_the_share_of_k_that_are_targets(ranks, share):
    assert value(precision, ranks, 10) == share


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
    ("ranks", "k", "mean"),
    [
        ([0, 2], 10, (1 / 1 + 2 / 3) / 2),
        ([1, 3, INF], 10, (1 / 2 + 2 / 4) / 3),
        ([0, 10], 10, (1 / 1) / 2),
        ([0, 1], 1, (1 / 1) / 2),  # 1 for Kaggle, which divides by k where that is less than the targets
        ([INF], 10, 0),
    ],
)
def test_map_is_the_mean_over_all_targets_of_the_precision_where_each_is_found(ranks, k, mean):
    assert value(average_precision, ranks, k) == pytest.approx(mean, abs=1e-12)


@pytest.mark.parametrize(
    ("ranks", "share"), [([0], 1), ([1], 0), ([0, 1, 3], 2 / 3), ([2, 3, 4], 1 / 3), ([0, INF], 0.5)]
)
def test_r_precision_is_the_share_of_targets_within_as_many_places(ranks, share):
    assert value(r_precision, ranks, 1) == share


@pytest.mark.parametrize(
    ("ranks", "k", "pages"),
    [
        ([0], 500, 0),
        ([9, 30], 500, 0),
        ([10], 500, 1),
        ([499], 500, 49),
        ([500], 500, 51),
        ([INF], 500, 51),
        ([9.5], 500, 0),
        ([10], 10, 2),
        ([7], 5, 1.5),
    ],
)
def test_clicks_are_the_pages_of_ten_before_the_first_target(ranks, k, pages):
    assert value(clicks, ranks, k) == pages


HALFWAY = {
    hit_rate: 1,
    recall: 1,
    precision: 1 / 10,
    mrr: 1 / 10.5,
    ndcg: 1 / math.log2(11.5),
    average_precision: 1 / 10.5,
    clicks: 0,
}


@pytest.mark.parametrize(("metric", "found"), HALFWAY.items())
def test_a_place_halfway_is_within_k_where_it_is_below_k(metric, found):
    assert value(metric, [9.5], 10) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("metric", [recall, ndcg, average_precision, r_precision])
def test_padding_is_no_target(metric):
    assert value(metric, [0, INF, INF], 10, n_targets=1) == 1


class Cases(NamedTuple):
    """Random queries: what each song scores, which songs are targets, and what the metrics take."""

    scores: list[np.ndarray]
    targets: list[set[int]]
    ranks: np.ndarray
    n_targets: np.ndarray


def placed(scores: np.ndarray, targets: set[int]) -> list[float]:
    """The expected place of each target, by scipy."""
    places = np.where(np.isneginf(scores), INF, rankdata(-scores, method="average") - 1)
    return places[[*targets]].tolist()


def halfway(ranks: np.ndarray) -> np.ndarray:
    """Which queries have a target halfway between two places."""
    return (np.modf(ranks)[0] == 0.5).any(axis=1)


@pytest.fixture(scope="module")
def cases() -> Cases:
    """1,000 queries of each of three catalogues; a third without ties, a third short, one in ten without an answer."""
    rng, scores, targets = np.random.default_rng(0), [], []
    for n_songs in (4, 12, 60):
        for query in range(1000):
            row = rng.permutation(n_songs) if query % 3 == 0 else rng.integers(0, rng.integers(1, n_songs), n_songs)
            out = rng.random(n_songs) < (1 if query % 10 == 0 else 0.8 if query % 3 == 1 else 0)
            scores.append(np.where(out, -INF, row))
            targets.append({*rng.permutation(n_songs)[: rng.integers(1, min(n_songs, 12))].tolist()})
    n_targets = np.array([len(songs) for songs in targets])
    places = np.concatenate([placed(row, songs) for row, songs in zip(scores, targets, strict=True)])
    return Cases(scores, targets, by_query(places, n_targets), n_targets)


def in_order(scores: np.ndarray, targets: set[int], *, late: bool) -> list[int]:
    """The songs of an answer, best first, the targets in the middle of each tie, or of the two middles the late."""
    order = []
    for score in sorted({*scores.tolist()} - {-INF}, reverse=True):
        tied = np.flatnonzero(scores == score).tolist()
        others = [song for song in tied if song not in targets]
        before = (len(others) + late) // 2
        order += others[:before] + [song for song in tied if song in targets] + others[before:]
    return order


CUTOFFS = (1, 5, 20, 50)
AT_K = [f"{metric}@{k}" for metric in METRICS if metric != "r_precision" for k in CUTOFFS]
ALONE = [metric for metric in METRICS if metric not in {"precision", "clicks"}]
IN_TREC_EVAL = {"hit_rate": "success", "recall": "recall", "precision": "P", "ndcg": "ndcg_cut", "map": "map_cut"}
ALONE_IN_TREC_EVAL = {"recall": "set_recall", "r_precision": "Rprec", "mrr": "recip_rank"}
STEPS = {"hit_rate", "recall", "precision", "r_precision", "clicks"}  # the same at a place halfway as at the one before


def by_trec_eval(cases: Cases, *, late: bool) -> dict[str, np.ndarray]:
    """The values of trec_eval, which sees the scores, ties and all, and puts the greater name first in a tie."""
    measures = {f"{name}.{','.join(map(str, CUTOFFS))}" for name in IN_TREC_EVAL.values()}
    targets, lists = {}, {}
    for query, (scores, songs) in enumerate(zip(cases.scores, cases.targets, strict=True)):
        order = in_order(scores, songs, late=late)
        names = {song: f"{len(scores) - place:02}" for place, song in enumerate(order)}
        targets[str(query)] = {names.get(song, f"missing {song}"): 1 for song in songs}
        if order:  # a file of answers has no line for a query without any
            lists[str(query)] = {names[song]: float(scores[song]) for song in order}
    evaluator = pytrec_eval.RelevanceEvaluator(targets, measures | {"ndcg", "map", *ALONE_IN_TREC_EVAL.values()})
    answered = evaluator.evaluate(lists)

    def column(measure: str) -> np.ndarray:
        return np.array([answered[query][measure] if query in answered else 0 for query in targets])

    values = {f"{name}@{k}": column(f"{its}_{k}") for name, its in IN_TREC_EVAL.items() for k in CUTOFFS}
    values |= {name: column(ALONE_IN_TREC_EVAL.get(name, name)) for name in ALONE if name != "hit_rate"}
    values["hit_rate"] = (values["recall"] > 0).astype(float)
    for k in CUTOFFS:
        found = values[f"hit_rate@{k}"] > 0
        first = 1 / np.where(found, values["mrr"], 1)  # 1 for the best song
        values[f"mrr@{k}"] = np.where(found, values["mrr"], 0)
        values[f"clicks@{k}"] = np.where(found, (first.round() - 1) // 10, k / 10 + 1)
    return values


def by_ranx(cases: Cases, *, late: bool) -> dict[str, np.ndarray]:
    """The values of ranx, which takes answers in their order, so without ties."""
    from numba.typed import List
    from ranx import evaluate

    targets, lists = List(), List()
    for scores, songs in zip(cases.scores, cases.targets, strict=True):
        order = in_order(scores, songs, late=late)
        targets.append(np.array([(song, 1) for song in songs], dtype=float))
        lists.append(np.array([(song, -place) for place, song in enumerate(order)], dtype=float).reshape(-1, 2))
    names = {name: name.replace("_p", "-p") for name in [*AT_K, *ALONE] if not name.startswith("clicks")}
    values = evaluate(targets, lists, list(names.values()), return_mean=False)
    return {name: values[its] for name, its in names.items()}


@pytest.fixture(scope="module", params=[by_trec_eval, by_ranx])
def others(request, cases):
    """What another library says of the same answers, the targets early and late in the middle of each tie."""
    return request.param(cases, late=False), request.param(cases, late=True)


def test_the_random_answers_have_ties_and_are_short_and_empty(cases):
    recommended = np.array([np.isfinite(row).sum() for row in cases.scores])
    distinct = np.array([len({*row[np.isfinite(row)].tolist()}) for row in cases.scores])
    places = [placed(row, songs) for row, songs in zip(cases.scores, cases.targets, strict=True)]
    among_targets = [len({*found}) < len(found) for found in ([p for p in row if p < INF] for row in places)]
    counts = {
        "without ties": (distinct == recommended).sum(),
        "with ties": (distinct < recommended).sum(),
        "with targets in one tie": np.sum(among_targets),
        "with a place halfway": halfway(cases.ranks).sum(),
        "with ties and all places whole": ((distinct < recommended) & ~halfway(cases.ranks)).sum(),
        "short": ((recommended < 5) & (recommended > 0)).sum(),
        "empty": (recommended == 0).sum(),
        "with more targets than k": (cases.n_targets > 5).sum(),
        "with a target that cannot be recommended": np.sum([INF in row for row in places]),
    }
    assert len(cases.scores) == 3000
    assert all(count >= 300 for count in counts.values()), counts


@pytest.mark.filterwarnings("ignore:unsafe cast from uint64 to int64")  # numba, of ranx
@pytest.mark.parametrize("name", [*AT_K, *ALONE])
def test_every_metric_agrees_with_trec_eval_and_ranx(name, cases, others):
    """To 1e-9 where each target's expected place is whole; one halfway is between the two places beside it.

    Definitions that differ: trec_eval leaves out a query without an answer, has no mrr within k, and calls a hit
    success; none of the two has clicks, which are of trec_eval's first place here; ranx divides precision without k
    by the length of the list, so only precision within k is compared.
    """
    early, late = (other.get(name) for other in others)
    if early is None:
        assert name.startswith("clicks")
        return
    ours = evaluated(name, cases.ranks, cases.n_targets)
    whole = ~halfway(cases.ranks)
    np.testing.assert_allclose(ours[whole], early[whole], rtol=0, atol=1e-9)
    if name.partition("@")[0] in STEPS:
        np.testing.assert_allclose(ours, early, rtol=0, atol=1e-9)
    else:
        assert (late - 1e-9 <= ours).all()
        assert (ours <= early + 1e-9).all()


def test_an_expected_place_is_the_mean_of_trec_evals_over_all_orders_of_the_ties():
    rng, songs = np.random.default_rng(1), range(5)
    scores = rng.integers(0, 3, (20, 5)).astype(float)
    orders = list(itertools.permutations(songs))  # of names, so of the songs in a tie
    queries = {f"{row} {order}": (row, order) for row in range(20) for order in orders}
    lists = {query: {str(order[song]): scores[row, song] for song in songs} for query, (row, order) in queries.items()}
    for target in songs:
        relevant = {query: {str(order[target]): 1} for query, (_, order) in queries.items()}
        answered = pytrec_eval.RelevanceEvaluator(relevant, {"recip_rank"}).evaluate(lists)
        places = np.array([1 / answered[query]["recip_rank"] - 1 for query in queries]).reshape(20, len(orders))
        expected = [placed(row, {target})[0] for row in scores]
        np.testing.assert_allclose(places.mean(axis=1), expected, rtol=0, atol=1e-9)


QUERY = st.tuples(st.lists(st.integers(0, 30), max_size=4, unique=True), st.integers(0, 2))
QUERIES = st.lists(QUERY.map(lambda query: query[0] + [INF] * query[1]).filter(bool), min_size=1)
SONGS = st.lists(st.tuples(st.sampled_from([-INF, 0.0, 1.0, 2.0, 3.0]), st.booleans()), min_size=1, max_size=12)
WITH_TARGETS = SONGS.filter(lambda songs: any(is_target for _, is_target in songs))


def values(name: str, queries: list[list[float]]) -> list[float]:
    n_targets = np.array([len(query) for query in queries])
    return list(evaluated(name, by_query(np.concatenate(queries), n_targets), n_targets))


def places_in(songs: list[tuple[float, bool]]) -> list[float]:
    """The expected places of the targets among songs, each a score and whether it is a target."""
    return placed(np.array([score for score, _ in songs]), {row for row, (_, target) in enumerate(songs) if target})


def every_value(queries: list[list[float]]) -> dict[str, list[float]]:
    return {name: values(name, queries) for name in [*AT_K, *ALONE]}


@given(WITH_TARGETS)
def test_a_value_is_from_0_to_1_and_clicks_up_to_a_page_more_than_there_are(songs):
    for name, [only] in every_value([places_in(songs)]).items():
        metric, _, k = name.partition("@")
        assert 0 <= only <= (int(k) / 10 + 1 if metric == "clicks" else 1), name


@given(QUERIES)
def test_queries_do_not_touch_one_another(queries):
    alone = [every_value([query]) for query in queries]
    for name, together in every_value(queries).items():
        assert together == pytest.approx([each[name][0] for each in alone], abs=1e-12), name


@given(WITH_TARGETS, st.data())
def test_the_order_of_the_songs_changes_nothing(songs, data):
    other = data.draw(st.permutations(songs))
    assert every_value([places_in(other)]) == every_value([places_in(songs)])


@pytest.mark.parametrize("name", ["hit_rate@1", "precision@1", "mrr@1", "ndcg@1", "ndcg@10", "recall@10", *ALONE])
def test_targets_on_the_first_places_are_worth_1(name):
    assert values(name, [[0], [1, 0], [0, 1, 2, 3]]) == pytest.approx([1, 1, 1], abs=1e-12)


def test_an_empty_answer_has_the_worst_value():
    worst = {f"clicks@{k}": k / 10 + 1 for k in CUTOFFS}
    empty = every_value([[INF], [INF, INF]])
    assert empty == {name: [worst.get(name, 0)] * 2 for name in empty}


@pytest.mark.parametrize("metric", [hit_rate, recall, mrr, average_precision])
@given(ranks=st.lists(st.integers(0, 30), min_size=1, max_size=5).map(sorted), k=st.integers(1, 30))
def test_a_longer_list_is_not_worth_less(metric, ranks, k):
    assert value(metric, ranks, k) <= value(metric, ranks, k + 1)


@given(QUERIES)
def test_a_target_further_down_is_not_better(queries):
    further = every_value([[place + 1 for place in query] for query in queries])
    for name, near in every_value(queries).items():
        better, worse = (further[name], near) if name.partition("@")[0] in LOWER_IS_BETTER else (near, further[name])
        assert (np.array(better) >= np.array(worse)).all(), name


ORDERS = list(itertools.permutations(range(5)))


def test_constant_scores_have_the_mean_place_of_random_order():
    for target in range(5):
        places = [order.index(target) for order in ORDERS]
        assert placed(np.zeros(5), {target}) == [np.mean(places)] == [2]


def test_constant_scores_hit_all_at_once_and_over_all_k_as_often_as_random_order():
    constant = [values(f"hit_rate@{k}", [[2]])[0] for k in range(1, 6)]
    random = [np.mean(values(f"hit_rate@{k}", [[order.index(0)] for order in ORDERS])) for k in range(1, 6)]
    assert constant == [0, 0, 1, 1, 1]
    assert random == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    assert np.mean(constant) == pytest.approx(np.mean(random))


def test_places_are_sorted_and_padded_query_by_query():
    padded = by_query(np.array([7.0, 3.0, 5.0, INF, 0.5]), np.array([2, 1, 2]))
    assert padded.tolist() == [[3, 7], [5, INF], [0.5, INF]]


@given(QUERIES)
def test_by_query_sorts_each_list(queries):
    n_targets = np.array([len(query) for query in queries])
    rows = by_query(np.concatenate(queries), n_targets).tolist()
    assert [row[:n] for row, n in zip(rows, n_targets, strict=True)] == [sorted(query) for query in queries]


def test_targets_in_one_tie_stand_side_by_side_around_their_place():
    places = np.array([0.5, 0.5, 4, 4, 4, 8, 9.5, 9.5, INF, INF])
    assert by_query(places, np.array([10])).tolist() == [[0, 1, 3, 4, 5, 8, 9, 10, INF, INF]]


def test_the_tie_of_one_query_is_not_that_of_the_next():
    assert by_query(np.array([2.0, 2.0]), np.array([1, 1])).tolist() == [[2], [2]]


@given(WITH_TARGETS)
def test_no_more_than_k_targets_are_within_k(songs):
    places = places_in(songs)
    [ranks] = by_query(np.array(places), np.array([len(places)]))
    assert all((ranks < k).sum() <= k for k in range(1, 13))
    assert ranks.mean() == pytest.approx(np.mean(places))


def test_no_queries_have_no_rows():
    assert by_query(np.zeros(0), np.zeros(0, np.int64)).shape == (0, 0)


def test_the_number_after_the_at_sign_is_k():
    assert [values(f"hit_rate@{k}", [[4]]) for k in (4, 5)] == [[0], [1]]


def test_without_k_the_whole_catalogue_counts():
    assert values("mrr", [[999_999]]) == [1e-6]


@pytest.mark.parametrize("name", ["prediction", "MRR@10", "", "@10", "clicks@0", "map@x"])
def test_an_unknown_metric_is_an_error(name):
    with pytest.raises(ValueError, match=f"metric must be one of hit_rate, recall, .*, clicks, .* got '{name}'"):
        evaluated(name, np.zeros((1, 1)), np.array([1]))


@pytest.mark.parametrize("name", ["precision", "clicks"])
def test_a_metric_of_k_songs_needs_k(name):
    with pytest.raises(ValueError, match=f"{name} needs @k, as in {name}@10, got '{name}'"):
        evaluated(name, np.zeros((1, 1)), np.array([1]))


def test_r_precision_takes_no_k():
    with pytest.raises(ValueError, match="r_precision takes no @k, got 'r_precision@5'"):
        evaluated("r_precision@5", np.zeros((1, 1)), np.array([1]))
