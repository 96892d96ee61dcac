"""A real cluster, a master and two workers on this machine: what happens when a part of it is killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from recommender import Run
from recommender.batch import answer_file
from recommender.datasets.toy import toy
from recommender.evaluation import evaluate
from recommender.models import make
from recommender.ranking import BATCH
from recommender.spark import answers
from recommender.spark.evaluation import ranker
from recommender.spark.session import session
from recommender.spark.training import train_on
from recommender.split import hold_out, next_song
from recommender.training import train
from tests.conftest import JAVA
from tests.page_server import free_port

PATIENT = 90  # seconds, on a machine that does other things too


def until(true, what):
    end = time.monotonic() + PATIENT
    while not true():
        assert time.monotonic() < end, f"{what} took too long"
        time.sleep(0.02)


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class Cluster:
    """A master, its two workers of a core each, and where they write."""

    def __init__(self, folder):
        import pyspark

        self.folder, self.port, self.spark_class = (
            folder,
            free_port(),
            Path(pyspark.__file__).parent / "bin/spark-class",
        )
        (folder / "spark-defaults.conf").write_text("spark.shuffle.io.maxRetries 1\nspark.shuffle.io.retryWait 1s\n")
        self.url = f"spark://127.0.0.1:{self.port}"
        here = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_CONF_DIR": str(folder), "SPARK_DAEMON_MEMORY": "256m"}
        self.env = os.environ | here | {"TMPDIR": str(folder)}
        self.master, self.workers = self.start("master.Master", "--port", str(self.port)), []
        until(lambda: listens(self.port), "the master")
        self.staff()

    def staff(self):
        """Start workers until two are there."""
        while sum(worker.poll() is None for worker in self.workers) < 2:
            place = self.folder / f"work-{len(self.workers)}"
            options = ["--cores", "1", "--memory", "1g", "--work-dir", str(place)]
            self.workers.append(self.start("worker.Worker", *options, self.url))

    def start(self, name, *options):
        with (self.folder / "log").open("ab") as log:
            here = ["--host", "127.0.0.1", "--webui-port", "0"]
            command = [self.spark_class, f"org.apache.spark.deploy.{name}", *here, *options]
            return subprocess.Popen(command, env=self.env, stdout=log, stderr=log, start_new_session=True)

    def last_stage(self):
        """The number of the last stage that an executor has begun."""
        logs = [path.read_text() for path in self.folder.glob("work-*/app-*/*/stderr")]
        return max(map(int, re.findall(r"in stage (\d+)", "".join(logs))), default=0)

    def stop(self):
        for process in (*self.workers, self.master):
            kill(process)


def kill(process):
    """It and all that it started, as when a machine is switched off."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    if not JAVA:
        pytest.skip("there is no Java here; scripts/test installs it")
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.stop()


def test_a_driver_that_is_killed_leaves_no_run(cluster, folder, tmp_path):
    asked = ["train", folder, tmp_path / "run", "--model", "spectral", "--engine", "spark", "--master", cluster.url]
    command = [sys.executable, "-m", "recommender", *map(str, asked)]
    driver = subprocess.Popen(command, env=cluster.env, stderr=subprocess.PIPE, start_new_session=True)
    until(lambda: cluster.last_stage() > 8 or driver.poll() is not None, "the first product of the factors")
    assert driver.poll() is None, driver.stderr.read()
    kill(driver)
    driver.stderr.close()
    assert not [*tmp_path.iterdir()]


@pytest.fixture(scope="module")
def spark(cluster):
    """A session there; the test above, which needs the cores for itself, comes first."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("SPARK_CONF_DIR", str(cluster.folder))
        with session(cluster.url) as opened:
            yield opened


@contextmanager
def a_worker_killed(cluster, spark, stage):
    """One of the two workers is switched off as soon as a task of the n-th stage of what is done inside is at work."""
    context, killed = spark.sparkContext, threading.Event()
    status, tracker = context._jsc.sc(), context.statusTracker()
    cluster.staff()
    until(lambda: status.getExecutorMemoryStatus().size() == 3, "the second executor")  # the driver is one
    context.setJobGroup("before", "numbers the stages")
    context.parallelize(range(2), 2).count()
    (job,) = tracker.getJobIdsForGroup("before")[-1:]
    first = max(tracker.getJobInfo(job).stageIds)

    def at_work():
        stages = map(tracker.getStageInfo, tracker.getActiveStageIds())
        return any(info and info.stageId >= first + stage and info.numActiveTasks for info in stages)

    def switch_off():
        until(at_work, "the work")
        kill(cluster.workers[-1])
        killed.set()

    killer = threading.Thread(target=switch_off)
    killer.start()
    yield
    killer.join()
    assert killed.is_set()
    assert status.getExecutorMemoryStatus().size() == 2


def test_a_worker_that_is_killed_changes_no_run(cluster, spark, small, tmp_path):
    """After a driver was killed, too: the run before left nothing that is in the way."""
    mine = train(small, "spectral", {"dim": 16, "iterations": 1})
    with a_worker_killed(cluster, spark, stage=5):
        run = train_on(spark, small, "spectral", {"dim": 16, "iterations": 1})
    run.save(tmp_path / "run")
    seeds = small.train.slice(0, 50)
    there = Run.load(tmp_path / "run").model.score(seeds)
    alone = mine.model.score(seeds)
    known = np.isfinite(alone)
    assert np.array_equal(known, np.isfinite(there))
    assert there[known] == pytest.approx(alone[known], abs=1e-4 * float(np.abs(alone[known]).max()))


def test_a_worker_that_is_killed_changes_no_number_of_an_evaluation(cluster, spark):
    songs, playlists = toy(n_songs=120, n_playlists=6000, seed=1)
    learnt, held_out = hold_out(playlists, 0.5)
    model = make("vstan").fit(learnt, len(songs))
    split = next_song(learnt, held_out)
    assert len(split) > 4 * BATCH
    mine = evaluate({"vstan": model}, split)
    with a_worker_killed(cluster, spark, stage=1):
        there = evaluate({"vstan": model}, split, ranker=ranker(spark))
    for metric, values in mine.values["vstan"].items():
        np.testing.assert_array_equal(values, there.values["vstan"][metric])


def test_a_worker_that_is_killed_changes_no_byte_of_the_answers(cluster, spark, run_folder, tmp_path):
    """After both workers shuffled their lines, of which those of one are lost."""
    rng = np.random.default_rng(0)
    lines = [" ".join(map(str, rng.integers(0, 120, 5))) for _ in range(9 * BATCH)]
    (tmp_path / "queries").write_text("\n".join(lines))
    asked = str(tmp_path / "queries")
    answer_file(Run.load(run_folder), asked, str(tmp_path / "here"), 10)
    with a_worker_killed(cluster, spark, stage=3):
        answers.answer_file(spark, str(run_folder), asked, str(tmp_path / "there"), 10)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "queries", "there"]
