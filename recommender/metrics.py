"""Metrics: how good the places of the targets are, a value a query.

Each takes

    ranks      (n, m) places of a query's targets among all songs, 0 for the best, ascending; inf where a
               target cannot be recommended and where a query has fewer than m targets. A tie has its
               expected place, which may lie halfway between two; targets tied with one another stand side
               by side around it, as `by_query` sets them.
    n_targets  (n,) how many targets each query has, at least 1, no song twice
    k          how many songs the answer has

and returns (n,) values from 0 to 1, the higher the better, but for `clicks`. A target counts as found within k where
its place is below k. With one target a query, as in next-song prediction, recall is the hit rate.

Without ties, the values are those of trec_eval and ranx. With ties, those put the greater name first, or whichever
song the sort does; here a target counts as in the middle of its tie, so a lone one is found or not at a step of k.
The mean of the values over all orders of a tie is another one (McSherry & Najork 2008,
doi:10.1007/978-3-540-78646-7_38), though the mean place is the same. A query that is answered with no song counts,
with the worst value, where trec_eval leaves it out of its means.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Metric = Callable[[Values, NDArray[np.int64], int], Values]

_PAGE = 10  # songs that Spotify shows before a click


def hit_rate(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """1 where any target is within k, else 0 (HR@k; success in trec_eval; in ranx, `hits` is a count)."""
    return np.asarray(np.any(ranks < k, axis=1), dtype=np.float64)


def recall(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """Share of the targets within k."""
    return np.asarray(np.sum(ranks < k, axis=1) / n_targets)


def precision(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """Targets within k, divided by k even where fewer than k songs can be recommended, as P in trec_eval.

    ranx does the same with a k; without one it divides by the songs recommended, which means nothing here, where
    nearly the whole catalogue is: `evaluated` refuses it.
    """
    return np.asarray(np.sum(ranks < k, axis=1) / k)


def mrr(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """1 / (place + 1) of the best target if it is within k, else 0 (Voorhees, TREC-8, 1999)."""
    best = ranks[:, 0]
    return np.where(best < k, 1 / (best + 1), 0)


def ndcg(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """Discounted gain 1 / log2(place + 2) of the targets within k, against that of a perfect list.

    Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418, with gains of 0 and 1. The rules of the RecSys Challenge
    2018 have log2(place + 1) after the first place, and a perfect list of only the targets found.
    """
    gains = np.where(ranks < k, 1 / np.log2(ranks + 2), 0).sum(axis=1)
    ideal = np.cumsum(1 / np.log2(np.arange(min(k, ranks.shape[1])) + 2))
    return np.asarray(gains / ideal[np.minimum(n_targets, len(ideal)) - 1])


def average_precision(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """Precision at the place of each target within k, summed and divided by the number of targets.

    As map and map_cut in trec_eval and map in ranx (Buckley & Voorhees 2000, doi:10.1145/345508.345543). Kaggle's
    MAP@k divides by min(targets, k) instead, so that k targets are enough for a 1.
    """
    found = np.arange(1, ranks.shape[1] + 1)
    return np.asarray(np.where(ranks < k, found / (ranks + 1), 0).sum(axis=1) / n_targets)


def r_precision(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """Share of the targets within the first n_targets places (Rprec in trec_eval); k plays no part.

    The RecSys Challenge 2018 adds a quarter for each right artist (Zamani et al. 2019, doi:10.1145/3344257).
    """
    return np.asarray(np.sum(ranks < n_targets[:, None], axis=1) / n_targets)


def clicks(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """Pages of ten songs to turn until the first target, 0 where it is on the first; lower is better.

    The largest whole number up to place / 10 of the best target within k, and k / 10 + 1 where there is none, which
    is 51 for the 500 songs of the RecSys Challenge 2018 (Zamani et al. 2019, doi:10.1145/3344257).
    """
    best = ranks[:, 0]
    return np.where(best < k, np.floor(best / _PAGE), k / _PAGE + 1)


METRICS: dict[str, Metric] = {
    "hit_rate": hit_rate,
    "recall": recall,
    "precision": precision,
    "mrr": mrr,
    "ndcg": ndcg,
    "map": average_precision,
    "r_precision": r_precision,
    "clicks": clicks,
}
LOWER_IS_BETTER = frozenset({"clicks"})
_NEED_K = frozenset({"precision", "clicks"})
_TAKE_NO_K = frozenset({"r_precision"})


def by_query(places: Values, n_targets: NDArray[np.int64]) -> Values:
    """(n, m) places of each query's targets, ascending and padded with inf, from one array of all.

    Targets tied with one another, so at one expected place, are set side by side around it: two places are then
    1 or more apart, and no more than k are below k.

    >>> by_query(np.array([7.0, 3.0, 5.0]), np.array([2, 1])).tolist()
    [[3.0, 7.0], [5.0, inf]]
    >>> by_query(np.array([2.5, 2.5]), np.array([2])).tolist()  # among the places 0 to 5, or 1 to 4, or 2 and 3
    [[2.0, 3.0]]
    """
    columns = np.arange(n_targets.max(initial=0))
    ranks = np.full((len(n_targets), len(columns)), np.inf)
    ranks[columns < n_targets[:, None]] = places
    ranks.sort(axis=1)
    first, last = np.zeros_like(ranks, dtype=bool), np.zeros_like(ranks, dtype=bool)
    first[:, :1] = last[:, -1:] = True
    first[:, 1:] = last[:, :-1] = ranks[:, 1:] != ranks[:, :-1]
    starts = np.maximum.accumulate(np.where(first, columns, 0), axis=1)
    ends = np.minimum.accumulate(np.where(last, columns, len(columns))[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(ranks + columns - (starts + ends) / 2)


def evaluated(name: str, ranks: Values, n_targets: NDArray[np.int64]) -> Values:
    """The metric called `name`, such as "ndcg@10"; without "@k" the whole catalogue counts.

    Raises ValueError for a name that is not in METRICS, for "precision" and "clicks" without k, which have no
    meaning for a whole catalogue, and for "r_precision" with one, as its k is the number of targets.
    """
    metric, at, k = name.partition("@")
    if metric not in METRICS or (at and not (k.isdecimal() and int(k) > 0)):
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, alone or with @k, got {name!r}")
    if metric in _NEED_K and not at:
        raise ValueError(f"{metric} needs @k, as in {metric}@10, got {name!r}")
    if metric in _TAKE_NO_K and at:
        raise ValueError(f"{metric} takes no @k, got {name!r}")
    return METRICS[metric](ranks, n_targets, int(k) if at else np.iinfo(np.int64).max)
