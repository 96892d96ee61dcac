"""What is told of the playlist: what does not fit, its tags, playlists like it.

It stays until it is dismissed, or the playlist, or the run, is another.
"""

from collections.abc import Callable, Sequence
from math import isinf
from typing import Any

import streamlit as st

from recommender.editing import misfits, most_alike, tags
from recommender.page.address import faults_kept, songs_in_address
from recommender.page.opening import number
from recommender.page.parts import brief
from recommender.page.playlist.saying import say
from recommender.page.words import playlist as words
from recommender.run import Run

_TOLD = "playlist-told"
_LISTED, _NAMED = 10, 5
_FITS = 100  # the last place among all songs that is said to fit
_NOTHING = (None, "", None)


def look(run: Run, songs: Sequence[int]) -> None:
    """The buttons that tell something of it; under them, what they told last."""
    with st.container(border=True):
        st.subheader(words.LOOK, anchor=False)
        with st.container(horizontal=True):
            for kind, (label, find, _) in _KINDS.items():
                st.button(label, key=f"playlist-{kind}", on_click=_tell, args=[run, kind, find])
        of, kind, found = st.session_state.get(_TOLD, _NOTHING)
        if of == (number(run), songs):
            st.markdown("  \n".join(_KINDS[kind][2](run, songs, found)))
            st.button(words.DISMISS, "playlist-untold", on_click=st.session_state.pop, args=[_TOLD, None])


def _tell(run: Run, kind: str, find: Callable[[Run, list[int]], Any]) -> None:
    songs = songs_in_address(run)
    with faults_kept(), st.spinner(words.WORKING):
        st.session_state[_TOLD] = ((number(run), songs), kind, find(run, songs))
        say(words.TOLD.format(what=_KINDS[kind][0]))


def placed(run: Run, songs: Sequence[int]) -> list[str]:
    """What is said of each song given the others, where that was asked; else nothing."""
    of, kind, found = st.session_state.get(_TOLD, _NOTHING)
    return [_place(place) for place in found] if kind == "misfits" and of == (number(run), songs) else []


def _place(place: float) -> str:
    """How many songs would fit better where it stands; nothing of one that fits."""
    if place <= _FITS:
        return ""
    return words.PLACELESS if isinf(place) else words.PLACE.format(better=place - 1)


def _told_misfits(run: Run, songs: Sequence[int], found: Sequence[float]) -> list[str]:
    worst = sorted((i for i in range(len(songs)) if found[i] > _FITS), key=lambda i: -found[i])[:_NAMED]
    if not worst:
        return [words.ALL_FIT.format(place=max(found), n=len(run.catalogue))]
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
    for alike, share in found:
        held = set(run.learnt_from[alike].tolist())
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
