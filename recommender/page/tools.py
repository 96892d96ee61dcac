"""What can be done with the playlist: go on, be put in order, become a path; and what can be told of it.

What is told stays until the playlist, or the run, is another.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from math import isinf
from typing import Any

import streamlit as st

from recommender.editing import continued, misfits, most_alike, reordered, tags
from recommender.page.address import MOST, faults_kept, press, songs_in_address
from recommender.page.parts import brief
from recommender.paths import path
from recommender.radio import TEMPERATURE, Radio
from recommender.run import Run
from recommender.steps import Rotation

_TOLD, _PRESSES = "playlist-told", "playlist-presses"
_N, _SPACING, _DRAWN, _TEMPERATURE = "playlist-n", "playlist-spacing", "playlist-drawn", "playlist-temperature"
_START, _END, _STEPS = "playlist-start", "playlist-end", "playlist-steps"
_AT_END = -1  # the first or the last song, whichever that is
_LISTED, _NAMED = 10, 5
_NOTHING = (None, "", None)


def edits(run: Run, songs: Sequence[int], shown: Sequence[int]) -> None:
    """Controls that change the playlist; a path leads between its ends, or songs that are shown."""
    with st.container(border=True):
        st.markdown("**Go on**")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input("Songs in all", 2, MOST, 20, key=_N, width=130)
            st.button(
                "Continue", key="playlist-continue", on_click=_continue, args=[run], help="The best song each time"
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input("Songs to add", 1, 100, 5, key=_DRAWN, width=130)
            st.button(
                "Play on", key="playlist-play", on_click=_play_on, args=[run], help="As a radio: other songs each time"
            )
        st.slider("Temperature", 0.0, 2.0, TEMPERATURE, 0.1, key=_TEMPERATURE, help="0 plays the best song each time")
        st.number_input("Songs between two of one artist", 0, 20, 2, key=_SPACING)
    with st.container(border=True):
        st.markdown("**Path**")
        choices = [_AT_END, *dict.fromkeys(shown)]
        _end(run, "From", "The first song", choices, _START)
        _end(run, "To", "The last song", choices, _END)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input("Songs, both ends counted", 3, 50, 8, key=_STEPS, width=200)
            st.button(
                "Find a path",
                key="playlist-path",
                on_click=_path,
                args=[run, songs[0], songs[-1]],
                help="It replaces the playlist",
            )


def _end(run: Run, label: str, at_end: str, choices: Sequence[int], key: str) -> None:
    def name(song: int) -> str:
        return at_end if song == _AT_END else str(run.catalogue[song])[:80]

    st.selectbox(label, choices, format_func=name, key=key)


def _continue(run: Run) -> None:
    press(run, lambda songs: continued(run.model, songs, st.session_state[_N], _rotation(run)))


def _play_on(run: Run) -> None:
    seed = st.session_state[_PRESSES] = st.session_state.get(_PRESSES, -1) + 1

    def drawn(songs: list[int]) -> list[int]:
        temperature = st.session_state[_TEMPERATURE]
        radio = Radio(run.model, songs, _rotation(run), temperature=temperature, memory=2 * MOST, seed=seed)
        return [*songs, *islice(radio, st.session_state[_DRAWN])]

    press(run, drawn)


def _path(run: Run, first: int, last: int) -> None:
    start, end, n = (st.session_state[key] for key in (_START, _END, _STEPS))
    ends = first if start == _AT_END else start, last if end == _AT_END else end
    press(run, lambda _: path(run.model, *ends, n, _rotation(run)).songs)


def _rotation(run: Run) -> Rotation:
    return run.rotation(st.session_state[_SPACING])


def look(run: Run) -> None:
    """The button that puts it in order, and those that tell something of it."""
    with st.container(border=True):
        st.markdown("**Look at it**")
        with st.container(horizontal=True):
            args = [run, lambda songs: reordered(run.model, songs)]
            st.button("Reorder", key="playlist-reorder", on_click=press, args=args, help="For smooth steps")
            for kind, (label, find, _) in _KINDS.items():
                st.button(label, key=f"playlist-{kind}", on_click=_tell, args=[run, kind, find])


def _tell(run: Run, kind: str, find: Callable[[Run, list[int]], Any]) -> None:
    songs = songs_in_address(run)
    with faults_kept():
        st.session_state[_TOLD] = ((run.card["made"], songs), kind, find(run, songs))


def told(run: Run, songs: Sequence[int]) -> None:
    """What was asked of the playlist as it is."""
    of, kind, found = st.session_state.get(_TOLD, _NOTHING)
    if of == (run.card["made"], songs):
        with st.container(border=True):
            st.markdown("  \n".join(_KINDS[kind][2](run, songs, found)))


def placed(run: Run, songs: Sequence[int]) -> list[str]:
    """Of each song its place given the others, where that was asked; else nothing."""
    of, kind, found = st.session_state.get(_TOLD, _NOTHING)
    return [_place(place) for place in found] if kind == "misfits" and of == (run.card["made"], songs) else []


def _place(place: float) -> str:
    return "nothing is known of it" if isinf(place) else f"fits at place {place:,.0f}"


def _told_misfits(run: Run, songs: Sequence[int], found: Sequence[float]) -> list[str]:
    worst = sorted(range(len(songs)), key=lambda i: -found[i])[:_NAMED]
    lines = [f"{i + 1}\\. {brief(str(run.catalogue[songs[i]]))}: {_place(found[i])}" for i in worst]
    return [f"**Fits least**, of {len(run.catalogue):,} songs given the others:", *lines]


def _told_tags(run: Run, songs: Sequence[int], found: Sequence[Any]) -> list[str]:
    if not found:
        return ["No tag that these songs have more than all songs."]
    lines = [f"**{brief(t.name)}**: {t.songs} of {t.of} songs, {t.share:.0%} of all songs" for t in found[:_LISTED]]
    return ["Tags that these songs have more than all songs:", *lines]


def _told_alike(run: Run, songs: Sequence[int], found: Sequence[tuple[int, float]]) -> list[str]:
    if not found:
        return ["No playlist has any of these songs."]
    lines = []
    for number, share in found:
        held = set(run.learnt_from[number].tolist())
        common = [brief(str(run.catalogue[song]), 60) for song in dict.fromkeys(songs) if song in held]
        more = f" and {len(common) - _NAMED} more" if len(common) > _NAMED else ""
        lines.append(f"**{share:.0%}** of {len(held)} songs, with {', '.join(common[:_NAMED])}{more}")
    return ["Playlists it learnt from, by songs in both out of those in either:", *lines]


_KINDS: dict[str, tuple[str, Callable[[Run, list[int]], Any], Callable[[Run, Sequence[int], Any], list[str]]]] = {
    "misfits": ("What does not fit", lambda run, songs: misfits(run.model, songs).tolist(), _told_misfits),
    "tags": ("Tags", lambda run, songs: tags(run.catalogue, songs), _told_tags),
    "alike": ("Playlists like it", lambda run, songs: most_alike(run.learnt_from, songs), _told_alike),
}
"""By kind: what its button says, what is found of a playlist, and the lines that tell it."""
