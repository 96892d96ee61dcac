"""Formats: what a module of a foreign format offers, and what several of them need.

A format is a module with a `Format`, listed in `reading.FORMATS`. Texts come decoded, their line ends
untouched; a playlist is where it stands and its tracks as found, of any type: `matching.Spellings` judges them.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn, TextIO

from recommender.catalogue import UNKNOWN

Reject = Callable[[str, str], None]  # where, and what is wrong there: "line 7", "has no title"

LONGEST = 1 << 25  # characters of a line or of a JSON value that is read at once
_CHUNK = 1 << 20
_BLANKS = re.compile(r"[ \t\r\n]*")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ufeff]+")  # \ufeff is a byte order mark
_DASH = re.compile(r"\s[-–—]\s")
_SONG_URI = re.compile(r"song:([0-9]{1,18})")
_decode = json.JSONDecoder().raw_decode


class Track(NamedTuple):
    """A song as found in a file, its values of any type; `id` is its own in the catalogue it was written from."""

    title: object
    artist: object = None
    id: object = None


Playlist = tuple[str, Sequence[Track]]  # where it stands in the file, "" for all of it


class FormatError(Exception):
    """A file that cannot be read on from here: where, and what is wrong."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where, self.reason = where, reason


@dataclass(frozen=True)
class Format:
    """What a module of a format offers.

    endings : of the names of its files
    sniff : whether a file that begins so, and is called so, is of the format
    read : the playlists of a text; raises FormatError where it cannot be read on. It is given the columns of
        a table as far as they are named (see `tables.USUAL`), and whom to tell of what is left out
    """

    endings: tuple[str, ...]
    sniff: Callable[[str, str], bool]
    read: Callable[[TextIO, Mapping[str, str], Reject], Iterator[Playlist]]


def lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """Number and text of each line; raises FormatError at one of more than LONGEST characters."""
    number = 0
    while line := text.readline(LONGEST):
        number += 1
        if len(line) == LONGEST and not line.endswith(("\n", "\r")):
            raise FormatError(f"line {number}", f"is longer than {LONGEST:,} characters")
        yield number, line


def split_artist(text: str) -> Track:
    """Title and artist of "Artist - Title"; without a dash between blanks all of it is the title.

    >>> split_artist("Queen - Innuendo - Edit")
    Track(title='Innuendo - Edit', artist='Queen', id=None)
    >>> split_artist("Innuendo")
    Track(title='Innuendo', artist=None, id=None)
    """
    artist, *title = _DASH.split(text, maxsplit=1)
    return Track(title[0], artist) if title else Track(text)


def dashed(title: str, artist: str) -> str:
    """A song as one text, "Artist - Title", or its title alone where the artist is unknown ("").

    >>> dashed("Innuendo", "Queen"), dashed("Innuendo", "")
    ('Queen - Innuendo', 'Innuendo')
    """
    return f"{artist} - {title}" if artist else title


def one_line(text: str) -> str:
    """A text with single spaces for white space and control characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def named(title: str, artist: str) -> tuple[str, str]:
    """A catalogue's title and artist as files have them: one line each, an unknown artist as ""."""
    title, artist = one_line(title) or UNKNOWN, one_line(artist)
    return title, "" if artist == UNKNOWN else artist


def song_uri(id: int) -> str:
    """What stands for a song where a format wants an address: song:3822."""
    return f"song:{id}"


def song_of(uri: object) -> int | None:
    """The id in a `song_uri`, None in anything else."""
    found = _SONG_URI.fullmatch(uri) if isinstance(uri, str) else None
    return int(found[1]) if found else None


class JsonStream:
    """A JSON text read value by value: a file of any size needs the memory of its largest value.

    Raises FormatError at broken JSON, and at a value of more than LONGEST characters. (ijson is as fast, but an
    object nested 40,000 deep costs it 4 GB, and it turns a lone surrogate into a question mark.)
    """

    def __init__(self, text: TextIO) -> None:
        self._text, self._buffer, self._at, self._line, self._ended = text, "", 0, 1, False

    def whole(self) -> object:
        """The one value of the text."""
        value = self.value()
        self._end()
        return value

    def elements(self, key: str) -> Iterator[object]:
        """What stands in the list that the text, an object, has under `key`."""
        for _ in self._entries("{", "}"):
            name = self.value() if self._next() == '"' else self._fail("a name is expected", self._at)
            self._take(":")
            if name == key and self._next() == "[":
                for _ in self._entries("[", "]"):
                    yield self.value()
            else:
                self.value()
        self._end()

    def value(self) -> object:
        """The value that comes next."""
        self._next()
        while True:
            try:
                value, end = _decode(self._buffer, self._at)
            except RecursionError:
                self._fail("nested too deeply", self._at)
            except json.JSONDecodeError as error:
                cut_off = error.pos > len(self._buffer) - 16 or error.msg.startswith("Unterminated")
                if self._ended or not cut_off:
                    self._fail(error.msg, error.pos)
            except ValueError:  # Python's bound on the digits of a number
                self._fail("a number of too many digits", self._at)
            else:
                if end + 2 < len(self._buffer) or self._ended:  # "1e+" of 1e+5 is read as 1
                    self._at = end
                    return value
            self._more()

    def _entries(self, opening: str, closing: str) -> Iterator[None]:
        """Stop before each entry of the list or object that comes next."""
        self._take(opening)
        if self._next() == closing:
            self._take(closing)
            return
        yield
        while self._take(",", closing) == ",":
            yield

    def _take(self, *expected: str) -> str:
        found = self._next()
        if found not in expected:
            self._fail(f"{' or '.join(expected)} is expected", self._at)
        self._at += 1
        return found

    def _end(self) -> None:
        if self._next():
            self._fail("more text after the end", self._at)

    def _next(self) -> str:
        """The next character that is no blank, "" at the end."""
        while True:
            match = _BLANKS.match(self._buffer, self._at)
            assert match is not None  # it matches no characters too
            self._at = match.end()
            if self._at < len(self._buffer) or self._ended:
                return self._buffer[self._at : self._at + 1]
            self._more()

    def _more(self) -> None:
        if len(self._buffer) - self._at > LONGEST:
            self._fail(f"a value of more than {LONGEST:,} characters", self._at)
        self._line += self._buffer.count("\n", 0, self._at)
        self._buffer, self._at = self._buffer[self._at :], 0
        more = self._text.read(max(_CHUNK, len(self._buffer)))
        self._buffer, self._ended = self._buffer + more, not more

    def _fail(self, reason: str, at: int) -> NoReturn:
        line = self._line + self._buffer.count("\n", 0, at)
        raise FormatError(f"line {line}", f"is no JSON: {reason}") from None
