"""What lists show: figures worked out by hand, and by loops over lists, songs and pairs."""

import itertools
import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cosine

from recommender.exposure import coverage, entropy, exposures, gini, intra_list_diversity, novelty, popularity_lift

N_SONGS = 8
LISTS = st.lists(st.lists(st.integers(0, N_SONGS - 1), unique=True, max_size=6), min_size=1, max_size=5)
COUNTS = arrays(np.int64, N_SONGS, elements=st.integers(0, 20))
FEATURES = arrays(np.float32, (N_SONGS, 4), elements=st.sampled_from([0.0, 0.5, 1.0, 3.0]))


def answers_of(lists: list[list[int]]) -> np.ndarray:
    """The lists as answers, padded to six songs."""
    return np.array([songs + [-1] * (6 - len(songs)) for songs in lists], dtype=np.int32)


def none(n_songs: int = 3) -> np.ndarray:
    return np.zeros(n_songs, np.int64)


@given(LISTS)
def test_the_exposure_of_a_song_is_the_number_of_its_lists(lists):
    counts = exposures(answers_of(lists), N_SONGS)
    assert counts.tolist() == [sum(song in songs for songs in lists) for song in range(N_SONGS)]


def test_answers_to_no_queries_expose_nothing():
    assert exposures(np.zeros((0, 10), np.int32), 3).tolist() == [0, 0, 0]


def test_coverage_is_the_share_of_played_songs_in_any_list():
    assert coverage(np.array([3, 0, 1, 0]), np.array([9, 1, 1, 1])) == 2 / 4


def test_coverage_does_not_count_songs_never_played():
    assert coverage(np.array([3, 0, 1, 0]), np.array([9, 1, 0, 0])) == 1 / 2


def test_without_plays_nothing_is_covered():
    assert coverage(none(), none()) == 0


@given(st.lists(st.integers(0, 20), min_size=1, max_size=10).filter(any))
def test_gini_is_half_the_mean_difference_over_the_mean(counts):
    n, total = len(counts), sum(counts)
    differences = sum(abs(a - b) for a in counts for b in counts)
    assert gini(np.array(counts)) == pytest.approx(differences / (2 * n * total), abs=1e-12)


@pytest.mark.parametrize("counts", [[0, 0], []])
def test_gini_of_no_counts_is_0(counts):
    assert gini(np.array(counts, dtype=np.int64)) == 0


@pytest.mark.parametrize(("counts", "bits"), [([4, 4, 4, 4], 2), ([7, 0], 0), ([2, 1, 1, 0], 1.5), ([0, 0], 0)])
def test_entropy_is_in_bits(counts, bits):
    assert entropy(np.array(counts)) == bits


@given(COUNTS)
def test_entropy_is_the_sum_over_songs_of_minus_p_log2_p(counts):
    shares = [count / counts.sum() for count in counts.tolist() if count]
    assert entropy(counts) == pytest.approx(-sum(p * math.log2(p) for p in shares), abs=1e-12)


@given(COUNTS.filter(any))
def test_two_to_the_entropy_is_at_most_the_number_of_songs_shown(counts):
    assert 1 <= 2 ** entropy(counts) <= np.count_nonzero(counts) + 1e-9


def test_novelty_is_the_mean_surprise_of_a_list_in_bits():
    plays = np.array([8, 4, 2, 1, 1])
    assert novelty(np.array([[0, 1], [3, 4], [2, -1]]), plays).tolist() == [1.5, 4, 3]


def test_a_song_never_played_is_as_new_as_one_played_once():
    assert novelty(np.array([[1], [2]]), np.array([7, 1, 0])).tolist() == [3, 3]


def test_without_plays_nothing_is_new():
    assert novelty(np.array([[0, 1]]), none()).tolist() == [0]


@given(LISTS, COUNTS.filter(any))
def test_novelty_is_that_of_a_loop(lists, plays):
    total = plays.sum()
    loop = [np.mean([-math.log2(max(plays[s], 1) / total) for s in songs]) if songs else np.nan for songs in lists]
    np.testing.assert_allclose(novelty(answers_of(lists), plays), loop, rtol=0, atol=1e-12)


