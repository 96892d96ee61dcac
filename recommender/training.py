"""Training: from a dataset to a run with its card; and which playlists may test a run."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from recommender.cleaning import Cleaning, clean
from recommender.cold import described, fill, met
from recommender.datasets import Dataset
from recommender.errors import DataError, RecommenderError
from recommender.layout import kept, lay_out
from recommender.models import make
from recommender.nearby import Nearby
from recommender.playlists import Playlists
from recommender.protocol import Recommender
from recommender.provenance import commit, now, peak_memory, versions
from recommender.run import Run
from recommender.split import hold_out

_USE = "suggest songs that fit a playlist of songs of this catalogue"
_LIMITS = (
    "knows nothing of sound, lyrics or listeners; repeats what its playlists did, popular songs above all; "
    "says nothing of songs outside the catalogue"
)
_MAP_DIM = 64  # of the vectors that only the map is made by

Fit = Callable[[Recommender, Playlists, int], None]


def _fit(model: Recommender, playlists: Playlists, n_songs: int) -> None:
    model.fit(playlists, n_songs)


def train(
    dataset: Dataset,
    name: str = "song2vec",
    parameters: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    held_out: float = 0.0,
    cleaning: Cleaning | None = None,
    cold_start: bool = False,
    fit: Fit = _fit,
) -> Run:
    """A run of the model called `name`, fitted on the dataset's training playlists.

    parameters : see `recommender.models.make`
    seed : of the model, if it has one, and of the playlists held out
    held_out : share of the playlists to keep for an evaluation; the card says which
    cleaning : what to clean before; the card says what that removed
    cold_start : whether songs that stand beside no other get vectors, by artist and tags (see `recommender.cold`);
        the card says how many did
    fit : who does the learning, this process if it is not said

    Raises ParameterError, DataError where no playlist has two songs, and RecommenderError where there is nothing to
    place new songs by, or in.
    """
    model = seeded(name, parameters, seed)
    dataset, removed = clean(dataset, cleaning or Cleaning())
    check_enough(dataset)
    features = described(dataset.catalogue) if cold_start else None
    playlists = parts(dataset, held_out, seed)[0] if held_out else dataset.train
    start = time.perf_counter()
    fit(model, playlists, dataset.n_songs)
    seconds = time.perf_counter() - start
    run = run_of(dataset, name, model, playlists, seconds, held_out, seed)
    account = {"asked": asdict(cleaning or Cleaning()), "removed": list(map(str, removed))}
    run = replace(run, card=dict(run.card) | {"cleaning": account})
    return run if features is None else _with_new_songs(run, features)


def _with_new_songs(run: Run, features: sp.csr_array) -> Run:
    """The run with songs placed that its model never met."""
    n_songs = len(run.catalogue)
    filled, known = fill(run.model, features, run.catalogue.plays), met(run.model, n_songs)
    placed = int(met(filled, n_songs).sum() - known.sum())
    account = {"placed": placed, "left": int((~known).sum()) - placed, "by": "artist and tags"}
    return replace(run, model=filled, card=dict(run.card) | {"cold_start": account})


def with_map(run: Run, seed: int = 0) -> Run:
    """The run with the layout of its songs; the card says by what vectors, of how many, in how long, how true it is.

    By those of the model or, where it has none, of spectral, fitted on the same playlists.
    """
    start = time.perf_counter()
    by = run.card["model"] if run.has_vectors else f"spectral with {_MAP_DIM} dimensions"
    model = run.model if run.has_vectors else make("spectral", {"dim": _MAP_DIM, "seed": seed})
    if not run.has_vectors:
        model.fit(run.learnt_from, len(run.catalogue))
    vectors = model.vectors_  # type: ignore[attr-defined]
    layout = lay_out(vectors, run.catalogue, seed)
    seconds = time.perf_counter() - start
    placed, known = int(layout.placed.sum()), int((~np.isnan(vectors).any(axis=1)).sum())
    songs = {"songs": placed, "left_out": known - placed, "groups": len(layout.names)}
    facts = {"by": f"t-SNE of the vectors of {by}"} | songs
    measured = {"seconds": round(seconds, 3), "nearest_10_among_50": round(kept(vectors, layout, seed), 3)}
    return replace(run, layout=layout, card=dict(run.card) | {"map": facts | measured})


def with_index(run: Run, seed: int = 0) -> Run:
    """The run with an index of its songs; the card says how many of the ten best songs it finds, and in what time made.

    Raises RecommenderError for a model whose scores are no products of vectors, or without faiss.
    """
    start = time.perf_counter()
    nearby, facts = Nearby.of(run.model, run.learnt_from, len(run.catalogue), seed)
    seconds = {"seconds": round(time.perf_counter() - start, 3)}
    return replace(run, nearby=nearby, card=dict(run.card) | {"index": facts | seconds})


def seeded(name: str, parameters: Mapping[str, Any] | None, seed: int) -> Recommender:
    """An unfitted model (see `recommender.models.make`) with this seed, if it has one and the parameters name none."""
    model = make(name, parameters)
    return replace(model, seed=seed) if hasattr(model, "seed") and "seed" not in (parameters or {}) else model


def run_of(
    dataset: Dataset, name: str, model: Recommender, learnt: Playlists, seconds: float, held_out: float, seed: int
) -> Run:
    """The run of a fitted model, with its card; the catalogue counts the plays it learnt from."""
    catalogue = replace(dataset.catalogue, plays=learnt.counts(dataset.n_songs))
    facts = card(dataset, name, model, seconds)
    facts["cleaning"] = {"asked": asdict(Cleaning()), "removed": []}
    facts["learnt"] = {
        "songs": int((catalogue.plays > 0).sum()),
        "playlists": len(learnt),
        "plays": learnt.n_plays,
    }
    facts["held_out"] = {"fraction": held_out, "seed": seed, "playlists": len(dataset.train) - len(learnt)}
    return Run(model, catalogue, facts, playlists=learnt)


def check_enough(dataset: Dataset) -> None:
    """Raise DataError where no playlist has two songs: there is nothing to learn."""
    if not (dataset.train.lengths > 1).any():
        raise DataError(
            f"{dataset.name}: no playlist has two songs or more, so there is nothing to learn; add longer ones"
        )


def parts(dataset: Dataset, fraction: float | None = None, seed: int = 0) -> tuple[Playlists, Playlists]:
    """Playlists to learn from and to ask about.

    fraction : of the training playlists to hold out; None for the publisher's test playlists where there are any,
        else a tenth
    """
    if fraction is None and dataset.test is not None:
        return dataset.train, dataset.test
    try:
        return hold_out(dataset.train, fraction or 0.1, seed)
    except ValueError as error:
        raise DataError(f"{dataset.name}: {error}; more playlists are needed") from error


def unseen(run: Run, dataset: Dataset) -> tuple[Playlists, Playlists]:
    """Playlists that the run learnt from and playlists that it did not, of the dataset it was trained on.

    Raises RecommenderError where it learnt from another dataset, or from all playlists of this one.
    """
    learnt, name = run.card["dataset"], dataset.name
    if (learnt["name"], learnt["digests"]) != (name, dict(dataset.digests)):
        raise RecommenderError(
            f"the run learnt from {learnt['name']}, not from this {name}; name the dataset it learnt from"
        )
    fraction = run.card["held_out"]["fraction"] or None
    if dataset.test is None and fraction is None:
        raise RecommenderError(
            f"the run learnt from all playlists of {name}, none is left to test it; train it with --hold-out 0.1"
        )
    cleaned, _ = clean(dataset, Cleaning(**run.card["cleaning"]["asked"]))
    return parts(cleaned, fraction, run.card["held_out"]["seed"])


def card(dataset: Dataset, name: str, model: Any, seconds: float) -> dict[str, Any]:
    """What a reader of a run wants to know of it, after Mitchell et al. 2019, arXiv:1810.03993."""
    return {
        "model": name,
        "parameters": asdict(model),
        "dataset": {
            "name": dataset.name,
            "songs": dataset.n_songs,
            "playlists": len(dataset.train),
            "plays": dataset.train.n_plays,
            "licence": dataset.licence,
            "digests": dict(dataset.digests),
        },
        "made": now(),
        "fit_seconds": round(seconds, 3),
        "peak_memory_mb": peak_memory(),
        "versions": versions(),
        "commit": commit(),
        "intended_use": _USE,
        "limits": _LIMITS,
    }
