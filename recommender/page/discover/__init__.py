"""Discover: find songs, see what comes next and what is alike, and say what is liked and what is not.

Nothing is kept but the address: a button changes the view that stands there, and the page is drawn from it anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from recommender.catalogue import Catalogue, Song
from recommender.errors import RecommenderError
from recommender.page.address import change_view, fault, undo, undoable, view_in_address
from recommender.page.components import component
from recommender.page.discover.dials import dials
from recommender.page.discover.rows import Change, chosen, likeness, offered, shares, why
from recommender.page.finding import announce, by_itself, empty, find
from recommender.page.opening import number
from recommender.page.parts import escaped, name, plain
from recommender.page.view import View
from recommender.page.words import discover as words
from recommender.run import Run

_HITS, _ANSWERS, _SHOWN, _OPINIONS = 8, 10, 12, 5  # rows: 50 at most, 8 + 12 + 2 * 5 + 2 * 10
_STARTS, _POPULAR, _TAGGED = 6, 500, 2  # songs to start with, of how many played most, with at least so many tags
_KEPT = 300  # lists that were asked for last, which are not asked for again when one is only looked at
_STYLE = Path(__file__).with_name("discover.css")
_SHARE = component("share")

Asked = tuple[int, str]  # which run, and the view's address


def discover(run: Run, folder: Path) -> None:
    """The tab: search and playlist on the left, answers on the right; to a newcomer, songs to start with."""
    st.html(_STYLE)
    view, faults = view_in_address(run.catalogue)
    with st.container():  # there even if empty: what is typed stays where nothing above it comes or goes
        for dropped in faults:
            st.warning(escaped(dropped))
        if message := fault():
            st.error(escaped(message))
        if not view.chosen:
            st.markdown(words.WELCOME)
    change = partial(change_view, run.catalogue)
    left, right = st.columns([2, 5], gap="large")
    with left:
        with st.container(key="jump"):
            if view.chosen:
                st.caption(words.JUMP.format(yours=words.YOURS, next=words.NEXT, alike=words.ALIKE))
        by_itself(partial(_search, run.catalogue, view, change))
        if view.chosen or view.dislike or undoable():
            _playlist(run.catalogue, view, change)
    with right:
        if view.chosen:
            _answers(run, view, change)
        else:
            _starts(run.catalogue, change)


def _search(catalogue: Catalogue, view: View, change: Change) -> None:
    text = find(words.FIND, words.FIND_HINT, "search")
    hits = catalogue.index.matching(text, _HITS)
    near = [] if hits else catalogue.index.near(text, _HITS)
    with st.container(key="announced"):
        announce(_told(text, hits, near), "search-told")
    if near:
        st.caption(words.NEAR)
    elif text.strip() and not hits:
        st.warning(words.NONE_FOUND)
    for hit in hits or near:
        offered(catalogue[hit], "hit", partial(_from_search, change), added=view.songs)


def _from_search(change: Change, step: Callable[..., View], *args: object) -> None:
    """Change the view; where a song was added, what was searched is found, and the playlist comes into view again."""
    change(step, *args)
    if step == View.added:
        empty("search")


def _told(text: str, hits: Sequence[int], near: Sequence[int]) -> str:
    """What came of the search, for those who do not see it."""
    if near or not hits:
        return f"{words.NEAR} {len(near)}" if near else words.NONE_FOUND if text.strip() else ""
    if len(hits) == 1:
        return words.FOUND_ONE
    return (words.FOUND_MOST if len(hits) == _HITS else words.FOUND).format(n=len(hits))


def _starts(catalogue: Catalogue, change: Change) -> None:
    """Songs to start with: some that have little in common, and those played most."""
    if starts := starting(catalogue):
        st.header(words.START, anchor=False)
        with st.container(horizontal=True, gap="xsmall"):
            for song in starts:
                told = words.ADD_TOLD.format(song=name(song))
                st.button(name(song), f"start-{song.id}", told, change, [View.added, song.id])
    st.header(words.PLAYED_MOST, anchor=False)
    most = catalogue.index.rows[:_HITS].tolist()
    for column, songs in zip(st.columns(2, gap="medium"), (most[: _HITS // 2], most[_HITS // 2 :]), strict=True):
        with column:
            for song in songs:
                offered(catalogue[song], "most", change)


def starting(catalogue: Catalogue) -> list[Song]:
    """Of the songs played most, some without a tag in common, the one played more first."""
    found: list[Song] = []
    seen: set[str] = set()
    for row in catalogue.index.rows[:_POPULAR].tolist():
        tags = catalogue.tags[row]
        if len(tags) >= _TAGGED and seen.isdisjoint(tags) and len(found) < _STARTS:
            found.append(catalogue[row])
            seen.update(tags)
    return found


def _playlist(catalogue: Catalogue, view: View, change: Change) -> None:
    st.header(words.YOURS, anchor="yours")
    if not view.songs:
        st.caption(words.YOURS_EMPTY)
    if len(view.songs) > _SHOWN:
        st.caption(words.EARLIER.format(n=len(view.songs) - _SHOWN))
    for place, song in list(enumerate(_named(catalogue, view.songs)))[-_SHOWN:]:
        key = f"chosen-{place}-{song.id}"  # by song, too: pressed twice, it does not remove what moves up
        chosen(song, key, words.REMOVE, partial(change, View.removed, place), f"{place + 1}\\. ")
    for title, opinions in ((words.LIKED, view.like), (words.DISLIKED, view.dislike)):
        if opinions:
            n = len(opinions)
            last = words.LAST_OF.format(opinion=title, shown=_OPINIONS, n=n)
            st.subheader(last if n > _OPINIONS else title, anchor=False)
        for song in _named(catalogue, opinions[-_OPINIONS:]):
            chosen(song, f"forget-{song.id}", words.FORGET, partial(change, View.forgotten, song.id))
    with st.container(horizontal=True):
        st.button(words.UNDO, "discover-undo", on_click=undo, disabled=not undoable())
        st.button(words.CLEAR, on_click=change, args=[View.cleared], help=words.CLEAR_TOLD)
        told = {"label": words.SHARE, "copied": words.SHARED, "refused": words.SHARE_REFUSED}
        _SHARE(key="share", data=told | {"address": words.SHARE_ADDRESS})


def _named(catalogue: Catalogue, songs: Sequence[int]) -> list[Song]:
    return [catalogue[catalogue.row(song)] for song in songs]


def _answers(run: Run, view: View, change: Change) -> None:
    by_itself(partial(dials, run.catalogue, view, change))
    following, alike = st.columns(2, gap="medium")
    asked = number(run), urlencode(view.written(), doseq=True)
    with following:
        by_itself(partial(_comes_next, run, asked, view, change))
    with alike:
        by_itself(partial(_is_alike, run, asked, view, change))


def _comes_next(run: Run, asked: Asked, view: View, change: Change) -> None:
    st.header(words.NEXT, anchor="next")
    st.caption(words.NEXT_TOLD)
    answers = _following(asked, run, view)
    if not answers:
        st.warning(_nothing(view, words.NO_NEXT))
    for (song, score), share in zip(answers, shares([score for _, score in answers]), strict=True):
        offered(song, "next", change, share, partial(why, run, view, song, score), added=view.songs)


def _is_alike(run: Run, asked: Asked, view: View, change: Change) -> None:
    st.header(words.ALIKE, anchor="alike")
    if not run.has_vectors:
        st.info(words.NO_VECTORS.format(model=escaped(run.card["model"])))
        return
    (song,) = _named(run.catalogue, [view.like_of])
    st.caption(words.ALIKE_TOLD.format(song=name(song)))
    _of(run.catalogue, view, change)
    try:
        answers = _alike(asked, run, view)
    except RecommenderError as error:
        st.info(escaped(str(error)))
        return
    if not answers:
        st.warning(_nothing(view, words.NO_ALIKE))
    for (other, cosine), share in zip(answers, shares([max(cosine, 0) for _, cosine in answers]), strict=True):
        offered(other, "like", change, share, partial(likeness, song, cosine))


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _following(asked: Asked, _run: Run, _view: View) -> list[tuple[Song, float]]:
    return _run.recommend(_view.songs, _ANSWERS, taste=_view.taste, shape=_view.shape)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _alike(asked: Asked, _run: Run, _view: View) -> list[tuple[Song, float]]:
    return _run.similar(_view.like_of, _ANSWERS, shape=replace(_view.shape, without=(*_view.songs, *_view.dislike)))


def _of(catalogue: Catalogue, view: View, change: Change) -> None:
    """Which of the songs others are to be like, where there are several: of the last ones."""
    if len(view.chosen) > 1:
        st.session_state["of"] = view.like_of
        options = dict.fromkeys([view.like_of, *view.chosen[:_SHOWN]])
        ids = sorted(options, key=view.chosen.index)
        label = {song.id: plain(str(song)) for song in _named(catalogue, ids)}.__getitem__
        st.selectbox(words.ALIKE_OF, ids, format_func=label, key="of", on_change=change, args=[_about])


def _about(view: View) -> View:
    return view.about(st.session_state["of"])


def _nothing(view: View, otherwise: str) -> str:
    return otherwise if view.shape == View().shape else words.NONE_LEFT
