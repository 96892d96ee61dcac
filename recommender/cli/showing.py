"""How an answer is shown: a table for people, or JSON for programs."""

import json
from collections.abc import Sequence
from typing import Any

import click

from recommender.cli.files import link
from recommender.cli.options import cut

Notes = dict[str, tuple[str, Any]]


def notes(found: Sequence[tuple[Any, float]], service: str | None, reasons: Sequence[Any] = ()) -> list[Notes]:
    """What is said of each answer besides: by its name in JSON, the line and the value."""
    said: list[Notes] = [{} for _ in found]
    for note, (song, _) in zip(said, found, strict=True):
        if address := link(song, service):
            note["link"] = (address, address)
    for note, reason in zip(said, reasons, strict=False):
        note["why"] = (reason.sentence, reason.figures())
    return said


def show(
    heading: str,
    seeds: Sequence[Any],
    found: Sequence[tuple[Any, float]],
    besides: Sequence[Notes],
    as_json: bool,
    end: str,
) -> None:
    """Print songs with their scores, what is said of each below it, and one line at the end, if any."""
    if as_json:
        songs = [
            vars(song) | {"score": score} | {name: value for name, (_, value) in note.items()}
            for (song, score), note in zip(found, besides, strict=True)
        ]
        answer = {"seeds": [vars(song) for song in seeds], "songs": songs}
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    click.secho(heading, bold=True)
    click.echo("rank      score      id  song")
    for place, ((song, score), note) in enumerate(zip(found, besides, strict=True), 1):
        tags = cut(", ".join(song.tags), 40)
        click.echo(f"{place:>3}  {score:>9.3f}  {song.id:>6}  {cut(str(song), 56):56}  {tags}".rstrip())
        for line, _ in note.values():
            click.echo(f"{'':24}{line}")
    click.echo(end, nl=bool(end))
