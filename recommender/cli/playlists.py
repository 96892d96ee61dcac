"""Commands about a playlist at hand: go on, fill gaps, put in order, find what does not fit, name it."""

import json
from collections.abc import Sequence
from typing import Any

import click

from recommender.cli.asking import found
from recommender.cli.files import REPLACE, SAVE, check_save, songs_of
from recommender.cli.options import JSON, cut
from recommender.cli.sequences import choosing, given, opened, run_and_songs, saved, shown

GAP = "_"


@click.group()
def playlist() -> None:
    """Work on a playlist: go on, fill gaps, put in order, find what does not fit, name it.

    For example: recommender playlist continue RUN --from mine.m3u8 --songs 30 --save longer.m3u8
    """


@playlist.command("continue")
@run_and_songs
@click.option("--songs", "n", default=20, show_default=True, type=click.IntRange(1), help="In the whole playlist.")
@choosing
@JSON
def continue_(run: str, songs: Sequence[str], source: str | None, n: int, as_json: bool, **options: Any) -> None:
    """Add the best next song to SONG... again and again."""
    from recommender.editing import continued

    loaded, rotation = opened(run, options)
    rows = given(loaded, songs, source, as_json)
    found = continued(loaded.model, rows, n, rotation)
    shown(loaded, found, as_json, "found", [place >= len(rows) for place in range(len(found))])
    saved(loaded, found, f"{loaded.catalogue[rows[0]]}, continued", as_json, options)


@playlist.command()
@run_and_songs
@choosing
@JSON
def fill(run: str, songs: Sequence[str], source: str | None, as_json: bool, **options: Any) -> None:
    """Find the songs that fit where SONG... has a gap, written _ (as in: 31 _ 48)."""
    from recommender.editing import filled

    loaded, rotation = opened(run, options)
    known = [loaded.catalogue.row(song.id) for song in songs_of(loaded.catalogue, source)]
    named = iter(found(loaded, [text for text in songs if text != GAP], as_json))
    gapped = [*known, *(None if text == GAP else loaded.catalogue.row(next(named).id) for text in songs)]
    whole = filled(loaded.model, gapped, rotation)
    shown(loaded, whole, as_json, "found", [song is None for song in gapped])
    saved(loaded, whole, "a playlist without gaps", as_json, options)


@playlist.command()
@run_and_songs
@click.option("--keep-first", is_flag=True, help="The first song stays first.")
@SAVE
@REPLACE
@JSON
def reorder(
    run: str, songs: Sequence[str], source: str | None, keep_first: bool, as_json: bool, **options: Any
) -> None:
    """Put SONG... in an order in which each is a likely step.

    Beside each song stands its place among all that may follow the one before: 1 is the best.
    """
    from recommender.editing import reordered
    from recommender.run import Run
    from recommender.steps import along

    check_save(options["file"], options["force"])
    loaded = Run.load(run)
    order = reordered(loaded.model, given(loaded, songs, source, as_json), keep_first=keep_first)
    shown(loaded, order, as_json, "place", [None, *along(loaded.model, order).tolist()])
    saved(loaded, order, "a playlist in order", as_json, options)


@playlist.command()
@run_and_songs
@JSON
def misfits(run: str, songs: Sequence[str], source: str | None, as_json: bool) -> None:
    """Which of SONG... the others would expect least, that first.

    Beside each song stands its place among all, given the others: the greater, the less it fits; none: the model
    would not play it with them.
    """
    from recommender.editing import misfits as find
    from recommender.run import Run

    loaded = Run.load(run)
    rows = given(loaded, songs, source, as_json)
    worst = sorted(zip(find(loaded.model, rows).tolist(), rows, strict=True), key=lambda one: -one[0])
    shown(loaded, [song for _, song in worst], as_json, "place", [place for place, _ in worst])


@playlist.command()
@run_and_songs
@click.option("--k", default=10, show_default=True, type=click.IntRange(1), help="How many tags.")
@JSON
def tags(run: str, songs: Sequence[str], source: str | None, k: int, as_json: bool) -> None:
    """What SONG... have in common by their tags, more than the catalogue has."""
    from recommender.editing import tags as find
    from recommender.run import Run

    loaded = Run.load(run)
    found = find(loaded.catalogue, given(loaded, songs, source, as_json))[:k]
    if as_json:
        click.echo(json.dumps({"tags": [vars(tag) for tag in found]}, indent=2, ensure_ascii=False))
        return
    for tag in found:
        click.echo(f"{tag.name:24} {tag.songs} of {tag.of} songs, {tag.share:.0%} of the catalogue's")
    if not found:
        click.echo("no tag that these songs have more than the catalogue's")


@playlist.command()
@run_and_songs
@click.option("--k", default=10, show_default=True, type=click.IntRange(1), help="How many playlists.")
@JSON
def alike(run: str, songs: Sequence[str], source: str | None, k: int, as_json: bool) -> None:
    """The playlists that the run learnt from and that are most like SONG....

    Beside each stands how many songs are in both of those in either (Jaccard), and its songs,
    those in common first.
    """
    from recommender.editing import most_alike
    from recommender.run import Run

    loaded = Run.load(run)
    rows = given(loaded, songs, source, as_json)
    found = [(loaded.learnt_from[i].tolist(), share) for i, share in most_alike(loaded.learnt_from, rows, k)]
    if as_json:
        told = [{"likeness": share, "songs": loaded.catalogue.ids[held].tolist()} for held, share in found]
        click.echo(json.dumps({"playlists": told}, indent=2))
        return
    for held, share in found:
        named = ", ".join(str(loaded.catalogue[song]) for song in sorted(held, key=lambda song: song not in rows))
        click.echo(f"{share:6.0%}  {len(held):>4} songs: {cut(named, 100)}")
    if not found:
        click.echo("no playlist has any of these songs")
