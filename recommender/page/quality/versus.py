"""Versus: which models are chosen, and lists of songs that stand beside one another."""

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender.catalogue import Catalogue
from recommender.page.parts import brief, escaped
from recommender.page.quality.rivals import Rival
from recommender.page.words import quality as words

_CHOSEN = "quality-models"
_BEFORE = 5  # songs of a playlist that are named


def chosen(found: Mapping[str, Rival], most: int) -> list[str]:
    """Keys of the models chosen, up to `most`; what stands in the address counts, and what is chosen stands there."""
    asked = [key for key in st.query_params.get("compare", "").split(",") if key]
    if unknown := [key for key in asked if key not in found]:
        st.warning(words.NO_SUCH_MODEL.format(names=brief(", ".join(unknown))))
    known = [*dict.fromkeys(key for key in asked if key in found)][:most]
    st.session_state[_CHOSEN] = known or [*found][:2]
    keys: list[str] = st.multiselect(
        words.SOME_MODELS if most > 2 else words.TWO_MODELS,
        [*found],
        key=_CHOSEN,
        format_func=lambda key: found[key].label,
        max_selections=most,
        on_change=_choose,
    )
    return keys


def _choose() -> None:
    st.query_params["compare"] = ",".join(st.session_state[_CHOSEN])


def lists(catalogue: Catalogue, found: Mapping[str, Sequence[int]]) -> None:
    """Songs under each heading, side by side; those that stand in several lists say so."""
    times = Counter(song for songs in found.values() for song in songs)
    for place, (heading, songs) in zip(_places(len(found)), found.items(), strict=True):
        with place:
            st.markdown(f"**{escaped(heading)}**")
            lines = [_line(catalogue, song, times[song], len(found)) for song in songs]
            st.markdown("\n".join(f"1. {line}" for line in lines) or words.NO_ANSWER)


def _places(n: int) -> Sequence[DeltaGenerator]:
    """Two stay beside one another on a phone as well; three would be too narrow there."""
    beside = st.columns(n, gap="medium") if n > 2 else [st.container(horizontal=True, wrap=False)] * n
    return [place.container(width="stretch", key=f"versus-{number}") for number, place in enumerate(beside)]


def _line(catalogue: Catalogue, song: int, times: int, of: int) -> str:
    return f"{_named(catalogue, song)} {words.SHARED_BY.get((times, of), '')}"


def _named(catalogue: Catalogue, song: int) -> str:
    return f"**{brief(catalogue.titles[song])}** · {brief(catalogue.artists[song])}"


def asked_after(catalogue: Catalogue, songs: Sequence[int]) -> None:
    """The songs that the lists come after, the last of many."""
    names = [_named(catalogue, song) for song in songs[-_BEFORE:]]
    after = words.AFTER_MANY.format(n=len(songs) - _BEFORE) if len(songs) > _BEFORE else words.AFTER
    st.markdown("  \n".join([after, *names]))
