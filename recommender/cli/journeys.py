"""Commands about sequences of songs: a path, a radio, and what can be done to a playlist."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.asking import found as found_songs
from recommender.cli.options import JSON, SEED

if TYPE_CHECKING:
    from recommender.run import Run
    from recommender.steps import Rotation

GAP = "_"
SPACING = click.option(
    "--spacing", default=2, show_default=True, type=click.IntRange(0), help="Songs between two of one artist, at least."
)


def _run_and_songs(command: Callable[..., None]) -> Callable[..., None]:
    return click.argument("run")(click.argument("songs", nargs=-1, required=True, metavar="SONG...")(command))


@click.command()
@click.argument("run")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--songs", default=8, show_default=True, type=click.IntRange(3, 100), help="With both ends.")
@SPACING
@JSON
def path(run: str, start: str, end: str, songs: int, spacing: int, as_json: bool) -> None:
    """Songs that lead from one to another, each a likely step (ids, or words that find a song).

    Beside each song stands its place among all that may follow the one before: 1 is the best.
    """
    from recommender.paths import path as find

    opened, rotation = _opened(run, spacing)
    first, last = _rows(opened, [start, end], as_json)
    found = find(opened.model, first, last, songs, rotation)
    _show(opened, found.songs, as_json, "place", [None, *found.places])


@click.command()
@_run_and_songs
@click.option("--songs", "n", default=30, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--endless", is_flag=True, help="Go on until Ctrl-C; --json then prints a song a line.")
@click.option(
    "--temperature",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 100),
    help="0 plays the best each time, 1 strays far.",
)
@click.option("--memory", default=100, show_default=True, type=click.IntRange(1), help="No song again within so many.")
@click.option("--like", "liked", multiple=True, metavar="SONG", help="More of what follows it; may be repeated.")
@click.option("--dislike", "disliked", multiple=True, metavar="SONG", help="Less of what follows it, and never it.")
@SPACING
@SEED
@JSON
def radio(
    run: str,
    songs: Sequence[str],
    n: int,
    endless: bool,
    temperature: float,
    memory: int,
    liked: Sequence[str],
    disliked: Sequence[str],
    spacing: int,
    seed: int,
    as_json: bool,
) -> None:
    """Songs that follow SONG... and one another, drawn anew with each --seed."""
    from recommender.radio import Radio

    opened, rotation = _opened(run, spacing)
    seeds = _rows(opened, songs, as_json)
    stream = Radio(opened.model, seeds, rotation, temperature=temperature, memory=memory, seed=seed)
    for song in _rows(opened, liked, as_json):
        stream.like(song)
    for song in _rows(opened, disliked, as_json):
        stream.dislike(song)
    if endless:
        with suppress(KeyboardInterrupt):
            for song in stream:
                as_line = json.dumps(vars(opened.catalogue[song]), ensure_ascii=False)
                click.echo(as_line if as_json else _line(opened, song))
    else:
        _show(opened, list(islice(stream, n)), as_json)


@click.group()
def playlist() -> None:
    """Work on a playlist: go on, fill gaps, put in order, find what does not fit, name it."""


@playlist.command("continue")
@_run_and_songs
@click.option("--songs", "n", default=20, show_default=True, type=click.IntRange(1), help="In the whole playlist.")
@SPACING
@JSON
def continue_(run: str, songs: Sequence[str], n: int, spacing: int, as_json: bool) -> None:
    """Add the best next song to SONG... again and again."""
    from recommender.editing import continued

    opened, rotation = _opened(run, spacing)
    _show(opened, continued(opened.model, _rows(opened, songs, as_json), n, rotation), as_json)


@playlist.command()
@_run_and_songs
@SPACING
@JSON
def fill(run: str, songs: Sequence[str], spacing: int, as_json: bool) -> None:
    """Find the songs that fit where SONG... has a gap, written _ (as in: 31 _ 48)."""
    from recommender.editing import filled

    opened, rotation = _opened(run, spacing)
    named = iter(_rows(opened, [text for text in songs if text != GAP], as_json))
    gapped = [None if text == GAP else next(named) for text in songs]
    _show(opened, filled(opened.model, gapped, rotation), as_json, "found", [song is None for song in gapped])


@playlist.command()
@_run_and_songs
@click.option("--keep-first", is_flag=True, help="The first song stays first.")
@JSON
def reorder(run: str, songs: Sequence[str], keep_first: bool, as_json: bool) -> None:
    """Put SONG... in an order in which each is a likely step.

    Beside each song stands its place among all that may follow the one before: 1 is the best.
    """
    from recommender.editing import reordered
    from recommender.steps import along

    opened, _ = _opened(run, 0)
    order = reordered(opened.model, _rows(opened, songs, as_json), keep_first=keep_first)
    _show(opened, order, as_json, "place", [None, *along(opened.model, order).tolist()])


@playlist.command()
@_run_and_songs
@JSON
def misfits(run: str, songs: Sequence[str], as_json: bool) -> None:
    """Which of SONG... the others would expect least, that first.

    Beside each song stands its place among all, given the others: the greater, the less it fits.
    """
    from recommender.editing import misfits as find

    opened, _ = _opened(run, 0)
    rows = _rows(opened, songs, as_json)
    worst = sorted(zip(find(opened.model, rows).tolist(), rows, strict=True), key=lambda one: -one[0])
    _show(opened, [song for _, song in worst], as_json, "place", [place for place, _ in worst])


@playlist.command()
@_run_and_songs
@click.option("--k", default=10, show_default=True, type=click.IntRange(1), help="How many tags.")
@JSON
def tags(run: str, songs: Sequence[str], k: int, as_json: bool) -> None:
    """What SONG... have in common by their tags, more than the catalogue has."""
    from recommender.editing import tags as find

    opened, _ = _opened(run, 0)
    found = find(opened.catalogue, _rows(opened, songs, as_json))[:k]
    if as_json:
        click.echo(json.dumps({"tags": [vars(tag) for tag in found]}, indent=2, ensure_ascii=False))
        return
    for tag in found:
        click.echo(f"{tag.name:24} {tag.songs} of {tag.of} songs, {tag.share:.0%} of the catalogue's")
    if not found:
        click.echo("no tag that these songs have more than the catalogue's")


@playlist.command()
@_run_and_songs
@click.option("--k", default=10, show_default=True, type=click.IntRange(1), help="How many playlists.")
@JSON
def alike(run: str, songs: Sequence[str], k: int, as_json: bool) -> None:
    """The playlists that the run learnt from and that are most like SONG....

    Beside each stands how many songs are in both of those in either (Jaccard), and the songs that are.
    """
    from recommender.editing import most_alike

    opened, _ = _opened(run, 0)
    rows = _rows(opened, songs, as_json)
    found = [(opened.learnt_from[i].tolist(), share) for i, share in most_alike(opened.learnt_from, rows, k)]
    if as_json:
        told = [{"likeness": share, "songs": opened.catalogue.ids[held].tolist()} for held, share in found]
        click.echo(json.dumps({"playlists": told}, indent=2))
        return
    for held, share in found:
        common = ", ".join(str(opened.catalogue[song]) for song in dict.fromkeys(rows) if song in held)
        click.echo(f"{share:6.0%}  {len(held):>4} songs, with {common}")
    if not found:
        click.echo("no playlist has any of these songs")


def _opened(run: str, spacing: int) -> "tuple[Run, Rotation]":
    from recommender.run import Run
    from recommender.steps import Rotation

    opened = Run.load(run)
    return opened, Rotation.of(opened.catalogue, spacing)


def _rows(run: "Run", texts: Sequence[str], quiet: bool) -> list[int]:
    """The row of the song that each text means."""
    return [run.catalogue.row(song.id) for song in found_songs(run, texts, quiet)]


def _show(run: "Run", songs: Sequence[int], as_json: bool, kind: str = "", beside: Sequence[Any] = ()) -> None:
    """The songs, a line or an object each, with a place or a mark of that kind beside each, where there are any."""
    if as_json:
        values = [{kind: _finite(value)} for value in beside] or [{} for _ in songs]
        told = [vars(run.catalogue[song]) | value for song, value in zip(songs, values, strict=True)]
        click.echo(json.dumps({"songs": told}, indent=2, ensure_ascii=False))
        return
    for song, mark in zip(songs, [f"{_mark(value):>6}  " for value in beside] or [""] * len(songs), strict=True):
        click.echo(f"{mark}{_line(run, song)}")


def _line(run: "Run", song: int) -> str:
    return f"{run.catalogue.ids[song]:>6}  {run.catalogue[song]}"


def _finite(value: float | bool | None) -> float | bool | None:
    return None if value == inf else value


def _mark(value: float | bool | None) -> str:
    if value is None or isinstance(value, bool):
        return "+" if value else ""
    return "none" if value == inf else f"{value:,.0f}"
