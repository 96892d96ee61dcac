"""Dials: what can be asked of both lists; each stands in the address, and shows what stands there."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from recommender.catalogue import Catalogue
from recommender.page.parts import brief
from recommender.page.view import CHOICES, DIALS, View
from recommender.shaping import Shape

_TAGS, _ARTISTS = 50, 5  # that are offered

Change = Callable[..., None]


def dials(catalogue: Catalogue, view: View, change: Change) -> None:
    """All dials, folded; the label tells that some are turned."""
    turned = view.shape != Shape()
    with st.expander("Shape the list" + (" (in use)" if turned else ""), icon=":material/tune:", key="shape"):
        numbers, names = st.columns(2, gap="medium")
        with numbers:
            _numbers(view, change)
        with names:
            _tags(catalogue, view, change)
            _artists(catalogue, view, change)
        if turned:
            st.button("Take all back", on_click=change, args=[_unshaped])


def _numbers(view: View, change: Change) -> None:
    few, apart = st.columns(2)
    with few:
        told = "At most so many songs of one artist in a list"
        st.selectbox(
            "Songs per artist", range(1, 11), None, help=told, placeholder="any", **_dial("per_artist", view, change)
        )
    with apart:
        told = "At least so many songs of others between two of one artist, those of your playlist too"
        st.number_input("Songs in between", 0, 10, help=told, **_dial("spacing", view, change))
    told = "Below 0 rare songs come earlier, above 0 those played most"
    st.slider("Popularity", -1.0, 1.0, step=0.1, help=told, **_dial("popularity", view, change))
    told = "How unlike the songs before it each song is to be: 0 leaves the list as it is, 1 asks for nothing else"
    st.slider("Variety", 0.0, 1.0, step=0.1, help=told, **_dial("variety", view, change))
    st.toggle("One version of each song", **_dial("one_version", view, change))


def _tags(catalogue: Catalogue, view: View, change: Change) -> None:
    common = [*catalogue.tag_songs][:_TAGS]
    for parameter, label in (("tags", "Only with a tag"), ("no_tags", "Without a tag")):
        asked = sorted(getattr(view.shape, CHOICES[parameter]))
        options = [*common, *(tag for tag in asked if tag not in common)]
        key = f"choice-{parameter}"
        st.session_state[key] = asked
        turn: dict[str, Any] = {"key": key, "on_change": change, "args": [_turned, CHOICES[parameter], key]}
        st.multiselect(label, options, placeholder="any" if parameter == "tags" else "none", **turn)


def _artists(catalogue: Catalogue, view: View, change: Change) -> None:
    text = st.text_input("Leave an artist out", placeholder="a name, or how it begins", key="artist")
    gone = sorted(view.shape.without_artists)
    found = [artist for artist in catalogue.search_artists(text, _ARTISTS) if artist not in gone]
    if text.strip() and not found:
        st.caption("No other artist matches.")
    with st.container(horizontal=True, gap="xsmall"):
        for place, artist in enumerate(found):
            st.button(brief(artist), f"out-{place}", f"Leave {brief(artist)} out", change, [_left_out, artist])
        for place, artist in enumerate(gone):
            told = f"Let {brief(artist)} in again"
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
    st.session_state["artist"] = ""
    return view.without_artist(artist)
