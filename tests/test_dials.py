"""The dials' page: page and picture tell the kept numbers, which are of today's dials; and how they are measured."""

import json
from dataclasses import fields
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from recommender import Shape, load
from tests.dials import (
    DATASETS,
    DIALS,
    END,
    HEARD_BY,
    MODELS,
    PAGE,
    PICTURE,
    RESULTS,
    SCALED,
    SEEDS,
    START,
    dials,
    gain,
    heard,
    long_tail,
    questions,
    scales,
)
from tests.dials_text import digest, picture, tables

KEPT = json.loads(RESULTS.read_text(encoding="utf-8"))
FILTERS = {"only_tags", "without_tags", "only_artists", "without_artists", "only", "without"}


def test_the_tables_of_the_page_are_made_of_the_kept_numbers():
    text = PAGE.read_text(encoding="utf-8")
    assert text.split(START)[1].split(END)[0].strip("\n") == tables(KEPT).strip("\n")


def test_the_picture_is_made_of_the_kept_numbers():
    with Image.open(PICTURE) as image:
        assert image.text["Description"] == digest(KEPT)


def test_every_dial_is_measured_from_its_default():
    defaults = {field.name: getattr(Shape(), field.name) for field in fields(Shape)}
    assert set(DIALS) == set(defaults) - FILTERS
    assert {dial: values[0] for dial, values in DIALS.items()} == {dial: defaults[dial] for dial in DIALS}


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_numbers_are_of_todays_dials_and_models(dataset):
    kept = KEPT[dataset]
    rows = [(row["model"], row["dial"], row["value"]) for row in kept["dials"]]
    assert rows == [(name, dial, value) for name in MODELS for dial, values in DIALS.items() for value in values]
    assert [(row["model"], row["seeds"]) for row in kept["heard"]] == [(n, seeds) for n in HEARD_BY for seeds in SEEDS]
    assert [row["model"] for row in kept["scales"]] == list(SCALED)


def test_a_dial_measures_today_what_is_kept(real):
    dataset = load(real / "yes_small")
    kept = [row for row in KEPT["yes_small"]["dials"] if row["model"] == "spectral"]
    some = len(DIALS["popularity"])
    for now, then in zip(islice(dials(dataset, questions(dataset), ["spectral"]), some), kept[:some], strict=True):
        numbers = [name for name, value in now.items() if isinstance(value, float)]  # kept from less exact vectors
        assert [now[name] for name in numbers] == pytest.approx(
            [then[name] for name in numbers], abs=1e-2
        )  # spectral has become more exact


def test_all_parts_can_be_measured(small):
    split = questions(small)
    rows = list(dials(small, split, ["markov"]))
    assert len(rows) == sum(map(len, DIALS.values()))
    assert all(row["artists"] <= 10 for row in rows)
    assert next(row for row in rows if (row["dial"], row["value"]) == ("max_per_artist", 1))["artists"] == 10
    [(alone, *_)] = [list(heard(small, ["markov"]))]
    assert alone["against own"]["mean"] == [0, 0, 0]  # one seed alone is all seeds
    assert set(next(iter(scales(small, split, ["markov"])))["rows"]) >= {"off", "places -0.5"}


def test_the_long_tail_has_a_fifth_of_the_plays_at_most():
    assert long_tail(np.array([8, 1, 1, 2, 8])).tolist() == [False, True, True, True, False]


def test_the_gain_of_a_perfect_list_is_one():
    assert gain(np.array([True, True, False]), 2) == pytest.approx(1)
    assert gain(np.array([False, True, False]), 1) == pytest.approx(1 / np.log2(3))


def test_the_picture_has_a_panel_a_dataset_and_dial():
    assert len(picture(KEPT).axes) == 3 * len(KEPT)
