"""Answers and evaluation on Spark: the bytes and the numbers of this process."""

import json
import os
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

from recommender import Run, Shape, compare_runs, load
from recommender.batch import LINES, answer_file
from recommender.datasets import Dataset
from recommender.datasets.toy import toy
from recommender.errors import DataError, RecommenderError
from recommender.evaluation import evaluate, fit
from recommender.models import make
from recommender.ranking import BATCH
from recommender.spark import answers
from recommender.spark.evaluation import ranker
from recommender.spark.faults import telling
from recommender.spark.session import session
from recommender.spark.workers import SharedModel, SharedRun
from recommender.split import hold_out, next_song, second_half
from recommender.training import train, with_index
from tests.conftest import ROOT


@pytest.fixture
def queries(tmp_path):
    """Three batches of lines, the last one not full, some empty, some with a song twice."""
    rng = np.random.default_rng(0)
    lines = [" ".join(map(str, rng.integers(0, 120, rng.integers(0, 6)))) for _ in range(2 * BATCH + 100)]
    (tmp_path / "queries").write_text("\n".join(lines) + "\n")
    return tmp_path / "queries"


@pytest.mark.parametrize("options", [[], ["--like", 3, "--max-per-artist", 1, "--variety", 0.3, "--allow-repeats"]])
def test_answers_have_the_bytes_of_the_local_command(spark, run_folder, queries, tmp_path, command, options):
    asked = ["recommend", run_folder, "--playlists", queries, "--k", 7, *options, "--out"]
    here, there = command(*asked, tmp_path / "here"), command(*asked, tmp_path / "there", "--engine", "spark")
    assert here == there
    assert here[0] == 0
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "queries", "there"]


def test_answers_of_a_run_with_an_index_have_the_bytes_of_the_local_command(spark, tmp_path, queries):
    """Some queries are asked again of all songs: those to which the index has too few answers."""
    catalogue, playlists = toy(n_songs=1500, n_playlists=4000, seed=2)
    with_index(train(Dataset("toy", catalogue, playlists, None, "made up"), "spectral", {"dim": 16})).save(
        tmp_path / "run"
    )
    lines = queries.read_text() * (3 * LINES // (2 * BATCH))
    queries.write_text(lines)
    assert lines.count("\n") > LINES
    shape = Shape(without_tags=("rock",))
    answer_file(Run.load(tmp_path / "run"), str(queries), str(tmp_path / "here"), 40, shape=shape)
    answers.answer_file(spark, str(tmp_path / "run"), str(queries), str(tmp_path / "there"), 40, shape=shape)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


@pytest.mark.parametrize("text", ["", "5", "\ufeff5\r\n\n7 8\n"])
def test_odd_files_have_the_bytes_of_the_local_command(spark, run_folder, tmp_path, text):
    (tmp_path / "queries").write_bytes(text.encode())
    asked = str(tmp_path / "queries")
    empty = answer_file(Run.load(run_folder), asked, str(tmp_path / "here"), 3)
    assert answers.answer_file(spark, str(run_folder), asked, str(tmp_path / "there"), 3) == empty
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


def test_a_folder_is_its_files_in_the_order_of_their_names(spark, run_folder, queries, tmp_path):
    lines = queries.read_text().splitlines(keepends=True)
    (tmp_path / "folder").mkdir()
    for name, some in (("b", lines[10:300]), ("a", lines[:10]), ("c", lines[300:])):
        (tmp_path / "folder" / name).write_text("".join(some))
    for asked in (queries, tmp_path / "folder"):
        answers.answer_file(spark, str(run_folder), str(asked), str(tmp_path / f"{asked.name}.out"), 3)
    assert (tmp_path / "queries.out").read_bytes() == (tmp_path / "folder.out").read_bytes()


def test_parquet_in_and_out_has_the_same_playlists_and_answers(spark, run_folder, queries, tmp_path):
    playlists = [[*map(int, line.split())] or None for line in queries.read_text().splitlines()]
    (tmp_path / "in.parquet").mkdir()
    for name, some in (("b", playlists[300:]), ("a", playlists[:300])):
        pq.write_table(pa.table({"songs": some}), tmp_path / "in.parquet" / f"{name}.parquet", row_group_size=90)
    asked = str(run_folder), str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")
    empty = answers.answer_file(spark, *asked, 3)
    assert answer_file(Run.load(run_folder), str(queries), str(tmp_path / "here"), 3) == empty > 0
    rows = pads.dataset(tmp_path / "out.parquet").to_table().sort_by("line").to_pylist()
    told = [json.loads(line) for line in (tmp_path / "here").read_text().splitlines()]
    assert rows == [{"line": number, **answer} for number, answer in enumerate(told, 1)]


def test_a_null_in_a_list_of_ids_is_told_with_its_line(spark, run_folder, tmp_path):
    pq.write_table(pa.table({"songs": [[5], [5, None, 7]]}), tmp_path / "in.parquet")
    with pytest.raises(DataError, match="line 2 has 'null', which is no song id"):
        answers.answer_file(spark, str(run_folder), str(tmp_path / "in.parquet"), str(tmp_path / "out"), 3)


def test_parquet_without_lists_of_ids_is_told_with_its_columns(spark, run_folder, tmp_path):
    pq.write_table(pa.table({"songs": ["5 7"]}), tmp_path / "in.parquet")
    with pytest.raises(DataError, match="has the columns songs string; playlists are lists of whole numbers"):
        answers.answer_file(spark, str(run_folder), str(tmp_path / "in.parquet"), str(tmp_path / "out"), 3)


@pytest.mark.parametrize("write", [answers._to_lines, answers._to_parquet])
def test_answers_that_did_not_come_back_are_told_and_nothing_is_written(spark, tmp_path, write):
    answered = spark.sql("""SELECT 1L AS line, '{"songs": [5], "scores": [0.5]}' AS answer""")
    with pytest.raises(DataError, match="out: 1 of 2 answers came back: workers wrote the others where this machine"):
        write(answered, 2, tmp_path / "out")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["out", "out.parquet"])
