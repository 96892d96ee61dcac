"""Leading: a path from a song to another, of the playlist or any others, in place of the playlist or after it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from recommender.errors import RecommenderError, UnknownSongError
from recommender.page.finding import by_itself, empty, find
from recommender.page.parts import name
from recommender.page.playlist.saying import pressed
from recommender.page.playlist.tools import rotation
from recommender.page.words import playlist as words
from recommender.paths import path
from recommender.run import Run

_START, _END, _STEPS = "playlist-start", "playlist-end", "playlist-steps"
_HITS = 5


def lead(run: Run) -> None:
    """The box where the ends are chosen, and the path is asked for."""
    with st.container(border=True):
        st.subheader(words.PATH, anchor=False)
        by_itself(partial(_ends, run))
        st.number_input(words.STEPS, 3, 50, 8, key=_STEPS, width=200, persist_state="session")
        with st.container(horizontal=True):
            st.button(words.FIND_PATH, "playlist-path", on_click=_replace, args=[run])
            st.button(words.LEAD_ON, "playlist-lead-on", on_click=_lead_on, args=[run])
        st.caption(words.PATH_TOLD)


def _ends(run: Run) -> None:
    _end(run, _START, words.FROM, words.FIRST)
    _end(run, _END, words.TO, words.LAST)


def _end(run: Run, key: str, label: str, at_end: str) -> None:
    """A search for one end; the song that was chosen is let go of by a press."""
    search = f"{key}-search"
    text = find(label, at_end, search).strip()
    hits = run.catalogue.index.matching(text, _HITS) or run.catalogue.index.near(text, _HITS) if text else []
    if text and not hits:
        st.caption(words.NO_SUCH_END)
    for hit in hits:
        song = run.catalogue[hit]
        st.button(name(song), f"{key}-{song.id}", on_click=_choose, args=[key, song.id], type="tertiary")
    chosen = _chosen(run, key)
    if chosen is not None and not text:
        label = name(run.catalogue[chosen])
        st.button(label, f"{key}-none", words.LET_GO, _choose, [key, None], icon=":material/close:")


def _choose(key: str, song: int | None) -> None:
    st.session_state[key] = song
    empty(f"{key}-search")


def _chosen(run: Run, key: str) -> int | None:
    """The row of an end that was chosen, if the run has the song."""
    song = st.session_state.get(key)
    try:
        return None if song is None else run.catalogue.row(song)
    except UnknownSongError:
        return None


def _replace(run: Run) -> None:
    start, end = _chosen(run, _START), _chosen(run, _END)

    def led(songs: list[int]) -> list[int]:
        if not songs:  # cleared, and pressed before that was seen
            return songs
        return _path(run, songs[0] if start is None else start, songs[-1] if end is None else end)

    pressed(run, led, words.PATH_FOUND)


def _lead_on(run: Run) -> None:
    end = _chosen(run, _END)

    def longer(songs: list[int]) -> list[int]:
        if end is None:
            raise RecommenderError(words.NO_END)
        return [*songs, *_path(run, songs[-1], end, songs)[1:]] if songs else songs

    pressed(run, longer, "")


def _path(run: Run, start: int, end: int, without: Sequence[int] = ()) -> list[int]:
    """The songs of a path, none of these between its ends."""
    open_ = replace(rotation(run, run.catalogue.ids[[*without]].tolist()), most=None)
    return path(run.model, start, end, st.session_state[_STEPS], open_).songs
