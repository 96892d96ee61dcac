"""The bench of the page: a person without a browser does what one with a browser does, and both are counted."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from recommender import Run
from recommender.page import PARTS
from tests.bench.long_page import milliseconds
from tests.page_people import Person, Step, arrive, look_around
from tests.page_server import serving
from tests.page_traffic import Watched, looked_around

MOST = 200_000  # bytes of one interaction


@pytest.fixture(scope="module")
def server(run_folder):
    with serving(run_folder) as server:
        yield server


@pytest.fixture(scope="module")
def title(run_folder):
    return Run.load(run_folder).catalogue.titles[7]


@pytest.fixture(scope="module")
def person(server, title):
    """Somebody who has looked around."""

    async def visit() -> Person:
        async with AsyncExitStack() as lines:
            person = await arrive(lines, server.address, 0, None)
            await look_around(person, title, [*PARTS])
            return person

    return asyncio.run(visit())


def test_a_visit_does_all_things_and_none_sends_much(person):
    kinds = {step.kind for step in person.steps}
    assert kinds >= {"first view", "search", "add a song", "open Why?", "like", "turn a dial", "move a song", "undo"}
    assert kinds >= {f"open {part}" for part in PARTS}
    assert person.query["variety"] == ["0.3"]
    assert len(person.query["songs"][0].split(",")) == 3  # three were added, and what was played undone
    assert all(0 < step.heard < MOST for step in person.steps)


def test_a_browser_hears_what_a_person_without_one_hears(person, title, server, browser):
    watched = Watched(browser, server.address)
    watched.load("first view")
    looked_around(watched, title, [*PARTS])
    for kind in ("first view", "open Why?"):
        (heard,) = (step.heard for step in person.steps if step.kind == kind)
        (seen,) = (traffic.heard for traffic in watched.done if traffic.kind == kind)
        assert heard == pytest.approx(seen, rel=0.1)
    assert all(traffic.rows <= 50 for traffic in watched.done)
    assert watched.heap() > 1


def test_a_server_tells_what_its_process_takes(server):
    assert 10 < server.memory("Anonymous") < server.memory("Rss")
    assert server.processor() > 0


def test_of_many_times_those_of_the_middle_and_the_slow_are_told():
    steps = [Step("search", seconds, 1) for seconds in (0.001, 0.002, 0.009)]
    assert milliseconds(steps) == ["3", "2", "8", "9"]
