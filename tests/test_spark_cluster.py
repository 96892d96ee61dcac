"""A real cluster, a master and two workers on this machine: what happens when a part of it is killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from recommender import Run
from recommender.spark.session import session
from recommender.spark.training import train_on
from recommender.training import train
from tests.conftest import JAVA
from tests.page_server import free_port

PATIENT = 90  # seconds, on a machine that does other things too


def until(true, what):
    end = time.monotonic() + PATIENT
    while not true():
        assert time.monotonic() < end, f"{what} took too long"
        time.sleep(0.02)


def answers(port):
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
        place = ["--host", "127.0.0.1", "--webui-port", "0"]
        self.processes = [self.start("master.Master", *place, "--port", str(self.port))]
        until(lambda: answers(self.port), "the master")
        for number in range(2):
            options = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work-{number}")]
            self.processes.append(self.start("worker.Worker", *place, *options, self.url))

    def start(self, name, *options):
        with (self.folder / "log").open("ab") as log:
            command = [self.spark_class, f"org.apache.spark.deploy.{name}", *options]
            return subprocess.Popen(command, env=self.env, stdout=log, stderr=log, start_new_session=True)

    def last_stage(self):
        """The number of the last stage that an executor has begun."""
        logs = [path.read_text() for path in self.folder.glob("work-*/app-*/*/stderr")]
        return max(map(int, re.findall(r"in stage (\d+)", "".join(logs))), default=0)

    def stop(self):
        for process in self.processes:
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


def test_a_worker_that_is_killed_changes_nothing(cluster, small, tmp_path, monkeypatch):
    """After a driver was killed, too: the run before left nothing that is in the way."""
    monkeypatch.setenv("SPARK_CONF_DIR", str(cluster.folder))
    mine, killed = train(small, "spectral", {"dim": 16, "iterations": 1}), threading.Event()
    with session(cluster.url) as spark:
        status, tracker = spark.sparkContext._jsc.sc(), spark.sparkContext.statusTracker()
        until(lambda: status.getExecutorMemoryStatus().size() == 3, "the second executor")

        def switch_off():
            until(lambda: max(tracker.getActiveStageIds(), default=0) > 3, "the work")
            kill(cluster.processes[-1])
            killed.set()

        killer = threading.Thread(target=switch_off)
        killer.start()
        run = train_on(spark, small, "spectral", {"dim": 16, "iterations": 1})
        killer.join()
        assert killed.is_set()
        assert status.getExecutorMemoryStatus().size() == 2
    run.save(tmp_path / "run")
    seeds = small.train.slice(0, 50)
    there = Run.load(tmp_path / "run").model.score(seeds)
    alone = mine.model.score(seeds)
    known = np.isfinite(alone)
    assert np.array_equal(known, np.isfinite(there))
    assert there[known] == pytest.approx(alone[known], abs=1e-4 * float(np.abs(alone[known]).max()))
