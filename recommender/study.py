"""Study: the trials of a search for a model's parameters, in a folder, so that it can stop anywhere and go on later.

    trials.db   Optuna's tables in SQLite: a process that is killed, whenever it is, loses at most the trial it was in
    lock        held by the process that searches

Optuna's journal file would be lighter, but a line that a killed process wrote in part makes it unreadable. The next
trial depends on the seed and on the trials there are, on nothing else: stopping and going on changes no trial.

A trial is stopped where it is far behind the median of the others at the same step. Optuna's pruners go by percentiles,
which stops good trials once the search is where all are good: half-way, their order says nothing about that at the end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import DataError, ParameterError, RecommenderError
from recommender.files import alone, replacing
from recommender.spaces import Choice, Space

if TYPE_CHECKING:
    import optuna

Places = NDArray[np.float64]
Promising = Callable[[int, float], bool]
_LEAST_FOR_IMPORTANCE = 20  # trials that came to their end
_LEAST_TO_STOP = 5
_BEHIND = 0.75  # of their median


@dataclass(frozen=True, eq=False)
class Trial:
    """Parameters that were tried.

    values : of the parameters searched; trial 0 has the defaults
    value : what is to be great, at the end, or when the trial was stopped
    seconds : of fitting
    places : (n_queries,) of the targets, None where the trial was stopped
    """

    number: int
    values: Mapping[str, Any]
    value: float
    seconds: float
    places: Places | None


@dataclass(frozen=True, eq=False)
class Study:
    """Trials, and what to try next."""

    space: Space
    defaults: Mapping[str, Any]
    seed: int
    _kept: "optuna.Study"

    @property
    def trials(self) -> list[Trial]:
        """Those that came to an end, in order."""
        return [_trial(number, trial) for number, trial in enumerate(_ended(self._kept))]

    def add(self, tried: Callable[[Mapping[str, Any], Promising], tuple[float, Places | None, float]]) -> None:
        """One trial more.

        tried : (values, promising) -> value, places, seconds. It may call `promising(step, value)` on its way; where
            that is False, it is to stop and tell no places. A ParameterError counts as that, but for the defaults'.
        """
        import optuna

        number = len(_ended(self._kept))
        if not number:
            self._add_defaults(tried)
            return
        self._kept.sampler = optuna.samplers.TPESampler(seed=_seed(self.seed, number))
        trial = self._kept.ask(_distributions(self.space))
        before = [one for one in _ended(self._kept) if one.user_attrs["places"] is not None]

        def promising(step: int, value: float) -> bool:
            trial.report(value, step)
            others = [one.intermediate_values[step] for one in before if step in one.intermediate_values]
            return len(others) < _LEAST_TO_STOP or value >= _BEHIND * float(np.median(others))

        values = _rounded(trial.params)
        try:
            value, places, seconds = tried(values, promising)
        except ParameterError:  # values that do not go together
            value, places, seconds = 0.0, None, 0.0
        for name, fact in _facts(values, places, seconds).items():
            trial.set_user_attr(name, fact)
        ended = optuna.trial.TrialState.PRUNED if places is None else optuna.trial.TrialState.COMPLETE
        self._kept.tell(trial, None if places is None else value, ended)

    def _add_defaults(self, tried: Callable[..., tuple[float, Places | None, float]]) -> None:
        import optuna

        steps: dict[int, float] = {}

        def promising(step: int, value: float) -> bool:
            steps[step] = value
            return True

        value, places, seconds = tried(self.defaults, promising)
        self._kept.add_trial(
            optuna.create_trial(
                params=dict(self.defaults),
                distributions=_distributions(self.space),
                value=value,
                intermediate_values=steps,
                user_attrs=_facts(self.defaults, places, seconds),
            )
        )

    def importances(self) -> dict[str, float]:
        """Share of each parameter in what makes the best quarter of the trials; empty where too few came to an end.

        Watanabe, Bansal & Hutter 2023, arXiv:2304.10255.
        """
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        values = [trial.value for trial in self.trials if trial.places is not None]
        if len(values) < _LEAST_FOR_IMPORTANCE or len(set(values)) == 1:
            return {}
        found = get_param_importances(self._kept, evaluator=PedAnovaImportanceEvaluator(target_quantile=0.25))
        return {name: float(share) for name, share in found.items()}


@contextmanager
def study(
    folder: Path | None, asked: Mapping[str, Any], space: Space, defaults: Mapping[str, Any], seed: int
) -> Iterator[Study]:
    """The study in a folder, which is made if need be; in memory where that is None.

    asked : JSON, what the search is for; the folder holds the trials of that alone

    Raises RecommenderError where Optuna is not installed, the folder holds the study of something else, or another
    process searches in it; DataError where it is damaged.
    """
    try:
        import optuna
    except ImportError as error:
        raise RecommenderError(
            "the search needs Optuna, which is not installed; pip install 'playlist-recommender[tune]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if folder is None:
        yield Study(space, defaults, seed, _created(None))
        return
    if not folder.exists():
        _make(folder, asked)
    if not (folder / "trials.db").is_file():
        raise DataError(f"{folder} is there and holds no study (no trials.db); give another RUN")
    with _locked(folder), _opened(folder) as kept:
        _check_asked(folder, kept.user_attrs, asked)
        for trial in kept.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
            kept.tell(trial.number, state=optuna.trial.TrialState.FAIL)  # of a process that was killed
        yield Study(space, defaults, seed, kept)


def _make(folder: Path, asked: Mapping[str, Any]) -> None:
    with replacing(folder) as new, _opened(new) as kept:
        for name, value in asked.items():
            kept.set_user_attr(name, value)


def _created(storage: Any) -> "optuna.Study":
    import optuna

    return optuna.create_study(study_name="tune", storage=storage, direction="maximize", load_if_exists=True)


def _locked(folder: Path) -> AbstractContextManager[None]:
    told = f"{folder}: another process is searching there; let it finish, or give another RUN"
    return alone(folder / "lock", RecommenderError(told))


@contextmanager
def _opened(folder: Path) -> Iterator["optuna.Study"]:
    import optuna
    from sqlalchemy import URL
    from sqlalchemy.exc import SQLAlchemyError

    address = URL.create("sqlite", database=str(folder / "trials.db")).render_as_string(hide_password=False)
    try:
        storage = optuna.storages.RDBStorage(address)
        try:
            yield _created(storage)
        finally:
            storage.remove_session()
            storage.engine.dispose()
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        why = str(error.__cause__ or error).splitlines()[0]
        raise DataError(f"{folder}: cannot be used: {why}; if it is damaged, remove it to search anew") from error


def _check_asked(folder: Path, before: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    if not before:
        raise DataError(f"{folder}: damaged: it does not say what is searched; remove it to search anew")
    for name, value in asked.items():
        if (old := before.get(name)) != value:
            raise RecommenderError(
                f"{folder} holds a search with {name} {old}, this one has {value}; "
                "give another RUN, or remove that folder to search anew"
            )


def _ended(kept: "optuna.Study") -> Sequence["optuna.trial.FrozenTrial"]:
    from optuna.trial import TrialState

    return kept.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def _trial(number: int, trial: "optuna.trial.FrozenTrial") -> Trial:
    facts = trial.user_attrs
    places = None if facts["places"] is None else np.array(facts["places"])
    return Trial(number, facts["values"], float(trial.value or 0), facts["seconds"], places)


def _facts(values: Mapping[str, Any], places: Places | None, seconds: float) -> dict[str, Any]:
    return {"values": dict(values), "places": None if places is None else places.tolist(), "seconds": seconds}


def _distributions(space: Space) -> dict[str, Any]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    kinds: dict[type, Any] = {int: IntDistribution, float: FloatDistribution}
    return {
        name: CategoricalDistribution(where.values)
        if isinstance(where, Choice)
        else kinds[type(where.low)](where.low, where.high, log=where.log)
        for name, where in space.items()
    }


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Three digits are enough, and can be typed again."""
    return {name: float(f"{value:.3g}") if isinstance(value, float) else value for name, value in values.items()}


def _seed(seed: int, number: int) -> int:
    return int(np.random.default_rng([seed, number]).integers(2**32))
