"""Reading: playlists that Spark reads itself, numbered into a dataset.

    *.parquet         a play a row (playlist, position, song), or a playlist a row (songs: a list)
    *.jsonl, *.ndjson the same, a row a line
    *.json            slices of the Million Playlist Dataset; an array of rows; or, by its first line, a row a line

Columns, and the fields of a song in a list, have the names of `recommender.spark.plays`. A song is its id or URI or,
where there is no such column, its artist and title as they are written. Whole numbers stay the ids; if one is none, all
songs are numbered in the order of their texts. Rows are in the order of ids, playlists in the order of theirs. What has
no id or no position is in the order of the files' names, and of the rows there. Empty lists are left out; damaged rows
are refused. What is not here is read by `recommender import`, which matches spellings too.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recommender import datasets
from recommender.catalogue import UNKNOWN, Catalogue
from recommender.datasets import Dataset
from recommender.errors import DataError
from recommender.playlists import Playlists
from recommender.spark.faults import root_cause
from recommender.spark.plays import plays_of
from recommender.spark.session import address

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_KINDS = {".parquet": "parquet", ".jsonl": "json", ".ndjson": "json", ".json": "json slice"}


def load(spark: "SparkSession", name: str | os.PathLike[str], data: str | os.PathLike[str] | None = None) -> Dataset:
    """What `recommender.load` returns or, of a file or a folder in a format above, the dataset that Spark reads.

    Raises DataError where there is none, the columns are not known, or a file or a row is damaged.
    """
    text = os.fspath(name)
    if "://" in text:
        return _read(spark, text, _kind_there(spark, text.rstrip("/")), [])
    for place in (Path(text), datasets.data_folder(data) / text):
        if text != "toy" and (files := _files(place)):
            return _read(spark, place.resolve().name, _kind_of(files[0]), files)
    return datasets.load(text, data)


def _files(place: Path) -> list[Path]:
    """The file, or the files of a folder by name; raises DataError for a folder with others between them."""
    if place.is_file() and place.suffix.lower() in _KINDS:
        return [place]
    if not place.is_dir() or (place / "train.txt").exists():
        return []
    found = sorted(path for path in place.iterdir() if path.name[0] not in "._")
    first = next((path for path in found if path.suffix.lower() in _KINDS), None)
    if first is None:
        return []
    kind = "" if first.is_dir() else _kind_of(first)
    for path in found:
        if path.is_dir():
            raise DataError(f"{place}: {path.name} is a folder in it; give that one, or put all files into one folder")
        if _kind_of(path) != kind:
            raise DataError(f"{place}: {first.name} and {path.name} are of two kinds; give one, or a folder of each")
    return found


def _kind_of(file: Path) -> str:
    """How Spark reads the file; "" for one that it does not read."""
    if file.suffix.lower() != ".json":
        return _KINDS.get(file.suffix.lower(), "")
    with file.open(encoding="utf-8", errors="replace") as lines:
        return _kind_of_json(next(filter(str.strip, lines), ""))


def _kind_there(spark: "SparkSession", place: str) -> str:
    """How Spark reads what is at an address: a file by the end of its name, a folder without one as Parquet."""
    suffix = Path(place.rpartition("/")[2]).suffix.lower() or ".parquet"
    if suffix not in _KINDS:
        raise DataError(f"{place}: Spark reads {', '.join(_KINDS)} here; write the playlists as one of these")
    lines = spark.read.text(place).filter("trim(value) != ''").head(1) if suffix == ".json" else []
    return _kind_of_json(lines[0].value) if lines else _KINDS[suffix]


def _kind_of_json(line: str) -> str:
    """By the first line: rows on lines of their own, or one value over many lines, after which Spark reads no other."""
    start = line.strip("\ufeff \t\r\n")
    if start[:1] == "{":
        return "json" if start[-1:] == "}" and _is_value(start) else "json slice"
    return "json array"


def _is_value(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _read(spark: "SparkSession", name: str, kind: str, files: list[Path]) -> Dataset:
    """The dataset of the files, or of what is at the address `name` where there are none."""
    places = [address(file) for file in files] or [name]
    form, _, over_lines = kind.partition(" ")
    options: dict[str, Any] = {"multiLine": bool(over_lines), "mode": "FAILFAST", "mergeSchema": True}
    reader: Any = spark.read.options(**options).format(form)
    with _damage_told(reader, places):
        frame = reader.load(places)
        if over_lines == "slice" and "playlists" not in frame.columns:
            raise DataError(f"{name} has JSON over many lines without a list `playlists`; write a playlist a line")
        plays = plays_of(_in_order(spark, frame), name)
        catalogue, whole = _catalogue(plays, name)
        playlists = _playlists(spark, plays, whole)
    catalogue = Catalogue(
        catalogue.ids, catalogue.titles, catalogue.artists, catalogue.tags, playlists.counts(len(catalogue))
    )
    return Dataset(name, catalogue, playlists, None, "the owner's own", {file.name: _sha256(file) for file in files})


@contextmanager
def _damage_told(reader: Any, places: list[str]) -> Iterator[None]:
    """Raise DataError, with the name of the file, where Spark cannot parse one."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        if not re.search("MALFORMED_RECORD|FAILED_READ_FILE", str(error)):
            raise
        named = re.search(r"reading file file:/*(/.+?)\.\s", str(error))
        where = named[1] if named else next(filter(lambda place: not _parsed(reader, place), places), places[0])
        why = re.sub(r" \(start marker.*", "", root_cause(error))
        if "FILE_NOT_EXIST" in str(error):
            why = "a worker does not see it, and all must, by the same path"
        raise DataError(f"{where.removeprefix('file://')} cannot be read: {why}; mend it, or remove it") from error


