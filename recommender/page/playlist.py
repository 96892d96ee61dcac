"""The tab of the playlist: its songs in order, Undo, and beside them what can be done with it."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from recommender.catalogue import Song
from recommender.page.address import fault, press, songs_in_address, undo, undoable
from recommender.page.exchange import export, missing_songs, take_in
from recommender.page.parts import brief, escaped
from recommender.page.tools import edits, look, placed, told
from recommender.run import Run

_SHOWN = 25  # rows at once


def playlist(run: Run, folder: Path) -> None:
    """The tab."""
    songs = songs_in_address(run)
    if message := fault():
        st.error(escaped(message))
    left, right = st.columns([3, 2], gap="large")
    with left:
        first = _songs(run, songs)
    with right:
        if songs:
            edits(run, songs, songs[first : first + _SHOWN])
            look(run)
            export(run, songs)
        take_in(run)


def _songs(run: Run, songs: list[int]) -> int:
    """The songs as rows; the first place that is shown."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{len(songs)} song{'s' * (len(songs) != 1)}", anchor=False)
        st.button("Undo", key="playlist-undo", on_click=undo, disabled=not undoable())
        st.button("Clear", key="playlist-clear", on_click=press, args=[run, lambda _: []], disabled=not songs)
    missing_songs(run)
    if not songs:
        st.info("Nothing in it yet: add songs under Discover, or bring a list of your own.")
        return 0
    told(run, songs)
    first, places = _window(len(songs)), placed(run, songs)
    for place, song in list(enumerate(songs))[first : first + _SHOWN]:
        _row(run, run.catalogue[song], place, len(songs) - 1, places)
    return first


def _window(n: int) -> int:
    """The first place that is shown."""
    if n <= _SHOWN:
        return 0
    starts = range(0, n, _SHOWN)
    first: int = st.selectbox(
        "Songs shown", starts, format_func=lambda start: f"{start + 1} to {min(start + _SHOWN, n)}", key="playlist-from"
    )
    st.caption(f"{n - min(_SHOWN, n - first)} more songs are in the playlist, and not shown here.")
    return first


def _row(run: Run, song: Song, place: int, last: int, places: Sequence[str]) -> None:
    remark = f"  \n:small[:gray[{escaped(places[place])}]]" if places else ""
    name = brief(str(song))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = st.container(width="stretch")
        words.markdown(f"{place + 1}\\. **{brief(song.title)}** · {brief(song.artist)}{remark}")
        with st.container(horizontal=True, width="content", gap="xsmall", wrap=False):
            for sign, verb, by in (("↑", "Move up", -1), ("↓", "Move down", 1)):
                at_end = place == (0 if by < 0 else last)
                args = [run, lambda songs, by=by: _moved(songs, place, by)]
                key = f"playlist-{'up' if by < 0 else 'down'}-{place}"
                st.button(sign, key=key, on_click=press, args=args, help=f"{verb}: {name}", disabled=at_end)
            args = [run, lambda songs: songs[:place] + songs[place + 1 :]]
            st.button("✕", key=f"playlist-remove-{place}", on_click=press, args=args, help=f"Remove: {name}")


def _moved(songs: list[int], place: int, by: int) -> list[int]:
    """The songs with one of them moved.

    >>> _moved([4, 5, 6], 2, -1)
    [4, 6, 5]
    """
    rest, to = songs[:place] + songs[place + 1 :], place + by
    return [*rest[:to], *songs[place : place + 1], *rest[to:]]
