"""Ranking: from scores to answers, the only place that knows exclusion, order, ties, padding and batches."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recommender.playlists import Playlists
from recommender.protocol import Recommender, Scores

NO_SONG = -1
_BATCH = 256  # queries scored at once: 77 MB of float32 scores at 75,262 songs


def top_k(scores: Scores, k: int) -> tuple[NDArray[np.int32], Scores]:
    """Best `k` songs of each row, best first; equal scores go to the lower song number.

    scores : (n, n_songs), -inf for a song that cannot be recommended
    Returns songs (n, k) and scores (n, k), padded with NO_SONG and -inf.

    >>> songs, _ = top_k(np.float32([[1, 3, 3, -np.inf]]), 4)
    >>> songs.tolist()
    [[1, 2, 0, -1]]
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    n, n_songs = scores.shape
    kept = min(k, n_songs)
    least = -np.partition(-scores, kept - 1, axis=1)[:, kept - 1, None] if kept else scores
    rows, songs = np.nonzero((scores >= least) & (scores > -np.inf))
    values = scores[rows, songs]
    order = np.lexsort((songs, -values, rows))
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    order, place = order[place < k], place[place < k]
    best_songs, best_scores = np.full((n, k), NO_SONG, np.int32), np.full((n, k), -np.inf, np.float32)
    best_songs[rows[order], place], best_scores[rows[order], place] = songs[order], values[order]
    return best_songs, best_scores


def recommend(
    model: Recommender, seeds: Playlists, k: int, *, allow_repeats: bool = False
) -> tuple[NDArray[np.int32], Scores]:
    """Best `k` songs after each playlist of seeds, never one of its seeds unless `allow_repeats`.

    Returns songs (len(seeds), k) and scores (len(seeds), k), padded with NO_SONG and -inf.
    """
    parts = [top_k(scores, k) for _, scores in _batches(model, seeds, exclude=not allow_repeats)]
    if not parts:
        return np.zeros((0, k), np.int32), np.zeros((0, k), np.float32)
    return np.concatenate([songs for songs, _ in parts]), np.concatenate([scores for _, scores in parts])


def ranks(model: Recommender, seeds: Playlists, targets: Playlists) -> Iterator[NDArray[np.float64]]:
    """Place of each target among all songs but the seeds, 0 for the best, a batch of queries at a time.

    targets : as many lists as `seeds`; the yielded arrays joined are as long as `targets.songs`

    A tie counts as its expected place; a target that cannot be recommended has inf.
    """
    start = 0
    for queries, scores in _batches(model, seeds, exclude=True):
        asked = targets.slice(start, start + len(queries))
        start += len(queries)
        rows, goals = asked.owners, scores[asked.owners, asked.songs]
        places = np.empty(asked.n_plays)
        for i, (row, goal) in enumerate(zip(rows, goals, strict=True)):
            places[i] = np.count_nonzero(scores[row] > goal) + (np.count_nonzero(scores[row] == goal) - 1) / 2
        places[np.isneginf(goals)] = np.inf
        yield places


def _batches(model: Recommender, seeds: Playlists, *, exclude: bool) -> Iterator[tuple[Playlists, Scores]]:
    """Slices of the seeds with their scores, the seeds' own songs at -inf if `exclude`."""
    for start in range(0, len(seeds), _BATCH):
        batch = seeds.slice(start, min(start + _BATCH, len(seeds)))
        scores = model.score(batch)
        if np.isnan(scores).any():
            raise ValueError(f"{model} scored NaN; what cannot be recommended is -inf")
        if exclude:
            scores[batch.owners, batch.songs] = -np.inf
        yield batch, scores
