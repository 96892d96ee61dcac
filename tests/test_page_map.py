"""The map of the page: its points, its part without a browser, and with one."""

import io
from dataclasses import replace
from itertools import pairwise

import matplotlib.image
import numpy as np
import pytest

from recommender import Layout, Run
from recommender.layout import NO_GROUP
from recommender.page.map import _whole
from recommender.page.map.points import COLOURS, Points
from recommender.page.words import map as words
from recommender.training import train, with_map
from tests.test_browser import page, served  # noqa: F401
from tests.test_layout import tagged
from tests.test_page import chosen, keys, texts
from tests.test_page import page as app_page  # noqa: F401


@pytest.fixture(scope="module")
def map_folder(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "mapped"
    with_map(train(small, "spectral", {"dim": 16})).save(path)
    return path


@pytest.fixture(scope="module")
def four():
    """Song 2 without a place; song 0 is played most, then 3, then 1."""
    places = np.array([[0, 0], [4, 2], [np.nan, np.nan], [2, 1]], np.float32)
    layout = Layout(places, np.array([0, 1, NO_GROUP, 1], np.int16), ("rock", "jazz"))
    return layout, tagged([("rock",), ("jazz",), ("rock",), ("jazz", "rock")], plays=[9, 1, 5, 3])


def sent(points):
    n = len(points.songs)
    across, down = np.frombuffer(points.sent[: 4 * n], "<u2").reshape(2, n)
    return across.tolist(), down.tolist(), list(points.sent[4 * n :])


def test_points_stand_by_plays_and_know_their_songs(four):
    points = Points.of(*four)
    assert points.songs.tolist() == [1, 3, 0]
    assert points.numbers.tolist() == [2, 0, -1, 1]


def test_places_fill_the_map_and_keep_their_shape(four):
    across, down, _ = sent(Points.of(*four))
    assert across == [65535, 32768, 0]
    assert down == [49151, 32768, 16384]


def test_a_point_has_the_colour_of_its_group_and_of_its_rarest_tag(four):
    """With a place, songs 0 and 3 have rock, 1 and 3 have jazz; of as rare tags the later one colours."""
    points = Points.of(*four)
    assert points.tags == ("rock", "jazz")
    assert sent(points)[2] == [1 * 8 + 1, 1 * 8 + 1, 0 * 8 + 0]


def test_a_song_with_none_of_the_tags_is_grey(four):
    layout, catalogue = four
    points = Points.of(layout, replace(catalogue, tags=[()] * 4))
    assert points.tags == ()
    assert [mark & 7 for mark in sent(points)[2]] == [COLOURS] * 3


def test_groups_near_one_another_have_different_colours():
    places = np.repeat(np.arange(9.0), 2).reshape(9, 2).astype(np.float32)
    layout = Layout(places, np.arange(9, dtype=np.int16), tuple("abcdefghi"))
    colours = [mark >> 3 for mark in sent(Points.of(layout, tagged([()] * 9)))[2]]
    assert sorted(colours)[-1] == COLOURS - 1
    assert all(a != b for a, b in pairwise(colours))


def test_75262_songs_are_sent_in_376_kilobytes():
    n = 75_262
    layout = Layout(np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32), np.zeros(n, np.int16), ("all",))
    assert len(Points.of(layout, tagged([()] * n)).sent) == 376_310


def test_a_map_without_a_song_has_no_points(four):
    layout = Layout(np.full((4, 2), np.nan, np.float32), np.full(4, NO_GROUP, np.int16), ())
    assert Points.of(layout, four[1]).sent == b""


def test_a_run_without_a_map_says_how_to_get_one(app_page):  # noqa: F811
    app = app_page(part="Map")
    assert app.info[0].value == words.NO_MAP
    assert "recommender train" in app.code[0].value


def test_a_song_that_is_searched_for_can_be_shown_and_added_and_played_from(app_page, map_folder):  # noqa: F811
    run = Run.load(map_folder)
    app = app_page("9", map_folder, part="Map")
    app.session_state["map-find"] = {"text": run.catalogue.titles[7]}
    app.run()
    app.button(key="map-show-7").click().run()
    assert run.catalogue.titles[7] in texts(app)
    app.button(key="map-add").click().run()
    assert chosen(app) == "9,7"
    app.button(key="map-play").click().run()
    assert chosen(app).startswith("7,")
    assert len(chosen(app).split(",")) == 10
    app.button(key="map-undo").click().run()
    assert chosen(app) == "9,7"


