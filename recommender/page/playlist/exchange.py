"""Exchange: the playlist taken along as a file, and a list of songs brought from elsewhere, pasted or uploaded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from recommender.datasets.songlists import SongList, read_playlist, suggestions
from recommender.errors import DataError, RecommenderError
from recommender.export import EXPORTS
from recommender.page.address import change, faults_kept
from recommender.page.opening import number
from recommender.page.parts import brief
from recommender.page.playlist.keeping import playlist_name
from recommender.page.playlist.saying import added, say
from recommender.page.words import playlist as words
from recommender.run import Run

_PASTED, _FILE, _BROUGHT = "playlist-pasted", "playlist-file", "playlist-brought"
_TAKEN = "playlist-taken"  # how often a list was taken: a file is let go of only by another uploader
_ENDINGS = [".csv", ".tsv", ".json", ".jsonl", ".m3u", ".m3u8", ".jspf", ".txt"]
_BYTES, _LINES = 2_000_000, 5_000
_LISTED = 10  # songs that were not found


@dataclass(frozen=True)
class _Missing:
    """A song that was not found, and rows of songs that may have been meant."""

    title: str
    artist: str
    near: tuple[int, ...]


@dataclass(frozen=True)
class _Brought:
    """What became of a list: songs found, those not found, how many more of them, what else was left out.

    run : the number of the run whose songs these are (see `opening.number`)
    """

    run: int
    found: int
    missing: tuple[_Missing, ...]
    more: int
    left_out: tuple[str, ...]


def export(run: Run, songs: list[int]) -> None:
    """A button for each format."""
    with st.container(border=True):
        st.subheader(words.TAKE_ALONG, anchor=False)
        name = playlist_name()
        held = [run.catalogue[song] for song in songs]
        with st.container(horizontal=True):
            for ending, written in EXPORTS.items():
                label, file = ending.removeprefix(".").upper(), f"{_file_name(name)}{ending}"
                key = f"playlist-export-{label}"
                st.download_button(label, written(held, name).encode(), file, key=key, on_click="ignore")


def _file_name(name: str) -> str:
    r"""A name that every system takes for a file.

    >>> _file_name("../Köln / 3*"), _file_name("/")
    ('Köln 3', 'playlist')
    """
    return " ".join(re.findall(r"[\w-]+", name)) or words.FILE


def take_in(run: Run) -> None:
    """Where a list of songs is pasted or uploaded."""
    with st.container(border=True):
        st.subheader(words.BRING, anchor=False)
        st.text_area(words.PASTE, key=_PASTED, placeholder=words.PASTE_TOLD, max_chars=_BYTES, height=120)
        st.file_uploader(words.UPLOAD, _ENDINGS, key=_file_key())
        with st.container(horizontal=True):
            st.button(words.APPEND, key="playlist-append", on_click=_bring, args=[run, False])
            st.button(words.REPLACE, key="playlist-replace", on_click=_bring, args=[run, True])


def _file_key() -> str:
    return f"{_FILE}-{st.session_state.setdefault(_TAKEN, 0)}"


def _bring(run: Run, alone: bool) -> None:
    """Take what was pasted, then what was uploaded."""
    pasted, file = st.session_state[_PASTED], st.session_state[_file_key()]
    lists = [("list.txt", pasted.encode())] if pasted.strip() else []
    lists += [(file.name, file.getvalue())] if file else []
    with faults_kept(), st.spinner(words.WORKING):
        if not lists:
            raise RecommenderError(words.NOTHING_BROUGHT)
        found = _joined([_read(run, *one) for one in lists])
        change(run, lambda songs: [*([] if alone and found.rows else songs), *found.rows])
        st.session_state[_PASTED] = ""
        st.session_state[_TAKEN] += 1
        st.session_state[_BROUGHT] = _brought(run, found)
        say(added(len(found.rows)) + (words.MISSING.format(n=len(found.missing)) if found.missing else ""))


def _joined(found: Sequence[SongList]) -> SongList:
    parts = zip(*((one.rows, one.missing, one.rejections) for one in found), strict=True)
    return SongList(*(tuple(chain.from_iterable(part)) for part in parts))


def _read(run: Run, name: str, content: bytes) -> SongList:
    if len(content) > _BYTES or len(content.splitlines()) > _LINES:
        raise DataError(words.LONG_FILE.format(lines=_LINES))
    if content.startswith(b"PK"):
        raise DataError(words.ZIP)
    ending = Path(name).suffix.lower()
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"list{ending if ending in _ENDINGS else '.txt'}"
        file.write_bytes(content)
        try:
            return read_playlist(file, run.catalogue)
        except DataError as error:
            raise DataError(str(error).replace(str(file), words.THE_LIST)) from error


def _brought(run: Run, found: SongList) -> _Brought:
    missing = [
        _Missing(title, artist, tuple(suggestions(run.catalogue, title, artist)))
        for title, artist in found.missing[:_LISTED]
    ]
    left_out = [f"{one.where} {one.reason}".strip() for one in found.rejections]
    return _Brought(number(run), len(found.rows), tuple(missing), len(found.missing) - len(missing), tuple(left_out))


def missing_songs(run: Run) -> None:
    """What became of the list that was brought last, until it is dismissed."""
    brought: _Brought | None = st.session_state.get(_BROUGHT)
    if not brought or brought.run != number(run):
        return
    with st.container(border=True):
        st.markdown((words.FOUND_ONE if brought.found == 1 else words.FOUND).format(n=brought.found))
        for place, song in enumerate(brought.missing):
            _missing(run, brought, place, song)
        if brought.more:
            st.caption(words.MORE_NOT_FOUND.format(n=brought.more))
        for line in brought.left_out:
            st.caption(words.LEFT_OUT.format(line=brief(line)))
        st.button(words.DISMISS, key="playlist-dismiss", on_click=st.session_state.pop, args=[_BROUGHT, None])


def _missing(run: Run, brought: _Brought, place: int, song: _Missing) -> None:
    missing = words.NOT_FOUND.format(title=brief(song.title), artist=brief(song.artist or "-"))
    st.markdown(missing + (words.MEANT if song.near else ""))
    with st.container(horizontal=True, gap="small"):
        for row in song.near:
            label, key = f"{brief(str(run.catalogue[row]), 60)}", f"playlist-meant-{place}-{run.catalogue.ids[row]}"
            st.button(label, key=key, icon=":material/add:", on_click=_take, args=[run, song, row])


def _take(run: Run, song: _Missing, row: int) -> None:
    """Add a song that was meant; it is missing no more."""
    brought: _Brought | None = st.session_state.get(_BROUGHT)
    if not brought or song not in brought.missing:
        return
    with faults_kept():
        change(run, lambda songs: [*songs, row])
        missing = tuple(other for other in brought.missing if other != song)
        say(added(1))
        st.session_state[_BROUGHT] = replace(brought, found=brought.found + 1, missing=missing)
