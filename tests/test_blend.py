"""Vectors in closed form, the conditional logit, and the blend that weighs models by what they knew."""

from dataclasses import fields

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import check_grad
from threadpoolctl import threadpool_info, threadpool_limits

from recommender.datasets.toy import toy
from recommender.errors import ParameterError
from recommender.evaluation import evaluate
from recommender.models import MODELS, make
from recommender.models.blend import _gates, _shares, _stands_for
from recommender.models.logit import Choices
from recommender.models.singles import SINGLES
from recommender.models.spectral import near_plays, positive_information
from recommender.playlists import Playlists
from recommender.split import hold_out, next_song


def test_near_plays_are_counted_within_playlists_only():
    near = near_plays(Playlists.of([[0, 1], [2, 0]]), 3, window=5, falloff=1.0)
    assert near.toarray().tolist() == [[0, 1, 1], [1, 0, 0], [1, 0, 0]]


def test_near_plays_reach_no_further_than_the_window():
    near = near_plays(Playlists.of([[0, 1, 2, 3]]), 4, window=2, falloff=0.5)
    assert near.toarray()[0].tolist() == [0, 1, 0.5, 0]


def test_a_song_after_itself_counts_both_ways():
    assert near_plays(Playlists.of([[0, 0]]), 1, window=1, falloff=1.0).toarray().tolist() == [[2]]


def test_information_is_the_log_of_how_often_against_chance():
    # Row 0 has 4 of 6; of the smoothed shares song 1 has sqrt(3) of 2 + sqrt(3) + 1.
    near = sp.csr_array(np.array([[0, 3, 1], [3, 0, 0], [1, 0, 0]], np.float32))
    share = 3**0.5 / (2 + 3**0.5 + 1)
    information = positive_information(near, smoothing=0.5, shift=0.0).toarray()
    np.testing.assert_allclose(information[0, 1], np.log(3 / 4 / share), rtol=1e-6)


def test_information_below_chance_is_cut_off_after_the_shift():
    near = sp.csr_array(np.array([[9, 1], [1, 0]], np.float32))
    low = np.log((1 / 10) / (1 / 11))
    assert positive_information(near, 1.0, 0.0).toarray()[0, 1] == pytest.approx(max(low, 0), rel=1e-5)
    assert positive_information(near, 1.0, 1.0).toarray()[0, 1] == pytest.approx(low + 1, rel=1e-5)


def test_spectral_of_full_rank_gives_the_information_back(small):
    model = make("spectral", {"dim": 120, "iterations": 6, "window": 3}).fit(small.train, 120)
    information = positive_information(near_plays(small.train, 120, 3, model.falloff), model.smoothing, model.shift)
    np.testing.assert_allclose(model.inputs_ @ model.outputs_.T, information.toarray(), atol=2e-3)


def test_spectral_with_more_dimensions_than_songs_pads_with_zeros():
    model = make("spectral", {"dim": 9}).fit(Playlists.of([[0, 1, 2], [2, 1, 0, 1]]), 3)
    assert not model.inputs_[:, 3:].any()
    assert np.isfinite(model.score(Playlists.of([[0]]))).all()


def test_song2vec_starts_from_the_closed_form():
    playlists = toy(60, 300)[1]
    started = make("song2vec", {"dim": 8, "epochs": 1, "alpha": 1e-9}).fit(playlists, 60)
    closed = make("spectral", {"dim": 7, "window": 5, "falloff": 1.0, "smoothing": 0.5, "shift": 0.0}).fit(
        playlists, 60
    )
    np.testing.assert_allclose(started.inputs_[:, :7], closed.inputs_, atol=0.02)
    np.testing.assert_allclose(started.inputs_[:, 7] * started.outputs_[:, 7], -np.log(5), atol=0.05)


def test_song2vec_starts_in_closed_form_below_an_exponent_of_0_too():
    model = make("song2vec", {"dim": 4, "epochs": 1, "ns_exponent": -0.5}).fit(Playlists.of([[0, 1, 2], [2, 1]]), 3)
    assert np.isfinite(model.inputs_).all()


def test_song2vec_started_at_random_differs_from_the_closed_form():
    playlists = toy(60, 300)[1]
    closed, chance = (
        make("song2vec", {"dim": 8, "epochs": 1, "start": s}).fit(playlists, 60) for s in ("spectral", "random")
    )
    assert np.abs(closed.inputs_ - chance.inputs_).max() > 0.1


def choices(rng, n_lists=40, n_terms=3):
    lengths = rng.integers(1, 9, n_lists)
    starts = np.cumsum(lengths) - lengths
    terms = rng.normal(size=(lengths.sum(), n_terms)).astype(np.float32)
    return Choices(terms, np.ones(len(terms), np.float32), starts, starts + rng.integers(0, lengths))


