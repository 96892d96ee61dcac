"""Spark: the same counts, vectors, neighbours and runs as on one machine, from whatever it reads."""

import json
import os
import signal
import tempfile
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from recommender import Run, load
from recommender.errors import DataError, ParameterError, RecommenderError
from recommender.models.markov import transitions
from recommender.models.spectral import near_plays
from recommender.playlists import Playlists
from recommender.spark.blocks import Grid, counted, cut, heaped, merged, total
from recommender.spark.factors import Scattered
from recommender.spark.faults import root_cause, telling
from recommender.spark.kept import Kept
from recommender.spark.reading import load as read
from recommender.spark.session import session
from recommender.spark.stages import stage
from recommender.spark.training import check, train_on
from recommender.training import train

LISTS = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=8)


def moves(n_songs):
    return lambda playlists, weights: transitions(playlists, n_songs)


def learnt(model):
    return {name: value for name, value in vars(model).items() if name.endswith("_")}


def same(one, other):
    if isinstance(one, sp.csr_array):
        return one.shape == other.shape and not (one != other).nnz and one.dtype == other.dtype
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f") and one.dtype == other.dtype


@given(LISTS, st.integers(1, 5))
def test_slices_are_the_playlists_in_order(lists, plays):
    playlists = Playlists.of(lists)
    slices = cut(playlists, np.arange(len(lists), dtype=np.float32), playlists.lengths, plays)
    assert [song for songs, _, _ in slices for song in songs] == playlists.songs.tolist()
    assert [length for _, lengths, _ in slices for length in lengths] == playlists.lengths.tolist()
    assert [int(weight) for _, _, weights in slices for weight in weights] == [*range(len(lists))]


@given(LISTS, st.integers(1, 4), st.integers(1, 12))
def test_blocks_of_slices_sum_to_the_count_of_all(lists, plays, n_blocks):
    playlists, grid = Playlists.of(lists), Grid(10, n_blocks)
    piles = {}
    for songs, lengths, _ in cut(playlists, np.ones(len(lists), np.float32), playlists.lengths, plays):
        for block, piece in grid.cut(near_plays(Playlists.joined(songs, lengths), 10, 4, 0.9)):
            piles[block] = heaped(piles.get(block, []), piece)
    joined = grid.joined([(block, total(merged([], pile))) for block, pile in piles.items()])
    assert np.array_equal(joined.toarray(), near_plays(playlists, 10, 4, 0.9).toarray())


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("x\nTraceback (most recent call last):\n  File\nValueError: no such thing\n", "ValueError: no such thing"),
        ("org.apache.spark.SparkException: Job aborted: a.b.IOException: No space left\n\tat x.Y", "No space left"),
        ("plain", "plain"),
    ],
)
def test_the_root_cause_is_one_line(text, cause):
    assert root_cause(ValueError(text)) == cause


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("markov", {}),
        ("item_knn", {}),
        ("item_knn", {"weighting": "cosine", "neighbours": 7}),
        ("spectral", {"iterations": 1}),
    ],
)
def test_a_model_learns_what_one_process_does(spark, small, name, parameters):
    mine, other = train(small, name, parameters), train_on(spark, small, name, parameters)
    if name != "spectral":
        assert all(same(value, learnt(other.model)[key]) for key, value in learnt(mine.model).items())
    assert same_scores(mine.model, other.model, small.train.slice(0, 50))
    costs = {"made", "fit_seconds", "peak_memory_mb", "engine"}
    assert {k: v for k, v in mine.card.items() if k not in costs} == {
        k: v for k, v in other.card.items() if k not in costs
    }
    assert other.card["engine"]["master"] == "local[2]"
    assert other.card["engine"]["stages"][0]["shuffled"] > 0


