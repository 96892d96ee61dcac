"""Evaluation: fitted models asked the queries of a split, over the whole catalogue, never sampled.

Each query is scored once. Of its answer come the places of its targets, whence all metrics, and the ten best songs,
whence all that is said of the lists.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from tqdm import tqdm

from recommender.breakdowns import breakdowns
from recommender.exposure import coverage, entropy, exposures, gini, intra_list_diversity, novelty, popularity_lift
from recommender.language_models import REFERENCES
from recommender.likelihood import GIVEN, calibrate, log_likelihoods, transitions
from recommender.metrics import by_query, evaluated
from recommender.playlists import Playlists
from recommender.protocol import Recommender
from recommender.ranking import Ranker, rank
from recommender.report import Report
from recommender.split import Split, hold_out

_BLOCK = 4096  # queries whose places, or lists, are looked at together
_CUTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_HIT_RATES = tuple(f"hit_rate@{k}" for k in _CUTS)
NEXT_METRICS = ("hit_rate@10", "hit_rate@100", "mrr", "ndcg@10")
LAST_METRICS = ("hit_rate@10", "hit_rate@50", "hit_rate@100", "hit_rate@500", "mrr")
COLD_METRICS = ("hit_rate@100", "hit_rate@10", "mrr")
CONTINUATION_METRICS = ("r_precision", "ndcg@100", "recall@100", "map@100", "precision@10", "clicks@500")


def fit(models: Mapping[str, Recommender], train: Playlists, n_songs: int) -> dict[str, float]:
    """Fit each model on the playlists; seconds that each took."""
    seconds = {}
    for name, model in _shown(models, "fit"):
        start = time.perf_counter()
        model.fit(train, n_songs)
        seconds[name] = time.perf_counter() - start
    return seconds


def evaluate(
    models: Mapping[str, Recommender],
    split: Split,
    metrics: Sequence[str] = NEXT_METRICS,
    *,
    k: int = 10,
    seconds: Mapping[str, float] | None = None,
    features: Mapping[str, sp.csr_array] | None = None,
    about: Mapping[str, Any] | None = None,
    ranker: Ranker = rank,
) -> Report:
    """Report of fitted models on the queries of a split: main numbers of the novel targets.

    metrics : of the leaderboard, the main one first; hit rates at other k are measured as well
    k : length of the lists that coverage and its like look at
    seconds : how long each model took to fit, if known
    features : (n_songs, n_features) each, of which the diversity of the lists is told
    about : further facts for the report
    ranker : what ranks, here or on other machines

    Where the split asks for repeats, reports on all targets and on the repeats alone, ranked among all songs with
    the seeds, stand beside. Raises ValueError for a split without novel targets.
    """
    for metric in metrics:
        evaluated(metric, np.zeros((0, 1)), np.zeros(0, np.int64))  # a wrong name is told before hours are spent
    novel = split.take(split.novel)
    if not len(novel):
        raise ValueError("the split has no queries with a novel target")
    every = tuple(dict.fromkeys([*metrics, *_HIT_RATES]))
    values, open_values, totals = {}, {}, {}
    for name, model in _shown(models, "evaluate"):
        asked = _Asked.of(name, model, split, k, ranker)
        values[name] = _Values(asked.places[np.repeat(split.novel, split.targets.lengths)], novel.targets, every)
        open_values[name] = _Values(asked.open_places, split.targets, every)
        totals[name] = asked.totals(split, k, features or {}) | {"learnt MB": _size(model)}
        totals[name] |= {"fit seconds": seconds[name]} if seconds else {}
    report = Report(values, novel.owners, totals, about or {}, metrics, breakdowns(novel))
    return replace(report, beside=dict(_open_reports(open_values, split, metrics)))


def _open_reports(
    values: Mapping[str, "_Values"], split: Split, metrics: Sequence[str]
) -> Iterator[tuple[str, Report]]:
    """Reports on all targets and on repeats, ranked among all songs."""
    if split.novel.all():
        return
    ranked = "among all songs, those already played too"
    yield (
        "new songs and repeats",
        Report(values, split.owners, about={"asked": "new songs and repeats", "ranked": ranked}, shown=metrics),
    )
    again, targets = ~split.novel, split.targets.take(~split.novel)
    places = {name: column.places[np.repeat(again, split.targets.lengths)] for name, column in values.items()}
    repeats = {name: replace(column, places=places[name], targets=targets) for name, column in values.items()}
    about = {"asked": "songs that were played before in the playlist", "ranked": ranked}
    yield "repeats alone", Report(repeats, split.owners[again], about=about, shown=metrics)


@dataclass(frozen=True, eq=False)
class _Values(Mapping[str, NDArray[np.float64]]):
    """Metric -> a value a query, computed from the places when it is asked for: a million queries stay small."""

    places: NDArray[np.float64]
    targets: Playlists
    metrics: Sequence[str]

    def __getitem__(self, metric: str) -> NDArray[np.float64]:
        if metric not in self.metrics:
            raise KeyError(metric)
        blocks = [slice(start, start + _BLOCK) for start in range(0, len(self.targets), _BLOCK)]
        return np.concatenate([self._some(metric, block) for block in blocks])

    def _some(self, metric: str, queries: slice) -> NDArray[np.float64]:
        offsets = self.targets.offsets[queries.start : queries.stop + 1]
        n_targets = np.diff(offsets)
        return evaluated(metric, by_query(self.places[offsets[0] : offsets[-1]], n_targets), n_targets)

    def __iter__(self) -> Iterator[str]:
        return iter(self.metrics)

    def __len__(self) -> int:
        return len(self.metrics)


@dataclass(frozen=True, eq=False)
class _Asked:
    """What a model said to all queries of a split.

    places, open_places : (n_targets,) see `ranking.Ranked`
    songs : (n_novel, k) its lists for the queries with novel targets
    """

    places: NDArray[np.float64]
    open_places: NDArray[np.float64]
    songs: NDArray[np.int32]
    seconds: float

    @classmethod
    def of(cls, name: str, model: Recommender, split: Split, k: int, ranker: Ranker) -> "_Asked":
        start = time.perf_counter()
        with tqdm(total=len(split), desc=name, leave=False, disable=None, unit="queries") as bar:
            parts = []
            for part in ranker(model, split.seeds, split.targets, k):
                parts.append((part.places, part.open_places, part.songs))
                bar.update(len(part.songs))
        places, open_places, songs = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls(places, open_places, songs[split.novel], time.perf_counter() - start)

    def totals(self, split: Split, k: int, features: Mapping[str, sp.csr_array]) -> dict[str, float]:
        """What the lists show, and how fast they came."""
        n_songs = 1 + int(max(split.train.songs.max(initial=0), split.held_out.songs.max(initial=0), self.songs.max()))
        plays, shown = split.train.counts(n_songs), exposures(self.songs, n_songs)
        values = {
            f"coverage@{k}": coverage(shown, plays),
            f"gini@{k}": gini(shown[plays > 0]),
            f"entropy@{k}": entropy(shown) if shown.any() else 0.0,
            f"novelty@{k}": _mean(self._by_block(novelty, plays)),
            f"popularity lift@{k}": popularity_lift(shown, _seed_counts(split, n_songs), plays),
        }
        for name, matrix in features.items():
            values[f"{name} diversity@{k}"] = _mean(self._by_block(intra_list_diversity, matrix))
        finite = {name: value for name, value in values.items() if np.isfinite(value)}
        answered = float((self.songs >= 0).any(axis=1).mean())
        return finite | {"answered": answered, "queries/s": len(split) / self.seconds}

    def _by_block(self, told: Callable[..., NDArray[np.float64]], facts: Any) -> NDArray[np.float64]:
        """What is told of each list, a few thousand lists at a time."""
        blocks = [self.songs[start : start + _BLOCK] for start in range(0, len(self.songs), _BLOCK)]
        return np.concatenate([told(block, facts) for block in blocks])


def _mean(values: NDArray[np.float64]) -> float:
    """Mean of what is known; NaN where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _seed_counts(split: Split, n_songs: int) -> NDArray[np.int64]:
    """(n_songs,) how often each song is a seed of a novel target's query."""
    seeds = split.seeds.take(split.novel)
    edges = np.zeros(len(seeds.songs) + 1, dtype=np.int64)
    np.add.at(edges, seeds.starts, 1)
    np.subtract.at(edges, seeds.stops, 1)
    return np.bincount(seeds.songs, np.cumsum(edges)[:-1], minlength=n_songs).astype(np.int64)


