"""Neighbours, rules, chains, EASE and factorisation: worked by hand, and against brute force on small playlists."""

import sys
from collections import Counter
from math import e, exp, log, log10

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from recommender.errors import ParameterError, RecommenderError
from recommender.models import make, session_neighbours
from recommender.playlists import Playlists

N = 6  # songs of the random playlists; the seeds may hold one more, never played
TRAIN = st.lists(st.lists(st.integers(0, N - 1), min_size=1, max_size=7), min_size=1, max_size=6)
SEEDS = st.lists(st.integers(0, N), max_size=6)


def scores(name, parameters, train, seeds, n_songs=N + 1):
    return make(name, parameters).fit(Playlists.of(train), n_songs).score(Playlists.of([seeds]))[0]


def known(train, seeds):
    """The seeds that were played in training."""
    return [song for song in seeds if any(song in songs for songs in train)]


def plays(train, song):
    return sum(songs.count(song) for songs in train)


def check(found, expected, train, seeds):
    """Each score is as expected, or -inf where nothing is known or nothing speaks for the song."""
    for song, value in enumerate(found):
        if expected.get(song, 0) > 0 and known(train, seeds):
            assert value == pytest.approx(expected[song], rel=1e-4, abs=1e-9)
        else:
            assert value == -np.inf


# item_knn


def test_item_knn_weighs_a_playlist_by_bm25s_length_normalisation():
    # Lengths 2 and 4, mean 3: w = 1 / (1 + 1.2 (.7 + .3 L / 3)) = 1 / 2.08 and 1 / 2.32, then scaled as one.
    # Song 0 stands in both, 1 in the short, 2 in the long one: cosines w / √(w² + v²) and v / √(w² + v²).
    short, long = 1 / 2.08, 1 / 2.32
    found = scores("item_knn", {"shrinkage": 0.0, "weighting": "bm25"}, [[0, 1], [0, 2, 3, 4]], [0])
    norm = (short**2 + long**2) ** 0.5
    np.testing.assert_allclose(found[[1, 2]], [short / norm, long / norm], rtol=1e-6)


def test_item_knn_weighs_a_playlist_by_tfidf():
    found = scores("item_knn", {"shrinkage": 0.0, "weighting": "tfidf"}, [[0, 1], [0, 2, 3, 4]], [0], 8)
    short, long = log(1 + 8 / 2), log(1 + 8 / 4)
    assert found[1] / found[2] == pytest.approx(short / long, rel=1e-6)


@pytest.mark.parametrize("weighting", ["cosine", "tfidf", "bm25"])
def test_item_knn_shrinks_alike_however_playlists_weigh(weighting):
    # All playlists are of one length, so all weigh 1: the cosine's 1 of 3 playlists becomes 3 / (3 + 2).
    found = scores("item_knn", {"shrinkage": 2.0, "weighting": weighting}, [[0, 1]] * 3, [0])
    assert found[1] == pytest.approx(3 / 5, rel=1e-6)


# vs_knn


PLAIN = {"weighting": "same", "match_weighting": "same", "seed_idf": 0.0, "idf": 0.0, "length": 0.5}


def test_vs_knn_is_the_worked_example():
    # The seeds weigh 1/2 and 1: the first playlist, of 3 songs, is alike by 1.5 / √3, the second, of 2, by 1 / √2.
    found = scores("vs_knn", PLAIN | {"weighting": "quotient"}, [[0, 1, 2], [1, 3]], [0, 1])
    np.testing.assert_allclose(found[[2, 3]], [1.5 / 3**0.5, 1 / 2**0.5], rtol=1e-6)


def test_vs_knn_trusts_a_playlist_by_the_age_of_the_latest_seed_it_holds():
    found = scores("vs_knn", PLAIN | {"match_weighting": "quotient"}, [[0, 2], [1, 3]], [0, 1])
    assert found[2] == pytest.approx(found[3] / 2, rel=1e-6)


def test_vs_knn_lifts_rare_songs():
    # Of three playlists song 1 is in two, song 2 in one: log(3 / 2) and log(3).
    found = scores("vs_knn", PLAIN | {"idf": 2.0}, [[0, 1], [0, 2], [1, 3]], [0])
    assert found[1] / found[2] == pytest.approx((1 + 2 * log(1.5)) / (1 + 2 * log(3)), rel=1e-6)


DECAY = {
    "same": lambda _: 1,
    "linear": lambda age: 1 - age / 4,
    "log": lambda age: 1 / log10(age + 1.7),
    "quotient": lambda age: 1 / (age + 1),
    "quadratic": lambda age: 1 / (age + 1) ** 2,
}


