"""Spark in processes of its own: what they say, and leave behind, when something goes wrong, and under spark-submit."""

import os
import signal
import subprocess
import sys
import time

import pytest

from recommender import Run
from tests.conftest import JAVA

pytestmark = pytest.mark.skipif(not JAVA, reason="there is no Java here; scripts/test installs it")
QUICK = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
TRAIN = ["--model", "markov", "--engine", "spark"]
KILLED = """
import os, signal
from recommender.cli.engines import engine
from recommender.errors import RecommenderError
try:
    with engine({"engine": "spark", "master": "local[1]"}):
        from pyspark.sql import SparkSession
        spark = SparkSession.getActiveSession()
        os.kill(spark.sparkContext._gateway.proc.pid, signal.SIGKILL)
        spark.range(3).count()
except RecommenderError as error:
    print(error)
"""


def started(tmp_path, *command, **env):
    (tmp_path / "temporary").mkdir()
    env = os.environ | QUICK | {"TMPDIR": str(tmp_path / "temporary")} | env
    return subprocess.Popen([*map(str, command)], env=env, stdout=-1, stderr=-1, text=True, cwd=tmp_path)


def told(err):
    """What is said besides by Java of its options."""
    return [line for line in err.splitlines() if line and not line.startswith("Picked up JAVA_TOOL_OPTIONS")]


def test_java_that_ends_is_told_in_a_sentence(tmp_path):
    process = started(tmp_path, sys.executable, "-c", KILLED)
    out, err = process.communicate()
    assert "Java has ended, as it does when its memory runs out; set SPARK_DRIVER_MEMORY to more" in out
    assert told(err) == []
    assert not [*(tmp_path / "temporary").iterdir()]


def test_a_full_disk_is_told_and_leaves_no_run(tmp_path, small_disk):
    asked = [sys.executable, "-m", "recommender", "train", "toy", tmp_path / "run", *TRAIN, "--master", "local[2]"]
    process = started(tmp_path, *asked, SPARK_LOCAL_DIRS=str(small_disk))
    _, err = process.communicate()
    assert process.returncode == 1
    [line] = told(err)
    assert line.startswith("error: Spark: ")
    assert line.endswith(
        "free the disk or, for what Spark puts aside, set SPARK_LOCAL_DIRS to a folder on a larger one"
    )
    assert not (tmp_path / "run").exists()


def test_sigterm_ends_the_command_in_a_line_and_leaves_nothing(tmp_path, folder):
    process = started(
        tmp_path, sys.executable, "-m", "recommender", "train", folder, tmp_path / "run", *TRAIN, "--counts", "kept"
    )
    while process.poll() is None and not (tmp_path / "kept").exists():  # it counts
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert (process.returncode, told(err)) == (1, ["error: stopped; what was not finished is not written"])
    assert sorted(path.name for path in tmp_path.rglob("*") if path.parent == tmp_path) == ["kept", "temporary"]
    assert not [*(tmp_path / "temporary").iterdir()]


def test_spark_submit_trains_in_the_session_that_it_opens(tmp_path, folder):
    import pyspark

    (tmp_path / "start.py").write_text("from recommender.cli import main; main()")
    submit = os.path.join(os.path.dirname(pyspark.__file__), "bin", "spark-submit")
    asked = [submit, "--master", "local[1]", "start.py", "train", folder, "run", *TRAIN, "--no-map"]
    process = started(tmp_path, *asked, PYSPARK_PYTHON=sys.executable)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "run: markov learnt 120 songs" in out
    assert Run.load(tmp_path / "run").card["engine"]["master"] == "local[1]"
