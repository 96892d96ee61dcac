"""Saving a report, and laying a later one over it: what fails loses nothing."""

import numpy as np
import pytest

from recommender.errors import DataError, RecommenderError
from recommender.overlay import Saved
from recommender.report import Report

OWNERS = np.array([0, 0, 1, 2])


def report(*values: float, queries: str = "q") -> Report:
    return Report({"m": {"mrr": np.array(values)}}, OWNERS, details={"queries": queries})


def test_a_full_disk_leaves_the_older_report_whole(tmp_path, monkeypatch):
    report(0, 0, 0, 0).save(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(RecommenderError, match="cannot be written: No space left on device; try another place"):
        report(1, 1, 1, 1).save(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecommenderError, match="file/report: cannot be written"):
        report(0, 0, 0, 1).save(tmp_path / "file" / "report")


def test_a_report_may_be_laid_over_the_one_it_replaces(tmp_path):
    report(0, 0, 0, 1).save(tmp_path)
    report(1, 1, 0, 1).save(tmp_path, against=tmp_path)
    assert '"old": 0.25' in (tmp_path / "report.json").read_text()


def test_a_report_of_other_queries_stands_without_the_comparison(tmp_path):
    report(0, 0, 0, 1, queries="others").save(tmp_path / "old")
    with pytest.raises(RecommenderError, match="old asked other queries"):
        report(1, 1, 0, 1).save(tmp_path / "new", against=tmp_path / "old")
    assert "changes" not in (tmp_path / "new" / "report.json").read_text()


def test_reports_whose_playlists_have_other_numbers_of_queries_are_not_compared(tmp_path):
    Report({"m": {"mrr": np.zeros(3)}}, np.array([0, 1, 2])).save(tmp_path)
    with pytest.raises(RecommenderError, match="asked other queries"):
        Report({"m": {"mrr": np.zeros(4)}}, OWNERS).changes(tmp_path)


def test_a_report_of_other_queries_is_not_written_over_the_older_one(tmp_path):
    report(0, 0, 0, 1, queries="others").save(tmp_path)
    before = (tmp_path / "report.json").read_bytes()
    with pytest.raises(RecommenderError, match="asked other queries"):
        report(1, 1, 0, 1).save(tmp_path, against=tmp_path)
    assert (tmp_path / "report.json").read_bytes() == before


def test_what_is_no_report_stops_before_anything_is_written(tmp_path):
    with pytest.raises(DataError, match="holds no whole report"):
        report(1, 1, 0, 1).save(tmp_path / "new", against=tmp_path)
    assert not (tmp_path / "new").exists()


def test_a_change_is_the_mean_now_less_the_mean_then(tmp_path):
    report(0, 0, 0, 1).save(tmp_path)
    new = {"m": np.array([2.0, 0.0, 1.0])}  # sums of the playlists, of 2, 1 and 1 queries
    [row] = Saved.load(tmp_path).changes("mrr", new)
    assert (row["old"], row["new"], row["difference"]) == (0.25, 0.75, 0.5)


def test_a_model_that_is_new_has_no_change(tmp_path):
    report(0, 0, 0, 1).save(tmp_path)
    assert Saved.load(tmp_path).changes("mrr", {"other": np.zeros(3)}) == []


def test_the_report_of_a_run_is_not_replaced(tmp_path):
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(RecommenderError, match="is a run, which has a report of its own; give another folder"):
        report(1, 1, 0, 1).save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]
