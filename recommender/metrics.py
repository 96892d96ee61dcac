"""Metrics: how good the places of the targets are, a value a query.

Each takes

    ranks      (n, m) places of a query's targets among all songs, 0 for the best, ascending; inf where a
               target cannot be recommended and where a query has fewer than m targets. A tie has its
               expected place, which may lie halfway between two.
    n_targets  (n,) how many targets each query has, at least 1

and returns (n,) values from 0 to 1. A target counts as found within k where its place is below k. With one
target a query, as in next-song prediction, recall is the hit rate.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Metric = Callable[[Values, NDArray[np.int64], int], Values]


def hit_rate(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """1 where any target is within k, else 0 (HR@k)."""
    return np.asarray(np.any(ranks < k, axis=1), dtype=np.float64)


def recall(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """Share of the targets within k."""
    return np.asarray(np.sum(ranks < k, axis=1) / n_targets)


def mrr(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """1 / (place + 1) of the best target if it is within k, else 0 (Voorhees, TREC-8, 1999)."""
    best = ranks[:, 0]
    return np.where(best < k, 1 / (best + 1), 0)


def ndcg(ranks: Values, n_targets: NDArray[np.int64], k: int) -> Values:
    """Discounted gain 1 / log2(place + 2) of the targets within k, against that of a perfect list.

    Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418, with gains of 0 and 1.
    """
    gains = np.where(ranks < k, 1 / np.log2(ranks + 2), 0).sum(axis=1)
    ideal = np.cumsum(1 / np.log2(np.arange(min(k, ranks.shape[1])) + 2))
    return np.asarray(gains / ideal[np.minimum(n_targets, len(ideal)) - 1])


METRICS: dict[str, Metric] = {"hit_rate": hit_rate, "recall": recall, "mrr": mrr, "ndcg": ndcg}


def by_query(places: Values, n_targets: NDArray[np.int64]) -> Values:
    """(n, m) places of each query's targets, ascending and padded with inf, from one array of all.

    >>> by_query(np.array([7.0, 3.0, 5.0]), np.array([2, 1])).tolist()
    [[3.0, 7.0], [5.0, inf]]
    """
    columns = np.arange(n_targets.max(initial=0))
    ranks = np.full((len(n_targets), len(columns)), np.inf)
    ranks[columns < n_targets[:, None]] = places
    return np.sort(ranks, axis=1)


def evaluated(name: str, ranks: Values, n_targets: NDArray[np.int64]) -> Values:
    """The metric called `name`, such as "ndcg@10"; without "@k" the whole catalogue counts.

    Raises ValueError for a name that is not in METRICS.
    """
    metric, at, k = name.partition("@")
    if metric not in METRICS or (at and not (k.isdecimal() and int(k) > 0)):
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, alone or with @k, got {name!r}")
    return METRICS[metric](ranks, n_targets, int(k) if at else np.iinfo(np.int64).max)
