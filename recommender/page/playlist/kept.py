"""Kept: playlists saved under a name, so that two who save at once never lose each other's work.

Each saving gives a playlist a new version. Whoever saves says which version they saw: over another one nothing is
written. Songs are kept by id, as another run may know them, or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import uuid4

from sqlalchemy import Column, Connection, DateTime, Table, Text, delete, func, insert, select, update

from recommender.errors import RecommenderError
from recommender.page.database import changing, metadata, reading
from recommender.page.words import playlist as words

LONGEST = 80  # characters of a name
_PLAYLISTS = Table(
    "playlists",
    metadata,
    Column("key", Text, primary_key=True),  # the name, without case
    Column("name", Text, nullable=False),
    Column("songs", Text, nullable=False),  # ids in play order, a space between
    Column("changed", DateTime, nullable=False),  # UTC
    Column("version", Text, nullable=False),
)


@dataclass(frozen=True)
class Kept:
    """A saved playlist: songs by id in play order, when it was saved, and a version that no other saving has."""

    name: str
    songs: tuple[int, ...]
    changed: datetime
    version: str


class OtherVersionError(RecommenderError):
    """What is saved under a name is not what was seen; `there` is what is there, None for nothing."""

    def __init__(self, name: str, there: Kept | None) -> None:
        super().__init__((words.OTHER_VERSION if there else words.GONE).format(name=name))
        self.name, self.there = name, there


def key(name: str) -> str:
    """What two spellings of one name have in common.

    >>> key(" Straße  1"), key("STRASSE 1"), key("㎒")
    ('strasse 1', 'strasse 1', 'mhz')
    """
    return normalize("NFKC", normalize("NFKC", " ".join(name.split())).casefold())


def newest(run: Path, most: int, text: str = "") -> tuple[list[Kept], int]:
    """The playlists saved last whose names hold the text, and how many these are in all."""
    matching = _PLAYLISTS.c.key.contains(key(text), autoescape=True)
    with reading(run) as connection:
        rows = connection.execute(
            select(_PLAYLISTS).where(matching).order_by(_PLAYLISTS.c.changed.desc(), _PLAYLISTS.c.key).limit(most)
        )
        found = [_kept(row) for row in rows]
        return found, connection.execute(select(func.count()).select_from(_PLAYLISTS).where(matching)).scalar_one()


def find(run: Path, name: str) -> Kept | None:
    """The playlist saved under a name, whatever its case."""
    with reading(run) as connection:
        return _find(connection, name)


def keep(run: Path, name: str, songs: Sequence[int], seen: str | None) -> Kept:
    """Save songs under a name.

    seen : the version that this one comes from, None where there was none

    Raises OtherVersionError where there is another version by now, RecommenderError for a name that is none.
    """
    name = _checked(name)
    with changing(run) as connection:
        there = _find(connection, name)
        if (there.version if there else None) != seen:
            raise OtherVersionError(name, there)
        new = Kept(name, tuple(songs), datetime.now(UTC), uuid4().hex[:12])
        connection.execute(delete(_PLAYLISTS).where(_PLAYLISTS.c.key == key(name)))
        values = {"name": name, "songs": " ".join(map(str, songs)), "changed": new.changed, "version": new.version}
        connection.execute(insert(_PLAYLISTS).values(key=key(name), **values))
    return new


def rename(run: Path, name: str, other: str) -> None:
    """Give a saved playlist another name; it stays the version that it is.

    Raises RecommenderError where the name is taken, or there is no such playlist any more.
    """
    other = _checked(other)
    with changing(run) as connection:
        if not _find(connection, name):
            raise OtherVersionError(name, None)
        if key(other) != key(name) and _find(connection, other):
            raise RecommenderError(words.TAKEN.format(name=other))
        connection.execute(update(_PLAYLISTS).where(_PLAYLISTS.c.key == key(name)).values(key=key(other), name=other))


def remove(run: Path, name: str) -> Kept:
    """Delete a saved playlist: what it was, so that it can be saved again.

    Raises OtherVersionError where it is gone already.
    """
    with changing(run) as connection:
        if not (there := _find(connection, name)):
            raise OtherVersionError(name, None)
        connection.execute(delete(_PLAYLISTS).where(_PLAYLISTS.c.key == key(name)))
    return there


def _checked(name: str) -> str:
    name = " ".join("".join(mark for mark in name if mark.isprintable() or mark.isspace()).split())
    if not name or len(name) > LONGEST:
        raise RecommenderError(words.NO_NAME.format(most=LONGEST, given=len(name)))
    return name


def _find(connection: Connection, name: str) -> Kept | None:
    row = connection.execute(select(_PLAYLISTS).where(_PLAYLISTS.c.key == key(name))).one_or_none()
    return None if row is None else _kept(row)


def _kept(row: Any) -> Kept:
    return Kept(row.name, tuple(map(int, row.songs.split())), row.changed.replace(tzinfo=UTC), row.version)


def with_unknown(songs: Sequence[int], before: Sequence[int], unknown: set[int]) -> list[int]:
    """The songs, with those that a run does not know put where they stood before: after the song before them.

    >>> with_unknown([5, 4, 6], [1, 4, 2, 3, 5], {1, 2, 3})
    [1, 5, 4, 2, 3, 6]
    """
    whole = [*songs]
    for place, song in enumerate(before):
        if song in unknown:
            ahead = before[place - 1] if place else None
            after = whole.index(ahead) + 1 if ahead in whole else len(whole)
            whole.insert(after if place else 0, song)
    return whole
