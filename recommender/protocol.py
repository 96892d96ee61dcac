"""What a model promises, and what all models share: limits of parameters, weights of seeds, -inf for the unknown."""

import os
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.errors import ParameterError
from recommender.playlists import Playlists

Scores = NDArray[np.float32]
Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
MOST_SEED = 2**32 - 1


class Scorer(Protocol):
    """What answers queries."""

    def score(self, seeds: Playlists) -> Scores:
        """(len(seeds), n_songs): how well each song comes next after each playlist of seeds.

        Only the order within a row means anything. -inf: cannot be recommended, as for any song that was
        never played in training; a whole row of them: nothing is known of any of its seeds. The caller may
        overwrite the array, and may call from several threads at once.
        """
        ...


class Recommender(Scorer, Protocol):
    """A dataclass whose fields are its parameters; what `fit` learns are arrays with names ending in `_`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        """Learn from the playlists and forget any earlier fit; the same seed gives the same bytes."""
        ...


@runtime_checkable
class Products(Recommender, Protocol):
    """A model whose score is the product of a vector of the seeds and one of the song, so that an index can find it."""

    def query(self, seeds: Playlists) -> Vectors:
        """(len(seeds), dim); NaN where nothing is known of any seed."""
        ...

    def targets(self, songs: Rows) -> Vectors:
        """(len(songs), dim): what a query is multiplied with; NaN for a song that cannot be recommended."""
        ...

    def placed(self, songs: Rows | slice) -> Vectors:
        """(len(songs), dim): those rows of `vectors_`, unit length or NaN."""
        ...


def masked(scores: NDArray[Any], seeds: Playlists, known: NDArray[np.bool_]) -> Scores:
    """The scores, -inf for unknown songs and for the rows without a known seed; changed in place.

    scores : (len(seeds), n_songs)
    known : (n_songs,)
    """
    out = scores.astype(np.float32, copy=False)
    out[:, ~known] = -np.inf
    out[seeds.keep(known[seeds.songs]).lengths == 0] = -np.inf
    return out


def as_shares(scores: Scores, seeds: Playlists) -> Scores:
    """The scores laid between 0 and 1, which makes those of different models, or seeds, comparable; changed in place.

    0 is a score of 0, or the least where some are below, and what cannot be recommended; 1 the best but the seeds.
    """
    none = np.isneginf(scores)
    np.copyto(scores, 0, where=none)
    least = np.minimum(scores.min(axis=1, keepdims=True), 0)
    if least.any():
        scores -= least
        np.copyto(scores, 0, where=none)
    seen = scores[seeds.owners, seeds.songs]
    scores[seeds.owners, seeds.songs] = 0
    greatest = np.maximum(scores.max(axis=1, keepdims=True), np.float32(1e-30))
    scores[seeds.owners, seeds.songs] = np.minimum(seen, greatest[seeds.owners, 0])
    scores /= greatest
    return scores


def ages(seeds: Playlists) -> NDArray[np.int64]:
    """(n_plays,) how many seeds come after each: 0 for the last."""
    return np.repeat(seeds.offsets[1:], seeds.lengths) - 1 - np.arange(seeds.n_plays)


def recency(seeds: Playlists, context: int, decay: float, n_songs: int) -> sp.csr_array:
    """(len(seeds), n_songs): weight of each of the last `context` seeds; a repeated song adds up.

    The last seed weighs 1, each one before it `decay` times the next.
    """
    recent = seeds.last(context)
    weights = (decay ** ages(recent)).astype(np.float32)
    return sp.csr_array((weights, (recent.owners, recent.songs)), shape=(len(seeds), n_songs))


def blocks(n: int, width: int, cells: int) -> Iterator[slice]:
    """The queries, so few at a time that a table of them by `width` has at most so many cells, or one row.

    >>> [(some.start, some.stop) for some in blocks(5, width=10, cells=25)]
    [(0, 2), (2, 4), (4, 5)]
    """
    step = max(1, cells // max(width, 1))
    return (slice(start, min(start + step, n)) for start in range(0, n, step))


def check_limits(model: Recommender, **limits: tuple[float, float]) -> None:
    """Raise ParameterError for a parameter below the least or above the greatest value it may have."""
    for name, (least, most) in limits.items():
        if not least <= getattr(model, name) <= most:
            raise ParameterError(f"{name} must be from {least:,} to {most:,}, got {getattr(model, name)}")


def check_choice(model: Recommender, **choices: tuple[str, ...]) -> None:
    """Raise ParameterError for a parameter that is none of the words it may be."""
    for name, words in choices.items():
        if getattr(model, name) not in words:
            raise ParameterError(f"{name} must be one of {', '.join(words)}, got {getattr(model, name)!r}")


def cores() -> int:
    """How many processors this process may use."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1
