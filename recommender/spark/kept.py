"""Kept counts: what has been counted stays in a folder, so that only playlists that came since are counted.

    counts.json      what was counted and how, its parts, and the digest of the playlists that they are of
    of-M-N/B.npz     block B of the counts of the playlists from M to N, as `scipy.sparse.save_npz` writes it

Whoever needs a block adds up its parts, so what was counted is sent nowhere. A new part takes in those before it that
are less than twice as large: there are never many, and what is written again in all is some times what is there. Sums
are the same in any order, so what is learnt of them is what would have been learnt of all playlists counted at once.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import scipy.sparse as sp

from recommender.errors import DataError, RecommenderError
from recommender.files import alone
from recommender.playlists import Playlists
from recommender.spark.blocks import Grid
from recommender.spark.faults import unseen

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from recommender.spark.blocks import Blocks

FORMAT = 2
_FACTS, _FRESH, _LOCK, _PARTS = "counts.json", ".counts.json", ".lock", "of-"


@dataclass(frozen=True)
class Part:
    """The counts of the playlists from `start` to `end`, dealt out to `n_blocks`."""

    start: int
    end: int
    n_blocks: int

    def place(self, folder: Path) -> Path:
        """Where it is kept."""
        return folder / f"{_PARTS}{self.start}-{self.end}"

    def block(self, folder: Path, number: int, grid: Grid) -> sp.csr_array:
        """A block of the grid, with empty rows for songs that came since; raises DataError where it is not seen."""
        file = self.place(folder) / f"{number % self.n_blocks}.npz"
        try:
            kept = sp.csr_array(sp.load_npz(file))
        except FileNotFoundError as error:
            raise unseen(file) from error
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise DataError(f"{file} is damaged; remove {folder}, to count all anew") from error
        rows: Any = kept[number // self.n_blocks :: grid.n_blocks // self.n_blocks]
        rows.resize(len(grid.rows(number)), grid.n_songs)
        return sp.csr_array(rows)


@dataclass(frozen=True)
class Kept:
    """A folder of counts.

    counts : what is counted, and with which parameters
    parts : in the order of the playlists; each has as many times the blocks of the one before
    digest : of all playlists counted
    """

    folder: Path
    counts: str
    parts: tuple[Part, ...] = ()
    digest: str = ""

    @classmethod
    def opened(cls, folder: str | os.PathLike[str], counts: str) -> "Kept":
        """The folder as it is, or new; raises RecommenderError for counts of another kind."""
        path = Path(folder).resolve()
        if all(file.name in (_FRESH, _LOCK) or file.name.startswith(_PARTS) for file in path.glob("*")):
            return cls(path, counts)
        try:
            known: Mapping[str, Any] = json.loads((path / _FACTS).read_text(encoding="utf-8"))
            if known["format"] != FORMAT:
                raise RecommenderError(f"{path} has counts of another version of this program; give another folder")
            kept = cls(path, known["counts"], tuple(Part(**part) for part in known["parts"]), known["digest"])
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise RecommenderError(f"{path} is there and has no counts; give another folder") from error
        if kept.counts != counts:
            raise RecommenderError(f"{path} has the counts of {kept.counts}, not of {counts}; give another folder")
        return kept

    @property
    def n_playlists(self) -> int:
        """How many were counted."""
        return self.parts[-1].end if self.parts else 0

    @property
    def n_blocks(self) -> int:
        """How many the last part has."""
        return self.parts[-1].n_blocks if self.parts else 1

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
        return replace(grid, n_blocks=self.n_blocks * max(1, grid.n_blocks // self.n_blocks))

    def blocks(self, spark: "SparkSession", grid: Grid) -> "Blocks":
        """The sums of all parts that have an entry."""
        folder, parts = self.folder, self.parts

        def block(number: int) -> tuple[int, sp.csr_array]:
            return number, reduce(add, (part.block(folder, number, grid) for part in parts))

        numbers = spark.sparkContext.parallelize(range(grid.n_blocks), grid.n_blocks)
        return numbers.map(block).filter(lambda block: block[1].nnz > 0)

    def add(self, blocks: "Blocks", grid: Grid, playlists: Playlists) -> "Kept":
        """The folder with these counts added, there whole or not at all.

        blocks : each of the grid's in the partition of its number
        playlists : all that are counted then

        Raises DataError where this process does not see what a worker wrote.
        """
        before, taken_in = [*self.parts], list[Part]()
        while before and before[-1].end - before[-1].start < 2 * (len(playlists) - before[-1].end):
            taken_in.append(before.pop())
        part = Part(before[-1].end if before else 0, len(playlists), grid.n_blocks)
        _write(self.folder, part, blocks, grid, taken_in)
        kept = Kept(self.folder, self.counts, (*before, part), digest_of(playlists))
        kept.tell()
        for old in taken_in:
            shutil.rmtree(old.place(self.folder), ignore_errors=True)
        return kept

    def tell(self) -> None:
        """Write what the folder has, in place of what it had before."""
        facts = {"format": FORMAT} | {name: value for name, value in asdict(self).items() if name != "folder"}
        (self.folder / _FRESH).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        (self.folder / _FRESH).replace(self.folder / _FACTS)


def _write(folder: Path, part: Part, blocks: "Blocks", grid: Grid, taken_in: Sequence[Part]) -> None:
    """Write a part: new counts, and those that it takes in."""
    place = part.place(folder)
    shutil.rmtree(place, ignore_errors=True)  # what was begun
    place.mkdir(parents=True)

    def write(number: int, fresh: Iterable[tuple[int, sp.csr_array]]) -> Iterator[int]:
        pieces = [counts for _, counts in fresh] + [old.block(folder, number, grid) for old in taken_in]
        matrix = reduce(add, pieces, sp.csr_array((len(grid.rows(number)), grid.n_songs)))
        if not place.is_dir():
            raise unseen(place)
        begun = place / f".{number}-{os.getpid()}.npz"  # a task may be done twice
        sp.save_npz(begun, matrix, compressed=False)
        begun.replace(place / f"{number}.npz")
        yield number

    for number in blocks.mapPartitionsWithIndex(write).collect():
        if not (place / f"{number}.npz").is_file():
            raise unseen(place / f"{number}.npz")


def held(folder: str | os.PathLike[str]) -> AbstractContextManager[None]:
    """The folder for this process alone; entering raises RecommenderError where another has it."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    told = RecommenderError(f"{folder} is being added to by another process; wait for it")
    return alone(Path(folder, _LOCK), told)


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
