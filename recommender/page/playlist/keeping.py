"""Keeping: the playlist saved under a name, and the saved ones opened, renamed and deleted.

Which saved playlist is open, and in which version, stands in the address (`?list=Mine&version=…`), so a reload goes on
with it, and a tab that saves over what another one saved meanwhile is told, and asked.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from recommender.catalogue import Catalogue
from recommender.errors import RecommenderError, UnknownSongError
from recommender.page.address import change, faults_kept, put, put_kept, songs_in_address
from recommender.page.parts import brief, escaped
from recommender.page.playlist.kept import (
    LONGEST,
    Kept,
    OtherVersionError,
    find,
    keep,
    key,
    newest,
    remove,
    rename,
    with_unknown,
)
from recommender.page.playlist.saying import say, sentence
from recommender.page.words import playlist as words
from recommender.run import Run

_NAME, _CHOSEN, _FIND = "playlist-name", "playlist-saved", "playlist-find"
_REFUSED, _DELETED = "playlist-refused", "playlist-deleted"
_LISTED = 50


def keeping(run: Run, folder: Path, songs: Sequence[int]) -> None:
    """The box where it is saved, and saved ones are opened."""
    st.session_state.setdefault(_NAME, _open()[0] or words.MINE)
    with st.container(border=True):
        st.subheader(words.KEEP, anchor=False)
        name = st.text_input(words.NAME, max_chars=LONGEST, key=_NAME)
        try:
            _state(run, folder, songs)
            with st.container(horizontal=True):
                told, args = words.SAVE_TOLD, [run, folder]
                st.button(words.SAVE, "playlist-save", told, _save, args, disabled=not songs, icon=":material/save:")
                same = not _open()[0] or name == _open()[0]
                st.button(words.RENAME, "playlist-rename", words.RENAME_TOLD, _rename, [folder], disabled=same)
            _refused(run, folder, songs)
            _saved(run, folder)
        except RecommenderError as error:
            st.error(escaped(sentence(str(error))))


def playlist_name() -> str:
    """The name in the box."""
    return str(st.session_state.get(_NAME) or words.MINE)


def _open() -> tuple[str, str | None]:
    """The name of the open playlist, "" for none, and the version that was seen."""
    return st.query_params.get("list", "")[:LONGEST], st.query_params.get("version")


def _state(run: Run, folder: Path, songs: Sequence[int]) -> None:
    """Whether what is shown is saved."""
    name, seen = _open()
    there = find(folder, name) if name else None
    if not name:
        told = words.NOT_SAVED
    elif not there:
        told = words.NO_LONGER
    elif there.version != seen:
        told = words.BEHIND
    else:
        known, _ = _known(run.catalogue, there)
        told = words.IS_SAVED if known == [*songs] else words.CHANGED
    st.caption(told.format(name=brief(name)))
    if there and (unknown := _known(run.catalogue, there)[1]):
        st.warning(words.UNKNOWN.format(n=len(unknown), name=brief(name)))


def _known(catalogue: Catalogue, kept: Kept) -> tuple[list[int], set[int]]:
    """Rows of the songs that the run knows, and ids of the others."""
    rows, unknown = [], set()
    for song in kept.songs:
        try:
            rows.append(catalogue.row(song))
        except UnknownSongError:
            unknown.add(song)
    return rows, unknown


def _save(run: Run, folder: Path) -> None:
    name, (open_, seen) = st.session_state[_NAME], _open()
    with faults_kept():
        _keep(run, folder, name, seen if open_ and key(name) == key(open_) else None)


def _keep(run: Run, folder: Path, name: str, seen: str | None) -> None:
    """Save over the version that was seen, or ask what to do where there is another."""
    st.session_state.pop(_REFUSED, None)
    ids = run.catalogue.ids[songs_in_address(run)].tolist()
    if seen and (before := find(folder, name)):
        ids = with_unknown(ids, before.songs, _known(run.catalogue, before)[1])
    try:
        kept = keep(folder, name, ids, seen)
        put_kept(kept.name, kept.version)
        st.session_state[_NAME] = st.session_state[_CHOSEN] = kept.name
        say(words.SAVED_NOW.format(name=brief(kept.name)))
    except OtherVersionError as error:
        st.session_state[_REFUSED] = error, songs_in_address(run)


def _refused(run: Run, folder: Path, songs: Sequence[int]) -> None:
    """What can be done where another version was saved meanwhile, as long as these are the songs that were refused."""
    error, refused = st.session_state.get(_REFUSED, (None, None))
    if refused != songs:
        st.session_state.pop(_REFUSED, None)
        return
    st.warning(f"{escaped(sentence(str(error)))}. {words.CHOICES}")
    there, name = error.there, error.name
    with st.container(horizontal=True):
        label, args = words.REPLACE_ANYWAY if there else words.SAVE_ANYWAY, [run, folder, name]
        st.button(label, "playlist-anyway", on_click=_keep_anyway, args=[*args, there.version if there else None])
        if there:
            st.button(words.OPEN_THEIRS, "playlist-theirs", on_click=_open_saved, args=args)


def _keep_anyway(run: Run, folder: Path, name: str, seen: str | None) -> None:
    with faults_kept():
        _keep(run, folder, name, seen)


def _saved(run: Run, folder: Path) -> None:
    """The saved playlists, newest first."""
    found, n = newest(folder, _LISTED, st.session_state.get(_FIND, ""))
    if n > _LISTED or st.session_state.get(_FIND):
        st.text_input(words.FIND_SAVED, key=_FIND)
    by_name = {kept.name: kept for kept in found}
    if found:
        chosen = st.session_state.get(_CHOSEN)
        # Set anew in every run: the closed box would go on showing the line of what was saved before.
        st.session_state[_CHOSEN] = chosen if chosen in by_name else found[0].name
        st.selectbox(words.SAVED, by_name, format_func=lambda name: _line(by_name[name]), key=_CHOSEN)
        with st.container(horizontal=True):
            args = [run, folder, None]
            st.button(words.OPEN, "playlist-open", on_click=_open_saved, args=args, icon=":material/folder_open:")
            st.button(words.DELETE, "playlist-delete", on_click=_delete, args=[folder], icon=":material/delete:")
    else:
        st.caption(f"{words.SAVED}: {words.SAVED_NONE}")
    if n > len(found):
        st.caption(words.SAVED_MORE.format(n=n - len(found)))
    deleted: Kept | None = st.session_state.get(_DELETED)
    if deleted:
        st.caption(words.DELETED.format(name=brief(deleted.name)))
        st.button(words.BRING_BACK, "playlist-bring-back", on_click=_bring_back, args=[folder, deleted])


def _line(kept: Kept) -> str:
    n = len(kept.songs)
    songs = (words.SONG if n == 1 else words.SONGS).format(n=n)
    return words.SAVED_ONE.format(name=kept.name, songs=songs, changed=f"{_here(kept.changed):%d %b %Y, %H:%M}")


def _here(moment: datetime) -> datetime:
    """A moment in the time of whoever looks, else of this computer."""
    with suppress(ZoneInfoNotFoundError, ValueError, TypeError):
        return moment.astimezone(ZoneInfo(str(st.context.timezone)))
    return moment.astimezone()


def _open_saved(run: Run, folder: Path, name: str | None) -> None:
    """Show a saved playlist: that of the name, else the one that is chosen."""
    with faults_kept():
        st.session_state.pop(_REFUSED, None)
        name = name or st.session_state[_CHOSEN]
        if not (kept := find(folder, name)):
            raise OtherVersionError(name, None)
        change(run, lambda _: _known(run.catalogue, kept)[0])
        put({"list": kept.name, "version": kept.version})
        st.session_state[_NAME] = kept.name
        say(words.OPENED.format(name=brief(kept.name)))


def _rename(folder: Path) -> None:
    with faults_kept():
        name, version = _open()
        rename(folder, name, st.session_state[_NAME])
        put_kept(" ".join(st.session_state[_NAME].split()), version or "")
        say(words.RENAMED.format(name=brief(st.session_state[_NAME])))


def _delete(folder: Path) -> None:
    with faults_kept():
        deleted = st.session_state[_DELETED] = remove(folder, st.session_state[_CHOSEN])
        if key(deleted.name) == key(_open()[0]):
            put_kept("", "")
        say(words.DELETED_NOW)


def _bring_back(folder: Path, deleted: Kept) -> None:
    with faults_kept():
        keep(folder, deleted.name, deleted.songs, None)
        del st.session_state[_DELETED]
        say(words.SAVED_NOW.format(name=brief(deleted.name)))
