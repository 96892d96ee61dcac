"""The web page: find songs, build playlists, look at the map, see how good the answers are, and learn why.

What is chosen stands in the address (`?songs=3822,2172&part=Playlist`), so a link opens the same view (see
`page.view`); only the part that is open is computed and sent. Searching happens on the server, and no more than 50
rows are ever sent.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from recommender.errors import RecommenderError
from recommender.page import words
from recommender.page.address import remember
from recommender.page.discover import discover
from recommender.page.learn import learn
from recommender.page.parts import escaped
from recommender.page.playlist import playlist
from recommender.page.quality import quality
from recommender.run import Run

PARTS: dict[str, Callable[[Run, Path], None]] = {
    "Discover": discover,
    "Playlist": playlist,
    "Quality": quality,
    "Learn": learn,
}
"""By its name in the address and on its tab: what shows the part of a run, and the folder that the run is in."""


def main() -> None:
    """Show the page for the run named on the command line, else the newest under ./runs."""
    st.set_page_config(words.TITLE, "🎧", layout="wide")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _newest(Path("runs"))
    if folder is None:
        _no_run()
        return
    try:
        run = _load(str(folder), (folder / "card.json").stat().st_mtime if (folder / "card.json").exists() else 0.0)
    except RecommenderError as error:
        st.error(escaped(str(error)))
        return
    st.title(words.TITLE, anchor=False)
    st.caption(escaped(run.summary))
    remember()
    tabs = st.tabs([*PARTS], key="part", bind="query-params")
    for tab, show in zip(tabs, PARTS.values(), strict=True):
        if tab.open:
            with tab:
                show(run, folder)


@st.cache_resource(max_entries=4, show_spinner=words.OPENING)
def _load(folder: str, changed: float) -> Run:
    """The run; `changed` makes a run that was replaced open anew."""
    return Run.load(folder)


def _newest(runs: Path) -> Path | None:
    cards = sorted(runs.glob("*/card.json"), key=lambda card: card.stat().st_mtime)
    return cards[-1].parent if cards else None


def _no_run() -> None:
    st.title(words.TITLE)
    st.info(words.NO_RUN)
    st.code("recommender demo", language="bash")
    st.write(words.NO_RUN_OWN)
    st.code("recommender train DATASET runs/mine\nrecommender app runs/mine", language="bash")
