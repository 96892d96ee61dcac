"""Mirrors: where the Yes.com playlists are to be had, and how they come into the data folder.

The authors offer one archive with all three folders, at two addresses; yes_complete's train.txt and
song_hash.txt are also in the copy that Hands-On Large Language Models uses. The archive is kept in the data
folder (`.download`), so that the second dataset needs no second download. Git's blob ids tell damage and
mix-ups; where they differ, the counts that the authors publish decide.
"""

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from recommender.datasets.unpack import unpack
from recommender.datasets.yes_com import read_folder
from recommender.errors import DataError, DownloadError
from recommender.fetch import blob_id, fetch
from recommender.files import alone, replacing
from recommender.playlists import Playlists

ARCHIVES = (
    "https://www.cs.cornell.edu/~shuochen/lme/dataset.tar.gz",
    "https://csinpi.github.io/lme/dataset.tar.gz",
)
ARCHIVE_ID = "c47a737c6d42fb7493464134ceced53829218e4a"
BOOK = "https://storage.googleapis.com/maps-premium/dataset/yes_complete/"
FILES = ("train.txt", "test.txt", "song_hash.txt", "tags.txt", "tag_hash.txt")
TERMS = "not owned by its collectors (Yes.com, Last.fm); for research; cite KDD 2012, ISMIR 2012, KDD 2013"
CARD = "data_card.json"
CITE = (
    "Chen, Moore, Turnbull, Joachims: Playlist Prediction via Metric Embedding. KDD 2012, doi:10.1145/2339530.2339643",
    "Moore, Chen, Joachims, Turnbull: Learning to Embed Songs and Tags for Playlist Prediction. ISMIR 2012",
    "Chen, Xu, Joachims: Multi-space Probabilistic Sequence Modeling. KDD 2013, doi:10.1145/2487575.2487632",
)
COUNTS = {  # songs, transitions (length - 1, summed) in train and in test, as published
    "yes_small": (3168, 134_431, 1_191_279),
    "yes_big": (9775, 172_510, 1_602_079),
    "yes_complete": (75_262, 1_542_372, 1_298_181),
}
IDS = {
    "yes_small": {
        "train.txt": "a44c47ce8c405a33262e351c79932802aec936f9",
        "test.txt": "d37460fb6b8856f210354976ad8645099b6a5d45",
        "song_hash.txt": "a16aa297849505c2482c8b8597c2c62b174a27c9",
        "tags.txt": "4a963ad4de4d1f1b5e40523d795d247c9bcd2df0",
        "tag_hash.txt": "79d6430b9b2a28d08e4b4711dd2dbfaf074adf33",
    },
    "yes_big": {
        "train.txt": "999495f4e2c16faaacef527aff720bc50e6825cd",
        "test.txt": "df102ff806f435135a4bf2aed582136ddd4fc834",
        "song_hash.txt": "ea81394a84cad46293b24a8f1d8864268ea54ef1",
        "tags.txt": "c0fdc008b50c3af0d4878639aa5b690031a47bb2",
        "tag_hash.txt": "e5404f0b10b30e1bb7d75fd3e7f92c0930a1b5d1",
    },
    "yes_complete": {
        "train.txt": "ee714ce617fdb6f0aa56ed47fced955ba3b3917c",
        "test.txt": "c43b6b175854b775f383a317b8d753dee5dfa7f5",
        "song_hash.txt": "2b80c3bd0a0ca60150a20ce99e20768afa56f782",
        "tags.txt": "2b986e21b6a17eefa4457c055f66de463cd03943",
        "tag_hash.txt": "c41bbbae1e35cf124caa5ea95b91a3e1e0d73eb6",
    },
}
YES_COM = tuple(IDS)


