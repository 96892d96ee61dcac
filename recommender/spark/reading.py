"""Reading: playlists that Spark reads itself, numbered into a dataset.

    *.parquet         a play a row (playlist, position, song), or a playlist a row (songs: a list)
    *.jsonl, *.ndjson the same, a row a line
    *.json            slices of the Million Playlist Dataset

Columns, and the fields of a song in a list, have the names that tables have (see `recommender.datasets.tables`). A song
is its id or URI or, where there is no such column, its artist and title as they are written. Whole numbers stay the
ids; all other songs are numbered in the order of their texts. Rows are in the order of ids, playlists in the order of
theirs. What has no id or no position is in the order of the files' names, and of the rows there. Empty lists are left
out; damaged rows are refused. What is not here is read by `recommender import`, which matches spellings too.
"""

import hashlib
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

from recommender import datasets
from recommender.catalogue import UNKNOWN, Catalogue
from recommender.datasets import Dataset
from recommender.errors import DataError
from recommender.playlists import Playlists
from recommender.spark.session import address, root_cause

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_NAMES = {
    "playlist": ("playlist_id", "pid", "playlist", "session_id", "session"),
    "position": ("position", "pos", "order", "index"),
    "song": ("song_id", "track_id", "track_uri", "uri", "id", "song", "track"),
    "title": ("title", "track_name", "song_name", "name"),
    "artist": ("artist", "artist_name"),
}
_LISTS = ("songs", "tracks")
_KINDS = {".parquet": "parquet", ".jsonl": "json", ".ndjson": "json", ".json": "json of many lines"}


def load(spark: "SparkSession", name: str | os.PathLike[str], data: str | os.PathLike[str] | None = None) -> Dataset:
    """What `recommender.load` returns or, of a file or a folder in a format above, the dataset that Spark reads.

    Raises DataError where there is none, the columns are not known, or a file or a row is damaged.
    """
    text = os.fspath(name)
    if "://" in text:
        return _read(spark, text, Path(text.rpartition("/")[2]).suffix, [])
    for place in (Path(text), datasets.data_folder(data) / text):
        if text != "toy" and (files := _files(place)):
            return _read(spark, place.resolve().name, files[0].suffix, files)
    return datasets.load(text, data)


def _files(place: Path) -> list[Path]:
    """The file, or the folder's files of a format above by name; raises DataError for two kinds, or folders of them."""
    if place.is_file() and place.suffix in _KINDS:
        return [place]
    if not place.is_dir() or (place / "train.txt").exists():
        return []
    files = sorted(file for file in place.iterdir() if file.suffix in _KINDS and file.name[0] not in "._")
    for file in files:
        if file.is_dir():
            raise DataError(f"{place}: {file.name} is a folder in it; give that one, or put all files into one folder")
        if _KINDS[file.suffix] != _KINDS[files[0].suffix]:
            raise DataError(f"{place}: {files[0].name} and {file.name} are of two kinds; give one, or a folder of each")
    return files


def _read(spark: "SparkSession", name: str, suffix: str, files: list[Path]) -> Dataset:
    """The dataset of the files, or of what is at the address `name` where there are none."""
    places = [address(file) for file in files] or [name]
    kind, _, multi = _KINDS.get(suffix, "parquet").partition(" ")
    reader: Any = spark.read.option("multiLine", bool(multi)).option("mode", "FAILFAST").format(kind)
    with _damage_told(reader, places):
        plays = _plays(_in_order(spark, reader.load(places)), name)
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
        raise DataError(f"{where.removeprefix('file://')} is damaged: {why}; write it anew, or remove it") from error


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
    return joined.select(sf.struct("_file", "_start", "_place").alias("_row"), *frame.columns)


def _plays(frame: "DataFrame", name: str) -> "DataFrame":
    """A row a play: playlist, position, song, title, artist; what is damaged is null."""
    from pyspark.sql import functions as sf

    if "playlists" in frame.columns:
        frame = frame.select("_row", sf.posexplode("playlists").alias("_nth", "_"))
        frame = frame.select(sf.struct("_row", "_nth").alias("_row"), "_.*")
    lists = [column for column in _LISTS if column in frame.columns]
    frame = _unlisted(frame, lists[0]) if lists else frame
    found = {kind: [name for name in names if name in frame.columns] for kind, names in _NAMES.items()}
    if not found["playlist"] or not found["song"] + found["title"]:
        raise DataError(
            f"{name}: the columns {', '.join(frame.columns[1:])} name no playlist and song; call them playlist_id and "
            "song_id, or make a list called songs"
        )
    columns = {kind: sf.col(names[0]) if names else sf.lit(None) for kind, names in found.items()}
    if not found["song"]:
        texts = [columns[kind].cast("string") for kind in ("artist", "title")]
        columns["song"] = sf.when(sf.trim(texts[1]) != "", sf.concat_ws(" · ", *texts))
    if not found["position"]:
        columns["position"] = sf.col("_row")
    return _typed(frame.select(*(column.alias(kind) for kind, column in columns.items())), name)


