"""What is held out, and the questions made of it."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.playlists import Excerpts, Playlists
from recommender.split import Split, hold_out, last_song, next_song, random_half, second_half

LISTS = st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=8)
NOTHING = Playlists.of([])
PAIRS = [[i, i + 100] for i in range(20)]


def plain(playlists: Playlists | Excerpts) -> list[list[int]]:
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


def all_next(train: Playlists, held_out: Playlists) -> Split:
    return next_song(train, held_out, repeats=True)


def all_last(train: Playlists, held_out: Playlists) -> Split:
    return last_song(train, held_out, repeats=True)


def test_a_song_that_is_not_new_may_be_asked_for_too():
    split = all_next(NOTHING, Playlists.of([[5, 7, 5]]))
    assert questions(split) == [(0, [5], [7]), (0, [5, 7], [5])]


@given(LISTS)
@example([])
def test_with_repeats_next_song_asks_for_all_but_the_first(lists):
    asked = [(i, s[:n], [s[n]]) for i, s in enumerate(lists) for n in range(1, len(s))]
    assert questions(all_next(NOTHING, Playlists.of(lists))) == asked


@given(LISTS)
@example([])
def test_with_repeats_last_song_asks_for_every_last_one(lists):
    asked = [(i, s[:-1], s[-1:]) for i, s in enumerate(lists) if len(s) > 1]
    assert questions(all_last(NOTHING, Playlists.of(lists))) == asked


def test_the_second_half_is_the_shorter_one():
    split = second_half(NOTHING, Playlists.of([[1, 2, 3, 4, 5], [6, 7, 8, 9]]))
    assert questions(split) == [(0, [1, 2, 3], [4, 5]), (1, [6, 7], [8, 9])]


def test_a_song_of_the_hidden_half_is_asked_for_once():
    assert questions(second_half(NOTHING, Playlists.of([[1, 2, 3, 3]]))) == [(0, [1, 2], [3])]


def test_a_song_of_the_half_shown_is_not_asked_for():
    assert questions(second_half(NOTHING, Playlists.of([[1, 2, 2, 3]]))) == [(0, [1, 2], [3])]


def test_a_playlist_whose_hidden_half_has_no_new_song_asks_nothing():
    split = second_half(NOTHING, Playlists.of([[1, 2, 1, 2], [5], [], [3, 4]]))
    assert questions(split) == [(3, [3], [4])]


def halves(lists: list[list[int]], hidden: list[list[bool]]) -> list[tuple[int, list[int], list[int]]]:
    """Owner, seeds and targets, in plain loops, of playlists with these places hidden."""
    asked = []
    for owner, (songs, marks) in enumerate(zip(lists, hidden, strict=True)):
        seeds = [song for song, mark in zip(songs, marks, strict=True) if not mark]
        targets = []
        for song, mark in zip(songs, marks, strict=True):
            if mark and song not in seeds + targets:
                targets.append(song)
        if targets:
            asked.append((owner, seeds, targets))
    return asked


@given(LISTS)
@example([])
def test_second_half_asks_what_plain_loops_ask(lists):
    hidden = [[place >= len(songs) - len(songs) // 2 for place in range(len(songs))] for songs in lists]
    assert questions(second_half(NOTHING, Playlists.of(lists))) == halves(lists, hidden)


@given(LISTS, st.integers(0, 2**32 - 1))
@example([], 0)
def test_random_half_asks_what_plain_loops_ask(lists, seed):
    distinct = [[100 * owner + place for place in range(len(songs))] for owner, songs in enumerate(lists)]
    told = {song for _, _, targets in questions(random_half(NOTHING, Playlists.of(distinct), seed)) for song in targets}
    hidden = [[song in told for song in songs] for songs in distinct]
    assert questions(random_half(NOTHING, Playlists.of(lists), seed)) == halves(lists, hidden)


@given(st.lists(st.integers(2, 9), max_size=6), st.integers(0, 2**32 - 1))
def test_half_of_each_playlist_is_hidden_the_shorter_one(lengths, seed):
    split = random_half(NOTHING, Playlists.of([range(length) for length in lengths]), seed)
    assert split.targets.lengths.tolist() == [length // 2 for length in lengths]


@given(st.lists(st.integers(2, 9), max_size=6), st.integers(0, 2**32 - 1))
def test_the_half_shown_is_in_play_order(lengths, seed):
    split = random_half(NOTHING, Playlists.of([range(length) for length in lengths]), seed)
    assert plain(split.seeds) == [sorted(songs) for songs in plain(split.seeds)]


def test_every_place_is_hidden_as_often():
    split = random_half(NOTHING, Playlists.of([range(4)] * 2000))
    assert np.bincount(split.targets.songs).tolist() == pytest.approx([1000] * 4, abs=90)  # 4 standard deviations


def test_the_same_seed_hides_the_same_half():
    first, second = (random_half(NOTHING, Playlists.of([range(40)]), seed=5) for _ in range(2))
    assert questions(first) == questions(second)


def test_another_seed_hides_another_half():
    first, second = (random_half(NOTHING, Playlists.of([range(40)]), seed=seed) for seed in (0, 1))
    assert questions(first) != questions(second)


ALL = [next_song, last_song, all_next, all_last, second_half, random_half]
over_all = pytest.mark.parametrize("protocol", ALL)


@over_all
@given(lists=LISTS)
def test_a_query_is_novel_exactly_where_no_target_is_among_its_seeds(protocol, lists):
    split = protocol(NOTHING, Playlists.of(lists))
    assert split.novel.tolist() == [not {*seeds} & {*targets} for _, seeds, targets in questions(split)]


@pytest.mark.parametrize("protocol", [next_song, last_song, second_half, random_half])
@given(lists=LISTS)
def test_unless_repeats_are_asked_for_every_query_is_novel(protocol, lists):
    assert protocol(NOTHING, Playlists.of(lists)).novel.all()


@over_all
@given(lists=LISTS)
def test_no_query_is_without_seeds_or_targets(protocol, lists):
    split = protocol(NOTHING, Playlists.of(lists))
    assert (split.seeds.lengths > 0).all()
    assert (split.targets.lengths > 0).all()


@over_all
@given(lists=LISTS)
def test_seeds_and_targets_are_songs_of_their_playlist(protocol, lists):
    for owner, seeds, targets in questions(protocol(NOTHING, Playlists.of(lists))):
        assert {*seeds, *targets} <= {*lists[owner]}


@over_all
def test_a_split_carries_its_playlists(protocol):
    train, held_out = Playlists.of([[1, 2]]), Playlists.of([[3, 4]])
    split = protocol(train, held_out)
    assert (split.train, split.held_out) == (train, held_out)


@over_all
@given(lists=LISTS, data=st.data())
def test_queries_are_taken_whole(protocol, lists, data):
    split = protocol(NOTHING, Playlists.of(lists))
    which = data.draw(st.lists(st.integers(0, len(split) - 1)) if len(split) else st.just([]))
    taken = split.take(np.array(which, dtype=np.int64))
    assert (questions(taken), taken.novel.tolist()) == (
        [questions(split)[i] for i in which],
        [split.novel.tolist()[i] for i in which],
    )


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


@pytest.fixture
def thirty():
    """Twenty novel queries and ten repeats."""
    return all_next(NOTHING, Playlists.of([*PAIRS[:10], *([i, i + 100, i] for i in range(10, 20))]))


@pytest.mark.parametrize(("n", "repeats"), [(20, 10), (10, 5), (7, 4), (1, 0), (100, 10)])
def test_a_sample_has_the_same_share_of_the_repeats(thirty, n, repeats):
    sample = thirty.sample(n)
    assert (int(sample.novel.sum()), int((~sample.novel).sum())) == (min(n, 20), repeats)


def test_a_sample_with_repeats_is_of_the_queries_in_their_order(thirty):
    asked = questions(thirty)
    places = [asked.index(query) for query in questions(thirty.sample(10))]
    assert places == sorted(set(places))


def test_the_novel_queries_of_a_sample_are_those_that_are_drawn_without_repeats(thirty):
    with_repeats = thirty.sample(7, seed=2)
    without = thirty.take(thirty.novel).sample(7, seed=2)
    assert questions(with_repeats.take(with_repeats.novel)) == questions(without)


def test_a_split_of_repeats_alone_stays_as_it_is():
    repeats = all_next(NOTHING, Playlists.of([[1, 1, 1]]))
    assert questions(repeats.sample(1)) == questions(repeats)
