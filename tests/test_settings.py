"""The study: page and picture tell the kept numbers, which are of today's defaults; and how they are told."""

import json
import sys
from dataclasses import asdict
from itertools import combinations

import pytest
from PIL import Image

from recommender import hold_out, load, make
from recommender.models import MODELS
from tests.front import FAMILIES, Point, digest, front, picture
from tests.settings import (
    CHANGES,
    DATASETS,
    END,
    ONLY_ASKED,
    PAGE,
    PICTURE,
    RESULTS,
    START,
    changes,
    measure,
    merged,
    questions,
    study,
)
from tests.settings_text import METRICS, label, tables
from tests.test_models import learnt

KEPT = json.loads(RESULTS.read_text(encoding="utf-8"))
ROWS = [(name, change) for name, some in CHANGES.items() for change in some]
QUICK = {"markov": 1, "session_knn": 1}  # changes
QUICK_FIT = {"song2vec": {"epochs": 1, "dim": 8}, "bpr": {"epochs": 1}, "als": {"epochs": 1}}


def test_the_tables_of_the_page_are_made_of_the_kept_numbers():
    text = PAGE.read_text(encoding="utf-8")
    assert text.split(START)[1].split(END)[0].strip("\n") == tables(KEPT).strip("\n")


def test_the_picture_is_made_of_the_kept_numbers():
    with Image.open(PICTURE) as image:
        assert image.text["Description"] == digest(KEPT)
        assert image.width == 1800


def test_every_model_is_studied_but_random():
    assert set(CHANGES) == set(MODELS) - {"random"}
    assert {name for _, _, names in FAMILIES.values() for name in names} == set(CHANGES)


@pytest.mark.parametrize(("name", "change"), ROWS, ids=[f"{name}: {label(change)}" for name, change in ROWS])
def test_every_change_can_be_made(name, change):
    assert asdict(make(name, change)) == asdict(make(name)) | change


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_numbers_are_of_todays_models_defaults_and_changes(dataset):
    kept = KEPT[dataset]["models"]
    assert list(kept) == list(CHANGES)
    assert {name: one["defaults"] for name, one in kept.items()} == {name: asdict(make(name)) for name in CHANGES}
    assert {name: [row["change"] for row in one["rows"]] for name, one in kept.items()} == {
        name: [{}, *changes(name)] for name in CHANGES
    }


@pytest.mark.parametrize("name", QUICK)
def test_quick_settings_measure_today_what_is_kept(name, real):
    dataset = load(real / "yes_small")
    found = measure(name, changes(name)[: QUICK[name]], questions(dataset), dataset.n_songs)
    for now, kept in zip(found["rows"], KEPT["yes_small"]["models"][name]["rows"], strict=False):
        assert now["change"] == kept["change"]
        assert [now[metric] for metric in METRICS] == pytest.approx([kept[metric] for metric in METRICS], abs=2e-5)


def test_what_is_learnt_from_and_what_asks_leave_out_the_playlists_that_readme_tests_on(small):
    train, tested = hold_out(small.train, 0.1, 0)
    split = questions(small)
    seen = sorted(map(bytes, [*split.train, *split.held_out]))
    assert seen == sorted(map(bytes, train))
    assert len(seen) == len(small.train) - len(tested)


@pytest.mark.parametrize("name", ONLY_ASKED)
def test_a_model_does_not_learn_with_what_is_only_asked_with(name, small):
    def bytes_after(change):
        return learnt(make(name, QUICK_FIT.get(name, {}) | change).fit(small.train, small.n_songs))

    before = bytes_after({})
    for change in CHANGES[name]:
        if change.keys() <= ONLY_ASKED[name]:
            assert bytes_after(change) == before, change


