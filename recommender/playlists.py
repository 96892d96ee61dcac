"""Playlists: many ordered lists of songs in two arrays.

Playlist `i` is `songs[offsets[i]:offsets[i + 1]]`. A song is its row in the catalogue; a playlist may
hold a song twice, and may be empty. Excerpts are the same for lists that overlap, such as all beginnings of a
playlist: they take no copy of a song until they are sliced.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Songs = NDArray[np.int32]
Offsets = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Playlists:
    """Ordered lists of songs.

    songs : (n_plays,) rows of the catalogue, playlist after playlist, in play order
    offsets : (n_playlists + 1,) where each playlist starts; the last is n_plays

    >>> playlists = Playlists.of([[3, 1, 3], [], [2]])
    >>> len(playlists), playlists.n_plays, playlists[0].tolist()
    (3, 4, [3, 1, 3])
    """

    songs: Songs
    offsets: Offsets

    def __post_init__(self) -> None:
        object.__setattr__(self, "songs", np.ascontiguousarray(self.songs, dtype=np.int32))
        object.__setattr__(self, "offsets", np.ascontiguousarray(self.offsets, dtype=np.int64))
        ends = self.offsets[[0, -1]].tolist() if len(self.offsets) else []
        if ends != [0, len(self.songs)] or (np.diff(self.offsets) < 0).any():
            raise ValueError(f"offsets must rise from 0 to {len(self.songs)}, got {self.offsets}")

    @classmethod
    def of(cls, lists: Iterable[Sequence[int]]) -> "Playlists":
        """Playlists of plain lists."""
        rows = [np.asarray(songs, dtype=np.int32) for songs in lists]
        return cls.joined(np.concatenate([np.zeros(0, np.int32), *rows]), [len(row) for row in rows])

    @classmethod
    def joined(cls, songs: NDArray[np.integer], lengths: Sequence[int] | NDArray[np.integer]) -> "Playlists":
        """Playlists cut from one array of songs, by their lengths."""
        return cls(songs.astype(np.int32), np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> Songs:
        if not -len(self) <= i < len(self):
            raise IndexError(f"playlist {i} of {len(self)}")
        i %= len(self)
        return self.songs[self.offsets[i] : self.offsets[i + 1]]

    def __iter__(self) -> Iterator[Songs]:
        return (self[i] for i in range(len(self)))

    @property
    def n_plays(self) -> int:
        """How many songs stand in all playlists together."""
        return len(self.songs)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n_playlists,) how many songs each playlist has."""
        return np.diff(self.offsets)

    @property
    def owners(self) -> NDArray[np.int64]:
        """(n_plays,) the playlist that each play belongs to."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def positions(self) -> NDArray[np.int64]:
        """(n_plays,) how many songs stand before each play in its playlist."""
        return np.arange(self.n_plays) - self.offsets[self.owners]

    @property
    def repeats(self) -> NDArray[np.bool_]:
        """(n_plays,) whether the song stood earlier in the same playlist."""
        order = np.lexsort((self.songs, self.owners))
        same = (np.diff(self.songs[order]) == 0) & (np.diff(self.owners[order]) == 0)
        out = np.zeros(self.n_plays, dtype=bool)
        out[order[1:]] = same
        return out

    def counts(self, n_songs: int) -> NDArray[np.int64]:
        """(n_songs,) how often each song is played."""
        return np.bincount(self.songs, minlength=n_songs)

    def pairs(self, most: int) -> tuple[Songs, Songs, NDArray[np.int64]]:
        """Each song with each at most `most` songs after it: the earlier, the later, how many steps; by steps.

        >>> [part.tolist() for part in Playlists.of([[3, 1, 4], [5]]).pairs(2)]
        [[3, 1, 3], [1, 4, 4], [1, 1, 2]]
        """
        positions = self.positions
        after = [np.flatnonzero(positions >= step) for step in range(1, min(most, int(positions.max(initial=0))) + 1)]
        steps = np.repeat(np.arange(1, len(after) + 1), [len(plays) for plays in after])
        later = np.concatenate([np.zeros(0, np.int64), *after])
        return self.songs[later - steps], self.songs[later], steps

    def take(self, which: NDArray[np.integer] | NDArray[np.bool_]) -> "Playlists":
        """The playlists numbered (or marked) in `which`, in that order."""
        taken = Excerpts(self.songs, self.offsets[:-1], self.offsets[1:]).take(which)
        return taken.slice(0, len(taken))

    def slice(self, start: int, stop: int) -> "Playlists":
        """Playlists `start` to `stop` (not included), without copying a song."""
        offsets = self.offsets[start : stop + 1]
        return Playlists(self.songs[offsets[0] : offsets[-1]], offsets - offsets[0])

    def keep(self, plays: NDArray[np.bool_]) -> "Playlists":
        """The same playlists with only the marked plays; some may be left empty.

        plays : (n_plays,)
        """
        kept = np.concatenate([[0], np.cumsum(plays)])
        return Playlists(self.songs[plays], kept[self.offsets])

    def last(self, n: int) -> "Playlists":
        """The last `n` songs of each playlist, still in play order."""
        to_end = np.repeat(self.offsets[1:], self.lengths) - np.arange(self.n_plays)
        return self.keep(to_end <= n)


@dataclass(frozen=True, eq=False)
class Excerpts:
    """Lists of songs cut out of one array: list `i` is `songs[starts[i]:stops[i]]`, and lists may overlap.

    songs : (n_plays,) rows of the catalogue
    starts, stops : (n_lists,)

    >>> beginnings = Excerpts(Playlists.of([[3, 1, 4]]).songs, np.array([0, 0]), np.array([1, 2]))
    >>> [songs.tolist() for songs in beginnings]
    [[3], [3, 1]]
    """

    songs: Songs
    starts: Offsets
    stops: Offsets

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, i: int) -> Songs:
        return self.songs[self.starts[i] : self.stops[i]]

    def __iter__(self) -> Iterator[Songs]:
        return (self[i] for i in range(len(self)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n_lists,) how many songs each list has."""
        return self.stops - self.starts

    def take(self, which: NDArray[np.integer] | NDArray[np.bool_]) -> "Excerpts":
        """The lists numbered (or marked) in `which`, in that order."""
        return Excerpts(self.songs, self.starts[which], self.stops[which])

    def slice(self, start: int, stop: int) -> Playlists:
        """Lists `start` to `stop` (not included), copied out."""
        starts = self.starts[start:stop]
        lengths = self.stops[start:stop] - starts
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return Playlists.joined(self.songs[np.repeat(starts, lengths) + within], lengths)


class Lists(Protocol):
    """Playlists or Excerpts: what can be sliced into playlists."""

    def __len__(self) -> int: ...

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n_lists,) how many songs each list has."""
        ...

    def slice(self, start: int, stop: int) -> Playlists:
        """Lists `start` to `stop` (not included)."""
        ...
