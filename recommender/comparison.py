"""Comparison: models, or runs, asked about playlists of a dataset that they did not learn from."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from recommender.datasets import Dataset
from recommender.errors import RecommenderError
from recommender.evaluation import evaluate, fit
from recommender.models import MODELS, make
from recommender.report import Report
from recommender.run import Run
from recommender.split import PROTOCOLS, Split
from recommender.training import check_enough, parts, unseen


def compare_models(
    dataset: Dataset,
    names: Sequence[str] | None = None,
    *,
    protocol: str = "next",
    queries: int | None = None,
    seed: int = 0,
) -> Report:
    """Report of models fitted with their defaults, all of MODELS if none are named.

    protocol : a name in PROTOCOLS
    queries : how many to ask; all if None
    """
    check_enough(dataset)
    models = {name: make(name) for name in names or MODELS}
    split = asked(parts(dataset, seed=seed), protocol, queries, seed)
    seconds = fit(models, split, dataset.n_songs)
    return evaluate(models, split, seconds=seconds, about=about(dataset, protocol, seed, queries))


def compare_runs(
    dataset: Dataset, folders: Sequence[str], *, protocol: str = "next", queries: int | None = None, seed: int = 0
) -> Report:
    """Report of saved runs, which must have learnt from the same playlists of this dataset."""
    runs = {Path(folder).name: Run.load(folder) for folder in folders}
    if len(runs) < len(folders):
        raise RecommenderError(
            f"two of the runs {', '.join(folders)} are called alike; rename one, the table needs the names"
        )
    learnt = {str(run.card["held_out"]) for run in runs.values()}
    if len(learnt) > 1 and dataset.test is None:
        raise RecommenderError("the runs held out different playlists; train them with the same --hold-out and --seed")
    split = asked([unseen(run, dataset) for run in runs.values()][-1], protocol, queries, seed)
    return evaluate(
        {name: run.model for name, run in runs.items()}, split, about=about(dataset, protocol, seed, queries)
    )


def measured(run: Run, dataset: Dataset) -> Run:
    """The run with its evaluation, beside popularity, on the playlists that it did not learn from."""
    seed = run.card["held_out"]["seed"]
    split = asked(unseen(run, dataset), "next", None, seed)
    popularity = make("popularity")
    fit({"popularity": popularity}, split, dataset.n_songs)
    models = {run.card["model"]: run.model, "popularity": popularity}
    return replace(run, metrics=evaluate(models, split, about=about(dataset, "next", seed)).figures())


def asked(playlists: Sequence[Any], protocol: str, queries: int | None, seed: int) -> Split:
    """The queries of a protocol over (playlists learnt from, playlists held out); raises RecommenderError if none."""
    split = PROTOCOLS[protocol](*playlists)
    if not len(split):
        raise RecommenderError("the held-out playlists ask nothing: none has a song that is new to it after its first")
    return split if queries is None else split.sample(queries, seed)


def about(dataset: Dataset, protocol: str, seed: int, queries: int | None = None) -> dict[str, Any]:
    """What a report says of where its numbers come from."""
    source = "publisher's test file" if dataset.test is not None else f"whole playlists held out, seed {seed}"
    asked_for = {"next": "each next song", "last": "the last song"}[protocol] + " that is new to its playlist"
    sampled = f", a sample of {queries:,}" if queries else ""
    return {"dataset": dataset.name, "songs": dataset.n_songs, "asked": asked_for + sampled, "split": source}
