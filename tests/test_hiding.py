"""Songs hidden from what models learn, and who finds them."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.catalogue import Catalogue
from recommender.comparison import compare_models, compare_runs, reported
from recommender.datasets import Dataset
from recommender.errors import DataError, RecommenderError
from recommender.hiding import hidden, relearnt
from recommender.models import make
from recommender.playlists import Playlists
from recommender.training import parts, train
from tests.conftest import catalogue_of
from tests.test_models import QUICK

OTHERS = "the other next songs, with which the new ones compete"


def catalogue(tags: list[tuple[str, ...]], artists: list[str]) -> Catalogue:
    n = len(tags)
    return Catalogue(np.arange(n), [f"Song {i}" for i in range(n)], artists, tags, np.zeros(n, np.int64))


@pytest.fixture(scope="module")
def report(small):
    return compare_models(small, ["song2vec", "markov"], protocol="cold", held_out=0.2)


def test_three_tenths_of_the_songs_with_tags_are_hidden():
    away = hidden(catalogue([("rock",)] * 20 + [()] * 80, ["A"] * 100))
    assert (away[:20].sum(), away[20:].sum()) == (6, 0)


def test_where_no_song_has_tags_those_with_an_artist_are_hidden():
    away = hidden(catalogue([()] * 30, ["A"] * 10 + ["-"] * 20))
    assert (away[:10].sum(), away[10:].sum()) == (3, 0)


def test_the_seed_draws_the_hidden_songs(small):
    first, again, other = (hidden(small.catalogue, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_hidden_song_is_learnt_from(small):
    away = hidden(small.catalogue, seed=3)
    _, learnt, _ = relearnt({}, small.train, small.catalogue, seed=3)
    assert not away[learnt.songs].any()
    assert learnt.n_plays == (~away[small.train.songs]).sum()


def test_a_hidden_song_is_known_with_cold_start_only(small):
    away = hidden(small.catalogue)
    models, *_ = relearnt({"song2vec": make("song2vec", QUICK["song2vec"])}, small.train, small.catalogue)
    asked = Playlists.of([np.flatnonzero(~away)[:3]])
    assert np.isneginf(models["song2vec"].score(asked)[0, away]).all()
    assert np.isfinite(models["song2vec --cold-start"].score(asked)[0, away]).all()


def test_the_models_given_are_left_as_they_were(small):
    model = make("popularity").fit(small.train, small.n_songs)
    relearnt({"popularity": model}, small.train, small.catalogue)
    assert model.plays_.tolist() == small.train.counts(small.n_songs).tolist()


def test_each_model_is_beside_the_baselines_and_twice_where_it_can_be(report):
    names = ["random", "popularity", "song2vec", "markov"]
    assert [*report.values] == [*names, *(f"{name} --cold-start" for name in names[:3])]


def test_the_main_metric_is_the_hit_rate_among_a_hundred(report):
    assert report.metrics == ["hit_rate@100", "hit_rate@10", "mrr"]


def test_only_songs_that_were_not_learnt_are_asked_for(small, report):
    learnt, held_out = parts(small, 0.2)
    new = hidden(small.catalogue) | (learnt.counts(small.n_songs) == 0)
    asked = ~held_out.repeats & (held_out.positions > 0)
    assert len(report.owners) == (new[held_out.songs] & asked).sum()
    assert len(report.beside[OTHERS].owners) == (~new[held_out.songs] & asked).sum()


def test_who_never_heard_a_song_does_not_find_it(report):
    assert not any(report.mean(name, "hit_rate@100") for name in ("random", "popularity", "song2vec", "markov"))


def test_random_finds_the_share_of_the_songs_that_a_hundred_are(report):
    low, high = report.interval("random --cold-start", "hit_rate@100")
    assert low < 100 / 120 < high + 0.05


def test_the_other_queries_stand_beside_with_the_same_models(report):
    assert [*report.beside] == [OTHERS]
    assert [*report.beside[OTHERS].values] == [*report.values]


def test_the_seed_is_part_of_what_was_asked(small):
    digests = {
        seed: compare_models(small, ["popularity"], protocol="cold", seed=seed, held_out=0.2).details["queries"]
        for seed in (0, 1)
    }
    assert digests[0] != digests[1]


def test_a_run_is_asked_with_its_parameters(small, tmp_path):
    train(small, "song2vec", QUICK["song2vec"], held_out=0.2).save(tmp_path / "run")
    told = compare_runs(small, [str(tmp_path / "run")], protocol="cold", queries=50)
    assert "run --cold-start" in told.values
    assert len(told.owners) == 50


def test_cold_beside_another_protocol_leaves_that_as_it_is(small):
    alone = compare_models(small, ["markov"], queries=50)
    both = compare_models(small, ["markov"], protocol=["next", "cold"], queries=50)
    assert both.values["markov"]["mrr"].tolist() == alone.values["markov"]["mrr"].tolist()
    assert both.beside["cold"].metrics[0] == "hit_rate@100"


def test_the_command_line_prints_the_table(command, folder):
    code, out, _ = command("evaluate", folder, "--protocol", "cold", "--models", "popularity", "--hold-out", 0.2)
    assert code == 0
    assert "| popularity --cold-start |" in out
    assert "hit_rate@100" in out


def test_a_catalogue_without_tags_and_artists_is_an_error(small):
    bare = replace(small.catalogue, tags=[()] * 120, artists=["-"] * 120)
    with pytest.raises(RecommenderError, match="no song has a known artist or a tag"):
        compare_models(replace(small, catalogue=bare), ["popularity"], protocol="cold")


def test_no_query_for_a_hidden_song_is_an_error():
    away = hidden(catalogue_of(20))
    known, gone = np.flatnonzero(~away), np.flatnonzero(away)
    dataset = Dataset("lists", catalogue_of(20), Playlists.of([[*known, *gone]]), Playlists.of([known[:3]]), "mine")
    with pytest.raises(RecommenderError, match="no held-out playlist asks for a song that was hidden; hold out more"):
        compare_models(dataset, ["popularity"], protocol="cold")


def test_nothing_left_to_learn_from_is_an_error():
    away = hidden(catalogue_of(20))
    pairs = [[known, gone] for known, gone in zip(np.flatnonzero(~away), np.flatnonzero(away), strict=False)]
    with pytest.raises(DataError, match="no playlist has two songs left when some are hidden"):
        relearnt({}, Playlists.of(pairs), catalogue_of(20))


def test_the_spread_over_seeds_is_not_told(small):
    with pytest.raises(ValueError, match="name another protocol first"):
        compare_models(small, ["random"], protocol="cold", seeds=2)


def test_a_report_of_fitted_models_fits_copies(small):
    model, playlists = make("markov").fit(small.train, small.n_songs), parts(small)
    before = model.share_.copy()
    reported({"markov": model}, playlists, small, "cold", queries=20)
    assert np.array_equal(model.share_, before)
