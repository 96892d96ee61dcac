"""Near-duplicate playlists: by hand, and against the comparison of all with all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import duplicates
from recommender.datasets import load
from recommender.duplicates import first_of_each, nearest
from recommender.playlists import Playlists

LISTS = st.lists(st.lists(st.integers(0, 7), max_size=7), max_size=12)
MANY = st.lists(st.lists(st.integers(0, 40), max_size=25), max_size=12)
THRESHOLDS = st.sampled_from([0.0, 0.1, 0.2, 1 / 3, 0.4, 0.5, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.9, 0.99])


@pytest.fixture(params=[1, 7, 10**6])
def chunks(request, monkeypatch):
    """The same work in chunks of one, of a few and of all."""
    monkeypatch.setattr(duplicates, "_PRODUCTS", request.param)
    monkeypatch.setattr(duplicates, "_SONGS", request.param)


def jaccard(one, other):
    one, other = set(one), set(other)
    return len(one & other) / len(one | other) if min(len(one), len(other)) > 1 else 0.0


def brute_nearest(lists, threshold, others=None):
    best = []
    for i, songs in enumerate(lists):
        rest = others if others is not None else lists[:i] + lists[i + 1 :]
        greatest = max((jaccard(songs, other) for other in rest), default=0.0)
        best.append(greatest if greatest > threshold else 0.0)
    return best


def brute_first_of_each(lists, threshold):
    kept: list[int] = []
    for i, songs in enumerate(lists):
        if all(jaccard(songs, lists[j]) <= threshold for j in kept):
            kept.append(i)
    return [i in kept for i in range(len(lists))]


def test_the_nearest_of_three_playlists_by_hand():
    playlists = Playlists.of([[0, 1, 2, 3], [3, 2, 1, 4], [9, 8]])
    assert nearest(playlists, 0.5).tolist() == [3 / 5, 3 / 5, 0]


def test_a_similarity_equal_to_the_threshold_is_not_above_it():
    assert nearest(Playlists.of([[0, 1], [0, 1, 2, 3]]), 0.5).tolist() == [0, 0]


def test_order_and_repeats_do_not_count():
    assert nearest(Playlists.of([[0, 1, 2], [2, 2, 1, 0, 1]]), 0.99).tolist() == [1, 1]


def test_playlists_of_one_distinct_song_are_near_none():
    assert nearest(Playlists.of([[5], [5], [5, 5], []]), 0.5).tolist() == [0, 0, 0, 0]


def test_a_song_number_may_be_far_above_the_number_of_playlists():
    assert nearest(Playlists.of([[0, 2_000_000], [2_000_000, 0]]), 0.5).tolist() == [1, 1]


def test_held_out_playlists_are_compared_with_the_others_only():
    held_out = Playlists.of([[0, 1], [0, 1], [2, 3, 4]])
    assert nearest(held_out, 0.5, Playlists.of([[4, 3], [7, 8]])).tolist() == [0, 0, 2 / 3]


def test_the_first_of_each_stays():
    assert first_of_each(Playlists.of([[0, 1], [2, 3], [1, 0], [4], [4], []]), 0.5).tolist() == [1, 1, 0, 1, 1, 1]


def test_a_playlist_near_one_that_left_stays():
    lists = [[0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5]]  # .8, .83, and .67 from first to last
    assert first_of_each(Playlists.of(lists), 0.7).tolist() == [True, False, True]


@pytest.mark.parametrize("threshold", [-0.1, 1.0, float("nan")])
@pytest.mark.parametrize("function", [nearest, first_of_each])
def test_an_impossible_threshold_is_an_error(function, threshold):
    with pytest.raises(ValueError, match=f"threshold must be at least 0 and below 1, got {threshold}"):
        function(Playlists.of([]), threshold)


@given(LISTS | MANY, THRESHOLDS)
def test_the_nearest_is_that_of_all_pairs(lists, threshold):
    assert nearest(Playlists.of(lists), threshold).tolist() == brute_nearest(lists, threshold)


@given(LISTS | MANY, LISTS | MANY, THRESHOLDS)
def test_the_nearest_of_others_is_that_of_all_pairs(lists, others, threshold):
    found = nearest(Playlists.of(lists), threshold, Playlists.of(others))
    assert found.tolist() == brute_nearest(lists, threshold, others)


@given(LISTS | MANY, THRESHOLDS)
def test_those_that_stay_are_found_one_by_one(lists, threshold):
    assert first_of_each(Playlists.of(lists), threshold).tolist() == brute_first_of_each(lists, threshold)


@given(LISTS | MANY, THRESHOLDS)
def test_all_of_those_that_stay_stay_again(lists, threshold):
    playlists = Playlists.of(lists)
    kept = playlists.take(first_of_each(playlists, threshold))
    assert first_of_each(kept, threshold).all()
    assert not nearest(kept, threshold).any()


@given(LISTS, st.randoms())
def test_the_order_of_playlists_changes_no_similarity(lists, random):
    order = list(range(len(lists)))
    random.shuffle(order)
    shuffled = nearest(Playlists.of([lists[i] for i in order]), 0.5)
    assert shuffled.tolist() == nearest(Playlists.of(lists), 0.5)[order].tolist()


@pytest.mark.usefixtures("chunks")
def test_chunks_change_nothing():
    rng = np.random.default_rng(0)
    lists = [rng.integers(0, 12, size=n).tolist() for n in rng.integers(0, 10, size=60)]
    playlists, others = Playlists.of(lists[:40]), Playlists.of(lists[40:])
    assert nearest(playlists, 0.3).tolist() == brute_nearest(lists[:40], 0.3)
    assert nearest(playlists, 0.3, others).tolist() == brute_nearest(lists[:40], 0.3, lists[40:])
    assert first_of_each(playlists, 0.3).tolist() == brute_first_of_each(lists[:40], 0.3)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
def test_the_nearest_of_radio_playlists_is_that_of_the_whole_product(small, threshold):
    assert np.array_equal(nearest(small.train, threshold), product_nearest(small.train, threshold))


def product_nearest(playlists, threshold):
    """All similarities by one matrix product."""
    once = playlists.keep(~playlists.repeats)
    holds = np.zeros((len(once), once.songs.max() + 1))
    holds[once.owners, once.songs] = 1
    shared, sizes = holds @ holds.T, once.lengths
    jaccard = shared / np.maximum(sizes[:, None] + sizes - shared, 1)
    jaccard[sizes < 2] = jaccard[:, sizes < 2] = 0
    np.fill_diagonal(jaccard, 0)
    greatest = jaccard.max(axis=1)
    return np.where(greatest > threshold, greatest, 0)


def test_near_duplicates_of_the_real_playlists(real):
    similarity = nearest(load(real / "yes_big").train, 0.5)
    assert [(similarity > above).sum() for above in (0.5, 0.8)] == [700, 302]
