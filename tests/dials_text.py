"""The dials' numbers as Markdown, and their picture."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from recommender.report_text import share, span, table

LOOKS = {"vstan": ("#0072b2", "o", "-"), "spectral": ("#c04e00", "s", "--")}
BUYS = {  # dial -> what its panel shows on the x axis
    "popularity": ("long tail", "share of the answers in the long tail"),
    "variety": ("tag diversity", "unlikeness of the tags in a list"),
    "max_per_artist": ("artists", "artists in a list of ten"),
}
NAMED = {
    "popularity": (0, -1, 1),
    "variety": (0, 0.3, 0.5, 1),
    "max_per_artist": (None, 1),
}  # where there is room
OF_LISTS = ("long tail", "coverage", "tag diversity", "artists", "novelty")


def tables(results: Mapping[str, Any]) -> str:
    """What stands between the marks."""
    about = [
        f"**{name}**: {one['about']['songs']:,} songs, learnt from {one['about']['learnt from']:,} playlists; "
        f"{one['about']['queries']:,} queries from {one['about']['playlists']:,} others\n"
        for name, one in results.items()
    ]
    names = list(dict.fromkeys(row["dial"] for one in results.values() for row in one["dials"]))
    parts = [f"### {name}\n\n{_dial(name, results)}" for name in names]
    heard = f"### How several seeds are heard (ndcg@100)\n\n{_heard(results)}"
    scales = f"### What popularity acts on (hit_rate@10, novelty in bits)\n\n{_scales(results)}"
    return "\n".join([*about, *parts, heard, scales])


def _dial(name: str, results: Mapping[str, Any]) -> str:
    header = ["dataset, model", "value", "hit_rate@10", "against off, 95 %", *OF_LISTS]
    rows = []
    for dataset, one in results.items():
        for row in (row for row in one["dials"] if row["dial"] == name):
            gap, low, high = row["against off"]
            value = "off" if not row["value"] else "on" if row["value"] is True else f"{row['value']:g}"
            change = "" if gap == low == high == 0 else f"{_signed(gap)} ({span(low, high)})"
            told = [f"{row[what]:.2f}" if what in ("artists", "novelty") else share(row[what]) for what in OF_LISTS]
            rows.append([f"{dataset}, {row['model']}", value, share(row["hit_rate@10"]), change, *told])
    return table(header, rows)


def _signed(gap: float) -> str:
    return f"+{share(gap)}" if gap > 0 else share(gap)


def _heard(results: Mapping[str, Any]) -> str:
    ways = list(next(iter(results.values()))["heard"][0]["ndcg@100"])
    header = ["dataset, model", "seeds", "playlists", ways[0], *(f"{way}: against own, 95 %" for way in ways[1:])]
    rows = []
    for dataset, one in results.items():
        for row in one["heard"]:
            gaps = [f"{_signed(gap)} ({span(low, high)})" for gap, low, high in row["against own"].values()]
            told = [f"{row['seeds']}", f"{row['playlists']}", share(row["ndcg@100"]["own"])]
            rows.append([f"{dataset}, {row['model']}", *told, *gaps])
    return table(header, rows)


def _scales(results: Mapping[str, Any]) -> str:
    names = list(next(iter(results.values()))["scales"][0]["rows"])
    header = ["popularity acts on", *(f"{d}, {row['model']}" for d, one in results.items() for row in one["scales"])]
    cells = {name: [row["rows"][name] for one in results.values() for row in one["scales"]] for name in names}
    return table(header, [[name, *(f"{share(hit)}, {bits:.1f}" for hit, bits in row)] for name, row in cells.items()])


def digest(results: Mapping[str, Any]) -> str:
    """What tells these results from others."""
    return hashlib.sha256(json.dumps(results, sort_keys=True).encode()).hexdigest()


def draw(results: Mapping[str, Any], path: Path) -> None:
    """Write the PNG, which says of which results it is made."""
    picture(results).savefig(path, dpi=200, metadata={"Description": digest(results)})


def picture(results: Mapping[str, Any]) -> Figure:
    """A row of panels a dataset, a panel a dial: hit rate against what is bought with it."""
    figure = Figure(figsize=(10, 3.1 * len(results) + 0.4), layout="constrained")
    panels = figure.subplots(len(results), len(BUYS), squeeze=False)
    for line, (dataset, one) in zip(panels, results.items(), strict=True):
        for axes, (dial, (bought, label)) in zip(line, BUYS.items(), strict=True):
            axes.set(title=f"{dataset}: {dial.replace('_', ' ')}", xlabel=label)
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(color="#e4e4e4", linewidth=0.6)
            for model, look in LOOKS.items():
                rows = [row for row in one["dials"] if (row["model"], row["dial"]) == (model, dial)]
                _line(
                    axes,
                    model,
                    look,
                    sorted(rows, key=lambda row: 99 if row["value"] is None else row["value"]),
                    bought,
                )
            axes.set_ylim(0, 1.15 * max(row["hit_rate@10"] for row in one["dials"]))
            axes.margins(x=0.1)
        line[0].set_ylabel("hit_rate@10")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _line(axes: Any, model: str, look: tuple[str, str, str], rows: list[Mapping[str, Any]], bought: str) -> None:
    color, marker, dashes = look
    x, y = [row[bought] for row in rows], [row["hit_rate@10"] for row in rows]
    ends = [[abs(row["against off"][i] - row["against off"][0]) for row in rows] for i in (1, 2)]
    axes.errorbar(x, y, ends, color=color, marker=marker, linestyle=dashes, markersize=4.5, linewidth=1.4, label=model)
    for row in (row for row in rows if row["value"] in NAMED[row["dial"]]):
        text = f"{row['value']:g}".replace("-", "−") if row["value"] else "off"
        beside: dict[str, Any] = {"xytext": (3, 7 if model == "vstan" else -14), "textcoords": "offset points"}
        axes.annotate(text, (row[bought], row["hit_rate@10"]), fontsize=7.5, color=color, **beside)
