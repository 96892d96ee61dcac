"""Language models: probabilities of the next song from counts alone, the reference that needs no calibration."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Playlists

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """Probabilities of the next song given the last one: as seen where the pair was seen, else backed off.

    seen : (n_songs, n_songs) of the pairs seen, by the last song
    escape : (n_songs,) of the last song, times
    base : (n_songs,) of the next one, where the pair was not seen
    """

    seen: sp.csr_array
    escape: Floats
    base: Floats

    def probabilities(self, last: NDArray[np.integer]) -> Floats:
        """(len(last), n_songs): rows sum to 1."""
        seen = self.seen[last].toarray()
        return np.where(seen > 0, seen, self.escape[last][:, None] * self.base)

    def log_likelihoods(self, last: NDArray[np.integer], targets: NDArray[np.integer]) -> Floats:
        """(n,) log of the probability of each target after its last song."""
        seen = self.seen[last, targets]
        return np.log(np.where(seen > 0, seen, self.escape[last] * self.base[targets]))


def uniform(playlists: Playlists, n_songs: int) -> LanguageModel:
    """All songs alike."""
    return LanguageModel(sp.csr_array((n_songs, n_songs)), np.ones(n_songs), np.full(n_songs, 1 / n_songs))


def unigram(playlists: Playlists, n_songs: int) -> LanguageModel:
    """Share of the plays; songs never played have one play more between them.

    So it is maximum likelihood where all songs were played, and escape method A of Witten & Bell 1991 elsewhere.
    """
    counts = playlists.counts(n_songs)
    plays = np.where(counts > 0, counts, 1 / (np.count_nonzero(counts == 0) or 1))
    return LanguageModel(sp.csr_array((n_songs, n_songs)), np.ones(n_songs), plays / plays.sum())


def bigram_witten_bell(playlists: Playlists, n_songs: int) -> LanguageModel:
    """n(a, b) / (n(a) + t(a)) of a pair seen, t(a) / (n(a) + t(a)) shared evenly by the songs not seen after a.

    t(a) songs were seen after a, n(a) times in all: escape method C of Witten & Bell 1991, doi:10.1109/18.87000; all
    songs alike where nothing was seen. That the LME papers share evenly is inferred: held-out tenths of their training
    playlists repeat their differences to the unigram so (+.33 and -.20 where they have +.32 and -.22 on yes_small and
    yes_big), not by a share of the unigram (Chen & Goodman 1999, doi:10.1006/csla.1999.0128: +.43 and +.10).
    """
    follows = np.flatnonzero(playlists.positions > 0)
    pairs = playlists.songs[follows - 1], playlists.songs[follows]
    seen = sp.csr_array((np.ones(len(follows)), pairs), shape=(n_songs, n_songs))
    kinds, left = np.diff(seen.indptr), n_songs - np.diff(seen.indptr)
    new = np.where(left > 0, kinds, 0)  # where every song was seen there is nothing to share
    plays: Floats = np.maximum(seen.sum(axis=1) + new, 1)
    seen.data /= np.repeat(plays, kinds)
    escape = np.where(kinds > 0, new / plays / np.maximum(left, 1), 1 / n_songs)
    return LanguageModel(seen, escape, np.ones(n_songs))


REFERENCES: dict[str, Callable[[Playlists, int], LanguageModel]] = {
    "uniform": uniform,
    "unigram": unigram,
    "bigram_witten_bell": bigram_witten_bell,
}