@given(TRAIN, SEEDS, st.sampled_from(list(DECAY)), st.sampled_from(list(DECAY)))
def test_vs_knn_is_the_brute_force(train, seeds, weighting, match_weighting):
    parameters = {"context": 4, "weighting": weighting, "match_weighting": match_weighting, "length": 0.5, "idf": 0.5}
    idf = {song: max(log(len(train) / plays(train, song)), 0) for song in range(N) if plays(train, song)}
    age = {song: a for a, song in reversed(list(enumerate(known(train, seeds)[:-5:-1])))}
    expected = Counter()
    for songs in train:
        common = set(songs) & set(age)
        if common:
            alike = sum(DECAY[weighting](age[song]) * (1 + idf[song]) for song in common) / len(songs) ** 0.5
            trust = DECAY[match_weighting](min(age[song] for song in common))
            for song in set(songs):
                expected[song] += alike * trust * (1 + 0.5 * idf[song])
    check(scores("vs_knn", parameters, train, seeds), expected, train, seeds)


# vstan


def test_vstan_is_the_worked_example():
    # Played once, in a playlist of 4: alike by 1/2. The next song would stand at 1; 2 is a place off, 3 two.
    found = scores("vstan", {"spread": 1.0, "reach": 1, "floor": 0.5, "length": 0.5}, [[0, 1, 2, 3]], [0])
    np.testing.assert_allclose(found[[1, 2, 3]], [(0.5 + 1) / 2, (0.5 + 1 / e) / 2, 0.5 / 2], rtol=1e-6)


def test_vstan_goes_on_from_where_all_seeds_together_say():
    # Song 4 stands where both seeds point, in the same run; song 5 came right after the last seed alone.
    found = scores("vstan", {}, [[0, 1, 4, 5, 3], [2, 1, 5, 4, 3]], [0, 1])
    assert found[4] > found[5]


def test_vstan_asks_the_most_alike_playlists_only():
    found = scores("vstan", {"neighbours": 1}, [[0, 1], [0, 2, 2, 3]], [0])
    assert np.isfinite(found[1])
    assert np.isneginf(found[[2, 3]]).all()


def test_vstan_takes_no_song_in_common_for_a_sign_of_itself():
    found = scores("vstan", {"floor": 0.0, "reach": 3}, [[0, 1]], [0])
    assert np.isneginf(found[0])


@given(TRAIN, SEEDS, st.integers(0, 3), st.sampled_from([0.0, 0.5]), st.sampled_from([0.0, 0.5]))
def test_vstan_is_the_brute_force(train, seeds, reach, floor, agreement):
    parameters = {"context": 4, "decay": 0.5, "reach": reach, "floor": floor, "agreement": agreement, "spread": 1.0}
    recent = known(train, seeds)[:-5:-1]
    expected = Counter()
    for songs in train:
        alike = sum(0.5**a * plays(train, seed) ** -0.5 for a, seed in enumerate(recent) if seed in songs)
        alike /= len(songs) ** 0.5
        common = [(a, at) for a, seed in enumerate(recent) for at, song in enumerate(songs) if song == seed]
        total = sum(0.5**a for a, _ in common)
        for song in set(songs) if common else ():
            expected[song] += floor * alike
        for a, at in common:
            for place, song in enumerate(songs):
                off = abs(place - (at + a + 1))
                if off <= reach and place != at:
                    expected[song] += alike * total**agreement * 0.5**a * exp(-off)
    check(scores("vstan", parameters, train, seeds), expected, train, seeds)


@given(TRAIN, SEEDS)
def test_vstan_is_stan_as_its_docstring_says(train, seeds):
    stan = {"aligned": False, "floor": 0.0, "agreement": 0.0, "rarity": 0.0, "reach": 1_000_000}
    recent = known(train, seeds)[::-1]
    expected = Counter()
    for songs in train:
        common = [seed for seed in recent if seed in songs]
        alike = sum(0.5**a for a, seed in enumerate(recent) if seed in songs) / len(songs) ** 0.5
        for at in [at for at, song in enumerate(songs) if common and song == common[0]]:
            for place, song in enumerate(songs):
                if place != at:
                    expected[song] += alike * exp(-abs(place - at) / 2)
    check(scores("vstan", stan | {"decay": 0.5, "spread": 2.0}, train, seeds), expected, train, seeds)


@pytest.mark.parametrize("name", ["vs_knn", "vstan"])
def test_however_few_queries_are_scored_at_once_the_scores_are_the_same(name, small, monkeypatch):
    model, seeds = make(name).fit(small.train, 120), small.train.slice(0, 20)
    together = model.score(seeds)
    monkeypatch.setattr(session_neighbours, "_CELLS", 1)
    np.testing.assert_allclose(model.score(seeds), together, rtol=1e-6)


# sequential_rules, skip_markov


