"""Stats: what is in a dataset.

A song is unknown where its title or its artist is "-" or empty. Two rows of the catalogue are one song where title
and artist are equal after `normalised`, so without case, accents and punctuation, and neither is unknown: 788 rows
of yes_complete repeat an earlier one (743 where only case is ignored, and of the unknown only "- · -" left out).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.datasets import Dataset
from recommender.duplicates import nearest
from recommender.exposure import gini
from recommender.playlists import Playlists
from recommender.search import normalised
from recommender.traits import unknown_songs


def describe(dataset: Dataset) -> dict[str, Any]:
    """Counts and shares of a dataset, ready for JSON; a transition is a song and the one after it.

    The shares near another playlist are of the playlists with two distinct songs or more.
    """
    catalogue = dataset.catalogue
    surplus = first_rows(catalogue) != np.arange(len(catalogue))
    facts: dict[str, Any] = {
        "name": dataset.name,
        "songs": dataset.n_songs,
        "songs with unknown title or artist": int(unknown_songs(catalogue).sum()),
        "songs that repeat another's title and artist": int(surplus.sum()),
        "songs without tags": sum(not tags for tags in catalogue.tags),
        "train": playlists_facts(dataset.train, dataset.n_songs) | _shares_near("another", overlaps(dataset.train)),
    }
    if dataset.test is not None:
        shares = _shares_near("a training", overlaps(dataset.test, dataset.train))
        facts["test"] = playlists_facts(dataset.test, dataset.n_songs) | shares
    return facts


def first_rows(catalogue: Catalogue) -> NDArray[np.int64]:
    """(n_songs,) the first row with each row's title and artist: itself, unless the song has an earlier id.

    Text without letters and digits, such as the band "!!!", is compared as it stands.
    """
    first: dict[tuple[str, str], int] = {}
    rows = np.arange(len(catalogue))
    for row in np.flatnonzero(~unknown_songs(catalogue)).tolist():
        title, artist = catalogue.titles[row], catalogue.artists[row]
        rows[row] = first.setdefault((normalised(title) or title.strip(), normalised(artist) or artist.strip()), row)
    return rows


def overlaps(playlists: Playlists, others: Playlists | None = None) -> NDArray[np.float64]:
    """Greatest Jaccard similarity with another playlist, of each with two distinct songs or more; 0 up to .5."""
    long = playlists.keep(~playlists.repeats).lengths > 1
    return nearest(playlists, 0.5, others)[long]


def _shares_near(whose: str, overlap: NDArray[np.float64]) -> dict[str, float]:
    """Shares of the playlists that are near `whose` playlist."""
    n = max(len(overlap), 1)
    return {
        f"share near {whose} playlist (Jaccard above {text})": float((overlap > above).sum() / n)
        for text, above in ((".5", 0.5), (".8", 0.8))
    }


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


def _top_share(plays: NDArray[np.integer]) -> float:
    top = np.sort(plays)[len(plays) - max(1, len(plays) // 10) :] if len(plays) else plays
    return float(top.sum() / max(plays.sum(), 1))
