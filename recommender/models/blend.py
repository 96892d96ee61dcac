"""blend: several models asked at once, weighed by what they were worth on playlists that none of them had learnt from.

A tenth of the training playlists is kept aside; the members learn from the others and are asked what came next there.
A conditional logit over the best songs of each, and a sample of all others, learns how far to trust whom, and that may
depend on how much was played, on how well its last song is known, and on how few songs the member itself names. Then
the members learn from all. Where the weights, tried on playlists that they were not fitted on, are not better than the
best member, that one speaks alone.

The arrays that a member learnt are kept as the blend's own, with the member's name before theirs.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender.errors import ParameterError
from recommender.models.logit import Choices, Floats
from recommender.models.singles import SINGLES
from recommender.playlists import Playlists
from recommender.protocol import MOST_SEED, Recommender, Scores, Vectors, ages, as_shares, blocks, check_limits, masked
from recommender.split import Split, hold_out, next_song

_ASIDE = 0.1  # of the playlists, to weigh the members on
_MANY = 200_000  # songs from which on memory is dearer than time
_CELLS = 2**22  # songs of all queries scored at once: few arrays of 17 MB
_CACHED = 2**17  # of these, whose terms are made at once: few arrays of 0.5 MB, which stay in the cache
_FLOOR = 0.01  # added to a member's share, from 0 to 1, before its log is taken
_RIDGE = 1.0
_DRAWN = 200  # songs of a list that stand for all that no member names
_LONG, _KNOWN = 32, 1000  # songs of a playlist, plays of its last song: from here on more tell nothing new
_LEAST = 1e-3  # mean share of a member that names next to nothing
_OTHERS, _GATES = 3, 4  # terms that are no member's; what weights depend on
Terms = NDArray[np.float32]


@dataclass
class Blend:
    """Several models, each trusted as far as it was right on playlists kept aside, and as the playlist at hand asks.

    A conditional logit over their scores (McFadden 1974, "Conditional logit analysis of qualitative choice behavior").

    members : models with their default parameters, a comma between
    queries : places of the playlists kept aside that the weights are learnt on, at most
    candidates : best songs of each member that are told apart there
    seed : of the random numbers, the members' too
    """

    members: str = "vstan,spectral,item_knn,song2vec"
    queries: int = 5000
    candidates: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        check_limits(self, queries=(1, 10**9), candidates=(1, 10**6), seed=(0, MOST_SEED))
        unknown = [name for name in self._names if name not in SINGLES]
        if unknown or len(set(self._names)) < len(self._names):
            raise ParameterError(f"members must be different ones of {', '.join(SINGLES)}, got {self.members!r}")

    @property
    def _names(self) -> list[str]:
        return [name.strip() for name in self.members.split(",")]

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        for name in vars(self).keys() - {field.name for field in fields(self)}:
            delattr(self, name)
        weights, members = self._twice(playlists, n_songs)
        self.weights_: Terms = weights
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        for name, member in zip(self._names, members, strict=True):
            for array in [array for array in vars(member) if array.endswith("_")]:
                setattr(self, f"{name}_{array}", getattr(member, array))
        return self

    def _twice(self, playlists: Playlists, n_songs: int) -> tuple[Terms, list[Recommender]]:
        """Weights, for which the members learn from some playlists, beside members that learn from all of them.

        For a large catalogue one after the other, so that the members are in memory once. Side by side, all products
        are limited from without: a limit that a member sets is the process's, and would end in the midst of another.
        """
        if n_songs > _MANY:
            return self._weighed(playlists, n_songs), self._learnt(playlists, n_songs)
        import scipy.linalg  # noqa: F401  a library that is loaded later would not be limited

        with threadpool_limits(1, "blas"), ThreadPoolExecutor(1) as beside:
            learnt = beside.submit(self._learnt, playlists, n_songs)
            return self._weighed(playlists, n_songs), learnt.result()

    def _unfitted(self) -> list[Any]:
        """The members, with the blend's seed where they have one."""
        kinds = [SINGLES[name] for name in self._names]
        return [kind(**{field.name: self.seed for field in fields(kind) if field.name == "seed"}) for kind in kinds]

    def _learnt(self, playlists: Playlists, n_songs: int) -> list[Recommender]:
        return [member.fit(playlists, n_songs) for member in self._unfitted()]

    @property
    def fitted(self) -> dict[str, Recommender]:
        """The members by name, as they learnt."""
        return self._fitted

    @cached_property
    def _fitted(self) -> dict[str, Recommender]:
        members = dict(zip(self._names, self._unfitted(), strict=True))
        for name, member in members.items():
            for array in [array for array in vars(self) if array.startswith(f"{name}_") and array.endswith("_")]:
                setattr(member, array.removeprefix(f"{name}_"), getattr(self, array))
        return members

    @property
    def vectors_(self) -> Vectors:
        """(n_songs, dim) unit rows of the first member that has any, NaN for a song it never saw."""
        for member in self.fitted.values():
            if hasattr(member, "vectors_"):
                vectors: Vectors = member.vectors_
                return vectors
        raise AttributeError(f"no vectors_: none of {self.members} has any")

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        asked = seeds.keep(known[seeds.songs])
        scores = np.zeros((len(asked), len(known)), np.float32)
        for some in blocks(len(asked), len(known), _CELLS):
            self._add(scores[some], asked.slice(some.start, some.stop))
        return masked(scores, seeds, known)

    def _add(self, scores: Scores, seeds: Playlists) -> None:
        """Add up the scores in place; members are asked about all, their terms made of few queries at a time."""
        members = [member.score(seeds) for member in self.fitted.values()]
        for few in blocks(len(scores), scores.shape[1], _CACHED):
            asked = seeds.slice(few.start, few.stop)
            gates, shares = _gates(asked, self.plays_), (as_shares(said[few], asked) for said in members)
            for weights, (term, focus) in zip(self.weights_, _terms(shares, asked, self._popularity), strict=True):
                scores[few] += (_gated(gates, focus) @ weights)[:, None] * term

    @cached_property
    def _popularity(self) -> Terms:
        return _popularity(self.plays_)

    def _weighed(self, playlists: Playlists, n_songs: int) -> Terms:
        """(n_terms, n_gates) weights; those of the first member alone where there is nothing to learn them from."""
        alone = [self._alone(i) for i in range(len(self._names))]
        if len(self._names) == 1 or int((playlists.lengths > 1).sum() * _ASIDE) < 1:
            return alone[0].astype(np.float32)  # nobody to ask, or nothing to ask about
        learnt, aside = hold_out(playlists, _ASIDE, self.seed)
        split = next_song(learnt, aside, repeats=True).sample(self.queries, self.seed)
        choices, owners = self._choices(self._learnt(learnt, n_songs), split, learnt.counts(n_songs))
        best = max((weights.ravel() for weights in alone), key=lambda weights: choices.reciprocal_ranks(weights).sum())
        half = owners % 2 == 0
        tried = 0.0
        for learns in (half, ~half):
            tried += choices.take(~learns).reciprocal_ranks(choices.take(learns).fit(best, _RIDGE)).sum()
        better = tried > choices.reciprocal_ranks(best).sum()
        weights: Terms = (choices.fit(best, _RIDGE) if better else best).astype(np.float32)
        return weights.reshape(-1, _GATES)

    def _alone(self, member: int) -> Floats:
        """Weights of a blend that says what the member says."""
        weights = np.zeros((2 * len(self._names) + _OTHERS, _GATES))
        weights[2 * member, 0] = 1
        return weights

    def _choices(
        self, members: Sequence[Recommender], split: Split, plays: NDArray[np.int64]
    ) -> tuple[Choices, NDArray[np.int64]]:
        """Of each query the songs it is weighed on, its target chosen, and (n,) the playlist that asked.

        Queries whose target was never played are left out.
        """
        rng, parts, popularity = np.random.default_rng(self.seed), [], _popularity(plays)
        split = split.take(plays[split.targets.songs] > 0)
        for batch in blocks(len(split), len(plays), _CELLS):
            seeds, targets = split.seeds.slice(batch.start, batch.stop), split.targets.songs[batch]
            seeds = seeds.keep(plays[seeds.songs] > 0)
            shares = list(_shares(members, seeds))
            stands_for = _stands_for(_candidates(shares, seeds, self.candidates), targets, plays > 0, rng)
            queries, songs = np.nonzero(stands_for)
            gates = _gates(seeds, plays)
            terms = [
                term[queries, songs, None] * _gated(gates, focus)[queries]
                for term, focus in _terms(shares, seeds, popularity)
            ]
            rows = np.concatenate(terms, axis=1)
            parts.append((rows, stands_for[queries, songs], (stands_for > 0).sum(axis=1), songs == targets[queries]))
        if not parts:
            return Choices.none(self._alone(0).size), split.owners
        rows, weights, lengths, chosen = (np.concatenate(part) for part in zip(*parts, strict=True))
        return Choices(rows, weights, np.cumsum(lengths) - lengths, np.flatnonzero(chosen)), split.owners


