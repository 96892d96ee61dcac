"""Significance: how sure a mean over queries is, and which of several are told apart.

The queries of a playlist resemble one another, so 1,000 queries of 100 playlists say less than 1,000 playlists
would. Hence playlists, not queries, are what is drawn or swapped, and every array here has a row a playlist:
what its queries come to together. A column is whatever is measured, such as a model or a difference of two; all
columns share the same draws, which makes them comparable draw by draw.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_CELLS = 2_000_000  # draws times playlists at once, 8 bytes each a few times over; small products make threads wait
_LEAST_ROWS = 64  # a product of few rows takes as long as one of many
_ROUNDING = 1e-12

Values = NDArray[np.float64]


def bootstrap(sums: Values, counts: NDArray[np.int64], draws: int = 10_000, seed: int = 0) -> Values:
    """Means over all queries of playlists drawn with replacement, as many as there are.

    sums : (n_playlists, c) total of a value over the queries of each playlist
    counts : (n_playlists, c), or (n_playlists, 1) for all columns, how many queries each total is of; may be 0
    Returns (draws, c), NaN where no drawn playlist has a query. Columns alike have draws alike, to the last bit.

    Field & Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x, the cluster bootstrap.
    """
    distinct, places = _distinct(np.hstack([sums, counts]))
    drawn = np.concatenate([weights @ distinct for weights in _weights(len(sums), draws, seed)])[:, places]
    totals, queries = np.split(drawn, [sums.shape[1]], axis=1)
    means = np.full(totals.shape, np.nan)
    np.divide(totals, queries, out=means, where=queries > 0)
    return means


def interval(drawn: Values) -> tuple[Values, Values]:
    """Ends of the 95 % percentile interval of each column, (c,) each.

    A NaN is left out; both ends are NaN where all draws are.
    """
    ends = np.full((2, drawn.shape[1]), np.nan)
    known = ~np.isnan(drawn).all(axis=0)
    ends[:, known] = np.nanquantile(drawn[:, known], [0.025, 0.975], axis=0)
    return ends[0], ends[1]


def randomisation(differences: Values, draws: int = 10_000, seed: int = 0) -> Values:
    """Two-sided p (c,) of a paired randomisation test: how often chance alone makes a sum as far from 0.

    differences : (n_playlists, c) total over the queries of each playlist of value a less value b

    If a and b were alike, swapping them within a playlist would change nothing, so each draw turns the sign of
    each playlist with probability 1/2. What was observed counts as one more draw: p is at least 1 / (1 + draws),
    and 1 where all differences are 0.

    Fisher 1935, The Design of Experiments; Smucker, Allan & Carterette 2007, doi:10.1145/1321440.1321528.
    """
    observed = differences.sum(axis=0)
    least = np.abs(observed) - _ROUNDING * np.abs(differences).sum(axis=0)  # equal sums may be rounded apart
    extreme = np.ones(differences.shape[1])
    for turned in _coins(len(differences), draws, seed):
        extreme += np.sum(np.abs(observed - 2 * (turned @ differences)) >= least, axis=0)
    return np.asarray(extreme / (1 + draws))


def holm(p: Values) -> Values:
    """The p-values adjusted for how many they are, in the same shape: each then stands on its own.

    Holm 1979, www.jstor.org/stable/4615733, the step-down Bonferroni.

    >>> holm(np.array([0.04, 0.01, 0.03])).round(2).tolist()  # 3 * 0.01, 2 * 0.03, and no less than that
    [0.06, 0.03, 0.06]
    """
    order = np.argsort(p, axis=None)
    stepped = p.flat[order] * np.arange(p.size, 0, -1)
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted.reshape(p.shape)


def letters(different: NDArray[np.bool_]) -> list[str]:
    """Compact letter display: two things share a letter exactly where they are not different.

    different : (n, n) symmetric, of things given best first
    Returns the letters of each thing, in order; "a" is a group of the best. After "z" come "a1" to "z1", "a2" and
    so on, each a letter and its number, so that "za1" is "z" and "a1". Every group is as large as it can be.

    Piepho 2004, doi:10.1198/1061860043515, insert and absorb.

    >>> letters(np.array([[False, False, True], [False, False, False], [True, False, False]]))  # first and last differ
    ['a', 'ab', 'b']
    """
    groups = {frozenset(range(len(different)))}
    for i, j in np.argwhere(np.triu(different, 1)).tolist():
        groups = _absorbed({part for group in groups for part in _parted(group, i, j)})
    ordered = sorted(map(sorted, groups))
    names = [chr(ord("a") + g % 26) + (str(g // 26) if g >= 26 else "") for g in range(len(ordered))]
    return [
        "".join(name for name, group in zip(names, ordered, strict=True) if thing in group)
        for thing in range(len(different))
    ]


def _distinct(values: Values) -> tuple[Values, list[int]]:
    """The columns (n, d) without repeats, and where among them each column is."""
    seen: dict[bytes, int] = {}
    places = [seen.setdefault(column.tobytes(), len(seen)) for column in values.T]
    return values[:, np.unique(places, return_index=True)[1]], places


def _weights(n: int, draws: int, seed: int) -> Iterator[Values]:
    """Blocks (rows, n) of how often each of n playlists is drawn."""
    rng = np.random.default_rng(seed)
    for rows in _blocks(n, draws):
        drawn = rng.integers(n, size=(rows, n))
        drawn += n * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def _coins(n: int, draws: int, seed: int) -> Iterator[Values]:
    """Blocks (rows, n) of 0 or 1, either with probability 1/2."""
    rng = np.random.default_rng(seed)
    for rows in _blocks(n, draws):
        packed = rng.integers(256, size=(rows, -(-n // 8)), dtype=np.uint8)
        yield np.unpackbits(packed, axis=1, count=n).astype(np.float64)


def _blocks(n: int, draws: int) -> list[int]:
    rows = max(_LEAST_ROWS, _CELLS // n)
    return [min(rows, draws - start) for start in range(0, draws, rows)]


def _parted(group: frozenset[int], i: int, j: int) -> tuple[frozenset[int], ...]:
    """The group, or where it holds both `i` and `j`, the group without either."""
    return (group - {i}, group - {j}) if {i, j} <= group else (group,)


def _absorbed(groups: set[frozenset[int]]) -> set[frozenset[int]]:
    """The groups that are not part of another."""
    return {group for group in groups if not any(group < other for other in groups)}
