"""Run: a fitted model with its catalogue and all that is needed to use it; on disk a folder (see `storage`)."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.asking import Steered, Taste, after, speakers
from recommender.catalogue import Catalogue, Song
from recommender.errors import RecommenderError, UnknownSongError
from recommender.evidence import Plays
from recommender.explain import explain
from recommender.layout import Layout
from recommender.nearby import Nearby
from recommender.playlists import Playlists
from recommender.protocol import Recommender, Scores
from recommender.ranking import NO_SONG, recommend
from recommender.reasons import Reason
from recommender.shaping import Shape, Shaper
from recommender.steps import Rotation
from recommender.storage import Parts, read, write
from recommender.traits import Traits

_ANY = Shape()
_NONE = Taste()


@dataclass(frozen=True, eq=False)
class Run:
    """A fitted model and all that is needed to use it.

    card : what the model is, what it learnt from, what it cost (see `recommender.train`)
    metrics : `Report.figures` of its evaluation, None where there was none
    trials : what a search for its parameters tried, as CSV, None where there was none
    playlists : what the model learnt from, None in a run of an earlier version
    layout : all songs in two dimensions, None where no map was made
    nearby : finds the best songs without scoring all of them, None where every song is scored
    """

    model: Recommender
    catalogue: Catalogue
    card: Mapping[str, Any]
    metrics: Mapping[str, Any] | None = None
    trials: str | None = None
    playlists: Playlists | None = None
    layout: Layout | None = None
    nearby: Nearby | None = None

    @property
    def has_vectors(self) -> bool:
        """Whether the model places songs in a space, so that `similar` can answer."""
        return self.nearby is not None or self._vectors is not None

    @property
    def summary(self) -> str:
        """What learnt how much, in half a sentence."""
        learnt, aside = self.card["learnt"], self.card["held_out"]["playlists"]
        kept = f" ({aside:,} kept aside)" if aside else ""
        placed = f" and placed {cold['placed']:,} new ones" if (cold := self.card.get("cold_start")) else ""
        source = (
            f"{learnt['plays']:,} plays in {learnt['playlists']:,} playlists{kept} of {self.card['dataset']['name']}"
        )
        songs, seconds = f"{learnt['songs']:,} songs{placed}", self.card["fit_seconds"]
        return f"{self.card['model']} learnt {songs} from {source} in {seconds:.1f} s"

    @property
    def remedy(self) -> str:
        """What to do about a song that the model knows nothing of."""
        if self.card.get("cold_start"):
            return "give it an artist or a tag that a played song has"
        return "train with --cold-start, which places such songs by artist and tags"

    def recommend(
        self,
        songs: Sequence[int],
        k: int = 10,
        *,
        taste: Taste = _NONE,
        shape: Shape = _ANY,
        allow_repeats: bool = False,
    ) -> list[tuple[Song, float]]:
        """The `k` songs that best come after these, best first, with their scores.

        songs : ids in play order; raises UnknownSongError for one that is not in the catalogue
        taste : songs liked and disliked, artists and tags, besides
        shape : filters and dials; ParameterError for an artist or a tag that no song has

        Empty if the model knows none of them, or the filters leave none.
        """
        seeds = Playlists.joined(self._rows(songs), [len(songs)])
        rows, scores = self.lists(seeds, k, taste=taste, shape=shape, allow_repeats=allow_repeats)
        return self.named(rows[0], scores[0])

    def lists(
        self, seeds: Playlists, k: int, *, taste: Taste = _NONE, shape: Shape = _ANY, allow_repeats: bool = False
    ) -> tuple[NDArray[np.int32], Scores]:
        """What `recommend` answers to many playlists of rows: rows (n, k) and scores, padded with NO_SONG and -inf."""
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        model = self.model if taste == _NONE else self._steered(taste)
        cut = None if shape == _ANY else partial(self._shaper(shape).lists, allow_repeats=allow_repeats)
        seeds, k = after(self._rows(taste.like), seeds), min(k, len(self.catalogue))
        exact = partial(recommend, model, k=k, allow_repeats=allow_repeats, cut=cut)
        if self.nearby is None or taste != _NONE or not self._shaper(shape).filters_only:
            return exact(seeds)
        return self.nearby.lists(seeds, k, exact, allow_repeats=allow_repeats, allowed=self._allowed(shape))

    def explain(
        self, songs: Sequence[int], answers: Sequence[int] | None = None, k: int = 10, *, taste: Taste = _NONE
    ) -> list[Reason]:
        """Why each answer comes after these songs: each one's share, and what the training playlists have of the two.

        songs : ids in play order; those that a taste puts before them have their shares, too
        answers : ids, those of `recommend` where None; any song can be asked about, recommended or not
        taste : as of `recommend`

        Raises UnknownSongError for an id that is not in the catalogue; RecommenderError for a run without playlists.
        """
        if answers is None:
            answers = [song.id for song, _ in self.recommend(songs, k, taste=taste)]
        before = speakers(self._traits, taste.artists, taste.tags)
        seeds = np.concatenate([before, self._rows(taste.like), self._rows(songs)]).tolist()
        model = self._steered(Taste(dislike=taste.dislike)) if taste.dislike else self.model
        return explain(model, self._plays, self.catalogue, seeds, self._rows(answers).tolist(), spoken=len(before))

    @property
    def learnt_from(self) -> Playlists:
        """The playlists; raises RecommenderError in a run of an earlier version, which did not keep them."""
        if self.playlists is None:
            raise RecommenderError(
                "the run is of a version that did not keep its playlists, without which there are no reasons and no "
                "alike playlists; train it anew"
            )
        return self.playlists

    @cached_property
    def _plays(self) -> Plays:
        return Plays(self.learnt_from, len(self.catalogue))

    def rotation(self, spacing: int = 0, shape: Shape = _ANY) -> Rotation:
        """Which songs a path, a radio or a playlist may take, and when: what the filters of the shape leave, and its
        songs per artist at most.
        """
        return Rotation(self._traits.artists, spacing, self._allowed(shape), shape.max_per_artist)

    def _allowed(self, shape: Shape) -> NDArray[np.bool_] | None:
        """(n_songs,) the songs that the filters leave, None for all."""
        ceiling = self._shaper(shape).ceiling
        return None if ceiling is None else ceiling > -np.inf

    def similar(self, song: int, k: int = 10, *, shape: Shape = _ANY) -> list[tuple[Song, float]]:
        """The `k` songs most like this one, with the cosine of their vectors.

        shape : filters and dials, as of `recommend`

        Raises UnknownSongError for an id that is not in the catalogue, or a song that never stood beside
        another in training; RecommenderError for a model without song vectors.
        """
        if not self.has_vectors:
            raise RecommenderError(
                f"{self.card['model']} has no song vectors to compare; train a run with --model song2vec"
            )
        row, k, shaper = self.catalogue.row(song), min(k, len(self.catalogue)), self._shaper(shape)
        if np.isnan(self._vector(row)).any():
            raise UnknownSongError(
                f"{self.catalogue[row]} never stood beside another song in training: nothing is known of it; "
                f"{self.remedy}"
            )
        found = self.nearby.similar(row, k, self._allowed(shape)) if self.nearby and shaper.filters_only else None
        if found is None:
            assert self._vectors is not None
            cosines = (self._vectors @ self._vector(row))[None]
            cosines[0, row] = -np.inf
            known = np.where(np.isnan(cosines), np.float32(-np.inf), cosines)
            found = shaper.lists(known, Playlists.of([[row]]), k)
        return self.named(found[0][0], found[1][0])

    def _vector(self, row: int) -> NDArray[np.float32]:
        """(dim,) of one song, without making those of all where an index is there."""
        if self.nearby is None:
            assert self._vectors is not None
            return np.asarray(self._vectors[row])
        return np.asarray(self.nearby.model.placed(np.array([row]))[0])

    @cached_property
    def _vectors(self) -> NDArray[np.float32] | None:
        """The model's song vectors, None where it has none: many models make them anew whenever they are asked."""
        vectors: NDArray[np.float32] | None = getattr(self.model, "vectors_", None)
        return vectors

    @cached_property
    def _traits(self) -> Traits:
        return Traits(self.catalogue)

    @cached_property
    def _shaper(self) -> Callable[[Shape], Shaper]:
        """Shapers of the shapes asked for last."""

        def shaper(shape: Shape) -> Shaper:
            return Shaper.of(shape, self._traits, self._vectors if shape.variety else None)

        return lru_cache(maxsize=16)(shaper)

    @cached_property
    def _steered(self) -> Callable[[Taste], Steered]:
        """The model with the tastes asked for last."""

        def steered(taste: Taste) -> Steered:
            return Steered(self.model, speakers(self._traits, taste.artists, taste.tags), self._rows(taste.dislike))

        return lru_cache(maxsize=16)(steered)

    def _rows(self, songs: Sequence[int]) -> NDArray[np.int32]:
        return np.array([self.catalogue.row(song) for song in songs], dtype=np.int32)

    def named(self, rows: NDArray[np.int32], scores: Scores) -> list[tuple[Song, float]]:
        """The songs of one row of `lists`, with their scores, without what pads it."""
        pairs = zip(rows.tolist(), scores.tolist(), strict=True)
        return [(self.catalogue[row], score) for row, score in pairs if row != NO_SONG]

    def save(self, folder: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the run, whole or not at all; raises RecommenderError if it cannot be.

        force : replace a run that is there; a folder that is not a run is never replaced
        """
        write(Path(folder), Parts(*(getattr(self, part) for part in Parts._fields)), force=force)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Open a run; raises DataError if it is none, damaged, or of a format not known here."""
        return cls(*read(Path(folder)))
