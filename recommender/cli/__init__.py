"""The command line: parse, call, show. Each command imports what it needs, so that --help answers at once."""

import errno
import os
import sys
from io import TextIOWrapper
from typing import NoReturn

import click

from recommender.cli import comparing, data, journeys, models, playlists, service, songs
from recommender.errors import RecommenderError


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="playlist-recommender", message="%(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Learn from playlists what comes next, what is alike, and how well that works."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (
    data.download,
    data.import_,
    data.stats,
    data.search,
    models.train,
    models.tune,
    models.models,
    comparing.evaluate,
    songs.recommend,
    songs.similar,
    journeys.path,
    journeys.radio,
    playlists.playlist,
    songs.app,
    service.serve,
    songs.demo,
):
    cli.add_command(_command)


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
        _fail_to_write(error)
    sys.exit(0)


def _fail_to_write(error: OSError) -> NoReturn:
    if not error.filename and sys.stdout:  # what could not be printed must not be tried again on the way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno == errno.EPIPE:  # the reader, such as `head`, has enough
        sys.exit(1)
    _fail(f"{error.filename or 'output'}: {error.strerror or error}")


def _fail(message: str) -> NoReturn:
    click.echo(f"error: {' '.join(message.split())}", err=True)
    sys.exit(1)
