"""Demo: the main job in one go, on real playlists where they can be had."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from recommender.comparison import about, reported
from recommender.datasets import Dataset, data_folder, download, load
from recommender.datasets.mirrors import ARCHIVES
from recommender.errors import RecommenderError
from recommender.evaluation import fit
from recommender.fetch import reachable
from recommender.files import unused
from recommender.models import COMPARED, make
from recommender.training import parts, run_of, with_map

_QUERIES = 5000
_HELD_OUT = 0.1


def demo(name: str | None, data: str | None, say: Callable[[str], object]) -> Path:
    """Get playlists, fit a model of each kind, compare them, save the blend's run with its report; the run's folder.

    name : a dataset; None for yes_complete where it is or can be downloaded, else toy
    say : is given each line for the person to read
    """
    dataset = load(name, data) if name else _best_there_is(data, say)
    say(f"{dataset.name}: {dataset.n_songs:,} songs, {len(dataset.train):,} playlists, {dataset.train.n_plays:,} plays")
    playlists = parts(dataset, _HELD_OUT)
    folder = unused(Path("runs", f"demo-{dataset.name}"))
    models = {name: make(name) for name in COMPARED}
    seconds = fit(models, playlists[0], dataset.n_songs)
    facts = about(dataset, _HELD_OUT, 0, _QUERIES)
    report = reported(models, playlists, dataset, queries=_QUERIES, seconds=seconds, facts=facts)
    say(report.to_markdown())
    run = run_of(dataset, "blend", models["blend"], playlists[0], seconds["blend"], _HELD_OUT, 0)
    with_map(replace(run, metrics=report.figures())).save(folder)
    busiest = dataset.catalogue[int(dataset.catalogue.plays.argmax())]
    say(f"saved {folder}, its report is {folder / 'report.html'}")
    command = "recommender" if shutil.which("recommender") else sys.argv[0]
    say(f'try: {command} recommend {folder} "{busiest.title}"')
    return folder


def _best_there_is(data: str | None, say: Callable[[str], object]) -> Dataset:
    folder = data_folder(data)
    if (folder / "yes_complete").is_dir():
        return load("yes_complete", data)
    try:
        if not reachable(ARCHIVES):
            raise RecommenderError("none of the mirrors can be reached from here")
        say("downloading yes_complete (75,262 songs played on US radio)")
        return load(download("yes_complete", folder))
    except RecommenderError as error:
        say(f"no real playlists: {error}")
        say("so this is the built-in toy: made-up songs on made-up stations, on which models differ as on real radio")
        say("for the real ones: `recommender download yes_complete`, then `recommender demo` again")
        return load("toy")
