"""The report as a page: every number is there, nothing is fetched, and people can read and use it."""

import json
import math
import re
from html.parser import HTMLParser
from itertools import combinations, pairwise

import numpy as np
import pytest

from recommender import drawing
from recommender.report_html import inset, page
from recommender.report_html.figures import Figures, looks

KS = (1, 5, 10, 20, 50, 100, 200, 500)
HITS = {
    "session_knn": 0.192,
    "song2vec": 0.183,
    "item_knn": 0.182,
    "sequence_knn": 0.176,
    "markov": 0.153,
    "bpr": 0.121,
    "book": 0.052,
    "popularity": 0.044,
    "random": 0.003,
}
LETTERS = dict(zip(HITS, ["a", "b", "b", "b", "c", "d", "e", "e", "f"], strict=True))
TRICK = "<script>alert(1)</script>&\"'"


def estimate(mean, wide=0.05):
    half = abs(mean) * wide + 0.0005
    return {"mean": mean, "low": mean - half if mean < 0 else max(mean - half, 0), "high": mean + half}


def hit_rate(base, k):
    return 1 - math.exp(-1.05 * base * (k / 10) ** 0.62) if base > 0.01 else base * k / 10


def metrics(base):
    found = {f"hit_rate@{k}": estimate(hit_rate(base, k)) for k in KS}
    others = {"recall@100": base**0.4 * 1.15, "mrr": base / 2, "ndcg@10": base * 0.53}
    return found | {"hit_rate@10": estimate(base)} | {name: estimate(mean) for name, mean in others.items()}


def totals(number, base):
    return {
        "coverage@10": 1 / (1 + number % 4),
        "gini@10": 0.4 + 0.06 * number,
        "entropy@10": 11.2 - 0.7 * number,
        "novelty@10": 12.5 - 0.3 * number,
        "tag diversity@10": 0.71 + 0.02 * number,
        "artist diversity@10": 0.95,
        "popularity lift": 0.9 - 0.2 * number,
        "answered": 1.0,
        "queries/s": 5012.3 / (number + 1),
        "fit seconds": 0.04 * 4**number if number < 6 else 0.01,
        "learnt MB": 3.25,
    }


def compared(hits):
    rows = []
    for a, b in combinations(hits, 2):
        difference = hits[a] - hits[b]
        p = min(1, math.exp(-700 * difference))
        half = 0.005
        rows.append(
            {"a": a, "b": b, "difference": difference, "low": difference - half, "high": difference + half}
            | {"p": p, "p_holm": min(1, p * 9)}
        )
    return rows


def group(labels, shape, n):
    models = {model: [estimate(base * shape(at), 0.12) for at in range(len(labels))] for model, base in HITS.items()}
    models["markov"][0] = None
    return {"metric": "hit_rate@10", "labels": labels, "n": n, "models": models}


def example(value, hit):
    names = ["Closing Time · Semisonic", "How You Remind Me · Nickelback", "White Wedding (Part I) · Billy Idol"]
    names += [
        "Second Chance · Shinedown",
        "Sing · My Chemical Romance",
        "December · Collective Soul",
        "For You · Staind",
    ]
    names += ["Mountain Song · Jane's Addiction", "Voices · Disturbed", "Machinehead · Bush", "Serenity · Godsmack"]
    asked = names[6] if hit else "Guerrilla Radio · Rage Against the Machine"
    return {
        "songs": ["Billie Jean · Michael Jackson", asked, *names[:9]],
        "value": value,
        "queries": 10,
        "after": "Billie Jean · Michael Jackson",
        "asked": asked,
        "answers": names[1:],
    }


