"""Run: a fitted model with its catalogue, in a folder that numpy and a text editor can read.

    card.json      format, model, parameters, dataset with digests and terms, versions, cost, use and limits
    songs.tsv      id, plays, title, artist and tags of a song a line, in row order, a tab after each
    NAME.npy       each array that the model learnt, without the last "_" of its name; a sparse one is
                   NAME.data.npy, NAME.indices.npy and NAME.indptr.npy (CSR)
    search.txt     the words of titles and artists, and search.NAME.npy, who holds them (see `recommender.search`);
                   a run of before them searches too, after a moment
    playlists.*.npy  songs (rows) and offsets of the playlists that the model learnt from, to give reasons from
    trials.csv     what a search for the parameters tried, where there was one (see `recommender.tune`)
    metrics.json   what evaluation measured, where it did (see `Report.figures`), to be read in report.md or report.html

It is written to a temporary folder beside its place and renamed, so a run is there whole or not at all.
Arrays are memory-mapped on load: a large run opens at once, and processes share one copy.
"""

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
from recommender.errors import DataError, RecommenderError, UnknownSongError
from recommender.evidence import Plays
from recommender.explain import explain
from recommender.files import replacing
from recommender.models import make
from recommender.playlists import Playlists
from recommender.protocol import Recommender, Scores
from recommender.ranking import NO_SONG, recommend
from recommender.reasons import Reason
from recommender.report_html import page
from recommender.report_text import document
from recommender.shaping import Shape, Shaper
from recommender.storage import (
    read_arrays,
    read_index,
    read_json,
    read_playlists,
    read_songs,
    write_arrays,
    write_index,
    write_json,
    write_playlists,
    write_songs,
)
from recommender.traits import Traits

FORMAT = 1
_ANY = Shape()
_NONE = Taste()


