"""The bench of peers: places and table from made-up answers, and one peer and two models of ours all the way."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recommender import Playlists, next_song
from recommender.report import Report
from tests.bench import peers as bench_peers
from tests.bench.peers import METRICS, PINS, answered, chosen, compare, differences, places, search, text, values
from tests.peers import PEERS, Lists, padded

HERE = Path(sys.executable)  # gensim is a library of ours, too


@pytest.fixture
def split():
    """Queries 0 -> 1, 0 1 -> 2 and 3 -> 0."""
    return next_song(Playlists.of([[0, 1, 2, 3]]), Playlists.of([[0, 1, 2], [3, 0]]))


def test_a_place_is_that_among_the_answers(split):
    answers = np.array([[2, 1, 3], [3, 2, -1], [1, 2, -1]])
    assert places(answers, split).tolist() == [1, 1, np.inf]


@pytest.mark.parametrize(
    "answers", [[[1], [2]], [[1, 1], [2, 3], [0, 1]], [[1, 2], [3, 0], [0, 1]]], ids=["missing", "twice", "a seed"]
)
def test_answers_against_the_rules_are_refused(answers, split):
    with pytest.raises(ValueError, match="an answer is missing, has a song twice, or has a seed in it"):
        places(np.array(answers), split)


def test_metrics_are_those_of_the_places(split):
    found = values(np.array([[2, 1, 3], [2, 3, -1], [1, 2, -1]]), split)
    assert found["hit_rate@10"].tolist() == [1, 1, 0]
    assert found["mrr@100"].tolist() == [0.5, 1, 0]


@pytest.fixture
def figures():
    hits = {"ours": [1, 1, 1, 0], "EASE": [1, 0, 0, 0]}
    report = Report(
        {name: {metric: np.array(one, float) for metric in METRICS} for name, one in hits.items()},
        owners=np.arange(4),
        shown=METRICS,
    )
    cost = {"seconds": {"fit": 1234.56}, "queries/s": 1000.4, "peak MB": 99.6}
    models = {
        name: cost
        | {
            "by": by,
            "metrics": {metric: {"mean": report.mean(name, metric), "low": 0, "high": 1} for metric in METRICS},
        }
        for name, by in (("ours", "this project"), ("EASE", "rectools 1"))
    }
    about = {"dataset": "toy", "songs": 3168, "queries": 4, "playlists": 4, "split seed": 7}
    return {"about": about, "best": "ours", "models": models, "differences": differences(report, "ours", ["EASE"])}


def test_the_difference_is_of_the_same_queries(figures):
    gap = figures["differences"]["hit_rate@10"]["EASE"]
    assert gap["difference"] == 0.5
    assert gap["p"] == gap["p_holm"] > 0.3  # two playlists tell nothing


def test_the_table_tells_quality_and_cost(figures):
    title, _, header, _, first, second = text(figures).splitlines()
    assert title == "**toy** (3,168 songs; 4 queries from 4 playlists, split seed 7)"
    assert [cell.strip() for cell in header.split("|")[1:3]] == ["model", "by"]
    assert [cell.strip() for cell in first.split("|")[1:-1]][-6:] == ["", "", "", "1,234.6", "1,000", "100"]
    assert [cell.strip() for cell in second.split("|")[1:-1]][:3] == ["EASE", "rectools 1", ".250"]
    assert "+.5000" in second


def test_models_and_a_peer_go_the_whole_road(small):
    settings = {"last": 2, "vector_size": 8, "epochs": 1, "workers": 1, "seed": 1}
    figures = compare(small, ["popularity", "session_knn"], {"gensim, book": settings}, 100, 0, HERE)
    assert set(figures["models"]) == {"popularity", "session_knn", "gensim, book"}
    assert figures["best"] == "session_knn"
    assert figures["models"]["gensim, book"]["settings"] == settings
    for model in figures["models"].values():
        assert 0 <= model["metrics"]["hit_rate@10"]["mean"] <= model["metrics"]["hit_rate@100"]["mean"] <= 1
        assert model["peak MB"] > 10
        assert model["queries/s"] > 0
    assert json.dumps(figures)
    assert "gensim 4" in text(figures)


def test_our_models_answer_what_they_answer_elsewhere(small, split):
    train, held_out = small.train.slice(0, 500), small.train.slice(500, 600)
    asked = next_song(train, held_out)
    report, _ = answered(asked, small.n_songs, ["markov"], {}, HERE)
    elsewhere = bench_peers.ours("markov")(Lists(train.songs, train.offsets), small.n_songs)
    queries = asked.seeds.slice(0, len(asked))
    found = values(elsewhere(Lists(queries.songs, queries.offsets), 100), asked)
    assert report.mean("markov", "mrr@100") == pytest.approx(found["mrr@100"].mean())


def test_a_search_keeps_what_does_best_on_training_playlists(small, tmp_path, monkeypatch):
    monkeypatch.setattr(bench_peers, "FOUND", tmp_path / "peers.json")
    tried = [{"last": last, "vector_size": 8, "workers": 1, "seed": 1} for last in (1, 3)]
    monkeypatch.setitem(PEERS, "gensim, tuned", replace(PEERS["gensim, tuned"], grid=tried))
    assert chosen("small", ["gensim, tuned"]) == {"gensim, tuned": tried[0]}
    search(small, ["gensim, tuned"], 100, 0, HERE)
    kept = json.loads((tmp_path / "peers.json").read_text())["small"]["gensim, tuned"]
    best = max(kept["considered"], key=lambda one: one["hit_rate@10"])
    assert [one["settings"] for one in kept["considered"]] == tried
    for dataset in ("small", "another"):
        assert chosen(dataset, ["gensim, tuned"]) == {"gensim, tuned": best["settings"]}


def test_a_peer_that_fails_says_why(small):
    with pytest.raises(SystemExit, match=r'gensim, book failed with settings \{"last": 1, "odd": 1\}\n(.|\n)*odd'):
        compare(small, ["popularity"], {"gensim, book": {"last": 1, "odd": 1}}, 50, 0, HERE)


def test_lists_become_a_matrix_of_what_they_hold_and_pieces_in_order():
    lists = Lists(np.array([4, 0, 4, 1, 2]), np.array([0, 3, 3, 5]))
    assert lists.matrix(5).toarray().tolist() == [[1, 0, 0, 0, 1], [0] * 5, [0, 1, 1, 0, 0]]
    pieces = lists.pieces(2)
    assert [pieces[i].tolist() for i in range(len(pieces))] == [[4, 0], [4], [], [1, 2]]


def test_short_answers_are_padded_and_long_ones_cut():
    assert padded([[5], [1, 2, 3], []], 2).tolist() == [[5, -1], [1, 2], [-1, -1]]


def test_every_peer_has_a_pinned_package():
    pinned = {line.split("==")[0].lower() for line in PINS.read_text().splitlines() if "==" in line}
    assert {peer.package for peer in PEERS.values()} <= pinned
    assert {"torch", "pytorch-lightning", "numpy", "pandas"} <= pinned
