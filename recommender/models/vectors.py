"""What models with song vectors share: unit rows, and the mean of the latest seeds."""

import numpy as np
import scipy.sparse as sp

from recommender.playlists import Playlists
from recommender.protocol import Scores, Vectors, recency

_FEW, _SONGS = 32, 4096  # queries up to which songs are multiplied so many at a time, 5 MB of 320 numbers each


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


def mean_vector(seeds: Playlists, vectors: Vectors, context: int, decay: float) -> Vectors:
    """(len(seeds), dim): the mean of the latest seeds' vectors by those weights; NaN where none of them has one.

    vectors : (n_songs, dim), NaN for a song without one
    """
    heard = seeds.keep(~np.isnan(vectors[seeds.songs, 0]))
    query: Vectors = mean_of_recent(heard, context, decay, len(vectors)) @ vectors
    query[heard.lengths == 0] = np.nan
    return query


def products(queries: Vectors, vectors: Vectors) -> Scores:
    """(len(queries), len(vectors)): each query times each vector.

    Of few queries BLAS is slow to take the product as it stands, as it copies all vectors first; some songs at a time,
    and by song, they are read once. The last digits may depend on how many queries there are.
    """
    if not 1 < len(queries) <= _FEW:
        return queries @ vectors.T
    columns, out = np.ascontiguousarray(queries.T), np.empty((len(queries), len(vectors)), np.float32)
    for start in range(0, len(vectors), _SONGS):
        out[:, start : start + _SONGS] = (vectors[start : start + _SONGS] @ columns).T
    return out


def where_known(scores: Scores) -> Scores:
    """The scores, -inf where they are NaN: songs without a vector, and all where no seed has one; changed in place."""
    np.fmax(scores, np.float32(-np.inf), out=scores)
    return scores
