"""Probabilities from scores, calibrations against known distributions and scipy, and the reference language models."""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize
from scipy.special import softmax

from recommender.datasets import load
from recommender.language_models import REFERENCES, bigram_witten_bell, unigram
from recommender.likelihood import GIVEN, LINKS, Calibration, calibrate, log_likelihoods, transitions
from recommender.models import MODELS, make
from recommender.playlists import Playlists
from recommender.protocol import Scores
from recommender.split import hold_out

INF = np.inf
QUICK = {"song2vec": {"epochs": 3, "dim": 16}, "book": {"epochs": 2}}
N_SONGS = 121  # one more than the small toy has: never played
PUBLISHED = {  # KDD 2013, table 1, and the test transitions
    "yes_small": (1_191_279, {"uniform": -8.060856, "unigram": -7.647614, "bigram_witten_bell": -7.332255}),
    "yes_big": (1_602_079, {"uniform": -9.187583, "unigram": -8.635369, "bigram_witten_bell": -8.850634}),
    "yes_complete": (1_298_181, {"uniform": -11.229025, "unigram": -9.013904, "bigram_witten_bell": -8.917027}),
}
TOLERANCE = {"uniform": 3e-4, "unigram": 1e-3, "bigram_witten_bell": 0.02}  # whose exact form is inferred
LISTS = st.lists(st.lists(st.integers(0, 4), max_size=7), min_size=1, max_size=6)


@dataclass
class Table:
    """Scores by the last song, as a table has them; counts what it was asked."""

    table: Scores
    asked: int = 0

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        self.asked += len(seeds)
        return self.table[seeds.last(1).songs]


@pytest.fixture(scope="module")
def parts(small):
    """Playlists to learn from, to calibrate on and to test, and the popularity of the first."""
    rest, test = hold_out(small.train, 0.2, 0)
    learnt, validation = hold_out(rest, 0.2, 1)
    return learnt, validation, test, learnt.counts(N_SONGS) / learnt.n_plays


@pytest.fixture(scope="module", params=MODELS)
def model(request, parts):
    return make(request.param, QUICK.get(request.param)).fit(parts[0], N_SONGS)


def links_of(scores: Scores) -> tuple[str, ...]:
    return LINKS if scores[np.isfinite(scores)].min() >= 0 else ("exp",)


def test_transitions_are_every_song_but_the_first_given_the_one_before_it():
    seeds, targets, owners = transitions(Playlists.of([[5, 7, 5], [6], [], [6, 6]]), "song")
    assert [songs.tolist() for songs in seeds] == [[5], [7], [6]]
    assert (targets.tolist(), owners.tolist()) == ([7, 5, 6], [0, 0, 3])


@given(LISTS, st.sampled_from(GIVEN))
def test_transitions_are_those_of_a_plain_loop(lists, given_):
    seeds, targets, owners = transitions(Playlists.of(lists), given_)
    expected = [
        (songs[0 if given_ == "prefix" else place - 1 : place], songs[place], owner)
        for owner, songs in enumerate(lists)
        for place in range(1, len(songs))
    ]
    found = zip([songs.tolist() for songs in seeds], targets.tolist(), owners.tolist(), strict=True)
    assert list(found) == expected


def test_transitions_copy_no_seed():
    playlists = Playlists.of([[5, 7, 5]])
    assert all(transitions(playlists, way)[0].songs is playlists.songs for way in GIVEN)


def test_transitions_are_given_the_song_or_the_prefix():
    with pytest.raises(ValueError, match="given must be one of song, prefix, got 'all'"):
        transitions(Playlists.of([[1, 2]]), "all")