def _parsed(reader: Any, place: str) -> bool:
    """Whether Spark can parse the file; of JSON it looks at all lines, to learn their columns."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        reader.load(place)
    except (PySparkException, Py4JError):
        return False
    return True


def _in_order(spark: "SparkSession", frame: "DataFrame") -> "DataFrame":
    """The frame with a column `_row`, which sorts as the files' names and the rows in them; Spark reads as sizes do."""
    from pyspark.sql import functions as sf

    files = sorted(frame.inputFiles(), key=unquote)
    numbers = pa.table({"_name": files, "_file": pa.array(range(len(files)), pa.int32())})
    start, place = sf.col("_metadata.file_block_start"), sf.monotonically_increasing_id()
    found = frame.select("*", sf.input_file_name().alias("_name"), start.alias("_start"), place.alias("_place"))
    joined = found.join(sf.broadcast(spark.createDataFrame(numbers)), "_name")
    columns = (f"`{column.replace('`', '``')}`" for column in frame.columns)
    return joined.select(sf.struct("_file", "_start", "_place").alias("_row"), *columns)


def _catalogue(plays: "DataFrame", name: str) -> tuple[Catalogue, list[Any]]:
    """All songs in the order of their ids, and these ids as they were found."""
    from pyspark.sql import functions as sf

    texts = []
    for kind in ("title", "artist"):
        text = sf.trim(sf.col(kind).cast("string"))
        texts.append(sf.min(sf.when(~text.isin("", UNKNOWN), text)).alias(kind))
    lacks = [sf.count_if(sf.col(kind).isNull()).alias(f"no {kind}") for kind in ("playlist", "song", "position")]
    songs = plays.groupBy("song").agg(*texts, *lacks).sort("song").toArrow()
    _check_whole(songs, name)
    found = songs["song"].to_pylist()
    if not found:
        raise DataError("no playlist has a song; give a file or a folder that has some")
    if (ids := _whole(found, name)) is None:
        ids, names = np.arange(len(found), dtype=np.int64), [" ".join(song.split()) for song in found]
    else:
        order = np.argsort(ids)
        songs, ids, names = songs.take(order), ids[order], [UNKNOWN] * len(found)
    titles = [
        " ".join(text.split()) if text else name for text, name in zip(songs["title"].to_pylist(), names, strict=True)
    ]
    artists = [" ".join(text.split()) if text else UNKNOWN for text in songs["artist"].to_pylist()]
    catalogue = Catalogue(ids, titles, artists, [()] * len(ids), np.zeros(len(ids), np.int64))
    return catalogue, songs["song"].to_pylist()


def _whole(songs: list[Any], name: str) -> NDArray[np.int64] | None:
    """The songs as ids, if they are whole numbers, written as text or not; else None."""
    if isinstance(songs[0], str) and not all(re.fullmatch(r"0|[1-9]\d{0,18}", song, re.ASCII) for song in songs):
        return None
    if max(map(int, songs)) >= 2**63:
        return None
    ids = np.array([*map(int, songs)], np.int64)
    if ids.min() < 0:
        raise DataError(
            f"{name} has the song {ids.min()}; ids are whole numbers from 0 on: mend it, or remove its plays"
        )
    return ids


def _check_whole(songs: pa.Table, name: str) -> None:
    """Raise DataError with how many plays lack what they need."""
    lacks = {what: pc.sum(songs[what]).as_py() for what in songs.column_names if what.startswith("no ")}
    if told := ", ".join(f"{n:,} with {what}" for what, n in lacks.items() if n):
        raise DataError(
            f"{name} has plays that cannot be used: {told}; songs are text or whole numbers, positions are numbers: "
            "mend these rows, or remove them"
        )


def _playlists(spark: "SparkSession", plays: "DataFrame", songs: list[Any]) -> Playlists:
    """The playlists in numbers of songs, in order of playlist, position and row."""
    from pyspark.sql import functions as sf

    kind = pa.int64() if isinstance(songs[0], int) else pa.string()
    rows = pa.table({"song": pa.array(songs, kind), "row": pa.array(range(len(songs)), pa.int32())})
    numbered = plays.join(spark.createDataFrame(rows), "song")
    play = sf.struct("position", "_row", "row")
    lists = numbered.groupBy("playlist").agg(sf.sort_array(sf.collect_list(play)).alias("all"))
    table = lists.select(sf.col("all.row").alias("rows"), "playlist").sort("playlist").select("rows").toArrow()
    column = table["rows"]
    return Playlists.joined(pc.list_flatten(column).to_numpy(), pc.list_value_length(column).to_numpy())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
