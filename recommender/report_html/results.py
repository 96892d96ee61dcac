"""Results: the leaderboard of a report, the differences between its models, and what changed since another."""

from collections.abc import Mapping, Sequence
from typing import Any

from recommender.report_html.figures import Estimate, Figures
from recommender.report_html.parts import (
    NOTHING,
    Cell,
    Row,
    amount,
    fold,
    listed,
    number,
    percent,
    share,
    signed,
    table,
    text,
)
from recommender.report_text import chance, span

_LEVEL = 0.05
_COST = "fit seconds"


def finding(figures: Figures) -> str:
    """What came out, in a few plain sentences."""
    best = figures.order[0] if figures.shown else ""
    found = figures.estimate(best, figures.main) if best else None
    if found is None:
        return "Nothing was evaluated."
    is_hit = figures.main.startswith("hit_rate@")
    ends = " to ".join((percent if is_hit else share)(found[end]) for end in ("low", "high"))
    did = f"<b>{text(best)}</b> {_did(figures, found, is_hit)} (95\u00a0% interval {ends}{_asked(figures)}). "
    return did + _rivals(figures, best) + _baseline(figures, best, is_hit)


def _did(figures: Figures, found: Estimate, is_hit: bool) -> str:
    if is_hit:
        k = text(figures.main.partition("@")[2])
        return f"has the right song among its first {k} answers {percent(found['mean'])} of the time"
    return f"is best by {text(figures.main)}, with {share(found['mean'])}"


def _asked(figures: Figures) -> str:
    about = figures.part("about")
    counts = [f"{about[what]:,} {what}" for what in ("queries", "playlists") if isinstance(about.get(what), int)]
    return f"; {' from '.join(counts)}" if counts else ""


def _rivals(figures: Figures, best: str) -> str:
    alike = figures.alike(best, figures.main)
    if alike is None or len(figures.order) < 2:
        return ""
    if not alike and {*figures.order} == {best, "popularity"}:
        return "It is ahead by more than chance of popularity, the only other model that was asked. "
    if not alike:
        return "Every other model is behind it by more than chance. "
    return f"{text(listed(alike))} cannot be told apart from it. "


def _baseline(figures: Figures, best: str, is_hit: bool) -> str:
    found = figures.estimate("popularity", figures.main) if "popularity" in figures.order else None
    if found is None or best == "popularity":
        return ""
    does = f"does so {percent(found['mean'])} of the time" if is_hit else f"gets {share(found['mean'])}"
    return f"Always recommending the most played songs (popularity) {does}."


def leaderboard(figures: Figures, caption: str) -> str:
    """The models, best first; "" for a report of nothing."""
    if not figures.shown:
        return ""
    main, *others = figures.shown
    letters: Mapping[str, str] = figures.part("letters").get(main, {})
    has_letters, has_cost = bool(letters), any(_cost(figures, model) for model in figures.order)
    head = ["model", _heading(figures, main), "95 % interval", *["group"] * has_letters]
    head += [_heading(figures, metric) for metric in others] + [_COST] * has_cost
    rows = []
    for model in figures.order:
        cells = [Cell(name(figures, model)), *_main(figures, model)]
        cells += [Cell(text(letters.get(model, NOTHING)))] * has_letters
        cells += [_other(figures, model, metric) for metric in others]
        cells += [_seconds(figures, model)] * has_cost
        rows.append(Row(cells, f"m{figures.looks[model]}"))
    return table(caption, head, rows, "sort board")


def lettered(figures: Figures) -> str:
    """How to read the letters of a leaderboard, if there are any."""
    if not figures.shown or figures.main not in figures.part("letters"):
        return ""
    return (
        f'<p class="note">Models that share a letter under <i>group</i> cannot be told apart by {text(figures.main)}: '
        "their difference may be chance (5 % level, corrected by Holm for testing all pairs). The small letters beside "
        "other metrics say the same of those.</p>\n"
    )


def name(figures: Figures, model: str) -> str:
    """A model's name with the look of its line."""
    look = figures.looks[model]
    key = f'<svg class="key m{look}" aria-hidden="true"><use href="#key{look}"/></svg>'
    return f'{key}<span class="model">{text(model)}</span>'


def _heading(figures: Figures, metric: str) -> str:
    return text(metric) + (" <small>less is better</small>" if figures.is_lower_better(metric) else "")


