"""Commands about models: models, train, evaluate."""

import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.options import DATA, FORCE, HOLD_OUT, SEED, cleaning_options

if TYPE_CHECKING:
    from recommender.cleaning import Cleaning


@click.command()
def models() -> None:
    """The models and their parameters with defaults."""
    from recommender.models import MODELS, describe

    for name in MODELS:
        summary, parameters = describe(name)
        click.secho(name, bold=True)
        click.echo(f"    {summary}")
        for parameter, (default, remark) in parameters.items():
            click.echo(f"    {f'{parameter}={default}':22} {remark}")


@click.command()
@click.argument("dataset")
@click.argument("run")
@click.option("--model", default="song2vec", show_default=True, help="A name that `recommender models` lists.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the model; may be repeated."
)
@HOLD_OUT
@cleaning_options
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
        from recommender.report_text import markdown

        click.echo(markdown(fitted.metrics), nl=False)


@click.command()
@click.argument("dataset")
@click.argument("more_runs", nargs=-1, metavar="")
@click.option("--models", metavar="A,B,C", help="Models to fit and compare; all by default.")
@click.option("--runs", multiple=True, metavar="RUN...", help="Runs to compare, trained on DATASET with --hold-out.")
@HOLD_OUT
@click.option(
    "--protocol",
    multiple=True,
    type=click.Choice(["next", "last", "continuation", "likelihood"]),
    default=["next"],
    help="What is asked: each next song (the default), the last, a hidden half, or the likelihood; may be repeated.",
)
@click.option("--queries", type=click.IntRange(1), help="Ask a sample of so many instead of all.")
@click.option("--seeds", type=click.IntRange(1), help="Train what is random this often, and tell the spread.")
@click.option("--report", metavar="FOLDER", help="Write report.html, report.md and report.json there.")
@click.option("--against", metavar="FOLDER", help="Lay the report over this older one: what got better, what worse.")
@cleaning_options
@SEED
@DATA
def evaluate(**options: Any) -> None:
    """Compare models, or runs, on playlists of DATASET that they did not learn from."""
    from recommender.comparison import compare_models, compare_runs
    from recommender.report_text import asked_too

    runs, cleaning = (*options["runs"], *options["more_runs"]), _cleaning(options)
    _check(options, runs, cleaning)
    same = {key: options[key] for key in ("protocol", "queries", "seed")}
    from recommender import datasets

    dataset = datasets.load(options["dataset"], options["data"])
    if runs:
        report = compare_runs(dataset, runs, **same)
    else:
        names = None if options["models"] is None else [name.strip() for name in options["models"].split(",")]
        kept, again = options["held_out"] or None, options["seeds"] or 1
        report = compare_models(dataset, names, held_out=kept, seeds=again, cleaning=cleaning, **same)
    click.echo(report.to_markdown(), nl=False)
    click.echo(asked_too(report.figures(), options["protocol"][1:]), nl=False)
    if options["report"]:
        report.save(options["report"], against=options["against"], command=shlex.join(["recommender", *sys.argv[1:]]))
        click.echo(f"\n{Path(options['report'], 'report.html')} has all of it, with pictures")


def _check(options: Mapping[str, Any], runs: Sequence[str], cleaning: "Cleaning") -> None:
    """Raise what would be a pity to hear after an hour: options that contradict, places that cannot be written."""
    from recommender.cleaning import Cleaning
    from recommender.overlay import Saved
    from recommender.report import check_place

    if runs and (options["models"] is not None or not options["runs"]):
        raise click.UsageError("give either --models A,B,C or --runs RUN...")
    if runs and (options["seeds"] or cleaning != Cleaning()):
        raise click.UsageError("--seeds and cleaning are of training; runs are compared as they were trained")
    if (options["seeds"] or 1) > 1 and options["protocol"][0] == "likelihood":
        raise click.UsageError("--seeds tells the spread of hit rates and their like; name another --protocol first")
    for option in ("report", "against"):
        if options[option] == "" or Path(options[option] or ".").is_file():
            raise click.UsageError(f"--{option} takes a folder, got {options[option]!r}")
    if options["against"] and not options["report"]:
        raise click.UsageError("--against needs --report FOLDER, where what changed is written")
    if options["against"]:
        Saved.load(Path(options["against"]))
    if options["report"]:
        check_place(options["report"])


def _cleaning(options: Mapping[str, Any]) -> "Cleaning":
    from recommender.cleaning import Cleaning

    return Cleaning(**{field.name: options[field.name] for field in fields(Cleaning)})


def _settings(settings: Iterable[str]) -> dict[str, str]:
    for setting in settings:
        if "=" not in setting:
            raise click.UsageError(f"--set takes NAME=VALUE, got {setting!r}")
    return dict(setting.split("=", 1) for setting in settings)
