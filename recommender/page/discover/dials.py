"""Dials: what can be asked of both lists; each stands in the address, and shows what stands there."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from recommender.catalogue import Catalogue
from recommender.page.finding import empty, find
from recommender.page.parts import brief
from recommender.page.view import CHOICES, DIALS, View
from recommender.page.words import discover as words
from recommender.shaping import Shape

_TAGS, _ARTISTS = 50, 5  # that are offered

Change = Callable[..., None]


def dials(catalogue: Catalogue, view: View, change: Change) -> None:
    """All dials, folded, and made when they are unfolded; the label tells that some are turned."""
    turned = view.shape != Shape()
    label = words.SHAPE_IN_USE if turned else words.SHAPE
    with st.expander(label, icon=":material/tune:", key="shape", on_change="rerun") as unfolded:
        if not unfolded.open:
            return
        numbers, names = st.columns(2, gap="medium")
        with numbers:
            _numbers(view, change)
        with names:
            _tags(catalogue, view, change)
            _artists(catalogue, view, change)
        if turned:
            st.button(words.SHAPE_BACK, on_click=change, args=[_unshaped])


def _numbers(view: View, change: Change) -> None:
    few, apart = st.columns(2)
    with few:
        per_artist(view, change)
    with apart:
        st.number_input(words.SPACING, 0, 10, help=words.SPACING_TOLD, **_dial("spacing", view, change))
    told = words.POPULARITY_TOLD
    st.slider(words.POPULARITY, -1.0, 1.0, step=0.1, help=told, **_dial("popularity", view, change))
    st.slider(words.VARIETY, 0.0, 1.0, step=0.1, help=words.VARIETY_TOLD, **_dial("variety", view, change))
    st.toggle(words.ONE_VERSION, **_dial("one_version", view, change))


def per_artist(view: View, change: Change) -> None:
    """How many songs of one artist there may be."""
    told, asked = words.PER_ARTIST_TOLD, _dial("per_artist", view, change)
    st.selectbox(words.PER_ARTIST, range(1, 11), None, help=told, placeholder=words.ANY, **asked)


def _tags(catalogue: Catalogue, view: View, change: Change) -> None:
    common = [*catalogue.tag_songs][:_TAGS]
    for parameter, label, none in (("tags", words.ONLY_TAGS, words.ANY), ("no_tags", words.WITHOUT_TAGS, words.NONE)):
        asked = sorted(getattr(view.shape, CHOICES[parameter]))
        options = [*common, *(tag for tag in asked if tag not in common)]
        key = f"choice-{parameter}"
        st.session_state[key] = asked
        turn: dict[str, Any] = {"key": key, "on_change": change, "args": [_turned, CHOICES[parameter], key]}
        st.multiselect(label, options, placeholder=none, **turn)


def _artists(catalogue: Catalogue, view: View, change: Change) -> None:
    text = find(words.ARTIST_OUT, words.ARTIST_HINT, "artist")
    gone = sorted(view.shape.without_artists)
    found = [artist for artist in catalogue.search_artists(text, _ARTISTS) if artist not in gone]
    if text.strip() and not found:
        st.caption(words.NO_ARTIST)
    with st.container(horizontal=True, gap="xsmall"):
        for place, artist in enumerate(found):
            told = words.LEAVE_OUT.format(artist=brief(artist))
            st.button(brief(artist), f"out-{place}", told, change, [_left_out, artist])
        for place, artist in enumerate(gone):
            told = words.LET_IN.format(artist=brief(artist))
            st.button(brief(artist), f"in-{place}", told, change, [View.with_artist, artist], icon=":material/block:")


def _dial(parameter: str, view: View, change: Change) -> dict[str, Any]:
    """What makes a widget show the dial as it stands, and turn it."""
    field, key = DIALS[parameter].field, f"dial-{parameter}"
    value = getattr(view.shape, field)
    st.session_state[key] = bool(value) if parameter == "one_version" else value
    return {"key": key, "on_change": change, "args": [_turned, field, key]}


def _turned(view: View, field: str, key: str) -> View:
    return view.shaped(**{field: st.session_state[key]})


def _unshaped(view: View) -> View:
    return replace(view, shape=Shape())


def _left_out(view: View, artist: str) -> View:
    empty("artist")
    return view.without_artist(artist)
