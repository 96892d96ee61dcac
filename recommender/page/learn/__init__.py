"""Learn: a tour of what song vectors are and do, in six steps, with numbers from the run in use.

The step stands in the address (`?part=Learn&step=3`). The words are in `page.words.learn`, the numbers in `tour`.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from recommender.catalogue import Song
from recommender.page.learn.popularity import popularity
from recommender.page.learn.vectors import questions, vector
from recommender.page.parts import brief, escaped
from recommender.page.words import learn as words
from recommender.playlists import Playlists, Songs
from recommender.run import Run
from recommender.tour import excerpt, n_pairs, neighbours

_STEP, _NUMBER = "step", "learn-playlist"
_WINDOW, _WIDEST = 5, 10
_PARAMETERS = ("sg", "window", "falloff", "dim", "epochs", "negative")  # of vectors, where the model has them


def learn(run: Run, folder: Path) -> None:
    """The tab: the step that is open, and the ways to the others."""
    if run.playlists is None or len(excerpt(run.playlists, 0)) < 2:
        st.info(words.NO_PLAYLISTS)
        return
    steps = range(1, len(_STEPS) + 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        step = (
            st.pills(words.STEP, steps, default=steps[0], key=_STEP, bind="query-params", label_visibility="collapsed")
            or steps[0]
        )
        st.button(words.BACK, "learn-back", on_click=_go, args=[step - 1], disabled=step == steps[0])
        st.button(words.NEXT, "learn-next", None, _go, [step + 1], type="primary", disabled=step == steps[-1])
    st.header(words.TITLE.format(step=step, title=words.TITLES[step - 1]), anchor=False)
    _STEPS[step - 1](run, folder)


def _go(step: int) -> None:
    st.session_state[_STEP] = step


def _songs_are_words(run: Run, folder: Path) -> None:
    left, right = st.columns(2, gap="large")
    learnt, together = run.card["learnt"], int((run.learnt_from.lengths > 1).sum())
    left.markdown(words.WORDS.format(together=f"{together:,}", **{name: f"{n:,}" for name, n in learnt.items()}))
    songs = _excerpt(run)
    with right.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(words.SENTENCE.format(n=len(songs)), width="content")
            st.button(words.ANOTHER, "learn-another", on_click=_another)
        st.markdown("\n".join(_line(run, words.WORD, songs, at) for at in range(len(songs))))
        st.markdown(words.TOKENS)
        st.code([str(song) for song in run.catalogue.ids[songs]], language=None, wrap_lines=True)


def _excerpt(run: Run) -> Songs:
    """The playlist that is looked at."""
    return excerpt(run.learnt_from, st.session_state.get(_NUMBER, 0))


def _another() -> None:
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _line(run: Run, form: str, songs: Songs, at: int) -> str:
    song: Song = run.catalogue[songs[at]]
    named = {"title": brief(song.title), "artist": brief(song.artist)}
    return form.format(place=at + 1, id=song.id, plays=f"{song.plays:,}", **named)


def _window(run: Run, folder: Path) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(words.WINDOW)
        asked = [words.PARAMETER.format(name=n, value=v) for n, v in run.card["parameters"].items() if n in _PARAMETERS]
        if run.has_vectors and asked:
            st.markdown(words.PARAMETERS.format(model=escaped(run.card["model"]), parameters=", ".join(asked)))
    with right.container(border=True):
        _moving(run, _excerpt(run))
        st.button(words.ANOTHER, "learn-another", on_click=_another)


def _moving(run: Run, songs: Songs) -> None:
    """A playlist under the window, and the pairs that it gives."""
    dials = st.columns(2)
    width = dials[0].slider(words.WINDOW_DIAL, 1, _WIDEST, _WINDOW, key="learn-window", persist_state="session")
    place = dials[1].slider(words.MIDDLE_DIAL, 1, len(songs), (len(songs) + 1) // 2, key=f"learn-middle-{len(songs)}")
    middle, near = place - 1, neighbours(len(songs), place - 1, width)
    forms = dict.fromkeys(near, words.IN_THE_WINDOW) | {middle: words.IN_THE_MIDDLE}
    st.markdown("\n".join(_line(run, forms.get(at, words.OUTSIDE), songs, at) for at in range(len(songs))))
    ids = run.catalogue.ids[songs].tolist()
    pairs = " ".join(words.PAIR.format(song=ids[middle], neighbour=ids[at]) for at in near)
    st.markdown(words.PAIRS.format(pairs=pairs))
    counts = {
        "here": len(near),
        "playlist": n_pairs(Playlists.joined(songs, [len(songs)]), width),
        "all": n_pairs(run.learnt_from, width),
    }
    playlists = f"{len(run.learnt_from):,}"
    st.markdown(words.COUNTS.format(playlists=playlists, **{name: f"{n:,}" for name, n in counts.items()}))


def _onward(run: Run, folder: Path) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(words.NOTEBOOKS)
        st.markdown(words.TRY)
        st.code(words.COMMANDS, language=None, wrap_lines=True)
        st.button(words.DONE, "learn-done", on_click=_discover)
    right.markdown(words.READ)
    right.markdown(words.EVERYONE.format(summary=escaped(run.summary)))


def _discover() -> None:
    st.session_state["part"] = "Discover"


_STEPS: tuple[Callable[[Run, Path], None], ...] = (
    _songs_are_words,
    _window,
    vector,
    questions,
    popularity,
    _onward,
)
"""What shows each step, in the order of `words.TITLES`."""
