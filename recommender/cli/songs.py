"""Commands about songs: recommend, similar, and the page and the demo that show them."""

import json
from collections.abc import Sequence
from typing import Any

import click

from recommender.cli.files import FROM, LINKS, REPLACE, SAVE, check_save, link, save, songs_of
from recommender.cli.options import DATA, JSON, K, cut
from recommender.errors import UnknownSongError

Notes = dict[str, tuple[str, Any]]


@click.command()
@click.argument("run")
@click.argument("songs", nargs=-1, metavar="SONG...")
@click.option("--playlists", metavar="FILE", help="Answer each line of song ids in FILE; - is standard input.")
@click.option(
    "--out", metavar="ANSWERS", help="Where the answers to --playlists go, as JSON Lines; else standard output."
)
@click.option("--allow-repeats", is_flag=True, help="Songs of the query may be recommended too.")
@FROM
@SAVE
@REPLACE
@LINKS
@click.option("--why", is_flag=True, help="Say of each answer why: which song speaks for it, and what bears it out.")
@K
@JSON
def recommend(
    run: str,
    songs: Sequence[str],
    playlists: str | None,
    out: str | None,
    allow_repeats: bool,
    source: str | None,
    file: str | None,
    force: bool,
    service: str | None,
    why: bool,
    k: int,
    as_json: bool,
) -> None:
    """What comes next after SONG... (ids, or words that find a song; several make a playlist, in order).

    Quote a title of several words: recommend RUN "billie jean" 29. Scores order the songs of one answer; they are
    no percentages and compare with no other model's.
    """
    from recommender.run import Run

    if bool(songs or source) == bool(playlists):
        raise click.UsageError("give either SONG... or --from FILE, or --playlists FILE")
    if playlists and (file or service):
        raise click.UsageError("--save and --links go with SONG... or --from FILE")
    if out and not playlists:
        raise click.UsageError("--out goes with --playlists FILE")
    if why and playlists:
        raise click.UsageError("--why goes with SONG... or --from FILE")
    check_save(file, force)
    opened = Run.load(run)
    if playlists:
        _answer_file(opened, playlists, out, k, allow_repeats)
        return
    seeds = [*songs_of(opened.catalogue, source), *_found(opened, songs, quiet=as_json)]
    found = opened.recommend([song.id for song in seeds], k, allow_repeats=allow_repeats)
    if not found:
        raise UnknownSongError(
            f"nothing follows {seeds[0]}: it was not played with others in training; name another song with it, "
            f"or {opened.remedy}"
        )
    heading = f"after {_listed(seeds)}"
    said = save(file, found, heading, force)
    reasons = opened.explain([song.id for song in seeds], [song.id for song, _ in found]) if why else []
    _show(heading, seeds, found, as_json, _notes(found, service, reasons), said)


@click.command()
@click.argument("run")
@click.argument("song")
@SAVE
@REPLACE
@LINKS
@K
@JSON
def similar(run: str, song: str, file: str | None, force: bool, service: str | None, k: int, as_json: bool) -> None:
    """Songs that play the same role as SONG (cosine of the vectors), which is not what comes next."""
    from recommender.run import Run

    check_save(file, force)
    opened = Run.load(run)
    (asked,) = _found(opened, [song], quiet=as_json)
    found = opened.similar(asked.id, k)
    said = save(file, found, f"like {asked}", force)
    _show(f"like {asked}", [asked], found, as_json, _notes(found, service), said)


@click.command()
@click.argument("run", required=False)
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Where the page listens.")
def app(run: str | None, port: int) -> None:
    """Open the web page on RUN, else on the newest in ./runs; Ctrl-C stops it."""
    from recommender.page.start import start
    from recommender.run import Run

    if run:
        Run.load(run)
    start(run, port)


@click.command()
@click.option("--dataset", help="A dataset instead of yes_complete or toy.")
@click.option("--no-app", is_flag=True, help="End after the report, without the web page.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Where the page listens.")
@DATA
def demo(dataset: str | None, no_app: bool, port: int, data: str | None) -> None:
    """The main job in one go: get playlists, train, evaluate, save, open the web page."""
    from recommender.demo import demo as run_demo

    run = run_demo(dataset, data, click.echo)
    if not no_app:
        from recommender.page.start import start

        start(str(run), port)


def _found(run: Any, texts: Sequence[str], quiet: bool) -> list[Any]:
    """The song that each text means, and a word on those that could mean another."""
    songs = []
    for text in texts:
        row = run.catalogue.find(text)
        songs.append(run.catalogue[row])
        others = len(set(run.catalogue.search(text, limit=1000)) - {row})
        if others and not quiet:
            many = "more than 999" if others >= 999 else others
            click.echo(f"{text!r} is taken for {songs[-1]}; {many} other songs match, `recommender search` lists them")
    return songs


def _answer_file(run: Any, playlists: str, out: str | None, k: int, allow_repeats: bool) -> None:
    from recommender.batch import answer_file

    empty = answer_file(run, playlists, out, k, allow_repeats=allow_repeats)
    if empty:
        click.echo(f"{empty} of the lines had no known song, or every one, and got an empty answer", err=True)


def _listed(seeds: Sequence[Any]) -> str:
    """The seeds in order, of many the last."""
    last = " → ".join(map(str, seeds[-5:]))
    return f"{len(seeds):,} songs, the last {last}" if len(seeds) > 5 else last


def _notes(found: Sequence[tuple[Any, float]], service: str | None, reasons: Sequence[Any] = ()) -> list[Notes]:
    """What is said of each answer besides: by its name in JSON, the line and the value."""
    notes: list[Notes] = [{} for _ in found]
    for note, (song, _) in zip(notes, found, strict=True):
        if address := link(song, service):
            note["link"] = (address, address)
    for note, reason in zip(notes, reasons, strict=False):
        note["why"] = (reason.sentence, reason.figures())
    return notes


def _show(
    heading: str,
    seeds: Sequence[Any],
    found: Sequence[tuple[Any, float]],
    as_json: bool,
    notes: Sequence[Notes],
    said: str,
) -> None:
    if as_json:
        songs = [
            vars(song) | {"score": score} | {name: value for name, (_, value) in note.items()}
            for (song, score), note in zip(found, notes, strict=True)
        ]
        answer = {"seeds": [vars(song) for song in seeds], "songs": songs}
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    click.secho(heading, bold=True)
    click.echo("rank      score      id  song")
    for place, (song, score) in enumerate(found, 1):
        tags = cut(", ".join(song.tags), 40)
        click.echo(f"{place:>3}  {score:>9.3f}  {song.id:>6}  {cut(str(song), 56):56}  {tags}".rstrip())
        for line, _ in notes[place - 1].values():
            click.echo(f"{'':24}{line}")
    click.echo(said, nl=bool(said))
