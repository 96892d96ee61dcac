"""Importing: playlists of one's own, in any known format, become a dataset.

Files are read in order, each in its format; songs are matched across playlists (see `matching`) and the
dataset is written whole or not at all. What cannot be used is left out and counted, or ends a strict import.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from recommender.catalogue import UNKNOWN, Catalogue
from recommender.datasets.formats import Playlist
from recommender.datasets.matching import Spellings, match
from recommender.datasets.reading import FORMATS, Reader, Rejection
from recommender.datasets.sources import File, opened, shown
from recommender.datasets.tables import USUAL
from recommender.datasets.texts import is_utf8
from recommender.datasets.yes_com import write_folder
from recommender.errors import DataError
from recommender.files import replacing
from recommender.playlists import Playlists


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
    reader = Reader(strict, format, encoding, columns or {})
    intake = _Intake(reader)
    with opened(source) as files:
        chosen = _of_format(files, format)
        reader.passed_over = len(files) - len(chosen)
        size = sum(file.size for file in chosen)
        with tqdm(total=size, desc="reading", unit="B", unit_scale=True, leave=False, disable=None) as bar:
            for file in chosen:
                for playlist in reader.playlists(file, bar.update):
                    intake.add(file, playlist)
    if not intake.lengths:
        raise reader.nothing(source, "name it with --format")
    return intake.write(target, ignore_versions)


class _Intake:
    """What has been read so far: plays as numbers of spellings."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.spellings, self.plays, self.lengths = Spellings(), array("i"), array("i")

    def add(self, file: File, playlist: Playlist) -> None:
        """Take in a playlist, without what is no song."""
        before = len(self.plays)
        self.plays.extend(spelling for spelling, _ in self.reader.songs(file, playlist, self.spellings))
        if len(self.plays) > before:
            self.lengths.append(len(self.plays) - before)

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
            formats=dict(self.reader.formats),
            passed_over=self.reader.passed_over,
            playlists=len(playlists),
            songs=n,
            spellings=len(texts),
            plays=playlists.n_plays,
            rejected=self.reader.rejected,
            rejections=tuple(self.reader.rejections),
        )


def _of_format(files: list[File], format: str | None) -> list[File]:
    """The files to read: all where no format is asked for, and one alone whatever it is called."""
    if format is None or len(files) == 1:
        return files
    return [file for file in files if file.name.lower().endswith(FORMATS[format].endings)]


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
