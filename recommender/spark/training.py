"""Training on Spark: the same runs as `recommender.training`, counted and multiplied on executors.

What is counted by pairs can be counted apart and summed: spectral, markov and item_knn. The playlists themselves (four
bytes a play), the catalogue and what a model learns stay on the driver; the pairs, some twenty a play, never do.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.cleaning import Cleaning
from recommender.datasets import Dataset
from recommender.errors import ParameterError
from recommender.models import make
from recommender.models.markov import Markov, transitions
from recommender.models.neighbours import ItemKNN, held_together
from recommender.models.spectral import Spectral, near_plays
from recommender.playlists import Playlists
from recommender.run import Run
from recommender.spark.blocks import Count, Grid, counted
from recommender.spark.factors import plays_beside, scattered
from recommender.spark.kept import Kept, check_place, held
from recommender.spark.stages import Stage, stage
from recommender.training import train

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from recommender.spark.blocks import Blocks


def train_on(
    spark: "SparkSession",
    dataset: Dataset,
    name: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    held_out: float = 0.0,
    cleaning: Cleaning | None = None,
    cold_start: bool = False,
    counts: str | None = None,
) -> Run:
    """What `recommender.train` returns, for a model that can be counted; the card has the stages and what they cost.

    counts : the folder where the counts are kept, and of which only new playlists are counted (see `Kept`)
    """
    check(name, counts)
    stages: list[Stage] = []

    def fit(model: Any, playlists: Playlists, n_songs: int) -> None:
        _FITS[name](_Work(spark, stages, counts, playlists, n_songs), model)

    with held(counts) if counts else nullcontext():
        run = train(
            dataset, name, parameters, seed=seed, held_out=held_out, cleaning=cleaning, cold_start=cold_start, fit=fit
        )
    context = spark.sparkContext
    account = {
        "name": "spark",
        "version": spark.version,
        "master": context.master,
        "stages": [vars(each) for each in stages],
    }
    return replace(run, card=dict(run.card) | {"engine": account})


def check(name: str, counts: str | None = None) -> None:
    """Raise ParameterError for a model that Spark cannot count, or whose counts are of no use later.

    Raises DataError for a place where no counts can be kept.
    """
    make(name)
    if name not in _FITS:
        raise ParameterError(f"{name} does not train on Spark, which has {', '.join(_FITS)}; leave --engine out")
    if counts and name == "item_knn":
        raise ParameterError(
            "item_knn weighs playlists by their mean length, which new ones change; leave --counts out"
        )
    if counts:
        check_place(counts)


@dataclass(frozen=True)
class _Work:
    """What is fitted on, where its counts are kept, if anywhere, and what that has cost so far."""

    spark: "SparkSession"
    stages: list[Stage]
    folder: str | None
    playlists: Playlists
    n_songs: int

    def stage(self, name: str) -> AbstractContextManager[None]:
        return stage(self.spark, name, self.stages)

    def counts(
        self, what: str, count: Count, pairs: NDArray[np.floating], weights: NDArray[np.float32] | None = None
    ) -> "tuple[Blocks, Grid]":
        """The counts on disks that the executors read, and how they are dealt out.

        what : is counted, with its parameters
        pairs, weights : (n_playlists,) how many pairs a playlist has, and what it weighs (1, if nothing is said)
        """
        from pyspark import StorageLevel

        grid = Grid.of(self.n_songs, pairs.sum(), self.spark.sparkContext.defaultParallelism)
        weights = np.ones(len(self.playlists), np.float32) if weights is None else weights
        with self.stage("count"):
            if self.folder:
                return self._kept(Kept.opened(self.folder, what), grid, count, pairs)
            blocks = counted(self.spark, self.playlists, weights, pairs, grid, count).persist(StorageLevel.DISK_ONLY)
            blocks.count()
        return blocks, grid

    def _kept(self, kept: Kept, grid: Grid, count: Count, pairs: NDArray[np.floating]) -> "tuple[Blocks, Grid]":
        """The kept counts, those of the playlists that are new added."""
        new = kept.new(self.playlists)
        if len(new):
            grid, ones = kept.grid(grid), np.ones(len(new), np.float32)
            blocks = counted(self.spark, new, ones, pairs[kept.n_playlists :], grid, count)
            kept = kept.add(blocks, grid, self.playlists)
        grid = Grid(self.n_songs, kept.n_blocks)
        return kept.blocks(self.spark, grid), grid


def _fit_spectral(work: _Work, model: Spectral) -> None:
    from pyspark import StorageLevel

    n_songs, window, falloff = work.n_songs, model.window, model.falloff

    def near(playlists: Playlists, weights: NDArray[np.float32]) -> sp.csr_array:
        return near_plays(playlists, n_songs, window, falloff)

    blocks, grid = work.counts(
        f"spectral window={window} falloff={falloff}", near, 2.0 * window * work.playlists.lengths
    )
    with work.stage("information"):
        plays = plays_beside(blocks, grid)
        matrix = scattered(work.spark, blocks, plays, grid, model)
        for side in (matrix.rows, matrix.columns):
            side.persist(StorageLevel.DISK_ONLY).count()
    with work.stage("factors"):
        model.learn(matrix, np.flatnonzero(plays), n_songs)
    for kept in (matrix.rows, matrix.columns, blocks):
        kept.unpersist()


def _fit_markov(work: _Work, model: Markov) -> None:
    n_songs = work.n_songs

    def moves(playlists: Playlists, weights: NDArray[np.float32]) -> sp.csr_array:
        return transitions(playlists, n_songs)

    blocks, grid = work.counts("markov", moves, work.playlists.lengths.astype(float))
    with work.stage("collect"):
        model.learn(grid.joined(blocks.collect()), work.playlists.counts(n_songs))
    blocks.unpersist()


def _fit_item_knn(work: _Work, model: ItemKNN) -> None:
    n_songs, lengths = work.n_songs, work.playlists.lengths.astype(float)

    def together(playlists: Playlists, weights: NDArray[np.float32]) -> sp.csr_array:
        return held_together(playlists, weights, n_songs)

    blocks, grid = work.counts("item_knn", together, lengths**2, model.weights(work.playlists, n_songs))
    with work.stage("neighbours"):
        norms = np.zeros(n_songs)
        for block, squares in blocks.map(lambda block: (block[0], own(block[1], grid.rows(block[0])))).collect():
            norms[grid.rows(block)] = np.sqrt(squares)
        sent = work.spark.sparkContext.broadcast(norms)
        alike = blocks.map(lambda block: (block[0], model.cosines(block[1], grid.rows(block[0]), sent.value)))
        model.plays_, model.alike_ = work.playlists.counts(n_songs), grid.joined(alike.collect())
        sent.destroy()
    blocks.unpersist()


def own(counts: sp.csr_array, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What each of the songs `rows` has with itself."""
    return np.asarray(counts[np.arange(len(rows)), rows]).ravel()


_FITS: Mapping[str, Callable[[_Work, Any], None]] = {
    "spectral": _fit_spectral,
    "markov": _fit_markov,
    "item_knn": _fit_item_knn,
}
