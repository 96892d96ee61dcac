"""Means, intervals, comparisons, groups, what is saved, and one report laid over another."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import DataError, RecommenderError
from recommender.groups import Groups
from recommender.report import Report
from recommender.report_text import document, markdown


def report(values: list[float], owners: list[int]) -> Report:
    """One model's values of one metric."""
    return Report({"m": {"mrr": np.array(values, dtype=float)}}, np.array(owners))


def of_models(metric: str = "mrr", **values: list[float]) -> Report:
    """A report of one metric where each playlist has one query."""
    columns = {name: {metric: np.array(column, dtype=float)} for name, column in values.items()}
    return Report(columns, np.arange(len(next(iter(values.values())))))


def test_the_mean_is_over_queries_not_over_playlists():
    assert report([1, 1, 1, 0], [0, 0, 0, 1]).mean("m", "mrr") == 0.75


def test_by_playlist_has_the_mean_and_the_number_of_the_queries_of_each():
    names, means, counts = report([1, 0, 0, 0.5], [7, 7, 7, 3]).by_playlist("m", "mrr")
    assert (names.tolist(), means.tolist(), counts.tolist()) == ([3, 7], [0.5, 1 / 3], [1, 3])


def test_equal_values_have_an_interval_without_width():
    assert report([0.25] * 5, [0, 0, 1, 2, 3]).interval("m", "mrr") == (0.25, 0.25)


def test_one_playlist_has_an_interval_without_width():
    assert report([0, 1, 0.5], [3, 3, 3]).interval("m", "mrr") == (0.5, 0.5)


def test_two_unlike_playlists_leave_everything_open():
    assert report([0, 1], [0, 1]).interval("m", "mrr") == (0, 1)  # a quarter of the draws takes either one twice


OWNERS = [0, 0, 0, 1, 2, 2, 3, 4, 4, 4, 4]
VALUES = [0.1, 0.9, 0.4, 1.0, 0.0, 0.2, 0.7, 0.3, 0.3, 0.8, 0.6]


def ends_of_a_bootstrap(values: list[float], owners: list[int]) -> tuple[float, float]:
    """The 95 % interval of 10,000 draws of whole playlists, in plain Python."""
    rng, n, means = np.random.default_rng(0), len(set(owners)), []
    for _ in range(10_000):
        drawn = rng.integers(n, size=n).tolist()
        sample = [value for playlist in drawn for owner, value in zip(owners, values, strict=True) if owner == playlist]
        means.append(sum(sample) / len(sample))
    means.sort()
    low = means[249] + 0.975 * (means[250] - means[249])  # 2.5 % of the way from draw 0 to draw 9,999
    high = means[9749] + 0.025 * (means[9750] - means[9749])
    return low, high


def test_the_interval_is_that_of_a_bootstrap_in_plain_python():
    expected = ends_of_a_bootstrap(VALUES, OWNERS)
    assert report(VALUES, OWNERS).interval("m", "mrr") == pytest.approx(expected, abs=1e-12)


def test_the_interval_of_many_single_queries_is_the_normal_one():
    values = [0.0] * 240 + [1.0] * 160
    low, high = report(values, [*range(400)]).interval("m", "mrr")
    assert high - low == pytest.approx(2 * 1.96 * (0.4 * 0.6 / 400) ** 0.5, rel=0.1)


def test_asking_a_playlist_again_does_not_narrow_the_interval():
    once, again = report([0, 1, 0.5], [0, 1, 2]), report([0, 1, 0.5] * 10, [0, 1, 2] * 10)
    assert again.interval("m", "mrr") == pytest.approx(once.interval("m", "mrr"), abs=1e-12)


def test_the_numbers_of_the_playlists_do_not_matter():
    assert report([0, 1, 0.5], [7, 7, 90]).interval("m", "mrr") == report([0, 1, 0.5], [0, 0, 1]).interval("m", "mrr")


def test_a_difference_of_a_model_with_itself_is_nothing(two_models):
    assert two_models.difference("good", "good", "mrr") == (0, 0, 0)


