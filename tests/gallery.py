"""README's picture of real answers: a path on a map of the songs, and a shaped list with what each song speaks for.

    scripts/study answers [--data FOLDER]

The text beside it in README comes from the same runs; it is printed, and a test holds README to it.
"""

import argparse
import textwrap
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from sklearn.manifold import TSNE

from recommender import Dataset, Path, Reason, Rotation, Run, Shape, Song, load, path, train
from tests.made import DATA, ROOT

PICTURE = ROOT / ".github" / "answers.png"
ENDS, SONGS = (447, 197), 8  # from Even Flow to Poker Face
TOLD = 3  # of the list, with their reasons in words
SEEDS = (31, 2248, 48)  # Love The Way You Lie, Hey, Soul Sister, I'm Yours
SHAPE = Shape(max_per_artist=1, without_tags=("country",), collapse_versions=True)
GENRES = {
    "metal": "#222222",
    "country": "#c04e00",
    "hip hop": "#0072b2",
    "christian": "#007a59",
    "classic rock": "#aa4499",
}
GENRES |= {"soul": "#56b4e9"}
_SEED_COLORS, _EARLIER = ("#0072b2", "#d55e00", "#009e73"), "#bbbbbb"
_INDENTED = {"initial_indent": " " * 5, "subsequent_indent": " " * 5}
_HALO = [withStroke(linewidth=2.5, foreground="white")]


def draw(mapped: Run, steps: list[int], reasons: list[Reason], seeds: list[Song]) -> Figure:
    """The path on the left, the list on the right.

    mapped : a run with vectors; steps : rows of the path
    """
    figure = Figure(figsize=(12, 5.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.3))
    _map(left, mapped, steps)
    _list(right, reasons, seeds)
    return figure


def _map(axes: Any, run: Run, steps: list[int]) -> None:
    known = ~np.isnan(run.model.vectors_[:, 0])
    points = np.full((len(known), 2), np.nan)
    points[known] = TSNE(metric="cosine", init="pca", random_state=0).fit_transform(run.model.vectors_[known])
    left_out = np.ones(len(known), bool)
    for genre, color in GENRES.items():
        some = np.array([genre in tags for tags in run.catalogue.tags]) & left_out
        left_out &= ~some
        axes.scatter(*points[some].T, s=5, color=color, alpha=0.55, linewidths=0, label=genre)
    axes.scatter(*points[left_out].T, s=3, color="#c8c8c8", alpha=0.6, linewidths=0, zorder=0)
    axes.plot(*points[steps].T, color="#000000", linewidth=1.2, marker="o", markersize=5, zorder=3)
    near: dict[str, Any] = {"textcoords": "offset points", "path_effects": _HALO, "zorder": 4, "fontweight": "bold"}
    on_path = points[steps]
    for i, point in enumerate(on_path):  # a number stands on the side of its point where the path does not go
        away = point - np.delete(on_path, i, axis=0)[max(i - 1, 0) : i + 1].mean(axis=0)
        axes.annotate(f"{i + 1}", point, 10 * away / np.hypot(*away), fontsize=9, ha="center", va="center", **near)
    listed = "\n".join(f"{number}  {run.catalogue[step]}" for number, step in enumerate(steps, 1))
    axes.text(1.02, 0.98, listed, transform=axes.transAxes, fontsize=8.5, va="top", linespacing=1.7)
    axes.set(xticks=[], yticks=[])
    axes.set_title("A path: each song a likely step after the one before", fontsize=11)
    axes.spines[:].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.13), ncols=3, frameon=False, fontsize=8, markerscale=2.5)


def _list(axes: Any, reasons: list[Reason], seeds: list[Song]) -> None:
    for row, reason in enumerate(reasons):
        start = 0.0
        for evidence in sorted(reason.seeds, key=lambda one: seeds.index(one.seed)):
            color = _SEED_COLORS[seeds.index(evidence.seed)]
            axes.barh(row, evidence.share, left=start, height=0.34, color=color)
            start += evidence.share
        axes.text(0, row - 0.3, str(reason.song), fontsize=9, va="bottom")
        first = reason.seeds[0]
        many = f"{first.near} playlist{'s' * (first.near != 1)}"
        chance = f", {first.near / first.expected:.0f} × chance" if first.near >= 5 else ""
        axes.text(1.02, row, many + chance, fontsize=8, va="center", color="#555555")
    for seed, color in zip(seeds, _SEED_COLORS, strict=True):
        axes.barh(0, 0, color=color, label=seed.title)
    axes.set_title("One song an artist, no country: which of three songs speaks for each", fontsize=11)
    axes.set(xlim=(0, 1.32), ylim=(len(reasons) - 0.4, -0.9), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.09), ncols=3, frameon=False, fontsize=8)


@dataclass(frozen=True)
class Answers:
    """What the picture shows: a path, by a run with vectors, and a list with its reasons."""

    mapped: Run
    path: Path
    seeds: list[Song]
    reasons: list[Reason]

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        mapped, asked = train(dataset, "spectral"), train(dataset, "vstan")
        start, end = (dataset.catalogue.row(song) for song in ENDS)
        found = path(mapped.model, start, end, SONGS, Rotation.of(dataset.catalogue, 2))
        answers = asked.recommend(SEEDS, SONGS, shape=SHAPE)
        seeds = [dataset.catalogue[dataset.catalogue.row(song)] for song in SEEDS]
        return cls(mapped, found, seeds, asked.explain(SEEDS, [song.id for song, _ in answers]))

    def text(self) -> str:
        """The path with its places, and the first of the list with their reasons, as README has them."""
        steps = zip(["", *(f"{place:.0f}" for place in self.path.places)], self.path.songs, strict=True)
        lines = [f"{place:>3}  {self.mapped.catalogue[song]}" for place, song in steps]
        lines.append("")
        for number, reason in enumerate(self.reasons[:TOLD], 1):
            lines += [f"{number:>3}  {reason.song}", *textwrap.wrap(reason.sentence, 110, **_INDENTED)]
        return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA, metavar="FOLDER")
    parser.add_argument("--out", default=PICTURE, metavar="FILE.png")
    given = parser.parse_args(arguments)
    answers = Answers.of(load("yes_small", given.data))
    print(answers.text())
    draw(answers.mapped, answers.path.songs, answers.reasons, answers.seeds).savefig(given.out, dpi=150)


if __name__ == "__main__":
    main()
