"""Ordering: a cheap order of a few things, where the cost of a step depends on its direction.

From the order given and from always the cheapest next, segments are turned round (2-opt, Croes 1958,
doi:10.1287/opre.6.6.791) and neighbouring segments exchanged (as Or-opt, Or 1976, but of any length) as long as that is
cheaper; then the best is shaken a few times, and mended so (iterated local search). An exchange that gains has a step
that is cheaper than the old one from the same thing, so only those are tried.
"""

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]
Order = list[int]
Ring = NDArray[np.intp]
_SHAKEN = 2500  # things together that are put in order again; each is shaken once at most
_LEAST = 1e-9  # gain; less is rounding


def cheap_order(costs: Costs, *, keep_first: bool = False) -> Order:
    """An order of 0 to n - 1 that costs no more than that: a local minimum, not always the least.

    costs : (n, n) finite, of the step from a row to a column
    keep_first : 0 stays first

    >>> cheap_order(np.array([[0, 9, 1], [9, 0, 9], [9, 1, 0]]))
    [0, 2, 1]
    """
    n, rng = len(costs), np.random.default_rng(0)
    if n < 2:
        return [*range(n)]
    closed = np.pad(costs.astype(float), (0, 1))  # n closes the ring: a step to it, or from it, is free
    if keep_first:
        closed[n, 1:] = 1 + np.abs(costs).sum()
    starts = [np.arange(n), _eager(costs, 1 if keep_first else n)]
    best = min((_improved(closed, order) for order in starts), key=lambda order: _cost(costs, order))
    for _ in range(min(n, _SHAKEN // n)):
        again = _improved(closed, _shaken(best, int(keep_first), rng))
        best = min(best, again, key=lambda order: _cost(costs, order))
    order: Order = best.tolist()
    return order


def _shaken(order: Ring, fixed: int, rng: np.random.Generator) -> Ring:
    """The order with two neighbouring segments exchanged, wherever; the first `fixed` stay."""
    i, j, k = np.sort(rng.integers(fixed, len(order) + 1, 3))
    return np.concatenate([order[:i], order[j:k], order[i:j], order[k:]])


def _cost(costs: Costs, order: Ring) -> float:
    return float(costs[order[:-1], order[1:]].sum())


def _eager(costs: Costs, n_starts: int) -> Ring:
    """Always the cheapest next: the cheapest of such orders from each of the first things."""
    starts = np.arange(n_starts)
    orders, left = starts[:, None], np.ones((n_starts, len(costs)), dtype=bool)
    left[starts, starts] = False
    while orders.shape[1] < len(costs):
        chosen = np.where(left, costs[orders[:, -1]], np.inf).argmin(axis=1)
        left[starts, chosen] = False
        orders = np.column_stack([orders, chosen])
    return min(orders, key=lambda order: _cost(costs, order))


def _improved(costs: Costs, order: Ring) -> Ring:
    """The order after all changes that make it cheaper."""
    ring = np.append(order, len(order))
    unchanged = 0  # steps looked at since the last change
    while unchanged < len(ring):
        gain, changed = max(_turned(costs, ring), _exchanged(costs, ring), key=lambda found: found[0])
        ring, unchanged = (changed, 0) if gain > _LEAST else (np.roll(ring, -1), unchanged + 1)
    end = int(ring.argmax())
    return np.append(ring[end + 1 :], ring[:end])


def _turned(costs: Costs, ring: Ring) -> tuple[float, Ring]:
    """The best ring with its beginning turned round, and what that gains."""
    before, first, inner = ring[-1], ring[0], ring[:-1]
    last, after = ring[1:-1], ring[2:]
    onward, back = np.cumsum(costs[inner[:-1], inner[1:]]), np.cumsum(costs[inner[1:], inner[:-1]])
    gains = costs[before, first] + onward + costs[last, after] - costs[before, last] - back - costs[first, after]
    stop = 2 + int(gains.argmax())
    return float(gains[stop - 2]), np.append(ring[:stop][::-1], ring[stop:])


def _exchanged(costs: Costs, ring: Ring) -> tuple[float, Ring]:
    """The best ring with its beginning and the segment after it exchanged, and what that gains."""
    before, first = ring[-1], ring[0]
    won = costs[before, first] - costs[before, ring]
    cuts = 1 + np.flatnonzero(won[1:-1] > 0)  # where the second segment may begin
    if not len(cuts):
        return 0.0, ring
    closing = costs[ring[:-1], ring[1:]] - costs[ring[:-1], first]  # won by each end of the second
    joined = costs[ring[cuts - 1], ring[cuts]][:, None] - costs[ring[cuts - 1][:, None], ring[1:]]
    gains = np.where(np.arange(len(closing)) >= cuts[:, None], won[cuts][:, None] + joined + closing, -np.inf)
    row, end = np.unravel_index(gains.argmax(), gains.shape)
    cut, stop = int(cuts[row]), int(end) + 1
    return float(gains[row, end]), np.concatenate([ring[cut:stop], ring[:cut], ring[stop:]])
