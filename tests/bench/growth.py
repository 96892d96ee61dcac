"""How the time and memory of fitting grow with the playlists, each fit in a process of its own.

    scripts/bench growth [CASE ...] [--plays N ...]

Made-up playlists, a song for ten plays; one core. Seconds, processor seconds and peak memory, playlists included, go to
tests/data/growth.json and stay there until measured again; .github/growth.png is drawn from them, and
.github/TRAINING.md has them as a table (`--draw` measures nothing and does only that).
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from recommender import make
from recommender.report_text import table
from tests.bench import made_up
from tests.front import digest
from tests.made import ROOT, put

RESULTS = ROOT / "tests" / "data" / "growth.json"
PAGE, PICTURE = ROOT / ".github" / "TRAINING.md", ROOT / ".github" / "growth.png"
START, END = "<!-- made by scripts/bench growth -->\n", "<!-- end of growth -->\n"
WHAT, TITLES = ("processor s", "peak MiB"), ("processor seconds to fit", "peak memory, GiB")
COLOURS = ("#999999", "#0072b2", "#c04e00", "#e69f00", "#56b4e9", "#007a59", "#aa4499", "#222222")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
SIZES = (10**4, 10**5, 10**6, 10**7)
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "popularity": ("popularity", {}),
    "markov": ("markov", {}),
    "vstan": ("vstan", {}),
    "item_knn": ("item_knn", {}),
    "spectral, 64 dimensions": ("spectral", {"dim": 64}),
    "spectral": ("spectral", {}),
    "song2vec": ("song2vec", {}),
    "song2vec, 1 epoch": ("song2vec", {"epochs": 1}),
}


def measure(case: str, n_plays: int) -> dict[str, float]:
    """Plays, seconds, processor seconds and peak memory of a fit in this process, after a small one."""
    name, settings = CASES[case]
    make(name, settings | {"dim": 8} if "spectral" in case or "song2vec" in case else settings).fit(
        made_up.plays(500, 20), 20
    )
    playlists, model = made_up.plays(n_plays), make(name, settings)
    start, worked = time.perf_counter(), time.process_time()
    model.fit(playlists, made_up.songs_of(n_plays))
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"plays": playlists.n_plays, "seconds": seconds, "processor s": worked, "peak MiB": peak}


def measured(case: str, n_plays: int) -> dict[str, float]:
    """The same in a process of its own, with one thread, on one core where the system can keep it there."""
    asked = [sys.executable, "-m", "tests.bench", "growth", "--one", case, "--plays", str(n_plays)]
    alone = os.environ | dict.fromkeys(THREADS, "1")
    found: dict[str, float] = json.loads(subprocess.check_output(asked, cwd=ROOT, env=alone))
    return found


def rows(case: str, found: Sequence[dict[str, float]]) -> list[list[str]]:
    """A line for each size of a case, as `measured` found them; x is the processor's time against the line before."""
    lines, before = [], 0.0
    for one in found:
        seconds, worked = one["seconds"], one["processor s"]
        growth = f"{worked / before:.1f}" if before else ""
        lines.append([case, f"{one['plays']:,}", f"{seconds:.2f}", f"{worked:.2f}", growth, f"{one['peak MiB']:,.0f}"])
        before = worked
    return lines


def kept() -> dict[str, list[dict[str, float]]]:
    """Case -> what was measured, by plays."""
    results: dict[str, list[dict[str, float]]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return results


def keep(case: str, one: dict[str, float]) -> None:
    """Write it in place of what was measured of that size before."""
    results = kept()
    others = [old for old in results.get(case, []) if old["plays"] != one["plays"]]
    results[case] = sorted([*others, one], key=lambda each: each["plays"])
    ordered = {name: results[name] for name in CASES if name in results}
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")


def exponent(found: Sequence[dict[str, float]], what: str) -> float:
    """How it grows from the last size but one to the last: with plays to this power.

    >>> exponent([{"plays": 10, "seconds": 1}, {"plays": 1000, "seconds": 100}], "seconds")
    1.0
    """
    (before, after) = found[-2:]
    return round(math.log(after[what] / before[what]) / math.log(after["plays"] / before["plays"]), 2)


def lines(results: Mapping[str, Sequence[dict[str, float]]]) -> str:
    """The table of the page."""
    cells = [
        [
            case,
            *(_cell(found, size) for size in SIZES),
            f"{exponent(found, 'processor s'):.2f}" if len(found) > 1 else "",
        ]
        for case, found in results.items()
    ]
    return table(["processor seconds (peak MiB)", *(f"{size:,} plays" for size in SIZES), "power"], cells)


def _cell(found: Sequence[dict[str, float]], size: int) -> str:
    of_size = [one for one in found if 0.5 < one["plays"] / size < 2]
    return "".join(f"{one['processor s']:,.2f} ({one['peak MiB']:,.0f})" for one in of_size)


def picture(results: Mapping[str, Sequence[dict[str, float]]]) -> Figure:
    """A panel for the time, one for the memory; a line a case, named at its end."""
    figure = Figure(figsize=(9, 4.8), layout="constrained")
    for axes, what, title, scale in zip(figure.subplots(1, 2), WHAT, TITLES, (1, 1024), strict=True):
        for number, (case, found) in enumerate(results.items()):
            at = [one["plays"] for one in found], [max(one[what], 1e-3) / scale for one in found]
            axes.plot(*at, color=COLOURS[number % 8], marker="os^DvPX*"[number % 8], markersize=5, label=case)
        against_plays(axes, title)
    figure.axes[1].axhline(24, color="#999999", linewidth=1, linestyle="--", label="24 GiB")
    handles = figure.axes[1].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=5, frameon=False, fontsize=8.5)
    return figure


def against_plays(axes: Any, title: str) -> None:
    """Both axes logarithmic, the grid light, the numbers plain."""
    axes.set(title=title, xscale="log", yscale="log", xlabel="plays (a song for ten)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e4e4e4", linewidth=0.6)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")


def draw() -> None:
    """The table and the picture anew."""
    results = kept()
    put(PAGE, START, lines(results), END)
    picture(results).savefig(PICTURE, dpi=200, metadata={"Description": digest(results)})


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        "scripts/bench growth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of: {'; '.join(CASES)}")
    parser.add_argument("--plays", nargs="*", type=lambda text: int(float(text)), default=SIZES)
    parser.add_argument("--draw", action="store_true", help="measure nothing: page and picture from the kept numbers")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        print(json.dumps(measure(given.one, given.plays[0])))
        return
    for case in () if given.draw else given.cases or CASES:
        for n_plays in given.plays:
            one = measured(case, n_plays)
            keep(case, {name: round(value, 3) for name, value in one.items()})
            print(*rows(case, [one])[0], sep=" | ", flush=True)
    draw()
