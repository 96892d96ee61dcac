"""Split: what a model learns from, and the questions that it is then asked.

Playlists are split whole: a song's neighbours in its own playlist must not be in training. Queries of one playlist
overlap, so they are kept as excerpts of it and copied only when they are asked.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.playlists import Excerpts, Playlists


@dataclass(frozen=True, eq=False)
class Split:
    """Training playlists and queries: `seeds[i]` asks, `targets[i]` answers; neither is empty.

    held_out : the playlists that the queries were taken from
    owners : (n_queries,) the held-out playlist of each query
    novel : (n_queries,) whether no target is among the seeds; where it is False the target is a repeat
    """

    train: Playlists
    held_out: Playlists
    seeds: Excerpts
    targets: Playlists
    owners: NDArray[np.int64]
    novel: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.seeds)

    def take(self, which: NDArray[np.integer] | NDArray[np.bool_]) -> "Split":
        """The queries numbered (or marked) in `which`, in that order."""
        targets = self.targets.take(which)
        return Split(self.train, self.held_out, self.seeds.take(which), targets, self.owners[which], self.novel[which])

    def sample(self, n: int, seed: int = 0) -> "Split":
        """At most `n` queries with novel targets, drawn evenly, and the same share of the repeats; kept in order."""
        rng = np.random.default_rng(seed)
        novel, repeats = (rng.permutation(np.flatnonzero(kind)) for kind in (self.novel, ~self.novel))
        share = min(n / max(len(novel), 1), 1)
        return self.take(np.sort(np.concatenate([novel[:n], repeats[: round(share * len(repeats))]])))


def hold_out(playlists: Playlists, fraction: float = 0.1, seed: int = 0) -> tuple[Playlists, Playlists]:
    """Playlists to learn from and playlists to ask about, split whole.

    `fraction` of the playlists with two songs or more is held out; shorter ones ask nothing, so all of
    them are learnt from. Raises ValueError if nothing would be held out.
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction must be above 0 and at most 1, got {fraction}")
    long = np.flatnonzero(playlists.lengths > 1)
    chosen = np.random.default_rng(seed).permutation(long)[: int(len(long) * fraction + 1e-9)]
    if not len(chosen):
        raise ValueError(f"fraction {fraction} of {len(long)} playlists with two songs or more holds none out")
    held_out = np.zeros(len(playlists), dtype=bool)
    held_out[chosen] = True
    return playlists.take(~held_out), playlists.take(held_out)


def next_song(train: Playlists, held_out: Playlists, *, repeats: bool = False) -> Split:
    """Every place of a held-out playlist whose song is new to it asks for that song, given all before it.

    repeats : ask for songs that are not new, too

    >>> split = next_song(Playlists.of([]), Playlists.of([[5, 7, 5, 6]]))
    >>> [s.tolist() for s in split.seeds], split.targets.songs.tolist()
    ([[5], [5, 7, 5]], [7, 6])
    """
    return _queries(train, held_out, held_out.positions > 0, repeats=repeats)


def last_song(train: Playlists, held_out: Playlists, *, repeats: bool = False) -> Split:
    """The last song of each held-out playlist is asked for, given all before it, where it is new to it.

    repeats : ask for songs that are not new, too
    """
    is_last = held_out.positions + 1 == held_out.lengths[held_out.owners]
    return _queries(train, held_out, is_last & (held_out.positions > 0), repeats=repeats)


def _queries(train: Playlists, held_out: Playlists, asked: NDArray[np.bool_], *, repeats: bool) -> Split:
    plays = np.flatnonzero(asked if repeats else asked & ~held_out.repeats)
    owners = held_out.owners[plays]
    targets = Playlists.joined(held_out.songs[plays], np.ones(len(plays), dtype=np.int64))
    seeds = Excerpts(held_out.songs, held_out.offsets[owners], plays)
    return Split(train, held_out, seeds, targets, owners, ~held_out.repeats[plays])


def second_half(train: Playlists, held_out: Playlists) -> Split:
    """The second half of each held-out playlist (the shorter one) is asked for, given the first.

    Targets are the distinct songs of the hidden half that the half shown has not; a playlist without any asks nothing.

    >>> split = second_half(Playlists.of([]), Playlists.of([[5, 7, 6, 7, 8]]))
    >>> [s.tolist() for s in split.seeds], [s.tolist() for s in split.targets]
    ([[5, 7, 6]], [[8]])
    """
    return _halves(train, held_out, held_out.positions)


def random_half(train: Playlists, held_out: Playlists, seed: int = 0) -> Split:
    """A random half of each held-out playlist is asked for, given the rest in play order; else as `second_half`."""
    drawn = np.random.default_rng(seed).random(held_out.n_plays)
    place = np.empty(held_out.n_plays, dtype=np.int64)
    place[np.lexsort((drawn, held_out.owners))] = held_out.positions
    return _halves(train, held_out, place)


def _halves(train: Playlists, held_out: Playlists, place: NDArray[np.int64]) -> Split:
    """The half of each playlist with the greatest `place` is hidden; place : (n_plays,) from 0 in each playlist."""
    shown = held_out.lengths - held_out.lengths // 2
    hidden = place >= shown[held_out.owners]
    order = np.lexsort((held_out.positions, hidden, held_out.owners))
    shown_first = Playlists(held_out.songs[order], held_out.offsets)
    targets = shown_first.keep(hidden[order] & ~shown_first.repeats)
    asking = np.flatnonzero(targets.lengths > 0)
    starts = shown_first.offsets[asking]
    seeds = Excerpts(shown_first.songs, starts, starts + shown[asking])
    return Split(train, held_out, seeds, targets.take(asking), asking, np.ones(len(asking), dtype=bool))
