"""Means, intervals, and the two ways to read them."""

import json

import numpy as np
import pytest

from recommender.report import Report, markdown, table


def report(values: list[float], owners: list[int]) -> Report:
    """One model's values of one metric."""
    return Report({"m": {"mrr": np.array(values, dtype=float)}}, np.array(owners))


@pytest.fixture
def two_models():
    """The better one last; each playlist has one query."""
    return Report(
        {
            "poor": {"mrr": np.array([0.25, 0.25]), "ndcg@10": np.array([0.5, 1.0])},
            "good": {"mrr": np.array([1.0, 1.0]), "ndcg@10": np.array([0.0, 0.25])},
        },
        owners=np.array([4, 9]),
        totals={
            "poor": {"coverage@10": 0.5, "fit seconds": 2.0},
            "good": {"coverage@10": 0.0625, "fit seconds": 12.34},
        },
        about={"dataset": "made up"},
    )


def test_the_mean_is_over_queries_not_over_playlists():
    assert report([1, 1, 1, 0], [0, 0, 0, 1]).mean("m", "mrr") == 0.75


def test_equal_values_have_an_interval_without_width():
    assert report([0.25] * 5, [0, 0, 1, 2, 3]).interval("m", "mrr") == (0.25, 0.25)


def test_one_playlist_has_an_interval_without_width():
    assert report([0, 1, 0.5], [3, 3, 3]).interval("m", "mrr") == (0.5, 0.5)


def test_two_unlike_playlists_leave_everything_open():
    assert report([0, 1], [0, 1]).interval("m", "mrr") == (0, 1)  # a quarter of the draws takes either one twice


def test_the_interval_is_that_of_a_bootstrap_in_plain_python():
    owners = [0, 0, 0, 1, 2, 2, 3, 4, 4, 4, 4]
    values = [0.1, 0.9, 0.4, 1.0, 0.0, 0.2, 0.7, 0.3, 0.3, 0.8, 0.6]
    means = []
    for drawn in np.random.default_rng(0).multinomial(5, [1 / 5] * 5, size=1000).tolist():
        sample = [value for owner, value in zip(owners, values, strict=True) for _ in range(drawn[owner])]
        means.append(sum(sample) / len(sample))
    means.sort()
    low = means[24] + 0.975 * (means[25] - means[24])  # 2.5 % of the way from draw 0 to draw 999
    high = means[974] + 0.025 * (means[975] - means[974])
    assert report(values, owners).interval("m", "mrr") == pytest.approx((low, high), abs=1e-12)


def test_the_interval_of_many_single_queries_is_the_normal_one():
    values = [0.0] * 240 + [1.0] * 160
    low, high = report(values, [*range(400)]).interval("m", "mrr")
    assert high - low == pytest.approx(2 * 1.96 * (0.4 * 0.6 / 400) ** 0.5, rel=0.1)


def test_asking_a_playlist_again_does_not_narrow_the_interval():
    once, again = report([0, 1, 0.5], [0, 1, 2]), report([0, 1, 0.5] * 10, [0, 1, 2] * 10)
    assert again.interval("m", "mrr") == pytest.approx(once.interval("m", "mrr"), abs=1e-12)


def test_the_numbers_of_the_playlists_do_not_matter():
    assert report([0, 1, 0.5], [7, 7, 90]).interval("m", "mrr") == report([0, 1, 0.5], [0, 0, 1]).interval("m", "mrr")


def test_the_figures_hold_mean_and_interval_of_every_model(two_models):
    assert {name: model["metrics"]["mrr"] for name, model in two_models.figures()["models"].items()} == {
        "poor": {"mean": 0.25, "low": 0.25, "high": 0.25},
        "good": {"mean": 1.0, "low": 1.0, "high": 1.0},
    }


def test_the_figures_hold_the_totals(two_models):
    assert two_models.figures()["models"]["good"]["totals"] == {"coverage@10": 0.0625, "fit seconds": 12.34}


def test_the_figures_count_queries_and_playlists():
    about = report([0, 1, 1], [5, 5, 8]).figures()["about"]
    assert (about["queries"], about["playlists"]) == (3, 2)


def test_the_figures_hold_the_given_facts(two_models):
    assert two_models.figures()["about"]["dataset"] == "made up"


def test_the_figures_come_back_from_json(two_models):
    assert json.loads(two_models.to_json()) == two_models.figures()


def test_the_table_has_the_best_model_first_and_the_interval_after_the_first_metric(two_models):
    assert two_models.to_markdown() == (
        "| model |   mrr | 95 % interval | ndcg@10 | coverage@10 | fit seconds |\n"
        "|:------|------:|--------------:|--------:|------------:|------------:|\n"
        "| good  | 1.000 |   1.000–1.000 |    .125 |        .062 |          12 |\n"
        "| poor  |  .250 |     .250–.250 |    .750 |        .500 |           2 |\n"
        "\n"
        "- queries: 2\n- playlists: 2\n- interval: 95 %, bootstrap over playlists\n- dataset: made up\n"
    )


def test_a_difference_of_a_model_with_itself_is_nothing(two_models):
    assert two_models.difference("good", "good", "mrr") == (0, 0, 0)


def test_a_difference_that_is_the_same_in_every_query_has_no_width():
    values = {"a": {"mrr": np.array([0.5, 0.75, 1.0])}, "b": {"mrr": np.array([0.25, 0.5, 0.75])}}
    assert Report(values, np.array([0, 1, 2])).difference("a", "b", "mrr") == (0.25, 0.25, 0.25)


def test_equal_models_stay_in_their_order():
    twins = Report({name: {"mrr": np.array([0.5])} for name in ("z", "a")}, np.array([0]))
    assert [line[2] for line in twins.to_markdown().splitlines()[2:4]] == ["z", "a"]


def test_figures_read_from_json_make_the_same_table(two_models):
    assert markdown(json.loads(two_models.to_json())) == two_models.to_markdown()


def test_a_report_of_no_models_says_so():
    assert Report({}, np.zeros(0, np.int64)).to_markdown() == "nothing was evaluated\n"


def test_every_column_is_as_wide_as_its_widest_cell():
    text = table(["model", "mrr"], [["a", ".5"], ["session_knn", "1.000"]])
    assert text.splitlines() == [
        "| model       |   mrr |",
        "|:------------|------:|",
        "| a           |    .5 |",
        "| session_knn | 1.000 |",
    ]


def test_save_makes_the_folder(two_models, tmp_path):
    two_models.save(tmp_path / "new" / "report")
    assert sorted(path.name for path in (tmp_path / "new" / "report").iterdir()) == ["report.json", "report.md"]


def test_save_writes_the_figures(two_models, tmp_path):
    two_models.save(tmp_path)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == two_models.figures()


def test_save_writes_the_table(two_models, tmp_path):
    two_models.save(str(tmp_path))
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == two_models.to_markdown()
