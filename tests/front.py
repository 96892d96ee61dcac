"""The picture of the study: how often a model is right against how long it takes to learn, and the front of those."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

METRIC = "hit_rate@10"
Numbers = NDArray[np.float64]
FAMILIES = {  # colours of Okabe and Ito, which the colour-blind tell apart, and a marker each
    "chains and rules": ("#0072b2", "o", ("popularity", "markov", "backoff", "skip_markov", "sequential_rules")),
    "neighbours": ("#c04e00", "s", ("item_knn", "session_knn", "vs_knn", "vstan")),
    "matrices": ("#007a59", "^", ("ease", "als", "bpr", "spectral")),
    "Word2Vec": ("#aa4499", "D", ("book", "song2vec")),
    "blend": ("#222222", "*", ("blend",)),
}
_BIG, _SMALL = {"*": 13.0, "^": 8.5, "D": 6.5}, {"*": 5.5}  # of the others 7.5 and 3
_LOOKS = {name: (color, marker) for color, marker, names in FAMILIES.values() for name in names}
_LINE = "#999999"
_NEAR = 12  # pixels from a point to its label from which on a line leads there


class Point(NamedTuple):
    """A setting of a model: what it takes, and what it gives."""

    seconds: float
    quality: float
    model: str
    default: bool


def draw(results: Mapping[str, Any], path: Path) -> None:
    """Write the PNG, which says of which results it is made."""
    picture(results).savefig(path, dpi=200, metadata={"Description": digest(results)})


def digest(results: Mapping[str, Any]) -> str:
    """What tells these results from others."""
    return hashlib.sha256(json.dumps(results, sort_keys=True).encode()).hexdigest()


def points(results: Mapping[str, Any]) -> list[Point]:
    """All settings of one dataset."""
    return [
        Point(row["fit seconds"], row[METRIC], name, not row["change"])
        for name, model in results["models"].items()
        for row in model["rows"]
    ]


def front(found: Sequence[Point]) -> list[Point]:
    """Those that none is better than in as little time, the quickest first.

    >>> [one.quality for one in front([Point(2, 0.25, "a", True), Point(1, 0.5, "b", True), Point(3, 0.75, "c", True)])]
    [0.5, 0.75]
    """
    best: list[Point] = []
    for one in sorted(found, key=lambda point: (point.seconds, -point.quality)):
        if not best or one.quality > best[-1].quality:
            best.append(one)
    return best


def picture(results: Mapping[str, Any]) -> Figure:
    """A panel a dataset; labels are where they cover nothing."""
    figure = Figure(figsize=(9, 5.6), layout="constrained")
    panels = figure.subplots(1, len(results), squeeze=False)[0]
    for axes, (name, one) in zip(panels, results.items(), strict=True):
        _panel(axes, name, points(one))
    panels[0].set_ylabel("hit_rate@10 on validation playlists")
    handles = [handle for axes in panels for handle in axes.get_legend_handles_labels()[0]]
    named = {handle.get_label(): handle for handle in handles}
    ordered = [*(named.pop(name) for name in FAMILIES if name in named), *named.values()]
    figure.legend(handles=ordered, loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes, one in zip(panels, results.values(), strict=True):
        _labels(axes, points(one))
    return figure


def _panel(axes: Any, name: str, found: Sequence[Point]) -> None:
    axes.set(title=name, xscale="log", xlabel="seconds to fit, one thread")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e4e4e4", linewidth=0.6)
    low, high = min(one.seconds for one in found), max(one.seconds for one in found)
    axes.set(xlim=(low / 2, high * 2), ylim=(0, 1.12 * max(one.quality for one in found)))
    axes.xaxis.set_major_formatter("{x:g}")
    best = front(found)
    steps = [(one.seconds, one.quality) for one in best] + [(high * 2, best[-1].quality)]
    line: dict[str, Any] = {"drawstyle": "steps-post", "color": _LINE, "linewidth": 1.4, "zorder": 1}
    axes.plot(*zip(*steps, strict=True), **line, label="the front: the best for the time")
    for family, (color, marker, names) in FAMILIES.items():
        some = [one for one in found if one.model in names]
        look: dict[str, Any] = {"color": color, "marker": marker, "linestyle": "none"}
        for default, size, alpha in ((False, _SMALL.get(marker, 3), 0.45), (True, _BIG.get(marker, 7.5), 1.0)):
            shown = [one for one in some if one.default == default]
            at = [one.seconds for one in shown], [one.quality for one in shown]
            told = {"label": family} if default and shown else {}
            edge = "white" if default else "none"
            axes.plot(*at, **look, markersize=size, alpha=alpha, markeredgecolor=edge, zorder=2 + default, **told)
    for words, size, alpha in (("large, with a name: the defaults", 7.5, 1.0), ("small: another setting", 3, 0.45)):
        axes.plot([], [], color="#666666", marker="o", linestyle="none", markersize=size, alpha=alpha, label=words)


def _labels(axes: Any, found: Sequence[Point]) -> None:
    """The names of the defaults, each as near to its point as it stands free; a thin line leads there from afar."""
    at = axes.transData.transform([(one.seconds, one.quality) for one in found])
    defaults = [one for one in found if one.default]
    places = at[[one.default for one in found]]
    look: dict[str, Any] = {"transform": axes.transAxes, "fontsize": 8.5, "va": "center", "ha": "center", "zorder": 5}
    texts = [axes.text(0, 0, one.model, color=_LOOKS[one.model][0], **look) for one in defaults]
    tried = [_around(place, text.get_window_extent(), axes.bbox) for place, text in zip(places, texts, strict=True)]
    for one, text, box, place in zip(defaults, texts, _chosen(places, tried, at, _segments(axes)), places, strict=True):
        end = np.clip(place, box[:2], box[2:])
        inside = axes.transAxes.inverted().transform([(box[:2] + box[2:]) / 2, place, end])
        text.set_position(inside[0])
        text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
        if np.hypot(*(end - place)) > _NEAR:
            line: dict[str, Any] = {"color": _LOOKS[one.model][0], "linewidth": 0.6, "zorder": 1.5}
            axes.plot(*inside[1:].T, **line, transform=axes.transAxes, scalex=False, scaley=False)


def _chosen(places: Numbers, tried: Sequence[Numbers], at: Numbers, front_: Numbers) -> Numbers:
    """(n, 4) a box for each label, of those tried: each the best beside the others, from the luckiest of some orders.

    places : (n, 2) of the points with labels; at : of all points; front_ : pieces of line that are better left free
    """
    marks = np.hstack([places - 7, places + 7])
    found = []
    for order in (np.argsort(places[:, 0]), np.argsort(-places[:, 0]), np.argsort(places[:, 1])):
        chosen, leads, total = np.full((len(tried), 4), -1.0), np.full((len(tried), 4), -1.0), 0.0  # -1: nowhere
        for turn in range(4):
            for i in order:
                others = np.arange(len(tried)) != i
                lines = np.vstack([front_, leads[others]])
                badness, lead = _badness(places[i], tried[i], marks, at, chosen[others], lines)
                best = int(badness.argmin())
                chosen[i], leads[i] = tried[i][best], lead[best]
                total += badness[best] * (turn == 3)
        found.append((total, chosen))
    return min(found, key=lambda one: one[0])[1]


def _badness(
    place: Numbers, boxes: Numbers, marks: Numbers, at: Numbers, taken: Numbers, lines: Numbers
) -> tuple[Numbers, Numbers]:
    """(n,) of each box for the label of a point, and (n, 4) the line that would lead there, -1 where there is none.

    Labels on labels are worst, then labels or lines on defaults, then those on lines, on other settings, then the way.
    """
    ends = np.clip(place, boxes[:, :2], boxes[:, 2:])
    away = np.hypot(*(ends - place).T)
    far = away > _NEAR
    leads = np.where(far[:, None], np.hstack([np.tile(place, (len(ends), 1)), ends]), -1.0)
    others = marks[(marks[:, :2] + 7 != place).any(axis=1)]
    badness = 1.5 * away + 20 * far + 8 * _overlaps(boxes, np.hstack([at, at])) + 300 * _overlaps(boxes, marks)
    badness += 1000 * _overlaps(boxes, taken) + 100 * _lies_in(lines, boxes).sum(axis=0)
    led = (
        500 * _lies_in(leads, taken).sum(axis=1)
        + 100 * _crosses(leads, lines)
        + 300 * _lies_in(leads, others).sum(axis=1)
    )
    return badness + led * far, leads


def _segments(axes: Any) -> Numbers:
    """(n, 4) the straight pieces of the front as it is drawn."""
    steps = axes.transData.transform(axes.lines[0].get_xydata())
    corners = np.column_stack([steps[1:, 0], steps[:-1, 1]])
    return np.vstack([np.hstack([steps[:-1], corners]), np.hstack([corners, steps[1:]])])


def _around(place: Numbers, text: Any, axes: Any) -> Numbers:
    """(n, 4) boxes for a label of the text's size around a point, all of them in the axes: left, bottom, right, top."""
    away, angle = np.meshgrid((6, 14, 24, 36, 50, 66, 84, 104), np.linspace(0, 2 * np.pi, 24, endpoint=False))
    towards = np.column_stack([np.cos(angle.ravel()), np.sin(angle.ravel())])
    size = np.array([text.width + 2, text.height])
    low = place + away.reshape(-1, 1) * towards + (towards - 1) * size / 2
    boxes = np.hstack([low, low + size])
    return boxes[(low >= axes.min).all(axis=1) & (low + size <= axes.max).all(axis=1)]


