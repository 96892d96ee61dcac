"""The layout of all songs in two dimensions, its groups and their names, and how a run keeps it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import DataError, Layout, Run, lay_out
from recommender.catalogue import Catalogue
from recommender.layout import NO_GROUP, group_names, kept, nearest
from recommender.training import train, with_map

STARS = 6


@pytest.fixture(scope="module")
def clustered():
    """(240, 16): unit vectors around six directions, song i around direction i % 6; the last one is unknown."""
    random = np.random.default_rng(0)
    rows = np.eye(STARS, 16)[np.arange(240) % STARS] + 0.1 * random.normal(size=(240, 16))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[-1] = np.nan
    return rows.astype(np.float32)


@pytest.fixture(scope="module")
def layout(clustered):
    return lay_out(clustered, tagged([()] * 240), seed=1)


def tagged(tags, artists=None, plays=None):
    n = len(tags)
    plays = np.ones(n, np.int64) if plays is None else np.array(plays)
    return Catalogue(np.arange(n), [f"Song {i}" for i in range(n)], artists or ["-"] * n, tags, plays)


@given(st.integers(2, 200), st.integers(1, 12), st.integers(0, 9))
def test_the_nearest_are_those_of_a_full_sort(n, k, seed):
    rows = np.random.default_rng(seed).normal(size=(n, 5)).astype(np.float32)
    products = rows @ rows.T
    np.fill_diagonal(products, -np.inf)
    k = min(k, n - 1)
    found = np.take_along_axis(products, nearest(rows, k), axis=1)
    np.testing.assert_allclose(found, -np.sort(-products, axis=1)[:, :k], rtol=1e-4, atol=1e-5)


def test_the_same_seed_gives_the_same_bytes(clustered, layout):
    again = lay_out(clustered, tagged([()] * 240), seed=1)
    assert again.places.tobytes() == layout.places.tobytes()
    assert again.groups.tobytes() == layout.groups.tobytes()


def test_songs_of_one_direction_are_nearer_one_another_than_to_others(layout):
    places = layout.places[:-1].astype(float)
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(apart, np.inf)
    assert np.mean(apart.argmin(axis=1) % STARS == np.arange(239) % STARS) == 1


def test_most_near_neighbours_are_kept(clustered, layout):
    assert kept(clustered, layout) > 0.9


def test_a_song_alone_loses_no_neighbour():
    assert kept(np.ones((1, 2), np.float32), lay_out(np.ones((1, 2), np.float32), tagged([()]))) == 1


def test_a_song_without_a_vector_has_no_place_and_no_group(layout):
    assert np.flatnonzero(~layout.placed).tolist() == [239]
    assert np.isnan(layout.places[239]).all()
    assert layout.groups[239] == NO_GROUP


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_a_handful_of_songs_has_places_too(n):
    found = lay_out(np.eye(n, 4, dtype=np.float32), tagged([()] * n))
    assert found.placed.all()
    assert len(found.names) == min(n, 1)


def test_songs_on_one_spot_are_one_group():
    assert len(lay_out(np.ones((40, 3), np.float32), tagged([()] * 40)).names) == 1


def test_a_group_is_named_by_the_tag_that_marks_it():
    """Group 0: all six have rock, 5 of them metal; group 1: all rock. share * log(share / all): metal
    5/6 * log(5/6 / (5/12)) = .58, rock log(1 / 1) = 0."""
    tags = [("rock", "metal")] * 5 + [("rock",)] * 7
    names = group_names(np.repeat([0, 1], 6), tagged(tags, ["A"] * 6 + ["B"] * 3 + ["C"] * 3, [1] * 9 + [2] * 3))
    assert names == ("metal", "C")


def test_a_tag_of_fewer_than_five_songs_names_no_group():
    tags = [("metal",)] * 4 + [()] * 8
    assert group_names(np.repeat([0, 1], 6), tagged(tags, ["A"] * 6 + ["B"] * 6)) == ("A", "B")


def test_of_groups_that_one_tag_marks_the_later_have_the_next_tag_or_an_artist():
    """Jazz does log(105 / 65) = .48 in each of three groups, swing 6/20 * log(6/20 / (6/105)) = .50 in the second."""
    tags = [("jazz",)] * 25 + [("jazz", "swing")] * 6 + [("jazz",)] * 34 + [()] * 40
    names = group_names(np.repeat([0, 1, 2, 3], [25, 20, 20, 40]), tagged(tags, ["A"] * 65 + ["B"] * 40))
    assert names == ("jazz", "swing", "jazz: A", "B")


def test_a_group_of_nothing_known_has_its_number():
    assert group_names(np.array([0, 1, NO_GROUP]), tagged([()] * 3)) == ("1", "2")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"places": np.zeros((2, 2), np.float32)}, "240 groups and places of shape"),
        ({"names": ("one",)}, "groups from -1 to . of 1 names"),
        ({"groups": np.zeros(240, np.int16)}, "a group and no place"),
    ],
)
def test_parts_of_a_layout_must_agree(layout, changed, fault):
    with pytest.raises(ValueError, match=fault):
        replace(layout, **changed)


@pytest.fixture(scope="module")
def mapped(small):
    return with_map(train(small, "markov"), seed=2)


def test_the_card_says_what_made_the_map_and_how_true_it_is(mapped):
    card = mapped.card["map"]
    assert card["by"] == "t-SNE of the vectors of spectral with 64 dimensions"
    assert card["songs"] == mapped.layout.placed.sum() == 120
    assert card["groups"] == len(mapped.layout.names)
    assert card["seconds"] > 0
    assert 0.5 < card["nearest_10_among_50"] <= 1


def test_a_model_with_vectors_is_mapped_by_them(small):
    run = with_map(train(small, "spectral", {"dim": 8}))
    assert run.card["map"]["by"] == "t-SNE of the vectors of spectral"
    assert run.layout.places.tobytes() == lay_out(run.model.vectors_, run.catalogue).places.tobytes()


def test_where_there_are_too_many_songs_those_played_most_have_places(clustered, monkeypatch):
    monkeypatch.setattr("recommender.layout.MOST_PLACED", 50)
    plays = np.arange(240) % 6  # of each number of plays 40 songs; the last song, played five times, is unknown
    placed = lay_out(clustered, tagged([()] * 240, plays=plays)).placed
    assert np.flatnonzero(placed).tolist() == sorted([*range(5, 239, 6), *range(4, 65, 6)])


def test_train_says_how_many_songs_are_not_on_the_map(command, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("recommender.layout.MOST_PLACED", 100)
    code, out, _ = command("train", folder, tmp_path / "run", "--model", "markov")
    assert code == 0
    assert "the map has the 100 songs played most, 20 others have no place on it\n" in out
    assert Run.load(tmp_path / "run").card["map"]["left_out"] == 20


def test_a_run_keeps_its_map(mapped, tmp_path):
    mapped.save(tmp_path / "run")
    again = Run.load(tmp_path / "run").layout
    assert again.places.tobytes() == mapped.layout.places.tobytes()
    assert again.groups.tolist() == mapped.layout.groups.tolist()
    assert again.names == mapped.layout.names


def test_a_run_without_a_map_opens(run_folder):
    assert Run.load(run_folder).layout is None


@pytest.mark.parametrize("file", ["map.txt", "map.places.npy", "map.groups.npy"])
def test_a_map_that_misses_a_file_is_damaged(mapped, tmp_path, file):
    mapped.save(tmp_path / "run")
    (tmp_path / "run" / file).unlink()
    with pytest.raises(DataError, match="damaged"):
        Run.load(tmp_path / "run")


def test_a_map_of_other_songs_is_damaged(mapped, tmp_path):
    places, groups = mapped.layout.places[:9], mapped.layout.groups[:9]
    replace(mapped, layout=Layout(places, groups, mapped.layout.names)).save(tmp_path / "run")
    with pytest.raises(DataError, match="damaged: the map is of 9 songs, the run has 120"):
        Run.load(tmp_path / "run")


def test_train_makes_a_map_unless_told_not_to(command, folder, tmp_path):
    assert command("train", folder, tmp_path / "with", "--model", "markov")[0] == 0
    assert command("train", folder, tmp_path / "without", "--model", "markov", "--no-map")[0] == 0
    assert Run.load(tmp_path / "with").layout.placed.all()
    assert not [*(tmp_path / "without").glob("map.*")]
