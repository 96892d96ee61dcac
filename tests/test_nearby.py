"""Nearby: an index finds what scoring all songs finds, nearly; filters, seeds and damage change nothing in that."""

import json
import logging
import sys
from dataclasses import dataclass

import faiss
import numpy as np
import pytest
from numpy.testing import assert_allclose

from recommender import Run, Shape, Taste
from recommender.datasets import Dataset
from recommender.datasets.toy import toy
from recommender.errors import DataError, RecommenderError
from recommender.inverted import FOUND, Space
from recommender.models.spectral import Spectral
from recommender.nearby import FEWEST, Nearby
from recommender.playlists import Playlists
from recommender.ranking import NO_SONG, top_k
from recommender.training import train, with_index

N, DIM = 4000, 16
CENTRES = np.random.default_rng(0).standard_normal((40, DIM), np.float32)
NONE = Playlists.of([[]] * 200)
FITS = {
    "spectral": {"dim": 16},
    "song2vec": {"dim": 16, "epochs": 1},
    "als": {"dim": 16, "epochs": 2},
    "bpr": {"dim": 16},
}
ANSWER = {"k": 5, "taste": Taste(), "shape": Shape(), "allow_repeats": False}


@pytest.fixture(scope="module")
def vectors():
    """Songs around centres, of lengths as uneven as those of trained ones; the last has none."""
    rng = np.random.default_rng(1)
    made = CENTRES[np.arange(N) % 40] + rng.standard_normal((N, DIM), np.float32)
    made *= rng.lognormal(0, 1, (N, 1)).astype(np.float32)
    made[-1] = np.nan
    return made


@pytest.fixture(scope="module")
def space(vectors):
    made = Space.of(vectors.__getitem__, N)
    made.tuned(queries(1), NONE, N)
    return made


def queries(seed: int) -> np.ndarray:
    """Near the centres."""
    rng = np.random.default_rng(seed)
    return CENTRES[rng.integers(40, size=200)] + rng.standard_normal((200, DIM), np.float32) / 2


def best(vectors: np.ndarray, asked: np.ndarray, allowed: np.ndarray | None = None, k: int = 10) -> np.ndarray:
    """By scoring all."""
    scores = np.nan_to_num(asked @ vectors.T, nan=-np.inf)
    scores[:, ~allowed if allowed is not None else []] = -np.inf
    return top_k(scores, k)[0]


def share(found: np.ndarray, wanted: np.ndarray) -> float:
    return float((wanted[:, :, None] == found[:, None, :]).any(axis=2).mean())


@pytest.fixture(scope="module")
def dataset():
    catalogue, playlists = toy(n_songs=1500, n_playlists=4000, seed=2)
    return Dataset("toy", catalogue, playlists, None, "made up")


@pytest.fixture(scope="module")
def run(dataset):
    return with_index(train(dataset, "spectral", FITS["spectral"]))


@pytest.fixture
def saved(run, tmp_path):
    run.save(tmp_path / "run")
    return tmp_path / "run"


def exactly(run: Run) -> Run:
    return Run(run.model, run.catalogue, run.card, playlists=run.playlists)


def lists_alike(run: Run, **asked: object) -> float:
    """The share of what scoring all songs answers to 200 playlists that the run answers; both must be as long."""
    seeds, asked = run.playlists.slice(0, 200), ANSWER | asked
    found, wanted = run.lists(seeds, **asked)[0], exactly(run).lists(seeds, **asked)[0]
    assert np.array_equal(found == NO_SONG, wanted == NO_SONG)
    return share(found, wanted)


def test_nearly_all_of_the_ten_greatest_products_are_found_by_looking_at_a_part(space, vectors):
    found, *_ = space.nearest(queries(2), NONE, 10)
    assert share(found, best(vectors, queries(2))) > FOUND - 0.03
    assert space.index.nprobe < space.index.nlist / 2


