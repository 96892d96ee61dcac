"""Markov chains: what came right after the last song, after the last few in a row, or so many songs after each.

All are counts. `Backoff` knows runs of songs as states: state 0 is the empty run, and the run that begins with song `a`
and goes on as run `s` has the key `s * n_songs + a`. The sorted keys are what is learnt: state `i` is `keys_[i - 1]`.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.models.neighbours import met
from recommender.playlists import Playlists
from recommender.protocol import Scores, ages, check_limits, masked


@dataclass
class Markov:
    """First-order Markov chain, shrunk to popularity.

    P(next | last) = (n(last, next) + shrinkage * share(next)) / (n(last) + shrinkage), that is, Dirichlet
    smoothing with a unigram prior (MacKay & Bauman Peto, 1995, doi:10.1017/S1351324900000218).

    shrinkage : how many transitions the prior is worth
    """

    shrinkage: float = 5.0

    def __post_init__(self) -> None:
        check_limits(self, shrinkage=(0, 1e9))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.learn(transitions(playlists, n_songs), playlists.counts(n_songs))
        return self

    def learn(self, moves: sp.csr_array, plays: NDArray[np.int64]) -> None:
        """Take the counts, wherever they were made.

        moves : (n_songs, n_songs) how often the one came right before the other
        plays : (n_songs,)
        """
        self.left_: NDArray[np.float32] = moves.sum(axis=1).astype(np.float32)
        self.moves_: sp.csr_array = moves.astype(np.float32)
        self.share_: NDArray[np.float32] = (plays / max(plays.sum(), 1)).astype(np.float32)

    def score(self, seeds: Playlists) -> Scores:
        known = self.share_ > 0
        last = seeds.keep(known[seeds.songs]).last(1)
        scores = np.zeros((len(seeds), len(known)), np.float32)
        rows = self.moves_[last.songs].toarray() + self.shrinkage * self.share_
        weights = (self.left_[last.songs] + self.shrinkage)[:, None]
        scores[last.lengths > 0] = np.where(weights > 0, rows / np.maximum(weights, 1e-9), self.share_)
        return masked(scores, seeds, known)


def transitions(playlists: Playlists, n_songs: int) -> sp.csr_array:
    """(n_songs, n_songs): how often a song came right after another.

    >>> transitions(Playlists.of([[0, 1, 0, 1]]), 2).toarray().tolist()
    [[0.0, 2.0], [1.0, 0.0]]
    """
    earlier, later, steps = playlists.pairs(1)
    return sp.csr_array((np.ones(len(steps), np.float64), (earlier, later)), shape=(n_songs, n_songs))


@dataclass
class Backoff:
    """Markov chain of the last few songs in a row, falling back on fewer where they are rare or new.

    P(next | run) = (n(run, next) + t(run) * P(next | run without its first song)) / (n(run) + t(run)), t the number of
    songs that ever came next, ending in the song's share of all plays: Witten-Bell smoothing (Chen & Goodman 1999,
    doi:10.1006/csla.1999.0128). Kneser-Ney was no better on playlists. Scores are probabilities.

    order : how many of the latest seeds make a run, at most
    """

    order: int = 3

    def __post_init__(self) -> None:
        check_limits(self, order=(1, 100))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        songs, positions = playlists.songs.astype(np.int64), playlists.positions
        before = np.zeros(len(songs), np.int64)  # the state of the run before each play, one song longer each round
        keys, states, followers, n_states = [np.zeros(0, np.int64)], [before.copy()], [songs], 1
        for length in range(1, self.order + 1):
            plays = np.flatnonzero(positions >= length)
            found, which = np.unique(before[plays] * n_songs + songs[plays - length], return_inverse=True)
            before[plays] = n_states + which
            n_states += len(found)
            keys, states, followers = [*keys, found], [*states, before[plays]], [*followers, songs[plays]]
        self.keys_: NDArray[np.int64] = np.concatenate(keys)
        pairs = np.concatenate(states), np.concatenate(followers)
        nexts = sp.csr_array((np.ones(len(pairs[0]), np.float32), pairs), shape=(n_states, n_songs))
        nexts.sum_duplicates()
        self.nexts_: sp.csr_array = nexts
        self.totals_: NDArray[np.float32] = nexts.sum(axis=1).astype(np.float32)
        return self

    def score(self, seeds: Playlists) -> Scores:
        share = self.nexts_[[0]].toarray()[0] / max(self.totals_[0], 1)
        known = share > 0
        asked = seeds.keep(known[seeds.songs])
        scores = np.tile(share, (len(seeds), 1)).astype(np.float32)
        rows, states = np.arange(len(seeds)), np.zeros(len(seeds), np.int64)
        for length in range(1, self.order + 1):
            rows, states = self._longer(asked, length, rows, states)
            kinds = np.diff(self.nexts_.indptr)[states].astype(np.float32)[:, None]
            totals = self.totals_[states][:, None]
            scores[rows] = (self.nexts_[states].toarray() + kinds * scores[rows]) / (totals + kinds)
        return masked(scores, seeds, known)

    def _longer(
        self, asked: Playlists, length: int, rows: NDArray[np.int64], states: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of the queries in `rows`, whose last seeds but one are in `states`, those whose last `length` are known."""
        long = asked.lengths[rows] >= length
        rows, states = rows[long], states[long]
        keys = states * self.nexts_.shape[1] + asked.songs[asked.offsets[1:][rows] - length]
        found = np.searchsorted(self.keys_, keys)
        there = np.append(self.keys_, -1)[found] == keys
        return rows[there], found[there] + 1


