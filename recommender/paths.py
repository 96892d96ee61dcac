"""Paths: a few songs that lead from one to another, each a likely step after the one before.

The cost of a step is the square root of its place. The logarithm would make one great leap as cheap as a few small
steps, the place itself would pay for the worst step with all others; on yes_small, between songs drawn at random, the
worst of seven steps was at place 497, 84 and 58 on average with log, root and place, and an independent judge found a
step e^-6.2, e^-6.5 and e^-6.7 probable. The cheapest path is looked for among the songs that stand best after both
ends; how cheaply the end can be reached from each, were no rule to hold, tells the search where not to look
(Hart, Nilsson & Raphael 1968, doi:10.1109/TSSC.1968.300136), and a wide beam bounds it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RecommenderError, UnknownSongError
from recommender.protocol import Recommender
from recommender.ranking import NO_SONG, every_place, recommend
from recommender.steps import Places, Rotation, between, singles

_WIDTH = 50  # songs looked at for each place of the path
_BEAM = 256  # beginnings of paths kept
_WIDENED = 2  # times that more songs are looked at, where no path was found
_MORE, _ANSWERS = 400, 50  # songs then looked at, chosen from so many answers to each


@dataclass(frozen=True)
class Path:
    """Songs from one to another.

    places : of each song but the first, after the one before it alone; 1 is the best
    """

    songs: list[int]
    places: list[float]


def path(model: Recommender, start: int, end: int, songs: int, rotation: Rotation) -> Path:
    """The path of so many songs, both ends counted, whose steps have the least sum of square roots of places.

    No song stands twice, and artists are spaced, but for the two ends themselves. The search is exact only among the
    songs that it looks at, some hundreds.
    Raises UnknownSongError for an end that the model knows nothing of, RecommenderError where there is no path.
    """
    if start == end:
        raise RecommenderError("a path leads from one song to another; name two different songs")
    if songs < 3:
        raise RecommenderError(f"a path has at least 3 songs, the two ends and one between them, got {songs}")
    if rotation.most is not None:
        raise RecommenderError("a path keeps artists apart by spacing alone; ask for more of that")
    pool = _pool(model, start, end, songs, rotation)
    for _ in range(_WIDENED + 1):
        steps = between(model, pool)
        artists = rotation.artists[pool]
        found = _cheapest(np.sqrt(steps), songs, artists[:, None] == artists, rotation.spacing)
        if found:
            return Path([pool[i] for i in found], steps[found[:-1], found[1:]].tolist())
        pool = _widened(model, pool, rotation)
    raise RecommenderError(
        f"no path of {songs} songs was found, with {rotation.spacing} songs between two of one artist; ask for more "
        "songs or fewer, for less spacing, or for other ends"
    )


def _pool(model: Recommender, start: int, end: int, songs: int, rotation: Rotation) -> list[int]:
    """The ends, and the songs that stand best after them, an end counting the more the nearer it is."""
    n_songs = len(rotation.artists)
    after = every_place(model, singles([start, end]))
    for row, name in zip(after, ("starts from", "leads to"), strict=True):
        if not np.isfinite(row).any():
            raise UnknownSongError(f"nothing is known of the song that the path {name}; name one that was played more")
    allowed = rotation.open([])
    allowed[[start, end]] = False
    after = np.sqrt(np.minimum(after, n_songs))
    pull = [(1 - share) * after[0] + share * after[1] for share in np.linspace(0, 1, songs)]
    best = [np.flatnonzero(allowed)[np.argsort(cost[allowed], kind="stable")[:_WIDTH]] for cost in pull]
    return [start, end, *np.unique(np.concatenate(best)).tolist()]


def _widened(model: Recommender, pool: list[int], rotation: Rotation) -> list[int]:
    """The pool, and the songs that are most often among the best after those of it."""
    answers, _ = recommend(model, singles(pool), _ANSWERS)
    songs, counts = np.unique(answers[answers != NO_SONG], return_counts=True)
    new = ~np.isin(songs, pool) & rotation.open([])[songs]
    order = np.argsort(-counts[new], kind="stable")[:_MORE]
    return [*pool, *songs[new][order].tolist()]


def _cheapest(costs: Places, songs: int, same: NDArray[np.bool_], spacing: int) -> list[int]:
    """The cheapest path of so many songs from the first to the second; empty if there is none.

    costs : (n, n) of a step, inf where there is none
    same : (n, n) whether two songs are of one artist
    """
    to_go = _to_go(costs, songs)
    paths: NDArray[np.intp] = np.zeros((1, 1), np.intp)
    spent = np.zeros(1)
    for left in range(songs - 2, -1, -1):
        reached = spent[:, None] + costs[paths[:, -1]]  # (n_paths, n)
        np.put_along_axis(reached, paths, np.inf, axis=1)
        if left:
            recent = paths[:, max(paths.shape[1] - spacing, 0) :]
            reached[same[recent].any(axis=1) | (same[1] & (left <= spacing))] = np.inf
        total = (reached + to_go[left]).ravel()
        best = np.argsort(total, kind="stable")[:_BEAM]
        rows, nexts = np.unravel_index(best[np.isfinite(total[best])], reached.shape)
        paths, spent = np.column_stack([paths[rows], nexts]), reached[rows, nexts]
    return [] if not len(paths) else paths[0].tolist()


def _to_go(costs: Places, songs: int) -> list[Places]:
    """For each number of steps, (n,) the least cost to come to the second song, were no rule to hold but that."""
    onward = costs.copy()
    onward[1] = np.inf
    costs_to_go = [np.where(np.arange(len(costs)) == 1, 0.0, np.inf)]
    for _ in range(songs - 2):
        costs_to_go.append((onward + costs_to_go[-1]).min(axis=1))
    return costs_to_go
