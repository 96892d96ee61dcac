"""How likely held-out stations find what we make: paths, radio and orders, beside what they played and random songs.

    scripts/judge [DATASET ...] [--data FOLDER] [--sequences 200]

The playlists with two songs or more are split whole: nine twentieths teach the model that makes sequences, nine
twentieths the judge, a model of another kind, and the rest calibrates the judge (half of it) and gives the sequences
that a station played. So the judge has seen neither what it judges nor what made it. It tells the mean log-likelihood
of a song given all before it in the sequence. As it finds hits likelier, random songs stand there that are as popular.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from recommender import Playlists, RecommenderError, load, make
from recommender.editing import reordered
from recommender.likelihood import calibrate, log_likelihoods, transitions
from recommender.paths import path
from recommender.radio import Radio
from recommender.report_text import table
from recommender.significance import bootstrap, interval
from recommender.steps import Rotation

DATASETS, MAKERS, JUDGE = ("yes_small", "yes_big"), ("spectral", "vstan"), "item_knn"
SONGS, SPACING, NEAR = 8, 2, 25
Sequences = list[list[int]]


class Judge:
    """A model that learnt from other playlists than those judged, and its calibration."""

    def __init__(self, playlists: Playlists, validation: Playlists, n_songs: int) -> None:
        self.model = make(JUDGE, {}).fit(playlists, n_songs)
        plays = playlists.counts(n_songs) + 1
        self.popularity = plays / plays.sum()
        self.calibration = calibrate(self.model, validation, self.popularity, "prefix")

    def row(self, name: str, sequences: Sequences) -> list[str]:
        """Name, n, and the mean log-likelihood of a song with its 95 % interval over the sequences."""
        seeds, songs, owners = transitions(Playlists.of(sequences), "prefix")
        found = log_likelihoods(self.model, self.calibration, seeds, songs, self.popularity)
        sums, counts = np.bincount(owners, found), np.bincount(owners)
        low, high = interval(bootstrap(sums[:, None], counts[:, None], draws=1000))
        mean, low, high = (
            f"{value:.2f}".replace("-", "−") for value in (sums.sum() / counts.sum(), low.item(), high.item())
        )
        return [name, f"{len(sequences):,}", mean, f"{low} to {high}"]


def judged(name: str, data: str | None, most: int) -> Iterator[list[str]]:
    """The rows of one dataset."""
    dataset = load(name, data)
    n, rng = dataset.n_songs, np.random.default_rng(0)
    playlists = dataset.train.take(dataset.train.lengths >= 2)
    cuts = (len(playlists) * np.array([0.45, 0.9, 0.95])).astype(int)
    learnt, judges, validation, asked = (
        playlists.take(part) for part in np.split(rng.permutation(len(playlists)), cuts)
    )
    judge = Judge(judges, validation, n)
    plays = learnt.counts(n)
    known = np.flatnonzero((plays > 0) & (judges.counts(n) > 0))
    played = list(islice(windows(asked, np.isin(np.arange(n), known)), most))
    yield judge.row("as a station played them", played)
    yield judge.row("the same songs, shuffled", inner(played, rng.permutation))
    rotation = Rotation.of(dataset.catalogue, SPACING, np.isin(np.arange(n), known))  # what the judge knows, too
    for maker in MAKERS:
        model = make(maker, {}).fit(learnt, n)
        yield judge.row(f"the same songs, reordered ({maker})", [reordered(model, songs) for songs in played])
        found = list(paths(model, played, rotation))
        yield judge.row(f"path between the same ends ({maker})", found)
        yield judge.row(
            f"random songs as popular as that path's ({maker})", inner(found, as_popular(known, plays, rng))
        )
        for heat in (0, 0.5, 1):
            made = [
                [songs[0], *islice(Radio(model, songs[:1], rotation, temperature=heat, seed=seed), SONGS - 1)]
                for seed, songs in enumerate(played)
            ]
            yield judge.row(f"radio from the same first song, temperature {heat} ({maker})", made)
    yield judge.row("random songs as popular as a station's", inner(played, as_popular(known, plays, rng)))
    yield judge.row("random songs", inner(played, lambda songs: rng.choice(known, len(songs))))


def windows(playlists: Playlists, known: Any) -> Iterator[list[int]]:
    """The first songs of each playlist that are distinct and known, where there are enough."""
    for songs in playlists:
        first = songs[:SONGS]
        if len(set(first.tolist())) == SONGS and known[first].all():
            yield first.tolist()


def inner(sequences: Sequences, change: Callable[[Sequence[int]], Any]) -> Sequences:
    """The sequences with what is between their ends changed."""
    return [[songs[0], *map(int, change(songs[1:-1])), songs[-1]] for songs in sequences]


def paths(model: Any, sequences: Sequences, rotation: Rotation) -> Iterator[list[int]]:
    for songs in sequences:
        try:
            yield path(model, songs[0], songs[-1], SONGS, rotation).songs
        except RecommenderError as error:
            print(error)


def as_popular(known: Any, plays: Any, rng: np.random.Generator) -> Callable[[Sequence[int]], Any]:
    """Draws for each song one of those nearest to it by plays."""
    order = known[np.argsort(plays[known], kind="stable")]
    place = dict(zip(order.tolist(), range(len(order)), strict=True))

    def drawn(songs: Sequence[int]) -> list[int]:
        near = [place[song] + int(rng.integers(-NEAR, NEAR + 1)) for song in songs]
        return [int(order[min(max(i, 0), len(order) - 1)]) for i in near]

    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="DATASET", default=DATASETS)
    parser.add_argument("--data", metavar="FOLDER")
    parser.add_argument("--sequences", type=int, default=200, metavar="N", help="of each dataset, at most")
    given = parser.parse_args()
    for name in given.names:
        rows = list(judged(name, given.data, given.sequences))
        print(f"**{name}**\n\n{table(['sequences of 8 songs', 'n', 'log-likelihood', '95 % interval'], rows)}")


if __name__ == "__main__":
    main()
