"""Song table: songs.tsv, a song a line: id, plays, title, artist and tags, a tab between.

A file is read whole and checked, but what is text stays in its line until it is asked for: a recommendation needs the
titles of ten songs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from recommender.catalogue import Catalogue

T = TypeVar("T")
_TITLE, _ARTIST, _TAGS = 2, 3, 4  # fields


@dataclass(frozen=True, eq=False)
class _Column(Sequence[T]):
    """What a part of each line says: of a line when it is asked for, of all and for good when one goes through them."""

    lines: Sequence[str]
    part: Callable[[str], T]

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice) or "_all" in vars(self):
            return self._all[row]
        return self.part(self.lines[row])

    def __iter__(self) -> Iterator[T]:
        return iter(self._all)

    @cached_property
    def _all(self) -> list[T]:
        return [*map(self.part, self.lines)]


def write_songs(path: Path, catalogue: Catalogue) -> None:
    """Write the table; text may hold no tab or newline."""
    lines = []
    for song in catalogue:
        fields = [str(song.id), str(song.plays), song.title, song.artist, *song.tags]
        if any(mark in text for text in fields for mark in "\t\n"):
            raise ValueError(f"a tab or a newline in {song!r}")
        lines.append("\t".join(fields) + "\n")
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_songs(path: Path, n_songs: int) -> Catalogue:
    """What `write_songs` wrote; raises ValueError if it has not `n_songs` whole lines, each with an id of its own."""
    *lines, rest = path.read_bytes().decode("utf-8").split("\n")
    if len(lines) != n_songs or rest or min((line.count("\t") for line in lines), default=_ARTIST) < _ARTIST:
        raise ValueError(f"{path.name} has not the {n_songs} songs that the card states")
    try:
        numbers = np.array([int(field) for line in lines for field in line.split("\t", _TITLE)[:_TITLE]], np.int64)
    except OverflowError as error:
        raise ValueError(f"{path.name} has a number of more than 64 bits") from error
    ids, plays = numbers.reshape(-1, _TITLE).T.copy()
    if (np.diff(np.sort(ids)) == 0).any():
        raise ValueError(f"{path.name} has an id twice")
    return Catalogue(ids, _Column(lines, _title), _Column(lines, _artist), _Column(lines, _tags), plays)


def _title(line: str) -> str:
    return line.split("\t", _ARTIST)[_TITLE]


def _artist(line: str) -> str:
    return line.split("\t", _TAGS)[_ARTIST]


def _tags(line: str) -> tuple[str, ...]:
    return tuple(line.split("\t")[_TAGS:])
