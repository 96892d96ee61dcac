"""Runs: what is saved is what is loaded, whole or not at all."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from recommender import Run
from recommender.errors import DataError, RecommenderError, UnknownSongError
from recommender.models import MODELS
from recommender.playlists import Playlists
from recommender.storage import glance
from recommender.training import parts, train, unseen

QUICK = {"song2vec": {"epochs": 2, "dim": 8}, "book": {"epochs": 1}}


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_run_scores_as_the_saved_one(name, small, tmp_path):
    run = train(small, name, QUICK.get(name))
    run.save(tmp_path / "run")
    seeds = small.train.take(np.arange(30))
    assert np.array_equal(Run.load(tmp_path / "run").model.score(seeds), run.model.score(seeds))


def test_a_loaded_run_has_the_catalogue_and_the_card(run_folder, small):
    run = Run.load(run_folder)
    assert list(run.catalogue) == list(small.catalogue)
    assert run.card["model"] == "song2vec"
    assert run.card["parameters"]["epochs"] == 3


def test_the_card_tells_data_versions_cost_use_and_limits(run_folder):
    card = json.loads((run_folder / "card.json").read_text())
    assert card["dataset"]["playlists"] == 600
    assert {"python", "numpy", "gensim"} <= set(card["versions"])
    assert card["fit_seconds"] > 0
    assert card["peak_memory_mb"] > 10
    assert card["intended_use"]
    assert card["limits"]


def test_a_run_needs_neither_pickle_nor_this_project(run_folder):
    files = {path.name for path in run_folder.iterdir() if not path.name.startswith("search.")}
    kept = {"card.json", "songs.tsv", "playlists.songs.npy", "playlists.offsets.npy"}
    assert files == {*kept, "inputs.npy", "outputs.npy", *files & {"log_noise.npy"}}
    assert np.load(run_folder / "inputs.npy", allow_pickle=False).shape == (120, 16)
    assert (run_folder / "songs.tsv").read_text(encoding="utf-8").count("\n") == 120


def test_a_glance_tells_card_and_ids_without_opening_it(run_folder, tmp_path):
    card, ids = glance(run_folder)
    assert card["model"] == "song2vec"
    assert [*map(int, ids.split())] == Run.load(run_folder).catalogue.ids.tolist()
    with pytest.raises(DataError, match="is not a run"):
        glance(tmp_path)
    (tmp_path / "card.json").write_text((run_folder / "card.json").read_text())
    with pytest.raises(DataError, match=r"songs.tsv: damaged: .*; train it anew"):
        glance(tmp_path)


def test_arrays_are_memory_mapped(run_folder):
    assert isinstance(Run.load(run_folder).model.inputs_, np.memmap)


def test_recommend_answers_songs_with_scores_best_first(run_folder):
    answers = Run.load(run_folder).recommend([5, 7], k=4)
    scores = [score for _, score in answers]
    assert len(answers) == 4
    assert scores == sorted(scores, reverse=True)
    assert not {5, 7} & {song.id for song, _ in answers}


def test_recommend_of_an_unknown_id_raises(run_folder):
    with pytest.raises(UnknownSongError, match="no song has the id 4000"):
        Run.load(run_folder).recommend([4000])


def test_similar_is_the_cosine_of_the_input_vectors(run_folder):
    run = Run.load(run_folder)
    (song, cosine), *_ = run.similar(5, k=1)
    a, b = run.model.inputs_[5], run.model.inputs_[song.id]
    assert cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), rel=1e-5)


def test_similar_never_names_the_song_itself(run_folder):
    assert 5 not in {song.id for song, _ in Run.load(run_folder).similar(5, k=200)}


def test_similar_of_a_model_without_vectors_says_which_has_them(small):
    with pytest.raises(RecommenderError, match="markov has no song vectors to compare"):
        train(small, "markov").similar(1)


def test_similar_of_a_song_never_beside_another_raises(small):
    run = train(small, "song2vec", QUICK["song2vec"])
    run.model.inputs_[3] = np.nan
    with pytest.raises(UnknownSongError, match="never stood beside another song"):
        run.similar(3)


def test_a_run_is_not_overwritten_unless_forced(small, tmp_path):
    run = train(small, "popularity")
    run.save(tmp_path / "run")
    with pytest.raises(RecommenderError, match="is there already; give another folder, or --force"):
        run.save(tmp_path / "run")
    train(small, "markov").save(tmp_path / "run", force=True)
    assert Run.load(tmp_path / "run").card["model"] == "markov"
    assert os.listdir(tmp_path) == ["run"]


def test_an_interrupt_between_the_renames_loses_no_run(small, tmp_path, monkeypatch):
    train(small, "popularity").save(tmp_path / "run")
    renamed = Path.rename

    def interrupted(self, target):
        if self.name == "new":
            raise KeyboardInterrupt
        return renamed(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(small, "markov").save(tmp_path / "run", force=True)
    assert os.listdir(tmp_path) == ["run"]
    assert Run.load(tmp_path / "run").card["model"] == "popularity"


def test_a_link_to_a_run_is_followed(small, tmp_path):
    train(small, "popularity").save(tmp_path / "one")
    (tmp_path / "latest").symlink_to(tmp_path / "one")
    train(small, "markov").save(tmp_path / "latest", force=True)
    assert (tmp_path / "latest").is_symlink()
    assert Run.load(tmp_path / "one").card["model"] == "markov"


def test_a_hold_out_is_of_the_training_playlists_also_beside_a_test_file(small):
    from dataclasses import replace

    published = replace(small, test=small.train.take(np.arange(5)))
    run = train(published, "markov", held_out=0.5)
    assert run.card["learnt"]["playlists"] < 600
    assert len(unseen(run, published)[1]) == run.card["held_out"]["playlists"]
    assert len(unseen(train(published, "markov"), published)[1]) == 5


def test_a_folder_that_is_no_run_is_never_replaced(small, tmp_path):
    (tmp_path / "letters").mkdir()
    with pytest.raises(RecommenderError, match="is there and is not a run"):
        train(small, "popularity").save(tmp_path / "letters", force=True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("9 requested and 1 written"), r"9 requested and 1 written \(is the disk full\?\)"),
    ],
)
def test_a_failed_save_leaves_the_old_run_and_nothing_else(small, tmp_path, monkeypatch, error, said):
    run = train(small, "popularity")
    run.save(tmp_path / "run")
    before = (tmp_path / "run" / "card.json").read_bytes()

    def full(*_, **__):
        raise error

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(RecommenderError, match=f"cannot be written: {said}; nothing was changed"):
        run.save(tmp_path / "run", force=True)
    assert os.listdir(tmp_path) == ["run"]
    assert (tmp_path / "run" / "card.json").read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(small, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecommenderError, match=r"file/run: cannot be written: .*; choose another place"):
        train(small, "popularity").save(tmp_path / "file" / "run")


def edit(path: Path, **entries: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("card.json", lambda path: path.unlink(), "is not a run"),
        ("card.json", lambda path: path.write_text("{"), "card.json: damaged"),
        (
            "card.json",
            lambda path: path.write_text('{"format": 99}'),
            "a run of format 99, this version reads format 1",
        ),
        ("card.json", lambda path: path.write_text('{"format": 1}'), "damaged: 'model'; train it anew"),
        ("card.json", lambda path: path.write_text("[]"), "card.json: damaged: no JSON object"),
        ("card.json", lambda path: edit(path, arrays={}), "damaged"),
        ("card.json", lambda path: edit(path, parameters=[1]), "damaged"),
        (
            "card.json",
            lambda path: edit(path, held_out=None, learnt=None, limits=1, arrays={"inputs": [9, 9]}),
            "damaged",
        ),
        ("inputs.npy", lambda path: np.save(path, np.zeros((7, 16), np.float32)), "has the shape"),
        ("songs.tsv", lambda path: path.write_text(path.read_text().replace("\n1\t", "\n0\t", 1)), "has an id twice"),
        ("metrics.json", lambda path: path.write_text('{"a": 1}'), "metrics.json: damaged"),
        ("songs.tsv", lambda path: path.unlink(), "damaged: .*songs.tsv"),
        ("songs.tsv", lambda path: path.write_bytes(path.read_bytes()[:-40]), "songs.tsv has not the 120 songs"),
        ("inputs.npy", lambda path: path.write_bytes(path.read_bytes()[:-8]), "damaged"),
        ("inputs.npy", lambda path: path.write_bytes(b""), "damaged"),
        ("inputs.npy", lambda path: path.unlink(), "damaged: .*inputs.npy"),
        ("search.txt", lambda path: path.unlink(), "damaged: .*search.txt"),
        ("search.txt", lambda path: path.write_bytes(b"\xff"), "damaged: .*utf-8.*; train it anew"),
        ("trials.csv", lambda path: path.write_bytes(b"\xff"), "damaged: .*utf-8.*; train it anew"),
        ("search.txt", lambda path: path.write_text("one\n"), "damaged: .*; train it anew"),
        ("search.songs.npy", lambda path: path.unlink(), "damaged: .*search.songs.npy"),
        ("search.songs.npy", lambda path: path.write_bytes(path.read_bytes()[:-8]), "damaged: .*; train it anew"),
        ("search.songs.npy", lambda path: np.save(path, np.load(path) + 100), "damaged: .*; train it anew"),
        ("search.starts.npy", lambda path: np.save(path, np.load(path)[::-1]), "damaged: .*; train it anew"),
        ("search.names.npy", lambda path: np.save(path, np.load(path)[:, 1:]), "the search is not of 120 songs"),
        ("search.rows.npy", lambda path: np.save(path, np.load(path) + 1), "the search is not of 120 songs"),
    ],
)
def test_damage_to_a_run_is_told(run_folder, tmp_path, file, damage, message):
    copy = tmp_path / "run"
    copy.mkdir()
    for path in run_folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    damage(copy / file)
    with pytest.raises(DataError, match=message):
        Run.load(copy)


def test_a_run_of_the_first_format_can_still_be_read():
    run = Run.load(Path(__file__).parent / "data" / "run-format-1")
    assert [song.title for song, _ in run.recommend([0], k=2)] == ["Second", "Third"]


def test_no_playlist_with_two_songs_is_an_error(small):
    from dataclasses import replace

    with pytest.raises(DataError, match="no playlist has two songs or more"):
        train(replace(small, train=Playlists.of([[1], [2]])), "markov")


def test_a_run_is_tested_on_playlists_it_did_not_learn(small):
    run = train(small, "markov", held_out=0.2, seed=3)
    learnt, held_out = unseen(run, small)
    assert len(held_out) == len(parts(small, 0.2, 3)[1])
    assert run.model.moves_.sum() == (learnt.lengths - 1)[learnt.lengths > 0].sum()


def test_a_run_that_learnt_all_cannot_be_tested(small):
    with pytest.raises(RecommenderError, match="learnt from all playlists of small"):
        unseen(train(small, "markov"), small)


def test_a_run_cannot_be_tested_on_another_dataset(small):
    from dataclasses import replace

    with pytest.raises(RecommenderError, match=re.escape("the run learnt from small, not from this other")):
        unseen(train(small, "markov", held_out=0.1), replace(small, name="other"))
