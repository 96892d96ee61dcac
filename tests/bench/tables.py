"""What was measured as one table, and two measurements side by side."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from recommender.report_text import table

Figures = Mapping[str, Mapping[str, Mapping[str, Any]]]  # case -> size -> figure
_HEADER = ["case", "size", "time", "a second", "growth", "× limit", "limit", "MB", "besides"]
_COMPARED = ["case", "size", "old", "new", "time", "× limit: old", "new", "ratio", ""]
_LEAST = 0.1  # of a time or a ratio: less is not told from noise, however quiet the repeats


def shown(figures: Figures, families: Mapping[str, str]) -> str:
    """All figures, family by family; "growth" is the exponent against the size before: 1 is in proportion.

    families : case -> family
    """
    rows, family = [], ""
    for name, size, figure in _each(figures):
        if families.get(name, "") != family:
            family = families.get(name, "")
            rows.append([f"**{family}**", *[""] * (len(_HEADER) - 1)])
        rows.append([name, f"{size:,} {figure['of']}", *_cells(figures[name], size, figure)])
    return table(_HEADER, rows)


def _each(figures: Figures) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    return ((name, int(size), figure) for name, sizes in figures.items() for size, figure in sizes.items())


def _cells(sizes: Mapping[str, Mapping[str, Any]], size: int, figure: Mapping[str, Any]) -> list[str]:
    if "failed" in figure:
        return ["failed", *[""] * 5, figure["failed"]]
    median = figure["seconds"]["median"]
    before = [other for other in map(int, sizes) if other < size and "failed" not in sizes[str(other)]]
    limit = [number(figure["ratio"]["median"]), figure["against"]] if "ratio" in figure else ["", ""]
    told = ", ".join(f"{name} {number(value)}" for name, value in figure["told"].items())
    rate = f"{number(figure['done'] / median)} {figure['unit']}"
    return [span(median), rate, _growth(sizes, size, before), *limit, number(figure["MB"]), told]


def _growth(sizes: Mapping[str, Mapping[str, Any]], size: int, before: list[int]) -> str:
    """How a call's time grows since the size before: with size to this power."""
    if not before:
        return ""
    old, new = (sizes[str(n)]["seconds"]["median"] for n in (max(before), size))
    return f"{math.log(new / old) / math.log(size / max(before)):.2f}"


def compared(old: Figures, new: Figures) -> str:
    """What both measured; marked where it changed beyond the noise, by the ratio to the limit where there is one."""
    rows = []
    for name, size, after in _each(new):
        before = old.get(name, {}).get(str(size), {})
        if "failed" in before or "failed" in after or not before:
            if "failed" in before or "failed" in after:
                rows.append(
                    [name, f"{size:,}", *("failed" if "failed" in one else "" for one in (before, after)), *[""] * 5]
                )
            continue
        rows.append([name, f"{size:,}", *_change(before["seconds"], after["seconds"], span)])
        ratios = [figure.get("ratio") for figure in (before, after)]
        rows[-1] += _change(*ratios, number) if all(ratios) else [""] * 3
        rows[-1].append(_mark(*(ratios if all(ratios) else (before["seconds"], after["seconds"]))))
    return table(_COMPARED, rows)


def _change(old: Mapping[str, float], new: Mapping[str, float], text: Any) -> list[str]:
    return [text(old["median"]), text(new["median"]), f"{new['median'] / old['median']:.2f}"]


def _mark(old: Mapping[str, float], new: Mapping[str, float]) -> str:
    """Whether the quartiles, at least a tenth of the median apart from it, lie apart."""
    ends = [
        (min(one["low"], one["median"] * (1 - _LEAST)), max(one["high"], one["median"] * (1 + _LEAST)))
        for one in (old, new)
    ]
    (old_low, old_high), (new_low, new_high) = ends
    return "slower" if new_low > old_high else "faster" if new_high < old_low else ""


def span(seconds: float) -> str:
    """A time as it is said.

    >>> span(0.00002), span(0.0123), span(123.4)
    ('20 µs', '12.3 ms', '123 s')
    """
    scale, unit = next((s, u) for s, u in ((1, "s"), (1e-3, "ms"), (0, "µs")) if seconds >= s)
    return f"{number(seconds / (scale or 1e-6))} {unit}"


def number(value: float) -> str:
    """Three digits, or all before the point.

    >>> number(1234567.8), number(1.0), number(0.01234)
    ('1,234,568', '1', '0.0123')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
