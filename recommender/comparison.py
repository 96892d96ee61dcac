"""Comparison: models, or runs, asked about playlists of a dataset that they did not learn from."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from recommender.catalogue import Catalogue
from recommender.cleaning import Cleaning, clean
from recommender.datasets import Dataset
from recommender.errors import ParameterError, RecommenderError
from recommender.evaluation import evaluate, fit, likelihoods
from recommender.examples import examples
from recommender.hiding import relearnt
from recommender.models import COMPARED, MODELS, describe, make
from recommender.playlists import Playlists
from recommender.protocol import Recommender
from recommender.provenance import commit, machine, now, versions
from recommender.questions import PROTOCOLS
from recommender.ranking import Ranker, rank
from recommender.report import Report
from recommender.run import Run
from recommender.split import Split
from recommender.training import check_enough, parts, unseen

_Parts = tuple[Playlists, Playlists]


def compare_models(
    dataset: Dataset,
    names: Sequence[str] | None = None,
    *,
    protocol: str | Sequence[str] = "next",
    queries: int | None = None,
    held_out: float | None = None,
    seed: int = 0,
    seeds: int = 1,
    cleaning: Cleaning | None = None,
    ranker: Ranker = rank,
) -> Report:
    """Report of models fitted with their defaults, those of COMPARED if none are named.

    protocol : a name in PROTOCOLS, or several: the first makes the report, the others stand beside it
    queries : how many to ask; all if None
    held_out : share of the training playlists to ask about; None for the test playlists where there are any
    seeds : how many times to train what depends on a seed, to tell the spread of the main metric
    cleaning : what to clean before the split; the report says what that removed
    ranker : what ranks, here or on other machines; a likelihood is always computed here
    """
    first, *others = [protocol] if isinstance(protocol, str) else protocol
    unknown = [name for name in (first, *others) if name not in PROTOCOLS]
    if unknown or names == []:
        what = f"no protocol {unknown[0]!r}; there are {', '.join(PROTOCOLS)}" if unknown else "no model is named"
        raise ParameterError(what)
    if seeds > 1 and first in ("likelihood", "cold"):
        raise ValueError("seeds tell the spread of what lists are measured by; name another protocol first")
    models = {name: make(name) for name in (COMPARED if names is None else names)}
    dataset, removed = clean(dataset, cleaning or Cleaning())
    check_enough(dataset)
    playlists = parts(dataset, held_out, seed)
    seconds = fit(models, playlists[0], dataset.n_songs) if {first, *others} != {"cold"} else {}
    cleaned = {"cleaned": "; ".join(map(str, removed))} if removed else {}
    facts = about(dataset, held_out, seed, queries) | cleaned
    asked: dict[str, Any] = {"queries": queries, "seed": seed, "seconds": seconds, "facts": facts, "ranker": ranker}
    report = reported(models, playlists, dataset, protocol, **asked)
    if seeds < 2:
        return report
    _, split = next(PROTOCOLS[first].splits(*playlists, seed))
    again = _over_seeds(models, report, drawn(split, queries, seed), dataset, seeds, ranker)
    return replace(report, seeds=dict(again))


def compare_runs(
    dataset: Dataset,
    folders: Sequence[str],
    *,
    protocol: str | Sequence[str] = "next",
    queries: int | None = None,
    seed: int = 0,
    ranker: Ranker = rank,
) -> Report:
    """Report of saved runs, which must have learnt from the same playlists of this dataset; see `compare_models`."""
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
    models = {name: run.model for name, run in runs.items()}
    seconds = {name: run.card["fit_seconds"] for name, run in runs.items()}
    asked = {"protocol": protocol, "queries": queries, "seed": seed, "ranker": ranker}
    return _as_trained(run, models, playlists, dataset, seconds=seconds, **asked)


def measured(run: Run, dataset: Dataset) -> Run:
    """The run with its evaluation, beside popularity, on the playlists that it did not learn from."""
    playlists = unseen(run, dataset)
    popularity = make("popularity")
    fit({"popularity": popularity}, playlists[0], len(run.catalogue))
    models = {run.card["model"]: run.model, "popularity": popularity}
    return replace(run, metrics=_as_trained(run, models, playlists, dataset).figures())


def _as_trained(
    run: Run, models: Mapping[str, Recommender], playlists: _Parts, dataset: Dataset, **asked: Any
) -> Report:
    """`reported` of models on a dataset that is split and cleaned as the card of a run says."""
    kept, removed = run.card["held_out"], run.card["cleaning"]["removed"]
    facts = about(dataset, kept["fraction"] or None, kept["seed"], asked.get("queries")) | {"songs": len(run.catalogue)}
    facts |= {"cleaned": "; ".join(removed)} if removed else {}
    source = replace(dataset, catalogue=run.catalogue)
    report = reported(models, playlists, source, facts=facts, **asked)
    counts = {what: run.card["dataset"][what] for what in ("songs", "playlists", "plays")}
    return replace(report, details={**report.details, "data": report.details["data"] | counts})


def reported(
    models: Mapping[str, Recommender],
    playlists: _Parts,
    dataset: Dataset,
    protocol: str | Sequence[str] = "next",
    *,
    queries: int | None = None,
    seed: int = 0,
    seconds: Mapping[str, float] | None = None,
    facts: Mapping[str, Any] | None = None,
    ranker: Ranker = rank,
) -> Report:
    """Report of fitted models on (playlists learnt from, playlists held out), with all that its page tells.

    protocol : a name in PROTOCOLS, or several: the first makes the report, the others stand beside it
    seconds : how long each model took to fit, if known
    facts : what the report says of where its numbers come from

    Raises RecommenderError where nothing can be asked.
    """
    first, *others = dict.fromkeys([protocol] if isinstance(protocol, str) else protocol)
    report = _report(first, models, playlists, dataset, queries, seed, seconds, facts or {}, ranker)
    beside = {name: _report(name, models, playlists, dataset, queries, seed, None, {}, ranker) for name in others}
    details = {
        "models": {name: _described(model) for name, model in models.items() if type(model) in MODELS.values()},
        "data": _data(dataset),
        "made": {"when": now(), "versions": versions(), "commit": commit(), "machine": machine()},
        "queries": _digest(playlists[1], first, queries, seed),
    }
    return replace(report, beside={**report.beside, **beside}, details={**report.details, **details})


def _report(
    protocol: str,
    models: Mapping[str, Recommender],
    playlists: _Parts,
    dataset: Dataset,
    queries: int | None,
    seed: int,
    seconds: Mapping[str, float] | None,
    facts: Mapping[str, Any],
    ranker: Ranker,
) -> Report:
    """Report of one protocol."""
    question = PROTOCOLS[protocol]
    about_it = dict(facts) | {"asked": question.asks, "how to read": question.reading}
    if protocol == "likelihood":
        _check_transitions(*playlists)
        return likelihoods(models, *playlists, dataset.n_songs, queries=queries, seed=seed, about=about_it)
    if protocol == "cold":
        models, learnt, seconds = relearnt(models, playlists[0], dataset.catalogue, seed)
        playlists = learnt, playlists[1]
    reports, features = {}, dataset.catalogue.features()
    for name, split in question.splits(*playlists, seed):
        asked, told = drawn(split, queries, seed), about_it | {"asked": name}
        how: dict[str, Any] = {"seconds": seconds, "features": features, "about": told, "ranker": ranker}
        reports[name] = evaluate(models, asked, question.metrics, **how)
        reports[name] = _with_examples(reports[name], models, asked, dataset.catalogue)
    first, *others = reports.items()
    return replace(first[1], beside={**first[1].beside, **dict(others)})


def drawn(split: Split, queries: int | None, seed: int) -> Split:
    """The queries to ask; raises RecommenderError where none has a novel target."""
    if not split.novel.any():
        raise RecommenderError("the held-out playlists ask nothing: none has a song that is new to it after its first")
    return split if queries is None else split.sample(queries, seed)


def _check_transitions(train: Playlists, held_out: Playlists) -> None:
    """Raise RecommenderError where there is no transition to ask for, or no tenth of the playlists to calibrate on."""
    if not (held_out.lengths > 1).any():
        raise RecommenderError("the held-out playlists ask nothing: none has two songs")
    if (n := int((train.lengths > 1).sum())) < 10:
        raise RecommenderError(
            f"a tenth of what is learnt from calibrates the likelihood; {n} playlists with two songs have no tenth"
        )


def _with_examples(report: Report, models: Mapping[str, Recommender], split: Split, catalogue: Catalogue) -> Report:
    best = max(models, key=lambda name: report.mean(name, report.metrics[0]))
    found = examples(report, best, models[best], split.take(split.novel), catalogue)
    return replace(report, details={**report.details, "examples": found}) if found else report


def _over_seeds(
    models: Mapping[str, Recommender], report: Report, split: Split, dataset: Dataset, seeds: int, ranker: Ranker
) -> Iterator[tuple[str, list[float]]]:
    """The main metric of each model that has a seed, trained with that and with as many more."""
    for name, model in models.items():
        if hasattr(model, "seed"):
            others = {str(n): replace(model, seed=model.seed + n) for n in range(1, seeds)}
            fit(others, split.train, dataset.n_songs)
            again = evaluate(others, split.take(split.novel), report.metrics[:1], ranker=ranker)
            means = [again.mean(other, report.metrics[0]) for other in others]
            yield name, [report.mean(name, report.metrics[0]), *means]


def _described(model: Recommender) -> dict[str, Any]:
    [name] = [name for name, kind in MODELS.items() if kind is type(model)]
    summary, parameters = describe(name)
    values = asdict(model)
    return {
        "summary": summary,
        "parameters": {p: {"value": values[p], "remark": remark} for p, (_, remark) in parameters.items()},
    }


def _data(dataset: Dataset) -> dict[str, Any]:
    train = dataset.train
    counts = {"songs": dataset.n_songs, "playlists": len(train), "plays": train.n_plays}
    return {"name": dataset.name, "terms": dataset.licence, **counts, "files": dict(dataset.digests)}


def _digest(held_out: Playlists, protocol: str, queries: int | None, seed: int) -> str:
    """Of what was asked: equal for equal queries."""
    asked = hashlib.sha256(f"{protocol} {queries} {seed if queries or protocol == 'cold' else ''}".encode())
    asked.update(held_out.songs.tobytes())
    asked.update(held_out.offsets.tobytes())
    return asked.hexdigest()


def about(dataset: Dataset, held_out: float | None, seed: int, queries: int | None = None) -> dict[str, Any]:
    """What a report says of where its numbers come from."""
    published = held_out is None and dataset.test is not None
    source = (
        "publisher's test file"
        if published
        else f"{held_out or 0.1:.0%} of the playlists with two songs or more held out whole, seed {seed}"
    )
    sampled = {"sample": f"at most {queries:,} queries, drawn at random with seed {seed}"} if queries else {}
    return {"dataset": dataset.name, "songs": dataset.n_songs, "split": source, **sampled}
