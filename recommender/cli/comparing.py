"""The command that compares models: evaluate."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.engines import engine
from recommender.cli.options import DATA, HOLD_OUT, SEED, cleaning_of, cleaning_options, engine_options

if TYPE_CHECKING:
    from recommender.cleaning import Cleaning
    from recommender.datasets import Dataset
    from recommender.ranking import Ranker
    from recommender.report import Report


@click.command()
@click.argument("dataset")
@click.argument("more_runs", nargs=-1, metavar="")
@click.option("--models", metavar="A,B,C", help="Models to fit and compare; by default one of each kind.")
@click.option("--runs", multiple=True, metavar="RUN...", help="Runs to compare, trained on DATASET with --hold-out.")
@HOLD_OUT
@click.option(
    "--protocol",
    multiple=True,
    type=click.Choice(["next", "last", "continuation", "likelihood", "cold"]),
    default=["next"],
    help="What is asked: each next song (the default), the last, a hidden half, the likelihood, or songs never heard; "
    "may be repeated.",
)
@click.option("--queries", type=click.IntRange(1), help="Ask a sample of so many instead of all.")
@click.option("--seeds", type=click.IntRange(1), help="Train what is random this often, and tell the spread.")
@click.option("--report", metavar="FOLDER", help="Write report.html, report.md and report.json there.")
@click.option("--against", metavar="FOLDER", help="Lay the report over this older one: what got better, what worse.")
@cleaning_options
@engine_options
@SEED
@DATA
def evaluate(**options: Any) -> None:
    """Compare models, or runs, on playlists of DATASET that they did not learn from."""
    from recommender.report_text import asked_too

    runs, cleaning = (*options["runs"], *options["more_runs"]), cleaning_of(options)
    _check(options, runs, cleaning)
    with engine(options) as work:
        report = _compared(work.load(options["dataset"], options["data"]), options, runs, cleaning, work.rank)
    click.echo(report.to_markdown(), nl=False)
    click.echo(asked_too(report.figures(), options["protocol"][1:]), nl=False)
    if options["report"]:
        report.save(options["report"], against=options["against"], command=shlex.join(["recommender", *sys.argv[1:]]))
        click.echo(f"\n{Path(options['report'], 'report.html')} has all of it, with pictures")


def _compared(
    dataset: "Dataset", options: Mapping[str, Any], runs: Sequence[str], cleaning: "Cleaning", ranked: "Ranker"
) -> "Report":
    from recommender.comparison import compare_models, compare_runs

    same = {key: options[key] for key in ("protocol", "queries", "seed")} | {"ranker": ranked}
    if runs:
        return compare_runs(dataset, runs, **same)
    names = None if options["models"] is None else [name.strip() for name in options["models"].split(",")]
    kept, again = options["held_out"] or None, options["seeds"] or 1
    return compare_models(dataset, names, held_out=kept, seeds=again, cleaning=cleaning, **same)


def _check(options: Mapping[str, Any], runs: Sequence[str], cleaning: "Cleaning") -> None:
    """Raise what would be a pity to hear after an hour: options that contradict, places that cannot be written."""
    from recommender.cleaning import Cleaning
    from recommender.overlay import Saved
    from recommender.report import check_place

    if runs and (options["models"] is not None or not options["runs"]):
        raise click.UsageError("give either --models A,B,C or --runs RUN...")
    if runs and (options["seeds"] or cleaning != Cleaning()):
        raise click.UsageError("--seeds and cleaning are of training; runs are compared as they were trained")
    if (options["seeds"] or 1) > 1 and options["protocol"][0] in ("likelihood", "cold"):
        raise click.UsageError("--seeds tells the spread of hit rates and their like; name another --protocol first")
    if options["engine"] == "spark" and "likelihood" in options["protocol"]:
        raise click.UsageError("--engine spark ranks lists, and a likelihood has none; ask for it without --engine")
    for option in ("report", "against"):
        if options[option] == "" or Path(options[option] or ".").is_file():
            raise click.UsageError(f"--{option} takes a folder, got {options[option]!r}")
    if options["against"] and not options["report"]:
        raise click.UsageError("--against needs --report FOLDER, where what changed is written")
    if options["against"]:
        Saved.load(Path(options["against"]))
    if options["report"]:
        check_place(options["report"])
