"""The playlist in the address (`?songs=3822,2172`), and what it was before.

Whatever changed the address since it was last looked at, `remember` keeps what it was, so that `undo` takes back the
changes of every tab: those of the songs, and of what is liked and disliked. The name that the playlist is saved under
(`list`), and the version that was seen (`version`), go with it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from recommender.catalogue import Catalogue
from recommender.errors import RecommenderError
from recommender.page.view import PARAMETERS, View
from recommender.page.words import playlist as words
from recommender.run import Run

MOST = 500  # songs: the address of more is too long for some browsers
_KEPT = 20
_UNDONE = ("songs", "like", "dislike")
_HELD = (*_UNDONE, "list", "version")
_NOW, _EARLIER, _FAULT = "playlist-now", "playlist-earlier", "playlist-fault"


def view_in_address(catalogue: Catalogue) -> tuple[View, list[str]]:
    """What is chosen, and a sentence about whatever was dropped."""
    return View.read({name: st.query_params.get_all(name) for name in PARAMETERS}, catalogue)


def songs_in_address(run: Run) -> list[int]:
    """Rows of the songs, without what is no song of this run."""
    view, _ = View.read({"songs": st.query_params.get_all("songs")}, run.catalogue)
    return [run.catalogue.row(song) for song in view.songs]


def change_view(catalogue: Catalogue, step: Callable[..., View], *args: object) -> None:
    """Write what the step makes of the view in the address, or keep why not for `fault`; the rest of it stays."""
    view, _ = view_in_address(catalogue)
    changed = step(view, *args)
    with faults_kept():
        _check(len(changed.songs))
        written = changed.written()
        for parameter in PARAMETERS:
            if parameter in written:
                st.query_params[parameter] = written[parameter]
            else:
                st.query_params.pop(parameter, None)


def change(run: Run, edit: Callable[[list[int]], list[int]]) -> None:
    """Make the playlist what the edit makes of it; raises RecommenderError for one of more than MOST songs."""
    songs = edit(songs_in_address(run))
    _check(len(songs))
    st.query_params["songs"] = ",".join(map(str, run.catalogue.ids[songs].tolist()))


def _check(n: int) -> None:
    if n > MOST:
        raise RecommenderError(words.TOO_LONG.format(most=MOST, n=n))


def press(run: Run, edit: Callable[[list[int]], list[int]]) -> None:
    """What a button does: change the playlist, or keep why not for `fault`."""
    with faults_kept(), st.spinner(words.WORKING):
        change(run, edit)


@contextmanager
def faults_kept() -> Iterator[None]:
    """A RecommenderError raised within ends it, and is kept for `fault`."""
    try:
        yield
    except RecommenderError as error:
        st.session_state[_FAULT] = str(error)


def fault() -> str:
    """Why the last press came to nothing, told once; "" if it did not."""
    return str(st.session_state.pop(_FAULT, ""))


def remember() -> None:
    """Keep what the playlist was, if it is another now; to be called in every run of the script."""
    now = _held()
    before = st.session_state.setdefault(_NOW, now)
    earlier = st.session_state.setdefault(_EARLIER, [])
    st.session_state[_NOW] = now
    if any(now[name] != before[name] for name in _UNDONE):
        earlier.append(before)
        del earlier[:-_KEPT]


def _held() -> dict[str, str]:
    return {name: ",".join(st.query_params.get_all(name)) for name in _HELD}


def undoable() -> bool:
    """Whether there is a change to take back."""
    return bool(st.session_state[_EARLIER])


def undo() -> None:
    """Take the last change back, if there is one: a button may be pressed twice before it is seen to be off."""
    if earlier := st.session_state[_EARLIER]:
        now, before = _held(), earlier.pop()
        if now["list"] == before["list"]:
            before = before | {"version": now["version"]}  # saving is not undone
        st.session_state[_NOW] = before
        put(before)


def put_kept(name: str, version: str) -> None:
    """Write what the playlist is saved as; what `undo` goes back to is saved as that, too, as saving is not undone."""
    before, now = st.query_params.get("list", ""), {"list": name, "version": version}
    earlier = st.session_state[_EARLIER]
    earlier[:] = [held | now if held["list"] == before else held for held in earlier]
    put(now)


def put(values: Mapping[str, str]) -> None:
    """Write these parameters in the address; the songs always, another that says nothing is left out."""
    for name, value in values.items():
        if value or name == "songs":
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)
