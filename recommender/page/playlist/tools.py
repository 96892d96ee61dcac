"""What can be done with the playlist: go on, be filled up, be put in order, become a path; and what is told of it.

What is told stays until the playlist, or the run, is another.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import isinf
from time import monotonic
from typing import Any

import streamlit as st

from recommender.editing import continuing, filled, misfits, most_alike, reordered, tags
from recommender.page.address import MOST, change_view, faults_kept, press, songs_in_address, view_in_address
from recommender.page.discover.dials import per_artist
from recommender.page.parts import brief, plain
from recommender.page.words import playlist as words
from recommender.paths import path
from recommender.run import Run
from recommender.steps import Rotation

_TOLD = "playlist-told"
_N, _SPACING, _AFTER, _GAPS = "playlist-n", "playlist-spacing", "playlist-after", "playlist-gaps"
_START, _END, _STEPS = "playlist-start", "playlist-end", "playlist-steps"
_AT_END = -1  # the first or the last song, whichever that is
_LISTED, _NAMED = 10, 5
_NOTHING = (None, "", None)
_SOON = 0.5  # seconds that nothing is told of
_NUMBER = 150  # pixels


def edits(run: Run, shown: Sequence[int]) -> None:
    """Controls that change the playlist; a path leads between its ends, or songs that are shown."""
    with st.container(border=True):
        st.subheader(words.GO_ON, anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(words.IN_ALL, 2, MOST, 20, key=_N, width=_NUMBER)
            st.button(words.CONTINUE, "playlist-continue", words.CONTINUE_TOLD, _continue, [run])
        st.number_input(words.SPACING, 0, 20, 2, key=_SPACING)
        per_artist(view_in_address(run.catalogue)[0], partial(change_view, run.catalogue))
        st.caption(words.SHAPED)
    with st.container(border=True):
        st.subheader(words.GAPS, anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(words.AFTER, 0, MOST, 1, key=_AFTER, width=_NUMBER)
            st.number_input(words.BETWEEN, 1, 20, 1, key=_GAPS, width=_NUMBER)
            st.button(words.FILL, "playlist-fill", words.FILL_TOLD, _fill, [run])
    with st.container(border=True):
        st.subheader(words.PATH, anchor=False)
        choices = [_AT_END, *dict.fromkeys(shown)]
        _end(run, words.FROM, words.FIRST, choices, _START)
        _end(run, words.TO, words.LAST, choices, _END)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(words.STEPS, 3, 50, 8, key=_STEPS, width=200)
            st.button(words.FIND_PATH, "playlist-path", words.PATH_TOLD, _path, [run])


def _end(run: Run, label: str, at_end: str, choices: Sequence[int], key: str) -> None:
    def name(song: int) -> str:
        return at_end if song == _AT_END else plain(str(run.catalogue[song]), 80)

    st.selectbox(label, choices, format_func=name, key=key)


def _continue(run: Run) -> None:
    def longer(songs: list[int]) -> list[int]:
        n = st.session_state[_N]
        return [*songs, *watched(continuing(run.model, songs, n, rotation(run)), n - len(songs))]

    press(run, longer)


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
    press(run, lambda songs: filled(run.model, [*songs[:after], *gaps, *songs[after:]], rotation(run)))


def _path(run: Run) -> None:
    start, end, n = (st.session_state[key] for key in (_START, _END, _STEPS))

    def led(songs: list[int]) -> list[int]:
        if not songs:  # cleared, and pressed before that was seen
            return songs
        ends = songs[0] if start == _AT_END else start, songs[-1] if end == _AT_END else end
        return path(run.model, *ends, n, replace(rotation(run), most=None)).songs

    press(run, led)


def rotation(run: Run) -> Rotation:
    """The rotation that is asked for, here and under Discover."""
    return run.rotation(st.session_state[_SPACING], view_in_address(run.catalogue)[0].shape)


def look(run: Run) -> None:
    """The button that puts it in order, and those that tell something of it."""
    with st.container(border=True):
        st.subheader(words.LOOK, anchor=False)
        with st.container(horizontal=True):
            args = [run, lambda songs: reordered(run.model, songs)]
            st.button(words.REORDER, "playlist-reorder", words.REORDER_TOLD, press, args)
            for kind, (label, find, _) in _KINDS.items():
                st.button(label, key=f"playlist-{kind}", on_click=_tell, args=[run, kind, find])


def _tell(run: Run, kind: str, find: Callable[[Run, list[int]], Any]) -> None:
    songs = songs_in_address(run)
    with faults_kept(), st.spinner(words.WORKING):
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
    return words.PLACELESS if isinf(place) else words.PLACE.format(place=place)


def _told_misfits(run: Run, songs: Sequence[int], found: Sequence[float]) -> list[str]:
    worst = sorted(range(len(songs)), key=lambda i: -found[i])[:_NAMED]
    lines = [
        words.WORST_ONE.format(number=i + 1, song=brief(str(run.catalogue[songs[i]])), place=_place(found[i]))
        for i in worst
    ]
    return [words.WORST.format(n=len(run.catalogue)), *lines]


def _told_tags(run: Run, songs: Sequence[int], found: Sequence[Any]) -> list[str]:
    if not found:
        return [words.NO_TAGS]
    lines = [
        words.TAG.format(name=brief(tag.name), songs=tag.songs, of=tag.of, share=tag.share) for tag in found[:_LISTED]
    ]
    return [words.OWN_TAGS, *lines]


def _told_alike(run: Run, songs: Sequence[int], found: Sequence[tuple[int, float]]) -> list[str]:
    if not found:
        return [words.NONE_LIKE_IT]
    lines = []
    for number, share in found:
        held = set(run.learnt_from[number].tolist())
        common = [brief(str(run.catalogue[song]), 60) for song in dict.fromkeys(songs) if song in held]
        more = words.LIKE_MORE.format(n=len(common) - _NAMED) if len(common) > _NAMED else ""
        lines.append(words.LIKE_ONE.format(share=share, n=len(held), songs=", ".join(common[:_NAMED]), more=more))
    return [words.LIKE_IT, *lines]


_KINDS: dict[str, tuple[str, Callable[[Run, list[int]], Any], Callable[[Run, Sequence[int], Any], list[str]]]] = {
    "misfits": (words.MISFITS, lambda run, songs: misfits(run.model, songs).tolist(), _told_misfits),
    "tags": (words.TAGS, lambda run, songs: tags(run.catalogue, songs), _told_tags),
    "alike": (words.ALIKE, lambda run, songs: most_alike(run.learnt_from, songs), _told_alike),
}
"""By kind: what its button says, what is found of a playlist, and the lines that tell it."""