def test_a_model_whose_library_is_missing_is_passed_over_with_a_word(small, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    [found] = study(small, ["als", "popularity"])
    assert list(found["models"]) == ["popularity"]
    assert "small: als is passed over: als needs the library implicit" in capsys.readouterr().err


def test_what_one_model_gives_is_laid_over_the_rest():
    old = {"yes_big": {"about": {"songs": 1}, "models": {"vstan": {"rows": [1]}, "markov": {"rows": [2]}}}}
    found = {"about": {"songs": 2}, "models": {"markov": {"rows": [3]}}}
    both = merged(old, "yes_small", found)
    assert list(both) == ["yes_small", "yes_big"]
    assert both["yes_small"] == found
    after = merged(old, "yes_big", found)["yes_big"]
    assert after["about"] == {"songs": 2}
    assert list(after["models"].items()) == [("markov", {"rows": [3]}), ("vstan", {"rows": [1]})]


@pytest.fixture
def made_up():
    """Markov and vstan on two datasets, the second without vstan."""

    def row(change, rate, seconds, low, high):
        gaps = {"against defaults": {metric: [0, low, high] for metric in METRICS}} if change else {}
        quality = {"hit_rate@10": rate, "mrr": rate / 2, "hit_rate@100": 2 * rate}
        return {"change": change, "fit seconds": seconds, "queries/s": 1234} | quality | gaps

    rows = [row({}, 0.25, 0.011, 0, 0), row({"shrinkage": 0.0}, 0.125, 12.3, -0.2, -0.1)]
    rows += [row({"shrinkage": 1.0}, 0.375, 1.26, 0.1, 0.2), row({"shrinkage": 20.0}, 0.25, 0.5, -0.1, 0.1)]
    markov = {"defaults": {"shrinkage": 5.0}, "rows": rows}
    vstan = {"defaults": {}, "rows": [row({}, 0.5, 2, 0, 0)]}
    about = {"songs": 3168, "learnt from": 1000, "queries": 6000, "playlists": 200}
    one, other = {"markov": markov, "vstan": vstan}, {"markov": markov}
    return {"yes_small": {"about": about, "models": one}, "yes_big": {"about": about, "models": other}}


def test_a_table_tells_both_metrics_and_what_is_more_than_chance(made_up):
    section = tables(made_up).split("### markov\n")[1].split("###")[0]
    assert section.startswith("\nDefaults: shrinkage 5.0.\n")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.strip().splitlines()[2:]]
    assert rows[0] == ["change", "yes_small: hit_rate@10 / mrr", "yes_big: hit_rate@10 / mrr", "fit seconds"]
    assert rows[2] == ["defaults", ".250 / .125", ".250 / .125", ".011 / .011"]
    assert rows[3] == ["shrinkage 0.0", ".125 ↓ / .062 ↓", ".125 ↓ / .062 ↓", "12 / 12"]
    assert rows[4] == ["shrinkage 1.0", ".375 ↑ / .188 ↑", ".375 ↑ / .188 ↑", "1.3 / 1.3"]
    assert rows[5] == ["shrinkage 20.0", ".250 / .125", ".250 / .125", ".50 / .50"]


def test_a_model_that_one_dataset_lacks_leaves_its_cells_empty(made_up):
    lines = tables(made_up).split("### All models")[1].split("###")[0].splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| vstan")]
    assert cells == [["vstan", ".500", "1.000", ".250", "2.0", "1,200", "", "", "", "", ""]]


def test_a_setting_is_at_the_front_if_none_as_quick_is_better():
    found = [Point(2, 0.2, "b", True), Point(1, 0.1, "a", True), Point(2, 0.3, "c", False), Point(3, 0.3, "d", True)]
    assert [one.model for one in front(found)] == ["a", "c"]


@pytest.mark.parametrize("results", [KEPT, None], ids=["kept", "made up"])
def test_no_label_of_the_picture_lies_on_another_or_leaves_its_panel(results, made_up):
    figure = picture(results or made_up)
    for axes, one in zip(figure.axes, (results or made_up).values(), strict=True):
        boxes = [text.get_window_extent() for text in axes.texts]
        assert sorted(text.get_text() for text in axes.texts) == sorted(one["models"])
        assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
        assert all(axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1 for box in boxes)
