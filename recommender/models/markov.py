"""Markov: what came right after the last song."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Playlists
from recommender.protocol import Scores, check_limits, masked


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
        follows = np.flatnonzero(playlists.positions > 0)
        pairs = playlists.songs[follows - 1], playlists.songs[follows]
        moves = sp.csr_array((np.ones(len(follows), np.float32), pairs), shape=(n_songs, n_songs))
        self.left_: NDArray[np.float32] = moves.sum(axis=1).astype(np.float32)
        self.moves_: sp.csr_array = moves
        self.share_: NDArray[np.float32] = (playlists.counts(n_songs) / max(playlists.n_plays, 1)).astype(np.float32)
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = self.share_ > 0
        last = seeds.keep(known[seeds.songs]).last(1)
        scores = np.zeros((len(seeds), len(known)), np.float32)
        rows = self.moves_[last.songs].toarray() + self.shrinkage * self.share_
        weights = (self.left_[last.songs] + self.shrinkage)[:, None]
        scores[last.lengths > 0] = np.where(weights > 0, rows / np.maximum(weights, 1e-9), self.share_)
        return masked(scores, seeds, known)
