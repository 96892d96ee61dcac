"""Care for everybody: contrast that is worked out, axe on every part, the keyboard, and options that agree."""

import re
import tomllib

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from recommender.comparison import measured
from recommender.page_server import _OPTIONS
from recommender.training import train
from tests.conftest import ROOT
from tests.test_browser import served

SCHEMES = ("light", "dark")
SIZES = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
STREAMLITS_OWN = {
    # its table scrolls sideways in a box that can be given no attribute; browsers let the keyboard scroll it
    "scrollable-region-focusable": ".stTable",
}
_DRAWN = """colour => {
  const { backgroundColor } = getComputedStyle(document.querySelector(".stApp"));
  const shares = backgroundColor.match(/\\d+/g).slice(0, 3).map(Number);
  return colour === "#" + shares.map(share => share.toString(16).padStart(2, "0")).join("");
}"""
COLOURS = {scheme: {} for scheme in SCHEMES}
for option, colour in _OPTIONS.items():
    if option.startswith("theme."):
        _, scheme, role = option.split(".")
        COLOURS[scheme][role] = colour


def luminance(colour):
    """Relative luminance, from 0 to 1 (WCAG 2.2)."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_of_black_and_white_is_21():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
@pytest.mark.parametrize("role", ["textColor", "linkColor", "grayTextColor", "primaryColor"])
def test_every_colour_can_be_read(scheme, ground, role):
    assert contrast(COLOURS[scheme][role], COLOURS[scheme][ground]) >= 4.5


def test_focus_and_labels_on_colour_are_of_the_theme():
    css = (ROOT / "recommender" / "page" / "frame.css").read_text()
    focus, label = (re.search(rf"{rule}.*?light-dark\((\S+), (\S+)\)", css).groups() for rule in ("focus", "-primary"))
    assert focus == tuple(COLOURS[scheme]["primaryColor"] for scheme in SCHEMES)
    assert label == tuple(COLOURS[scheme]["backgroundColor"] for scheme in SCHEMES)


def flat(options, above=""):
    for name, value in options.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value).lower()


def test_both_ways_of_starting_set_the_same_options():
    assert dict(flat(tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text()))) == _OPTIONS


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport=SIZES[0])
    opened.add_init_script(AXE_SCRIPT)
    yield opened
    opened.close()


def still(page):
    """Wait until nothing is being drawn."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(150)


def faults(page):
    """What axe finds serious or critical, on a desktop in the light and on a phone in the dark."""
    found = []
    for size, scheme in zip(SIZES, SCHEMES, strict=True):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_DRAWN, arg=COLOURS[scheme]["backgroundColor"])
        page.wait_for_timeout(200)  # what fades
        for violation in page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]:
            allowed = STREAMLITS_OWN.get(violation["id"])
            nodes = [
                (node["html"], node["failureSummary"])
                for node in violation["nodes"]
                if not (allowed and allowed in str(node))
            ]
            if nodes and violation["impact"] in ("serious", "critical"):
                found.append((scheme, violation["id"], nodes[:3]))
    return found


def test_axe_finds_nothing_serious_in_any_part(page, small, tmp_path):
    measured(train(small, "song2vec", {"epochs": 1, "dim": 8}, held_out=0.1), small).save(tmp_path / "run")
    with served(tmp_path / "run") as url:
        page.goto(f"{url}/?songs=7,9,11&like=13&dislike=15")
        parts = page.get_by_role("tab")
        parts.first.wait_for()
        for part in range(parts.count()):
            page.set_viewport_size(SIZES[0])
            parts.nth(part).click()
            still(page)
            assert not faults(page), parts.nth(part).inner_text()
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.set_viewport_size(SIZES[0])
        parts.first.click()
        page.get_by_text("Shape the list").click()
        page.get_by_role("slider").first.wait_for()
        page.get_by_role("button", name="Why?").first.click()
        page.get_by_test_id("stPopoverBody").wait_for()
        still(page)
        assert not faults(page)


def test_axe_finds_nothing_serious_before_the_first_run_and_the_keyboard_trains_it(page, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with served(None, tmp_path) as url:
        page.goto(url)
        page.get_by_role("button", name="Train").wait_for()
        assert not faults(page)
        assert page.locator("html").get_attribute("lang") == "en"
        reached = []
        while "Train" not in reached:
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate("(document.activeElement.closest('label') ?? document.activeElement).innerText")
            )
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") in ("solid", "auto")
            assert len(reached) < 9
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Training toy-song2vec").wait_for()
        assert not faults(page)
        page.reload()
        page.get_by_role("heading", name="Training toy-song2vec").wait_for()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("was stopped").wait_for()
