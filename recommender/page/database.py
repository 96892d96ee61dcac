"""Database: what people keep, in one SQLite file beside the run (`runs/mine` -> `runs/mine.kept.sqlite`).

It outlives a run that is replaced. Modules add their Table to `metadata`; a table is made when it is first needed.
Every use opens the file anew, as a file may be moved away or brought back meanwhile.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, MetaData, NullPool, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError

from recommender.errors import RecommenderError
from recommender.page.words import playlist as words

metadata = MetaData()

_PATIENCE = 5  # seconds to wait for another who writes
_REMEDIES = {
    sqlite3.SQLITE_FULL: words.KEPT_FULL,
    sqlite3.SQLITE_IOERR: words.KEPT_FULL,
    sqlite3.SQLITE_READONLY: words.KEPT_READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: words.KEPT_READ_ONLY,
    sqlite3.SQLITE_BUSY: words.KEPT_BUSY,
    sqlite3.SQLITE_CORRUPT: words.KEPT_DAMAGED,
    sqlite3.SQLITE_NOTADB: words.KEPT_DAMAGED,
}


def kept_beside(run: Path) -> Path:
    """The file of what people keep of the run in this folder."""
    folder = run.resolve()
    return folder.with_name(f"{folder.name}.kept.sqlite")


@contextmanager
def changing(run: Path) -> Iterator[Connection]:
    """One transaction, the only one at a time, that is kept whole at the end, or not at all after an exception.

    run : the folder of the run beside which the file is, made if it is not there

    Raises RecommenderError where it cannot be kept; what was kept before stays.
    """
    file = kept_beside(run)
    with _faults_of(file), _engine(file, "BEGIN IMMEDIATE").begin() as connection:
        metadata.create_all(connection)
        yield connection


@contextmanager
def reading(run: Path) -> Iterator[Connection]:
    """What is kept, as of one moment; empty tables where there is no file yet, which is not made.

    run : the folder of the run beside which the file is

    Raises RecommenderError where it cannot be read.
    """
    file = kept_beside(run)
    there = file.exists()
    with _faults_of(file), _engine(file if there else None, "BEGIN").connect() as connection:
        if not there:
            metadata.create_all(connection)
        elif _missing(connection):
            connection.rollback()
            with changing(run):
                pass
        yield connection


def _missing(connection: Connection) -> set[str]:
    """Tables of `metadata` that the file does not have yet."""
    return {*metadata.tables} - {*inspect(connection).get_table_names()}


@lru_cache(maxsize=16)
def _engine(file: Path | None, begin: str) -> Engine:
    """The database of a file, or one in memory, whose transactions begin so.

    Python's driver would begin one only at the first change, after what the change rests on was read.
    """
    url = URL.create("sqlite", database=str(file) if file else None)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _PATIENCE, "isolation_level": None})
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


@contextmanager
def _faults_of(file: Path) -> Iterator[None]:
    """Say what is wrong with the file in a sentence."""
    try:
        yield
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        remedy = _REMEDIES.get(code & 0xFF) if code is not None else None  # the rest tells the kinds of a fault apart
        if remedy is None:
            raise
        raise RecommenderError(words.KEPT_FAULT.format(file=file, what=error.orig, remedy=remedy)) from error
