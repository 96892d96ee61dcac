"""Make the tables of README and RESULTS anew: every model on yes_small and yes_big, all protocols and variants.

    scripts/reproduce [--data FOLDER] [--report FOLDER]

The numbers stand in tests/data/results.json, the tables between two marks of each page; a test holds all together. Full
reports go to the report folder (runs/reproduced by default). Two datasets run at once, a core each.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from recommender import Cleaning, compare_models, load
from recommender.models import COMPARED, MODELS
from recommender.report_text import chance, leaderboard, share, signed, span, table
from tests.made import DATA, ROOT, put

RESULTS = ROOT / "tests" / "data" / "results.json"
START, END = "<!-- made by scripts/reproduce -->\n", "<!-- end -->\n"
DATASETS = ("yes_small", "yes_big")
OVERLAP = "overlap with a training playlist"
MORE = [name for name in MODELS if name not in COMPARED]
VARIED = [name for name in COMPARED if name not in ("book", "blend")]
PROTOCOLS = ("next", "last", "continuation", "likelihood")


def measure(name: str, data: str | None, folder: Path) -> dict[str, Any]:
    """All figures of one dataset; the full report goes to the folder."""
    start, dataset = time.perf_counter(), load(name, data)
    report = compare_models(dataset, protocol=PROTOCOLS, held_out=0.1)
    report.save(folder / name, command="scripts/reproduce")
    figures = {"as published": report.figures(), "more models": compare_models(dataset, MORE, held_out=0.1).figures()}
    variants = {"merged ids": Cleaning(merge_ids=True), "no near-duplicates": Cleaning(near_duplicates=0.8)}
    for variant, cleaning in variants.items():
        figures[variant] = compare_models(dataset, VARIED, held_out=0.1, cleaning=cleaning).figures()
    return {kind: kept(one) for kind, one in figures.items()} | {"minutes": (time.perf_counter() - start) / 60}


def kept(figures: dict[str, Any]) -> dict[str, Any]:
    """What the tables tell, rounded: no songs, no files, nothing of the machine but the seconds."""
    shown = figures.get("shown") or list(next(iter(figures["models"].values()))["metrics"])
    found = {key: figures[key] for key in ("about", "shown", "letters") if key in figures}
    found["models"] = {name: kept_model(model, [*shown, "hit_rate@10"]) for name, model in figures["models"].items()}
    found["comparisons"] = {metric: figures["comparisons"][metric] for metric in shown[:3]}
    found["groups"] = {name: group for name, group in figures.get("groups", {}).items() if name == OVERLAP}
    found["beside"] = {name: kept(one) | {"comparisons": {}} for name, one in figures.get("beside", {}).items()}
    return {key: rounded(value) for key, value in found.items() if value}


def kept_model(model: dict[str, Any], metrics: list[str]) -> dict[str, Any]:
    totals = {name: value for name, value in model["totals"].items() if name in ("coverage@10", "fit seconds")}
    return {"metrics": {name: value for name, value in model["metrics"].items() if name in metrics}, "totals": totals}


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def leaders(results: dict[str, Any]) -> str:
    """README's tables."""
    return "\n".join(f"{head(name, one)}\n\n{leaderboard(one['as published'])}" for name, one in results.items())


def details(results: dict[str, Any]) -> str:
    """The tables of RESULTS."""
    return "\n".join(part for name in results for part in sections(name, results[name]))


def head(name: str, results: dict[str, Any]) -> str:
    about = results["as published"]["about"]
    return f"**{name}** ({about['songs']:,} songs; {about['queries']:,} queries from {about['playlists']:,} playlists)"


def sections(name: str, results: dict[str, Any]) -> list[str]:
    figures = results["as published"]
    parts = {
        "More models": leaderboard(results["more models"]),
        "Differences between the best, over the same queries": pairs(figures),
        "Last song, second half, likelihood": others(figures),
        "hit_rate@10 with repeats, merged ids, and without near-duplicates": lights(results),
    }
    return [f"{head(name, results)}\n", *(f"{what}:\n\n{rows}" for what, rows in parts.items())]


