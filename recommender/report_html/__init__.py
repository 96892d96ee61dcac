"""Report as a web page: one file that needs no network, for a screen of any size, for paper and to be read aloud.

Whatever the figures do not hold is left out, so the figures of a run made long ago have a page, too. Nothing but the
sorting of tables and the unfolding on paper needs a script. The same figures give the same bytes.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from recommender.report_html import background, charts, results
from recommender.report_html.figures import Figures, finite, looks
from recommender.report_html.parts import capital, fold, pairs, text, value
from recommender.report_text import beside

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
{keys}<nav aria-label="Contents"><ol>
{contents}</ol></nav>
<main id="main">
<header>
<p class="eyebrow">Playlist recommender · evaluation</p>
<h1>{title}</h1>
<p class="finding">{finding}</p>
{about}</header>
{sections}</main>
<script>
{script}</script>
</body>
</html>
"""
Section = tuple[str, str, str]  # id, title, what is in it


def page(figures: Mapping[str, Any]) -> str:
    """The whole page of `Report.figures`, as read back from JSON."""
    figures = finite(figures)
    all_beside = dict(beside(figures))
    numbers = looks([figures, *all_beside.values()])
    whole = Figures(figures, "", numbers)
    others = {title: Figures(one, f"b{n}-", numbers) for n, (title, one) in enumerate(all_beside.items())}
    before, charted, after = _first(whole), _charted(whole, others), _last(whole, others)
    drawn = "".join(map(_section, charted))
    drawn = f'<div class="charted">{charts.legend(whole, drawn)}{drawn}</div>\n' if drawn else ""
    dataset = whole.part("about").get("dataset")
    return _PAGE.format(
        title=f"Evaluation on {text(dataset)}" if dataset else "Evaluation",
        style=_file("style.css") + charts.rules(numbers),
        script=_file("script.js"),
        keys=charts.keys(numbers),
        contents="".join(f'<li><a href="#{name}">{title}</a></li>\n' for name, title, _ in [*before, *charted, *after]),
        finding=results.finding(whole),
        about=_about(whole),
        sections="".join(map(_section, before)) + drawn + "".join(map(_section, after)),
    )


def inset(whole: str, *, dark: bool) -> str:
    """A whole page as a part of another that is dark or light, whatever the reader's system is."""
    style, rest = whole.split("</style>", 1)
    asked = "(min-width: 0)" if dark else "(max-width: 0)"
    return (style + _file("inset.css")).replace("(prefers-color-scheme: dark)", asked) + "</style>" + rest


def _first(whole: Figures) -> list[Section]:
    board = results.leaderboard(whole, "The models, best first") + results.lettered(whole)
    board += results.differences(whole, "print first")
    return _kept([("leaderboard", "Leaderboard", board), ("changes", "What changed", results.changes(whole))])


def _charted(whole: Figures, others: Mapping[str, Figures]) -> list[Section]:
    return _kept(
        [
            ("length", "Length of the list", charts.by_length(whole)),
            ("kinds", "Kinds of queries", charts.by_groups(whole, "h3")),
            ("beside", "Asked otherwise", "".join(_short(title, one, whole) for title, one in others.items())),
        ]
    )


def _last(whole: Figures, others: Mapping[str, Figures]) -> list[Section]:
    details = whole.part("details")
    examples = details.get("examples") or {}
    return _kept(
        [
            ("lists", "What is recommended", background.exposure(whole)),
            ("examples", "Examples", background.examples(examples)),
            ("models", "The models", background.models(whole)),
            ("reading", "How to read this", background.reading(whole, others.values())),
            ("data", "The data", background.data(details.get("data") or {})),
            ("made", "How it was made", background.made(details.get("made") or {}, whole.data.get("queries"))),
        ]
    )


def _short(title: str, one: Figures, whole: Figures) -> str:
    """A report beside the whole, in short: its leaderboard, all else folded away."""
    note = one.part("about").get("how to read")
    folded = {
        "Length of the list": charts.by_length(one),
        "Kinds of queries": charts.by_groups(one, "h4"),
        "How to read it": f'<p class="note">{text(note)}</p>' if note else "",
        **{text(capital(key)): value(found) for key, found in one.part("details").items()},
    }
    board = results.leaderboard(one, f"The models, {text(title)}") + results.differences(one)
    rest = "".join(fold(summary, inner) for summary, inner in folded.items() if inner)
    return f"<h3>{text(capital(title))}</h3>\n{_about(one, whole.part('about'))}{board}{rest}"


def _about(figures: Figures, known: Mapping[str, Any] = MappingProxyType({})) -> str:
    """What was asked, but for what is known already."""
    about = figures.part("about").items()
    facts = [(text(key), value(said)) for key, said in about if key != "how to read" and known.get(key) != said]
    return pairs(facts) if facts else ""


def _kept(sections: Sequence[Section]) -> list[Section]:
    return [section for section in sections if section[2]]


def _section(section: Section) -> str:
    name, title, body = section
    return f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>\n{body}</section>\n'


def _file(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
