"""Files: a folder that is there whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.errors import RecommenderError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new folder that takes the place of `path` if all goes well, and vanishes otherwise.

    Raises RecommenderError where it cannot be written, as on a full disk; `path` is then as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise RecommenderError(f"{path}: cannot be written: {error.strerror}; choose another place") from error
    old = new.with_name(f"{new.name}-old")
    try:
        yield new
        new.chmod(0o755)
        if path.exists():
            path.rename(old)
        new.rename(path)
    except OSError as error:
        if old.exists():
            old.rename(path)
        why = error.strerror or f"{error} (is the disk full?)"  # numpy's errors have no strerror
        raise RecommenderError(f"{path}: cannot be written: {why}; nothing was changed, try another place") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
