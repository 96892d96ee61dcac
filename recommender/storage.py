"""Storage: the files of a run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from recommender.catalogue import Catalogue
from recommender.errors import DataError
from recommender.playlists import Playlists
from recommender.protocol import Recommender
from recommender.search import Index

_SPARSE = ("data", "indices", "indptr")
_INDEX = ("starts", "songs", "names", "rows")


def write_json(path: Path, content: Any) -> None:
    """Write indented JSON."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read JSON; raises DataError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: damaged: {error}; train the run anew") from error


def write_songs(path: Path, catalogue: Catalogue) -> None:
    """Write id, plays, title, artist and tags of a song a line, a tab between; text may hold no tab or newline."""
    lines = []
    for song in catalogue:
        fields = [str(song.id), str(song.plays), song.title, song.artist, *song.tags]
        if any(mark in text for text in fields for mark in "\t\n"):
            raise ValueError(f"a tab or a newline in {song!r}")
        lines.append("\t".join(fields) + "\n")
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_songs(path: Path, n_songs: int) -> Catalogue:
    """What `write_songs` wrote; raises ValueError if it has not `n_songs` whole lines."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    rows = [line.split("\t") for line in lines[:-1]]
    if len(rows) != n_songs or lines[-1] or min(map(len, rows), default=4) < 4:
        raise ValueError(f"{path.name} has not the {n_songs} songs that the card states")
    if len({row[0] for row in rows}) < n_songs:
        raise ValueError(f"{path.name} has an id twice")
    return Catalogue(
        np.array([int(row[0]) for row in rows], dtype=np.int64),
        [row[2] for row in rows],
        [row[3] for row in rows],
        [tuple(row[4:]) for row in rows],
        np.array([int(row[1]) for row in rows], dtype=np.int64),
    )


def write_index(folder: Path, index: Index) -> None:
    """Write the words as search.txt, a line each, and the arrays as search.NAME.npy."""
    text = "".join(f"{word}\n" for word in index.words)
    (folder / "search.txt").write_text(text, encoding="utf-8", newline="\n")
    for name in _INDEX:
        np.save(folder / f"search.{name}.npy", getattr(index, name))


def read_index(folder: Path, n_songs: int) -> Index | None:
    """What `write_index` wrote, memory-mapped, None if nothing; raises OSError or ValueError for a damaged one."""
    if not (folder / "search.txt").exists() and not any(folder.glob("search.*.npy")):
        return None
    words = (folder / "search.txt").read_bytes().decode("utf-8").split("\n")[:-1]
    starts, songs, names, rows = (_mapped(folder / f"search.{name}.npy") for name in _INDEX)
    sp.csr_array((songs, songs, starts), shape=(len(words), n_songs)).check_format(full_check=True)  # who holds what
    if names.shape != (3, n_songs) or rows.shape != (n_songs,) or np.any((rows < 0) | (rows >= n_songs)):
        raise ValueError(f"the search is not of {n_songs} songs")
    return Index(words, starts, songs, names, rows)


def write_arrays(folder: Path, model: Recommender) -> dict[str, list[int]]:
    """Write each array that the model learnt as NAME.npy, a sparse one as its CSR parts; their shapes by name."""
    arrays = {name.removesuffix("_"): array for name, array in vars(model).items() if name.endswith("_")}
    for name, array in arrays.items():
        if isinstance(array, sp.csr_array):
            for part in _SPARSE:
                np.save(folder / f"{name}.{part}.npy", getattr(array, part))
        else:
            np.save(folder / f"{name}.npy", array)
    return {name: list(array.shape) for name, array in sorted(arrays.items())}


def read_arrays(folder: Path, shapes: Mapping[str, list[int]], model: Recommender) -> None:
    """Give the model the arrays of these shapes, memory-mapped; raises OSError or ValueError for a damaged one."""
    for name, shape in shapes.items():
        array: Any
        if (folder / f"{name}.indptr.npy").exists():
            array = sp.csr_array(
                tuple(_mapped(folder / f"{name}.{part}.npy") for part in _SPARSE), shape=(shape[0], shape[1])
            )
            array.check_format(full_check=True)
        else:
            array = _mapped(folder / f"{name}.npy")
        if list(array.shape) != shape:
            raise ValueError(f"{name}.npy has the shape {array.shape}, the card states {shape}")
        setattr(model, f"{name}_", array)


def write_playlists(folder: Path, playlists: Playlists) -> None:
    """Write the two arrays that playlists are."""
    np.save(folder / "playlists.songs.npy", playlists.songs)
    np.save(folder / "playlists.offsets.npy", playlists.offsets)


def read_playlists(folder: Path, n_playlists: int, n_plays: int) -> Playlists | None:
    """What `write_playlists` wrote, memory-mapped; None where it did not; raises OSError or ValueError if damaged."""
    if not (folder / "playlists.songs.npy").exists():
        return None
    playlists = Playlists(_mapped(folder / "playlists.songs.npy"), _mapped(folder / "playlists.offsets.npy"))
    if (len(playlists), playlists.n_plays) != (n_playlists, n_plays):
        raise ValueError(f"playlists.*.npy hold not the {n_playlists} playlists that the card states")
    return playlists


def _mapped(path: Path) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)
