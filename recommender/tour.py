"""Tour: the numbers that the page's lessons show, each small enough to be followed by eye.

What a lesson takes from the playlists it takes at random, but for a number the same each time, so that a lesson can be
gone back to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Song
from recommender.evidence import Plays
from recommender.models import make
from recommender.models.blend import Blend
from recommender.playlists import Playlists, Songs
from recommender.protocol import Recommender, Scorer
from recommender.run import Run

_LENGTHS = 6, 10  # songs of a playlist that is looked at
_BEFORE, _OTHERS = 5, 3  # songs of a question
_DRAWS = 200
_DIM = 64  # quicker than the default, and alike enough to learn from
_MOST = 20_000  # songs that are placed while somebody waits: 9,775 take a second, 75,262 take twenty


def excerpt(playlists: Playlists, number: int) -> Songs:
    """A playlist to look at, of 6 to 10 songs; where there is none such, the first ten songs of the longest.

    number : which of them, from 0; of a random order in which one may come again
    """
    least, most = _LENGTHS
    fitting = np.flatnonzero((playlists.lengths >= least) & (playlists.lengths <= most))
    if not len(fitting):
        fitting = np.argsort(-playlists.lengths, kind="stable")[:1]
    if not len(fitting):
        return playlists.songs
    return playlists[int(np.random.default_rng([0, number]).choice(fitting))][:most]


def neighbours(n: int, place: int, window: int) -> list[int]:
    """The places, of `n`, that are at most `window` steps from this one, without itself.

    >>> neighbours(5, 1, 2)
    [0, 2, 3]
    """
    return [other for other in range(max(place - window, 0), min(place + window + 1, n)) if other != place]


def n_pairs(playlists: Playlists, window: int) -> int:
    """How many (song, neighbour) pairs a window gives: each play with each at most `window` places away.

    >>> n_pairs(Playlists.of([[3, 1, 4], [5]]), 1), n_pairs(Playlists.of([[3, 1, 4], [5]]), 2)
    (4, 6)
    """
    lengths = playlists.lengths
    near = np.minimum(lengths, window + 1)  # of these first songs all come together, each further one meets `window`
    return int((near * (near - 1) + 2 * window * (lengths - near)).sum())


def ladder(plays: NDArray[np.integer], n: int) -> NDArray[np.int64]:
    """At most `n` songs from the one played most to the one played least, in steps that grow; equal ones by number.

    >>> ladder(np.array([1, 9, 0, 4, 2]), 3).tolist()
    [1, 3, 0]
    """
    order = np.argsort(-plays, kind="stable")[: np.count_nonzero(plays)]
    if not len(order):
        return order
    return order[np.unique(np.geomspace(1, len(order), n).round().astype(np.int64)) - 1]


def has_both(model: Recommender) -> bool:
    """Whether the model is made of an input and an output vector a song."""
    return hasattr(model, "inputs_") and hasattr(model, "outputs_")


def with_both(run: Run) -> Run | None:
    """The run with a model that has an input and an output vector a song in the place of its own.

    The first member of a blend that has, else `spectral`, fitted now; None for a catalogue too large to wait for.
    """
    members = run.model.fitted.values() if isinstance(run.model, Blend) else [run.model]
    model = next(filter(has_both, members), None)
    if model is None and len(run.catalogue) <= _MOST:
        model = make("spectral", {"dim": _DIM}).fit(run.learnt_from, len(run.catalogue))
    return replace(run, model=model) if model else None


@dataclass(frozen=True)
class Answer:
    """A song of a list, its score, and in how many playlists it was played near the song that was asked about."""

    song: Song
    score: float
    near: int


def both_questions(run: Run, plays: Plays, song: int, k: int) -> tuple[list[Answer], list[Answer]]:
    """What is like a song, and what comes next after it, by the same model: `k` answers each, best first.

    run : of a model with both vectors; song : its row
    plays : of the run's playlists
    """
    asked = run.catalogue[song].id
    lists = run.similar(asked, k), run.recommend([asked], k)
    rows = list(dict.fromkeys(run.catalogue.row(other.id) for answers in lists for other, _ in answers))
    near = dict(zip(rows, plays.count([song], rows).near[0].tolist(), strict=True))
    like, following = ([Answer(o, score, near[run.catalogue.row(o.id)]) for o, score in answers] for answers in lists)
    return like, following


@dataclass(frozen=True, eq=False)
class Cosine:
    """The cosine of two vectors, taken apart.

    products : (dim,) their numbers multiplied, one by one; they sum to `dot`
    lengths : of either vector, the root of the sum of its squares
    value : dot / (one length * the other); NaN where one is 0

    >>> parts = Cosine.of(np.array([3.0, 4.0]), np.array([4.0, 3.0]))
    >>> parts.products.tolist(), parts.dot, parts.lengths, parts.value
    ([12.0, 12.0], 24.0, (5.0, 5.0), 0.96)
    """

    products: NDArray[np.floating]
    dot: float
    lengths: tuple[float, float]
    value: float

    @classmethod
    def of(cls, one: NDArray[np.floating], other: NDArray[np.floating]) -> "Cosine":
        """Of two vectors (dim,)."""
        products = one * other
        lengths = float(np.linalg.norm(one)), float(np.linalg.norm(other))
        value = float(products.sum()) / (lengths[0] * lengths[1]) if all(lengths) else float("nan")
        return cls(products, float(products.sum()), lengths, value)


def shares_of_top(plays: NDArray[np.integer], tops: Sequence[int]) -> list[float]:
    """For each number in `tops`, the share of all plays that so many of the most played songs have.

    >>> shares_of_top(np.array([1, 6, 3, 0]), [1, 2, 4])
    [0.6, 0.9, 1.0]
    """
    reached = np.concatenate([[0], np.cumsum(np.sort(plays)[::-1])])
    return [float(reached[min(top, len(plays))] / max(reached[-1], 1)) for top in tops]


def round_numbers(most: int) -> list[int]:
    """1, 2, 5, 10, 20, 50 and so on below `most`, and `most`.

    >>> round_numbers(30)
    [1, 2, 5, 10, 20, 30]
    """
    powers = (10**zeros for zeros in range(len(str(most))))
    return [*(digit * power for power in powers for digit in (1, 2, 5) if digit * power < most), most]


@dataclass(frozen=True)
class Question:
    """Which of these songs came next in a playlist?

    before : the songs just before, at most five, in play order
    choices : the song that did, and others that are not among those before, in random order
    answer : the one that did
    """

    before: tuple[int, ...]
    choices: tuple[int, ...]
    answer: int

    @classmethod
    def of(cls, playlists: Playlists, number: int, *, others_by_plays: bool) -> "Question | None":
        """A question about a place of the playlists whose song is new to those just before; None if none is found.

        number : which question, from 0
        others_by_plays : draw the other choices as often as they are played, as the true one is; else all songs alike
        """
        rng = np.random.default_rng([1, number])
        for at in rng.integers(playlists.n_plays, size=_DRAWS).tolist() if playlists.n_plays else []:
            start = playlists.offsets[np.searchsorted(playlists.offsets, at, side="right") - 1]
            before, answer = playlists.songs[max(start, at - _BEFORE) : at].tolist(), int(playlists.songs[at])
            if before and answer not in before:
                others = _others(playlists.songs, {*before, answer}, rng, by_plays=others_by_plays)
                choices = rng.permutation([answer, *others]).tolist()
                return cls(tuple(before), tuple(choices), answer) if others else None
        return None

    def most_played(self, plays: NDArray[np.integer]) -> int:
        """The choice played most; of equals the first."""
        return max(self.choices, key=lambda song: plays[song])

    def best(self, model: Scorer) -> int:
        """The choice that a model scores highest after the songs before; of equals the first."""
        scores = model.score(Playlists.of([self.before]))[0]
        return max(self.choices, key=lambda song: scores[song])


def _others(songs: Songs, known: set[int], rng: np.random.Generator, *, by_plays: bool) -> list[int]:
    """Other songs that are played, no two the same; fewer than _OTHERS where there are no more."""
    pool = songs if by_plays else np.flatnonzero(np.bincount(songs))
    drawn = dict.fromkeys(pool[rng.integers(len(pool), size=_DRAWS)].tolist())
    return [song for song in drawn if song not in known][:_OTHERS]
