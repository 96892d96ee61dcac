"""What models with song vectors share: unit rows, and the mean of the latest seeds."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Playlists
from recommender.protocol import recency

Vectors = NDArray[np.float32]


def unit(vectors: Vectors) -> Vectors:
    """The rows with length 1; NaN stays NaN, and so becomes a row of zeros."""
    with np.errstate(invalid="ignore"):
        rows: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return rows


def mean_of_recent(seeds: Playlists, context: int, decay: float, n_songs: int) -> sp.csr_array:
    """(len(seeds), n_songs): weights of `recency` that sum to 1 in each row with a seed."""
    query = recency(seeds, context, decay, n_songs)
    query.data /= np.repeat(query.sum(axis=1), np.diff(query.indptr))
    return query
