"""Near-duplicates: playlists that hold nearly the same songs as another, found exactly.

Two playlists are compared as sets, by the Jaccard similarity |a ∩ b| / |a ∪ b|: order and repeats do not count. A
playlist with fewer than two distinct songs is nobody's near-duplicate: single songs are trivially equal.

All pairs above a threshold are found without comparing all, by prefix filtering (Chaudhuri et al. 2006,
doi:10.1109/ICDE.2006.9; Bayardo et al. 2007, doi:10.1145/1242572.1242591): with songs in order from the rarest to the
most played, two sets that share enough of their songs share one of their first few. Pairs that do are counted in
full. Equal sets are compared once for all.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Playlists

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Pairs = tuple[Ints, Ints, Floats]
_PRODUCTS = 2_000_000  # additions of one sparse product: bounds the candidates at a time
_SONGS = 4_000_000  # songs of the candidates that are counted in full at a time
_MARGIN = 1e-9  # bounds are taken this much lower, so that rounding loses no pair; the division decides


def nearest(playlists: Playlists, threshold: float, others: Playlists | None = None) -> Floats:
    """(n_playlists,) greatest Jaccard similarity of each playlist with another; 0 where none is above `threshold`.

    threshold : at least 0 and below 1; the lower, the slower
    others : compare with these only, such as held-out playlists with training ones

    >>> nearest(Playlists.of([[0, 1, 2], [2, 1], [7], [7]]), threshold=0.5).round(2).tolist()
    [0.67, 0.67, 0.0, 0.0]
    """
    n, both = len(playlists), playlists if others is None else _joined(playlists, others)
    sets, owners = _distinct(both)
    best = np.zeros(len(sets) + 1)  # the last is for playlists without a set
    if others is None:
        best[:-1] = np.bincount(owners, minlength=len(best))[:-1] > 1
        for one, other, jaccard in _pairs(sets, sets, threshold):
            np.maximum.at(best, one, jaccard)
            np.maximum.at(best, other, jaccard)
        return best[owners]
    left, right = (np.setdiff1d(side, len(sets)) for side in (owners[:n], owners[n:]))
    best[np.intersect1d(left, right)] = 1
    for one, _, jaccard in _pairs(sets.take(left), sets.take(right), threshold):
        np.maximum.at(best, left[one], jaccard)
    for _, one, jaccard in _pairs(sets.take(right), sets.take(left), threshold):
        np.maximum.at(best, left[one], jaccard)
    return best[owners[:n]]


def first_of_each(playlists: Playlists, threshold: float) -> NDArray[np.bool_]:
    """(n_playlists,) which to keep, so that no two kept have a Jaccard similarity above `threshold`.

    In the order given, a playlist is kept unless it is too near one kept before it.

    >>> first_of_each(Playlists.of([[0, 1], [1, 0, 2], [0, 1, 2, 3]]), threshold=0.6).tolist()
    [True, False, True]
    """
    sets, owners = _distinct(playlists)
    found = [np.stack([one, other]) for one, other, _ in _pairs(sets, sets, threshold)]
    earlier, later = np.sort(np.concatenate([np.zeros((2, 0), np.int64), *found], axis=1), axis=0)
    before = Playlists.joined(earlier[np.argsort(later, kind="stable")], np.bincount(later, minlength=len(sets)))
    kept = np.ones(len(sets), dtype=bool)
    for number in np.flatnonzero(before.lengths).tolist():
        kept[number] = not kept[before[number]].any()
    _, firsts = np.unique(owners, return_index=True)
    keep: NDArray[np.bool_] = owners == len(sets)
    keep[firsts[: len(sets)][kept]] = True
    return keep


def _joined(playlists: Playlists, others: Playlists) -> Playlists:
    songs = np.concatenate([playlists.songs, others.songs])
    return Playlists.joined(songs, np.concatenate([playlists.lengths, others.lengths]))


def _distinct(playlists: Playlists) -> tuple[Playlists, Ints]:
    """The distinct sets of two songs or more, by first appearance, and (n_playlists,) the number of each one's set.

    The number is one past the last where a playlist has no set. Songs become ranks, 0 the rarest, rising in a set.
    """
    once = playlists.keep(~playlists.repeats)
    ranks = np.argsort(np.argsort(once.counts(0), kind="stable"))[once.songs]
    ranked = Playlists(ranks[np.lexsort((ranks, once.owners))].astype(np.int32), once.offsets)
    long = np.flatnonzero(ranked.lengths > 1)
    numbers: dict[bytes, int] = {}
    found = [numbers.setdefault(ranked[i].tobytes(), len(numbers)) for i in long.tolist()]
    owners = np.full(len(ranked), len(numbers))
    owners[long] = found
    _, firsts = np.unique(found, return_index=True)
    return ranked.take(long[firsts]), owners


def _pairs(larger: Playlists, smaller: Playlists, threshold: float) -> Iterator[Pairs]:
    """All pairs of sets above the threshold: numbers in `larger` and in `smaller`, and the similarity.

    The first has at least as many songs as the second. Where `larger` is `smaller`, each pair comes once.
    """
    if not 0 <= threshold < 1:
        raise ValueError(f"threshold must be at least 0 and below 1, got {threshold}")
    by_size, too = (np.argsort(sets.lengths, kind="stable") for sets in (larger, smaller))
    same, larger, smaller = larger is smaller, larger.take(by_size), smaller.take(too)
    matrices = _matrices(larger, smaller)
    for left, right in _candidates(larger, smaller, threshold, same=same):
        sizes = larger.lengths[left] + smaller.lengths[right]
        shared = _shared(*matrices, left, right, sizes)
        jaccard = shared / (sizes - shared)
        found = jaccard > threshold
        yield by_size[left[found]], too[right[found]], jaccard[found]


def _candidates(larger: Playlists, smaller: Playlists, threshold: float, *, same: bool) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of sets, both in order of size, that hold all those above the threshold.

    Such a pair shares more than threshold · |larger| songs, and more than threshold / (1 + threshold) of the sum of
    both sizes.
    """
    least = threshold / (1 + threshold)
    starts, starts_too = _starts(larger, threshold), _starts(smaller, 2 * least)
    rows, columns = _matrices(starts, starts_too)
    ends, ends_too = (sets.songs[sets.offsets[1:] - 1] for sets in (starts, starts_too))
    rest, rest_too = larger.lengths - starts.lengths, smaller.lengths - starts_too.lengths
    products = np.append(0, np.cumsum(starts_too.counts(rows.shape[1])[starts.songs]))[starts.offsets]
    for begin, stop in _chunks(products, _PRODUCTS):
        shortest, longest = larger.lengths[[begin, stop - 1]]
        low = int(np.searchsorted(smaller.lengths, threshold * shortest - _MARGIN))
        high = int(np.searchsorted(smaller.lengths, longest, side="right"))
        shared = (rows[begin:stop] @ columns[low:high].T).tocoo()
        left, right = shared.row.astype(np.int64) + begin, shared.col.astype(np.int64) + low
        fits = right < left if same else smaller.lengths[right] <= larger.lengths[left]
        left, right, count = left[fits], right[fits], shared.data[fits]
        # a shared song that is not in both starts comes after the start that ends first
        possible = count + np.where(ends[left] < ends_too[right], rest[left], rest_too[right])
        fits = possible > least * (larger.lengths[left] + smaller.lengths[right]) - _MARGIN
        yield left[fits], right[fits]


