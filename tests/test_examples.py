"""The playlists that are shown of a report: which, which of their queries, and in whose words."""

import numpy as np
import pytest

from recommender.evaluation import evaluate
from recommender.examples import examples
from recommender.playlists import Playlists
from recommender.report import Report
from recommender.split import next_song
from tests.conftest import catalogue_of
from tests.test_evaluation import Constant, CountsUp


def shown(values: dict[int, list[float]]) -> dict:
    """The examples of playlists whose queries have these values; playlist `n` is of songs from 20 n on."""
    length = 1 + max(values)
    lists = [[20 * n + place for place in range(len(values.get(n, [])) + 1)] for n in range(length)]
    split = next_song(Playlists.of([]), Playlists.of(lists))
    column = np.array([value for n in range(length) for value in values.get(n, [])], dtype=float)
    report = Report({"m": {"mrr": column}}, split.owners)
    return examples(report, "m", Constant(20 * length), split, catalogue_of(20 * length))


def test_three_of_the_best_and_three_of_the_worst_are_shown():
    found = shown({n: [n / 10] * 5 for n in range(7)})
    values = [[one["value"] for one in found[kind]] for kind in ("best", "worst")]
    assert values == [pytest.approx([0.6, 0.5, 0.4]), pytest.approx([0, 0.1, 0.2])]


def test_a_playlist_of_four_queries_takes_no_part():
    found = shown({0: [1] * 4, 1: [0.5] * 5, 2: [0] * 4})
    assert [one["queries"] for kind in ("best", "worst") for one in found[kind]] == [5, 5]


def test_of_equal_playlists_the_one_with_more_queries_is_first():
    found = shown({0: [1] * 5, 1: [1] * 7, 2: [1] * 6})
    assert [[one["queries"] for one in found[kind]] for kind in ("best", "worst")] == [[7, 6, 5], [7, 6, 5]]


def test_where_no_playlist_has_five_queries_nothing_is_shown():
    assert shown({0: [1] * 4, 1: [0]}) == {}


def test_playlists_that_ask_nothing_are_passed_over():
    assert [one["asked"] for one in shown({2: [0, 1, 0, 0, 0]})["best"]] == ["Song 42 · Artist"]


def test_the_model_and_the_metric_are_told():
    found = shown({0: [1] * 5})
    assert (found["model"], found["metric"]) == ("m", "mrr")


def test_of_the_best_the_first_hit_is_shown_and_of_the_worst_the_first_miss():
    found = shown({0: [0, 0, 1, 1, 0]})
    assert (found["best"][0]["asked"], found["worst"][0]["asked"]) == ("Song 3 · Artist", "Song 1 · Artist")


def test_the_song_before_the_one_asked_for_is_told():
    assert shown({0: [0, 0, 1, 1, 0]})["best"][0]["after"] == "Song 2 · Artist"


def test_the_playlist_is_told_in_play_order():
    assert shown({0: [1] * 5})["best"][0]["songs"] == [f"Song {n} · Artist" for n in range(6)]


@pytest.mark.parametrize(("queries", "songs", "more"), [(5, 6, 0), (11, 12, 0), (12, 12, 1), (15, 12, 4)])
def test_twelve_songs_of_a_playlist_are_told_and_how_many_more_there_are(queries, songs, more):
    [told] = shown({0: [1] * queries})["best"]
    assert (len(told["songs"]), told["more"]) == (songs, more)


def test_the_answers_are_the_ten_best_songs_that_were_not_played_yet():
    found = shown({0: [0, 0, 1, 1, 0]})["best"][0]  # all songs alike, after 0, 1 and 2
    assert found["answers"] == [f"Song {n} · Artist" for n in range(3, 13)]


def test_a_short_answer_is_told_without_padding():
    split = next_song(Playlists.of([]), Playlists.of([[0, 1, 2, 3, 4, 5]]))
    report = evaluate({"m": CountsUp(6, silent=(0,))}, split, ["mrr"])
    [told] = examples(report, "m", CountsUp(6, silent=(0,)), split, catalogue_of(6))["worst"]
    assert (told["asked"], told["answers"]) == ("Song 1 · Artist", [])
