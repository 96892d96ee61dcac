"""Neighbourhoods: songs that keep the same company, and playlists that resemble the one being played.

Both weigh the latest seeds most (see `recency`).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Playlists
from recommender.protocol import Scores, check_choice, check_limits, masked, recency

_K1, _B = 1.2, 0.3  # of BM25
_AT_ONCE = 2**23  # pairs of plays in one playlist that are counted at once


def membership(playlists: Playlists, n_songs: int) -> sp.csr_array:
    """(len(playlists), n_songs): 1 where the playlist holds the song."""
    ones = np.ones(playlists.n_plays, np.float32)
    parts = ones, playlists.songs.copy(), playlists.offsets.copy()  # summing duplicates works in place
    matrix = sp.csr_array(parts, shape=(len(playlists), n_songs))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def held_together(playlists: Playlists, weights: NDArray[np.float32], n_songs: int) -> sp.csr_array:
    """(n_songs, n_songs): of all playlists that hold two songs, the squares of their weights, summed.

    >>> held_together(Playlists.of([[0, 1], [1]]), np.array([1, 2], np.float32), 2).toarray().tolist()
    [[1.0, 1.0], [1.0, 5.0]]
    """
    member = _weighted(playlists, weights, n_songs)
    return sp.csr_array(member.T @ member)


def _weighted(playlists: Playlists, weights: NDArray[np.float32], n_songs: int) -> sp.csr_array:
    """(len(playlists), n_songs): the playlist's weight where it holds the song, in 53 bits for sums in any order."""
    return sp.csr_array(sp.diags_array(weights.astype(np.float64)) @ membership(playlists, n_songs))


def near(member: sp.csr_array, playlists: Playlists, length: float, rarity: float = 0.0) -> sp.csr_array:
    """(n_songs, n_playlists): 1 / length ** length / plays ** rarity where the playlist holds the song."""
    rare = np.maximum(playlists.counts(member.shape[1]), 1.0) ** -rarity
    short = np.maximum(playlists.lengths, 1.0) ** -length
    return sp.csr_array(sp.diags_array(rare) @ member.T @ sp.diags_array(short)).astype(np.float32)


def met(scores: Scores) -> Scores:
    """The scores, -inf where they are 0: a song that no neighbour knows is not recommended. Changed in place."""
    scores[scores <= 0] = -np.inf
    return scores


def nearest(likeness: sp.csr_array, neighbours: int) -> sp.csr_array:
    """Only the `neighbours` greatest entries of each row; ties at the edge stay in. Changed in place."""
    if neighbours >= likeness.shape[1]:
        return likeness
    for start, stop in zip(likeness.indptr[:-1], likeness.indptr[1:], strict=True):
        row = likeness.data[start:stop]
        if len(row) > neighbours:
            row[row < np.partition(row, -neighbours)[-neighbours]] = 0
    likeness.eliminate_zeros()
    return likeness


