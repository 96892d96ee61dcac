"""How long a shaped list takes: one at a time, and many at once against the bare matrix product.

A made-up catalogue with a model of drawn vectors, 64 numbers a song. "p50" and "p99" are of lists of ten after twenty
seeds, one at a time, in the process. "x product" is the processor time of a batch of such queries against that of the
float32 products without which there are no scores, one thread each.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from recommender import Catalogue, Playlists, Run, Shape, make, ranking

SONGS, DIM, SEEDS, K = 75_262, 64, 20, 10
ALONE, BATCH, BATCHES = 200, 256, 4
FILTERS = {
    "max_per_artist": 2,
    "artist_spacing": 3,
    "only_tags": [f"tag {i}" for i in range(5, 250)],
    "without_tags": ["tag 6"],
    "without_artists": ["Artist 7"],
    "without": range(0, SONGS, 9),
    "collapse_versions": True,
    "hide_unknown": True,
}
SHAPES = {
    "none": Shape(),
    "caps and spacing": Shape(max_per_artist=2, artist_spacing=3),
    "all filters": Shape(**FILTERS),
    "popularity": Shape(popularity=-0.5),
    "variety": Shape(variety=0.3),
    "all filters and dials": Shape(**FILTERS, popularity=-0.5, variety=0.3),
}
HEADER = ["shape", "songs", "p50 ms", "p99 ms", "queries/s", "x product"]


def made_up() -> Run:
    """A run whose songs are as unevenly spread over artists, tags and plays as on the radio."""
    rng = np.random.default_rng(0)
    artists = np.minimum(rng.pareto(0.8, SONGS) * 40, 15_000).astype(int)
    titles = [f"Song {i // 2}{' (Live)' if i % 20 == 1 else f' {i}'}" for i in range(SONGS)]
    tags = [tuple(f"tag {tag}" for tag in rng.integers(0, 250, n)) for n in rng.integers(0, 9, SONGS)]
    plays = rng.zipf(1.5, SONGS).clip(1, 5000).astype(np.int64)
    catalogue = Catalogue(np.arange(SONGS), titles, [f"Artist {a}" for a in artists], tags, plays)
    model = make("song2vec", {"dim": DIM})
    centres, kinds = rng.standard_normal((300, DIM), dtype=np.float32), rng.integers(0, 300, SONGS)
    for array in ("inputs_", "outputs_"):
        setattr(model, array, centres[kinds] + rng.standard_normal((SONGS, DIM), dtype=np.float32))
    model.log_noise_ = np.log(plays).astype(np.float32)
    return Run(model, catalogue, {"model": "song2vec"})


def seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def measure(name: str) -> dict[str, float]:
    run, shape, rng = made_up(), SHAPES[name], np.random.default_rng(1)
    queries = rng.integers(0, SONGS, (BATCHES * BATCH, SEEDS))
    one, many = queries[:ALONE].tolist(), Playlists.of(queries.tolist())
    run.lists(many.slice(0, BATCH), K, shape=shape)  # what is computed once, is
    took = [seconds(lambda songs=songs: run.recommend(songs, K, shape=shape), time.perf_counter) for songs in one]
    vectors, asked = run.model.outputs_, rng.standard_normal((BATCH, DIM), dtype=np.float32)
    ranking._cores = lambda: 1  # processor time is compared
    with threadpool_limits(1):
        products = min(
            seconds(lambda: [asked @ vectors.T for _ in range(BATCHES)], time.process_time) for _ in range(3)
        )
        batch = min(seconds(lambda: run.lists(many, K, shape=shape), time.process_time) for _ in range(3))
    p50, p99 = (1000 * float(q) for q in np.quantile(took, [0.5, 0.99]))
    return {"p50": p50, "p99": p99, "rate": len(many) / batch, "times": batch / products}


def rows() -> list[list[str]]:
    """A line a shape, each measured in a process of its own."""
    found = []
    for name in SHAPES:
        asked = [sys.executable, "-m", "tests.bench_shaping", name]
        told = json.loads(subprocess.check_output(asked, cwd=Path(__file__).parents[1]))
        cells = [f"{told['p50']:.1f}", f"{told['p99']:.1f}", f"{told['rate']:,.0f}", f"{told['times']:.1f}"]
        found.append([name, f"{SONGS:,}", *cells])
    return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
