"""Engines: the same work done by this process, or by Spark, as --engine says."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.datasets import Dataset
    from recommender.ranking import Ranker
    from recommender.run import Run


@dataclass(frozen=True)
class Engine:
    """What does the work.

    load : a dataset, see `recommender.load`
    train : a model, see `recommender.train`
    rank : queries, see `recommender.ranking.rank`
    """

    load: "Callable[[str, str | None], Dataset]"
    train: "Callable[..., Run]"
    rank: "Ranker"


@contextmanager
def engine(options: Mapping[str, Any]) -> Iterator[Engine]:
    """What --engine says, ready to work."""
    if options["engine"] == "spark":
        from recommender.spark import evaluation, reading, training

        with _session(options) as spark:
            learn = partial(training.train_on, spark, counts=options.get("counts"))
            yield Engine(partial(reading.load, spark), learn, evaluation.ranker(spark))
    else:
        from recommender.datasets import load
        from recommender.ranking import rank
        from recommender.training import train

        yield Engine(load, train, rank)


@contextmanager
def _session(options: Mapping[str, Any]) -> Iterator[Any]:
    from recommender.spark.session import session

    logging.getLogger().addHandler(logging.NullHandler())  # where py4j tells, with a traceback, that it was interrupted
    with session(options["master"]) as spark:
        yield spark


def answer_file(options: Mapping[str, Any], folder: str, run: Any, playlists: str, k: int, given: Any) -> int:
    """Answer a file of playlists; how many answers are empty.

    folder : of the run
    given : what is asked of every line, as of `Run.recommend`
    """
    if options["engine"] == "spark":
        from recommender.spark import answers

        answers.check_files(playlists, options["out"])
        with _session(options) as spark:
            return answers.answer_file(spark, folder, playlists, options["out"], k, **given)
    from recommender.batch import answer_file as answer

    return answer(run, playlists, options["out"], k, resume=options["resume"], **given)
