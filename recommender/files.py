"""Files: a folder, or files in one, that are there whole or not at all, written by one process at a time."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path

from filelock import FileLock, Timeout

from recommender.errors import RecommenderError


@contextmanager
def alone(lock: Path, otherwise: RecommenderError) -> Iterator[None]:
    """Hold a lock file; raises `otherwise` where another process does."""
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise otherwise from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new folder that takes the place of `path` if all goes well, and vanishes otherwise.

    A link is followed: what it points to is replaced. Raises RecommenderError where it cannot be written, as on a
    full disk; `path` is then as it was, as it is after an interrupt.
    """
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise RecommenderError(f"{path}: cannot be written: {error.strerror}; choose another place") from error
    new, old = scratch / "new", scratch / "old"
    try:
        new.mkdir()  # unlike the scratch folder, with the permissions that the person's umask gives
        yield new
        try:
            if path.exists():
                path.rename(old)
            new.rename(path)
        except BaseException:
            if old.exists() and not path.exists():
                old.rename(path)
            raise
    except OSError as error:
        why = error.strerror or f"{error} (is the disk full?)"  # numpy's errors have no strerror
        raise RecommenderError(f"{path}: cannot be written: {why}; nothing was changed, try another place") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def adding(folder: Path) -> Iterator[Path]:
    """A new folder whose files move into `folder`, over those of the same names, if all goes well.

    Raises RecommenderError where they cannot be written, as on a full disk; no file is ever there in part.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as scratch:
            yield Path(scratch)
            for path in sorted(Path(scratch).iterdir()):
                path.replace(folder / path.name)
    except OSError as error:
        why = error.strerror or f"{error} (is the disk full?)"  # numpy's errors have no strerror
        raise RecommenderError(f"{folder}: cannot be written: {why}; try another place") from error


def sweep(path: Path) -> None:
    """Remove what a `replacing` of `path` left behind whose process was killed; none may be under way."""
    if path.parent.is_dir():
        for scratch in path.parent.iterdir():
            if re.fullmatch(rf"\.{re.escape(path.name)}-[a-z0-9_]{{8}}", scratch.name):
                shutil.rmtree(scratch, ignore_errors=True)


def unused(folder: Path) -> Path:
    """The folder, or the first of NAME-2, NAME-3 … that is not there yet."""
    names = chain([folder], (folder.with_name(f"{folder.name}-{n}") for n in count(2)))
    return next(name for name in names if not name.exists())