@pytest.mark.parametrize(
    ("link", "temperature", "scores", "expected"),
    [
        ("exp", 1.0, [0, math.log(3)], [1 / 4, 3 / 4]),
        ("exp", 2.0, [0, math.log(9)], [1 / 4, 3 / 4]),
        ("power", 1.0, [2, 6], [1 / 4, 3 / 4]),
        ("power", 0.5, [1, 2], [1 / 5, 4 / 5]),
        ("power", 0.5, [0, 2], [0, 1]),
        ("exp", 1.0, [-INF, -7], [0, 1]),
        ("power", 3.0, [-INF, 7], [0, 1]),
    ],
)
def test_the_models_own_probabilities_are_the_worked_examples(link, temperature, scores, expected):
    calibration = Calibration(link, temperature, (1.0, 0.0, 0.0))
    found = calibration.probabilities(np.float32([scores]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(found, [expected], rtol=1e-6)


def test_the_three_parts_are_weighed():
    # The model has 1 of song 1, popularity .8 of song 0; of all alike each has a half.
    calibration = Calibration("exp", 1.0, (0.5, 0.3, 0.2))
    found = calibration.probabilities(np.float32([[-INF, 0]]), np.array([0.8, 0.2]))
    np.testing.assert_allclose(found, [[0.3 * 0.8 + 0.1, 0.5 + 0.3 * 0.2 + 0.1]])


@pytest.mark.parametrize(("link", "nothing"), [("exp", -INF), ("power", -INF), ("power", 0.0)])
def test_where_nothing_is_known_popularity_and_all_alike_share_the_models_weight(link, nothing):
    calibration = Calibration(link, 1.0, (0.6, 0.3, 0.1))
    found = calibration.probabilities(np.float32([[nothing] * 4]), np.array([0.7, 0.3, 0, 0]))
    np.testing.assert_allclose(found, [[0.75 * 0.7 + 0.0625, 0.75 * 0.3 + 0.0625, 0.0625, 0.0625]])


def test_where_nothing_is_known_and_the_model_has_all_the_weight_all_songs_are_alike():
    calibration = Calibration("exp", 1.0, (1.0, 0.0, 0.0))
    found = calibration.probabilities(np.float32([[-INF] * 4]), np.array([0.7, 0.3, 0, 0]))
    assert found.tolist() == [[0.25] * 4]


def test_probabilities_sum_to_one_over_the_catalogue(model, parts):
    popularity = parts[3]
    seeds = Playlists.of([[], [N_SONGS - 1], [3], [0, 5, 5, 7, N_SONGS - 1]])
    for link in links_of(model.score(seeds)):
        for temperature in (0.05, 1.0, 20.0):
            for weights in ((1.0, 0.0, 0.0), (0.6, 0.3, 0.1)):
                found = Calibration(link, temperature, weights).probabilities(model.score(seeds), popularity)
                assert found.min() >= 0
                np.testing.assert_allclose(found.sum(axis=1), 1)


@pytest.mark.parametrize("way", GIVEN)
def test_log_likelihoods_are_the_logs_of_the_probabilities(model, parts, way):
    _, _, test, popularity = parts
    seeds, targets, _ = transitions(test, way)
    scores = model.score(seeds.slice(0, len(seeds)))
    for link in links_of(scores):
        calibration = Calibration(link, 0.5, (0.6, 0.3, 0.1))
        expected = np.log(calibration.probabilities(scores, popularity)[np.arange(len(targets)), targets])
        found = log_likelihoods(model, calibration, seeds, targets, popularity)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_log_likelihoods_of_a_batch_are_those_one_by_one(model, parts):
    _, _, test, popularity = parts
    seeds, targets, _ = transitions(test, "prefix")
    calibration = Calibration("exp", 1.0, (0.6, 0.3, 0.1))
    single = [
        log_likelihoods(model, calibration, seeds.slice(i, i + 1), targets[i : i + 1], popularity)[0]
        for i in range(100)
    ]
    together = log_likelihoods(model, calibration, seeds, targets, popularity)
    np.testing.assert_allclose(together[:100], single, rtol=1e-5)


def test_a_song_is_scored_once_however_often_something_comes_after_it():
    table = Table(np.float32([[0, 1], [2, 0]]))
    seeds, targets, _ = transitions(Playlists.of([[0, 1] * 300]), "song")
    log_likelihoods(table, Calibration("exp", 1.0, (1.0, 0.0, 0.0)), seeds, targets, np.array([0.5, 0.5]))
    assert table.asked == 2


def test_what_cannot_be_has_minus_infinity():
    table = Table(np.float32([[0, -INF], [0, 0]]))
    calibration = Calibration("exp", 1.0, (0.5, 0.5, 0.0))
    found = log_likelihoods(table, calibration, Playlists.of([[0], [0]]), np.array([0, 1]), np.array([1.0, 0.0]))
    assert found.tolist() == [0, -INF]


@given(arrays(np.float32, (3, 5), elements=st.integers(-60, 60)), st.integers(-2000, 2000))
def test_adding_a_constant_to_the_scores_changes_nothing_for_exp(scores, constant):
    calibration, popularity = Calibration("exp", 3.0, (0.9, 0.1, 0.0)), np.full(5, 0.2)
    found = calibration.probabilities(scores + np.float32(constant), popularity)
    assert np.array_equal(found, calibration.probabilities(scores, popularity))


@given(arrays(np.float32, (3, 5), elements=st.integers(0, 60)), st.floats(1e-6, 1e6))
def test_scaling_the_scores_changes_nothing_for_power(scores, factor):
    calibration, popularity = Calibration("power", 0.7, (0.9, 0.1, 0.0)), np.full(5, 0.2)
    found = calibration.probabilities(scores * np.float32(factor), popularity)
    np.testing.assert_allclose(found, calibration.probabilities(scores, popularity), rtol=1e-4)


@given(
    arrays(np.float32, (2, 4), elements=st.floats(-(2.0**127), 2.0**127, width=32) | st.just(-INF)),
    st.floats(1e-30, 1e30),
)
def test_scores_of_any_size_give_probabilities_and_the_same_likelihoods(scores, temperature):
    calibration, popularity = Calibration("exp", temperature, (0.8, 0.1, 0.1)), np.full(4, 0.25)
    found = calibration.probabilities(scores, popularity)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    table = np.vstack([scores, scores])
    logs = log_likelihoods(Table(table), calibration, Playlists.of([[0], [1]]), np.array([2, 3]), popularity)
    np.testing.assert_allclose(logs, np.log(found[[0, 1], [2, 3]]), atol=1e-5)


@pytest.mark.parametrize(
    ("link", "temperature", "weights", "message"),
    [
        ("log", 1.0, (1.0, 0.0, 0.0), "link must be one of exp, power, got 'log'"),
        ("exp", 0.0, (1.0, 0.0, 0.0), r"temperature must be from 1e-30 to 1e\+30, got 0.0"),
        ("exp", math.nan, (1.0, 0.0, 0.0), r"temperature must be from 1e-30 to 1e\+30, got nan"),
        ("exp", 1.0, (1.5, -0.5, 0.0), r"weights must be at least 0 and sum to 1, got \(1.5, -0.5, 0.0\)"),
        ("exp", 1.0, (0.5, 0.0, 0.0), r"weights must be at least 0 and sum to 1, got \(0.5, 0.0, 0.0\)"),
    ],
)
def test_an_impossible_calibration_is_named(link, temperature, weights, message):
    with pytest.raises(ValueError, match=message):
        Calibration(link, temperature, weights)


def test_the_power_link_takes_no_score_below_zero():
    with pytest.raises(ValueError, match=r"the power link takes no score below 0, got -2.0"):
        Calibration("power", 1.0, (1.0, 0.0, 0.0)).probabilities(np.float32([[1, -INF, -2]]), np.full(3, 1 / 3))


def test_a_score_of_nan_is_a_fault_of_the_model():
    table, calibration = Table(np.float32([[math.nan, 1]] * 2)), Calibration("exp", 1.0, (1.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="scored NaN; what cannot be recommended is -inf"):
        log_likelihoods(table, calibration, Playlists.of([[0]]), np.array([1]), np.array([0.5, 0.5]))


def drawn(link: str, calibration: Calibration, n: int, n_songs: int = 40) -> tuple[Table, Playlists, np.ndarray]:
    """A table of scores, pairs of songs drawn from what the calibration makes of it, and the popularity."""
    rng = np.random.default_rng(5)
    scores = rng.normal(size=(n_songs, n_songs)) * 2
    table = np.float32(np.exp(scores) if link == "power" else scores)
    popularity = rng.permutation(softmax(np.linspace(0, 5, n_songs)))
    chances = calibration.probabilities(table, popularity)
    first = rng.integers(n_songs, size=n)
    second = (chances[first].cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1)
    return Table(table), Playlists.joined(np.column_stack([first, second]).ravel(), np.full(n, 2)), popularity


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_calibrate_recovers_what_the_songs_were_drawn_from(link, temperature):
    truth = Calibration(link, temperature, (0.7, 0.2, 0.1))
    found = calibrate(*drawn(link, truth, 20_000), "song", most=20_000)
    assert found.link == link
    assert found.temperature == pytest.approx(temperature, rel=0.15)
    np.testing.assert_allclose(found.weights, truth.weights, atol=0.05)


@pytest.mark.parametrize("link", LINKS)
def test_calibrate_is_as_good_as_scipys_best(link):
    table, pairs, popularity = drawn(link, Calibration(link, 0.8, (0.6, 0.3, 0.1)), 2000)
    seeds, targets, _ = transitions(pairs, "song")
    logits = np.log(table.table) if link == "power" else table.table

    def loss(parameters):
        own = softmax(logits / np.exp(parameters[0]), axis=1)[pairs.songs[::2], targets]
        weights = softmax(parameters[1:])
        return -np.log(weights @ [own, popularity[targets], np.full(len(targets), 1 / 40)]).mean()

    best = minimize(loss, [0.3, 0, 0, 0], method="Nelder-Mead", options={"maxiter": 4000, "fatol": 1e-9}).fun
    found = log_likelihoods(table, calibrate(table, pairs, popularity, "song"), seeds, targets, popularity).mean()
    assert found == pytest.approx(-best, abs=2e-3)


@pytest.mark.parametrize("way", GIVEN)
def test_a_calibrated_model_is_no_worse_on_held_out_playlists_than_uniform_and_unigram(model, parts, way):
    learnt, validation, test, popularity = parts
    seeds, targets, _ = transitions(test, way)
    calibration = calibrate(model, validation, popularity, way)
    found = log_likelihoods(model, calibration, seeds, targets, popularity)
    last = seeds.songs[seeds.stops - 1]
    for name in ("uniform", "unigram"):
        gain = found - REFERENCES[name](learnt, N_SONGS).log_likelihoods(last, targets)
        assert gain.mean() > -3 * gain.std() / len(gain) ** 0.5


def test_a_model_that_knows_nothing_gets_no_weight():
    pairs = Playlists.of([[0, 1]] * 30 + [[0, 2]] * 10)
    found = calibrate(Table(np.full((4, 4), -INF, np.float32)), pairs, np.array([0, 0.75, 0.25, 0]), "song")
    assert found.weights[0] == 0


@pytest.mark.parametrize("most_played", [0, 1])
def test_one_more_transition_made_by_all_songs_alike_keeps_every_song_possible(most_played):
    # 39 times the model is sure and right: (1 - w + w / 4)^39 * w is greatest at w = 4/3 / 40.
    table, pairs = Table(np.float32([[-INF, 5, -INF, -INF]] * 4)), Playlists.of([[0, 1]] * 39)
    popularity = np.eye(4)[most_played]
    found = calibrate(table, pairs, popularity, "song")
    assert found.weights[2] == pytest.approx(1 / 30, abs=1e-3)
    assert (found.probabilities(table.table, popularity) > 0).all()


def test_where_nothing_is_known_the_model_loses_no_weight():
    table = Table(np.float32([[-INF, 5, -INF, -INF]] * 3 + [[-INF] * 4]))
    pairs = Playlists.of([[0, 1]] * 39 + [[3, 2]] * 500)
    assert calibrate(table, pairs, np.array([0, 0, 1.0, 0]), "song").weights[0] > 0.96


def test_calibrating_asks_of_a_first_batch_and_then_twice_of_all_that_is_drawn():
    table = Table(np.zeros((200, 200), np.float32))
    pairs = Playlists.joined(np.arange(200), np.full(100, 2))
    calibrate(table, pairs, np.full(200, 1 / 200), "song", most=80)
    assert table.asked == 64 + 80 + 80


def test_the_same_seed_draws_the_same_transitions():
    table, pairs, popularity = drawn("exp", Calibration("exp", 1.0, (0.6, 0.3, 0.1)), 500)
    first, again, other = (calibrate(table, pairs, popularity, "song", most=50, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_a_score_below_zero_rules_the_power_link_out_even_if_it_comes_late():
    table, pairs, popularity = drawn("power", Calibration("power", 1.0, (0.8, 0.1, 0.1)), 1000, n_songs=400)
    assert calibrate(table, pairs, popularity, "song").link == "power"
    late = np.setdiff1d(pairs.songs[::2], pairs.songs[::2][np.random.default_rng(0).permutation(1000)[:64]])[-1]
    table.table[late, 0] = -1
    assert calibrate(table, pairs, popularity, "song").link == "exp"


def test_calibrating_needs_a_transition():
    with pytest.raises(ValueError, match="no transition to calibrate on: 2 playlists, at most 5000 transitions"):
        calibrate(Table(np.zeros((2, 2), np.float32)), Playlists.of([[0], [1]]), np.array([0.5, 0.5]), "song")


def test_uniform_is_minus_log_of_the_number_of_songs():
    found = REFERENCES["uniform"](Playlists.of([[0, 1]]), 3168).log_likelihoods(np.array([7]), np.array([9]))
    assert found == pytest.approx(-8.060856, abs=1e-6)


def test_unigram_is_the_share_of_the_plays():
    playlists = Playlists.of([[0, 0, 1], [2]])
    np.testing.assert_allclose(unigram(playlists, 3).probabilities(np.array([2])), [[1 / 2, 1 / 4, 1 / 4]])


def test_songs_never_played_have_one_play_between_them():
    found = unigram(Playlists.of([[0, 0, 1], [0]]), 4).probabilities(np.array([2]))
    np.testing.assert_allclose(found, [[3 / 5, 1 / 5, 1 / 10, 1 / 10]])


def test_witten_bell_is_the_worked_example():
    # After 0 came 1 twice and 2 once, so 2 songs in 3 plays: 2/5 is left to songs 0 and 3. After 1 came nothing.
    language = bigram_witten_bell(Playlists.of([[0, 1], [0, 1], [0, 2]]), 4)
    expected = [[1 / 5, 2 / 5, 1 / 5, 1 / 5], [1 / 4] * 4]
    np.testing.assert_allclose(language.probabilities(np.array([0, 1])), expected)


def test_witten_bell_leaves_nothing_where_every_song_was_seen():
    language = bigram_witten_bell(Playlists.of([[0, 1], [0, 1, 0, 0]]), 2)
    np.testing.assert_allclose(language.probabilities(np.array([0])), [[1 / 3, 2 / 3]])


@given(LISTS)
def test_witten_bell_is_what_plain_dictionaries_count(lists):
    pairs = Counter(pair for songs in lists for pair in pairwise(songs))
    expected = np.empty((6, 6))
    for last in range(6):
        followers = {b: n for (a, b), n in pairs.items() if a == last}
        kinds, plays = len(followers), sum(followers.values())
        for song in range(6):
            if not followers:
                expected[last, song] = 1 / 6
            elif song in followers:
                expected[last, song] = followers[song] / (plays + kinds)
            else:
                expected[last, song] = kinds / ((6 - kinds) * (plays + kinds))
    found = bigram_witten_bell(Playlists.of(lists), 6).probabilities(np.arange(6))
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("name", REFERENCES)
@given(lists=LISTS, n_songs=st.integers(5, 7))
def test_language_models_sum_to_one_and_give_pairs_what_their_rows_have(name, lists, n_songs):
    language = REFERENCES[name](Playlists.of(lists), n_songs)
    rows = language.probabilities(np.arange(n_songs))
    np.testing.assert_allclose(rows.sum(axis=1), 1)
    last, targets = np.divmod(np.arange(n_songs**2), n_songs)
    assume((rows > 0).all())
    np.testing.assert_allclose(language.log_likelihoods(last, targets), np.log(rows.ravel()))


@pytest.mark.parametrize(("name", "claimed"), [("yes_small", 0.33), ("yes_big", -0.20)])
def test_held_out_tenths_repeat_the_published_gain_of_the_bigram(real, name, claimed):
    dataset, gains = load(real / name), []
    for seed in range(5):
        learnt, held_out = hold_out(dataset.train, 0.1, seed)
        seeds, targets, _ = transitions(held_out, "song")
        bigram, base = (REFERENCES[key](learnt, dataset.n_songs) for key in ("bigram_witten_bell", "unigram"))
        last = seeds.songs[seeds.starts]
        gains.append((bigram.log_likelihoods(last, targets) - base.log_likelihoods(last, targets)).mean())
    published = PUBLISHED[name][1]["bigram_witten_bell"] - PUBLISHED[name][1]["unigram"]
    assert np.mean(gains) == pytest.approx(claimed, abs=0.005)
    assert np.mean(gains) == pytest.approx(published, abs=0.05)


@pytest.mark.parametrize("name", PUBLISHED)
def test_language_models_have_the_published_likelihoods(real, name):
    for part in ("train.txt", "test.txt"):
        if not (real / name / part).exists():
            pytest.skip(f"the publisher's {part} of {name} is not in {real}")
    dataset, (n, published) = load(real / name), PUBLISHED[name]
    seeds, targets, _ = transitions(dataset.test, "song")
    assert len(targets) == n
    for key, value in published.items():
        language = REFERENCES[key](dataset.train, dataset.n_songs)
        found = language.log_likelihoods(seeds.songs[seeds.starts], targets).mean()
        assert found == pytest.approx(value, abs=TOLERANCE[key]), key
