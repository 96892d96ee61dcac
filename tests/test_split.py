"""What is held out, and the questions made of it."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.playlists import Playlists
from recommender.split import Split, hold_out, last_song, next_song

LISTS = st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=8)
NOTHING = Playlists.of([])
PAIRS = [[i, i + 100] for i in range(20)]


def plain(playlists: Playlists) -> list[list[int]]:
    return [songs.tolist() for songs in playlists]


def questions(split: Split) -> list[tuple[int, list[int], list[int]]]:
    """Owner, seeds and targets of each query."""
    return list(zip(split.owners.tolist(), plain(split.seeds), plain(split.targets), strict=True))


def test_playlists_are_split_whole():
    train, held_out = hold_out(Playlists.of(PAIRS), 0.3)
    assert sorted(plain(train) + plain(held_out)) == PAIRS


def test_the_fraction_is_held_out():
    assert [len(part) for part in hold_out(Playlists.of(PAIRS), 0.3)] == [14, 6]


def test_a_fraction_of_a_playlist_is_not_held_out():
    assert len(hold_out(Playlists.of(PAIRS[:19]), 0.1)[1]) == 1


def test_both_parts_keep_the_order_of_the_playlists():
    train, held_out = hold_out(Playlists.of(PAIRS), 0.5)
    assert [plain(train), plain(held_out)] == [sorted(plain(train)), sorted(plain(held_out))]


def test_the_same_seed_holds_out_the_same_playlists():
    first, second = (hold_out(Playlists.of(PAIRS), 0.3, seed=5)[1] for _ in range(2))
    assert plain(first) == plain(second)


def test_another_seed_holds_out_others():
    first, second = (hold_out(Playlists.of(PAIRS), 0.3, seed=seed)[1] for seed in (0, 1))
    assert plain(first) != plain(second)


def test_playlists_that_ask_nothing_are_all_learnt_from():
    train, held_out = hold_out(Playlists.of([[1], [2, 3], [], [4, 5], [6]]), 1.0)
    assert (plain(train), plain(held_out)) == ([[1], [], [6]], [[2, 3], [4, 5]])


def test_the_fraction_is_of_the_playlists_that_ask():
    assert len(hold_out(Playlists.of([*PAIRS, *[[1]] * 100]), 0.1)[1]) == 2


@pytest.mark.parametrize(("lists", "n"), [(PAIRS[:9], 9), ([[1], []], 0), ([], 0)])
def test_holding_nothing_out_is_an_error(lists, n):
    with pytest.raises(ValueError, match=rf"fraction 0\.1 of {n} playlists with two songs or more holds none out"):
        hold_out(Playlists.of(lists), 0.1)


def test_each_new_song_is_asked_for_after_all_before_it():
    split = next_song(NOTHING, Playlists.of([[5, 7, 5, 6], [], [1], [8, 9]]))
    assert questions(split) == [(0, [5], [7]), (0, [5, 7, 5], [6]), (3, [8], [9])]


@given(LISTS)
@example([])
def test_next_song_asks_what_plain_loops_ask(lists):
    asked = [(i, s[:n], [s[n]]) for i, s in enumerate(lists) for n in range(1, len(s)) if s[n] not in s[:n]]
    assert questions(next_song(NOTHING, Playlists.of(lists))) == asked


def test_the_last_song_is_asked_for_where_it_is_new():
    split = last_song(NOTHING, Playlists.of([[5, 7, 6], [5, 7, 5], [], [1], [8, 9]]))
    assert questions(split) == [(0, [5, 7], [6]), (4, [8], [9])]


@given(LISTS)
@example([])
def test_last_song_asks_what_plain_loops_ask(lists):
    asked = [(i, s[:-1], s[-1:]) for i, s in enumerate(lists) if len(s) > 1 and s[-1] not in s[:-1]]
    assert questions(last_song(NOTHING, Playlists.of(lists))) == asked


@pytest.mark.parametrize("protocol", [next_song, last_song])
@given(lists=LISTS)
def test_no_target_is_among_its_seeds(protocol, lists):
    assert all(target not in seeds for _, seeds, [target] in questions(protocol(NOTHING, Playlists.of(lists))))


@pytest.mark.parametrize("protocol", [next_song, last_song])
@given(lists=LISTS)
def test_no_query_is_without_seeds(protocol, lists):
    assert (protocol(NOTHING, Playlists.of(lists)).seeds.lengths > 0).all()


@pytest.mark.parametrize("protocol", [next_song, last_song])
def test_a_split_carries_its_training_playlists(protocol):
    train = Playlists.of([[1, 2]])
    assert protocol(train, Playlists.of([[3, 4]])).train is train


@pytest.fixture
def twenty():
    return next_song(NOTHING, Playlists.of(PAIRS))


def test_a_sample_has_the_size_asked(twenty):
    assert len(twenty.sample(7)) == 7


def test_a_sample_is_of_the_queries_in_their_order(twenty):
    sample = twenty.sample(7)
    assert questions(sample) == [questions(twenty)[i] for i in sorted(sample.owners)]


def test_a_sample_as_large_as_the_split_is_the_split(twenty):
    assert questions(twenty.sample(1000)) == questions(twenty)


def test_the_same_seed_draws_the_same_sample(twenty):
    assert questions(twenty.sample(7, seed=3)) == questions(twenty.sample(7, seed=3))


def test_another_seed_draws_another_sample(twenty):
    assert questions(twenty.sample(7, seed=3)) != questions(twenty.sample(7, seed=4))


def test_a_sample_draws_every_query_alike(twenty):
    drawn = np.concatenate([twenty.sample(10, seed=seed).owners for seed in range(200)])
    assert np.bincount(drawn).min() > 70  # 100 expected, standard deviation 7
