"""Layout: all songs in two dimensions, near where their vectors are near, in groups named by what marks them.

t-SNE (van der Maaten & Hinton 2008, JMLR 9), its repulsion interpolated on a grid (Linderman et al. 2019,
doi:10.1038/s41592-018-0308-4), as openTSNE does it. What makes it quick, and keeps as many neighbours:

- Each song is drawn to its 15 nearest songs alike, which are found exactly; no perplexity is searched for.
- It begins at the two directions in which the vectors differ most, so that a hundred and some steps are enough.
- Where more songs than MOST_PLACED have vectors, those played most have places: the time grows with the square.

A song without a vector has no place. In a run it is map.places.npy, map.groups.npy and map.txt, a name a line.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from recommender.catalogue import UNKNOWN, Catalogue

Vectors = NDArray[np.float32]

NO_GROUP = -1
MOST_GROUPS = 24
MOST_PLACED = 100_000
_NEAREST = 15
_GATHERING, _SETTLING, _MORE = 40, 100, 500  # steps; one more for so many songs
_GRID = 3000  # songs from which on the grid is quicker than a tree (Barnes & Hut)
_BLOCK, _DEALT = 256, 64  # rows at once, and columns in a group
_COMMON, _FEWEST, _MARKED = 0.1, 5, 0.3  # share and number of a group's songs that have a tag that names it; its part
_TOLD = 10  # steps at once


@dataclass(frozen=True, eq=False)
class Layout:
    """Where each song is on the map.

    places : (n_songs, 2), NaN for a song without one
    groups : (n_songs,) of each song, NO_GROUP for one without a place
    names : of the groups
    """

    places: NDArray[np.float32]
    groups: NDArray[np.int16]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.places.shape != (len(self.groups), 2):
            raise ValueError(f"{len(self.groups)} groups and places of shape {self.places.shape}")
        if len(self.groups) and not NO_GROUP <= self.groups.min() <= self.groups.max() < len(self.names):
            raise ValueError(f"groups from {self.groups.min()} to {self.groups.max()} of {len(self.names)} names")
        if np.any(self.placed != (self.groups != NO_GROUP)):
            raise ValueError("songs have a group and no place, or a place and no group")

    @property
    def placed(self) -> NDArray[np.bool_]:
        """(n_songs,) whether each song has a place."""
        return np.asarray(np.isfinite(self.places).all(axis=1))


def lay_out(vectors: Vectors, catalogue: Catalogue, seed: int = 0) -> Layout:
    """The layout of songs by their vectors; the same seed gives the same bytes.

    vectors : (n_songs, dim) unit rows, NaN for a song without one
    """
    placed = _shown(np.asarray(~np.isnan(vectors).any(axis=1)), catalogue.plays)
    known = np.ascontiguousarray(vectors[placed])
    places = np.full((len(vectors), 2), np.nan, np.float32)
    groups = np.full(len(vectors), NO_GROUP, np.int16)
    places[placed] = _places(known, seed)
    groups[placed] = _clusters(places[placed], seed)
    return Layout(places, groups, group_names(groups, catalogue))


def _shown(known: NDArray[np.bool_], plays: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n_songs,) which of the known songs have a place: all, or those played most; of equals the lower song numbers."""
    songs = np.flatnonzero(known)
    shown = np.zeros(len(known), bool)
    shown[songs[np.argsort(-plays[songs], kind="stable")[:MOST_PLACED]]] = True
    return shown


def nearest(vectors: Vectors, k: int) -> NDArray[np.int64]:
    """(n, k): of each row the k others with the greatest products, greatest first; k at most n - 1.

    Exact, and quick: the columns are dealt out to groups, and the k greatest stand in the k groups of greatest maxima.
    """
    n = len(vectors)
    columns = np.zeros((vectors.shape[1], n + -n % _DEALT), np.float32)
    columns[:, :n] = vectors.T
    return np.concatenate(
        [_nearest(vectors, columns, np.arange(first, min(first + _BLOCK, n)), k) for first in range(0, n, _BLOCK)]
    )


def _nearest(vectors: Vectors, columns: Vectors, rows: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    products = vectors[rows] @ columns
    products[:, len(vectors) :] = -np.inf
    products[np.arange(len(rows)), rows] = -np.inf
    dealt = products.reshape(len(rows), _DEALT, -1)
    width = dealt.shape[2]
    groups = _greatest(dealt.max(axis=1), min(k, width))
    songs = (groups[:, None] + width * np.arange(_DEALT)[:, None]).reshape(len(rows), -1)
    among = np.take_along_axis(products, songs, axis=1)
    top = _greatest(among, k)
    order = np.argsort(-np.take_along_axis(among, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(songs, np.take_along_axis(top, order, axis=1), axis=1)


def _greatest(values: Vectors, k: int) -> NDArray[np.int64]:
    return np.argpartition(values, -k, axis=1)[:, values.shape[1] - k :]


def kept(
    vectors: Vectors, layout: Layout, seed: int = 0, sample: int = 1000, near: int = 10, within: int = 50
) -> float:
    """The share of the `near` nearest songs by vectors that are among the `within` nearest on the map.

    Of a sample of the songs; 1 where fewer than two have a place, and there is none to lose.
    """
    from sklearn.neighbors import NearestNeighbors

    placed = layout.placed
    places, rows = layout.places[placed], vectors[placed]
    if len(places) < 2:
        return 1.0
    asked = np.random.default_rng(seed).choice(len(places), min(sample, len(places)), replace=False)
    products = rows[asked] @ rows.T
    products[np.arange(len(asked)), asked] = -np.inf
    alike = _greatest(products, min(near, len(places) - 1))
    within = min(within, len(places) - 1)
    around = NearestNeighbors(n_neighbors=within + 1).fit(places).kneighbors(places[asked], return_distance=False)
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(alike, around, strict=True)]))