def log_likelihood(found: Choices, weights) -> float:
    lists = np.split(found.terms @ weights, found.starts[1:])
    picked = found.chosen - found.starts
    return sum(float(scores[i] - np.log(np.exp(scores).sum())) for scores, i in zip(lists, picked, strict=True))


def test_the_logit_finds_the_most_probable_weights():
    found = choices(np.random.default_rng(0))
    weights = found.fit(np.zeros(3), ridge=1e-9)
    slope = [
        (log_likelihood(found, weights + 1e-4 * step) - log_likelihood(found, weights - 1e-4 * step)) / 2e-4
        for step in np.eye(3)
    ]
    assert np.abs(slope).max() < 0.02


def test_the_logit_stays_at_its_prior_under_a_strong_ridge():
    prior = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(choices(np.random.default_rng(1)).fit(prior, ridge=1e6), prior, atol=1e-3)


def test_the_logit_learns_nothing_from_no_lists():
    none = Choices.none(2)
    assert none.fit(np.array([3.0, 4.0]), 1.0).tolist() == [3, 4]
    assert none.reciprocal_ranks(np.array([3.0, 4.0])).tolist() == []


def test_reciprocal_ranks_are_one_by_hand():
    # First list: 3, 5, 5, the second chosen: places 1 and 2 shared. Second list: 1, 2, the first chosen.
    found = Choices(np.float32([[3], [5], [5], [1], [2]]), np.ones(5, np.float32), np.array([0, 3]), np.array([1, 3]))
    assert found.reciprocal_ranks(np.ones(1)).tolist() == [1 / 1.5, 1 / 2]


def test_a_row_that_stands_for_two_is_as_good_as_two_rows():
    twice = Choices(np.float32([[0], [1], [1]]), np.ones(3, np.float32), np.array([0]), np.array([0]))
    once = Choices(np.float32([[0], [1]]), np.float32([1, 2]), np.array([0]), np.array([0]))
    np.testing.assert_allclose(once.fit(np.zeros(1), 1.0), twice.fit(np.zeros(1), 1.0), rtol=1e-5)
    assert once.reciprocal_ranks(np.ones(1)).tolist() == twice.reciprocal_ranks(np.ones(1)).tolist() == [1 / 3]


def test_taken_lists_keep_their_rows():
    found = choices(np.random.default_rng(2))
    which = np.arange(len(found)) % 3 == 1
    every = found.reciprocal_ranks(np.ones(3))
    assert np.array_equal(found.take(which).reciprocal_ranks(np.ones(3)), every[which])


class Fixed:
    """Scores that were thought of before."""

    def __init__(self, scores):
        self.scores = np.float32(scores)

    def score(self, seeds):
        return self.scores.copy()


def test_shares_lie_between_nothing_and_the_best_but_the_seeds():
    seeds = Playlists.of([[0], [0], [1]])
    scores = [[9, 4, 2, -np.inf], [0, -1, 3, 1], [-np.inf] * 4]
    (share,) = _shares([Fixed(scores)], seeds)
    assert share.tolist() == [[1, 1, 0.5, 0], [0.25, 0, 1, 0.5], [0, 0, 0, 0]]


def test_drawn_songs_stand_for_all_that_nobody_named():
    candidates = np.zeros((1, 1000), bool)
    candidates[0, :10] = True
    known = np.arange(1000) < 900
    stands_for = _stands_for(candidates, np.int32([500]), known, np.random.default_rng(0))[0]
    assert stands_for[[0, 9, 500]].tolist() == [1, 1, 1]
    assert not stands_for[900:].any()
    assert stands_for.sum() == pytest.approx(900, rel=1e-4)


def test_gates_tell_how_much_was_played_and_how_well_the_last_song_is_known():
    gates = _gates(Playlists.of([[0], [0] * 40, [1], []]), np.array([999, 0]))
    assert gates.round(3).tolist() == [[1, 0, 1], [1, 1, 1], [1, 0, 0], [1, 0, 0]]


def test_a_blend_is_not_worse_than_its_best_member():
    playlists = toy(300, 3000)[1]
    train, held_out = hold_out(playlists, 0.1, 1)
    split = next_song(train, held_out)
    models = {name: make(name).fit(train, 300) for name in ("vstan", "spectral", "item_knn")}
    models["blend"] = make("blend", {"members": ",".join(models)}).fit(train, 300)
    means = {name: evaluate(models, split).figures()["models"][name]["metrics"]["mrr"] for name in models}
    values = {name: mean["mean"] for name, mean in means.items()}
    assert values["blend"] >= max(values[name] for name in values if name != "blend") * 0.98


def test_a_blend_of_one_says_what_it_says(small):
    alone, blend = make("vstan").fit(small.train, 120), make("blend", {"members": "vstan"}).fit(small.train, 120)
    seeds = small.train.slice(0, 20)
    said, repeated = alone.score(seeds), blend.score(seeds)
    for row, again, songs in zip(said, repeated, seeds, strict=True):
        row[songs], again[songs] = 0, 0
        finite = np.isfinite(row) & (row > 0)
        order = np.argsort(-row[finite], kind="stable")
        assert (np.diff(again[finite][order]) <= 1e-6).all()


