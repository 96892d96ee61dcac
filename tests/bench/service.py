"""The service asked by many at once: `recommender serve`, and callers in another process of the same cores.

Every caller asks again as soon as it is answered: ten songs after five, drawn anew each time. Four times the load is
as many callers as four times 32; of those that find no place, "refused" are sent away with 503. "after" is how long
somebody waits who asks alone when all are gone. Memory is the service's, all of it, at its most.
"""

import asyncio
import atexit
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np

from tests.bench import made_up
from tests.bench.harness import ROOT, Case, Work

SONGS, REQUESTS, K = 75_262, 3000, 10
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
Answer = tuple[int, float]  # status and seconds


def serving(callers: int, times: int, n: int, folder: Path) -> Work:
    """`times`: as many REQUESTS."""
    from tests.service_server import in_process

    run, answers, requests = made_up.run("spectral", n), list[Answer](), times * REQUESTS
    run.save(folder / "run")
    stack = ExitStack()
    atexit.register(stack.close)
    address, process = stack.enter_context(in_process(folder / "run", folder / "log"))
    ask(address, 1, 50, n)
    before = memory(process.pid, "VmRSS")

    def told() -> dict[str, float]:
        after = np.median([seconds for _, seconds in ask(address, 1, 20, n)])
        held = {"MB": memory(process.pid, "VmHWM"), "MB more after": memory(process.pid, "VmRSS") - before}
        stack.close()
        return waits(answers) | {"after ms": 1000 * float(after)} | held

    asked = made_up.queries(requests, n)
    return Work(lambda: answers.extend(ask(address, callers, requests, n)), requests, lambda: run.lists(asked, K), told)


def memory(pid: int, name: str) -> float:
    """Megabytes of a process by the kernel's name."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def waits(answers: list[Answer]) -> dict[str, float]:
    """How long the middle one and one in a hundred waited, and those that were refused."""
    good, refused = ([1000 * s for status, s in answers if (status == 200) == well] for well in (True, False))
    told = {"p50 ms": float(np.median(good)), "p99 ms": float(np.quantile(good, 0.99))}
    share = {"refused": len(refused) / len(answers)}
    return told | (share | {"refused p99 ms": float(np.quantile(refused, 0.99))} if refused else {})


def ask(address: str, callers: int, requests: int, n_songs: int) -> list[Answer]:
    """Have a process of its own ask so many at once, and so many in all."""
    command = [sys.executable, "-m", "tests.bench.service", address, str(callers), str(requests), str(n_songs)]
    return [(status, seconds) for status, seconds in json.loads(subprocess.check_output(command, cwd=ROOT))]


def questions(requests: int, n_songs: int) -> Iterator[bytes]:
    head = "POST /v1/recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
    for songs in np.random.default_rng().integers(n_songs, size=(requests, 5)).tolist():
        body = json.dumps({"songs": songs, "k": K})
        yield f"{head}{len(body)}\r\n\r\n{body}".encode()


async def caller(address: str, turns: Iterator[bytes], answers: list[Answer]) -> None:
    host, port = address.removeprefix("http://").split(":")
    lines = await asyncio.open_connection(host, int(port))
    for question in turns:
        start = time.perf_counter()
        lines[1].write(question)
        head = await lines[0].readuntil(b"\r\n\r\n")
        await lines[0].readexactly(int(_LENGTH.search(head)[1]))
        answers.append((int(head.split()[1]), time.perf_counter() - start))
        if b"connection: close" in head.lower():
            lines[1].close()
            lines = await asyncio.open_connection(host, int(port))
    lines[1].close()


async def crowd(address: str, callers: int, requests: int, n_songs: int) -> list[Answer]:
    turns, answers = questions(requests, n_songs), list[Answer]()
    await asyncio.gather(*(caller(address, turns, answers) for _ in range(callers)))
    return answers


def case(who: str, callers: int, times: int = 1) -> Case:
    sizes, larger = ((SONGS,), ()) if times == 1 else ((), (SONGS,))
    work = partial(serving, callers, times)
    return Case(f"serve {who}", "requests", "songs", sizes, work, "the lists in a batch", larger)


CASES = [
    case("16 callers", 16),
    case("32 callers", 32),
    case("four times as many", 128),
    case("a hundred thousand", 32, times=34),
]

if __name__ == "__main__":
    print(json.dumps(asyncio.run(crowd(sys.argv[1], *map(int, sys.argv[2:])))))
