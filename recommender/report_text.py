"""The figures of a report as Markdown: aligned tables that read well in a terminal, too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_DIFFERENCE = ("difference", "95 % interval", "p", "p (Holm)")
_TOTALS = ("coverage@10", "fit seconds")  # the others are in the JSON and the page


def markdown(figures: Mapping[str, Any]) -> str:
    """The leaderboard of `Report.figures`, best first, the first metric with its interval, and how it was made.

    Models of one group (the same letter) are not told apart by the first metric.
    """
    if not figures["models"]:
        return "nothing was evaluated\n"
    facts = "".join(f"- {key}: {value}\n" for key, value in figures["about"].items())
    return leaderboard(figures) + f"\n{facts}"


def document(figures: Mapping[str, Any]) -> str:
    """All of a report: leaderboard, what changed, what stands beside it, differences of pairs, breakdowns, spread."""
    return "\n".join([markdown(figures), *(f"## {title}\n\n{text}" for title, text in _sections(figures))])


def _sections(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    changes = figures.get("changes", {})
    for metric, rows in changes.get("metrics", {}).items():
        yield f"{metric}, changes since {changes['against']}", _changes(rows)
    for name, one in beside(figures):
        yield name, markdown(one)
    for metric, rows in figures.get("comparisons", {}).items():
        yield f"{metric}, pair by pair", _pairs(rows)
    for name, group in figures.get("groups", {}).items():
        yield f"{group['metric']} by {name}", _group(group)
    if "seeds" in figures:
        yield f"{in_table(figures)[0]} over seeds", _seeds(figures["seeds"])


def asked_too(figures: Mapping[str, Any], names: Sequence[str]) -> str:
    """The leaderboards of the reports of these names beside this one, and the spread over seeds."""
    tables = [f"\n{name}\n\n{leaderboard(figures['beside'][name])}" for name in dict.fromkeys(names)]
    if "seeds" in figures:
        tables.append(f"\n{in_table(figures)[0]} over seeds\n\n{_seeds(figures['seeds'])}")
    return "".join(tables)


def beside(figures: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The reports beside one, each followed by those beside it."""
    for name, one in figures.get("beside", {}).items():
        yield before + name, one
        yield from beside(one, f"{before}{name}: ")


def leaderboard(figures: Mapping[str, Any]) -> str:
    """The table of the models alone."""
    models, shown = figures["models"], in_table(figures)
    first, letters = shown[0], figures.get("letters", {}).get(shown[0], {})
    totals = [total for total in _TOTALS if any(total in model["totals"] for model in models.values())]
    header = ["model", first, "95 % interval", *(["group"] if letters else []), *shown[1:], *totals]
    rows = []
    for name in ordered(figures):
        values, extra = models[name]["metrics"], models[name]["totals"]
        cells = [share(values[first]["mean"]), span(values[first]["low"], values[first]["high"])] + (
            [letters[name]] if letters else []
        )
        cells += [share(values[metric]["mean"]) for metric in shown[1:]]
        rows.append([name, *cells, *(_total(total, extra[total]) if total in extra else "" for total in totals)])
    return table(header, rows)


def in_table(figures: Mapping[str, Any]) -> list[str]:
    """The metrics that the leaderboard shows, the main one first."""
    return list(figures.get("shown") or next(iter(figures["models"].values()))["metrics"])


def ordered(figures: Mapping[str, Any]) -> list[str]:
    """The models, best first by the main metric; equal ones stay as they are."""
    metric, models = in_table(figures)[0], figures["models"]
    sign = 1 if metric in figures.get("lower", ()) else -1
    return sorted(models, key=lambda name: sign * models[name]["metrics"][metric]["mean"])


def _changes(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [[row["model"], share(row["old"]), share(row["new"]), *_difference(row)] for row in rows]
    return table(["model", "old", "new", *_DIFFERENCE], lines)


def _pairs(rows: Sequence[Mapping[str, Any]]) -> str:
    return table(["models", *_DIFFERENCE], [[f"{row['a']} − {row['b']}", *_difference(row)] for row in rows])


def _difference(row: Mapping[str, float]) -> list[str]:
    return [signed(row["difference"]), span(row["low"], row["high"]), chance(row["p"]), chance(row["p_holm"])]


def _seeds(spreads: Mapping[str, Mapping[str, float]]) -> str:
    lines = [[name, f"{one['n']:,}", share(one["mean"]), share(one["sd"])] for name, one in spreads.items()]
    return table(["model", "seeds", "mean", "standard deviation"], lines)


def _group(group: Mapping[str, Any]) -> str:
    cells = {name: [share(value["mean"]) if value else "–" for value in row] for name, row in group["models"].items()}
    lines = [
        [label, f"{n:,}", f"{playlists:,}", *(cells[name][i] for name in cells)]
        for i, (label, n, playlists) in enumerate(zip(group["labels"], group["n"], group["playlists"], strict=True))
    ]
    return table(["", "queries", "playlists", *cells], lines)


def table(header: list[str], rows: list[list[str]]) -> str:
    """Aligned Markdown: the first column to the left, all others to the right.

    >>> print(table(["model", "n"], [["a", "10"]]), end="")
    | model |  n |
    |:------|---:|
    | a     | 10 |
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: list[str]) -> str:
        padded = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return "| " + " | ".join(padded) + " |\n"

    rule = "|:" + "-" * (widths[0] + 1) + "|" + "".join("-" * (w + 1) + ":|" for w in widths[1:]) + "\n"
    return line(header) + rule + "".join(map(line, rows))


def share(value: float) -> str:
    """Three decimals, without the 0 before the point.

    >>> share(0.1925), share(-5.64), share(1)
    ('.193', '−5.640', '1.000')
    """
    text = f"{abs(value):.3f}"
    return ("−" if float(text) and value < 0 else "") + text.removeprefix("0")


def span(low: float, high: float) -> str:
    """An interval, with "to" where a minus sign would stand beside a dash.

    >>> span(0.182, 0.202), span(-0.001, 0.011)
    ('.182–.202', '−.001 to .011')
    """
    return f"{share(low)}{' to ' if low < 0 else '–'}{share(high)}"


def signed(value: float) -> str:
    """Four decimals and a sign, without the 0 before the point.

    >>> signed(0.25), signed(-0.00321), signed(-20.5)
    ('+.2500', '−.0032', '−20.5000')
    """
    return f"{value:+.4f}".replace("+0.", "+.").replace("-0.", "-.").replace("-", "−")


def chance(p: float) -> str:
    """A p-value to three decimals."""
    return "< .001" if p < 0.001 else share(p)


def _total(name: str, value: float) -> str:
    if not name.endswith("seconds"):
        return share(value)
    return "< .1" if value < 0.1 else f"{value:.1f}" if value < 10 else f"{value:.0f}"