@pytest.mark.parametrize("kept", [0.5, 0.1, 0.01])
def test_a_filter_costs_no_answers(space, vectors, kept):
    allowed = (np.random.default_rng(3).random(40) < 0.5)[np.arange(N) % 40] & (
        np.random.default_rng(4).random(N) < kept
    )
    found, *_ = space.nearest(queries(3), NONE, 10, allowed)
    assert share(found, best(vectors, queries(3), allowed)) > FOUND - 0.03
    assert allowed[found[found != NO_SONG]].all()


def test_many_answers_are_looked_for_in_more_lists(space, vectors):
    found, *_ = space.nearest(queries(4), NONE, 300)
    assert share(found, best(vectors, queries(4), k=300)) > FOUND - 0.03


def test_an_answer_does_not_depend_on_what_is_asked_with_it(space):
    barred = Playlists.of([[*range(n)] for n in (0, 3, 90, 400)] * 50)
    together = space.nearest(queries(6), barred, 10)
    alone = [space.nearest(queries(6)[n : n + 1], barred.slice(n, n + 1), 10) for n in range(200)]
    for part in (0, 1):
        assert np.array_equal(together[part], np.concatenate([one[part] for one in alone]))


def test_songs_without_any_vector_are_no_index():
    with pytest.raises(RecommenderError, match="no song has a vector"):
        Space.of(np.full((5, 3), np.nan, np.float32).__getitem__, 5)


def test_the_ten_best_that_it_is_measured_by_are_those_of_scoring_all(vectors, monkeypatch):
    monkeypatch.setattr("recommender.inverted._AT_ONCE", 700)
    space, asked = Space(None, vectors.__getitem__), queries(8)
    asked[5] = np.nan
    barred = Playlists.of([[*range(n, n + 30)] for n in range(0, 3800, 19)])
    scores = np.nan_to_num(asked @ vectors.T, nan=-np.inf)
    scores[barred.owners, barred.songs] = -np.inf
    assert np.array_equal(space._exact(asked, barred, 10, N), top_k(scores, 10)[0])


def test_scores_are_the_exact_products_best_first(space, vectors):
    songs, scores, _ = space.nearest(queries(5), NONE, 10)
    assert_allclose(scores, np.einsum("nd,nkd->nk", queries(5), vectors[songs]), rtol=1e-5)
    assert (np.diff(scores) <= 0).all()


def test_a_song_without_a_vector_is_never_found_and_one_without_a_query_finds_none(space):
    asked = queries(6)
    asked[7] = np.nan
    songs, scores, short = space.nearest(asked, NONE, 10)
    assert (songs[7] == NO_SONG).all()
    assert np.isneginf(scores[7]).all()
    assert not len(short)
    assert N - 1 not in songs


