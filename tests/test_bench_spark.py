"""What training on Spark takes as the page and the picture tell it."""

import pytest
from PIL import Image

from tests.bench import spark, spark_answers
from tests.bench.spark import PAGE, PICTURE, digest, kept, lines

STAGES = {name: {"seconds": 1.4, "shuffled": 500_000} for name in ("count", "information", "factors")}
ONE = {"plays": 1000, "songs": 100, "seconds": 12.3, "GB": 0.14}


@pytest.mark.parametrize("bench", [spark, spark_answers])
def test_the_page_has_the_numbers_kept(bench):
    page = PAGE.read_text(encoding="utf-8")
    assert page.split(bench.START)[1].split(bench.END)[0].strip() == bench.lines(kept(bench.RESULTS)).strip()


def test_the_picture_is_of_the_numbers_kept():
    with Image.open(PICTURE) as image:
        assert image.text["Description"] == digest(kept())


def test_a_line_has_the_stages_of_spark_and_all_that_they_shuffled():
    rows = lines({"1000": {"local": ONE | {"stages": {}}, "spark": ONE | {"stages": STAGES}}}).splitlines()[2:]
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]
    assert cells[0] == ["1,000", "100", "one process", "12", "0.1 GB", "", "", "", ""]
    assert cells[1] == ["1,000", "100", "Spark", "12", "0.1 GB", "1 s", "1 s", "1 s", "2 MB"]
