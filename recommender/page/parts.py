"""Parts of the page: what is said of a song, a bar, a row, and text from the data made harmless."""

import re
from collections.abc import Sequence

import streamlit as st

from recommender.catalogue import Song
from recommender.page.words import discover as words

_TAGS = 3
_YEAR = re.compile(r"(19|20)\d\d")
_LONGEST = 120  # characters of a title or an artist that are shown
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)  # marks that turn what stands after them
_JOINER = "\u2060"  # has no width, and keeps what it stands in from being read as anything but text
_READ_LATER = re.compile(  # once backslashes are gone: https://, :material/home:, www., me@home.org, and an arrow alone
    r"(?<=:)(?=//|[\w+-]+[:/])|(?<=www)(?=\.)|(?<=@)(?=[\w-])|(?<=(?<!\S)[-<>~])(?=(?:->|>|-|=)(?!\S))", re.IGNORECASE
)


def plain(text: str, most: int = _LONGEST) -> str:
    r"""Text in one line, cut, without marks that nobody sees; for what reads no Markdown.

    >>> plain("a\u202e*b*", 3)
    'a*b…'
    """
    seen = " ".join(_UNSEEN.sub("", text).split())
    return seen[:most] + ("…" if len(seen) > most else "")


def escaped(text: str) -> str:
    r"""Text that Markdown shows as it stands, in one line; marks that nobody sees are left out.

    Streamlit makes links, icons and arrows of what is text already, too, so a joiner goes into each.

    >>> escaped("<b>*NSYNC* :red[x] $1$"), escaped("www.x")
    ('\\<b\\>\\*NSYNC\\* \\:red\\[x\\] \\$1\\$', 'www\u2060\\.x')
    """
    line = _READ_LATER.sub(_JOINER, " ".join(_UNSEEN.sub("", text).split()))
    return re.sub(r"([\\`*_{}\[\]()#+\-.!:$~<>|&@])", r"\\\1", line)


def brief(text: str, most: int = _LONGEST) -> str:
    r"""Text escaped and cut.

    >>> brief("a\u202e*b*", 3)
    'a\\*b…'
    """
    return escaped(plain(text, most))


def name(song: Song) -> str:
    """A song's title and artist for a label or a help text."""
    return f"{brief(song.title)} · {brief(song.artist)}"


def described(song: Song, *remarks: str) -> str:
    """Markdown of a song, a line each: title; artist; and in small letters the remarks, its year and its tags."""
    tags = [tag for tag in song.tags if not _YEAR.fullmatch(tag)][:_TAGS]
    small = " · ".join(escaped(text) for text in (*remarks, year(song.tags), ", ".join(map(plain, tags))) if text)
    return "  \n".join((f"**{brief(song.title)}**", brief(song.artist), *([f":small[{small}]"] if small else [])))


def played(song: Song) -> str:
    """How often it was played."""
    return words.PLAYED_ONCE if song.plays == 1 else words.PLAYED.format(n=song.plays)


def year(tags: Sequence[str]) -> str:
    """The year that the tags name; "" where they name none, or more than one.

    >>> year(["rock", "1999", "90s"]), year(["2010", "2011"])
    ('1999', '')
    """
    named = {tag for tag in tags if _YEAR.fullmatch(tag)}
    return named.pop() if len(named) == 1 else ""


def bar(share: float, label: str) -> None:
    """A bar that is full at 1; the label tells screen readers what of."""
    percent = round(100 * share)
    st.html(
        f'<div class="share" role="meter" aria-label="{label}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent}"><div style="width: {percent}%"></div></div>'
    )
