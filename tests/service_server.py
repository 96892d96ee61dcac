"""The service on a port of this machine: in a thread, or in a process of its own."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import uvicorn

from recommender.service import Settings
from recommender.service.application import application
from tests.conftest import ROOT
from tests.page_server import free_port


@contextmanager
def in_thread(folder: Path, settings: Settings | None = None) -> Iterator[str]:
    """The address of the service of a run."""
    port = free_port()
    config = uvicorn.Config(
        application(folder, settings or Settings()), "127.0.0.1", port, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def in_process(folder: Path, log: Path, *options: object) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of `recommender serve RUN`, and its process, which writes its log to a file."""
    port = free_port()
    command = [sys.executable, "-m", "recommender", "serve", str(folder), "--port", str(port), *map(str, options)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with log.open("wb") as lines, subprocess.Popen(command, stderr=lines, env=env) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                if answers(address):
                    break
                time.sleep(0.1)
            yield address, process
        finally:
            process.terminate()


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/health", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def metric(address: str, name: str) -> float:
    """A number of /metrics by the beginning of its line."""
    text = requests.get(f"{address}/metrics", timeout=5).text
    return sum(float(value) for value in re.findall(rf"^{re.escape(name)}\S* (\S+)$", text, re.MULTILINE))
