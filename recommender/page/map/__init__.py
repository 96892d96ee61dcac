"""Map: all songs in two dimensions, those near that are played near one another; the playlist is a path on it.

The points are sent once, by a component of their own, and what changes by another (see components/map.js). Titles are
sent of what is in view, when it is asked for. Only this part is computed anew as one moves about.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from recommender.editing import continued
from recommender.page.address import fault, press, remember, songs_in_address, undo, undoable
from recommender.page.components import component
from recommender.page.finding import empty, find
from recommender.page.map.points import Points
from recommender.page.opening import number
from recommender.page.parts import described, escaped, name, plain
from recommender.page.words import map as words
from recommender.run import Run

_SONG, _SHOWN, _FIND, _COLOUR, _RUN = "map-song", "map-shown", "map-find", "map-colour", "map-run"
_HITS, _ASKED, _LONGEST, _PLAYED = 5, 50, 80, 10
_map = component("map")


def song_map(run: Run, folder: Path) -> None:
    """The part."""
    if run.layout is None:
        st.info(words.NO_MAP)
        st.code("recommender train DATASET RUN", language=None, wrap_lines=True)
        return
    points = _points(number(run), run)
    _map(key=f"map-points-{number(run)}", data=points.sent)
    _part(run, points)


@st.cache_resource(max_entries=4, show_spinner=False)
def _points(run: int, _run: Run) -> Points:
    """Those of the run; its number says which."""
    assert _run.layout is not None
    return Points.of(_run.layout, _run.catalogue)


@st.fragment
def _part(run: Run, points: Points) -> None:
    remember()
    if st.session_state.get(_RUN) != number(run):  # points of another run are other songs
        st.session_state[_RUN] = number(run)
        st.session_state.pop(_SONG, None)
        st.session_state.pop(_SHOWN, None)
    if message := fault():
        st.error(escaped(message))
    colour = _choices(run, points)
    songs = songs_in_address(run)
    path = [[place, int(points.numbers[song])] for place, song in enumerate(songs, 1) if points.numbers[song] >= 0]
    data = {
        "points": f"{number(run)} {len(points.songs)}",
        "colour": colour,
        "groups": [[plain(name), *middle] for name, *middle in points.groups],
        "tags": [*map(plain, points.tags)],
        "breaks": points.breaks,
        "plays": [words.PLAYS_FROM_ONE if n == 1 else words.PLAYS.format(plays=n) for n in points.plays],
        "path": path,
        "chosen": st.session_state.get(_SONG),
        "shown": st.session_state.get(_SHOWN),
        "names": _names(run, points),
        "words": words.WORDS,
    }
    _map(key=_key(run), data=data, on_asked_change=_nothing, on_chosen_change=partial(_chosen, _key(run)))
    _song(run, points, songs)
    st.caption(words.TRUTH.format(by=escaped(run.card["map"]["by"]), kept=run.card["map"]["nearest_10_among_50"]))


def _key(run: Run) -> str:
    """What the map of this run, and of no other, goes by."""
    return f"map-{number(run)}"


def _choices(run: Run, points: Points) -> str:
    """What is above the map: a search for a song to show, and the choice of colours, which it returns."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with right:
        chosen = st.segmented_control(
            words.COLOUR,
            [*words.COLOURS],
            format_func=words.COLOURS.__getitem__,
            default="group",
            key=_COLOUR,
        )
    with left:
        text = find(words.FIND, words.FIND_HINT, _FIND)
    if text.strip():
        _found(run, points, text)
    return chosen or "group"


def _found(run: Run, points: Points, text: str) -> None:
    hits = run.catalogue.search(text, _HITS)
    if not hits:
        st.warning(words.NOT_FOUND)
    for hit in hits:
        point = int(points.numbers[hit])
        if point < 0:
            st.caption(words.NO_PLACE.format(song=name(run.catalogue[hit])))
        else:
            told = name(run.catalogue[hit])
            st.button(told, f"map-show-{hit}", words.SHOW.format(song=told), _show, [point], type="tertiary")


def _show(point: int) -> None:
    st.session_state[_SONG] = point
    st.session_state[_SHOWN] = [point, (st.session_state.get(_SHOWN) or [0, 0])[1] + 1]
    empty(_FIND)


def _names(run: Run, points: Points) -> dict[int, str]:
    """What the points that were asked for, and the chosen one, are called."""
    asked = [*_whole((st.session_state.get(_key(run)) or {}).get("asked")), *_whole([st.session_state.get(_SONG)])]
    known = [point for point in asked[-_ASKED - 1 :] if 0 <= point < len(points.songs)]
    return {point: plain(str(run.catalogue[int(points.songs[point])]), _LONGEST) for point in known}


def _whole(sent: Any) -> Sequence[int]:
    """The numbers of what a browser sent, which may be anything."""
    return [point for point in sent if isinstance(point, int)] if isinstance(sent, list) else []


def _nothing() -> None:
    """What was asked is read when the part is computed, which follows."""


def _chosen(key: str) -> None:
    for point in _whole([st.session_state[key].get("chosen")]):
        st.session_state[_SONG] = point


def _song(run: Run, points: Points, songs: Sequence[int]) -> None:
    """The chosen song, and what can be done with it."""
    point = st.session_state.get(_SONG, -1)
    if not 0 <= point < len(points.songs):
        st.caption(words.CHOOSE)
        return
    song = int(points.songs[point])
    told = run.catalogue[song]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.container(width="stretch").markdown(described(told, words.PLAYED.format(plays=told.plays)))
        add, play = [run, lambda songs: [*songs, song]], [run, lambda _: _played(run, song)]
        st.button(words.ADD, key="map-add", on_click=press, args=add, help=words.ADD_HELP)
        st.button(words.PLAY, key="map-play", on_click=press, args=play, help=words.PLAY_HELP)
        st.button(words.UNDO, key="map-undo", on_click=undo, disabled=not undoable())
    if songs:
        st.caption(words.PATH.format(songs=len(songs)))


def _played(run: Run, song: int) -> list[int]:
    return continued(run.model, [song], _PLAYED, run.rotation(2))
