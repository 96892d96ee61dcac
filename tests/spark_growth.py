"""How time, memory and shuffled bytes grow with the plays, on this machine and on Spark; a line of TSV a training.

    python -m tests.spark_growth 1e5 1e6 1e7 --songs 0.1 --dim 64 --out .github/spark_growth.tsv

Each training is a process of its own; its memory is that of all its processes together, Java and workers included.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from recommender.catalogue import Catalogue
from recommender.datasets import Dataset
from recommender.playlists import Playlists

FIELDS = ("engine", "master", "plays", "songs", "dim", "playlists", "total", "fit", "memory_gb", "stages")


def aired(n_plays: int, n_songs: int, seed: int = 0) -> Playlists:
    """Playlists of stations that stand in a ring of songs: half hits of theirs (rank log-uniform), half from around."""
    rng = np.random.default_rng(seed)
    lengths = np.minimum(1 + rng.lognormal(1.9, 1.0, n_plays // 11 + 1), 100).astype(int)
    lengths = lengths[: np.searchsorted(np.cumsum(lengths), n_plays) + 1]
    stations = max(1, round(n_songs**0.5 / 2))
    ring, place = rng.permutation(n_songs), np.repeat(rng.integers(stations, size=len(lengths)), lengths)
    library = 4 * n_songs / stations
    reach = rng.random(len(place))
    away = np.where(rng.random(len(place)) < 0.5, library**reach, library * reach) * rng.choice([-1, 1], len(place))
    songs = ring[(place * n_songs // stations + away.astype(int)) % n_songs]
    return Playlists.joined(songs, lengths)


def dataset(n_plays: int, n_songs: int) -> Dataset:
    """Those playlists, and songs with no more than a name."""
    playlists, rows = aired(n_plays, n_songs), np.arange(n_songs)
    names = [f"Song {row}" for row in range(n_songs)]
    catalogue = Catalogue(rows, names, ["-"] * n_songs, [()] * n_songs, playlists.counts(n_songs))
    return Dataset("made up", catalogue, playlists, None, "made up")


def fitted(engine: str, n_plays: int, n_songs: int, dim: int, master: str) -> None:
    """Train and save a run, and print what its card tells."""
    from recommender.spark.session import session
    from recommender.spark.training import train_on
    from recommender.training import train

    data, parameters, start = dataset(n_plays, n_songs), {"dim": dim}, time.perf_counter()
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
    command = [sys.executable, "-m", "tests.spark_growth", str(n_plays), "--fit", engine]
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


def main() -> None:
    """Measure what is asked, and write it as it comes."""
    asked = argparse.ArgumentParser()
    asked.add_argument("plays", nargs="+", type=lambda text: int(float(text)))
    asked.add_argument("--songs", type=float, default=0.1, help="as a share of the plays")
    asked.add_argument("--dim", type=int, default=64)
    asked.add_argument("--master", default="local[2]")
    asked.add_argument("--engines", default="local,spark")
    asked.add_argument("--fit")
    asked.add_argument("--out")
    options = asked.parse_args()
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


if __name__ == "__main__":
    main()
