"""Traits: what shaping a list needs to know of each song: whose it is, which song it is a version of, its tags.

Names are compared as `datasets.matching` compares spellings: without case, accents, punctuation and guests.
"""

import difflib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import UNKNOWN, Catalogue
from recommender.errors import ParameterError
from recommender.search import normalised

Marks = NDArray[np.bool_]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Traits:
    """Facts of the songs of a catalogue, each computed when it is first asked for."""

    catalogue: Catalogue

    @cached_property
    def unknown(self) -> Marks:
        """(n_songs,) whether title or artist is "-" or empty."""
        return unknown_songs(self.catalogue)

    @cached_property
    def artists(self) -> Numbers:
        """(n_songs,) the number of each song's artist; a song without one has a number to itself."""
        spelt = self._spellings
        return _numbers(row if _missing(name) else spelt[name] for row, name in enumerate(self.catalogue.artists))

    @cached_property
    def versions(self) -> Numbers:
        """(n_songs,) a number that all ids and versions ("(Live)", "- Radio Edit") of a song share, 0 to the largest.

        A song of unknown title or artist has a number to itself.
        """
        from recommender.datasets.matching import key

        texts = zip(self.catalogue.titles, self.catalogue.artists, self.unknown.tolist(), strict=True)
        return _numbers(row if alone else key(t, a, ignore_versions=True) for row, (t, a, alone) in enumerate(texts))

    def by(self, artists: Iterable[str]) -> Marks:
        """(n_songs,) which are by one of the artists; raises ParameterError for one that the catalogue has not."""
        spelt = self._spellings
        wanted = {self._found("artist", name, _spelling(name), set(spelt.values())) for name in artists}
        return np.array([spelt.get(name) in wanted for name in self.catalogue.artists], dtype=bool)

    def tagged(self, tags: Iterable[str]) -> Marks:
        """(n_songs,) which have one of the tags; raises ParameterError for one that no song has."""
        spelt = {tag: normalised(tag) or tag for tag in {tag for some in self.catalogue.tags for tag in some}}
        wanted = {self._found("tag", name, normalised(name) or name, set(spelt.values())) for name in tags}
        given = {tag for tag, spelling in spelt.items() if spelling in wanted}
        return np.array([not given.isdisjoint(some) for some in self.catalogue.tags], dtype=bool)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """What the spellings of one artist have in common, of each as the catalogue has it; the unknown left out."""
        return {name: _spelling(name) for name in set(self.catalogue.artists) if not _missing(name)}

    @staticmethod
    def _found(kind: str, name: str, spelling: str, known: set[str]) -> str:
        if spelling in known:
            return spelling
        near = difflib.get_close_matches(spelling, sorted(known), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"`recommender search` shows the {kind}s of songs"
        raise ParameterError(f"no song has the {kind} {name!r}; {hint}")


def unknown_songs(catalogue: Catalogue) -> Marks:
    """(n_songs,) whether title or artist is "-" or empty."""
    texts = zip(catalogue.titles, catalogue.artists, strict=True)
    return np.array([_missing(title) or _missing(artist) for title, artist in texts], dtype=bool)


def _missing(text: str) -> bool:
    return text.strip() in ("", UNKNOWN)


def _spelling(artist: str) -> str:
    from recommender.datasets.matching import key

    return key("", artist)[1]


def _numbers(keys: Iterable[Hashable]) -> Numbers:
    """The keys numbered from 0 in order of appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int32)
