"""What the parameters of each model are worth: its defaults, then one thing changed at a time.

    scripts/study [DATASET ...] [--models NAME ...] [--data FOLDER] [--draw]

Nothing here sees a test playlist. The tenth of the training playlists that README's tables ask about is put aside; of
the others a tenth asks, and what is left is learnt from. Seconds are processor seconds of one thread, so that what else
the machine does changes them little; the least of three where they are below one. Datasets run at once, a core each.

The numbers go to tests/data/settings.json, model by model, and stay there until the model is measured again; the tables
go into .github/STUDY.md, the picture beside it; a test holds all three together.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from threading import Lock
from typing import Any

import numpy as np
from tqdm import tqdm

from recommender import MODELS, Recommender, RecommenderError, Report, Split, hold_out, load, make, next_song, rank
from recommender.datasets import Dataset
from recommender.metrics import evaluated
from tests.front import draw
from tests.made import DATA, ROOT, put
from tests.settings_text import METRICS, label, tables

RESULTS = ROOT / "tests" / "data" / "settings.json"
PAGE, PICTURE = ROOT / ".github" / "STUDY.md", ROOT / ".github" / "quality.png"
START, END = "<!-- made by scripts/study -->\n", "<!-- end of study -->\n"
DATASETS = ("yes_small", "yes_big")
TEST_SEED, VALIDATION_SEED, QUERIES = 0, 123, 6000
Change = dict[str, Any]  # parameter -> value; all others keep their default
Results = dict[str, dict[str, Any]]


def each(**values: Sequence[Any]) -> list[Change]:
    """A change for each value of each parameter."""
    return [{parameter: value} for parameter, some in values.items() for value in some]


OLD_SONG2VEC: Change = {"start": "random", "epochs": 30, "negative": 20, "dim": 64, "ns_exponent": 0.25}
OLD_SONG2VEC |= {"alpha": 0.025, "context": 20, "decay": 0.9, "noise_weight": 0.5}
CHANGES: dict[str, list[Change]] = {
    "popularity": [],
    "markov": each(shrinkage=(0.0, 1.0, 20.0)),
    "backoff": each(order=(1, 2, 5)),
    "skip_markov": each(context=(10, 40), decay=(0.9, 1.0), spread=(1.0, 4.0), reach=(2, 8), rarity=(0.0, 1.0)),
    "sequential_rules": each(steps=(10, 40), fade=(0.0, 1.0), context=(1, 5, 20), decay=(0.8, 0.95), rarity=(0.0, 1.0)),
    "item_knn": [
        *each(weighting=("cosine", "tfidf"), neighbours=(100, 2000), shrinkage=(0.0, 5.0, 20.0)),
        *each(context=(40,), decay=(0.95,)),
        {"context": 40, "decay": 0.95},
    ],
    "session_knn": each(
        neighbours=(100, 200, 500, 2000), context=(10, 40), decay=(0.8, 0.95), rarity=(0.0, 1.0), length=(0.0, 1.0)
    ),
    "vs_knn": each(
        neighbours=(100, 500),
        context=(20,),
        weighting=("log", "quotient"),
        match_weighting=("same", "quotient"),
        length=(0.0, 1.0),
        seed_idf=(0.0, 5.0),
        idf=(0.0, 0.5, 2.0),
    ),
    "vstan": each(
        aligned=(False,),
        floor=(0.0, 1.0),
        spread=(0.75, 3.0),
        reach=(2, 8),
        neighbours=(100, 500),
        agreement=(0.0, 1.0),
        decay=(0.9,),
        context=(20,),
    ),
    "ease": each(regularisation=(30.0, 300.0), length=(0.0,), neighbours=(100,), context=(20,), decay=(0.9,)),
    "als": each(dim=(32, 128), regularisation=(3.0, 30.0), confidence=(2.0, 10.0), epochs=(5, 30), context=(20,)),
    "bpr": each(dim=(32, 128), regularisation=(1e-4, 1e-3), alpha=(0.01, 0.05), epochs=(30,), bias_weight=(0.0, 1.0)),
    "spectral": each(
        dim=(64, 128, 256, 400),
        window=(5, 20),
        falloff=(1.0,),
        smoothing=(0.25, 0.75),
        shift=(0.0,),
        iterations=(1, 4),
        context=(20,),
        decay=(0.9,),
    ),
    "book": each(dim=(128,), window=(5,), epochs=(20,), negative=(5,)),
    "song2vec": [
        OLD_SONG2VEC,
        *each(
            start=("random",),
            epochs=(2, 10),
            negative=(2, 10),
            dim=(64, 128),
            window=(10,),
            ns_exponent=(0.25, 0.75),
            sg=(0,),
            alpha=(0.005, 0.025, 0.05),
            sample=(1e-3,),
            noise_weight=(0.0, 1.0),
            context=(20,),
        ),
        {"dim": 128, "epochs": 10, "alpha": 0.025},
    ],
    "blend": each(
        members=(
            "spectral,item_knn,song2vec",
            "vstan,item_knn,song2vec",
            "vstan,spectral,song2vec",
            "vstan,spectral,item_knn",
        ),
        queries=(2000,),
    ),
}
ONLY_ASKED = {  # what a model does not learn with
    "markov": {"shrinkage"},
    "skip_markov": {"decay", "spread", "rarity"},
    "sequential_rules": {"context", "decay", "rarity"},
    "item_knn": {"context", "decay"},
    "session_knn": {"neighbours", "context", "decay"},
    "vs_knn": {"neighbours", "context", "weighting", "match_weighting", "seed_idf", "idf"},
    "vstan": {"neighbours", "context", "decay", "spread", "reach", "floor", "agreement", "aligned"},
    "ease": {"context", "decay"},
    "als": {"context", "decay"},
    "bpr": {"bias_weight", "context", "decay"},
    "spectral": {"context", "decay"},
    "song2vec": {"context", "decay", "noise_weight"},
}


def changes(name: str) -> list[Change]:
    """Those of CHANGES that are none of the defaults."""
    return [change for change in CHANGES[name] if make(name, change) != make(name)]


def questions(dataset: Dataset) -> Split:
    """What is learnt from, and the queries; none of a test playlist."""
    train, _ = hold_out(dataset.train, 0.1, TEST_SEED)
    return next_song(*hold_out(train, 0.1, VALIDATION_SEED)).sample(QUERIES, 0)


def measure(name: str, changes: Sequence[Change], split: Split, n_songs: int) -> dict[str, Any]:
    """A model's defaults, and a row for them and for each change."""
    make(name).fit(split.train.slice(0, 100), n_songs)  # libraries are imported here, and not while the clock runs
    rows, values, first = [], {}, None
    for number, change in enumerate(bar := tqdm([{}, *changes], leave=False, disable=None)):
        bar.set_description(f"{name} {label(change)}")
        model, seconds = fitted(name, change, split, n_songs, first)
        first = first or (model, seconds)
        start = time.process_time()
        places = np.concatenate([part.places for part in rank(model, split.seeds, split.targets)])
        speed = len(split) / (time.process_time() - start)
        ones = np.ones(len(split), np.int64)
        values[str(number)] = {metric: evaluated(metric, places[:, None], ones) for metric in METRICS}
        rows.append({"change": change, "fit seconds": seconds, "queries/s": round(speed)})
    report = Report(values, split.owners, shown=METRICS)
    for number, row in enumerate(rows):
        row |= {metric: round(report.mean(str(number), metric), 5) for metric in METRICS}
        if number:
            gaps = {metric: report.difference(str(number), "0", metric) for metric in METRICS}
            row["against defaults"] = {metric: [round(one, 5) for one in gap] for metric, gap in gaps.items()}
    return {"defaults": asdict(make(name)), "rows": rows}


