"""What each dial of a list costs and buys, how several seeds are best heard, and on which scale popularity acts.

    scripts/study dials [DATASET ...] [--data FOLDER] [--draw]

The playlists are those of the study of parameters (`tests.settings`): nothing here sees a test playlist. The numbers go
to tests/data/dials.json, dataset by dataset; the tables go into .github/DIALS.md, the picture beside it; a test holds
all three together.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from tqdm import tqdm

from recommender import Playlists, Report, Shape, Split, hold_out, load, make, next_song, top_k
from recommender.datasets import Dataset
from recommender.exposure import coverage, exposures, intra_list_diversity, novelty
from recommender.protocol import Recommender, Scores, as_shares
from recommender.shaping import MOVED, Shaper
from recommender.traits import Traits
from tests.dials_text import draw, tables
from tests.made import DATA, ROOT, put
from tests.settings import DATASETS, TEST_SEED, VALIDATION_SEED

RESULTS = ROOT / "tests" / "data" / "dials.json"
PAGE, PICTURE = ROOT / ".github" / "DIALS.md", ROOT / ".github" / "dials.png"
START, END = "<!-- made by scripts/study dials -->\n", "<!-- end of dials -->\n"
QUERIES, PLAYLISTS, K = 2000, 300, 10
MODELS = ("vstan", "spectral")  # one compares songs by tags and artists, the other by vectors
DIALS: dict[str, tuple[Any, ...]] = {  # the first value is "off"
    "popularity": (0.0, -1.0, -0.5, -0.25, 0.25, 0.5, 1.0),
    "variety": (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0),
    "max_per_artist": (None, 3, 2, 1),
    "artist_spacing": (0, 1, 3, 9),
    "collapse_versions": (False, True),
    "hide_unknown": (False, True),
}
HEARD_BY = ("vstan", "spectral")
SEEDS = (1, 5, 10, 25)
SCALED = ("vstan", "spectral", "markov")
STRENGTHS = (-0.5, -0.25, 0.5)
TAIL = 0.2  # of all plays: those of the songs played least, which are called the long tail


def held_out(dataset: Dataset) -> tuple[Playlists, Playlists]:
    """What is learnt from, and the playlists that ask."""
    train, _ = hold_out(dataset.train, 0.1, TEST_SEED)
    return hold_out(train, 0.1, VALIDATION_SEED)


def questions(dataset: Dataset) -> Split:
    return next_song(*held_out(dataset)).sample(QUERIES, 0)


def traits(dataset: Dataset, split: Split) -> Traits:
    """Those of the catalogue with the plays that were learnt from."""
    return Traits(replace(dataset.catalogue, plays=split.train.counts(dataset.n_songs)))


def long_tail(plays: np.ndarray) -> np.ndarray:
    """(n_songs,) which songs, the least played, have at most TAIL of all plays."""
    order = np.argsort(plays, kind="stable")
    tail = np.zeros(len(plays), dtype=bool)
    tail[order[np.cumsum(plays[order]) <= TAIL * plays.sum()]] = True
    return tail


def dials(dataset: Dataset, split: Split, names: Sequence[str] = MODELS) -> Iterator[dict[str, Any]]:
    """A row a model, dial and value: what the lists hold, and the difference from the dial being off."""
    known = traits(dataset, split)
    for name in names:
        model = make(name).fit(split.train, dataset.n_songs)
        scores, vectors = scored(model, split), getattr(model, "vectors_", None)
        for dial, values in DIALS.items():
            shapers = [Shaper.of(Shape(**{dial: value}), known, vectors) for value in values]
            lists = [one.lists(scores.copy(), every(split), K)[0] for one in shapers]
            found = {str(number): per_query(songs, split, known) for number, songs in enumerate(lists)}
            report = Report(found, split.owners, shown=["hit_rate@10"])
            for number, value in enumerate(values):
                told = {metric: round(report.mean(str(number), metric), 4) for metric in found["0"]}
                gap = [round(one, 4) for one in report.difference(str(number), "0", "hit_rate@10")]
                row = {"model": name, "dial": dial, "value": value, **told, "against off": gap}
                yield row | of_lists(lists[number], dataset, known)


def every(split: Split) -> Playlists:
    """The seeds of all queries."""
    return split.seeds.slice(0, len(split))


def scored(model: Recommender, split: Split) -> Scores:
    """(n_queries, n_songs) -inf for seeds."""
    seeds = every(split)
    scores = model.score(seeds)
    scores[seeds.owners, seeds.songs] = -np.inf
    return scores


def per_query(songs: np.ndarray, split: Split, known: Traits) -> dict[str, np.ndarray]:
    """Of each list whether it holds the target, how much of it is long tail, and how many artists it has."""
    artists = np.where(songs >= 0, known.artists[songs], -1)
    tail = long_tail(known.catalogue.plays)[songs] & (songs >= 0)
    return {
        "hit_rate@10": (songs == split.targets.songs[:, None]).any(axis=1).astype(float),
        "long tail": tail.sum(axis=1) / np.maximum((songs >= 0).sum(axis=1), 1),
        "artists": np.array([len(set(row[row >= 0].tolist())) for row in artists], dtype=float),
    }


def of_lists(songs: np.ndarray, dataset: Dataset, known: Traits) -> dict[str, float]:
    """What is said of all lists together."""
    plays = known.catalogue.plays
    values = {
        "coverage": coverage(exposures(songs, dataset.n_songs), plays),
        "tag diversity": np.nanmean(intra_list_diversity(songs, dataset.catalogue.features()["tag"])),
        "novelty": np.nanmean(novelty(songs, plays)),
        "answered": (songs >= 0).mean(),
    }
    return {name: round(float(value), 4) for name, value in values.items()}


def heard(dataset: Dataset, names: Sequence[str] = HEARD_BY) -> Iterator[dict[str, Any]]:
    """A row a model and number of seeds: seeds without order, combined in several ways, ask for the rest."""
    learnt, asking = held_out(dataset)
    once = asking.keep(~asking.repeats)
    for name in names:
        model = make(name).fit(learnt, dataset.n_songs)
        rng = np.random.default_rng(0)
        for n in SEEDS:
            chosen = np.sort(rng.permutation(np.flatnonzero(once.lengths >= n + 3))[:PLAYLISTS])
            mixed = [rng.permutation(once[i]) for i in chosen.tolist()]
            values: dict[str, list[float]] = {}
            for songs in mixed:
                for way, scores in combined(model, songs[:n]).items():
                    scores[songs[:n]] = -np.inf
                    found = np.isin(top_k(scores[None], 100)[0][0], songs[n:])
                    values.setdefault(way, []).append(gain(found, len(songs) - n))
            report = Report({way: {"ndcg@100": np.array(some)} for way, some in values.items()}, np.arange(len(mixed)))
            told = {way: round(report.mean(way, "ndcg@100"), 4) for way in values}
            gaps = {
                way: [round(one, 4) for one in report.difference(way, "own", "ndcg@100")]
                for way in values
                if way != "own"
            }
            yield {"model": name, "seeds": n, "playlists": len(mixed), "ndcg@100": told, "against own": gaps}


def gain(found: np.ndarray, n_targets: int) -> float:
    """ndcg of a list."""
    worth = 1 / np.log2(np.arange(len(found)) + 2)
    return float((found * worth).sum() / worth[:n_targets].sum())


def combined(model: Recommender, seeds: np.ndarray) -> dict[str, Scores]:
    """Scores (n_songs,) by the model's own answer to all seeds, and by its answers to each alone."""
    alone = Playlists.of([[song] for song in seeds.tolist()])
    shares = as_shares(model.score(alone), alone)  # (n_seeds, n_songs)
    ways = {"own": model.score(Playlists.of([seeds]))[0], "mean": shares.mean(axis=0), "max": shares.max(axis=0)}
    return ways | {"3 nearest": np.sort(shares, axis=0)[-3:].mean(axis=0)}


