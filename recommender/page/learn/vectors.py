"""The lessons about vectors: what one is, what a cosine is, and which question each product answers.

They need a model with two vectors a song. A run of another kind is told as much, and is lent one.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from recommender.evidence import WINDOW, Plays
from recommender.page.address import songs_in_address
from recommender.page.learn.charts import strip
from recommender.page.parts import brief, escaped, plain
from recommender.page.words import learn as words
from recommender.run import Run
from recommender.tour import Answer, Cosine, both_questions, has_both, ladder, round_numbers, with_both

_OFFERED, _OWN, _NEAREST = 36, 10, 3  # songs to choose from, of the playlist at most, and nearest to compare with
_CUT = 60  # characters of a name to choose
_BARS, _TERMS, _ANSWERS = 32, 3, 6


def vector(run: Run, folder: Path) -> None:
    """The lesson: a song's numbers, another's, and their cosine worked out."""
    if not (placed := _with_vectors(run, folder)):
        return
    left, right = st.columns([2, 3], gap="large")
    inputs = _inputs(placed)
    dim = inputs.shape[1]
    left.markdown(words.VECTOR.format(dim=dim, origin=words.ORIGINS[_kind(placed)]))
    with right.container(border=True):
        choices = st.columns(2)
        with choices[0]:
            song = _chosen(placed, folder)
        with choices[1]:
            other = _other(placed, folder, song)
        n = st.select_slider(words.NUMBERS_DIAL, round_numbers(dim), dim, key="learn-numbers")
        _worked(placed, (song, other), np.asarray(inputs[[song, other], :n]))


def questions(run: Run, folder: Path) -> None:
    """The lesson: one song, what it is like and what comes next after it."""
    if not (placed := _with_vectors(run, folder)):
        return
    left, right = st.columns([2, 3], gap="large")
    left.markdown(words.QUESTIONS)
    if weight := getattr(placed.model, "noise_weight", 0):
        left.markdown(words.NOISE.format(weight=weight))
    with right.container(border=True):
        song = _chosen(placed, folder)
        like, following = both_questions(placed, _plays(run, str(folder), run.card["made"]), song, _ANSWERS)
        lists = st.columns(2)
        with lists[0]:
            _list(words.LIKE, words.LIKE_HOW, like)
        with lists[1]:
            _list(words.COMES_NEXT, words.COMES_NEXT_HOW, following)
        both = len({answer.song.id for answer in like} & {answer.song.id for answer in following})
        st.markdown(words.SUMMARY.format(both=both, k=_ANSWERS, window=WINDOW))


def _with_vectors(run: Run, folder: Path) -> Run | None:
    """The run with vectors, after saying whose they are; None, after saying why, where there are none."""
    made = run.card["made"]
    placed, model = run if has_both(run.model) else _lent(run, str(folder), made), escaped(run.card["model"])
    if placed is None:
        st.info(words.TOO_LARGE.format(model=model, songs=f"{len(run.catalogue):,}"))
        st.code(words.TRAIN, language=None, wrap_lines=True)
    elif not _ladder(placed, str(folder), made):
        st.info(words.NONE_KNOWN)
        return None
    elif placed is not run:
        st.info(words.LENT.format(model=model, lent=_kind(placed)))
    return placed


@st.cache_resource(max_entries=4, show_spinner=words.FITTING)
def _lent(_run: Run, folder: str, made: str) -> Run | None:
    return with_both(_run)


@st.cache_resource(max_entries=4, show_spinner=False)
def _plays(_run: Run, folder: str, made: str) -> Plays:
    return Plays(_run.learnt_from, len(_run.catalogue))


@st.cache_resource(max_entries=4, show_spinner=False)
def _ladder(_placed: Run, folder: str, made: str) -> list[int]:
    """Songs that have a vector, from the most played to the least."""
    known = ~np.isnan(_inputs(_placed)[:, 0])
    songs: list[int] = ladder(_placed.learnt_from.counts(len(known)) * known, _OFFERED).tolist()
    return songs


def _inputs(placed: Run) -> NDArray[np.float32]:
    inputs: NDArray[np.float32] = placed.model.inputs_  # type: ignore[attr-defined]
    return inputs


def _kind(placed: Run) -> str:
    return type(placed.model).__name__.lower()


def _own(placed: Run) -> list[int]:
    """Songs of the playlist that have a vector."""
    return [song for song in songs_in_address(placed) if not np.isnan(_inputs(placed)[song, 0])][-_OWN:]


def _offered(placed: Run, folder: Path) -> list[int]:
    """Songs to choose from: of the playlist, then others."""
    return [*dict.fromkeys([*_own(placed), *_ladder(placed, str(folder), placed.card["made"])])]


def _chosen(placed: Run, folder: Path) -> int:
    """The song that both lessons look at; at first one that is neither a hit nor hardly known."""
    options = _offered(placed, folder)
    first = 0 if _own(placed) else len(options) // 3
    keep: Any = {"key": "learn-song", "persist_state": "session", "help": words.OFFERED}
    song: int = st.selectbox(words.SONG, options, first, format_func=partial(_name, placed), **keep)
    return song


def _other(placed: Run, folder: Path, song: int) -> int:
    """The song that it is compared with."""
    nearest = [placed.catalogue.row(near.id) for near, _ in placed.similar(placed.catalogue[song].id, _NEAREST)]
    options = [*dict.fromkeys([*nearest, *_offered(placed, folder), song])]
    help_ = words.NEAREST.format(n=len(nearest))
    other: int = st.selectbox(words.OTHER, options, format_func=partial(_name, placed), key="learn-other", help=help_)
    return other


def _name(placed: Run, row: int) -> str:
    song = placed.catalogue[row]
    return words.NAMED.format(title=plain(song.title, _CUT), artist=plain(song.artist, _CUT), id=song.id)


def _worked(placed: Run, songs: tuple[int, int], vectors: NDArray[np.float32]) -> None:
    """The cosine of two songs, in bars and in numbers.

    vectors : (2, n) the numbers that count
    """
    one, other = vectors
    parts = Cosine.of(one, other)
    with st.container(gap="xsmall"):
        for row, numbers in zip(songs, vectors, strict=True):
            song = placed.catalogue[row]
            st.markdown(words.BARS_OF.format(title=brief(song.title), artist=brief(song.artist)))
            _bars(numbers, plain(song.title))
        st.markdown(words.PRODUCTS)
        _bars(parts.products, words.THE_PRODUCTS)
        if len(one) > _BARS:
            st.markdown(words.SHOWN.format(shown=_BARS, n=len(one)))
    terms = words.PLUS.join(
        words.TERM.format(one=a, other=b) for a, b in zip(one[:_TERMS], other[:_TERMS], strict=True)
    )
    dots = words.AND_SO_ON if len(one) > _TERMS else ""
    lengths = dict(zip(("one", "other"), parts.lengths, strict=True))
    worked = words.WORKED.format(terms=terms + dots, dot=parts.dot, value=parts.value, **lengths)
    st.code(worked, language=None, wrap_lines=True)


def _bars(numbers: NDArray[np.floating], name: str) -> None:
    shown = numbers[:_BARS].tolist()
    told = words.STRIP.format(shown=len(shown), name=name, least=min(shown), most=max(shown))
    data = {"place": [*range(1, len(shown) + 1)], "number": shown}
    st.vega_lite_chart(data, strip(), alt=told)


def _list(title: str, how: str, answers: Sequence[Answer]) -> None:
    lines = [
        words.ANSWER.format(
            place=place,
            title=brief(answer.song.title),
            artist=brief(answer.song.artist),
            score=answer.score,
            plays=f"{answer.song.plays:,}",
            near=words.NEAR_ONE if answer.near == 1 else words.NEAR.format(n=answer.near),
        )
        for place, answer in enumerate(answers, 1)
    ]
    st.markdown("\n".join([words.LIST.format(title=title, how=how), "", *lines]))