def _places(vectors: Vectors, seed: int) -> Vectors:
    """(n, 2); a handful of songs stays where the two directions have them in which they differ most."""
    start = _directions(vectors)
    if len(start) <= _NEAREST:
        return start.astype(np.float32)
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import Uniform
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    songs = nearest(vectors, _NEAREST)
    near = Uniform(knn_index=PrecomputedNeighbors(songs, np.ones(songs.shape)), k_neighbors=_NEAREST)
    method = "fft" if len(start) >= _GRID else "bh"
    settling = _SETTLING + len(start) // _MORE
    start *= 1e-4 / max(start[:, 0].std(), 1e-12)
    made = TSNEEmbedding(start, near, n_jobs=1, negative_gradient_method=method, random_state=seed)
    with tqdm(total=_GATHERING + settling, desc="map", unit="steps", leave=False, disable=None) as bar:
        told = {"callbacks": [lambda *_: bar.update(_TOLD) and None], "callbacks_every_iters": _TOLD}
        made = made.optimize(_GATHERING, exaggeration=12, momentum=0.8, **told)
        made = made.optimize(settling, momentum=0.8, **told)
    return np.asarray(made, np.float32)


def _directions(vectors: Vectors) -> NDArray[np.float64]:
    """(n, 2) along the two directions in which the vectors differ most; each points where it is longest."""
    apart = (vectors - vectors.mean(axis=0)).astype(np.float64) if len(vectors) else vectors.astype(np.float64)
    _, axes = np.linalg.eigh(apart.T @ apart)
    axes = axes[:, ::-1][:, :2]
    along = np.zeros((len(vectors), 2))
    along[:, : axes.shape[1]] = apart @ (axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])]))
    return along


def _clusters(places: Vectors, seed: int) -> NDArray[np.int16]:
    """(n,) of each song its cluster on the map, the largest first."""
    from sklearn.cluster import KMeans

    n = min(MOST_GROUPS, max(1, round(np.sqrt(len(places)) / 3)))
    if not len(places):
        return np.zeros(0, np.int16)
    with threadpool_limits(1):  # threads add up in any order
        found = KMeans(min(n, len(np.unique(places, axis=0))), n_init=3, random_state=seed).fit(places)
    numbers = np.argsort(np.argsort(-np.bincount(found.labels_), kind="stable"))
    return np.asarray(numbers[found.labels_], np.int16)


def group_names(groups: NDArray[np.integer], catalogue: Catalogue) -> tuple[str, ...]:
    """A name for each group, no two alike: the tag that marks it, else the artist played most in it, else a number.

    Of the tags that a tenth of its songs have, and at least five, the one with the greatest share * log(share / share
    among all songs with a group), its part of the Kullback-Leibler divergence. Where a group before it has that name,
    the second, and at last the first with the artist.
    """
    members = [np.flatnonzero(groups == group).tolist() for group in range(groups.max(initial=NO_GROUP) + 1)]
    everywhere = _shares([song for songs in members for song in songs], catalogue)
    names: list[str] = []
    for group, songs in enumerate(members):
        marks, artists = _marks(songs, catalogue, everywhere), _played(songs, catalogue)
        choices = [*marks[:2], *(f"{mark}: {artist}" for mark in marks[:1] for artist in artists), *artists]
        names.append(next((name for name in choices if name not in names), f"{group + 1}"))
    return tuple(names)


def _shares(songs: Sequence[int], catalogue: Catalogue) -> dict[str, float]:
    counts = Counter(tag for song in songs for tag in dict.fromkeys(catalogue.tags[song]))
    return {tag: count / len(songs) for tag, count in counts.items()}


def _marks(songs: Sequence[int], catalogue: Catalogue, everywhere: Mapping[str, float]) -> list[str]:
    """The tags that mark these songs, those that do most first."""
    least = max(_COMMON, _FEWEST / max(len(songs), 1))
    parts = {
        tag: share * np.log(share / everywhere[tag])
        for tag, share in _shares(songs, catalogue).items()
        if share >= least
    }
    return sorted((tag for tag in parts if parts[tag] >= _MARKED), key=lambda tag: (-parts[tag], tag))


def _played(songs: Sequence[int], catalogue: Catalogue) -> list[str]:
    """The artists of these songs, those played most first."""
    plays: Counter[str] = Counter()
    for song in songs:
        plays[catalogue.artists[song]] += int(catalogue.plays[song])
    return [artist for artist, _ in plays.most_common() if artist.strip() not in ("", UNKNOWN)]


def write(folder: Path, layout: Layout) -> None:
    """Write the layout's files; a name has no newline."""
    np.save(folder / "map.places.npy", layout.places)
    np.save(folder / "map.groups.npy", layout.groups)
    text = "".join(f"{' '.join(name.split())}\n" for name in layout.names)
    (folder / "map.txt").write_text(text, encoding="utf-8", newline="\n")


def read(folder: Path, n_songs: int) -> Layout | None:
    """What `write` wrote, memory-mapped, None if nothing; raises OSError or ValueError for a damaged one."""
    if not any(folder.glob("map.*")):
        return None
    places, groups = (np.load(folder / f"map.{name}.npy", mmap_mode="r") for name in ("places", "groups"))
    names = (folder / "map.txt").read_bytes().decode("utf-8").split("\n")[:-1]
    layout = Layout(places, groups, tuple(names))
    if len(groups) != n_songs:
        raise ValueError(f"the map is of {len(groups)} songs, the run has {n_songs}")
    return layout
