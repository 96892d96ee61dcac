"""Kept counts: what has been counted stays in a folder, so that only playlists that came since are counted.

    counts.json   what was counted and how, and of each part how many playlists it ends with and their digest
    part-N/       the blocks of a part as Parquet: block, lengths of its rows, songs, counts

A part is of the playlists that came after those of the part before. Sums are the same in any order, so what is
learnt of the parts is what would have been learnt of all playlists counted at once.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from recommender.errors import DataError, RecommenderError
from recommender.playlists import Playlists
from recommender.spark.blocks import Grid, summed
from recommender.spark.session import address

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from recommender.spark.blocks import Blocks

FORMAT = 1
_FRESH = ".counts.json"
_BEGUN = {"part-0", _FRESH}  # all there is where the first counts were stopped
SCHEMA = "block int, lengths binary, songs binary, counts binary"


@dataclass(frozen=True)
class Kept:
    """A folder of counts.

    counts : what is counted, and with which parameters
    n_blocks : that the first part was dealt out to
    parts : playlists and digest up to the end of each
    """

    folder: Path
    counts: str
    n_blocks: int
    parts: tuple[tuple[int, str], ...] = ()

    @classmethod
    def opened(cls, folder: str | os.PathLike[str], counts: str, n_blocks: int) -> "Kept":
        """The folder as it is, or new; raises RecommenderError for counts of another kind."""
        path = Path(folder).resolve()
        if {file.name for file in path.glob("*")} <= _BEGUN:
            return cls(path, counts, n_blocks)
        try:
            known: Mapping[str, Any] = json.loads((path / "counts.json").read_text(encoding="utf-8"))
            kept = cls(path, known["counts"], known["blocks"], tuple((n, digest) for n, digest in known["parts"]))
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise RecommenderError(f"{path} is there and has no counts; give another folder") from error
        if (known.get("format"), kept.counts) != (FORMAT, counts):
            raise RecommenderError(f"{path} has the counts of {kept.counts}, not of {counts}; give another folder")
        return kept

    def new(self, playlists: Playlists) -> Playlists:
        """The playlists that have not been counted; raises RecommenderError if the others are not what was counted."""
        done, digest = self.parts[-1] if self.parts else (0, digest_of(playlists.slice(0, 0)))
        if done > len(playlists) or digest_of(playlists.slice(0, done)) != digest:
            raise RecommenderError(
                f"{self.folder} has counts of {done:,} playlists that are not the first of these; new playlists and "
                "songs are added at the end, with other cleaning or --hold-out all are others; give another folder"
            )
        return playlists.slice(done, len(playlists))

    def blocks(self, spark: "SparkSession", grid: Grid) -> "Blocks":
        """The sum of all parts."""
        folders = [f"file://{self.folder / f'part-{number}'}" for number in range(len(self.parts))]
        pieces = spark.read.schema(SCHEMA).parquet(*folders).rdd.map(lambda row: _unpacked(row, grid))
        return summed(pieces, grid) if len(folders) > 1 else pieces

    def add(self, spark: "SparkSession", blocks: "Blocks", playlists: Playlists) -> "Kept":
        """The folder with one more part, there whole or not at all.

        playlists : all that are counted then
        """
        part = self.folder / f"part-{len(self.parts)}"
        rows = spark.createDataFrame(blocks.mapPartitions(_packed), SCHEMA)
        rows.write.mode("overwrite").parquet(f"file://{part}")
        parts = (*self.parts, (len(playlists), digest_of(playlists)))
        facts = {"format": FORMAT, "counts": self.counts, "blocks": self.n_blocks, "parts": parts}
        fresh = self.folder / _FRESH
        fresh.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        fresh.replace(self.folder / "counts.json")
        return Kept(self.folder, self.counts, self.n_blocks, parts)


def check_place(folder: str | os.PathLike[str]) -> None:
    """Raise DataError, before Spark starts, for an address, a file, or a folder that would not be found again."""
    if "://" in os.fspath(folder):
        raise DataError(f"{folder} is an address; counts are kept in a folder that all machines share: give its path")
    if Path(folder).is_file():
        raise DataError(f"{folder} is a file; counts are kept in a folder: give another name")
    address(folder)


def digest_of(playlists: Playlists) -> str:
    """SHA-256 of the songs and the lengths."""
    digest = hashlib.sha256(playlists.songs.tobytes())
    digest.update(playlists.lengths.tobytes())
    return digest.hexdigest()


def _packed(blocks: Iterable[tuple[int, sp.csr_array]]) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    for block, matrix in blocks:
        lengths = np.diff(matrix.indptr).astype(np.int32)
        yield block, lengths.tobytes(), matrix.indices.astype(np.int32).tobytes(), matrix.data.tobytes()


def _unpacked(row: Any, grid: Grid) -> tuple[int, sp.csr_array]:
    """A block, with empty rows for the songs that came since."""
    lengths = np.zeros(len(grid.rows(row.block)), np.int64)
    known = np.frombuffer(row.lengths, np.int32)
    lengths[: len(known)] = known
    parts = np.frombuffer(row.counts), np.frombuffer(row.songs, np.int32), np.append(0, np.cumsum(lengths))
    return row.block, sp.csr_array(parts, shape=(len(lengths), grid.n_songs))
