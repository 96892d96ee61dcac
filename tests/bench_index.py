"""What an index of a large catalogue costs and gives, beside scoring every song, over made-up vectors.

Songs lie around centres, a two-hundredth as many; the lengths of their output vectors are log-normal, as those of
trained ones are uneven. A query is a list of five songs of one centre. "one" is a single question, "a second" how many
a batch of 512 gets answered, both with all that an answer takes; "found" is the share of the ten best songs of scoring
all, "like" that of the ten songs most like one. "half", "tenth" and "hundredth" are filters that leave the songs of so
many of the centres. "opened" is the memory that the saved index takes once it was asked, the vectors it reads among it.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from recommender.models.spectral import Spectral
from recommender.nearby import Nearby, read
from recommender.playlists import Playlists
from recommender.ranking import recommend, top_k
from tests.conftest import ROOT

CASE, DIMS = "index", (64, 320)
SIZES = (75_262, 300_000, 1_000_000, 5_000_000)
HEADER = ["songs", "dim", "all: one ms", "a second", "build s", "MB", "opened MB"]
HEADER += ["lists", "looked into", "one ms", "a second", "found", "like"]
SHARES = {"half": 0.5, "tenth": 0.1, "hundredth": 0.01}
HEADER += [cell for name in SHARES for cell in (f"{name}: ms", "found")]
_ASKED, _ONES, _LARGEST = 512, 40, 10**8  # numbers of an array of vectors


def made_up(n_songs: int, dim: int, spread: float = 0.5) -> tuple[Spectral, Playlists, np.ndarray]:
    """A model with such vectors, playlists, and the centre of each song."""
    rng = np.random.default_rng(0)
    n_centres = max(n_songs // 200, 20)
    centres = rng.standard_normal((n_centres, dim), np.float32)
    of = np.arange(n_songs) % n_centres
    model = Spectral(dim=dim)
    model.inputs_, model.outputs_ = (
        centres[of] + np.float32(0.7) * rng.standard_normal((n_songs, dim), np.float32) for _ in range(2)
    )
    model.outputs_ *= rng.lognormal(0, spread, (n_songs, 1)).astype(np.float32) / np.float32(dim)
    seeds = rng.integers(n_centres, size=(2000, 1)) + n_centres * rng.integers(n_songs // n_centres, size=(2000, 5))
    return model, Playlists.of(seeds), of


def median_ms(ask: Callable[[Playlists], object], lists: Playlists) -> float:
    times = []
    for i in range(_ONES):
        start = time.perf_counter()
        ask(lists.slice(i, i + 1))
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))


def a_second(ask: Callable[[Playlists], object], lists: Playlists) -> float:
    start = time.perf_counter()
    ask(lists)
    return len(lists) / (time.perf_counter() - start)


def share(found: np.ndarray, best: np.ndarray) -> float:
    return float((best[:, :, None] == found[:, None, :]).any(axis=2).mean())


def resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def measure(model: Spectral, playlists: Playlists, centres: np.ndarray) -> list[str]:
    n_songs, asked = len(centres), playlists.slice(0, _ASKED)
    few = asked.slice(0, _ASKED if model.outputs_.size < _LARGEST else 64)
    exact = partial(recommend, model, k=10)
    best = exact(few)[0]
    cells = [f"{median_ms(exact, asked):.1f}", f"{a_second(exact, few):,.0f}"]
    start = time.perf_counter()
    made, facts = Nearby.of(model, playlists, n_songs)
    build = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        made.write(Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        del made
        before = resident()
        near = read(Path(folder), model, n_songs)
        ask = partial(near.lists, k=10, exact=exact)
        one = median_ms(ask, asked)
        [near.similar(song, 10) for song in range(200)]
        cells += [f"{build:.0f}", f"{size:.0f}", f"{resident() - before:.0f}"]
        cells += [str(facts["after"][fact]) for fact in ("lists", "looked_into")]
        cells += [f"{one:.2f}", f"{a_second(ask, asked):,.0f}"]
        cells += [f"{share(ask(few)[0], best):.3f}", f"{like(model, near):.3f}"]
        for kept in SHARES.values():
            cells += filtered(near, model, few, np.random.default_rng(1).random(centres.max() + 1)[centres] < kept)
    return [f"{n_songs:,}", str(model.dim), *cells]


def like(model: Spectral, near: Nearby, n: int = 200) -> float:
    """The share of the ten songs most like a song that are found."""
    cosines = model.vectors_[:n] @ model.vectors_.T
    cosines[np.arange(n), np.arange(n)] = -np.inf
    found = np.concatenate([near.similar(song, 10)[0] for song in range(n)])
    return share(found, top_k(np.nan_to_num(cosines, nan=-np.inf), 10)[0])


def filtered(near: Nearby, model: Spectral, asked: Playlists, allowed: np.ndarray) -> list[str]:
    """Milliseconds of a question with the filter, and the share found."""

    def cut(scores, _, k):
        scores[:, ~allowed] = -np.inf
        return top_k(scores, k)

    exact = partial(recommend, model, k=10, cut=cut)
    ask = partial(near.lists, k=10, exact=exact, allowed=allowed)
    return [f"{median_ms(ask, asked):.2f}", f"{share(ask(asked)[0], exact(asked)[0]):.3f}"]


def rows(largest: float = 1e6) -> list[list[str]]:
    """A row for each number of songs and dimensions that is not too large, each measured in a process of its own."""
    sizes = [(n, dim) for n in SIZES for dim in DIMS if n <= largest and n * dim <= 4 * _LARGEST]
    return [
        json.loads(subprocess.check_output([sys.executable, "-m", "tests.bench_index", str(n), str(dim)], cwd=ROOT))
        for n, dim in sizes
    ]


if __name__ == "__main__":
    print(json.dumps(measure(*made_up(int(sys.argv[1]), int(sys.argv[2])))))
