"""Split: what a model learns from, and the questions that it is then asked.

Playlists are split whole: a song's neighbours in its own playlist must not be in training.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.playlists import Playlists


@dataclass(frozen=True, eq=False)
class Split:
    """Training playlists and queries: `seeds[i]` asks, `targets[i]` answers.

    owners : (n_queries,) the held-out playlist that each query was taken from

    Neither seeds nor targets of a query are empty, and no target is among its seeds.
    """

    train: Playlists
    seeds: Playlists
    targets: Playlists
    owners: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.seeds)

    def sample(self, n: int, seed: int = 0) -> "Split":
        """At most `n` queries, drawn evenly and kept in order."""
        which = np.sort(np.random.default_rng(seed).permutation(len(self))[:n])
        return Split(self.train, self.seeds.take(which), self.targets.take(which), self.owners[which])


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


def next_song(train: Playlists, held_out: Playlists) -> Split:
    """Every place of a held-out playlist whose song is new to it asks for that song, given all before it.

    >>> split = next_song(Playlists.of([]), Playlists.of([[5, 7, 5, 6]]))
    >>> [s.tolist() for s in split.seeds], split.targets.songs.tolist()
    ([[5], [5, 7, 5]], [7, 6])
    """
    return _queries(train, held_out, np.flatnonzero((held_out.positions > 0) & ~held_out.repeats))


def last_song(train: Playlists, held_out: Playlists) -> Split:
    """The last song of each held-out playlist is asked for, given all before it, where it is new to it."""
    split = next_song(train, held_out)
    is_last = split.seeds.lengths + 1 == held_out.lengths[split.owners]
    return Split(train, split.seeds.take(is_last), split.targets.take(is_last), split.owners[is_last])


def _queries(train: Playlists, held_out: Playlists, plays: NDArray[np.int64]) -> Split:
    owners, lengths = held_out.owners[plays], held_out.positions[plays]
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    seeds = held_out.songs[np.repeat(held_out.offsets[owners], lengths) + within]
    targets = Playlists.joined(held_out.songs[plays], np.ones(len(plays), dtype=np.int64))
    return Split(train, Playlists.joined(seeds, lengths), targets, owners)


PROTOCOLS = {"next": next_song, "last": last_song}
