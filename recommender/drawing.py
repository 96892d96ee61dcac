"""Drawing: the only place that knows matplotlib, which is slow to import and so is imported to draw and not before.

`paper`, `curve` and `finish` make a picture of its own, on white. `chart` makes an SVG that is part of a web page: its
text is text, and its colours are left to the page's style sheet, which knows dark from light. There each model is a
group of the classes `m` and `m0`, `m1` and so on; its colour is the custom property `--c`. Whatever its colour, a model
is told by its marker and its dashes, too.
"""

import io
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.svg import element, plain, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes  # noqa: PLC0414  # others name it
    from matplotlib.figure import Figure as Figure  # noqa: PLC0414

Numbers = NDArray[np.number]
_LINES = (("#0072b2", "-"), ("#d55e00", "--"))  # Okabe and Ito's; the second lies on the first where both are
_DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (9, 2, 1.2, 2, 1.2, 2)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "<", "*", ">")
_WIDTH, _HEIGHT, _TOP, _LEFT = 480, 300, 30, 34  # in the units of the SVG, as everything below
_LETTER, _LINE = 7.2, 13.5  # of a label's text where it is largest, on a phone


def paper(title: str, x: str, y: str) -> tuple["Figure", "Axes"]:
    """A figure with empty axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.add_subplot(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#dddddd", linewidth=0.6)
    return figure, axes


def curve(axes: "Axes", line: int, label: str, x: Numbers, y: Numbers, steps: str = "default") -> None:
    """A line with a dot at both ends, so that one point is seen too."""
    color, dashes = _LINES[line]
    axes.plot(x, y, color=color, linestyle=dashes, linewidth=2, label=label, drawstyle=steps)
    axes.lines[-1].set(marker="o", markersize=4, markevery=[0, -1])


def finish(axes: "Axes", logarithmic: str = "", legend: Literal["best", "lower right"] = "best") -> None:
    """Scales from 1 where logarithmic, else from 0, with plain numbers, and the legend."""
    from matplotlib.ticker import LogLocator, NullLocator

    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if name in logarithmic:
            axes.set(**{f"{name}scale": "log"})
            low, high = axis.get_view_interval()
            axis.set_major_locator(LogLocator(subs=(1, 3) if high < 50_000 * low else (1,)))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter("{x:,.0f}")
    if "y" not in logarithmic:
        axes.set_ylim(bottom=0)
    axes.legend(frameon=False, loc=legend)


class Point(NamedTuple):
    """A mean with its interval, and what is said of it where it is pointed at."""

    at: float
    mean: float
    low: float
    high: float
    text: str


class Tick(NamedTuple):
    """A place on the x axis with its label, and what stands smaller below it."""

    at: float
    label: str
    below: str = ""


class Words(NamedTuple):
    """What a chart says: its axes, and all of it in a sentence, for those who cannot see it."""

    x: str
    y: str
    label: str


def chart(
    name: str, curves: Mapping[str, Sequence[Point]], looks: Mapping[str, int], ticks: Sequence[Tick], words: Words
) -> str:
    """An SVG element: a line with intervals for each model, which is named at the line's end.

    name : what its ids start with; the same name and figures give the same text
    curves : model -> its points from left to right, at least one
    looks : model -> the number of its class, marker and dashes
    """
    right = 22 + _LETTER * max(len(_short(model)) for model in curves)
    with _settings(name):
        axes = _axes(right, ticks, words)
        for model, points in curves.items():
            _line(axes, looks[model], points)
        _scale(axes)
        ends = [axes.transData.transform((points[-1].at, points[-1].mean)) for points in curves.values()]
        heights = _apart([end[1] for end in ends], axes.bbox.y0, axes.bbox.y1)
        for model, end, height in zip(curves, ends, heights, strict=True):
            _name(axes, looks[model], _short(model), end, height)
        drawn = plain(_saved(axes), name)
    for model, points in curves.items():
        say(drawn, f"m m{looks[model]}", [point.text for point in points])
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    return element("svg", drawn, {"class": "chart", "viewBox": box, "role": "img", "aria-label": words.label})


def key(look: int) -> str:
    """A symbol element that shows how the line of a model looks; its id is key0, key1 and so on."""
    with _settings(f"key{look}"):
        axes = _bare(28, 12, (0, 0, 28, 12))
        axes.set(xlim=(0, 28), ylim=(0, 12), xticks=[], yticks=[])
        axes.plot([0, 14, 28], [6, 6, 6], gid=f"is-m{look}", clip_on=False, markevery=[1], **_look(look))
        drawn = plain(_saved(axes), f"key{look}")
    return element("symbol", drawn, {"id": f"key{look}", "viewBox": "0 0 28 12"})


@contextmanager
def _settings(name: str) -> Iterator[None]:
    """Text stays text, also with signs of mathematics or letters that the font lacks; the name tells ids apart."""
    import matplotlib

    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": name, "text.parse_math": False, "font.size": 9}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")
        yield


def _saved(axes: Any) -> bytes:
    """The SVG of the figure that the axes are on, the same each time."""
    file = io.BytesIO()
    axes.figure.savefig(file, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return file.getvalue()


def _bare(width: float, height: float, box: tuple[float, float, float, float]) -> "Axes":
    """Axes without anything, on a figure of so many units; box is left, bottom, width and height."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 72, height / 72), dpi=72, frameon=False)
    axes = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height), frameon=False)
    axes.tick_params(left=False, bottom=False, labelbottom=False)
    return axes


