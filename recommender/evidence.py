"""Evidence: how often songs were played near one another in training playlists, and how often chance would have it.

All is counted in the playlists, nothing is estimated. The only surprise is what a count is of: playlists, not plays, so
a station that plays two songs round and round in one playlist is one witness.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Excerpts, Playlists, Songs

WINDOW = 5  # places within which two songs are near
_SAMPLE = 200  # plays of a song that tell well enough what stands near it


@dataclass(frozen=True, eq=False)
class Counts:
    """Of each seed and each answer, (n_seeds, n_answers) all; 0 for a song and itself.

    near : playlists in which the two stand within WINDOW places of one another
    together : playlists that hold both
    expected : playlists in which they would be near by chance, if each play of the answer fell on any place that the
        seed does not hold, all alike. That is the sum, over playlists with the seed, of 1 - (1 - m / M) ** n: of M
        such places m are near the seed in that playlist, and the answer has n plays
    """

    near: NDArray[np.int64]
    together: NDArray[np.int64]
    expected: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plays:
    """Playlists in which each song's plays are found at once."""

    playlists: Playlists
    n_songs: int

    @cached_property
    def _where(self) -> sp.csr_array:
        """(n_songs, n_plays): an entry where the play is of the song; counting sorts them, and quicker than a sort."""
        n_plays = self.playlists.n_plays
        cells = self.playlists.songs, np.arange(n_plays)
        return sp.csr_array((np.ones(n_plays, np.int8), cells), shape=(self.n_songs, n_plays))

    @cached_property
    def _owners(self) -> NDArray[np.int64]:
        return self.playlists.owners

    def of(self, song: int) -> NDArray[np.integer]:
        """The places in `playlists.songs` that the song holds, rising."""
        where: NDArray[np.integer] = self._where.indices[self._where.indptr[song] : self._where.indptr[song + 1]]
        return where

    @cached_property
    def each(self) -> NDArray[np.float32]:
        """(n_songs,) alike for each song that is in a playlist, 0 for all others; sums to 1."""
        played = np.diff(self._where.indptr) > 0
        each: NDArray[np.float32] = (played / max(played.sum(), 1)).astype(np.float32)
        return each

    def met(self, song: int) -> bool:
        """Whether the song stands in a playlist of two songs or more."""
        return bool((self.playlists.lengths[self._owners[self.of(song)]] > 1).any())

    def draw(self, n: int, rng: np.random.Generator) -> Songs:
        """At most `n` songs of playlists of two songs or more, drawn as often as they are played there."""
        if not self.playlists.n_plays:
            return self.playlists.songs
        at = rng.integers(self.playlists.n_plays, size=n)
        drawn: Songs = self.playlists.songs[at[self.playlists.lengths[self._owners[at]] > 1]]
        return drawn

    def near(self, songs: Sequence[int]) -> Playlists:
        """What stands near plays of these songs: of at most _SAMPLE plays of each, spread over all playlists."""
        plays = [at[:: len(at) // _SAMPLE + 1] for at in map(self.of, songs)]
        return self._beside(np.unique(np.concatenate([np.zeros(0, np.int32), *plays])))

    def count(self, seeds: Sequence[int], answers: Sequence[int]) -> Counts:
        """What is counted of each seed and each answer; no song twice among the answers.

        >>> counts = Plays(Playlists.of([[0, 1], [0, 2], [2, 2, 1]]), 3).count([0], [1])
        >>> counts.near.tolist(), counts.expected.round(2).tolist()  # 2 * (1 - (1 - 1/5) ** 2)
        ([[1]], [[0.72]])
        """
        column = np.full(self.n_songs, -1)
        column[list(answers)] = np.arange(len(answers))
        held = np.zeros((len(self.playlists), len(answers)), bool)
        for answer, song in enumerate(answers):
            held[self._owners[self.of(song)], answer] = True
        plays = np.array([len(self.of(song)) for song in answers], dtype=np.int64)
        shape = len(seeds), len(answers)
        counts = Counts(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape))
        for row, seed in enumerate(seeds):
            at, lists = self.of(seed), np.unique(self._owners[self.of(seed)])
            beside = self._beside(at)
            counts.near[row] = self._near(beside, at, column, len(answers))
            counts.together[row] = held[lists].sum(axis=0)
            counts.expected[row] = self._expected(beside.lengths, at, plays)
            if column[seed] >= 0:
                for part in (counts.near, counts.together, counts.expected):
                    part[row, column[seed]] = 0
        return counts

    def _beside(self, at: NDArray[np.integer]) -> Playlists:
        """A list for each of these plays of a song: the songs near it, none that is near an earlier one too."""
        offsets, owners = self.playlists.offsets, self._owners[at]
        starts = np.maximum(at - WINDOW, offsets[owners])
        stops = np.minimum(at + WINDOW + 1, offsets[owners + 1])
        starts[1:] = np.maximum(starts[1:], stops[:-1])
        return Excerpts(self.playlists.songs, starts, stops).slice(0, len(at))

    def _near(self, beside: Playlists, at: NDArray[np.integer], column: NDArray[np.int64], n: int) -> NDArray[np.int64]:
        """(n,) in how many playlists each answer is near."""
        answers = column[beside.songs]
        found = np.flatnonzero(answers >= 0)
        once = np.unique(self._owners[at[beside.owners[found]]] * n + answers[found])
        return np.bincount(once % n, minlength=n) if n else np.zeros(0, np.int64)

    def _expected(
        self, room: NDArray[np.int64], at: NDArray[np.integer], plays: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """(n_answers,) in how many playlists chance would put an answer of so many plays near.

        room : (len(at),) places near each play of the seed, its own among them
        """
        _, lists = np.unique(self._owners[at], return_inverse=True)
        near, times = np.unique(np.bincount(lists, room - 1).astype(np.int64), return_counts=True)
        others = max(self.playlists.n_plays - len(at), 1)
        chance: NDArray[np.float64] = 1 - (1 - near[:, None] / others) ** plays
        return times @ chance