def _unlisted(frame: "DataFrame", songs: str) -> "DataFrame":
    """A row a song of the lists; a playlist without an id is its row."""
    from pyspark.sql import functions as sf

    found = [name for name in _NAMES["playlist"] if name in frame.columns]
    frame = frame.select("_row", sf.col(found[0] if found else "_row").alias("playlist_id"), sf.posexplode(songs))
    frame = frame.select(sf.struct("_row", "pos").alias("_row"), "playlist_id", sf.col("col").alias("song"))
    return frame.select("_row", "playlist_id", "song.*") if _kind(frame, "song") == "struct" else frame


def _typed(plays: "DataFrame", name: str) -> "DataFrame":
    """The plays with songs that are text or whole numbers, and positions that are no text."""
    from pyspark.sql import functions as sf

    song, whole = sf.col("song"), sf.col("song").try_cast("long")
    match _kind(plays, "song"):
        case "byte" | "short" | "integer" | "long":
            plays = plays.withColumn("song", whole)
        case "float" | "double" | "decimal":
            plays = plays.withColumn("song", sf.when(whole == song, whole))
        case "string" | "void":
            plays = plays.withColumn("song", song.cast("string"))
        case kind:
            raise DataError(f"{name}: songs are of the type {kind}; give ids that are whole numbers or text")
    if _kind(plays, "position") == "string":
        plays = plays.withColumn("position", sf.col("position").try_cast("double"))
    if _kind(plays, "playlist") in ("float", "double"):
        plays = plays.withColumn("playlist", sf.nanvl("playlist", sf.lit(None)))
    return plays


def _kind(frame: "DataFrame", column: str) -> str:
    return frame.schema[column].dataType.typeName()


def _catalogue(plays: "DataFrame", name: str) -> tuple[Catalogue, list[Any]]:
    """All songs in the order of their ids, and these ids as they were found."""
    from pyspark.sql import functions as sf

    texts = [sf.min(sf.col(kind).cast("string")).alias(kind) for kind in ("title", "artist")]
    lacks = [sf.count_if(sf.col(kind).isNull()).alias(f"no {kind}") for kind in ("playlist", "song", "position")]
    songs = plays.groupBy("song").agg(*texts, *lacks).sort("song").toArrow()
    _check_whole(songs, name)
    found = songs["song"].to_pylist()
    if not found:
        raise DataError("no playlist has a song; give a file or a folder that has some")
    numbers = all(isinstance(song, int) and 0 <= song < 2**62 for song in found)
    titles = [_text(text, song) for text, song in zip(songs["title"].to_pylist(), found, strict=True)]
    artists = [_text(text, UNKNOWN) for text in songs["artist"].to_pylist()]
    n = len(found)
    ids = np.array(found if numbers else range(n), dtype=np.int64)
    return Catalogue(ids, titles, artists, [()] * n, np.zeros(n, np.int64)), found


def _check_whole(songs: pa.Table, name: str) -> None:
    """Raise DataError with how many plays lack what they need."""
    lacks = {what: pc.sum(songs[what]).as_py() for what in songs.column_names if what.startswith("no ")}
    if told := ", ".join(f"{n:,} with {what}" for what, n in lacks.items() if n):
        raise DataError(
            f"{name} has plays that cannot be used: {told}; songs are text or whole numbers, positions are numbers: "
            "mend these rows, or remove them"
        )


def _text(text: str | None, instead: object) -> str:
    """The text on one line; what is unknown is called `instead`, unless that is a number."""
    line = " ".join((text or "").split())
    return line if line not in ("", UNKNOWN) else " ".join(instead.split()) if isinstance(instead, str) else UNKNOWN


def _playlists(spark: "SparkSession", plays: "DataFrame", songs: list[Any]) -> Playlists:
    """The playlists in rows, in order of playlist and position."""
    from pyspark.sql import functions as sf

    kind = pa.int64() if isinstance(songs[0], int) else pa.string()
    rows = pa.table({"song": pa.array(songs, kind), "row": pa.array(range(len(songs)), pa.int32())})
    numbered = plays.join(spark.createDataFrame(rows), "song")
    lists = numbered.groupBy("playlist").agg(sf.sort_array(sf.collect_list(sf.struct("position", "row"))).alias("all"))
    table = lists.select(sf.col("all.row").alias("rows"), "playlist").sort("playlist").select("rows").toArrow()
    column = table["rows"]
    lengths = np.concatenate([np.zeros(0, np.int64), *(_lengths(chunk) for chunk in column.chunks)])
    return Playlists.joined(np.concatenate([chunk.flatten().to_numpy() for chunk in column.chunks]), lengths)


def _lengths(chunk: Any) -> Any:
    return chunk.value_lengths().to_numpy(zero_copy_only=False)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