def scales(dataset: Dataset, split: Split, names: Sequence[str] = SCALED) -> Iterator[dict[str, Any]]:
    """A row a model: hit rate and novelty with popularity at work on places, on shares and on standard scores."""
    plays = split.train.counts(dataset.n_songs)
    for name in names:
        scores = scored(make(name).fit(split.train, dataset.n_songs), split)
        rows = {"off": told(scores, split, plays)}
        for strength in STRENGTHS:
            for scale, moved in rescaled(scores, every(split), plays, strength).items():
                rows[f"{scale} {strength:g}"] = told(moved, split, plays)
        yield {"model": name, "rows": rows}


def told(scores: Scores, split: Split, plays: np.ndarray) -> list[float]:
    songs, _ = top_k(scores, K)
    hits = (songs == split.targets.songs[:, None]).any(axis=1)
    return [round(float(hits.mean()), 4), round(float(np.nanmean(novelty(songs, plays))), 3)]


def rescaled(scores: Scores, seeds: Playlists, plays: np.ndarray, strength: float) -> dict[str, Scores]:
    none, lift = np.isneginf(scores), np.log(plays + 1)
    places = (-np.where(none, -np.inf, scores)).argsort(axis=1, kind="stable").argsort(axis=1) + 1
    known = np.ma.masked_array(scores, none)
    mean, deviation = (of(axis=1, keepdims=True).filled(0) for of in (known.mean, known.std))
    found = {
        "places": np.where(places <= MOVED, strength * lift - np.log(places), -1e6 - places),
        "shares": np.log(as_shares(scores.copy(), seeds) + 1e-9) + strength * lift,
        "standard scores": (scores - mean) / np.maximum(deviation, 1e-9) + strength * (lift - lift.mean()) / lift.std(),
    }
    return {name: np.where(none, -np.inf, moved).astype(np.float32) for name, moved in found.items()}


def study(dataset: Dataset) -> Iterator[dict[str, Any]]:
    """What is known of a dataset, one part after the other."""
    split = questions(dataset)
    about = {"songs": dataset.n_songs, "learnt from": len(split.train), "queries": len(split)}
    yield {"about": about | {"playlists": len(np.unique(split.owners))}}
    parts = {"scales": scales(dataset, split), "dials": dials(dataset, split), "heard": heard(dataset)}
    for name, rows in parts.items():
        yield {name: list(tqdm(rows, desc=f"{dataset.name}: {name}", unit="rows"))}


def write(results: Mapping[str, Any]) -> None:
    """The page's tables and its picture."""
    put(PAGE, START, tables(results), END)
    draw(results, PICTURE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*", metavar="DATASET", help=f"of {', '.join(DATASETS)}; all if none")
    parser.add_argument("--data", default=DATA, metavar="FOLDER", help="where the datasets are")
    parser.add_argument("--draw", action="store_true", help="measure nothing: page and picture from the kept numbers")
    given = parser.parse_args()
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name in () if given.draw else given.datasets or DATASETS:
        for part in study(load(name, given.data)):
            kept[name] = kept.get(name, {}) | part
            kept = {dataset: kept[dataset] for dataset in DATASETS if dataset in kept}
            RESULTS.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write(kept)


if __name__ == "__main__":
    main()
