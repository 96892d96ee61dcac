r"""Catalogue: what is known of each song (id, title, artist, tags, plays) and the search for one by text.

A song's row is its place here and its number everywhere inside; its id is the integer that the files use.
Text is matched without case, accents and punctuation, and `\/`, as Cornell's files write it, is `/`.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.errors import UnknownSongError

UNKNOWN = "-"


@dataclass(frozen=True)
class Song:
    """One song's metadata; `plays` counts the training playlists."""

    id: int
    title: str
    artist: str
    tags: tuple[str, ...] = ()
    plays: int = 0

    def __str__(self) -> str:
        return f"{self.title} · {self.artist}"


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All songs, a row each.

    ids : (n_songs,) distinct
    titles, artists : "-" where unknown
    tags : names, most general first where the source says so
    plays : (n_songs,) in the training playlists; orders equal search hits
    """

    ids: NDArray[np.int64]
    titles: Sequence[str]
    artists: Sequence[str]
    tags: Sequence[tuple[str, ...]]
    plays: NDArray[np.int64] = field(repr=False)

    def __post_init__(self) -> None:
        columns = [len(c) for c in (self.ids, self.titles, self.artists, self.tags, self.plays)]
        if len(set(columns)) > 1:
            raise ValueError(f"columns must be of one length, got {columns}")

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Song]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Song:
        return Song(int(self.ids[row]), self.titles[row], self.artists[row], self.tags[row], int(self.plays[row]))

    @cached_property
    def _rows(self) -> dict[int, int]:
        return {song: row for row, song in enumerate(self.ids.tolist())}

    @cached_property
    def _titles(self) -> list[str]:
        return [normalised(title) for title in self.titles]

    @cached_property
    def _texts(self) -> list[str]:
        return [f" {t} {normalised(a)} " for t, a in zip(self._titles, self.artists, strict=True)]

    def features(self) -> dict[str, sp.csr_array]:
        """(n_songs, n_features) each: 1 where a song has a tag, and where it is by an artist; the unknown are none."""
        artists = [() if artist.strip() in ("", UNKNOWN) else (artist,) for artist in self.artists]
        return {"tag": _memberships(self.tags), "artist": _memberships(artists)}

    def row(self, id: int) -> int:
        """The row of a song id; raises UnknownSongError."""
        try:
            return self._rows[id]
        except KeyError as error:
            raise UnknownSongError(
                f"no song has the id {id}; search for its title instead of giving a number"
            ) from error

    def search(self, text: str, limit: int = 20) -> list[int]:
        """Rows of the songs whose title and artist hold every word of `text`, best first.

        A word matches the start of a word. A song of just that title comes first, then whole words before
        beginnings; among equals, the song played more often.
        """
        words = normalised(text).split()
        if not words:
            return []
        starts, wholes = [f" {word}" for word in words], [f" {word} " for word in words]
        hits = [row for row, song in enumerate(self._texts) if all(start in song for start in starts)]
        title = " ".join(words)
        hits.sort(
            key=lambda row: (
                self._titles[row] != title,
                -sum(whole in self._texts[row] for whole in wholes),
                -self.plays[row],
            )
        )
        return hits[:limit]

    def find(self, text: str) -> int:
        """The row that a person means: a song id, or words that find a song; raises UnknownSongError.

        Digits that are no id are searched for as words ("1979", "99 problems").
        """
        word = text.strip()
        if word.isdecimal() and len(word) < 19 and int(word) in self._rows:
            return self._rows[int(word)]
        if hits := self.search(text, limit=1):
            return hits[0]
        near = difflib.get_close_matches(normalised(text), self._titles, n=1, cutoff=0.75)
        hint = (
            f"did you mean {self[self._titles.index(near[0])]}?"
            if near
            else "try fewer words, or the beginning of a word"
        )
        raise UnknownSongError(f"no song matches {text!r}; {hint}")


def normalised(text: str) -> str:
    """Lower-case letters and digits of any alphabet, words one space apart, accents dropped.

    >>> normalised("Beyoncé — Crazy In Love (w/ JAY-Z)")
    'beyonce crazy in love w jay z'
    >>> normalised("Don't Stop Believin'")
    'dont stop believin'
    """
    letters = unicodedata.normalize("NFKD", text).casefold().replace("'", "").replace("’", "")
    plain = letters if letters.isascii() else "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def _memberships(names: Sequence[Sequence[str]]) -> sp.csr_array:
    """(len(names), n_distinct) 1 where a row has the name."""
    numbers: dict[str, int] = {}
    columns = [numbers.setdefault(name, len(numbers)) for row in names for name in dict.fromkeys(row)]
    offsets = np.cumsum([0, *(len(set(row)) for row in names)])
    return sp.csr_array((np.ones(len(columns), np.float32), columns, offsets), shape=(len(names), len(numbers)))
