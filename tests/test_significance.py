"""Each statistic against plain Python, all possible outcomes, or scipy."""

import re
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, permutation_test

from recommender.significance import bootstrap, holm, interval, letters, randomisation


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def ones(n: int) -> np.ndarray:
    return np.ones((n, 1), np.int64)


def resampled(sums: np.ndarray, counts: np.ndarray, draws: int, seed: int) -> list[list[float]]:
    """The bootstrap a playlist at a time."""
    rng, n = np.random.default_rng(seed), len(sums)
    means = []
    for _ in range(draws):
        total, queries = np.zeros(sums.shape[1]), np.zeros(sums.shape[1], int)
        for playlist in rng.integers(n, size=n):
            total, queries = total + sums[playlist], queries + counts[playlist]
        means.append([t / q if q else np.nan for t, q in zip(total, queries, strict=True)])
    return means


def swapped(differences: np.ndarray) -> np.ndarray:
    """The p-value (c,) over all 2^n ways to swap, for differences that are integers."""
    sums = np.array(list(product([1, -1], repeat=len(differences)))) @ differences
    return np.mean(np.abs(sums) >= np.abs(differences.sum(axis=0)), axis=0)


def test_a_draw_is_the_mean_over_the_queries_of_playlists_drawn_with_replacement():
    rng = np.random.default_rng(1)
    sums, counts = rng.random((5, 3)), rng.integers(1, 4, (5, 3))
    np.testing.assert_allclose(bootstrap(sums, counts, 40, seed=2), resampled(sums, counts, 40, seed=2), rtol=1e-12)


def test_a_playlist_without_queries_adds_nothing_and_no_queries_have_no_mean():
    sums, counts = np.array([[3.0, 0], [0, 0], [0, 1]]), np.array([[2, 0], [0, 0], [0, 4]])
    drawn = bootstrap(sums, counts, 60)
    np.testing.assert_array_equal(drawn, resampled(sums, counts, 60, seed=0))
    assert set(drawn[:, 0][~np.isnan(drawn[:, 0])]) == {1.5}
    assert set(drawn[:, 1][~np.isnan(drawn[:, 1])]) == {0.25}
    assert 5 < np.isnan(drawn[:, 0]).sum() < 35  # (2/3)^3 of 60 are expected


def test_many_playlists_are_drawn_as_few_are():
    rng = np.random.default_rng(3)
    sums = rng.random((30_000, 1))
    drawn, again = bootstrap(sums, ones(30_000), 70), np.random.default_rng(0)
    expected = [sums[again.integers(30_000, size=30_000)].mean() for _ in range(70)]
    np.testing.assert_allclose(drawn[:, 0], expected, rtol=1e-12)


def test_one_count_a_playlist_holds_for_every_column():
    sums, counts = np.random.default_rng(4).random((6, 5)), np.array([[1], [2], [3], [1], [2], [0]])
    np.testing.assert_array_equal(bootstrap(sums, counts, 30), bootstrap(sums, np.repeat(counts, 5, axis=1), 30))


@pytest.mark.parametrize("draws", [1, 100])  # a product with one row is summed another way
@pytest.mark.parametrize("c", [4, 8, 30])
def test_columns_alike_have_draws_alike(c, draws):
    sums = np.random.default_rng(c).random((1000, c))
    sums[:, -1] = sums[:, 0]
    drawn = bootstrap(sums, ones(1000), draws)
    np.testing.assert_array_equal(drawn[:, 0], drawn[:, -1])
    assert len({tuple(each) for each in drawn.T}) == c - 1


def test_more_playlists_than_a_block_holds_are_drawn_one_draw_a_block():
    sums = np.arange(2_000_001.0)[:, None]
    [[first], [second]] = bootstrap(sums, ones(len(sums)), 2)
    assert [first, second] == pytest.approx([1_000_000] * 2, abs=2050)  # 5 standard errors
    assert first != second


def test_the_difference_of_two_columns_is_drawn_as_they_are():
    sums = np.random.default_rng(5).random((50, 2))
    drawn = bootstrap(np.column_stack([sums, sums[:, 0] - sums[:, 1]]), ones(50), 200)
    np.testing.assert_allclose(drawn[:, 0] - drawn[:, 1], drawn[:, 2], rtol=0, atol=1e-12)


