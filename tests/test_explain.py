"""Reasons: counts that brute force finds too, shares that sum to one and that the model bears out, and honest words."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Evidence, Reason, Run, Taste
from recommender.catalogue import Song
from recommender.errors import DataError, RecommenderError, UnknownSongError
from recommender.evidence import WINDOW, Plays
from recommender.explain import _others, explain, lead, replaced, shared
from recommender.models import MODELS, make
from recommender.playlists import Playlists
from recommender.ranking import recommend
from recommender.training import parts, train
from tests.conftest import catalogue_of

QUICK = {
    "song2vec": {"epochs": 3, "dim": 16},
    "book": {"epochs": 2},
    "blend": {"members": "vstan,spectral,item_knn", "queries": 500},
}
ADDITIVE = ("markov", "skip_markov", "item_knn", "sequential_rules", "ease", "spectral", "song2vec", "book")
DEAF = ("random", "popularity")  # no song of the list says anything to them
N_SONGS = 6
LISTS = st.lists(st.lists(st.integers(0, N_SONGS - 1), max_size=16), max_size=8)


def near_by_hand(lists, a, b):
    """In how many lists some play of `a` is within WINDOW places of some play of `b`, pair by pair."""
    return sum(
        any(x == a and y == b and abs(i - j) <= WINDOW for i, x in enumerate(songs) for j, y in enumerate(songs))
        for songs in lists
    )


def expected_by_hand(lists, seed, answer):
    n = sum(songs.count(answer) for songs in lists)
    free = sum(song != seed for songs in lists for song in songs)
    total = 0.0
    for songs in lists:
        at = [i for i, song in enumerate(songs) if song == seed]
        m = sum(song != seed and any(abs(i - j) <= WINDOW for j in at) for i, song in enumerate(songs))
        total += 1 - (1 - m / free) ** n if m else 0
    return total


@given(LISTS)
def test_counts_are_those_of_brute_force(lists):
    every = range(N_SONGS)
    counts = Plays(Playlists.of(lists), N_SONGS).count(every, every)
    for a in every:
        for b in set(every) - {a}:
            assert counts.near[a, b] == near_by_hand(lists, a, b)
            assert counts.together[a, b] == sum(a in songs and b in songs for songs in lists)
            assert counts.expected[a, b] == pytest.approx(expected_by_hand(lists, a, b))


@given(LISTS)
def test_near_and_together_are_the_same_from_either_side(lists):
    counts = Plays(Playlists.of(lists), N_SONGS).count(range(N_SONGS), range(N_SONGS))
    assert np.array_equal(counts.near, counts.near.T)
    assert np.array_equal(counts.together, counts.together.T)


def test_songs_that_return_are_counted_once_a_playlist():
    counts = Plays(Playlists.of([[0, 1, 0, 1, 0], [1, 0], [0, 2, 2, 2, 2, 2, 1]]), 3).count([0], [1])
    assert (counts.near.item(), counts.together.item()) == (2, 3)


def test_a_song_is_no_evidence_of_itself():
    counts = Plays(Playlists.of([[0, 1, 0]]), 2).count([0], [0, 1])
    assert (counts.near.tolist(), counts.together.tolist(), counts.expected[0, 0]) == ([[0, 1]], [[0, 1]], 0)


def test_what_chance_would_give_is_the_mean_of_shuffled_playlists():
    lists = [[0, 1, 2, 2, 2, 2, 2, 2], [3, 0, 3, 3, 3, 3, 3, 0, 3, 3], [2] * 9, [1, 3, 3, 1, 2, 2, 2]]
    rng = np.random.default_rng(0)
    free = [(i, j) for i, songs in enumerate(lists) for j, song in enumerate(songs) if song != 0]
    found = []
    for _ in range(4000):
        drawn = [free[i] for i in rng.integers(len(free), size=3)]  # song 1 was played three times
        found.append(len({i for i, j in drawn if 0 in lists[i][max(j - WINDOW, 0) : j + WINDOW + 1]}))
    counts = Plays(Playlists.of(lists), 4).count([0], [1])
    assert counts.expected.item() == pytest.approx(np.mean(found), abs=0.03)


@pytest.fixture(scope="module")
def plays(small):
    return Plays(small.train, small.n_songs)


@pytest.fixture(scope="module")
def fitted(small):
    """Each model as it is asked for, fitted once."""
    models = {}

    def fit(name):
        if name not in models:
            models[name] = make(name, QUICK.get(name)).fit(small.train, small.n_songs)
        return models[name]

    return fit


@pytest.fixture(scope="module")
def lists(small):
    """Twelve lists of four different songs."""
    firsts = [list(dict.fromkeys(songs.tolist()))[:4] for songs in small.train]
    return [songs for songs in firsts if len(songs) == 4][:12]


def explained(model, plays, small, seeds, k=5):
    answers = recommend(model, Playlists.of([seeds]), k)[0][0]
    return explain(model, plays, small.catalogue, seeds, answers[answers >= 0].tolist())


def in_order(reason, seeds, what):
    """A number of each seed, in the order of the list."""
    found = {seed.seed.id: getattr(seed, what) for seed in reason.seeds}
    return np.array([found[song] for song in seeds])


@pytest.mark.parametrize("name", [name for name in MODELS if name not in DEAF])
def test_shares_sum_to_one(name, fitted, plays, small, lists):
    reasons = [reason for seeds in lists for reason in explained(fitted(name), plays, small, seeds)]
    for reason in reasons:
        speaking = any(seed.drop > 0 for seed in reason.seeds)
        assert sum(seed.share for seed in reason.seeds) == pytest.approx(1 if speaking else 0)
        assert all((seed.share > 0) == (seed.drop > 0) for seed in reason.seeds)
    assert any(seed.share for reason in reasons for seed in reason.seeds)


@pytest.mark.parametrize("name", ADDITIVE)
def test_where_seeds_add_up_the_drops_sum_to_the_drop_of_them_all(name, fitted, plays, small, lists):
    for seeds in lists:
        reasons = explained(fitted(name), plays, small, seeds)
        answers = [reason.song.id for reason in reasons]
        others = _others(plays, seeds, answers, 2)
        without = lead(fitted(name).score(Playlists.of([other * 4 for other in others])), plays, answers).mean(axis=0)
        falls = [reason.lead - left for reason, left in zip(reasons, without, strict=True)]
        sums = [sum(seed.drop for seed in reason.seeds) for reason in reasons]
        np.testing.assert_allclose(sums, falls, rtol=1e-4, atol=5e-6)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in DEAF])
def test_a_seed_that_any_other_song_replaces_moves_the_score_as_its_share_says(name, fitted, plays, small, lists):
    """Within .25 in the mean of the share furthest off: here a few songs, there every song takes the seed's place."""
    apart = []
    for seeds in lists[:6]:
        reasons = explained(fitted(name), plays, small, seeds)
        answers = [reason.song.id for reason in reasons]
        others = [[song] for song in range(small.n_songs) if song not in {*seeds, *answers}]
        queries = [seeds, *(replaced(seeds, [seed], other) for seed in seeds for other in others)]
        leads = lead(fitted(name).score(Playlists.of(queries)), plays, answers)
        falls = leads[0] - leads[1:].reshape(4, len(others), -1).mean(axis=1)
        for reason, shares in zip(reasons, shared(falls).T, strict=True):
            apart.append(np.abs(in_order(reason, seeds, "share") - shares).max())
    assert np.mean(apart) < 0.25


