"""The playlist's tab in a real browser: moved by hand, saved, in order, a path, taken along and back; odd names."""

import shutil
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from recommender import Run, path, reordered
from recommender.steps import Rotation
from recommender.training import train
from tests.test_browser import page, search_box, served  # noqa: F401

GIVEN = [7, 90, 9, 60, 11]


@pytest.fixture(scope="module")
def address(run_folder, tmp_path_factory):
    """A run of its own, as what is saved is kept beside it."""
    mine = shutil.copytree(run_folder, tmp_path_factory.mktemp("kept") / "mine")
    with served(mine) as url:
        yield url


def opened(page, address, songs):  # noqa: F811
    page.goto(f"{address}/?songs={','.join(map(str, songs))}")
    page.get_by_role("tab", name="Playlist").click()
    return page


def wait_for(page, songs):  # noqa: F811
    """Wait until these songs are in the address."""
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("songs") == [",".join(map(str, songs))])


def test_from_a_search_to_a_path_that_is_saved_taken_along_and_brought_back(page, address, run_folder, tmp_path):  # noqa: F811
    run, name = Run.load(run_folder), f"Early {page.viewport_size['width']}"
    ((following, _),) = run.recommend([7], 1)
    led = path(run.model, 7, run.catalogue.row(following.id), 8, Rotation.of(run.catalogue, 2)).songs
    page.goto(address)
    search_box(page).fill(run.catalogue.titles[7])
    page.get_by_role("button", name=f"Add {run.catalogue[7]}").first.click()
    page.locator(f".st-key-why-next-{following.id}").get_by_role("button", name="Why?").click()
    page.get_by_text("because of", exact=False).first.wait_for()
    page.keyboard.press("Escape")
    page.locator(f".st-key-next-{following.id}").get_by_role("button", name=f"Add {following}").click()
    wait_for(page, [7, following.id])
    page.get_by_role("tab", name="Playlist").click()
    page.get_by_role("button", name="Find a path").click()
    wait_for(page, led)
    page.get_by_role("textbox", name="Name").fill(name)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text(f"Saved as {name}.").wait_for()
    page.reload()
    page.get_by_text(f"Saved as {name}.").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="M3U8").click()
    download.value.save_as(tmp_path / "mine.m3u8")
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("heading", name="0 songs").wait_for()
    page.get_by_label("Paste songs").fill((tmp_path / "mine.m3u8").read_text(encoding="utf-8"))
    page.get_by_role("button", name="Replace the playlist").click()
    wait_for(page, led)
    page.get_by_text("8 songs of your list found").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.faults == []


def test_an_order_is_taken_back(page, address, run_folder):  # noqa: F811
    opened(page, address, GIVEN).get_by_role("button", name="Reorder").click()
    wait_for(page, reordered(Run.load(run_folder).model, GIVEN))
    page.get_by_role("button", name="Undo").click()
    wait_for(page, GIVEN)


def test_songs_are_moved_by_hand_and_what_is_saved_outlives_a_reload(page, address):  # noqa: F811
    name = f"Late {page.viewport_size['width']}"
    handles = opened(page, address, GIVEN).locator(".handle")
    boxes = [handles.nth(place).bounding_box() for place in (0, 2)]
    (x, y), (_, below) = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, below, steps=4)
    page.mouse.up()
    wait_for(page, [90, 9, 7, 60, 11])
    page.keyboard.press("ArrowDown")  # of the handle that was dragged
    page.keyboard.press("ArrowDown")
    wait_for(page, [90, 9, 60, 11, 7])
    assert ": place 5 of 5" in page.locator(".told").text_content()
    page.keyboard.press("Control+z")
    wait_for(page, [90, 9, 60, 7, 11])
    page.wait_for_timeout(1000)  # what is asked of rows that are not drawn yet is passed over
    page.locator(".handle").last.press("ArrowUp")
    wait_for(page, [90, 9, 60, 11, 7])
    page.get_by_role("button", name="Move up:").nth(1).click()
    wait_for(page, [9, 90, 60, 11, 7])
    page.get_by_role("textbox", name="Name").fill(name)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text(f"Saved as {name}.").wait_for()
    page.get_by_role("button", name="Remove:").first.click()
    wait_for(page, [90, 60, 11, 7])
    page.reload()
    page.get_by_text(f"{name} is open, with changes that are not saved.").wait_for()
    page.get_by_role("button", name="Open it").click()
    page.get_by_text(f"Saved as {name}.").wait_for()
    wait_for(page, [9, 90, 60, 11, 7])
    chosen = page.locator(".st-key-playlist-saved")
    assert f"{name} · 5 songs" in (chosen.text_content() + chosen.locator("input").input_value())
    page.get_by_role("button", name="Remove:").first.click()
    wait_for(page, [90, 60, 11, 7])
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text(f"Saved as {name}.").wait_for()
    page.wait_for_timeout(500)
    assert f"{name} · 4 songs" in (chosen.text_content() + chosen.locator("input").input_value())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.faults == []


def test_a_file_is_uploaded(page, address, run_folder):  # noqa: F811
    catalogue = Run.load(run_folder).catalogue
    opened(page, address, [7])
    content = f"{catalogue.artists[9]} - {catalogue.titles[9]}\nNobody - Nothing".encode()
    chosen = page.locator("input[type=file]")
    chosen.set_input_files({"name": "mine.txt", "mimeType": "text/plain", "buffer": content})
    page.get_by_text("mine.txt").wait_for()
    page.get_by_role("button", name="Add these songs").click()
    wait_for(page, [7, 9])
    page.get_by_text("Not found: Nothing · Nobody").wait_for()
    page.get_by_text("mine.txt").wait_for(state="detached")
    assert page.faults == []


def test_what_a_name_is_made_of_is_shown_as_it_stands(page, small, tmp_path):  # noqa: F811
    title = "<img src=x onerror=alert(1)> **bold** :red[x] $a$ `c` [l](x)"
    catalogue = replace(small.catalogue, titles=[title] * small.n_songs)
    train(replace(small, catalogue=catalogue), "markov").save(tmp_path / "run")
    with served(tmp_path / "run") as url:
        opened(page, url, [7, 9, 11]).get_by_role("button", name="What does not fit").click()
        page.get_by_text("Fits least").wait_for()
        assert page.get_by_text(title).filter(visible=True).count() == 4  # three rows, and what fits least
        page.get_by_label("Paste songs").fill(f"{title}x - <b>y</b>")
        page.get_by_role("button", name="Add these songs").click()
        page.get_by_text(f"<b>y</b> · {title}x").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.faults == []