@dataclass(frozen=True, eq=False)
class Run:
    """A fitted model and all that is needed to use it.

    card : what the model is, what it learnt from, what it cost (see `recommender.train`)
    metrics : `Report.figures` of its evaluation, None where there was none
    trials : what a search for its parameters tried, as CSV, None where there was none
    playlists : what the model learnt from, None in a run of an earlier version
    """

    model: Recommender
    catalogue: Catalogue
    card: Mapping[str, Any]
    metrics: Mapping[str, Any] | None = None
    trials: str | None = None
    playlists: Playlists | None = None

    @property
    def has_vectors(self) -> bool:
        """Whether the model places songs in a space, so that `similar` can answer."""
        return hasattr(self.model, "vectors_")

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
        return self._answer(rows[0], scores[0])

    def lists(
        self, seeds: Playlists, k: int, *, taste: Taste = _NONE, shape: Shape = _ANY, allow_repeats: bool = False
    ) -> tuple[NDArray[np.int32], Scores]:
        """What `recommend` answers to many playlists of rows: rows (n, k) and scores, padded with NO_SONG and -inf."""
        model = self.model if taste == _NONE else self._steered(taste)
        cut = None if shape == _ANY else partial(self._shaper(shape).lists, allow_repeats=allow_repeats)
        seeds, k = after(self._rows(taste.like), seeds), min(k, len(self.catalogue))
        return recommend(model, seeds, k, allow_repeats=allow_repeats, cut=cut)

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
        return explain(model, self._plays, self.catalogue, seeds, [self.catalogue.row(song) for song in answers])

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
        vectors, row = self._vectors, self.catalogue.row(song)
        if np.isnan(vectors[row]).any():
            raise UnknownSongError(
                f"{self.catalogue[row]} never stood beside another song in training: nothing is known of it; "
                f"{self.remedy}"
            )
        cosines = (vectors @ vectors[row])[None]
        cosines[0, row] = -np.inf
        known = np.where(np.isnan(cosines), np.float32(-np.inf), cosines)
        rows, scores = self._shaper(shape).lists(known, Playlists.of([[row]]), min(k, len(self.catalogue)))
        return self._answer(rows[0], scores[0])

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self.model.vectors_  # type: ignore[attr-defined]
        return vectors

    @cached_property
    def _traits(self) -> Traits:
        return Traits(self.catalogue)

    @cached_property
    def _shaper(self) -> Callable[[Shape], Shaper]:
        """Shapers of the shapes asked for last."""

        def shaper(shape: Shape) -> Shaper:
            return Shaper.of(shape, self._traits, self._vectors if shape.variety and self.has_vectors else None)

        return lru_cache(maxsize=16)(shaper)

    @cached_property
    def _steered(self) -> Callable[[Taste], Steered]:
        """The model with the tastes asked for last."""

        def steered(taste: Taste) -> Steered:
            return Steered(self.model, speakers(self._traits, taste.artists, taste.tags), self._rows(taste.dislike))

        return lru_cache(maxsize=16)(steered)

    def _rows(self, songs: Sequence[int]) -> NDArray[np.int32]:
        return np.array([self.catalogue.row(song) for song in songs], dtype=np.int32)

    def _answer(self, rows: Sequence[int], scores: Sequence[float]) -> list[tuple[Song, float]]:
        return [(self.catalogue[r], float(s)) for r, s in zip(rows, scores, strict=True) if r != NO_SONG]

    def save(self, folder: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the run, whole or not at all; raises RecommenderError if it cannot be.

        force : replace a run that is there; a folder that is not a run is never replaced
        """
        check_place(folder, force=force)
        with replacing(Path(folder)) as new:
            arrays = write_arrays(new, self.model)
            write_json(new / "card.json", {"format": FORMAT, "arrays": arrays} | dict(self.card))
            write_songs(new / "songs.tsv", self.catalogue)
            write_index(new, self.catalogue.index)
            if self.playlists is not None:
                write_playlists(new, self.playlists)
            if self.trials:
                (new / "trials.csv").write_text(self.trials, encoding="utf-8", newline="")
            if self.metrics:
                write_json(new / "metrics.json", self.metrics)
                (new / "report.md").write_text(document(self.metrics), encoding="utf-8")
                (new / "report.html").write_text(page(self.metrics), encoding="utf-8")

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Open a run; raises DataError if it is none, damaged, or of a format not known here."""
        path = Path(folder)
        if not (path / "card.json").is_file():
            raise DataError(f"{path} is not a run (it has no card.json); `recommender train DATASET {path}` makes one")
        card = read_json(path / "card.json")
        if not isinstance(card, dict):
            raise DataError(f"{path / 'card.json'}: damaged: no JSON object; train the run anew")
        if card.get("format") != FORMAT:
            raise DataError(
                f"{path}: a run of format {card.get('format')}, this version reads format {FORMAT}; train it anew"
            )
        try:
            model = make(card["model"], card["parameters"])
            catalogue = read_songs(path / "songs.tsv", card["dataset"]["songs"])
            index = read_index(path, len(catalogue))
            read_arrays(path, card["arrays"], model)
            _check_use(model, catalogue, card)
            playlists = read_playlists(path, card["learnt"]["playlists"], card["learnt"]["plays"])
        except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError) as error:
            raise DataError(f"{path}: damaged: {error}; train it anew") from error
        metrics = read_json(path / "metrics.json") if (path / "metrics.json").exists() else None
        if metrics is not None and not (isinstance(metrics, dict) and {"about", "models"} <= metrics.keys()):
            raise DataError(
                f"{path / 'metrics.json'}: damaged: not what an evaluation writes; remove it, or train anew"
            )
        catalogue = catalogue.indexed(index) if index else catalogue
        trials = path / "trials.csv"
        tried = trials.read_text(encoding="utf-8") if trials.exists() else None
        return cls(model, catalogue, card, metrics, tried, playlists)


def _check_use(model: Recommender, catalogue: Catalogue, card: Mapping[str, Any]) -> None:
    """Raise what using the run would raise, were an array, or an entry of the card, missing or of another size."""
    for key in ("learnt", "held_out", "cleaning", "fit_seconds", "intended_use", "limits", "made"):
        card[key]
    for key in ("name", "digests", "licence"):
        card["dataset"][key]
    known = np.flatnonzero(catalogue.plays > 0)[:1].tolist()
    if model.score(Playlists.of([known])).shape != (1, len(catalogue)):
        raise ValueError("the arrays are not of as many songs as the catalogue")


def check_place(folder: str | os.PathLike[str], *, force: bool = False) -> None:
    """Raise RecommenderError if a run may not be written there; worth asking before a long fit."""
    path = Path(folder)
    if not path.exists() and not path.is_symlink():
        return
    if not (path / "card.json").is_file():
        raise RecommenderError(f"{path} is there and is not a run; give another folder")
    if not force:
        raise RecommenderError(f"{path} is there already; give another folder, or --force to replace it")
