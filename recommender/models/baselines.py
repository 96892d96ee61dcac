"""Baselines: what a model must beat to have learnt anything."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.playlists import Playlists
from recommender.protocol import MOST_SEED, Scores, check_limits, masked


@dataclass
class Random:
    """Songs in random order, another for every query.

    seed : of the random numbers
    """

    seed: int = 0

    def __post_init__(self) -> None:
        check_limits(self, seed=(0, MOST_SEED))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        return self

    def score(self, seeds: Playlists) -> Scores:
        rows = [np.random.default_rng([self.seed, *songs]).random(len(self.plays_)) for songs in seeds]
        return masked(np.reshape(rows, (len(seeds), len(self.plays_))), seeds, self.plays_ > 0)


@dataclass
class Popularity:
    """The songs played most, whatever came before."""

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        return self

    def score(self, seeds: Playlists) -> Scores:
        return masked(np.tile(self.plays_.astype(np.float32), (len(seeds), 1)), seeds, self.plays_ > 0)
