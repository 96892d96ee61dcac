"""Batch: playlists as lines of ids in, one JSON object a line out, in bounded memory."""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from recommender.errors import DataError, UnknownSongError
from recommender.playlists import Playlists
from recommender.ranking import NO_SONG
from recommender.run import Run

_LINES = 256  # asked at once
_NO_ID = -1


def answer_file(run: Run, playlists: str, out: str | None, k: int, **asked: Any) -> int:
    """Answer each line of the file `playlists` in the file `out`; how many answers are empty.

    playlists : a path, "-" for standard input
    out : a path, written whole or not at all unless it is a pipe or a device; None for standard output
    asked : of every line, as of `Run.recommend`: taste, shape, allow_repeats

    Raises DataError for a file that cannot be read or written, or a line that holds no ids.
    """
    empty = 0
    with _source(playlists) as lines, _sink(out) as sink:
        shown = tqdm(lines, desc="playlists", unit="", leave=False, disable=None)
        for answer in answers(run, shown, k, **asked):
            empty += not answer["songs"]
            sink.write(json.dumps(answer) + "\n")
    return empty


def _source(playlists: str) -> AbstractContextManager[IO[str]]:
    if playlists == "-":
        return nullcontext(sys.stdin)
    try:
        return Path(playlists).open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        way_on = "give a playlist of song ids a line, or - for standard input"
        raise DataError(f"{playlists}: cannot be read: {error.strerror}; {way_on}") from error


@contextmanager
def _sink(out: str | None) -> Iterator[IO[str]]:
    """Where answers go: a file that appears when it is whole, or what is there if it is no plain file."""
    if not out:
        yield sys.stdout
        return
    path = Path(out).resolve()
    try:
        if path.exists() and not path.is_file():
            with path.open("w") as sink:
                yield sink
            return
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as scratch:
            with Path(scratch, path.name).open("w") as sink:
                yield sink
            os.replace(Path(scratch, path.name), path)
    except OSError as error:
        raise DataError(
            f"{out}: cannot be written: {error.strerror}; nothing was changed, try another place"
        ) from error


def answers(run: Run, lines: Iterable[str], k: int, **asked: Any) -> Iterator[dict[str, list[float]]]:
    """For each line of song ids, {"songs": [ids, best first], "scores": [...]}.

    asked : of every line, as of `Run.recommend`: taste, shape, allow_repeats

    Both lists are empty where the line is, or where the model knows none of its songs. Raises DataError
    naming the line for what is no id of the catalogue.
    """
    numbered = enumerate(lines, 1)
    while chunk := list(islice(numbered, _LINES)):
        seeds = Playlists.of([_rows(run, number, line) for number, line in chunk])
        for songs, scores in zip(*run.lists(seeds, k, **asked), strict=True):
            n = int((songs != NO_SONG).sum())
            yield {"songs": run.catalogue.ids[songs[:n]].tolist(), "scores": scores[:n].tolist()}


def songs_in(run: Run, path: str) -> list[int]:
    """The ids in a file, with spaces or line ends between; raises DataError as `answer_file` does."""
    with _source(path) as lines:
        rows = [row for number, line in enumerate(lines, 1) for row in _rows(run, number, line)]
    return [int(song) for song in run.catalogue.ids[rows]]


def _rows(run: Run, number: int, line: str) -> list[int]:
    rows = []
    for word in line.split():
        try:
            rows.append(run.catalogue.row(int(word) if word.isascii() and word.isdecimal() else _NO_ID))
        except (ValueError, UnknownSongError) as error:
            what = f"line {number} has {word!r}, which is no song id of the run"
            raise DataError(f"{what}; a line is song ids with spaces between") from error
    return rows
