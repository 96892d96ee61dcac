"""Spaces: between which values a search looks for each parameter of a model.

A model of MODELS needs no entry here: a number that is not listed is looked for from a quarter to four times its
default, as far as the model allows. Words, and numbers whose default is 0 or less, keep their default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from recommender.errors import ParameterError
from recommender.models import MODELS, make

_NOT_SEARCHED = ("seed", "workers")  # they make a model other or faster, not better


@dataclass(frozen=True)
class Span:
    """Values from `low` to `high`, both of the parameter's type; log : small ones are tried as often as large ones."""

    low: float
    high: float
    log: bool = False

    def __str__(self) -> str:
        return f"{self.low:g}{' to ' if self.low < 0 else '–'}{self.high:g}{' (log)' if self.log else ''}"


@dataclass(frozen=True)
class Choice:
    """One of these values."""

    values: tuple[Any, ...]

    def __str__(self) -> str:
        return ", ".join(map(str, self.values))


Space = Mapping[str, Span | Choice]
_CONTEXT: dict[str, Span | Choice] = {"context": Span(3, 60, log=True), "decay": Span(0.5, 1.0)}
SPACES: dict[str, dict[str, Span | Choice]] = {
    "song2vec": _CONTEXT
    | {
        "dim": Span(32, 512, log=True),
        "window": Span(2, 20, log=True),
        "epochs": Span(2, 30, log=True),
        "negative": Span(2, 20, log=True),
        "ns_exponent": Span(0.0, 1.0),
        "alpha": Span(0.0025, 0.1, log=True),
        "sg": Span(0, 1),
        "start": Choice(("spectral", "random")),
        "noise_weight": Span(0.0, 1.0),
    },
    "session_knn": _CONTEXT
    | {"neighbours": Span(50, 5000, log=True), "rarity": Span(0.0, 1.0), "length": Span(0.0, 1.0)},
    "item_knn": _CONTEXT | {"neighbours": Span(50, 5000, log=True), "shrinkage": Span(0.5, 100.0, log=True)},
}


def space(name: str, fixed: Mapping[str, Any] | None = None) -> dict[str, Span | Choice]:
    """What to search of the model called `name`; raises ParameterError where there is nothing.

    fixed : parameters that keep their value

    >>> space("markov")
    {'shrinkage': Span(low=1.25, high=20.0, log=True)}
    """
    found: dict[str, Span | Choice] = {}
    for field in fields(MODELS[name]):
        span = SPACES.get(name, {}).get(field.name) or _around(name, field.name, field.default)
        if span and field.name not in (*_NOT_SEARCHED, *(fixed or {})):
            found[field.name] = span
    if not found:
        raise ParameterError(f"{name} has no parameter left to search; `recommender train` fits it as it is")
    return found


def _around(name: str, parameter: str, default: Any) -> Span | Choice | None:
    """From a quarter of the default to four times, or nearer as the model allows; None for no number above 0."""
    if isinstance(default, bool):
        return Choice((False, True))
    if type(default) not in (int, float) or default <= 0:
        return None
    low, high = (_allowed(name, parameter, default, factor) for factor in (1 / 4, 4.0))
    return Span(low, high, log=True)


def _allowed(name: str, parameter: str, default: float, factor: float) -> float:
    """The default times the factor, whose root is drawn until the model takes it."""
    value = max(round(default * factor), 1) if isinstance(default, int) else default * factor
    try:
        make(name, {parameter: value})
    except ParameterError:
        return _allowed(name, parameter, default, factor**0.5)
    return value
