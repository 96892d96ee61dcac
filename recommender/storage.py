"""Storage: a run as a folder that numpy and a text editor can read.

    card.json      format, model, parameters, dataset with digests and terms, versions, cost, use and limits
    songs.tsv      id, plays, title, artist and tags of a song a line, in row order (see `recommender.song_table`)
    NAME.npy       each array that the model learnt, without the last "_" of its name; a sparse one is
                   NAME.data.npy, NAME.indices.npy and NAME.indptr.npy (CSR)
    search.txt     the words of titles and artists, and search.NAME.npy, who holds them (see `recommender.search`);
                   a run of before them searches too, after a moment
    nearby.*.faiss  songs in lists, where an index was made (see `recommender.nearby`); else all are scored
    map.*          places and groups of songs and the names of groups, where a map was made (see `recommender.layout`)
    playlists.*.npy  songs (rows) and offsets of the playlists that the model learnt from, to give reasons from
    trials.csv     what a search for the parameters tried, where there was one (see `recommender.tune`)
    metrics.json   what evaluation measured, where it did (see `Report.figures`), to be read in report.md or report.html

It is written to a temporary folder beside its place and renamed, so a run is there whole or not at all.
Arrays are memory-mapped on load: a large run opens at once, and processes share one copy.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from recommender import layout, nearby
from recommender.catalogue import Catalogue
from recommender.errors import DataError, RecommenderError
from recommender.files import replacing
from recommender.layout import Layout
from recommender.models import make
from recommender.nearby import Nearby
from recommender.playlists import Playlists
from recommender.protocol import Recommender
from recommender.search import Index
from recommender.song_table import read_songs, write_songs

FORMAT = 1
_SPARSE = ("data", "indices", "indptr")
_INDEX = ("starts", "songs", "names", "rows")
Stamp = tuple[int, int]


class Parts(NamedTuple):
    """What a run consists of (see `Run`)."""

    model: Recommender
    catalogue: Catalogue
    card: Mapping[str, Any]
    metrics: Mapping[str, Any] | None
    trials: str | None
    playlists: Playlists | None
    layout: Layout | None
    nearby: Nearby | None


def write(folder: Path, run: Parts, *, force: bool) -> None:
    """Write the folder, whole or not at all; raises RecommenderError if it cannot be."""
    check_place(folder, force=force)
    with replacing(folder) as new:
        arrays = write_arrays(new, run.model)
        _write_json(new / "card.json", {"format": FORMAT, "arrays": arrays} | dict(run.card))
        write_songs(new / "songs.tsv", run.catalogue)
        write_index(new, run.catalogue.index)
        if run.playlists is not None:
            _write_playlists(new, run.playlists)
        if run.layout is not None:
            layout.write(new, run.layout)
        if run.nearby is not None:
            run.nearby.write(new)
        if run.trials:
            (new / "trials.csv").write_text(run.trials, encoding="utf-8", newline="")
        if run.metrics:
            _write_metrics(new, run.metrics)


def read(path: Path) -> Parts:
    """What `write` wrote; raises DataError if it is no run, damaged, or of a format not known here."""
    card = _read_card(path)
    try:
        model = make(card["model"], card["parameters"])
        catalogue = read_songs(path / "songs.tsv", card["dataset"]["songs"])
        index = read_index(path, len(catalogue))
        read_arrays(path, card["arrays"], model)
        _check_use(model, catalogue, card)
        playlists = _read_playlists(path, len(catalogue))
        learnt = card["learnt"]
        if playlists and (len(playlists), playlists.n_plays) != (learnt["playlists"], learnt["plays"]):
            raise ValueError("playlists.*.npy are not the playlists that the card states")
        places = layout.read(path, len(catalogue))
        near = nearby.read(path, model, len(catalogue))
        trials = path / "trials.csv"
        tried = trials.read_text(encoding="utf-8") if trials.exists() else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError) as error:
        raise DataError(f"{path}: damaged: {error}; train it anew") from error
    metrics = _read_json(path / "metrics.json") if (path / "metrics.json").exists() else None
    if metrics is not None and not (isinstance(metrics, dict) and {"about", "models"} <= metrics.keys()):
        raise DataError(f"{path / 'metrics.json'}: damaged: not what an evaluation writes; remove it, or train anew")
    catalogue = catalogue.indexed(index) if index else catalogue
    return Parts(model, catalogue, card, metrics, tried, playlists, places, near)


def stamp(path: Path) -> Stamp | None:
    """What changes when a run is replaced, None where there is none.

    Its time alone would not do, as two runs may be written within one tick of the clock.
    """
    try:
        status = (path / "card.json").stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def glance(path: Path) -> tuple[Mapping[str, Any], bytes]:
    """A run's card, and the ids of its songs as text, a line each; raises DataError if it is no run."""
    card, songs = _read_card(path), path / "songs.tsv"
    try:
        lines = songs.read_bytes().splitlines()
    except OSError as error:
        raise DataError(f"{songs}: damaged: {error}; train it anew") from error
    return card, b"\n".join(line.partition(b"\t")[0] for line in lines)