def test_a_search_without_a_hit_says_so(app_page, map_folder):  # noqa: F811
    app = app_page("", map_folder, part="Map")
    app.session_state["map-find"] = {"text": "qqqqqqqq"}
    app.run()
    assert app.warning[0].value == words.NOT_FOUND


def test_a_song_without_a_place_is_said_to_have_none(app_page, map_folder, tmp_path):  # noqa: F811
    run = Run.load(map_folder)
    places, groups = run.layout.places.copy(), run.layout.groups.copy()
    places[7], groups[7] = np.nan, NO_GROUP
    replace(run, layout=replace(run.layout, places=places, groups=groups)).save(tmp_path / "run")
    app = app_page("7", tmp_path / "run", part="Map")
    app.session_state["map-find"] = {"text": run.catalogue.titles[7]}
    app.run()
    assert "has no place" in texts(app)
    assert "map-show-7" not in keys(app, "map-show-")


def test_of_what_a_browser_sends_only_numbers_count():
    assert _whole([3, "4", None, 5.5, [6], 7]) == [3, 7]
    assert _whole("3") == []


def coloured(stage):
    """How many of the stage's pixels have a colour that is neither grey nor nearly so."""
    pixels = matplotlib.image.imread(io.BytesIO(stage.screenshot()))[..., :3]
    return int((np.ptp(pixels, axis=2) > 0.3).sum())


@pytest.fixture(scope="module")
def map_address(map_folder):
    with served(map_folder) as url:
        yield url


def test_the_map_is_drawn_and_a_click_chooses_the_song_that_stands_there(page, map_folder, map_address):  # noqa: F811
    received = [0]
    count = lambda frame: received.__setitem__(0, received[0] + len(frame))  # noqa: E731
    page.on("websocket", lambda socket: socket.on("framereceived", count))
    run = Run.load(map_folder)
    points = Points.of(run.layout, run.catalogue)
    page.goto(f"{map_address}/?part=Map&songs=7,9,11")
    stage = page.get_by_role("application", name=words.WORDS["map"])
    songs = page.get_by_role("region", name=words.WORDS["listed"]).get_by_role("button")
    songs.nth(19).wait_for()
    assert songs.count() == 20
    assert page.locator(".map").get_attribute("data-drawn") == "pixels"
    assert coloured(stage) > 500
    before = received[0]
    most = run.catalogue[int(points.songs[-1])]
    x, y = (int(place[-1]) for place in sent(points)[:2])
    box = stage.bounding_box()
    unit = min(box["width"] - 2, box["height"] - 2) / 65535 * 0.96
    at = {"x": box["width"] / 2 + (x - 32767) * unit, "y": box["height"] / 2 + (y - 32767) * unit}
    stage.click(position=at)
    page.get_by_text(words.PLAYED.format(plays=most.plays)).wait_for()
    page.get_by_role("button", name=words.ADD, exact=True).click()
    page.wait_for_url(f"**/?part=Map&songs=7%2C9%2C11%2C{most.id}")
    assert received[0] - before < 200_000
    page.get_by_text(words.COLOURS["plays"]).click()
    page.get_by_role("list", name=words.WORDS["legend"]).get_by_role("listitem").nth(5).wait_for()
    stage.focus()
    for key in ("+", "+", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    across, down, _ = map(np.array, sent(points))
    middle = np.hypot(across - (32767 - 60 / unit / 2.25), down - 32767).argmin()
    page.locator(".stMain").get_by_text(run.catalogue.titles[points.songs[middle]], exact=True).first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.faults == []


def test_webgl_draws_the_map_where_there_is_some(map_address, browser):
    """A machine of tests has no graphics card: that is kept from the page."""
    page = browser.new_page()  # noqa: F811
    page.add_init_script("WebGLRenderingContext.prototype.getExtension = () => null")
    page.goto(f"{map_address}/?part=Map")
    page.locator(".map[data-drawn=webgl]").wait_for()
    page.locator(".map ol button").nth(19).wait_for()
    assert coloured(page.locator(".stage")) > 500
    page.close()