@pytest.mark.parametrize("name", [name for name in MODELS if name not in DEAF])
def test_the_lead_falls_more_without_a_seed_of_a_greater_share(name, fitted, plays, small, lists):
    """Left out instead of replaced, so that all before it move on: the order still agrees."""
    agree = []
    for seeds in lists:
        reasons = explained(fitted(name), plays, small, seeds)
        answers = [reason.song.id for reason in reasons]
        queries = [seeds, *(replaced(seeds, [seed], []) for seed in seeds)]
        leads = lead(fitted(name).score(Playlists.of(queries)), plays, answers)
        for reason, fall in zip(reasons, (leads[0] - leads[1:]).T, strict=True):
            drops = in_order(reason, seeds, "drop")
            if drops.std() > 0 and fall.std() > 0:
                agree.append(np.corrcoef(drops, fall)[0, 1])
    assert np.median(agree) > 0.9


@pytest.mark.parametrize("name", ["markov", "book"])
def test_a_model_of_the_last_song_gives_it_all(name, fitted, plays, small, lists):
    for reason in explained(fitted(name), plays, small, lists[0]):
        assert in_order(reason, lists[0], "share")[:3].tolist() == [0, 0, 0]


def test_the_most_played_songs_are_nobodys(fitted, plays, small, lists):
    first, *_ = explained(fitted("popularity"), plays, small, lists[0])
    assert {seed.share for seed in first.seeds} == {0}
    assert first.sentence == (
        "not because of the songs asked with: the model suggests it whatever was played; "
        "it is among the most played songs, number 1 of 120"
    )