@dataclass
class ItemKNN:
    """Songs that stand in the same playlists as the seeds (cosine of the playlists they are in).

    Sarwar et al. 2001, doi:10.1145/371920.372071. A long playlist says less of its songs, so it may weigh less:
    "tfidf" log(1 + songs / length), playlists being the terms of a song (Salton & Buckley 1988,
    doi:10.1016/0306-4573(88)90021-0); "bm25" 1 / (1 + 1.2 * (0.7 + 0.3 * length / mean length)), songs being the
    terms of a playlist (Robertson & Zaragoza 2009, doi:10.1561/1500000019). What they say besides, that a term counts
    more the rarer it is, the cosine says too. The weights' mean square over all plays is 1.

    neighbours : how many alike songs of each song are kept
    shrinkage : added to the cosine's denominator; lowers songs seen together by chance
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    weighting : what a playlist weighs, by its length: "cosine" 1, "tfidf" or "bm25" the less the longer
    """

    neighbours: int = 500
    shrinkage: float = 10.0
    context: int = 20
    decay: float = 0.9
    weighting: str = "bm25"

    def __post_init__(self) -> None:
        check_limits(self, neighbours=(1, 10**9), shrinkage=(0, 1e9), context=(1, 10**9), decay=(0, 1))
        check_choice(self, weighting=("cosine", "tfidf", "bm25"))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        member = _weighted(playlists, self.weights(playlists, n_songs), n_songs)
        self.alike_: sp.csr_array = self._alike(member, playlists.lengths)
        return self

    def weights(self, playlists: Playlists, n_songs: int) -> NDArray[np.float32]:
        """(n_playlists,) what each playlist weighs."""
        lengths = np.maximum(playlists.lengths, 1.0)
        mean = lengths.mean() if len(lengths) else 1.0
        weights = {
            "cosine": np.ones(len(lengths)),
            "tfidf": np.log1p(n_songs / lengths),
            "bm25": 1 / (1 + _K1 * (1 - _B + _B * lengths / mean)),
        }[self.weighting]
        scale = np.sqrt((playlists.lengths * weights**2).sum() / max(playlists.n_plays, 1))
        scaled: NDArray[np.float32] = (weights / max(scale, 1e-9)).astype(np.float32)
        return scaled

    def _alike(self, member: sp.csr_array, lengths: NDArray[np.int64]) -> sp.csr_array:
        """(n_songs, n_songs): `cosines` of all songs, so many at once as are quick."""
        songs = member.T.tocsr()
        norms = np.sqrt(np.bincount(member.indices, member.data**2, member.shape[1]))
        work = np.cumsum(np.bincount(member.indices, np.repeat(lengths, np.diff(member.indptr)), member.shape[1]))
        cuts = np.unique([0, *np.searchsorted(work, np.arange(_AT_ONCE, work[-1], _AT_ONCE)), len(norms)])
        blocks = [
            self.cosines((songs[start:stop] @ member).tocsr(), np.arange(start, stop), norms)
            for start, stop in pairwise(cuts.tolist())
        ]
        return sp.csr_array(sp.vstack(blocks, format="csr"))

    def cosines(self, together: sp.csr_array, rows: NDArray[np.integer], norms: NDArray[np.float64]) -> sp.csr_array:
        """Cosines of the `neighbours` nearest songs of each; equal cosines go to the lower song number.

        together : (len(rows), n_songs) of the songs `rows`
        norms : (n_songs,) root of what each song has with itself
        """
        owners = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(together.indptr))
        cosines = together.data / (norms[rows][owners] * norms[together.indices] + self.shrinkage)
        cosines[rows[owners] == together.indices] = 0
        cosines = cosines.astype(np.float32)  # so that sums in another order tie as these do
        there = cosines > 0
        often = np.bincount(owners[there], minlength=len(rows)) > self.neighbours
        among = np.flatnonzero(often[owners] & there)
        order = among[np.lexsort((together.indices[among], -cosines[among], owners[among]))]
        place = np.arange(len(order)) - np.searchsorted(owners[order], owners[order])
        there[order[place >= self.neighbours]] = False
        entries = cosines[there], (owners[there], together.indices[there].astype(np.int32))
        return sp.csr_array(entries, shape=together.shape)

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        query = recency(seeds.keep(known[seeds.songs]), self.context, self.decay, len(known))
        return masked(met((query @ self.alike_).toarray()), seeds, known)


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

    neighbours: int = 200
    context: int = 20
    decay: float = 0.9
    rarity: float = 0.5
    length: float = 0.5

    def __post_init__(self) -> None:
        check_limits(self, neighbours=(1, 10**9), context=(1, 10**9), decay=(0, 1), rarity=(0, 9), length=(0, 9))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        self.member_: sp.csr_array = membership(playlists, n_songs)
        self.near_: sp.csr_array = near(self.member_, playlists, self.length, self.rarity)
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        likeness = recency(seeds.keep(known[seeds.songs]), self.context, self.decay, len(known)) @ self.near_
        return masked(met((nearest(likeness, self.neighbours) @ self.member_).toarray()), seeds, known)
