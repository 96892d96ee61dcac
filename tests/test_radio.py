"""Radio: the same seed plays the same, nothing comes again too soon, and what is liked comes more often."""

import json
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import RecommenderError, UnknownSongError
from recommender.radio import Radio
from recommender.steps import Rotation
from tests.test_paths import NEVER, Table, alone, line

SEEDS = st.integers(0, 99)


def noise(n: int, seed: int = 0) -> Table:
    return Table(np.random.default_rng(seed).random((n, n)))


def test_the_same_seed_plays_the_same_and_another_does_not():
    first, again, other = (list(islice(Radio(noise(40), [1], alone(40), seed=seed), 20)) for seed in (5, 5, 6))
    assert first == again != other


def test_at_temperature_0_the_best_song_that_may_be_played_is_played():
    assert list(islice(Radio(line(9), [4], alone(9), temperature=0), 4)) == [3, 2, 1, 0]


def test_chances_fall_with_the_place_the_faster_the_lower_the_temperature():
    model = Table(np.array([[0.0, 3, 2, 1]] * 4))
    assert Radio(model, [0], alone(4), temperature=1).chances() == pytest.approx(np.array([0, 6, 3, 2]) / 11)
    assert Radio(model, [0], alone(4), temperature=0.5).chances() == pytest.approx(np.array([0, 36, 9, 4]) / 49)


def test_songs_played_give_their_places_to_those_that_may_be():
    model = Table(np.array([[0.0, 3, 2, 1]] * 4))
    assert Radio(model, [1, 0], alone(4), temperature=1).chances() == pytest.approx([0, 0, 2 / 3, 1 / 3])


def test_a_temperature_near_0_is_like_0():
    assert next(Radio(line(9), [0], alone(9), temperature=1e-300)) == 1


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 12), st.integers(0, 3))
def test_no_song_comes_again_within_the_memory_and_artists_are_apart(seed, memory, spacing):
    rotation = Rotation(np.random.default_rng(seed).integers(0, 12, 40), spacing)
    played = [0, *islice(Radio(noise(40, seed), [0], rotation, memory=memory, temperature=1, seed=seed), 60)]
    for i, song in enumerate(played):
        assert song not in played[max(i - memory, 0) : i]
        assert rotation.artists[song] not in rotation.artists[played[max(i - spacing, 0) : i]]


def test_a_song_comes_again_after_the_memory():
    assert list(islice(Radio(line(3), [1], alone(3), memory=1, temperature=0), 5)) == [0, 1, 0, 1, 0]


def test_only_allowed_songs_are_played():
    allowed = np.arange(40) % 4 == 0
    assert all(song % 4 == 0 for song in islice(Radio(noise(40), [1], alone(40, allowed=allowed)), 8))


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 39))
def test_disliking_a_song_lowers_the_best_after_it_and_bars_it(seed, song):
    model, rotation = noise(40, seed), alone(40)
    before, after = Radio(model, [0], rotation).chances(), Radio(model, [0], rotation).dislike(song).chances()
    best = max(set(range(1, 40)) - {song}, key=lambda other: model.after[song, other])
    assert after[best] / after.sum() < before[best] / (1 - before[song])
    assert after[song] == 0


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 39))
def test_liking_a_song_raises_the_best_after_it(seed, song):
    model, rotation = noise(40, seed), alone(40)
    before, after = Radio(model, [0], rotation).chances(), Radio(model, [0], rotation).like(song).chances()
    best = max(set(range(1, 40)) - {song}, key=lambda other: model.after[song, other])
    assert after[best] > before[best]


def test_liking_takes_back_disliking():
    radio = Radio(noise(40), [0], alone(40))
    before = radio.chances()
    assert radio.dislike(7).like(7).chances() == pytest.approx(before)


def test_opinions_count_on_the_way():
    radio = Radio(line(9), [4], alone(9), temperature=0)
    assert [next(radio), next(radio.dislike(2))] == [3, 5]


def test_a_radio_of_unknown_songs_plays_nothing():
    with pytest.raises(UnknownSongError, match="nothing is known of the songs to go on from"):
        next(Radio(Table(np.full((4, 4), NEVER)), [0], alone(4)))


def test_an_opinion_on_an_unknown_song_is_refused():
    after = np.ones((4, 4))
    after[2] = NEVER
    with pytest.raises(UnknownSongError, match="nothing is known of the song that is liked or disliked"):
        Radio(Table(after), [0], alone(4)).like(2)


def test_a_radio_that_remembers_every_song_says_so():
    radio = Radio(line(3), [1], alone(3), memory=5)
    list(islice(radio, 2))
    with pytest.raises(RecommenderError, match="nothing is left to play after 3 songs; take a memory below 5"):
        next(radio)


@pytest.mark.parametrize("wrong", [{"temperature": -0.1}, {"memory": 0}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="temperature must be at least 0, memory at least 1, got"):
        Radio(line(3), [1], alone(3), **wrong)


def test_the_command_plays_so_many_songs_and_the_same_again(command, run_folder):
    asked = ("radio", run_folder, 3, 5, "--songs", 12, "--seed", 4, "--like", 9, "--dislike", 8, "--json")
    code, out, _ = command(*asked)
    assert code == 0
    assert len(json.loads(out)["songs"]) == 12
    assert command(*asked)[1] == out


def test_the_command_plays_on_until_nothing_is_left(command, run_folder):
    code, out, err = command("radio", run_folder, 3, "--endless", "--json", "--memory", 1000)
    songs = [json.loads(line)["id"] for line in out.splitlines()]
    assert (code, len(songs), len(set(songs))) == (1, len(songs), len(songs))
    assert len(songs) > 30
    assert err.startswith("error: nothing is left to play after ")


def test_the_command_starts_from_what_is_liked(command, run_folder):
    songs = json.loads(command("radio", run_folder, "--like", 5, "--songs", 4, "--json")[1])["songs"]
    assert len({song["id"] for song in songs} | {5}) == 5


@pytest.mark.parametrize("line", [("--endless", "--songs", 3), ("--endless", "--save", "x.csv")])
def test_what_has_no_end_has_no_length_and_no_file(command, run_folder, line):
    code, _, err = command("radio", run_folder, 5, *line)
    assert (code, err) == (1, "error: --endless goes without --songs and --save\n")