@pytest.mark.parametrize("name", ["vstan", "song2vec", "blend"])
def test_places_are_those_of_the_answer(name, fitted, plays, small, lists):
    for seeds in lists:
        assert [reason.place for reason in explained(fitted(name), plays, small, seeds, 9)] == list(range(1, 10))


def test_a_song_that_comes_twice_in_the_list_is_one_seed(fitted, plays, small, lists):
    a, b, *_ = lists[0]
    (reason, *_) = explained(fitted("item_knn"), plays, small, [a, b, a])
    assert sorted(seed.seed.id for seed in reason.seeds) == sorted([a, b])


def test_of_a_long_list_the_last_ten_songs_stand_alone():
    playlists = Playlists.of([[*range(12), 12]] * 3 + [[13, 14]] * 3)
    plays, model = Plays(playlists, 15), make("item_knn").fit(playlists, 15)
    (reason,) = explain(model, plays, catalogue_of(15), list(range(12)), [12])
    assert {seed.seed.id for seed in reason.seeds} == set(range(2, 12))
    assert 0 < reason.earlier < 1
    assert reason.earlier + sum(seed.share for seed in reason.seeds) == pytest.approx(1)


@pytest.mark.parametrize("name", ["item_knn", "song2vec", "vstan"])
def test_a_song_that_the_model_never_met_has_no_share(name):
    playlists = Playlists.of([[0, 1], [2, 3]] * 5 + [[4]])
    plays, model = Plays(playlists, 6), make(name, QUICK.get(name)).fit(playlists, 6)
    (reason,) = explain(model, plays, catalogue_of(6), [0, 5, 4], [1])
    assert in_order(reason, [5], "drop").tolist() == [0]
    assert in_order(reason, [0, 4], "share").tolist() == [1, 0]


def test_answers_are_explained_once_each(fitted, plays, small):
    with pytest.raises(ValueError, match=r"an answer is explained once, got \[5, 5\]"):
        explain(fitted("markov"), plays, small.catalogue, [1], [5, 5])


def test_every_number_of_a_run_is_recounted_from_its_playlists(run_folder):
    run = Run.load(run_folder)
    lists = [songs.tolist() for songs in run.playlists]
    for reason in run.explain([5, 7, 11], k=4):
        assert reason.popularity == 1 + sum(song.plays > reason.song.plays for song in run.catalogue)
        for seed in reason.seeds:
            a, b = seed.seed.id, reason.song.id
            assert seed.near == near_by_hand(lists, a, b)
            assert seed.together == sum(a in songs and b in songs for songs in lists)
            assert seed.expected == pytest.approx(expected_by_hand(lists, a, b))
            assert set(seed.tags) == set(seed.seed.tags) & set(reason.song.tags)
            assert seed.same_artist == (seed.seed.artist == reason.song.artist)


