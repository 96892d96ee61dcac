"""Nearby: what comes after a playlist, and what is like a song, found without scoring all songs (see `inverted`)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RecommenderError
from recommender.inverted import Answers, Space, library
from recommender.playlists import Playlists
from recommender.protocol import Products, Recommender, Rows

FEWEST = 20_000  # songs; to score fewer takes no longer (.github/LARGE.md)
_ASKED, _LATEST = 300, 50  # queries that it is measured on, and songs of each at most
_PARTS = ("after", "like")
_NOTHING = "its index is not used, every song is scored: that needs faiss, pip install 'playlist-recommender[index]'"


@dataclass(frozen=True, eq=False)
class Nearby:
    """The songs of a run in lists, by what comes after a playlist and by what is like a song."""

    model: Products
    after: Space
    like: Space

    @classmethod
    def of(cls, model: Recommender, playlists: Playlists, n_songs: int, seed: int = 0) -> tuple[Self, dict[str, Any]]:
        """Both, and what a card says of them; raises RecommenderError for a model that is no product of vectors.

        playlists : a sample of which is asked, to measure what is found
        """
        products, rng = check(model), np.random.default_rng(seed)
        after, like = (Space.of(vectors, n_songs, seed) for vectors in (products.targets, products.placed))
        seeds = playlists.take(rng.permutation(len(playlists))[:_ASKED]).last(_LATEST)
        songs = rng.permutation(n_songs)[:_ASKED]
        found = (
            after.tuned(products.query(seeds), seeds, n_songs),
            like.tuned(products.placed(songs), _alone(songs), n_songs),
        )
        facts = {
            name: {"lists": space.index.nlist, "looked_into": space.index.nprobe, "found_of_10": round(share, 3)}
            for name, space, share in zip(_PARTS, (after, like), found, strict=True)
        }
        return cls(products, after, like), {"library": f"faiss {library().__version__}"} | facts

    def lists(
        self,
        seeds: Playlists,
        k: int,
        exact: Callable[[Playlists], Answers],
        *,
        allow_repeats: bool = False,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Answers:
        """What `exact` answers to the seeds, nearly; it is asked where the lists looked into hold too few songs."""
        barred = _none(len(seeds)) if allow_repeats else seeds
        songs, scores, short = self.after.nearest(self.model.query(seeds), barred, k, allowed)
        if len(short):
            songs[short], scores[short] = exact(seeds.take(short))
        return songs, scores

    def similar(self, song: int, k: int, allowed: NDArray[np.bool_] | None = None) -> Answers | None:
        """The `k` songs most like this one and their cosines, (1, k) each; None where the lists hold fewer."""
        row = np.array([song])
        songs, cosines, short = self.like.nearest(self.model.placed(row), _alone(row), k, allowed)
        return None if len(short) else (songs, cosines)

    def write(self, folder: Path) -> None:
        """Write nearby.after.faiss and nearby.like.faiss."""
        for name in _PARTS:
            getattr(self, name).write(folder / f"nearby.{name}.faiss")


def read(folder: Path, model: Recommender, n_songs: int) -> Nearby | None:
    """What `Nearby.write` wrote, memory-mapped, None if nothing; raises ValueError for a damaged one.

    None, too, where faiss is not installed, which is told in the log.
    """
    if not any(folder.glob("nearby.*.faiss")):
        return None
    try:
        library()
    except RecommenderError:
        logging.getLogger(__name__).warning("%s: %s", folder, _NOTHING)
        return None
    if not isinstance(model, Products):
        raise ValueError(f"nearby.*.faiss is an index, which {type(model).__name__} has none of")
    vectors = zip(_PARTS, (model.targets, model.placed), strict=True)
    return Nearby(model, *(Space.read(folder / f"nearby.{name}.faiss", of, n_songs) for name, of in vectors))


def check(model: Recommender) -> Products:
    """The model; raises RecommenderError where its scores are no products of vectors, or without faiss."""
    if not isinstance(model, Products):
        raise RecommenderError(
            f"an index is of vectors whose products are the scores, which {type(model).__name__} has not; "
            "train spectral, song2vec, als or bpr, or without --index"
        )
    library()
    return model


def _none(n: int) -> Playlists:
    return Playlists.joined(np.zeros(0, np.int32), np.zeros(n, np.int64))


def _alone(songs: Rows) -> Playlists:
    return Playlists.joined(songs, np.ones(len(songs), np.int64))
