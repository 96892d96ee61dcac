"""The page in a real browser: the journey from a search to an answer, and what it asks of the network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from recommender import Run
from recommender.page.view import View
from recommender.shaping import Shape
from recommender.training import train
from tests.conftest import ROOT
from tests.page_server import serving


@contextmanager
def served(run_folder: Path | None, home: Path = ROOT) -> Iterator[str]:
    """The page's address, served as `recommender app RUN`, or without RUN, serves it in the folder `home`."""
    with serving(run_folder, home) as server:
        yield server.address


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


def search_box(page):
    return page.get_by_role("searchbox", name="Find a song")


def test_from_a_misspelt_search_to_a_view_that_a_reload_keeps(page, address, run_folder):
    run = Run.load(run_folder)
    title = run.catalogue.titles[7]
    page.goto(address)
    search_box(page).click()
    page.keyboard.type(f"{title[:2]}x{title[2:]}")
    page.get_by_text("No song matches exactly; these come near:", exact=True).wait_for()
    page.get_by_role("button", name=f"Add {run.catalogue[7]}").click()
    page.get_by_role("button", name=f"Remove {run.catalogue[7]}").wait_for()
    (first, _), (second, _) = run.recommend([7], 2)
    page.get_by_role("button", name=f"Why? {first}").locator("visible=true").first.click()
    page.get_by_text("because of", exact=False).first.wait_for()
    page.get_by_role("link", name="musicbrainz").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="musicbrainz").wait_for(state="detached")
    page.locator(f".st-key-up-next-{first.id}").get_by_role("button", name=f"Like {first}").click()
    page.get_by_role("button", name=f"Forget {first}").wait_for()
    page.locator(f".st-key-down-next-{second.id}").get_by_role("button", name=f"Dislike {second}").click()
    page.get_by_role("button", name=f"Forget {second}").wait_for()
    page.get_by_text("Shape the list").click()
    page.get_by_role("slider", name="Variety").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("Shape the list (in use)").wait_for()
    like_which = page.get_by_role("combobox", name="Like which of your songs")
    like_which.scroll_into_view_if_needed()  # its list closes where the page moves under it
    like_which.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name=str(first)).click()
    page.wait_for_url(f"**/?songs=7&like={first.id}&dislike={second.id}&variety=0.1&of={first.id}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied", exact=False).wait_for()
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    view = View((7,), (first.id,), (second.id,), Shape(variety=0.1), first.id)
    answers = run.recommend(view.songs, 10, taste=view.taste, shape=view.shape)
    for song, _ in answers:
        page.locator(f".st-key-next-{song.id}").get_by_role("button", name=f"Add {song}").wait_for()
    assert page.locator("[class*=st-key-next-]").count() == len(answers)
    assert page.faults == []


def test_hits_come_while_one_types_and_leave_the_box_to_the_typist(page, address, run_folder):
    titles = Run.load(run_folder).catalogue.titles
    page.goto(f"{address}/?songs=9")
    page.get_by_role("heading", name="Comes next").wait_for()
    page.evaluate("document.querySelector('[class*=st-key-next-]').before = true")
    search_box(page).click()
    for letter in titles[7][:6]:
        page.keyboard.type(letter)
        page.wait_for_timeout(150)  # less and more than the pause, as the machine has it
    for letter in titles[7][6:]:
        page.keyboard.type(letter)
        page.wait_for_timeout(250)
    page.locator(".st-key-hit-7").wait_for()
    page.keyboard.press("Home")
    page.keyboard.type(" ")
    page.get_by_role("status").filter(has_text="song").wait_for(state="attached")
    assert search_box(page).input_value() == f" {titles[7]}"
    assert search_box(page).evaluate("box => [box.getRootNode().activeElement === box, box.selectionStart]") == [
        True,
        1,
    ]
    assert page.evaluate("document.querySelector('[class*=st-key-next-]').before")
    page.keyboard.press("Escape")
    page.locator(".st-key-hit-7").wait_for(state="detached")
    assert search_box(page).input_value() == ""
    assert page.faults == []


def test_the_keyboard_alone_adds_a_song(page, address, run_folder):
    title = Run.load(run_folder).catalogue.titles[7]
    page.goto(address)
    search_box(page).focus()
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    page.locator(".st-key-hit-7").wait_for()
    while not page.evaluate("document.activeElement.closest('.st-key-hit-7') !== null"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?songs=7")


def test_leaving_an_artist_out_empties_the_box_and_nothing_is_wider_than_the_screen(page, address, run_folder):
    artist = Run.load(run_folder).catalogue.artists[7]
    page.goto(f"{address}/?songs=7,9&like=11&no_tags=rock")
    page.get_by_text("Shape the list (in use)").click()
    box = page.get_by_role("searchbox", name="Leave an artist out")
    box.fill(artist)
    page.locator(".st-key-out-0").get_by_role("button", name=artist).click()
    page.locator(".st-key-in-0").get_by_role("button", name=artist).wait_for()
    assert box.input_value() == ""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_text("One version of each song").click()
    page.wait_for_url("**one_version=1**")
    page.locator(".st-key-in-0").get_by_role("button", name=artist).click()
    page.wait_for_url(lambda url: "no_artists" not in url)
    page.locator(".st-key-in-0").wait_for(state="detached")
    assert page.locator(".st-key-out-0").count() == 0
    assert page.faults == []


def test_a_name_with_markup_is_shown_as_it_stands(page, small, tmp_path):
    title = "<img src=x onerror=alert(1)> **bold** :red[x] $a$ `c` [l](x)"
    catalogue = replace(small.catalogue, titles=[title] * small.n_songs)
    train(replace(small, catalogue=catalogue), "markov").save(tmp_path / "run")
    with served(tmp_path / "run") as url:
        page.goto(f"{url}/?songs=7")
        page.get_by_role("heading", name="Comes next").wait_for()
        page.get_by_text(title, exact=True).nth(9).wait_for()
        assert page.faults == []


def test_no_name_becomes_a_link_an_icon_or_an_arrow(page, small, tmp_path):
    name = "https://a.example www.b.example me@c.example :material/home: :streamlit: :smile: x -> y"
    catalogue = replace(small.catalogue, titles=[name] * small.n_songs, artists=[name] * small.n_songs)
    train(replace(small, catalogue=catalogue, name=name), "popularity").save(tmp_path / "run")
    with served(tmp_path / "run") as url:
        page.goto(f"{url}/?songs=7")
        page.get_by_role("heading", name="Comes next").wait_for()
        shown = page.locator("[data-testid=stMarkdownContainer]").all_inner_texts()
        named = [text.replace("\u2060", "") for text in shown if "b.example" in text]
        assert len(named) > 10
        assert all(name in text for text in named)
        assert not page.locator("a[href*=example]").count()
