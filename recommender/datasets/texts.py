"""Texts: the bytes of a file, decoded.

A text is UTF-8, or what its byte order mark says; one that is not UTF-8 is read in the declared encoding.
So a folder where some files are UTF-8 and some are not takes one declaration.
"""

import codecs
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, TextIO

from recommender.datasets.sources import File
from recommender.errors import DataError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK = 1 << 16
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@contextmanager
def decoded(file: File, encoding: str, progress: Callable[[int], object]) -> Iterator[tuple[str, TextIO]]:
    """The beginning of a text, and all of it with its line ends untouched.

    encoding : of a file that is not UTF-8 and has no byte order mark

    Reading raises OSError where the file is damaged, and UnicodeError (see `undecodable`).
    """
    with _content(file, progress) as content:
        head = content.peek()
        found = _marked(head) or _fitting(file, encoding)
        with io.TextIOWrapper(content, found, newline="") as text:
            yield head.decode(found, errors="replace"), text


def undecodable(file: File, encoding: str) -> DataError:
    """What is to be said of a text that cannot be decoded."""
    with _content(file) as content:
        marked = _marked(content.peek())
        decoder, line = codecs.getincrementaldecoder(marked or _fitting(file, encoding))(), 1
        try:
            while piece := content.readline(_BLOCK):
                line += decoder.decode(piece).count("\n")
            decoder.decode(b"", final=True)
        except (UnicodeError, OSError):
            pass
    if marked:
        return DataError(f"{file.name}: line {line} is not {marked}, as its first bytes say; save it as UTF-8")
    nor = "" if is_utf8(encoding) else f" nor {encoding}"
    return DataError(f"{file.name}: line {line} is not UTF-8{nor}; declare what it is, like --encoding latin-1")


def is_utf8(encoding: str) -> bool:
    """Whether a declared encoding is UTF-8 or part of it; raises DataError for one that does not exist."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding).read()
        return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")
    except (LookupError, ValueError) as error:
        raise DataError(f"there is no text encoding {encoding!r}; give one like latin-1, cp1252 or utf-16") from error


def _fitting(file: File, encoding: str) -> str:
    """UTF-8 if that is declared or the file is UTF-8, else what is declared."""
    if is_utf8(encoding):
        return "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _content(file) as content:
        try:
            while block := content.read(_BLOCK):
                if "\0" in decoder.decode(block):  # UTF-16 without a mark is UTF-8 full of NULs
                    return encoding
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return encoding
    return "utf-8"


def _marked(head: bytes) -> str | None:
    """The encoding of a byte order mark."""
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)


@contextmanager
def _content(file: File, progress: Callable[[int], object] = lambda n: None) -> "Iterator[io.BufferedReader[_Watched]]":
    with file.open() as raw, io.BufferedReader(_Watched(raw, progress), _BLOCK) as content:
        yield content


class _Watched(io.RawIOBase):
    """Bytes as they are read: they move the progress on, and damage is an OSError."""

    def __init__(self, raw: IO[bytes], progress: Callable[[int], object]) -> None:
        self._raw, self._progress = raw, progress

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """How many bytes were read."""
        view = memoryview(buffer)
        try:
            content = self._raw.read(len(view))
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
            raise OSError(f"damaged: {error}") from error
        view[: len(content)] = content
        self._progress(len(content))
        return len(content)