def pairs(figures: dict[str, Any]) -> str:
    """The best three, two by two."""
    rows = []
    for metric in figures["shown"][:3]:
        best = {row["a"] for row in figures["comparisons"]["hit_rate@10"][:1]}
        best |= {row["b"] for row in figures["comparisons"]["hit_rate@10"][:2]}
        for row in figures["comparisons"][metric]:
            if {row["a"], row["b"]} <= best:
                gap = [signed(row["difference"]), span(row["low"], row["high"]), chance(row["p_holm"])]
                rows.append([f"{metric}: {row['a']} − {row['b']}", *gap])
    return table(["", "difference", "95 % interval", "p (Holm)"], rows)


def others(figures: dict[str, Any]) -> str:
    """A line a model: last song, continuation, likelihood."""
    beside = figures["beside"]
    columns = [
        ("last: hit_rate@10", beside["last"], "hit_rate@10"),
        ("@100", beside["last"], "hit_rate@100"),
        ("@500", beside["last"], "hit_rate@500"),
        ("second half: r_precision", beside["continuation"], "r_precision"),
        ("recall@100", beside["continuation"], "recall@100"),
        ("clicks@500", beside["continuation"], "clicks@500"),
        ("log-likelihood given the song", beside["likelihood"], "given the song"),
        ("given all before", beside["likelihood"], "given the prefix"),
    ]
    names = dict.fromkeys(name for _, one, _ in columns for name in one["models"])
    rows = [[name, *(cell(one, name, metric, half=True) for _, one, metric in columns)] for name in names]
    return table(["model", *(head for head, _, _ in columns)], rows)


def cell(figures: dict[str, Any], model: str, metric: str, *, half: bool = False) -> str:
    if model not in figures["models"]:
        return ""
    value = figures["models"][model]["metrics"][metric]
    return share(value["mean"]) + (f" ± {share((value['high'] - value['low']) / 2)}" if half else "")


def lights(results: dict[str, Any]) -> str:
    """hit_rate@10 with repeats, merged ids, and without near-duplicates."""
    figures = results["as published"]
    overlap = figures["groups"][OVERLAP]
    names = list(figures["models"])
    counts = [f"{label} ({n:,})" for label, n in zip(overlap["labels"], overlap["n"], strict=True)]
    beside = [figures["beside"]["new songs and repeats"], figures["beside"]["repeats alone"]]
    variants = [results[kind] for kind in ("merged ids", "no near-duplicates")]
    kinds = zip(
        ("repeats too", "repeats alone", "merged ids", "cleaned of near-duplicates above .8"),
        beside + variants,
        strict=True,
    )
    asked = [f"{kind} ({one['about']['queries']:,})" for kind, one in kinds]
    header = ["model", f"new songs ({figures['about']['queries']:,})", *asked, *counts]
    rows = []
    for name in names:
        whole = [cell(figures, name, "hit_rate@10")]
        whole += [cell(one, name, "hit_rate@10") for one in beside + variants]
        rows.append([name, *whole, *(share(value["mean"]) for value in overlap["models"][name])])
    return table(header, rows)


def into_pages(results: dict[str, Any]) -> None:
    for page, made in PAGES.items():
        put(page, START, made(results), END)


PAGES = {ROOT / "README.md": leaders, ROOT / ".github" / "RESULTS.md": details}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA, metavar="FOLDER", help="where yes_small and yes_big are")
    parser.add_argument("--report", default=ROOT / "runs" / "reproduced", type=Path, metavar="FOLDER")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.data, given.report)))
        return
    options = ["--report", str(given.report), *(["--data", given.data] if given.data else [])]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    asked = {name: [sys.executable, "-m", "tests.reproduce", "--one", name, *options] for name in DATASETS}
    running = {
        name: subprocess.Popen(one, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=env) for name, one in asked.items()
    }
    answers = {name: process.communicate()[0] for name, process in running.items()}
    if any(process.returncode for process in running.values()):
        sys.exit("error: not all could be measured; the pages are as they were")
    results = {name: json.loads(answer) for name, answer in answers.items()}
    for name, measured in results.items():
        print(f"{name}: {measured.pop('minutes'):.1f} minutes")
    RESULTS.write_text(json.dumps(results, ensure_ascii=False) + "\n", encoding="utf-8")
    into_pages(results)


if __name__ == "__main__":
    main()