def beside():
    base = {
        model: {"metrics": {"hit_rate@10": estimate(hit * 1.3), "mrr": estimate(hit)}} for model, hit in HITS.items()
    }
    references = {"uniform": -8.06, "unigram": -6.9, "bigram_witten_bell": -6.6, "song2vec": -5.92, "markov": -6.21}
    likely = {
        model: {"metrics": {"given the song": estimate(mean, 0.003), "given the prefix": estimate(mean + 0.1, 0.003)}}
        for model, mean in references.items()
    }
    rest = {
        model: {
            "metrics": {f"recall@{k}": estimate(hit_rate(hit * 0.8, k)) for k in (10, 50, 100, 500)}
            | {"r_precision": estimate(hit * 0.6), "clicks@500": estimate(9 - 40 * hit)}
        }
        for model, hit in HITS.items()
    }
    shown = ["r_precision", "recall@100", "clicks@500"]
    return {
        "all songs, repeats too": {
            "about": {"queries": 15_021, "playlists": 2475},
            "shown": ["hit_rate@10", "mrr"],
            "models": base,
        },
        "likelihood": {"about": {"transitions": 21_400, "unit": "nats a song"}, "models": likely},
        "continuation": {
            "about": {"playlists": 2475, "asked": "the last half"},
            "shown": shown,
            "lower": ["clicks@500"],
            "models": rest,
            "letters": {"r_precision": LETTERS},
        },
    }


def full():
    """Figures with everything, made up but like real ones."""
    tenths = ["1 (least)", *map(str, range(2, 10)), "10 (most)"]
    return {
        "about": {
            "queries": 12369,
            "playlists": 2475,
            "interval": "95 %, bootstrap over playlists",
            "dataset": "yes_small",
            "songs": 3168,
            "asked": "each next song that is new to its playlist",
            "split": "10 % of the playlists held out whole, seed 0",
        },
        "shown": ["hit_rate@10", "recall@100", "mrr", "ndcg@10"],
        "models": {
            model: {"metrics": metrics(base), "totals": totals(number, base)}
            for number, (model, base) in enumerate(HITS.items())
        },
        "comparisons": {"hit_rate@10": compared(HITS), "mrr": compared({m: h / 2 for m, h in HITS.items()})},
        "letters": {
            "hit_rate@10": LETTERS,
            "recall@100": LETTERS | {"song2vec": "a", "item_knn": "ab"},
            "mrr": LETTERS,
        },
        "seeds": {"song2vec": {"n": 5, "mean": 0.1829, "sd": 0.0021}},
        "groups": {
            "plays of the song, by tenths of the catalogue": group(
                tenths, lambda at: 0.1 + 0.2 * at, [31, 88, 150, 240, 410, 650, 980, 1500, 2600, 5720]
            ),
            "songs before it": group(
                ["1", "2", "3–5", "6–10", "11 or more"], lambda at: 1.2 - 0.1 * at, [2475, 2103, 3200, 2591, 2000]
            ),
            "how often the transition was seen in training": group(
                ["never", "once", "2–4 times", "5 times or more"], lambda at: 0.4 + 0.8 * at, [7000, 2369, 2000, 1000]
            ),
            "overlap with a training playlist (Jaccard)": group(
                ["below .1", ".1–.2", ".2–.3", ".3–.5", ".5 or more"],
                lambda at: 0.6 + 0.3 * at,
                [5000, 4000, 2369, 800, 200],
            ),
        },
        "beside": beside(),
        "changes": {
            "against": "report of 2026-10-01",
            "metrics": {
                "hit_rate@10": [
                    {
                        "model": "song2vec",
                        "old": 0.17,
                        "new": 0.183,
                        "difference": 0.013,
                        "low": 0.01,
                        "high": 0.016,
                        "p": 0.0004,
                        "p_holm": 0.0008,
                    },
                    {
                        "model": "item_knn",
                        "old": 0.186,
                        "new": 0.182,
                        "difference": -0.004,
                        "low": -0.007,
                        "high": -0.001,
                        "p": 0.01,
                        "p_holm": 0.02,
                    },
                    {
                        "model": "markov",
                        "old": 0.152,
                        "new": 0.153,
                        "difference": 0.001,
                        "low": -0.002,
                        "high": 0.004,
                        "p": 0.5,
                        "p_holm": 0.5,
                    },
                ]
            },
        },
        "details": {
            "models": {
                "session_knn": {
                    "summary": "Songs of the training playlists most like the one being played.",
                    "parameters": {
                        "neighbours": {"value": 500, "remark": "how many alike playlists are asked"},
                        "context": {"value": 20, "remark": "how many of the last songs count"},
                    },
                },
                "song2vec": {
                    "summary": "Skip-gram with negative sampling; input · output over the last 20 songs.",
                    "parameters": {
                        "dim": {"value": 64, "remark": "length of a song's vector"},
                        "window": {"value": 5, "remark": "songs to each side"},
                    },
                },
                "popularity": {"summary": "The songs played most.", "parameters": {}},
            },
            "examples": {
                "model": "session_knn",
                "metric": "hit_rate@10",
                "best": [example(0.8, True), example(0.75, True)],
                "worst": [example(0.0, False), example(0.0, False)],
            },
            "data": {
                "name": "yes_small",
                "terms": "research only; ask Yes.com for anything else",
                "songs": 3168,
                "playlists": 24754,
                "plays": 134431,
                "cite": "Chen et al., KDD 2012, doi:10.1145/2339530.2339643",
                "files": {
                    "train.txt": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "song_hash.txt": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
                },
            },
            "made": {
                "command": "recommender evaluate yes_small --report report/yes_small --queries 12369",
                "when": "2026-11-22T05:00:00+00:00",
                "versions": {"python": "3.11.2", "numpy": "2.3.1", "gensim": "4.4.0"},
                "commit": "c6dcd14",
                "seeds": {"split": 0, "models": 0},
                "machine": "2 cores, 8 GB, no GPU",
            },
        },
    }


