"""Answer files: JSON Lines or Parquet, there whole or not at all; and folders that keep what is done until all is.

A folder OUT.part holds `asked.json`, what the answers depend on, and `answers.jsonl`. Whole chunks of it are kept, so
that what is asked together is the same as if nothing had happened, and so are the answers, to the last bit.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from recommender.errors import DataError
from recommender.files import alone

EMPTY = '{"songs": []'
Begun = tuple[IO[str], int, int]  # where answers go, how many are there already, how many of those are empty


@contextmanager
def sink(out: str | None, chunk: int, signature: str | None = None) -> Iterator[Begun]:
    """Where answers go as JSON Lines: a file that appears when it is whole, or what is there if it is no plain file.

    out : its name; None for standard output; one that ends in .parquet becomes a Parquet file in the end
    chunk : answers are kept in multiples of this
    signature : what the answers depend on, for those that are to be gone on with; None to begin anew

    Raises DataError where it cannot be written, where what was begun there depended on something else, or where another
    process is going on with it.
    """
    if not out:
        yield sys.stdout, 0, 0
        return
    path = Path(out).resolve()
    try:
        if path.exists() and not path.is_file():
            with path.open("w") as pipe:
                yield pipe, 0, 0
        elif signature is not None:
            part = path.with_name(f"{path.name}.part")
            part.mkdir(exist_ok=True)
            with alone(part / "lock", DataError(f"{part} is being written by another process; wait for it")):
                with _kept(part, chunk, signature) as begun:
                    yield begun
                _finish(part, path)
        else:
            with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as scratch:
                with Path(scratch, "answers.jsonl").open("w") as new:
                    yield new, 0, 0
                _finish(Path(scratch), path)
    except OSError as error:
        kept = "what was answered is kept" if signature is not None else "nothing was changed"
        raise DataError(f"{out}: cannot be written: {error.strerror}; {kept}, try another place") from error


@contextmanager
def _kept(folder: Path, chunk: int, signature: str) -> Iterator[Begun]:
    """The answers in the folder, to be gone on with."""
    asked, answers = folder / "asked.json", folder / "answers.jsonl"
    if not asked.exists():
        new = asked.with_suffix(".new")
        new.write_text(signature, encoding="utf-8")
        new.replace(asked)
    elif asked.read_bytes() != signature.encode():
        raise DataError(
            f"{folder} was begun with another run, other playlists or other options; give those, or remove it"
        )
    with answers.open("a+", encoding="utf-8") as file:
        file.seek(0)
        done, empty, end = 0, 0, 0
        while len(lines := list(islice(iter(file.readline, ""), chunk))) == chunk and lines[-1].endswith("\n"):
            done, empty = done + chunk, empty + sum(line.startswith(EMPTY) for line in lines)
            end = file.tell()
        file.truncate(end)
        yield file, done, empty


def _finish(folder: Path, path: Path) -> None:
    """Move the answers out of the folder, which is removed."""
    answers = folder / "answers.jsonl"
    if path.suffix.lower() == ".parquet":
        _to_parquet(answers, folder / "answers.parquet")
        answers = answers.with_suffix(".parquet")
    os.replace(answers, path)
    shutil.rmtree(folder, ignore_errors=True)


def _to_parquet(answers: Path, path: Path) -> None:
    """Write the answers as lists of songs and scores, a few thousand at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("songs", pa.list_(pa.int64())), ("scores", pa.list_(pa.float32()))])
    with answers.open(encoding="utf-8") as lines, pq.ParquetWriter(path, schema) as writer:
        while some := [json.loads(line) for line in islice(lines, 4096)]:
            writer.write_table(pa.Table.from_pylist(some, schema))