@dataclass
class SkipMarkov:
    """Songs that came as far after each of the last seeds as the next one will, or nearly so.

    The seed `a` songs before the last is asked for what came `d` songs after it, with the weight
    decay ** a * exp(-|d - a - 1| / spread) / plays ** rarity: Markov chains that skip songs, added up, where the
    distance need not be exact.

    context : how many of the latest seeds are asked
    decay : weight of a seed against the one after it
    spread : songs over which the weight falls to 1 / e, as the distance goes wrong
    reach : how wrong the distance may be
    rarity : a seed weighs 1 / plays ** rarity
    """

    context: int = 20
    decay: float = 0.95
    spread: float = 2.0
    reach: int = 4
    rarity: float = 0.5

    def __post_init__(self) -> None:
        check_limits(self, context=(1, 1000), decay=(0, 1), spread=(1e-3, 1e9), reach=(0, 1000), rarity=(0, 9))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        earlier, later, steps = playlists.pairs(self.context + self.reach)
        pairs = n_songs * (steps - 1) + earlier, later
        ones, furthest = np.ones(len(steps), np.float32), int(steps.max(initial=1))
        self.after_: sp.csr_array = sp.csr_array((ones, pairs), shape=(n_songs * furthest, n_songs))
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        recent = seeds.keep(known[seeds.songs]).last(self.context)
        age = ages(recent)[:, None]
        steps = age + 1 + np.arange(-self.reach, self.reach + 1)  # (n_plays, 2 * reach + 1)
        rare = np.maximum(self.plays_[recent.songs], 1.0)[:, None] ** -self.rarity
        weights = (self.decay**age * rare * np.exp(-np.abs(steps - age - 1) / self.spread)).astype(np.float32)
        there = (steps >= 1) & (steps <= self.after_.shape[0] // len(known))
        cells = (steps - 1) * len(known) + recent.songs[:, None]
        rows = np.broadcast_to(recent.owners[:, None], steps.shape)
        shape = len(seeds), self.after_.shape[0]
        query = sp.csr_array((weights[there], (rows[there], cells[there])), shape=shape)
        return masked(met((query @ self.after_).toarray()), seeds, known)
