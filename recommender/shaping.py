"""Shaping: what a person asks of a list of songs besides that they fit.

Filters act before the cut: a list has k songs whenever so many are left. Scores of different models cannot be compared,
so the dials act on places in the model's order, which can: a strength means the same whatever the model.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.errors import ParameterError
from recommender.greedy import Columns, Likeness, Rules, walk
from recommender.playlists import Excerpts, Playlists, Songs
from recommender.protocol import Scores
from recommender.ranking import NO_SONG, top_k
from recommender.traits import Marks, Traits

MOVED = 300  # of the best songs are put in another order by the popularity dial
_SPARE, _PER_SONG = 100, 4  # candidates that a greedy list of k takes at first: so many, and so many times k
_MORE = 8  # times as many where they were too few
_FILTERS = ("only_tags", "without_tags", "only_artists", "without_artists", "without")


@dataclass(frozen=True)
class Shape:
    """What is asked of a list of songs; nothing, unless said.

    max_per_artist : songs of one artist in the list, at most
    artist_spacing : songs of others between two songs of one artist, at least, those just played too
    only_tags, without_tags : songs with one of these tags; songs with none of them
    only_artists, without_artists : songs by one of these; songs by none of them
    only, without : ids of the songs that may be answered; ids of songs that may not
    collapse_versions : one song of all its ids and versions ("(Live)", "- Radio Edit"), and none of a seed
    hide_unknown : no song whose title or artist is unknown
    popularity : from -1, the long tail, to 1, hits: the best MOVED songs go by place / (plays + 1) ** popularity
    variety : from 0 to 1, unlikeness alone: how far songs are to be unlike those before them (see `greedy.walk`)

    An unknown artist has no songs but this one. Raises ParameterError for an impossible value.
    """

    max_per_artist: int | None = None
    artist_spacing: int = 0
    only_tags: Collection[str] = field(default=())
    without_tags: Collection[str] = field(default=())
    only_artists: Collection[str] = field(default=())
    without_artists: Collection[str] = field(default=())
    only: Collection[int] | None = None
    without: Collection[int] = field(default=())
    collapse_versions: bool = False
    hide_unknown: bool = False
    popularity: float = 0.0
    variety: float = 0.0

    def __post_init__(self) -> None:
        for name in _FILTERS:
            given = getattr(self, name)
            if isinstance(given, str):
                raise ValueError(f"{name} must be several, such as [{given!r}], got {given!r}")
            object.__setattr__(self, name, frozenset(given))
        if self.only is not None:
            object.__setattr__(self, "only", frozenset(self.only))
        if self.max_per_artist is not None and self.max_per_artist < 1:
            raise ParameterError(f"max_per_artist must be at least 1, got {self.max_per_artist}")
        if self.artist_spacing < 0:
            raise ParameterError(f"artist_spacing must be at least 0, got {self.artist_spacing}")
        for name, least in (("popularity", -1), ("variety", 0)):
            if not least <= getattr(self, name) <= 1:
                raise ParameterError(f"{name} must be from {least} to 1, got {getattr(self, name)}")


@dataclass(frozen=True, eq=False)
class Shaper:
    """A shape made ready for a catalogue: what each of its songs may, whose it is, and how popular.

    ceiling : (n_songs,) the most that a score may be: -inf for songs that may be in no list, else inf; None for inf
    versions : (n_songs,) a number that versions of a song share; None where they may all be answered
    lift : (n_songs,) what the places of songs are divided by; None where they stay
    rules : None where a list is the first k
    """

    ceiling: Scores | None
    versions: NDArray[np.int32] | None
    lift: NDArray[np.float32] | None
    rules: Rules | None

    @classmethod
    def of(cls, shape: Shape, traits: Traits, vectors: NDArray[np.float32] | None = None) -> Self:
        """Raises ParameterError or UnknownSongError for a tag, artist or id that the catalogue has not.

        vectors : (n_songs, dim) unit rows whose cosine is the likeness of songs; None takes that of tags and artist
        """
        versions = traits.versions if shape.collapse_versions else None
        by_artist = shape.max_per_artist is not None or shape.artist_spacing > 0
        rules = Rules(
            traits.artists if by_artist else None,
            versions,
            shape.max_per_artist,
            shape.artist_spacing,
            shape.variety,
            _likeness(traits, vectors) if shape.variety else None,
        )
        plays = (traits.catalogue.plays + 1).astype(np.float32)
        lift = plays**shape.popularity if shape.popularity else None
        greedy = by_artist or shape.collapse_versions or shape.variety
        return cls(_ceiling(shape, traits), versions, lift, rules if greedy else None)

    @property
    def filters_only(self) -> bool:
        """Whether a list is the first k songs of those that the ceiling leaves."""
        return self.versions is None and self.lift is None and self.rules is None

    def lists(
        self, scores: Scores, seeds: Playlists, k: int, *, allow_repeats: bool = False
    ) -> tuple[NDArray[np.int32], Scores]:
        """Songs (n, k) and their scores, padded with NO_SONG and -inf; scores need not fall, as dials move songs.

        scores : (n, n_songs), -inf for what cannot be recommended; overwritten
        k : at most n_songs
        """
        if self.ceiling is not None:
            np.minimum(scores, self.ceiling, out=scores)
        if self.versions is not None and not allow_repeats:
            self._bar_versions(scores, seeds, self.versions)
        if self.rules is None:
            songs, values = self._ordered(scores, k)
            return songs[:, :k], values[:, :k]
        return self._chosen(scores, seeds, self.rules, k, _SPARE + _PER_SONG * k)

    def _bar_versions(self, scores: Scores, seeds: Playlists, versions: NDArray[np.int32]) -> None:
        """Set the scores of all versions of the seeds to -inf."""
        by_version, sorted_ = self._by_version
        starts, stops = (np.searchsorted(sorted_, versions[seeds.songs], side) for side in ("left", "right"))
        members = Excerpts(by_version, starts, stops).slice(0, seeds.n_plays)
        scores[seeds.owners[members.owners], members.songs] = -np.inf

    @cached_property
    def _by_version(self) -> tuple[Songs, NDArray[np.int32]]:
        """The songs, those of one version number side by side, and their numbers."""
        assert self.versions is not None
        songs = np.argsort(self.versions, kind="stable").astype(np.int32)
        return songs, self.versions[songs]

    def _ordered(self, scores: Scores, most: int) -> tuple[NDArray[np.int32], Scores]:
        """The best songs in the order in which they are taken, at least `most` of them if there are so many."""
        n_songs = scores.shape[1]
        if self.lift is None:
            return top_k(scores, min(most, max(n_songs, 1)))
        songs, values = top_k(scores, min(max(most, MOVED), max(n_songs, 1)))
        places = np.arange(1, min(MOVED, n_songs) + 1, dtype=np.float32) / self.lift[songs[:, :MOVED]]
        order = np.where(songs[:, :MOVED] == NO_SONG, np.inf, places).argsort(axis=1, kind="stable")
        for column in (songs, values):
            column[:, :MOVED] = np.take_along_axis(column[:, :MOVED], order, axis=1)
        return songs, values

    def _chosen(
        self, scores: Scores, seeds: Playlists, rules: Rules, k: int, most: int
    ) -> tuple[NDArray[np.int32], Scores]:
        """The lists, of candidates that are first few and then as many as it takes."""
        candidates, reached = self._ordered(scores, most)
        columns, short = walk(candidates, seeds, rules, k)
        songs = np.where(columns < 0, NO_SONG, np.take_along_axis(candidates, np.maximum(columns, 0), axis=1))
        values = np.where(columns < 0, -np.inf, np.take_along_axis(reached, np.maximum(columns, 0), axis=1))
        again = np.flatnonzero(short) if candidates.shape[1] < scores.shape[1] else np.zeros(0, np.int64)
        if len(again):
            songs[again], values[again] = self._chosen(scores[again], seeds.take(again), rules, k, most * _MORE)
        return songs.astype(np.int32, copy=False), values.astype(np.float32, copy=False)


def _ceiling(shape: Shape, traits: Traits) -> Scores | None:
    """(n_songs,) -inf for the songs that the filters leave out, inf for the others."""
    rows = traits.catalogue.row
    kept = [
        *([traits.tagged(shape.only_tags)] if shape.only_tags else []),
        *([~traits.tagged(shape.without_tags)] if shape.without_tags else []),
        *([traits.by(shape.only_artists)] if shape.only_artists else []),
        *([~traits.by(shape.without_artists)] if shape.without_artists else []),
        *([_marks(map(rows, shape.only), len(traits.catalogue))] if shape.only is not None else []),
        *([~_marks(map(rows, shape.without), len(traits.catalogue))] if shape.without else []),
        *([~traits.unknown] if shape.hide_unknown else []),
    ]
    return np.where(np.logical_and.reduce(kept), np.inf, -np.inf).astype(np.float32) if kept else None


def _marks(rows: Any, n_songs: int) -> Marks:
    marks = np.zeros(n_songs, dtype=bool)
    marks[list(rows)] = True
    return marks


def _likeness(traits: Traits, vectors: NDArray[np.float32] | None) -> Likeness:
    if vectors is not None:
        return partial(_cosines, vectors)
    features = sp.csr_array(sp.hstack(list(traits.catalogue.features().values())))
    lengths = np.sqrt(features.power(2).sum(axis=1))
    return partial(_shared, sp.csr_array(sp.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ features))


def _cosines(vectors: NDArray[np.float32], songs: Songs) -> Callable[[Columns], NDArray[np.float32]]:
    """Cosines of songs with one of their row, by its column."""
    placed, rows = vectors[songs], np.arange(len(songs))  # (n, m, dim)
    return lambda columns: np.nan_to_num((placed @ placed[rows, columns][:, :, None])[:, :, 0])


def _shared(units: sp.csr_array, songs: Songs) -> Callable[[Columns], NDArray[np.float32]]:
    """The same of sparse unit rows."""
    placed, (n, m) = units[songs.ravel()], songs.shape
    starts = np.arange(0, n * m, m)
    return lambda columns: np.asarray(
        placed.multiply(placed[np.repeat(starts + columns, m)]).sum(axis=1), np.float32
    ).reshape(n, m)
