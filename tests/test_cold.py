"""Songs that were never played: the vectors they get, by hand and by brute force, and what they are then good for."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from recommender import cold
from recommender.catalogue import Catalogue
from recommender.cold import can_fill, described, fill, met
from recommender.datasets.yes_com import write_folder
from recommender.errors import RecommenderError, UnknownSongError
from recommender.models import MODELS, make
from recommender.playlists import Playlists
from recommender.run import Run
from recommender.training import parts, train
from tests.test_models import QUICK

NEW = 7  # a song of the small toy that is taken out of all playlists
HAS_ROWS = {"random", "popularity", "book", "spectral", "song2vec"}
PAIRS = {"markov", "item_knn", "session_knn"}


def rows_of(features: list[list[int]]) -> sp.csr_array:
    return sp.csr_array(np.array(features, dtype=np.float32))


def vectors(inputs: list[list[float]], noise: list[float] | None = None):
    """song2vec with these vectors, as if it had learnt them."""
    model = make("song2vec", {"dim": len(inputs[0])})
    model.inputs_ = np.array(inputs, dtype=np.float32)
    model.outputs_ = -model.inputs_
    model.log_noise_ = np.array(noise or [0.0] * len(inputs), dtype=np.float32)
    return model


@pytest.fixture(scope="module")
def lacking(small):
    """The small toy with a song that no playlist has."""
    return replace(small, train=small.train.keep(small.train.songs != NEW))


@pytest.fixture(scope="module")
def run(lacking):
    return train(lacking, "song2vec", QUICK["song2vec"], cold_start=True)


def test_a_song_like_one_song_only_gets_its_row():
    model = vectors([[2, 0], [0, 2], [np.nan] * 2])
    filled = fill(model, rows_of([[1, 0], [0, 1], [0, 1]]), np.array([3, 3, 0]))
    np.testing.assert_allclose(filled.inputs_[2], [0, 2], atol=1e-6)
    np.testing.assert_allclose(filled.outputs_[2], [0, -2], atol=1e-6)


def test_a_number_is_the_mean_weighted_by_the_root_of_the_plays():
    # Two songs of the artist, played 4 times and once: (2 * 6 + 1 * 3) / 3.
    model = vectors([[1, 0], [0, 1], [np.nan] * 2], noise=[6, 3, 0])
    assert fill(model, rows_of([[1], [1], [1]]), np.array([4, 1, 0])).log_noise_[2] == pytest.approx(5)


def test_a_vector_is_the_mean_drawn_out_half_of_the_way():
    # The average vector is 0. The mean (2 * (2, 0) + 1 * (0, 2)) / 3 is √20 / 3 long, those it is the mean of are 2.
    model = vectors([[2, 0], [0, 2], [-2, -2], [np.nan] * 2])
    filled = fill(model, rows_of([[1, 0], [1, 0], [0, 1], [1, 0]]), np.array([4, 1, 9, 0]))
    expected = np.array([4 / 3, 2 / 3]) * (2 / (20**0.5 / 3)) ** 0.5
    np.testing.assert_allclose(filled.inputs_[3], expected, rtol=1e-5)


def test_the_average_of_all_songs_is_not_drawn_out():
    # All around (9, 9): the differences are those of the test above.
    model = vectors([[11, 9], [9, 11], [7, 7], [np.nan] * 2])
    filled = fill(model, rows_of([[1, 0], [1, 0], [0, 1], [1, 0]]), np.array([4, 1, 9, 0]))
    expected = 9 + np.array([4 / 3, 2 / 3]) * (2 / (20**0.5 / 3)) ** 0.5
    np.testing.assert_allclose(filled.inputs_[3], expected, rtol=1e-5)


def test_opposite_songs_make_the_average_song():
    model = vectors([[2, 0], [-2, 0], [np.nan] * 2])
    assert fill(model, rows_of([[1], [1], [1]]), np.array([1, 1, 0])).inputs_[2].tolist() == [0, 0]


def test_a_rare_artist_says_more_than_a_common_tag():
    # Features: artist a, artist b, a tag of all. Song 3 is by b, as song 1.
    features = rows_of([[1, 0, 1], [0, 1, 1], [1, 0, 1], [0, 1, 1]])
    model = vectors([[1], [1], [1], [np.nan]], noise=[0, 1, 0, 0])
    assert fill(model, features, np.array([1, 1, 1, 0])).log_noise_[3] > 0.9


@given(
    st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=3, max_size=12),
    st.integers(0, 99),
)
def test_the_weights_are_those_of_brute_force(features, seed):
    n, rng = len(features), np.random.default_rng(seed)
    plays = rng.integers(0, 5, n)
    plays[0] = 1
    values = rng.normal(size=n)
    model = vectors([[float(p) if p else np.nan] for p in plays], noise=values.tolist())
    counts = [sum(song[f] for song in features) for f in range(4)]
    weighted = [[song[f] * np.log(1 + n / max(counts[f], 1)) for f in range(4)] for song in features]
    expected = values.copy()
    for new in np.flatnonzero(plays == 0):
        total = mean = 0.0
        for old in np.flatnonzero(plays):
            a, b = np.array(weighted[new]), np.array(weighted[old])
            if a @ b:
                weight = (a @ b / np.linalg.norm(a) / np.linalg.norm(b)) ** 4 * plays[old] ** 0.5
                total, mean = total + weight, mean + weight * values[old]
        expected[new] = mean / total if total else expected[new]
    made = fill(model, rows_of([[int(f) for f in song] for song in features]), plays)
    np.testing.assert_allclose(made.log_noise_, expected, rtol=1e-4, atol=1e-5)


def test_plays_of_a_new_song_are_the_rounded_mean_of_those_like_it():
    model = make("popularity").fit(Playlists.of([[0, 0, 0, 0, 1]]), 3)
    assert fill(model, rows_of([[1], [1], [1]]), model.plays_).plays_.tolist() == [4, 1, 3]  # (2 * 4 + 1 * 1) / 3


def test_vectors_of_length_1_stay_so_for_a_song_like_one(lacking):
    model = make("book", QUICK["book"]).fit(lacking.train, lacking.n_songs)
    filled = fill(model, rows_of([[song in (3, NEW)] for song in range(lacking.n_songs)]), lacking.train.counts(120))
    np.testing.assert_allclose(filled.vectors_[NEW], model.vectors_[3], rtol=1e-4)


def test_known_songs_keep_their_rows(lacking):
    model = make("song2vec", QUICK["song2vec"]).fit(lacking.train, lacking.n_songs)
    filled = fill(model, described(lacking.catalogue), lacking.train.counts(lacking.n_songs))
    others = np.arange(lacking.n_songs) != NEW
    for name in ("inputs_", "outputs_", "log_noise_"):
        assert getattr(filled, name)[others].tobytes() == getattr(model, name)[others].tobytes()


def test_the_model_that_is_filled_is_left_as_it_was(lacking):
    model = make("song2vec", QUICK["song2vec"]).fit(lacking.train, lacking.n_songs)
    fill(model, described(lacking.catalogue), lacking.train.counts(lacking.n_songs))
    assert np.isnan(model.inputs_[NEW]).all()


@pytest.mark.parametrize("features", [[[1], [0]], [[0], [0]]])
def test_a_song_with_nothing_in_common_stays_unknown(features):
    filled = fill(vectors([[1, 2], [np.nan] * 2]), rows_of(features), np.array([1, 0]))
    assert np.isnan(filled.inputs_[1]).all()
    assert met(filled, 2).tolist() == [True, False]


def test_where_no_song_is_known_none_gets_a_vector():
    filled = fill(vectors([[np.nan] * 2] * 2), rows_of([[1], [1]]), np.array([0, 0]))
    assert np.isnan(filled.inputs_).all()


def test_a_song_played_alone_only_counts_as_new():
    model = make("song2vec", {"epochs": 1, "dim": 2}).fit(Playlists.of([[0, 1], [2]]), 3)
    assert not np.isnan(fill(model, rows_of([[1], [0], [1]]), np.array([1, 1, 1])).inputs_).any()


def test_filling_twice_gives_the_same_bytes(lacking):
    model = make("song2vec", QUICK["song2vec"]).fit(lacking.train, lacking.n_songs)
    features, plays = described(lacking.catalogue), lacking.train.counts(lacking.n_songs)
    first, second = fill(model, features, plays), fill(model, features, plays)
    assert first.inputs_.tobytes() == second.inputs_.tobytes()


def test_a_block_of_songs_is_filled_as_one_by_one(lacking, monkeypatch):
    known = lacking.train.keep(lacking.train.songs > 40)
    model = make("song2vec", QUICK["song2vec"]).fit(known, lacking.n_songs)
    features, plays = described(lacking.catalogue), known.counts(lacking.n_songs)
    together = fill(model, features, plays)
    monkeypatch.setattr(cold, "_BLOCK", 1)
    np.testing.assert_allclose(fill(model, features, plays).inputs_, together.inputs_, rtol=1e-5)


def test_a_model_that_was_asked_before_is_filled_all_the_same(lacking):
    model = make("song2vec", QUICK["song2vec"]).fit(lacking.train, lacking.n_songs)
    asked = Playlists.of([[1, 2]])
    assert np.isneginf(model.score(asked)[0, NEW])
    filled = fill(model, described(lacking.catalogue), lacking.train.counts(lacking.n_songs))
    assert np.isfinite(filled.score(asked)[0, NEW])


@pytest.mark.parametrize("name", MODELS)
def test_a_model_either_can_be_filled_or_says_what_to_do(name, lacking):
    model = make(name, QUICK.get(name)).fit(lacking.train, lacking.n_songs)
    features, plays = described(lacking.catalogue), lacking.train.counts(lacking.n_songs)
    assert can_fill(model) or name not in HAS_ROWS
    assert name not in PAIRS or not can_fill(model)
    if can_fill(model):
        assert np.isfinite(fill(model, features, plays).score(Playlists.of([[1, 2]]))[0, NEW])
    else:
        with pytest.raises(RecommenderError, match="new songs have no place in it; train"):
            fill(model, features, plays)


def test_songs_without_artists_and_tags_are_an_error():
    catalogue = Catalogue(np.arange(2), ["a", "b"], ["-", ""], [(), ()], np.zeros(2, np.int64))
    with pytest.raises(RecommenderError, match="no song has a known artist or a tag, by which new songs are placed"):
        described(catalogue)


def test_a_song_never_played_is_among_the_answers(run):
    assert NEW in {song.id for song, _ in run.recommend([1, 2], k=120)}


def test_a_song_never_played_can_be_asked(run):
    assert len(run.recommend([NEW], k=5)) == 5


def test_a_song_never_played_is_like_one_by_its_artist(run):
    others = [song for song, _ in run.similar(NEW, k=10)]
    assert run.catalogue[NEW].artist in {song.artist for song in others}


def test_a_song_never_played_still_counts_no_plays(run):
    assert run.catalogue.plays[NEW] == 0


def test_the_card_counts_who_was_placed(run):
    assert run.card["cold_start"] == {"placed": 1, "left": 0, "by": "artist and tags"}


def test_the_card_counts_who_could_not_be_placed(lacking):
    artists, tags = [*lacking.catalogue.artists], [*lacking.catalogue.tags]
    artists[NEW], tags[NEW] = "-", ()
    unknown = replace(lacking, catalogue=replace(lacking.catalogue, artists=artists, tags=tags))
    run = train(unknown, "song2vec", QUICK["song2vec"], cold_start=True)
    assert run.card["cold_start"] == {"placed": 0, "left": 1, "by": "artist and tags"}
    with pytest.raises(UnknownSongError, match="nothing is known of it; give it an artist or a tag that a played song"):
        run.similar(NEW)


def test_without_cold_start_the_card_and_the_model_know_nothing_of_it(lacking):
    run = train(lacking, "song2vec", QUICK["song2vec"])
    assert "cold_start" not in run.card
    with pytest.raises(UnknownSongError, match="nothing is known of it; train with --cold-start"):
        run.similar(NEW)


def test_a_saved_run_keeps_the_vectors(run, tmp_path):
    run.save(tmp_path / "run")
    opened = Run.load(tmp_path / "run")
    assert opened.recommend([NEW], k=5) == run.recommend([NEW], k=5)
    assert opened.summary == run.summary


def test_the_vectors_come_from_what_was_not_held_out(lacking):
    run = train(lacking, "popularity", held_out=0.5, cold_start=True)
    plays = parts(lacking, 0.5)[0].counts(lacking.n_songs)
    expected = fill(replace(run.model).fit(parts(lacking, 0.5)[0], 120), described(lacking.catalogue), plays)
    assert run.model.plays_.tolist() == expected.plays_.tolist()
    assert run.card["cold_start"]["placed"] == (plays == 0).sum() > 1


def test_the_command_line_places_a_song_and_recommends_after_it(command, lacking, tmp_path):
    (tmp_path / "data").mkdir()
    write_folder(tmp_path / "data", lacking.catalogue, lacking.train)
    options = ["--set", "epochs=2", "--set", "dim=8", "--cold-start"]
    code, out, err = command("train", tmp_path / "data", tmp_path / "run", "--model", "song2vec", *options)
    assert (code, err) == (0, "")
    assert "song2vec learnt 119 songs and placed 1 new ones from" in out
    assert command("recommend", tmp_path / "run", NEW)[0] == 0
    assert command("similar", tmp_path / "run", NEW)[0] == 0


def test_the_command_line_tells_how_to_ask_for_a_song_never_played(command, lacking, tmp_path):
    train(lacking, "song2vec", QUICK["song2vec"]).save(tmp_path / "run")
    code, _, err = command("recommend", tmp_path / "run", NEW)
    assert code == 1
    assert "name another song with it, or train with --cold-start, which places such songs by artist and tags" in err


def test_cold_start_of_a_model_of_pairs_is_a_line_that_helps(command, folder, tmp_path):
    code, _, err = command("train", folder, tmp_path / "run", "--model", "markov", "--cold-start")
    assert code == 1
    assert "Markov learnt of songs together, not a row for each, so new songs have no place in it; train" in err
