"""Playing: a radio on the page, a song or a few at a press, steered by + and −.

What is liked and disliked is in the address, where Discover has it too.
"""

from itertools import islice

import streamlit as st

from recommender.page.address import MOST, change_view, view_in_address
from recommender.page.parts import name
from recommender.page.playlist.saying import pressed
from recommender.page.playlist.tools import rotation, watched
from recommender.page.view import View
from recommender.page.words import playlist as words
from recommender.radio import TEMPERATURE, Radio
from recommender.run import Run

_DRAWN, _TEMPERATURE = "playlist-drawn", "playlist-temperature"
_PRESSES, _PLAYED = "playlist-presses", "playlist-played"
_SHOWN = 5


def radio(run: Run) -> None:
    """The box of the radio, and the songs that it played last."""
    with st.container(border=True):
        st.subheader(words.RADIO, anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(words.TO_PLAY, 1, 100, 1, key=_DRAWN, width=150, persist_state="session")
            label, told, icon = words.PLAY, words.PLAY_TOLD, ":material/play_arrow:"
            st.button(label, "playlist-play", told, _play, [run], icon=icon)
        st.slider(
            words.TEMPERATURE,
            0.0,
            2.0,
            TEMPERATURE,
            0.1,
            key=_TEMPERATURE,
            help=words.TEMPERATURE_TOLD,
            persist_state="session",
        )
        view, _ = view_in_address(run.catalogue)
        held = {run.catalogue.row(song) for song in view.songs}
        if played := [song for song in st.session_state.get(_PLAYED, ()) if song in held][-_SHOWN:]:
            st.caption(words.PLAYED)
            for song in played:
                _played(run, view, song)
        if view.like or view.dislike:
            st.caption(words.STEERED.format(like=len(view.like), dislike=len(view.dislike)))


def _played(run: Run, view: View, row: int) -> None:
    song = run.catalogue[row]
    plus, minus = words.PLUS.format(song=name(song)), words.MINUS.format(song=name(song))
    key, liked = song.id, song.id in view.like
    more, out = [run.catalogue, View.liked, key], [run.catalogue, _out, key]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"played-{key}"):
        st.container(width="stretch").markdown(name(song))
        st.button(plus, f"playlist-plus-{key}", plus, change_view, more, disabled=liked, icon=":material/add:")
        st.button(minus, f"playlist-minus-{key}", minus, change_view, out, icon=":material/remove:")


def _play(run: Run) -> None:
    seed = st.session_state[_PRESSES] = st.session_state.get(_PRESSES, -1) + 1
    n, (view, _) = st.session_state[_DRAWN], view_in_address(run.catalogue)

    def longer(songs: list[int]) -> list[int]:
        temperature = st.session_state[_TEMPERATURE]
        stream = Radio(run.model, songs, rotation(run), temperature=temperature, memory=2 * MOST, seed=seed)
        for song in view.like:
            stream.like(run.catalogue.row(song))
        for song in view.dislike:
            stream.dislike(run.catalogue.row(song))
        st.session_state[_PLAYED] = [*watched(islice(stream, n), n)]
        return [*songs, *st.session_state[_PLAYED]]

    pressed(run, longer, "")


def _out(view: View, song: int) -> View:
    """Without the song, where it was played last, and with it disliked."""
    last = len(view.songs) - 1 - view.songs[::-1].index(song) if song in view.songs else len(view.songs)
    return view.removed(last).disliked(song)
