"""Session neighbours: playlists that resemble the one being played, read with an eye on order.

`SessionKNN` (in `neighbours`) knows what an alike playlist holds; here it also counts which songs it shares with the
seeds and where they stand in it. Playlists have no dates, so what the papers do by time, to ask the most recent
sessions only or to let old ones fade, is left out: all playlists are asked.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.models.neighbours import membership, met, near, nearest
from recommender.playlists import Playlists
from recommender.protocol import Scores, ages, blocks, check_choice, check_limits, masked, recency

Numbers = NDArray[np.int64]
Weights = NDArray[np.float32]
DECAYS = ("same", "linear", "log", "quotient", "quadratic")
_CELLS = 2**19  # cells of a table (queries, training playlists) that is held at once: 2 MB, which stay in the cache


@dataclass
class VSKNN:
    """Songs of alike playlists; the later the songs in common stand among the seeds, and the rarer a song, the better.

    Vector multiplication session kNN, Ludewig & Jannach 2018, doi:10.1007/s11257-018-9209-6. A seed weighs by its
    age, 0 for the last: "same" 1, "linear" 1 - age / context, "log" 1 / log10(age + 1.7), "quotient" 1 / (age + 1),
    "quadratic" 1 / (age + 1) ** 2. Where it stands twice, the later counts.

    neighbours : how many alike playlists are asked
    context : how many of the latest seeds count
    weighting : how a seed's weight falls with its age, when alike playlists are looked for
    match_weighting : how an alike playlist's weight falls with the age of the latest seed that it holds
    length : a playlist weighs 1 / length ** length
    seed_idf : a seed weighs 1 + seed_idf * log(playlists / plays)
    idf : a song weighs 1 + idf * log(playlists / plays)
    """

    neighbours: int = 200
    context: int = 40
    weighting: str = "linear"
    match_weighting: str = "log"
    length: float = 0.6
    seed_idf: float = 1.0
    idf: float = 1.0

    def __post_init__(self) -> None:
        check_limits(self, neighbours=(1, 10**9), context=(1, 10**9), length=(0, 9), seed_idf=(0, 1e9), idf=(0, 1e9))
        check_choice(self, weighting=DECAYS, match_weighting=DECAYS)

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        self.member_: sp.csr_array = membership(playlists, n_songs)
        self.near_: sp.csr_array = near(self.member_, playlists, self.length)
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        asked = seeds.keep(known[seeds.songs])
        rarity = np.log(max(self.member_.shape[0], 1) / np.maximum(self.plays_, 1)).clip(0).astype(np.float32)
        scores = np.zeros((len(seeds), len(known)), np.float32)
        for some in blocks(len(seeds), self.near_.shape[1], _CELLS):
            scores[some] = (self._neighbours(asked.slice(some.start, some.stop), rarity) @ self.member_).toarray()
        return masked(met(scores * (1 + self.idf * rarity)), seeds, known)

    def _neighbours(self, seeds: Playlists, rarity: Weights) -> sp.csr_array:
        """(len(seeds), n_playlists): the weights of the playlists to ask."""
        rows, songs, age = self._recent(seeds)
        weights = self._decay(self.weighting, age) * (1 + self.seed_idf * rarity[songs])
        query = sp.csr_array((weights, (rows, songs)), shape=(len(seeds), len(rarity)))
        likeness = nearest(query @ self.near_, self.neighbours)
        youngest = np.zeros(likeness.shape, np.int32)
        which, at = _expand(self.near_.indptr[songs], self.near_.indptr[songs + 1])
        youngest[rows[which], self.near_.indices[at]] = age[which]  # the latest seed comes last, and stays
        asked = np.repeat(np.arange(len(seeds)), np.diff(likeness.indptr))
        likeness.data *= self._decay(self.match_weighting, youngest[asked, likeness.indices])
        return likeness

    def _recent(self, seeds: Playlists) -> tuple[Numbers, NDArray[np.int32], Numbers]:
        """Query, song and age of the latest seeds, without those that come again later; the latest comes last."""
        recent = seeds.last(self.context)
        age = ages(recent)
        order = np.lexsort((age, recent.songs, recent.owners))  # of a song that stands twice, the later comes first
        again = (np.diff(recent.songs[order]) == 0) & (np.diff(recent.owners[order]) == 0)
        kept = np.sort(np.delete(order, 1 + np.flatnonzero(again)))
        return recent.owners[kept], recent.songs[kept], age[kept]

    def _decay(self, name: str, age: NDArray[np.integer]) -> Weights:
        weights = {
            "same": np.ones(len(age)),
            "linear": 1 - age / self.context,
            "log": 1 / np.log10(age + 1.7),
            "quotient": 1 / (age + 1),
            "quadratic": 1 / (age + 1) ** 2,
        }
        chosen: Weights = weights[name].astype(np.float32)
        return chosen


@dataclass
class VSTAN:
    """Songs that stand, in alike playlists, near the place where the next song would stand.

    Each song in common says where: if the seed `a` songs before the last is the tenth of an alike playlist, the next
    song would stand there at 11 + a. A song `d` places from there weighs exp(-d / spread); what the songs in common
    say is added up, the latest weighing most. After STAN (Garg et al. 2019, doi:10.1145/3331184.3331322) and V-STAN
    (Ludewig et al. 2021, doi:10.1007/s11257-020-09277-1), which measure d from the latest song in common itself. Plain
    STAN without its fading of old sessions is `aligned=False, floor=0.0, agreement=0.0, rarity=0.0, reach=1000000,
    context=1000000`, with decay exp(-1 / lambda1) and spread lambda3.

    neighbours : how many alike playlists are asked
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    rarity : a seed weighs 1 / plays ** rarity when alike playlists are looked for
    length : a playlist weighs 1 / length ** length
    spread : places over which the weight of a song falls to 1 / e
    reach : places beyond which only the floor is left
    floor : weight of any song of an alike playlist, wherever it stands
    agreement : the distances in a playlist weigh as the sum of its seeds' weights to this power
    aligned : whether each song in common says where the next would stand; or else only the latest, and its own place
    """

    neighbours: int = 200
    context: int = 40
    decay: float = 0.95
    rarity: float = 0.5
    length: float = 0.5
    spread: float = 1.5
    reach: int = 4
    floor: float = 0.5
    agreement: float = 0.5
    aligned: bool = True

    def __post_init__(self) -> None:
        check_limits(self, neighbours=(1, 10**9), context=(1, 10**9), decay=(0, 1), rarity=(0, 9), length=(0, 9))
        check_limits(self, spread=(1e-3, 1e9), reach=(0, 10**9), floor=(0, 1e9), agreement=(0, 9))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        self.songs_: NDArray[np.int32] = playlists.songs.copy()
        self.offsets_: NDArray[np.int64] = playlists.offsets.copy()
        self.owners_: NDArray[np.int32] = playlists.owners.astype(np.int32)
        self.places_: NDArray[np.int32] = np.argsort(playlists.songs, kind="stable").astype(np.int32)
        self.member_: sp.csr_array = membership(playlists, n_songs)
        self.near_: sp.csr_array = near(self.member_, playlists, self.length, self.rarity)
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        asked = seeds.keep(known[seeds.songs])
        starts = np.concatenate([[0], np.cumsum(self.plays_)])
        scores = np.zeros((len(seeds), len(known)), np.float32)
        for some in blocks(len(seeds), self.near_.shape[1], _CELLS):
            scores[some] = self._score(asked.slice(some.start, some.stop), starts)
        return masked(met(scores), seeds, known)

    def _score(self, seeds: Playlists, starts: Numbers) -> Scores:
        query = recency(seeds, self.context, self.decay, len(self.plays_))
        likeness = nearest(query @ self.near_, self.neighbours)
        scores: Scores = (likeness @ self.member_).toarray() * np.float32(self.floor)
        rows, age, plays, weights = self._matches(seeds.last(self.context), likeness.toarray(), starts)
        aim = plays + (age + 1 if self.aligned else 0)
        owners = self.owners_[plays]
        least = np.maximum(aim - self.reach, self.offsets_[owners])
        most = np.minimum(aim + self.reach + 1, self.offsets_[owners + 1])
        which, near = _expand(least, np.maximum(least, most))
        heard = np.exp(np.abs(near - aim[which]) / -self.spread).astype(np.float32) * weights[which]
        heard[near == plays[which]] = 0  # a song in common is no news of itself
        ends = np.searchsorted(rows[which], np.arange(len(seeds) + 1))
        return scores + sp.csr_array((heard, self.songs_[near], ends), shape=scores.shape).toarray()

    def _matches(
        self, recent: Playlists, likeness: Scores, starts: Numbers
    ) -> tuple[Numbers, Numbers, Numbers, Weights]:
        """The songs in common: query, age of the seed, the play in an alike playlist, and its weight; by query."""
        which, at = _expand(starts[recent.songs], starts[recent.songs + 1])
        plays = self.places_[at].astype(np.int64)
        alike = likeness[recent.owners[which], self.owners_[plays]] > 0
        plays, rows, age = plays[alike], recent.owners[which[alike]], ages(recent)[which[alike]]
        if not self.aligned:
            youngest = np.zeros(likeness.shape, np.int32)
            youngest[rows, self.owners_[plays]] = age  # seeds come in play order: the latest is written last
            latest = age == youngest[rows, self.owners_[plays]]
            plays, rows, age = plays[latest], rows[latest], age[latest]
        cells = rows * likeness.shape[1] + self.owners_[plays]
        said = self.decay**age if self.aligned else np.ones(len(age))
        total = np.bincount(cells, said, minlength=likeness.size)[cells] if self.agreement else np.ones(len(age))
        return rows, age, plays, (said * total**self.agreement).astype(np.float32) * likeness.ravel()[cells]


def _expand(starts: NDArray[np.integer], stops: NDArray[np.integer]) -> tuple[Numbers, Numbers]:
    """Each whole number from a start to before its stop, and which range it comes from."""
    lengths = (stops - starts).astype(np.int64)
    which = np.repeat(np.arange(len(lengths)), lengths)
    return which, np.arange(len(which)) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
