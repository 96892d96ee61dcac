"""Points: what the map in the browser needs of each song, five bytes, and how its numbers are those of songs.

A point's number is its song's place among the songs with a place, those played least first: so the songs played most
are drawn last, and titles are asked for by number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.layout import Layout

COLOURS = 7  # that can be told apart; the eighth is of songs with no group, or none of the tags
_FULL = 2**16 - 1
_EACH = range(COLOURS)
_RANKS = (0.98, 0.9, 0.75, 0.5, 0.25, 0.0)  # of plays, where a colour begins


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a layout.

    songs : (n,) rows of the catalogue, the least played first
    numbers : (n_songs,) of each song its point, -1 for a song without a place
    sent : n uint16 across, n uint16 down, then n bytes, each the group's colour * 8 + the tag's
    tags : that have a colour
    groups : name, and the middle across and down
    breaks, plays : the first point of each colour of popularity, most played first, and how often its song is played
    """

    songs: NDArray[np.int64]
    numbers: NDArray[np.int64]
    sent: bytes
    tags: tuple[str, ...]
    groups: list[tuple[str, int, int]]
    breaks: list[int]
    plays: list[int]

    @classmethod
    def of(cls, layout: Layout, catalogue: Catalogue) -> Self:
        """Those of a layout of the catalogue's songs."""
        placed = np.flatnonzero(layout.placed)
        songs = placed[np.argsort(catalogue.plays[placed], kind="stable")]
        numbers = np.full(len(catalogue), -1, np.int64)
        numbers[songs] = np.arange(len(songs))
        across, groups = _scaled(layout.places[songs]), layout.groups[songs]
        middles = _middles(len(layout.names), across, groups)
        holders = _holders(songs, catalogue)
        tags = _tags(layout, holders)
        marks = np.append(_hues(middles), COLOURS)[groups] * 8 + _coloured(tags, holders, len(songs))
        breaks = [int(rank * len(songs)) for rank in _RANKS]
        return cls(
            songs,
            numbers,
            across.T.astype("<u2").tobytes() + marks.astype(np.uint8).tobytes(),
            tags,
            [(name, *middle) for name, middle in zip(layout.names, middles.tolist(), strict=True)],
            breaks,
            [int(catalogue.plays[songs[at]]) for at in breaks if len(songs)],
        )


def _scaled(places: NDArray[np.float32]) -> NDArray[np.int64]:
    """Places from 0 to 65,535 across and down, as far apart in both."""
    if not len(places):
        return np.zeros((0, 2), np.int64)
    low, high = places.min(axis=0), places.max(axis=0)
    scale = _FULL / max(float((high - low).max()), 1e-9)
    return np.asarray(np.clip(np.rint((places - (low + high) / 2) * scale + _FULL / 2), 0, _FULL), np.int64)


def _middles(n: int, across: NDArray[np.int64], groups: NDArray[np.integer]) -> NDArray[np.int64]:
    """(n, 2) the median place of each group."""
    found = [np.median(across[groups == group], axis=0) for group in range(n)]
    return np.array(found, np.int64).reshape(n, 2)


def _hues(middles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each group its colour: the one whose nearest group that has it already is farthest away."""
    hues: list[int] = []
    for middle in middles:
        apart = np.linalg.norm(middles[: len(hues)] - middle, axis=1)
        free = [min((far for far, hue in zip(apart, hues, strict=True) if hue == h), default=np.inf) for h in _EACH]
        hues.append(int(np.argmax(free)))
    return np.array(hues, np.int64)


def _holders(songs: NDArray[np.int64], catalogue: Catalogue) -> dict[str, set[int]]:
    """The points that have each tag."""
    found: dict[str, set[int]] = {}
    for point, song in enumerate(songs.tolist()):
        for tag in catalogue.tags[song]:
            found.setdefault(tag, set()).add(point)
    return found


def _tags(layout: Layout, holders: Mapping[str, set[int]]) -> tuple[str, ...]:
    """Tags that groups are named by, each the one that most songs have that have none of those before it."""
    left = [tag for tag in dict.fromkeys(name.split(": ")[0] for name in layout.names) if tag in holders]
    tags: list[str] = []
    covered: set[int] = set()
    while left and len(tags) < COLOURS:
        tags.append(max(left, key=lambda tag: len(holders[tag] - covered)))
        left.remove(tags[-1])
        covered |= holders[tags[-1]]
    return tuple(tags)


def _coloured(tags: Sequence[str], holders: Mapping[str, set[int]], n: int) -> NDArray[np.int64]:
    """(n,) of each point the number of the rarest of the tags that it has, COLOURS for none."""
    numbers = np.full(n, COLOURS, np.int64)
    for tag in sorted(tags, key=lambda tag: -len(holders[tag])):
        numbers[list(holders[tag])] = tags.index(tag)
    return numbers
