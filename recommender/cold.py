"""Cold: songs that a model never met are placed among the songs most like them by artist and tags.

A model that keeps a row of numbers for each song (vectors, a bias, plays) can be told of new songs without learning
anew: a new song gets the mean of the rows of the songs that it is most like. Surprises:

- Means of vectors are short, as directions cancel, and short vectors are hardly ever recommended; at full length they
  drive known songs out of the answers. So what sets a mean apart from the average song is drawn out half of the way.
- What is learnt of pairs of songs, as by a Markov chain or a neighbourhood, has no such rows: see `can_fill`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.errors import RecommenderError
from recommender.protocol import Recommender

M = TypeVar("M", bound=Recommender)
_SHARPNESS = 4  # with less, the hundreds of songs that share a tag outweigh the few of the same artist
_BLOCK = 256  # songs placed at once: 154 MB of weights at 75,262 songs


def described(catalogue: Catalogue) -> sp.csr_array:
    """(n_songs, n_features): 1 where a song is by an artist, and where it has a tag; RecommenderError if none is."""
    features = sp.csr_array(sp.hstack([*catalogue.features().values()]))
    if not features.nnz:
        raise RecommenderError(
            "no song has a known artist or a tag, by which new songs are placed; add them to the catalogue"
        )
    return features


def can_fill(model: Recommender) -> bool:
    """Whether a fitted model keeps vectors of songs, or a number for each, and nothing of pairs of songs."""
    learnt = [*_learnt(model).values()]
    dense = bool(learnt) and all(isinstance(array, np.ndarray) for array in learnt)
    return dense and (hasattr(model, "vectors_") or all(array.ndim == 1 for array in learnt))


def met(model: Recommender, n_songs: int) -> NDArray[np.bool_]:
    """(n_songs,) whether the model knows the song: none of its vectors is NaN, none of its counts 0."""
    known = np.ones(n_songs, dtype=bool)
    for array in _rows(model, n_songs).values():
        known &= ~np.isnan(array.reshape(n_songs, -1)).any(axis=1) if array.dtype.kind == "f" else array > 0
    return known


def fill(model: M, features: sp.csr_array, plays: NDArray[np.integer]) -> M:
    """A copy of a fitted model that also knows each song with a feature of a song that the model knew.

    features : (n_songs, n_features), 1 where a song has one (see `described`)
    plays : (n_songs,) in what the model learnt

    A known song keeps its rows. A new one gets the mean of theirs, weighted by sqrt(plays) * cosine ** 4, with the
    cosine of tf-idf weighted features, so that a rare artist says more than a common tag. How a mean vector differs
    from the average vector gets the geometric mean of its length and the mean length of what it is the mean of.
    A neighbour map from attributes to factors, as in Gantner et al. 2010, doi:10.1109/ICDM.2010.129.

    Raises RecommenderError for a model that cannot be filled.
    """
    if not can_fill(model):
        raise RecommenderError(
            f"{type(model).__name__} learnt of songs together, not a row for each, so new songs have no place in it; "
            "train spectral or song2vec instead"
        )
    n_songs, filled = len(plays), replace(model)
    known = met(model, n_songs)
    old = {name: _parted(array[known]) for name, array in _rows(model, n_songs).items()}
    arrays = {name: np.array(array) for name, array in _learnt(model).items()}
    for songs, weights in _alike(features, known, plays):
        for name, (average, apart) in old.items():
            made = average + _mean(apart, weights)
            arrays[name][songs] = made if arrays[name].dtype.kind == "f" else np.rint(made)
    for name, array in arrays.items():
        setattr(filled, name, array)
    return filled


def _learnt(model: Recommender) -> dict[str, Any]:
    return {name: array for name, array in vars(model).items() if name.endswith("_")}


def _rows(model: Recommender, n_songs: int) -> dict[str, NDArray[Any]]:
    """The learnt arrays that have a row for each song."""
    return {name: array for name, array in _learnt(model).items() if len(array) == n_songs}


def _parted(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The average of vectors, and how each differs from it; numbers differ from 0."""
    average = rows.mean(axis=0) if rows.ndim > 1 and len(rows) else np.zeros(())
    return average, rows - average


def _mean(rows: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[Any]:
    """(len(weights), …) weighted means; those of vectors are drawn out half of the way to the mean length."""
    means: NDArray[Any] = weights @ rows
    if rows.ndim == 1:
        return means
    lengths, full = np.linalg.norm(means, axis=1), weights @ np.linalg.norm(rows, axis=1)
    means *= np.sqrt(full / np.maximum(lengths, 1e-12))[:, None]
    return means


def _alike(
    features: sp.csr_array, known: NDArray[np.bool_], plays: NDArray[np.integer]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """New songs that are like a known one, some at a time, with the weight of each known song; weights sum to 1."""
    rarity = np.log1p(len(plays) / np.maximum(features.sum(axis=0), 1))
    tf_idf = sp.csr_array(features.astype(np.float64) @ sp.diags_array(rarity))
    lengths = np.sqrt(tf_idf.power(2).sum(axis=1))
    units = sp.csr_array(sp.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ tf_idf)
    old, new = units[known].T.tocsr(), np.flatnonzero(~known)
    for start in range(0, len(new), _BLOCK):
        songs = new[start : start + _BLOCK]
        weights = (units[songs] @ old).toarray() ** _SHARPNESS * np.sqrt(np.maximum(plays[known], 1))
        total = weights.sum(axis=1)
        like = total > 0
        yield songs[like], weights[like] / total[like, None]
