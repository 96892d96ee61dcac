"""Song lists: the songs of a file, found again in a catalogue.

A song is found by its id where the file has one and its title and artist are that song's, for the file may come
from another catalogue; else by title and artist: as written, by their words, without guests, without the version
("Live", "2011 Remaster"). Of several that are spelt alike it is the one played most.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TextIO

import numpy as np

from recommender.catalogue import UNKNOWN, Catalogue
from recommender.datasets.formats import Format, Playlist, Reject, lines, named, split_artist
from recommender.datasets.matching import LEVELS, Spellings, alike
from recommender.datasets.reading import FORMATS, Reader, Rejection
from recommender.datasets.sources import opened
from recommender.errors import UnknownSongError


@dataclass(frozen=True)
class SongList:
    """The songs of a file.

    rows : those found, in the order of the file
    missing : title and artist ("" where the file has none) of those that are not in the catalogue
    rejections : the first few lines and tracks that are no songs
    """

    rows: tuple[int, ...]
    missing: tuple[tuple[str, str], ...]
    rejections: tuple[Rejection, ...]


def read_playlist(source: str | Path, catalogue: Catalogue) -> SongList:
    """The songs of a CSV, JSON, M3U, JSPF or Spotify file, or of a text with "Artist - Title" a line.

    Several playlists of a file, or several files of a folder or a zip, are read one after another. What is not UTF-8
    is read as Latin-1, which an M3U without the 8 is. Raises DataError where there is not one song.
    """
    reader, finder = Reader(encoding="latin-1", known=_KNOWN), _finder(catalogue)
    songs = [(title, artist, finder.row(title, artist, own)) for title, artist, own in _songs(Path(source), reader)]
    if not songs:
        raise reader.nothing(Path(source), "give it the ending of one of them")
    return SongList(
        tuple(row for _, _, row in songs if row is not None),
        tuple((title, artist) for title, artist, row in songs if row is None),
        tuple(reader.rejections),
    )


def _songs(source: Path, reader: Reader) -> Iterator[tuple[str, str, object]]:
    """Title, artist and id of each song."""
    spellings = Spellings()
    with opened(source) as files:
        for file in files:
            for playlist in reader.playlists(file):
                for spelling, own in reader.songs(file, playlist, spellings):
                    yield *spellings.texts[spelling], own


def suggestions(catalogue: Catalogue, title: str, artist: str, limit: int = 3) -> list[int]:
    """Rows of songs that a person may have meant: by title and artist, else by title, else by the artist."""
    for text in (f"{title} {artist}", title, artist):
        if rows := catalogue.search(text, limit):
            return rows
    return []


def counterparts(songs: Iterable[int], here: Catalogue, there: Catalogue) -> list[int | None]:
    """The row that each song of a catalogue has in another, found as those of a file are; None where it has none."""
    finder = _finder(there)
    return [finder.row(*named(here.titles[row], here.artists[row]), here.ids[row]) for row in songs]


class _Finder:
    """Finds songs; what it needs of the catalogue it makes when it is first asked for, and keeps."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._rows: dict[Callable[[str, str], str], dict[str, int]] = {}

    def row(self, title: str, artist: str, id: object) -> int | None:
        """The row of the song of that id, or else of that title and artist."""
        try:
            row = self._catalogue.row(_number(id))
            if alike((title, artist), self._song(row)):
                return row
        except UnknownSongError:
            pass
        found = (self._rows_by(level).get(level(title, artist)) for level in LEVELS)
        return next((row for row in found if row is not None), None)

    def _song(self, row: int) -> tuple[str, str]:
        return named(self._catalogue.titles[row], self._catalogue.artists[row])

    def _rows_by(self, level: Callable[[str, str], str]) -> dict[str, int]:
        """The song played most of each spelling; songs without title and artist have none."""
        if level not in self._rows:
            rows: dict[str, int] = {}
            for row in np.argsort(-self._catalogue.plays, kind="stable").tolist():
                song = self._song(row)
                if song != (UNKNOWN, ""):
                    rows.setdefault(level(*song), row)
            self._rows[level] = rows  # when it is whole, as others may be asking
        return self._rows[level]


@lru_cache(maxsize=2)
def _finder(catalogue: Catalogue) -> _Finder:
    return _Finder(catalogue)


def _number(id: object) -> int:
    """An id that a file has as a number or as digits; -1, which is none, for anything else."""
    text = str(id)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1


def _is_text(head: str, name: str) -> bool:
    return name.lower().endswith(".txt")


def _texts(text: TextIO, columns: Mapping[str, str], reject: Reject) -> Iterator[Playlist]:
    yield "", [split_artist(line.strip()) for _, line in lines(text) if line.strip()]


_KNOWN = {**FORMATS, "txt": Format((".txt",), _is_text, _texts)}
