"""Faults: what went wrong on Spark, in one sentence, with what to do."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from recommender import errors
from recommender.errors import DataError, RecommenderError

_JAVA_ENDED = r"Connection refused|Answer from Java side is empty|Error while sending or|while calling \S+$"
_REMEDIES = {
    "No space left": "free the disk or, for what Spark puts aside, set SPARK_LOCAL_DIRS to a folder on a larger one",
    "OutOfMemory|heap space": "set SPARK_DRIVER_MEMORY, or --executor-memory of spark-submit, to more",
    _JAVA_ENDED: "Java has ended, as it does when its memory runs out; set SPARK_DRIVER_MEMORY to more",
    "MemoryError|Unable to allocate|exited unexpectedly": "a Python worker has ended, as it does when memory runs out; "
    "set spark.executor.memoryOverhead to more, or use fewer cores",
    "PYTHON_VERSION_MISMATCH": "set PYSPARK_PYTHON to a Python that driver and workers both have",
    "No module named": "install it for the Python of every worker",
    "Cannot run program": "set PYSPARK_PYTHON to a Python that every worker has",
}


def told(error: BaseException) -> RecommenderError:
    """The error in a sentence; one that a worker raised for us is what it was."""
    cause = root_cause(error)
    if found := re.fullmatch(rf"{errors.__name__}\.(\w+): (.+)", cause):
        kind: type[RecommenderError] = getattr(errors, found[1])
        return kind(found[2])
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)  # which then has not ended
    known = {fault: remedy for fault, remedy in _REMEDIES.items() if not (java and fault == _JAVA_ENDED)}
    remedy = next((remedy for fault, remedy in known.items() if re.search(fault, cause)), None)
    return RecommenderError(f"Spark: {cause.rstrip('.')}" + (f"; {remedy}" if remedy else ""))


@contextmanager
def telling() -> Iterator[None]:
    """Raise RecommenderError, as `told`, for what Spark raises inside, or where it is no longer there."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, OSError) as error:  # the last from the connection to Java, or a full disk
        raise told(error) from error


def root_cause(error: BaseException) -> str:
    r"""What went wrong in the first place, in one line: the last of a Python worker's, or the deepest of Java's.

    >>> root_cause(ValueError("Job aborted: Lost task 0 (executor 1): java.io.IOException: No space left\n at x"))
    'No space left'
    """
    cause: Any = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    while cause is not None and cause.getCause() is not None:
        cause = cause.getCause()
    text = (str(cause.toString()) if cause is not None else str(error)).strip()
    if "Traceback (most recent call last)" in text:
        lines = [line for line in text.split("\n\n")[-1].splitlines() if re.match(r"[\w.]+(: |$)", line)]
        lines = lines or [line for line in text.splitlines() if re.match(r"[\w.]*(Error|Exception)\b", line)]
        return lines[-1] if lines else text.splitlines()[-1]
    first = re.split(r"\n|Driver stacktrace", text)[0]
    return re.split(r"(?:^|: )(?:[a-z]\w*\.)+[A-Z]\w*(?:: |$)", first)[-1] or first


def unseen(path: str | os.PathLike[str], way_on: str = "give a folder") -> DataError:
    """What this machine says of a path that is to be shared and is not there."""
    return DataError(
        f"{os.fspath(path)}: {socket.gethostname()}, which is to work with it, does not see it; "
        f"{way_on} that all machines of the cluster share"
    )
