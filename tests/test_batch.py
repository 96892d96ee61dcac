"""Batches of queries from a file."""

import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from recommender import Run, Shape, Taste, batch, write_playlist
from recommender.batch import answer_file, answer_lines, songs_in
from recommender.errors import DataError


@pytest.fixture(scope="module")
def run(run_folder):
    return Run.load(run_folder)


def answers(run, lines, k, **asked):
    return map(json.loads, answer_lines(run, enumerate(lines, 1), k, asked))


def test_each_line_gets_what_recommend_gives(run):
    (answer,) = answers(run, ["5 7\n"], 3)
    expected = run.recommend([5, 7], 3)
    assert answer["songs"] == [song.id for song, _ in expected]
    np.testing.assert_allclose(answer["scores"], [score for _, score in expected], rtol=1e-6)


def test_an_empty_line_gets_an_empty_answer(run):
    assert list(answers(run, ["5\n", "\n", "7\n"], 1))[1] == {"songs": [], "scores": []}


def test_order_is_kept_over_many_batches(run):
    lines = [f"{i % 120}\n" for i in range(5000)]
    tops = [answer["songs"] for answer in answers(run, lines, 1)]
    assert tops[:120] * 41 == tops[: 120 * 41]


@pytest.mark.parametrize("word", ["x", "120", "-1", "1_0", "+5", "٣", "3.0", "99999999999999999999"])
def test_what_is_no_id_is_named_by_line(run, word):
    with pytest.raises(DataError, match=rf"line 2 has '{re.escape(word)}', which is no song id"):
        list(answers(run, ["5\n", f"7 {word}\n"], 1))


def test_the_file_is_answered_in_a_file_of_json_lines(run, tmp_path):
    (tmp_path / "queries").write_text("5\n\n7 8\n")
    assert answer_file(run, str(tmp_path / "queries"), str(tmp_path / "out"), 2) == 1
    lines = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [len(line["songs"]) for line in lines] == [2, 0, 2]


def test_a_wrong_line_leaves_no_answers_behind(run, tmp_path):
    (tmp_path / "queries").write_text("5\nx\n")
    (tmp_path / "out").write_text("earlier")
    with pytest.raises(DataError, match="line 2"):
        answer_file(run, str(tmp_path / "queries"), str(tmp_path / "out"), 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "queries"]
    assert (tmp_path / "out").read_text() == "earlier"


def test_a_link_is_followed_and_a_pipe_is_written_to(run, tmp_path):
    (tmp_path / "queries").write_text("5\n")
    (tmp_path / "target").write_text("earlier")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    answer_file(run, str(tmp_path / "queries"), str(tmp_path / "link"), 1)
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "target").read_text())
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE, text=True) as reader:
        answer_file(run, str(tmp_path / "queries"), str(tmp_path / "pipe"), 1)
        assert json.loads(reader.stdout.read())


def test_queries_may_begin_with_a_byte_order_mark(run, tmp_path):
    (tmp_path / "queries").write_bytes(b"\xef\xbb\xbf5\n")
    assert answer_file(run, str(tmp_path / "queries"), str(tmp_path / "out"), 1) == 0


def test_more_songs_asked_for_than_there_are_gives_all(run):
    (answer,) = answers(run, ["5"], 10**18)
    assert len(answer["songs"]) == len(set(answer["songs"])) <= 119


def test_a_missing_file_is_named(run):
    with pytest.raises(DataError, match="nowhere: cannot be read: No such file or directory"):
        answer_file(run, "nowhere", None, 2)


def test_a_dash_is_standard_input_and_no_out_is_standard_output(run, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("5\n"))
    answer_file(run, "-", None, 1)
    assert list(json.loads(capsys.readouterr().out)) == ["songs", "scores"]


def test_lines_are_answered_with_a_taste_and_a_shape_as_one_by_one(run):
    asked = {"taste": Taste(like=[3], dislike=[9]), "shape": Shape(max_per_artist=1, popularity=-0.5, variety=0.3)}
    found = list(answers(run, ["5 7\n", "\n", "8\n"], 4, **asked))
    expected = [run.recommend(songs, 4, **asked) for songs in ([5, 7], [], [8])]
    assert [answer["songs"] for answer in found] == [[song.id for song, _ in answer] for answer in expected]
    assert len(found[1]["songs"]) == 4


