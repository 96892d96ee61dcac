"""Ranking: from scores to answers and places, the only place that knows exclusion, order, ties, padding and batches.

No row is sorted. The best songs are looked for among those that reach a score that `k` songs are sure to reach; a place
is the number of songs with a greater score.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.playlists import Excerpts, Lists, Playlists
from recommender.protocol import Recommender, Scores

NO_SONG = -1
_NAN = "a score is NaN; what cannot be recommended is -inf"
_BATCH = 256  # queries scored at once: 77 MB of float32 scores at 75,262 songs
_GROUPS, _LEAST_GROUPS = 16, 1024  # groups of songs for each of the k best, and at least
_MANY = 16  # targets of a query from which sorting the scores is quicker than counting
_LOWEST = np.finfo(np.float32).min


def top_k(scores: Scores, k: int) -> tuple[NDArray[np.int32], Scores]:
    """Best `k` songs of each row, best first; equal scores go to the lower song number.

    scores : (n, n_songs), -inf for a song that cannot be recommended; NaN raises ValueError
    Returns songs (n, k) and scores (n, k), padded with NO_SONG and -inf.

    >>> songs, _ = top_k(np.float32([[1, 3, 3, -np.inf]]), 4)
    >>> songs.tolist()
    [[1, 2, 0, -1]]
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    songs, values = np.full((len(scores), k), NO_SONG, np.int32), np.full((len(scores), k), -np.inf, np.float32)
    for i, row in enumerate(scores if scores.shape[1] else ()):
        best = _best(row, k)
        songs[i, : len(best)], values[i, : len(best)] = best, row[best]
    return songs, values


def _best(row: Scores, k: int) -> NDArray[np.int64]:
    """The `k` best songs of one row, fewer if fewer can be recommended."""
    width = len(row) // max(_GROUPS * k, _LEAST_GROUPS)
    if width < 2:
        songs = _reaching(row, k)
    else:
        cut = len(row) - len(row) % width
        groups = row[:cut].reshape(width, -1)  # (width, n_groups), a group a column
        columns = _reaching(groups.max(axis=0), k)
        songs = (np.arange(width)[:, None] * groups.shape[1] + columns).ravel()
        songs = np.concatenate([songs, np.arange(cut, len(row))])
        songs = songs[_reaching(row[songs], k)]
    best: NDArray[np.int64] = songs[np.argsort(-row[songs], kind="stable")[:k]]
    return best


def _reaching(values: Scores, k: int) -> NDArray[np.int64]:
    """Where the values reach the k-th greatest of them, but for -inf."""
    place = max(len(values) - k, 0)
    greatest = np.partition(values, place)[place:]
    if np.isnan(greatest).any():  # NaN is sorted to the end
        raise ValueError(_NAN)
    return np.flatnonzero(values >= max(greatest.min(initial=np.inf), _LOWEST))


def recommend(
    model: Recommender, seeds: Lists, k: int, *, allow_repeats: bool = False
) -> tuple[NDArray[np.int32], Scores]:
    """Best `k` songs after each playlist of seeds, never one of its seeds unless `allow_repeats`.

    Returns songs (len(seeds), k) and scores (len(seeds), k), padded with NO_SONG and -inf.
    """
    songs, values = [np.zeros((0, k), np.int32)], [np.zeros((0, k), np.float32)]
    for batch, scores in scored(model, seeds):
        if not allow_repeats:
            _without(scores, batch)
        best = top_k(scores, k)
        songs.append(best[0])
        values.append(best[1])
    return np.concatenate(songs), np.concatenate(values)


@dataclass(frozen=True, eq=False)
class Ranked:
    """What a model answers to a batch of queries, and where it places their targets, 0 for the best.

    seeds : the queries
    songs : (len(seeds), k) the best songs besides the seeds, padded with NO_SONG
    places : a place for each target, among all songs but the seeds; inf for a target that is a seed
    open_places : the same among all songs, the seeds too

    A tie counts as its expected place; a target that cannot be recommended has inf.
    """

    seeds: Playlists
    songs: NDArray[np.int32]
    places: NDArray[np.float64]
    open_places: NDArray[np.float64]


def rank(model: Recommender, seeds: Lists, targets: Playlists, k: int = 10) -> Iterator[Ranked]:
    """Answers and places, a batch of queries at a time; each query is scored once.

    targets : as many lists as `seeds`; the places of all batches joined are as long as `targets.songs`
    """
    start, threads = 0, os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:  # numpy lets go of Python's lock in each pass over a row
        for batch, scores in scored(model, seeds):
            asked = targets.slice(start, start + len(batch))
            start += len(batch)
            goals = scores[asked.owners, asked.songs]
            seeds_above, seeds_level = _take_out(scores, batch, asked, goals)
            rows, each = np.array_split(scores, threads), np.array_split(np.arange(len(batch)), threads)
            by_query = np.split(goals, asked.offsets[1:-1])
            parts = pool.map(_rows, rows, [[by_query[i] for i in part] for part in each], [k] * threads)
            counts, songs = (np.concatenate(part) for part in zip(*parts, strict=True))
            places = counts[:, 0] + (counts[:, 1] - 1) / 2
            open_places = places + seeds_above + seeds_level / 2
            open_places[np.isneginf(goals)] = np.inf
            places[np.isneginf(scores[asked.owners, asked.songs])] = np.inf
            yield Ranked(batch, songs, places, open_places)


def _rows(scores: Scores, goals: list[Scores], k: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(n_goals, 2) how many scores are greater than each goal and how many equal, (n, k) the best songs."""
    songs = np.full((len(scores), k), NO_SONG, np.int32)
    counts = [np.zeros((0, 2), np.int64)]
    for row, goal, best in zip(scores, goals, songs, strict=True):
        counts.append(_counts(row, goal))
        found = _best(row, k)
        best[: len(found)] = found
    return np.concatenate(counts), songs


def _take_out(
    scores: Scores, seeds: Playlists, targets: Playlists, goals: Scores
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Set the seeds' scores to -inf; how many of them were greater than each target's, and how many equal."""
    seeds = seeds.keep(~seeds.repeats)
    asked = targets.owners
    rivals = Excerpts(seeds.songs, seeds.offsets[asked], seeds.offsets[asked + 1]).slice(0, len(asked))
    theirs, goal = scores[asked[rivals.owners], rivals.songs], goals[rivals.owners]
    above, level = (np.bincount(rivals.owners[won], minlength=len(asked)) for won in (theirs > goal, theirs == goal))
    _without(scores, seeds)
    return above, level


def _without(scores: Scores, seeds: Playlists) -> None:
    """Set the scores of the seeds to -inf."""
    if np.isnan(scores[seeds.owners, seeds.songs]).any():
        raise ValueError(_NAN)
    scores[seeds.owners, seeds.songs] = -np.inf


def _counts(row: Scores, goals: Scores) -> NDArray[np.int64]:
    """(len(goals), 2) how many scores of the row are greater than each goal, and how many equal."""
    if len(goals) < _MANY:
        return np.array([[np.count_nonzero(row > goal), np.count_nonzero(row == goal)] for goal in goals])
    ordered = np.sort(row)
    first, after = (np.searchsorted(ordered, goals, side=side) for side in ("left", "right"))
    return np.stack([len(row) - after, after - first], axis=1)


def scored(model: Recommender, seeds: Lists) -> Iterator[tuple[Playlists, Scores]]:
    """Slices of the seeds with their scores, which may be overwritten."""
    for start in range(0, len(seeds), _BATCH):
        batch = seeds.slice(start, min(start + _BATCH, len(seeds)))
        yield batch, model.score(batch)