def test_equal_products_go_to_the_lower_song():
    made = np.repeat(np.eye(2, dtype=np.float32), 20, axis=0)
    songs, *_ = Space.of(made.__getitem__, 40).nearest(np.float32([[0, 1]]), Playlists.of([[21, 3]]), 4)
    assert songs.tolist() == [[20, 22, 23, 24]]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(run, dataset, tmp_path, threads):
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    again, facts = Nearby.of(run.model, dataset.train, dataset.n_songs)
    faiss.omp_set_num_threads(before)
    for name, nearby in (("one", run.nearby), ("two", again)):
        (tmp_path / name).mkdir()
        nearby.write(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert facts["after"] == run.card["index"]["after"]


@pytest.mark.parametrize("name", FITS)
def test_a_query_times_the_targets_is_the_score(dataset, name):
    model = train(dataset, name, FITS[name]).model
    seeds = dataset.train.slice(0, 50)
    products = model.query(seeds) @ model.targets(np.arange(dataset.n_songs)).T
    scores = model.score(seeds)
    assert_allclose(np.nan_to_num(products, nan=-np.inf), scores, rtol=1e-4, atol=1e-5)
    assert np.array_equal(model.placed(np.array([3, 1])), model.vectors_[[3, 1]], equal_nan=True)


@pytest.mark.parametrize("name", FITS)
def test_a_run_with_an_index_answers_as_one_without(dataset, name):
    indexed = with_index(train(dataset, name, FITS[name]))
    assert lists_alike(indexed) > 0.95
    assert {"lists", "looked_into", "found_of_10"} <= indexed.card["index"]["after"].keys()


@pytest.mark.parametrize(
    "asked",
    [
        {"allow_repeats": True},
        {"k": 400},
        {"shape": Shape(hide_unknown=True)},
        {"shape": Shape(without=range(0, 1500, 2))},
        {"shape": Shape(only=range(0, 1500, 100)), "k": 20},
        {"shape": Shape(only=range(7))},
        {"shape": Shape(popularity=0.5)},
        {"shape": Shape(max_per_artist=1, without=range(9))},
        {"taste": Taste(dislike=[4])},
        {"taste": Taste(like=[4])},
    ],
)
def test_every_question_gets_as_many_answers_as_without_an_index(run, asked):
    assert lists_alike(run, **asked) > 0.95


def test_a_list_of_all_songs_seeds_and_an_empty_one_are_answered_as_without_an_index(run):
    seeds = Playlists.of([list(range(1490)), [], [5]])
    assert np.array_equal(run.lists(seeds, 5)[0], exactly(run).lists(seeds, 5)[0])


def test_many_answers_are_exact(run):
    asked = ANSWER | {"k": 600}
    seeds = run.playlists.slice(0, 5)
    assert np.array_equal(run.lists(seeds, **asked)[0], exactly(run).lists(seeds, **asked)[0])


@dataclass(frozen=True)
class Asks:
    """A model of which one query is asked."""

    asked: np.ndarray

    def query(self, seeds: Playlists) -> np.ndarray:
        return np.repeat(self.asked[None], len(seeds), axis=0)


def test_too_few_in_the_lists_looked_into_are_made_up_for_by_scoring_all(vectors):
    asked, called, space = queries(7)[0], [], Space.of(vectors.__getitem__, N)
    far = np.zeros(N, bool)
    for list_ in space.index.quantizer.search(asked[None], space.index.nlist)[1][0, 100:].tolist():
        size = space.index.invlists.list_size(list_)
        far[faiss.rev_swig_ptr(space.index.invlists.get_ids(list_), size)] = True

    def exact(seeds: Playlists):
        called.append(len(seeds))
        return top_k(np.where(far, vectors @ asked, -np.inf)[None].astype(np.float32), 2)

    songs, _ = Nearby(Asks(asked), space, space).lists(Playlists.of([[0]]), 2, exact, allowed=far)
    assert called == [1]
    assert far[songs].all()


def test_a_filter_that_leaves_fewer_songs_than_asked_for_needs_no_scoring_of_all(run):
    only = np.zeros(1500, bool)
    only[[3, 8]] = True
    songs, _ = run.nearby.lists(Playlists.of([[5], [8]]), 10, pytest.fail, allowed=only)
    assert [sorted(row[row != NO_SONG].tolist()) for row in songs] == [[3, 8], [3]]


@pytest.mark.parametrize("shape", [Shape(), Shape(without=range(0, 1500, 2)), Shape(variety=0.5), Shape(only=[3, 4])])
def test_similar_answers_as_without_an_index(run, shape):
    for song in range(0, 200, 20):
        found, wanted = run.similar(song, 10, shape=shape), exactly(run).similar(song, 10, shape=shape)
        assert len(found) == len(wanted)
        assert len({one.id for one, _ in found} & {one.id for one, _ in wanted}) >= len(wanted) - 1
        assert found[0][1] == pytest.approx(wanted[0][1], rel=1e-5)


def test_similar_by_an_index_makes_no_vectors_of_all_songs(run, monkeypatch):
    made = []
    monkeypatch.setattr(Spectral, "vectors_", property(made.append))
    Run(run.model, run.catalogue, run.card, nearby=run.nearby).similar(3)
    assert not made


def test_a_saved_run_keeps_its_index_through_loading_and_saving(run, saved, tmp_path):
    loaded = Run.load(saved)
    loaded.save(tmp_path / "again")
    for name in ("nearby.after.faiss", "nearby.like.faiss"):
        assert (saved / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert Run.load(tmp_path / "again").recommend([5, 7]) == loaded.recommend([5, 7]) == run.recommend([5, 7])
    assert loaded.similar(5) == run.similar(5)


def test_a_run_replaced_by_one_without_an_index_has_none(run, saved):
    indexed = Run.load(saved)
    exactly(run).save(saved, force=True)
    assert Run.load(saved).nearby is None
    assert len(indexed.recommend([5])) == 10  # which still reads the files that were replaced
    run.save(saved, force=True)
    assert Run.load(saved).nearby is not None


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(b""), "nearby.like.faiss is no whole index of faiss; train it anew"),
        (lambda path: path.write_bytes(b"hello" * 999), "is no whole index of faiss"),
        (lambda path: path.write_bytes(path.read_bytes()[:-8]), "is no whole index of faiss"),
        (lambda path: path.unlink(), "is no whole index of faiss"),
        (lambda path: path.write_bytes(other(20, 3)), "is not of the vectors of this run"),
        (lambda path: path.write_bytes(other(1600, DIM)), "is not of the vectors of this run"),
        (lambda path: path.write_bytes(other(1500, DIM)), "is not of the vectors of this run"),
        (lambda path: path.write_bytes(other(100, DIM, first=1450)), "is not of the vectors of this run"),
    ],
)
def test_a_damaged_index_is_told(saved, damage, message):
    damage(saved / "nearby.like.faiss")
    with pytest.raises(DataError, match=message):
        Run.load(saved)


