"""Blind: which of two unnamed lists is better, asked of people: what is asked, and what their votes tell.

A vote for neither tells the two no more apart, so it is counted and left out of the share, as in a sign test. Who looks
after every vote, and stops when it pleases, finds by an ordinary test a difference where there is none; so whether one
is better goes by a chance that holds however often it is looked at.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import binomtest

from recommender.playlists import Playlists

LEVEL = 0.05
_MOST = 10_000  # votes that are thought of


@dataclass(frozen=True)
class Question:
    """Songs that two lists come after, and whether the first model's is shown as B.

    seed : what both were drawn by
    """

    seed: int
    songs: tuple[int, ...]
    swapped: bool


def question(seed: int, songs: tuple[int, ...]) -> Question:
    """The question about these songs; the seed says which list is A."""
    return Question(seed, songs, bool(np.random.default_rng(seed).integers(2)))


def drawn(playlists: Playlists, seed: int, n: int = 3) -> Question:
    """A question about `n` songs that stand together in a playlist, all of one that is shorter.

    Every playlist of two songs or more is as likely as another; where there is none, those of one. Raises ValueError
    where no playlist has a song.
    """
    lengths = playlists.lengths
    if not lengths.any():
        raise ValueError("no playlist has a song")
    rng = np.random.default_rng([seed, n])
    songs = playlists[int(rng.choice(np.flatnonzero(lengths >= min(2, lengths.max()))))]
    start = int(rng.integers(max(len(songs) - n, 0) + 1))
    return question(seed, tuple(songs[start : start + n].tolist()))


@dataclass(frozen=True)
class Votes:
    """How many preferred the first of two models, the second, and neither.

    >>> votes = Votes(8, 0, 2)
    >>> votes.decided, votes.share, votes.is_told
    (8, 1.0, True)
    """

    first: int
    second: int
    ties: int = 0

    @property
    def n(self) -> int:
        """All votes."""
        return self.first + self.second + self.ties

    @property
    def decided(self) -> int:
        """Votes that prefer one."""
        return self.first + self.second

    @property
    def share(self) -> float:
        """Share of the decided votes that prefer the first; NaN where there is none."""
        return self.first / self.decided if self.decided else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Exact 95 % interval of the share: without 1/2 just where `p` is at most .05; 0 to 1 where no vote is decided.

        Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404.
        """
        if not self.decided:
            return 0.0, 1.0
        found = binomtest(self.first, self.decided).proportion_ci(1 - LEVEL, method="exact")
        return float(found.low), float(found.high)

    @property
    def p(self) -> float:
        """Two-sided p of the exact sign test, for a number of votes that was settled before."""
        return float(binomtest(self.first, self.decided).pvalue) if self.decided else 1.0

    @property
    def p_always(self) -> float:
        """Two-sided p that holds however often the votes are looked at (see `always`)."""
        return float(always(np.array(self.first), np.array(self.decided)))

    @property
    def is_told(self) -> bool:
        """Whether one is better beyond chance, however often that was looked at."""
        return self.p_always <= LEVEL

    @property
    def more(self) -> int | None:
        """About how many more votes would tell, were shares and ties to stay; None for none, or 10,000 decided ones."""
        totals = np.arange(self.decided + 1, _MOST + 1)
        ahead = np.rint(totals * (max(self.first, self.second) / self.decided if self.decided else 1))
        enough = totals[always(ahead, totals) <= LEVEL]
        if self.is_told or not len(enough):
            return None
        return ceil((int(enough[0]) - self.decided) * (self.n / self.decided if self.decided else 1))


def always(ahead: NDArray[Any], n: NDArray[Any]) -> NDArray[np.float64]:
    """Chance, at most, that fair coins *ever* come so unevenly as `ahead` of `n` heads, elementwise.

    That is (n + 1) C(n, ahead) / 2 ** n, or 1: the reciprocal of how much likelier a coin of unknown bias, each bias
    alike, makes the throws than a fair one (Robbins 1970, doi:10.1214/aoms/1177696786, by Ville's inequality).

    >>> always(np.array([8, 6, 5]), np.array([8, 6, 10])).round(4).tolist()  # 9 / 256, 7 / 64, 11 * 252 / 1024 > 1
    [0.0352, 0.1094, 1.0]
    """
    ways = gammaln(n + 1) - gammaln(ahead + 1) - gammaln(n - ahead + 1)
    return np.asarray(np.minimum(1.0, np.exp(np.log(n + 1) + ways - n * np.log(2))))
