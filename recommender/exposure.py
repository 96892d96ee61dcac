"""Exposure: what the lists of a model show, beside how many hits they hold.

Answers are (n, k) songs, best first, padded with -1 where a list is shorter; no list has a song twice. Plays are
(n_songs,) counts in the training playlists. What is said of a list is NaN where there is nothing to say it of, such
as the novelty of an empty list: means are over the other lists.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.playlists import Songs

Counts = NDArray[np.integer]
Values = NDArray[np.float64]


def exposures(answers: Songs, n_songs: int) -> NDArray[np.int64]:
    """(n_songs,) in how many lists each song stands.

    >>> exposures(np.array([[2, 0], [2, -1]]), 4).tolist()
    [1, 0, 2, 0]
    """
    return np.bincount(answers[answers >= 0], minlength=n_songs)


def coverage(exposures: Counts, plays: Counts) -> float:
    """Share of the songs ever played that stand in any list; 0 where none was played.

    Catalogue coverage of Ge, Delgado-Battenfeld & Jannach 2010, doi:10.1145/1864708.1864761, where the catalogue is
    what a model could have learnt of.

    >>> coverage(np.array([1, 0, 2, 0]), np.array([5, 1, 1, 0]))
    0.6666666666666666
    """
    shown = exposures[plays > 0] > 0
    return float(shown.mean()) if len(shown) else 0.0


def gini(counts: Counts) -> float:
    """Gini coefficient: 0 where all counts are equal, near 1 where one has all; 0 for no counts.

    Half the mean absolute difference of two counts, divided by their mean (Gini 1912). Every count given is a
    song's, zeros too: of exposures, give those of the songs ever played.

    >>> gini(np.array([0, 0, 0, 4])), gini(np.array([2, 2]))
    (0.75, 0.0)
    """
    n, total = len(counts), counts.sum()
    if not total:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(counts) / (n * total))


def entropy(exposures: Counts) -> float:
    """Shannon entropy of the songs' shares p of all exposure, -Σ p log2 p, in bits; 0 for empty lists.

    Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x. 2 ** entropy is the effective number of songs: so many
    songs, shown equally often, would have the same entropy.

    >>> entropy(np.array([2, 1, 1, 0]))
    1.5
    """
    shown = exposures[exposures > 0]
    shares = shown / shown.sum()
    return float(shares @ np.log2(1 / shares))


def novelty(answers: Songs, plays: Counts) -> Values:
    """(n,) mean of -log2(plays / all plays) over the songs of each list, in bits; NaN for an empty list.

    The surprise of a song that is drawn as often as it is played: Zhou et al. 2010, doi:10.1073/pnas.1000488107,
    with the share of all plays, as Vargas & Castells 2011, doi:10.1145/2043932.2043955, in place of the share of
    users. A song never played counts as played once, or it would be infinitely new.

    >>> novelty(np.array([[0, 2], [0, -1], [-1, -1]]), np.array([4, 3, 1])).tolist()
    [2.0, 1.0, nan]
    """
    bits = np.log2(max(plays.sum(), 1)) - np.log2(np.maximum(plays, 1))
    lists = _memberships(answers, len(plays))
    return _ratio(lists @ bits, lists @ np.ones(len(plays)))


def intra_list_diversity(answers: Songs, features: sp.csr_array) -> Values:
    """(n,) mean of 1 - cosine over the pairs of each list's songs that have features, from 0 to 1.

    features : (n_songs, n_features), none negative, such as tags or one artist a song

    A song without features is left out; NaN where fewer than two are left. The dissimilarity is averaged over
    pairs by Smyth & McClave (ICCBR 2001) and Ziegler et al. 2005, doi:10.1145/1060745.1060754. With u the features
    at length 1 and t songs of a list, the cosines of all ordered pairs sum to |Σu|² - t, so no pair is ever formed,
    and memory grows with the features of the songs of the lists only.

    >>> tags = sp.csr_array([[1, 0], [1, 0], [0, 1], [0, 0]], dtype=np.float32)
    >>> intra_list_diversity(np.array([[0, 1, 2], [0, 1, 3], [0, 3, -1]]), tags).round(4).tolist()
    [0.6667, 0.0, nan]
    """
    lengths = np.sqrt(features.astype(np.float64).power(2).sum(axis=1))
    described = lengths > 0
    units = sp.diags_array(1 / np.where(described, lengths, 1)) @ features
    lists = _memberships(answers, features.shape[0])
    t = lists @ described.astype(np.float64)
    cosines = (lists @ units).power(2).sum(axis=1) - t
    return np.clip(1 - _ratio(cosines, t * (t - 1)), 0, 1)  # rounding may leave the range by 1e-16


def popularity_lift(exposures: Counts, seed_counts: Counts, plays: Counts) -> float:
    """(mean plays of a recommended song - mean plays of a seed) / mean plays of a seed.

    exposures, seed_counts : (n_songs,) how often each song is recommended, and is a seed

    Above 0, the lists are more popular than what they continue; NaN where nothing is recommended or no seed was
    ever played. Abdollahpouri et al. 2020, doi:10.1145/3383313.3418487, but theirs takes the mean of each list first,
    while here each song of each list counts the same.

    >>> popularity_lift(np.array([2, 0, 0]), np.array([1, 1, 2]), np.array([6, 4, 1]))
    1.0
    """
    if not exposures.any() or not seed_counts @ plays:
        return float("nan")
    before = seed_counts @ plays / seed_counts.sum()
    return float((exposures @ plays / exposures.sum() - before) / before)


def _memberships(answers: Songs, n_songs: int) -> sp.csr_array:
    """(n, n_songs) 1 where the song stands in the list."""
    rows, places = np.nonzero(answers >= 0)
    return sp.csr_array((np.ones(len(rows)), (rows, answers[rows, places])), shape=(len(answers), n_songs))


def _ratio(above: Values, below: Values) -> Values:
    """One divided by the other, NaN where that is by 0."""
    ratio = np.full(len(above), np.nan)
    np.divide(above, below, out=ratio, where=below > 0)
    return ratio
