"""spectral: song2vec's two vectors in closed form, from the counts of what is played near what.

Skip-gram with negative sampling factorises the pointwise mutual information of songs and their neighbours (Levy &
Goldberg 2014, NeurIPS 27). Here that matrix is counted and factorised directly: its positive part, with smoothed counts
and near plays weighing most, by a truncated SVD (Levy, Goldberg & Dagan 2015, doi:10.1162/tacl_a_00134; randomised:
Halko, Martinsson & Tropp 2011, doi:10.1137/090771806). It answers the same questions as song2vec, in seconds.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.models.svd import Dealt, Matrix, truncated_svd
from recommender.models.vectors import mean_vector, products, unit, where_known
from recommender.playlists import Playlists
from recommender.protocol import MOST_SEED, Rows, Scores, Vectors, check_limits


@dataclass
class Spectral:
    """Truncated SVD of the positive pointwise mutual information of songs played near one another.

    Levy, Goldberg & Dagan 2015, doi:10.1162/tacl_a_00134.

    dim : length of the vectors
    window : songs on either side that count as context
    falloff : weight of a song in the window against the one before it
    smoothing : context songs count as plays ** smoothing; below 1 lowers rare ones
    shift : added to the mutual information before its negative part is cut off
    iterations : of the randomised SVD; more are more exact
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    seed : of the random numbers
    """

    dim: int = 320
    window: int = 10
    falloff: float = 0.9
    smoothing: float = 0.5
    shift: float = 1.0
    iterations: int = 2
    context: int = 50
    decay: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        check_limits(self, dim=(1, 10**9), window=(1, 10**4), falloff=(0, 1), smoothing=(0, 9), shift=(-99, 99))
        check_limits(self, iterations=(0, 10**4), context=(1, 10**9), decay=(0, 1), seed=(0, MOST_SEED))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        near = near_plays(playlists, n_songs, self.window, self.falloff)
        stood = np.diff(near.indptr) > 0
        met, numbers = np.flatnonzero(stood), (np.cumsum(stood) - 1).astype(near.indices.dtype)
        starts = np.append(near.indptr[met], near.indptr[-1])  # rows without entries fall away
        among = sp.csr_array((near.data, numbers[near.indices], starts), shape=(len(met), len(met)))
        self.learn(Dealt(positive_information(among, self.smoothing, self.shift)), met, n_songs)
        return self

    def learn(self, information: Matrix, met: NDArray[np.intp], n_songs: int) -> None:
        """Take the factors of the information that the songs `met` have of one another, wherever that was counted."""
        self.inputs_, self.outputs_ = np.full((2, n_songs, self.dim), np.nan, np.float32)
        if len(met):
            rank = min(self.dim, len(met))
            left, values, right = truncated_svd(information, rank, self.iterations, self.seed)
            self.inputs_[met], self.outputs_[met] = 0, 0  # and stay so in columns that the matrix has no rank for
            self.inputs_[met, :rank] = left * np.sqrt(values)
            self.outputs_[met, :rank] = right.T * np.sqrt(values)

    @property
    def vectors_(self) -> Vectors:
        """(n_songs, dim) unit rows, NaN for a song that never stood beside another."""
        return self.placed(slice(None))

    def placed(self, songs: Rows | slice) -> Vectors:
        return unit(self.inputs_[songs])

    def targets(self, songs: Rows) -> Vectors:
        return self.outputs_[songs]

    def query(self, seeds: Playlists) -> Vectors:
        return mean_vector(seeds, self.inputs_, self.context, self.decay)

    def score(self, seeds: Playlists) -> Scores:
        return where_known(products(self.query(seeds), self.outputs_))


def near_plays(playlists: Playlists, n_songs: int, window: int, falloff: float) -> sp.csr_array:
    """(n_songs, n_songs): how often two songs stood within `window` of one another; one step further weighs `falloff`.

    The weights have 24 bits and are summed in 53, so that the sums are the same in any order.

    >>> near_plays(Playlists.of([[0, 1, 2]]), 3, window=2, falloff=0.5).toarray().tolist()
    [[0.0, 1.0, 0.5], [1.0, 0.0, 1.0], [0.5, 1.0, 0.0]]
    """
    earlier, later, steps = playlists.pairs(window)
    weights = (falloff ** np.arange(window)).astype(np.float32).astype(np.float64)[steps - 1]
    onward = sp.csr_array((weights, (earlier, later)), shape=(n_songs, n_songs))
    return sp.csr_array(onward + onward.T)


def positive_information(near: sp.csr_array, smoothing: float, shift: float) -> sp.csr_array:
    """Pointwise mutual information plus `shift` where that is above 0.

    near : (n, n) counts; log(n(a, b) / (n(a) * share(b))) with share(b) in proportion to n(b) ** smoothing
    """
    plays: NDArray[np.float64] = near.sum(axis=1).astype(np.float64)
    return information(near, plays, context_shares(plays, smoothing), shift)


def context_shares(plays: NDArray[np.float64], smoothing: float) -> NDArray[np.float64]:
    """(n,) what each song counts as context, in proportion to plays ** smoothing; together 1."""
    smooth = plays**smoothing
    shares: NDArray[np.float64] = smooth / smooth.sum()
    return shares


def information(
    near: sp.csr_array, rows: NDArray[np.float64], columns: NDArray[np.float64], shift: float
) -> sp.csr_array:
    """log(near / (rows * columns)) + shift where that is above 0; without what is not.

    near : (m, n) counts
    rows, columns : (m,) and (n,)
    """
    owners = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
    values = (np.log(near.data / rows[owners] / columns[near.indices]) + shift).astype(np.float32)
    parts = np.maximum(values, 0), near.indices.copy(), near.indptr.copy()  # zeros are taken out in place
    matrix = sp.csr_array(parts, shape=near.shape)
    matrix.eliminate_zeros()
    return matrix