def same_scores(model, other, seeds, tolerance=1e-4):
    scores, others = model.score(seeds), other.score(seeds)
    known = np.isfinite(scores)
    greatest = np.abs(np.where(known, scores, 0)).max(axis=1, keepdims=True)
    differ = np.abs(np.where(known, scores, 0) - np.where(known, others, 0))
    return np.array_equal(known, np.isfinite(others)) and (differ <= tolerance * greatest).all()


def test_on_real_radio_counts_are_equal_and_scores_nearly(spark, real):
    dataset = load(real / "yes_big")
    asked = {"iterations": 1}
    mine, other = train(dataset, "spectral", asked), train_on(spark, dataset, "spectral", asked)
    grid, alone = Grid(dataset.n_songs, 7), near_plays(dataset.train, dataset.n_songs, 10, 0.9)
    n_songs = dataset.n_songs
    blocks = counted(
        spark,
        dataset.train,
        np.ones(len(dataset.train), np.float32),
        dataset.train.lengths,
        grid,
        lambda playlists, weights: near_plays(playlists, n_songs, 10, 0.9),
    )
    assert same(grid.joined(blocks.collect()), alone)
    assert same_scores(mine.model, other.model, dataset.train.take(np.arange(0, 1000, 5)))


def test_vectors_too_many_to_send_at_once_are_sent_in_parts(spark, small, monkeypatch):
    dense, counts = np.random.default_rng(0).random((120, 25), np.float32), near_plays(small.train, 120, 10, 0.9)
    rows = spark.sparkContext.parallelize([(np.arange(first, 120, 3), counts[first::3]) for first in range(3)])
    scattered, widths = Scattered(spark, rows, rows, 120), []
    sent = Scattered._multiply
    monkeypatch.setattr(Scattered, "_multiply", lambda *of: widths.append(of[1].shape[1]) or sent(*of))
    monkeypatch.setattr("recommender.spark.factors._SENT", 4 * 120 * 10)
    np.testing.assert_allclose(scattered @ dense, counts @ dense, rtol=1e-6)
    assert widths == [10, 10, 5]


def test_what_is_done_is_measured_apart(spark):
    stages = []
    for name in ("first", "second"):
        with stage(spark, name, stages):
            spark.sparkContext.parallelize([(1, 2)], 1).groupByKey(1).count()
    assert [each.name for each in stages] == ["first", "second"]
    assert stages[0].shuffled == stages[1].shuffled > 0


def test_stages_that_spark_has_forgotten_are_left_out_of_the_costs(spark):
    """The fixture's Spark remembers five, of which each second one shuffles."""
    stages = []
    for jobs in (1, 20):
        with stage(spark, "jobs", stages):
            for _ in range(jobs):
                spark.sparkContext.parallelize([(1, 2)], 1).groupByKey(1).count()
    one, many = (each.shuffled for each in stages)
    assert one <= many < 20 * one


