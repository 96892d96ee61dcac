"""Factors: what songs tell of one another, in blocks on executors, and its products with dense arrays.

The information of a pair is not that of the pair turned round, but both come of one symmetric count: a block of counts
gives the same rows of the matrix and of its transpose, so that neither product has to send sums about.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.models.spectral import Spectral, context_shares, information
from recommender.spark.blocks import Grid

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import SparkSession

    from recommender.spark.blocks import Blocks

    Rows = RDD[tuple[NDArray[np.int64], sp.csr_array]]

_SENT = 2**29  # bytes of the dense array that an executor is sent at a time


@dataclass(frozen=True, eq=False)
class Scattered:
    """A square matrix whose rows lie on executors, to be multiplied (see `recommender.models.svd.Matrix`).

    rows, columns : row numbers and these rows, and the same of the transpose
    """

    spark: "SparkSession"
    rows: "Rows"
    columns: "Rows"
    n: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns."""
        return self.n, self.n

    @property
    def T(self) -> "Scattered":  # noqa: N802
        """The transpose."""
        return replace(self, rows=self.columns, columns=self.rows)

    def __matmul__(self, dense: NDArray[np.float32]) -> NDArray[np.float32]:
        out = np.zeros((self.n, dense.shape[1]), np.float32)
        width = max(1, _SENT // max(4 * self.n, 1))
        for first in range(0, dense.shape[1], width):
            self._multiply(np.ascontiguousarray(dense[:, first : first + width]), out[:, first : first + width])
        return out

    def _multiply(self, dense: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        sent = self.spark.sparkContext.broadcast(dense)
        for rows, product in self.rows.mapValues(lambda matrix: matrix @ sent.value).collect():
            out[rows] = product
        sent.destroy()


def plays_beside(near: "Blocks", grid: Grid) -> NDArray[np.float64]:
    """(n_songs,) the sum of each row of counts."""
    plays = np.zeros(grid.n_songs)
    for block, sums in near.mapValues(lambda counts: counts.sum(axis=1)).collect():
        plays[grid.rows(block)] = sums
    return plays


def scattered(
    spark: "SparkSession", near: "Blocks", plays: NDArray[np.float64], grid: Grid, model: Spectral
) -> Scattered:
    """The information that songs have of one another, of those that have any.

    plays : (n_songs,) see `plays_beside`
    """
    met = np.flatnonzero(plays)
    beside, smoothing, shift = plays[met], model.smoothing, model.shift
    sent = spark.sparkContext.broadcast((met, beside, context_shares(beside, smoothing)))

    def informed(block: tuple[int, sp.csr_array], turned: bool) -> tuple[Any, sp.csr_array]:
        known, beside, shares = sent.value
        songs = grid.rows(block[0])
        at = np.searchsorted(known, songs)
        mine = known.take(at, mode="clip") == songs
        counts, rows = block[1][mine], at[mine]
        columns = np.searchsorted(known, counts.indices).astype(np.int32)
        ranked = sp.csr_array((counts.data, columns, counts.indptr), shape=(len(rows), len(known)))
        first, other = (shares, beside) if turned else (beside, shares)
        return rows, information(ranked, first[rows], other, shift)

    rows, columns = (near.map(partial(informed, turned=turned)) for turned in (False, True))
    return Scattered(spark, rows, columns, len(met))
