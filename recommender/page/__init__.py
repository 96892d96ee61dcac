"""The web page: find songs, make a playlist of them, see what comes next, what is alike, and how good that is.

What is chosen stands in the address (`?songs=3822,2172`), so a link opens the same view. Searching happens
on the server, and no more than 50 rows are ever sent.
"""

import sys
from pathlib import Path

import pandas as pd
import streamlit as st

from recommender.catalogue import Song
from recommender.errors import RecommenderError
from recommender.page.parts import escaped, evaluation, row
from recommender.page.playlist import playlist
from recommender.run import Run

_HITS, _ANSWERS, _SHOWN = 10, 10, 20


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
    discover, own, quality, about = st.tabs(["Discover", "Playlist", "Quality", "About this run"])
    with discover:
        _discover(run)
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


def _discover(run: Run) -> None:
    chosen = _chosen(run)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _search(run, chosen)
        _playlist(chosen)
    with right:
        if not chosen:
            st.info("Find a song on the left and add it: what comes next, and what is like it, appears here.")
            return
        following, alike = st.columns(2, gap="medium")
        with following:
            _comes_next(run, chosen)
        with alike:
            _is_alike(run, chosen[-1])


def _chosen(run: Run) -> list[Song]:
    """The songs in the address; what is no song of this run is said and dropped."""
    songs, unknown = [], []
    for word in filter(None, st.query_params.get("songs", "").split(",")):
        try:
            songs.append(run.catalogue[run.catalogue.row(int(word))])
        except (ValueError, RecommenderError):
            unknown.append(word)
    if unknown:
        st.warning(f"This run has no song {escaped(', '.join(unknown)[:80])}, so it is left out.")
    return songs


def _set(songs: list[int]) -> None:
    st.query_params["songs"] = ",".join(map(str, songs))


def _add(song: int) -> None:
    earlier = st.query_params.get("songs", "")
    st.query_params["songs"] = f"{earlier},{song}" if earlier else str(song)


def _search(run: Run, chosen: list[Song]) -> None:
    text = st.text_input("Find a song", placeholder="title, artist, or the beginning of either", key="search")
    if text.strip():
        hits = run.catalogue.search(text, _HITS)
        if not hits:
            st.warning("No song matches. Try fewer words, or the beginning of a word.")
    elif not chosen:
        st.caption("Played most:")
        hits = [int(song) for song in run.catalogue.plays.argsort(kind="stable")[::-1][:_HITS]]
    else:
        hits = []
    for hit in hits:
        song = run.catalogue[hit]
        row(song, f"{song.plays:,} plays", "Add", f"hit-{song.id}", _add, [song.id])


def _playlist(chosen: list[Song]) -> None:
    st.subheader("Your playlist", anchor=False)
    if not chosen:
        st.caption("Nothing in it yet.")
        return
    ids = [song.id for song in chosen]
    if len(chosen) > _SHOWN:
        st.caption(f"{len(chosen) - _SHOWN} earlier songs count too, and are not shown.")
    for place, song in list(enumerate(chosen))[-_SHOWN:]:
        row(song, f"{place + 1}", "Remove", f"chosen-{place}", _set, [ids[:place] + ids[place + 1 :]])
    st.button("Clear", on_click=_set, args=[[]])


def _comes_next(run: Run, chosen: list[Song]) -> None:
    st.subheader("Comes next", anchor=False)
    st.caption("what the playlists would play after yours; the score orders this list only")
    answers = run.recommend([song.id for song in chosen], _ANSWERS)
    if not answers:
        st.warning("Nothing is known of these songs: they were never played in training. Add another one.")
    for song, score in answers:
        row(song, f"{score:.2f}", "Add", f"next-{song.id}", _add, [song.id])


def _is_alike(run: Run, song: Song) -> None:
    st.subheader("Is like it", anchor=False)
    st.caption(f"songs in the same role as {escaped(song.title)}, by cosine")
    try:
        answers = run.similar(song.id, _ANSWERS)
    except RecommenderError as error:
        st.info(escaped(str(error)))
        return
    for other, cosine in answers:
        row(other, f"{cosine:.2f}", "Add", f"like-{other.id}", _add, [other.id])


def _about(run: Run) -> None:
    card = run.card
    st.write(f"**Meant to** {escaped(card['intended_use'])}.")
    st.write(f"**Limits:** {escaped(card['limits'])}.")
    st.write(f"**Data:** {escaped(card['dataset']['name'])}; {escaped(card['dataset']['licence'])}.")
    facts = {"model": card["model"], **card["parameters"], "made": card["made"], "seconds to fit": card["fit_seconds"]}
    st.table(pd.DataFrame({"value": {name: str(value) for name, value in facts.items()}}))
