"""Ranking: from scores to answers and places, the only place that knows exclusion, order, ties, padding and batches.

No row is sorted. The best songs are looked for among those that reach a score that `k` songs are sure to reach; a place
is the number of songs with a greater score.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.playlists import Excerpts, Lists, Playlists
from recommender.protocol import Recommender, Scorer, Scores, cores

T = TypeVar("T")
Cut = Callable[[Scores, Playlists, int], tuple[NDArray[np.int32], Scores]]  # scores, seeds, k -> songs and scores
NO_SONG = -1
_MOST_BATCHES = 8  # worked on at once; each has its scores in memory
BATCH = 256  # queries scored at once: 77 MB of float32 scores at 75,262 songs
_GROUPS, _LEAST_GROUPS = 16, 1024  # groups of songs for each of the k best, and at least
_MANY = 16  # targets of a query from which sorting the scores is quicker than counting
_CACHED = 2**18  # scores passed over at a time
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
    best = [_best(block, k) for block in _blocks(scores)]
    none = np.full((0, k), NO_SONG, np.int32), np.full((0, k), -np.inf, np.float32)
    songs, values = (np.concatenate(part) for part in zip(none, *best, strict=True))
    return songs, values


def _blocks(scores: Scores) -> list[Scores]:
    """The rows, a few at a time, so that what is passed over several times stays in the cache."""
    step = max(1, _CACHED // max(scores.shape[1], 1))
    return [scores[start : start + step] for start in range(0, len(scores), step)]


def _best(scores: Scores, k: int) -> tuple[NDArray[np.int32], Scores]:
    """`top_k` of few rows."""
    songs, values = np.full((len(scores), k), NO_SONG, np.int32), np.full((len(scores), k), -np.inf, np.float32)
    if scores.size:
        rows, found = _candidates(scores, min(k, scores.shape[1]))
        reached = scores[rows, found]
        order = np.lexsort((found, -reached, rows))
        rows, found, reached = rows[order], found[order], reached[order]
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)
        kept = place < k
        songs[rows[kept], place[kept]], values[rows[kept], place[kept]] = found[kept], reached[kept]
    return songs, values


def _candidates(scores: Scores, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and songs of the `k` best of each row, of all that equal the last of them, and of few more.

    A large catalogue is cut into groups of songs: at least `k` songs reach what the maxima of `k` groups reach, and
    they are in these groups.
    """
    n, n_songs = scores.shape
    width = n_songs // max(_GROUPS * k, _LEAST_GROUPS)
    if width < 2:
        rows, songs = np.nonzero(scores >= _reached(scores, k))
        return rows, songs
    cut = n_songs - n_songs % width
    maxima = scores[:, :cut].reshape(n, width, -1).max(axis=1)  # (n, n_groups)
    least = _reached(maxima, k)
    rows, groups = np.nonzero(maxima >= least)
    inside = groups[:, None] + np.arange(width) * maxima.shape[1]  # (len(groups), width)
    rest = np.arange(cut, n_songs)
    rows = np.concatenate([np.repeat(rows, width), np.repeat(np.arange(n), len(rest))])
    songs = np.concatenate([inside.ravel(), np.tile(rest, n)])
    values = scores[rows, songs]
    _check(values)
    reaching = values >= least[rows, 0]
    return rows[reaching], songs[reaching]


def _reached(values: Scores, k: int) -> Scores:
    """(n, 1) the k-th greatest of each row, but above -inf."""
    place = values.shape[1] - k
    greatest = np.partition(values, place, axis=1)[:, place:]  # NaN is sorted to the end
    _check(greatest)
    return np.maximum(greatest[:, :1], _LOWEST)


def _check(scores: Scores) -> None:
    if np.isnan(scores).any():
        raise ValueError("a score is NaN; what cannot be recommended is -inf")


