"""Tuning: what is searched, that a search can be killed and goes on, and that the test playlists stay out of it."""

import contextlib
import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest

from recommender.errors import DataError, ParameterError, RecommenderError
from recommender.models import MODELS, make
from recommender.playlists import Playlists
from recommender.run import Run
from recommender.spaces import SPACES, Choice, Span, space
from recommender.tuning import tune
from recommender.tuning_text import summary
from tests.conftest import ROOT

FAST = {"dim": 4, "window": 2, "negative": 2, "epochs": 5}  # of song2vec


def rows(run: Run | str) -> list[dict[str, str]]:
    """The table of trials, without the seconds, which differ from time to time."""
    text = run if isinstance(run, str) else run.trials
    return [
        {key: value for key, value in row.items() if key != "fit_seconds"} for row in csv.DictReader(io.StringIO(text))
    ]


@pytest.fixture(scope="module")
def searched(small):
    """A run of 20 trials of session_knn."""
    return tune(small, "session_knn", trials=20)


@dataclass
class Pupil(MODELS["markov"]):
    """A Markov chain that learns in epochs, and answers backwards where it is no good."""

    good: float = 1.0
    epochs: int = 10

    def fit(self, playlists, n_songs, on_epoch=None):
        super().fit(playlists, n_songs)
        for epoch in range(self.epochs):
            self.read = epoch + 1
            if on_epoch:
                on_epoch(self)
        return self

    def score(self, seeds):
        scores = super().score(seeds)
        return scores if self.good > 0.2 else np.where(np.isneginf(scores), scores, -scores)