def _read_card(path: Path) -> Mapping[str, Any]:
    if not (path / "card.json").is_file():
        raise DataError(f"{path} is not a run (it has no card.json); `recommender train DATASET {path}` makes one")
    card = _read_json(path / "card.json")
    if not isinstance(card, dict):
        raise DataError(f"{path / 'card.json'}: damaged: no JSON object; train the run anew")
    if card.get("format") != FORMAT:
        raise DataError(
            f"{path}: a run of format {card.get('format')}, this version reads format {FORMAT}; train it anew"
        )
    return card


def _check_use(model: Recommender, catalogue: Catalogue, card: Mapping[str, Any]) -> None:
    """Raise what using the run would raise, were an array, or an entry of the card, missing or of another size."""
    for key in ("learnt", "held_out", "cleaning", "fit_seconds", "intended_use", "limits", "made"):
        card[key]
    for key in ("name", "digests", "licence"):
        card["dataset"][key]
    known = np.flatnonzero(catalogue.plays > 0)[:1].tolist()
    if model.score(Playlists.of([known])).shape != (1, len(catalogue)):
        raise ValueError("the arrays are not of as many songs as the catalogue")


def check_place(folder: str | os.PathLike[str], *, force: bool = False) -> None:
    """Raise RecommenderError if a run may not be written there; worth asking before a long fit."""
    path = Path(folder)
    if not path.exists() and not path.is_symlink():
        return
    if not (path / "card.json").is_file():
        raise RecommenderError(f"{path} is there and is not a run; give another folder")
    if not force:
        raise RecommenderError(f"{path} is there already; give another folder, or --force to replace it")


def _write_metrics(folder: Path, metrics: Mapping[str, Any]) -> None:
    """Write the numbers, and a report for people."""
    from recommender.report_html import page  # whose parts no recommendation needs
    from recommender.report_text import document

    _write_json(folder / "metrics.json", metrics)
    (folder / "report.md").write_text(document(metrics), encoding="utf-8")
    (folder / "report.html").write_text(page(metrics), encoding="utf-8")


def _write_json(path: Path, content: Any) -> None:
    """Write indented JSON."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _read_json(path: Path) -> Any:
    """Read JSON; raises DataError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: damaged: {error}; train the run anew") from error


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
    if (
        words != sorted(words)
        or names.shape != (3, n_songs)
        or rows.shape != (n_songs,)
        or np.any((rows < 0) | (rows >= n_songs))
    ):
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


def _write_playlists(folder: Path, playlists: Playlists) -> None:
    """Write the two arrays that playlists are."""
    np.save(folder / "playlists.songs.npy", playlists.songs)
    np.save(folder / "playlists.offsets.npy", playlists.offsets)


def _read_playlists(folder: Path, n_songs: int) -> Playlists | None:
    """What `_write_playlists` wrote, memory-mapped; None where it did not; raises OSError or ValueError if damaged."""
    if not any(folder.glob("playlists.*.npy")):
        return None
    playlists = Playlists(_mapped(folder / "playlists.songs.npy"), _mapped(folder / "playlists.offsets.npy"))
    if playlists.n_plays and not 0 <= playlists.songs.min() <= playlists.songs.max() < n_songs:
        raise ValueError("playlists.songs.npy has songs that are not in the catalogue")
    return playlists


def _mapped(path: Path) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)
