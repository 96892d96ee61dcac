"""The web page: find songs, see what comes next and what is alike, shape the lists, and see how good they are.

What is chosen stands in the address (`?songs=3822,2172`), so a link opens the same view (see `page.view`). Searching
happens on the server, and no more than 50 rows are ever sent.
"""

import sys
from pathlib import Path

import pandas as pd
import streamlit as st

from recommender.errors import RecommenderError
from recommender.page.discover import discover
from recommender.page.parts import escaped, evaluation
from recommender.page.playlist import playlist
from recommender.run import Run


def main() -> None:
    """Show the page for the run named on the command line, else the newest under ./runs."""
    st.set_page_config("Playlist recommender", "🎧", layout="wide")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _newest(Path("runs"))
    if folder is None:
        _no_run()
        return
    try:
        run = _load(str(folder), (folder / "card.json").stat().st_mtime if (folder / "card.json").exists() else 0.0)
    except RecommenderError as error:
        st.error(escaped(str(error)))
        return
    st.title("Playlist recommender", anchor=False)
    st.caption(escaped(run.summary))
    first, own, quality, about = st.tabs(["Discover", "Playlist", "Quality", "About this run"])
    with first:
        discover(run)
    with own:
        playlist(run)
    with quality:
        evaluation(run)
    with about:
        _about(run)


@st.cache_resource(max_entries=4, show_spinner="Opening the run …")
def _load(folder: str, changed: float) -> Run:
    """The run; `changed` makes a run that was replaced open anew."""
    return Run.load(folder)


def _newest(runs: Path) -> Path | None:
    cards = sorted(runs.glob("*/card.json"), key=lambda card: card.stat().st_mtime)
    return cards[-1].parent if cards else None


def _no_run() -> None:
    st.title("Playlist recommender")
    st.info("There is no run yet. Train one, then open this page again:")
    st.code("recommender demo", language="bash")
    st.write("or, with a dataset of your own:")
    st.code("recommender train DATASET runs/mine\nrecommender app runs/mine", language="bash")


def _about(run: Run) -> None:
    card = run.card
    st.write(f"**Meant to** {escaped(card['intended_use'])}.")
    st.write(f"**Limits:** {escaped(card['limits'])}.")
    st.write(f"**Data:** {escaped(card['dataset']['name'])}; {escaped(card['dataset']['licence'])}.")
    facts = {"model": card["model"], **card["parameters"], "made": card["made"], "seconds to fit": card["fit_seconds"]}
    st.table(pd.DataFrame({"value": {name: str(value) for name, value in facts.items()}}))