@pytest.fixture(scope="module")
def stopping(small):
    """A run of a search in which bad trials were stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, "pupil", Pupil)
        patch.setitem(SPACES, "pupil", {"good": Span(0.0, 1.0)})
        yield tune(small, "pupil", {"shrinkage": 5.0, "epochs": 10}, trials=20)


# what is searched


@pytest.mark.parametrize("name", MODELS)
def test_every_model_takes_the_ends_of_its_space_and_has_its_defaults_in_it(name):
    try:
        found = space(name)
    except ParameterError:
        return
    for parameter, where in found.items():
        default = getattr(make(name), parameter)
        ends = where.values if isinstance(where, Choice) else (where.low, where.high)
        assert default in ends or ends[0] < default < ends[1]
        assert {type(end) for end in ends} == {type(default)}
        for end in ends:
            make(name, {parameter: end})


def test_every_entry_of_a_space_is_a_parameter_of_its_model():
    for name, entries in SPACES.items():
        assert set(entries) <= {field.name for field in fields(MODELS[name])}


def test_a_parameter_without_an_entry_is_searched_from_a_quarter_to_four_times_its_default(monkeypatch):
    @dataclass
    class Plain(MODELS["item_knn"]):
        neighbours: int = 500
        shrinkage: float = 5.0
        decay: float = 0.9

    monkeypatch.setitem(MODELS, "plain", Plain)
    found = space("plain")
    assert found["neighbours"] == Span(125, 2000, log=True)
    assert found["shrinkage"] == Span(1.25, 20.0, log=True)
    assert found["decay"].low == 0.225
    assert 0.9 < found["decay"].high <= 1


def test_seed_workers_and_what_is_given_are_not_searched():
    assert {"seed", "workers", "dim", "decay"}.isdisjoint(space("song2vec", {"dim": 8, "decay": 0.5}))


def test_nothing_to_search_is_told():
    with pytest.raises(ParameterError, match="markov has no parameter left to search; `recommender train` fits it"):
        space("markov", {"shrinkage": 1.0})


def test_words_and_switches_may_be_searched(small, monkeypatch):
    @dataclass
    class Wordy(MODELS["markov"]):
        """A Markov chain with a switch and a word."""

        loud: bool = False
        word: str = "a"

    monkeypatch.setitem(MODELS, "wordy", Wordy)
    assert space("wordy", {"shrinkage": 1.0}) == {"loud": Choice((False, True))}
    monkeypatch.setitem(SPACES, "wordy", {"word": Choice(("a", "b"))})
    run = tune(small, "wordy", {"shrinkage": 1.0}, trials=8)
    assert {row["loud"] for row in rows(run)} == {"False", "True"}
    assert {row["word"] for row in rows(run)} == {"a", "b"}
    assert "| word      |        a, b |        a |" in summary(run.card["tuning"])


# the search


def test_the_first_trial_has_the_defaults(searched):
    first = rows(searched)[0]
    default = make("session_knn")
    assert {name: float(first[name]) for name in space("session_knn")} == {
        name: getattr(default, name) for name in space("session_knn")
    }


def test_the_run_has_the_best_parameters_and_all_playlists(searched, small):
    best = max(rows(searched), key=lambda row: float(row["hit_rate@10"]))
    assert searched.card["parameters"] == {
        name: type(getattr(make("session_knn"), name))(best[name]) for name in space("session_knn")
    }
    assert searched.card["learnt"]["playlists"] == len(small.train)
    fitted = make("session_knn", searched.card["parameters"]).fit(small.train, small.n_songs)
    asked = Playlists.of([[5, 7]])
    assert np.array_equal(searched.model.score(asked), fitted.score(asked))


def test_the_same_seed_gives_the_same_trials_and_another_one_others(small, searched):
    again, other = tune(small, "session_knn", trials=4), tune(small, "session_knn", trials=4, seed=1)
    assert rows(again) == rows(searched)[:4]
    assert rows(other)[1] != rows(searched)[1]


def test_a_budget_of_trials_or_of_seconds_ends_it(small, searched):
    assert len(rows(searched)) == 20
    assert len(rows(tune(small, "session_knn", seconds=0.0))) == 1


def test_what_is_fixed_keeps_its_value(small):
    run = tune(small, "session_knn", {"decay": 0.75, "context": 7}, trials=3)
    assert (run.model.decay, run.model.context) == (0.75, 7)
    assert "decay" not in rows(run)[0]
    assert run.card["tuning"]["fixed"] == {"decay": 0.75, "context": 7}


def test_no_trial_sees_the_test_playlists(small):
    class Poison:
        def __getattr__(self, name: str) -> None:
            raise AssertionError(f"test playlists were asked for {name}")

    assert rows(tune(replace(small, test=Poison()), "session_knn", trials=2)) == rows(
        tune(small, "session_knn", trials=2)
    )


def test_no_trial_sees_what_it_is_asked_for_nor_what_is_held_out(small, monkeypatch):
    from recommender.models.neighbours import SessionKNN
    from recommender.training import parts

    learnt, fit = [], SessionKNN.fit
    monkeypatch.setattr(SessionKNN, "fit", lambda self, p, n: (learnt.append(p), fit(self, p, n))[1])
    run = tune(small, "session_knn", trials=2, held_out=0.25)
    trial, _, last = learnt
    rest, _ = parts(small, 0.25)
    assert len(last) == len(rest) == run.card["learnt"]["playlists"]
    nine_tenths, asked = parts(replace(small, train=rest), 1 / 10)
    assert np.array_equal(trial.songs, nine_tenths.songs)
    assert run.card["tuning"]["validation"]["playlists"] <= len(asked)


def test_the_difference_is_that_of_a_report_on_the_same_queries(searched):
    told = searched.card["tuning"]
    best, first = told["best"][0], rows(searched)[0]
    gap = float(best["hit_rate@10"]["mean"]) - float(first["hit_rate@10"])
    assert told["difference"]["mean"] == pytest.approx(gap, abs=1e-5)
    assert told["difference"]["low"] < gap < told["difference"]["high"]
    assert 0 < told["difference"]["p_holm"] <= 1
    assert sum(told["importances"].values()) == pytest.approx(1)


def test_a_model_that_learns_in_epochs_is_stopped_where_it_is_far_behind(stopping):
    late = rows(stopping)[8:]
    assert {row["state"] for row in late if float(row["good"]) > 0.2} == {"finished"}
    assert {row["state"] for row in late if float(row["good"]) <= 0.2} == {"stopped"}
    assert stopping.card["tuning"]["stopped"] == sum(row["state"] == "stopped" for row in rows(stopping)) > 0


def test_a_model_is_asked_from_the_third_to_the_ninth_tenth_of_its_epochs(small, monkeypatch):
    asked, score = [], Pupil.score
    monkeypatch.setattr(Pupil, "score", lambda self, seeds: (asked.append(self.read), score(self, seeds))[1])
    monkeypatch.setitem(MODELS, "pupil", Pupil)
    tune(small, "pupil", {"epochs": 20}, trials=1)
    assert sorted(set(asked)) == [6, 8, 10, 12, 14, 16, 18, 20]


def test_what_is_called_after_an_epoch_ends_the_fit_by_raising(small):
    class EnoughError(Exception):
        pass

    seen = []

    def enough(model):
        seen.append(model)
        if len(seen) == 2:
            raise EnoughError

    with pytest.raises(EnoughError):
        make("song2vec", FAST).fit(small.train, small.n_songs, on_epoch=enough)
    assert len(seen) == 2


@pytest.mark.parametrize(("least", "stopped"), [(0.85, {"stopped", "finished"}), (0.95, None)])
def test_values_that_do_not_go_together_stop_a_trial_but_not_the_search(small, monkeypatch, least, stopped):
    fit = MODELS["session_knn"].fit

    def picky(self, playlists, n_songs):
        if self.decay < least:
            raise ParameterError("decay does not go with rarity")
        return fit(self, playlists, n_songs)

    monkeypatch.setattr(MODELS["session_knn"], "fit", picky)
    if stopped:
        assert {row["state"] for row in rows(tune(small, "session_knn", trials=5))} == stopped
    else:
        with pytest.raises(ParameterError, match="decay does not go with rarity"):
            tune(small, "session_knn", trials=5)


def test_a_stopped_trial_is_never_the_best(stopping):
    finished = {int(row["trial"]) for row in rows(stopping) if row["state"] == "finished"}
    assert {one["trial"] for one in stopping.card["tuning"]["best"]} <= finished
    assert all(row["low"] == "" for row in rows(stopping) if row["state"] == "stopped")


def test_asking_a_model_on_its_way_changes_nothing(small):
    seen: list[float] = []
    asked = Playlists.of([[5, 7]])
    watched = make("song2vec", FAST).fit(
        small.train, small.n_songs, on_epoch=lambda model: seen.append(model.score(asked).max())
    )
    alone = make("song2vec", FAST).fit(small.train, small.n_songs)
    assert np.array_equal(watched.vectors_, alone.vectors_, equal_nan=True)
    assert len(set(seen)) == 5
    assert seen[-1] == alone.score(asked).max()


def test_the_trials_stay_with_the_run(searched, tmp_path):
    searched.save(tmp_path / "run")
    assert (tmp_path / "run" / "trials.csv").read_text() == searched.trials == Run.load(tmp_path / "run").trials
    assert json.loads((tmp_path / "run" / "card.json").read_text())["tuning"]["trials"] == 20


# going on


def test_a_search_goes_on_where_it_was(small, searched, tmp_path):
    first = tune(small, "session_knn", folder=tmp_path / "study", trials=5)
    second = tune(small, "session_knn", folder=tmp_path / "study", trials=8)
    assert rows(first) == rows(searched)[:5]
    assert rows(second) == rows(searched)[:13]


def count(database) -> int:
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(database)) as opened:
        return opened.execute("select count(*) from trials where state = 'COMPLETE'").fetchone()[0]
    return 0


@contextlib.contextmanager
def process(folder, run, trials: int):
    """The command in a process of its own, once it has made so many trials."""
    line = [sys.executable, "-m", "recommender", "tune", folder, run, "--model", "session_knn", "--budget", "1h"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as started:
        signal.signal(signal.SIGINT, before)
        try:
            database = run.with_name(f"{run.name}.study") / "trials.db"
            for _ in range(2000):
                if database.exists() and count(database) >= trials:
                    break
                time.sleep(0.02)
            yield started
        finally:
            started.kill()


def test_a_killed_search_loses_nothing_but_the_trial_it_was_in(folder, searched, tmp_path, command):
    run = tmp_path / "run"
    with process(folder, run, 4) as started:
        started.send_signal(signal.SIGKILL)
        started.wait()
    assert not run.exists()
    there = count(tmp_path / "run.study" / "trials.db")
    assert there >= 4
    assert command("tune", folder, run, "--model", "session_knn", "--trials", 2)[0] == 0
    table = rows((run / "trials.csv").read_text())
    assert len(table) == there + 2
    assert table[:20] == rows(searched)[: len(table)]
    assert sorted(os.listdir(tmp_path)) == ["run", "run.study"]


def test_an_interrupt_ends_the_search_well(folder, tmp_path):
    run = tmp_path / "run"
    with process(folder, run, 3) as started:
        started.send_signal(signal.SIGINT)
        out, err = started.communicate()
    assert (started.returncode, err) == (0, "")
    assert "trials" in out
    assert len(rows(Run.load(run))) >= 3


def test_an_interrupt_before_any_trial_ended_is_an_interrupt(small, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MODELS["markov"], "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tune(small, "markov", trials=3)


# what can go wrong


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("markov", {}, "holds a search with model session_knn, this one has markov"),
        ("session_knn", {"seed": 1}, "holds a search with seed 0, this one has 1"),
        ("session_knn", {"queries": 9}, "holds a search with queries 5000, this one has 9"),
        ("session_knn", {"parameters": {"decay": 0.5}}, r"with fixed \{\}, this one has \{'decay': 0.5\}"),
        (
            "session_knn",
            {"held_out": 0.5},
            r"small \(600 playlists, .* has small \(328 playlists",
        ),
    ],
)
def test_another_search_in_the_same_place_is_refused(small, tmp_path, model, options, message):
    tune(small, "session_knn", folder=tmp_path / "study", trials=1)
    with pytest.raises(RecommenderError, match=message):
        tune(small, model, folder=tmp_path / "study", trials=1, **options)


@pytest.mark.parametrize("damage", [lambda data: b"no database", lambda data: data[: len(data) // 2], lambda data: b""])
def test_a_damaged_study_is_told(small, tmp_path, damage):
    tune(small, "session_knn", folder=tmp_path / "study", trials=1)
    file = tmp_path / "study" / "trials.db"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(DataError, match=r"study: .*damaged.* remove it to search anew"):
        tune(small, "session_knn", folder=tmp_path / "study", trials=1)


def test_a_folder_that_is_no_study_is_left_alone(small, folder):
    with pytest.raises(DataError, match=r"holds no study \(no trials.db\); give another RUN"):
        tune(small, "session_knn", folder=folder, trials=1)


def test_two_processes_do_not_search_in_one_place(small, tmp_path):
    from filelock import FileLock

    tune(small, "session_knn", folder=tmp_path / "study", trials=1)
    with FileLock(tmp_path / "study" / "lock"), pytest.raises(RecommenderError, match="another process is searching"):
        tune(small, "session_knn", folder=tmp_path / "study", trials=1)


def test_too_few_playlists_are_told(small):
    few = replace(small, train=small.train.take(np.arange(5)))
    with pytest.raises(DataError, match=r"small: fraction 0.1 of 5 playlists .* more playlists are needed"):
        tune(few, "session_knn", trials=1)


def test_without_optuna_the_way_to_get_it_is_told(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(RecommenderError, match=r"pip install 'playlist-recommender\[tune\]'"):
        tune(small, "markov", trials=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{new}", "--model", "song3vec"], "no model 'song3vec' (did you mean song2vec?)"),
        (["{new}", "--model", "popularity"], "popularity has no parameter left to search"),
        (["{new}", "--budget", "abc"], "'abc' is no time; give seconds, or 90s, 10m, 1.5h"),
        (["{new}", "--trials", "0"], "Invalid value for '--trials'"),
        (["{new}", "--trials", "3", "--budget", "5m"], "give either --budget or --trials"),
        (["{new}", "--set", "dims=3"], "song2vec has no parameter 'dims' (did you mean dim?)"),
        (["{run}"], "is there already; give another folder, or --force to replace it"),
        (["{folder}"], "is there and is not a run"),
    ],
)
def test_a_fault_is_one_line(command, folder, run_folder, tmp_path, arguments, message):
    places = {"folder": folder, "run": run_folder, "new": tmp_path / "new"}
    code, out, err = command("tune", folder, *(argument.format(**places) for argument in arguments))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert message in err
    assert os.listdir(tmp_path) == []


# what is printed


def test_the_command_prints_the_best_trials_the_difference_and_what_mattered(command, folder, tmp_path):
    run = tmp_path / "run"
    code, out, err = command("tune", folder, run, "--model", "item_knn", "--trials", 20, "--hold-out", 0.2)
    assert (code, err) == (0, "")
    best, difference, mattered, kept = out.split("\n\n")[:4]
    assert best.startswith("| 20 trials | hit_rate@10 | 95 % interval |")
    assert "| defaults" in best
    assert " − defaults: " in difference or "No trial did better" in difference
    assert mattered.startswith("| parameter  | importance |")
    assert kept.startswith(f"{run}: item_knn learnt")
    assert "| popularity" in out


@pytest.mark.parametrize(("p", "said"), [(0.049, ": better.\n"), (0.051, ": not distinguishable from the defaults.\n")])
def test_a_difference_that_may_be_chance_is_called_so(searched, p, said):
    told = {**searched.card["tuning"], "difference": {"mean": 0.01, "low": 0.001, "high": 0.02, "p_holm": p}}
    assert f"after correction for the 20 trials that it was chosen from{said}" in summary(told)


def test_defaults_that_were_not_beaten_are_called_so(searched):
    told = {key: value for key, value in searched.card["tuning"].items() if key != "difference"}
    assert "No trial did better than the defaults, over 334 validation queries of 54 playlists.\n" in summary(told)
