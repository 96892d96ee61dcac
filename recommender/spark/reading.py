"""Reading: playlists that Spark reads itself, numbered into a dataset.

    *.parquet         a play a row (playlist, position, song), or a playlist a row (songs: a list)
    *.jsonl, *.ndjson the same, a row a line
    *.json            slices of the Million Playlist Dataset

Columns, and the fields of a song in a list, have the names that tables have (see `recommender.datasets.tables`). A song
is its id or URI where it has one, else its artist and title as they are written. Whole numbers stay the ids; all other
songs are numbered in the order of their texts. Rows are in the order of ids, playlists in the order of theirs or,
where they have none, of the files. What is not here is read by `recommender import`, which matches spellings too.
"""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender import datasets
from recommender.catalogue import UNKNOWN, Catalogue
from recommender.datasets import Dataset
from recommender.errors import DataError
from recommender.playlists import Playlists

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
_KINDS = {".parquet": "parquet", ".jsonl": "json", ".ndjson": "json", ".json": "json"}


def load(spark: "SparkSession", name: str | os.PathLike[str], data: str | os.PathLike[str] | None = None) -> Dataset:
    """What `recommender.load` returns or, of a file or a folder in a format above, the dataset that Spark reads.

    Raises DataError where there is none, or the columns are not known.
    """
    text = os.fspath(name)
    if "://" in text:
        return _read(spark, text, Path(text.rpartition("/")[2]).suffix, [])
    for place in (Path(text), datasets.data_folder(data) / text):
        files = [place] if place.is_file() else sorted(place.iterdir()) if place.is_dir() else []
        suffix = next((file.suffix for file in files if file.suffix in _KINDS), "")
        if text != "toy" and suffix and not (place / "train.txt").exists():
            chosen = [file for file in files if file.suffix == suffix]
            return _read(spark, place.resolve().name, suffix, chosen)
    return datasets.load(text, data)


def _read(spark: "SparkSession", name: str, suffix: str, files: list[Path]) -> Dataset:
    """The dataset of the files, or of what is at the address `name` where there are none."""
    places = [file.resolve().as_uri() for file in files] or [name]
    reader: Any = spark.read.option("multiLine", suffix == ".json")
    plays = _plays(reader.format(_KINDS.get(suffix, "parquet")).load(places), name)
    catalogue, whole = _catalogue(plays)
    playlists = _playlists(spark, plays, whole)
    catalogue = Catalogue(
        catalogue.ids, catalogue.titles, catalogue.artists, catalogue.tags, playlists.counts(len(catalogue))
    )
    return Dataset(name, catalogue, playlists, None, "the owner's own", {file.name: _sha256(file) for file in files})


def _plays(frame: "DataFrame", name: str) -> "DataFrame":
    """A row a play: playlist, position, song, title, artist."""
    from pyspark.sql import functions as sf

    if "playlists" in frame.columns:
        frame = frame.select(sf.explode("playlists").alias("_")).select("_.*")
    lists = [column for column in _LISTS if column in frame.columns]
    frame = _unlisted(frame, lists[0]) if lists else frame
    found = {kind: [name for name in names if name in frame.columns] for kind, names in _NAMES.items()}
    if not found["playlist"] or not found["song"] + found["title"]:
        raise DataError(
            f"{name}: the columns {', '.join(frame.columns)} name no playlist and song; call them playlist_id and "
            "song_id, or make a list called songs"
        )
    columns = {kind: sf.col(names[0]) if names else sf.lit(None) for kind, names in found.items()}
    if not found["song"]:
        columns["song"] = sf.concat_ws(" · ", *(columns[kind].cast("string") for kind in ("artist", "title")))
    if not found["position"]:
        columns["position"] = sf.monotonically_increasing_id()
    return frame.select(*(column.alias(kind) for kind, column in columns.items())).where("song is not null")


def _unlisted(frame: "DataFrame", songs: str) -> "DataFrame":
    """A row a song of the lists, numbered in its list; playlists without an id are numbered, too."""
    from pyspark.sql import functions as sf

    found = [name for name in _NAMES["playlist"] if name in frame.columns]
    playlist = sf.col(found[0]) if found else sf.monotonically_increasing_id()
    frame = frame.select(playlist.alias("playlist_id"), sf.posexplode(songs).alias("place", "song"))
    if frame.schema["song"].dataType.typeName() == "struct":
        frame = frame.select("playlist_id", "place", "song.*")
    there = [name for name in _NAMES["position"] if name in frame.columns]
    return frame if there else frame.withColumnRenamed("place", "position")


def _catalogue(plays: "DataFrame") -> tuple[Catalogue, list[Any]]:
    """All songs in the order of their ids, and these ids as they were found."""
    from pyspark.sql import functions as sf

    texts = [sf.min(sf.col(kind).cast("string")).alias(kind) for kind in ("title", "artist")]
    songs = plays.groupBy("song").agg(*texts).sort("song").toArrow()
    found = songs["song"].to_pylist()
    if not found:
        raise DataError("no playlist has a song; give a file or a folder that has some")
    numbers = all(isinstance(song, int) and 0 <= song < 2**62 for song in found)
    titles = [_text(text, song) for text, song in zip(songs["title"].to_pylist(), found, strict=True)]
    artists = [_text(text, UNKNOWN) for text in songs["artist"].to_pylist()]
    n = len(found)
    ids = np.array(found if numbers else range(n), dtype=np.int64)
    return Catalogue(ids, titles, artists, [()] * n, np.zeros(n, np.int64)), found


def _text(text: str | None, instead: object) -> str:
    """The text on one line; what is unknown is called `instead`, unless that is a number."""
    line = " ".join((text or "").split())
    return line if line not in ("", UNKNOWN) else " ".join(instead.split()) if isinstance(instead, str) else UNKNOWN


def _playlists(spark: "SparkSession", plays: "DataFrame", songs: list[Any]) -> Playlists:
    """The playlists in rows, in order of playlist and position."""
    import pyarrow as pa
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
