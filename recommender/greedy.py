"""Greedy lists: candidates in order, from which each next song of a list is chosen by what stands in it already.

Many lists are built at once, a place at a time: arrays are (n, m), a row a list and a column a candidate, best first. A
list whose candidates run out before it can be told what comes next is marked, to be built anew from more.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.playlists import Playlists, Songs

REACH = 50  # candidates that may stand at a place among which variety chooses
_CELLS = 2**12  # candidates of all lists built at once: what they need stays in the cache
Columns = NDArray[np.int64]
Likeness = Callable[[Songs], Callable[[Columns], NDArray[np.float32]]]


@dataclass(frozen=True, eq=False)
class Rules:
    """What may stand in a list with what, and how far apart.

    artists : (n_songs,) the number of each song's artist; needed for `most` and `spacing` only
    versions : (n_songs,) a number that versions of a song share, of which a list has one; None if it may have all
    most : songs of an artist, at most; None for any number
    spacing : songs of others between two of an artist, and between a seed and one of its artist, at least
    variety : from 0, the candidates' order, to 1, unlikeness alone
    likeness : of (n, m) songs gives what, of (n,) columns, gives the (n, m) likeness of each song to its row's one;
        needed for variety only
    """

    artists: NDArray[np.int32] | None = None
    versions: NDArray[np.int32] | None = None
    most: int | None = None
    spacing: int = 0
    variety: float = 0.0
    likeness: Likeness | None = None


def walk(candidates: Songs, seeds: Playlists, rules: Rules, k: int) -> tuple[Columns, NDArray[np.bool_]]:
    """Columns (n, k) of the songs chosen, -1 after a list's end; (n,) whether more candidates could change it.

    candidates : (n, m) best first, ending in NO_SONG (-1) where there are no more
    seeds : n playlists that the lists follow

    Each place goes to the first candidate that may stand there; where none may, the list ends. With variety it goes to
    the greatest of (1 - variety) / log2(column + 2) - variety * likeness to the song in the list that is most like it,
    0 at least, among the first REACH that may: maximal marginal relevance (Carbonell & Goldstein 1998,
    doi:10.1145/290941.291025), with the worth of a place (Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418) as
    relevance.
    """
    n, m = candidates.shape
    chosen, short = np.full((n, k), -1), np.zeros(n, bool)
    step = max(1, _CELLS // max(m, 1))
    for start in range(0, n if m else 0, step):
        rows = slice(start, min(start + step, n))
        _walk(candidates[rows], seeds.slice(rows.start, rows.stop), rules, chosen[rows], short[rows])
    return chosen, short


def _walk(candidates: Songs, seeds: Playlists, rules: Rules, chosen: Columns, short: NDArray[np.bool_]) -> None:
    """`walk` of few rows, written into `chosen` and `short`."""
    state, window = _Lists(candidates, seeds, rules), REACH if rules.variety else 1
    endless = candidates[:, -1] >= 0
    for place in range(chosen.shape[1]):
        may = state.may_stand_at(place)
        short |= endless & (may.sum(axis=1) < window)
        some = may.any(axis=1)
        if not some.any():
            break
        best = state.best_of(may, window)
        chosen[some, place] = best[some]
        state.take(best, place)
        state.open[~some] = False


class _Lists:
    """Lists that grow: which candidates may still come, and from which place on."""

    def __init__(self, candidates: Songs, seeds: Playlists, rules: Rules) -> None:
        self.rules, self.rows, self.open = rules, np.arange(len(candidates)), candidates >= 0
        self.artists = None if rules.artists is None else rules.artists[candidates]
        self.versions = None if rules.versions is None else rules.versions[candidates]
        self.counts = np.zeros(candidates.shape, np.int32)  # songs of its artist in the list
        self.first = np.zeros(candidates.shape, np.int64)  # place from which on its artist may come
        self.worth = (1 - rules.variety) / np.log2(np.arange(candidates.shape[1], dtype=np.float32) + 2)
        self.nearest = np.zeros(candidates.shape, np.float32)  # likeness to the song in the list most like it
        self.likeness = rules.likeness(candidates) if rules.likeness else None
        for age in range(min(rules.spacing, int(seeds.lengths.max(initial=0)))):
            self._space_from(seeds, age)

    def _space_from(self, seeds: Playlists, age: int) -> None:
        """Keep the artists of the seeds that `age` others follow off the first places."""
        assert self.rules.artists is not None
        assert self.artists is not None
        rows = np.flatnonzero(seeds.lengths > age)
        artists = self.rules.artists[seeds.songs[seeds.offsets[rows + 1] - 1 - age]]
        least = np.where(self.artists[rows] == artists[:, None], self.rules.spacing - age, 0)
        self.first[rows] = np.maximum(self.first[rows], least)

    def may_stand_at(self, place: int) -> NDArray[np.bool_]:
        """(n, m) which candidates may."""
        return self.open & (self.first <= place) if self.rules.spacing else self.open.copy()

    def best_of(self, may: NDArray[np.bool_], window: int) -> Columns:
        """(n,) the column to choose; any where none may be."""
        if window == 1:
            return np.asarray(may.argmax(axis=1))
        near = may & (np.cumsum(may, axis=1) <= window)
        worth = np.where(near, self.worth - self.rules.variety * self.nearest, -np.inf)
        return np.asarray(worth.argmax(axis=1))

    def take(self, columns: Columns, place: int) -> None:
        """Let the songs of these columns stand at the place."""
        self.open[self.rows, columns] = False
        if self.artists is not None:
            same = self.artists == self.artists[self.rows, columns][:, None]
            self.counts += same
            self.first[same] = place + 1 + self.rules.spacing
            if self.rules.most is not None:
                self.open &= self.counts < self.rules.most
        if self.versions is not None:
            self.open &= self.versions != self.versions[self.rows, columns][:, None]
        if self.likeness:
            np.maximum(self.nearest, self.likeness(columns), out=self.nearest)
