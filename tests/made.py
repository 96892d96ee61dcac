"""What the scripts that measure share: where the data is, playlists of any size, text put between marks of a page."""

from pathlib import Path

import numpy as np

from recommender.catalogue import Catalogue
from recommender.datasets import Dataset
from recommender.playlists import Playlists

ROOT = Path(__file__).parents[1]
_BESIDE = ROOT.parent / "shared" / "data"
DATA = str(_BESIDE) if _BESIDE.is_dir() else None


def put(page: Path, start: str, text: str, end: str) -> None:
    """Write the page anew with this text between the two marks, each of which it has once."""
    before, rest = page.read_text(encoding="utf-8").split(start)
    page.write_text(f"{before}{start}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")


def broadcast(n_songs: int, n_plays: int, seed: int = 0) -> Playlists:
    """Playlists of about so many plays, cut from the air of stations; ten million in seconds.

    Songs stand on a ring, alike where they are near. A station is a place on it and plays what is around: half of its
    plays are hits, the rank of which is log-uniform, half come from anywhere in its library. Lengths are as in `toy`.
    """
    rng = np.random.default_rng(seed)
    lengths = np.minimum(1 + rng.lognormal(1.6, 1.3, n_plays // 11 + 1), 60).astype(int)
    ring, n_stations = rng.permutation(n_songs), max(1, round((n_songs / 2) ** 0.5))
    station = np.repeat((n_stations * rng.random(len(lengths)) ** 2).astype(int), lengths)
    library = n_songs / n_stations * 3
    away = np.where(
        rng.random(len(station)) < 0.5, library ** rng.random(len(station)), library * rng.random(len(station))
    )
    places = station * (n_songs / n_stations) + away * rng.choice([-1, 1], len(station))
    return Playlists.joined(ring[places.astype(np.int64) % n_songs], lengths)


def broadcast_dataset(n_songs: int, n_plays: int) -> Dataset:
    """Those playlists with a catalogue of numbered songs and artists."""
    playlists, rows = broadcast(n_songs, n_plays), np.arange(n_songs)
    titles, artists = [f"Song {row}" for row in rows.tolist()], [f"Artist {row // 5}" for row in rows.tolist()]
    tags = [(f"kind {row % 50}",) for row in rows.tolist()]
    catalogue = Catalogue(rows, titles, artists, tags, playlists.counts(n_songs))
    return Dataset("made up", catalogue, playlists, None, "made up")
