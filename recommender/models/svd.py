"""Truncated singular value decomposition by random projections, of anything that can be multiplied.

One algorithm for a matrix in memory and for one whose products are made elsewhere (see `recommender.spark`). Each
product is made orthonormal before the next: without that, small singular values drown in the rounding of the large.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.protocol import cores

_OVERSAMPLING = 10
_ENTRIES = 2**20  # of a sparse matrix that are multiplied at once


class Matrix(Protocol):
    """What has a shape, a transpose and a product with a dense array."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def T(self) -> "Matrix":  # noqa: N802
        """The transpose."""
        ...

    def __matmul__(self, dense: NDArray[np.float32], /) -> Any: ...


def truncated_svd(
    matrix: Matrix, rank: int, iterations: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The `rank` greatest singular values, with left (m, rank) and right (rank, n) vectors; nearly.

    Halko, Martinsson & Tropp 2011, doi:10.1137/090771806, algorithm 4.4 with 10 vectors to spare.

    >>> left, values, right = truncated_svd(np.array([[0, 2], [1, 0]], np.float32), rank=1, iterations=2, seed=0)
    >>> (left * values @ right).round(3).tolist()
    [[0.0, 2.0], [0.0, 0.0]]
    """
    from scipy.linalg import qr, svd
    from threadpoolctl import threadpool_limits

    def orthonormal(columns: NDArray[np.float32]) -> NDArray[np.float32]:
        basis: NDArray[np.float32] = qr(columns, mode="economic", overwrite_a=True, check_finite=False)[0]
        return basis

    width = min(rank + _OVERSAMPLING, *matrix.shape)
    basis = np.random.default_rng(seed).standard_normal((matrix.shape[1], width), dtype=np.float32)
    with threadpool_limits(1, "blas"):  # QR on all cores waits for them at every column, where one does something else
        for _ in range(iterations):
            basis = orthonormal(matrix.T @ orthonormal(matrix @ basis))
        basis = orthonormal(matrix @ basis)
        left, values, small = svd(matrix.T @ basis, full_matrices=False, overwrite_a=True, check_finite=False)
        return basis @ small[:rank].T, values[:rank], left[:, :rank].T


@dataclass(frozen=True, eq=False)
class Dealt:
    """A sparse matrix whose rows are dealt to the cores in a product; the same bytes for any number of them."""

    matrix: sp.csr_array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.matrix.shape

    @cached_property
    def T(self) -> "Dealt":  # noqa: N802
        return Dealt(self.matrix.T.tocsr())

    def __matmul__(self, dense: NDArray[np.float32], /) -> NDArray[np.float32]:
        out = np.empty((self.shape[0], dense.shape[1]), np.float32)
        cuts = np.searchsorted(self.matrix.indptr, np.arange(0, self.matrix.nnz, _ENTRIES))

        def fill(rows: tuple[int, int]) -> None:
            out[slice(*rows)] = self.matrix[slice(*rows)] @ dense

        with ThreadPoolExecutor(cores()) as pool:  # scipy lets go of the interpreter's lock
            list(pool.map(fill, pairwise(np.unique([0, *cuts, len(out)]).tolist())))
        return out
