"""EASE: how much each song speaks for each other one, all at once, by one matrix inverse."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.errors import ParameterError, RecommenderError
from recommender.models.neighbours import membership
from recommender.playlists import Playlists
from recommender.protocol import Scores, check_limits, masked, recency

_MOST_SONGS = 20_000  # played songs: 3.2 GB while it learns
_CELLS = 2**24  # cells of the inverse that are gone through at once


@dataclass
class EASE:
    """Songs that the seeds speak for, where each song's part in a playlist is predicted from all others.

    Embarrassingly shallow autoencoder, Steck 2019, arXiv:1905.03375: the weights B of least squares with a zero
    diagonal are -P / diag(P), P the inverse of X'X + regularisation. It learns in memory of 8 bytes for each pair of
    played songs, and refuses more than 20,000 of them.

    regularisation : added to the diagonal; the more, the closer to counting
    length : a playlist weighs 1 / length ** length
    neighbours : how many weights of each song are kept, the greatest by size
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    """

    regularisation: float = 50.0
    length: float = 0.5
    neighbours: int = 500
    context: int = 40
    decay: float = 0.95

    def __post_init__(self) -> None:
        check_limits(self, regularisation=(1e-3, 1e9), length=(0, 9), neighbours=(1, 10**9))
        check_limits(self, context=(1, 10**9), decay=(0, 1))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        played = np.flatnonzero(self.plays_)
        if len(played) > _MOST_SONGS:
            raise RecommenderError(
                f"ease inverts a table of all played songs, at most {_MOST_SONGS:,}, got {len(played):,}; "
                "take another model, or drop rare songs"
            )
        short = np.maximum(playlists.lengths, 1.0) ** (-self.length / 2)
        member = sp.csr_array(sp.diags_array(short) @ membership(playlists, n_songs)[:, played])
        self.weights_: sp.csr_array = self._sparse(self._inverse(member), played, n_songs)
        return self

    def _inverse(self, member: sp.csr_array) -> NDArray[np.float32]:
        """(n_played, n_played): the lower triangle of P, in place of the table that it is the inverse of."""
        gram: NDArray[np.float32] = (member.T @ member).astype(np.float32).toarray(order="F")
        gram[np.diag_indices_from(gram)] += np.float32(self.regularisation)
        if not gram.size:
            return gram
        from scipy.linalg.lapack import spotrf, spotri  # which takes a tenth of a second, and is not needed to score

        factor, failed = spotrf(gram, lower=1, overwrite_a=1)
        if failed:
            raise ParameterError(
                f"ease: regularisation must be greater for so many playlists so alike, got {self.regularisation}"
            )
        inverse: NDArray[np.float32] = spotri(factor, lower=1, overwrite_c=1)[0]
        return inverse

    def _sparse(self, inverse: NDArray[np.float32], played: NDArray[np.int64], n_songs: int) -> sp.csr_array:
        """The greatest weights of each song, (n_songs, n_songs).

        inverse : (n_played, n_played), the lower triangle
        """
        empty: Any = sp.csr_array((0, n_songs), dtype=np.float32)
        parts = [empty]
        step = max(1, _CELLS // max(len(played), 1))
        for start in range(0, len(played), step):
            rows = slice(start, min(start + step, len(played)))
            block = np.tril(inverse[rows], start) + np.triu(inverse[:, rows].T, start + 1)
            block /= -inverse.diagonal()
            block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = 0
            if self.neighbours < len(played):
                sizes = np.abs(block)
                block[sizes < -np.partition(-sizes, self.neighbours - 1)[:, [self.neighbours - 1]]] = 0
            row, column = np.nonzero(block)
            parts.append(sp.csr_array((block[row, column], (row, played[column])), shape=(len(block), n_songs)))
        lengths = np.zeros(n_songs, np.int64)
        kept = sp.csr_array(sp.vstack(parts, format="csr"))
        lengths[played] = np.diff(kept.indptr)
        ends = np.concatenate([[0], np.cumsum(lengths)])
        return sp.csr_array((kept.data, kept.indices, ends), shape=(n_songs, n_songs))

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        query = recency(seeds.keep(known[seeds.songs]), self.context, self.decay, len(known))
        return masked((query @ self.weights_).toarray(), seeds, known)
