"""Stages: parts of the work on Spark, shown while they run, and what they cost."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from recommender.spark.faults import telling

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Stage:
    """What a part of the work cost.

    shuffled : bytes that its tasks wrote for one another
    """

    name: str
    seconds: float
    shuffled: int


@contextmanager
def shown(spark: "SparkSession", name: str) -> Iterator[str]:
    """Show the tasks of all that runs inside, on a terminal, and tell what goes wrong; the name of their job group."""
    group, done = f"{name} {time.monotonic_ns()}", threading.Event()
    spark.sparkContext.setJobGroup(group, name)
    bar = threading.Thread(target=_show, args=(spark.sparkContext, name, done), daemon=True)
    bar.start()
    try:
        with telling():
            yield group
    finally:
        done.set()
        bar.join()


@contextmanager
def stage(spark: "SparkSession", name: str, into: list[Stage]) -> Iterator[None]:
    """The same, and add to `into` what it cost."""
    start = time.perf_counter()
    with shown(spark, name) as group:
        yield
    into.append(Stage(name, round(time.perf_counter() - start, 3), _shuffled(spark.sparkContext, group)))


def _show(context: Any, name: str, done: threading.Event) -> None:
    """A bar of the tasks under way, until `done`; nothing where standard error is no terminal."""
    if not sys.stderr or not sys.stderr.isatty():
        return
    tracker = context.statusTracker()
    with tqdm(desc=name, unit="task", leave=False) as bar:
        while not done.wait(0.3):
            infos = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
            bar.total = sum(info.numTasks for info in infos if info)
            bar.n = sum(info.numCompletedTasks for info in infos if info)
            bar.refresh()


def _shuffled(context: Any, group: str) -> int:
    """Bytes that the tasks of a job group wrote to shuffles, as far as Spark still knows (spark.ui.retainedStages)."""
    from py4j.protocol import Py4JJavaError

    inner, tracker, written = context._jsc.sc(), context.statusTracker(), 0
    with suppress(Py4JJavaError):  # the last figures have not come within 10 s
        inner.listenerBus().waitUntilEmpty()
    jobs = [tracker.getJobInfo(number) for number in tracker.getJobIdsForGroup(group)]
    numbers = {number for job in jobs if job for number in job.stageIds}
    for number in numbers:
        with suppress(Py4JJavaError):  # a stage that is forgotten
            written += inner.statusStore().lastStageAttempt(number).shuffleWriteBytes()
    return written