def test_sigterm_ends_a_session_as_ctrl_c_does(spark, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the fixture's session has it
    try:
        with pytest.raises(KeyboardInterrupt), session():
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not [*tmp_path.iterdir()]


def written(folder, form, dataset):
    """The training playlists in a format that Spark reads; ids are a hundred more than the rows."""
    folder.mkdir()
    names, playlists = dataset.catalogue, dataset.train
    if form == "a play a row":
        order = np.random.default_rng(0).permutation(playlists.n_plays)
        songs = playlists.songs[order]
        columns = {
            "playlist_id": playlists.owners[order],
            "pos": playlists.positions[order],
            "song_id": songs + 100,
            "title": [names.titles[song] for song in songs],
            "artist": [names.artists[song] for song in songs],
        }
        pq.write_table(pa.table(columns), folder / "plays.parquet", row_group_size=500)
    elif form == "a playlist a row":
        lists = [(songs + 100).tolist() for songs in playlists]
        pq.write_table(pa.table({"pid": [*range(len(lists))], "songs": lists}), folder / "lists.parquet")
    elif form == "json lines":
        lines = [
            {"pid": i, "tracks": [{"id": s + 100, "title": names.titles[s], "artist": names.artists[s]} for s in songs]}
            for i, songs in enumerate(map(np.ndarray.tolist, playlists))
        ]
        (folder / "lists.jsonl").write_text("\n".join(map(json.dumps, lines)))
    else:
        lists = [
            {
                "pid": i,
                "tracks": [
                    {
                        "pos": at,
                        "track_uri": f"spotify:track:{song:06}",
                        "track_name": names.titles[song],
                        "artist_name": names.artists[song],
                    }
                    for at, song in enumerate(songs.tolist())
                ][::-1],
            }
            for i, songs in enumerate(playlists)
        ]
        for number, part in enumerate((lists[:250], lists[250:])):
            (folder / f"mpd.slice.{number}.json").write_text(json.dumps({"info": {}, "playlists": part}))


@pytest.mark.parametrize("form", ["a play a row", "a playlist a row", "json lines", "slices"])
def test_every_format_gives_the_same_playlists(spark, small, tmp_path, form):
    dataset = replace(small, train=small.train.take(small.train.lengths > 0))
    assert (dataset.catalogue.plays > 0).all()
    written(tmp_path / "lists", form, dataset)
    found = read(spark, "lists", tmp_path)
    assert found.train.songs.tolist() == dataset.train.songs.tolist()
    assert found.train.offsets.tolist() == dataset.train.offsets.tolist()
    assert found.catalogue.plays.tolist() == dataset.catalogue.plays.tolist()
    assert found.catalogue.ids.tolist() == [row + (0 if form == "slices" else 100) for row in range(120)]
    if form != "a playlist a row":
        assert (found.catalogue.titles, found.catalogue.artists) == (small.catalogue.titles, small.catalogue.artists)
    assert all(len(digest) == 64 for digest in found.digests.values())


def test_cornells_layout_and_the_toy_are_read_as_ever(spark, folder, small):
    assert read(spark, folder).train.songs.tolist() == small.train.songs.tolist()
    assert read(spark, "toy").name == "toy"


def test_columns_that_are_not_known_are_named(spark, tmp_path):
    pq.write_table(pa.table({"who": [1], "what": [2]}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"x.parquet: the columns who, what name no playlist and song; call them pl"):
        read(spark, tmp_path / "x.parquet")


@pytest.mark.parametrize(("name", "parameters"), [("spectral", {"dim": 8, "iterations": 0}), ("markov", {})])
def test_kept_counts_give_what_counting_all_at_once_gives(spark, small, tmp_path, name, parameters):
    mine = train(small, name, parameters).model
    whole = learnt(mine)
    train_on(spark, replace(small, train=small.train.slice(0, 400)), name, parameters, counts=tmp_path / "kept")
    for _ in ("with new playlists", "with none"):
        run = train_on(spark, small, name, parameters, counts=tmp_path / "kept")
        if name == "markov":
            assert len(whole) == 3
            assert all(same(value, learnt(run.model)[key]) for key, value in whole.items())
        else:
            kept = Kept.opened(tmp_path / "kept", "spectral window=10 falloff=0.9")
            grid = Grid(120, kept.n_blocks)
            assert same(grid.joined(kept.blocks(spark, grid).collect()), near_plays(small.train, 120, 10, 0.9))
            assert same_scores(mine, run.model, small.train.slice(0, 9))
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        ".lock",
        "counts.json",
        "of-0-400",
        "of-400-600",
    ]
    assert run.card["engine"]["stages"][0]["shuffled"] == 0


@pytest.mark.parametrize("blocks", [2, 5])
def test_blocks_of_kept_counts_have_room_for_songs_that_came_since(spark, tmp_path, blocks):
    first, both = Playlists.of([[0, 1], [1, 0]]), Playlists.of([[0, 1], [1, 0], [1, 3, 4]])
    kept, ones, grid = Kept.opened(tmp_path / "kept", "moves"), np.ones(2, np.float32), Grid(2, 2)
    assert kept.grid(grid) == grid
    kept = kept.add(counted(spark, first, ones, first.lengths, grid, moves(2)), grid, first)
    new, grid = kept.new(both), kept.grid(Grid(5, blocks))
    assert grid == Grid(5, blocks - blocks % 2)
    kept = kept.add(counted(spark, new, ones[:1], new.lengths, grid, moves(5)), grid, both)
    assert same(grid.joined(kept.blocks(spark, grid).collect()), transitions(both, 5))


def test_parts_take_in_those_before_that_are_less_than_twice_as_large(spark, tmp_path):
    lists, grid = Playlists.of([[n % 3, n % 2] for n in range(12)]), Grid(3, 2)
    kept = Kept.opened(tmp_path, "moves")
    for end, parts in ((8, [8]), (9, [8, 1]), (10, [8, 2]), (11, [8, 2, 1]), (12, [8, 4])):
        new = kept.new(lists.slice(0, end))
        fresh = counted(spark, new, np.ones(len(new), np.float32), new.lengths, grid, moves(3))
        kept = kept.add(fresh, grid, lists.slice(0, end))
        assert [part.end - part.start for part in kept.parts] == parts
        assert same(grid.joined(kept.blocks(spark, grid).collect()), transitions(lists.slice(0, end), 3))
        assert sorted(path.name[:3] for path in tmp_path.iterdir()) == ["cou", *["of-"] * len(parts)]


def test_counts_that_this_machine_does_not_see_are_told_and_those_before_stay(spark, tmp_path):
    """What a worker with a disk of its own wrote."""
    lists, ones, grid = Playlists.of([[0, 1], [1, 0]]), np.ones(2, np.float32), Grid(2, 2)
    kept = Kept.opened(tmp_path, "moves").add(counted(spark, lists, ones, lists.lengths, grid, moves(2)), grid, lists)
    elsewhere = spark.sparkContext.parallelize(range(2), 2).map(lambda _: 3)
    with pytest.raises(DataError, match=r"of-2-3.* does not see it; give a folder that all machines of the cluster"):
        kept.add(Unwritten(elsewhere), grid, Playlists.of([[0, 1], [1, 0], [0]]))
    assert Kept.opened(tmp_path, "moves") == kept
    (tmp_path / "of-0-2" / "1.npz").unlink()
    with pytest.raises(RecommenderError, match=r"1\.npz: .* does not see it"), telling():
        kept.blocks(spark, grid).collect()


@dataclass
class Unwritten:
    """Blocks whose writing leaves nothing here."""

    numbers: object

    def mapPartitionsWithIndex(self, _):  # noqa: N802
        return self.numbers


def test_kept_counts_of_something_else_are_refused(spark, small, tmp_path):
    train_on(spark, small, "markov", counts=tmp_path / "kept")
    with pytest.raises(
        RecommenderError, match=r"has the counts of markov, not of spectral window=10 falloff=0\.9; give"
    ):
        train_on(spark, small, "spectral", counts=tmp_path / "kept")
    other = replace(small, train=small.train.slice(1, 600))
    with pytest.raises(RecommenderError, match="has counts of 600 playlists that are not the first of these"):
        train_on(spark, other, "markov", counts=tmp_path / "kept")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").touch()
    with pytest.raises(RecommenderError, match="is there and has no counts"):
        train_on(spark, small, "markov", counts=tmp_path / "notes")


def test_counts_are_added_to_by_one_process_at_a_time(spark, small, tmp_path):
    with (
        FileLock(tmp_path / ".lock"),
        pytest.raises(RecommenderError, match="is being added to by another process; wait for it"),
    ):
        train_on(spark, small, "markov", counts=tmp_path)


def test_a_damaged_block_of_counts_is_named(spark, small, tmp_path):
    train_on(spark, small, "markov", counts=tmp_path)
    (tmp_path / "of-0-600" / "1.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"1\.npz is damaged; remove .*, to count all anew"):
        train_on(spark, small, "markov", counts=tmp_path)


def test_counts_that_were_stopped_at_any_point_are_begun_again(small, tmp_path):
    for name in (".counts.json", "of-9"):
        (tmp_path / name).touch()
        assert Kept.opened(tmp_path, "markov").new(small.train).n_plays == small.train.n_plays


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("s3a://bucket/counts", "s3a://bucket/counts is an address; counts are kept in a folder that all machines sh"),
        ("file", "file is a file; counts are kept in a folder: give another name"),
    ],
)
def test_a_place_where_counts_would_not_be_found_again_is_refused(tmp_path, monkeypatch, place, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=message):
        check("markov", place)


