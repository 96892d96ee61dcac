"""Order: the songs of the playlist as rows that are dragged, moved by keys or buttons, and removed."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from recommender.catalogue import Song
from recommender.page.address import press, undo, undoable
from recommender.page.components import component
from recommender.page.parts import plain
from recommender.page.playlist.saying import say
from recommender.page.words import playlist as words
from recommender.run import Run

SHOWN = 50  # rows at once
_KEY, _DONE = "playlist-order", "playlist-order-done"
_WORDS = {
    "list": words.ORDER,
    "move": words.MOVE,
    "up": words.UP,
    "down": words.DOWN,
    "remove": words.REMOVE,
    "moved": words.MOVED,
    "removed": words.REMOVED,
}
_rows = component("order")


def order(run: Run, songs: Sequence[int], first: int, remarks: Sequence[str]) -> None:
    """The rows from place `first` on, 0 for the first; a remark of each song of the playlist, or none."""
    rows = [
        _row(run.catalogue[songs[i]], remarks[i] if remarks else "")
        for i in range(first, min(first + SHOWN, len(songs)))
    ]
    done = st.session_state.setdefault(_DONE, 0)  # tells the rows that what they asked for is done, or was not possible
    data = {"rows": rows, "first": first, "n": len(songs), "done": done, "words": _WORDS}
    _rows(key=_KEY, data=data, on_asked_change=lambda: _asked(run))


def _row(song: Song, remark: str) -> dict[str, Any]:
    return {"id": song.id, "title": plain(song.title), "artist": plain(song.artist), "remark": remark}


def _asked(run: Run) -> None:
    st.session_state[_DONE] += 1
    asked, ids = st.session_state[_KEY]["asked"], run.catalogue.ids
    if "undo" in asked:
        take_back()
        return
    press(run, lambda songs: edited(songs, ids[songs].tolist(), asked))


def take_back() -> None:
    """Take the last change back, and say whether there was one."""
    say(words.UNDONE if undoable() else words.SAME)
    undo()


def edited(songs: list[int], ids: Sequence[int], asked: Mapping[str, int]) -> list[int]:
    """The songs after what was asked: the song at a place moved to another, or removed; as they are if it is not there.

    >>> edited([4, 5, 6], [40, 50, 60], {"song": 60, "from": 2, "to": 0})
    [6, 4, 5]
    >>> edited([4, 5, 6], [40, 50, 60], {"song": 50, "from": 1})
    [4, 6]
    >>> edited([4, 5, 6], [40, 50, 60], {"song": 40, "from": 1})
    [4, 5, 6]
    """
    place, to = asked["from"], asked.get("to")
    if not 0 <= place < len(songs) or ids[place] != asked["song"]:
        return songs
    rest = [*songs[:place], *songs[place + 1 :]]
    return rest if to is None else [*rest[: max(to, 0)], songs[place], *rest[max(to, 0) :]]