def _shares(members: Sequence[Recommender], seeds: Playlists) -> Iterator[Terms]:
    """(len(seeds), n_songs) of each member: its scores laid between 0 and 1."""
    return (as_shares(member.score(seeds), seeds) for member in members)


def _terms(shares: Iterable[Terms], seeds: Playlists, popularity: Terms) -> Iterator[tuple[Terms, Terms]]:
    """(len(seeds), n_songs) each: of each member the log of its share and the share, then what no member tells.

    That is how popular a song is, whether it was played already, and how lately. With each (len(seeds),) how few songs
    the member names: from 0 where all have the same share to 1 where all is on one song; 0 for what no member tells.
    """
    for share in shares:
        focus = np.log(np.maximum(share.mean(axis=1), _LEAST)) / np.float32(np.log(_LEAST))
        yield np.log(share + np.float32(_FLOOR)), focus
        yield share, focus
    none = np.zeros(len(seeds), np.float32)
    yield np.broadcast_to(popularity, (len(seeds), len(popularity))), none
    seen = np.zeros((len(seeds), len(popularity)), np.float32)
    seen[seeds.owners, seeds.songs] = 1
    yield seen, none
    seen[seeds.owners, seeds.songs] = 1 / (ages(seeds) + 1)  # of a song that stands twice, the later is written last
    yield seen, none