def test_a_wrong_line_is_named_and_leaves_no_answers_behind(spark, run_folder, queries, tmp_path, command, name):
    with queries.open("a") as lines:
        lines.write("7 x\n")
    asked = ["recommend", run_folder, "--playlists", queries, "--out", tmp_path / name]
    here, there = command(*asked), command(*asked, "--engine", "spark")
    assert here == there
    assert f"line {2 * BATCH + 101} has 'x', which is no song id" in here[2]
    assert [path.name for path in tmp_path.iterdir()] == ["queries"]


def test_what_spark_cannot_read_or_replace_is_told_before_it_starts(tmp_path, run_folder, command):
    (tmp_path / "a,b").touch()
    asked = ["recommend", run_folder, "--engine", "spark"]
    for playlists, out, words in (
        (tmp_path / "nowhere", "out", "nowhere: cannot be read: No such file or directory; give a file, or a folder"),
        (tmp_path / "a,b", "out", "a,b: Spark takes ',' in a name as part of a pattern; rename it"),
        (run_folder / "songs.tsv", tmp_path, "is there already, a folder; remove it, or name another place"),
    ):
        code, _, err = command(*asked, "--playlists", playlists, "--out", out)
        assert code == 1
        assert words in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["recommend", "RUN", "5", "--master", "local"], "--master names a Spark cluster; it goes with --engine spark"),
        (["recommend", "RUN", "5", "--engine", "spark"], "--engine spark needs --playlists with the name of a file"),
        (
            ["recommend", "RUN", "--playlists", "-", "--out", "o", "--engine", "spark"],
            "--engine spark needs --playlists",
        ),
        (["recommend", "RUN", "--playlists", "f", "--out", "o", "--engine", "spark", "--resume"], "--resume is of"),
        (["evaluate", "toy", "--protocol", "likelihood", "--engine", "spark"], "a likelihood has none"),
    ],
)
def test_options_that_do_not_go_together_are_told(run_folder, command, arguments, words):
    code, _, err = command(*(run_folder if word == "RUN" else word for word in arguments))
    assert code == 1
    assert words in err


def alike(here, there):
    """Whether two reports say the same, but of time."""
    for name in here.values:
        for metric in here.values[name]:
            np.testing.assert_array_equal(here.values[name][metric], there.values[name][metric])
    timeless = [
        {n: {k: v for k, v in of.items() if k != "queries/s"} for n, of in r.totals.items()} for r in (here, there)
    ]
    return timeless[0] == timeless[1] and all(alike(here.beside[name], there.beside[name]) for name in here.beside)