def test_sequential_rules_are_the_worked_example():
    # 1 came right after 0, 2 two songs after it; and 2 right after 1, which is the last seed.
    rules = {"steps": 2, "fade": 1.0, "context": 2, "decay": 0.5, "rarity": 0.0}
    found = scores("sequential_rules", rules, [[0, 1, 2], [3, 0, 4]], [0, 1])
    np.testing.assert_allclose(found[[1, 2, 4]], [0.5, 1 + 0.5 / 2, 0.5], rtol=1e-6)
    assert np.isneginf(found[[0, 3, 5]]).all()


@given(TRAIN, SEEDS, st.integers(1, 4), st.integers(1, 4))
def test_sequential_rules_are_the_brute_force(train, seeds, steps, context):
    expected = Counter()
    for a, seed in enumerate(known(train, seeds)[: -context - 1 : -1]):
        for songs in train:
            for at in [at for at, song in enumerate(songs) if song == seed]:
                for d, song in enumerate(songs[at + 1 : at + 1 + steps], 1):
                    expected[song] += 0.5**a / d / plays(train, seed) ** 0.5
    rules = {"steps": steps, "fade": 1.0, "context": context, "decay": 0.5}
    check(scores("sequential_rules", rules, train, seeds), expected, train, seeds)


def test_skip_markov_is_the_worked_example():
    # The next song comes two after the seed 0 and one after the seed 1; 3 is a song too far after 1.
    skips = {"context": 2, "decay": 0.5, "spread": 1.0, "reach": 1, "rarity": 0.0}
    found = scores("skip_markov", skips, [[0, 5, 2], [1, 4, 3]], [0, 1])
    np.testing.assert_allclose(found[[2, 3, 4, 5]], [0.5, 1 / e, 1, 0.5 / e], rtol=1e-6)


@given(TRAIN, SEEDS, st.integers(0, 3), st.integers(1, 4))
def test_skip_markov_is_the_brute_force(train, seeds, reach, context):
    expected = Counter()
    for a, seed in enumerate(known(train, seeds)[: -context - 1 : -1]):
        for songs in train:
            for at in [at for at, song in enumerate(songs) if song == seed]:
                for d, song in enumerate(songs[at + 1 :], 1):
                    if abs(d - a - 1) <= reach:
                        expected[song] += 0.5**a * exp(-abs(d - a - 1)) / plays(train, seed) ** 0.5
    skips = {"context": context, "decay": 0.5, "spread": 1.0, "reach": reach}
    check(scores("skip_markov", skips, train, seeds), expected, train, seeds)


# backoff


def test_backoff_is_the_worked_example():
    # After 0 came 1 twice and 2 once, two kinds: (n + 2 share) / (3 + 2). After 3, 0 came 2, one kind.
    train = [[0, 1], [0, 1], [3, 0, 2]]  # shares 3/7, 2/7, 1/7, 1/7
    first = [(0 + 2 * 3 / 7) / 5, (2 + 2 * 2 / 7) / 5, (1 + 2 / 7) / 5, (0 + 2 / 7) / 5]
    np.testing.assert_allclose(scores("backoff", {}, train, [0])[:4], first, rtol=1e-6)
    second = np.array(first) / 2 + [0, 0, 0.5, 0]
    np.testing.assert_allclose(scores("backoff", {}, train, [3, 0])[:4], second, rtol=1e-6)
    np.testing.assert_allclose(scores("backoff", {"order": 1}, train, [3, 0])[:4], first, rtol=1e-6)


def witten_bell(train, run, song):
    """P(song | run), by the formula."""
    if run is None:
        return plays(train, song) / sum(map(len, train))
    shorter = witten_bell(train, run[1:] if run else None, song)
    nexts = [s[i + len(run)] for s in train for i in range(len(s) - len(run)) if s[i : i + len(run)] == run]
    kinds = len(set(nexts))
    return (nexts.count(song) + kinds * shorter) / (len(nexts) + kinds) if nexts and run else shorter


@given(TRAIN, SEEDS, st.integers(1, 4))
def test_backoff_is_witten_bells_formula_and_sums_to_one(train, seeds, order):
    found = scores("backoff", {"order": order}, train, seeds)
    asked = known(train, seeds)
    if asked:
        expected = [witten_bell(train, asked[-order:], song) for song in range(N)]
        np.testing.assert_allclose(np.where(np.isneginf(found), 0, found)[:N], expected, rtol=1e-5, atol=1e-7)
        assert found[np.isfinite(found)].sum() == pytest.approx(1, rel=1e-5)
    else:
        assert np.isneginf(found).all()


# ease


