"""Files of songs: the options that take songs from one, write the answer to one, and show links; and what they do."""

from collections.abc import Sequence
from typing import Any

import click

from recommender.errors import UnknownSongError

FROM = click.option(
    "--from", "source", metavar="FILE", help="Take the songs of FILE first: CSV, JSON, M3U, JSPF, or a text."
)
SAVE = click.option(
    "--save", "file", metavar="FILE", help="Write the answer as its ending says: .csv, .json, .m3u8, .jspf or .txt."
)
REPLACE = click.option("--force", is_flag=True, help="Replace the file of --save.")
LINKS = click.option(
    "--links",
    "service",
    type=click.Choice(["spotify", "youtube", "apple", "deezer", "musicbrainz"]),
    help="An address under each answer that searches for it there.",
)
_SHOWN = 5  # songs that were not found


def songs_of(catalogue: Any, source: str | None) -> list[Any]:
    """The songs of the file of --from; what is not found is said, all of it an error."""
    if not source:
        return []
    from recommender.datasets.songlists import read_playlist

    found = read_playlist(source, catalogue)
    missing = [_missed(catalogue, *song) for song in found.missing[:_SHOWN]]
    if not found.rows:
        raise UnknownSongError(
            f"{source}: not one of its songs ({len(found.missing):,}) is in the catalogue of the run; {missing[0]}"
        )
    for rejection in found.rejections:
        click.echo(f"left out: {rejection}", err=True)
    for missed in missing:
        click.echo(f"not found: {missed}", err=True)
    if len(found.missing) > _SHOWN:
        click.echo(f"not found: {len(found.missing) - _SHOWN:,} more", err=True)
    return [catalogue[row] for row in found.rows]


def _missed(catalogue: Any, title: str, artist: str) -> str:
    """A song that was not found, and what may have been meant."""
    from recommender.datasets.songlists import suggestions

    near = ", ".join(str(catalogue[row]) for row in suggestions(catalogue, title, artist))
    return " · ".join(filter(None, (title, artist))) + (f" (did you mean {near}?)" if near else "")


def check_save(file: str | None, force: bool) -> None:
    """Raise RecommenderError, before anything long is done, if the file of --save may not be written."""
    if file:
        from recommender.export import check_export

        check_export(file, force=force)


def save(file: str | None, found: Sequence[tuple[Any, float]], name: str, force: bool) -> str:
    """Write the songs of an answer to the file of --save, if there is one; what is to be said of it."""
    if not file:
        return ""
    from recommender.export import write_playlist

    write_playlist(file, [song for song, _ in found], name, force=force)
    return f"saved in {file}"


def link(song: Any, service: str | None) -> str:
    """The address of --links, "" without one."""
    if not service:
        return ""
    from recommender.export import links

    return links(song).get(service, "")
