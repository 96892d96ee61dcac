"""Report: what an evaluation measured, with intervals, as a table for people and as JSON for programs."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DRAWS, _BLOCK = 1000, 50
_ONLY_JSON = ("answered", "queries/s")  # figures of interest to few


@dataclass(frozen=True, eq=False)
class Report:
    """Values per model, metric and query.

    values : model -> metric -> (n_queries,)
    owners : (n_queries,) the playlist each query was taken from, what the intervals are drawn over
    totals : model -> figures about all its answers together, such as coverage and seconds
    about : what was evaluated, on what, how
    """

    values: Mapping[str, Mapping[str, NDArray[np.float64]]]
    owners: NDArray[np.int64]
    totals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _weights(self) -> NDArray[np.uint8]:
        """(_DRAWS, n_playlists): how often each playlist is drawn, the same for all models and metrics."""
        n = len(np.unique(self.owners))
        rng, even = np.random.default_rng(0), np.full(n, 1 / n)
        return np.concatenate([rng.multinomial(n, even, size=_BLOCK).astype(np.uint8) for _ in range(_DRAWS // _BLOCK)])

    def mean(self, model: str, metric: str) -> float:
        """Mean over all queries."""
        return float(self.values[model][metric].mean())

    def interval(self, model: str, metric: str) -> tuple[float, float]:
        """95 % percentile interval of the mean, bootstrapped over playlists.

        The queries of a playlist resemble one another, so whole playlists are drawn (Field & Welsh 2007,
        doi:10.1111/j.1467-9868.2007.00593.x); 1,000 draws, seed 0.
        """
        return self._interval(self.values[model][metric])

    def _interval(self, values: NDArray[np.float64]) -> tuple[float, float]:
        _, owners = np.unique(self.owners, return_inverse=True)
        sums, counts = np.bincount(owners, values), np.bincount(owners)
        totals = [block @ np.stack([sums, counts], axis=1) for block in np.split(self._weights, _DRAWS // _BLOCK)]
        drawn = np.concatenate(totals)  # (_DRAWS, 2)
        low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
        return float(low), float(high)

    def difference(self, a: str, b: str, metric: str) -> tuple[float, float, float]:
        """Mean of `a` less `b` over the same queries, and its 95 % interval as `interval` draws it.

        An interval without 0 tells the two models apart, also where their own intervals overlap.
        """
        low, high = self._interval(self.values[a][metric] - self.values[b][metric])
        return self.mean(a, metric) - self.mean(b, metric), low, high

    def figures(self) -> dict[str, Any]:
        """All numbers, ready for JSON: {"about", "models": {model: {metric: {"mean", "low", "high"}, "totals"}}}."""
        models: dict[str, Any] = {}
        for model, metrics in self.values.items():
            rows: dict[str, Any] = {}
            for metric in metrics:
                low, high = self.interval(model, metric)
                rows[metric] = {"mean": self.mean(model, metric), "low": low, "high": high}
            models[model] = {"metrics": rows, "totals": dict(self.totals.get(model, {}))}
        n_playlists = len(np.unique(self.owners))
        about = {"queries": len(self.owners), "playlists": n_playlists, "interval": "95 %, bootstrap over playlists"}
        return {"about": about | dict(self.about), "models": models}

    def to_json(self) -> str:
        """`figures` as indented JSON text."""
        return json.dumps(self.figures(), indent=2) + "\n"

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write report.json and report.md into a folder, which is made if need be."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder, "report.json").write_text(self.to_json(), encoding="utf-8")
        Path(folder, "report.md").write_text(self.to_markdown(), encoding="utf-8")

    def to_markdown(self) -> str:
        """The table and a line on how it was made."""
        return markdown(self.figures())


def markdown(figures: Mapping[str, Any]) -> str:
    """A table of `Report.figures`, best first by the first metric, the first with its interval."""
    models, about = figures["models"], figures["about"]
    if not models:
        return "nothing was evaluated\n"
    one = next(iter(models.values()))
    metrics, totals = list(one["metrics"]), [name for name in one["totals"] if name not in _ONLY_JSON]
    header = ["model", metrics[0], "95 % interval", *metrics[1:], *totals]
    rows = []
    for name in sorted(models, key=lambda name: -models[name]["metrics"][metrics[0]]["mean"]):
        values, first = models[name]["metrics"], models[name]["metrics"][metrics[0]]
        cells = [_share(values[metric]["mean"]) for metric in metrics]
        cells.insert(1, f"{_share(first['low'])}–{_share(first['high'])}")
        rows.append([name, *cells, *(_total(total, models[name]["totals"][total]) for total in totals)])
    facts = "".join(f"- {key}: {value}\n" for key, value in about.items())
    return table(header, rows) + f"\n{facts}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Aligned Markdown: the first column to the left, all others to the right.

    >>> print(table(["model", "n"], [["a", "10"]]), end="")
    | model |  n |
    |:------|---:|
    | a     | 10 |
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: list[str]) -> str:
        padded = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return "| " + " | ".join(padded) + " |\n"

    rule = "|:" + "-" * (widths[0] + 1) + "|" + "".join("-" * (w + 1) + ":|" for w in widths[1:]) + "\n"
    return line(header) + rule + "".join(map(line, rows))


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0") if value < 1 else f"{value:.3f}"


def _total(name: str, value: float) -> str:
    return (
        f"{value:.2g}"
        if name.endswith("seconds") and value < 10
        else f"{value:.0f}"
        if name.endswith("seconds")
        else _share(value)
    )