def test_ease_is_the_closed_form():
    train = [[0, 1, 2], [1, 2], [0, 3, 1], [3, 4, 4], [2, 4], [0, 1]]
    member = np.array([[song in songs for song in range(5)] for songs in train], float)
    weighed = member / np.sqrt([[len(songs) ** 0.5] for songs in train])  # X'WX of W = 1 / √length
    inverse = np.linalg.inv(weighed.T @ weighed + 2 * np.eye(5))
    weights = np.eye(5) - inverse / np.diag(inverse)
    found = scores("ease", {"regularisation": 2.0, "length": 0.5, "decay": 0.5}, train, [0, 1])
    np.testing.assert_allclose(found[:5], 0.5 * weights[0] + weights[1], rtol=1e-4, atol=1e-6)


def test_ease_keeps_the_greatest_weights_of_each_song(small):
    whole, some = (make("ease", {"neighbours": n}).fit(small.train, 120).weights_.toarray() for n in (10**9, 7))
    assert ((some != 0).sum(axis=1) <= 7).all()
    kept = np.abs(np.where(some, some, np.inf)).min(axis=1)
    assert (np.abs(np.where(some, 0, whole)).max(axis=1) <= kept).all()
    np.testing.assert_array_equal(some[some != 0], whole[some != 0])


def test_ease_refuses_more_songs_than_it_can_invert():
    with pytest.raises(RecommenderError, match="at most 20,000, got 20,001; take another model"):
        make("ease").fit(Playlists.of([np.arange(20_001)]), 20_001)


def test_ease_says_when_its_table_has_no_inverse():
    model = make("ease", {"regularisation": 0.001, "length": 0.0})
    with pytest.raises(ParameterError, match=r"regularisation must be greater .*, got 0.001"):
        model.fit(Playlists.of([[0, 1]] * 2**16), 2)


# als, bpr


def test_als_folds_a_playlist_in_as_implicit_does(small):
    model = make("als", {"dim": 8, "epochs": 3, "confidence": 4.0, "regularisation": 2.0}).fit(small.train, 120)
    with threadpool_limits(1, "blas"):
        from implicit.cpu.als import AlternatingLeastSquares

        theirs = AlternatingLeastSquares(factors=8, regularization=2.0, alpha=4.0, num_threads=1)
    theirs.item_factors = model.factors_
    weights = sp.csr_matrix((np.float32([0.95, 1]), ([0, 0], [3, 5])), shape=(1, 120))
    expected = theirs.recalculate_user([0], weights) @ model.factors_.T
    np.testing.assert_allclose(model.score(Playlists.of([[3, 5]])), expected, rtol=1e-3, atol=1e-4)


def test_bpr_is_the_mean_of_the_seeds_times_the_song_and_its_bias(small):
    model = make("bpr", {"dim": 8, "epochs": 3, "decay": 0.5, "bias_weight": 2.0}).fit(small.train, 120)
    mean = (0.5 * model.factors_[3] + model.factors_[5]) / 1.5
    expected = model.factors_ @ mean + 2 * model.biases_
    np.testing.assert_allclose(model.score(Playlists.of([[3, 5]]))[0], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["als", "bpr"])
def test_songs_that_stand_together_get_vectors_alike(name):
    train = Playlists.of([[0, 1, 2], [3, 4, 5]] * 50)
    vectors = make(name, {"dim": 8, "epochs": 20, "alpha": 0.1} if name == "bpr" else {"dim": 8}).fit(train, 6).vectors_
    assert vectors[0] @ vectors[1] > 0.8 > vectors[0] @ vectors[3]


@pytest.mark.parametrize("name", ["als", "bpr"])
def test_without_its_library_a_model_says_how_to_get_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    with pytest.raises(RecommenderError, match=rf"{name} needs .* pip install playlist-recommender\[implicit\]"):
        make(name).fit(Playlists.of([[0, 1]]), 2)


def test_importing_the_models_imports_no_library_of_factorisation(subprocess_modules):
    assert not {name for name in subprocess_modules if name.partition(".")[0] == "implicit"}


@pytest.fixture(scope="module")
def subprocess_modules():
    import subprocess

    code = "import sys, recommender.models; print(*sys.modules)"
    return subprocess.check_output([sys.executable, "-c", code], text=True).split()


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("item_knn", {"weighting": "bm26"}, "item_knn: weighting must be one of cosine, tfidf, bm25, got 'bm26'"),
        ("vs_knn", {"match_weighting": "div"}, "match_weighting must be one of same, linear, log, quotient, quadratic"),
        ("vstan", {"spread": 0.0}, "vstan: spread must be from 0.001 to"),
        ("vstan", {"aligned": "1"}, "vstan: aligned must be of type bool like True, got 1"),
        ("als", {"confidence": 0.5}, "als: confidence must be from 1 to"),
        ("backoff", {"order": 0}, "backoff: order must be from 1 to 100, got 0"),
    ],
)
def test_an_impossible_parameter_is_named(name, parameters, message):
    with pytest.raises(ParameterError, match=message):
        make(name, parameters)
