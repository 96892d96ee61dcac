"""The command line: parse, call, show. Each command imports what it needs, so that --help answers at once."""

import errno
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

import click

from recommender.errors import RecommenderError, UnknownSongError

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
FORCE = click.option("--force", is_flag=True, help="Replace a run that is there.")


def cleaned(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what to clean, all off by default."""
    return reduce(lambda inner, option: option(inner), reversed(CLEANING), command)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="playlist-recommender", message="%(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Learn from playlists what comes next, what is alike, and how well that works."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
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


@cli.command()
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


@cli.command()
@click.argument("where", metavar="DATASET-OR-RUN")
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many songs at most.")
@DATA
@JSON
def search(where: str, text: Sequence[str], limit: int, data: str | None, as_json: bool) -> None:
    """Songs whose title and artist hold the words of TEXT, those played most first."""
    from recommender import datasets
    from recommender.run import Run

    is_run = Path(where, "card.json").exists()
    catalogue = Run.load(where).catalogue if is_run else datasets.load(where, data).catalogue
    songs = [catalogue[row] for row in catalogue.search(" ".join(text), limit)]
    if as_json:
        click.echo(json.dumps([vars(song) for song in songs], indent=2, ensure_ascii=False))
    elif not songs:
        raise UnknownSongError(f"no song matches {' '.join(text)!r}; try fewer words, or the beginning of a word")
    for song in [] if as_json else songs:
        click.echo(f"{song.id:>8}  {_cut(str(song), 60):60}  {song.plays:>6} plays  {_cut(', '.join(song.tags), 40)}")


@cli.command()
def models() -> None:
    """The models and their parameters with defaults."""
    from recommender.models import MODELS, describe

    for name in MODELS:
        summary, parameters = describe(name)
        click.secho(name, bold=True)
        click.echo(f"    {summary}")
        for parameter, (default, remark) in parameters.items():
            click.echo(f"    {f'{parameter}={default}':22} {remark}")


@cli.command()
@click.argument("dataset")
@click.argument("run")
@click.option("--model", default="song2vec", show_default=True, help="A name that `recommender models` lists.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the model; may be repeated."
)
@HOLD_OUT
@cleaned
@SEED
@FORCE
@DATA
def train(
    dataset: str,
    run: str,
    model: str,
    settings: Sequence[str],
    held_out: float,
    seed: int,
    force: bool,
    data: str | None,
    **cleaning: Any,
) -> None:
    """Fit a model on DATASET and save it as the folder RUN."""
    from recommender import datasets
    from recommender.cleaning import Cleaning
    from recommender.comparison import measured
    from recommender.models import make
    from recommender.run import check_place
    from recommender.training import train as fit

    check_place(run, force=force)
    parameters = _settings(settings)
    make(model, parameters)
    source = datasets.load(dataset, data)
    fitted = fit(source, model, parameters, seed=seed, held_out=held_out, cleaning=Cleaning(**cleaning))
    if held_out:
        fitted = measured(fitted, source)
    fitted.save(run, force=force)
    for removed in fitted.card["cleaning"]["removed"]:
        click.echo(f"cleaned: {removed}")
    click.echo(f"{run}: {fitted.summary}; try `recommender recommend {run} SONG`")
    if fitted.metrics:
        from recommender.report import markdown

        click.echo(markdown(fitted.metrics), nl=False)


@cli.command()
@click.argument("dataset")
@click.argument("more_runs", nargs=-1, metavar="")
@click.option("--models", metavar="A,B,C", help="Models to fit and compare; all by default.")
@click.option("--runs", multiple=True, metavar="RUN...", help="Runs to compare, trained on DATASET with --hold-out.")
@HOLD_OUT
@click.option(
    "--protocol",
    type=click.Choice(["next", "last"]),
    default="next",
    show_default=True,
    help="What is asked: each next song, or the last.",
)
@click.option("--queries", type=click.IntRange(1), help="Ask a sample of so many instead of all.")
@click.option("--report", metavar="FOLDER", help="Write report.json and report.md there.")
@SEED
@DATA
def evaluate(**options: Any) -> None:
    """Compare models, or runs, on playlists of DATASET that they did not learn from."""
    from recommender.comparison import compare_models, compare_runs

    runs = (*options["runs"], *options["more_runs"])
    if runs and (options["models"] is not None or not options["runs"]):
        raise click.UsageError("give either --models A,B,C or --runs RUN...")
    same = {key: options[key] for key in ("protocol", "queries", "seed")}
    if options["report"] and Path(options["report"]).is_file():
        raise click.UsageError(f"--report takes a folder, {options['report']} is a file")
    from recommender import datasets

    dataset = datasets.load(options["dataset"], options["data"])
    if runs:
        report = compare_runs(dataset, runs, **same)
    else:
        names = None if options["models"] is None else [name.strip() for name in options["models"].split(",")]
        report = compare_models(dataset, names, held_out=options["held_out"] or None, **same)
    click.echo(report.to_markdown(), nl=False)
    if options["report"]:
        report.save(options["report"])


@cli.command()
@click.argument("run")
@click.argument("songs", nargs=-1, metavar="SONG...")
@click.option("--playlists", metavar="FILE", help="Answer each line of song ids in FILE; - is standard input.")
@click.option(
    "--out", metavar="ANSWERS", help="Where the answers to --playlists go, as JSON Lines; else standard output."
)
@click.option("--allow-repeats", is_flag=True, help="Songs of the query may be recommended too.")
@K
@JSON
def recommend(
    run: str, songs: Sequence[str], playlists: str | None, out: str | None, allow_repeats: bool, k: int, as_json: bool
) -> None:
    """What comes next after SONG... (ids, or words that find a song; several make a playlist, in order).

    Quote a title of several words: recommend RUN "billie jean" 29. Scores order the songs of one answer; they are
    no percentages and compare with no other model's.
    """
    from recommender.run import Run

    if bool(songs) == bool(playlists):
        raise click.UsageError("give either SONG... or --playlists FILE")
    if out and not playlists:
        raise click.UsageError("--out goes with --playlists FILE")
    opened = Run.load(run)
    if playlists:
        _answer_file(opened, playlists, out, k, allow_repeats)
        return
    seeds = _found(opened, songs, quiet=as_json)
    found = opened.recommend([song.id for song in seeds], k, allow_repeats=allow_repeats)
    if not found:
        raise UnknownSongError(
            f"nothing follows {seeds[0]}: it was not played with others in training; name another song with it"
        )
    _show(f"after {' → '.join(map(str, seeds))}", seeds, found, as_json)


@cli.command()
@click.argument("run")
@click.argument("song")
@K
@JSON
def similar(run: str, song: str, k: int, as_json: bool) -> None:
    """Songs that play the same role as SONG (cosine of the vectors), which is not what comes next."""
    from recommender.run import Run

    opened = Run.load(run)
    (asked,) = _found(opened, [song], quiet=as_json)
    _show(f"like {asked}", [asked], opened.similar(asked.id, k), as_json)


@cli.command()
@click.argument("run", required=False)
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Where the page listens.")
def app(run: str | None, port: int) -> None:
    """Open the web page on RUN, else on the newest in ./runs; Ctrl-C stops it."""
    from recommender.page.start import start
    from recommender.run import Run

    if run:
        Run.load(run)
    start(run, port)


@cli.command()
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


def _settings(settings: Iterable[str]) -> dict[str, str]:
    for setting in settings:
        if "=" not in setting:
            raise click.UsageError(f"--set takes NAME=VALUE, got {setting!r}")
    return dict(setting.split("=", 1) for setting in settings)


def _answer_file(run: Any, playlists: str, out: str | None, k: int, allow_repeats: bool) -> None:
    from recommender.batch import answer_file

    empty = answer_file(run, playlists, out, k, allow_repeats=allow_repeats)
    if empty:
        click.echo(f"{empty} of the lines had no known song and got an empty answer", err=True)


def _show(heading: str, seeds: Sequence[Any], found: Sequence[tuple[Any, float]], as_json: bool) -> None:
    if as_json:
        answer = {
            "seeds": [vars(song) for song in seeds],
            "songs": [vars(song) | {"score": score} for song, score in found],
        }
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    click.secho(heading, bold=True)
    click.echo("rank      score      id  song")
    for place, (song, score) in enumerate(found, 1):
        tags = _cut(", ".join(song.tags), 40)
        click.echo(f"{place:>3}  {score:>9.3f}  {song.id:>6}  {_cut(str(song), 56):56}  {tags}".rstrip())


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def main() -> NoReturn:
    """Run the command line; what a person can cause ends in one line and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a letter shows a question mark
            stream.reconfigure(errors="replace")
    try:
        cli.main(prog_name="recommender", standalone_mode=False)
        if sys.stdout:
            sys.stdout.flush()
    except click.ClickException as error:
        _fail(error.format_message())
    except RecommenderError as error:
        _fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped; what was not finished is not written")
    except MemoryError as error:
        _fail(f"not enough memory: {error or 'none was left'}; take a smaller dataset, or fewer dimensions")
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader, such as `head`, has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        _fail(f"{error.filename or 'output'}: {error.strerror or error}")
    sys.exit(0)


def _fail(message: str) -> NoReturn:
    click.echo(f"error: {' '.join(message.split())}", err=True)
    sys.exit(1)
