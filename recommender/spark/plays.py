"""Plays: a table of playlists, whatever its columns are called, as a row a play."""

from typing import TYPE_CHECKING

from recommender.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_NAMES = {
    "playlist": ("playlist_id", "pid", "playlist", "session_id", "session"),
    "position": ("position", "pos", "order", "index"),
    "song": ("song_id", "track_id", "track_uri", "uri", "song", "track"),
    "title": ("title", "track_name", "song_title", "song_name", "name"),
    "artist": ("artist", "artist_name"),
}
_LISTS = ("songs", "tracks")


def plays_of(frame: "DataFrame", name: str) -> "DataFrame":
    """A row a play: its row in the frame, playlist, position, song, title, artist; what is missing is null.

    frame : with a column `_row`, in the order of which plays are without a position, or with the same one
    name : of the data, for errors

    Raises DataError for columns that name no playlist and song, and songs that are neither text nor whole numbers.
    """
    from pyspark.sql import functions as sf

    if "playlists" in frame.columns:
        frame = _rows_of(frame, "playlists", "_row").select("_row", "_each.*")
    if lists := [f"`{column}`" for column in _LISTS if column in frame.columns]:
        frame = _unlisted(frame.withColumn("_list", sf.coalesce(*lists)))
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
        columns["position"] = sf.lit(0)
    return _typed(frame.select("_row", *(column.alias(kind) for kind, column in columns.items())), name)


def _rows_of(frame: "DataFrame", lists: str, *kept: str) -> "DataFrame":
    """A row for each of a column of lists, `_each`; an empty list has none, where there is no list it is null."""
    from pyspark.sql import functions as sf

    some = frame.where(sf.col(lists).isNull() | (sf.size(lists) > 0))
    rows = some.select(*kept, sf.posexplode_outer(lists).alias("_nth", "_each"))
    return rows.withColumn("_row", sf.struct("_row", "_nth"))


def _unlisted(frame: "DataFrame") -> "DataFrame":
    """A row a song of the column `_list`; a playlist without an id is its row."""
    from pyspark.sql import functions as sf

    found = [name for name in _NAMES["playlist"] if name in frame.columns]
    songs = _rows_of(
        frame.withColumn("playlist_id", sf.col(found[0] if found else "_row")), "_list", "_row", "playlist_id"
    )
    if _type(songs, "_each") != "struct":
        return songs.withColumnRenamed("_each", "song_id")
    songs = songs.select("_row", "playlist_id", "_each.*")
    known = any(name in songs.columns for name in _NAMES["song"])
    return songs if known else songs.withColumnRenamed("id", "song_id")  # the song's, where it is in a list


def _typed(plays: "DataFrame", name: str) -> "DataFrame":
    """The plays with songs that are text or whole numbers, and positions that are no text."""
    from pyspark.sql import functions as sf

    song, whole = sf.col("song"), sf.col("song").try_cast("long")
    match _type(plays, "song"):
        case "byte" | "short" | "integer" | "long":
            plays = plays.withColumn("song", whole)
        case "float" | "double" | "decimal":
            plays = plays.withColumn("song", sf.when(whole == song, whole))
        case "string" | "void":
            text = song.cast("string")
            plays = plays.withColumn("song", sf.when(sf.trim(text) != "", text))
        case other:
            raise DataError(f"{name}: songs are of the type {other}; give ids that are whole numbers or text")
    if _type(plays, "position") == "string":
        plays = plays.withColumn("position", sf.col("position").try_cast("double"))
    for column in ("playlist", "position"):
        if _type(plays, column) in ("float", "double"):
            plays = plays.withColumn(column, sf.nanvl(column, sf.lit(None)))
    if _type(plays, "playlist") == "string":
        plays = plays.withColumn("playlist", sf.when(sf.trim("playlist") != "", sf.col("playlist")))
    return plays


def _type(frame: "DataFrame", column: str) -> str:
    return frame.schema[column].dataType.typeName()