def test_a_difference_that_is_the_same_in_every_query_has_no_width():
    of_both = of_models(a=[0.5, 0.75, 1.0], b=[0.25, 0.5, 0.75])
    assert of_both.difference("a", "b", "mrr") == pytest.approx((0.25, 0.25, 0.25), abs=1e-12)


def test_the_interval_of_a_difference_is_that_of_the_differences():
    values = {"a": {"mrr": np.array(VALUES)}, "b": {"mrr": np.array(VALUES[::-1])}}
    gaps = [a - b for a, b in zip(VALUES, VALUES[::-1], strict=True)]
    _, low, high = Report(values, np.array(OWNERS)).difference("a", "b", "mrr")
    assert (low, high) == pytest.approx(ends_of_a_bootstrap(gaps, OWNERS), abs=1e-12)


def test_every_pair_is_compared_the_better_one_first():
    rows = of_models(a=[0.0, 0.5], b=[1.0, 1.0], c=[0.5, 0.5]).comparisons("mrr")
    assert [(row["a"], row["b"], row["difference"]) for row in rows] == [
        ("b", "c", 0.5),
        ("b", "a", 0.75),
        ("c", "a", 0.25),
    ]


def test_where_less_is_better_the_model_with_less_is_first():
    [row] = of_models("clicks@500", slow=[3, 5], quick=[1, 1]).comparisons("clicks@500")
    assert (row["a"], row["b"], row["difference"]) == ("quick", "slow", -3)


def test_p_is_the_share_of_ways_to_swap_playlists_that_tell_the_models_as_far_apart():
    [row] = of_models(a=[1.0] * 6, b=[0.0] * 6).comparisons("mrr")
    assert row["p"] == pytest.approx(2 / 2**6, abs=0.006)  # of all 64 ways, all swapped and none; 4 s. d.


def test_p_of_models_that_are_always_alike_is_1():
    [row] = of_models(a=[0.25, 0.5], b=[0.25, 0.5]).comparisons("mrr")
    assert (row["p"], row["p_holm"]) == (1, 1)


def test_queries_of_one_playlist_are_swapped_together():
    columns = {"a": {"mrr": np.ones(100)}, "b": {"mrr": np.zeros(100)}}
    [row] = Report(columns, np.zeros(100, np.int64)).comparisons("mrr")
    assert row["p"] == 1  # one playlist, swapped or not, is as far apart


def test_p_is_corrected_for_as_many_pairs_as_there_are():
    rows = of_models(a=[1.0] * 20, b=[0.5] * 10 + [0.6] * 10, c=[0.6] * 10 + [0.5] * 10).comparisons("mrr")
    by_p = sorted(rows, key=lambda row: row["p"])
    assert by_p[0]["p_holm"] == pytest.approx(3 * by_p[0]["p"])


def test_a_model_alone_is_compared_with_none():
    assert report([0, 1], [0, 1]).comparisons("mrr") == []


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_models_share_a_letter_exactly_where_p_does_not_tell_them_apart(seed):
    rng = np.random.default_rng(seed)
    columns = {f"m{i}": (rng.random(15) + rng.random() / 2).tolist() for i in range(5)}
    figures = of_models(**columns).figures()
    letters = figures["letters"]["mrr"]
    for row in figures["comparisons"]["mrr"]:
        assert bool({*letters[row["a"]]} & {*letters[row["b"]]}) == (row["p_holm"] >= 0.05)


def test_the_best_model_has_the_first_letter():
    letters = of_models(b=[0.0] * 12, a=[1.0] * 12).figures()["letters"]["mrr"]
    assert letters == {"a": "a", "b": "b"}


def test_a_model_alone_has_no_letter():
    assert "letters" not in report([0, 1], [0, 1]).figures()


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


@pytest.mark.parametrize(("n", "warned"), [(29, True), (30, False)])
def test_the_facts_warn_of_an_interval_over_few_playlists(n, warned):
    about = report([0.5] * n, [*range(n)]).figures()["about"]
    assert ("too narrow to be relied on" in about["interval"]) == warned