def test_a_blend_trusts_the_member_that_knows():
    # One member draws songs by chance: the weights of what it says stay near nothing beside the other's.
    playlists = toy(200, 2000)[1]
    weights = make("blend", {"members": "random,item_knn"}).fit(playlists, 200).weights_
    assert np.abs(weights[:2].sum(axis=1)).sum() < 0.2 * np.abs(weights[2:4].sum(axis=1)).sum()


def test_a_blend_keeps_what_its_members_learnt(small):
    blend, member = (
        make("blend", {"members": "vstan,spectral"}).fit(small.train, 120),
        make("spectral").fit(small.train, 120),
    )
    assert np.array_equal(blend.spectral_inputs_, member.inputs_)
    assert np.array_equal(blend.vectors_, member.vectors_, equal_nan=True)


def test_a_blend_gives_its_seed_to_its_members(small):
    first, other = (make("blend", {"members": "spectral,markov", "seed": seed}) for seed in (0, 1))
    assert not np.array_equal(
        first.fit(small.train, 120).spectral_inputs_, other.fit(small.train, 120).spectral_inputs_, equal_nan=True
    )


def test_a_blend_without_vectors_says_so(small):
    assert not hasattr(make("blend", {"members": "markov,item_knn"}).fit(small.train, 120), "vectors_")


def test_too_few_playlists_to_weigh_members_leave_the_first_alone():
    model = make("blend").fit(Playlists.of([[0, 1, 2], [2, 1]]), 3)
    assert np.argwhere(model.weights_).tolist() == [[0, 0]]


@pytest.mark.parametrize("members", ["", "vstan,", "vstan,vstan", "blend", "vstan,nobody", "vstan item_knn"])
def test_members_that_are_no_models_are_named(members):
    with pytest.raises(ParameterError, match="blend: members must be different ones of random, popularity"):
        make("blend", {"members": members})


def test_every_single_model_can_be_a_member(small):
    for name in SINGLES:
        if name in ("book", "song2vec", "als", "bpr"):
            continue  # slow; nothing of them is particular here
        model = make(
            "blend", {"members": f"{name},markov" if name != "markov" else "markov,random", "queries": 50}
        ).fit(small.train, 120)
        assert np.isfinite(model.score(Playlists.of([[3, 4]]))).any()


def test_no_member_is_a_blend():
    assert set(MODELS) - set(SINGLES) == {"blend"}
    assert {field.name for field in fields(MODELS["blend"])} == {"members", "queries", "candidates", "seed"}


def test_the_loss_of_the_logit_has_the_gradient_it_states(monkeypatch):
    found, kept = choices(np.random.default_rng(3)), {}

    def look(loss, start, **_):
        kept["error"] = check_grad(lambda w: loss(w)[0], lambda w: loss(w)[1], np.array([0.3, -0.2, 0.1]), epsilon=1e-3)
        return type("Found", (), {"x": start})

    monkeypatch.setattr("scipy.optimize.minimize", look)
    found.fit(np.zeros(3), 1.0)
    assert kept["error"] < 0.05


def test_queries_are_answered_alike_however_many_are_worked_on_at_once(small, monkeypatch):
    seeds = small.train.slice(0, 7)
    blend = make("blend", {"members": "vstan,spectral", "queries": 50}).fit(small.train, 120)
    whole = blend.score(seeds)
    monkeypatch.setattr("recommender.models.blend._CELLS", 5 * 120)
    monkeypatch.setattr("recommender.models.blend._CACHED", 2 * 120)
    np.testing.assert_allclose(blend.score(seeds), whole, rtol=1e-5)


def test_a_blend_fitted_anew_forgets_its_members(small):
    blend = make("blend", {"members": "markov,item_knn", "queries": 50}).fit(small.train, 120)
    blend.score(small.train.slice(0, 1))
    again = blend.fit(small.train.slice(0, 50), 120)
    afresh = make("blend", {"members": "markov,item_knn", "queries": 50}).fit(small.train.slice(0, 50), 120)
    assert np.array_equal(again.score(small.train.slice(0, 9)), afresh.score(small.train.slice(0, 9)))


def product_threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_members_that_learn_side_by_side_do_not_change_the_threads_of_each_others_products(small, monkeypatch):
    seen = []

    class Watching(SINGLES["spectral"]):
        def fit(self, playlists, n_songs):
            seen.append(product_threads())
            super().fit(playlists, n_songs)
            seen.append(product_threads())
            return self

    monkeypatch.setitem(SINGLES, "watching", Watching)
    with threadpool_limits(2, "blas"):
        make("blend", {"members": "watching,popularity"}).fit(small.train, 120)
        assert product_threads() == {2}
    assert seen == [{1}] * 4
