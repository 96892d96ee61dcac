"""Fetch: a file from the first of several addresses that has it, whole or not at all."""

import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tqdm import tqdm

from recommender.errors import DownloadError

_TIMEOUT = (5, 30)  # seconds to connect, and between two pieces
_PIECE = 2**16


def fetch(sources: Sequence[str], path: Path) -> str:
    """Write the file of the first source that gives it to `path`; that source.

    Raises DownloadError, with what each source said, if none does; `path` is then as it was.
    """
    said = []
    for source in sources:
        try:
            _fetch(source, path)
            return source
        except (requests.RequestException, OSError) as error:
            said.append(f"{source}: {_reason(error)}")
    raise DownloadError(f"nothing could be downloaded ({'; '.join(said)}); try again later, or give a file with --from")


def _fetch(source: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with requests.get(source, stream=True, timeout=_TIMEOUT) as answer, part.open("wb") as file:
            answer.raise_for_status()
            size = int(answer.headers.get("Content-Length", 0))
            with tqdm(total=size or None, unit="B", unit_scale=True, desc=path.name, leave=False, disable=None) as bar:
                for piece in answer.iter_content(_PIECE):
                    file.write(piece)
                    bar.update(len(piece))
            if size and answer.raw.tell() != size:
                raise OSError(f"ended after {answer.raw.tell()} of {size} bytes")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    match error:
        case requests.HTTPError():
            return f"answered {error.response.status_code}"
        case requests.Timeout():
            return "did not answer in time"
        case requests.ConnectionError():
            return "cannot be reached"
        case _:
            return str(error)


def reachable(sources: Sequence[str], seconds: float = 8.0) -> bool:
    """Whether any source's host takes a connection within `seconds`; asked of all at once.

    A proxy named in the environment is asked instead of the host.
    """
    answered = threading.Event()

    def knock(source: str) -> None:
        url = urlsplit(requests.utils.select_proxy(source, requests.utils.get_environ_proxies(source)) or source)
        port = url.port or {"http": 80}.get(url.scheme, 443)
        try:
            socket.create_connection((url.hostname or "", port), timeout=seconds).close()
            answered.set()
        except OSError:
            pass

    knocking = [threading.Thread(target=knock, args=[source], daemon=True) for source in sources]
    for thread in knocking:
        thread.start()
    return _first(answered, knocking, seconds)


def _first(answered: threading.Event, knocking: Sequence[threading.Thread], seconds: float) -> bool:
    """Whether one answers before all have given up or the time is over."""
    for _ in range(int(seconds / 0.05)):
        if answered.wait(0.05) or not any(thread.is_alive() for thread in knocking):
            break
    return answered.is_set()
