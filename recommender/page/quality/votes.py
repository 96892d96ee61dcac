"""Votes: what people said in blind tests, each counted once, in the database beside the run.

A vote belongs to the run, by when it was made, and to a pair of models, by their names and, where they are of other
runs, by when those were made; so a model that is trained anew begins at nothing. The seed brings the question back.
"""

import csv
import io
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

from sqlalchemy import BigInteger, Column, ColumnElement, Table, Text, func, select
from sqlalchemy.dialects.sqlite import insert

from recommender.blind import Votes
from recommender.page.database import changing, metadata, reading

Pair = tuple[str, str]


@dataclass(frozen=True)
class Vote:
    """One answer.

    run, first, second, seed : which question; each is answered once
    songs : the ids that the lists come after, a space between
    a : the model whose list was A
    better : the model that was preferred, "" for neither
    """

    run: str
    first: str
    second: str
    seed: int
    songs: str
    a: str
    better: str
    at: str


_KEY = ("run", "first", "second", "seed")
_VOTES = Table(
    "votes",
    metadata,
    *(
        Column(field.name, BigInteger if field.type is int else Text, primary_key=field.name in _KEY)
        for field in fields(Vote)
    ),
)


def cast(folder: Path, vote: Vote) -> bool:
    """Keep the vote; whether it counts, as one on a question that was answered before does not."""
    with changing(folder) as connection:
        kept = connection.execute(insert(_VOTES).values(asdict(vote)).on_conflict_do_nothing())
    return kept.rowcount > 0


def counted(folder: Path, run: str, pair: Pair) -> Votes:
    """The votes on a pair of models of a run."""
    asked = select(_VOTES.c.better, func.count().label("n")).where(_of(run, pair)).group_by(_VOTES.c.better)
    with reading(folder) as connection:
        found = {row.better: row.n for row in connection.execute(asked)}
    return Votes(*(found.get(better, 0) for better in (*pair, "")))


def as_csv(folder: Path, run: str, pair: Pair) -> str:
    """The same votes, oldest first, a line each under the names of the fields of Vote."""
    asked = select(_VOTES).where(_of(run, pair)).order_by(_VOTES.c.at, _VOTES.c.seed)
    with reading(folder) as connection:
        found = [Vote(*row) for row in connection.execute(asked)]
    text = io.StringIO()
    csv.writer(text).writerows([[field.name for field in fields(Vote)], *map(astuple, found)])
    return text.getvalue()


def _of(run: str, pair: Pair) -> ColumnElement[bool]:
    first, second = pair
    return (_VOTES.c.run == run) & (_VOTES.c.first == first) & (_VOTES.c.second == second)
