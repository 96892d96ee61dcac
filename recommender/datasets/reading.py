"""Reading: the playlists of files in any known format, and what in them cannot be used."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from recommender.datasets.formats import Format, FormatError, Playlist
from recommender.datasets.json_lines import JSON, JSON_LINES
from recommender.datasets.jspf import JSPF
from recommender.datasets.m3u import M3U
from recommender.datasets.matching import Spellings, TrackError
from recommender.datasets.sources import File, shown
from recommender.datasets.spotify import SPOTIFY
from recommender.datasets.tables import TABLE
from recommender.datasets.texts import decoded, undecodable
from recommender.errors import DataError

FORMATS: Mapping[str, Format] = {
    "m3u": M3U,
    "jspf": JSPF,
    "spotify": SPOTIFY,
    "jsonl": JSON_LINES,
    "json": JSON,
    "csv": TABLE,
    "tsv": TABLE,
}
FIRST = 5  # rejections that are kept


@dataclass(frozen=True)
class Rejection:
    """What was left out: the file, where in it ("line 7", "" for all of it), and what is wrong there."""

    file: str
    where: str
    reason: str

    def __str__(self) -> str:
        return " ".join(filter(None, (f"{self.file}:", self.where, self.reason)))


@dataclass
class Reader:
    """Reads files one after another and counts what it met.

    strict : raise DataError at the first thing that would be left out
    format : the name of every file's format, None to tell it from each
    encoding, columns : see `import_playlists`
    known : the formats by name; the first that a file fits is its own
    formats, passed_over, rejected, rejections : see `Imported`
    """

    strict: bool = False
    format: str | None = None
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Format] = field(default_factory=lambda: FORMATS)
    formats: Counter[str] = field(default_factory=Counter)
    passed_over: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    def playlists(self, file: File, progress: Callable[[int], object] = lambda n: None) -> Iterator[Playlist]:
        """The playlists of a file; one that cannot be read, or has none, is rejected."""
        found, before = 0, self.rejected
        try:
            with decoded(file, self.encoding, progress) as (head, text):
                name = self.format or self._sniffed(head, file.name)
                if name is None:
                    self.passed_over += 1
                    return
                self.formats[name] += 1
                for playlist in self.known[name].read(text, self.columns, partial(self.reject, file.name)):
                    found += 1
                    yield playlist
        except FormatError as error:
            self.reject(file.name, error.where, error.reason)
        except UnicodeError as error:
            raise undecodable(file, self.encoding) from error
        except OSError as error:
            self.reject(file.name, "", f"cannot be read: {shown(error.strerror or str(error))}")
        if not found and self.rejected == before:
            self.reject(file.name, "", "has no playlists")

    def songs(self, file: File, playlist: Playlist, spellings: Spellings) -> Iterator[tuple[int, object]]:
        """The number of its spelling, and the id as found, of each track of a playlist that is a song."""
        (where, tracks), found = playlist, 0
        for number, track in enumerate(tracks, 1):
            try:
                yield spellings.number(track[:2]), track.id
                found += 1
            except TrackError as error:
                self.reject(file.name, f"{where}, track {number}".removeprefix(", "), str(error))
        if not found:
            self.reject(file.name, where, "has no songs")

    def reject(self, file: str, where: str, reason: str) -> None:
        """Count what is left out; in a strict import, raise DataError."""
        self.rejected += 1
        rejection = Rejection(file, where, reason)
        if self.strict:
            raise DataError(f"{rejection}; mend it, or import without --strict")
        if len(self.rejections) < FIRST:
            self.rejections.append(rejection)

    def nothing(self, source: Path, remedy: str) -> DataError:
        """What is to be said where nothing could be used; the remedy is for a format that is not known."""
        if self.rejections:
            first = "" if self.rejected == 1 else f"the first of {self.rejected} faults: "
            return DataError(f"nothing could be imported; {first}{self.rejections[0]}")
        known = self.format or ", ".join(self.known)
        return DataError(f"{shown(source)}: no file is of a known format ({known}); {remedy}")

    def _sniffed(self, head: str, name: str) -> str | None:
        """The format of a file; a text has no NULs."""
        if "\0" in head:
            return None
        return next((known for known, form in self.known.items() if form.sniff(head, name)), None)
