"""How time, memory and shuffled bytes grow with the plays, on this machine and on Spark; a line of TSV a training.

    scripts/bench spark 1e5 1e6 1e7 --dim 64 --out .github/spark.tsv

Each training is a process of its own; its memory is that of all its processes together, Java and workers included.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.bench import made_up

FIELDS = ("engine", "master", "plays", "songs", "dim", "playlists", "total", "fit", "memory_gb", "stages")


def fitted(engine: str, n_plays: int, n_songs: int, dim: int, master: str) -> None:
    """Train and save a run, and print what its card tells."""
    from recommender.spark.session import session
    from recommender.spark.training import train_on
    from recommender.training import train

    data, parameters, start = made_up.dataset(n_plays, n_songs), {"dim": dim}, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if engine == "spark":
            with session(master) as spark:
                run = train_on(spark, data, "spectral", parameters)
        else:
            run = train(data, "spectral", parameters)
        fit = time.perf_counter() - start
        run.save(Path(folder, "run"))
    facts = {
        "total": time.perf_counter() - start,
        "fit": fit,
        "playlists": len(data.train),
        "plays": data.train.n_plays,
    }
    print(json.dumps(facts | {"stages": run.card.get("engine", {}).get("stages", [])}))


def measured(engine: str, n_plays: int, n_songs: int, dim: int, master: str) -> dict[str, object]:
    """What `fitted` prints in a process of its own, and the most memory that it and its children held."""
    command = [sys.executable, "-m", "tests.bench", "spark", str(n_plays), "--fit", engine]
    command += ["--songs", str(n_songs / n_plays), "--dim", str(dim), "--master", master]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        most = 0.0
        while process.poll() is None:
            most = max(most, _memory(psutil.Process(process.pid)))
            time.sleep(0.2)
        out, _ = process.communicate()
    facts = json.loads(out.splitlines()[-1])
    stages = " ".join(f"{s['name']}={s['seconds']:.1f}s/{s['shuffled']}B" for s in facts["stages"])
    asked = {"engine": engine, "master": master if engine == "spark" else "-", "songs": n_songs, "dim": dim}
    rounded = {key: round(facts[key], 1) for key in ("total", "fit")}
    return facts | asked | rounded | {"memory_gb": round(most / 1e9, 2), "stages": stages}


def _memory(process: psutil.Process) -> float:
    total = 0.0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.Error:  # one has just ended
        pass
    return total


def main(arguments: Sequence[str]) -> None:
    """Measure what is asked, and write it as it comes."""
    asked = argparse.ArgumentParser("scripts/bench spark", description=__doc__)
    asked.add_argument("plays", nargs="+", type=lambda text: int(float(text)))
    asked.add_argument("--songs", type=float, default=0.1, help="as a share of the plays")
    asked.add_argument("--dim", type=int, default=64)
    asked.add_argument("--master", default="local[2]")
    asked.add_argument("--engines", default="local,spark")
    asked.add_argument("--fit")
    asked.add_argument("--out")
    options = asked.parse_args(arguments)
    if options.fit:
        n = options.plays[0]
        fitted(options.fit, n, round(n * options.songs), options.dim, options.master)
        return
    for n in options.plays:
        for engine in options.engines.split(","):
            row = measured(engine, n, round(n * options.songs), options.dim, options.master)
            print(row, flush=True)
            if options.out:
                new = not Path(options.out).exists()
                with Path(options.out).open("a", newline="") as file:
                    writer = csv.DictWriter(file, FIELDS, delimiter="\t", extrasaction="ignore")
                    if new:
                        writer.writeheader()
                    writer.writerow(row)
