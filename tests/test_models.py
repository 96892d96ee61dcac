"""The contract that every model keeps, and what is particular to each."""

import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
import scipy.sparse as sp
from gensim.models import Word2Vec

from recommender.errors import ParameterError
from recommender.models import MODELS, describe, make
from recommender.models.song2vec import _sentences, _words
from recommender.models.vectors import products, where_known
from recommender.playlists import Playlists
from recommender.protocol import recency

QUICK = {
    "song2vec": {"epochs": 3, "dim": 16},
    "book": {"epochs": 2},
    "blend": {"members": "vstan,spectral,item_knn", "queries": 500},
}
N_SONGS = 121  # one more than the small toy has: never played


@pytest.fixture(scope="module", params=MODELS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def model(name, small):
    return make(name, QUICK.get(name)).fit(small.train, N_SONGS)


@pytest.fixture(scope="module")
def seeds(small):
    return small.train.take(np.arange(40))


def learnt(model) -> dict[str, bytes]:
    """The bytes of all that `fit` learnt."""
    parts = {}
    for key, array in vars(model).items():
        if key.endswith("_"):
            arrays = (array.data, array.indices, array.indptr) if isinstance(array, sp.csr_array) else (array,)
            parts[key] = b"".join(np.ascontiguousarray(part).tobytes() for part in arrays)
    return parts


def test_scores_are_float32_a_row_a_query_and_a_column_a_song(model, seeds):
    scores = model.score(seeds)
    assert (scores.dtype, scores.shape) == (np.float32, (len(seeds), N_SONGS))


def test_no_score_is_nan_or_plus_infinity(model, seeds):
    scores = model.score(seeds)
    assert not np.isnan(scores).any()
    assert not np.isposinf(scores).any()


def test_a_song_never_played_cannot_be_recommended(model, seeds):
    assert np.isneginf(model.score(seeds)[:, -1]).all()


def test_a_played_song_can_be_recommended(model, small):
    counts = small.train.counts(N_SONGS)
    most = np.argsort(-counts, kind="stable")[:3]
    assert np.isfinite(model.score(Playlists.of([most]))[0, most]).any()


@pytest.mark.parametrize("unknown", [[], [N_SONGS - 1], [N_SONGS - 1] * 3])
def test_nothing_is_recommended_where_no_seed_is_known(model, unknown):
    assert np.isneginf(model.score(Playlists.of([unknown, [0]]))[0]).all()


def test_an_unknown_seed_among_known_ones_changes_no_order(model, name):
    if name == "random":
        pytest.skip("each query has random numbers of its own")
    plain, with_unknown = model.score(Playlists.of([[3, 5], [N_SONGS - 1, 3, 5]]))
    assert np.array_equal(np.argsort(plain, kind="stable"), np.argsort(with_unknown, kind="stable"))


def test_a_batch_scores_as_one_by_one(model, seeds):
    single = [model.score(seeds.slice(i, i + 1))[0] for i in range(len(seeds))]
    np.testing.assert_allclose(model.score(seeds), single, rtol=1e-5, atol=1e-6)


def test_no_queries_get_no_scores(model):
    assert model.score(Playlists.of([])).shape == (0, N_SONGS)


def test_the_same_seed_gives_the_same_bytes(model, name, small):
    again = make(name, QUICK.get(name)).fit(small.train, N_SONGS)
    assert learnt(model) == learnt(again)


def test_a_second_fit_forgets_the_first(model, name, small):
    elsewhere = make(name, QUICK.get(name)).fit(Playlists.of([[1, 2, 3], [2, 1]]), 5)
    assert learnt(elsewhere.fit(small.train, N_SONGS)) == learnt(model)


def test_what_is_learnt_are_arrays(model):
    assert learnt(model)
    kept = {name for name in vars(model) if not name.startswith("_")}  # the others are computed again when needed
    assert kept == {field.name for field in fields(model)} | set(learnt(model))


def test_scoring_changes_nothing_learnt(model, seeds):
    before = learnt(model)
    model.score(seeds)
    assert learnt(model) == before


def test_fitting_changes_no_playlist(name):
    playlists = Playlists.of([[3, 1, 3, 0], [2, 2], [1]])
    songs, offsets = playlists.songs.copy(), playlists.offsets.copy()
    make(name, QUICK.get(name)).fit(playlists, 4)
    assert np.array_equal(playlists.songs, songs)
    assert np.array_equal(playlists.offsets, offsets)


def test_playlists_of_single_songs_teach_nothing_but_break_nothing(name):
    scores = make(name, QUICK.get(name)).fit(Playlists.of([[0], [1]]), 3).score(Playlists.of([[0]]))
    assert scores.shape == (1, 3)


def test_every_parameter_has_a_remark(name):
    summary, parameters = describe(name)
    assert summary.endswith(".")
    assert list(parameters) == [field.name for field in fields(MODELS[name])]


def test_vectors_are_unit_rows_and_nan_where_unknown(model):
    if not hasattr(model, "vectors_"):
        pytest.skip("has no vectors")
    lengths = np.linalg.norm(model.vectors_, axis=1)
    np.testing.assert_allclose(lengths[~np.isnan(lengths)], 1, rtol=1e-5)
    assert np.isnan(model.vectors_[-1]).all()


@pytest.mark.parametrize("name_", ["song2vec", "book"])
def test_two_processes_learn_the_same_vectors(name_):
    code = (
        "import hashlib; from recommender.models import make; from recommender.datasets.toy import toy;"
        f"m = make({name_!r}, {{'epochs': 2, 'dim': 8}}).fit(toy(60, 200)[1], 60);"
        "print(hashlib.sha256(m.vectors_.tobytes()).hexdigest())"
    )
    first, second = (subprocess.check_output([sys.executable, "-c", code]) for _ in range(2))
    assert first == second


def test_recency_halves_with_each_step_back():
    weights = recency(Playlists.of([[4, 2, 0], []]), context=2, decay=0.5, n_songs=5)
    assert weights.toarray().tolist() == [[1, 0, 0.5, 0, 0], [0, 0, 0, 0, 0]]


def test_markov_is_the_worked_example():
    # After 0 came 1 twice and 2 once; shares are 3/7, 2/7, 2/7; shrinkage 5: (n + 5 * share) / (3 + 5).
    model = make("markov").fit(Playlists.of([[0, 1], [0, 1], [0, 2], [2]]), 3)
    np.testing.assert_allclose(
        model.score(Playlists.of([[0]]))[0], [(15 / 7) / 8, (2 + 10 / 7) / 8, (1 + 10 / 7) / 8], rtol=1e-6
    )


def test_markov_falls_back_on_the_last_song_it_knows():
    model = make("markov").fit(Playlists.of([[0, 1], [1, 0]]), 3)
    scores = model.score(Playlists.of([[0, 2], [0]]))
    assert np.array_equal(scores[0], scores[1])


def test_item_knn_is_the_cosine_of_the_playlists():
    # Song 0 is in playlists 0 and 1, song 1 in all three, song 2 in the last: cosines 2/√6 and 1/√3.
    model = make("item_knn", {"shrinkage": 0.0}).fit(Playlists.of([[0, 1], [0, 1], [1, 2]]), 3)
    np.testing.assert_allclose(model.score(Playlists.of([[1]]))[0, [0, 2]], [2 / 6**0.5, 1 / 3**0.5], rtol=1e-6)


def test_item_knn_keeps_the_nearest_neighbours_only():
    model = make("item_knn", {"shrinkage": 0.0, "neighbours": 1}).fit(Playlists.of([[0, 1], [0, 1], [1, 2]]), 3)
    assert np.isneginf(model.score(Playlists.of([[1]]))[0, 2])


def test_session_knn_is_the_worked_example():
    # The seed 0 was played twice: 1/√2. Its playlists have lengths 2 and 4: 1/√2 and 1/2.
    model = make("session_knn").fit(Playlists.of([[0, 1], [0, 2, 2, 3]]), 4)
    near, far = 0.5, 0.5 / 2**0.5
    np.testing.assert_allclose(model.score(Playlists.of([[0]]))[0], [near + far, near, far, far], rtol=1e-6)


def test_session_knn_asks_the_most_alike_playlists_only():
    model = make("session_knn", {"neighbours": 1}).fit(Playlists.of([[0, 1], [0, 2, 2, 3]]), 4)
    assert model.score(Playlists.of([[0]]))[0].tolist() == [0.5, 0.5, -np.inf, -np.inf]


def test_random_differs_from_query_to_query():
    model = make("random").fit(Playlists.of([[0, 1, 2, 3, 4]]), 5)
    first, second = model.score(Playlists.of([[0], [1]]))
    assert not np.array_equal(first, second)


def test_song2vec_sees_the_end_of_a_playlist_longer_than_gensims_limit():
    long, tail = [0, 1] * 5100, [2, 3] * 40
    parameters = {"epochs": 5, "dim": 4, "alpha": 0.1, "start": "random"}
    model = make("song2vec", parameters).fit(Playlists.of([[*long, *tail], [2], [3]]), 4)
    untrained = Word2Vec(vector_size=4, min_count=1, seed=0)
    untrained.build_vocab([[str(song) for song in [*long, *tail]]])
    for song in (2, 3):
        assert np.abs(model.inputs_[song] - untrained.wv[str(song)]).max() > 0.01


def sentences(lists: list) -> list[list[str]]:
    playlists = Playlists.of(lists)
    return _sentences(_words(playlists), playlists.offsets, window=5)


def test_sentences_of_a_long_playlist_overlap_by_the_window_and_lose_no_song():
    pieces = sentences([np.arange(25_000), [7, 7]])
    assert [len(piece) for piece in pieces] == [10_000, 10_000, 5_010, 2]
    assert [int(piece[0]) for piece in pieces] == [0, 9_995, 19_990, 7]
    assert {int(song) for piece in pieces for song in piece} == set(range(25_000))


@pytest.mark.parametrize("length", [2, 5, 6, 10_000, 10_001, 10_005, 10_006])
def test_sentences_end_where_the_playlist_ends(length):
    *_, last = sentences([np.arange(length)])
    assert int(last[-1]) == length - 1


def test_the_word_of_a_song_is_the_same_string_wherever_it_comes():
    (first, _), (again,) = sentences([[300, 7], [300]])
    assert first == "300"
    assert first is again


def test_song2vec_is_gensim_fed_with_plain_lists(small):
    ours = make("song2vec", {"epochs": 2, "dim": 8, "start": "random"}).fit(small.train, N_SONGS)
    lists = [[str(song) for song in songs.tolist()] for songs in small.train if len(songs) > 1]
    options = {"window": 5, "negative": 5, "ns_exponent": 0.5, "sample": 0.0, "alpha": 0.0125, "sg": 1, "epochs": 2}
    theirs = Word2Vec(lists, vector_size=8, min_count=1, seed=0, workers=1, shrink_windows=False, **options)
    songs = list(map(int, theirs.wv.index_to_key))
    assert ours.inputs_[songs].tobytes() == theirs.wv.vectors.tobytes()
    assert ours.outputs_[songs].tobytes() == theirs.syn1neg.tobytes()


def test_item_knn_is_the_same_however_many_songs_are_compared_at_once(small, monkeypatch):
    whole = make("item_knn", {"neighbours": 20}).fit(small.train, N_SONGS)
    monkeypatch.setattr("recommender.models.neighbours._AT_ONCE", 100)
    assert learnt(make("item_knn", {"neighbours": 20}).fit(small.train, N_SONGS)) == learnt(whole)


def test_a_blend_whose_members_learn_one_after_the_other_learns_the_same(small, monkeypatch):
    beside = make("blend", QUICK["blend"]).fit(small.train, N_SONGS)
    monkeypatch.setattr("recommender.models.blend._MANY", 0)
    assert learnt(make("blend", QUICK["blend"]).fit(small.train, N_SONGS)) == learnt(beside)


def test_markov_without_shrinkage_falls_back_on_shares_where_nothing_followed():
    model = make("markov", {"shrinkage": 0.0}).fit(Playlists.of([[0, 1], [0, 2], [3, 0, 1, 2]]), 5)
    np.testing.assert_allclose(model.score(Playlists.of([[2]]))[0, :4], [3 / 8, 2 / 8, 2 / 8, 1 / 8], rtol=1e-6)


@pytest.mark.parametrize("name_", ["item_knn", "session_knn"])
def test_neighbours_know_the_known_seeds_however_many_unknown_come_after(name_):
    model = make(name_).fit(Playlists.of([[0, 1], [1, 2]]), 4)
    plain, padded = model.score(Playlists.of([[0], [0, *[3] * 30]]))
    assert np.array_equal(plain, padded)


@pytest.mark.parametrize("name_", ["item_knn", "session_knn"])
def test_a_song_no_neighbour_knows_is_not_recommended(name_):
    model = make(name_).fit(Playlists.of([[0, 1], [2, 3]]), 4)
    assert np.isneginf(model.score(Playlists.of([[0]]))[0, 2:]).all()


def test_song2vec_scores_input_times_output_plus_a_share_of_the_log_noise():
    model = make("song2vec", {"epochs": 2, "dim": 4, "decay": 0.5, "noise_weight": 0.5}).fit(
        Playlists.of([[0, 1, 2], [2, 1, 0, 1]] * 9), 3
    )
    query = (model.inputs_[1] + 0.5 * model.inputs_[0]) / 1.5
    expected = model.outputs_ @ query + 0.5 * model.log_noise_
    np.testing.assert_allclose(model.score(Playlists.of([[0, 1]]))[0], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("name_", "parameters", "message"),
    [
        ("song3vec", {}, r"no model 'song3vec' \(did you mean song2vec\?\); there are random"),
        ("markov", {"shrinkag": 1}, r"markov has no parameter 'shrinkag' \(did you mean shrinkage\?\)"),
        ("popularity", {"k": 1}, "popularity has no parameter 'k'; it has none"),
        ("song2vec", {"dim": "big"}, "song2vec: dim must be a number like 320, got 'big'"),
        ("song2vec", {"dim": "6.5"}, "song2vec: dim must be of type int like 320, got 6.5"),
        ("song2vec", {"dim": "True"}, "song2vec: dim must be of type int like 320, got True"),
        ("song2vec", {"dim": 0}, "song2vec: dim must be from 1 to 1,000,000,000, got 0"),
        ("markov", {"shrinkage": "-1"}, "markov: shrinkage must be from 0 to .*, got -1.0"),
        ("markov", {"shrinkage": "1e999"}, "markov: shrinkage must be from 0 to .*, got inf"),
        ("session_knn", {"decay": "[1]"}, "session_knn: decay must be of type float like 0.9"),
    ],
)
def test_an_impossible_parameter_is_named(name_, parameters, message):
    with pytest.raises(ParameterError, match=message):
        make(name_, parameters)


@pytest.mark.parametrize("n", [0, 1, 2, 31, 32, 33])
def test_a_product_of_few_queries_is_the_product(n):
    rng = np.random.default_rng(n)
    queries, vectors = rng.random((n, 5), np.float32), rng.random((10_000, 5), np.float32)
    vectors[7] = np.nan
    np.testing.assert_allclose(products(queries, vectors), queries @ vectors.T, rtol=1e-5)


def test_songs_without_a_vector_and_queries_without_a_seed_have_no_scores():
    scores = where_known(np.float32([[1, np.nan, -2], [np.nan] * 3]))
    assert scores.tolist() == [[1, -np.inf, -2], [-np.inf] * 3]


@pytest.mark.parametrize("name", ["spectral", "song2vec"])
def test_a_list_without_seeds_or_of_a_song_never_played_with_another_scores_no_song(name):
    model = make(name, {"dim": 2}).fit(Playlists.of([[0, 1, 2], [1, 2], [3]]), 4)
    assert np.isneginf(model.score(Playlists.of([[], [3], [3, 0]]))).all(axis=1).tolist() == [True, True, False]
