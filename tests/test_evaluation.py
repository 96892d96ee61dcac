"""What models whose answers are known are measured to be."""

from dataclasses import dataclass

import numpy as np
import pytest

from recommender.evaluation import NEXT_METRICS, evaluate, fit
from recommender.models.baselines import Popularity, Random
from recommender.playlists import Playlists
from recommender.split import last_song, next_song


@dataclass
class CountsUp:
    """Knows that song `n + 1` follows song `n`, and nothing about the songs after which it is `silent`."""

    n_songs: int
    silent: tuple[int, ...] = ()

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        last = np.array([songs[-1] for songs in seeds])[:, None]
        scores = -((np.arange(self.n_songs) - last - 1) % self.n_songs).astype(np.float32)
        scores[np.isin(last[:, 0], self.silent)] = -np.inf
        return scores


@dataclass
class Constant:
    """Likes every song the same."""

    n_songs: int

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        return np.zeros((len(seeds), self.n_songs), np.float32)


COUNTING = next_song(Playlists.of([[0, 1, 2, 3, 4, 5]]), Playlists.of([[0, 1, 2], [3, 4]]))


@pytest.mark.parametrize("metric", NEXT_METRICS)
def test_a_model_that_knows_every_answer_gets_1(metric):
    assert evaluate({"m": CountsUp(6)}, COUNTING).values["m"][metric].tolist() == [1, 1, 1]


def test_a_model_that_likes_all_songs_the_same_gets_the_middle_place():
    split = next_song(Playlists.of([range(101)]), Playlists.of([[0, 7]]))
    mrr = evaluate({"m": Constant(101)}, split, ["mrr"]).values["m"]["mrr"]
    assert mrr.tolist() == [1 / 50.5]  # 100 songs besides the seed, places 0 to 99: 49.5


@pytest.mark.parametrize("metric", NEXT_METRICS)
def test_a_silent_model_gets_0(metric):
    report = evaluate({"m": CountsUp(6, silent=(0, 1, 3))}, COUNTING)
    assert report.values["m"][metric].tolist() == [0, 0, 0]


def test_random_lists_hit_as_often_as_their_share_of_the_songs():
    rng = np.random.default_rng(0)
    playlists = Playlists.of([rng.permutation(100)[:4].tolist() for _ in range(2000)])
    report = evaluate({"m": Random().fit(playlists, 100)}, last_song(playlists, playlists), ["hit_rate@10"])
    assert report.mean("m", "hit_rate@10") == pytest.approx(10 / 97, abs=0.02)  # 97 songs besides three seeds; 3 s. d.


def test_coverage_is_the_share_of_played_songs_in_any_list():
    split = next_song(Playlists.of([[0, 1, 2, 3, 4]]), Playlists.of([[0, 1, 2]]))
    report = evaluate({"m": Constant(5)}, split, k=2)
    assert report.totals["m"]["coverage@2"] == 3 / 5  # [1, 2] after 0, [2, 3] after 0, 1


def test_padding_covers_nothing():
    report = evaluate({"m": CountsUp(6, silent=(0, 1, 3))}, COUNTING)
    assert report.totals["m"]["coverage@10"] == 0


def test_songs_that_nobody_played_need_not_be_covered():
    split = next_song(Playlists.of([[0, 1]]), Playlists.of([[0, 1], [1, 0]]))
    report = evaluate({"m": Popularity().fit(split.train, 50)}, split)
    assert report.totals["m"]["coverage@10"] == 1


def test_answered_is_the_share_of_queries_with_any_answer():
    report = evaluate({"m": CountsUp(6, silent=(0,))}, COUNTING)
    assert report.totals["m"]["answered"] == pytest.approx(2 / 3)


def test_a_split_without_queries_is_an_error():
    with pytest.raises(ValueError, match="the split has no queries"):
        evaluate({"m": Constant(2)}, next_song(Playlists.of([[0, 1]]), Playlists.of([[0]])))


def test_a_model_is_measured_the_same_whatever_the_others():
    alone = evaluate({"m": CountsUp(6, silent=(1,))}, COUNTING)
    among = evaluate({"other": Constant(6), "m": CountsUp(6, silent=(1,))}, COUNTING)
    assert alone.values["m"]["mrr"].tolist() == among.values["m"]["mrr"].tolist() == [1, 0, 1]


def test_intervals_are_drawn_over_the_held_out_playlists():
    assert evaluate({"m": Constant(6)}, COUNTING).owners.tolist() == [0, 0, 1]


def test_the_facts_given_stand_in_the_report():
    assert evaluate({"m": Constant(6)}, COUNTING, about={"dataset": "made up"}).about["dataset"] == "made up"


def test_models_are_fitted_on_the_training_playlists():
    model = Popularity()
    fit({"m": model}, COUNTING, 7)
    assert model.plays_.tolist() == [1, 1, 1, 1, 1, 1, 0]


def test_fitting_says_the_seconds_of_each_model():
    seconds = fit({"a": Popularity(), "b": Random()}, COUNTING, 6)
    assert [*seconds] == ["a", "b"]
    assert min(seconds.values()) >= 0


def test_seconds_given_stand_in_the_totals():
    assert evaluate({"m": Constant(6)}, COUNTING, seconds={"m": 1.5}).totals["m"]["fit seconds"] == 1.5


def test_without_seconds_the_totals_have_none():
    assert "fit seconds" not in evaluate({"m": Constant(6)}, COUNTING).totals["m"]
