"""Workers: what a Python process beside a Spark executor opens, once.

A worker answers and ranks by the same code as this process, a whole batch of queries at a time, with the same matrix
products: so its numbers are the same, to the last bit, on processors of one kind.
"""

import socket
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from recommender import errors
from recommender.errors import DataError, RecommenderError
from recommender.protocol import Recommender
from recommender.run import Run
from recommender.spark.faults import unseen
from recommender.storage import read_arrays, write_arrays


@dataclass(frozen=True)
class SharedRun:
    """A run in a folder that all workers are to see; `digest` is that of its card."""

    folder: str
    digest: str
    code: str

    @classmethod
    def of(cls, folder: str) -> Self:
        """The run as this process sees it."""
        return cls(str(Path(folder).resolve()), _digest(Path(folder)), _code())

    @lru_cache(maxsize=1)  # noqa: B019 - one run a process, kept on purpose
    def opened(self) -> Run:
        """The run, memory-mapped; raises DataError where another one is seen, or none."""
        _check_code(self.code)
        if not Path(self.folder, "card.json").is_file():
            raise unseen(self.folder)
        if _digest(Path(self.folder)) != self.digest:
            raise DataError(f"{self.folder}: {socket.gethostname()} has another run there; let it see the same folder")
        return Run.load(self.folder)


@dataclass(frozen=True)
class SharedModel:
    """A fitted model whose arrays are in a folder that all workers are to see."""

    folder: str
    kind: type[Recommender]
    parameters: tuple[tuple[str, Any], ...]
    shapes: tuple[tuple[str, tuple[int, ...]], ...]
    code: str

    @classmethod
    def of(cls, model: Recommender, folder: str) -> Self:
        """The model, its arrays written."""
        shapes = write_arrays(Path(folder), model)
        told = tuple((name, tuple(shape)) for name, shape in shapes.items())
        return cls(folder, type(model), tuple(asdict(model).items()), told, _code())

    @lru_cache(maxsize=1)  # noqa: B019 - one model a process, kept on purpose
    def opened(self) -> Recommender:
        """The model, memory-mapped; raises DataError where it is not seen."""
        _check_code(self.code)
        model = self.kind(**dict(self.parameters))
        if not Path(self.folder).is_dir():
            raise unseen(self.folder, "set TMPDIR to a folder")
        read_arrays(Path(self.folder), {name: list(shape) for name, shape in self.shapes}, model)
        return model


def _digest(folder: Path) -> str:
    return sha256((folder / "card.json").read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def _code() -> str:
    """Digest of this package's source; "" in the archive that `session` sends to executors, which is the driver's."""
    package = Path(errors.__file__).parent
    files = [path.read_bytes() for path in sorted(package.rglob("*.py"))] if package.is_dir() else []
    return sha256(b"".join(files)).hexdigest() if files else ""


def _check_code(theirs: str) -> None:
    if "" not in (_code(), theirs) and _code() != theirs:
        raise RecommenderError(
            f"{socket.gethostname()} has another version of playlist-recommender; install the same one on all machines"
        )
