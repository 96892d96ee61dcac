"""What can be done with the playlist: go on, be filled up, and be put in order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic

import streamlit as st

from recommender.editing import continuing, filled, reordered
from recommender.page.address import MOST, change_view, view_in_address
from recommender.page.discover.dials import per_artist
from recommender.page.playlist.saying import pressed
from recommender.page.words import playlist as words
from recommender.run import Run
from recommender.steps import Rotation

_N, _SPACING, _AFTER, _GAPS = "playlist-n", "playlist-spacing", "playlist-after", "playlist-gaps"
_KEEP_FIRST = "playlist-keep-first"
_SOON = 0.5  # seconds that nothing is told of
_NUMBER = 150  # pixels


def edits(run: Run) -> None:
    """Controls that change the playlist."""
    with st.container(border=True):
        st.subheader(words.GO_ON, anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(
                words.IN_ALL, 2, MOST, 20, key=_N, help=words.IN_ALL_TOLD, width=240, persist_state="session"
            )
            st.button(words.CONTINUE, "playlist-continue", words.CONTINUE_TOLD, _continue, [run])
        st.number_input(words.SPACING, 0, 20, 2, key=_SPACING, persist_state="session")
        per_artist(view_in_address(run.catalogue)[0], partial(change_view, run.catalogue))
        st.caption(words.SHAPED)
    with st.container(border=True):
        st.subheader(words.GAPS, anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(words.AFTER, 0, MOST, 1, key=_AFTER, width=_NUMBER, persist_state="session")
            st.number_input(words.BETWEEN, 1, 20, 1, key=_GAPS, width=_NUMBER, persist_state="session")
            st.button(words.FILL, "playlist-fill", words.FILL_TOLD, _fill, [run])
    with st.container(border=True):
        st.subheader(words.REORDER, anchor=False)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(words.REORDER, "playlist-reorder", on_click=_reorder, args=[run])
            st.toggle(words.KEEP_FIRST, key=_KEEP_FIRST, persist_state="session")
        st.caption(words.REORDER_TOLD)


def _continue(run: Run) -> None:
    def longer(songs: list[int]) -> list[int]:
        n = st.session_state[_N]
        return [*songs, *watched(continuing(run.model, songs, n, rotation(run)), n - len(songs))]

    pressed(run, longer, "")


def watched(songs: Iterator[int], n: int) -> Iterator[int]:
    """The songs; if that takes long, a bar tells how many of `n` are found, beside a button that stops it.

    The button does nothing: Streamlit ends what runs at the next word to the page, and whatever was asked runs anew.
    """
    start, told, stop, bar = monotonic(), False, st.empty(), st.empty()
    for done, song in enumerate(songs):
        yield song
        if monotonic() - start > _SOON:
            if not told:
                stop.button(words.STOP, "playlist-stop", words.STOP_TOLD, icon=":material/stop:")
                told = True
            bar.progress((done + 1) / n, words.PROGRESS.format(done=done + 1, n=n))
    stop.empty()
    bar.empty()


def _fill(run: Run) -> None:
    after, gaps = st.session_state[_AFTER], [None] * st.session_state[_GAPS]
    pressed(run, lambda songs: filled(run.model, [*songs[:after], *gaps, *songs[after:]], rotation(run)), "")


def _reorder(run: Run) -> None:
    keep_first = st.session_state[_KEEP_FIRST]
    pressed(run, lambda songs: reordered(run.model, songs, keep_first=keep_first), words.REORDERED)


def rotation(run: Run, without: Sequence[int] = ()) -> Rotation:
    """The rotation that is asked for, here and under Discover, and without songs of these ids."""
    shape = replace(view_in_address(run.catalogue)[0].shape, without=without)
    return run.rotation(st.session_state[_SPACING], shape)
