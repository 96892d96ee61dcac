"""An index of a large catalogue beside scoring every song, over made-up vectors of 64 numbers.

Songs lie around centres, a two-hundredth as many; the lengths of their output vectors are log-normal, as those of
trained ones are uneven. A query is a list of five songs of one centre. "found" is the share of the ten best songs of
scoring all, "like" that of the ten songs most like one; "MB on disk" is the index. A filter leaves the songs of so many
of the centres.
"""

import time
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np

from recommender.models.spectral import Spectral
from recommender.nearby import Nearby, read
from recommender.playlists import Playlists
from recommender.protocol import Scores
from recommender.ranking import recommend, top_k
from tests.bench.harness import Case, Work

SONGS, LARGER, DIM, K, ASKED = (75_262, 300_000), (10**6, 5 * 10**6), 64, 10, 64


def made_up(n_songs: int) -> tuple[Spectral, Playlists, np.ndarray]:
    """A model with such vectors, playlists, and the centre of each song."""
    rng, n_centres = np.random.default_rng(0), max(n_songs // 200, 20)
    centres = rng.standard_normal((n_centres, DIM), np.float32)
    of, model = np.arange(n_songs) % n_centres, Spectral(dim=DIM)
    model.inputs_, model.outputs_ = (
        centres[of] + np.float32(0.7) * rng.standard_normal((n_songs, DIM), np.float32) for _ in range(2)
    )
    model.outputs_ *= rng.lognormal(0, 1, (n_songs, 1)).astype(np.float32) / np.float32(DIM)
    seeds = rng.integers(n_centres, size=(2000, 1)) + n_centres * rng.integers(n_songs // n_centres, size=(2000, 5))
    return model, Playlists.of(seeds), of


def share(found: np.ndarray, best: np.ndarray) -> float:
    return float((best[:, :, None] == found[:, None, :]).any(axis=2).mean())


def asking(kept: float, n_queries: int, n: int, folder: Path) -> Work:
    """So many lists a call, with a filter that leaves a share of the centres."""
    model, playlists, of = made_up(n)
    start = time.perf_counter()
    Nearby.of(model, playlists, n)[0].write(folder)
    build = time.perf_counter() - start
    allowed = np.random.default_rng(1).random(of.max() + 1)[of] < kept if kept < 1 else None

    def cut(scores: Scores, _: Playlists, k: int) -> tuple[np.ndarray, Scores]:
        scores[:, ~allowed] = -np.inf
        return top_k(scores, k)

    exact = partial(recommend, model, k=K, cut=cut if kept < 1 else None)
    near = read(folder, model, n)
    asked = playlists.slice(0, max(ASKED, n_queries))
    turns, again = (cycle([asked.slice(i, i + n_queries) for i in range(0, len(asked), n_queries)]) for _ in range(2))
    ask = partial(near.lists, k=K, exact=exact, **({"allowed": allowed} if kept < 1 else {}))

    def told() -> dict[str, float]:
        few = asked.slice(0, ASKED)
        size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        return {
            "found": share(ask(few)[0], exact(few)[0]),
            "like": like(model, near),
            "build s": build,
            "MB on disk": size,
        }

    return Work(lambda: ask(next(turns)), n_queries, lambda: exact(next(again)), told)


def like(model: Spectral, near: Nearby) -> float:
    """The share of the ten songs most like a song that are found."""
    cosines = model.vectors_[:ASKED] @ model.vectors_.T
    cosines[np.arange(ASKED), np.arange(ASKED)] = -np.inf
    found = np.concatenate([near.similar(song, K)[0] for song in range(ASKED)])
    return share(found, top_k(np.nan_to_num(cosines, nan=-np.inf), K)[0])


def case(name: str, kept: float, n_queries: int) -> Case:
    return Case(name, "lists", "songs", SONGS, partial(asking, kept, n_queries), "scoring every song", LARGER)


CASES = [
    case("ask an index", 1, 1),
    case("ask an index 512 at once", 1, 512),
    *(case(f"ask an index with a filter of {kept:.0%}", kept, 1) for kept in (0.5, 0.1, 0.01)),
]
