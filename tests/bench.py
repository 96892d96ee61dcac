"""What can be slow, each case in a process of its own: seconds, plays (or queries) a second, peak memory.

    scripts/bench [CASE ...] [--largest PLAYS]
    scripts/bench peers [--help]
    scripts/bench page [--help]

Sizes are plays of made-up playlists, ten times as many from line to line; "x" is the time against the line before.
Evaluation, the search index, shaped lists and the map have sizes in songs, and tables of their own (see
bench_evaluation.py, bench_search.py, bench_shaping.py and bench_layout.py; two million songs need --largest 2e6).
`peers` sets our models beside those of other projects, by quality and cost (see bench_peers.py); `page` measures the
web page (see bench_page.py).
"""

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np

from recommender import Playlists, Run, import_playlists, load, make, nearest
from recommender.batch import answers
from recommender.datasets import Dataset
from recommender.datasets.toy import toy
from recommender.datasets.yes_com import write_folder
from recommender.paths import path
from recommender.radio import Radio
from recommender.report_text import table
from recommender.steps import Rotation
from recommender.training import train
from tests import bench_evaluation, bench_layout, bench_search, bench_shaping
from tests.conftest import ROOT


def made_up(n_plays: int) -> Dataset:
    catalogue, playlists = toy(n_songs=max(n_plays // 20, 100), n_playlists=n_plays // 11)
    return Dataset("made up", catalogue, playlists, None, "made up")


def mpd_slices(dataset: Dataset, folder: Path) -> None:
    """The playlists as slices of 1,000 in the Million Playlist Dataset's format."""
    for start in range(0, len(dataset.train), 1000):
        slice_ = dataset.train.slice(start, min(start + 1000, len(dataset.train)))
        playlists = [{"name": str(i), "pid": start + i, "tracks": tracks(dataset, s)} for i, s in enumerate(slice_)]
        text = json.dumps({"info": {}, "playlists": playlists})
        (folder / f"mpd.slice.{start}-{start + 999}.json").write_text(text)


def tracks(dataset: Dataset, songs: np.ndarray) -> list[dict[str, object]]:
    found = [dataset.catalogue[song] for song in songs]
    return [{"pos": i, "track_name": s.title, "artist_name": s.artist} for i, s in enumerate(found)]


def prepared(case: str, dataset: Dataset, folder: Path):
    """What is timed, after all that it needs has been made."""
    plays = dataset.train
    if case == "load":
        write_folder(folder, dataset.catalogue, plays)
        return lambda: load(folder)
    if case == "import":
        (folder / "in").mkdir()
        mpd_slices(dataset, folder / "in")
        return lambda: import_playlists(folder / "in", folder / "out")
    if case == "near duplicates":
        return lambda: nearest(plays, 0.5)
    if case.startswith("fit "):
        model = make(case.removeprefix("fit "), {"epochs": 1} if "song2vec" in case else None)
        return lambda: model.fit(plays, dataset.n_songs)
    if case.startswith("explain "):
        model = case.rsplit(maxsplit=1)[-1]
        settings = {"members": "vstan,markov,session_knn"} if model == "blend" else None
        train(dataset, model, settings).save(folder / "run")
        return explained(Run.load(folder / "run"), plays)
    train(dataset, "session_knn").save(folder / "run")
    run = Run.load(folder / "run")
    if case == "open a run":
        return lambda: Run.load(folder / "run")
    if case == "path of 8 songs":
        return lambda: path(run.model, 0, 1, 8, Rotation.of(run.catalogue, 2))
    if case == "radio of 30 songs":
        return lambda: list(islice(Radio(run.model, [0], Rotation.of(run.catalogue, 2)), 30))
    if case == "search":
        return lambda: run.catalogue.search("the night")
    lines = [" ".join(map(str, songs)) for songs in plays.slice(0, 1000)]
    return lambda: sum(1 for _ in answers(run, lines, 10))


def explained(run: Run, plays: Playlists):
    """Reasons for ten answers to each of ten lists of five songs; the seconds are those of 100 reasons."""
    lists = [run.catalogue.ids[songs[:5]].tolist() for songs in plays if len(songs) > 4][:10]
    asked = [(songs, [song.id for song, _ in run.recommend(songs)]) for songs in lists]
    run.explain(*asked[0])  # the first one sorts the plays
    return lambda: [run.explain(*each) for each in asked]


CASES = (
    "load",
    "import",
    "near duplicates",
    "fit markov",
    "fit item_knn",
    "fit session_knn",
    "fit song2vec",
    "open a run",
    "search",
    "path of 8 songs",
    "radio of 30 songs",
    "answer 1,000 playlists",
    "explain 100 answers of vstan",
    "explain 100 answers of blend",
)
SHAPED = "shaped lists"
EVALUATIONS = tuple(f"evaluate {name}" for name in bench_evaluation.CASES)
TABLES = (bench_search.CASE, *EVALUATIONS, SHAPED, bench_layout.CASE)  # with sizes of their own
EVERY = (*CASES, *TABLES)


def measure(case: str, n_plays: int) -> tuple[float, int, float]:
    """Seconds, plays and megabytes of a case in this process."""
    dataset = made_up(n_plays)
    with tempfile.TemporaryDirectory() as folder:
        timed = prepared(case, dataset, Path(folder))
        start = time.perf_counter()
        timed()
        seconds = time.perf_counter() - start
    return seconds, dataset.train.n_plays, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def grown(case: str, largest: float) -> list[list[str]]:
    """A row for each size of a case."""
    rows, before = [], None
    for n_plays in (n for n in (10**4, 10**5, 10**6, 10**7) if n <= largest):
        asked = [sys.executable, "-m", "tests.bench", case, "--one", str(n_plays)]
        seconds, plays, memory = json.loads(subprocess.check_output(asked, cwd=ROOT))
        growth = f"{seconds / before:.1f}" if before else ""
        rows.append([case, f"{plays:,}", f"{seconds:.3f}", f"{plays / seconds:,.0f}", growth, f"{memory:.0f}"])
        before = seconds
    return rows


def main() -> None:
    if sys.argv[1:2] in (["peers"], ["page"]):
        importlib.import_module(f"tests.bench_{sys.argv[1]}").main(sys.argv[2:])  # with what only they import
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of: {', '.join(EVERY)}")
    parser.add_argument("--largest", type=float, default=1e6, metavar="PLAYS")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.cases[0], given.one)))
        return
    cases = given.cases or EVERY
    if rows := [row for case in cases if case not in TABLES for row in grown(case, given.largest)]:
        print(table(["case", "plays", "seconds", "plays/s", "x", "peak MB"], rows))
    if bench_search.CASE in cases:
        print(table(bench_search.HEADER, bench_search.rows(given.largest)))
    names = [case.removeprefix("evaluate ") for case in cases if case in EVALUATIONS]
    if names:
        print(table(bench_evaluation.HEADER, bench_evaluation.rows(names, given.largest)), end="")
    if SHAPED in cases:
        print(table(bench_shaping.HEADER, bench_shaping.rows()), end="")
    if bench_layout.CASE in cases:
        print(table(bench_layout.HEADER, bench_layout.rows()), end="")


if __name__ == "__main__":
    main()
