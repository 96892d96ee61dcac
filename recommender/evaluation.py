"""Evaluation: fitted models asked the queries of a split, over the whole catalogue, never sampled."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from recommender.metrics import by_query, evaluated
from recommender.protocol import Recommender
from recommender.ranking import NO_SONG, ranks, recommend
from recommender.report import Report
from recommender.split import Split

_READING = (
    "hit_rate@10 is the share of the asked songs found among ten answers, recall@100 among a hundred; mrr is the mean "
    "of 1 / place; ndcg@10 counts places within ten, the first most; coverage@10 is the share of all played songs "
    "that are in any answer. Higher is better."
)
NEXT_METRICS = ("hit_rate@10", "recall@100", "mrr", "ndcg@10")


def fit(models: Mapping[str, Recommender], split: Split, n_songs: int) -> dict[str, float]:
    """Fit each model on the split's training playlists; seconds that each took."""
    seconds = {}
    for name, model in _shown(models, "fit"):
        start = time.perf_counter()
        model.fit(split.train, n_songs)
        seconds[name] = time.perf_counter() - start
    return seconds


def evaluate(
    models: Mapping[str, Recommender],
    split: Split,
    metrics: Sequence[str] = NEXT_METRICS,
    *,
    k: int = 10,
    seconds: Mapping[str, float] | None = None,
    about: Mapping[str, Any] | None = None,
) -> Report:
    """Report of fitted models on the queries of a split.

    k : length of the lists that the coverage looks at
    seconds : how long each model took to fit, if known
    about : further facts for the report

    Coverage is the share of the songs played in training that stand in any list (Ge, Delgado-Battenfeld &
    Jannach 2010, doi:10.1145/1864708.1864761). Raises ValueError for an empty split.
    """
    if not len(split):
        raise ValueError("the split has no queries")
    values, totals = {}, {}
    n_playable = max(len(np.unique(split.train.songs)), 1)
    for name, model in _shown(models, "evaluate"):
        start = time.perf_counter()
        parts = tqdm(ranks(model, split.seeds, split.targets), desc=name, leave=False, disable=None)
        places = by_query(np.concatenate(list(parts)), split.targets.lengths)
        values[name] = {metric: evaluated(metric, places, split.targets.lengths) for metric in metrics}
        rate = len(split) / (time.perf_counter() - start)
        answers, _ = recommend(model, split.seeds, k)
        answered = (answers != NO_SONG).any(axis=1)
        coverage = len(np.unique(answers[answers != NO_SONG])) / n_playable
        totals[name] = {f"coverage@{k}": coverage, "answered": float(answered.mean()), "queries/s": rate}
        totals[name] |= {"fit seconds": seconds[name]} if seconds else {}
    return Report(values, split.owners, totals, dict(about or {}) | {"how to read": _READING})


def _shown(models: Mapping[str, Recommender], verb: str) -> Any:
    bar = tqdm(models.items(), leave=False, disable=None)
    for name, model in bar:
        bar.set_description(f"{verb} {name}")
        yield name, model
