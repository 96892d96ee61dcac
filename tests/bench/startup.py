"""Commands as whole processes, from a shell's word to their end, beside a Python that does nothing.

Those whose work is measured elsewhere, or is a person's, are asked for help; `serve` until its port answers. Memory is
the command's own, at its most.
"""

import atexit
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from recommender.datasets.yes_com import write_folder
from tests.bench import made_up
from tests.bench.harness import ROOT, Case, Work
from tests.bench.service import memory

SONGS = 75_262
NOTHING = ["-c", "pass"]
_STARTER = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def process(arguments: Sequence[object]) -> Callable[[], object]:
    command = [sys.executable, *map(str, arguments)]
    return lambda: subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def starting(arguments: Sequence[str], n: int, folder: Path) -> Work:
    """RUN and DATA among the arguments are made first."""
    if "RUN" in arguments:
        made_up.run("spectral", n).save(folder / "RUN")
    if "DATA" in arguments:
        (folder / "DATA").mkdir()
        dataset = made_up.dataset(10 * n, n)
        write_folder(folder / "DATA", dataset.catalogue, dataset.train)
    named = [folder / word if word in ("RUN", "DATA") else word for word in arguments]
    return Work(process(named), 1, process(NOTHING), lambda: most_memory(named))


def serving(n: int, folder: Path) -> Work:
    """Each call starts a service more; all end together."""
    from tests.service_server import in_process

    made_up.run("spectral", n).save(folder / "RUN")
    started, pids = ExitStack(), list[int]()
    atexit.register(started.close)

    def told() -> dict[str, float]:
        most = memory(pids[-1], "VmHWM")
        started.close()
        return {"MB": most}

    def start() -> None:
        pids.append(started.enter_context(in_process(folder / "RUN", folder / "log"))[1].pid)

    return Work(start, 1, process(NOTHING), told)


def most_memory(arguments: Sequence[object]) -> dict[str, float]:
    """Megabytes of a process; a small one starts it, as one that starts another counts for it until then."""
    command = [sys.executable, "-c", _STARTER, sys.executable, *map(str, arguments)]
    return {"MB": int(subprocess.check_output(command, cwd=ROOT)) / 1024}


COMMANDS = {
    "--help": ["--help"],
    "models": ["models"],
    "recommend": ["recommend", "RUN", "7"],
    "recommend by title": ["recommend", "RUN", "ba"],
    "similar": ["similar", "RUN", "7"],
    "search": ["search", "RUN", "ba"],
    "stats": ["stats", "DATA"],
    "path": ["path", "RUN", "7", "48", "--songs", "3"],
    "radio": ["radio", "RUN", "7", "--songs", "3"],
}
HELPED = ("train", "evaluate", "tune", "playlist", "import", "download", "app", "demo")


def case(name: str, arguments: Sequence[str]) -> Case:
    return Case(name, "starts", "songs", (SONGS,), partial(starting, arguments), "python -c pass")


CASES = [
    case("python -c 'import numpy'", ["-c", "import numpy"]),
    *(case(f"recommender {name}", ["-m", "recommender", *words]) for name, words in COMMANDS.items()),
    *(case(f"recommender {name} --help", ["-m", "recommender", name, "--help"]) for name in HELPED),
    Case("recommender serve", "starts", "songs", (SONGS,), serving, "python -c pass"),
]
