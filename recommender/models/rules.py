"""Sequential rules: what came soon after a song, and how soon."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.models.neighbours import met
from recommender.playlists import Playlists
from recommender.protocol import Scores, check_limits, masked, recency


@dataclass
class SequentialRules:
    """Songs that came up to `steps` songs after the last seeds, the sooner the better.

    Ludewig & Jannach 2018, doi:10.1007/s11257-018-9209-6, who ask the last seed only (`context=1`).

    steps : how far after a song another still counts
    fade : a song `d` songs after weighs 1 / d ** fade
    context : how many of the latest seeds are asked
    decay : weight of a seed against the one after it
    rarity : a seed weighs 1 / plays ** rarity
    """

    steps: int = 20
    fade: float = 0.5
    context: int = 10
    decay: float = 0.9
    rarity: float = 0.5

    def __post_init__(self) -> None:
        check_limits(self, steps=(1, 10**6), fade=(0, 9), context=(1, 10**9), decay=(0, 1), rarity=(0, 9))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        self.plays_: NDArray[np.int64] = playlists.counts(n_songs)
        earlier, later, steps = playlists.pairs(self.steps)
        weights = (steps**-self.fade).astype(np.float32)
        self.rules_: sp.csr_array = sp.csr_array((weights, (earlier, later)), shape=(n_songs, n_songs))
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = self.plays_ > 0
        query = recency(seeds.keep(known[seeds.songs]), self.context, self.decay, len(known))
        query.data *= np.maximum(self.plays_, 1.0)[query.indices].astype(np.float32) ** np.float32(-self.rarity)
        return masked(met((query @ self.rules_).toarray()), seeds, known)