def test_the_figures_hold_the_given_facts(two_models):
    assert two_models.figures()["about"]["dataset"] == "made up"


def test_the_figures_say_which_metrics_are_shown(two_models):
    assert two_models.figures()["shown"] == ["mrr", "ndcg@10"]


def test_a_metric_that_is_not_shown_is_in_the_figures(two_models):
    figures = replace(two_models, shown=["ndcg@10"]).figures()
    assert (figures["shown"], [*figures["models"]["good"]["metrics"]]) == (["ndcg@10"], ["mrr", "ndcg@10"])


def test_only_metrics_that_are_shown_are_compared(two_models):
    assert [*replace(two_models, shown=["ndcg@10"]).figures()["comparisons"]] == ["ndcg@10"]


def test_the_figures_say_where_less_is_better():
    values = {"m": {"mrr": np.array([0.5]), "clicks@500": np.array([3.0])}}
    assert Report(values, np.array([0])).figures()["lower"] == ["clicks@500"]


def test_what_there_is_nothing_of_is_left_out():
    assert [*report([0, 1], [0, 1]).figures()] == ["about", "shown", "models"]


def test_the_figures_come_back_from_json(two_models):
    assert json.loads(two_models.to_json()) == two_models.figures()


def test_the_spread_over_seeds_is_the_standard_deviation_of_a_sample(two_models):
    figures = replace(two_models, seeds={"good": [0.1, 0.2, 0.3]}).figures()
    assert figures["seeds"]["good"] == pytest.approx({"n": 3, "mean": 0.2, "sd": 0.1})


def test_reports_beside_are_whole_figures_of_their_own(two_models):
    other = report([0, 1], [0, 1])
    assert replace(two_models, beside={"on repeats": other}).figures()["beside"] == {"on repeats": other.figures()}


GROUPS = Groups(("short", "long", "none"), np.array([0, 1, 1, 0]))


@pytest.fixture
def grouped():
    """Four queries of three playlists, two of each group."""
    values = {"a": {"mrr": np.array([0.0, 0.5, 1.0, 0.25])}, "b": {"mrr": np.array([1.0, 1.0, 1.0, 1.0])}}
    return Report(values, np.array([0, 0, 1, 2]), groups={"by length": GROUPS})


def test_a_group_has_the_mean_over_its_queries(grouped):
    cells = grouped.figures()["groups"]["by length"]["models"]["a"]
    assert [cells[0]["mean"], cells[1]["mean"]] == [0.125, 0.75]


def test_a_group_has_an_interval_over_its_playlists(grouped):
    cells = grouped.figures()["groups"]["by length"]["models"]["a"]
    assert (cells[1]["low"], cells[1]["high"]) == (0.5, 1)  # of playlists 0 and 1; either may be drawn alone


def test_a_group_without_a_query_has_no_mean(grouped):
    group = grouped.figures()["groups"]["by length"]
    assert (group["n"], group["models"]["a"][2]) == ([2, 2, 0], None)


def test_groups_are_of_the_main_metric(grouped):
    values = {name: {"ndcg@10": np.zeros(4), **metrics} for name, metrics in grouped.values.items()}
    group = replace(grouped, values=values, shown=["mrr"]).figures()["groups"]["by length"]
    assert (group["metric"], group["models"]["b"][0]["mean"]) == ("mrr", 1)


def test_a_query_below_0_is_of_no_group(grouped):
    some = replace(grouped, groups={"some": Groups(("x",), np.array([0, -1, -1, 0]))}).figures()["groups"]["some"]
    assert (some["n"], some["models"]["a"][0]["mean"]) == ([2], 0.125)


def test_a_report_of_no_models_says_so():
    assert Report({}, np.zeros(0, np.int64)).to_markdown() == "nothing was evaluated\n"


def test_figures_read_from_json_make_the_same_table(two_models):
    assert markdown(json.loads(two_models.to_json())) == two_models.to_markdown()


def test_save_makes_the_folder(two_models, tmp_path):
    two_models.save(tmp_path / "new" / "report")
    files = sorted(path.name for path in (tmp_path / "new" / "report").iterdir())
    assert files == ["playlists.npz", "report.html", "report.json", "report.md"]


