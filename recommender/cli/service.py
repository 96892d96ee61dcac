"""The command of the HTTP service."""

from importlib.util import find_spec
from pathlib import Path

import click

from recommender.errors import RecommenderError

_NEEDED = ("fastapi", "fastapi_offline", "prometheus_client", "uvicorn")
_LOCAL = ("127.0.0.1", "::1", "localhost")
_SHORTEST = 16


@click.command()
@click.argument("run")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Where it listens.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets other machines ask.")
@click.option(
    "--api-key-file",
    envvar="RECOMMENDER_API_KEY_FILE",
    metavar="FILE",
    help="Keys, a line each, of which callers must show one; also as $RECOMMENDER_API_KEY_FILE.",
)
@click.option("--cors", multiple=True, metavar="ORIGIN", help="Web pages that may ask; may be repeated.")
@click.option("--at-work", type=click.IntRange(1, 256), help="Questions computed at once.  [default: the cores]")
@click.option("--waiting", default=64, show_default=True, type=click.IntRange(0, 10**4), help="More are sent away.")
@click.option("--timeout", default=10.0, show_default=True, type=click.FloatRange(0.1, 600), help="Seconds an answer.")
def serve(
    run: str,
    port: int,
    host: str,
    api_key_file: str | None,
    cors: tuple[str, ...],
    at_work: int | None,
    waiting: int,
    timeout: float,
) -> None:
    """Answer over HTTP from RUN until stopped; /docs tells what can be asked.

    A run that takes RUN's place (`train --force`) is used from the next second on, without a request lost.
    """
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise RecommenderError(
            f"the service needs {', '.join(missing)}; `pip install 'playlist-recommender[serve]'` installs it"
        )
    from recommender.protocol import cores
    from recommender.service import Settings
    from recommender.service.start import start

    keys = _keys(api_key_file) if api_key_file else ()
    if host not in _LOCAL and not keys:
        click.echo(f"warning: anyone who reaches {host} may ask; --api-key-file FILE asks for a key", err=True)
    start(run, host, port, Settings(at_work or cores(), waiting, timeout, keys=keys, origins=cors))


def _keys(path: str) -> tuple[str, ...]:
    try:
        lines = Path(path).read_text(encoding="ascii").splitlines()
    except (OSError, ValueError) as error:
        raise RecommenderError(f"{path}: no keys can be read: {error}; write one a line, of ASCII") from error
    keys = tuple(key for line in lines if (key := line.strip()) and not key.startswith("#"))
    if not keys or min(map(len, keys)) < _SHORTEST:
        raise RecommenderError(
            f"{path}: a key a line is needed, each of {_SHORTEST} characters or more; `openssl rand -hex 32` makes one"
        )
    return keys
