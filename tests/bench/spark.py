"""How training on Spark grows with the plays, beside one process: seconds, memory, shuffled bytes of each stage.

    scripts/bench spark [1e5 1e6 1e7] [--engines local,spark,added] [--master local[2]]

`spectral` of 64 numbers a song, made-up playlists, a song for ten plays; "added": the last tenth of them, where the
counts of the others are kept. Each training is a process of its own; its
memory is that of all its processes together, Java and workers included. The numbers go to tests/data/spark.json and
stay there until measured again; .github/spark.png is drawn from them, and .github/SPARK.md has them as a table.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from matplotlib.figure import Figure

from recommender.report_text import table
from tests.bench import made_up
from tests.bench.growth import against_plays
from tests.front import digest
from tests.made import ROOT, put

RESULTS = ROOT / "tests" / "data" / "spark.json"
PAGE, PICTURE = ROOT / ".github" / "SPARK.md", ROOT / ".github" / "spark.png"
START, END = "<!-- made by scripts/bench spark -->\n", "<!-- end of spark -->\n"
STAGES = ("count", "information", "factors")
HEADER = ["plays", "songs", "", "seconds", "memory", *STAGES, "shuffled"]
PARAMETERS = {"dim": 64}
Measure = Callable[[str, int, str], dict[str, Any]]  # engine, size, master
SIZES = (10**5, 10**6, 10**7)
NAMES = {"local": "one process", "spark": "Spark", "added": "Spark, a tenth more"}
COLOURS = {"local": "#0072b2", "spark": "#c04e00", "added": "#007a59"}


def training(engine: str, n_plays: int, master: str) -> dict[str, Any]:
    """What a training takes that is saved in the end, in this process, and what its card tells of its stages."""
    from recommender.spark.session import session
    from recommender.spark.training import train_on
    from recommender.training import train

    data, kept = made_up.dataset(n_plays), {}
    with tempfile.TemporaryDirectory() as folder:
        if engine == "added":
            kept["counts"] = str(Path(folder, "counts"))
            before = replace(data, train=data.train.slice(0, len(data.train) * 10 // 11))
            with session(master) as spark:
                train_on(spark, before, "spectral", PARAMETERS, **kept)
        start = time.perf_counter()
        if engine == "local":
            run = train(data, "spectral", PARAMETERS)
        else:
            with session(master) as spark:
                run = train_on(spark, data, "spectral", PARAMETERS, **kept)
        run.save(Path(folder, "run"))
    stages = {stage["name"]: stage for stage in run.card.get("engine", {}).get("stages", [])}
    told = {"plays": data.train.n_plays, "songs": data.n_songs, "seconds": time.perf_counter() - start}
    return told | {"stages": stages}


def watched(word: str, engine: str, size: int, master: str) -> dict[str, Any]:
    """What `scripts/bench WORD` measures of one size in a process of its own, and the memory of all its processes."""
    command = [sys.executable, "-m", "tests.bench", word, str(size), "--one", engine, "--master", master]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        most = 0.0
        while process.poll() is None:
            most = max(most, _memory(psutil.Process(process.pid)))
            time.sleep(0.2)
        out, _ = process.communicate()
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found | {"seconds": round(found["seconds"], 1), "GB": round(most / 1e9, 2)}


def _memory(process: psutil.Process) -> float:
    total = 0.0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.Error:  # one has just ended
        pass
    return total


def kept(file: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """Size asked for -> engine -> what was measured."""
    results: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}
    return results


def measure_each(
    word: str, measure: Measure, sizes: Sequence[int], engines: Iterable[str], file: Path, arguments: Sequence[str]
) -> bool:
    """Measure what is asked for by `scripts/bench WORD`, each by itself, and keep it; whether there is new to tell."""
    about, raw = sys.modules[measure.__module__].__doc__, argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(f"scripts/bench {word}", description=about, formatter_class=raw)
    parser.add_argument("sizes", nargs="*", type=lambda text: int(float(text)), default=sizes)
    parser.add_argument("--engines", default=",".join(engines))
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        print(json.dumps(measure(given.one, given.sizes[0], given.master)))
        return False
    for size in given.sizes:
        for engine in given.engines.split(","):
            one, results = watched(word, engine, size, given.master), kept(file)
            results.setdefault(str(size), {})[engine] = one
            file.write_text(json.dumps(results, indent=1) + "\n")
            print(engine, one, flush=True)
    return True


def seconds(value: float) -> str:
    """Whole ones, where there are ten."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def lines(results: Mapping[str, Mapping[str, Any]]) -> str:
    """The table of the page."""
    rows = []
    for size in sorted(results, key=int):
        for engine, one in results[size].items():
            stages = [f"{one['stages'][name]['seconds']:,.0f} s" if one["stages"] else "" for name in STAGES]
            shuffled = sum(stage["shuffled"] for stage in one["stages"].values())
            moved = f"{shuffled / 1e6:,.0f} MB" if one["stages"] else ""
            cells = [
                f"{one['plays']:,}",
                f"{one['songs']:,}",
                NAMES[engine],
                seconds(one["seconds"]),
                f"{one['GB']:.1f} GB",
            ]
            rows.append([*cells, *stages, moved])
    return table(HEADER, rows)


def picture(results: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Seconds, memory and shuffled bytes against plays."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    panels = figure.subplots(1, 3)
    for engine, label in NAMES.items():
        found = [results[size][engine] for size in sorted(results, key=int) if engine in results[size]]
        plays = [one["plays"] for one in found]
        moved = [sum(stage["shuffled"] for stage in one["stages"].values()) / 1e6 for one in found]
        values = [one["seconds"] for one in found], [one["GB"] for one in found], moved
        for axes, each in zip(panels, values, strict=True):
            if any(each):
                axes.plot(plays, each, color=COLOURS[engine], marker="o", markersize=5, label=label)
    for axes, title in zip(panels, ("seconds", "memory, GB", "shuffled, MB"), strict=True):
        against_plays(axes, title)
    panels[0].legend(frameon=False, fontsize=8.5)
    return figure


def draw() -> None:
    """The table and the picture anew."""
    results = kept()
    put(PAGE, START, lines(results), END)
    picture(results).savefig(PICTURE, dpi=200, metadata={"Description": digest(results)})


def main(arguments: Sequence[str]) -> None:
    if measure_each("spark", training, SIZES, NAMES, RESULTS, arguments):
        draw()
