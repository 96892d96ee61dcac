"""A case of the bench: something timed, what it did and what it stands beside; each has a process of its own.

What a call takes is the median of as many calls as fit a budget of seconds; a first one that is short is left out, as
that of a machine still cold. A limit (the bare product, a plain read of the file) or a peer (gensim called directly) is
called in turn with it, so the ratio of the two is that of neighbouring moments, and holds on a noisy machine, too.
Memory is what the first call adds, at its most, to what preparing it left.

pytest-benchmark times all in one process and knows no memory; pyperf and asv run a case in processes of its own, but
each time prepare it anew (minutes, at a million songs), and neither has it beside a limit called in turn with it.
"""

import ctypes
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
FAMILIES = ("data", "training", "answers", "evaluation", "search", "index", "startup", "service", "page")
MOST, TOLD = 2000, 100  # calls of a case, and as many as tell the slowest in a hundred
_WARM = 0.25  # of the budget: a first call that takes less is not counted
Figure = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """What is timed, after all that it needs has been made.

    done : units (plays, queries) of a call
    limit : what bounds it, or does the same elsewhere
    told : further figures, when all calls are over; "MB" takes the place of what this process took
    """

    timed: Callable[[], object]
    done: int
    limit: Callable[[], object] | None = None
    told: Callable[[], Mapping[str, float]] = dict


@dataclass(frozen=True)
class Case:
    """Something to measure at several sizes.

    unit : what a call does so many of
    of : what sizes count, "plays" (a tenth as many songs) or "songs"
    prepare : size, empty folder -> what is timed
    against : what the limit is, in a few words
    larger : sizes that only --largest asks for
    """

    name: str
    unit: str
    of: str
    sizes: tuple[int, ...]
    prepare: Callable[[int, Path], Work]
    against: str = ""
    larger: tuple[int, ...] = ()


def cases() -> dict[str, tuple[str, Case]]:
    """name -> family and case."""
    return {case.name: (family, case) for family in FAMILIES for case in of_family(family)}


def of_family(family: str) -> list[Case]:
    return import_module(f"tests.bench.{family}").CASES


def measure(case: Case, size: int, budget: float) -> Figure:
    """What a case takes in this process."""
    with tempfile.TemporaryDirectory() as folder:
        work = case.prepare(size, Path(folder))
        gc.collect()
        before = _forget_peak()
        times = [seconds(work.timed)]
        memory = _peak() - before
        limits = [seconds(work.limit)] if work.limit else []
        if times[0] < _WARM * budget:
            times, limits = [], []
        end = time.perf_counter() + budget - sum(times) - sum(limits)
        while not times or (time.perf_counter() + times[-1] < end and len(times) < MOST):
            times.append(seconds(work.timed))
            limits += [seconds(work.limit)] if work.limit else []
        told = dict(work.told())
    if len(times) >= TOLD:
        told = {"p99 ms": 1000 * float(np.quantile(times, 0.99))} | told
    figure = {"unit": case.unit, "of": case.of, "done": work.done, "repeats": len(times), "seconds": _middle(times)}
    figure |= {"MB": told.pop("MB", memory), "told": told}
    if limits:
        ratios = np.divide(times, limits)
        figure |= {"against": case.against, "limit": _middle(limits)["median"], "ratio": _middle(ratios)}
    return figure


def measured(family: str, case: Case, size: int, budget: float, root: Path = ROOT) -> Figure:
    """The same in a process of its own, of the checkout at `root`; {"failed": why} where it fails."""
    asked = [sys.executable, "-m", "tests.bench", "--one", family, case.name, str(size), str(budget)]
    done = subprocess.run(asked, cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        return {
            "unit": case.unit,
            "of": case.of,
            "failed": (done.stderr.strip().splitlines() or ["without a word"])[-1],
        }
    return json.loads(done.stdout.splitlines()[-1])


def _middle(values: Any) -> dict[str, float]:
    """Median and quartiles."""
    low, median, high = np.quantile(values, (0.25, 0.5, 0.75)).tolist()
    return {"median": median, "low": low, "high": high}


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peak() -> float:
    """Megabytes that this process has held at its most since that was forgotten."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _forget_peak() -> float:
    """Have Linux begin anew to look for the most; megabytes now (elsewhere the most so far)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # what was freed and kept would be taken again unseen
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _peak()
