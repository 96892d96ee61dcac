"""Figures: a report's plain data with what follows from it, such as the order of its models."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Estimate = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of one report; what is optional in `data` is empty here where it is missing.

    name : what the ids of its parts start with
    looks : model -> number of its colour, marker and dashes, the same in all reports of a page
    """

    data: Mapping[str, Any]
    name: str
    looks: Mapping[str, int]

    def part(self, key: str) -> Mapping[str, Any]:
        """A part of the data by its key."""
        return dict(self.data.get(key) or {})

    @cached_property
    def shown(self) -> list[str]:
        """The metrics of the leaderboard, the main one first."""
        first: Mapping[str, Any] = next(iter(self.data["models"].values()), {"metrics": {}})
        return [metric for metric in self.data.get("shown") or first["metrics"] if metric in self.metrics]

    @cached_property
    def metrics(self) -> list[str]:
        """All metrics of any model."""
        return list(dict.fromkeys(metric for model in self.data["models"].values() for metric in model["metrics"]))

    @property
    def main(self) -> str:
        """The metric that the models are ordered by."""
        return self.shown[0]

    def is_lower_better(self, metric: str) -> bool:
        """Whether less is better."""
        return metric in (self.data.get("lower") or ())

    def estimate(self, model: str, metric: str) -> Estimate | None:
        """A model's mean with its interval."""
        found: Estimate = self.data["models"][model]["metrics"].get(metric) or {}
        return found if found.get("mean") is not None else None

    @cached_property
    def order(self) -> list[str]:
        """The models, best first by the main metric."""
        return order(self.data)

    def lengths(self, family: str) -> dict[int, str]:
        """Metrics of a family such as "hit_rate" by their k, shortest lists first."""
        split = [(metric.partition("@"), metric) for metric in self.metrics]
        found = {int(k): metric for (base, _, k), metric in split if base == family and k.isdecimal()}
        return dict(sorted(found.items()))

    def alike(self, model: str, metric: str) -> list[str] | None:
        """Models that cannot be told apart from this one; None where that was not tested."""
        letters = {name: {*re.findall(r"[a-z]\d*", one)} for name, one in self.part("letters").get(metric, {}).items()}
        if model not in letters:
            return None
        return [other for other in self.order if other != model and letters[model] & letters.get(other, set())]


def finite(data: Any) -> Any:
    """Plain data with None for NaN and infinity, which JSON from Python may hold."""
    match data:
        case Mapping():
            return {key: finite(value) for key, value in data.items()}
        case list() | tuple():
            return [finite(value) for value in data]
        case float() if not math.isfinite(data):
            return None
    return data


def order(data: Mapping[str, Any]) -> list[str]:
    """The models of a report, best first by the first metric shown; those without it last."""
    figures = Figures(data, "", {})
    if not figures.shown:
        return list(data["models"])
    sign = 1 if figures.is_lower_better(figures.main) else -1

    def place(model: str) -> tuple[bool, float]:
        found = figures.estimate(model, figures.main)
        return found is None, sign * found["mean"] if found else 0

    return sorted(data["models"], key=place)


def looks(reports: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """A number for each model of some reports: the best of the first report has 0."""
    names = [model for report in reports for model in order(report)]
    return {model: number for number, model in enumerate(dict.fromkeys(names))}
