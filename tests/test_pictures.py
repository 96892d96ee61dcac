"""The page of pictures: what is drawn, and from which numbers."""

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.image import imread

from recommender import pictures
from recommender.datasets import Dataset
from recommender.pictures import draw
from recommender.playlists import Playlists
from recommender.split import hold_out
from tests.conftest import catalogue_of

ALL = {"lengths.png", "popularity.png", "concentration.png", "repeats.png", "near_duplicates.png"}


class Page(HTMLParser):
    """The images and the text of a page."""

    def __init__(self, path):
        super().__init__()
        self.images, self.text = [], ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def with_test(small):
    train, test = hold_out(small.train, 0.3)
    return replace(small, train=train, test=test)


@pytest.fixture(scope="module")
def folder(with_test, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures") / "new" / "folder"
    assert draw(with_test, folder) == folder / "stats.html"
    return folder


def tiny(lists, n_songs=4, name="tiny"):
    return Dataset(name, catalogue_of(n_songs), Playlists.of(lists), None, "made up")


def points(figure, line=0):
    return figure.axes[0].lines[line].get_xydata().round(9).tolist()


def test_the_page_shows_all_pictures_with_titles(folder):
    images = Page(folder / "stats.html").images
    assert {image["src"] for image in images} == ALL == {path.name for path in folder.glob("*.png")}
    assert all(image["alt"] for image in images)


@pytest.mark.parametrize("name", sorted(ALL))
def test_each_picture_has_colour_on_white(folder, name):
    pixels = imread(folder / name)[..., :3]
    assert (pixels[0, 0] == 1).all()
    assert (np.ptp(pixels, axis=2) > 0.3).any()


def test_the_page_holds_the_figures_of_training_and_test(folder, with_test):
    text = Page(folder / "stats.html").text
    for words in ("Training playlists", "Test playlists", "popularity Gini", "share near a training playlist"):
        assert words in text
    assert f"{with_test.train.n_plays:,}" in text


def test_lines_have_labels_units_and_dashes_of_their_own(with_test):
    for _, figure, caption in pictures._pictures(with_test):
        (axes,) = figure.axes
        lines = [line for line in axes.lines if line.get_linestyle() != ":"]
        assert axes.get_title()
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        assert len({line.get_linestyle() for line in lines}) == len({line.get_color() for line in lines}) == 2
        assert len(axes.get_legend().get_texts()) == len(axes.lines)
        assert caption.endswith(".")


def test_the_same_dataset_gives_the_same_bytes(folder, with_test, tmp_path):
    draw(with_test, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }


def test_what_there_is_not_is_not_drawn(tmp_path):
    page = Page(draw(tiny([[0, 1], [2]]), tmp_path))
    assert [image["src"] for image in page.images] == ["lengths.png", "popularity.png", "concentration.png"]


@pytest.mark.parametrize("lists", [[], [[]]])
def test_without_plays_there_are_figures_only(tmp_path, lists):
    assert Page(draw(tiny(lists), tmp_path)).images == []


def test_one_song_played_once_can_be_drawn(tmp_path):
    assert len(Page(draw(tiny([[0]], n_songs=1), tmp_path)).images) == 3


def test_a_name_is_text_and_no_markup(tmp_path):
    page = draw(tiny([[0]], name="<script>&"), tmp_path)
    assert "<script>" not in page.read_text(encoding="utf-8")
    assert "What is in <script>&" in Page(page).text


def test_lengths_are_shares_at_least_so_long():
    _, figure, caption = pictures._lengths({"training playlists": np.array([1, 2, 2, 5])})
    assert points(figure) == [[1, 100], [2, 75], [5, 25], [6, 0]]
    assert "median is 2 for training playlists" in caption


def test_popularity_leaves_out_songs_never_played():
    _, figure, caption = pictures._popularity({"training playlists": np.array([1200, 3, 0])})
    assert points(figure) == [[1, 1200], [2, 3]]
    assert "1,200 times in training playlists" in caption


def test_the_concentration_curve_starts_with_the_most_played():
    _, figure, _ = pictures._concentration({"training playlists": np.array([3, 1, 0, 0])})
    assert points(figure, line=1) == [[0, 0], [25, 75], [50, 100], [75, 100], [100, 100]]
    assert figure.axes[0].lines[1].get_label() == "training playlists: Gini 0.62"


def test_gaps_count_from_the_last_play_in_the_same_playlist():
    assert sorted(pictures._gaps(Playlists.of([[7, 7, 3, 7], [7, 5, 4, 5]])).tolist()) == [1, 2, 2]


def test_repeats_are_shares_that_come_so_soon():
    _, figure, caption = pictures._repeats({"training playlists": np.array([2, 2, 10, 3])})
    assert points(figure) == [[1, 0], [2, 50], [3, 75], [10, 100], [11, 100]]
    assert "median is 2.5 for training playlists" in caption


def test_near_duplicates_are_shares_at_least_so_similar():
    _, figure, _ = pictures._near({"training playlists": np.array([0, 1, 0.75, 0.75])})
    assert points(figure) == [[0.5, 75], [0.75, 75], [1, 25]]


@pytest.mark.parametrize(("n", "at_three"), [(100, True), (90_000, False)])
def test_a_long_axis_names_powers_of_ten_only(n, at_three):
    _, figure, _ = pictures._popularity({"training playlists": np.arange(n, 0, -1)})
    figure.draw_without_rendering()
    words = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert ("30" in words) == at_three
    assert "10" in words


def test_matplotlib_is_imported_to_draw_only_and_pyplot_never(tmp_path):
    code = (
        "import sys, recommender.pictures, recommender.datasets as d; assert 'matplotlib' not in sys.modules;"
        f"recommender.pictures.draw(d.load('toy'), {str(tmp_path)!r}); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
