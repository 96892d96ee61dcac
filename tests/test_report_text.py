"""Reports as Markdown: the leaderboard, the whole document, and how a number is written."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.groups import Groups
from recommender.report import Report
from recommender.report_text import chance, document, leaderboard, markdown, share, signed, span, table


def alone(metric: str = "mrr", **facts) -> Report:
    return Report({"m": {metric: np.array([0.5, 0.25])}}, np.array([0, 1]), **facts)


def test_the_table_has_the_best_model_first_and_interval_and_group_after_the_first_metric(two_models):
    assert two_models.to_markdown() == (
        "| model |   mrr | 95 % interval | group | ndcg@10 | coverage@10 | fit seconds |\n"
        "|:------|------:|--------------:|------:|--------:|------------:|------------:|\n"
        "| good  | 1.000 |   1.000–1.000 |     a |    .125 |        .062 |          12 |\n"
        "| poor  |  .250 |     .250–.250 |     a |    .750 |        .500 |         2.0 |\n"
        "\n"
        "- queries: 2\n- playlists: 2\n"
        "- interval: 95 %, bootstrap over playlists, 10,000 draws; "
        "of so few playlists it is too narrow to be relied on\n"
        "- dataset: made up\n"
    )


def test_a_model_alone_has_no_group():
    assert leaderboard(alone().figures()).splitlines()[0] == "| model |  mrr | 95 % interval |"


def test_where_less_is_better_the_model_with_less_is_first():
    values = {"slow": {"clicks@500": np.array([3.0])}, "quick": {"clicks@500": np.array([1.0])}}
    lines = leaderboard(Report(values, np.array([0])).figures()).splitlines()
    assert [line.split()[1] for line in lines[2:]] == ["quick", "slow"]


def test_equal_models_stay_in_their_order():
    twins = Report({name: {"mrr": np.array([0.5])} for name in ("z", "a")}, np.array([0]))
    assert [line[2] for line in leaderboard(twins.figures()).splitlines()[2:]] == ["z", "a"]


def test_a_metric_that_is_not_shown_is_in_no_table(two_models):
    values = {name: {**metrics, "hit_rate@1": np.zeros(2)} for name, metrics in two_models.values.items()}
    assert "hit_rate@1" not in document(Report(values, two_models.owners, shown=["mrr"]).figures())


def test_a_total_that_a_model_has_not_leaves_its_cell_empty():
    values = {name: {"mrr": np.array([0.5])} for name in "ab"}
    lines = leaderboard(Report(values, np.array([0]), {"a": {"fit seconds": 0.123}}).figures()).splitlines()
    assert [line.split("|")[-2].strip() for line in lines[2:]] == ["0.1", ""]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0123, "< .1"), (0.123, "0.1"), (3.456, "3.5"), (10.4, "10"), (1234.5, "1234")]
)
def test_seconds_are_told_to_a_tenth_below_ten_and_whole_above(seconds, text):
    assert leaderboard(alone(totals={"m": {"fit seconds": seconds}}).figures()).split("|")[-2].strip() == text


def test_the_document_starts_with_what_the_terminal_shows(two_models):
    assert document(two_models.figures()).startswith(two_models.to_markdown())


def test_the_document_of_a_model_alone_is_its_table_and_facts():
    assert document(alone().figures()) == alone().to_markdown()


def test_the_document_has_the_reports_beside(two_models):
    figures = Report(two_models.values, two_models.owners, beside={"on repeats": alone()}).figures()
    assert f"\n## on repeats\n\n{alone().to_markdown()}" in document(figures)


def test_the_document_has_the_reports_beside_those_beside():
    inner = alone(about={"asked": "inner"})
    figures = alone(beside={"last": alone(beside={"on repeats": inner})}).figures()
    assert f"\n## last: on repeats\n\n{inner.to_markdown()}" in document(figures)


ROW = {"difference": 0.625, "low": 0.5, "high": 0.75, "p": 0.0004, "p_holm": 0.012}


def test_the_document_has_every_pair_with_its_difference_interval_and_p():
    pairs = {"comparisons": {"mrr": [{"a": "good", "b": "poor"} | ROW]}}
    assert document(alone().figures() | pairs).split("## mrr, pair by pair\n\n")[1] == (
        "| models      | difference | 95 % interval |      p | p (Holm) |\n"
        "|:------------|-----------:|--------------:|-------:|---------:|\n"
        "| good − poor |     +.6250 |     .500–.750 | < .001 |     .012 |\n"
    )


def test_the_document_has_what_every_model_was_and_is():
    changes = {"changes": {"against": "older", "metrics": {"mrr": [{"model": "m", "old": 0.125, "new": 0.75} | ROW]}}}
    assert document(alone().figures() | changes).split("## mrr, changes since older\n\n")[1] == (
        "| model |  old |  new | difference | 95 % interval |      p | p (Holm) |\n"
        "|:------|-----:|-----:|-----------:|--------------:|-------:|---------:|\n"
        "| m     | .125 | .750 |     +.6250 |     .500–.750 | < .001 |     .012 |\n"
    )


def test_the_document_has_the_spread_over_seeds():
    assert document(alone(seeds={"m": [0.1, 0.2, 0.3]}).figures()).split("## mrr over seeds\n\n")[1] == (
        "| model | seeds | mean | standard deviation |\n"
        "|:------|------:|-----:|-------------------:|\n"
        "| m     |     3 | .200 |               .100 |\n"
    )


def test_the_document_has_the_mean_of_every_model_in_every_group():
    groups = {"length": Groups(("short", "long", "none"), np.array([0, 1]))}
    assert document(alone(groups=groups).figures()).split("## mrr by length\n\n")[1] == (
        "|       | queries | playlists |    m |\n"
        "|:------|--------:|----------:|-----:|\n"
        "| short |       1 |         1 | .500 |\n"
        "| long  |       1 |         1 | .250 |\n"
        "| none  |       0 |         0 |    – |\n"
    )


def test_a_report_of_no_models_says_so():
    assert markdown(Report({}, np.zeros(0, np.int64)).figures()) == "nothing was evaluated\n"


def test_every_column_is_as_wide_as_its_widest_cell():
    text = table(["model", "mrr"], [["a", ".5"], ["session_knn", "1.000"]])
    assert text.splitlines() == [
        "| model       |   mrr |",
        "|:------------|------:|",
        "| a           |    .5 |",
        "| session_knn | 1.000 |",
    ]


@given(st.lists(st.text(st.characters(exclude_characters="|\n\r", categories=["L", "N"]), min_size=1), min_size=1))
def test_all_lines_of_a_table_are_of_one_length(cells):
    lines = table(["", *cells], [[cell, *cells] for cell in cells]).split("\n")[:-1]
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, ".000"),
        (0.1925, ".193"),
        (0.9996, "1.000"),
        (1, "1.000"),
        (12.3456, "12.346"),
        (-0.5, "−.500"),
        (-5.64, "−5.640"),
        (-0.0001, ".000"),
    ],
)
def test_a_share_has_three_decimals_and_no_0_before_the_point(value, text):
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "+.2500"),
        (-0.00321, "−.0032"),
        (0, "+.0000"),
        (1.5, "+1.5000"),
        (10.25, "+10.2500"),
        (-20.5, "−20.5000"),
        (-100.0625, "−100.0625"),
    ],
)
def test_a_difference_has_its_sign_four_decimals_and_no_0_before_the_point(value, text):
    assert signed(value) == text


@given(st.floats(-60, 60))
@example(-0.0)
def test_a_difference_can_be_read_back(value):
    assert float(signed(value).replace("−", "-")) == pytest.approx(value, abs=0.00005001)


@given(st.floats(-60, 60))
def test_a_share_can_be_read_back(value):
    assert float(share(value).replace("−", "-")) == pytest.approx(value, abs=0.0005001)


@pytest.mark.parametrize(
    ("low", "high", "text"), [(0.1, 0.25, ".100–.250"), (-0.1, 0.25, "−.100 to .250"), (-2, -1, "−2.000 to −1.000")]
)
def test_an_interval_has_a_word_where_a_minus_would_stand_beside_a_dash(low, high, text):
    assert span(low, high) == text


@pytest.mark.parametrize(("p", "text"), [(0.0001, "< .001"), (0.001, ".001"), (0.0496, ".050"), (1, "1.000")])
def test_a_p_has_three_decimals(p, text):
    assert chance(p) == text
