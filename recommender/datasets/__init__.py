"""Datasets: playlists with their catalogue, by the name or the folder that a person gives.

`toy` is built in (`./toy` is a folder); every other name is a folder in Cornell's layout (see `yes_com`),
looked for as it stands and then under the data folder.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recommender.catalogue import Catalogue
from recommender.datasets.importing import Imported, import_playlists
from recommender.datasets.mirrors import FILES, TERMS, YES_COM, check, data_card, download
from recommender.datasets.toy import toy
from recommender.datasets.yes_com import read_folder
from recommender.errors import DataError
from recommender.playlists import Playlists

__all__ = [
    "Dataset",
    "Imported",
    "check",
    "data_card",
    "data_folder",
    "download",
    "found",
    "import_playlists",
    "load",
]

_TOY_TERMS = "made up by this project's generator; free to use, like its code"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Playlists and what is known of their songs.

    test : playlists that no model may learn from, None where the source has none
    licence : the terms of use, in a sentence
    digests : SHA-256 of each file it was read from
    """

    name: str
    catalogue: Catalogue
    train: Playlists
    test: Playlists | None
    licence: str
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_songs(self) -> int:
        """How many songs the catalogue has."""
        return len(self.catalogue)


def load(name: str | os.PathLike[str], data: str | os.PathLike[str] | None = None) -> Dataset:
    """The dataset in a folder, or of that name under the data folder.

    data : the data folder; else $RECOMMENDER_DATA, else ./data

    Raises DataError where there is none, or it is damaged.
    """
    folder = _folder(os.fspath(name), data_folder(data))
    if folder is None:
        return Dataset("toy", *toy(), test=None, licence=_TOY_TERMS)
    catalogue, train, test = read_folder(folder)
    digests = {file: _sha256(folder / file) for file in FILES if (folder / file).exists()}
    licence = TERMS if folder.name in YES_COM else "the owner's own"
    return Dataset(folder.resolve().name, catalogue, train, test, licence, digests)


def data_folder(data: str | os.PathLike[str] | None = None) -> Path:
    """Where datasets are kept: `data`, else $RECOMMENDER_DATA, else ./data."""
    return Path(data or os.environ.get("RECOMMENDER_DATA") or "data")


def found(data: str | os.PathLike[str] | None = None) -> list[Path]:
    """The folders of datasets in the data folder, by name; what is in them is not looked at."""
    return sorted(file.parent for file in data_folder(data).glob("*/train.txt") if file.is_file())


def _folder(name: str, data: Path) -> Path | None:
    """The folder that `name` means; None for the built-in toy."""
    if name == "toy":
        return None
    for folder in (Path(name), data / name):
        if folder.is_dir():
            return folder
    fetch = (
        f"`recommender download {name}` fetches it"
        if name in YES_COM
        else f"give a folder, `toy`, or one of {', '.join(YES_COM)}"
    )
    raise DataError(f"no dataset {name!r} here or in {data}; {fetch}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
