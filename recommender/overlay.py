"""Overlay: an older report that a new one of the same queries is laid over, to see what got better and what worse."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.errors import DataError, RecommenderError
from recommender.significance import bootstrap, holm, interval, randomisation

Values = NDArray[np.float64]
_NO_ZIP = (zipfile.BadZipFile, zlib.error, RuntimeError)  # what damaged ones raise; the last of strange flags


@dataclass(frozen=True, eq=False)
class Saved:
    """What a report left in its folder.

    queries : digest of what was asked, None where it is not known
    metrics : of the leaderboard
    sums : (model, metric) -> (n_playlists,) what the values of each playlist's queries come to
    counts : (n_playlists,) how many queries each playlist has
    """

    folder: Path
    queries: str | None
    metrics: tuple[str, ...]
    sums: Mapping[tuple[str, str], Values]
    counts: NDArray[np.int64]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read report.json and playlists.npz; raises DataError where there is no whole report."""
        try:
            figures = json.loads((folder / "report.json").read_text(encoding="utf-8"))
            with (folder / "playlists.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                sums, counts = arrays["sums"], arrays["counts"]
            names, shown, n = list(figures["models"]), tuple(figures["shown"]), figures["about"]["playlists"]
            if sums.shape != (len(names), len(shown), n) or sums.dtype != np.float64 or not np.isfinite(sums).all():
                raise ValueError(f"playlists.npz does not hold numbers of {n} playlists, as report.json does")
            columns = {(m, metric): sums[i, j] for i, m in enumerate(names) for j, metric in enumerate(shown)}
            queries = figures.get("details", {}).get("queries")
        except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, *_NO_ZIP) as error:
            raise DataError(
                f"{folder} holds no whole report ({error}); "
                "give a folder that this version's `recommender evaluate --report` made"
            ) from error
        return cls(folder, queries, shown, columns, counts)

    def fits(self, queries: str | None, counts: NDArray[np.int64]) -> bool:
        """Whether the same queries were asked, as far as is known: the digests, and how many of each playlist."""
        return queries == self.queries and np.array_equal(counts, self.counts)

    def check(self, queries: str | None, counts: NDArray[np.int64]) -> None:
        """Raise RecommenderError if other queries were asked."""
        if not self.fits(queries, counts):
            raise RecommenderError(
                f"{self.folder} asked other queries, so the two cannot be compared playlist by playlist; "
                "evaluate both on the same dataset, split, protocol and seed"
            )

    def changes(self, metric: str, new: Mapping[str, Values]) -> list[dict[str, Any]]:
        """Each model that both have: old and new mean, difference with interval, p, and p corrected by Holm.

        new : model -> (n_playlists,) sums of the metric now
        """
        models = [model for model in new if (model, metric) in self.sums]
        if not models:
            return []
        before = np.stack([self.sums[model, metric] for model in models], axis=1)
        gaps = np.stack([new[model] for model in models], axis=1) - before
        p, ends = randomisation(gaps), interval(bootstrap(gaps, self.counts[:, None]))
        rows = []
        for i, (model, chance, corrected) in enumerate(zip(models, p.tolist(), holm(p).tolist(), strict=True)):
            old, gap = (float(sums[:, i].sum() / self.counts.sum()) for sums in (before, gaps))
            row = {"model": model, "old": old, "new": old + gap, "difference": gap}
            rows.append(row | {"low": float(ends[0][i]), "high": float(ends[1][i]), "p": chance, "p_holm": corrected})
        return rows
