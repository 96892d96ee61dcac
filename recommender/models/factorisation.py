"""Factorisation: a vector for each playlist and each song, whose product says whether the song belongs in it.

The library implicit learns them, imported by `fit` alone; it is an extra, `pip install playlist-recommender[implicit]`.
It runs on one thread, where the same seed gives the same bytes. A playlist that is asked was not there to learn: its
vector is found afterwards, by each model in its own way.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.errors import RecommenderError
from recommender.models.neighbours import membership
from recommender.models.vectors import mean_vector, unit
from recommender.playlists import Playlists
from recommender.protocol import MOST_SEED, Rows, Scores, Vectors, check_limits, masked, recency


@dataclass
class ALS:
    """Songs whose vectors suit that of the playlist, which is solved for anew from its latest seeds.

    Weighted least squares by turns, Hu, Koren & Volinsky 2008, doi:10.1109/ICDM.2008.22: every song that is not in a
    playlist counts as a no of weight 1.

    dim : length of the vectors
    regularisation : of the vectors' squared lengths
    confidence : weight of a song that is in the playlist
    epochs : times all vectors are solved for
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    seed : of the random numbers
    """

    dim: int = 64
    regularisation: float = 10.0
    confidence: float = 5.0
    epochs: int = 15
    context: int = 40
    decay: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        check_limits(self, dim=(1, 10**4), regularisation=(1e-6, 1e9), confidence=(1, 1e9), epochs=(1, 10**6))
        check_limits(self, context=(1, 10**9), decay=(0, 1), seed=(0, MOST_SEED))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        options = {"factors": self.dim, "regularization": self.regularisation, "alpha": self.confidence}
        learnt = _fitted("als", playlists, n_songs, self.epochs, self.seed, options)
        vars(self).pop("_gram", None)
        self.factors_: Vectors = learnt
        return self

    @property
    def vectors_(self) -> Vectors:
        """(n_songs, dim) unit rows, NaN for a song never played."""
        return self.placed(slice(None))

    def placed(self, songs: Rows | slice) -> Vectors:
        return unit(self.factors_[songs])

    def score(self, seeds: Playlists) -> Scores:
        known = ~np.isnan(self.factors_[:, 0])
        return masked(self.query(seeds) @ self.factors_.T, seeds, known)

    def query(self, seeds: Playlists) -> Vectors:
        heard = seeds.keep(~np.isnan(self.factors_[seeds.songs, 0]))
        query = self._folded(recency(heard, self.context, self.decay, len(self.factors_))).astype(np.float32)
        query[heard.lengths == 0] = np.nan
        return query

    def targets(self, songs: Rows) -> Vectors:
        return self.factors_[songs]

    def _folded(self, query: sp.csr_array) -> NDArray[np.float64]:
        """(n, dim): for each query the vector x that solves (Y'Y + r I + Y'(C - I)Y) x = Y'C1, C its confidences."""
        query.sum_duplicates()
        lengths = np.diff(query.indptr)
        rows = np.repeat(np.arange(len(lengths)), lengths)
        places = np.arange(len(rows)) - query.indptr[rows]
        confidence = np.zeros((len(lengths), lengths.max(initial=0)))
        confidence[rows, places] = query.data * self.confidence
        vectors = np.zeros((*confidence.shape, self.dim))  # (n, most seeds, dim)
        vectors[rows, places] = self.factors_[query.indices]
        more = vectors * (confidence - 1)[:, :, None]
        left = self._gram + more.transpose(0, 2, 1) @ vectors
        right = (confidence[:, None, :] @ vectors).transpose(0, 2, 1)
        return np.linalg.solve(left, right)[:, :, 0]

    @cached_property
    def _gram(self) -> NDArray[np.float64]:
        played = np.nan_to_num(self.factors_).astype(np.float64)
        gram: NDArray[np.float64] = played.T @ played + self.regularisation * np.eye(self.dim)
        return gram


@dataclass
class BPR:
    """Songs that rank before those that are not in the playlist, which is the mean vector of its latest seeds.

    Bayesian personalised ranking, Rendle et al. 2009, arXiv:1205.2618. A song's score is its vector times that mean,
    and its bias, how welcome it is in any playlist.

    dim : length of the vectors
    regularisation : of the vectors' squared lengths
    alpha : learning rate
    epochs : times as many songs are drawn as there are plays
    bias_weight : of a song's bias in its score
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    seed : of the random numbers
    """

    dim: int = 64
    regularisation: float = 0.0003
    alpha: float = 0.02
    epochs: int = 100
    bias_weight: float = 0.5
    context: int = 40
    decay: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        check_limits(self, dim=(1, 10**4), regularisation=(0, 1e9), alpha=(1e-9, 1), epochs=(1, 10**6))
        check_limits(self, bias_weight=(-9, 9), context=(1, 10**9), decay=(0, 1), seed=(0, MOST_SEED))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        options = {"factors": self.dim, "regularization": self.regularisation, "learning_rate": self.alpha}
        learnt = _fitted("bpr", playlists, n_songs, self.epochs, self.seed, options)
        self.factors_: Vectors = learnt[:, :-1].copy()
        self.biases_: NDArray[np.float32] = learnt[:, -1].copy()
        return self

    @property
    def vectors_(self) -> Vectors:
        """(n_songs, dim) unit rows, NaN for a song never played."""
        return self.placed(slice(None))

    def placed(self, songs: Rows | slice) -> Vectors:
        return unit(self.factors_[songs])

    def score(self, seeds: Playlists) -> Scores:
        known = ~np.isnan(self.biases_)
        query = self.query(seeds)
        return masked(query[:, :-1] @ self.factors_.T + query[:, -1:] * self.biases_, seeds, known)

    def query(self, seeds: Playlists) -> Vectors:
        weight = np.full((len(seeds), 1), self.bias_weight, np.float32)
        return np.hstack([mean_vector(seeds, self.factors_, self.context, self.decay), weight])

    def targets(self, songs: Rows) -> Vectors:
        return np.column_stack([self.factors_[songs], self.biases_[songs]])


def _fitted(name: str, playlists: Playlists, n_songs: int, epochs: int, seed: int, options: dict[str, Any]) -> Vectors:
    """(n_songs, dim or one more) the songs' vectors that a class of implicit learns, NaN for songs never played."""
    member = membership(playlists, n_songs)
    parts = member.data, member.indices.astype(np.int32), member.indptr.astype(np.int32)
    with threadpool_limits(1, "blas"):  # it warns of more threads, with which it is slower
        try:
            from implicit.cpu.als import AlternatingLeastSquares
            from implicit.cpu.bpr import BayesianPersonalizedRanking
        except ImportError as error:
            raise RecommenderError(
                f"{name} needs the library implicit: pip install playlist-recommender[implicit]"
            ) from error
        kind = {"als": AlternatingLeastSquares, "bpr": BayesianPersonalizedRanking}[name]
        model = kind(num_threads=1, iterations=epochs, random_state=seed, **options)
        model.fit(sp.csr_matrix(parts, shape=member.shape), show_progress=False)
    factors: Vectors = model.item_factors
    return np.where((playlists.counts(n_songs) > 0)[:, None], factors, np.float32(np.nan))