def test_the_command_line_trains_on_spark(spark, folder, tmp_path, command):
    asked = ["train", folder, tmp_path / "run", "--model", "spectral", "--set", "dim=8", "--engine", "spark"]
    code, out, err = command(*asked, "--hold-out", "0.2", "--no-map", "--counts", tmp_path / "counts")
    assert (code, err) == (0, "")
    assert "run: spectral learnt" in out
    assert "hit_rate@10" in out
    mine = train(load(folder), "spectral", {"dim": 8}, held_out=0.2)
    run = Run.load(tmp_path / "run")
    assert run.card["dataset"] == mine.card["dataset"]
    assert same_scores(mine.model, run.model, mine.learnt_from.slice(0, 9))
    assert [song.id for song, _ in run.recommend([3])] == [song.id for song, _ in mine.recommend([3])]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--model", "vstan"],
            "vstan does not train on Spark, which has spectral, markov, item_knn; leave --engine out",
        ),
        (["--model", "item_knn", "--counts", "x"], "item_knn weighs playlists by their mean length"),
    ],
)
def test_what_does_not_go_on_spark_is_said_before_it_starts(folder, tmp_path, command, options, message):
    code, _, err = command("train", folder, tmp_path / "run", "--engine", "spark", *options)
    assert (code, err.startswith(f"error: {message}")) == (1, True)