def test_save_writes_the_figures(two_models, tmp_path):
    two_models.save(tmp_path)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == two_models.figures()


def test_save_writes_the_whole_document(two_models, tmp_path):
    two_models.save(str(tmp_path))
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == document(two_models.figures())


def test_save_writes_a_page(two_models, tmp_path):
    two_models.save(tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_command_stands_before_how_else_it_was_made(two_models, tmp_path):
    replace(two_models, details={"made": {"commit": "abc"}}).save(tmp_path, command="recommender evaluate toy")
    made = json.loads((tmp_path / "report.json").read_text())["details"]["made"]
    assert [*made.items()] == [("command", "recommender evaluate toy"), ("commit", "abc")]


def test_without_a_command_none_is_told(two_models, tmp_path):
    two_models.save(tmp_path)
    assert "details" not in json.loads((tmp_path / "report.json").read_text())


@pytest.fixture
def old(two_models, tmp_path):
    """The folder of `two_models`, saved."""
    two_models.save(tmp_path / "old")
    return tmp_path / "old"


def test_a_report_laid_over_itself_has_not_changed(two_models, old):
    rows = [row for rows in two_models.changes(old)["metrics"].values() for row in rows]
    nothing = {"difference": 0, "low": 0, "high": 0, "p": 1, "p_holm": 1}
    assert [{key: row[key] for key in nothing} for row in rows] == [nothing] * 4


@pytest.fixture
def better():
    """A report whose models are better by a half everywhere, or not at all."""
    old = of_models(a=[0.0, 0.25, 0.5], b=[0.25, 0.25, 0.0])
    return old, of_models(a=[0.5, 0.75, 1.0], b=[0.25, 0.25, 0.0])


def test_a_change_is_what_is_new_less_what_was_old(better, tmp_path):
    before, after = better
    before.save(tmp_path)
    row, _ = after.changes(tmp_path)["metrics"]["mrr"]
    assert (row["model"], row["old"], row["new"], row["difference"]) == ("a", 0.25, 0.75, 0.5)


def test_a_change_that_is_the_same_everywhere_has_no_width(better, tmp_path):
    before, after = better
    before.save(tmp_path)
    row, _ = after.changes(tmp_path)["metrics"]["mrr"]
    assert (row["low"], row["high"]) == pytest.approx((0.5, 0.5), abs=1e-12)


def test_the_interval_of_a_change_is_that_of_the_differences(tmp_path):
    report(VALUES[::-1], OWNERS).save(tmp_path)
    [row] = report(VALUES, OWNERS).changes(tmp_path)["metrics"]["mrr"]
    gaps = [new - was for new, was in zip(VALUES, VALUES[::-1], strict=True)]
    assert (row["low"], row["high"]) == pytest.approx(ends_of_a_bootstrap(gaps, OWNERS), abs=1e-12)


def test_changes_are_of_models_that_both_reports_have(tmp_path):
    of_models(a=[0.0], b=[0.5]).save(tmp_path)
    rows = of_models(b=[0.5], c=[1.0]).changes(tmp_path)["metrics"]["mrr"]
    assert [row["model"] for row in rows] == ["b"]


def test_changes_are_of_metrics_that_both_reports_show(two_models, tmp_path):
    replace(two_models, shown=["ndcg@10"]).save(tmp_path / "one")
    two_models.save(tmp_path / "both")
    assert [*replace(two_models, shown=["ndcg@10"]).changes(tmp_path / "both")["metrics"]] == ["ndcg@10"]
    assert [*two_models.changes(tmp_path / "one")["metrics"]] == ["ndcg@10"]


def test_reports_without_a_model_in_common_have_no_changes(two_models, tmp_path):
    Report({"other": two_models.values["good"]}, two_models.owners).save(tmp_path)
    assert two_models.changes(tmp_path)["metrics"] == {"mrr": [], "ndcg@10": []}


def test_changes_say_what_they_are_against(two_models, old):
    assert two_models.changes(old)["against"] == str(old)


def test_save_writes_what_changed(two_models, old, tmp_path):
    two_models.save(tmp_path / "new", against=old)
    figures = json.loads((tmp_path / "new" / "report.json").read_text())
    assert figures["changes"] == two_models.changes(old)


def test_a_report_may_be_saved_over_the_one_it_is_laid_over(two_models, old):
    two_models.save(old, against=old)
    assert two_models.changes(old)["metrics"]["mrr"][0]["difference"] == 0


def test_a_report_of_other_queries_is_refused(two_models, old):
    other = replace(two_models, details={"queries": "another digest"})
    with pytest.raises(RecommenderError, match=r"old asked other queries, so the two cannot be compared"):
        other.changes(old)


def test_a_report_that_older_queries_are_refused_for_is_written_without_them(two_models, old, tmp_path):
    other = replace(two_models, details={"queries": "another digest"})
    with pytest.raises(RecommenderError, match="asked other queries"):
        other.save(tmp_path / "new", against=old)
    assert json.loads((tmp_path / "new" / "report.json").read_text()) == other.figures()


def test_a_place_that_cannot_be_written_is_an_error(two_models, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecommenderError, match=r"file/report: cannot be written: .+; try another place"):
        two_models.save(tmp_path / "file" / "report")


def cut(path: Path, share: float = 0.5) -> None:
    path.write_bytes(path.read_bytes()[: int(len(path.read_bytes()) * share)])


def turn(path: Path, place: int, bits: int) -> None:
    """Turn bits after the first name of the numbers, where they stand, or before the last, where they are listed."""
    content = bytearray(path.read_bytes())
    name = content.index(b"sums.npy") if place > 0 else content.rindex(b"sums.npy")
    content[name + place] ^= bits
    path.write_bytes(content)


def another(folder: Path, file: str) -> bytes:
    """A file of the report of one model."""
    report([0.25, 0.5], [4, 9]).save(folder / "another")
    return (folder / "another" / file).read_bytes()


DAMAGE = {
    "no folder": shutil.rmtree,
    "no figures": lambda old: (old / "report.json").unlink(),
    "half of the figures": lambda old: cut(old / "report.json"),
    "figures that are a list": lambda old: (old / "report.json").write_text("[1]"),
    "figures without models": lambda old: (old / "report.json").write_text("{}"),
    "figures of no models": lambda old: (old / "report.json").write_text('{"models": {}}'),
    "figures of other models": lambda old: (old / "report.json").write_bytes(another(old, "report.json")),
    "no sums": lambda old: (old / "playlists.npz").unlink(),
    "half of the sums": lambda old: cut(old / "playlists.npz"),
    "most of the sums": lambda old: cut(old / "playlists.npz", 0.9),
    "sums that do not unpack": lambda old: turn(old / "playlists.npz", 28, 0xFF),
    "sums that unpack to others": lambda old: turn(old / "playlists.npz", 30, 4),
    "sums packed in an unknown way": lambda old: turn(old / "playlists.npz", -36, 64),
    "sums of no bytes": lambda old: (old / "playlists.npz").write_bytes(b""),
    "sums that are text": lambda old: (old / "playlists.npz").write_text("sums"),
    "sums by another name": lambda old: np.savez_compressed(old / "playlists.npz", totals=np.zeros(2)),
    "sums of other models": lambda old: (old / "playlists.npz").write_bytes(another(old, "playlists.npz")),
    "sums of other playlists": lambda old: np.savez_compressed(old / "playlists.npz", sums=np.zeros((2, 2, 3))),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_an_older_report_that_is_not_whole_is_refused(two_models, old, damage):
    damage(old)
    with pytest.raises(
        DataError,
        match=r"old holds no whole report \(.+\); give a folder that this version's `recommender evaluate --report",
    ):
        two_models.changes(old)


def test_nothing_is_written_where_the_older_report_is_refused(two_models, tmp_path):
    with pytest.raises(DataError, match="holds no whole report"):
        two_models.save(tmp_path / "new", against=tmp_path / "nowhere")
    assert not (tmp_path / "new").exists()