@pytest.mark.parametrize("questions", [next_song, second_half])
def test_an_evaluation_has_the_same_numbers(spark, small, questions):
    learnt, held_out = hold_out(small.train, 0.5)
    models = {name: make(name) for name in ("spectral", "vstan", "markov")} | {
        "blend": make("blend", {"members": "vstan,ease"})
    }
    fit(models, learnt, small.n_songs)
    split = questions(learnt, held_out)
    assert len(split) > BATCH
    assert alike(evaluate(models, split), evaluate(models, split, ranker=ranker(spark)))


def test_the_command_evaluates_runs_and_fits_models_as_it_does_locally(spark, small, folder, tmp_path, command):
    train(load(str(folder)), "vstan", held_out=0.2).save(tmp_path / "run")
    for asked in (["--runs", tmp_path / "run"], ["--models", "popularity,markov", "--protocol", "cold"]):
        tables = [command("evaluate", folder, *asked, "--engine", engine) for engine in ("local", "spark")]
        here, there = ([line.split("|")[:6] for line in out.splitlines()] for _, out, _ in tables)
        assert here == there
        assert tables[0][0] == 0


def test_a_run_or_a_model_that_a_worker_does_not_see_is_told_with_the_worker(small, run_folder, tmp_path):
    shutil.copytree(run_folder, tmp_path / "run")
    run, model = SharedRun.of(str(tmp_path / "run")), make("popularity").fit(small.train, small.n_songs)
    (tmp_path / "run" / "card.json").write_text("{}")
    with pytest.raises(DataError, match="has another run there; let it see the same folder"):
        run.opened()
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(DataError, match=f"{os.uname().nodename}, which is to work with it, does not see it"):
        run.opened()
    (tmp_path / "model").mkdir()
    there = SharedModel.of(model, str(tmp_path / "model"))
    shutil.rmtree(tmp_path / "model")
    with pytest.raises(DataError, match=r"model: .* does not see it; set TMPDIR to a folder that all"):
        there.opened()


def test_a_worker_with_another_version_or_without_the_package_is_told(
    spark, run_folder, queries, tmp_path, monkeypatch
):
    asked = spark, str(run_folder), str(queries), str(tmp_path / "out"), 3
    other = tmp_path / "other" / "recommender"
    shutil.copytree(ROOT / "recommender", other)
    (other / "errors.py").write_text((other / "errors.py").read_text() + "\n# changed\n")
    monkeypatch.setitem(spark.sparkContext.environment, "PYTHONPATH", str(other.parent))
    with pytest.raises(RecommenderError, match="has another version of playlist-recommender; install the same one"):
        answers.answer_file(*asked)
    shutil.rmtree(other)
    other.mkdir()
    (other / "__init__.py").touch()
    monkeypatch.setitem(spark.sparkContext.environment, "PYTHONPATH", f"{other.parent}:")
    with (
        pytest.raises(
            RecommenderError, match=r"No module named 'recommender\.spark'; install it for the Python of every"
        ),
        session(),
    ):
        answers.answer_file(*asked)


def test_what_is_no_fault_of_a_worker_is_told_as_it_is():
    with pytest.raises(ZeroDivisionError), telling():
        1 / 0  # noqa: B018


def test_real_runs_have_the_same_numbers_and_bytes(spark, real, tmp_path):
    dataset = load("yes_small", real)
    folders = [str(tmp_path / "vstan"), str(tmp_path / "spectral")]
    train(dataset, "vstan", held_out=0.1).save(folders[0])
    train(dataset, "spectral", {"dim": 32}, held_out=0.1).save(folders[1])
    here, there = (compare_runs(dataset, folders, queries=2000, **how) for how in ({}, {"ranker": ranker(spark)}))
    assert alike(here, there)
    playlists = dataset.train.take(np.arange(2000))
    lines = [" ".join(map(str, dataset.catalogue.ids[songs])) for songs in playlists]
    (tmp_path / "queries").write_text("\n".join(lines))
    answer_file(Run.load(folders[1]), str(tmp_path / "queries"), str(tmp_path / "here"), 100)
    answers.answer_file(spark, folders[1], str(tmp_path / "queries"), str(tmp_path / "there"), 100)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()
