"""An index of a large catalogue beside scoring every song, over vectors of 64 numbers.

Those of most cases are made up: songs lie around centres, a two-hundredth as many; the lengths of their output vectors
are log-normal, and have nothing to do with where they lie. A query is a list of five songs of one centre. "found" is
the share of the ten best songs of scoring all, "like" that of the ten songs most like one; "MB on disk" is the index. A
filter leaves the songs of so many of the centres.

The last case, which is measured if it is named, has trained vectors: `spectral` learns from made-up playlists, a song
for ten plays. It tells all that .github/LARGE.md has of them.
"""

import time
from collections.abc import Callable
from functools import cached_property, partial
from itertools import cycle
from pathlib import Path
from statistics import median

import numpy as np

from recommender import make
from recommender.models.spectral import Spectral
from recommender.nearby import Nearby, read
from recommender.playlists import Playlists
from recommender.protocol import Scores
from recommender.ranking import recommend, top_k
from tests.bench import made_up as drawn
from tests.bench.harness import Case, Work, seconds

SONGS, LARGER, TRAINED = (75_262, 300_000), (10**6, 5 * 10**6), (75_262, 300_000, 10**6)
DIM, K, ASKED, BATCH, FILTERS = 64, 10, 64, 512, (0.5, 0.1, 0.01)
Lists = tuple[np.ndarray, Scores]


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


def trained(n_songs: int) -> tuple[Spectral, Playlists, np.ndarray]:
    """The same, learnt from made-up plays; near songs are in one of 2,048 groups."""
    playlists = drawn.plays(10 * n_songs, n_songs)
    model = make("spectral", {"dim": DIM}).fit(playlists, n_songs)
    sides = model.vectors_ @ np.random.default_rng(0).standard_normal((DIM, 11), np.float32) > 0
    long = playlists.take(playlists.lengths > 9)
    return model, long.last(5), sides @ 2 ** np.arange(11)


class Asked:
    """Playlists asked of an index and of all songs; a filter leaves a share of the groups."""

    def __init__(self, made: tuple[Spectral, Playlists, np.ndarray], folder: Path) -> None:
        self.model, self.playlists, self.groups = made
        self.folder, start = folder, time.perf_counter()
        Nearby.of(self.model, self.playlists, len(self.groups))[0].write(folder)
        self.build = time.perf_counter() - start

    @cached_property
    def near(self) -> Nearby:
        return read(self.folder, self.model, len(self.groups))

    def both(self, kept: float) -> tuple[Callable[[Playlists], Lists], Callable[[Playlists], Lists]]:
        """By the index, and by scoring all."""
        allowed = np.random.default_rng(1).random(self.groups.max() + 1)[self.groups] < kept if kept < 1 else None

        def cut(scores: Scores, _: Playlists, k: int) -> Lists:
            scores[:, ~allowed] = -np.inf
            return top_k(scores, k)

        exact = partial(recommend, self.model, k=K, cut=cut if kept < 1 else None)
        return lambda seeds: self.near.lists(seeds, K, exact, allowed=allowed), exact

    def told(self, kept: float) -> dict[str, float]:
        few, (ask, exact) = self.playlists.slice(0, ASKED), self.both(kept)
        size = sum(file.stat().st_size for file in self.folder.iterdir()) / 1e6
        found = {"found": share(ask(few)[0], exact(few)[0]), "like": like(self.model, self.near)}
        return found | {"build s": self.build, "MB on disk": size}

    def all_told(self) -> dict[str, float]:
        """Of both parts, too, how many lists are looked into; a batch, and each filter."""
        told = {name: getattr(self.near, name).index.nprobe for name in ("after", "like")}
        told = {f"looked into, {name}": n for name, n in told.items()} | self.told(1)
        batch = self.playlists.slice(0, BATCH)
        for name, ask in zip(("batch", "batch, all"), self.both(1), strict=True):
            told[f"{name}, a second"] = BATCH / median([seconds(partial(ask, batch)) for _ in range(3)])
        for kept in FILTERS:
            alone = [self.playlists.slice(i, i + 1) for i in range(ASKED)]
            for name, ask in zip(("", ", all"), self.both(kept), strict=True):
                told[f"{kept:.0%}{name}, ms"] = 1000 * median([seconds(partial(ask, one)) for one in alone])
            told[f"{kept:.0%}, found"] = self.told(kept)["found"]
        return told


def asking(kept: float, n_queries: int, n: int, folder: Path) -> Work:
    """So many lists a call."""
    asked = Asked(made_up(n), folder)
    return work(asked, kept, n_queries, partial(asked.told, kept))


def asking_trained(n: int, folder: Path) -> Work:
    asked = Asked(trained(n), folder)
    return work(asked, 1, 1, asked.all_told)


def work(asked: Asked, kept: float, n_queries: int, told: Callable[[], dict[str, float]]) -> Work:
    some, (ask, exact) = asked.playlists.slice(0, max(ASKED, n_queries)), asked.both(kept)
    parts = [some.slice(i, i + n_queries) for i in range(0, len(some), n_queries)]
    turns, again = cycle(parts), cycle(parts)
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
    case("ask an index 512 at once", 1, BATCH),
    *(case(f"ask an index with a filter of {kept:.0%}", kept, 1) for kept in FILTERS),
    Case("ask an index of trained vectors", "lists", "songs", (), asking_trained, "scoring every song", TRAINED),
]