def _size(model: Recommender) -> float:
    """MB of what a model learnt."""
    learnt = [array for name, array in vars(model).items() if name.endswith("_")]
    parts = [[a.data, a.indices, a.indptr] if isinstance(a, sp.csr_array) else [a] for a in learnt]
    return sum(array.nbytes for part in parts for array in part) / 1e6


def likelihoods(
    models: Mapping[str, Recommender],
    train: Playlists,
    held_out: Playlists,
    n_songs: int,
    *,
    queries: int | None = None,
    seed: int = 0,
    about: Mapping[str, Any] | None = None,
) -> Report:
    """Report of the log-likelihood of each transition of the held-out playlists, given the song, and all, before it.

    models : fitted on `train`
    queries : how many transitions to draw; all if None

    The scores of a model become probabilities as a copy of it needs that learnt from nine tenths of `train`, asked for
    the last tenth (see `likelihood.calibrate`). Reference language models stand beside.
    """
    learnt, validation = hold_out(train, 0.1, seed)
    seeds = {given: transitions(held_out, given)[0] for given in GIVEN}
    _, targets, owners = transitions(held_out, GIVEN[0])
    drawn = np.sort(np.random.default_rng(seed).permutation(len(targets))[:queries])
    targets, owners, last = targets[drawn], owners[drawn], seeds["song"].songs[seeds["song"].starts[drawn]]
    values: dict[str, dict[str, NDArray[np.float64]]] = {}
    calibrations, learnt_share, share = {}, _shares(learnt, n_songs), _shares(train, n_songs)
    for name, model in _shown(models, "likelihood"):
        copy = replace(model).fit(learnt, n_songs)
        values[name] = {}
        for given in GIVEN:
            calibration = calibrate(copy, validation, learnt_share, given, seed=seed)
            calibrations[f"{name}, given the {given}"] = asdict(calibration)
            values[name][f"given the {given}"] = log_likelihoods(
                model, calibration, seeds[given].take(drawn), targets, share
            )
    for name, reference in REFERENCES.items():
        values[name] = dict.fromkeys(
            (f"given the {given}" for given in GIVEN), reference(train, n_songs).log_likelihoods(last, targets)
        )
    return Report(values, owners, about=about or {}, details={"calibrations": calibrations})


def _shares(playlists: Playlists, n_songs: int) -> NDArray[np.float64]:
    """(n_songs,) share of the plays."""
    counts = playlists.counts(n_songs)
    return np.asarray(counts / max(counts.sum(), 1))


def _shown(models: Mapping[str, Recommender], verb: str) -> Any:
    bar = tqdm(models.items(), leave=False, disable=None)
    for name, model in bar:
        bar.set_description(f"{verb} {name}")
        yield name, model
