"""Blind: what is asked, and what votes tell, worked by hand and against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from recommender import Playlists, Votes
from recommender.blind import always, drawn, question

COUNTS = st.integers(0, 60)


def test_ties_are_counted_and_left_out_of_the_share():
    votes = Votes(3, 1, 6)
    assert (votes.n, votes.decided, votes.share) == (10, 4, 0.75)


def test_six_to_none_is_told_by_the_sign_test_but_not_to_one_who_looked_each_time():
    votes = Votes(6, 0)
    assert votes.p == 2 / 64
    assert votes.p_always == pytest.approx(7 / 64)
    assert not votes.is_told
    assert votes.more == 2  # 9 / 256 at eight to none


def test_eight_to_none_are_the_fewest_that_tell():
    assert not Votes(7, 0).is_told  # 8 / 128
    assert Votes(8, 0).is_told
    assert Votes(0, 8).is_told
    assert Votes(8, 0).more is None
    assert Votes(0, 0).more == 8


def test_no_vote_tells_nothing():
    votes = Votes(0, 0, 5)
    assert np.isnan(votes.share)
    assert (votes.interval, votes.p, votes.is_told) == ((0.0, 1.0), 1.0, False)


def test_no_number_of_votes_is_named_where_they_are_even():
    assert Votes(10, 10).more is None


def test_of_votes_that_would_tell_some_will_be_ties():
    assert Votes(6, 0, 6).more == 4  # two that decide, and half of all are ties


@given(COUNTS, COUNTS, COUNTS)
def test_the_interval_and_p_agree_with_scipy_and_with_each_other(first, second, ties):
    votes = Votes(first, second, ties)
    low, high = votes.interval
    if votes.decided:
        assert votes.p == binomtest(first, votes.decided, 0.5).pvalue
        assert low <= votes.share <= high
    assert (votes.p <= 0.05) == (not low < 0.5 < high)


@given(COUNTS, COUNTS)
def test_which_model_is_first_does_not_matter(first, second):
    a, b = Votes(first, second), Votes(second, first)
    assert a.interval == pytest.approx((1 - b.interval[1], 1 - b.interval[0]))
    assert (a.p, a.is_told, a.more) == (pytest.approx(b.p), b.is_told, b.more)


def test_as_many_more_as_are_named_do_tell():
    votes = Votes(13, 7)
    total = votes.decided + votes.more
    ahead = round(total * votes.share)
    assert Votes(ahead, total - ahead).is_told
    assert not votes.is_told


def test_chance_alone_is_taken_for_a_difference_in_one_of_twenty_at_most_however_often_one_looks():
    n = np.arange(1, 301)
    ahead = np.random.default_rng(0).integers(2, size=(2000, 300)).cumsum(axis=1)
    assert (always(ahead, n) <= 0.05).any(axis=1).mean() < 0.05
    sign_test = 2 * binom.cdf(np.minimum(ahead, n - ahead), n, 0.5)
    assert (sign_test <= 0.05).any(axis=1).mean() > 0.2  # which does not hold that


def test_a_question_is_songs_that_stand_together_in_a_playlist():
    playlists = Playlists.of([[1, 2, 3, 4, 5], [7], [8, 9]])
    asked = {drawn(playlists, seed).songs for seed in range(100)}
    assert asked == {(1, 2, 3), (2, 3, 4), (3, 4, 5), (8, 9)}


def test_a_seed_asks_the_same_again_and_either_list_is_a_as_often():
    playlists = Playlists.of([[1, 2, 3, 4, 5]])
    questions = [drawn(playlists, seed) for seed in range(400)]
    assert questions == [drawn(playlists, seed) for seed in range(400)]
    assert 160 < sum(one.swapped for one in questions) < 240
    assert all(question(one.seed, one.songs) == one for one in questions)


def test_which_list_is_a_tells_nothing_of_the_songs():
    playlists = Playlists.of([[1, 2, 3], [4, 5, 6]])
    questions = [drawn(playlists, seed) for seed in range(400)]
    assert 60 < sum(one.swapped and one.songs == (1, 2, 3) for one in questions) < 140


def test_playlists_of_one_song_are_asked_about_where_there_are_no_others():
    assert drawn(Playlists.of([[], [7]]), 0).songs == (7,)


def test_nothing_to_ask_about_is_an_error():
    with pytest.raises(ValueError, match="no playlist has a song"):
        drawn(Playlists.of([[]]), 0)
