"""Kept counts: what has been counted stays in a folder, so that only playlists that came since are counted.

    counts.json   what was counted and how, in how many blocks, and of which playlists: their number and digest
    of-N/B.npz    block B of the counts of N playlists, as `scipy.sparse.save_npz` writes it

Whoever sums a block of new counts adds the kept one to it and writes both anew: what was counted is read and written,
and sent nowhere. Sums are the same in any order, so what is learnt of them is what would have been learnt of all
playlists counted at once.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scipy.sparse as sp

from recommender.errors import DataError, RecommenderError
from recommender.playlists import Playlists
from recommender.spark.blocks import Grid
from recommender.spark.faults import unseen

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from recommender.spark.blocks import Blocks

FORMAT = 2
_FACTS, _FRESH, _BLOCKS = "counts.json", ".counts.json", "of-"


@dataclass(frozen=True)
class Kept:
    """A folder of counts.

    counts : what is counted, and with which parameters
    n_blocks : that it is dealt out to, 0 while there are none
    n_playlists, digest : that were counted
    """

    folder: Path
    counts: str
    n_blocks: int = 0
    n_playlists: int = 0
    digest: str = ""

    @classmethod
    def opened(cls, folder: str | os.PathLike[str], counts: str) -> "Kept":
        """The folder as it is, or new; raises RecommenderError for counts of another kind."""
        path = Path(folder).resolve()
        if all(file.name == _FRESH or file.name.startswith(_BLOCKS) for file in path.glob("*")):
            return cls(path, counts)
        try:
            known: Mapping[str, Any] = json.loads((path / _FACTS).read_text(encoding="utf-8"))
            kept = cls(path, known["counts"], known["n_blocks"], known["n_playlists"], known["digest"])
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise RecommenderError(f"{path} is there and has no counts; give another folder") from error
        if (known.get("format"), kept.counts) != (FORMAT, counts):
            raise RecommenderError(f"{path} has the counts of {kept.counts}, not of {counts}; give another folder")
        return kept

    def new(self, playlists: Playlists) -> Playlists:
        """The playlists that have not been counted; raises RecommenderError if the others are not what was counted."""
        done = self.n_playlists
        if done and (done > len(playlists) or digest_of(playlists.slice(0, done)) != self.digest):
            raise RecommenderError(
                f"{self.folder} has counts of {done:,} playlists that are not the first of these; playlists that were "
                "counted stay first, with the same songs of the same numbers; give another folder to count all anew"
            )
        return playlists.slice(done, len(playlists))

    def grid(self, grid: Grid) -> Grid:
        """The grid, with as many times the blocks that are kept as come near its own."""
        return replace(grid, n_blocks=self.n_blocks * max(1, grid.n_blocks // self.n_blocks)) if self.n_blocks else grid

    def block(self, number: int, grid: Grid) -> sp.csr_array:
        """A block of the grid, with empty rows for songs that came since; raises DataError where it is not seen."""
        place = self.folder / f"{_BLOCKS}{self.n_playlists}" / f"{number % self.n_blocks}.npz"
        try:
            kept = sp.csr_array(sp.load_npz(place))
        except FileNotFoundError as error:
            raise unseen(place) from error
        rows: Any = kept[number // self.n_blocks :: grid.n_blocks // self.n_blocks]
        rows.resize(len(grid.rows(number)), grid.n_songs)
        return sp.csr_array(rows)

    def blocks(self, spark: "SparkSession", grid: Grid) -> "Blocks":
        """All blocks that have an entry."""
        numbers = spark.sparkContext.parallelize(range(grid.n_blocks), grid.n_blocks)
        return numbers.map(lambda number: (number, self.block(number, grid))).filter(lambda block: block[1].nnz > 0)

    def add(self, blocks: "Blocks", grid: Grid, playlists: Playlists) -> "Kept":
        """The folder with these counts added, there whole or not at all.

        blocks : each of the grid's in the partition of its number
        playlists : all that are counted then

        Raises DataError where this process does not see what a worker wrote.
        """
        added = replace(self, n_blocks=grid.n_blocks, n_playlists=len(playlists), digest=digest_of(playlists))
        place = self.folder / f"{_BLOCKS}{len(playlists)}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)

        def write(number: int, fresh: Iterable[tuple[int, sp.csr_array]]) -> Iterator[int]:
            matrix = self.block(number, grid) if self.n_blocks else sp.csr_array((len(grid.rows(number)), grid.n_songs))
            for _, counts in fresh:
                matrix = sp.csr_array(matrix + counts)
            if not place.is_dir():
                raise unseen(place)
            part = place / f".{number}-{os.getpid()}.npz"  # a task may be done twice
            sp.save_npz(part, matrix, compressed=False)
            part.replace(place / f"{number}.npz")
            yield number

        for number in blocks.mapPartitionsWithIndex(write).collect():
            if not (place / f"{number}.npz").is_file():
                raise unseen(place / f"{number}.npz")
        facts = {name: value for name, value in asdict(added).items() if name != "folder"}
        fresh = self.folder / _FRESH
        fresh.write_text(json.dumps({"format": FORMAT} | facts, indent=2) + "\n", encoding="utf-8")
        fresh.replace(self.folder / _FACTS)
        for old in self.folder.glob(f"{_BLOCKS}*"):
            if old != place:
                shutil.rmtree(old, ignore_errors=True)
        return added


def check_place(folder: str | os.PathLike[str]) -> None:
    """Raise DataError, before Spark starts, for an address or a file."""
    if "://" in os.fspath(folder):
        raise DataError(f"{folder} is an address; counts are kept in a folder that all machines share: give its path")
    if Path(folder).is_file():
        raise DataError(f"{folder} is a file; counts are kept in a folder: give another name")


def digest_of(playlists: Playlists) -> str:
    """SHA-256 of the songs and the lengths."""
    digest = hashlib.sha256(playlists.songs.tobytes())
    digest.update(playlists.lengths.tobytes())
    return digest.hexdigest()
