"""Start: the server process, its log as JSON lines on standard error, until SIGTERM or Ctrl-C."""

import gc
import json
import logging
import socket
import sys
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from threadpoolctl import threadpool_limits

from recommender.errors import RecommenderError
from recommender.service import Settings
from recommender.service.application import application

_TOLD = ("id", "method", "route", "status", "seconds", "run")


class _JsonLines(logging.Formatter):
    """A line of JSON an event, without songs or keys."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"time": time, "level": record.levelname.lower(), "event": record.getMessage()}
        told |= {name: getattr(record, name) for name in _TOLD if hasattr(record, name)}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told)


def start(folder: str, host: str, port: int, settings: Settings) -> None:
    """Serve the run until stopped; what is asked by then is answered.

    Raises RecommenderError if the run is none or damaged, or the port is taken.
    """
    gc.collect()
    gc.freeze()  # what is imported stays: to look through it for garbage held up all answers for a tenth of a second
    app = application(Path(folder), settings)
    threadpool_limits(1, "blas")  # questions are worked on side by side; threads of one product would wait for others
    _log()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=int(settings.seconds) + 1,
        h11_max_incomplete_event_size=2**16,
        backlog=512,
    )
    with _bound(host, port) as listening:
        logging.getLogger(__name__).info("listens at http://%s:%d, see /docs", host, listening.getsockname()[1])
        with suppress(KeyboardInterrupt):  # uvicorn hands on what ended it
            uvicorn.Server(config).run(sockets=[listening])


def _bound(host: str, port: int) -> socket.socket:
    with ExitStack() as opened:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listening = opened.enter_context(socket.socket(family, kind, protocol))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise RecommenderError(
                f"{host} port {port} cannot be used: {why}; choose another with --host or --port"
            ) from error
        opened.pop_all()
        return listening


def _log() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    for name in ("recommender", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
    logging.getLogger("recommender").setLevel(logging.INFO)
