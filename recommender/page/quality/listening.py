"""Listening: the blind test, in which a person says which of two unnamed lists is better, and what came out so far."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast as typed

import streamlit as st

from recommender.blind import Question, drawn, question
from recommender.datasets import load
from recommender.errors import RecommenderError
from recommender.page.address import songs_in_address
from recommender.page.opening import number
from recommender.page.parts import escaped
from recommender.page.quality.outcome import outcome
from recommender.page.quality.rivals import Rival, answers, rivals
from recommender.page.quality.versus import asked_after, chosen, lists
from recommender.page.quality.votes import Pair, Vote, cast
from recommender.page.words import quality as words
from recommender.playlists import Playlists
from recommender.provenance import now
from recommender.run import Run
from recommender.training import unseen

_STATE, _FAULT, _SOURCE = "listening", "listening-fault", "listening-source"
_TRIES = 50  # questions that are drawn until the two lists differ
_SEEDS = 2**53  # that a table of numbers keeps apart


@dataclass(frozen=True)
class Shown:
    """A question as a person sees it.

    about : the run and the pair as they were made, and where the songs are from; it is gone where that is another
    lists : A and B, rows
    a : the model whose list is A
    told : what the vote was answered with, "" before it
    """

    about: tuple[str, Pair, tuple[int, ...]]
    question: Question
    lists: tuple[list[int], list[int]]
    a: str
    told: str = ""


def listening(run: Run, folder: Path) -> None:
    """The pair, the question with its buttons, and the outcome."""
    st.caption(words.BLIND)
    found = rivals(run, folder)
    keys = chosen(found, 2)
    if len(keys) < 2:
        st.info(words.CHOOSE_TWO)
        return
    pair: Pair = typed(Pair, tuple(sorted(keys)))
    try:
        _ask(run, folder, pair, found)
        if fault := st.session_state.pop(_FAULT, ""):
            st.error(escaped(fault))
        outcome(folder, run.card["made"], _named(pair, found), [found[key].label for key in pair])
    except RecommenderError as error:
        st.error(escaped(str(error)))


def _ask(run: Run, folder: Path, pair: Pair, found: dict[str, Rival]) -> None:
    own = tuple(songs_in_address(run))
    if own:
        st.segmented_control(words.ASKED_ABOUT, [*words.SOURCES], key=_SOURCE, required=True, default=words.SOURCES[0])
    own = own if st.session_state.get(_SOURCE) == words.SOURCES[1] else ()
    shown: Shown | None = st.session_state.get(_STATE)
    about = (" ".join([str(folder.resolve()), run.card["made"], *_named(pair, found)]), pair, own)
    if shown is None or shown.about != about:
        shown = st.session_state[_STATE] = _next(run, folder, about)
    if shown is None:
        st.info(words.ALIKE_ON_PLAYLIST if own else words.LISTS_ALIKE)
        return
    if not own:
        st.caption(words.UNSEEN if _asked_about(number(run), run)[1] else words.SEEN)
        for key in pair:
            if found[key].apart:
                st.caption(words.APART.format(model=escaped(found[key].label)))
    asked_after(run.catalogue, shown.question.songs)
    lists(run.catalogue, dict(zip(words.UNNAMED, shown.lists, strict=True)))
    if shown.told:
        st.success(escaped(shown.told))
    _buttons(run, folder, shown, found)


def _buttons(run: Run, folder: Path, shown: Shown, found: dict[str, Rival]) -> None:
    with st.container(horizontal=True):
        if not shown.told:
            b = next(key for key in shown.about[1] if key != shown.a)
            for label, better in zip(words.CHOICES, (shown.a, b, ""), strict=True):
                args = [run, folder, shown, found, better]
                st.button(label, f"listening-{words.CHOICES.index(label)}", on_click=_vote, args=args)
        if not shown.about[2]:
            label = words.NEXT_QUESTION if shown.told else words.SKIP
            st.button(label, "listening-next", on_click=st.session_state.pop, args=[_STATE, None])
        elif shown.told:
            st.caption(words.PLAYLIST_ONCE)


def _vote(run: Run, folder: Path, shown: Shown, found: dict[str, Rival], better: str) -> None:
    """Keep the vote, and say which was which."""
    pair, asked = shown.about[1], shown.question
    names = dict(zip(pair, _named(pair, found), strict=True)) | {"": ""}
    songs = " ".join(map(str, run.catalogue.ids[[*asked.songs]].tolist()))
    vote = Vote(
        run.card["made"], names[pair[0]], names[pair[1]], asked.seed, songs, names[shown.a], names[better], now()
    )
    try:
        counts = cast(folder, vote)
    except RecommenderError as error:
        st.session_state[_FAULT] = str(error)
        return
    b = next(key for key in pair if key != shown.a)
    told = (words.WHICH if counts else words.WHICH_AGAIN).format(a=found[shown.a].label, b=found[b].label)
    st.session_state[_STATE] = Shown(shown.about, asked, shown.lists, shown.a, told)


def _named(pair: Pair, found: dict[str, Rival]) -> Pair:
    """The models as votes name them."""
    first, second = (f"{key} {found[key].made}".strip() for key in pair)
    return first, second


def _next(run: Run, folder: Path, about: tuple[str, Pair, tuple[int, ...]]) -> Shown | None:
    """A question on which the two answer, and not alike; None where none is found."""
    _, pair, own = about
    for asked in [_about(own)] if own else map(_drawing(run), range(_TRIES)):
        first, second = (answers(run, folder, key, asked.songs) for key in pair)
        if first and second and first != second:
            both = (second, first) if asked.swapped else (first, second)
            return Shown(about, asked, both, pair[asked.swapped])
    return None


def _drawing(run: Run) -> Callable[[int], Question]:
    playlists, _ = _asked_about(number(run), run)
    return lambda _: drawn(playlists, secrets.randbelow(_SEEDS))


def _about(own: tuple[int, ...]) -> Question:
    """The question about one's own playlist, the same each time, so that it is counted once."""
    digest = hashlib.sha256(" ".join(map(str, own)).encode()).digest()
    return question(int.from_bytes(digest[:6]), own)


@st.cache_resource(max_entries=4, show_spinner=words.OPENING)
def _asked_about(run: int, _run: Run) -> tuple[Playlists, bool]:
    """Playlists that the run did not learn from, where they are at hand, else those that it did; and which."""
    try:
        return unseen(_run, load(_run.card["dataset"]["name"]))[1], True
    except RecommenderError:
        return _run.learnt_from, False
