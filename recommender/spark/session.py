"""Sessions: Spark started, or a running one taken.

Spark's own log goes to a file of the session's temporary folder, where its shuffles go, too; both vanish with it.
What runs on executors is this package, which a cluster's executors are sent; they need the libraries it imports.
"""

import os
import re
import shutil
import socket
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from recommender.errors import DataError, RecommenderError
from recommender.spark.ending import terminable
from recommender.spark.faults import telling

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DRIVER_MEMORY = "4g"  # unless $SPARK_DRIVER_MEMORY says otherwise
_PATIENCE = 60  # seconds that a master may take to give an executor


@contextmanager
def session(master: str | None = None) -> Iterator["SparkSession"]:
    """Spark on `master` (None: local[*]), stopped in the end; a running session is taken as it is, and left running.

    SIGTERM ends it as Ctrl-C does. Raises RecommenderError where pyspark, Java, the master or its workers are missing,
    for a job that failed, and for a session that runs on another master.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which is not used here
            import pyspark.testing  # noqa: F401 - Spark would import it later, and warn
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise RecommenderError("Spark needs pyspark; `pip install playlist-recommender[spark]` installs it") from error
    with terminable(), telling():
        if "PYSPARK_GATEWAY_PORT" in os.environ or SparkSession.getActiveSession():
            yield _running(master)
            return
        with tempfile.TemporaryDirectory("", "recommender-spark-", ignore_cleanup_errors=True) as scratch:
            spark = _started(master or "local[*]", Path(scratch))
            try:
                _equip(spark, Path(scratch))
                yield spark
            finally:
                _stop(spark)


def _running(master: str | None) -> "SparkSession":
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    if master not in (None, spark.sparkContext.master):
        raise RecommenderError(f"Spark runs here on {spark.sparkContext.master}, not on {master}; leave --master out")
    return spark


def _stop(spark: "SparkSession") -> None:
    from py4j.protocol import Py4JError

    with suppress(Py4JError, OSError), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that Java has ended before, which is told as an error
        spark.stop()


def address(path: str | os.PathLike[str], special: str = "*?{}[]\\") -> str:
    """Where Spark finds what is at a path of this machine; raises DataError for a name with a `special` character."""
    place = str(Path(path).resolve())
    if found := next((character for character in place if character in special), None):
        raise DataError(f"{os.fspath(path)}: Spark takes {found!r} in a name as part of a pattern; rename it")
    return f"file://{place}"


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
            why = next((line for line in lines if re.search("Exception|Error", line)), "Java ended at once")
            needed = "; Java 17 or newer is needed" if "UnsupportedClassVersion" in why else ""
            raise RecommenderError(f"Spark did not start: {why}{needed}") from error
    context = SparkContext(conf=conf, gateway=gateway)
    if "PYSPARK_PYTHON" not in os.environ:
        context.pythonExec = sys.executable
    accumulators: Any = context._accumulatorServer
    accumulators.handle_error = lambda *_: None  # that Java has ended is told by whoever waits for it
    return SparkSession.builder.getOrCreate()


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


def _equip(spark: "SparkSession", scratch: Path) -> None:
    """Send this package to a cluster's executors; raises RecommenderError where a standalone master gives none."""
    context, master = spark.sparkContext, spark.sparkContext.master or ""
    if master.startswith("local"):
        spark.conf.set("spark.sql.shuffle.partitions", 4 * context.defaultParallelism)  # not the 200 of a cluster
        return
    package = Path(__file__).parents[1]
    with ZipFile(scratch / "recommender.zip", "w") as archive:
        for file in sorted(package.rglob("*.py")):
            archive.write(file, file.relative_to(package.parent))
    context.addPyFile(str(scratch / "recommender.zip"))
    end = time.monotonic() + _PATIENCE
    while master.startswith("spark://") and context._jsc.sc().getExecutorMemoryStatus().size() < 2:  # the driver
        if time.monotonic() > end:
            raise RecommenderError(
                f"{master} gave no executor within {_PATIENCE} s; start workers, or free cores and memory of theirs"
            )
        time.sleep(0.1)
