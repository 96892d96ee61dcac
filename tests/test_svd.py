"""The truncated decomposition, against the exact one, and products dealt to the cores."""

import numpy as np
import pytest
import scipy.sparse as sp

from recommender.models.svd import Dealt, truncated_svd


def of_falling_values(n: int, seed: int) -> np.ndarray:
    """(n, n) with singular values 1, 1/2, 1/4, …"""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    return (left * 0.5 ** np.arange(n) @ right).astype(np.float32)


def test_the_product_is_the_best_of_its_rank():
    matrix = of_falling_values(40, seed=1)
    left, values, right = truncated_svd(matrix, 5, iterations=2, seed=0)
    exact_left, exact_values, exact_right = np.linalg.svd(matrix)
    np.testing.assert_allclose(values, exact_values[:5], rtol=1e-5)
    best = exact_left[:, :5] * exact_values[:5] @ exact_right[:5]
    np.testing.assert_allclose(left * values @ right, best, atol=1e-5)
    np.testing.assert_allclose(left.T @ left, np.eye(5), atol=1e-5)


def test_small_values_do_not_drown_in_the_rounding_of_the_large():
    matrix = of_falling_values(60, seed=2)
    values = truncated_svd(matrix, 18, iterations=3, seed=0)[1]
    np.testing.assert_allclose(values, 0.5 ** np.arange(18), rtol=0.02)  # the last is 2 ** -17, float32 has 24 bits


def test_a_wide_matrix_has_as_much_rank_as_rows():
    matrix = np.float32([[1, 2, 3, 4], [0, 1, 0, 1]])
    left, values, right = truncated_svd(matrix, 2, iterations=0, seed=0)
    np.testing.assert_allclose(left * values @ right, matrix, atol=1e-5)


@pytest.mark.parametrize("entries", [1, 50, 10**9])
def test_a_product_is_the_same_however_its_rows_are_dealt(entries, monkeypatch):
    monkeypatch.setattr("recommender.models.svd._ENTRIES", entries)
    rng = np.random.default_rng(0)
    matrix = sp.random_array((90, 70), density=0.1, format="csr", dtype=np.float32, rng=rng)
    matrix.data[:50] = 0
    matrix.eliminate_zeros()  # rows without entries, at the beginning, too
    dealt, dense = Dealt(matrix), rng.standard_normal((70, 3), np.float32)
    assert np.array_equal(dealt @ dense, matrix @ dense)
    assert np.array_equal(dealt.T @ (dealt @ dense), matrix.T.tocsr() @ (matrix @ dense))
    assert (dealt.shape, dealt.T.shape) == ((90, 70), (70, 90))
