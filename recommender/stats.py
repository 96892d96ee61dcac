"""Stats: what is in a dataset."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import UNKNOWN
from recommender.datasets import Dataset
from recommender.playlists import Playlists


def describe(dataset: Dataset) -> dict[str, Any]:
    """Counts and shares of a dataset, ready for JSON; a transition is a song and the one after it."""
    catalogue = dataset.catalogue
    names = Counter(zip(catalogue.titles, catalogue.artists, strict=True))
    unknown = sum(n for (title, artist), n in names.items() if UNKNOWN in (title, artist))
    surplus = sum(n - 1 for (title, artist), n in names.items() if UNKNOWN not in (title, artist))
    facts: dict[str, Any] = {
        "name": dataset.name,
        "songs": dataset.n_songs,
        "songs with unknown title or artist": unknown,
        "songs that repeat another's title and artist": surplus,
        "songs without tags": sum(not tags for tags in catalogue.tags),
        "train": playlists_facts(dataset.train, dataset.n_songs),
    }
    if dataset.test is not None:
        facts["test"] = playlists_facts(dataset.test, dataset.n_songs)
    return facts


def playlists_facts(playlists: Playlists, n_songs: int) -> dict[str, Any]:
    """Counts, lengths, repeats and popularity of playlists."""
    lengths, plays = playlists.lengths, playlists.counts(n_songs)
    return {
        "playlists": len(playlists),
        "playlists with two songs or more": int((lengths > 1).sum()),
        "playlists that repeat another": len(playlists) - len({songs.tobytes() for songs in playlists}),
        "plays": playlists.n_plays,
        "transitions": int(np.maximum(lengths - 1, 0).sum()),
        "median length": float(np.median(lengths)) if len(lengths) else 0.0,
        "longest": int(lengths.max(initial=0)),
        "plays of a song already in the playlist": int(playlists.repeats.sum()),
        "songs never played": int((plays == 0).sum()),
        "songs played once": int((plays == 1).sum()),
        "share of plays of the top tenth of songs": _top_share(plays),
        "popularity Gini": gini(plays),
    }


def gini(counts: NDArray[np.integer]) -> float:
    """Gini coefficient: 0 where all counts are equal, near 1 where one has all.

    >>> gini(np.array([0, 0, 0, 4])), gini(np.array([2, 2]))
    (0.75, 0.0)
    """
    n, total = len(counts), counts.sum()
    if not total:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(counts) / (n * total))


def _top_share(plays: NDArray[np.integer]) -> float:
    top = np.sort(plays)[len(plays) - max(1, len(plays) // 10) :] if len(plays) else plays
    return float(top.sum() / max(plays.sum(), 1))
