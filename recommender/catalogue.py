"""Catalogue: what is known of each song (id, title, artist, tags, plays) and the search for one by text.

A song's row is its place here and its number everywhere inside; its id is the integer that the files use.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.errors import UnknownSongError
from recommender.search import Index

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
    def index(self) -> Index:
        """The index of these songs' words, built when it is first asked for."""
        return Index.of(self.titles, self.artists, self.plays)

    def indexed(self, index: Index) -> Self:
        """The same catalogue, with the index that was built of it before."""
        known = replace(self)
        vars(known)["index"] = index  # no field, which `replace` would hand on to a catalogue of other songs
        return known

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
        """Rows of the songs whose title and artist hold every word of `text` or where none does, come near; best first.

        A word matches the start of a word. A song of just that title comes first, then songs of just that artist,
        then whole words before beginnings; among equals, the song played more often (see `recommender.search`).
        """
        return self.index.search(text, limit)

    @cached_property
    def tag_songs(self) -> dict[str, int]:
        """How many songs have each tag, most first."""
        return dict(Counter(tag for tags in self.tags for tag in dict.fromkeys(tags)).most_common())

    @cached_property
    def artist_plays(self) -> dict[str, int]:
        """How often each artist was played, most first; the unknown one is none."""
        plays: Counter[str] = Counter()
        for artist, played in zip(self.artists, self.plays.tolist(), strict=True):
            plays[artist] += played
        return {artist: played for artist, played in plays.most_common() if artist.strip() not in ("", UNKNOWN)}

    def search_artists(self, text: str, limit: int = 5) -> list[str]:
        """The artists whose names hold every word of `text` or where none does, come near; best first."""
        if not text.strip():
            return []  # without an index, which takes a while to build
        names = [*self.artist_plays]
        return [names[row] for row in self._artists.search(text, limit)]

    @cached_property
    def _artists(self) -> Index:
        names, plays = [*self.artist_plays], np.array([*self.artist_plays.values()], np.int64)
        return Index.of(names, [""] * len(names), plays)

    def find(self, text: str) -> int:
        """The row that a person means: a song id, or words that a song holds; raises UnknownSongError.

        Digits that are no id are searched for as words ("1979", "99 problems").
        """
        word = text.strip()
        if word.isdecimal() and len(word) < 19 and int(word) in self._rows:
            return self._rows[int(word)]
        if hits := self.index.matching(text, limit=1):
            return hits[0]
        near = self.index.near(text, limit=1)
        hint = f"did you mean {self[near[0]]}?" if near else "try fewer words, or the beginning of a word"
        raise UnknownSongError(f"no song matches {text!r}; {hint}")


def _memberships(names: Sequence[Sequence[str]]) -> sp.csr_array:
    """(len(names), n_distinct) 1 where a row has the name."""
    numbers: dict[str, int] = {}
    columns = [numbers.setdefault(name, len(numbers)) for row in names for name in dict.fromkeys(row)]
    offsets = np.cumsum([0, *(len(set(row)) for row in names)])
    return sp.csr_array((np.ones(len(columns), np.float32), columns, offsets), shape=(len(names), len(numbers)))
