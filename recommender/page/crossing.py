"""Crossing: the songs in the address, taken along to another run, whose ids may mean other songs."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from recommender.catalogue import Catalogue
from recommender.datasets.songlists import counterparts
from recommender.errors import RecommenderError, UnknownSongError
from recommender.page.opening import opened
from recommender.page.words import frame as words

_CHOSEN = ("songs", "like", "dislike")
_OF_SONGS = (*_CHOSEN, "of", "seed")  # parameters of the address that name songs


def cross(here: Path, there: Path) -> str:
    """Write the songs in the address as another run has them; how many came along, "" where they are the same.

    None come along where one of the two cannot be opened: nobody knows then which songs they are.
    """
    given = {name: ",".join(st.query_params.get_all(name)) for name in _OF_SONGS}
    try:
        found = _found(given, opened(here).catalogue, opened(there).catalogue)
    except RecommenderError:
        found = {}
    for name, text in given.items():
        if along := [found[word] for word in text.split(",") if found.get(word)]:
            st.query_params[name] = ",".join(along)
        else:
            st.query_params.pop(name, None)
    chosen = {word for name in _CHOSEN for word in given[name].split(",")} & {*found}
    came = sum(bool(found[word]) for word in chosen)
    if all(found[word] == word for word in chosen):
        return ""
    return words.CAME_ALONG.format(came=came, n=len(chosen)) + (words.LEFT_BEHIND if came < len(chosen) else "")


def _found(given: Mapping[str, str], here: Catalogue, there: Catalogue) -> dict[str, str]:
    """The id there of each song here that is given by its id, "" where it has none."""
    rows: dict[str, int] = {}
    for word in ",".join(given.values()).split(","):
        try:
            rows[word] = here.row(int(word))
        except (ValueError, UnknownSongError):
            continue
    found = counterparts(rows.values(), here, there)
    return {word: "" if row is None else str(there.ids[row]) for word, row in zip(rows, found, strict=True)}
