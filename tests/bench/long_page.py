"""How fast the page is, how much it sends, and what a person costs, at 9,775 and 75,262 songs.

    scripts/bench page [--songs N ...]

The page is served by a process of its own, of a blend of the four default models, with vectors that are drawn, which
takes as long to ask. 9,775 songs are those of yes_big where ../shared/data has it; otherwise songs and playlists are
made up, 20 plays a song.

Tables: what a browser sends and hears ("kB" on the websocket; "HTTP kB" without a cache), how long until the page
stands still, and the rows of songs on it then; the map's points are sent once, as it is opened. Then people without
browsers (see page_people.py), one, ten more who think 1 to 3 seconds before each thing they do, and twenty more who
do not think at all, all of whom stay. They live on the same cores, and what they take of them is in their times;
"server ms" is processor time. Memory is the server's, in MB: all that it holds, and without its memory-mapped files
("own"). Those who left are kept for two minutes, should they come back.

The case of the bench is one person of those without a browser, who does everything once.
"""

import argparse
import asyncio
import atexit
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from recommender import Run, load
from recommender.datasets import Dataset
from recommender.layout import Layout
from recommender.page import PARTS
from recommender.report_text import table
from recommender.training import run_of
from tests.bench import made_up
from tests.bench.harness import Work
from tests.conftest import CHROMIUM, FLAGS
from tests.made import DATA
from tests.page_people import Person, Step, arrive, look_around
from tests.page_server import Server, serving
from tests.page_traffic import Traffic, Watched, looked_around

SIZES = (9_775, 75_262)
DIM = 320  # as the members have them by default
GROUPS = 30
THINK = (1.0, 3.0)  # seconds
KNOWN = 200  # songs played most, whose titles are searched for


def playlists_of(n_songs: int) -> Dataset:
    if n_songs == SIZES[0] and DATA:
        return load("yes_big", DATA)
    return made_up.dataset(20 * n_songs, n_songs)


def drawn(dataset: Dataset) -> Run:
    """A run of a blend as large as if it had learnt from these playlists, with a map."""
    n, rng = dataset.n_songs, np.random.default_rng(0)
    model = made_up.fitted("blend", dataset.train, n, DIM)
    run = run_of(dataset, "blend", model, dataset.train, 0.0, 0.0, 0)
    groups = rng.integers(GROUPS, size=n, dtype=np.int16)
    layout = Layout(rng.standard_normal((n, 2), np.float32), groups, tuple(map(str, range(GROUPS))))
    facts = {"by": "chance", "songs": n, "groups": GROUPS, "seconds": 0.0, "nearest_10_among_50": 0.0}
    return replace(run, layout=layout, card=dict(run.card) | {"map": facts})


def known(dataset: Dataset) -> list[str]:
    return [dataset.catalogue.titles[song] for song in dataset.catalogue.plays.argsort()[::-1][:KNOWN]]


def browsed(address: str, title: str) -> tuple[list[Traffic], float]:
    """What a browser did, from the first view of a server just started, and the megabytes of its heap at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        cold, warm = Watched(browser, address), Watched(browser, address)
        cold.load("first view, server just started")
        warm.load("first view")
        warm.load("reload")
        looked_around(warm, title, [*PARTS])
        return [*cold.done, *warm.done], warm.heap()


@dataclass(frozen=True)
class Crowd:
    """What some people did, the seconds it took, those of the server's processor, and its memory afterwards."""

    who: str
    steps: list[Step]
    seconds: float
    processor: float
    memory: tuple[float, float]


async def crowds(server: Server, titles: Sequence[str]) -> list[Crowd]:
    rng = np.random.default_rng(0)
    thinks = {"1": None, "10 who think": THINK, "20 who do not": None}
    found = [Crowd("nobody", [], 0, 0, memory(server))]
    async with AsyncExitStack() as lines:
        for who, think in thinks.items():
            asked = [titles[i] for i in rng.integers(len(titles), size=int(who.split()[0]))]
            start, processor = time.perf_counter(), server.processor()
            people = await asyncio.gather(*(arrive(lines, server.address, int(rng.integers(99)), think) for _ in asked))
            await asyncio.gather(*(look_around(*each, [*PARTS]) for each in zip(people, asked, strict=True)))
            took = time.perf_counter() - start, server.processor() - processor
            found.append(Crowd(who, [step for person in people for step in person.steps], *took, memory(server)))
    return [*found, Crowd("all have left", [], 0, 0, memory(server))]


