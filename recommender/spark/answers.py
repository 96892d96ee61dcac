"""Answers on Spark: playlists numbered in their order, whole batches of them to a task, answered by memory-mapped runs.

Workers write what `batch` writes of each playlist to part files beside the place of the answers, and this process joins
them in their order; the run, the playlists and that place are paths that all machines share.
"""

import os
import re
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
from threadpoolctl import threadpool_limits

from recommender.answer_files import EMPTY, sink
from recommender.batch import LINES, answer_lines
from recommender.errors import DataError
from recommender.files import replacing
from recommender.ranking import BATCH
from recommender.spark.session import address
from recommender.spark.stages import shown
from recommender.spark.workers import SharedRun

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import DataFrame, SparkSession

_TASKS, _MOST = 4, 8  # tasks of each core, and times LINES that a task answers: some ten seconds
_SPECIAL = ",*?{}[]\\"


def answer_file(spark: "SparkSession", run: str, playlists: str, out: str, k: int, **asked: Any) -> int:
    """Answer each playlist of `playlists` in `out`, with the bytes of `batch.answer_file`; how many answers are empty.

    playlists : a text file, a playlist a line, or a folder of such files in the order of their names; a name that
        ends in .parquet has a column `songs` of lists of ids instead
    out : a file, there whole or not at all; a name that ends in .parquet becomes a folder of part files in no order,
        with the columns line (from 1), songs and scores
    asked : of every line, as of `Run.recommend`: taste, shape, allow_repeats

    Raises DataError for what cannot be read or written, a line without ids, or a folder that a worker does not see.
    """
    check_files(playlists, out)
    with shown(spark, "recommend"), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which is not asked for here
        numbered, n = _numbered(spark, playlists)
        answered = numbered.mapInArrow(_Work(SharedRun.of(run), k, asked), "line long, answer string")
        return (_to_parquet if _is_parquet(out) else _to_lines)(answered, n, Path(out).resolve())


def check_files(playlists: str, out: str) -> None:
    """Raise DataError, before Spark starts, for playlists that cannot be read or a folder in the answers' place."""
    if "://" not in playlists:
        address(playlists, _SPECIAL)
        try:
            os.stat(playlists)
        except OSError as error:
            way_on = "give a file, or a folder of files, with a playlist of song ids a line"
            raise DataError(f"{playlists}: cannot be read: {error.strerror}; {way_on}") from error
    if Path(out).is_dir():
        raise DataError(f"{out} is there already, a folder; remove it, or name another place")


def _is_parquet(path: str) -> bool:
    return path.rstrip("/").lower().endswith(".parquet")


def _numbered(spark: "SparkSession", playlists: str) -> "tuple[DataFrame, int]":
    """The playlists as text with their lines' numbers, from 1, cut as `batch` cuts them for tasks; how many."""
    from pyspark.sql import functions as f

    path = playlists if "://" in playlists else address(playlists, _SPECIAL)
    texts = (_lists if _is_parquet(path) else _lines)(spark, path)
    counts = texts.mapPartitions(_count).collect()
    first = [*accumulate(counts, initial=1)]
    numbered = spark.createDataFrame(
        texts.mapPartitionsWithIndex(partial(_number, first)), "line long, playlist string"
    )
    n = sum(counts)
    size = LINES * min(max(n // LINES // (_TASKS * spark.sparkContext.defaultParallelism), 1), _MOST)
    task = f.floor((f.col("line") - 1) / size).cast("int")
    return numbered.repartitionById(max(-(-n // size), 1), task).sortWithinPartitions("line"), n


def _lines(spark: "SparkSession", path: str) -> "RDD[str]":
    """The lines of a file, or of a folder's files: only what a pattern finds is sorted by name."""
    return spark.sparkContext.textFile(f"{path}/*" if Path(path.removeprefix("file://")).is_dir() else path)


def _lists(spark: "SparkSession", path: str) -> "RDD[str]":
    """The lists of the column `songs` as lines, in the order of the files' names, and of the rows there."""
    from pyspark.sql import functions as f

    table = spark.read.parquet(path)
    if not re.fullmatch(r"array<(small|big)?int>", dict(table.dtypes).get("songs", "")):
        found = ", ".join(f"{name} {kind}" for name, kind in table.dtypes)
        raise DataError(f"{path} has the columns {found}; playlists are lists of whole numbers in a column songs")
    ids = f.array_join(f.col("songs").cast("array<string>"), " ", "null")  # which is no id, and is told
    name = f.url_decode(f.replace(f.col("_metadata.file_path"), f.lit("+"), f.lit("%2B")))
    rows = table.select(name.alias("name"), f.col("_metadata.row_index"), f.coalesce(ids, f.lit("")))
    return rows.sort("name", "row_index").rdd.map(_last)


def _last(row: Any) -> str:
    return str(row[-1])


def _count(texts: Iterable[str]) -> Iterator[int]:
    yield sum(1 for _ in texts)


def _number(first: list[int], partition: int, texts: Iterator[str]) -> Iterator[tuple[int, str]]:
    return enumerate(texts, first[partition])


@dataclass(frozen=True, eq=False)
class _Work:
    """What a worker does: it answers lines, which come with their numbers, in order and from the first of LINES on."""

    run: SharedRun
    k: int
    asked: Mapping[str, Any]

    def __call__(self, tables: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        numbered = (line for table in tables for line in zip(*map(pa.Array.to_pylist, table.columns), strict=True))
        with threadpool_limits(1, "blas"):  # a worker has one core
            run = self.run.opened()
            together = LINES if run.nearby else BATCH  # an index answers what it is asked at once, other runs by batch
            while batch := list(islice(numbered, together)):
                answers = [*answer_lines(run, iter(batch), self.k, self.asked)]
                yield pa.RecordBatch.from_pydict({"line": [number for number, _ in batch], "answer": answers})


def _to_lines(answered: "DataFrame", n: int, out: Path) -> int:
    """Write the `n` answers, a line each, in order; how many are empty."""
    with (
        sink(str(out), LINES) as (written, _, _),
        tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as parts,
    ):
        answered.select("answer").write.mode("append").text(f"file://{parts}")
        counts = [_join(part, written) for part in sorted(Path(parts).glob("part-*"))]
        _check_whole(out, sum(answers for answers, _ in counts), n)
    return sum(empty for _, empty in counts)


def _join(part: Path, written: IO[str]) -> tuple[int, int]:
    """Add the lines of a part, which is removed; how many there are, and how many are empty."""
    n = empty = 0
    with part.open(encoding="utf-8") as lines:
        for line in lines:
            n, empty = n + 1, empty + line.startswith(EMPTY)
            written.write(line)
    part.unlink()
    return n, empty


def _to_parquet(answered: "DataFrame", n: int, out: Path) -> int:
    """Write the `n` answers as a folder of Parquet files; how many are empty."""
    from pyspark.sql import functions as f

    answer = f.from_json("answer", "songs array<bigint>, scores array<float>").alias("answer")
    with replacing(out) as folder:
        answered.select("line", answer).select("line", "answer.*").write.mode("append").parquet(f"file://{folder}")
        songs = pads.dataset(folder, format="parquet")
        _check_whole(out, songs.count_rows(), n)
        return int(songs.count_rows(filter=pc.list_value_length(pc.field("songs")) == 0))


def _check_whole(out: Path, found: int, n: int) -> None:
    if found != n:
        raise DataError(
            f"{out}: {found:,} of {n:,} answers came back: workers wrote the others where this machine does not see "
            "them; name a place that all machines of the cluster share"
        )
