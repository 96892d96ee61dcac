"""Tuning: a search for the parameters of a model, on playlists held out of those it may learn from.

The test playlists are not looked at. Each trial learns from nine tenths of the training playlists and is asked for the
last tenth; the best one then learns from all of them. A model that learns in epochs is asked on the way, and stopped
where it is far behind. A run that was stopped is not the model that a shorter plan makes, as the learning rate falls
by the plan: after 5 of 10 epochs song2vec had a hit rate of .106 on yes_small and after 5 of 5 one of .178. So it
never stops for having ceased to rise, a stopped trial is never the best, and `epochs` is searched like the others.
"""

import csv
import hashlib
import inspect
import io
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from recommender.comparison import drawn
from recommender.datasets import Dataset
from recommender.metrics import evaluated
from recommender.playlists import Playlists
from recommender.protocol import Recommender
from recommender.ranking import rank
from recommender.report import Report
from recommender.run import Run
from recommender.significance import holm, randomisation
from recommender.spaces import Space, space
from recommender.split import Split, next_song
from recommender.study import Places, Promising, Study, Trial, study
from recommender.training import check_enough, parts, seeded, train

_METRICS = ("hit_rate@10", "mrr")
_SECONDS = 600.0
_SHOWN = 3  # trials
_STEPS = 10  # of learning, after which a model is asked how far it is
_FIRST = 3  # of them that tells anything; before, good trials are down to half the median


def tune(
    dataset: Dataset,
    name: str = "song2vec",
    parameters: Mapping[str, Any] | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    queries: int = 5000,
    seed: int = 0,
    held_out: float = 0.0,
) -> Run:
    """A run of the model called `name`, as `train` makes it of the parameters that hit_rate@10 is greatest with.

    parameters : those that keep their value; the others are searched (see `recommender.spaces`), the defaults first
    folder : where the search is kept, to go on with it when called again; in memory if None
    trials, seconds : when to stop, whichever comes first; ten minutes if neither is given. The trial that runs is
        finished, and at least one is made. An interrupt stops, too, and what was found is used
    queries : validation queries, at most
    seed : of the model, of the playlists held out and of the search
    held_out : see `train`; the search does not see these playlists either

    The card of the run tells what was tried under "tuning", its `trials` all of it.
    Raises RecommenderError where there is nothing to search or to ask, or Optuna is not installed.
    """
    dataset = replace(dataset, test=None)
    task = _Task.of(dataset, name, parameters or {}, queries, seed, held_out)
    defaults = {parameter: asdict(task.model)[parameter] for parameter in task.space}
    with study(None if folder is None else Path(folder), task.asked, task.space, defaults, seed) as kept:
        try:
            _search(kept, task, trials, _SECONDS if trials is None and seconds is None else seconds)
        except KeyboardInterrupt:
            if not kept.trials:
                raise
        found, importances = kept.trials, kept.importances()
    report = task.report(found)
    run = train(dataset, name, {**task.fixed, **_best(found).values}, seed=seed, held_out=held_out)
    card = dict(run.card) | {"tuning": _told(task, found, importances, report)}
    return replace(run, card=card, trials=_table(found, report))


@dataclass(frozen=True, eq=False)
class _Task:
    """What a trial is asked, and what the whole search is for."""

    model: Recommender
    space: Space
    fixed: Mapping[str, Any]
    split: Split
    n_songs: int
    asked: Mapping[str, Any]

    @classmethod
    def of(
        cls, dataset: Dataset, name: str, fixed: Mapping[str, Any], queries: int, seed: int, held_out: float
    ) -> "_Task":
        model = seeded(name, fixed, seed)
        searched, fixed = space(name, fixed), {parameter: asdict(model)[parameter] for parameter in fixed}
        check_enough(dataset)
        learnt = parts(dataset, held_out, seed)[0] if held_out else dataset.train
        split = drawn(next_song(*parts(replace(dataset, train=learnt), 1 / 10, seed)), queries, seed)
        asked = {
            "model": name,
            "dataset": f"{dataset.name} ({len(learnt):,} playlists, SHA-256 {_digest(learnt)[:12]})",
            "seed": seed,
            "queries": queries,
            "fixed": fixed,
            "space": {parameter: str(span) for parameter, span in searched.items()},
        }
        return cls(model, searched, fixed, split, dataset.n_songs, asked)

    def tried(self, values: Mapping[str, Any], promising: Promising) -> tuple[float, Places | None, float]:
        """Hit rate, places and seconds of fitting with these values; no places where it was not promising."""
        watch = _Watch(self, promising)
        model: Any = replace(self.model, **values)
        options = {"on_epoch": watch} if "on_epoch" in inspect.signature(model.fit).parameters else {}
        start = time.perf_counter()
        try:
            model.fit(self.split.train, self.n_songs, **options)
        except _Stopped:
            return watch.hit_rate, None, time.perf_counter() - start - watch.seconds
        seconds = time.perf_counter() - start - watch.seconds
        places = self.places(model)
        return self.measured(places)["hit_rate@10"].mean(), places, seconds

    def places(self, model: Recommender) -> Places:
        """(n_queries,) of the targets."""
        return np.concatenate([part.places for part in rank(model, self.split.seeds, self.split.targets, 1)])

    def measured(self, places: Places) -> dict[str, Any]:
        """Metric -> (n_queries,) values."""
        return {metric: evaluated(metric, places[:, None], self.split.targets.lengths) for metric in _METRICS}

    def report(self, trials: list[Trial]) -> Report:
        """Report of the trials that were not stopped, by their number."""
        whole = {str(trial.number): self.measured(trial.places) for trial in trials if trial.places is not None}
        return Report(whole, self.split.owners)


