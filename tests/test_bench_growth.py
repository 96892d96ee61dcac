"""What fitting takes as the page and the picture tell it, and the playlists that it is measured on."""

import numpy as np
import pytest
from PIL import Image

from tests.bench.growth import CASES, END, PAGE, PICTURE, START, digest, exponent, kept, lines, rows
from tests.bench.made_up import plays as made_up

SMALL = {"plays": 1000, "seconds": 2.0, "processor s": 1.0, "peak MiB": 90.0}
LARGE = {"plays": 10_000, "seconds": 20.0, "processor s": 15.0, "peak MiB": 1900.4}


def test_the_page_has_the_numbers_kept():
    assert PAGE.read_text(encoding="utf-8").split(START)[1].split(END)[0].strip() == lines(kept()).strip()


def test_the_picture_is_of_the_numbers_kept():
    with Image.open(PICTURE) as image:
        assert image.text["Description"] == digest(kept())


def test_all_that_is_kept_is_measured_still():
    assert set(kept()) <= set(CASES)


def test_a_line_tells_the_growth_since_the_line_before():
    assert rows("markov", [SMALL, LARGE]) == [
        ["markov", "1,000", "2.00", "1.00", "", "90"],
        ["markov", "10,000", "20.00", "15.00", "15.0", "1,900"],
    ]


def test_ten_times_the_plays_in_a_hundred_times_the_time_is_the_square():
    assert exponent([SMALL, LARGE | {"seconds": 200.0}], "seconds") == 2


@pytest.mark.parametrize("n_plays", [10_000, 100_000])
def test_made_up_playlists_have_about_as_many_plays_as_asked_for_and_all_sorts_of_songs(n_plays):
    playlists = made_up(n_plays)
    plays = playlists.counts(n_plays // 10)
    assert 0.8 < playlists.n_plays / n_plays < 1.1
    assert (plays > 0).mean() > 0.95
    assert 0.25 < np.sort(plays)[-len(plays) // 10 :].sum() / plays.sum() < 0.66  # as real radio, and toy


def test_the_same_seed_makes_up_the_same():
    first, second = made_up(1000, seed=3), made_up(1000, seed=3)
    assert first.songs.tobytes() == second.songs.tobytes()
