"""The Quality tab in a real browser, on a dark phone: the report is whole, and a vote outlives a reload."""

import shutil

import pytest
from playwright.sync_api import expect

from recommender.comparison import measured
from recommender.page.words import quality as words
from recommender.training import train
from tests.test_browser import served


@pytest.fixture
def address(small, tmp_path):
    measured(train(small, "markov", held_out=0.2), small).save(tmp_path / "mine")
    shutil.copytree(tmp_path / "mine", tmp_path / "twin")
    with served(tmp_path / "mine") as url:
        yield url


def test_from_the_report_to_a_comparison_to_a_vote_that_a_reload_keeps(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page, faults = context.new_page(), []
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))

    def fits(of=page):
        return of.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.goto(f"{address}/?part=Quality")
    report = page.get_by_title(words.REPORT_FRAME).content_frame
    report.get_by_role("heading", name="Leaderboard").wait_for()
    (frame,) = [frame for frame in page.frames if frame.parent_frame]
    frame.wait_for_function("document.documentElement.scrollHeight <= window.innerHeight")  # nothing is cut
    assert frame.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 23, 22)"
    assert fits()
    assert fits(frame)
    page.get_by_role("tab", name=words.SIDE_BY_SIDE).click()
    page.get_by_text("share 10 of 10 songs").wait_for()  # of a run and its twin
    page.goto(f"{address}/?part=Quality&quality=Blind+test&compare=mine,fitted/vstan")
    page.get_by_role("button", name=words.CHOICES[0]).click()
    page.get_by_text("Counted. A was").wait_for()
    assert fits()
    page.reload()
    expect(page.get_by_text("1 of the 1 votes that prefer one")).to_be_visible()
    page.get_by_role("tab", name=words.CARDS).click()
    page.get_by_role("heading", name=words.DATA_CARD).wait_for()
    assert fits()
    assert faults == []
    context.close()
