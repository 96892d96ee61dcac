"""The lesson about popularity: how few songs have most plays, what that is worth, and a game against it."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from recommender.catalogue import Song
from recommender.page.learn.charts import curves, intervals
from recommender.page.parts import brief, escaped
from recommender.page.words import learn as words
from recommender.report_text import in_table
from recommender.run import Run
from recommender.tour import Question, round_numbers, shares_of_top

_FLOOR = "popularity"
_NUMBER, _GUESS, _TALLY = "learn-question", "learn-guess", "learn-tally"
_KIND, _BY_PLAYS = "learn-kind", "plays"
_CUT = 60
_TOPS = (1, 10, 100)  # that the chart's text tells


def popularity(run: Run, folder: Path) -> None:
    """The lesson."""
    plays = run.learnt_from.counts(len(run.catalogue))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(words.POPULARITY)
        _curve(plays)
        _measured(run)
    with right.container(border=True):
        _quiz(run, plays)


def _curve(plays: NDArray[np.int64]) -> None:
    songs = int((plays > 0).sum())
    tops = round_numbers(songs)
    shares, even = shares_of_top(plays, tops), shares_of_top(np.sign(plays), tops)
    middle = tops[len(tops) // 2]
    top = st.select_slider(words.TOP_DIAL, tops, middle, format_func="{:,}".format, key="learn-top")
    at = tops.index(top)
    st.markdown(words.TOP.format(top=f"{top:,}", songs=f"{songs:,}", share=shares[at], even=even[at]))
    data = {
        "top": [*tops, *tops],
        "share": [*shares, *even],
        "kind": [kind for kind in words.SERIES for _ in tops],
    }
    one, ten, hundred = shares_of_top(plays, _TOPS)
    told = words.CURVE.format(one=one, ten=ten, hundred=hundred)
    st.vega_lite_chart(data, curves(words.CURVE_X, words.CURVE_Y, top), alt=told)


def _measured(run: Run) -> None:
    """Popularity beside the run's own model, as they were evaluated."""
    if not run.metrics:
        st.info(words.NO_METRICS)
        return
    about, models, metric = run.metrics["about"], run.metrics["models"], in_table(run.metrics)[0]
    of = {
        name: models[name]["metrics"][metric] for name in dict.fromkeys((run.card["model"], _FLOOR)) if name in models
    }
    asked = {name: f"{about[name]:,}" for name in ("queries", "playlists")}
    st.markdown(words.MEASURED.format(metric=escaped(metric), **asked), help=escaped(about["how to read"]))
    rates = [words.RATE.format(name=escaped(name), **values) for name, values in of.items()]
    st.markdown("\n".join(words.ITEM.format(text=rate) for rate in rates))
    data = {"name": [*of]} | {key: [values[key] for values in of.values()] for key in ("mean", "low", "high")}
    st.vega_lite_chart(data, intervals(metric), alt=words.RATES)


def _quiz(run: Run, plays: NDArray[np.int64]) -> None:
    """One question after another, and who of three was right how often."""
    st.markdown(words.QUIZ)
    named = words.KINDS.__getitem__
    st.session_state.setdefault(_KIND, next(iter(words.KINDS)))
    kind = st.segmented_control(
        words.KIND, [*words.KINDS], format_func=named, key=_KIND, required=True, on_change=_anew
    )
    number = st.session_state.get(_NUMBER, 0)
    question = Question.of(run.learnt_from, number, others_by_plays=kind == _BY_PLAYS)
    if question is None:
        st.info(words.NO_QUESTION)
        return
    st.markdown(words.QUIZ_HOW.format(n=len(question.choices)))
    st.markdown("\n".join(_named(words.HEARD, run.catalogue[song]) for song in question.before))
    picks = {"popularity": question.most_played(plays), "model": question.best(run.model)}
    guess = st.session_state.get(_GUESS)
    if guess in question.choices:
        _revealed(run, question, picks, guess)
    else:
        for place, song in enumerate(question.choices):
            label, args = _named(words.GUESS, run.catalogue[song]), [song, question.answer, picks]
            st.button(label, f"learn-guess-{place}", on_click=_guessed, args=args, width="stretch")
    tally = st.session_state.get(_TALLY)
    if tally:
        st.markdown(words.TALLY.format(name=escaped(run.card["model"]), **tally))
    st.markdown(words.FAIR.format(model=escaped(run.card["model"]), songs=f"{len(run.catalogue):,}"))


def _revealed(run: Run, question: Question, picks: dict[str, int], guess: int) -> None:
    """What was right, and what the others said."""
    show, told = (st.success, words.RIGHT) if guess == question.answer else (st.error, words.WRONG)
    songs = {"answer": question.answer, "guess": guess} | picks
    named = {who: _named(words.SAID, run.catalogue[song]) for who, song in songs.items()}
    show(told.format(**named))
    st.markdown(words.OTHERS.format(name=escaped(run.card["model"]), **named))
    st.button(words.AGAIN, "learn-again", type="primary", on_click=_anew)


def _guessed(guess: int, answer: int, picks: dict[str, int]) -> None:
    """Keep the guess, and count who was right."""
    if _GUESS in st.session_state:  # a second press, before the first was seen
        return
    st.session_state[_GUESS] = guess
    tally = st.session_state.setdefault(_TALLY, {"asked": 0, "you": 0, "popularity": 0, "model": 0})
    tally["asked"] += 1
    for who, pick in {"you": guess, **picks}.items():
        tally[who] += pick == answer


def _anew() -> None:
    """To the next question."""
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1
    st.session_state.pop(_GUESS, None)


def _named(form: str, song: Song) -> str:
    return form.format(title=brief(song.title, _CUT), artist=brief(song.artist, _CUT), plays=f"{song.plays:,}")
