"""Sessions: Spark started, or a running one taken, and what goes wrong there told in a sentence.

Spark's own log goes to a file of the session's temporary folder, where its shuffles go, too; both vanish with it.
What runs on executors is this package, which a cluster's executors are sent; they need numpy, scipy and pyarrow.
"""

import os
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from tqdm import tqdm

from recommender.errors import DataError, RecommenderError
from recommender.spark.ending import terminable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DRIVER_MEMORY = "4g"  # unless $SPARK_DRIVER_MEMORY says otherwise
_PATIENCE = 60  # seconds that a master may take to give an executor
_REMEDIES = {
    "No space left": "free the disk, or set SPARK_LOCAL_DIRS to a folder on a larger one",
    "OutOfMemory|heap space": "set SPARK_DRIVER_MEMORY, or --executor-memory of spark-submit, to more",
    "PYTHON_VERSION_MISMATCH": "set PYSPARK_PYTHON to a Python that driver and workers both have",
    "No module named": "install it for the Python of every worker",
    "Cannot run program": "set PYSPARK_PYTHON to a Python that every worker has",
}


@dataclass(frozen=True)
class Stage:
    """What a part of the work cost.

    shuffled : bytes that its tasks wrote for one another
    """

    name: str
    seconds: float
    shuffled: int


@contextmanager
def session(master: str | None = None) -> Iterator["SparkSession"]:
    """Spark on `master` (None: local[*]), stopped in the end; a running session is taken as it is, and left running.

    SIGTERM ends it as Ctrl-C does. Raises RecommenderError where pyspark, Java, the master or its workers are missing,
    and for a job that failed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which is not used here
            import pyspark.testing  # noqa: F401 - Spark would import it later, and warn
            from py4j.protocol import Py4JError
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise RecommenderError("Spark needs pyspark; `pip install playlist-recommender[spark]` installs it") from error
    with terminable(), tempfile.TemporaryDirectory("", "recommender-spark-", ignore_cleanup_errors=True) as scratch:
        try:
            if "PYSPARK_GATEWAY_PORT" in os.environ or SparkSession.getActiveSession():
                yield SparkSession.builder.getOrCreate()
                return
            spark = _started(master or "local[*]", Path(scratch))
            try:
                yield spark
            finally:
                spark.stop()
        except (PySparkException, Py4JError) as error:
            raise RecommenderError(f"Spark: {_told(root_cause(error))}; nothing was written") from error


@contextmanager
def stage(spark: "SparkSession", name: str, into: list[Stage]) -> Iterator[None]:
    """Show the tasks of all that runs inside, on a terminal, and add to `into` what it cost."""
    context, start, done = spark.sparkContext, time.perf_counter(), threading.Event()
    group = f"{name} {time.monotonic_ns()}"
    context.setJobGroup(group, name)
    shown = threading.Thread(target=_show, args=(context, name, done), daemon=True)
    shown.start()
    try:
        yield
    finally:
        done.set()
        shown.join()
    into.append(Stage(name, round(time.perf_counter() - start, 3), _shuffled(context, group)))


def address(path: str | os.PathLike[str], special: str = "*?{}[]\\") -> str:
    """Where Spark finds what is at a path of this machine; raises DataError for a name with a `special` character."""
    place = str(Path(path).resolve())
    if found := next((character for character in place if character in special), None):
        raise DataError(f"{os.fspath(path)}: Spark takes {found!r} in a name as part of a pattern; rename it")
    return f"file://{place}"


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


def _told(cause: str) -> str:
    remedy = next((remedy for fault, remedy in _REMEDIES.items() if re.search(fault, cause)), None)
    return cause.rstrip(".") + (f"; {remedy}" if remedy else "")


def _started(master: str, scratch: Path) -> "SparkSession":
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    _check_java()
    _check_master(master)
    conf = SparkConf(loadDefaults=False).setAll([*_settings(master, scratch).items()])
    with (scratch / "spark.log").open("wb") as log:
        try:
            launch: Any = launch_gateway
            gateway = SparkContext._gateway or launch(conf, {"stdout": log, "stderr": log})
        except PySparkException as error:
            lines = (scratch / "spark.log").read_text(errors="replace").strip().splitlines()
            why = lines[-1] if lines else "Java ended at once"
            raise RecommenderError(f"Spark did not start: {why}; Java 17 or newer is needed") from error
    context = SparkContext(conf=conf, gateway=gateway)
    if "PYSPARK_PYTHON" not in os.environ:
        context.pythonExec = sys.executable
    spark = SparkSession.builder.getOrCreate()
    if master.startswith("local"):
        spark.conf.set("spark.sql.shuffle.partitions", 4 * context.defaultParallelism)  # not the 200 of a cluster
    else:
        _equip(spark, master, scratch)
    return spark


def _settings(master: str, scratch: Path) -> dict[str, str]:
    here = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return {
        "spark.master": master,
        "spark.app.name": "recommender",
        "spark.ui.enabled": "false",
        "spark.driver.memory": os.environ.get("SPARK_DRIVER_MEMORY", DRIVER_MEMORY),
        "spark.driver.maxResultSize": "0",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch),
        "spark.sql.execution.arrow.maxBytesPerBatch": "64m",
    } | (here if re.match(r"local|spark://(127\.0\.0\.1|localhost):", master) else {})


def _check_java() -> None:
    """Raise RecommenderError where there is no Java."""
    home, remedy = os.environ.get("JAVA_HOME"), "install it (on Debian `apt install openjdk-17-jre-headless`)"
    if home and not Path(home, "bin", "java").exists():
        raise RecommenderError(f"JAVA_HOME is {home}, which has no bin/java; correct it, or unset it")
    if not home and shutil.which("java") is None:
        raise RecommenderError(f"Spark needs Java 17 or newer, and there is none; {remedy}, or set JAVA_HOME")


def _check_master(master: str) -> None:
    """Raise RecommenderError where no master answers at `spark://HOST:PORT[,HOST:PORT]`, before Spark waits for it."""
    if not re.fullmatch(r"local(\[.+\])?|local-cluster\[.+\]|yarn|k8s://.+|spark://[^:,]+:\d+(,[^:,]+:\d+)*", master):
        raise RecommenderError(f"{master!r} is no master; give local[2], spark://HOST:PORT, yarn or k8s://ADDRESS")
    if not master.startswith("spark://"):
        return
    why: OSError | None = None
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            return
        except OSError as error:
            why = error
    reason = why.strerror or str(why) if why else ""
    raise RecommenderError(f"no master answers at {master} ({reason}); start one, or correct --master")


def _equip(spark: "SparkSession", master: str, scratch: Path) -> None:
    """Send this package to a cluster's executors; raises RecommenderError where there are none."""
    package = Path(__file__).parents[1]
    with ZipFile(scratch / "recommender.zip", "w") as archive:
        for file in sorted(package.rglob("*.py")):
            archive.write(file, file.relative_to(package.parent))
    spark.sparkContext.addPyFile(str(scratch / "recommender.zip"))
    status = spark.sparkContext._jsc.sc()
    end = time.monotonic() + _PATIENCE
    while status.getExecutorMemoryStatus().size() < 2:  # the driver is one
        if time.monotonic() > end:
            spark.stop()
            raise RecommenderError(
                f"{master} gave no executor within {_PATIENCE} s; start workers, or free cores and memory of theirs"
            )
        time.sleep(0.1)


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
