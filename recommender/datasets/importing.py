"""Importing: playlists of one's own, in any known format, become a dataset.

Files are read in order, each in its format; songs are matched across playlists (see `matching`) and the
dataset is written whole or not at all. What cannot be used is left out and counted, or ends a strict import.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from recommender.catalogue import UNKNOWN, Catalogue
from recommender.datasets.formats import Format, FormatError, Playlist
from recommender.datasets.json_lines import JSON_LINES
from recommender.datasets.jspf import JSPF
from recommender.datasets.m3u import M3U
from recommender.datasets.matching import Spellings, TrackError, match
from recommender.datasets.sources import File, opened, shown
from recommender.datasets.spotify import SPOTIFY
from recommender.datasets.tables import TABLE, USUAL
from recommender.datasets.texts import decoded, is_utf8, undecodable
from recommender.datasets.yes_com import write_folder
from recommender.errors import DataError
from recommender.files import replacing
from recommender.playlists import Playlists

FORMATS: Mapping[str, Format] = {
    "m3u": M3U,
    "jspf": JSPF,
    "spotify": SPOTIFY,
    "jsonl": JSON_LINES,
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


@dataclass(frozen=True)
class Imported:
    """What an import found and wrote.

    formats : how many files were read in each
    passed_over : files of no known format, or not of the one asked for
    playlists, songs, plays : as written
    spellings : distinct artists and titles that the songs were matched from
    rejected : how many files, playlists, lines and tracks were left out
    rejections : the first few of them
    """

    formats: Mapping[str, int]
    passed_over: int
    playlists: int
    songs: int
    spellings: int
    plays: int
    rejected: int
    rejections: tuple[Rejection, ...]

    @property
    def files(self) -> int:
        """How many files were read."""
        return sum(self.formats.values())

    def __str__(self) -> str:
        formats = ", ".join(f"{count:,} {name}" for name, count in self.formats.items())
        over = f", {self.passed_over:,} passed over" if self.passed_over else ""
        songs = f"{self.songs:,} songs (of {self.spellings:,} spellings)"
        counts = f"{self.playlists:,} playlists, {songs}, {self.plays:,} plays"
        return f"{counts} from {self.files:,} files ({formats}{over}); {self.rejected:,} left out"


def import_playlists(
    source: Path,
    target: Path,
    *,
    format: str | None = None,
    encoding: str = "utf-8",
    strict: bool = False,
    ignore_versions: bool = False,
    columns: Mapping[str, str] | None = None,
    force: bool = False,
) -> Imported:
    """Write the playlists of a file, a folder or a zip as a dataset.

    format : one of FORMATS; else each file's is told by its name and beginning. In a folder or a zip it
        takes the files with its endings
    encoding : of files that are not UTF-8 and have no byte order mark
    strict : raise DataError at the first thing that would be left out
    ignore_versions : a song live, remastered or remixed is the song
    columns : the names of a table's columns, for "playlist", "position", "title" and "artist"
    force : replace the dataset in `target`

    Raises DataError; `target` is then as it was.
    """
    if unknown := set(columns or ()) - set(USUAL):
        raise ValueError(f"columns may be of {', '.join(USUAL)}, got {', '.join(sorted(unknown))}")
    if format is not None and format not in FORMATS:
        raise DataError(f"there is no format {format!r}; known are {', '.join(FORMATS)}")
    is_utf8(encoding)
    _check_place(source, target, force=force)
    intake = _Intake(strict, format, encoding, columns or {})
    with opened(source) as files:
        chosen = _of_format(files, format)
        intake.passed_over = len(files) - len(chosen)
        size = sum(file.size for file in chosen)
        with tqdm(total=size, desc="reading", unit="B", unit_scale=True, leave=False, disable=None) as bar:
            for file in chosen:
                intake.read(file, bar.update)
    if not intake.lengths:
        raise intake.nothing(source)
    return intake.write(target, ignore_versions)


class _Intake:
    """What has been read so far: plays as numbers of spellings, and what was left out."""

    def __init__(self, strict: bool, format: str | None, encoding: str, columns: Mapping[str, str]) -> None:
        self.strict, self.format, self.encoding, self.columns = strict, format, encoding, columns
        self.spellings, self.plays, self.lengths = Spellings(), array("i"), array("i")
        self.formats: Counter[str] = Counter()
        self.passed_over = self.rejected = 0
        self.rejections: list[Rejection] = []

    def read(self, file: File, progress: Callable[[int], object]) -> None:
        """Take in all playlists of a file."""
        before = len(self.lengths) + self.rejected
        try:
            with decoded(file, self.encoding, progress) as (head, text):
                name = self.format or _sniffed(head, file.name)
                if name is None:
                    self.passed_over += 1
                    return
                self.formats[name] += 1
                for playlist in FORMATS[name].read(text, self.columns, partial(self.reject, file.name)):
                    self.add(file.name, playlist)
        except FormatError as error:
            self.reject(file.name, error.where, error.reason)
        except UnicodeError as error:
            raise undecodable(file, self.encoding) from error
        except OSError as error:
            self.reject(file.name, "", f"cannot be read: {shown(error.strerror or str(error))}")
        if len(self.lengths) + self.rejected == before:
            self.reject(file.name, "", "has no playlists")

    def add(self, file: str, playlist: Playlist) -> None:
        """Take in a playlist, without what is no song."""
        where, tracks = playlist
        before = len(self.plays)
        for number, track in enumerate(tracks, 1):
            try:
                self.plays.append(self.spellings.number(track))
            except TrackError as error:
                self.reject(file, f"{where}, track {number}".removeprefix(", "), str(error))
        if len(self.plays) > before:
            self.lengths.append(len(self.plays) - before)
        else:
            self.reject(file, where, "has no songs")

    def reject(self, file: str, where: str, reason: str) -> None:
        """Count what is left out; in a strict import, raise DataError."""
        self.rejected += 1
        rejection = Rejection(file, where, reason)
        if self.strict:
            raise DataError(f"{rejection}; mend it, or import without --strict")
        if len(self.rejections) < FIRST:
            self.rejections.append(rejection)

    def nothing(self, source: Path) -> DataError:
        """What is to be said where there is not one playlist."""
        if self.rejections:
            first = "" if self.rejected == 1 else f"the first of {self.rejected} faults: "
            return DataError(f"nothing could be imported; {first}{self.rejections[0]}")
        known = self.format or ", ".join(FORMATS)
        return DataError(f"{shown(source)}: no file is of a known format ({known}); name it with --format")

    def write(self, target: Path, ignore_versions: bool) -> Imported:
        """Match the songs, write the dataset and sum up."""
        texts, plays = self.spellings.texts, np.asarray(self.plays)
        songs, names = match(texts, plays, ignore_versions=ignore_versions)
        playlists = Playlists.joined(songs[plays], np.asarray(self.lengths))
        titles, artists = ([text or UNKNOWN for text in column] for column in zip(*names, strict=True))
        n = len(names)
        catalogue = Catalogue(np.arange(n), titles, artists, [()] * n, playlists.counts(n))
        with replacing(target.resolve()) as new:
            write_folder(new, catalogue, playlists)
        return Imported(
            formats=dict(self.formats),
            passed_over=self.passed_over,
            playlists=len(playlists),
            songs=n,
            spellings=len(texts),
            plays=playlists.n_plays,
            rejected=self.rejected,
            rejections=tuple(self.rejections),
        )


def _of_format(files: list[File], format: str | None) -> list[File]:
    """The files to read: all where no format is asked for, and one alone whatever it is called."""
    if format is None or len(files) == 1:
        return files
    return [file for file in files if file.name.lower().endswith(FORMATS[format].endings)]


def _sniffed(head: str, name: str) -> str | None:
    """The format of a file; a text has no NULs."""
    if "\0" in head:
        return None
    return next((known for known, form in FORMATS.items() if form.sniff(head, name)), None)


def _check_place(source: Path, target: Path, *, force: bool) -> None:
    """Raise DataError if the dataset may not be written there."""
    if not target.exists() and not target.is_symlink():
        return
    if not (target / "train.txt").is_file():
        raise DataError(f"{shown(target)} is there and is not a dataset; give another folder")
    if not force:
        raise DataError(f"{shown(target)} is there already; give another folder, or --force to replace it")
    if source.resolve().is_relative_to(target.resolve()):
        raise DataError(f"{shown(source)} lies in {shown(target)}, which would be replaced; give another folder")
