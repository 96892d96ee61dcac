"""Rows: a song with its bar and what can be done with it, and on demand why it is there."""

from collections.abc import Callable, Container, Sequence
from functools import partial
from math import exp

import streamlit as st

from recommender.catalogue import Song
from recommender.errors import RecommenderError
from recommender.export import links
from recommender.page.parts import bar, described, escaped, name, played
from recommender.page.view import View
from recommender.page.words import discover as words
from recommender.reasons import Reason
from recommender.run import Run

_SEEDS = 5  # whose shares are told
_ADD = ("add", "", words.ADD, words.ADD_TOLD, View.added)
_ADDED = ("check", "", words.ADDED, words.ADDED_TOLD, View.taken_out)
_OPINIONS = (
    ("thumb_up", "up-", words.LIKE, words.LIKE_TOLD, View.liked),
    ("thumb_down", "down-", words.DISLIKE, words.DISLIKE_TOLD, View.disliked),
)

Change = Callable[..., None]
More = Callable[[], None]


def offered(
    song: Song,
    where: str,
    change: Change,
    share: float | None = None,
    more: More | None = None,
    *,
    added: Container[int] = (),
) -> None:
    """A row of a song that may be chosen: its words, its bar, what can be done with it, and on demand more of it.

    added : ids of the playlist's songs, which are taken out where others are added
    """
    key = f"{where}-{song.id}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"song-{key}"):
        with st.container(width="stretch", gap="xsmall"):  # a text of its own would push the buttons below it
            st.markdown(described(song, played(song)))
            if share is not None:
                bar(share, words.SHARE_OF_BEST)
        with _acts(key):
            for icon, mark, verb, told, step in (_ADDED if song.id in added else _ADD, *_OPINIONS):
                _act(icon, f"{mark}{key}", verb, told, song, partial(change, step, song.id))
            _popover(song, key, more)


def chosen(song: Song, key: str, verb: str, act: More, number: str = "") -> None:
    """A row of a song that is chosen, with the one thing that can be done with it; a number stands before its title."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"song-{key}"):
        st.container(width="stretch").markdown(number + described(song))
        with _acts(key):
            _act("close", key, verb, verb, song, act)


def _acts(key: str) -> st.delta_generator.DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", gap=None, width="content", key=f"acts-{key}")


def _act(icon: str, key: str, verb: str, told: str, song: Song, act: More) -> None:
    """A button whose words are for screen readers, its icon for eyes."""
    label, told = verb.format(song=name(song)), told.format(song=name(song))
    st.button(label, key, told, act, type="tertiary", icon=f":material/{icon}:")


def _popover(song: Song, key: str, more: More | None) -> None:
    """What there is to say of the song, made when it is opened; the song's name is for screen readers."""
    word, told = (words.WHY, words.WHY_TOLD) if more else (words.HEAR, words.HEAR_TOLD)
    label, told = f"{word} :small[{name(song)}]", told.format(song=name(song))
    with st.popover(label, help=told, type="tertiary", key=f"why-{key}", on_change="rerun") as opened:
        if opened.open:
            with st.container(gap="xsmall"):
                st.markdown(f"**{name(song)}**")
                if more:
                    more()
                _links(song)


def why(run: Run, view: View, song: Song, score: float) -> None:
    """Why the song comes next: one sentence, and the share of each song that speaks for it."""
    try:
        (reason,) = run.explain(view.songs, [song.id], taste=view.taste)
    except RecommenderError as error:
        st.info(escaped(str(error)))
        return
    st.markdown(f"{escaped(reason.sentence[:1].upper() + reason.sentence[1:])}.")
    _share_of_each(reason)
    st.caption(words.SCORE.format(score=score))


def _share_of_each(reason: Reason) -> None:
    speaking = [(seed.share, name(seed.seed)) for seed in reason.seeds if seed.share > 0]
    if len(speaking) + bool(reason.earlier) > 1:
        st.caption(words.SPEAKING)
        earlier = [(reason.earlier, words.SPEAKING_EARLIER)] if reason.earlier else []
        for share, whose in [*speaking[:_SEEDS], *earlier]:
            st.markdown(f":small[{share:.0%} {whose}]")
            bar(share, words.SHARE_OF_REASONS)


def likeness(song: Song, cosine: float) -> None:
    """How like it is to the song."""
    st.markdown(words.COSINE.format(cosine=cosine, song=name(song)))


def _links(song: Song) -> None:
    if found := links(song):
        told = " · ".join(f"[{service}](<{address}>)" for service, address in found.items())
        st.caption(words.LINKS.format(links=told))


def shares(scores: Sequence[float]) -> list[float]:
    """Each score's share of the best, from 0 to 1; scores of which one is below 0 are taken as logs.

    >>> shares([4.0, 2.0]), [round(share, 2) for share in shares([0.0, -0.6931, -1.3863])]
    ([1.0, 0.5], [1.0, 0.5, 0.25])
    """
    best = max(scores, default=0)
    if min(scores, default=0) < 0:
        return [exp(score - best) for score in scores]
    return [score / best if best > 0 else 0.0 for score in scores]
