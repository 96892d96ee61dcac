"""Batch: playlists as lines of ids in, one JSON object a line out, in bounded memory."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, is_dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from recommender.answer_files import EMPTY, sink
from recommender.errors import DataError, UnknownSongError
from recommender.playlists import Playlists
from recommender.ranking import NO_SONG
from recommender.run import Run

LINES = 2048  # asked at once: enough for all cores, and 8 MB of answers of 500 songs
_NO_ID = -1


def answer_file(run: Run, playlists: str, out: str | None, k: int, *, resume: bool = False, **asked: Any) -> int:
    """Answer each line of the file `playlists` in the file `out`; how many answers are empty.

    playlists : a path, "-" for standard input
    out : a path, written whole or not at all unless it is a pipe or a device; None for standard output. A name that
        ends in .parquet gets the columns songs and scores, any other JSON Lines
    resume : keep what is answered in the folder OUT.part until all is, and go on from what an earlier call left there
    asked : of every line, as of `Run.recommend`: taste, shape, allow_repeats

    Raises DataError for a file that cannot be read or written, or a line that holds no ids.
    """
    signature = _signature(run, playlists, k, asked) if resume else None
    with _source(playlists) as lines, sink(out, LINES, signature) as (written, done, before):
        shown = tqdm(lines, desc="playlists", unit="", leave=False, disable=None, total=_n_lines(playlists))
        numbered, empty = islice(enumerate(shown, 1), done, None), before
        for answer in answer_lines(run, numbered, k, asked):
            empty += answer.startswith(EMPTY)
            written.write(f"{answer}\n")
    return empty


def _source(playlists: str) -> AbstractContextManager[IO[str]]:
    if playlists == "-":
        return nullcontext(sys.stdin)
    try:
        return Path(playlists).open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        way_on = "give a playlist of song ids a line, or - for standard input"
        raise DataError(f"{playlists}: cannot be read: {error.strerror}; {way_on}") from error


def _n_lines(playlists: str) -> int | None:
    """How many lines a file has, where somebody watches and it can be read twice."""
    if not sys.stderr.isatty() or not Path(playlists).is_file():
        return None
    with _source(playlists) as lines:
        return sum(1 for _ in lines)


def _signature(run: Run, playlists: str, k: int, asked: Mapping[str, Any]) -> str:
    """What answers depend on, as text."""
    try:
        facts = os.stat(playlists)
    except OSError as error:
        raise DataError(f"{playlists}: only a file can be gone on with: {error.strerror}") from error
    options = {name: asdict(one) if is_dataclass(one) else one for name, one in asked.items()}  # type: ignore[arg-type]
    told = {
        "card": dict(run.card),
        "file": [str(Path(playlists).resolve()), facts.st_ino, facts.st_size, facts.st_mtime_ns],
        "k": k,
        "asked": options,
    }
    return json.dumps(told, sort_keys=True, default=sorted)


def answer_lines(run: Run, numbered: Iterator[tuple[int, str]], k: int, asked: Mapping[str, Any]) -> Iterator[str]:
    """For each line of song ids, with its number, {"songs": [ids, best first], "scores": [...]} as text.

    asked : of every line, as of `Run.recommend`: taste, shape, allow_repeats

    Both lists are empty where the line is, or where the model knows none of its songs. Raises DataError
    naming the line for what is no id of the catalogue.
    """
    while chunk := list(islice(numbered, LINES)):
        seeds = Playlists.of([_rows(run, number, line) for number, line in chunk])
        for songs, scores in zip(*run.lists(seeds, k, **asked), strict=True):
            n = int((songs != NO_SONG).sum())
            yield json.dumps({"songs": run.catalogue.ids[songs[:n]].tolist(), "scores": scores[:n].tolist()})


def songs_in(run: Run, path: str) -> list[int]:
    """The ids of the songs in a file: ids with spaces or line ends between, or what `read_playlist` reads.

    Raises DataError for a file that is neither.
    """
    from recommender.datasets.songlists import read_playlist  # which knows how to fetch, too
    from recommender.export import EXPORTS

    if Path(path).suffix.lower() in EXPORTS and not Path(path).read_bytes()[:64].strip()[:1].isdigit():
        rows = list(read_playlist(path, run.catalogue).rows)
    else:
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
