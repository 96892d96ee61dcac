"""Tables: CSV and TSV, a song a row, the first line naming the columns.

Comma, tab or semicolon, whichever gives a title and an artist. Columns are found by their usual names or
given. Without a playlist column a file is one playlist; without a position column rows stand in play order.
`song_id` is a song's id in the catalogue that the table was written from.
A player's export has the song's place on its album as "Track Number" and its length as "Time": beside an
album column these are no positions. A row that breaks the rules of quoting is read with its quotes as text.
"""

import csv
import re
from array import array
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import TextIO

import numpy as np

from recommender.datasets.formats import Format, FormatError, Playlist, Reject, Track, lines

USUAL = {
    "playlist": ("playlist_id", "pid", "playlist", "playlist_name", "session_id", "session"),
    "position": ("position", "pos", "order", "index", "track_number", "time"),
    "title": ("title", "track_name", "track_title", "song_title", "song_name", "song", "track", "name"),
    "artist": ("artist", "artist_name", "artist_names", "artist_name_s", "artists", "performer", "creator"),
}
_ID = "song_id"
_NEEDED = ("title", "artist")
_OF_AN_ALBUM = ("track_number", "time")
_DELIMITERS = (",", "\t", ";")


def sniff(head: str, name: str) -> bool:
    """By its name or a first line that names a title and an artist."""
    first = next(iter(head.lstrip().splitlines()), "")
    return name.lower().endswith((".csv", ".tsv", ".tab")) or any(
        set(_NEEDED) <= set(_places(_fields(first, delimiter), {})) for delimiter in _DELIMITERS
    )


def read(text: TextIO, columns: Mapping[str, str], reject: Reject) -> Iterator[Playlist]:
    """The playlists of the file in order of their first rows."""
    numbered = lines(text)
    first = next(((number, line) for number, line in numbered if line.strip()), (1, ""))
    delimiter, header = _header(*first, columns)
    places = _places(header, columns) | ({"id": header.index(_ID)} if _ID in header else {})
    rows, needed, width = _Rows(places), max(places.values()), len(header)
    for number, row in _records(numbered, delimiter, width):
        if len(row) <= needed or (len(row) > width and any(field.strip() for field in row[width:])):
            reject(f"line {number}", f"has {len(row)} fields, the header has {width}")
        elif reason := rows.add(row):
            reject(f"line {number}", reason)
    yield from rows.playlists()


class _Rows:
    """What is kept of the rows: 16 bytes each, and every distinct track and playlist once."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self._title, self._artist = places["title"], places["artist"]
        self._playlist, self._position, self._id = (places.get(kind) for kind in ("playlist", "position", "id"))
        self._owners: dict[str, int] = {}
        self._tracks: dict[Track, int] = {}
        self._rows = (array("i"), array("d"), array("i"))  # playlist, position, track

    def add(self, row: list[str]) -> str:
        """Keep a row, or say why not."""
        name = row[self._playlist].strip() if self._playlist is not None else "the only one"
        position = _position(row[self._position]) if self._position is not None else 0.0
        if not name:
            return "has no playlist"
        if position is None:
            return f"has the position {row[self._position or 0][:40]!r}, a number or a date is expected"
        if not row[self._title].strip():
            return "has no title"
        track = Track(row[self._title], row[self._artist], row[self._id] if self._id is not None else None)
        owners, positions, tracks = self._rows
        owners.append(self._owners.setdefault(name, len(self._owners)))
        positions.append(position)
        tracks.append(self._tracks.setdefault(track, len(self._tracks)))
        return ""

    def playlists(self) -> Iterator[Playlist]:
        """The rows by playlist and position; equal positions in the order of the file."""
        owners, positions, tracks = (np.asarray(column) for column in self._rows)
        distinct = list(self._tracks)
        in_order = tracks[np.lexsort((positions, owners))]
        ends = np.cumsum(np.bincount(owners, minlength=len(self._owners)))
        start = 0
        for name, end in zip(self._owners, ends.tolist(), strict=True):
            where = f"playlist {name[:40]!r}" if self._playlist is not None else ""
            yield where, [distinct[track] for track in in_order[start:end].tolist()]
            start = end


def _header(number: int, line: str, columns: Mapping[str, str]) -> tuple[str, list[str]]:
    """Delimiter and column names."""
    headers = {delimiter: _fields(line, delimiter) for delimiter in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda d: (len(_places(headers[d], columns)), len(headers[d])))
    header = headers[delimiter]
    found = _places(header, columns)
    for kind in (*_NEEDED, *columns):
        if kind not in found:
            wanted = f"called {columns[kind]!r}" if kind in columns else f"for the {kind}"
            names = ", ".join(header)[:200]
            raise FormatError(f"line {number}", f"has no column {wanted} among {names!r}; name it with --{kind}-column")
    return delimiter, header


def _places(header: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Where the columns stand that are given, or else found by a usual name."""
    names = [_plain(name) for name in header]
    in_album = any(name.startswith("album") for name in names)
    places = {}
    for kind, usual in USUAL.items():
        wanted = [_plain(columns[kind])] if kind in columns else usual
        for name in wanted:
            if name in names and (kind in columns or not (in_album and name in _OF_AN_ALBUM)):
                places[kind] = names.index(name)
                break
    return places


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_") or name


def _records(numbered: Iterator[tuple[int, str]], delimiter: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Number of the first line and fields of each record that is not blank.

    A quotation mark that is never closed would swallow the lines below it: a record of several lines that does
    not fit is read again line by line.
    """
    taken: list[tuple[int, str]] = []

    def feed() -> Iterator[str]:
        for number, line in numbered:
            taken.append((number, line))
            yield line

    reader = csv.reader(feed(), delimiter=delimiter, strict=True)
    while True:
        taken.clear()
        try:
            row = next(reader, None)
        except csv.Error:
            row = []
        if row is None:
            return
        whole = row and (len(taken) == 1 or len(row) == width)
        records = [(taken[0][0], row)] if whole else [(n, _fields(line, delimiter)) for n, line in taken]
        for number, fields in records:
            if any(fields) and not "".join(fields).isspace():
                yield number, fields


def _fields(line: str, delimiter: str) -> list[str]:
    """The fields of one line; where its quoting is broken, its quotes are text."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return line.rstrip("\r\n").split(delimiter)


def _position(text: str) -> float | None:
    """A number, or a date as a number."""
    if len(text) > 100:
        return None
    try:
        position = float(text)
    except ValueError:
        try:
            date = datetime.fromisoformat(text.strip())
            position = date.replace(tzinfo=date.tzinfo or UTC).timestamp()
        except (ValueError, OverflowError):
            return None
    return position if isfinite(position) else None


TABLE = Format((".csv", ".tsv", ".tab", ".txt"), sniff, read)