def _axes(right: float, ticks: Sequence[Tick], words: Words) -> "Axes":
    """Axes with what is written around them."""
    wide = _WIDTH - _LEFT - right
    at = [tick.at for tick in ticks]
    pad = 0.5 * min((b - a for a, b in pairwise(at)), default=1)
    space = wide * 2 * pad / (at[-1] - at[0] + 2 * pad)
    labels = [textwrap.wrap(tick.label, max(1, int(space / 6)), break_long_words=False) for tick in ticks]
    deep = 11 * max(map(len, labels)) + 10 * any(tick.below for tick in ticks)
    axes = _bare(_WIDTH, _HEIGHT, (_LEFT, 22 + deep, wide, _HEIGHT - _TOP - 22 - deep))
    axes.set(xlim=(at[0] - pad, at[-1] + pad), xticks=[])
    for tick, lines in zip(ticks, labels, strict=True):
        for number, line in enumerate(lines):
            _under(axes, tick.at, 5 + 11 * number, line)
        _under(axes, tick.at, 6 + 11 * max(map(len, labels)), tick.below, "small")
    _under(axes, (at[0] + at[-1]) / 2, 10 + deep, words.x, "about")
    axes.annotate(words.y, (0, _HEIGHT - 11), xycoords="figure pixels", gid="is-about")
    return axes


def _under(axes: "Axes", at: float, depth: float, text: str, kind: str = "tick") -> None:
    """Centred text so far below the x axis."""
    place: dict[str, Any] = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points", "ha": "center"}
    axes.annotate(text, (at, 0), (0, -depth), va="top", gid=f"is-{kind}", **place)


def _look(look: int) -> dict[str, Any]:
    dashes, marker = _DASHES[(look + look // 10) % len(_DASHES)], _MARKERS[look % len(_MARKERS)]
    return {"linestyle": dashes, "linewidth": 1.6, "marker": marker, "markersize": 6, "zorder": 99 - look}


def _line(axes: "Axes", look: int, points: Sequence[Point]) -> None:
    """A model's intervals, then its line."""
    whiskers = [(point.at, end) for point in points for end in (point.low, point.high, np.nan)]
    group: dict[str, Any] = {"gid": f"is-m{look}", "clip_on": False}
    axes.plot(*zip(*whiskers, strict=True), linewidth=1, zorder=99 - look, **group)
    axes.plot([point.at for point in points], [point.mean for point in points], **_look(look), **group)


def _scale(axes: "Axes") -> None:
    """A few round numbers on the y axis, from 0 unless something is below it, with a rule each."""
    from matplotlib.ticker import MaxNLocator

    low, high = axes.dataLim.intervaly
    at = list(map(float, MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(min(low, 0), max(high, 1e-9))))
    axes.set_ylim(at[0], at[-1])
    axes.set_yticks(at, labels=[_round(value) for value in at])
    for value in at:
        axes.axhline(value, gid="is-rule" if value else "is-base", zorder=0, clip_on=False)


def _round(value: float) -> str:
    """A round number as the tables write it.

    >>> _round(0.25), _round(-0.5), _round(10.5)
    ('.25', '−.5', '10.5')
    """
    digits = f"{abs(value):.6g}"
    return "−" * (value < 0) + (digits.removeprefix("0") if "." in digits else digits)


def _name(axes: "Axes", look: int, text: str, end: Numbers, height: float) -> None:
    """A model's name right of the axes at some height, and a thin line that leads there from the line's end."""
    from matplotlib.transforms import IdentityTransform

    at, group = axes.bbox.x1 + 8, {"gid": f"is-m{look}", "zorder": 99 - look, "clip_on": False}
    units: dict[str, Any] = {"transform": IdentityTransform(), **group}
    axes.plot([end[0] + 4, at - 3], [end[1], height], linewidth=0.7, scalex=False, scaley=False, **units)
    axes.text(at, height, text, va="center", **units)


def _apart(heights: Sequence[float], low: float, high: float) -> Numbers:
    """The heights moved as little as lets labels stand one below the other, between low and high."""
    from scipy.optimize import isotonic_regression

    order = np.argsort(heights, kind="stable")
    steps = min(_LINE, (high - low) / max(len(order) - 1, 1)) * np.arange(len(order))
    placed = np.empty(len(order))
    placed[order] = np.clip(isotonic_regression(np.take(heights, order) - steps).x, low, high - steps[-1]) + steps
    return placed


def _short(model: str) -> str:
    return model if len(model) <= 18 else f"{model[:17]}…"
