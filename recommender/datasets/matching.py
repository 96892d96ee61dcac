"""Matching: one song under several spellings is one song.

Spellings are the same song if artist and title agree without case, accents, punctuation and guests
("feat. …", "ft. …", "featuring …", "w/ …"), and on request without versions ("(Live)", "- 2011 Remaster").
Of a text of punctuation alone, only case and Unicode form are passed over.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.datasets.formats import dashed, one_line

LONGEST_TEXT = 1000  # characters of a title; the longest known has 865, more is a fault of the file

_HALVES = re.compile("[\ud800-\udfff]")
_GUESTS = re.compile(
    r"[(\[{]\s*(?:feat\.|ft\.|w/|(?:feat|ft|featuring)\s)[^()\[\]{}]*[)\]}]?"
    r"|(?:\s(?:feat\.|ft\.|w/(?!o\b)|(?:feat|featuring)\s)|(?<!\d)\sft\s)[^()\[\]{}]*?(?=\s[-–—]\s|[()\[\]{}]|$)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_DASHES = re.compile(r"\s+[-–—]\s+")
_VERSION = re.compile(
    r"\b(?:acoustic|bonus|clean|deluxe|demo|dub|edit|explicit|extended|instrumental|karaoke|live|mix|mono|radio"
    r"|remaster|remastered|remix|session|sessions|stereo|take|unplugged|version|vivo)\b",
    re.IGNORECASE,
)
_APOSTROPHES = re.compile("['`’‘ʼ\ufe0e\ufe0f]| \u0301")  # " \u0301" is what NFKD makes of an acute accent alone
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_ACCENTS = re.compile("(?:(?<=[a-zα-ωе])|(?<![^\\W_]))[\u0300-\u036f]+")  # й is another letter, ё is written е


class TrackError(Exception):
    """A track that is no song, and why."""


class Spellings:
    """Every artist and title met, numbered from 0 in order of appearance."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []  # title and artist, "" for an unknown artist
        self._numbers: dict[tuple[object, object], int] = {}

    def number(self, track: tuple[object, object]) -> int:
        """The number of a title and artist as found in a file; raises TrackError."""
        try:
            number = self._numbers.get(track)
        except TypeError:  # a list or an object where a text is expected
            number = None
        return self._new(track) if number is None else number

    def _new(self, track: tuple[object, object]) -> int:
        title, artist = (_tidy(kind, value) for kind, value in zip(("title", "artist"), track, strict=True))
        if not title:
            raise TrackError("has no title")
        number = self._numbers.setdefault((title, artist), len(self.texts))
        if number == len(self.texts):
            self.texts.append((title, artist))
        if all(value is None or isinstance(value, str) for value in track):
            self._numbers[track] = number
        return number


def _tidy(kind: str, value: object) -> str:
    """A text on one line; raises TrackError for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TrackError(f"has a {type(value).__name__} for its {kind}")
    if len(value) > LONGEST_TEXT:
        raise TrackError(f"has a {kind} of {len(value):,} characters, more than {LONGEST_TEXT:,}")
    if _HALVES.search(value):
        raise TrackError(f"has half a character (a lone surrogate) in its {kind}")
    return one_line(value)


def match(
    texts: Sequence[tuple[str, str]], plays: NDArray[np.integer], *, ignore_versions: bool = False
) -> tuple[NDArray[np.int32], list[tuple[str, str]]]:
    """The song of each spelling, and each song's most frequent spelling, of equals the first.

    texts : title and artist of each spelling
    plays : numbers of spellings as played

    Songs are numbered in order of appearance.
    """
    numbers: dict[tuple[str, str], int] = {}
    keys = (key(title, artist, ignore_versions=ignore_versions) for title, artist in texts)
    songs = np.fromiter((numbers.setdefault(k, len(numbers)) for k in keys), np.int32, len(texts))
    by_song = np.lexsort((-np.bincount(plays, minlength=len(texts)), songs))
    best = by_song[np.searchsorted(songs[by_song], np.arange(len(numbers)))]
    return songs, [texts[spelling] for spelling in best.tolist()]


def key(title: str, artist: str, *, ignore_versions: bool = False) -> tuple[str, str]:
    """What the spellings of one song have in common.

    >>> key("Déjà Vu (feat. JAY-Z) - Radio Edit", "BEYONCE", ignore_versions=True) == key("Deja vu", "Beyoncé")
    True
    """
    song = _GUESTS.sub(" ", title)
    if ignore_versions:
        song = _without_versions(song)
    return (
        _plain(song) or _plain(title) or _folded(title),
        _plain(_GUESTS.sub(" ", artist)) or _plain(artist) or _folded(artist),
    )


def _without_versions(title: str) -> str:
    song = _BRACKETS.sub(lambda bracket: " " if _VERSION.search(bracket[1]) else bracket[0], title)
    parts = _DASHES.split(song.strip())
    while len(parts) > 1 and (_VERSION.search(parts[-1]) or not parts[-1].strip()):
        parts.pop()
    return " - ".join(parts)


def _plain(text: str) -> str:
    """Letters, digits and pictures of any alphabet, words one space apart."""
    plain = text.casefold()
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = _APOSTROPHES.sub("", plain).replace("&", " and ")
    if not plain.isascii():
        plain = _ACCENTS.sub("", plain.translate(_LETTERS))
    if plain.isascii():
        return " ".join(re.findall(r"[a-z0-9]+", plain))
    return " ".join("".join(c if _is_word(c) else " " for c in plain).split())


def _is_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "So"


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _as_written(title: str, artist: str) -> str:
    return _DASHES.sub(" - ", dashed(title, artist)).casefold()


def _as_words(title: str, artist: str) -> str:
    text = _as_written(title, artist)
    return _plain(text) or _folded(text)


def _without_guests(title: str, artist: str) -> str:
    return " ".join(key(title, artist)[::-1])


def _without_version(title: str, artist: str) -> str:
    return " ".join(key(title, artist, ignore_versions=True)[::-1])


LEVELS: Sequence[Callable[[str, str], str]] = (_as_written, _as_words, _without_guests, _without_version)
"""Title and artist as one text that agrees for one song's spellings, ever looser."""


def alike(song: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two titles and artists have the same words, wherever the artist ends.

    >>> alike(("B - C", "A"), ("c", "A - b")), alike(("A", ""), ("B", ""))
    (True, False)
    """
    return _as_words(*song) == _as_words(*other)
