"""How fast models are evaluated, and how much of that is the matrix product that no exact evaluation can do without.

A query is scored over the whole catalogue; of its scores come the places of its targets, the ten best songs and all
metrics (their means; intervals are not of this). "product" is the time of the bare float32 products, 64 numbers a
song, of as many queries in the same process; "x product" is the whole against it. Vectors are drawn at random: what
they say does not change how long it takes. ranx, for comparison, computes three metrics of lists of 100 that our
`recommend` makes with the same vectors; it has no scores of the songs below, hence neither their places nor ties.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recommender import evaluate, hold_out, make, next_song
from recommender.datasets.toy import toy
from recommender.models import MODELS
from recommender.protocol import Recommender
from recommender.ranking import recommend
from recommender.split import Split

SIZES = (3_168, 9_775, 75_262)
DIM, BATCH, RANX = 64, 256, "ranx"
CASES = (*MODELS, RANX)
HEADER = ["case", "songs", "queries", "seconds", "queries/s", "product", "x product", "peak MB"]


def fitted(name: str, split: Split, n_songs: int) -> Recommender:
    """The model; of those that learn vectors, one with drawn ones."""
    if name not in ("book", "song2vec"):
        return make(name).fit(split.train, n_songs)
    model, rng = make(name), np.random.default_rng(0)
    for array in ("vectors_",) if name == "book" else ("inputs_", "outputs_"):
        setattr(model, array, rng.standard_normal((n_songs, model.dim), dtype=np.float32))
    model.log_noise_ = np.zeros(n_songs, np.float32)
    return model


def products(n_queries: int, n_songs: int) -> float:
    """Seconds of the bare products."""
    rng = np.random.default_rng(0)
    queries, songs = (rng.standard_normal((n, DIM), dtype=np.float32) for n in (BATCH, n_songs))
    start = time.perf_counter()
    for _ in range(-(-n_queries // BATCH)):
        queries @ songs.T
    return time.perf_counter() - start


def ranx_seconds(model: Recommender, split: Split) -> float:
    """Seconds of lists of 100, and three metrics of them by ranx."""
    from numba.typed import List
    from ranx import metrics

    def asked(split: Split) -> None:
        songs, scores = recommend(model, split.seeds, 100)
        pairs = zip(songs.astype(float), scores.astype(float), strict=True)
        lists = List([np.stack([*pair], axis=1) for pair in pairs])
        wanted = List([np.array([[song, 1.0]]) for song in split.targets.songs.astype(float)])
        for metric, k in ((metrics.hit_rate, 10), (metrics.reciprocal_rank, 100), (metrics.ndcg, 10)):
            metric(wanted, lists, k)

    asked(split.sample(BATCH))  # compiles
    start = time.perf_counter()
    asked(split)
    return time.perf_counter() - start


def measure(name: str, n_songs: int, n_queries: int) -> dict[str, float]:
    _, playlists = toy(n_songs=n_songs, n_playlists=2 * n_songs)
    split = next_song(*hold_out(playlists, 0.5))
    split = split.sample(n_queries)
    model = fitted("song2vec" if name == RANX else name, split, n_songs)
    evaluate({name: model}, split.sample(BATCH), ["hit_rate@10"])
    product = products(len(split), n_songs)
    start = time.perf_counter()
    if name == RANX:
        seconds = ranx_seconds(model, split)
    else:
        report = evaluate({name: model}, split)
        for metric in report.values[name]:
            report.values[name][metric].mean()
        seconds = time.perf_counter() - start
    product = (product + products(len(split), n_songs)) / 2
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"queries": len(split), "seconds": seconds, "product": product, "peak": peak}


def rows(names: Sequence[str], largest: float) -> list[list[str]]:
    """A line for each model and number of songs, each measured in a process of its own."""
    found = []
    for name in names:
        for n_songs in (n for n in SIZES if n <= largest):
            n_queries = 100_000 if name == "song2vec" else 10_000  # enough to see a rate
            asked = [sys.executable, "-m", "tests.bench_evaluation", name, str(n_songs), str(n_queries)]
            told = json.loads(subprocess.check_output(asked, cwd=Path(__file__).parents[1]))
            rate, times = told["queries"] / told["seconds"], told["seconds"] / told["product"]
            cells = [f"{told['seconds']:.2f}", f"{rate:,.0f}", f"{told['product']:.2f}", f"{times:.1f}"]
            found.append([f"evaluate {name}", f"{n_songs:,}", f"{told['queries']:,}", *cells, f"{told['peak']:.0f}"])
    return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
