"""Breakdowns: the queries of a split by what makes them easy or hard."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.duplicates import nearest
from recommender.groups import Groups
from recommender.playlists import Playlists
from recommender.split import Split

_LENGTHS = (1, 2, 3, 6, 11, 21, 51)
_SEEN = (0, 1, 2, 5, 10)
_OVERLAPS = ("Jaccard up to .5", ".5 to .8", "above .8")


def breakdowns(split: Split) -> dict[str, Groups]:
    """The queries by the songs before, by overlap with training, and where they have one target by what is known of it.

    Overlap is the Jaccard similarity of a query's whole playlist with the training playlist most like it.
    """
    asked, owners = np.unique(split.owners, return_inverse=True)
    jaccard = nearest(split.held_out.take(asked), 0.5, split.train)[owners]
    groups = {
        "songs before it": _groups(split.seeds.lengths, _LENGTHS),
        "overlap with a training playlist": Groups(_OVERLAPS, (jaccard > 0.5).astype(np.int64) + (jaccard > 0.8)),
    }
    if (split.targets.lengths > 1).any():
        return groups
    n_songs = 1 + int(max(split.train.songs.max(initial=0), split.held_out.songs.max(initial=0)))
    plays = split.train.counts(n_songs)
    last, target = split.seeds.songs[split.seeds.stops - 1], split.targets.songs
    return {
        "plays of the song, in tenths of the catalogue": _tenths(plays, target),
        "times the song followed the one before it in training": _groups(
            _times(split.train, last, target, n_songs), _SEEN
        ),
        **groups,
    }


def _groups(values: NDArray[np.integer], starts: Sequence[int]) -> Groups:
    """Values by the range they are in; each starts where the one before ends, and the last is open.

    >>> _groups(np.array([1, 4, 9]), (1, 2, 5)).labels
    ('1', '2–4', '5+')
    """
    ends = [*starts[1:], starts[-1]]
    labels = [str(a) if a + 1 == b else f"{a}–{b - 1}" for a, b in zip(starts[:-1], ends, strict=False)]
    return Groups((*labels, f"{starts[-1]}+"), np.searchsorted(starts, values, side="right") - 1)


def _tenths(plays: NDArray[np.int64], songs: NDArray[np.int32]) -> Groups:
    """Songs by the tenth of the played catalogue they are in, from the least to the most played."""
    played = np.flatnonzero(plays > 0)
    order = played[np.argsort(plays[played], kind="stable")]
    tenth = np.zeros(len(plays), dtype=np.int64)
    tenth[order] = 1 + np.arange(len(order)) * 10 // max(len(order), 1)
    labels = ("never played", "1 (least)", *map(str, range(2, 10)), "10 (most)")
    of = tenth[songs]
    return Groups(labels, of) if (of == 0).any() else Groups(labels[1:], of - 1)


def _times(
    playlists: Playlists, first: NDArray[np.int32], second: NDArray[np.int32], n_songs: int
) -> NDArray[np.int64]:
    """(n,) how often the second song came right after the first in the playlists."""
    follows = np.flatnonzero(playlists.positions > 0)
    pairs = playlists.songs[follows - 1], playlists.songs[follows]
    seen = sp.csr_array((np.ones(len(follows), np.int64), pairs), shape=(n_songs, n_songs))
    return np.asarray(seen[first, second]).ravel()
