"""Engines: the same work done by this process, or by Spark, as --engine says."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.datasets import Dataset
    from recommender.ranking import Ranker

    Load = Callable[[str, str | None], Dataset]


@contextmanager
def engine(options: Mapping[str, Any]) -> "Iterator[tuple[Load, Ranker]]":
    """What loads a dataset, see `recommender.load`, and what ranks queries, see `recommender.ranking.rank`."""
    if options["engine"] == "spark":
        from recommender.spark import evaluation, reading
        from recommender.spark.session import session

        with session(options["master"]) as spark:
            yield partial(reading.load, spark), evaluation.ranker(spark)
    else:
        from recommender.datasets import load
        from recommender.ranking import rank

        yield load, rank


def answer_file(options: Mapping[str, Any], folder: str, run: Any, playlists: str, k: int, given: Any) -> int:
    """Answer a file of playlists; how many answers are empty.

    folder : of the run
    given : what is asked of every line, as of `Run.recommend`
    """
    if options["engine"] == "spark":
        from recommender.spark import answers
        from recommender.spark.session import session

        answers.check_files(playlists, options["out"])
        with session(options["master"]) as spark:
            return answers.answer_file(spark, folder, playlists, options["out"], k, **given)
    from recommender.batch import answer_file as answer

    return answer(run, playlists, options["out"], k, resume=options["resume"], **given)
