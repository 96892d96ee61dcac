"""Mirrors: where the Yes.com playlists are to be had, and how they come into the data folder.

The authors offer one archive with all three folders, at two addresses; yes_complete's train.txt and
song_hash.txt are also in the copy that Hands-On Large Language Models uses.
"""

import shutil
import tarfile
import tempfile
from pathlib import Path

from recommender.datasets.yes_com import read_folder
from recommender.errors import DataError, DownloadError
from recommender.fetch import fetch

YES_COM = ("yes_small", "yes_big", "yes_complete")
ARCHIVES = (
    "https://www.cs.cornell.edu/~shuochen/lme/dataset.tar.gz",
    "https://csinpi.github.io/lme/dataset.tar.gz",
)
BOOK = "https://storage.googleapis.com/maps-premium/dataset/yes_complete/"
FILES = ("train.txt", "test.txt", "song_hash.txt", "tags.txt", "tag_hash.txt")


def download(name: str, data: Path, source: str | None = None) -> Path:
    """The folder `data`/`name`, fetched and checked if it is not there already.

    source : an archive's address or path to use instead of the mirrors

    Raises DownloadError if it cannot be had, DataError if what came is damaged; nothing is left behind.
    """
    if name not in YES_COM:
        raise DataError(f"no dataset {name!r} to download; there are {', '.join(YES_COM)}")
    folder = data / name
    if folder.exists():
        return folder
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=data) as scratch:
        new = Path(scratch, name)
        new.mkdir()
        _fill(new, source)
        read_folder(new)
        new.rename(folder)
    return folder


def _fill(new: Path, source: str | None) -> None:
    archive = new.parent / "dataset.tar.gz"
    if source and Path(source).is_file():
        _unpack(Path(source), new)
        return
    try:
        fetch([source] if source else ARCHIVES, archive)
    except DownloadError:
        if source or new.name != "yes_complete":
            raise
        for file in ("train.txt", "song_hash.txt"):
            fetch([BOOK + file], new / file)
        return
    _unpack(archive, new)


def _unpack(archive: Path, new: Path) -> None:
    """Copy the plain files of the folder called like `new` out of the archive, and nothing else."""
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                parts = Path(member.name).parts
                if member.isfile() and parts[-2:-1] == (new.name,) and parts[-1] in FILES:
                    content = tar.extractfile(member)
                    assert content is not None  # a plain file has content
                    with content, (new / parts[-1]).open("wb") as file:
                        shutil.copyfileobj(content, file)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise DataError(f"{archive.name}: not a whole tar archive: {error}; download it again") from error
    if not (new / "train.txt").exists():
        raise DataError(f"{archive.name}: has no {new.name}/train.txt; it is not Cornell's dataset.tar.gz")