def _popularity(plays: NDArray[np.int64]) -> Terms:
    """(n_songs,) the log of one more than its plays."""
    return np.log1p(plays).astype(np.float32)


def _gates(seeds: Playlists, plays: NDArray[np.int64]) -> Terms:
    """(len(seeds), 3), from 0 to 1: 1, how much was played, and how well its last song is known."""
    gates = np.zeros((len(seeds), _GATES - 1), np.float32)
    some = seeds.lengths > 0
    gates[:, 0] = 1
    gates[some, 1] = np.log2(np.minimum(seeds.lengths[some], _LONG)) / np.log2(_LONG)
    gates[some, 2] = np.log1p(np.minimum(plays[seeds.last(1).songs], _KNOWN)) / np.log1p(_KNOWN)
    return gates


def _gated(gates: Terms, focus: Terms) -> Terms:
    """(n, n_gates): what the weights of a term depend on."""
    return np.column_stack([gates, focus])


def _candidates(shares: Sequence[Terms], seeds: Playlists, k: int) -> NDArray[np.bool_]:
    """(len(seeds), n_songs): the seeds, and the `k` best songs of each member, none that it knows nothing of."""
    marked = np.zeros(shares[0].shape, bool)
    for share in shares:
        best = np.argpartition(share, -min(k, share.shape[1]), axis=1)[:, -min(k, share.shape[1]) :]
        marked[np.arange(len(seeds))[:, None], best] = np.take_along_axis(share, best, axis=1) > 0
    marked[seeds.owners, seeds.songs] = True
    return marked


def _stands_for(
    candidates: NDArray[np.bool_], targets: NDArray[np.int32], known: NDArray[np.bool_], rng: np.random.Generator
) -> Terms:
    """(n, n_songs): for how many songs each is in its query's list: candidates and targets for themselves.

    A few drawn ones stand for all others that are known, the rest for none.
    """
    named = candidates.copy()
    named[np.arange(len(targets)), targets] = True
    others = known & ~named
    drawn = others & (rng.random(others.shape, np.float32) < _DRAWN / max(known.sum(), 1))
    each = others.sum(axis=1) / np.maximum(drawn.sum(axis=1), 1)
    return np.where(drawn, each[:, None], named).astype(np.float32)
