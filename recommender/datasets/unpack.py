"""Unpack: the plain files of one folder out of an archive, and nothing that an attacker packed with them.

An archive that holds a path outside its folder, a link, a device, too many entries or too many bytes is refused
whole. Nothing is written under a name that the archive chose: the caller says which files it wants.
"""

import gzip
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from recommender.errors import DataError

_ENTRIES = 10_000
_BYTES = 2**30  # unpacked, headers included


def unpack(archive: Path, name: str, into: Path, files: Sequence[str]) -> None:
    """Copy `.../NAME/FILE` of a .tar.gz, .tar or .zip archive to `into`, for the given NAME.

    Raises DataError, with `into` partly filled, for an archive that is damaged, dangerous, or has none of the files.
    """
    found = set()
    try:
        for path, content in _members(archive):
            if path.parts[-2:-1] == (name,) and path.name in files:
                if path.name in found:
                    raise DataError(f"{archive.name}: holds {path} twice; it is not Cornell's dataset.tar.gz")
                found.add(path.name)
                with (into / path.name).open("wb") as file:
                    while piece := content.read(2**20):
                        file.write(piece)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, RuntimeError) as error:
        raise DataError(f"{archive.name}: not a whole .tar.gz or .zip archive: {error}; download it again") from error
    if not found:
        raise DataError(f"{archive.name}: has no {name}/{files[0]}; it is not Cornell's dataset.tar.gz")


def _members(archive: Path) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    """Path and content of each plain file; raises DataError at the first entry that is dangerous."""
    with archive.open("rb") as file:
        head = file.read(4)
    if head[:2] == b"PK":
        yield from _zip_members(archive)
    else:
        yield from _tar_members(archive, packed=head[:2] == b"\x1f\x8b")


def _tar_members(archive: Path, *, packed: bool) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    with gzip.open(archive) if packed else archive.open("rb") as stream:
        bounded = _Bounded(archive.name, stream)
        with tarfile.open(fileobj=io.BufferedReader(bounded), mode="r|") as tar:
            for number, member in enumerate(tar):
                _refuse(
                    archive, number, member.name, plain=member.isdir() or (member.isreg() and not member.issparse())
                )
                content = tar.extractfile(member)
                if content is not None:
                    yield PurePosixPath(member.name), content


def _zip_members(archive: Path) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    with zipfile.ZipFile(archive) as zipped:
        entries = zipped.infolist()
        if sum(entry.file_size for entry in entries) > _BYTES:
            raise DataError(f"{archive.name}: unpacks to more than {_BYTES:,} bytes; it is not Cornell's dataset")
        for number, entry in enumerate(entries):
            kind = stat.S_IFMT(entry.external_attr >> 16)
            _refuse(archive, number, entry.filename, plain=kind in (0, stat.S_IFREG, stat.S_IFDIR))
            if not entry.filename.endswith("/"):
                with zipped.open(entry) as content:
                    yield PurePosixPath(entry.filename), io.BufferedReader(_Bounded(archive.name, content))


def _refuse(archive: Path, number: int, name: str, *, plain: bool) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if number >= _ENTRIES:
        raise DataError(f"{archive.name}: has more than {_ENTRIES:,} entries; it is not Cornell's dataset.tar.gz")
    if path.is_absolute() or ".." in path.parts or ":" in name[:3]:
        raise DataError(f"{archive.name}: holds {name[:80]!r}, a path outside its folder; do not trust this archive")
    if not plain:
        raise DataError(f"{archive.name}: holds {name[:80]!r}, a link or a device; do not trust this archive")


class _Bounded(io.RawIOBase):
    """A stream that gives no more than `_BYTES`, however much is asked for at once."""

    def __init__(self, name: str, stream: io.BufferedIOBase | IO[bytes]) -> None:
        self._name, self._stream, self._left = name, stream, _BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        piece = self._stream.read(len(view))
        self._left -= len(piece)
        if self._left < 0:
            raise DataError(f"{self._name}: unpacks to more than {_BYTES:,} bytes; it is not Cornell's dataset")
        view[: len(piece)] = piece
        return len(piece)
