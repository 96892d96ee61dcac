"""Background: what the models recommend, examples, the models themselves, the data, and how the report was made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from recommender.report_html import words
from recommender.report_html.figures import Figures
from recommender.report_html.parts import NOTHING, Cell, Row, amount, fold, number, pairs, share, table, text, value
from recommender.report_html.results import name

_COSTS = ("fit seconds", "queries/s", "learnt MB")


def exposure(figures: Figures) -> str:
    """What the lists hold beside hits: a table, and how to read each column."""
    totals = {model: figures.data["models"][model].get("totals", {}) for model in figures.order}
    names = [each for each in dict.fromkeys(key for found in totals.values() for key in found) if each not in _COSTS]
    if not names:
        return ""
    ks = {each.partition("@")[2] for each in names} - {""}
    short = {each: text(each.partition("@")[0] if len(ks) == 1 else each) for each in names}
    head = [part for each in names for part in (short[each], *["effective songs"] * _is_entropy(each))]
    rows = [Row([Cell(name(figures, model)), *_totals(found, names)]) for model, found in totals.items()]
    explained = [(short[each], said) for each in names if (said := words.of_total(each))]
    caption = f"What the lists of {text(*ks)} hold" if len(ks) == 1 else "What the lists hold"
    return table(caption, ["model", *head], rows, "sort") + pairs(explained, "words")


def _is_entropy(total: str) -> bool:
    return total.partition("@")[0] == "entropy"


def _totals(found: Mapping[str, float | None], names: Sequence[str]) -> list[Cell]:
    cells = []
    for each in names:
        total = found.get(each)
        cells.append(number(total))
        if _is_entropy(each):
            cells.append(Cell(NOTHING) if total is None else Cell(f"{2**total:,.0f}", 2**total))
    return cells


def examples(found: Mapping[str, Any]) -> str:
    """Playlists on which a model does best and worst."""
    parts = []
    for which, title in (("best", "Where it does best"), ("worst", "Where it does worst")):
        cards = "".join(_example(one, found.get("metric", "")) for one in found.get(which) or [])
        parts += [f"<h3>{title}</h3>\n", f'<div class="cards">{cards}</div>\n'] if cards else []
    if not parts:
        return ""
    model = f" <b>{text(found['model'])}</b>" if found.get("model") else " the model"
    return (
        f"<p>Held-out playlists on which{model} finds most and least, with one of the questions asked of each.</p>\n"
        + "".join(parts)
    )


def _example(one: Mapping[str, Any], metric: str) -> str:
    answers = "".join(_answer(answer, one.get("asked")) for answer in one["answers"])
    place = one["answers"].index(one["asked"]) + 1 if one["asked"] in one["answers"] else None
    found = f"✓ place {place} of the answers" if place else f"✗ not among these {len(one['answers'])} answers"
    asked = pairs(
        [("After", text(one["after"])), ("was played", f"<b>{text(one['asked'])}</b>"), ("which is", found)], "asked"
    )
    songs = "".join(f"<li>{text(song)}</li>" for song in one["songs"])
    more = one.get("more", 0)
    rest = f"<p>… and {more:,} more</p>" if more else ""
    heading = f"<p>{text(metric)} <b>{share(one['value'])}</b> over {one['queries']:,} queries of this playlist</p>"
    return (
        f'<article class="card">{heading}{asked}<p>Answers, best first:</p><ol>{answers}</ol>'
        + fold(f"The playlist’s {len(one['songs']) + more} songs", f'<ol class="songs">{songs}</ol>{rest}')
        + "</article>\n"
    )


def _answer(song: str, asked: str | None) -> str:
    if song == asked:
        return f'<li class="hit"><b>{text(song)}</b> <small>✓ was played</small></li>'
    return f"<li>{text(song)}</li>"


def models(figures: Figures) -> str:
    """Each model in a sentence, with its parameters, what it cost and how much its seed matters."""
    known = figures.part("details").get("models", {})
    facts = {model: _facts(figures, model) for model in figures.order}
    if not known and not any(facts.values()):
        return ""
    return "".join(_model(figures, model, known.get(model, {}), facts[model]) for model in figures.order)


def _model(figures: Figures, model: str, known: Mapping[str, Any], facts: str) -> str:
    summary = f"<p>{text(known['summary'])}</p>" if known.get("summary") else ""
    rows = [_parameter(*one) for one in (known.get("parameters") or {}).items()]
    head = ["parameter", "value", "what it is"]
    settings = fold("Parameters", table(f"Parameters of {text(model)}", head, rows, "words"), "print") if rows else ""
    title = f"<h3>{name(figures, model)}</h3>"
    return f'<article class="one m{figures.looks[model]}">{title}{summary}{facts}{settings}</article>\n'


def _parameter(parameter: str, one: Mapping[str, Any]) -> Row:
    name, value = (Cell(f"<code>{text(said)}</code>") for said in (parameter, one["value"]))
    return Row([name, value, Cell(text(one.get("remark", "")))])


def _facts(figures: Figures, model: str) -> str:
    """What it cost, and the spread over seeds."""
    totals, seeds = figures.data["models"][model].get("totals", {}), figures.part("seeds").get(model)
    says = {"fit seconds": "{} s to fit", "queries/s": "{} queries a second", "learnt MB": "{} MB learnt"}
    facts = [says[cost].format(amount(cost, totals[cost])) for cost in _COSTS if totals.get(cost) is not None]
    if seeds:
        spread = f"{share(seeds['mean'])}, standard deviation {share(seeds['sd'])}"
        facts.append(f"{text(figures.main)} over {seeds['n']} training seeds: {spread}")
    return f'<p class="note">{" · ".join(facts)}</p>' if facts else ""


def reading(figures: Figures, beside: Iterable[Figures]) -> str:
    """What each metric shown means, and how to read intervals, letters and differences."""
    said = [(text(metric), means) for metric in _kinds(figures, *beside) if (means := words.of_metric(metric))]
    skipped = {"Groups": "letters", "Difference and p": "comparisons"}
    notes = [note for note in words.READING if skipped.get(note[0], "about") in figures.data]
    more = figures.part("about").get("how to read")
    return pairs([*said, *notes], "words") + (f'<p class="note">{text(more)}</p>' if more else "")


def _kinds(*reports: Figures) -> list[str]:
    """The metrics shown; those that differ by their k alone as one, as "recall@k"."""
    shown = dict.fromkeys(metric for report in reports for metric in report.shown)
    bases = Counter(metric.partition("@")[0] for metric in shown)
    return list(dict.fromkeys(f"{base}@k" if bases[base := m.partition("@")[0]] > 1 else m for m in shown))


def data(card: Mapping[str, Any]) -> str:
    """What is known of the dataset, files with their digests folded away."""
    facts = [(text(key), value(found)) for key, found in card.items() if key != "files"]
    files = (card.get("files") or {}).items()
    rows = [Row([Cell(text(file)), Cell(f"<code>{text(digest)}</code>")]) for file, digest in files]
    digests = table("Files and their digests", ["file", "SHA-256"], rows)
    return (pairs(facts) if facts else "") + (fold("Digests of its files", digests, "print") if rows else "")


def made(found: Mapping[str, Any], queries: str | None = None) -> str:
    """The command, and all that the numbers depend on, such as the digest of the queries."""
    command = f"<pre><code>{text(found['command'])}</code></pre>\n" if found.get("command") else ""
    said = {text(key): _when(one) if key == "when" else value(one) for key, one in found.items() if key != "command"}
    if queries:
        said["digest of the queries"] = text(queries)
    return command + (pairs(said.items()) if said else "")


def _when(said: str) -> str:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return text(said)
    zone = " UTC" if moment.utcoffset() == timedelta(0) else ""
    return f'<time datetime="{text(said)}">{moment:%Y-%m-%d %H:%M}{zone}</time>'
