"""States of the page: no run yet, one in training, several, one that is replaced or goes away, one that fails."""

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from threading import Event

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from recommender import Run
from recommender.datasets import Dataset
from recommender.datasets.toy import toy
from recommender.errors import RecommenderError
from recommender.files import sweep, unused
from recommender.page import PARTS
from recommender.page.first import _desk
from recommender.page.first.job import Desk, Job
from recommender.page.opening import label, opened
from recommender.page.playlist.kept import keep
from recommender.storage import stamp
from recommender.training import train
from tests.conftest import ROOT


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty folder to start the page in, with nothing known of earlier pages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RECOMMENDER_DATA", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield tmp_path
    if (job := _desk().job) and job.running:
        job.cancel()


@pytest.fixture
def visit(monkeypatch):
    """A visitor's page, of the folder named on the command line if there is one, with this address."""

    def open_(folder=None, **address):
        monkeypatch.setattr(sys, "argv", ["app.py", *([str(folder)] if folder else [])])
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return open_


@pytest.fixture(scope="module")
def named(small):
    """A run whose dataset and titles have a name, so that one that is part of another is noticed."""

    def of(name):
        catalogue = replace(small.catalogue, titles=[f"{name} {title}" for title in small.catalogue.titles])
        return train(replace(small, name=name, catalogue=catalogue), "popularity")

    return of


def summary(app):
    return app.caption[0].value