def download(name: str, data: Path, source: str | None = None, *, http: bool = False) -> Path:
    """The folder `data`/`name`, fetched, checked and given a data card if it is not there already.

    source : address or path of an archive, or a folder, to use instead of the mirrors
    http : allow plain http

    Raises DownloadError if it cannot be had, DataError if what came is damaged; the folder is there whole or not
    at all, and what was fetched of an archive is kept for the next call.
    """
    if name not in YES_COM:
        raise DataError(f"no dataset {name!r} to download; there are {', '.join(YES_COM)}")
    folder, cache = data / name, data / ".download"
    if folder.exists() and source:
        raise DataError(f"{folder} is there already; remove it first to take it from {source}")
    if folder.exists():
        return folder
    busy = DownloadError(f"another process is downloading into {data}; let it finish, then call again")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with alone(cache / "lock", busy):
            _sweep(folder)
            with replacing(folder) as new:
                card = _card(new, name, _fill(new, name, cache, source, http=http))
                (new / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise DownloadError(
            f"{data}: cannot be written: {error.strerror or error}; make room or choose --data"
        ) from error
    return folder


def _sweep(folder: Path) -> None:
    """Remove what a killed process left beside `folder`; the lock says that it is no other's."""
    for left in folder.parent.glob(f".{folder.name}-*"):
        shutil.rmtree(left, ignore_errors=True)


def check(name: str, data: Path) -> list[str]:
    """What the folder `data`/`name` is, a line a file, without the network.

    Raises DataError where it is missing, damaged, or has other counts than the published ones.
    """
    if name not in YES_COM:
        raise DataError(f"no dataset {name!r} to check; there are {', '.join(YES_COM)}")
    folder = data / name
    _check_counts(folder, name)
    lines = []
    for file, expected in IDS[name].items():
        found = blob_id(folder / file) if (folder / file).exists() else None
        what = "is missing" if found is None else "as published" if found == expected else _other(found, expected)
        lines.append(f"{folder / file}: {what}")
    return lines


def data_card(folder: Path) -> str:
    """The data card of a downloaded folder, for a person to read."""
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    lines = [f"source: {card['source']}, {card['retrieved']}"]
    lines += [
        f"{name}: {facts['bytes']:,} bytes, git blob id {facts['git_blob_id']}" for name, facts in card["files"].items()
    ]
    expected = IDS[card["name"]]
    lines += [
        f"{name} differs from the published file, whose id is {expected[name]}"
        for name in card["differs_from_published_id"]
    ]
    lines += [f"{name} was not in the source" for name in card["missing"]]
    return "\n".join([*lines, f"terms: {card['terms']}", *(f"cite: {paper}" for paper in card["cite"])])


def _other(found: str, expected: str) -> str:
    return f"differs: its git blob id is {found}, {expected} is expected; its counts are as published"


def _fill(inside: Path, name: str, cache: Path, source: str | None, *, http: bool) -> str:
    """Put the dataset's files into `inside`; where they came from."""
    if source and Path(source).is_dir():
        _copy(Path(source), name, inside)
        return source
    if source and Path(source).is_file():
        unpack(Path(source), name, inside, FILES)
        return source
    archive, note = cache / "dataset.tar.gz", cache / "source"
    if source:
        fetched = fetch([source], cache / "given.tar.gz", http=http)
        unpack(cache / "given.tar.gz", name, inside, FILES)
        (cache / "given.tar.gz").unlink()
        return fetched.source
    if not archive.exists():
        try:
            note.write_text(fetch(ARCHIVES, archive, id=ARCHIVE_ID, http=http).source)
        except DownloadError:
            if name != "yes_complete":
                raise
            for file in ("train.txt", "song_hash.txt"):
                fetch([BOOK + file], inside / file, id=IDS["yes_complete"][file], http=http)
            return BOOK
    unpack(archive, name, inside, FILES)
    return note.read_text() if note.exists() else str(archive)


def _copy(source: Path, name: str, inside: Path) -> None:
    """Copy the dataset's files out of a folder that holds them, or holds them in a folder of the dataset's name."""
    folder = source / name if (source / name).is_dir() else source
    for file in FILES:
        if (folder / file).is_file():
            shutil.copyfile(folder / file, inside / file)


def _card(inside: Path, name: str, origin: str) -> Mapping[str, Any]:
    """Check the files and tell what they are: source, time, digests, terms, how to cite."""
    _check_counts(inside, name)
    expected = IDS[name]
    files = {
        path.name: {"bytes": path.stat().st_size, "git_blob_id": blob_id(path)} for path in sorted(inside.iterdir())
    }
    differing = [file for file, facts in files.items() if facts["git_blob_id"] != expected.get(file)]
    return {
        "name": name,
        "source": origin,
        "retrieved": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
        "differs_from_published_id": differing,
        "missing": [file for file in expected if file not in files],
        "terms": TERMS,
        "cite": list(CITE),
    }


def _check_counts(folder: Path, name: str) -> None:
    catalogue, train, test = read_folder(folder)
    songs, in_train, in_test = COUNTS[name]
    found = [len(catalogue), _transitions(train), in_test if test is None else _transitions(test)]
    if found != [songs, in_train, in_test]:
        raise DataError(
            f"{name}: has {found[0]:,} songs and {found[1]:,} + {found[2]:,} transitions (train + test); "
            f"published are {songs:,} and {in_train:,} + {in_test:,}: this is another dataset; give it another name"
        )


def _transitions(playlists: Playlists) -> int:
    return int(np.maximum(playlists.lengths - 1, 0).sum())
