"""The page in a real browser: the journey from a search to an answer, and what it asks of the network."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from recommender import Run
from recommender.training import train
from tests.conftest import ROOT


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


@contextmanager
def served(run_folder: Path) -> Iterator[str]:
    """The page's address, served as `recommender app RUN` serves it."""
    port = free_port()
    command = [sys.executable, "-m", "recommender", "app", str(run_folder), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{url}/_stcore/health").close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield url
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def address(run_folder):
    with served(run_folder) as url:
        yield url


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def page(request, browser: Browser):
    """A page of one size that notes errors and requests to elsewhere."""
    width, height = request.param
    opened = browser.new_page(viewport={"width": width, "height": height})
    opened.faults = []
    opened.on("console", lambda message: message.type == "error" and opened.faults.append(message.text))
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    local = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
    opened.on("request", lambda asked: asked.url.startswith(local) or opened.faults.append(f"asked {asked.url}"))
    yield opened
    opened.close()


def test_from_a_search_to_what_comes_next(page, address, run_folder):
    run = Run.load(run_folder)
    page.goto(address)
    page.get_by_label("Find a song").fill(run.catalogue.titles[7])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add").first.click()
    page.get_by_role("heading", name="Comes next").wait_for()
    page.get_by_role("heading", name="Is like it").wait_for()
    page.get_by_role("button", name="Remove").wait_for()
    assert "songs=" in page.url
    assert page.faults == []


def test_nothing_is_wider_than_the_screen(page, address):
    page.goto(f"{address}/?songs=7,9")
    page.get_by_role("heading", name="Comes next").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_name_with_markup_is_shown_as_it_stands(page, small, tmp_path):
    title = "<img src=x onerror=alert(1)> **bold** :red[x] $a$ `c` [l](http://x)"
    catalogue = replace(small.catalogue, titles=[title] * small.n_songs)
    train(replace(small, catalogue=catalogue), "markov").save(tmp_path / "run")
    with served(tmp_path / "run") as url:
        page.goto(f"{url}/?songs=7")
        page.get_by_role("heading", name="Comes next").wait_for()
        page.get_by_text(title, exact=True).nth(9).wait_for()
        assert page.faults == []