def test_counts_without_spark_are_refused(folder, tmp_path, command):
    code, _, err = command("train", folder, tmp_path / "run", "--counts", "x")
    assert (code, err) == (1, "error: --counts are kept by Spark; it goes with --engine spark\n")


def test_a_model_that_does_not_exist_is_said_to_be_none(spark, small):
    with pytest.raises(ParameterError, match="no model 'spectra'"):
        train_on(spark, small, "spectra")


def test_a_fault_on_a_worker_is_one_sentence(spark, small, monkeypatch):
    def broken(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("recommender.spark.training.near_plays", broken)
    with (
        pytest.raises(RecommenderError, match=r"^Spark: OSError: No space left on device; free the disk or, for"),
        session(),
    ):
        train_on(spark, small, "spectral")
    assert spark.range(3).count() == 3


def test_without_java_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(RecommenderError, match="Spark needs Java 17 or newer, and there is none; install it"),
        session(),
    ):
        pass
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with (
        pytest.raises(RecommenderError, match=f"JAVA_HOME is {tmp_path}, which has no bin/java; correct it"),
        session(),
    ):
        pass


def test_a_master_that_cannot_be_reached_is_named(monkeypatch):
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    away = "spark://127.0.0.1:9"
    with pytest.raises(RecommenderError, match=rf"no master answers at {away} \(.*\); start one, or"), session(away):
        pass
    with pytest.raises(RecommenderError, match="'here' is no master; give local"), session("here"):
        pass


def test_without_pyspark_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(os.sys.modules, "pyspark.testing", None)
    with pytest.raises(RecommenderError, match=r"`pip install playlist-recommender\[spark\]` installs it"), session():
        pass