@pytest.fixture
def killed(run, tmp_path, monkeypatch):
    """A batch of 30 lines, eight at a time, that was killed while the fourth chunk was written."""
    monkeypatch.setattr(batch, "LINES", 8)
    (tmp_path / "queries").write_text("".join(f"{i}\n" for i in range(9)) + "\n" + "7 8\n" * 20)
    asked = {"taste": Taste(like=[3]), "shape": Shape(without_tags=run.catalogue.tags[5], max_per_artist=2)}
    answer_file(run, str(tmp_path / "queries"), str(tmp_path / "whole"), 3, **asked)
    lists, calls = Run.lists, []

    def dying(*arguments, **options):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return lists(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "lists", dying)
        with pytest.raises(KeyboardInterrupt):
            answer_file(run, str(tmp_path / "queries"), str(tmp_path / "out"), 3, resume=True, **asked)
    with (tmp_path / "out.part" / "answers.jsonl").open("a") as answers:
        answers.write('{"songs": [1')
    return asked


def test_a_killed_batch_goes_on_where_it_stopped(run, tmp_path, killed, monkeypatch):
    asked_again, lists = [], Run.lists
    monkeypatch.setattr(
        Run, "lists", lambda self, seeds, *a, **o: asked_again.append(len(seeds)) or lists(self, seeds, *a, **o)
    )
    answer_file(run, str(tmp_path / "queries"), str(tmp_path / "out"), 3, resume=True, **killed)
    assert asked_again == [6]
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "queries", "whole"]


def test_two_processes_do_not_go_on_with_one_batch(run, tmp_path, killed):
    begun = (tmp_path / "out.part" / "answers.jsonl").read_bytes()
    with (
        FileLock(tmp_path / "out.part" / "lock"),
        pytest.raises(DataError, match=r"out\.part is being written by another process; wait for it"),
    ):
        answer_file(run, str(tmp_path / "queries"), str(tmp_path / "out"), 3, resume=True, **killed)
    assert (tmp_path / "out.part" / "answers.jsonl").read_bytes() == begun


def test_empty_answers_are_counted_over_a_kill(run, tmp_path):
    (tmp_path / "queries").write_text("5\n" + "\n" * 4000)
    assert answer_file(run, str(tmp_path / "queries"), str(tmp_path / "out"), 1, resume=True) == 4000


def test_a_batch_goes_on_only_as_it_was_begun(run, tmp_path, killed):
    with pytest.raises(DataError, match=r"out\.part was begun with another run, other playlists or other options"):
        answer_file(run, str(tmp_path / "queries"), str(tmp_path / "out"), 4, resume=True, **killed)


def test_what_is_no_file_cannot_be_gone_on_with(run, tmp_path):
    with pytest.raises(DataError, match="nowhere: only a file can be gone on with"):
        answer_file(run, "nowhere", str(tmp_path / "out"), 4, resume=True)


@pytest.mark.parametrize("resume", [False, True])
def test_answers_may_be_parquet(run, tmp_path, resume):
    (tmp_path / "queries").write_text("5\n\n7 8\n")
    for name in ("out.parquet", "out.jsonl"):
        answer_file(run, str(tmp_path / "queries"), str(tmp_path / name), 2, resume=resume)
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    table = pq.read_table(tmp_path / "out.parquet").to_pydict()
    assert table["songs"] == [line["songs"] for line in lines]
    assert table["scores"] == [line["scores"] for line in lines]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "out.parquet", "queries"]


def test_a_file_of_ids_is_read_whatever_stands_between(run, tmp_path):
    (tmp_path / "ids").write_text("5 7\n\n119\n")
    assert songs_in(run, str(tmp_path / "ids")) == [5, 7, 119]
    (tmp_path / "ids").write_text("5\n7 120")
    with pytest.raises(DataError, match="line 2 has '120', which is no song id"):
        songs_in(run, str(tmp_path / "ids"))


def test_a_saved_list_says_which_songs(run_folder, tmp_path):
    run = Run.load(run_folder)
    songs = [run.catalogue[row] for row in (4, 9)]
    write_playlist(tmp_path / "list.csv", songs)
    (tmp_path / "ids.txt").write_text(f"{songs[0].id} {songs[1].id}\n")
    assert songs_in(run, str(tmp_path / "list.csv")) == songs_in(run, str(tmp_path / "ids.txt"))
