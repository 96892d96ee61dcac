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
    held_out: float | None = None,
    seed: int = 0,
) -> Report:
    """Report of models fitted with their defaults, all of MODELS if none are named.

    protocol : a name in PROTOCOLS
    queries : how many to ask; all if None
    held_out : share of the training playlists to ask about; None for the test playlists where there are any
    """
    check_enough(dataset)
    models = {name: make(name) for name in (MODELS if names is None else names)}
    split = asked(parts(dataset, held_out, seed), protocol, queries, seed)
    seconds = fit(models, split, dataset.n_songs)
    return evaluate(models, split, seconds=seconds, about=about(dataset, held_out, protocol, seed, queries))


def compare_runs(
    dataset: Dataset, folders: Sequence[str], *, protocol: str = "next", queries: int | None = None, seed: int = 0
) -> Report:
    """Report of saved runs, which must have learnt from the same playlists of this dataset."""
    runs = {Path(folder).name: Run.load(folder) for folder in folders}
    if len(runs) < len(folders):
        raise RecommenderError(
            f"two of the runs {', '.join(folders)} are called alike; rename one, the table needs the names"
        )
    learnt = {str((run.card["held_out"], run.card["cleaning"])) for run in runs.values()}
    if len(learnt) > 1:
        raise RecommenderError(
            "the runs held out or cleaned differently; train them with the same --hold-out, --seed and cleaning"
        )
    *_, (run, playlists) = [(run, unseen(run, dataset)) for run in runs.values()]  # each is checked, all are alike
    split = asked(playlists, protocol, queries, seed)
    facts = _about_run(run, dataset, protocol, queries)
    return evaluate({name: run.model for name, run in runs.items()}, split, about=facts)


def measured(run: Run, dataset: Dataset) -> Run:
    """The run with its evaluation, beside popularity, on the playlists that it did not learn from."""
    split = asked(unseen(run, dataset), "next", None, 0)
    popularity = make("popularity")
    fit({"popularity": popularity}, split, len(run.catalogue))
    models = {run.card["model"]: run.model, "popularity": popularity}
    return replace(run, metrics=evaluate(models, split, about=_about_run(run, dataset, "next")).figures())


def _about_run(run: Run, dataset: Dataset, protocol: str, queries: int | None = None) -> dict[str, Any]:
    """`about` with the share, the seed and the songs that the run was trained with."""
    kept = run.card["held_out"]
    facts = about(dataset, kept["fraction"] or None, protocol, kept["seed"], queries)
    return facts | {"songs": len(run.catalogue)}


def asked(playlists: Sequence[Any], protocol: str, queries: int | None, seed: int) -> Split:
    """The queries of a protocol over (playlists learnt from, playlists held out); raises RecommenderError if none."""
    split = PROTOCOLS[protocol](*playlists)
    if not len(split):
        raise RecommenderError("the held-out playlists ask nothing: none has a song that is new to it after its first")
    return split if queries is None else split.sample(queries, seed)


def about(
    dataset: Dataset, held_out: float | None, protocol: str, seed: int, queries: int | None = None
) -> dict[str, Any]:
    """What a report says of where its numbers come from."""
    published = held_out is None and dataset.test is not None
    source = (
        "publisher's test file" if published else f"{held_out or 0.1:.0%} of the playlists held out whole, seed {seed}"
    )
    asked_for = {"next": "each next song", "last": "the last song"}[protocol] + " that is new to its playlist"
    sampled = f", a sample of {queries:,}" if queries else ""
    return {"dataset": dataset.name, "songs": dataset.n_songs, "asked": asked_for + sampled, "split": source}