class _Stopped(Exception):  # noqa: N818
    """The trial is not promising."""


class _Watch:
    """Asks a model on its way, every tenth of its epochs but the first and the last."""

    def __init__(self, task: _Task, promising: Promising) -> None:
        self.task, self.promising = task, promising
        self.epochs, self.seconds, self.hit_rate = 0, 0.0, 0.0

    def __call__(self, model: Any) -> None:
        before, self.epochs = self.epochs, self.epochs + 1
        step = self.epochs * _STEPS // model.epochs
        if step == before * _STEPS // model.epochs or not _FIRST <= step < _STEPS:
            return
        start = time.perf_counter()
        self.hit_rate = float(self.task.measured(self.task.places(model))["hit_rate@10"].mean())
        self.seconds += time.perf_counter() - start
        if not self.promising(step, self.hit_rate):
            raise _Stopped


def _search(kept: Study, task: _Task, trials: int | None, seconds: float | None) -> None:
    """Trials until one of the budgets is spent."""
    start, made = time.perf_counter(), 0
    desc = "trials" if trials else f"trials within {seconds:,.0f} s"
    with tqdm(total=trials, desc=desc, disable=None, leave=False) as bar:
        while not made or not _spent(made, time.perf_counter() - start, trials, seconds):
            kept.add(task.tried)
            made += 1
            bar.set_postfix_str(f"best {_METRICS[0]} {_best(kept.trials).value:.4f}", refresh=False)
            bar.update()


def _spent(made: int, passed: float, trials: int | None, seconds: float | None) -> bool:
    return (trials is not None and made >= trials) or (seconds is not None and passed >= seconds)


def _best(trials: list[Trial]) -> Trial:
    return _ordered(trials)[0]


def _ordered(trials: list[Trial]) -> list[Trial]:
    """Those that were not stopped, best first; equal ones in order of time."""
    return sorted((trial for trial in trials if trial.places is not None), key=lambda trial: -trial.value)


def _told(task: _Task, trials: list[Trial], importances: Mapping[str, float], report: Report) -> dict[str, Any]:
    """How the parameters were chosen, for the card."""
    best = _ordered(trials)
    shown = [*best[:_SHOWN], *(trial for trial in best[_SHOWN:] if trial.number == 0)]
    told = {
        **task.asked,
        "trials": len(trials),
        "stopped": len(trials) - len(best),
        "validation": {"queries": len(task.split), "playlists": len(np.unique(task.split.owners))},
        "best": [
            {"trial": trial.number, "seconds": round(trial.seconds, 3), "values": trial.values}
            | {metric: _figure(report, str(trial.number), metric) for metric in _METRICS}
            for trial in shown
        ],
        "importances": importances,
        "optuna": version("optuna"),
    }
    if best[0].number:
        told["difference"] = _difference(report, str(best[0].number))
    return told


def _difference(report: Report, best: str) -> dict[str, float]:
    """Of the best trial and the defaults, with a p corrected for all trials that it was chosen from (Holm)."""
    others = [name for name in report.values if name != "0"]
    means = {name: report.by_playlist(name, _METRICS[0]) for name in report.values}
    gaps = np.stack([(means[name][1] - means["0"][1]) * means[name][2] for name in others], axis=1)
    gap, low, high = report.difference(best, "0", _METRICS[0])
    return {"mean": gap, "low": low, "high": high, "p_holm": float(holm(randomisation(gaps))[others.index(best)])}


def _figure(report: Report, name: str, metric: str) -> dict[str, float]:
    low, high = report.interval(name, metric)
    return {"mean": report.mean(name, metric), "low": low, "high": high}


def _table(trials: list[Trial], report: Report) -> str:
    """Every trial, as CSV; a stopped one has the hit rate it had when it was stopped."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["trial", "state", "hit_rate@10", "low", "high", "mrr", "fit_seconds", *trials[0].values])
    for trial in trials:
        name, cells = str(trial.number), ["stopped", f"{trial.value:.5f}", "", "", ""]
        if trial.places is not None:
            means = [report.mean(name, _METRICS[0]), *report.interval(name, _METRICS[0]), report.mean(name, "mrr")]
            cells = ["finished", *(f"{value:.5f}" for value in means)]
        writer.writerow([trial.number, *cells, f"{trial.seconds:.2f}", *trial.values.values()])
    return out.getvalue()


def _digest(playlists: Playlists) -> str:
    return hashlib.sha256(playlists.songs.tobytes() + playlists.offsets.tobytes()).hexdigest()
