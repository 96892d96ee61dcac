"""Evaluating models, beside the bare matrix products that no exact evaluation with vectors of 64 can do without.

A query is scored over the whole catalogue; of its scores come the places of its targets, the ten best songs and all
metrics (their means; intervals are not of this). ranx computes three metrics of lists of 100 that our `recommend` makes
with the same vectors; it has no scores of the songs below, hence neither their places nor ties.
"""

from functools import partial
from pathlib import Path

import numpy as np

from recommender import evaluate, hold_out, next_song
from recommender.models import MODELS
from recommender.ranking import recommend
from recommender.split import Split
from tests.bench import made_up
from tests.bench.answers import bare_products
from tests.bench.harness import Case, Work

SMALL, LARGE = 3_168, 75_262
QUERIES = 4096
AT_LARGE = ("session_knn", "vstan", "song2vec", "blend")


def asked(n_songs: int) -> Split:
    return next_song(*hold_out(made_up.plays(10 * n_songs, n_songs), 0.2)).sample(QUERIES)


def evaluating(name: str, n: int, _: Path) -> Work:
    split = asked(n)
    model = made_up.fitted(name, split.train, n)

    def timed() -> None:
        report = evaluate({name: model}, split)
        for metric in report.values[name]:
            report.values[name][metric].mean()

    return Work(timed, len(split), bare_products(len(split), n, 64))


def by_ranx(n: int, _: Path) -> Work:
    from numba.typed import List
    from ranx import metrics

    split = asked(n)
    model = made_up.fitted("song2vec", split.train, n)
    wanted = List([np.array([[song, 1.0]]) for song in split.targets.songs.astype(float)])

    def timed() -> None:
        songs, scores = recommend(model, split.seeds, 100)
        pairs = zip(songs.astype(float), scores.astype(float), strict=True)
        lists = List([np.stack([*pair], axis=1) for pair in pairs])
        for metric, k in ((metrics.hit_rate, 10), (metrics.reciprocal_rank, 100), (metrics.ndcg, 10)):
            metric(wanted, lists, k)

    timed()  # compiles
    return Work(timed, len(split), bare_products(len(split), n, 64))


def case(name: str) -> Case:
    sizes, larger = ((SMALL, LARGE), ()) if name in AT_LARGE else ((SMALL,), (LARGE,))
    return Case(f"evaluate {name}", "queries", "songs", sizes, partial(evaluating, name), "bare product", larger)


CASES = [
    *map(case, MODELS),
    Case("evaluate by ranx", "queries", "songs", (), by_ranx, "bare product", (SMALL, LARGE)),
]