def _starts(sets: Playlists, share: float) -> Playlists:
    """The first songs of each set, so many that more than `share` of the set cannot miss them all."""
    return sets.keep(sets.positions < (sets.lengths - np.floor(share * sets.lengths - _MARGIN))[sets.owners])


def _matrices(one: Playlists, other: Playlists) -> tuple[sp.csr_array, sp.csr_array]:
    """(n, n_songs) each: 1 where a set holds a song."""
    n_songs = 1 + int(max(one.songs.max(initial=0), other.songs.max(initial=0)))
    matrices = [
        sp.csr_array((np.ones(s.n_plays, np.int32), s.songs, s.offsets), shape=(len(s), n_songs)) for s in (one, other)
    ]
    return matrices[0], matrices[1]


def _shared(rows: sp.csr_array, columns: sp.csr_array, left: Ints, right: Ints, sizes: Ints) -> Ints:
    """How many songs each pair of sets shares."""
    pieces = [
        rows[left[begin:stop]].multiply(columns[right[begin:stop]]).sum(axis=1)
        for begin, stop in _chunks(np.append(0, np.cumsum(sizes)), _SONGS)
    ]
    return np.concatenate([np.zeros(0, np.int64), *pieces])


def _chunks(costs: Ints, budget: int) -> Iterator[tuple[int, int]]:
    """Stretches that cost at most `budget` each, or are one long; `costs` is cumulative and starts with 0."""
    begin = 0
    while begin < len(costs) - 1:
        stop = max(begin + 1, int(np.searchsorted(costs, costs[begin] + budget, side="right")) - 1)
        yield begin, stop
        begin = stop
