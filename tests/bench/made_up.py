"""Made-up songs, playlists and models of any size, drawn in seconds; no one of them means anything.

Titles have one to five words, artists one or two and eight songs each; how
often a word is used falls with its place (Zipf), which gives about as many distinct words as real ones have. What
models that learn vectors say does not change how long it takes to ask them, so theirs are drawn.
"""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from recommender import Run, make
from recommender.catalogue import Catalogue
from recommender.datasets import Dataset
from recommender.models import MODELS
from recommender.playlists import Playlists
from recommender.training import run_of

SONGS_A_PLAY = 0.1
_LONGEST, _TAGS = 60, 250
_VECTORS = ("spectral", "song2vec", "book")


def songs_of(n_plays: int) -> int:
    return max(int(SONGS_A_PLAY * n_plays), 100)


def plays(n_plays: int, n_songs: int | None = None, seed: int = 0) -> Playlists:
    """About so many plays, cut from the air of stations; ten million in seconds.

    Songs stand on a ring, alike where they are near. A station is a place on it and plays what is around: half of its
    plays are hits, the rank of which is log-uniform, half come from anywhere in its library. Lengths are as in `toy`.
    """
    rng, n_songs = np.random.default_rng(seed), n_songs or songs_of(n_plays)
    lengths = np.minimum(1 + rng.lognormal(1.6, 1.3, n_plays // 11 + 1), _LONGEST).astype(int)
    ring, n_stations = rng.permutation(n_songs), max(1, round((n_songs / 2) ** 0.5))
    station = np.repeat((n_stations * rng.random(len(lengths)) ** 2).astype(int), lengths)
    library, reach = n_songs / n_stations * 3, rng.random((3, len(station)))
    away = np.where(reach[0] < 0.5, library ** reach[1], library * reach[2])
    places = station * (n_songs / n_stations) + away * rng.choice([-1, 1], len(station))
    return Playlists.joined(ring[places.astype(np.int64) % n_songs], lengths)


def catalogue(n_songs: int) -> Catalogue:
    rng = np.random.default_rng(0)
    parts = ["".join(p) for p in product("bcdfghjklmnprstvwz", "aeiou", ["", "l", "n", "r", "s"])]
    longer = [*("".join(p) for p in product(parts, parts)), *map("".join, rng.choice(parts, (10**5, 3)))]
    words = np.array([*parts, *longer])
    words = words[np.argsort(np.char.str_len(words) + rng.normal(0, 2, len(words)))]  # short ones are used more

    def texts(n: int, least: int, most: int) -> list[str]:
        drawn = np.minimum(rng.zipf(1.25, (n, most)) - 1, 10**9) % len(words)
        return [" ".join(words[d[:k]]).title() for d, k in zip(drawn, rng.integers(least, most + 1, n), strict=True)]

    artists, titles = texts(max(n_songs // 8, 1), 1, 2), texts(n_songs, 1, 5)
    titles[1::20] = [f"{title} (Live)" for title in titles[::20][: len(titles[1::20])]]
    by = [artists[a] for a in (rng.random(n_songs) ** 2 * len(artists)).astype(int)]
    some, n_tags = rng.integers(_TAGS, size=(n_songs, 8)).tolist(), rng.integers(9, size=n_songs).tolist()
    tags = [tuple(f"tag {tag}" for tag in some_[:n]) for some_, n in zip(some, n_tags, strict=True)]
    return Catalogue(np.arange(n_songs), titles, by, tags, rng.zipf(1.5, n_songs).clip(1, 5000))


def dataset(n_plays: int, n_songs: int | None = None) -> Dataset:
    playlists, songs = plays(n_plays, n_songs), catalogue(n_songs or songs_of(n_plays))
    songs = replace(songs, plays=playlists.counts(len(songs)))
    return Dataset("made up", songs, playlists, None, "made up")


def fitted(name: str, playlists: Playlists, n_songs: int, dim: int = 64) -> Any:
    """The model as if it had learnt from the playlists, its vectors drawn."""
    model, rng = make(name, {"dim": dim} if name in _VECTORS else None), np.random.default_rng(0)
    if name == "blend":
        return _blended(model, playlists, n_songs, dim)
    if name not in _VECTORS:
        return model.fit(playlists, n_songs)
    for array in ("vectors_",) if name == "book" else ("inputs_", "outputs_"):
        setattr(model, array, rng.standard_normal((n_songs, dim), dtype=np.float32))
    if name == "song2vec":
        model.log_noise_ = np.log(playlists.counts(n_songs) + 1).astype(np.float32)
    return model


def _blended(model: Any, playlists: Playlists, n_songs: int, dim: int) -> Any:
    members = [name for name in MODELS if name in model.members.split(",")]
    for name in members:
        for array, values in vars(fitted(name, playlists, n_songs, dim)).items():
            if array.endswith("_"):
                setattr(model, f"{name}_{array}", values)
    model.plays_ = playlists.counts(n_songs)
    model.weights_ = np.full((2 * len(members) + 3, 4), 0.1, np.float32)
    return model


def run(name: str, n_songs: int, dim: int = 64) -> Run:
    """A run of ten plays a song."""
    made = dataset(int(n_songs / SONGS_A_PLAY), n_songs)
    return run_of(made, name, fitted(name, made.train, n_songs, dim), made.train, 0.0, 0.0, 0)


def queries(n: int, n_songs: int, seeds: int = 5) -> Playlists:
    return Playlists.of(np.random.default_rng(1).integers(n_songs, size=(n, seeds)).tolist())
