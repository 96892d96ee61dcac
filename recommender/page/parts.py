"""Parts of the page: a song's row, and text from the data made harmless."""

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from recommender.catalogue import Song

_TAGS = 3
_LONGEST = 120  # characters of a title or an artist that are shown
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)  # marks that turn what stands after them


def escaped(text: str) -> str:
    r"""Text that Markdown shows as it stands, in one line; marks that nobody sees are left out.

    >>> escaped("<b>*NSYNC* :red[x] $1$")
    '\\<b\\>\\*NSYNC\\* \\:red\\[x\\] \\$1\\$'
    """
    return re.sub(r"([\\`*_{}\[\]()#+\-.!:$~<>|&@])", r"\\\1", " ".join(_UNSEEN.sub("", text).split()))


def name(song: Song) -> str:
    """A song's title and artist for a label or a help text."""
    return f"{brief(song.title)} · {brief(song.artist)}"


def described(song: Song, remark: str) -> str:
    """Markdown of a song: title and artist, and in small letters a remark and its tags."""
    small = " · ".join(escaped(text) for text in (remark, ", ".join(song.tags[:_TAGS])) if text)
    return f"**{brief(song.title)}** · {brief(song.artist)}  \n:small[:gray[{small}]]"


def brief(text: str, most: int = _LONGEST) -> str:
    r"""Text escaped and cut.

    >>> brief("a\u202e*b*", 3)
    'a\\*b…'
    """
    return escaped(plain(text, most))


def plain(text: str, most: int = _LONGEST) -> str:
    r"""Text cut, in one line, for where nothing reads Markdown.

    >>> plain("a\u202e*b*", 3)
    'a*b…'
    """
    seen = " ".join(_UNSEEN.sub("", text).split())
    return seen[:most] + ("…" if len(seen) > most else "")


def row(song: Song, remark: str, verb: str, key: str, act: Callable[..., None], args: list[Any]) -> None:
    """One song: title, artist, a remark such as its score, tags, and a button that acts on it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = st.container(width="stretch")  # a text of its own would push the button below it
        words.markdown(described(song, remark))
        st.button(verb, key=key, on_click=act, args=args, help=f"{verb} {name(song)}")
