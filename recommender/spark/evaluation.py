"""Evaluation on Spark: the queries of a split, a batch a piece of work, ranked by workers that memory-map the model."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.playlists import Lists, Playlists
from recommender.protocol import Recommender
from recommender.ranking import BATCH, Ranked, Ranker, rank
from recommender.spark.stages import shown
from recommender.spark.workers import SharedModel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TASKS = 4  # of each core: what a lost executor costs is little, and no core waits long for the last
_Part = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]  # songs, places, open places


def ranker(spark: "SparkSession") -> Ranker:
    """What ranks on Spark as `ranking.rank` does here, with the same numbers (see `recommender.spark.workers`).

    The arrays of the model are copied to a folder in $TMPDIR, which all workers must see.
    """
    return partial(_ranked, spark)


def _ranked(
    spark: "SparkSession", model: Recommender, seeds: Lists, targets: Playlists, k: int = 10
) -> Iterator[Ranked]:
    context, starts = spark.sparkContext, range(0, len(seeds), BATCH)
    n_tasks = min(len(starts), _TASKS * context.defaultParallelism)
    asked = context.broadcast((seeds, targets))
    with tempfile.TemporaryDirectory(prefix="recommender-model-") as folder, shown(spark, "rank"):
        work = _Work(SharedModel.of(model, folder), asked, k)
        parts = context.parallelize(starts, max(n_tasks, 1)).mapPartitions(work).collect()
    asked.destroy()
    for start, part in zip(starts, parts, strict=True):
        yield Ranked(seeds.slice(start, start + BATCH), *part)


@dataclass(frozen=True)
class _Work:
    """What a worker does: it ranks the batches that begin at these queries."""

    model: SharedModel
    asked: Any  # broadcast: seeds and targets
    k: int

    def __call__(self, starts: Iterable[int]) -> Iterator[_Part]:
        seeds, targets = self.asked.value
        with threadpool_limits(1, "blas"):  # a worker has one core
            for start in starts:
                batch = start, start + BATCH
                for part in rank(self.model.opened(), seeds.slice(*batch), targets.slice(*batch), self.k):
                    yield part.songs, part.places, part.open_places