def _overlaps(boxes: Numbers, others: Numbers) -> Numbers:
    """(len(boxes),) how many of the others each box overlaps."""
    apart = (boxes[:, None, :2] > others[None, :, 2:]) | (boxes[:, None, 2:] < others[None, :, :2])
    return (~apart.any(axis=2)).sum(axis=1).astype(float)


def _lies_in(lines: Numbers, boxes: Numbers) -> Numbers:
    """(len(lines), len(boxes)): whether a line, which ends where a box may begin, goes through a box."""
    along = np.linspace(0, 0.97, 30)[:, None]
    steps = lines[:, None, :2] + along * (lines[:, None, 2:] - lines[:, None, :2])  # (n, 30, 2)
    inside = (steps[:, :, None] > boxes[:, :2]) & (steps[:, :, None] < boxes[:, 2:])
    return inside.all(axis=3).any(axis=1)


def _crosses(lines: Numbers, others: Numbers) -> Numbers:
    """(len(lines),) how many of the others each line crosses."""

    def side(a: Numbers, b: Numbers, c: Numbers) -> Any:
        return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) > (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])

    a, b, c, d = lines[:, None, :2], lines[:, None, 2:], others[None, :, :2], others[None, :, 2:]
    return ((side(a, c, d) != side(b, c, d)) & (side(a, b, c) != side(a, b, d))).sum(axis=1).astype(float)
