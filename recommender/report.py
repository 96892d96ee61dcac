"""Report: what an evaluation measured, with intervals, as a table for people and as JSON for programs.

A saved report is a folder:

    report.json     all numbers (see `Report.figures`)
    report.md       the tables
    report.html     the same with pictures, in one file that needs no network
    playlists.npz   what each playlist adds to the main numbers, so that a later report can be laid over this one
"""

import copy
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RecommenderError
from recommender.files import adding
from recommender.groups import Groups
from recommender.metrics import LOWER_IS_BETTER
from recommender.overlay import Saved
from recommender.report_html import page
from recommender.report_text import document, markdown
from recommender.significance import bootstrap, holm, interval, letters, randomisation

Values = NDArray[np.float64]
_LEVEL = 0.05
_FEW = 30  # playlists, below which a bootstrap interval is too narrow to be relied on


@dataclass(frozen=True, eq=False)
class Report:
    """Values per model, metric and query.

    values : model -> metric -> (n_queries,)
    owners : (n_queries,) the playlist each query was taken from, what the intervals are drawn over
    totals : model -> figures about all its answers together, such as coverage and seconds
    about : what was evaluated, on what, how
    shown : metrics of the leaderboard, the main one first; all if empty
    groups : what the main metric is broken down by
    beside : other reports that belong to this one, such as on repeats
    seeds : model -> the main metric after training with other seeds
    details : what the page tells besides: models, examples, data, how it was made
    """

    values: Mapping[str, Mapping[str, Values]]
    owners: NDArray[np.int64]
    totals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    shown: Sequence[str] = ()
    groups: Mapping[str, Groups] = field(default_factory=dict)
    beside: Mapping[str, "Report"] = field(default_factory=dict)
    seeds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def metrics(self) -> list[str]:
        """The metrics of the leaderboard, the main one first."""
        return list(self.shown) or list(*list(self.values.values())[:1])

    @cached_property
    def _playlists(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The playlists (n,), the place of each query's among them (n_queries,), the number of their queries (n,)."""
        names, places, counts = np.unique(self.owners, return_inverse=True, return_counts=True)
        return names, places, counts

    def _sums(self, values: Values, of: NDArray[np.bool_] | slice = slice(None)) -> Values:
        """(n_playlists,) what the values of each playlist's queries come to."""
        names, places, _ = self._playlists
        return np.bincount(places[of], values[of], minlength=len(names)).astype(np.float64)

    @cached_property
    def _columns(self) -> dict[tuple[str, str], Values]:
        """(n_playlists,) sums of each model and metric."""
        return {(m, name): self._sums(v) for m, metrics in self.values.items() for name, v in metrics.items()}

    @cached_property
    def _drawn(self) -> dict[tuple[str, str], Values]:
        """(draws,) resampled means of each model and metric, the same draws for all."""
        drawn = bootstrap(np.stack([*self._columns.values()], axis=1), self._playlists[2][:, None])
        return dict(zip(self._columns, drawn.T, strict=True))

    def mean(self, model: str, metric: str) -> float:
        """Mean over all queries."""
        return float(self._columns[model, metric].sum() / len(self.owners))

    def by_playlist(self, model: str, metric: str) -> tuple[NDArray[np.int64], Values, NDArray[np.int64]]:
        """(n,) the playlists, the mean over the queries of each, and how many those are."""
        names, _, counts = self._playlists
        return names, self._columns[model, metric] / counts, counts

    def interval(self, model: str, metric: str) -> tuple[float, float]:
        """95 % percentile interval of the mean, bootstrapped over playlists (see `significance.bootstrap`)."""
        return _ends(self._drawn[model, metric])

    def difference(self, a: str, b: str, metric: str) -> tuple[float, float, float]:
        """Mean of `a` less `b` over the same queries, and its 95 % interval as `interval` draws it.

        An interval without 0 tells these two models apart, also where their own intervals overlap; where many pairs
        are looked at, some will by chance, and `comparisons` corrects for that.
        """
        gap = self.mean(a, metric) - self.mean(b, metric)
        return gap, *_ends(self._drawn[a, metric] - self._drawn[b, metric])

    def comparisons(self, metric: str) -> list[dict[str, Any]]:
        """Every pair of models, the better one first: difference, interval, p, and p corrected for all pairs (Holm)."""
        names = self._ordered(metric)
        pairs = list(combinations(names, 2))
        if not pairs:
            return []
        p = np.array([self._chances[frozenset(pair), metric] for pair in pairs])
        rows = []
        for (a, b), chance, corrected in zip(pairs, p.tolist(), holm(p).tolist(), strict=True):
            gap, low, high = self.difference(a, b, metric)
            rows.append({"a": a, "b": b, "difference": gap, "low": low, "high": high, "p": chance, "p_holm": corrected})
        return rows

    @cached_property
    def _chances(self) -> dict[tuple[frozenset[str], str], float]:
        """The p of each pair of models, by each metric of the leaderboard; the same draws for all."""
        names = [(a, b, metric) for metric in self.metrics for a, b in combinations(self.values, 2)]
        gaps = [self._columns[a, metric] - self._columns[b, metric] for a, b, metric in names]
        p = randomisation(np.stack(gaps, axis=1)).tolist()
        return {(frozenset((a, b)), metric): chance for (a, b, metric), chance in zip(names, p, strict=True)}

    def _ordered(self, metric: str) -> list[str]:
        sign = 1 if _lower(metric) else -1
        return sorted(self.values, key=lambda model: sign * self.mean(model, metric))

    def changes(self, folder: str | os.PathLike[str]) -> dict[str, Any]:
        """What became of the models since an older report of the same queries: differences new − old.

        Raises DataError where the folder holds no report, RecommenderError where it asked other queries.
        """
        return self._changes(Saved.load(Path(folder)))

    def _changes(self, old: Saved) -> dict[str, Any]:
        old.check(self.details.get("queries"), self._playlists[2])
        metrics = {metric: self._columns_of(metric) for metric in self.metrics if metric in old.metrics}
        changed = {metric: old.changes(metric, columns) for metric, columns in metrics.items()}
        return {"against": str(old.folder), "metrics": changed}

    def _columns_of(self, metric: str) -> dict[str, Values]:
        """(n_playlists,) sums of each model, best first."""
        return {model: self._columns[model, metric] for model in self._ordered(metric)}

    def figures(self) -> dict[str, Any]:
        """All numbers, ready for JSON; computed once.

        about, shown, lower (metrics where less is better), models: {model: {metrics: {metric: {mean, low, high}},
        totals}}, comparisons: {metric: pairs}, letters: {metric: {model: letters}}, groups, beside: {name: figures},
        seeds: {model: {n, mean, sd}}, details. What there is nothing of is left out.
        """
        return copy.deepcopy(self._figures)

    @cached_property
    def _figures(self) -> dict[str, Any]:
        models = {
            model: {
                "metrics": {metric: self._figure(model, metric) for metric in metrics},
                "totals": dict(self.totals.get(model, {})),
            }
            for model, metrics in self.values.items()
        }
        comparisons = {metric: self.comparisons(metric) for metric in self.metrics if len(models) > 1}
        parts = {
            "about": self._facts(),
            "shown": self.metrics,
            "lower": [metric for metric in self.metrics if _lower(metric)],
            "models": models,
            "comparisons": comparisons,
            "letters": {metric: self._letters(metric, rows) for metric, rows in comparisons.items()},
            "groups": dict(self._broken_down()),
            "beside": {name: report.figures() for name, report in self.beside.items()},
            "seeds": {model: _spread(means) for model, means in self.seeds.items()},
            "details": dict(self.details),
        }
        return {name: part for name, part in parts.items() if part or name in ("about", "models")}

    def _facts(self) -> dict[str, Any]:
        n = len(self._playlists[0])
        few = "; of so few playlists it is too narrow to be relied on" if n < _FEW else ""
        drawn = f"95 %, bootstrap over playlists, 10,000 draws{few}"
        return {"queries": len(self.owners), "playlists": n, "interval": drawn} | dict(self.about)

    def _figure(self, model: str, metric: str) -> dict[str, float]:
        low, high = self.interval(model, metric)
        return {"mean": self.mean(model, metric), "low": low, "high": high}

    def _letters(self, metric: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """The groups of models that are not told apart at .05 after Holm's correction, best first."""
        names = self._ordered(metric)
        different = np.zeros((len(names), len(names)), dtype=bool)
        for row in rows:
            a, b = names.index(row["a"]), names.index(row["b"])
            different[a, b] = different[b, a] = row["p_holm"] < _LEVEL
        return dict(zip(names, letters(different), strict=True))

    def _broken_down(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, groups in self.groups.items():
            yield name, groups.figures(self.values, self.metrics, self._playlists[1])

    def to_json(self) -> str:
        """`figures` as indented JSON text."""
        return _json(self.figures())

    def to_markdown(self) -> str:
        """The leaderboard and a few lines on how it was made."""
        return markdown(self.figures())

    def save(
        self, folder: str | os.PathLike[str], *, against: str | os.PathLike[str] | None = None, command: str = ""
    ) -> None:
        """Write the report into a folder, which is made if need be; raises RecommenderError where it cannot be.

        against : the folder of an older report to lay this one over (see `changes`); where that asked other queries,
            the report is written without it before the error is raised, but never over the older one
        command : what was called, for the page to tell
        """
        old = Saved.load(Path(against)) if against else None
        check_place(folder)
        figures = self.figures()
        if command:
            details = figures.setdefault("details", {})
            details["made"] = {"command": command} | details.get("made", {})
        asked = self.details.get("queries"), self._playlists[2]
        if old and old.fits(*asked):
            figures["changes"] = self._changes(old)
        elif old and old.folder.resolve() == Path(folder).resolve():
            old.check(*asked)
        self._write(Path(folder), figures)
        if old:
            old.check(*asked)

    def _write(self, folder: Path, figures: Mapping[str, Any]) -> None:
        sums = [[self._columns[model, metric] for metric in self.metrics] for model in self.values]
        with adding(folder) as new:
            (new / "report.json").write_text(_json(figures), encoding="utf-8")
            (new / "report.md").write_text(document(figures), encoding="utf-8")
            (new / "report.html").write_text(page(figures), encoding="utf-8")
            np.savez_compressed(new / "playlists.npz", sums=np.array(sums), counts=self._playlists[2])


def check_place(folder: str | os.PathLike[str]) -> None:
    """Raise RecommenderError if a report may not be written there; worth asking before a long evaluation."""
    if Path(folder, "card.json").exists():
        raise RecommenderError(f"{folder} is a run, which has a report of its own; give another folder")
    with adding(Path(folder)):
        pass


def _json(figures: Mapping[str, Any]) -> str:
    return json.dumps(figures, indent=2) + "\n"


def _ends(drawn: Values) -> tuple[float, float]:
    low, high = interval(drawn[:, None])
    return float(low[0]), float(high[0])


def _lower(metric: str) -> bool:
    return metric.partition("@")[0] in LOWER_IS_BETTER


def _spread(means: Sequence[float]) -> dict[str, float]:
    return {"n": len(means), "mean": float(np.mean(means)), "sd": float(np.std(means, ddof=1))}
