"""Ordering: a cheap order of a few things, where the cost of a step depends on its direction.

From the order given, from always the cheapest next and from some drawn at random, segments are turned round (2-opt,
Croes 1958, doi:10.1287/opre.6.6.791) and neighbouring segments exchanged (as Or-opt, Or 1976, but of any length) as
long as that is cheaper.
"""

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]
Order = list[int]
_DRAWN, _MOST = 8, 400  # orders drawn at random, fewer where they hold more together
_LEAST = 1e-9  # gain; less is rounding


def cheap_order(costs: Costs, *, keep_first: bool = False) -> Order:
    """An order of 0 to n - 1 that costs no more than that: a local minimum, not always the least.

    costs : (n, n) finite, of the step from a row to a column
    keep_first : 0 stays first

    >>> cheap_order(np.array([[0, 9, 1], [9, 0, 9], [9, 1, 0]]))
    [0, 2, 1]
    """
    n, fixed = len(costs), int(keep_first)
    rng, eager = np.random.default_rng(0), (_eager(costs, start) for start in range(1 if keep_first else n))
    drawn = [[*range(fixed), *rng.permutation(np.arange(fixed, n)).tolist()] for _ in range(min(_DRAWN, _MOST // n))]
    starts = [list(range(n)), min(eager, key=lambda order: _cost(costs, order)), *drawn]
    padded = np.pad(costs, (0, 1))  # a step to n, or from it, is free: it stands before the first and after the last
    return min((_improved(padded, order, fixed) for order in starts), key=lambda order: _cost(costs, order))


def _cost(costs: Costs, order: Order) -> float:
    return float(costs[order[:-1], order[1:]].sum())


def _eager(costs: Costs, start: int) -> Order:
    """Always the cheapest next."""
    order, left = [start], np.ones(len(costs), dtype=bool)
    left[start] = False
    while left.any():
        order.append(int(np.where(left, costs[order[-1]], np.inf).argmin()))
        left[order[-1]] = False
    return order


def _improved(costs: Costs, order: Order, fixed: int) -> Order:
    """The order after all changes that make it cheaper; the first `fixed` stay."""
    better = True
    while better:
        better = False
        for i in range(fixed, len(order) - 1):
            gain, changed = max(_turned(costs, order, i), _exchanged(costs, order, i))
            if gain > _LEAST:
                order, better = changed, True
    return order


def _turned(costs: Costs, order: Order, i: int) -> tuple[float, Order]:
    """The best order with a segment that starts at `i` turned round, and what it gains."""
    path = np.array([*order, len(order)])
    before, first, inner = path[i - 1], path[i], path[i:-1]  # path[-1] is the free one
    last, after = path[i + 1 : -1], path[i + 2 :]
    onward, back = np.cumsum(costs[inner[:-1], inner[1:]]), np.cumsum(costs[inner[1:], inner[:-1]])
    gains = costs[before, first] + onward + costs[last, after] - costs[before, last] - back - costs[first, after]
    best = int(gains.argmax())
    stop = i + 2 + best
    return float(gains[best]), [*order[:i], *order[i:stop][::-1], *order[stop:]]


def _exchanged(costs: Costs, order: Order, i: int) -> tuple[float, Order]:
    """The best order with a segment that starts at `i` and the one after it exchanged, and what it gains."""
    path = np.array([*order, len(order)])
    before, first = path[i - 1], path[i]
    ends, starts = path[i:-2, None], path[i + 1 : -1, None]  # of the first segment, of the second
    lasts, afters = path[i + 1 : -1], path[i + 2 :]  # of the second, and what comes after it
    old = costs[before, first] + costs[ends, starts] + costs[lasts, afters]
    gains = np.triu(old - costs[before, starts] - costs[lasts, first] - costs[ends, afters])
    row, column = np.unravel_index(gains.argmax(), gains.shape)
    middle, stop = i + 1 + int(row), i + 2 + int(column)
    return float(gains[row, column]), [*order[:i], *order[middle:stop], *order[i:middle], *order[stop:]]