def test_any_song_can_be_asked_about(run_folder):
    run = Run.load(run_folder)
    answers = [song.id for song, _ in run.recommend([5, 7], k=120)]
    asked = [answers[40], answers[3]]
    assert [(reason.song.id, reason.place) for reason in run.explain([5, 7], asked)] == [(asked[0], 41), (asked[1], 4)]


def test_an_unknown_song_has_no_reason(run_folder):
    with pytest.raises(UnknownSongError, match="no song has the id 4000"):
        Run.load(run_folder).explain([5], [4000])


def test_a_run_keeps_what_its_model_learnt_from_and_nothing_else(small, tmp_path):
    train(small, "markov", held_out=0.3, seed=2).save(tmp_path / "run")
    kept, (learnt, _) = Run.load(tmp_path / "run").playlists, parts(small, 0.3, 2)
    assert np.array_equal(kept.songs, learnt.songs)
    assert np.array_equal(kept.offsets, learnt.offsets)


def test_reasons_are_the_same_from_a_loaded_run(small, tmp_path):
    run = train(small, "vstan")
    run.save(tmp_path / "run")
    assert Run.load(tmp_path / "run").explain([5, 7], k=3) == run.explain([5, 7], k=3)


def test_a_run_of_before_has_no_reasons_and_says_what_to_do(tmp_path):
    old = Run.load(Path(__file__).parent / "data" / "run-format-1")
    with pytest.raises(RecommenderError, match=r"did not keep its playlists.*; train it anew"):
        old.explain([0])
    old.save(tmp_path / "copy")
    assert not list((tmp_path / "copy").glob("playlists*"))


@pytest.mark.parametrize("song", [-1, 10**6])
def test_playlists_of_songs_that_are_not_there_are_damage(small, tmp_path, song):
    train(small, "markov").save(tmp_path / "run")
    songs = np.load(tmp_path / "run" / "playlists.songs.npy")
    songs[3] = song
    np.save(tmp_path / "run" / "playlists.songs.npy", songs)
    with pytest.raises(DataError, match=r"damaged: .* songs that are not in the catalogue"):
        Run.load(tmp_path / "run")


def test_places_count_the_songs_that_speak_for_a_tag(small):
    run, taste = train(small, "item_knn"), Taste(tags=[small.catalogue.tags[0][0]])
    reasons = run.explain([], k=8, taste=taste)
    assert [reason.place for reason in reasons] == list(range(1, 9))


def test_playlists_that_are_not_those_of_the_card_are_damage(small, tmp_path):
    train(small, "markov").save(tmp_path / "run")
    np.save(tmp_path / "run" / "playlists.offsets.npy", np.array([0, small.train.n_plays]))
    with pytest.raises(DataError, match=r"damaged: .* not the playlists that the card states"):
        Run.load(tmp_path / "run")


FIRST, SECOND = Song(1, "First", "A"), Song(2, "Second", "B")
ANSWER = Song(3, "Third", "B", ("rock", "90s"))
SEED = Evidence(FIRST, 0.62, 1.0, 41, 60, 3.4, False, ("rock", "90s"))
OTHER = Evidence(SECOND, 0.38, 0.5, 3, 4, 0.2, True, ())
AWAY = {"near": 0, "together": 0, "expected": 0.1, "tags": ()}


