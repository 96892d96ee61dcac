"""The tab of the playlist: its songs in order, Undo, and beside them what can be done with it."""

from pathlib import Path

import streamlit as st

from recommender.page.address import put, songs_in_address, undoable
from recommender.page.playlist.exchange import export, missing_songs, take_in
from recommender.page.playlist.keeping import keeping
from recommender.page.playlist.leading import lead
from recommender.page.playlist.order import SHOWN, order, take_back
from recommender.page.playlist.playing import radio
from recommender.page.playlist.saying import pressed, tell
from recommender.page.playlist.telling import look, placed
from recommender.page.playlist.tools import edits
from recommender.page.words import playlist as words
from recommender.run import Run


def playlist(run: Run, folder: Path) -> None:
    """The tab."""
    songs = songs_in_address(run)
    tell()
    with st.container(key="playlist-part"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            _songs(run, songs)
        with right:
            keeping(run, folder, songs)
            with st.container():  # there without songs, too, so that what comes after it stays the same widgets
                if songs:
                    radio(run)
                    edits(run)
                    lead(run)
                    look(run, songs)
                    export(run, songs)
            take_in(run)


def _songs(run: Run, songs: list[int]) -> None:
    """The songs as rows."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header((words.SONG if len(songs) == 1 else words.SONGS).format(n=len(songs)), anchor=False)
        st.button(words.UNDO, "playlist-undo", on_click=take_back, disabled=not undoable(), icon=":material/undo:")
        st.button(words.CLEAR, "playlist-clear", on_click=_clear, args=[run], disabled=not songs)
    missing_songs(run)
    if not songs:
        st.info(words.EMPTY)
    else:
        order(run, songs, _window(len(songs)), placed(run, songs))


def _clear(run: Run) -> None:
    """Begin another: none is open any more."""
    pressed(run, lambda _: [], words.CLEARED)
    put({"list": "", "version": ""})


def _window(n: int) -> int:
    """The first place that is shown."""
    if n <= SHOWN:
        return 0
    starts = range(0, n, SHOWN)

    def label(start: int) -> str:
        return words.RANGE.format(first=start + 1, last=min(start + SHOWN, n))

    first: int = st.selectbox(words.SHOWN, starts, format_func=label, key="playlist-from")
    st.caption(words.MORE.format(n=n - min(SHOWN, n - first)))
    return first
