"""Blocks: a matrix of songs by songs, counted by many and kept in parts.

Playlists go out in slices; whoever gets one counts its pairs, so that a pair is summed before it is sent anywhere, and
sends them by blocks of rows: row `song` is in block `song % n_blocks`, which spreads the songs played most. A block
is a sparse array (its rows, n_songs). However often a song is played, a slice has its partners once: a block is
never sent more than its rows times n_songs entries by a slice, and holds no more when all are summed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Playlists

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import SparkSession

    Blocks = RDD[tuple[int, sp.csr_array]]

PAIRS = 10_000_000  # that a task counts: a gigabyte
ENTRIES = 4_000_000  # of a block, if no pair came twice: 48 MB
Count = Callable[[Playlists, NDArray[np.float32]], sp.csr_array]


@dataclass(frozen=True)
class Grid:
    """How the rows of `n_songs` songs are dealt out."""

    n_songs: int
    n_blocks: int

    @classmethod
    def of(cls, n_songs: int, entries: float, cores: int) -> "Grid":
        """As many blocks as keep them small and the cores busy."""
        return cls(n_songs, int(min(max(entries / ENTRIES, 2 * cores), max(n_songs, 1))))

    def rows(self, block: int) -> NDArray[np.int64]:
        """The songs of a block."""
        return np.arange(block, self.n_songs, self.n_blocks)

    def cut(self, counts: sp.csr_array) -> Iterator[tuple[int, sp.csr_array]]:
        """The blocks of a matrix that have an entry."""
        for block in range(self.n_blocks):
            rows = counts[block :: self.n_blocks]
            if rows.nnz:
                yield block, rows

    def joined(self, blocks: list[tuple[int, sp.csr_array]]) -> sp.csr_array:
        """The matrix of these blocks, one with no entry left out.

        >>> matrix, grid = sp.csr_array(np.array([[0, 1], [0, 0]])), Grid(2, 2)
        >>> grid.joined([*grid.cut(matrix)]).toarray().tolist()
        [[0, 1], [0, 0]]
        """
        if not blocks:
            return sp.csr_array((self.n_songs, self.n_songs))
        lengths = np.zeros(self.n_songs, np.int64)
        for block, matrix in blocks:
            lengths[self.rows(block)] = np.diff(matrix.indptr)
        starts = np.append(0, np.cumsum(lengths))
        songs = np.empty(starts[-1], np.int32 if starts[-1] < 2**31 else np.int64)
        counts = np.empty(starts[-1], blocks[0][1].dtype)
        for block, matrix in blocks:
            shift = np.repeat(starts[self.rows(block)] - matrix.indptr[:-1], np.diff(matrix.indptr))
            places = np.arange(matrix.nnz) + shift
            songs[places], counts[places] = matrix.indices, matrix.data
        return sp.csr_array((counts, songs, starts.astype(songs.dtype)), shape=(self.n_songs, self.n_songs))


def counted(
    spark: "SparkSession",
    playlists: Playlists,
    weights: NDArray[np.float32],
    pairs: NDArray[np.floating],
    grid: Grid,
    count: Count,
) -> "Blocks":
    """The counts of all playlists, each slice counted where it lies, then summed by blocks.

    weights, pairs : (n_playlists,) what a playlist weighs, and how many pairs it has
    count : of playlists and their weights, (n_songs, n_songs); the same in whatever slices they come

    A block is in the partition of its number.
    """
    context = spark.sparkContext
    slices = cut(playlists, weights, pairs, min(PAIRS, pairs.sum() / (2 * context.defaultParallelism) + 1))

    def pieces(piece: tuple[Any, Any, Any]) -> Iterator[tuple[int, sp.csr_array]]:
        songs, lengths, weighing = piece
        return grid.cut(count(Playlists.joined(songs, lengths), weighing))

    piles = context.parallelize(slices, max(len(slices), 1)).flatMap(pieces)
    return piles.combineByKey(lambda piece: [piece], heaped, merged, grid.n_blocks).mapValues(total)


def heaped(pile: list[sp.csr_array], piece: sp.csr_array) -> list[sp.csr_array]:
    """The pile with one more piece, each at most half of the one below: adding n takes log n times each entry.

    >>> [matrix.nnz for matrix in heaped([sp.csr_array(np.eye(8))], sp.csr_array(np.eye(8)[:, ::-1]))]
    [16]
    """
    pile = [*pile, piece]
    while len(pile) > 1 and 2 * pile[-1].nnz > pile[-2].nnz:
        upper, lower = pile.pop(), pile.pop()
        pile.append(sp.csr_array(lower + upper))
    return pile


def merged(pile: list[sp.csr_array], other: list[sp.csr_array]) -> list[sp.csr_array]:
    """Both piles in one."""
    for piece in other:
        pile = heaped(pile, piece)
    return pile


def total(pile: list[sp.csr_array]) -> sp.csr_array:
    """The sum of a pile."""
    matrix = pile.pop()
    while pile:
        matrix = sp.csr_array(pile.pop() + matrix)
    return matrix


def cut(
    playlists: Playlists, weights: NDArray[np.float32], pairs: NDArray[np.floating], most: float
) -> list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]]:
    """Songs, lengths and weights of consecutive playlists, as few as have so many pairs; one alone may have more.

    >>> some = Playlists.of([[1, 2], [3], [4, 5, 6]])
    >>> [lengths.tolist() for _, lengths, _ in cut(some, np.ones(3), some.lengths, most=3)]
    [[2, 1], [3]]
    """
    before = np.append(0, np.cumsum(pairs))
    edges = np.searchsorted(before, np.arange(0, before[-1] + most, most))
    edges = np.unique(np.append(np.minimum(edges, len(playlists)), [0, len(playlists)]))
    parts = [(playlists.slice(a, b), weights[a:b]) for a, b in pairwise(edges.tolist())]
    return [(part.songs, part.lengths.astype(np.int32), weighing) for part, weighing in parts]
