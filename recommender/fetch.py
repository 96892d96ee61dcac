"""Fetch: a file from the first of several addresses that has it, whole and as expected, or not at all.

What has come so far stands in NAME.part, and where it came from in NAME.part.json; the next call, after a
cut, a full disk or a killed process, goes on from there if the server still has the same file (Range with
If-Range; RFC 9110, sections 13 and 14). Only https is used unless plain http is allowed, redirects included.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from recommender.errors import DownloadError

_TIMEOUT = (5, 30)  # seconds to connect, and between two pieces
_PIECE = 2**16
_CUTS = 5  # in a row without a new byte, after which a source is given up
_BUSY = (429, 500, 502, 503, 504)  # answers that a later try may better
_PATIENCE = 20  # seconds at most that a server may ask to wait


@dataclass(frozen=True)
class Fetched:
    r"""Where a file came from and what it is: `id` is git's SHA-1 of "blob SIZE\0" and the content."""

    source: str
    size: int
    id: str


@dataclass(frozen=True)
class _Part:
    """What a server said of the file that NAME.part is the beginning of."""

    source: str
    validator: str = ""
    size: int | None = None


def fetch(
    sources: Sequence[str], path: Path, *, id: str | None = None, most: int = 2**29, http: bool = False
) -> Fetched:
    """Write the file of the first source that gives it to `path`.

    id : what `blob_id` must be; a file that differs is thrown away and the next source asked
    most : bytes; a larger file is refused
    http : allow plain http

    Raises DownloadError with what each source said if none gives it, or if the disk is full; `path` is then
    as it was, and what has come is kept for the next call.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    said = []
    with _session(http) as session:
        for source in sources:
            try:
                return _from_one(session, source, path, id, most)
            except (requests.RequestException, _RefusedError) as error:
                said.append(f"{source}: {_reason(error)}")
            except OSError as error:
                kept = "what has come is kept; make room and call again, it goes on from there"
                raise DownloadError(f"{path.parent}: cannot be written: {error.strerror or error}; {kept}") from error
    raise DownloadError(f"nothing could be downloaded ({'; '.join(said)}); try again later, or give a file with --from")


def blob_id(path: Path) -> str:
    r"""Git's id of a file's content: SHA-1 of "blob SIZE\0" and the content.

    It tells damage and mix-ups, not malice.
    """
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(2**20):
            digest.update(piece)
    return digest.hexdigest()


class _RefusedError(Exception):
    """A source gave what is not wanted."""


class _CutError(Exception):
    """The connection ended before the file did."""


class _NoHttp(HTTPAdapter):
    """Refuses plain http, also where a redirect leads there."""

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        raise _RefusedError(
            f"leads to plain http ({request.url}), which anyone on the way can change; allow it with --http"
        )


def _session(http: bool) -> requests.Session:
    session = requests.Session()
    retry = Retry(
        4, connect=1, backoff_factor=0.3, status_forcelist=_BUSY, retry_after_max=_PATIENCE, raise_on_status=False
    )
    session.max_redirects = 5
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry) if http else _NoHttp())
    session.headers["Accept-Encoding"] = "identity"  # lengths and ranges are of the file itself
    return session


def _from_one(session: requests.Session, source: str, path: Path, id: str | None, most: int) -> Fetched:
    part = path.with_name(path.name + ".part")
    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, desc=path.name, leave=False, disable=None) as bar:
        _complete(session, source, part, most, bar)
    found = blob_id(part)
    if id and found != id:
        _forget(part)
        raise _RefusedError(f"gave another file: its git blob id is {found}, {id} is expected")
    size = part.stat().st_size
    part.replace(path)
    _forget(part)
    return Fetched(source, size, found)


def _complete(session: requests.Session, source: str, part: Path, most: int, bar: "tqdm[None]") -> None:
    """Ask until all bytes are there; give up after `_CUTS` cuts in a row that brought none."""
    cuts, most_so_far = 0, _size(part)
    while True:
        try:
            _ask(session, source, part, most, bar)
            return
        except _CutError as error:
            cuts = 0 if _size(part) > most_so_far else cuts + 1
            most_so_far = max(most_so_far, _size(part))
            if cuts == _CUTS:
                raise _RefusedError(f"keeps cutting the connection ({_size(part):,} bytes came)") from error
            time.sleep(0.1 * 2**cuts)


def _ask(session: requests.Session, source: str, part: Path, most: int, bar: "tqdm[None]") -> None:
    """One request for what is missing of the file, appended as it comes; raises _CutError where more is missing."""
    start, headers = _size(part), {}
    known = _known(part)
    if start and known and known.source == source and known.validator:
        headers = {"Range": f"bytes={start}-", "If-Range": known.validator}
    with session.get(source, stream=True, timeout=_TIMEOUT, headers=headers) as answer:
        if answer.status_code == 416 and headers:
            _restart(part, complete=known is not None and known.size == start)
            return
        answer.raise_for_status()
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise _RefusedError("sends the file compressed though asked not to")
        size = _announced(answer, start)
        if answer.status_code != 206:
            start = 0
        elif not headers or size is None:
            _forget(part)
            raise _RefusedError("sends a part that was not asked for")
        if (size or 0) > most:
            raise _RefusedError(f"announces {size:,} bytes, more than the {most:,} that the file may have")
        _remember(part, _Part(source, _validator(answer), size))
        _append(answer, part, start, size, most, bar)


def _restart(part: Path, *, complete: bool) -> None:
    """There are no bytes after those that have come: all is there, or the file has changed."""
    if not complete:
        _forget(part)
        raise _CutError


def _append(answer: requests.Response, part: Path, start: int, size: int | None, most: int, bar: "tqdm[None]") -> None:
    bar.total, bar.n = size, start
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        for piece in _pieces(answer):
            if file.tell() + len(piece) > (most if size is None else size):
                raise _RefusedError("sends more bytes than the file may have")
            file.write(piece)
            bar.update(len(piece))
        file.flush()
        os.fsync(file.fileno())
    if size is not None and _size(part) < size:
        raise _CutError


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    """The body as it comes: unlike `iter_content`, a cut loses nothing of what came before it."""
    try:
        while piece := answer.raw.read1(_PIECE):
            yield piece
    except HTTPError as error:
        raise _CutError from error


def _announced(answer: requests.Response, start: int) -> int | None:
    """Size of the whole file as the answer states it; None where it does not, or states nonsense."""
    if answer.status_code == 206:
        said, _, total = answer.headers.get("Content-Range", "").partition("/")
        fits = said.startswith(f"bytes {start}-") and total.isdecimal()
        return int(total) if fits else None
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _validator(answer: requests.Response) -> str:
    """What If-Range may name: a strong ETag, else the date of the last change."""
    tag = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _known(part: Path) -> _Part | None:
    try:
        return _Part(**json.loads(part.with_name(part.name + ".json").read_text()))
    except (OSError, ValueError, TypeError):  # none, or cut short by a killed process: start anew
        return None


def _remember(part: Path, known: _Part) -> None:
    part.with_name(part.name + ".json").write_text(json.dumps(asdict(known)))


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(part.name + ".json").unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    if isinstance(error, requests.HTTPError):
        return f"answered {error.response.status_code}"
    return next((words for kind, words in _REASONS.items() if isinstance(error, kind)), str(error))


_REASONS: dict[type[Exception], str] = {
    requests.TooManyRedirects: "redirects without end",
    requests.Timeout: "did not answer in time",
    requests.exceptions.SSLError: "has no valid certificate",
    requests.ConnectionError: "cannot be reached",
    requests.exceptions.InvalidURL: "is no address of a web server, nor a file that is there",
    requests.exceptions.MissingSchema: "is no address of a web server, nor a file that is there",
    requests.exceptions.InvalidSchema: "is no address of a web server, nor a file that is there",
}


def reachable(sources: Sequence[str], seconds: float = 8.0) -> bool:
    """Whether any source answers within `seconds`; asked of all at once."""
    answered = threading.Event()

    def knock(source: str) -> None:
        try:
            requests.head(source, timeout=seconds, allow_redirects=False).close()
            answered.set()
        except requests.RequestException:
            pass

    knocking = [threading.Thread(target=knock, args=[source], daemon=True) for source in sources]
    for thread in knocking:
        thread.start()
    for _ in range(int(seconds / 0.05)):
        if answered.wait(0.05) or not any(thread.is_alive() for thread in knocking):
            break
    return answered.is_set()