VOID = {"meta", "br", "input", "link", "hr", "img"}


class Parsed(HTMLParser):
    """A page's elements in order, its text, and whether all are closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text, self.faults = [], [], "", []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), [name for name, _ in self.open]))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), [name for name, _ in self.open]))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop()[0] != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")
        self.text += " " * (tag in ("th", "td", "dt", "dd"))

    def handle_data(self, data):
        if not self.open or self.open[-1][0] not in ("script", "style"):
            self.text += data

    def values(self, attribute):
        return [attrs[attribute] for _, attrs, _ in self.elements if attribute in attrs]

    def count(self, tag):
        return sum(name == tag for name, _, _ in self.elements)

    @property
    def is_sound(self):
        return not self.faults and not self.open


OLD = {
    "about": {"queries": 12, "playlists": 3, "interval": "95 %, bootstrap over playlists"},
    "models": {
        "markov": {
            "metrics": {"hit_rate@10": {"mean": 0.1534, "low": 0.1012, "high": 0.2051}, "mrr": estimate(0.0712)},
            "totals": {"coverage@10": 0.8291, "answered": 0.998, "queries/s": 5012.3, "fit seconds": 0.04},
        },
        "popularity": {
            "metrics": {"hit_rate@10": {"mean": 0.0441, "low": 0.0378, "high": 0.0512}, "mrr": estimate(0.0233)},
            "totals": {"coverage@10": 0.008, "answered": 1.0, "queries/s": 901.0, "fit seconds": 12.4},
        },
    },
}


@pytest.fixture(scope="module")
def html():
    return page(json.loads(json.dumps(full())))


@pytest.fixture(scope="module")
def parsed(html):
    return Parsed(html)


def without(*keys):
    figures = full()
    for key in keys:
        del figures[key]
    return figures


def text_of(figures):
    parsed = Parsed(page(figures))
    assert parsed.is_sound
    return " ".join(parsed.text.split())


def test_every_element_is_closed(parsed):
    assert parsed.is_sound


def test_ids_are_unique_and_every_reference_has_one(parsed):
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    assert {ref.removeprefix("#") for ref in parsed.values("href")} | set(parsed.values("aria-labelledby")) <= set(ids)


def test_nothing_is_fetched(html, parsed):
    assert not re.search(r"https?:|//\w|@import|url\(", html)
    assert not parsed.values("src")
    assert all(href.startswith("#") for href in parsed.values("href"))


def test_the_same_figures_give_the_same_bytes(html):
    assert page(full()) == html


def test_it_is_no_burden_to_send(html):
    assert len(html.encode()) < 300_000


def test_headings_skip_no_level(parsed):
    levels = [int(tag[1]) for tag, _, _ in parsed.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_captions_and_headings_say_what_they_head(parsed):
    assert parsed.count("caption") == parsed.count("table") > 10
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs, _ in parsed.elements if tag == "th")


def test_each_chart_is_named_and_has_its_numbers_under_it(html):
    figures = re.findall(r"<figure>(.*?)</figure>", html, re.DOTALL)
    assert len(figures) == 6
    for figure in figures:
        assert re.search(r'<svg class="chart" viewBox="0 0 480 300" role="img" aria-label="Chart: [^"]+"', figure)
        assert re.search(r"<details.*<table.*</details>", figure, re.DOTALL)


def test_charts_have_no_colours_of_their_own(html):
    for chart in re.findall(r'<svg class="chart".*?</svg>', html):
        assert not re.search(r"style=|#[0-9a-f]{6}\b|font", chart)


def test_every_number_is_there():
    text = text_of(OLD)
    for number in (
        ".153",
        ".101–.205",
        ".071",
        ".829",
        ".998",
        "5,012",
        "&lt; .1",
        ".044",
        ".038–.051",
        ".008",
        "901",
        "12",
    ):
        assert number.replace("&lt;", "<") in text


def test_figures_from_before_have_a_page():
    text = text_of(OLD)
    assert text.startswith("Evaluation Skip to the results")
    assert "markov has the right song among its first 10 answers 15.3 % of the time" in text
    assert "(95 % interval 10.1 % to 20.5 %; 12 queries from 3 playlists)" in text
    assert "(popularity) does so 4.4 % of the time" in text
    assert "told apart" not in text


@pytest.mark.parametrize("key", sorted(set(full()) - {"about", "models"}))
def test_each_part_may_be_missing(key):
    assert "Leaderboard" in text_of(without(key))


@pytest.mark.parametrize("key", ["models", "examples", "data", "made"])
def test_each_detail_may_be_missing(key):
    figures = full()
    del figures["details"][key]
    assert "Leaderboard" in text_of(figures)


def test_what_is_missing_has_no_heading():
    figures = without("changes", "groups", "beside", "details")
    for model in figures["models"].values():
        model["totals"] = {}
    titles = re.findall("<h2.*?>(.*?)<", page(figures))
    assert titles == ["Leaderboard", "Length of the list", "The models", "How to read this"]


def test_a_report_of_no_model_says_so():
    assert "Nothing was evaluated." in text_of({"about": {}, "models": {}})


def tricked(
    found, keys=("name", "summary", "remark", "value", "songs", "after", "asked", "answers", "terms", "command")
):
    """The figures with markup in every text that is data."""
    if isinstance(found, dict):
        return {f"{key}{TRICK}" if key in HITS else key: tricked(value, keys) for key, value in found.items()}
    if isinstance(found, list):
        return [tricked(value, keys) for value in found]
    return f"{found}{TRICK}" if isinstance(found, str) else found


def test_data_is_text_and_no_markup():
    figures = tricked(full())
    figures["groups"] = {f"{group}{TRICK}": found for group, found in figures["groups"].items()}
    figures["about"][TRICK] = {TRICK: [TRICK]}
    figures["shown"] = ["hit_rate@10"]
    for found in figures["groups"].values():
        found["metric"] = "hit_rate@10"
    parsed = Parsed(page(figures))
    assert parsed.is_sound
    assert parsed.count("script") == 1
    assert parsed.text.count(TRICK) > 100
    assert not [attrs for _, attrs, _ in parsed.elements if any(name.startswith("on") for name in attrs)]


def test_who_cannot_be_told_apart_is_named():
    figures = full()
    figures["letters"]["hit_rate@10"] = dict.fromkeys(HITS, "b") | {"session_knn": "a", "song2vec": "ab", "book": "a"}
    assert "song2vec and book cannot be told apart from it." in text_of(figures)
    assert "Every other model is behind it by more than chance." in text_of(full())


def test_who_is_ahead_of_popularity_alone_is_promised_no_more():
    figures = full()
    figures["models"] = {model: figures["models"][model] for model in ("song2vec", "popularity")}
    figures["letters"] = {"hit_rate@10": {"song2vec": "a", "popularity": "b"}}
    text = text_of(figures)
    assert "It is ahead by more than chance of popularity, the only other model that was asked." in text
    assert "Every other model" not in text


def test_where_less_is_better_the_least_comes_first():
    models = {"a": {"metrics": {"clicks@500": estimate(9.5)}}, "b": {"metrics": {"clicks@500": estimate(1.5)}}}
    pair = {"a": "a", "b": "b", "difference": 8.0, "low": 7.0, "high": 9.0, "p": 0.0001, "p_holm": 0.0001}
    figures = {"about": {}, "models": models, "lower": ["clicks@500"], "comparisons": {"clicks@500": [pair]}}
    assert Figures(figures, "", looks([figures])).order == ["b", "a"]
    text = text_of(figures)
    assert "b is best by clicks@500, with 1.500" in text
    assert "a b +8.000 +7.000 to +9.000 < .001 < .001 b is better" in text


def test_a_change_is_told_in_words():
    text = text_of(full())
    assert "song2vec ▲ better .170 .183 +.013 +.010 to +.016 < .001 < .001" in text
    assert "item_knn ▼ worse .186 .182 −.004 −.007 to −.001 .010 .020" in text
    assert "markov = may be chance .152 .153 +.001 −.002 to +.004 .500 .500" in text


def test_a_hit_among_the_answers_is_marked():
    text = text_of(full())
    assert "✓ place 6 of the answers" in text
    assert "✗ not among these 10 answers" in text


def test_what_is_no_number_is_a_dash():
    figures = full()
    figures["models"]["markov"]["totals"] |= {"entropy@10": None, "popularity lift": float("nan"), "fit seconds": None}
    del figures["models"]["markov"]["metrics"]["mrr"]
    text = text_of(figures)
    assert re.search(r"markov \.153 \.145–\.161 c \.543 c – c \.081 –", text)
    assert re.search(r"markov 1\.000 \.640 – – 11\.300 \.790 \.950 – 1\.000 ", text)


def test_effective_songs_are_two_to_the_entropy():
    assert re.search(r"session_knn 1.000 .400 11.200 2,353 12.500", text_of(full()))


def test_points_are_left_out_where_there_is_no_query(html):
    chart = re.search(r'<h3>Plays of the song.*?(<svg class="chart".*?</svg>)', html, re.DOTALL)[1]
    assert "session_knn, 1 (least): .019 (.016–.022)" in chart
    assert "markov, 1 (least)" not in chart
    assert "markov, 2: .046" in chart


def test_a_long_or_odd_name_does_not_break_a_chart():
    figures = without("comparisons", "letters", "groups", "beside", "changes", "details")
    figures["models"] = {
        "a_run_with_quite_a_long_name": figures["models"]["markov"],
        "$x^2 曲": figures["models"]["bpr"],
    }
    chart = re.search(r'<svg class="chart".*?</svg>', page(figures))[0]
    assert ">a_run_with_quite_…</text>" in chart
    assert ">$x^2 曲</text>" in chart


def test_names_stand_apart_and_move_no_more_than_they_must():
    placed = drawing._apart([100, 101, 50, 180], 20, 200)
    assert placed.tolist() == [93.75, 107.25, 50, 180]
    assert drawing._apart([199, 200], 20, 200).tolist() == [186.5, 200]
    assert np.diff(drawing._apart([30] * 100, 20, 200)).round(9).tolist() == [round(180 / 99, 9)] * 99


def brightness(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted([brightness(one), brightness(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_from_the_paper(html, theme):
    colours = dict(re.findall(r"--(\w+): (#\w{6})", re.findall(r":root \{.*?\}", html, re.DOTALL)[theme]))
    for text in ("ink", "muted", "link"):
        assert min(contrast(colours[text], colours[under]) for under in ("paper", "soft")) >= 4.5
    models = [colour for name, colour in colours.items() if re.fullmatch(r"c\d", name)]
    assert len(models) == 10
    assert all(contrast(colour, colours["paper"]) >= 3 for colour in models)


@pytest.fixture(scope="module")
def address(html, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def opened(request, browser, address):
    """The page at one size, which notes errors and requests."""
    width, height = request.param
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.faults, tab.asked = [], []
    tab.on("console", lambda message: tab.faults.append(message.text))
    tab.on("pageerror", lambda error: tab.faults.append(str(error)))
    tab.on("request", lambda asked: tab.asked.append(asked.url))
    tab.goto(address)
    yield tab
    tab.close()


def names(tab, table="#leaderboard table.board"):
    return tab.locator(f"{table} tbody .model").all_inner_texts()


@pytest.mark.parametrize("dark", [False, True])
def test_inside_another_page_it_is_as_dark_as_that(browser, html, dark):
    tab = browser.new_context(color_scheme="light" if dark else "dark").new_page()
    tab.set_content(inset(html, dark=dark))
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(15, 23, 22)" if dark else "rgb(255, 255, 255)")
    assert tab.get_by_role("heading", level=1).count() == 0
    tab.context.close()


def test_a_browser_asks_for_nothing_else_and_finds_no_fault(opened, address):
    opened.emulate_media(color_scheme="dark")
    opened.emulate_media(media="print")
    assert opened.asked == [address]
    assert opened.faults == []


def test_nothing_is_wider_than_the_screen(opened):
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opened.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_table_is_sorted_by_keyboard(opened):
    assert names(opened) == list(HITS)
    heading = opened.locator("#leaderboard table.board th").filter(has_text="hit_rate@10")
    heading.get_by_role("button").focus()
    opened.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    opened.keyboard.press("Space")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert names(opened) == list(HITS)[::-1]
    opened.locator("#leaderboard table.board th").first.get_by_role("button").press("Enter")
    assert heading.get_attribute("aria-sort") is None
    assert names(opened) == sorted(HITS)


def test_a_model_is_taken_out_of_the_charts(opened):
    lines = opened.locator(".chart g.m1")
    assert lines.first.is_visible()
    opened.get_by_role("checkbox", name="song2vec").uncheck()
    assert not any(line.is_visible() for line in lines.all())
    assert opened.locator(".chart g.m0").first.is_visible()


def test_a_model_that_is_pointed_at_stands_out(opened):
    opened.add_style_tag(content="* { transition: none !important }")
    opened.locator("tr.m2").first.hover()
    seen = "(kind) => getComputedStyle(document.querySelector(`.chart g.${kind}`)).opacity"
    assert opened.evaluate(seen, "m2") == "1"
    assert float(opened.evaluate(seen, "m0")) < 0.2


def test_without_scripts_all_is_there(browser, address):
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(address)
    assert tab.locator("#leaderboard th button").count() == 0
    tab.get_by_text("All differences between two models").click()
    assert tab.get_by_text("Differences by hit_rate@10").is_visible()
    tab.get_by_role("checkbox", name="song2vec").uncheck()
    assert not tab.locator(".chart g.m1").first.is_visible()
    tab.context.close()


def test_paper_is_white_and_has_no_controls(browser, address):
    tab = browser.new_page(color_scheme="dark")
    tab.goto(address)
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not tab.locator(".legend").is_visible()
    assert not tab.locator("nav").is_visible()
    assert tab.locator(".chart").first.is_visible()
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.get_by_text("Differences by hit_rate@10").is_visible()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator("details[open]").count() == 0
    tab.close()
