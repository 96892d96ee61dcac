"""Tastes: likes are heard, dislikes push away without emptying the list, artists and tags speak through their songs."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender import ParameterError, Playlists, Run, Shape, Taste, UnknownSongError
from recommender.asking import SPEAKERS, Steered, speakers
from recommender.protocol import as_shares
from recommender.ranking import every_place
from recommender.traits import Traits
from tests.test_shaping import catalogue_of

NONE = np.zeros(0, np.int32)


@dataclass
class Sums:
    """A model that scores a song by the sum of what each seed says of it."""

    table: np.ndarray

    def score(self, seeds):
        scores = np.full((len(seeds), self.table.shape[1]), -np.inf, np.float32)
        for row, songs in enumerate(seeds):
            if len(songs):
                scores[row] = self.table[songs].sum(axis=0)
        return scores


TABLES = arrays(np.float32, (6, 6), elements=st.integers(0, 8).map(float))


@pytest.fixture(scope="module")
def run(run_folder):
    return Run.load(run_folder)


@given(TABLES, st.lists(st.integers(0, 5), min_size=1, max_size=3), st.integers(0, 5), st.lists(st.booleans()))
def test_what_is_nearest_to_a_disliked_song_falls_and_nothing_vanishes(table, seeds, disliked, unknown):
    assume(disliked not in seeds)
    table[:, np.flatnonzero(unknown[:6])] = -np.inf
    model, asked = Sums(table), Playlists.of([seeds])
    alone = Playlists.of([[disliked]])
    before = as_shares(model.score(asked), asked)[0]
    (after,) = Steered(model, NONE, np.array([disliked], np.int32)).score(asked)
    near = 1 / every_place(model, alone)[0]
    others = np.arange(6) != disliked
    assert (np.isneginf(after) == (np.isneginf(model.score(asked)[0]) | ~others)).all()
    left = others & ~np.isneginf(after)
    for song in np.flatnonzero(left & (near == near[left].max(initial=0))):
        assert set(np.flatnonzero(left & (after > after[song]))) >= set(np.flatnonzero(left & (before > before[song])))
        if near[song] > 0 and before[song] > 0:
            assert after[song] < before[song]


@given(TABLES, st.lists(st.integers(0, 5), min_size=1, max_size=3))
def test_of_several_disliked_songs_the_nearest_counts(table, disliked):
    asked = Playlists.of([[0]])
    together, *alone = (
        Steered(Sums(table), NONE, np.array(songs, np.int32)).score(asked)[0]
        for songs in (disliked, *([song] for song in disliked))
    )
    left = np.setdiff1d(np.arange(6), disliked)
    assert together[left].tolist() == np.min(alone, axis=0)[left].tolist()


def test_what_is_far_from_a_disliked_song_keeps_its_order_and_nearly_its_score():
    table = np.zeros((3, 20_000), np.float32)
    table[0, :4], table[1, 4:] = (0, 0, 8, 4), np.arange(19_996, 0, -1)
    (scores,) = Steered(Sums(table), NONE, np.array([1], np.int32)).score(Playlists.of([[0]]))
    assert scores[2] == pytest.approx(1, abs=0.01)
    assert scores[3] == pytest.approx(0.5, abs=0.01)


def test_a_song_asked_with_and_disliked_says_nothing():
    (scores,) = Steered(Sums(np.eye(3, dtype=np.float32)), NONE, np.array([1], np.int32)).score(Playlists.of([[1]]))
    assert np.isneginf(scores).all()


def test_a_share_is_divided_by_how_near_the_song_is_to_a_disliked_one():
    table = np.float32([[0, 4, 2, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 3, 6, 0]])
    (scores,) = Steered(Sums(table), NONE, np.array([3], np.int32)).score(Playlists.of([[0]]))
    assert scores.tolist() == pytest.approx([0, 1 / 6, 0.5 / 11, -np.inf])  # at the third, second and first place


def test_a_disliked_song_is_never_answered(run):
    (worst, _), *rest = run.recommend([5, 7], 119)
    without = run.recommend([5, 7], 119, taste=Taste(dislike=[worst.id]), allow_repeats=True)
    assert worst.id not in {song.id for song, _ in without}
    assert {song.id for song, _ in rest} <= {song.id for song, _ in without}


def test_liked_songs_are_as_if_played_earlier(run):
    assert run.recommend([7], 5, taste=Taste(like=[5, 9])) == run.recommend([5, 9, 7], 5)


def test_an_artist_speaks_through_its_most_played_songs():
    catalogue = catalogue_of(*"ABAA", plays=[3, 9, 5, 4])
    assert speakers(Traits(catalogue), ["a"]).tolist() == [0, 3, 2]
    many = catalogue_of(*["A"] * (SPEAKERS + 2), plays=list(range(SPEAKERS + 2)))
    assert speakers(Traits(many), ["A"]).tolist() == list(range(2, SPEAKERS + 2))


def test_a_tag_speaks_through_its_most_played_songs():
    catalogue = catalogue_of(*"ABC", plays=[3, 9, 1], tags=[("rock",), (), ("rock", "soul")])
    assert speakers(Traits(catalogue), tags=["Rock"]).tolist() == [2, 0]


def test_songs_that_speak_may_be_answered(run):
    artist = run.catalogue.artists[5]
    found = run.recommend([], 119, taste=Taste(artists=[artist]))
    assert {row for row, name in enumerate(run.catalogue.artists) if name == artist} <= {song.id for song, _ in found}


def test_songs_that_speak_are_heard_before_those_named(run):
    artist = run.catalogue.artists[5]
    spoken = run.catalogue.ids[speakers(Traits(run.catalogue), [artist])].tolist()
    found = run.recommend([7], 3, taste=Taste(artists=[artist]), allow_repeats=True)
    assert found == run.recommend([*spoken, 7], 3, allow_repeats=True)


def test_an_unknown_artist_or_song_of_a_taste_is_told(run):
    with pytest.raises(ParameterError, match="no song has the artist 'Nobody At All'"):
        run.recommend([5], taste=Taste(artists=["Nobody At All"]))
    with pytest.raises(UnknownSongError, match="no song has the id 4000"):
        run.recommend([5], taste=Taste(dislike=[4000]))


def test_no_taste_and_no_shape_give_the_models_own_list(run):
    assert run.recommend([5, 7], 9, taste=Taste(), shape=Shape()) == run.recommend([5, 7], 9)


def test_similar_songs_may_be_shaped(run):
    plain = run.similar(5, 119)
    artists = [song.artist for song, _ in run.similar(5, 20, shape=Shape(max_per_artist=1))]
    assert len(set(artists)) == len(artists) == 20
    assert run.similar(5, 119, shape=Shape(without=[plain[0][0].id])) == plain[1:]
