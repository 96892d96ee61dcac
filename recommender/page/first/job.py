"""Job: one training in a process of its own (see `page.first.child`), what it is at, and how it ended.

There is one at a time, whoever asks: it belongs to the server and to no visitor.
"""

import os
import re
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from threading import Lock, Thread
from typing import NamedTuple

from recommender.files import sweep, unused

_GRACE = 5.0  # seconds in which a cancelled training may end by itself; it needs two
_ASIDE = "0.1"  # share of the playlists kept to measure the run on


class Step(NamedTuple):
    """What a training is at: the name of its bar, "" before the first, and the share of it that is done."""

    what: str
    share: float


class Job:
    """A training under way, or over."""

    def __init__(self, dataset: str, model: str, folder: Path) -> None:
        self.folder, self.step, self.cancelled, self.error = folder, Step("", 0.0), False, ""
        self.arguments = ("train", dataset, str(folder), "--model", model, "--hold-out", _ASIDE)
        self._start = time.monotonic()
        sweep(folder)
        child = [sys.executable, "-m", "recommender.page.first.child", *self.arguments]
        self._process = Popen(
            child, stdin=PIPE, stdout=DEVNULL, stderr=PIPE, encoding="utf-8", errors="replace", start_new_session=True
        )
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def running(self) -> bool:
        """Whether it goes on; afterwards nothing of it is left but a whole run, or none."""
        return self._listener.is_alive()

    @property
    def seconds(self) -> float:
        """How long ago it began."""
        return time.monotonic() - self._start

    @property
    def failed(self) -> bool:
        """Whether it ended without a run; `error` is then the last line that it said, if it said one."""
        return not self.running and self._process.returncode != 0

    def cancel(self) -> None:
        """End it, and return when it has ended: let the leash go, and after a while the whole group of processes."""
        self.cancelled = True
        if self._process.stdin:
            self._process.stdin.close()
        self._listener.join(_GRACE)
        if self.running:
            self._kill()
            self._listener.join()

    def _kill(self) -> None:
        if sys.platform == "win32":
            self._process.kill()
        else:
            with suppress(ProcessLookupError):  # it has just ended
                os.killpg(self._process.pid, signal.SIGKILL)

    def _listen(self) -> None:
        with self._process as process:
            for line in process.stderr or ():  # a bar is drawn over itself: each "\r" ends a line, too
                self.step = step(line) or self.step
                if line.startswith("error: "):
                    self.error = line.removeprefix("error: ").strip()
        sweep(self.folder)


class Desk:
    """Where a training is asked for: while one is under way, everybody gets that one."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self._lock = Lock()

    def start(self, dataset: str, model: str, runs: Path) -> None:
        """Train the model on the dataset, as a new run among `runs`."""
        with self._lock:
            if not (self.job and self.job.running):
                self.job = Job(dataset, model, unused(runs / f"{Path(dataset).name}-{model}"))


def step(line: str) -> Step | None:
    r"""What a line of progress tells, None if it is no bar.

    >>> step("\x1b[Aepochs:  40%|████      | 2/5 [00:01<00:02]")
    Step(what='epochs', share=0.4)
    """
    bar = re.match(r"(?:\x1b\[A)*(.+?): +(\d+)%\|", line)
    return Step(bar[1], int(bar[2]) / 100) if bar else None
