"""Reading playlists and songs, looking through them, opening runs, drawing the map."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from recommender import Run, import_playlists, load, nearest
from recommender.datasets import Dataset
from recommender.datasets.yes_com import write_folder
from recommender.layout import kept, lay_out
from tests.bench import made_up
from tests.bench.harness import Case, Work

PLAYS = (10**4, 10**5, 10**6, 10**7)
_SLICE, _KINDS, _DIM = 1000, 300, 64


def reading(folder: Path) -> Callable[[], object]:
    """Read all files of a folder, and do nothing with them."""
    return lambda: [len(file.read_bytes()) for file in folder.iterdir()]


def loading(n: int, folder: Path) -> Work:
    dataset = made_up.dataset(n)
    write_folder(folder, dataset.catalogue, dataset.train)
    files = [*folder.iterdir()]
    return Work(
        lambda: load(folder),
        dataset.train.n_plays,
        lambda: [len(file.read_text(encoding="utf-8").split("\n")) for file in files],
    )


def importing(n: int, folder: Path) -> Work:
    dataset, numbers, source = made_up.dataset(n), count(), folder / "in"
    source.mkdir()
    write_slices(dataset, source)
    files = [*source.iterdir()]
    return Work(
        lambda: import_playlists(source, folder / f"out{next(numbers)}"),
        dataset.train.n_plays,
        lambda: [len(json.loads(file.read_bytes())) for file in files],
    )


def write_slices(dataset: Dataset, folder: Path) -> None:
    """The playlists in the Million Playlist Dataset's format, a thousand a file."""
    names = [
        {"track_name": title, "artist_name": artist}
        for title, artist in zip(dataset.catalogue.titles, dataset.catalogue.artists, strict=True)
    ]
    for start in range(0, len(dataset.train), _SLICE):
        some = dataset.train.slice(start, start + _SLICE)
        playlists = [{"pid": start + i, "tracks": [names[song] for song in songs]} for i, songs in enumerate(some)]
        text = json.dumps({"info": {}, "playlists": playlists})
        (folder / f"mpd.slice.{start}-{start + _SLICE - 1}.json").write_text(text, encoding="utf-8")


def duplicates(n: int, _: Path) -> Work:
    plays = made_up.plays(n)
    return Work(lambda: nearest(plays, 0.5), plays.n_plays)


def opening(n: int, folder: Path) -> Work:
    made_up.run("spectral", n).save(folder / "run")
    return Work(lambda: Run.load(folder / "run"), n, reading(folder / "run"))


def mapping(n: int, _: Path) -> Work:
    """Unit vectors around 300 directions, as unevenly many around each as songs of a kind; processor time of a core."""
    rng, catalogue = np.random.default_rng(0), made_up.catalogue(n)
    kinds = (rng.random(n) ** 2 * _KINDS).astype(int)
    vectors = rng.standard_normal((_KINDS, _DIM))[kinds] + rng.standard_normal((n, _DIM))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    layouts = []

    def timed() -> None:
        with threadpool_limits(1):
            layouts[:] = [lay_out(vectors, catalogue)]

    return Work(timed, n, told=lambda: {"kept of the ten nearest": kept(vectors, layouts[0])})


CASES = [
    Case("load", "plays", "plays", PLAYS, loading, "reading its lines"),
    Case("import", "plays", "plays", PLAYS[:3], importing, "json.loads of its files"),
    Case("near duplicates", "plays", "plays", PLAYS[:3], duplicates, larger=PLAYS[3:]),
    Case("open a run", "songs", "songs", (3_168, 75_262, 10**6), opening, "reading its files"),
    Case("map", "songs", "songs", (3_168, 9_775), mapping, larger=(75_262,)),
]