def recommend(
    model: Scorer, seeds: Lists, k: int, *, allow_repeats: bool = False, cut: Cut | None = None
) -> tuple[NDArray[np.int32], Scores]:
    """Best `k` songs after each playlist of seeds, never one of its seeds unless `allow_repeats`.

    cut : what makes lists of the scores of a batch, in place of `top_k`

    Returns songs (len(seeds), k) and scores (len(seeds), k), padded with NO_SONG and -inf.
    """

    def answers(batch: slice) -> tuple[NDArray[np.int32], Scores]:
        asked = seeds.slice(batch.start, batch.stop)
        scores = model.score(asked)
        if not allow_repeats:
            _without(scores, asked)
        return cut(scores, asked, k) if cut else top_k(scores, k)

    none = np.zeros((0, k), np.int32), np.zeros((0, k), np.float32)
    songs, values = (np.concatenate(part) for part in zip(none, *_by_batch(answers, len(seeds)), strict=True))
    return songs, values


def every_place(model: Scorer, seeds: Playlists) -> NDArray[np.float64]:
    """(len(seeds), n_songs): the place of every song after each list of seeds, 1 for the best.

    The seeds themselves are not counted. A tie counts as its expected place; inf: a seed, or cannot be recommended.
    """
    scores = model.score(seeds)
    scores[seeds.owners, seeds.songs] = -np.inf
    found = np.array([ranks(-row) for row in scores]).reshape(scores.shape)
    found[np.isneginf(scores)] = np.inf
    return found


def ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n,) the rank of each value, 1 for the least; a tie counts as its expected rank.

    >>> ranks(np.array([0.5, 0.25, 0.5])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    found: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[which]
    return found


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


Ranker = Callable[[Recommender, Lists, Playlists, int], Iterator[Ranked]]  # what does as `rank` does


def rank(model: Recommender, seeds: Lists, targets: Playlists, k: int = 10) -> Iterator[Ranked]:
    """Answers and places, a batch of queries at a time; each query is scored once.

    targets : as many lists as `seeds`; the places of all batches joined are as long as `targets.songs`
    """

    def ranked(batch: slice) -> Ranked:
        asked, wanted = seeds.slice(batch.start, batch.stop), targets.slice(batch.start, batch.stop)
        scores = model.score(asked)
        goals = scores[wanted.owners, wanted.songs]
        seeds_above, seeds_level = _take_out(scores, asked, wanted, goals)
        counts, songs = _judged(scores, np.split(goals, wanted.offsets[1:-1]), k)
        places = counts[:, 0] + (counts[:, 1] - 1) / 2
        open_places = places + seeds_above + seeds_level / 2
        open_places[np.isneginf(goals)] = np.inf
        places[np.isneginf(scores[wanted.owners, wanted.songs])] = np.inf
        return Ranked(asked, songs, places, open_places)

    return _by_batch(ranked, len(seeds))


def _by_batch(work: Callable[[slice], T], n: int) -> Iterator[T]:
    """The work on each batch of `n` queries, in order.

    Several batches are spread over the cores, each with a matrix product of its own: one product on all cores leaves
    them waiting for one another, and for the passes over its scores.
    """
    batches = [slice(start, min(start + BATCH, n)) for start in range(0, n, BATCH)]
    if len(batches) < 2:
        yield from map(work, batches)
    else:
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(min(cores(), _MOST_BATCHES)) as pool:
            yield from pool.map(work, batches)


def _judged(scores: Scores, goals: list[Scores], k: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(n_goals, 2) how many scores are greater than each goal and how many equal, (n, k) the best songs."""
    counts: list[tuple[int, int]] = []
    songs, queries = [np.zeros((0, k), np.int32)], iter(goals)
    for block in _blocks(scores):
        for row in block:
            counts += _counts(row, next(queries))
        songs.append(_best(block, k)[0])
    return np.array(counts, dtype=np.int64).reshape(-1, 2), np.concatenate(songs)


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
    _check(scores[seeds.owners, seeds.songs])
    scores[seeds.owners, seeds.songs] = -np.inf


def _counts(row: Scores, goals: Scores) -> list[tuple[int, int]]:
    """How many scores of the row are greater than each goal, and how many equal."""
    if len(goals) < _MANY:
        return [(int(np.count_nonzero(row > goal)), int(np.count_nonzero(row == goal))) for goal in goals]
    ordered = np.sort(row)
    first, after = (np.searchsorted(ordered, goals, side=side) for side in ("left", "right"))
    return list(zip((len(row) - after).tolist(), (after - first).tolist(), strict=True))
