"""Conditional logit: what in a list makes one of its rows be chosen (McFadden 1974, "Conditional logit analysis of
qualitative choice behavior").

The lists stand one after another: row `i` of the terms describes one alternative, list `j` begins at row `starts[j]`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS = 100


@dataclass(frozen=True, eq=False)
class Choices:
    """Lists of which one member each was chosen.

    terms : (n_rows, n_terms)
    stands_for : (n_rows,) how many rows like it each row stands for: 1, or more where a sample was drawn
    starts : (n_lists,) first row of each list; none is empty
    chosen : (n_lists,) the row that was chosen
    """

    terms: NDArray[np.float32]
    stands_for: NDArray[np.float32]
    starts: NDArray[np.int64]
    chosen: NDArray[np.int64]

    @classmethod
    def none(cls, n_terms: int) -> "Choices":
        """No lists."""
        empty = np.zeros(0, np.int64)
        return cls(np.zeros((0, n_terms), np.float32), np.zeros(0, np.float32), empty, empty)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n_lists,)"""
        return np.diff(np.append(self.starts, len(self.terms)))

    def take(self, which: NDArray[np.bool_]) -> "Choices":
        """The marked lists."""
        lengths, rows = self.lengths[which], np.repeat(which, self.lengths)
        starts = np.cumsum(lengths) - lengths
        chosen = starts + (self.chosen - self.starts)[which]
        return Choices(self.terms[rows], self.stands_for[rows], starts, chosen)

    def fit(self, prior: Floats, ridge: float) -> Floats:
        """(n_terms,) weights under which the choices are most probable, less ridge/2 of their squares beyond `prior`.

        The probability of a row is in proportion to stands_for * exp(terms @ weights) in its list.
        """
        if not len(self):
            return prior
        from scipy.optimize import minimize  # which takes a tenth of a second, and is not needed to score

        def loss(weights: Floats) -> tuple[float, Floats]:
            scores = self.terms @ weights.astype(np.float32)
            greatest = np.maximum.reduceat(scores, self.starts)
            powers = self.stands_for * np.exp(scores - np.repeat(greatest, self.lengths))
            totals = np.add.reduceat(powers, self.starts)
            surplus = powers / np.repeat(totals, self.lengths)
            surplus[self.chosen] -= 1
            beyond = weights - prior
            missed = (np.log(totals) + greatest - scores[self.chosen]).sum(dtype=np.float64)
            return float(missed + ridge / 2 * beyond @ beyond), self.terms.T @ surplus + ridge * beyond

        found = minimize(loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
        weights: Floats = found.x
        return weights

    def reciprocal_ranks(self, weights: Floats) -> Floats:
        """(n_lists,) 1 / place of each chosen row in its list, 1 for the best; a tie counts as its mean place."""
        if not len(self):
            return np.zeros(0)
        scores = self.terms @ weights.astype(np.float32)
        goals = np.repeat(scores[self.chosen], self.lengths)
        stand_for = self.stands_for.astype(np.float64)
        above, level = (np.add.reduceat(won * stand_for, self.starts) for won in (scores > goals, scores == goals))
        return np.asarray(1 / (above + (level + 1) / 2))