def test_the_seed_decides_the_draws():
    sums = np.random.default_rng(6).random((20, 2))
    first, same, other = (bootstrap(sums, ones(20), 50, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.any(first == other)


def test_the_interval_of_many_single_queries_is_the_normal_one():
    sums = np.random.default_rng(7).exponential(size=(2000, 1))
    low, high = interval(bootstrap(sums, ones(2000)))
    half = 1.96 * sums.std(ddof=1) / np.sqrt(2000)
    assert [low[0], high[0]] == pytest.approx([sums.mean() - half, sums.mean() + half], abs=0.05 * half)


def test_repeating_the_queries_of_a_playlist_does_not_narrow_the_interval():
    sums, counts = np.random.default_rng(8).random((40, 1)), ones(40)
    once, often = interval(bootstrap(sums, counts, 500)), interval(bootstrap(10 * sums, 10 * counts, 500))
    np.testing.assert_allclose(once, often, rtol=1e-12)
    as_playlists = interval(bootstrap(np.repeat(sums, 10, axis=0), ones(400), 500))
    assert once[1] - once[0] > 2 * (as_playlists[1] - as_playlists[0])


def test_an_interval_leaves_out_two_and_a_half_percent_on_either_side():
    low, high = interval(np.stack([np.arange(1001.0), -2 * np.arange(1001.0)], axis=1))
    assert low.tolist() == pytest.approx([25, -1950])
    assert high.tolist() == pytest.approx([975, -50])


def test_an_interval_leaves_out_nan():
    low, high = interval(np.array([[np.nan, np.nan], [np.nan, 4], [np.nan, 4]]))
    np.testing.assert_array_equal([low, high], [[np.nan, 4], [np.nan, 4]])


def test_nothing_known_has_an_interval_of_nan():
    assert np.isnan(interval(bootstrap(np.zeros((3, 2)), np.zeros((3, 2), int), 10))).all()


def test_randomisation_comes_near_the_share_of_all_swaps():
    differences = np.random.default_rng(9).integers(-5, 8, (9, 20)).astype(float)
    expected = swapped(differences)
    assert expected.min() < 0.05
    assert expected.max() > 0.5
    np.testing.assert_allclose(randomisation(differences), expected, rtol=0, atol=0.02)  # 4 standard errors


def test_playlists_without_a_difference_do_not_change_p():
    differences = np.random.default_rng(10).integers(-5, 8, (9, 20)).astype(float)
    many = np.concatenate([differences, np.zeros((30_000, 20))])
    np.testing.assert_allclose(randomisation(many, 2000), swapped(differences), rtol=0, atol=0.045)


def test_randomisation_agrees_with_scipy():
    a, b = np.random.default_rng(11).random((2, 10))
    b -= 0.4
    exact = permutation_test((a, b), lambda a, b: np.sum(a - b), permutation_type="samples", n_resamples=2000)
    assert 0.01 < exact.pvalue < 0.3
    assert randomisation(column(*(a - b)))[0] == pytest.approx(exact.pvalue, abs=0.015)


def test_values_alike_have_a_p_of_1():
    assert randomisation(np.zeros((6, 2)), 100).tolist() == [1, 1]


def test_one_playlist_has_a_p_of_1():
    assert randomisation(column(-0.3), 100).tolist() == [1]


def test_p_is_never_0():
    assert randomisation(column(*[1] * 100), 99).tolist() == [1 / 100]


def test_p_does_not_depend_on_the_sign_or_scale():
    differences = np.random.default_rng(12).normal(size=(30, 1))
    first, *others = randomisation(differences * [1, -1, 1e6, -1e-6], 500)
    assert others == [first] * 3


def test_sums_that_are_rounded_apart_are_equal():
    whole = np.random.default_rng(13).integers(-3, 5, (12, 30)).astype(float)
    np.testing.assert_array_equal(randomisation(whole * 0.1, 1000), randomisation(whole, 1000))


def test_differences_that_cancel_out_have_a_p_of_1():
    differences = column(0.1, 0.2, 0.3, -0.6)
    assert differences.sum() != 0
    assert randomisation(differences, 200).tolist() == [1]


def test_without_a_real_difference_every_p_is_as_likely():
    differences = np.random.default_rng(14).normal(size=(60, 500))
    assert kstest(randomisation(differences, 1000), "uniform").pvalue > 0.05


def test_the_seed_decides_the_swaps():
    differences = np.random.default_rng(15).normal(size=(30, 20))
    first, same, other = (randomisation(differences, 200, seed).tolist() for seed in (1, 1, 2))
    assert first == same
    assert first != other


def test_holm_by_hand():
    adjusted = holm(np.array([0.01, 0.04, 0.03, 0.005]))  # 2nd: 3 * 0.01; 1st: 4 * 0.005; 3rd: 2 * 0.03; 4th: 0.04
    assert adjusted.tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


P = st.lists(st.floats(0, 1), max_size=8).map(np.array)


@given(P, st.floats(0.001, 0.999))
def test_holm_rejects_what_stepping_down_rejects(p, alpha):
    rejected = np.zeros(len(p), bool)
    for step, place in enumerate(sorted(range(len(p)), key=lambda place: p[place])):
        if p[place] * (len(p) - step) > alpha:
            break
        rejected[place] = True
    np.testing.assert_array_equal(holm(p) <= alpha, rejected)


@given(P)
def test_holm_keeps_the_order_and_stays_between_p_and_1(p):
    adjusted = holm(p)
    assert np.all(np.diff(adjusted[np.argsort(p)]) >= 0)
    assert np.all((p <= adjusted) & (adjusted <= 1))


def test_holm_keeps_the_shape_and_its_input():
    p = np.array([[0.01, 0.5], [0.2, 0.03]])
    adjusted = holm(p)
    np.testing.assert_allclose(adjusted, [[0.04, 0.5], [0.4, 0.09]])
    np.testing.assert_array_equal(p, [[0.01, 0.5], [0.2, 0.03]])


def pairs(n: int, *different: tuple[int, int]) -> np.ndarray:
    """(n, n): which pairs are different."""
    matrix = np.zeros((n, n), bool)
    for i, j in different:
        matrix[i, j] = matrix[j, i] = True
    return matrix


def groups(display: list[str]) -> dict[str, set[int]]:
    """Letter -> the things that have it."""
    read = [re.findall(r"[a-z]\d*", text) for text in display]
    return {name: {i for i, names in enumerate(read) if name in names} for names in read for name in names}


MATRICES = st.integers(1, 8).flatmap(
    lambda n: st.sets(st.sampled_from([*combinations(range(n), 2)] or [(0, 0)])).map(
        lambda chosen: pairs(n, *(pair for pair in chosen if pair != (0, 0)))
    )
)


@pytest.mark.parametrize(
    ("different", "display"),
    [
        (pairs(1), ["a"]),
        (pairs(3), ["a", "a", "a"]),
        (pairs(2, (0, 1)), ["a", "b"]),
        (pairs(4, (0, 2), (0, 3), (1, 3)), ["a", "ab", "bc", "c"]),
        (pairs(3, (0, 1), (1, 2)), ["a", "b", "a"]),  # the ends alike, the middle not
        (pairs(4, (0, 1), (2, 3)), ["ab", "cd", "ac", "bd"]),  # 02 03 12 13
    ],
)
def test_letters_by_hand(different, display):
    assert letters(different) == display


def test_nothing_has_no_letters():
    assert letters(pairs(0)) == []


@given(MATRICES)
def test_two_share_a_letter_exactly_where_they_are_not_different(different):
    things = groups(letters(different)).values()
    for i, j in combinations(range(len(different)), 2):
        assert any({i, j} <= group for group in things) == (not different[i, j])


@given(MATRICES)
def test_no_group_is_part_of_another(different):
    assert not any(a <= b for a, b in combinations(groups(letters(different)).values(), 2))
    assert not any(b <= a for a, b in combinations(groups(letters(different)).values(), 2))


@given(MATRICES)
def test_a_is_of_the_best_and_letters_come_in_order(different):
    display = letters(different)
    assert display[0].startswith("a")
    assert all(list(text) == sorted(set(text)) for text in display)
    found = groups(display)
    assert sorted(found) == sorted(found, key=lambda name: sorted(found[name]))


def test_after_z_a_letter_has_a_number():
    display = letters(~np.eye(54, dtype=bool))
    assert display[24:29] == ["y", "z", "a1", "b1", "c1"]
    assert display[50:54] == ["y1", "z1", "a2", "b2"]


def test_letters_with_numbers_are_still_told_apart():
    different = pairs(12, *(pair for i in range(0, 12, 3) for pair in combinations(range(i, i + 3), 2)))
    found = groups(letters(different))  # one of each three: 3^4 groups
    assert sorted(map(sorted, found.values())) == [list(each) for each in product(*np.arange(12).reshape(4, 3))]
