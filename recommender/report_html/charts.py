"""Charts: hit rate against the length of the list, and by kinds of queries, each with its numbers in a table."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from recommender.drawing import Point, Tick, Words, chart, key
from recommender.report_html import words
from recommender.report_html.figures import Estimate, Figures
from recommender.report_html.parts import Cell, Row, capital, fold, interval, share, table, text
from recommender.report_html.results import name
from recommender.report_text import span

_FEWEST = 3  # lengths of list that are worth a chart
_COLOURS = 10  # in the style sheet
_BARS = "Bars are 95 % intervals."
Curves = dict[str, list[Estimate | None]]


def by_length(figures: Figures) -> str:
    """The main metric, or else the hit rate, for lists of k songs; "" if there are too few k."""
    if not figures.shown:
        return ""
    families = [metric.partition("@")[0] for metric in (figures.main, "hit_rate", *figures.metrics)]
    family = next((each for each in families if len(figures.lengths(each)) >= _FEWEST), None)
    if family is None:
        return ""
    lengths = figures.lengths(family)
    curves = {model: [figures.estimate(model, metric) for metric in lengths.values()] for model in figures.order}
    says, ks = words.family(family), list(lengths)
    title = f"{says.capitalize()} against the length of the list"
    axes = Words("k, the number of answers looked at", says, _label(title, ks, curves))
    marks = _points(curves, [math.log10(k) for k in ks], [f"k = {k}" for k in ks])
    ticks = [Tick(math.log10(k), f"{k:,}") for k in ks]
    drawn = chart(f"{figures.name}length", marks, figures.looks, ticks, axes)
    caption = f"{words.of_metric(f'{family}@k') or ''} Equal steps to the right multiply k. {_BARS}"
    return _figure(drawn, caption, _table(figures, title, [f"k = {k}" for k in ks], curves))


def by_groups(figures: Figures, heading: str) -> str:
    """A metric for each kind of query, a chart for each way to tell them apart, under headings such as "h3"."""
    groups = figures.part("groups").items()
    drawn = {group: _by_group(figures, group, found, number) for number, (group, found) in enumerate(groups)}
    return "".join(f"<{heading}>{text(capital(group))}</{heading}>\n{one}" for group, one in drawn.items() if one)


def _by_group(figures: Figures, group: str, found: Mapping[str, Any], number: int) -> str:
    labels, n = found["labels"], found.get("n") or [0] * len(found["labels"])
    curves: Curves = {model: list(found["models"][model]) for model in figures.order if model in found["models"]}
    if not any(one for curve in curves.values() for one in curve):
        return ""
    title = f"{found['metric']} by {group}"
    marks = _points(curves, list(range(len(labels))), labels, width=0.55)
    ticks = [Tick(at, str(label), f"{of:,}") for at, (label, of) in enumerate(zip(labels, n, strict=True))]
    drawn = chart(
        f"{figures.name}group{number}",
        marks,
        figures.looks,
        ticks,
        Words(group, found["metric"], _label(title, labels, curves)),
    )
    head = [f"{text(label)} <small>n = {of:,}</small>" for label, of in zip(labels, n, strict=True)]
    caption = f'<span class="small">Small figures: number of queries.</span> {_BARS} Models stand side by side.'
    return _figure(drawn, caption, _table(figures, title, head, curves))


def keys(looks: Mapping[str, int]) -> str:
    """The looks of all lines, to be used by their ids."""
    return '<svg class="away" aria-hidden="true">' + "".join(map(key, looks.values())) + "</svg>\n"


def legend(figures: Figures, drawn: str) -> str:
    """Boxes to take models out of the charts drawn; "" if there are no charts."""
    boxes = "".join(
        f'<label class="m{look}"><input type="checkbox" id="show{look}" checked> {name(figures, model)}</label>\n'
        for model, look in figures.looks.items()
        if f'<g class="m m{look}">' in drawn
    )
    if not boxes:
        return ""
    title = "<legend>Point at a model to bring it out, untick it to leave it out:</legend>"
    return f'<fieldset class="legend">{title}\n{boxes}</fieldset>\n'


def rules(looks: Mapping[str, int]) -> str:
    """Style sheet rules of each model: its colour, to take it out of the charts, to make it stand out."""
    return "".join(
        f".m{n}{{--c:var(--c{n % _COLOURS})}}"
        f":root:has(#show{n}:not(:checked)) .chart .m{n}{{display:none}}"
        f":root:has(#show{n}:checked):has(.m{n}:hover,.m{n} :focus-visible) .chart .m:not(.m{n}){{opacity:.12}}\n"
        for n in looks.values()
    )


def _points(curves: Curves, at: Sequence[float], labels: Sequence[Any], width: float = 0) -> dict[str, list[Point]]:
    """The points of each model that there are; models are spread over `width` beside one another."""
    shift = width / max(len(curves) - 1, 1)
    return {
        model: [
            Point(
                x - width / 2 + shift * place,
                one["mean"],
                one["low"],
                one["high"],
                f"{model}, {label}: {share(one['mean'])} ({span(one['low'], one['high'])})",
            )
            for x, label, one in zip(at, labels, curve, strict=True)
            if one
        ]
        for place, (model, curve) in enumerate(curves.items())
        if any(curve)
    }


def _label(title: str, labels: Sequence[Any], curves: Curves) -> str:
    return (
        f"Chart: {title}, from {labels[0]} to {labels[-1]}, of {', '.join(curves)}. Its numbers are in the table below."
    )


def _table(figures: Figures, title: str, head: Sequence[str], curves: Curves) -> str:
    rows = [Row([Cell(name(figures, model)), *map(interval, curve)]) for model, curve in curves.items()]
    return table(f"{text(title)}: mean and 95 % interval", ["model", *head], rows, "sort numbers")


def _figure(drawn: str, caption: str, numbers: str) -> str:
    return f"<figure>\n{drawn}\n<figcaption>{caption}</figcaption>\n{fold('The numbers', numbers)}</figure>\n"