def _main(figures: Figures, model: str) -> list[Cell]:
    """The main metric and its interval, with a bar."""
    found = figures.estimate(model, figures.main)
    if found is None:
        return [Cell(NOTHING), Cell(NOTHING)]
    bar = _bar(figures, found)
    return [
        Cell(f"<b>{share(found['mean'])}</b>", found["mean"]),
        Cell(f'<span class="span">{span(found["low"], found["high"])}{bar}</span>'),
    ]


def _bar(figures: Figures, found: Estimate) -> str:
    """Where the mean and its interval lie between 0 and the highest of all; logarithms lie below 0."""
    all_found = [one for model in figures.order if (one := figures.estimate(model, figures.main))]
    least, most = min(one["low"] for one in all_found), max(one["high"] for one in all_found)
    start = min(0, least) if most > 0 else least - 0.1 * (most - least)
    low, mean, high = (100 * (found[end] - start) / (most - start or 1) for end in ("low", "mean", "high"))
    return (
        '<span class="bar" aria-hidden="true">'
        f'<i style="left:{low:.1f}%;width:{high - low:.1f}%"></i><b style="left:{mean:.1f}%"></b></span>'
    )


def _other(figures: Figures, model: str, metric: str) -> Cell:
    found = figures.estimate(model, metric)
    letters, cell = figures.part("letters").get(metric, {}), number(found["mean"] if found else None)
    if not letters:
        return cell
    return Cell(f'{cell.html} <small class="letters">{text(letters.get(model, ""))}</small>', cell.value)


def _cost(figures: Figures, model: str) -> float | None:
    cost: float | None = figures.data["models"][model].get("totals", {}).get(_COST)
    return cost


def _seconds(figures: Figures, model: str) -> Cell:
    return Cell(amount(_COST, _cost(figures, model)), _cost(figures, model))


def differences(figures: Figures, kind: str = "") -> str:
    """All pairs of models, a table for each metric that was compared, to be unfolded."""
    head = ["first", "second", "difference", "95 % interval", "p", "p (Holm)", "in words"]
    tables = [
        table(f"Differences by {text(metric)}", head, [_difference(figures, metric, pair) for pair in found], "sort")
        for metric, found in figures.part("comparisons").items()
        if found
    ]
    return fold("All differences between two models", "".join(tables), kind) if tables else ""


def _difference(figures: Figures, metric: str, pair: Mapping[str, Any]) -> Row:
    first, second, p = pair["a"], pair["b"], pair["p_holm"]
    ahead = first if (pair["difference"] > 0) != figures.is_lower_better(metric) else second
    says = f"{ahead} is better" if p < _LEVEL else "not told apart"
    cells = [Cell(text(first)), Cell(text(second)), *_tested(pair), Cell(text(says))]
    return Row(cells)


def _tested(pair: Mapping[str, Any]) -> list[Cell]:
    ends = f"{signed(pair['low'])} to {signed(pair['high'])}"
    ps = [Cell(text(chance(pair[p])), pair[p]) for p in ("p", "p_holm")]
    return [Cell(signed(pair["difference"]), pair["difference"]), Cell(ends), *ps]


def changes(figures: Figures) -> str:
    """What differs from an older report, in words."""
    found = figures.part("changes")
    parts = [_summed(figures, metric, changed) for metric, changed in found.get("metrics", {}).items() if changed]
    if not parts:
        return ""
    return (
        f"<p>This report, held against <i>{text(found.get('against', 'an older one'))}</i> over the same queries. "
        "What is not told apart from chance says so.</p>\n" + "".join(parts)
    )


def _summed(figures: Figures, metric: str, changed: Sequence[Mapping[str, Any]]) -> str:
    head = ["model", "change", "before", "now", "difference", "95 % interval", "p", "p (Holm)"]
    rows = [_change(figures, metric, one) for one in changed]
    return table(f"Changes by {_heading(figures, metric)}", head, rows, "sort")


def _change(figures: Figures, metric: str, one: Mapping[str, Any]) -> Row:
    is_better = (one["difference"] > 0) != figures.is_lower_better(metric)
    verdict = "= may be chance" if one["p_holm"] >= _LEVEL else "▲ better" if is_better else "▼ worse"
    kind = "" if one["p_holm"] >= _LEVEL else "better" if is_better else "worse"
    cells = [Cell(text(one["model"])), Cell(f'<span class="verdict {kind}">{verdict}</span>')]
    return Row([*cells, number(one["old"]), number(one["new"]), *_tested(one)])
