"""Groups: the queries of a report by some trait, and how well models do in each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.significance import bootstrap, interval

Values = NDArray[np.float64]
_DRAWS = 1000  # fewer than for the leaderboard: groups are many


@dataclass(frozen=True, eq=False)
class Groups:
    """The queries by some trait: query `i` is of `labels[of[i]]`, of none where `of[i]` is below 0."""

    labels: tuple[str, ...]
    of: NDArray[np.integer]

    def figures(
        self, values: Mapping[str, Mapping[str, Values]], metrics: Sequence[str], playlists: NDArray[np.int64]
    ) -> dict[str, Any]:
        """Ready for JSON: the first metric of each model in each group with its interval, the means of the others.

        playlists : (n_queries,) the number of each query's playlist, from 0

        None stands where a group has no query.
        """
        cell = playlists * len(self.labels) + self.of
        shape, known = (playlists.max(initial=-1) + 1, len(self.labels)), self.of >= 0

        def sums(column: Values) -> Values:  # (n_playlists, n_groups)
            return (
                np.bincount(cell[known], column[known], minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
            )

        counts = sums(np.ones(len(cell)))
        main = {model: sums(columns[metrics[0]]) for model, columns in values.items()}
        others = {m: {model: sums(columns[m]) for model, columns in values.items()} for m in metrics[1:]}
        return {
            "metric": metrics[0],
            "labels": list(self.labels),
            "n": counts.sum(axis=0).astype(int).tolist(),
            "playlists": np.count_nonzero(counts, axis=0).tolist(),
            "models": dict(_cells(main, counts)),
            "others": {m: {model: _means(column, counts) for model, column in c.items()} for m, c in others.items()},
        }


def _means(sums: Values, counts: Values) -> list[float | None]:
    totals = zip(sums.sum(axis=0).tolist(), counts.sum(axis=0).tolist(), strict=True)
    return [total / n if n else None for total, n in totals]


def _cells(sums: Mapping[str, Values], counts: Values) -> Iterator[tuple[str, list[dict[str, float] | None]]]:
    """Mean and interval of each model in each group, all from the same draws."""
    drawn = bootstrap(np.hstack([*sums.values()]), np.tile(counts, len(sums)).astype(np.int64), draws=_DRAWS)
    for (model, column), part in zip(sums.items(), np.split(drawn, len(sums), axis=1), strict=True):
        ends = zip(_means(column, counts), *(end.tolist() for end in interval(part)), strict=True)
        yield model, [None if mean is None else {"mean": mean, "low": low, "high": high} for mean, low, high in ends]
