"""Our models beside those of other projects: the same playlists, the same queries, the same road, one table.

    scripts/bench peers [--data FOLDER] [--datasets NAME ...] [--models NAME,…] [--peers NAME ...] [--search]

A tenth of the playlists with two songs or more is held out whole; each of their songs that is new to its playlist is
asked for, given the songs before it. Every model, ours too, is fitted and asked in a process of its own on one thread
(but for the book's recipe, which has four), and answers with 100 songs that are not among the seeds; from those lists
alone come all metrics. "fit s" are processor seconds, "queries/s" are queries a processor second, "peak MB" is the
most memory of the process, libraries and data included: what else the machine does changes them little.

The peers (see tests/peers.py) need libraries older than ours, so they have a virtual environment of their own, made
from .ci/peers.txt at first use, about 2 GB. Their settings are those that did best on a tenth of the *training*
playlists held out, among the ones that tests/data/peers.json tells with their results; --search finds them anew, which
takes hours, and writes them there.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from recommender import hold_out, load, make, next_song
from recommender.datasets import Dataset
from recommender.metrics import evaluated
from recommender.models import MODELS
from recommender.playlists import Playlists
from recommender.ranking import recommend
from recommender.report import Report
from recommender.report_text import chance, share, signed, span, table
from recommender.significance import holm
from recommender.split import Split
from tests.peers import PEERS, Lists, measured

ROOT = Path(__file__).parents[2]
HOME, PINS = ROOT / ".venv-peers", ROOT / ".ci" / "peers.txt"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
FOUND = ROOT / "tests" / "data" / "peers.json"
K = 100
METRICS = ("hit_rate@10", "hit_rate@100", "mrr@100")
OURS = ("song2vec", "spectral", "session_knn", "blend")
_THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA", "RAYON", "LK")


def environment() -> Path:
    """The peers' Python, installed if it is missing or its pins have changed."""
    stamp, wanted = HOME / ".installed", PINS.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing the peers into {HOME.name} (a few minutes the first time)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        [torch] = [line for line in wanted.splitlines() if line.startswith("torch==")]
        pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "-c", PINS, torch], check=True)  # with whatever its build for this machine needs
        subprocess.run([*pip, "--no-deps", "-r", PINS], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return PYTHON


def exchange(split: Split, n_songs: int, folder: Path) -> None:
    """Write what is learnt from and what is asked (see tests/peers.py)."""
    asked = split.seeds.slice(0, len(split))
    Lists(split.train.songs, split.train.offsets).save(folder, "train")
    Lists(asked.songs, asked.offsets).save(folder, "query")
    (folder / "asked.json").write_text(json.dumps({"n_songs": n_songs, "k": K}))


def run(program: Sequence[str | Path], folder: Path, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What one model says it cost, in a process of its own on one thread; its answers are in the folder."""
    env = os.environ | {f"{library}_NUM_THREADS": "1" for library in _THREADS}
    asked = [*program, folder, name, json.dumps(settings)]
    done = subprocess.run(asked, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name} failed with settings {json.dumps(settings)}\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


def places(answers: np.ndarray, split: Split) -> np.ndarray:
    """(n_queries,) where among the answers the target is, inf where it is not."""
    queries = split.seeds.slice(0, len(split))
    rows, columns = np.nonzero(answers >= 0)
    width = 1 + max(answers.max(initial=0), queries.songs.max(initial=0))
    given, seeds = rows * width + answers[rows, columns], queries.owners * width + queries.songs
    if len(answers) != len(split) or len(np.unique(given)) < len(given) or np.isin(given, seeds).any():
        raise ValueError("an answer is missing, has a song twice, or has a seed in it")
    found = answers == split.targets.songs[:, None]
    return np.where(found.any(axis=1), found.argmax(axis=1), np.inf)


def values(answers: np.ndarray, split: Split) -> dict[str, np.ndarray]:
    """Metric -> (n_queries,)."""
    ranks = places(answers, split)[:, None]
    return {metric: evaluated(metric, ranks, np.ones(len(split), np.int64)) for metric in METRICS}


def answered(
    split: Split, n_songs: int, ours: Sequence[str], peers: Mapping[str, Mapping[str, Any]], python: Path
) -> tuple[Report, dict[str, dict[str, Any]]]:
    """The report of our models and of the peers with these settings, and what each cost."""
    todo = [([sys.executable, "-m", "tests.bench.peers"], name, {}) for name in ours]
    todo += [([python, ROOT / "tests" / "peers.py"], name, settings) for name, settings in peers.items()]
    told, found = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        exchange(split, n_songs, Path(folder))
        for program, name, settings in (bar := tqdm(todo, leave=False, disable=None)):
            bar.set_description(name)
            told[name] = run(program, Path(folder), name, settings) | {"settings": dict(settings)}
            found[name] = values(np.load(Path(folder, f"{name}.npy")), split)
    return Report(found, split.owners, shown=METRICS), told


def differences(report: Report, best: str, peers: Sequence[str]) -> dict[str, dict[str, dict[str, float]]]:
    """metric -> peer -> `best` less the peer: difference, interval, p, and p corrected for all peers (Holm)."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for metric in METRICS:
        p = {frozenset((row["a"], row["b"])): row["p"] for row in report.comparisons(metric)}
        chances = np.array([p[frozenset((best, peer))] for peer in peers])
        corrected = holm(chances).tolist()
        found[metric] = {}
        for peer, one, all_ in zip(peers, chances.tolist(), corrected, strict=True):
            gap, low, high = report.difference(best, peer, metric)
            found[metric][peer] = {"difference": gap, "low": low, "high": high, "p": one, "p_holm": all_}
    return found


def compare(
    dataset: Dataset,
    ours: Sequence[str],
    peers: Mapping[str, Mapping[str, Any]],
    n_queries: int,
    seed: int,
    python: Path,
) -> dict[str, Any]:
    """All figures of one dataset, ready for JSON.

    ours : names in MODELS
    peers : name in PEERS -> settings
    python : that has the peers' libraries
    """
    split = next_song(*hold_out(dataset.train, 0.1, seed)).sample(n_queries, seed)
    report, told = answered(split, dataset.n_songs, ours, peers, python)
    ordered = sorted(told, key=lambda name: -report.mean(name, METRICS[0]))
    best = "blend" if "blend" in ours else next(name for name in ordered if name in ours)
    about = {"dataset": dataset.name, "songs": dataset.n_songs, "split seed": seed, "learnt from": len(split.train)}
    about |= {"queries": len(split), "playlists": len(np.unique(split.owners))}
    return {
        "about": about,
        "best": best,
        "models": {name: told[name] | model(report, name, told[name], len(split)) for name in ordered},
        "differences": differences(report, best, list(peers)),
    }


def model(report: Report, name: str, told: Mapping[str, Any], n_queries: int) -> dict[str, Any]:
    ends = {metric: report.interval(name, metric) for metric in METRICS}
    means = {
        metric: {"mean": report.mean(name, metric), "low": low, "high": high} for metric, (low, high) in ends.items()
    }
    by = f"{PEERS[name].package} {told['version']}" if name in PEERS else "this project"
    return {"by": by, "metrics": means, "queries/s": n_queries / told["seconds"]["answer"]}


def text(figures: Mapping[str, Any]) -> str:
    """The table, best first."""
    best, about = figures["best"], figures["about"]
    gap = [f"{best} − it: {METRICS[0]}", "95 % interval", "p (Holm)"]
    header = ["model", "by", METRICS[0], "95 % interval", *METRICS[1:], *gap, "fit s", "queries/s", "peak MB"]
    rows = []
    for name, told in figures["models"].items():
        first, *others = [told["metrics"][metric] for metric in METRICS]
        quality = [share(first["mean"]), span(first["low"], first["high"]), *(share(one["mean"]) for one in others)]
        less = figures["differences"][METRICS[0]].get(name)
        gap = (
            [signed(less["difference"]), span(less["low"], less["high"]), chance(less["p_holm"])] if less else [""] * 3
        )
        cost = [f"{told['seconds']['fit']:,.1f}", f"{told['queries/s']:,.0f}", f"{told['peak MB']:,.0f}"]
        rows.append([name, told["by"], *quality, *gap, *cost])
    asked = f"{about['queries']:,} queries from {about['playlists']:,} playlists, split seed {about['split seed']}"
    return f"**{about['dataset']}** ({about['songs']:,} songs; {asked})\n\n{table(header, rows)}"


def chosen(dataset: str, peers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The settings that did best on this dataset; else on the first one where any were tried; else the grid's first."""
    kept = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    found = [kept.get(dataset, {}), *kept.values()]
    return {name: next((one[name]["chosen"] for one in found if name in one), PEERS[name].grid[0]) for name in peers}


def search(dataset: Dataset, peers: Sequence[str], n_queries: int, seed: int, python: Path) -> None:
    """Ask each peer, with each of its settings, about a tenth of the training playlists; keep the best."""
    train, _ = hold_out(dataset.train, 0.1, seed)
    split = next_song(*hold_out(train, 0.1, seed)).sample(n_queries, seed)
    for name in peers:
        considered = []
        for settings in PEERS[name].grid:
            report, told = answered(split, dataset.n_songs, [], {name: settings}, python)
            mean = round(report.mean(name, METRICS[0]), 4)
            considered.append(
                {"settings": settings, METRICS[0]: mean, "fit seconds": round(told[name]["seconds"]["fit"], 1)}
            )
            print(f"{dataset.name}: {name} {json.dumps(settings)}: {METRICS[0]} {mean}", flush=True)
        best = max(considered, key=lambda one: one[METRICS[0]])
        kept = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
        kept.setdefault(dataset.name, {})[name] = {"chosen": best["settings"], "considered": considered}
        FOUND.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="scripts/bench peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", metavar="FOLDER", help="where the datasets are")
    parser.add_argument("--datasets", nargs="+", default=["yes_small", "yes_big"], metavar="NAME")
    ours = ",".join(name for name in OURS if name in MODELS)
    parser.add_argument(
        "--models", default=ours, metavar="NAME,…", help=f"ours, of {', '.join(MODELS)} (default: {ours})"
    )
    parser.add_argument("--peers", nargs="+", default=list(PEERS), choices=PEERS, metavar="NAME", help=", ".join(PEERS))
    parser.add_argument("--queries", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=0, help="of the split")
    parser.add_argument("--search", action="store_true", help="find the peers' settings anew first")
    parser.add_argument("--out", type=Path, metavar="FILE.json")
    given = parser.parse_args(arguments)
    models = given.models.split(",")
    if unknown := set(models) - set(MODELS):
        parser.error(f"no model {unknown.pop()!r}; there are {', '.join(MODELS)}")
    python, figures = environment(), {}
    for dataset in (load(name, given.data) for name in given.datasets):
        if given.search:
            search(dataset, given.peers, given.queries // 2, given.seed, python)
        settings = chosen(dataset.name, given.peers)
        figures[dataset.name] = compare(dataset, models, settings, given.queries, given.seed, python)
        print(text(figures[dataset.name]), flush=True)
    if given.out:
        given.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def ours(name: str):
    """Fit and ask one of our models, as `tests.peers.measured` wants it."""

    def fit(train: Lists, n_songs: int):
        model = make(name).fit(Playlists(train.songs, train.offsets), n_songs)
        return lambda queries, k: recommend(model, Playlists(queries.songs, queries.offsets), k)[0]

    return fit


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), sys.argv[2], ours(sys.argv[2]), json.loads(sys.argv[3]))))