def wait(until, seconds=60):
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "too long"
        time.sleep(0.05)


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def reader(pipe, seconds=60):
    """What is written to who reads the pipe, once somebody does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    raise AssertionError("nobody reads it")


def test_without_a_run_it_offers_the_toy_and_what_is_in_the_data_folder(home, visit, folder):
    (home / "data").mkdir()
    (home / "data" / "mine").symlink_to(folder)
    (home / "data" / "letters").mkdir()
    app = visit()
    assert "There is no run yet" in app.markdown[0].value
    assert app.radio(key="first-data").options == ["toy", "mine"]
    assert app.radio(key="first-model").options == ["song2vec", "blend", "vstan"]


def test_a_training_is_seen_by_all_who_come_and_opens_its_run(home, visit, folder):
    (home / "data").mkdir()
    (home / "data" / "mine").symlink_to(folder)
    app = visit()
    app.radio(key="first-data").set_value("data/mine")
    app.radio(key="first-model").set_value("vstan")
    app.button(key="first-train").click().run()
    assert "Training mine" in app.subheader[0].value
    other = visit()
    command = "recommender train data/mine runs/mine-vstan --model vstan --hold-out 0.1"
    assert [app.code[0].value, other.code[0].value] == [command, command]
    wait((home / "runs" / "mine-vstan").exists)
    wait(lambda: "vstan learnt" in summary(other.run()))
    assert Run.load(home / "runs" / "mine-vstan").metrics
    assert os.listdir(home / "runs") == ["mine-vstan"]


def test_a_training_can_be_cancelled_and_leaves_nothing(home, visit):
    app = visit()
    app.radio(key="first-model").set_value("blend")
    app.button(key="first-train").click().run()
    app.button(key="first-cancel").click().run()
    assert "was stopped" in app.info[0].value
    assert app.button(key="first-train")
    assert app.radio(key="first-model").value == "blend"  # as was chosen
    assert not (home / "runs").exists()


def test_a_failed_training_is_told_in_the_words_of_the_command(home, visit):
    (home / "data" / "mine").mkdir(parents=True)
    (home / "data" / "mine" / "train.txt").write_text("nonsense")
    app = visit()
    app.radio(key="first-data").set_value("data/mine")
    app.button(key="first-train").click().run()
    wait(lambda: app.run().error)
    assert "The training failed: data/mine/train\\.txt" in app.error[0].value
    assert app.button(key="first-train")


def test_whoever_asks_meanwhile_gets_the_training_under_way(home):
    desk = Desk()
    desk.start("toy", "blend", home)
    first = desk.job
    desk.start("toy", "vstan", home)
    assert desk.job is first
    first.cancel()
    assert first.failed


def test_a_killed_server_leaves_no_training(home):
    server = (
        "import time; from pathlib import Path; from recommender.page.first.job import Job\n"
        "job = Job('toy', 'blend', Path('run')); print(job._process.pid, flush=True); time.sleep(99)"
    )
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True) as started:
        child = int(started.stdout.readline())
        assert alive(child)
        started.send_signal(signal.SIGKILL)
    wait(lambda: not alive(child))
    assert os.listdir(home) == []


def test_what_a_killed_save_left_is_removed_and_nothing_else(tmp_path):
    for name in (".run-a1b2c3d4", ".run-2-a1b2c3d4", "run-a1b2c3d4", ".run-notes"):
        (tmp_path / name).mkdir()
    sweep(tmp_path / "run")
    assert sorted(os.listdir(tmp_path)) == [".run-2-a1b2c3d4", ".run-notes", "run-a1b2c3d4"]


def test_a_new_run_has_a_name_that_is_not_taken(tmp_path):
    assert unused(tmp_path / "run") == tmp_path / "run"
    (tmp_path / "run").mkdir()
    (tmp_path / "run-2").mkdir()
    assert unused(tmp_path / "run") == tmp_path / "run-3"


def test_a_training_that_ends_without_a_word_has_failed(home):
    job = Job("toy", "blend", home / "run")
    os.killpg(job._process.pid, signal.SIGKILL)
    wait(lambda: not job.running)
    assert (job.failed, job.error) == (True, "")


def test_the_newest_run_is_taken_where_none_is_named(home, visit, named):
    named("one").save(home / "runs" / "one")
    named("two").save(home / "runs" / "two")
    assert "of two in" in summary(visit())


def test_another_run_is_chosen_and_stands_in_the_address(home, visit, named):
    named("one").save(home / "runs" / "one")
    named("two").save(home / "runs" / "two")
    app = visit(songs="7")
    choice = app.selectbox(key="run-chosen")
    assert choice.options == ["two (popularity, two)", "one (popularity, one)"]
    choice.set_value("one").run()
    assert "of one in" in summary(app)
    assert app.query_params["run"] in ("one", ["one"])
    assert "songs" not in app.query_params  # 7 is another song there
    assert "came along, found here by title and artist: 0 of 1. The others" in app.info[0].value
    assert "of one in" in summary(visit(run="one"))


def test_the_songs_that_another_run_has_come_along_under_its_ids(home, visit, small):
    catalogue = replace(small.catalogue, ids=small.catalogue.ids + 1000)
    gone = ["?" if row == 9 else title for row, title in enumerate(catalogue.titles)]
    train(replace(small, name="one", catalogue=replace(catalogue, titles=gone)), "popularity").save(home / "runs/one")
    train(replace(small, name="two"), "popularity").save(home / "runs/two")
    app = visit(songs="7,9,11", like="13", of="7")
    app.selectbox(key="run-chosen").set_value("one").run()
    held = {name: app.query_params[name] for name in ("songs", "like", "of")}
    assert held == {"songs": "1007,1011", "like": "1013", "of": "1007"}
    assert "3 of 4. The others are not in this run." in app.info[0].value
    assert not any("came along" in info.value for info in app.run().info)  # it is told once


def test_what_another_run_has_not_is_left_behind(home, visit, named):
    named("one").save(home / "runs" / "one")
    named("two").save(home / "runs" / "two")
    kept = keep(home / "runs" / "two", "Mine", [7], None)
    app = visit(songs="7", part="Playlist", list="Mine", version=kept.version, seed="7", of="7", variety="0.5")
    for button in ("playlist-play", "playlist-delete"):
        app.button(key=button).click().run()
    app.selectbox(key="run-chosen").set_value("one").run()
    assert {*app.query_params} == {"part", "run", "variety"}
    assert app.button(key="playlist-undo").disabled
    assert "playlist-bring-back" not in [button.key for button in app.button]  # it would come back beside this run


@pytest.mark.parametrize("name", ["../secret", "gone", "/etc", "one/"])
def test_a_run_that_is_not_listed_is_never_opened(home, visit, named, name):
    named("secret").save(home / "secret")
    named("one").save(home / "runs" / "one")
    named("two").save(home / "runs" / "two")
    app = visit(run=name)
    assert "There is no run" in app.warning[0].value
    assert "of two in" in summary(app)


def test_a_run_without_a_readable_card_is_listed_by_its_name(home, visit, named):
    named("one").save(home / "runs" / "one")
    (home / "runs" / "bad").mkdir()
    (home / "runs" / "bad" / "card.json").write_text("[]")
    app = visit()
    assert app.selectbox(key="run-chosen").options == ["bad", "one (popularity, one)"]
    assert "bad" in app.error[0].value
    assert "of one in" in summary(app.selectbox(key="run-chosen").set_value("one").run())


def test_a_name_that_says_model_and_dataset_stands_alone(home, named):
    run = named("one")
    for name, told in (("one-popularity", "one-popularity"), ("popularity", "popularity (popularity, one)")):
        run.save(home / name)
        assert label(home / name) == told


def test_runs_written_at_the_same_time_are_told_apart(tmp_path, named):
    named("one").save(tmp_path / "run")
    os.utime(tmp_path / "run" / "card.json", ns=(0, 0))
    before = stamp(tmp_path / "run")
    named("two").save(tmp_path / "run", force=True)
    os.utime(tmp_path / "run" / "card.json", ns=(0, 0))
    assert stamp(tmp_path / "run") != before


def test_a_run_replaced_under_the_page_is_always_one_or_the_other(home, visit, named):
    other = {"Alpha": "Omega", "Omega": "Alpha"}
    runs = cycle([named(name) for name in other])
    next(runs).save(home / "run")
    apps = cycle([visit(home / "run", songs="7,9", part=part) for part in PARTS])
    over, replaced, seen = Event(), [], []

    def replacing():
        while not over.is_set() or len(replaced) < 20:
            replaced.append(next(runs).save(home / "run", force=True))
            over.wait(0.1)

    with ThreadPoolExecutor(1) as beside:
        done = beside.submit(replacing)
        try:
            for app in islice(apps, 20):
                app.run()
                assert not app.exception
                assert not [error.value for error in app.error]
                seen.append(summary(app).split(" of ")[-1].split()[0])
                assert not [text.value for text in app.markdown if other[seen[-1]] in text.value]
        finally:
            over.set()
        done.result()
    assert {*seen} == {*other}


def test_a_run_replaced_while_it_is_read_is_read_again(home, named):
    named("Alpha").save(home / "run")
    songs = home / "run" / "songs.tsv"
    lines = songs.read_bytes()
    songs.unlink()
    os.mkfifo(songs)  # whoever reads it waits until all is written
    with ThreadPoolExecutor(1) as beside:
        found = beside.submit(opened, home / "run")
        feed = reader(songs)
        named("Omega").save(home / "run", force=True)
        os.write(feed, lines)
        os.close(feed)
        assert found.result().card["dataset"]["name"] == "Omega"


def test_songs_that_the_new_run_does_not_know_are_told(home, visit, named):
    named("one").save(home / "run")
    app = visit(home / "run", songs="7,119")
    assert not app.warning
    train(Dataset("few", *toy(n_songs=60, n_playlists=100, seed=1), None, "made up"), "popularity").save(
        home / "run", force=True
    )
    assert "119" in app.run().warning[0].value


def test_a_run_that_went_away_or_broke_is_said_and_works_when_it_is_back(home, visit, named):
    named("one").save(home / "run")
    app = visit(home / "run")
    (home / "run").rename(home / "away")
    assert "is not a run" in app.run().error[0].value
    (home / "away").rename(home / "run")
    assert "of one in" in summary(app.run())
    songs = (home / "run" / "songs.tsv").read_bytes()
    shutil.copytree(home / "run", home / "whole")
    (home / "run" / "songs.tsv").write_bytes(songs[:-40])
    os.utime(home / "run" / "card.json")
    assert "damaged" in app.run().error[0].value
    (home / "run" / "songs.tsv").write_bytes(songs)
    assert "of one in" in summary(app.run())
    assert not app.error


def test_what_a_part_cannot_do_is_a_sentence(home, visit, named, monkeypatch):
    def part(run: Run, folder: Path) -> None:
        raise RecommenderError("a *sentence*; do this")

    monkeypatch.setitem(PARTS, "Discover", part)
    named("one").save(home / "run")
    assert visit(home / "run").error[0].value == "a \\*sentence\\*; do this"


def test_what_nobody_foresaw_is_a_sentence_without_its_reason(home, visit, named, monkeypatch):
    def part(run: Run, folder: Path) -> None:
        raise ValueError("/secret/path")

    app = visit(named("one").save(home / "run") or home / "run")
    monkeypatch.setitem(PARTS, "Discover", part)
    assert "nobody foresaw" in app.run().error[0].value
    assert "/secret/path" not in app.error[0].value
    assert app.exception
