"""Parts: numbers, tables and lists as HTML.

What comes from data goes through `text` once; where nothing else is said, what is given to these functions is HTML.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from recommender import report_text
from recommender.report_text import span

NOTHING = "–"


class Cell(NamedTuple):
    """What a table shows in one place, as HTML, and the number that it is sorted by."""

    html: str
    value: float | None = None


class Row(NamedTuple):
    """A row of a table, the first cell its heading, and its class."""

    cells: Sequence[Cell]
    kind: str = ""


def text(value: object) -> str:
    """Anything as escaped text."""
    return html.escape(str(value))


def share(value: float | None) -> str:
    """A number as Markdown tables have it, or that there is none."""
    return NOTHING if value is None else report_text.share(value)


def signed(value: float) -> str:
    """A difference, with its sign.

    >>> signed(0.0082), signed(-0.0082), signed(0.0001)
    ('+.008', '−.008', '.000')
    """
    return share(value) if value < 0 or share(value) == ".000" else f"+{share(value)}"


def percent(value: float) -> str:
    r"""A share in per cent, with one decimal, that no line end tears apart.

    >>> percent(0.1923)
    '19.2\xa0%'
    """
    return f"{100 * value:.1f}\u00a0%"


def amount(name: str, value: float | None) -> str:
    """A total, as fits what it counts.

    >>> amount("fit seconds", 0.04), amount("fit seconds", 4.14), amount("queries/s", 5012.3), amount("learnt MB", 3.25)
    ('&lt; .1', '4.1', '5,012', '3.2')
    """
    if value is None:
        return NOTHING
    if name.endswith(("seconds", "MB")):
        return "&lt; .1" if 0 < value < 0.1 else f"{value:,.1f}" if value < 10 else f"{value:,.0f}"
    return f"{value:,.0f}" if name.endswith("/s") else share(value)


def number(value: float | None) -> Cell:
    """A cell with a share."""
    return Cell(share(value), value)


def interval(estimate: Mapping[str, float] | None) -> Cell:
    """A cell with a mean and, smaller, its interval."""
    if estimate is None:
        return Cell(NOTHING)
    ends = span(estimate["low"], estimate["high"])
    return Cell(f"{share(estimate['mean'])} <small>{ends}</small>", estimate["mean"])


def table(caption: str, head: Sequence[str], rows: Sequence[Row], kind: str = "") -> str:
    """A table that people can sort where it has the class "sort"; caption and head are HTML.

    Numbers stand to the right, as do their headings.
    """
    numeric = [any(row.cells[column].value is not None for row in rows) for column in range(len(head))]
    top = "".join(
        f'<th scope="col"{_right(is_number)}>{cell}</th>' for cell, is_number in zip(head, numeric, strict=True)
    )
    body = "".join(_row(row, numeric) for row in rows)
    return (
        f'<div class="wide"><table class="{kind}"><caption>{caption}</caption>'
        f"<thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table></div>\n"
    )


def _row(row: Row, numeric: Sequence[bool]) -> str:
    first, *others = row.cells
    cells = "".join(_cell(cell, is_number) for cell, is_number in zip(others, numeric[1:], strict=True))
    kind = f' class="{row.kind}"' if row.kind else ""
    return f'<tr{kind}><th scope="row">{first.html}</th>{cells}</tr>\n'


def _cell(cell: Cell, is_number: bool) -> str:
    value = "" if cell.value is None else f' data-v="{cell.value:.6g}"'
    return f"<td{_right(is_number)}{value}>{cell.html}</td>"


def _right(is_number: bool) -> str:
    return ' class="n"' if is_number else ""


def pairs(facts: Iterable[tuple[str, str]], kind: str = "facts") -> str:
    """A list of terms, each with what is said of it; both HTML."""
    inner = "".join(f"<div><dt>{term}</dt><dd>{said}</dd></div>\n" for term, said in facts)
    return f'<dl class="{kind}">\n{inner}</dl>\n'


def fold(summary: str, inner: str, kind: str = "") -> str:
    """What is shown when asked for; with the class "print", on paper too."""
    return f'<details class="{kind}"><summary>{summary}</summary>\n{inner}</details>\n'


def value(found: Any) -> str:
    """Any plain data as HTML: numbers with their thousands, lists with commas, mappings as lists of terms.

    >>> value(24754), value(["a", "<b>"]), value(True)
    ('24,754', 'a, &lt;b&gt;', 'yes')
    """
    match found:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if found else "no"
        case int() | float():
            return f"{found:,}" if isinstance(found, int) else f"{found:,.4g}"
        case Mapping():
            return pairs(((text(key), value(inner)) for key, inner in found.items()), "inner")
        case list() | tuple():
            return ", ".join(map(value, found)) or NOTHING
    return text(found)


def capital(words: str) -> str:
    """The words as a heading begins.

    >>> capital("songs before it")
    'Songs before it'
    """
    return words[:1].upper() + words[1:]


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
