"""The page served in a process of its own, and what that process takes."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT


@dataclass(frozen=True)
class Server:
    """The page being served, at an address by a process."""

    address: str
    pid: int

    def memory(self, name: str) -> float:
        """Megabytes by the kernel's name: "Rss" is all, "Anonymous" without files, those memory-mapped too."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith(f"{name}:"))

    def processor(self) -> float:
        """Processor seconds of all threads so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


@contextmanager
def serving(run_folder: Path | None, home: Path = ROOT) -> Iterator[Server]:
    """The page, served as `recommender app RUN`, or without RUN, serves it in the folder `home`."""
    port = free_port()
    named = [str(run_folder)] if run_folder else []
    command = [sys.executable, "-m", "recommender", "app", *named, "--port", str(port)]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/_stcore/health").close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield Server(address, process.pid)
        finally:
            process.terminate()