def fitted(
    name: str, change: Change, split: Split, n_songs: int, first: tuple[Recommender, float] | None
) -> tuple[Recommender, float]:
    """The model, and the seconds that its fit took; those of `first` where the change is none to learn with.

    first : the model with its defaults, and the seconds of its fit
    """
    model = make(name, change)
    if first and change.keys() <= ONLY_ASKED.get(name, set()):
        vars(model).update({key: array for key, array in vars(first[0]).items() if key.endswith("_")})
        return model, first[1]
    seconds = []
    while not seconds or (min(seconds) < 1 and len(seconds) < 3):
        start = time.process_time()
        model.fit(split.train, n_songs)
        seconds.append(time.process_time() - start)
    return model, float(f"{max(min(seconds), 1e-4):.3g}")


def study(dataset: Dataset, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What is known of the dataset, with one model after the other; one that cannot be used here is passed over."""
    split = questions(dataset)
    about = {"songs": dataset.n_songs, "learnt from": len(split.train), "queries": len(split)}
    about |= {"playlists": len(np.unique(split.owners))}
    for name in names:
        start = time.perf_counter()
        try:
            found = measure(name, changes(name), split, dataset.n_songs)
        except RecommenderError as error:
            print(f"{dataset.name}: {name} is passed over: {error}", file=sys.stderr, flush=True)
            continue
        print(f"{dataset.name}: {name} took {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        yield {"about": about, "models": {name: found}}


def merged(results: Results, name: str, found: Mapping[str, Any]) -> Results:
    """The results with what was found of a dataset laid over them; datasets and models in the order of this file."""
    old = results.get(name, {"models": {}})
    models = old["models"] | found["models"]
    ordered = {model: models[model] for model in CHANGES if model in models}
    every = results | {name: {"about": found["about"], "models": ordered}}
    return {dataset: every[dataset] for dataset in DATASETS if dataset in every}


def write(results: Results) -> None:
    """The page's tables and its picture."""
    put(PAGE, START, tables(results), END)
    draw(results, PICTURE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*", metavar="DATASET", help=f"of {', '.join(DATASETS)}; all if none")
    parser.add_argument("--models", nargs="+", choices=CHANGES, metavar="NAME", help="all if none are named")
    parser.add_argument("--data", default=DATA, metavar="FOLDER", help="where the datasets are")
    parser.add_argument("--draw", action="store_true", help="measure nothing: page and picture from the kept numbers")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := set(given.datasets) - set(DATASETS):
        parser.error(f"no dataset {unknown.pop()!r}; there are {', '.join(DATASETS)}")
    names = [name for name in given.models or CHANGES if name in MODELS]
    if given.one:
        for found in study(load(given.datasets[0], given.data), names):
            print(json.dumps(found), flush=True)
        return
    if not given.draw:
        measure_all(given.datasets or DATASETS, ["--models", *names, *(["--data", given.data] if given.data else [])])
    write(json.loads(RESULTS.read_text(encoding="utf-8")))


def measure_all(datasets: Sequence[str], options: Sequence[str]) -> None:
    """Each dataset in a process of its own, and each of its models kept as soon as it is measured."""
    lock, env = Lock(), os.environ | {"OMP_NUM_THREADS": "1"}

    def follow(name: str) -> int:
        asked = [sys.executable, "-m", "tests.settings", name, "--one", *options]
        with subprocess.Popen(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=env) as process:
            for line in process.stdout:
                with lock:
                    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
                    text = json.dumps(merged(kept, name, json.loads(line)), ensure_ascii=False, indent=1)
                    RESULTS.write_text(text + "\n", encoding="utf-8")
        return process.returncode

    with ThreadPoolExecutor() as pool:
        if any(pool.map(follow, datasets)):
            sys.exit("error: not all could be measured; the models that were are kept, the page is as it was")


if __name__ == "__main__":
    main()
