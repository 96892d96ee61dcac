"""Models and runs compared: what each protocol asks, what the report tells, and that nothing was learnt from."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from recommender.cleaning import Cleaning
from recommender.comparison import compare_models, compare_runs, measured, reported
from recommender.datasets import Dataset
from recommender.errors import DataError, ParameterError, RecommenderError
from recommender.evaluation import COLD_METRICS, CONTINUATION_METRICS, LAST_METRICS, NEXT_METRICS, evaluate
from recommender.models import MODELS, make
from recommender.playlists import Playlists
from recommender.questions import PROTOCOLS
from recommender.split import next_song, random_half
from recommender.training import parts, train
from tests.conftest import catalogue_of

METRICS = {
    "next": NEXT_METRICS,
    "last": LAST_METRICS,
    "continuation": CONTINUATION_METRICS,
    "likelihood": ("given the song", "given the prefix"),
    "cold": COLD_METRICS,
}
RANDOM_HALF = "a random half of a playlist, given the rest"
WHOLE = [name for name in PROTOCOLS if name != "cold"]  # which hides songs inside of playlists
REPEATS = ["new songs and repeats", "repeats alone"]


def dataset_of(lists: list[list[int]], test: list[list[int]] | None = None) -> Dataset:
    n_songs = 1 + max(song for songs in lists + (test or []) for song in songs)
    test_playlists = None if test is None else Playlists.of(test)
    return Dataset("lists", catalogue_of(n_songs), Playlists.of(lists), test_playlists, "mine")


@pytest.fixture(scope="module")
def all_asked(small):
    """Two models asked in all ways, with two seeds."""
    return compare_models(small, ["random", "markov"], protocol=[*PROTOCOLS], queries=60, seeds=2)


def test_the_first_protocol_makes_the_report(all_asked):
    assert all_asked.metrics == list(NEXT_METRICS)


def test_the_other_protocols_stand_beside_by_name(all_asked):
    assert [*all_asked.beside] == [*REPEATS, "last", "continuation", "likelihood", "cold"]


@pytest.mark.parametrize("protocol", ["last", "continuation", "likelihood", "cold"])
def test_each_protocol_has_its_metrics(protocol, all_asked):
    assert tuple(all_asked.beside[protocol].metrics) == METRICS[protocol]


def test_the_last_song_is_asked_with_repeats_beside(all_asked):
    assert [*all_asked.beside["last"].beside] == REPEATS


def test_both_ways_to_hide_a_half_are_asked(all_asked):
    assert [*all_asked.beside["continuation"].beside] == [RANDOM_HALF]


def test_the_likelihood_has_the_references_beside_the_models(all_asked):
    names = ["random", "markov", "uniform", "unigram", "bigram_witten_bell"]
    assert [*all_asked.beside["likelihood"].values] == names


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_protocol_may_be_asked_alone(protocol, small):
    assert tuple(compare_models(small, ["popularity"], protocol=protocol, queries=20).metrics) == METRICS[protocol]


def test_a_protocol_named_twice_is_asked_once(small):
    assert [*compare_models(small, ["popularity"], protocol=["last", "last"], queries=20).beside] == REPEATS


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_report_says_how_to_read_it(protocol, small):
    about = compare_models(small, ["popularity"], protocol=protocol, queries=20).about
    assert about["how to read"] == PROTOCOLS[protocol].reading


def test_the_numbers_are_those_of_the_fitted_models_on_the_held_out_playlists(small):
    learnt, held_out = parts(small, 0.2, seed=3)
    model = make("markov").fit(learnt, small.n_songs)
    expected = evaluate({"markov": model}, next_song(learnt, held_out)).values["markov"]["mrr"]
    report = compare_models(small, ["markov"], held_out=0.2, seed=3)
    assert report.values["markov"]["mrr"].tolist() == expected.tolist()


def test_a_sample_is_as_large_as_asked_for(all_asked):
    assert len(all_asked.owners) == 60


def test_the_seed_draws_the_sample(small):
    model, playlists = make("popularity").fit(small.train, small.n_songs), parts(small)
    owners = [reported({"m": model}, playlists, small, queries=20, seed=seed).owners.tolist() for seed in (0, 1, 0)]
    assert owners[0] == owners[2] != owners[1]


def test_the_seed_hides_the_random_half(small):
    model, playlists = make("markov").fit(small.train, small.n_songs), parts(small)
    asked = reported({"m": model}, playlists, small, "continuation", seed=3).beside[RANDOM_HALF]
    expected = evaluate({"m": model}, random_half(*playlists, 3), ["r_precision"])
    assert asked.values["m"]["r_precision"].tolist() == expected.values["m"]["r_precision"].tolist()


def test_a_sample_is_told(all_asked):
    assert all_asked.about["sample"] == "at most 60 queries, drawn at random with seed 0"


def test_where_all_is_asked_no_sample_is_told(small):
    assert "sample" not in compare_models(small, ["popularity"]).about


def test_the_dataset_and_the_share_held_out_are_told(small):
    about = compare_models(small, ["popularity"], held_out=0.25, seed=4, queries=9).about
    assert (about["dataset"], about["songs"]) == ("small", 120)
    assert about["split"] == "25% of the playlists with two songs or more held out whole, seed 4"


def test_the_test_playlists_of_the_publisher_are_told():
    published = dataset_of([[0, 1], [1, 2]], test=[[2, 0], [0, 1]])
    report = compare_models(published, ["popularity"])
    assert (report.about["split"], len(report.owners)) == ("publisher's test file", 2)


def test_a_share_asked_for_is_held_out_where_there_are_test_playlists_too():
    published = dataset_of([[0, 1], [1, 2]] * 5, test=[[2, 0], [0, 1]])
    report = compare_models(published, ["popularity"], held_out=0.4)
    assert (report.about["split"], len(report.owners)) == (
        "40% of the playlists with two songs or more held out whole, seed 0",
        4,
    )


@dataclass
class Spy:
    """Likes all songs alike, and keeps the playlists that any model of its kind was fitted on.

    seed : changes nothing
    """

    seed: int = 0
    fitted_on: ClassVar[list[Playlists]] = []

    def fit(self, playlists, n_songs):
        Spy.fitted_on.append(playlists)
        self.n_songs_ = np.array(n_songs)
        return self

    def score(self, seeds):
        return np.zeros((len(seeds), int(self.n_songs_)), np.float32)


@pytest.fixture
def spied(monkeypatch):
    """The playlists that a model was fitted on, and those held out, after it was asked in all ways; none are alike."""
    monkeypatch.setitem(MODELS, "spy", Spy)
    monkeypatch.setattr(Spy, "fitted_on", [])
    dataset = dataset_of([[5 * n + song for song in range(5)] for n in range(40)])
    compare_models(dataset, ["spy"], protocol=WHOLE, held_out=0.25, seeds=3)
    held_out = parts(dataset, 0.25)[1]
    return [[songs.tolist() for songs in playlists] for playlists in Spy.fitted_on], [s.tolist() for s in held_out]


def test_no_model_learns_from_a_held_out_playlist(spied):
    fits, held_out = spied
    assert [[songs for songs in playlists if songs in held_out] for playlists in fits] == [[]] * len(fits)


def test_what_is_learnt_from_and_what_is_held_out_are_whole_playlists(spied):
    fits, held_out = spied
    whole = [[5 * n + song for song in range(5)] for n in range(40)]
    assert sorted(fits[0] + held_out) == whole


def test_a_model_learns_once_for_its_numbers_once_to_calibrate_and_once_for_each_further_seed(spied):
    fits, _ = spied
    assert [len(playlists) for playlists in fits] == [30, 27, 30, 30]


def test_the_spread_is_over_models_with_a_seed_alone(all_asked):
    assert [*all_asked.seeds] == ["random"]


def test_the_spread_starts_with_the_model_of_the_report(all_asked):
    assert all_asked.seeds["random"][0] == all_asked.mean("random", "hit_rate@10")


def test_the_spread_goes_on_with_the_model_of_the_next_seed(small):
    report = compare_models(small, ["random"], held_out=0.2, seeds=3)
    learnt, held_out = parts(small, 0.2)
    others = {str(seed): MODELS["random"](seed=seed).fit(learnt, small.n_songs) for seed in (1, 2)}
    again = evaluate(others, next_song(learnt, held_out))
    assert report.seeds["random"][1:] == [again.mean(seed, "hit_rate@10") for seed in others]


def test_one_seed_has_no_spread(small):
    assert compare_models(small, ["random"], queries=20).seeds == {}


def test_cleaning_is_done_before_the_split_and_told(small):
    report = compare_models(small, ["popularity"], queries=20, cleaning=Cleaning(min_plays=30))
    common = int((small.train.counts(small.n_songs) >= 30).sum())
    assert report.about["songs"] == common < 120
    assert report.about["cleaned"].startswith(f"songs with fewer than 30 plays: {120 - common} songs")


def test_without_cleaning_none_is_told(small):
    assert "cleaned" not in compare_models(small, ["popularity"], queries=20).about


def test_cleaning_that_leaves_no_playlist_of_two_songs_is_an_error():
    once = dataset_of([[0, 0], [1, 1, 1]], test=[[0, 1]])
    with pytest.raises(DataError, match="lists: no playlist has two songs or more"):
        compare_models(once, ["popularity"], cleaning=Cleaning(collapse_repeats=True))


def test_the_diversity_is_told_of_tags_and_of_artists(all_asked):
    assert {"tag diversity@10", "artist diversity@10"} <= all_asked.totals["markov"].keys()


def test_the_diversity_of_artists_is_that_of_the_lists():
    dataset = dataset_of([[0, 1, 2, 3]] * 20, test=[[0, 1]])
    artists = replace(dataset.catalogue, artists=["A", "A", "B", "B"])
    report = compare_models(replace(dataset, catalogue=artists), ["popularity"])
    diversity = report.totals["popularity"]["artist diversity@10"]
    assert diversity == pytest.approx(2 / 3)  # of the list 1, 2, 3, one pair of three is alike


def test_the_data_are_told(small):
    told = compare_models(small, ["popularity"], queries=20).details["data"]
    assert told == {
        "name": "small",
        "terms": "made up",
        "songs": 120,
        "playlists": 600,
        "plays": small.train.n_plays,
        "files": {},
    }


def test_the_parameters_of_each_model_are_told_with_their_remarks(small):
    told = compare_models(small, ["markov", "popularity"], queries=20).details["models"]
    assert told["markov"]["parameters"] == {
        "shrinkage": {"value": 5.0, "remark": "how many transitions the prior is worth"}
    }
    assert told["popularity"]["parameters"] == {}


def test_how_it_was_made_is_told(all_asked):
    assert [*all_asked.details["made"]] == ["when", "versions", "commit", "machine"]


def test_the_examples_are_of_the_best_model(all_asked):
    best = max(all_asked.values, key=lambda name: all_asked.mean(name, "hit_rate@10"))
    assert all_asked.details["examples"]["model"] == best


def test_a_model_that_is_none_of_ours_is_compared_but_not_described(small):
    model = replace(Spy()).fit(small.train, small.n_songs)
    report = reported({"mine": model}, parts(small), small, queries=20)
    assert (report.details["models"], [*report.values]) == ({}, ["mine"])


def digest(dataset: Dataset, **asked) -> str:
    return compare_models(dataset, ["popularity"], **{"queries": 20} | asked).details["queries"]


def test_equal_queries_have_an_equal_digest(small):
    other_model = compare_models(small, ["markov"], queries=20).details["queries"]
    assert digest(small) == other_model


@pytest.mark.parametrize(
    "asked", [{"protocol": "last"}, {"queries": 21}, {"queries": None}, {"seed": 1}, {"held_out": 0.2}]
)
def test_other_queries_have_another_digest(asked, small):
    assert digest(small, **asked) != digest(small)


@pytest.mark.parametrize("test", [[[2, 0], [1, 0]], [[2, 0, 0], [1]], [[2, 0, 0, 1]]])
def test_other_test_playlists_have_another_digest(test):
    published, other = (dataset_of([[0, 1], [1, 2]], lists) for lists in ([[2, 0], [0, 1]], test))
    assert digest(published) != digest(other)


def test_the_seed_is_no_part_of_all_queries_of_the_publisher():
    published = dataset_of([[0, 1], [1, 2]], test=[[2, 0], [0, 1]])
    assert digest(published, queries=None, seed=1) == digest(published, queries=None, seed=0)


def test_the_seed_is_part_of_a_sample_of_the_publishers():
    published = dataset_of([[0, 1], [1, 2]], test=[[2, 0], [0, 1]])
    assert digest(published, queries=1, seed=1) != digest(published, queries=1, seed=0)


def test_a_report_may_be_laid_over_that_of_another_model_of_the_same_name(small, tmp_path):
    compare_models(small, ["popularity"], queries=40).save(tmp_path)
    learnt, held_out = parts(small)
    markov = make("markov").fit(learnt, small.n_songs)
    report = reported({"popularity": markov}, (learnt, held_out), small, queries=40)
    [row] = report.changes(tmp_path)["metrics"]["mrr"]
    assert row["new"] == pytest.approx(report.mean("popularity", "mrr"))
    assert row["difference"] > 0


def test_a_report_of_other_queries_is_not_laid_over(small, tmp_path):
    compare_models(small, ["popularity"], queries=40, seed=1).save(tmp_path)
    with pytest.raises(RecommenderError, match="asked other queries"):
        compare_models(small, ["popularity"], queries=40).changes(tmp_path)


TOO_LITTLE = {
    "next": ([[0, 0], [1, 1]], "the held-out playlists ask nothing: none has a song that is new to it"),
    "last": ([[0, 1, 0], [1]], "the held-out playlists ask nothing: none has a song that is new to it"),
    "continuation": ([[0, 1, 0, 1], [1]], "the held-out playlists ask nothing: none has a song that is new to it"),
    "likelihood": ([[0], [1], []], "the held-out playlists ask nothing: none has two songs"),
    "cold": ([[0, 0], [1, 1]], "the held-out playlists ask nothing: none has a song that is new to it"),
}


@pytest.mark.parametrize("queries", [None, 5])
@pytest.mark.parametrize("protocol", TOO_LITTLE)
def test_held_out_playlists_that_ask_nothing_are_an_error(protocol, queries):
    test, message = TOO_LITTLE[protocol]
    with pytest.raises(RecommenderError, match=message):
        compare_models(dataset_of([[0, 1]] * 20, test), ["popularity"], protocol=protocol, queries=queries)


def test_too_few_playlists_to_calibrate_on_are_an_error():
    with pytest.raises(RecommenderError, match="calibrates the likelihood; 9 playlists with two songs have no tenth"):
        compare_models(dataset_of([[0, 1]] * 9 + [[1]], [[0, 1]]), ["popularity"], protocol="likelihood")


@pytest.fixture(scope="module")
def runs(small, tmp_path_factory):
    """Where runs are saved that held out the same fifth."""
    path = tmp_path_factory.mktemp("runs")
    for name in ("markov", "popularity"):
        train(small, name, held_out=0.2, seed=3).save(path / name)
    return path


def test_runs_are_measured_as_the_models_they_hold(small, runs):
    of_runs = compare_runs(small, [str(runs / "markov"), str(runs / "popularity")])
    of_models = compare_models(small, ["markov", "popularity"], held_out=0.2, seed=3)
    same = [
        of_runs.values[name]["mrr"].tolist() == of_models.values[name]["mrr"].tolist()
        for name in ("markov", "popularity")
    ]
    assert same == [True, True]


def test_runs_and_models_asked_the_same_have_an_equal_digest(small, runs):
    of_runs = compare_runs(small, [str(runs / "markov")])
    of_models = compare_models(small, ["markov"], held_out=0.2, seed=3)
    assert of_runs.details["queries"] == of_models.details["queries"]


def test_the_share_and_the_seed_of_the_runs_are_told(small, runs):
    about = compare_runs(small, [str(runs / "markov")], queries=20).about
    assert about["split"] == "20% of the playlists with two songs or more held out whole, seed 3"


def test_runs_may_be_asked_in_several_ways(small, runs):
    report = compare_runs(small, [str(runs / "markov")], protocol=["last", "likelihood"], queries=20)
    assert [*report.beside] == [*REPEATS, "likelihood"]


def test_a_run_is_described_as_the_model_that_it_holds_whatever_its_name(small, runs, tmp_path):
    train(small, "popularity", held_out=0.2, seed=3).save(tmp_path / "song2vec")
    told = compare_runs(small, [str(tmp_path / "song2vec"), str(runs / "markov")], queries=20).details["models"]
    assert [told["song2vec"]["summary"], [*told["markov"]["parameters"]]] == [
        "The songs played most, whatever came before.",
        ["shrinkage"],
    ]


def test_runs_of_one_name_cannot_be_told_apart(small, runs, tmp_path):
    train(small, "markov", held_out=0.2, seed=3).save(tmp_path / "markov")
    with pytest.raises(RecommenderError, match="are called alike; rename one, the table needs the names"):
        compare_runs(small, [str(runs / "markov"), str(tmp_path / "markov")])


@pytest.mark.parametrize("otherwise", [{"seed": 4}, {"held_out": 0.25}, {"cleaning": Cleaning(collapse_repeats=True)}])
def test_runs_that_learnt_from_other_playlists_are_not_compared(otherwise, small, runs, tmp_path):
    train(small, "popularity", **{"held_out": 0.2, "seed": 3} | otherwise).save(tmp_path / "other")
    with pytest.raises(RecommenderError, match="the runs held out or cleaned differently; train them with the same"):
        compare_runs(small, [str(runs / "markov"), str(tmp_path / "other")])


@pytest.fixture(scope="module")
def cleaned(small, tmp_path_factory):
    """Reports of a cleaned run, and of the model that it holds."""
    cleaning, path = Cleaning(min_plays=30), tmp_path_factory.mktemp("cleaned") / "markov"
    train(small, "markov", held_out=0.2, cleaning=cleaning).save(path)
    return compare_runs(small, [str(path)]), compare_models(small, ["markov"], held_out=0.2, cleaning=cleaning)


def test_cleaned_runs_are_asked_about_cleaned_playlists(cleaned):
    of_run, of_model = cleaned
    assert of_run.values["markov"]["mrr"].tolist() == of_model.values["markov"]["mrr"].tolist()


def test_of_a_cleaned_run_what_was_removed_and_what_is_left_is_told(cleaned):
    of_run, of_model = cleaned
    same = ("songs", "cleaned", "split")
    assert {fact: of_run.about[fact] for fact in same} == {fact: of_model.about[fact] for fact in same}


def test_of_a_cleaned_run_the_data_are_those_that_it_was_trained_on(cleaned):
    of_run, of_model = cleaned
    assert of_run.details["data"] == of_model.details["data"]


def test_of_a_cleaned_run_the_examples_have_the_right_names(cleaned):
    of_run, of_model = cleaned
    assert of_run.details["examples"] == of_model.details["examples"]


def test_a_run_is_measured_beside_popularity(small):
    run = measured(train(small, "markov", held_out=0.2, seed=3), small)
    expected = compare_models(small, ["markov", "popularity"], held_out=0.2, seed=3).figures()
    metrics = {name: model["metrics"] for name, model in run.metrics["models"].items()}
    assert metrics == {name: model["metrics"] for name, model in expected["models"].items()}


def test_a_run_of_popularity_is_measured_alone(small):
    run = measured(train(small, "popularity", held_out=0.2), small)
    assert [*run.metrics["models"]] == ["popularity"]


def test_an_unknown_protocol_is_named(small):
    with pytest.raises(
        ParameterError, match="no protocol 'first'; there are next, last, continuation, likelihood, cold"
    ):
        compare_models(small, ["popularity"], protocol="first")


def test_no_models_are_an_error(small):
    with pytest.raises(ParameterError, match="no model is named"):
        compare_models(small, [])


def test_the_spread_of_likelihoods_is_not_told(small):
    with pytest.raises(ValueError, match="name another protocol first"):
        compare_models(small, ["random"], protocol="likelihood", seeds=2)
