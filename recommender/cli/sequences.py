"""What the commands about sequences of songs share: their options, the songs they are given, and how they show some."""

import json
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.asking import found, shape
from recommender.cli.files import FROM, REPLACE, SAVE, check_save, save, songs_of
from recommender.cli.options import PER_ARTIST, filter_options

if TYPE_CHECKING:
    from recommender.run import Run
    from recommender.steps import Rotation

SPACING = click.option(
    "--spacing", default=2, show_default=True, type=click.IntRange(0), help="Songs between two of one artist, at least."
)


def run_and_songs(command: Callable[..., None]) -> Callable[..., None]:
    """A run, and songs by name or from a file."""
    return click.argument("run")(click.argument("songs", nargs=-1, metavar="SONG...")(FROM(command)))


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that finds songs: what may be chosen, how artists are spaced, and where it is saved."""
    return SPACING(PER_ARTIST(filter_options(SAVE(REPLACE(command)))))


def opened(run: str, options: Mapping[str, Any]) -> "tuple[Run, Rotation]":
    """The run, and what may be chosen of it."""
    from recommender.run import Run

    check_save(options["file"], options["force"])
    loaded = Run.load(run)
    return loaded, loaded.rotation(options["spacing"], shape(loaded, options))


def given(run: "Run", texts: Sequence[str], source: str | None, quiet: bool) -> list[int]:
    """Rows of the songs in a file, then of those that the texts mean; at least one."""
    songs = [*songs_of(run.catalogue, source), *found(run, texts, quiet)]
    if not songs:
        raise click.UsageError("give SONG... or --from FILE")
    return [run.catalogue.row(song.id) for song in songs]


def shown(run: "Run", songs: Sequence[int], as_json: bool, kind: str = "", beside: Sequence[Any] = ()) -> None:
    """Print the songs, with a place or a mark of that kind beside each, where there are any."""
    if as_json:
        values = [{kind: None if value == inf else value} for value in beside] or [{} for _ in songs]
        told = [vars(run.catalogue[song]) | value for song, value in zip(songs, values, strict=True)]
        click.echo(json.dumps({"songs": told}, indent=2, ensure_ascii=False))
        return
    for song, mark in zip(songs, [f"{_mark(value):>6}  " for value in beside] or [""] * len(songs), strict=True):
        click.echo(f"{mark}{line(run, song)}")


def saved(run: "Run", songs: Sequence[int], name: str, as_json: bool, options: Mapping[str, Any]) -> None:
    """Write the songs to the file of --save, if there is one, and say so."""
    said = save(options["file"], [(run.catalogue[song], 0.0) for song in songs], name, options["force"])
    click.echo(said, nl=bool(said), err=as_json)


def line(run: "Run", song: int) -> str:
    """A song with its id."""
    return f"{run.catalogue.ids[song]:>6}  {run.catalogue[song]}"


def _mark(value: float | bool | None) -> str:
    if value is None or isinstance(value, bool):
        return "+" if value else ""
    return "none" if value == inf else f"{value:,.0f}"
