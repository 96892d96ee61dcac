"""Hiding: songs are taken out of all that models learn from, to see who finds them all the same.

A share of the songs with tags is hidden, as in Moore et al. 2012 (ISMIR, "Learning to embed songs and tags for
playlist prediction"). Hidden and known songs compete for the places of each answer.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.cold import can_fill, described, fill
from recommender.errors import DataError
from recommender.evaluation import fit
from recommender.models import make
from recommender.playlists import Playlists
from recommender.protocol import Recommender

SHARE = 0.3
_BASELINES = ("random", "popularity")


def hidden(catalogue: Catalogue, share: float = SHARE, seed: int = 0) -> NDArray[np.bool_]:
    """(n_songs,) the songs to hide: a share of those with tags, or of those with a known artist where none has tags."""
    counts = [np.diff(catalogue.features()[kind].indptr) for kind in ("tag", "artist")]
    eligible = np.flatnonzero(counts[0] if counts[0].any() else counts[1])
    away = np.zeros(len(catalogue), dtype=bool)
    away[np.random.default_rng(seed).permutation(eligible)[: int(share * len(eligible) + 1e-9)]] = True
    return away


def relearnt(
    models: Mapping[str, Recommender], train: Playlists, catalogue: Catalogue, seed: int = 0
) -> tuple[dict[str, Recommender], Playlists, dict[str, float]]:
    """Copies of the models that never heard the hidden songs, what these learnt from, and the seconds it took.

    Each model that can place new songs (see `recommender.cold`) is there twice, as it is and as NAME --cold-start;
    random and popularity always are. Raises RecommenderError where songs have neither tags nor artists, or nothing
    is left to learn from.
    """
    features = described(catalogue)
    without = train.keep(~hidden(catalogue, seed=seed)[train.songs])
    learnt = without.take(without.lengths > 0)
    if not (learnt.lengths > 1).any():
        raise DataError("no playlist has two songs left when some are hidden; add longer ones")
    copies = {name: make(name) for name in _BASELINES} | {name: replace(model) for name, model in models.items()}
    seconds = fit(copies, learnt, len(catalogue))
    told, plays = dict(copies), learnt.counts(len(catalogue))
    for name, model in copies.items():
        if can_fill(model):
            told[f"{name} --cold-start"] = fill(model, features, plays)
            seconds[f"{name} --cold-start"] = seconds[name]
    return told, learnt, seconds