def memory(server: Server) -> tuple[float, float]:
    return server.memory("Rss"), server.memory("Anonymous")


def measured(n_songs: int) -> tuple[list[Traffic], float, list[Crowd]]:
    dataset = playlists_of(n_songs)
    titles = known(dataset)
    with tempfile.TemporaryDirectory() as folder:
        drawn(dataset).save(Path(folder) / "run")
        with serving(Path(folder) / "run") as server:
            traffic, heap = browsed(server.address, titles[0])
        with serving(Path(folder) / "run") as server:
            return traffic, heap, asyncio.run(crowds(server, titles))


def milliseconds(steps: Sequence[Step]) -> list[str]:
    """How many there are, and how long the middle one took, one in twenty, and the slowest."""
    taken = [1000 * step.seconds for step in steps]
    return [f"{len(steps)}", *(f"{np.quantile(taken, share):.0f}" for share in (0.5, 0.95, 1))]


def sent(traffic: Sequence[Traffic]) -> str:
    rows = [
        [t.kind, *(f"{n / 1000:.1f}" for n in (t.http, t.heard, t.said)), f"{t.seconds:.2f}", f"{t.rows}"]
        for t in traffic
    ]
    return table(["in a browser", "HTTP kB", "kB heard", "kB said", "seconds", "rows"], rows)


def waited(crowd: Crowd) -> str:
    kinds = dict.fromkeys(step.kind for step in crowd.steps)
    rows = [[kind, *milliseconds([step for step in crowd.steps if step.kind == kind])] for kind in kinds]
    return table([crowd.who, "n", "p50 ms", "p95 ms", "most ms"], rows)


def served(people: Sequence[Crowd]) -> str:
    rows = []
    for crowd in people:
        n = len(crowd.steps)
        rate, each = f"{n / crowd.seconds:.1f}", f"{1000 * crowd.processor / n:.0f}"
        rows.append([crowd.who, *milliseconds(crowd.steps), rate, each])
    return table(["people", "n", "p50 ms", "p95 ms", "most ms", "a second", "server ms"], rows)


def held(people: Sequence[Crowd]) -> str:
    rows = [[crowd.who, *(f"{megabytes:.0f}" for megabytes in crowd.memory)] for crowd in people]
    *_, before, after, _ = people
    more = zip(before.memory, after.memory, strict=True)
    return table(
        ["after", "all MB", "own MB"], [*rows, ["each of the last 20", *(f"{(a - b) / 20:.1f}" for b, a in more)]]
    )


def looking_around(n: int, folder: Path) -> Work:
    """One person, at a page that others have used before."""
    dataset, people = made_up.dataset(10 * n, n), list[Person]()
    drawn(dataset).save(folder / "run")
    stack = ExitStack()
    atexit.register(stack.close)
    server, titles = stack.enter_context(serving(folder / "run")), known(dataset)

    async def visit() -> None:
        async with AsyncExitStack() as lines:
            people.append(await arrive(lines, server.address, len(people), None))
            await look_around(people[-1], titles[len(people)], [*PARTS])

    asyncio.run(visit())  # the first one waits for what all use

    def told() -> dict[str, float]:
        times = [1000 * step.seconds for person in people[1:] for step in person.steps]
        held = server.memory("Rss")
        stack.close()
        share = {f"p{100 * q:.0f} ms": float(np.quantile(times, q)) for q in (0.5, 0.95)}
        return share | {"kB heard": sum(step.heard for step in people[1].steps) / 1e3, "MB": held}

    return Work(lambda: asyncio.run(visit()), len(people[0].steps), told=told)


def main(arguments: Sequence[str]) -> None:
    kept = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="scripts/bench page", description=__doc__, formatter_class=kept)
    parser.add_argument("--songs", type=int, nargs="+", default=SIZES, metavar="N")
    for n_songs in parser.parse_args(arguments).songs:
        traffic, heap, people = measured(n_songs)
        print(f"\n{n_songs:,} songs; at the end the browser's heap has {heap:.0f} MB\n")
        print(sent(traffic), waited(people[2]), served(people[1:-1]), held(people), sep="\n")
