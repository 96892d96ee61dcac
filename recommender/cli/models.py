"""Commands about models: models, train, tune."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.options import (
    DATA,
    FORCE,
    HOLD_OUT,
    MODEL,
    SEED,
    SETTINGS,
    cleaning_of,
    cleaning_options,
    engine_options,
    seconds,
)

if TYPE_CHECKING:
    from recommender.datasets import Dataset
    from recommender.run import Run


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
@MODEL
@SETTINGS
@HOLD_OUT
@cleaning_options
@click.option("--cold-start", is_flag=True, help="Place songs never played with another by artist and tags.")
@click.option("--map/--no-map", "mapped", default=True, help="Lay all songs out for the page's map.  [default: map]")
@click.option(
    "--index",
    "indexed",
    is_flag=True,
    help="Of 20,000 songs and more, score near ones only: an index (spectral, song2vec, als, bpr; needs faiss).",
)
@engine_options
@click.option("--counts", metavar="FOLDER", help="Keep Spark's counts there; next time only new playlists are counted.")
@SEED
@FORCE
@DATA
def train(
    dataset: str,
    run: str,
    model: str,
    settings: Sequence[str],
    mapped: bool,
    indexed: bool,
    seed: int,
    force: bool,
    **options: Any,
) -> None:
    """Fit a model on DATASET and save it as the folder RUN."""
    from recommender import nearby
    from recommender.models import make
    from recommender.storage import check_place
    from recommender.training import with_index, with_map

    if options["counts"] and options["engine"] != "spark":
        raise click.UsageError("--counts are kept by Spark; it goes with --engine spark")
    check_place(run, force=force)
    parameters = _settings(settings)
    unfitted = make(model, parameters)
    if indexed:
        nearby.check(unfitted)
    source, fitted = _fitted(dataset, model, parameters, seed, options)
    if indexed and len(fitted.catalogue) < nearby.FEWEST:
        click.echo(f"no index: below {nearby.FEWEST:,} songs scoring all of them takes no longer")
    elif indexed:
        fitted = with_index(fitted, seed)
    if mapped and options["engine"] == "spark" and not fitted.has_vectors:
        click.echo(f"no map: {model} has no vectors, and those of spectral would be learnt by this process alone")
    elif mapped:
        fitted = with_map(fitted, seed)
    _save(fitted, source, run, force)


def _fitted(
    dataset: str, model: str, parameters: Mapping[str, str], seed: int, options: Mapping[str, Any]
) -> "tuple[Dataset, Run]":
    from recommender.cli.engines import engine

    if options["engine"] == "spark":
        from recommender.spark.training import check

        check(model, options["counts"])
    asked = {"seed": seed, "cleaning": cleaning_of(options)}
    asked |= {name: options[name] for name in ("held_out", "cold_start")}
    with engine(options) as work:
        source = work.load(dataset, options["data"])
        return source, work.train(source, model, parameters, **asked)


def _save(run: "Run", dataset: "Dataset", folder: str, force: bool) -> None:
    """Measure the run, where playlists were kept aside for that, save it and tell it."""
    if run.card["held_out"]["playlists"]:
        from recommender.comparison import measured

        run = measured(run, dataset)
    run.save(folder, force=force)
    for removed in run.card["cleaning"]["removed"]:
        click.echo(f"cleaned: {removed}")
    if left := run.card.get("map", {}).get("left_out"):
        click.echo(
            f"the map has the {run.card['map']['songs']:,} songs played most, {left:,} others have no place on it"
        )
    click.echo(f"{folder}: {run.summary}; try `recommender recommend {folder} SONG`")
    if run.metrics:
        from recommender.report_text import markdown

        click.echo(markdown(run.metrics), nl=False)


@click.command()
@click.argument("dataset")
@click.argument("run")
@MODEL
@click.option("--budget", type=seconds, metavar="TIME", help="Stop after 600s, 10m or 1h.  [default: 10m]")
@click.option("--trials", type=click.IntRange(1), help="Stop after so many, instead of --budget.")
@SETTINGS
@click.option("--queries", type=click.IntRange(1), default=5000, show_default=True, help="Ask each trial so many.")
@HOLD_OUT
@SEED
@FORCE
@DATA
def tune(
    dataset: str,
    run: str,
    model: str,
    budget: float | None,
    trials: int | None,
    settings: Sequence[str],
    queries: int,
    held_out: float,
    seed: int,
    force: bool,
    data: str | None,
) -> None:
    """Search for a model's parameters on DATASET and save the run of the best ones as the folder RUN.

    Each trial learns from nine tenths of the training playlists and is asked for the last tenth; test playlists are
    not looked at. The first trial has the defaults; --set keeps a parameter out of the search. The best one then
    learns from all training playlists, which takes as long as one trial more.

    The trials are kept in RUN.study: called again, after a kill, too, the search goes on where it was (with --force
    where RUN is there), with a new budget. Ctrl-C ends it with what was found. Remove RUN.study to search anew.
    """
    from recommender import datasets
    from recommender.models import make
    from recommender.spaces import space
    from recommender.storage import check_place
    from recommender.training import with_map
    from recommender.tuning import tune as search
    from recommender.tuning_text import summary

    if budget is not None and trials is not None:
        raise click.UsageError("give either --budget or --trials")
    check_place(run, force=force)
    parameters = _settings(settings)
    make(model, parameters)
    space(model, parameters)
    source = datasets.load(dataset, data)
    found = search(
        source,
        model,
        parameters,
        folder=f"{run.rstrip('/')}.study",
        seconds=budget,
        trials=trials,
        queries=queries,
        seed=seed,
        held_out=held_out,
    )
    click.echo(summary(found.card["tuning"]))
    _save(with_map(found, seed), source, run, force)
    click.echo(f"{Path(run, 'trials.csv')} has all trials")


def _settings(settings: Iterable[str]) -> dict[str, str]:
    for setting in settings:
        if "=" not in setting:
            raise click.UsageError(f"--set takes NAME=VALUE, got {setting!r}")
    return dict(setting.split("=", 1) for setting in settings)
