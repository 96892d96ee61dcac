"""The study's numbers as Markdown: the defaults of all models, then a table a model."""

from collections.abc import Mapping, Sequence
from typing import Any

from recommender.report_text import share, table

METRICS = ("hit_rate@10", "hit_rate@100", "mrr")


def label(change: Mapping[str, Any]) -> str:
    """A change in a few words.

    change : parameter -> value

    >>> label({}), label({"dim": 64, "members": "vstan,spectral"})
    ('defaults', 'dim 64, members vstan + spectral')
    """
    words = [f"{name} {str(value).replace(',', ' + ')}" for name, value in change.items()]
    return ", ".join(words) or "defaults"


def tables(results: Mapping[str, Any]) -> str:
    """What stands between the marks: the defaults of all models, then a table a model."""
    about = [
        f"**{name}**: {one['about']['songs']:,} songs, learnt from {one['about']['learnt from']:,} playlists; "
        f"{one['about']['queries']:,} queries from {one['about']['playlists']:,} others\n"
        for name, one in results.items()
    ]
    names = list(dict.fromkeys(name for one in results.values() for name in one["models"]))
    parts = [_section(name, results) for name in names]
    return "\n".join([*about, "### All models with their defaults\n", _defaults(results, names), *parts])


def _defaults(results: Mapping[str, Any], names: Sequence[str]) -> str:
    shown = (*METRICS, "fit seconds", "queries/s")
    header = ["model", *(f"{name}: {what}" if i == 0 else what for name in results for i, what in enumerate(shown))]
    rows = []
    for name in names:
        cells = []
        for one in results.values():
            row = one["models"][name]["rows"][0] if name in one["models"] else None
            cells += [*map(share, (row[metric] for metric in METRICS)), *_cost(row)] if row else [""] * len(shown)
        rows.append([name, *cells])
    return table(header, rows)


def _cost(row: Mapping[str, Any]) -> list[str]:
    speed = float(f"{row['queries/s']:.2g}")
    return [_seconds(row["fit seconds"]), f"{speed:,.0f}"]


def _section(name: str, results: Mapping[str, Any]) -> str:
    """A model's table: the two main numbers on each dataset, arrows where a change is told from the defaults."""
    found = {dataset: one["models"][name] for dataset, one in results.items() if name in one["models"]}
    header = ["change", *(f"{dataset}: hit_rate@10 / mrr" for dataset in found), "fit seconds"]
    rows = []
    for change in (row["change"] for row in next(iter(found.values()))["rows"]):
        told = [row for one in found.values() for row in one["rows"] if row["change"] == change]
        if len(told) == len(found):
            seconds = " / ".join(_seconds(row["fit seconds"]) for row in told)
            rows.append([label(change), *(_quality(row) for row in told), seconds])
    defaults = label(next(iter(found.values()))["defaults"]).replace("defaults", "no parameters")
    return f"### {name}\n\nDefaults: {defaults}.\n\n{table(header, rows)}"


def _quality(row: Mapping[str, Any]) -> str:
    return " / ".join(f"{share(row[metric])}{_arrow(row, metric)}" for metric in ("hit_rate@10", "mrr"))


def _arrow(row: Mapping[str, Any], metric: str) -> str:
    """An arrow where the change is told from the defaults: the 95 % interval of the difference is without 0."""
    _, low, high = row.get("against defaults", {}).get(metric, (0, 0, 0))
    return " ↑" if low > 0 else " ↓" if high < 0 else ""


def _seconds(value: float) -> str:
    digits = 0 if value >= 10 else 1 if value >= 1 else 2 if value >= 0.1 else 3
    return f"{value:.{digits}f}".removeprefix("0")
