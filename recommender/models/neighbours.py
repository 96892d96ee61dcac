"""Neighbourhoods: songs that keep the same company, and playlists that resemble the one being played.

Both weigh the latest seeds most (see `recency`).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Playlists
from recommender.protocol import Scores, check_limits, masked, recency


def membership(playlists: Playlists, n_songs: int) -> sp.csr_array:
    """(len(playlists), n_songs): 1 where the playlist holds the song."""
    ones = np.ones(playlists.n_plays, np.float32)
    parts = ones, playlists.songs.copy(), playlists.offsets.copy()  # summing duplicates works in place
    matrix = sp.csr_array(parts, shape=(len(playlists), n_songs))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _met(scores: Scores) -> Scores:
    """The scores, -inf where they are 0: a song that no neighbour knows is not recommended. Changed in place."""
    scores[scores <= 0] = -np.inf
    return scores


@dataclass
class ItemKNN:
    """Songs that stand in the same playlists as the seeds (cosine of the playlists they are in).

    Sarwar et al. 2001, doi:10.1145/371920.372071.

    neighbours : how many alike songs of each song are kept
    shrinkage : added to the cosine's denominator; lowers songs seen together by chance
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    """

    neighbours: int = 500
    shrinkage: float = 5.0
    context: int = 20
    decay: float = 0.9

    def __post_init__(self) -> None:
        check_limits(self, neighbours=(1, 10**9), shrinkage=(0, 1e9), context=(1, 10**9), decay=(0, 1))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        member = membership(playlists, n_songs)
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        self.alike_: sp.csr_array = self._nearest((member.T @ member).tocsr())
        return self

    def _nearest(self, together: sp.csr_array) -> sp.csr_array:
        """Cosines of the `neighbours` nearest songs of each; equal cosines go to the lower song number."""
        norms = np.sqrt(together.diagonal())
        songs = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
        cosines = together.data / (norms[songs] * norms[together.indices] + self.shrinkage)
        cosines[songs == together.indices] = 0
        order = np.lexsort((together.indices, -cosines, songs))
        place = np.arange(len(songs)) - together.indptr[songs]
        kept = order[(place < self.neighbours) & (cosines[order] > 0)]
        entries = cosines[kept].astype(np.float32), (songs[kept], together.indices[kept])
        return sp.csr_array(entries, shape=together.shape)

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        query = recency(seeds.keep(known[seeds.songs]), self.context, self.decay, len(known))
        return masked(_met((query @ self.alike_).toarray()), seeds, known)


@dataclass
class SessionKNN:
    """Songs of the training playlists most like the one being played.

    A playlist is alike by the seeds it holds, the latest and the rarest counting most; its songs get its
    likeness. After Jannach & Ludewig 2017, doi:10.1145/3109859.3109872, over all playlists, no sampling.

    neighbours : how many alike playlists are asked
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    rarity : a seed weighs 1 / plays ** rarity
    length : a playlist weighs 1 / length ** length
    """

    neighbours: int = 500
    context: int = 20
    decay: float = 0.9
    rarity: float = 0.5
    length: float = 0.5

    def __post_init__(self) -> None:
        check_limits(self, neighbours=(1, 10**9), context=(1, 10**9), decay=(0, 1), rarity=(0, 9), length=(0, 9))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        self.member_: sp.csr_array = membership(playlists, n_songs)
        rare = np.maximum(self.plays_, 1.0) ** -self.rarity
        short = np.maximum(playlists.lengths, 1.0) ** -self.length
        near = sp.csr_array(sp.diags_array(rare) @ self.member_.T @ sp.diags_array(short))
        self.near_: sp.csr_array = near.astype(np.float32)
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        likeness = recency(seeds.keep(known[seeds.songs]), self.context, self.decay, len(known)) @ self.near_
        return masked(_met((self._nearest(likeness) @ self.member_).toarray()), seeds, known)

    def _nearest(self, likeness: sp.csr_array) -> sp.csr_array:
        """Only the `neighbours` greatest entries of each row; ties at the edge stay in."""
        if self.neighbours >= likeness.shape[1]:
            return likeness
        for start, stop in zip(likeness.indptr[:-1], likeness.indptr[1:], strict=True):
            row = likeness.data[start:stop]
            if len(row) > self.neighbours:
                row[row < np.partition(row, -self.neighbours)[-self.neighbours]] = 0
        likeness.eliminate_zeros()
        return likeness
