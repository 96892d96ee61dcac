"""Pictures: what is in a dataset, as a web page for someone who has never seen it.

Colours are Okabe and Ito's, which the colour-blind tell apart, and each line has its own dashes besides.
"""

import html
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recommender.datasets import Dataset
from recommender.drawing import curve, finish, paper
from recommender.exposure import gini
from recommender.playlists import Playlists
from recommender.stats import describe, overlaps

if TYPE_CHECKING:
    from recommender.drawing import Figure

Numbers = NDArray[np.number]
Plays = NDArray[np.int64]
Picture = tuple[str, "Figure", str]  # the file's name, what it shows, how to read it
_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>What is in {name}</title>
<style>
body {{ font: 16px/1.5 sans-serif; color: #222; background: #fff }}
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
td {{ padding: .15rem 1rem .15rem 0; border-bottom: 1px solid #ddd }}
td + td {{ text-align: right; font-variant-numeric: tabular-nums }}
figure {{ margin: 2rem 0 }}
img {{ max-width: 100% }}
</style>
<h1>What is in {name}</h1>
<p>Terms of use: {licence}.</p>
<p>A song is unknown where its title or artist is missing. A transition is a song and the one after it. The Jaccard
similarity of two playlists is the number of songs in both, divided by the number of songs in either; shares near
another playlist are of the playlists with two distinct songs or more.</p>
{body}
</html>
"""


def draw(dataset: Dataset, folder: str | os.PathLike[str]) -> Path:
    """Write stats.html and its pictures (PNG) into a folder, which is made if need be; returns the page.

    A picture that would show nothing, such as of repeats where there are none, is left out.
    """
    page = Path(folder, "stats.html")
    page.parent.mkdir(parents=True, exist_ok=True)
    parts = _tables(describe(dataset))
    for name, figure, caption in _pictures(dataset):
        figure.savefig(page.with_name(f"{name}.png"), dpi=150)
        title = figure.axes[0].get_title()
        parts.append(f'<figure><img src="{name}.png" alt="{title}"><figcaption>{caption}</figcaption></figure>')
    texts = {"name": html.escape(dataset.name), "licence": html.escape(dataset.licence)}
    page.write_text(_PAGE.format(**texts, body="\n".join(parts)), encoding="utf-8")
    return page


def _tables(facts: dict[str, Any]) -> list[str]:
    """A table of the whole, then one with a heading for each part."""
    parts = {"Training playlists": facts["train"], "Test playlists": facts.get("test")}
    whole = {fact: value for fact, value in facts.items() if fact not in ("name", "train", "test")}
    tables = [f"<h2>{heading}</h2>\n{_table(part)}" for heading, part in parts.items() if part is not None]
    return [_table(whole), *tables, "<h2>Pictures</h2>"]


def _table(facts: dict[str, Any]) -> str:
    numbers = {fact: f"{value:,}" if isinstance(value, int) else f"{value:.3g}" for fact, value in facts.items()}
    rows = [f"<tr><td>{fact}</td><td>{number}</td></tr>" for fact, number in numbers.items()]
    return "\n".join(["<table>", *rows, "</table>"])


def _pictures(dataset: Dataset) -> Iterator[Picture]:
    """The pictures that have something to show."""
    sides = {"training playlists": dataset.train}
    if dataset.test is not None:
        sides["test playlists"] = dataset.test
    played = {label: playlists for label, playlists in sides.items() if playlists.n_plays}
    if played:
        plays = {label: np.sort(playlists.counts(dataset.n_songs))[::-1] for label, playlists in played.items()}
        yield _lengths({label: playlists.lengths for label, playlists in played.items()})
        yield _popularity(plays)
        yield _concentration(plays)
    gaps = {label: gaps for label, playlists in played.items() if len(gaps := _gaps(playlists))}
    if gaps:
        yield _repeats(gaps)
    near = {label: overlaps(side, None if side is dataset.train else dataset.train) for label, side in sides.items()}
    if any(overlap.any() for overlap in near.values()):
        yield _near({label: overlap for label, overlap in near.items() if len(overlap)})


def _lengths(lengths: Mapping[str, Numbers]) -> Picture:
    figure, axes = paper("How long playlists are", "songs in the playlist", "playlists with at least so many songs (%)")
    for line, (label, values) in enumerate(lengths.items()):
        at = np.unique(np.append(values, [1, values.max() + 1]))
        curve(axes, line, label, at, _at_least(values, at))
    finish(axes, logarithmic="x")
    medians = " and ".join(f"{np.median(values):g} for {label}" for label, values in lengths.items())
    return "lengths", figure, f"Share of playlists with at least so many songs. The median is {medians}."


def _popularity(plays: Mapping[str, Plays]) -> Picture:
    figure, axes = paper("How often songs are played", "rank of the song (1 = most played)", "plays of the song")
    for line, (label, values) in enumerate(plays.items()):
        played = values[values > 0]
        curve(axes, line, label, np.arange(1, len(played) + 1), played)
    finish(axes, logarithmic="xy")
    most = " and ".join(f"{values.max():,} times in {label}" for label, values in plays.items())
    caption = f"Plays of each song, the most played on the left ({most}). Equal steps along an axis multiply."
    return "popularity", figure, caption


def _concentration(plays: Mapping[str, Plays]) -> Picture:
    x = "songs, from the most to the least played (%)"
    figure, axes = paper("How plays are shared among songs", x, "plays that these songs have (%)")
    axes.plot([0, 100], [0, 100], color="#666666", linestyle=":", label="if all songs were played equally")
    for line, (label, values) in enumerate(plays.items()):
        shares = np.append(0, np.cumsum(values)) / values.sum() * 100
        curve(axes, line, f"{label}: Gini {gini(values):.2f}", np.linspace(0, 100, len(shares)), shares)
    finish(axes, legend="lower right")
    caption = (
        "Share of all plays that the most played songs have (the Lorenz curve, read from the top). The Gini "
        "coefficient is twice the area between the curve and the dotted line: 0 where all songs are played equally, "
        "near 1 where one song has all plays."
    )
    return "concentration", figure, caption


def _gaps(playlists: Playlists) -> Numbers:
    """(n_repeats,) how many songs after its last play in the same playlist each song is played again."""
    order = np.lexsort((playlists.songs, playlists.owners))
    return np.diff(order)[playlists.repeats[order[1:]]]


def _repeats(gaps: Mapping[str, Numbers]) -> Picture:
    x = "songs since its last play in the playlist (1 = at once)"
    figure, axes = paper("How soon a playlist plays a song again", x, "repeats after so many songs or fewer (%)")
    for line, (label, values) in enumerate(gaps.items()):
        at = np.unique(np.append(values, [1, values.max() + 1]))
        curve(axes, line, label, at, 100 - _at_least(values, at + 1))
    finish(axes, logarithmic="x")
    medians = " and ".join(f"{np.median(values):g} for {label}" for label, values in gaps.items())
    return "repeats", figure, f"How soon songs come back within a playlist. The median is {medians}."


def _near(near: Mapping[str, Numbers]) -> Picture:
    x = "Jaccard similarity with the most similar other (1 = the same songs)"
    figure, axes = paper("How many playlists nearly repeat another", x, "playlists at least so similar (%)")
    for line, (label, values) in enumerate(near.items()):
        at = np.unique(np.append(values[values > 0], 1))
        shares = _at_least(values, at)
        curve(axes, line, label, np.append(0.5, at), np.append(shares[0], shares), "steps-pre")
    finish(axes)
    caption = (
        "Of the playlists with two distinct songs or more, the share that is at least so similar to some other "
        "playlist in training. On the right end are those with the very same songs."
    )
    return "near_duplicates", figure, caption


def _at_least(values: Numbers, at: Numbers) -> Numbers:
    """Per cent of the values that are as great or greater."""
    return 100 - np.searchsorted(np.sort(values), at) / len(values) * 100
