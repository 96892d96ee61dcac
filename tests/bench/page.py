"""The web page as one person uses it who has no browser and does everything once (see long_page.py, which has more)."""

from pathlib import Path

from tests.bench.harness import Case, Work


def looking_around(n: int, folder: Path) -> Work:
    from tests.bench import long_page  # with Streamlit

    return long_page.looking_around(n, folder)


CASES = [Case("use the page", "interactions", "songs", (9_775, 75_262), looking_around)]
