"""Compare: the lists of two or three models after the same song, or the same playlist, side by side."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path

import streamlit as st

from recommender.errors import RecommenderError, UnknownSongError
from recommender.page.address import songs_in_address
from recommender.page.finding import by_itself, empty, find
from recommender.page.parts import brief, escaped, name
from recommender.page.quality.rivals import Rival, answers, rivals
from recommender.page.quality.versus import asked_after, chosen, lists
from recommender.page.words import quality as words
from recommender.run import Run

_MOST, _HITS = 3, 5
_SEARCH = "quality-search"


def compare(run: Run, folder: Path) -> None:
    """What is chosen, the lists, and how much they share."""
    st.caption(words.COMPARE)
    found = rivals(run, folder)
    left, right = st.columns(2, gap="medium")
    with left:
        keys = chosen(found, _MOST)
    with right:
        by_itself(partial(_search, run))
    songs = _seeds(run)
    asked_after(run.catalogue, songs)
    try:
        listed = {key: answers(run, folder, key, tuple(songs)) for key in keys}
    except RecommenderError as error:
        st.error(escaped(str(error)))
        return
    st.markdown("  \n".join(_shared(found, listed, *pair) for pair in combinations(listed, 2)))
    if listed:
        lists(run.catalogue, {found[key].label: songs for key, songs in listed.items()})
    else:
        st.info(words.CHOOSE_MODELS)


def _shared(found: Mapping[str, Rival], listed: Mapping[str, Sequence[int]], a: str, b: str) -> str:
    shared, of = len({*listed[a]} & {*listed[b]}), max(len(listed[a]), len(listed[b]))
    return words.LISTS_SHARED.format(a=escaped(found[a].label), b=escaped(found[b].label), shared=shared, of=of)


def _search(run: Run) -> None:
    text = find(words.ANOTHER_SONG, words.ANOTHER_SONG_HINT, _SEARCH)
    hits = run.catalogue.index.matching(text, _HITS) or run.catalogue.index.near(text, _HITS) if text.strip() else []
    if text.strip() and not hits:
        st.caption(words.NO_SONG_MATCHES)
    for hit in hits:
        song = run.catalogue[hit]
        st.button(name(song), f"quality-hit-{song.id}", on_click=_ask, args=[song.id], type="tertiary")
    if songs_in_address(run) and "seed" in st.query_params:
        st.button(words.ASK_PLAYLIST, "quality-playlist", on_click=_ask_playlist)


def _ask(song: int) -> None:
    st.query_params["seed"] = str(song)
    empty(_SEARCH)


def _ask_playlist() -> None:
    st.query_params.pop("seed", None)


def _seeds(run: Run) -> list[int]:
    """Rows of the song in the address, else the playlist there, else the song played most."""
    if seed := st.query_params.get("seed"):
        try:
            return [run.catalogue.row(int(seed))]
        except (ValueError, UnknownSongError):
            st.warning(words.NO_SUCH_SONG.format(song=brief(seed)))
    return songs_in_address(run) or [int(run.catalogue.plays.argmax())]
