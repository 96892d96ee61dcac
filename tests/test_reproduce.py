"""The tables of README and RESULTS are those of the kept results, and the results are those of the data."""

import json
import re

import pytest

from recommender import compare_models, load
from tests.conftest import REAL, ROOT
from tests.reproduce import DATASETS, END, PAGES, RESULTS, START

KEPT = json.loads(RESULTS.read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
NEAREST = ("vstan", "session_knn", "blend")
QUICK = ("popularity", "markov", "session_knn")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_are_made_of_the_kept_results(page):
    text = page.read_text(encoding="utf-8")
    assert text.split(START)[1].split(END)[0].strip("\n") == PAGES[page](KEPT).strip("\n")


def test_what_readme_says_of_near_duplicates_is_in_the_results():
    [text] = re.findall(r"alike above \.8 to one in training(.*?)\n\n", README, re.DOTALL)
    told = {float(number) for number in re.findall(r"\.\d\d+", text)}
    overlap = {name: KEPT[name]["as published"]["groups"]["overlap with a training playlist"] for name in DATASETS}
    assert {group["labels"][0] for group in overlap.values()} == {"Jaccard up to .5"}
    apart = {round(overlap[name]["models"][model][0]["mean"], 3) for name in DATASETS for model in NEAREST}
    near = {round(overlap["yes_small"]["models"][model][2]["mean"], 2) for model in ("vstan", "session_knn")}
    assert told == apart | near


def test_the_results_are_of_all_protocols_and_variants():
    for name in DATASETS:
        assert {"as published", "merged ids", "no near-duplicates"} <= KEPT[name].keys()
        assert {"last", "continuation", "likelihood", "repeats alone"} <= KEPT[name]["as published"]["beside"].keys()


def test_the_results_hold_no_songs():
    assert "examples" not in RESULTS.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DATASETS)
def test_quick_models_measure_today_what_the_results_say(name):
    if not (REAL / name).is_dir():
        pytest.skip(f"no {name} in {REAL}")
    report = compare_models(load(REAL / name), QUICK, protocol=["next", "last"], held_out=0.1)
    kept = KEPT[name]["as published"]
    for model in QUICK:
        for metric in report.metrics:
            told = kept["models"][model]["metrics"][metric]
            assert report.mean(model, metric) == pytest.approx(told["mean"], rel=1e-4)
            assert report.interval(model, metric) == pytest.approx((told["low"], told["high"]), rel=1e-3)
        last = kept["beside"]["last"]["models"][model]["metrics"]["hit_rate@10"]["mean"]
        assert report.beside["last"].mean(model, "hit_rate@10") == pytest.approx(last, rel=1e-4)
