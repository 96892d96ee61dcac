"""Sources: a file, a folder of files or a zip of them, in order of their names.

Hidden files and __MACOSX are passed over. A zip is read where it is, never unpacked to disk.
"""

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from recommender.errors import DataError

MOST_FILES = 100_000  # in a zip
MOST_BYTES = 1 << 36  # of a zip, unpacked: twice the Million Playlist Dataset
MOST_GROWTH = 100  # times the size of a zip, where it unpacks to more than _HARMLESS bytes
_HARMLESS = 1 << 28
_DAMAGE = (zipfile.BadZipFile, NotImplementedError, ValueError)  # as zipfile says it of lists, versions and names


@dataclass(frozen=True)
class File:
    """A file of a source; `name` is what messages call it, one line fit for any terminal."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


@contextmanager
def opened(source: Path) -> Iterator[list[File]]:
    """The files of a source by folder and name; raises DataError where there is nothing to read."""
    with ExitStack() as stack:
        try:
            files = _files(source, stack)
        except _DAMAGE as error:
            raise DataError(f"{shown(source)}: not a whole zip: {shown(str(error))}; get it again") from error
        except OSError as error:
            raise DataError(f"{shown(source)}: cannot be read: {error.strerror or error}") from error
        if not files:
            raise DataError(f"{shown(source)}: there are no files in it; put playlists there")
        yield files


def shown(path: str | os.PathLike[str]) -> str:
    """A path as one line of text, whatever its name is made of."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in os.fspath(path))


def _files(source: Path, stack: ExitStack) -> list[File]:
    if source.is_dir():
        return _walk(source)
    if not source.is_file():
        raise DataError(f"{shown(source)}: there is no such file; give a file, a folder or a zip of playlists")
    with source.open("rb") as file:
        head = file.read(4)
    if head in (b"PK\3\4", b"PK\5\6"):
        return _members(stack.enter_context(zipfile.ZipFile(source)), source)
    return [_plain(source)]


def _walk(source: Path) -> list[File]:
    def fail(error: OSError) -> None:
        raise error

    paths = [Path(folder, name) for folder, _, names in os.walk(source, onerror=fail) for name in names]
    paths = [path for path in paths if _is_shown(path.relative_to(source).parts) and path.is_file()]
    return [_plain(path) for path in sorted(paths, key=lambda path: path.parts)]


def _plain(path: Path) -> File:
    def read() -> IO[bytes]:
        return path.open("rb")

    return File(shown(path), path.stat().st_size, read)


def _members(archive: zipfile.ZipFile, source: Path) -> list[File]:
    infos = [info for info in archive.infolist() if info.filename and not info.filename.endswith("/")]
    infos = [info for info in infos if _is_shown(PurePosixPath(info.filename).parts)]
    total = sum(info.file_size for info in infos)
    if len(infos) > MOST_FILES or total > MOST_BYTES:
        raise DataError(f"{shown(source)}: {len(infos):,} files of {total:,} bytes are too many; unpack it yourself")
    if total > _HARMLESS and total > MOST_GROWTH * source.stat().st_size:
        raise DataError(
            f"{shown(source)}: unpacks to {total:,} bytes, more than {MOST_GROWTH} times its size, as a zip bomb does; "
            "unpack it yourself if you trust it"
        )
    if locked := [info.filename for info in infos if info.flag_bits & 1]:
        raise DataError(f"{shown(source)}: {shown(locked[0])} is encrypted; unpack it and give the folder")
    infos.sort(key=lambda info: PurePosixPath(info.filename).parts)
    return [File(shown(f"{source}/{info.filename}"), info.file_size, partial(_member, archive, info)) for info in infos]


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(info)
    except _DAMAGE as error:
        raise OSError(f"damaged: {error}") from error


def _is_shown(parts: tuple[str, ...]) -> bool:
    return not any(part.startswith(".") or part == "__MACOSX" for part in parts)
