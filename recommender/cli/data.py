"""Commands about data: download, import, stats, search."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from recommender.cli.options import DATA, FORCE, JSON, cleaning_options, cut
from recommender.errors import UnknownSongError


@click.command()
@click.argument("name")
@click.option(
    "--from", "source", metavar="URL-OR-FILE", help="Take this archive or folder instead of the known mirrors."
)
@click.option("--check", "only_check", is_flag=True, help="Verify what is there, without the network.")
@click.option("--http", is_flag=True, help="Allow plain http, which anyone on the way can change.")
@DATA
def download(name: str, source: str | None, only_check: bool, http: bool, data: str | None) -> None:
    """Fetch NAME (yes_small, yes_big or yes_complete) into the data folder."""
    from recommender import datasets

    if only_check:
        click.echo("\n".join(datasets.check(name, datasets.data_folder(data))))
        return
    new = not (datasets.data_folder(data) / name).exists()
    folder = datasets.download(name, datasets.data_folder(data), source, http=http)
    click.echo(f"{folder} is {'there now' if new else 'there already'}")
    if new:
        click.echo(datasets.data_card(folder))


@click.command("import")
@click.argument("source")
@click.argument("dataset")
@click.option("--format", help="csv, tsv, json, jsonl, spotify, m3u or jspf, instead of telling it from the file.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of files that are neither UTF-8 nor marked.")
@click.option("--strict", is_flag=True, help="Stop at the first thing that cannot be used.")
@click.option("--ignore-versions", is_flag=True, help="A song live, remastered or remixed is the song.")
@click.option("--playlist-column", metavar="NAME", help="Of a table: the column that names the playlist.")
@click.option("--position-column", metavar="NAME", help="Of a table: the column with the place in the playlist.")
@click.option("--title-column", metavar="NAME", help="Of a table: the column with the song's title.")
@click.option("--artist-column", metavar="NAME", help="Of a table: the column with the artist.")
@cleaning_options
@FORCE
def import_(source: str, dataset: str, **options: Any) -> None:
    """Make a DATASET of the playlists in SOURCE, a file, a folder or a zip.

    CSV, TSV, JSON, JSON Lines, Spotify (Million Playlist Dataset, account export), M3U/M3U8 and JSPF are known.
    """
    from recommender.cleaning import Cleaning, clean_folder
    from recommender.datasets import import_playlists

    columns = {name: options.pop(f"{name}_column") for name in ("playlist", "position", "title", "artist")}
    plain = {name: options.pop(name) for name in ("format", "encoding", "strict", "ignore_versions", "force")}
    given = {name: column for name, column in columns.items() if column}
    done = import_playlists(Path(source), Path(dataset), columns=given, **plain)
    for rejection in done.rejections:
        click.echo(f"left out: {rejection}", err=True)
    if done.rejected > len(done.rejections):
        click.echo(f"left out: {done.rejected - len(done.rejections):,} more", err=True)
    click.echo(f"{dataset}: {done}")
    if done.playlists == done.formats.get("csv") and "playlist" not in given:
        click.echo(
            "a table in which no column is known to name the playlist is one; --playlist-column NAME tells which does"
        )
    for removed in clean_folder(Path(dataset), Cleaning(**options)):
        click.echo(f"cleaned: {removed}")
    click.echo(f"try `recommender train {dataset} RUN`")


@click.command()
@click.argument("dataset")
@click.option("--report", metavar="FOLDER", help="Write a page with pictures there.")
@DATA
@JSON
def stats(dataset: str, report: str | None, data: str | None, as_json: bool) -> None:
    """What is in DATASET: counts, lengths, repeats, popularity, near-duplicates."""
    from recommender import datasets
    from recommender.stats import describe

    source = datasets.load(dataset, data)
    if report:
        from recommender.pictures import draw

        click.echo(f"wrote {draw(source, Path(report))}")
        return
    facts = describe(source)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        if isinstance(value, dict):
            click.secho(f"\n{name} playlists", bold=True)
        for fact, number in value.items() if isinstance(value, dict) else [(name, value)]:
            text = (
                f"{number:,}" if isinstance(number, int) else f"{number:.3g}" if isinstance(number, float) else number
            )
            click.echo(f"{fact:48}{text:>12}")


@click.command()
@click.argument("where", metavar="DATASET-OR-RUN")
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many songs at most.")
@DATA
@JSON
def search(where: str, text: Sequence[str], limit: int, data: str | None, as_json: bool) -> None:
    """Songs whose title and artist hold the words of TEXT, or come near; of equals, the one played most first."""
    from recommender import datasets
    from recommender.run import Run

    is_run = Path(where, "card.json").exists()
    catalogue = Run.load(where).catalogue if is_run else datasets.load(where, data).catalogue
    asked = " ".join(text)
    songs = [catalogue[row] for row in catalogue.search(asked, limit)]
    if as_json:
        click.echo(json.dumps([vars(song) for song in songs], indent=2, ensure_ascii=False))
    elif not songs:
        raise UnknownSongError(f"no song matches {asked!r}; try fewer words, or the beginning of a word")
    elif not catalogue.index.matching(asked, limit=1):
        click.echo(f"no song matches {asked!r}; these come near", err=True)
    for song in [] if as_json else songs:
        click.echo(f"{song.id:>8}  {cut(str(song), 60):60}  {song.plays:>6} plays  {cut(', '.join(song.tags), 40)}")
