"""Models: the names that the command line, the tables and the docs know, and how one is made of a name.

A new model is a file here with `fit` and `score` (see `recommender.protocol`) and a line in SINGLES; a
blend is made of such.
"""

import ast
import difflib
import inspect
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from recommender.errors import ParameterError
from recommender.models.blend import Blend
from recommender.models.singles import SINGLES
from recommender.protocol import Recommender

MODELS: dict[str, type[Recommender]] = SINGLES | {"blend": Blend}
COMPARED = (
    "random",
    "popularity",
    "book",
    "markov",
    "item_knn",
    "session_knn",
    "vstan",
    "spectral",
    "song2vec",
    "blend",
)  # where none are named: a model of each kind that needs no extra and fits any catalogue


def make(name: str, parameters: Mapping[str, Any] | None = None) -> Recommender:
    """An unfitted model of MODELS; raises ParameterError for an unknown name or an impossible value.

    parameters : values, or their text as a Python literal; each must have its default's type

    >>> make("markov", {"shrinkage": "2"})
    Markov(shrinkage=2.0)
    """
    if name not in MODELS:
        raise ParameterError(f"no model {name!r}{_nearest(name, MODELS)}; there are {', '.join(MODELS)}")
    defaults = {field.name: field.default for field in fields(MODELS[name])}
    values = {}
    for parameter, value in (parameters or {}).items():
        if parameter not in defaults:
            raise ParameterError(
                f"{name} has no parameter {parameter!r}{_nearest(parameter, defaults)}; "
                f"it has {', '.join(defaults) or 'none'}"
            )
        values[parameter] = _literal(f"{name}: {parameter}", value, defaults[parameter])
    try:
        return MODELS[name](**values)
    except ParameterError as error:
        raise ParameterError(f"{name}: {error}") from error


def _literal(what: str, value: Any, default: Any) -> Any:
    if isinstance(value, str) and not isinstance(default, str):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise ParameterError(f"{what} must be a number like {default}, got {value!r}") from error
    if isinstance(default, float) and type(value) is int and abs(value) < 2**53:
        return float(value)
    if type(value) is not type(default):
        raise ParameterError(f"{what} must be of type {type(default).__name__} like {default}, got {value!r}")
    return value


def _nearest(word: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def describe(name: str) -> tuple[str, dict[str, tuple[Any, str]]]:
    """A model's summary, and of each parameter its default and remark, as its docstring has them."""
    lines = inspect.cleandoc(MODELS[name].__doc__ or "").splitlines()
    remarks = dict(line.split(" : ", 1) for line in lines if " : " in line)
    return lines[0], {field.name: (field.default, remarks[field.name]) for field in fields(MODELS[name])}
