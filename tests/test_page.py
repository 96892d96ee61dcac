"""The page's logic, on a real run, without a browser."""

import operator
import re
import sys
import tomllib
from functools import reduce

import pytest
from streamlit.testing.v1 import AppTest

from recommender import Run
from recommender.page import start
from recommender.page.parts import escaped
from recommender.training import train
from tests.conftest import ROOT


@pytest.fixture
def page(monkeypatch, run_folder):
    """The page of a run, opened with the given songs in its address."""

    def open_(songs="", folder=run_folder):
        monkeypatch.setattr(sys, "argv", ["app.py", *([str(folder)] if folder else [])])
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        if songs:
            app.query_params["songs"] = songs
        app.run()
        assert not app.exception
        return app

    return open_


def keys(app, prefix):
    return [button.key for button in app.button if (button.key or "").startswith(prefix)]


def chosen(app):
    value = app.query_params["songs"]  # a list only as the test itself set it
    return value if isinstance(value, str) else value[0]


def test_both_ways_of_starting_set_the_same_options():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    for name, value in start._OPTIONS.items():
        assert str(reduce(operator.getitem, name.split("."), config)).lower() == value


def test_without_a_run_it_says_how_to_make_one(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = page(folder=None)
    assert "There is no run yet" in app.info[0].value
    assert "recommender demo" in app.code[0].value


def test_the_newest_run_is_taken_where_none_is_named(page, tmp_path, monkeypatch, run_folder):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "one").symlink_to(run_folder)
    monkeypatch.chdir(tmp_path)
    assert "song2vec learnt 120 songs" in page(folder=None).caption[0].value


def test_a_folder_that_is_no_run_is_said_in_a_sentence(page, tmp_path):
    assert "is not a run" in page(folder=tmp_path).error[0].value


def test_at_first_the_songs_played_most_are_offered(page, run_folder):
    catalogue = Run.load(run_folder).catalogue
    assert keys(page(), "hit-")[0] == f"hit-{catalogue.ids[catalogue.plays.argmax()]}"


def test_searching_and_adding_shows_what_comes_next_and_what_is_alike(page, run_folder):
    run = Run.load(run_folder)
    app = page()
    app.text_input(key="search").set_value(run.catalogue.titles[7]).run()
    app.button(key="hit-7").click().run()
    assert chosen(app) == "7"
    assert keys(app, "next-") == [f"next-{song.id}" for song, _ in run.recommend([7], 10)]
    assert keys(app, "like-") == [f"like-{song.id}" for song, _ in run.similar(7, 10)]


def test_an_answer_can_be_added_and_a_song_removed(page):
    app = page("7,9")
    first = keys(app, "next-")[0]
    app.button(key=first).click().run()
    assert chosen(app) == f"7,9,{first.removeprefix('next-')}"
    app.button(key="chosen-0").click().run()
    assert chosen(app).startswith("9,")


def test_a_link_opens_the_same_playlist(page):
    assert keys(page("7,9"), "chosen-") == ["chosen-0", "chosen-1"]


def test_an_unknown_song_in_the_address_is_said_and_left_out(page):
    app = page("7,4000,x")
    assert "4000, x" in app.warning[0].value
    assert keys(app, "chosen-") == ["chosen-0"]


def test_of_a_long_playlist_the_last_songs_are_shown(page):
    app = page(",".join(str(song) for song in range(60)))
    assert keys(app, "chosen-") == [f"chosen-{place}" for place in range(40, 60)]
    assert any("40 earlier songs count too" in caption.value for caption in app.caption)


def test_no_match_is_said(page):
    app = page()
    app.text_input(key="search").set_value("qqqq").run()
    assert "No song matches" in app.warning[0].value


def test_a_run_without_vectors_says_why_nothing_is_alike(page, small, tmp_path):
    train(small, "markov").save(tmp_path / "run")
    assert "no song vectors" in page("7", tmp_path / "run").info[0].value


def test_the_evaluation_is_shown_where_there_is_one(page, small, tmp_path):
    from recommender.comparison import measured

    measured(train(small, "markov", held_out=0.2), small).save(tmp_path / "run")
    table = page(folder=tmp_path / "run").table[0].value
    assert set(table.index) == {"markov", "popularity"}
    assert table.columns[0] == "hit_rate@10"


def test_a_run_that_was_not_measured_says_how_to(page):
    assert any("--hold-out" in code.value for code in page().code)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "*a* _b_ [c](d) `e`", ":red[x] $x^2$ #h"])
def test_every_mark_in_a_name_is_escaped(text):
    assert re.sub(r"\\[\W_]", "", escaped(text)).translate(dict.fromkeys(map(ord, " ^/"))).isalnum()


def test_a_name_with_line_breaks_is_one_line():
    assert escaped("a\n# b\r\nc") == "a \\# b c"
