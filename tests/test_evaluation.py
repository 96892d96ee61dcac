"""What models whose answers are known are measured to be, and the same numbers by brute force."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import rankdata

from recommender.evaluation import CONTINUATION_METRICS, LAST_METRICS, NEXT_METRICS, evaluate, fit, likelihoods
from recommender.likelihood import Calibration
from recommender.models import make
from recommender.models.baselines import Popularity, Random
from recommender.playlists import Playlists
from recommender.ranking import rank
from recommender.split import Split, hold_out, last_song, next_song, random_half, second_half

INF = math.inf


@dataclass
class CountsUp:
    """Knows that song `n + 1` follows song `n`, and nothing about the songs after which it is `silent`."""

    n_songs: int
    silent: tuple[int, ...] = ()

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        last = np.array([songs[-1] for songs in seeds])[:, None]
        scores = -((np.arange(self.n_songs) - last - 1) % self.n_songs).astype(np.float32)
        scores[np.isin(last[:, 0], self.silent)] = -np.inf
        return scores


@dataclass
class Constant:
    """Likes every song the same."""

    n_songs: int

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        return np.zeros((len(seeds), self.n_songs), np.float32)


@dataclass
class Knows:
    """Knows the targets of each query of a split, and nothing else."""

    n_songs: int
    split: Split

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        answers = {
            songs.tobytes(): targets for songs, targets in zip(self.split.seeds, self.split.targets, strict=True)
        }
        scores = np.zeros((len(seeds), self.n_songs), np.float32)
        for row, songs in zip(scores, seeds, strict=True):
            row[answers[songs.tobytes()]] = 1
        return scores


@dataclass
class Shuffled:
    """Another order of the songs for each query, without a tie; each tenth song cannot be recommended."""

    n_songs: int

    def fit(self, playlists, n_songs):
        return self

    def score(self, seeds):
        rows = [np.random.default_rng(songs).permutation(self.n_songs) for songs in seeds]
        return np.where(np.array(rows) % 10 == 3, -np.inf, rows).astype(np.float32)


COUNTING = next_song(Playlists.of([[0, 1, 2, 3, 4, 5]]), Playlists.of([[0, 1, 2], [3, 4]]))
NOTHING = Playlists.of([])
LONG = Playlists.of([np.random.default_rng(n).permutation(60)[:24].tolist() for n in range(4)])


@pytest.mark.parametrize("metric", NEXT_METRICS)
def test_a_model_that_knows_every_answer_gets_1(metric):
    assert evaluate({"m": CountsUp(6)}, COUNTING).values["m"][metric].tolist() == [1, 1, 1]


@pytest.mark.parametrize("protocol", [second_half, random_half])
@pytest.mark.parametrize("metric", CONTINUATION_METRICS)
def test_a_model_that_knows_every_hidden_song_gets_1_and_0_clicks(protocol, metric):
    split = protocol(NOTHING, LONG)
    values = evaluate({"m": Knows(60, split)}, split, [metric]).values["m"][metric]
    assert values.tolist() == pytest.approx([0 if metric.startswith("clicks") else 1] * 4, abs=1e-12)


def test_a_model_that_likes_all_songs_the_same_gets_the_middle_place():
    split = next_song(Playlists.of([range(101)]), Playlists.of([[0, 7]]))
    mrr = evaluate({"m": Constant(101)}, split, ["mrr"]).values["m"]["mrr"]
    assert mrr.tolist() == [1 / 50.5]  # 100 songs besides the seed, places 0 to 99: 49.5


def test_a_model_that_likes_all_songs_the_same_is_placed_as_random_is_on_average():
    playlists = Playlists.of([np.random.default_rng(n).permutation(100)[:5].tolist() for n in range(2000)])
    split = last_song(playlists, playlists)
    chance, constant = (
        np.concatenate([part.places for part in rank(model, split.seeds, split.targets)]).mean()
        for model in (Random().fit(playlists, 100), Constant(100))
    )
    assert chance == pytest.approx(constant, abs=4 * 27.7 / 2000**0.5)  # 27.7 is the standard deviation of 96 places


@pytest.mark.parametrize("metric", NEXT_METRICS)
def test_a_silent_model_gets_0(metric):
    report = evaluate({"m": CountsUp(6, silent=(0, 1, 3))}, COUNTING)
    assert report.values["m"][metric].tolist() == [0, 0, 0]


def test_random_lists_hit_as_often_as_their_share_of_the_songs():
    rng = np.random.default_rng(0)
    playlists = Playlists.of([rng.permutation(100)[:4].tolist() for _ in range(2000)])
    report = evaluate({"m": Random().fit(playlists, 100)}, last_song(playlists, playlists), ["hit_rate@10"])
    assert report.mean("m", "hit_rate@10") == pytest.approx(10 / 97, abs=0.02)  # 97 songs besides three seeds; 3 s. d.


@pytest.fixture(scope="module")
def asked(small):
    """A sample of the next songs of the small toy, with repeats."""
    return next_song(*hold_out(small.train, 0.1), repeats=True).sample(150)


@pytest.fixture(scope="module")
def models(small, asked):
    models = {name: make(name) for name in ("popularity", "markov", "session_knn")}
    fit(models, asked.train, small.n_songs)
    return models


@pytest.fixture(scope="module")
def measured(models, asked):
    return evaluate(models, asked)


def place(model, seeds: np.ndarray, target: int, *, open_to_all: bool = False) -> float:
    """The expected place of one target, by sorting all songs."""
    scores = model.score(Playlists.of([seeds]))[0].astype(float)
    if not open_to_all:
        scores[seeds] = -INF
    return INF if scores[target] == -INF else rankdata(-scores)[target] - 1


BY_HAND = {
    "hit_rate@10": lambda place: float(place < 10),
    "hit_rate@100": lambda place: float(place < 100),
    "mrr": lambda place: 1 / (place + 1),
    "ndcg@10": lambda place: 1 / math.log2(place + 2) if place < 10 else 0,
}


@pytest.mark.parametrize("name", ["popularity", "markov", "session_knn"])
@pytest.mark.parametrize("metric", NEXT_METRICS)
def test_the_metrics_are_those_by_brute_force(name, metric, models, asked, measured):
    novel = asked.take(asked.novel)
    expected = [
        BY_HAND[metric](place(models[name], seeds, target))
        for seeds, target in zip(novel.seeds, novel.targets.songs, strict=True)
    ]
    assert measured.values[name][metric].tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", NEXT_METRICS)
def test_new_songs_and_repeats_are_ranked_among_all_songs(metric, models, asked, measured):
    expected = [
        BY_HAND[metric](place(models["markov"], seeds, target, open_to_all=True))
        for seeds, target in zip(asked.seeds, asked.targets.songs, strict=True)
    ]
    beside = measured.beside["new songs and repeats"]
    assert beside.values["markov"][metric].tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", NEXT_METRICS)
def test_repeats_alone_are_the_queries_that_are_not_novel(metric, asked, measured):
    both, repeats = (measured.beside[name] for name in ("new songs and repeats", "repeats alone"))
    assert repeats.values["markov"][metric].tolist() == both.values["markov"][metric][~asked.novel].tolist()


def test_the_mean_of_both_is_that_of_the_new_songs_and_of_the_repeats_by_how_many_they_are(asked, measured):
    both, repeats = (measured.beside[name] for name in ("new songs and repeats", "repeats alone"))
    novel = both.values["markov"]["mrr"][asked.novel]
    n, n_repeats = len(novel), len(repeats.owners)
    weighted = (n * novel.mean() + n_repeats * repeats.mean("markov", "mrr")) / (n + n_repeats)
    assert both.mean("markov", "mrr") == pytest.approx(weighted, abs=1e-12)


def test_the_main_numbers_are_those_without_the_repeats(models, asked, measured):
    alone = evaluate(models, asked.take(asked.novel))
    assert alone.values["markov"]["mrr"].tolist() == measured.values["markov"]["mrr"].tolist()


def test_a_split_without_repeats_has_nothing_beside():
    assert evaluate({"m": Constant(6)}, COUNTING).beside == {}


def test_the_owners_are_those_of_the_queries_asked(asked, measured):
    both, repeats = (measured.beside[name] for name in ("new songs and repeats", "repeats alone"))
    novel = [owner for owner, new in zip(asked.owners.tolist(), asked.novel.tolist(), strict=True) if new]
    again = [owner for owner, new in zip(asked.owners.tolist(), asked.novel.tolist(), strict=True) if not new]
    assert [of.owners.tolist() for of in (measured, both, repeats)] == [novel, asked.owners.tolist(), again]


def of_lists(metric: str, listed: list[int], targets: list[int]) -> float:
    """A metric of a list without ties, in plain loops."""
    name, _, k = metric.partition("@")
    hits = [rank for rank, song in enumerate(listed, 1) if song in targets]
    within = [rank for rank in hits if rank <= int(k or len(targets))]
    if name == "map":
        return sum(n / rank for n, rank in enumerate(within, 1)) / len(targets)
    if name == "ndcg":
        ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(int(k), len(targets)) + 1))
        return sum(1 / math.log2(rank + 1) for rank in within) / ideal
    if name == "clicks":
        return (within[0] - 1) // 10 if within else 51
    return len(within) / (int(k) if name == "precision" else len(targets))


@pytest.mark.parametrize("metric", CONTINUATION_METRICS)
def test_the_metrics_of_several_targets_are_those_by_brute_force(metric):
    split, model = random_half(NOTHING, LONG), Shuffled(60)
    expected = []
    for seeds, targets in zip(split.seeds, split.targets, strict=True):
        scores = model.score(Playlists.of([seeds]))[0]
        listed = [song for song in np.argsort(-scores).tolist() if scores[song] > -INF and song not in seeds]
        expected.append(of_lists(metric, listed, targets.tolist()))
    assert evaluate({"m": model}, split, [metric]).values["m"][metric].tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", ["popularity", "markov"])
def test_numbering_the_songs_otherwise_changes_no_value(name, small, asked, measured):
    number = np.random.default_rng(0).permutation(small.n_songs).astype(np.int32)
    train, held_out = (
        Playlists(number[playlists.songs], playlists.offsets) for playlists in (asked.train, asked.held_out)
    )
    model = make(name).fit(train, small.n_songs)
    report = evaluate({name: model}, next_song(train, held_out, repeats=True).sample(150))
    assert report.values[name]["mrr"].tolist() == measured.values[name]["mrr"].tolist()


def test_the_order_of_the_queries_changes_no_value(models, asked, measured):
    order = np.random.default_rng(0).permutation(len(asked))
    values = evaluate(models, asked.take(order)).values["session_knn"]["mrr"]
    place_of = np.flatnonzero(asked.novel[order])
    back = np.argsort(order[place_of])
    assert values[back].tolist() == measured.values["session_knn"]["mrr"].tolist()


@pytest.mark.parametrize("metrics", [NEXT_METRICS, LAST_METRICS, CONTINUATION_METRICS])
def test_the_metrics_asked_for_are_shown_the_first_of_them_first(metrics):
    assert evaluate({"m": Constant(6)}, COUNTING, metrics).metrics == list(metrics)


def test_hit_rates_at_other_k_are_measured_as_well():
    values = evaluate({"m": Constant(6)}, COUNTING, ["mrr"]).values["m"]
    assert [*values] == ["mrr", *(f"hit_rate@{k}" for k in (1, 2, 5, 10, 20, 50, 100, 200, 500))]


def test_a_metric_that_was_not_asked_for_has_no_values():
    with pytest.raises(KeyError, match="recall@10"):
        evaluate({"m": Constant(6)}, COUNTING).values["m"]["recall@10"]


def test_coverage_is_the_share_of_played_songs_in_any_list():
    split = next_song(Playlists.of([[0, 1, 2, 3, 4]]), Playlists.of([[0, 1, 2]]))
    report = evaluate({"m": Constant(5)}, split, k=2)
    assert report.totals["m"]["coverage@2"] == 3 / 5  # [1, 2] after 0, [2, 3] after 0, 1


def test_padding_covers_nothing():
    report = evaluate({"m": CountsUp(6, silent=(0, 1, 3))}, COUNTING)
    assert report.totals["m"]["coverage@10"] == 0


def test_songs_that_nobody_played_need_not_be_covered():
    split = next_song(Playlists.of([[0, 1]]), Playlists.of([[0, 1], [1, 0]]))
    report = evaluate({"m": Popularity().fit(split.train, 50)}, split)
    assert report.totals["m"]["coverage@10"] == 1


def test_answered_is_the_share_of_queries_with_any_answer():
    report = evaluate({"m": CountsUp(6, silent=(0,))}, COUNTING)
    assert report.totals["m"]["answered"] == pytest.approx(2 / 3)


@pytest.fixture
def shown():
    """Totals of [1, 2] after 0, and of [2, 3] after 0 and 1; song 0 is played four times, the others once."""
    split = next_song(Playlists.of([[0, 1, 2, 3], [0], [0], [0]]), Playlists.of([[0, 1, 2]]))
    features = {"colour": sp.csr_array(np.float32([[1, 0], [1, 0], [1, 0], [0, 1]]))}
    return evaluate({"m": Constant(4)}, split, k=2, features=features).totals["m"]


def test_gini_is_of_how_often_each_played_song_is_shown(shown):
    assert shown["gini@2"] == 0.375  # of 0, 1, 2, 1: (-3 * 0 - 1 * 1 + 1 * 1 + 3 * 2) / (4 * 4)


def test_gini_leaves_out_songs_that_nobody_played():
    split = next_song(Playlists.of([[0, 1]]), Playlists.of([[2, 0], [2, 1]]))
    assert evaluate({"m": Constant(3)}, split, k=1).totals["m"]["gini@1"] == 0.5  # of 2 and 0: [0] is shown twice


def test_entropy_is_of_the_shares_of_what_is_shown(shown):
    assert shown["entropy@2"] == 1.5  # of 1/4, 1/2, 1/4


def test_novelty_is_the_mean_surprise_of_a_list(shown):
    assert shown["novelty@2"] == pytest.approx(math.log2(7))  # each song shown has one play of seven


def test_popularity_lift_is_against_the_seeds_of_all_queries(shown):
    assert shown["popularity lift@2"] == pytest.approx((1 - 3) / 3)  # the seeds are 0, 0 and 1 with 4, 4 and 1 plays


def test_popularity_lift_is_against_the_seeds_of_novel_queries_alone():
    split = next_song(Playlists.of([[0, 1], [0]]), Playlists.of([[0, 1, 1]]), repeats=True)
    lift = evaluate({"m": Constant(2)}, split, k=1).totals["m"]["popularity lift@1"]
    assert lift == (1 - 2) / 2  # [1] after 0; the seeds 0 and 1 of the repeat do not count


def test_diversity_is_the_mean_over_the_lists(shown):
    assert shown["colour diversity@2"] == 0.5  # 1 and 2 are alike, 2 and 3 are not


def test_what_the_lists_show_is_of_novel_queries_alone():
    train, held_out = Playlists.of([[0, 1, 2, 3]]), Playlists.of([[0, 1, 0]])
    report = evaluate({"m": Constant(4)}, next_song(train, held_out, repeats=True), k=1)
    assert report.totals["m"]["coverage@1"] == 1 / 4  # [1] after 0; not [2] after 0, 1


def test_a_model_without_any_list_has_no_novelty():
    totals = evaluate({"m": CountsUp(6, silent=(0, 1, 3))}, COUNTING).totals["m"]
    assert "novelty@10" not in totals


def test_the_size_is_that_of_the_arrays_learnt():
    model = Popularity().fit(COUNTING.train, 6)
    assert evaluate({"m": model}, COUNTING).totals["m"]["learnt MB"] == 6 * 8 / 1e6


def test_the_size_counts_what_a_sparse_array_holds():
    model = make("markov").fit(COUNTING.train, 6)
    held = 5 * (4 + 4) + 7 * 4 + 6 * 4 + 6 * 4  # five transitions, seven offsets, and six songs twice
    assert evaluate({"m": model}, COUNTING).totals["m"]["learnt MB"] == held / 1e6


def test_a_split_without_queries_is_an_error():
    with pytest.raises(ValueError, match="the split has no queries with a novel target"):
        evaluate({"m": Constant(2)}, next_song(Playlists.of([[0, 1]]), Playlists.of([[0]])))


def test_a_split_of_repeats_alone_is_an_error():
    with pytest.raises(ValueError, match="the split has no queries with a novel target"):
        evaluate({"m": Constant(2)}, next_song(Playlists.of([[0, 1]]), Playlists.of([[0, 0]]), repeats=True))


def test_a_model_is_measured_the_same_whatever_the_others():
    alone = evaluate({"m": CountsUp(6, silent=(1,))}, COUNTING)
    among = evaluate({"other": Constant(6), "m": CountsUp(6, silent=(1,))}, COUNTING)
    assert alone.values["m"]["mrr"].tolist() == among.values["m"]["mrr"].tolist() == [1, 0, 1]


def test_intervals_are_drawn_over_the_held_out_playlists():
    assert evaluate({"m": Constant(6)}, COUNTING).owners.tolist() == [0, 0, 1]


def test_the_facts_given_stand_in_the_report():
    assert evaluate({"m": Constant(6)}, COUNTING, about={"dataset": "made up"}).about["dataset"] == "made up"


def test_models_are_fitted_on_the_training_playlists():
    model = Popularity()
    fit({"m": model}, COUNTING.train, 7)
    assert model.plays_.tolist() == [1, 1, 1, 1, 1, 1, 0]


def test_fitting_says_the_seconds_of_each_model():
    seconds = fit({"a": Popularity(), "b": Random()}, COUNTING.train, 6)
    assert [*seconds] == ["a", "b"]
    assert min(seconds.values()) >= 0


def test_seconds_given_stand_in_the_totals():
    assert evaluate({"m": Constant(6)}, COUNTING, seconds={"m": 1.5}).totals["m"]["fit seconds"] == 1.5


def test_without_seconds_the_totals_have_none():
    assert "fit seconds" not in evaluate({"m": Constant(6)}, COUNTING).totals["m"]


@dataclass
class Spy:
    """Likes all songs alike, and keeps what it was fitted on and asked, and which copy of it was asked."""

    n_songs: int
    fits: list[Playlists] = field(default_factory=list)
    asked: list[tuple["Spy", Playlists]] = field(default_factory=list)

    def fit(self, playlists, n_songs):
        self.fits.append(playlists)
        return self

    def score(self, seeds):
        self.asked.append((self, seeds))
        return np.zeros((len(seeds), self.n_songs), np.float32)


TRAIN = Playlists.of([[3 * n, 3 * n + 1, 3 * n + 2] for n in range(20)])
HELD_OUT = Playlists.of([[60, 61, 62], [63, 64], [65]])


@pytest.fixture
def spy():
    """A model after its likelihood was asked for."""
    spy = Spy(66)
    likelihoods({"spy": spy}, TRAIN, HELD_OUT, 66)
    return spy


def test_no_held_out_playlist_is_learnt_from_to_calibrate(spy):
    assert [playlists.songs.max() < 60 for playlists in spy.fits] == [True]


def test_a_tenth_of_the_training_playlists_is_not_learnt_from_to_calibrate(spy):
    assert [len(playlists) for playlists in spy.fits] == [18]


def test_to_calibrate_a_copy_is_asked_of_training_playlists_that_it_did_not_learn_from(spy):
    asked = {song for model, seeds in spy.asked if model is not spy for song in seeds.songs.tolist()}
    learnt = {*spy.fits[0].songs.tolist()}
    first_two = {song for n in range(20) for song in (3 * n, 3 * n + 1)}
    assert asked == first_two - learnt


def test_the_model_itself_is_asked_of_the_held_out_playlists(spy):
    asked = [songs.tolist() for model, seeds in spy.asked if model is spy for songs in seeds]
    assert asked == [[60], [61], [63], [60], [60, 61], [63]]  # given the song, then given the prefix


TEN = Playlists.of([[0, 1]] * 10)
REFERENCES = {
    "uniform": [math.log(1 / 4), math.log(1 / 4)],
    "unigram": [math.log(10 / 21), math.log(0.5 / 21)],  # 2 and 3, never played, share one play
    "bigram_witten_bell": [math.log(10 / 11), math.log(1 / 4)],  # 1 was seen after 0, nothing was seen after 1
}


@pytest.mark.parametrize("given", ["given the song", "given the prefix"])
@pytest.mark.parametrize("name", REFERENCES)
def test_the_likelihoods_of_the_references_are_those_by_hand(name, given):
    report = likelihoods({}, TEN, Playlists.of([[0, 1, 2]]), 4)
    assert report.values[name][given].tolist() == pytest.approx(REFERENCES[name], abs=1e-12)


@pytest.fixture(scope="module")
def likely(small, asked, models):
    """The likelihoods of Markov on the held-out playlists of the small toy."""
    return likelihoods({"markov": models["markov"]}, asked.train, asked.held_out, small.n_songs)


@pytest.mark.parametrize("given", ["song", "prefix"])
def test_the_likelihoods_of_a_model_are_those_of_its_scores_under_the_calibration(given, small, asked, models, likely):
    told = likely.details["calibrations"][f"markov, given the {given}"]
    calibration = Calibration(told["link"], told["temperature"], tuple(told["weights"]))
    popularity = asked.train.counts(small.n_songs) / asked.train.n_plays
    expected = []
    for songs in asked.held_out:
        for n in range(1, len(songs)):
            seeds = songs[n - 1 : n] if given == "song" else songs[:n]
            [row] = calibration.probabilities(models["markov"].score(Playlists.of([seeds])), popularity)
            expected.append(math.log(row[songs[n]]))
    assert likely.values["markov"][f"given the {given}"].tolist() == pytest.approx(expected, rel=1e-5)


def test_every_transition_is_a_query_of_its_playlist(asked, likely):
    assert likely.owners.tolist() == [n for n, songs in enumerate(asked.held_out) for _ in songs[1:]]


def test_a_model_that_learnt_is_likelier_than_the_unigram(likely):
    assert likely.mean("markov", "given the song") > likely.mean("unigram", "given the song")


def test_likelihoods_of_a_sample_are_some_of_those_of_all(small, asked, models, likely):
    some = likelihoods({"markov": models["markov"]}, asked.train, asked.held_out, small.n_songs, queries=40, seed=3)
    all_of_them = [*zip(likely.owners.tolist(), likely.values["unigram"]["given the song"].tolist(), strict=True)]
    drawn = [*zip(some.owners.tolist(), some.values["unigram"]["given the song"].tolist(), strict=True)]
    rest = iter(all_of_them)
    assert len(drawn) == 40
    assert all(query in rest for query in drawn)  # in the same order


def test_more_likelihoods_asked_for_than_there_are_is_all():
    assert len(likelihoods({}, TEN, HELD_OUT, 66, queries=100).owners) == 3
