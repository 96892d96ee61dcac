"""Commands about songs: recommend, similar, and the page and the demo that show them."""

from collections.abc import Sequence
from typing import Any

import click

from recommender.cli.asking import NONE_LEFT, asked, found, heading, nothing, shape
from recommender.cli.engines import answer_file
from recommender.cli.files import FROM, LINKS, REPLACE, SAVE, check_save, save, songs_of
from recommender.cli.options import DATA, JSON, K, engine_options, shape_options, taste_options
from recommender.cli.showing import notes, show
from recommender.errors import UnknownSongError


@click.command()
@click.argument("run")
@click.argument("songs", nargs=-1, metavar="SONG...")
@click.option("--playlists", metavar="FILE", help="Answer each line of song ids in FILE; - is standard input.")
@click.option(
    "--out",
    metavar="ANSWERS",
    help="Where the answers to --playlists go: JSON Lines, or .parquet; else standard output.",
)
@click.option(
    "--resume", is_flag=True, help="Keep in ANSWERS.part what is answered, and go on there when called again."
)
@engine_options
@click.option("--allow-repeats", is_flag=True, help="Songs of the query may be recommended too.")
@taste_options
@shape_options
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
    file: str | None,
    service: str | None,
    k: int,
    as_json: bool,
    **options: Any,
) -> None:
    """What comes next after SONG... (ids, or words that find a song; several make a playlist, in order).

    Quote a title of several words: recommend RUN "billie jean" 29. Scores order the songs of one answer; they are
    no percentages and compare with no other model's.

    With --like, --artist and --tag, SONG may be left out. Filters act before the list is cut: it has --k songs
    whenever so many are left. With --playlists, every option holds for every line.
    """
    from recommender.run import Run
    from recommender.shaping import Shape

    _check(songs, options | {"playlists": playlists, "file": file, "service": service})
    check_save(file, options["force"])
    opened = Run.load(run)
    quiet = as_json or bool(playlists)
    given = asked(opened, options, quiet)
    if playlists:
        _answer_file(run, opened, playlists, k, options, given)
        return
    seeds = [*songs_of(opened.catalogue, options["source"]), *found(opened, songs, quiet)]
    ids = [song.id for song in seeds]
    answer = opened.recommend(ids, k, **given)
    if not answer:
        raise UnknownSongError(nothing(opened, seeds, given))
    if len(answer) < min(k, len(opened.catalogue)) and given["shape"] != Shape():
        click.echo(f"{len(answer)} of {k} songs: the filters leave no more", err=True)
    title = heading(seeds, options)
    said = save(file, answer, title, options["force"])
    reasons = opened.explain(ids, [song.id for song, _ in answer], taste=given["taste"]) if options["why"] else []
    show(title, seeds, answer, notes(answer, service, reasons), as_json, said)


@click.command()
@click.argument("run")
@click.argument("song")
@shape_options
@SAVE
@REPLACE
@LINKS
@K
@JSON
def similar(
    run: str, song: str, file: str | None, force: bool, service: str | None, k: int, as_json: bool, **options: Any
) -> None:
    """Songs that play the same role as SONG (cosine of the vectors), which is not what comes next."""
    from recommender.run import Run

    check_save(file, force)
    opened = Run.load(run)
    (seed,) = found(opened, [song], quiet=as_json)
    answer = opened.similar(seed.id, k, shape=shape(opened, options))
    if not answer:
        raise UnknownSongError(NONE_LEFT)
    said = save(file, answer, f"like {seed}", force)
    show(f"like {seed}", [seed], answer, notes(answer, service), as_json, said)


@click.command()
@click.argument("run", required=False)
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Where the page listens.")
def app(run: str | None, port: int) -> None:
    """Open the web page on RUN, else on the newest in ./runs; Ctrl-C stops it."""
    from recommender.page_server import start
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
        from recommender.page_server import start

        start(str(run), port)


def _check(songs: Sequence[str], options: dict[str, Any]) -> None:
    """Raise for options that contradict one another."""
    playlists, named = options["playlists"], songs or options["source"]
    spoken = named or options["like"] or options["artists"] or options["tags"]
    if not (spoken or playlists) or (playlists and named):
        raise click.UsageError("give SONG..., --from FILE, --like, --artist or --tag; or --playlists FILE alone")
    if playlists and (options["file"] or options["service"]):
        raise click.UsageError("--save and --links go with SONG... or --from FILE")
    if playlists and options["why"]:
        raise click.UsageError("--why goes with SONG... or --from FILE")
    if options["out"] and not playlists:
        raise click.UsageError("--out goes with --playlists FILE")
    if options["resume"] and (not options["out"] or playlists == "-"):
        raise click.UsageError("--resume needs --out ANSWERS, and a file of playlists")
    if options["engine"] == "spark" and (not options["out"] or playlists == "-"):
        raise click.UsageError("--engine spark needs --playlists with the name of a file, and --out ANSWERS")
    if options["engine"] == "spark" and options["resume"]:
        raise click.UsageError("--resume is of --engine local; Spark itself does again what is lost on its way")


def _answer_file(folder: str, run: Any, playlists: str, k: int, options: dict[str, Any], given: dict[str, Any]) -> None:
    empty = answer_file(options, folder, run, playlists, k, given)
    if empty:
        click.echo(
            f"{empty} of the lines got an empty answer: none of their songs is known, or nothing is left to recommend",
            err=True,
        )
