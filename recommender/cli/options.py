"""Options that several commands share, and the one way in which they shorten text."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from recommender.cleaning import Cleaning

DATA = click.option("--data", metavar="FOLDER", help="The data folder (else $RECOMMENDER_DATA, else ./data).")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
K = click.option("--k", default=10, show_default=True, type=click.IntRange(1), help="How many songs.")
SEED = click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0, 2**32 - 1), help="Of all that is random."
)
HOLD_OUT = click.option(
    "--hold-out",
    "held_out",
    default=0.0,
    type=click.FloatRange(0, 0.9),
    metavar="SHARE",
    help="Keep this share of the training playlists, whole, to ask about.",
)
CLEANING = (
    click.option("--drop-unknown", is_flag=True, help="Without songs whose title or artist is unknown."),
    click.option("--merge-ids", is_flag=True, help="Several ids of one title and artist become one song."),
    click.option("--collapse-repeats", is_flag=True, help="Only the first play of a song in a playlist."),
    click.option(
        "--near-duplicates",
        type=click.FloatRange(0, 1, max_open=True),
        metavar="JACCARD",
        help="Without playlists this near an earlier one.",
    ),
    click.option("--min-plays", type=click.IntRange(0), default=0, help="Without songs played less often."),
)
TASTE = (
    click.option("--like", multiple=True, metavar="SONG", help="A song liked, as if played earlier; may be repeated."),
    click.option("--dislike", multiple=True, metavar="SONG", help="Keep away from what follows SONG; may be repeated."),
    click.option("--artist", "artists", multiple=True, metavar="NAME", help="What goes with NAME; may be repeated."),
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="What goes with TAG; may be repeated."),
)
FILTERS = (
    click.option("--only-tag", "only_tags", multiple=True, metavar="TAG", help="Songs with TAG; may be repeated."),
    click.option("--without-tag", "without_tags", multiple=True, metavar="TAG", help="None with TAG."),
    click.option(
        "--only-artist", "only_artists", multiple=True, metavar="NAME", help="Songs by NAME; may be repeated."
    ),
    click.option("--without-artist", "without_artists", multiple=True, metavar="NAME", help="None by NAME."),
    click.option("--only", metavar="FILE", help="Only songs in FILE: ids, or a list that was saved."),
    click.option("--without", metavar="FILE", help="No song in FILE: ids, or a list that was saved."),
    click.option("--hide-unknown", is_flag=True, help="No song without a title or an artist."),
)
PER_ARTIST = click.option("--max-per-artist", type=click.IntRange(1), metavar="N", help="At most N songs of an artist.")
SHAPE = (
    PER_ARTIST,
    click.option(
        "--artist-spacing",
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help="N songs of others between two of an artist, those just played too.",
    ),
    *FILTERS,
    click.option("--collapse-versions", is_flag=True, help="A song once, whatever its ids, live or remix."),
    click.option(
        "--popularity",
        type=click.FloatRange(-1, 1),
        default=0.0,
        metavar="STRENGTH",
        help="From -1 (the long tail) to 1 (hits).",
    ),
    click.option(
        "--variety", type=click.FloatRange(0, 1), default=0.0, metavar="STRENGTH", help="From 0 to 1: songs less alike."
    ),
)
MODEL = click.option("--model", default="song2vec", show_default=True, help="A name that `recommender models` lists.")
SETTINGS = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the model; may be repeated."
)
FORCE = click.option("--force", is_flag=True, help="Replace a run that is there.")


def _of_spark(context: click.Context, _: click.Parameter, master: str | None) -> str | None:
    if master and context.params["engine"] != "spark":
        raise click.UsageError("--master names a Spark cluster; it goes with --engine spark")
    return master


ENGINE = (
    click.option(
        "--engine",
        type=click.Choice(["local", "spark"]),
        default="local",
        show_default=True,
        is_eager=True,  # known before --master, wherever it stands
        help="What does the work: this process, or Apache Spark.",
    ),
    click.option(
        "--master",
        metavar="URL",
        callback=_of_spark,
        help="The Spark cluster.  [default: that of spark-submit, or local[*]]",
    ),
)


def seconds(text: str) -> float:
    """The time that a person gives, a number alone or with s, m or h.

    >>> seconds("600"), seconds("1.5m")
    (600.0, 90.0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None:
        raise click.BadParameter(f"{text!r} is no time; give seconds, or 90s, 10m, 1.5h")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2] or "s"]


def cleaning_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what to clean, all off by default."""
    return _with(CLEANING, command)


def cleaning_of(options: Mapping[str, Any]) -> "Cleaning":
    """What those options ask for."""
    from recommender.cleaning import Cleaning

    return Cleaning(**{field.name: options[field.name] for field in fields(Cleaning)})


def taste_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what is liked and disliked besides a playlist (see `Taste`)."""
    return _with(TASTE, command)


def filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which songs may be chosen."""
    return _with(FILTERS, command)


def engine_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say where the work is done: `engine`, "local" or "spark", and `master`, a URL or None."""
    return _with(ENGINE, command)


def shape_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what is asked of a list of songs (see `Shape`)."""
    return _with(SHAPE, command)


def _with(options: Sequence[Callable[..., Any]], command: Callable[..., None]) -> Callable[..., None]:
    return reduce(lambda inner, option: option(inner), reversed(options), command)


def cut(text: str, width: int) -> str:
    """The text, its end an ellipsis where it is longer than `width`."""
    return text if len(text) <= width else text[: width - 1] + "…"