def test_diversity_is_one_minus_the_mean_cosine_of_the_pairs():
    tags = sp.csr_array(np.float32([[1, 0], [3, 4], [0, 2]]))  # cosines 3/5, 0 and 4/5
    assert intra_list_diversity(np.array([[0, 1, 2]]), tags) == pytest.approx(1 - (3 / 5 + 0 + 4 / 5) / 3)


def test_songs_without_features_are_in_no_pair():
    tags = sp.csr_array(np.float32([[1, 0], [0, 0], [0, 2]]))
    assert intra_list_diversity(np.array([[0, 1, 2]]), tags).tolist() == [1]


def test_diversity_needs_two_songs_with_features():
    tags = sp.csr_array(np.float32([[1, 0], [0, 0], [0, 0]]))
    assert np.isnan(intra_list_diversity(np.array([[0, 1, 2], [0, -1, -1], [-1, -1, -1], [1, 2, -1]]), tags)).all()


def test_diversity_of_artists_is_the_share_of_pairs_by_two():
    artists = sp.csr_array(np.eye(3, dtype=np.float32)[[0, 0, 1, 2]])
    assert intra_list_diversity(np.array([[0, 1, 2, 3]]), artists) == pytest.approx(5 / 6)


@given(LISTS, FEATURES)
def test_diversity_is_that_of_a_loop_over_pairs(lists, features):
    loop = []
    for songs in lists:
        described = [features[song].astype(float) for song in songs if features[song].any()]
        distances = [cosine(a, b) for a, b in itertools.combinations(described, 2)]
        loop.append(np.mean(distances) if distances else np.nan)
    diversity = intra_list_diversity(answers_of(lists), sp.csr_array(features))
    np.testing.assert_allclose(diversity, loop, rtol=0, atol=1e-9)
    assert not ((diversity < 0) | (diversity > 1)).any()


def test_no_lists_have_no_figures():
    answers = np.zeros((0, 10), np.int32)
    assert novelty(answers, none()).shape == (0,)
    assert intra_list_diversity(answers, sp.csr_array(np.ones((3, 1), np.float32))).shape == (0,)


@given(LISTS, COUNTS, FEATURES, st.permutations(range(6)))
def test_the_order_within_a_list_changes_no_figure(lists, plays, features, order):
    answers = answers_of(lists)
    other = answers[:, order]
    assert np.array_equal(exposures(answers, N_SONGS), exposures(other, N_SONGS))
    for figure, of_songs in ((novelty, plays), (intra_list_diversity, sp.csr_array(features))):
        np.testing.assert_allclose(figure(other, of_songs), figure(answers, of_songs), rtol=0, atol=1e-12)


def test_lift_is_the_relative_rise_of_mean_plays_from_seeds_to_answers():
    plays = np.array([10, 4, 2])
    assert popularity_lift(np.array([3, 1, 0]), np.array([0, 1, 1]), plays) == pytest.approx((34 / 4 - 3) / 3)


def test_lists_less_popular_than_their_seeds_have_a_lift_below_0():
    assert popularity_lift(np.array([0, 1]), np.array([1, 0]), np.array([10, 1])) == -0.9


@pytest.mark.parametrize(
    ("shown", "seeds", "plays"), [([0, 0], [1, 1], [2, 1]), ([1, 0], [0, 0], [2, 1]), ([1, 0], [0, 1], [2, 0])]
)
def test_lift_is_nan_without_answers_or_played_seeds(shown, seeds, plays):
    assert math.isnan(popularity_lift(np.array(shown), np.array(seeds), np.array(plays)))


@given(LISTS, LISTS, COUNTS)
def test_lift_is_that_of_a_loop(lists, seeds, plays):
    recommended = [plays[song] for songs in lists for song in songs]
    before = [plays[song] for songs in seeds for song in songs]
    lift = popularity_lift(exposures(answers_of(lists), N_SONGS), exposures(answers_of(seeds), N_SONGS), plays)
    if recommended and sum(before):
        assert lift == pytest.approx((np.mean(recommended) - np.mean(before)) / np.mean(before))
    else:
        assert math.isnan(lift)
