"""The figures of a dataset small enough to count by hand."""

import json

import numpy as np
import pytest

from recommender.catalogue import Catalogue
from recommender.datasets import Dataset, load
from recommender.playlists import Playlists
from recommender.stats import describe, first_rows, playlists_facts
from recommender.traits import unknown_songs

CATALOGUE = Catalogue(
    ids=np.arange(5),
    titles=["Hello", "Hello", "Hello", "-", "Hurt"],
    artists=["Adele", "Adele", "Lionel Richie", "Adele", "-"],
    tags=[("pop",), (), ("soul", "pop"), (), ()],
    plays=np.array([4, 2, 1, 0, 0]),
)
TRAIN = Playlists.of([[0, 1, 0], [0, 1, 0], [2], []])


def dataset(test: Playlists | None) -> Dataset:
    return Dataset("tiny", CATALOGUE, TRAIN, test, "made up")


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("name", "tiny"),
        ("songs", 5),
        ("songs with unknown title or artist", 2),
        ("songs that repeat another's title and artist", 1),
        ("songs without tags", 3),
    ],
)
def test_songs_are_counted(fact, value):
    assert describe(dataset(None))[fact] == value


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("playlists", 4),
        ("playlists with two songs or more", 2),
        ("playlists that repeat another", 1),
        ("plays", 7),
        ("transitions", 4),
        ("median length", 2),
        ("longest", 3),
        ("plays of a song already in the playlist", 2),
        ("songs never played", 2),
        ("songs played once", 1),
        ("share of plays of the top tenth of songs", 4 / 7),
        ("popularity Gini", (1 * 0 + 2 * 2 + 4 * 4) / (5 * 7)),  # counts 0 0 1 2 4, weights -4 -2 0 2 4
    ],
)
def test_playlists_are_counted(fact, value):
    assert describe(dataset(None))["train"][fact] == pytest.approx(value, abs=1e-12)


def test_two_unknown_songs_do_not_repeat_one_another():
    unknown = Catalogue(np.arange(2), ["-"] * 2, ["-"] * 2, [()] * 2, np.zeros(2, np.int64))
    facts = describe(Dataset("unknown", unknown, TRAIN.slice(3, 4), None, "made up"))
    assert facts["songs that repeat another's title and artist"] == 0


def test_test_playlists_are_counted_like_training_playlists():
    counted = playlists_facts(TRAIN, 5)
    facts = describe(dataset(TRAIN))
    assert counted.items() <= facts["test"].items()
    assert counted.items() <= facts["train"].items()


@pytest.mark.parametrize(("fact", "share"), [("(Jaccard above .5)", 3 / 4), ("(Jaccard above .8)", 2 / 4)])
def test_shares_near_another_are_of_playlists_with_two_distinct_songs(fact, share):
    train = Playlists.of([[0, 1, 2], [2, 1, 0], [0, 1], [3, 4], [2, 2], [2, 2], []])  # 1, 1, .67, 0
    facts = describe(Dataset("tiny", CATALOGUE, train, None, "made up"))["train"]
    assert facts[f"share near another playlist {fact}"] == share


def test_test_playlists_are_compared_with_training_playlists():
    test = Playlists.of([[0, 2], [0, 2], [0, 1]])
    facts = describe(dataset(test))["test"]
    assert facts["share near a training playlist (Jaccard above .8)"] == 1 / 3


def test_without_playlists_none_is_near_another():
    facts = describe(Dataset("empty", CATALOGUE, Playlists.of([]), Playlists.of([]), "made up"))
    assert facts["train"]["share near another playlist (Jaccard above .5)"] == 0
    assert facts["test"]["share near a training playlist (Jaccard above .5)"] == 0


@pytest.mark.parametrize(
    ("songs", "firsts"),
    [
        ([("Hello", "Adele"), ("HELLO!", "adèle"), ("Hello", "Lionel Richie")], [0, 0, 2]),
        ([("-", "Adele"), ("-", "Adele"), ("Hurt", "-"), ("Hurt", "-"), ("", "Adele"), ("", "Adele")], range(6)),
        ([("AM", "!!!"), ("AM", "???"), ("Am", "!!!")], [0, 1, 0]),
        ([("a b", "c"), ("a", "b c")], [0, 1]),
    ],
)
def test_a_song_of_several_ids_has_one_first_row(songs, firsts):
    titles, artists = zip(*songs, strict=True)
    n = len(songs)
    catalogue = Catalogue(np.arange(n), titles, artists, [()] * n, np.zeros(n, np.int64))
    assert first_rows(catalogue).tolist() == list(firsts)


def test_an_empty_title_is_unknown():
    catalogue = Catalogue(np.arange(3), ["", "Hurt", "-"], ["Adele", "Johnny Cash", "-"], [()] * 3, np.zeros(3, int))
    assert unknown_songs(catalogue).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("name", "unknown", "repeated", "near", "very_near"),
    [("yes_small", 2, 17, 2981, 1197), ("yes_big", 38, 73, 700, 302)],
)
def test_the_figures_of_the_real_playlists(real, name, unknown, repeated, near, very_near):
    facts = describe(load(real / name))
    train = facts["train"]
    n = train["playlists with two songs or more"]
    assert facts["songs with unknown title or artist"] == unknown
    assert facts["songs that repeat another's title and artist"] == repeated
    assert train["share near another playlist (Jaccard above .5)"] == pytest.approx(near / n)
    assert train["share near another playlist (Jaccard above .8)"] == pytest.approx(very_near / n)


def test_yes_complete_has_788_ids_too_many(real):
    lines = (real / "yes_complete" / "song_hash.txt").read_text(encoding="utf-8").splitlines()
    _, titles, artists = zip(*(line.replace("\\/", "/").split("\t") for line in lines), strict=True)
    n = len(lines)
    catalogue = Catalogue(np.arange(n), titles, artists, [()] * n, np.zeros(n, np.int64))
    assert (first_rows(catalogue) != np.arange(n)).sum() == 788
    lower = [(t.strip().lower(), a.strip().lower()) for t, a in zip(titles, artists, strict=True)]
    known = [song for song in lower if song != ("-", "-")]
    assert len(known) - len(set(known)) == 743  # what others count, placeholders such as "MG_DELETED · -" included


def test_without_test_playlists_nothing_is_said_of_them():
    assert "test" not in describe(dataset(None))


def test_the_facts_come_back_from_json():
    facts = describe(dataset(TRAIN))
    assert json.loads(json.dumps(facts)) == facts


def test_the_same_songs_in_another_order_repeat_no_playlist():
    assert playlists_facts(Playlists.of([[0, 1], [1, 0]]), 2)["playlists that repeat another"] == 0


def test_the_top_tenth_of_twenty_songs_is_two():
    playlists = Playlists.of([[0] * 5, [1] * 3, range(2, 14)])
    assert playlists_facts(playlists, 20)["share of plays of the top tenth of songs"] == 8 / 20


@pytest.mark.parametrize("n_songs", [0, 3])
def test_without_playlists_all_counts_of_plays_are_0(n_songs):
    assert playlists_facts(Playlists.of([]), n_songs) == {
        "playlists": 0,
        "playlists with two songs or more": 0,
        "playlists that repeat another": 0,
        "plays": 0,
        "transitions": 0,
        "median length": 0,
        "longest": 0,
        "plays of a song already in the playlist": 0,
        "songs never played": n_songs,
        "songs played once": 0,
        "share of plays of the top tenth of songs": 0,
        "popularity Gini": 0,
    }