def other(n: int, dim: int, first: int = 0) -> bytes:
    """An index of other vectors."""
    made = np.random.default_rng(0).standard_normal((first + n, dim), np.float32)
    made[:first] = np.nan
    return faiss.serialize_index(Space.of(made.__getitem__, first + n).index).tobytes()


def test_an_index_beside_a_model_that_is_no_product_is_told_with_the_run(saved, dataset, tmp_path):
    train(dataset, "vstan").save(tmp_path / "vstan")
    for path in saved.glob("nearby.*"):
        (tmp_path / "vstan" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DataError, match=r"vstan: damaged: nearby\.\*\.faiss is an index, which VSTAN has none of"):
        Run.load(tmp_path / "vstan")


def test_without_its_files_every_song_is_scored(run, saved):
    for path in saved.glob("nearby.*"):
        path.unlink()
    assert Run.load(saved).recommend([5, 7]) == exactly(run).recommend([5, 7])


def test_a_run_with_an_index_is_read_without_faiss_and_says_so_once(run, saved, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with caplog.at_level(logging.WARNING):
        loaded = Run.load(saved)
        assert loaded.recommend([5, 7]) == exactly(run).recommend([5, 7])
        loaded.similar(5)
    assert len(caplog.messages) == 1
    assert "every song is scored: that needs faiss, pip install 'playlist-recommender[index]'" in caplog.messages[0]
    with pytest.raises(RecommenderError, match=r"an index needs faiss: pip install 'playlist-recommender\[index\]'"):
        with_index(exactly(run))


def test_a_model_that_is_no_product_says_which_are(small):
    with pytest.raises(RecommenderError, match="which Markov has not; train spectral, song2vec, als or bpr"):
        with_index(train(small, "markov"))


def test_train_makes_an_index_where_it_pays(command, folder, tmp_path, monkeypatch):
    asked = ("train", folder, tmp_path / "run", "--model", "spectral", "--no-map", "--index")
    code, out, _ = command(*asked)
    assert code == 0
    assert out.startswith("no index: below 20,000 songs scoring all of them takes no longer\n")
    assert not list((tmp_path / "run").glob("nearby.*"))
    monkeypatch.setattr("recommender.nearby.FEWEST", 100)
    code, _, _ = command(*asked, "--force")
    assert code == 0
    assert json.loads((tmp_path / "run" / "card.json").read_text())["index"]["after"]["lists"] > 1
    assert Run.load(tmp_path / "run").nearby is not None


def test_train_refuses_an_index_before_the_fit_and_its_help_has_the_size(command, tmp_path):
    code, _, err = command("train", "nowhere", tmp_path / "run", "--model", "vstan", "--index")
    assert code == 1
    assert err.startswith("error: an index is of vectors whose products are the scores, which VSTAN has not")
    assert f"{FEWEST:,}" in command("train", "--help")[1]
