"""The command line: what each command prints, and one line for each thing a person can do wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import fields

import pytest

from recommender import Shape
from recommender.cli import cli
from recommender.models import MODELS
from recommender.questions import PROTOCOLS
from tests.conftest import ROOT

SLOW = {"scipy.stats", "scipy.optimize", "scipy.linalg", "sklearn", "pandas", "pyarrow", "recommender.report_html"}
HEAVY = SLOW | {"gensim", "streamlit", "requests", "matplotlib"}


def test_without_a_command_the_help_is_shown(command):
    code, out, _ = command()
    assert code == 0
    assert "Usage" in out


@pytest.mark.parametrize("name", [None, *cli.commands])
def test_every_command_has_help(command, name):
    code, out, err = command(*filter(None, [name]), "--help")
    assert (code, err) == (0, "")
    assert "Usage: recommender" in out


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], {"numpy", "scipy", "gensim", "streamlit", "pandas", "requests"}),
        (["recommend", "{run}", "5"], HEAVY),
        (["recommend", "{run}", "5", "--why", "--dislike", "7"], HEAVY),
        (["similar", "{run}", "5"], HEAVY),
        (["radio", "{run}", "5"], HEAVY - {"requests"}),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(run_folder, arguments, heavy):
    code = (
        f"import sys; sys.argv = ['recommender', *{[word.format(run=run_folder) for word in arguments]}]\n"
        "from recommender.cli import main\n"
        f"try: main()\nexcept SystemExit: print('imported:', *{heavy} & set(sys.modules))"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert out.splitlines()[-1] == "imported:"


def test_version(command):
    assert command("--version") == (0, "0.1.0\n", "")


def test_models_lists_every_model_and_parameter(command):
    _, out, _ = command("models")
    assert [line for line in out.splitlines() if not line.startswith(" ")] == list(MODELS)
    assert "dim=64" in out


def test_stats(command, folder):
    code, out, _ = command("stats", folder, "--json")
    assert code == 0
    assert json.loads(out)["train"]["playlists"] == 600
    assert "train playlists" in command("stats", folder)[1]


def test_search_finds_in_a_dataset_and_in_a_run(command, folder, run_folder, small):
    title = small.catalogue.titles[7]
    for place in (folder, run_folder):
        code, out, _ = command("search", place, title, "--json")
        assert code == 0
        assert 7 in [song["id"] for song in json.loads(out)]


def test_search_without_a_hit_is_an_error(command, folder):
    code, _, err = command("search", folder, "qqqq")
    assert code == 1
    assert err.startswith("error: no song matches 'qqqq'")


def test_train_then_recommend_and_similar(command, folder, tmp_path):
    run = tmp_path / "run"
    code, out, err = command("train", folder, run, "--set", "epochs=2", "--set", "dim=8", "--seed", 4)
    assert (code, err) == (0, "")
    assert "song2vec learnt 120 songs" in out
    code, out, _ = command("recommend", run, "5", "7", "--k", 3, "--json")
    answer = json.loads(out)
    assert [song["id"] for song in answer["seeds"]] == [5, 7]
    assert len(answer["songs"]) == 3
    assert command("similar", run, "5", "--k", 3)[1].startswith("like ")
    assert json.loads((run / "card.json").read_text())["parameters"]["seed"] == 4


def test_what_a_word_was_taken_for_is_said_where_others_match(command, run_folder, small):
    word = small.catalogue.artists[5].split()[0]
    others = len(small.catalogue.search(word, 1000)) - 1
    assert f"{others} other songs match, `recommender search` lists them" in command("recommend", run_folder, word)[1]


def test_the_card_counts_what_was_learnt_not_what_was_there(command, folder, tmp_path):
    command("train", folder, tmp_path / "run", "--model", "markov", "--hold-out", 0.5)
    card = json.loads((tmp_path / "run" / "card.json").read_text())
    assert card["learnt"]["playlists"] + card["held_out"]["playlists"] == card["dataset"]["playlists"] == 600
    assert 0 < card["learnt"]["plays"] < card["dataset"]["plays"]


def test_import_says_what_it_found_left_out_and_cleaned(command, tmp_path):
    lines = [
        "playlist,title,artist",
        "a,Waterloo,Abba",
        "a,SOS,ABBA",
        "b,waterloo,ABBA",
        "b,SOS,Abba",
        "b,,Abba",
        "a,SOS,Abba",
    ]
    (tmp_path / "mine.csv").write_text("\n".join(lines))
    code, out, err = command("import", tmp_path / "mine.csv", tmp_path / "mine", "--collapse-repeats")
    assert code == 0
    assert "2 playlists, 2 songs (of 4 spellings), 5 plays from 1 files (1 csv); 1 left out" in out
    assert "cleaned: plays of a song already in the playlist: 1 play" in out
    assert err == f"left out: {tmp_path / 'mine.csv'}: line 6 has no title\n"
    assert json.loads(command("stats", tmp_path / "mine", "--json")[1])["train"]["plays"] == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{new}", "{new}-2"], "there is no such file; give a file, a folder or a zip"),
        (["{file}", "{new}", "--strict"], "line 3 has no title"),
        (["{file}", "{new}", "--format", "cassette"], "there is no format 'cassette'"),
        (["{file}", "{new}", "--title-column", "nope"], "nope"),
        (["{file}", "{new}", "--min-plays", "99"], "no play is left"),
        (["{file}", "{folder}"], "is there already"),
    ],
)
def test_a_fault_in_an_import_is_one_line(command, folder, tmp_path, arguments, message):
    (tmp_path / "mine.csv").write_text("title,artist\nSOS,Abba\n,Abba\n")
    places = {"folder": folder, "file": tmp_path / "mine.csv", "new": tmp_path / "new"}
    code, _, err = command("import", *(argument.format(**places) for argument in arguments))
    assert code == 1
    assert message in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("error: ")


def test_training_may_clean_and_says_what_that_removed(command, folder, tmp_path):
    options = ["--collapse-repeats", "--near-duplicates", 0.5, "--min-plays", 3, "--hold-out", 0.2]
    code, out, _ = command("train", folder, tmp_path / "run", "--model", "markov", *options)
    assert code == 0
    assert "cleaned: songs with fewer than 3 plays:" in out
    card = json.loads((tmp_path / "run" / "card.json").read_text())
    assert card["cleaning"]["asked"]["min_plays"] == 3
    assert command("evaluate", folder, "--runs", tmp_path / "run")[0] == 0


def test_stats_may_draw(command, folder, tmp_path):
    code, out, _ = command("stats", folder, "--report", tmp_path / "report")
    assert code == 0
    assert "stats.html" in out
    assert list((tmp_path / "report").glob("*.png"))


def test_train_with_hold_out_measures_the_run(command, folder, tmp_path):
    code, out, _ = command("train", folder, tmp_path / "run", "--model", "markov", "--hold-out", 0.2)
    assert code == 0
    assert "hit_rate@10" in out
    assert set(json.loads((tmp_path / "run" / "metrics.json").read_text())["models"]) == {"markov", "popularity"}
    assert (tmp_path / "run" / "report.md").read_text().startswith("| model")
    assert (tmp_path / "run" / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_evaluate_prints_the_table_and_writes_the_report(command, folder, tmp_path):
    names = "random,popularity,markov"
    code, out, _ = command("evaluate", folder, "--models", names, "--queries", 50, "--report", tmp_path / "report")
    assert code == 0
    assert all(f"| {name}" in out for name in names.split(","))
    assert json.loads((tmp_path / "report" / "report.json").read_text())["about"]["queries"] == 50
    table, place = out.rsplit("\n\n", 1)
    assert (tmp_path / "report" / "report.md").read_text().startswith(table)
    assert place == f"{tmp_path / 'report' / 'report.html'} has all of it, with pictures\n"


@pytest.fixture
def figures(command, folder, tmp_path):
    """The figures in the report of an evaluation of popularity and random with these options."""

    def evaluate(*options: object, place: str = "report") -> dict:
        report = tmp_path / place
        line = ["evaluate", folder, "--models", "popularity,random", "--queries", 40, "--report", report]
        code, _, err = command(*line, *options)
        assert (code, err) == (0, "")
        return json.loads((report / "report.json").read_text())

    return evaluate


def test_evaluate_takes_every_protocol_there_is():
    [choices] = [option.type.choices for option in cli.commands["evaluate"].params if option.name == "protocol"]
    assert list(choices) == list(PROTOCOLS)


def test_evaluate_asks_in_several_ways_at_once(figures):
    told = figures("--protocol", "next", "--protocol", "likelihood")
    assert told["shown"][0] == "hit_rate@10"
    assert told["beside"]["likelihood"]["shown"] == ["given the song", "given the prefix"]


def test_evaluate_without_a_protocol_asks_for_the_next_song(figures):
    assert figures()["about"]["asked"] == "each next song that is new to its playlist"


def test_evaluate_tells_the_spread_over_seeds_of_models_that_have_one(figures):
    told = figures("--seeds", 2)["seeds"]
    assert {name: spread["n"] for name, spread in told.items()} == {"random": 2}


def test_evaluate_lays_a_report_over_an_older_one(figures, tmp_path):
    figures(place="old")
    rows = figures("--against", tmp_path / "old")["changes"]["metrics"]["hit_rate@10"]
    assert [(row["difference"], row["p"]) for row in rows] == [(0, 1), (0, 1)]


def test_evaluate_may_write_its_report_over_the_one_it_is_laid_over(figures, tmp_path):
    figures()
    assert figures("--against", tmp_path / "report")["changes"]["against"] == str(tmp_path / "report")


def test_evaluate_writes_a_report_but_does_not_lay_it_over_one_of_other_queries(figures, command, folder, tmp_path):
    figures(place="old")
    line = ["evaluate", folder, "--models", "popularity", "--report", tmp_path / "new", "--against", tmp_path / "old"]
    code, _, err = command(*line)
    assert (code, err.startswith(f"error: {tmp_path / 'old'} asked other queries")) == (1, True)
    assert (tmp_path / "new" / "report.html").exists()


def test_evaluate_cleans_and_tells_it(figures):
    about = figures("--min-plays", 30, "--collapse-repeats")["about"]
    assert "songs with fewer than 30 plays: " in about["cleaned"]


def test_the_report_tells_the_command(figures):
    made = figures("--seed", 3)["details"]["made"]
    assert made["command"].startswith("recommender evaluate ")
    assert "--seed 3" in made["command"]


def test_evaluate_compares_runs(command, folder, tmp_path):
    for model in ("markov", "popularity"):
        command("train", folder, tmp_path / model, "--model", model, "--hold-out", 0.2, "--seed", 3)
    code, out, _ = command(
        "evaluate", folder, "--protocol", "last", "--runs", tmp_path / "markov", tmp_path / "popularity"
    )
    assert code == 0
    assert "asked: the last song" in out
    assert "split: 20% of the playlists with two songs or more held out whole, seed 3" in out


def test_batch_answers_are_counted_where_empty(command, run_folder, tmp_path):
    (tmp_path / "queries").write_text("5\n\n")
    code, out, err = command("recommend", run_folder, "--playlists", tmp_path / "queries", "--out", tmp_path / "out")
    assert (code, out) == (0, "")
    assert err == "1 of the lines got an empty answer: none of their songs is known, or nothing is left to recommend\n"


def answered(command, *line: object) -> list[dict]:
    """The songs of an answer."""
    code, out, err = command(*line, "--json")
    assert code == 0
    assert not err or err.endswith("songs: the filters leave no more\n")
    return json.loads(out)["songs"]


@pytest.mark.parametrize("name", ["recommend", "similar"])
def test_a_list_is_shaped_by_options(command, run_folder, tmp_path, name):
    line = [name, run_folder, "5", "--k", 8]
    plain = [song["id"] for song in answered(command, *line)]
    (tmp_path / "ids").write_text(f"{plain[1]}\n{plain[3]}\n")
    assert [song["id"] for song in answered(command, *line, "--only", tmp_path / "ids")] == [plain[1], plain[3]]
    assert plain[1] not in {song["id"] for song in answered(command, *line, "--without", tmp_path / "ids")}
    artists = [song["artist"] for song in answered(command, *line, "--max-per-artist", 1, "--variety", 0.5)]
    assert len(set(artists)) == len(artists) == 8
    tag = answered(command, *line)[0]["tags"][0]
    assert not any(tag in song["tags"] for song in answered(command, *line, "--without-tag", tag))
    assert all(tag in song["tags"] for song in answered(command, *line, "--only-tag", tag))


def test_every_dial_and_filter_has_an_option_and_is_off_unless_asked_for(command, run_folder):
    for name in ("recommend", "similar"):
        assert {field.name for field in fields(Shape)} <= {option.name for option in cli.commands[name].params}
    line = ["recommend", run_folder, "5", "--max-per-artist", 99, "--artist-spacing", 0, "--popularity", 0]
    assert answered(command, *line) == answered(command, "recommend", run_folder, "5")


def test_a_taste_is_heard(command, run_folder, small):
    line = ["recommend", run_folder, "--k", 5]
    assert answered(command, *line, "7", "--like", "5") == answered(command, *line, "5", "7")
    artist, tag = small.catalogue.artists[5], small.catalogue.tags[5][0]
    assert len(answered(command, *line, "--artist", artist, "--tag", tag)) == 5
    best = answered(command, *line, "5")[0]["id"]
    assert best not in {song["id"] for song in answered(command, *line, "5", "--dislike", best)}
    heading = command(*line, "5", "--dislike", "7", "--tag", tag)[1].splitlines()
    assert f"after {small.catalogue[5]}; disliking 7; with {tag}" in heading


def test_a_batch_is_shaped_and_tasted_as_one_list_is(command, run_folder, tmp_path):
    (tmp_path / "queries").write_text("5\n")
    options = ["--k", 6, "--max-per-artist", 1, "--dislike", "7", "--popularity", "-0.5"]
    code, out, err = command("recommend", run_folder, "--playlists", tmp_path / "queries", *options)
    assert (code, err) == (0, "")
    alone = answered(command, "recommend", run_folder, "5", *options)
    assert json.loads(out)["songs"] == [song["id"] for song in alone]


def test_demo_on_toy_saves_a_run_with_its_report(command, tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    code, out, _ = command("demo", "--no-app", "--dataset", folder)
    assert code == 0
    assert "| song2vec" in out
    assert (tmp_path / "runs" / "demo-small" / "report.md").exists()


def test_demo_without_a_network_says_so_and_takes_toy(monkeypatch, tmp_path):
    from recommender import demo, fetch

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(demo, "ARCHIVES", (f"http://127.0.0.1:{closed.getsockname()[1]}/dataset.tar.gz",))
        said: list[str] = []
        assert demo._best_there_is(str(tmp_path), said.append).name == "toy"
    assert "none of the mirrors can be reached" in said[0]
    assert "recommender download yes_complete" in said[-1]
    assert not fetch.reachable([], seconds=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["train"], "Missing argument 'DATASET'"),
        (["train", "nowhere", "{new}"], "no dataset 'nowhere' here or in"),
        (["train", "{folder}", "{run}"], "is there already; give another folder, or --force to replace it"),
        (["train", "{folder}", "{folder}"], "is there and is not a run"),
        (["train", "{folder}", "{new}", "--model", "song3vec"], "no model 'song3vec' (did you mean song2vec?)"),
        (["train", "{folder}", "{new}", "--set", "dims=3"], "song2vec has no parameter 'dims' (did you mean dim?)"),
        (["train", "{folder}", "{new}", "--set", "dim"], "--set takes NAME=VALUE, got 'dim'"),
        (["train", "{folder}", "{new}", "--set", "dim=0"], "song2vec: dim must be from 1 to 1,000,000,000, got 0"),
        (["train", "{folder}", "{new}", "--model", "markov", "--hold-out", "0.0001"], "holds none out"),
        (["train", "{folder}", "{new}", "--set", "dim=1000000000"], "not enough memory: Unable to allocate"),
        (["evaluate", "{folder}", "--models", "markov,nope"], "no model 'nope'"),
        (["evaluate", "{folder}", "--models", ""], "no model ''"),
        (["train", "{folder}", "{new}", "--seed", "5000000000"], "Invalid value for '--seed'"),
        (["train", "{folder}", "{new}", "--set", "negative=10000000000"], "negative must be from 1 to 10,000"),
        (["train", "{folder}", "{new}", "--set", "dim={{[]:1}}"], "dim must be a number like 320"),
        (["train", "{folder}", "{new}", "--set", "decay=1e30"], "decay must be from 0 to 1"),
        (["evaluate", "{folder}", "--report", "{folder}/train.txt"], "--report takes a folder"),
        (["recommend", "{run}", "--playlists", "{folder}/tag_hash.txt", "--out", "/dev/null/x"], "/dev/null/x: cannot"),
        (["evaluate", "{folder}", "--runs", "{run}", "--models", "markov"], "give either --models A,B,C or --runs"),
        (["evaluate", "{folder}", "--runs", "{run}"], "the run learnt from small, not from this small"),
        (["evaluate", "{folder}", "--protocol", "guess"], "'guess' is not one of 'next', 'last'"),
        (["evaluate", "{folder}", "--against", "{folder}/train.txt"], "--against takes a folder"),
        (["evaluate", "{folder}", "--against", "{folder}"], "--against needs --report FOLDER"),
        (["evaluate", "{folder}", "--against", "{folder}", "--report", "{new}"], "holds no whole report"),
        (["evaluate", "{folder}", "--runs", "{run}", "--seeds", "2"], "--seeds and cleaning are of training"),
        (["evaluate", "{folder}", "--runs", "{run}", "--min-plays", "2"], "--seeds and cleaning are of training"),
        (["evaluate", "{folder}", "--min-plays", "99999"], "no play is left; ask for less cleaning"),
        (["evaluate", "{folder}", "--seeds", "0"], "Invalid value for '--seeds'"),
        (["recommend", "{run}"], "give SONG..., --from FILE, --like, --artist or --tag; or --playlists FILE alone"),
        (["recommend", "{run}", "5", "--out", "x"], "--out goes with --playlists FILE"),
        (["recommend", "{new}", "5"], "is not a run (it has no card.json)"),
        (["recommend", "{run}", "no such song"], "no song matches 'no such song'"),
        (["recommend", "{run}", "5", "--k", "0"], "Invalid value for '--k'"),
        (
            ["recommend", "{run}", "--playlists", "-", "--out", "x", "--resume"],
            "--resume needs --out ANSWERS, and a file",
        ),
        (["recommend", "{run}", "5", "--only-tag", "zzz"], "no song has the tag 'zzz'"),
        (["recommend", "{run}", "--artist", "zzz"], "no song has the artist 'zzz'"),
        (
            ["recommend", "{run}", "--dislike", "5"],
            "give SONG..., --from FILE, --like, --artist or --tag; or --playlists FILE alone",
        ),
        (["recommend", "{run}", "5", "--dislike", "no such song"], "no song matches 'no such song'"),
        (["recommend", "{run}", "5", "--only", "/dev/null"], "the filters leave no song"),
        (["similar", "{run}", "5", "--only", "/dev/null"], "the filters leave no song"),
        (["recommend", "{run}", "5", "--without", "{folder}/tag_hash.txt"], "which is no song id of the run"),
        (["recommend", "{run}", "5", "--variety", "2"], "Invalid value for '--variety'"),
        (["recommend", "{run}", "--playlists", "nowhere"], "nowhere: cannot be read"),
        (["similar", "{run}", "no such song"], "no song matches 'no such song'"),
        (["search", "{new}", "x"], "no dataset"),
        (["stats", "{new}"], "no dataset"),
        (["download", "yes_tiny"], "no dataset 'yes_tiny' to download; there are yes_small, yes_big, yes_complete"),
        (["download", "yes_small", "--from", "nowhere.tar.gz", "--data", "{new}"], "nowhere.tar.gz"),
        (["app", "{new}"], "is not a run"),
    ],
)
def test_a_fault_is_one_line_and_exit_code_one(command, folder, run_folder, tmp_path, arguments, message):
    places = {"folder": folder, "run": run_folder, "new": tmp_path / "new"}
    code, out, err = command(*(argument.format(**places) for argument in arguments))
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert message in err


def test_a_port_in_use_is_told(command, run_folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = command("app", run_folder, "--port", port)
    assert code == 1
    assert f"port {port} cannot be used" in err


@pytest.mark.parametrize("command_", [["models"], ["recommend", "{run}", "--playlists", "-"]])
def test_a_reader_that_has_enough_gets_no_complaint(command_, run_folder):
    recommender = [sys.executable, "-m", "recommender", *(word.format(run=run_folder) for word in command_)]
    with subprocess.Popen(recommender, stdin=-1, stdout=-1, stderr=-1, text=True, cwd=ROOT) as process:
        process.stdout.close()
        process.stdin.write("5\n" * 2000)
        process.stdin.close()
        assert process.stderr.read() == ""


def test_a_closed_output_and_a_terminal_of_few_letters_are_no_fault(run_folder):
    line = f"{sys.executable} -m recommender recommend {run_folder} 5 7"
    closed = subprocess.run(["bash", "-c", f"{line} >&-"], check=False, cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in closed.stderr
    env = os.environ | {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C"}
    plain = subprocess.run(line.split(), check=True, cwd=ROOT, env=env, capture_output=True)
    assert b" ? " in plain.stdout


def test_training_needs_no_git(folder, tmp_path, monkeypatch, command):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command("train", folder, tmp_path / "run", "--model", "markov")[0] == 0


def test_an_interrupt_is_one_line_and_leaves_nothing(folder, tmp_path):
    line = [sys.executable, "-m", "recommender", "train", folder, tmp_path / "run", "--set", "epochs=100000"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        signal.signal(signal.SIGINT, before)
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read().strip() == "error: stopped; what was not finished is not written"
    assert process.returncode == 1
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_told(run_folder):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "recommender", "recommend", run_folder, "5"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: output: No space left on device\n"
