"""Commands that find sequences of songs: a path and a radio."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.asking import found
from recommender.cli.options import JSON, SEED
from recommender.cli.sequences import choosing, given, line, opened, run_and_songs, saved, shown

if TYPE_CHECKING:
    from recommender.run import Run


@click.command()
@click.argument("run")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--songs", default=8, show_default=True, type=click.IntRange(3, 100), help="With both ends.")
@choosing
@JSON
def path(run: str, start: str, end: str, songs: int, as_json: bool, **options: Any) -> None:
    """Songs that lead from one to another, each a likely step (ids, or words that find a song).

    Beside each song stands its place among all that may follow the one before: 1 is the best.
    """
    from recommender.paths import path as find

    loaded, rotation = opened(run, options)
    first, last = given(loaded, [start, end], None, as_json)
    led = find(loaded.model, first, last, songs, rotation)
    shown(loaded, led.songs, as_json, "place", [None, *led.places])
    saved(loaded, led.songs, f"from {loaded.catalogue[first]} to {loaded.catalogue[last]}", as_json, options)


@click.command()
@run_and_songs
@click.option("--songs", "n", type=click.IntRange(1, 10**6), help="How many.  [default: 30]")
@click.option("--endless", is_flag=True, help="In place of --songs: go on until Ctrl-C; --json prints a song a line.")
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
@choosing
@SEED
@JSON
def radio(
    run: str,
    songs: Sequence[str],
    source: str | None,
    n: int | None,
    endless: bool,
    temperature: float,
    memory: int,
    seed: int,
    as_json: bool,
    **options: Any,
) -> None:
    """Songs that follow SONG... and one another, drawn anew with each --seed."""
    from recommender.radio import Radio

    if endless and (n or options["file"]):
        raise click.UsageError("--endless goes without --songs and --save")
    loaded, rotation = opened(run, options)
    liked = [loaded.catalogue.row(song.id) for song in found(loaded, options["liked"], as_json)]
    seeds = given(loaded, songs, source, as_json) if songs or source or not liked else liked
    stream = Radio(loaded.model, seeds, rotation, temperature=temperature, memory=memory, seed=seed)
    for row in liked:
        stream.like(row)
    for song in found(loaded, options["disliked"], as_json):
        stream.dislike(loaded.catalogue.row(song.id))
    if endless:
        _play(loaded, stream, as_json)
        return
    played = list(islice(stream, n or 30))
    shown(loaded, played, as_json)
    saved(loaded, played, f"after {loaded.catalogue[seeds[-1]]}", as_json, options)


def _play(run: "Run", stream: Iterator[int], as_json: bool) -> None:
    """Print song after song until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        for song in stream:
            click.echo(json.dumps(vars(run.catalogue[song]), ensure_ascii=False) if as_json else line(run, song))