@pytest.mark.parametrize(
    ("seeds", "options", "sentence"),
    [
        (
            [SEED, OTHER],
            {},
            "mostly because of First · A (62 %): played within 5 songs of each other in 41 playlists, "
            "12 times what chance would give; both tagged rock, 90s",
        ),
        (
            [replace(SEED, share=1.0, expected=12.6, tags=())],
            {},
            "because of First · A: played within 5 songs of each other in 41 playlists, "
            "3.3 times what chance would give",
        ),
        (
            [replace(OTHER, share=1.0), replace(SEED, share=0.0)],
            {},
            "because of Second · B alone: played within 5 songs of each other in 3 playlists, "
            "where chance would give 0.2; both by the same artist",
        ),
        (
            [replace(SEED, share=0.4, near=44, expected=40.0, tags=()), OTHER, OTHER],
            {},
            "because of First · A more than of any other song asked with (40 %): "
            "played within 5 songs of each other in "
            "44 playlists, about what chance would give",
        ),
        (
            [replace(SEED, near=10, expected=40.0, tags=()), OTHER],
            {},
            "mostly because of First · A (62 %): played within 5 songs of each other in 10 playlists, "
            "less than chance would give",
        ),
        (
            [replace(SEED, **AWAY), OTHER],
            {},
            "mostly because of First · A (62 %): never played within 5 songs of each other; "
            "it was so near Second · B in 3 playlists",
        ),
        (
            [replace(SEED, **AWAY), replace(OTHER, **AWAY)],
            {},
            "mostly because of First · A (62 %): never played within 5 songs of each other; "
            "nor was it near another song asked with; the model infers it",
        ),
        (
            [replace(SEED, **AWAY | {"together": 2})],
            {"popularity": 3},
            "because of First · A: never played within 5 songs of each other, but 2 playlists hold both; "
            "the model infers it; it is among the most played songs, number 3 of 1,000",
        ),
        (
            [replace(SEED, share=0.0, drop=-1.0)],
            {},
            "no song asked with speaks for it",
        ),
        (
            [replace(SEED, share=0.2), replace(OTHER, share=0.1)],
            {"earlier": 0.7},
            "because of the songs before the last 2 (70 %)",
        ),
        ([replace(SEED, seed=ANSWER)], {}, "because of Third · B: the song itself, which was asked with"),
        ([SEED], {"place": None}, "the model cannot suggest it after these songs"),
    ],
)
def test_a_sentence_says_what_the_numbers_bear(seeds, options, sentence):
    given_ = {"place": 1, "popularity": 500, "earlier": 0.0} | options
    assert Reason(ANSWER, lead=1.0, n_songs=1000, seeds=tuple(seeds), **given_).sentence == sentence


def test_why_says_a_sentence_under_each_answer(command, run_folder):
    code, out, _ = command("recommend", run_folder, 5, 7, "--k", 3, "--why")
    sentences = [reason.sentence for reason in Run.load(run_folder).explain([5, 7], k=3)]
    assert code == 0
    assert [line.strip() for line in out.splitlines()[-6:]][1::2] == sentences


def test_why_gives_programs_the_numbers(command, run_folder):
    _, out, _ = command("recommend", run_folder, 5, 7, "--k", 3, "--why", "--json")
    for song, reason in zip(json.loads(out)["songs"], Run.load(run_folder).explain([5, 7], k=3), strict=True):
        assert song["why"]["sentence"] == reason.sentence
        assert [seed["near"] for seed in song["why"]["seeds"]] == [seed.near for seed in reason.seeds]
        assert sum(seed["share"] for seed in song["why"]["seeds"]) == pytest.approx(1)


def test_why_goes_with_songs(command, run_folder):
    code, _, err = command("recommend", run_folder, "--playlists", "-", "--why")
    assert (code, err) == (1, "error: --why goes with SONG... or --from FILE\n")


def test_songs_that_never_met_another_are_asked_about_a_few_at_a_time(monkeypatch):
    lists, sizes = Playlists.of([[0, 1], [1, 0], *([song] for song in range(2, 10))]), []
    model = make("markov", {}).fit(lists, 10)

    class Counting:
        def score(self, seeds):
            sizes.append(len(seeds))
            return model.score(seeds)

    asked = Plays(lists, 10), catalogue_of(10), [*range(10)], [0]
    at_once = explain(model, *asked)
    monkeypatch.setattr("recommender.explain._CELLS", 30)
    assert explain(Counting(), *asked) == at_once
    assert sizes[:3] == [3, 3, 2]
