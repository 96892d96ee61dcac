"""Batch: playlists as lines of ids in, one JSON object a line out, in bounded memory."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import islice
from pathlib import Path
from typing import IO

from tqdm import tqdm

from recommender.errors import DataError, UnknownSongError
from recommender.playlists import Playlists
from recommender.ranking import NO_SONG, recommend
from recommender.run import Run

_LINES = 4096  # asked at once


def answer_file(run: Run, playlists: str, out: str | None, k: int, *, allow_repeats: bool = False) -> int:
    """Answer each line of the file `playlists` in the file `out`; how many answers are empty.

    playlists : a path, "-" for standard input
    out : a path, written whole or not at all; None for standard output

    Raises DataError for a file that cannot be read, or a line that holds no ids.
    """
    if playlists != "-" and not Path(playlists).is_file():
        raise DataError(
            f"{playlists}: there is no such file; give a playlist of song ids a line, or - for standard input"
        )
    part = Path(f"{out}.part") if out else None
    empty = 0
    try:
        with _source(playlists) as lines, part.open("w") if part else nullcontext(sys.stdout) as sink:
            shown = tqdm(lines, desc="playlists", unit="", leave=False, disable=None)
            for answer in answers(run, shown, k, allow_repeats=allow_repeats):
                empty += not answer["songs"]
                sink.write(json.dumps(answer) + "\n")
        if part and out:
            os.replace(part, out)
    except OSError as error:
        if not out:
            raise
        raise DataError(
            f"{out}: cannot be written: {error.strerror}; nothing was changed, try another place"
        ) from error
    finally:
        if part:
            with suppress(OSError):  # what cannot be reached was not made
                part.unlink()
    return empty


def _source(playlists: str) -> AbstractContextManager[IO[str]]:
    return nullcontext(sys.stdin) if playlists == "-" else Path(playlists).open(encoding="utf-8", errors="replace")


def answers(run: Run, lines: Iterable[str], k: int, *, allow_repeats: bool = False) -> Iterator[dict[str, list[float]]]:
    """For each line of song ids, {"songs": [ids, best first], "scores": [...]}.

    Both lists are empty where the line is, or where the model knows none of its songs. Raises DataError
    naming the line for what is no id of the catalogue.
    """
    numbered = enumerate(lines, 1)
    while chunk := list(islice(numbered, _LINES)):
        seeds = Playlists.of([_rows(run, number, line) for number, line in chunk])
        for songs, scores in zip(*recommend(run.model, seeds, k, allow_repeats=allow_repeats), strict=True):
            n = int((songs != NO_SONG).sum())
            yield {"songs": run.catalogue.ids[songs[:n]].tolist(), "scores": scores[:n].tolist()}


def _rows(run: Run, number: int, line: str) -> list[int]:
    rows = []
    for word in line.split():
        try:
            rows.append(run.catalogue.row(int(word)))
        except (ValueError, UnknownSongError) as error:
            what = f"line {number} has {word!r}, which is no song id of the run"
            raise DataError(f"{what}; a line is song ids with spaces between") from error
    return rows
