"""Guard: what is around every request: its id, the key, the size and the time of its body, the log and the metrics.

It is plain ASGI: a body that is too large, or would find no place at the desk, is refused before it is read, and one
that never ends after a while.
"""

import asyncio
import hmac
import logging
import re
import time
import uuid
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.service import Settings
from recommender.service.desk import TOO_MANY, Desk
from recommender.service.metrics import Metrics
from recommender.service.problems import AGAIN, ProblemAnswer

_LOG = logging.getLogger(__name__)
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEPT = ("/v1/", "/metrics")  # what asks for a key
_WITH_BODY = ("POST", "PUT", "PATCH")
_JSON = "application/json"
_CLOSE = {"Connection": "close"}
_BODIES = 64  # of the greatest size: the most that is held of all bodies that are not whole yet
_MOMENT = 0.1  # seconds that a place is waited for; without, callers that ask again at once slow all answers
_ASK_KEY = {"WWW-Authenticate": 'Bearer realm="recommender"'}


class Guard:
    """Around the app."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics, desk: Desk) -> None:
        self._app, self._settings, self._metrics, self._desk = app, settings, metrics, desk
        self._held = 0  # bytes of bodies that are not whole yet
        self._keys = [key.encode() for key in settings.keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, headers = time.perf_counter(), Headers(scope=scope)
        asked = headers.get("x-request-id", "")
        id_ = asked if _SANE.fullmatch(asked) else uuid.uuid4().hex
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = id_
            await send(message)

        try:
            await self._pass(scope, headers, receive, answer)
        except Exception:
            _LOG.exception("a fault of the service", extra={"id": id_})
            if not status:
                fault = ProblemAnswer(
                    HTTPStatus.INTERNAL_SERVER_ERROR, f"a fault of the service; its log has it as {id_}"
                )
                await fault(scope, receive, answer)
        self._tell(scope, id_, status, time.perf_counter() - began)

    async def _pass(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """Let the app answer what may be asked; else answer why not."""
        refusal = self._refusal(scope, headers)
        if refusal is None and scope["method"] in _WITH_BODY:
            body = await self._body(receive)
            if isinstance(body, ProblemAnswer):
                refusal = body
            elif body is None:
                return  # whoever asked has gone
            else:
                receive = _again(body, receive)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> ProblemAnswer | None:
        """What can be said against a request before its body is read."""
        if self._keys and scope["path"].startswith(_KEPT):
            kind, _, key = headers.get("authorization", "").partition(" ")
            shown = key.strip().encode("utf-8", "surrogateescape")
            known = [hmac.compare_digest(shown, key) for key in self._keys]  # all of them: no time tells which is near
            if kind.lower() != "bearer" or not any(known):
                return ProblemAnswer(
                    401, "send Authorization: Bearer KEY, with a key that is known here", _ASK_KEY | _CLOSE
                )
        if scope["method"] not in _WITH_BODY:
            return None
        size = headers.get("content-length", "0")
        if size.isdecimal() and int(size[:20]) > self._settings.body:
            return self._too_large()
        if (
            scope["path"].startswith("/v1/")
            and headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON
        ):
            return ProblemAnswer(415, f"send {_JSON}, and say so in Content-Type", _CLOSE)
        return None

    async def _body(self, receive: Receive) -> bytes | ProblemAnswer | None:
        """The whole body; a problem where it is too large or too slow, or would find no place at the desk.

        None where the connection ended.
        """
        if self._desk.full:
            await asyncio.sleep(_MOMENT)
        if self._desk.full:
            return ProblemAnswer(503, TOO_MANY, AGAIN | _CLOSE)
        parts, size = [], 0
        try:
            async with asyncio.timeout(self._settings.seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    self._held += len(parts[-1])
                    if size > self._settings.body:
                        return self._too_large()
                    if self._held > _BODIES * self._settings.body:
                        return ProblemAnswer(503, "too much is sent at once; ask again in a moment", AGAIN | _CLOSE)
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError:
            return ProblemAnswer(408, f"the question was not there within {self._settings.seconds:g} seconds", _CLOSE)
        finally:
            self._held -= size

    def _too_large(self) -> ProblemAnswer:
        return ProblemAnswer(413, f"a question has at most {self._settings.body:,} bytes", _CLOSE)

    def _tell(self, scope: Scope, id_: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        told: dict[str, Any] = {"method": scope["method"][:10], "route": route, "status": status}
        _LOG.info("request", extra={"id": id_} | told | {"seconds": round(seconds, 6)})
        self._metrics.answered(scope["method"], route, status, seconds)


def _again(body: bytes, receive: Receive) -> Receive:
    """What the app receives: the body that was read, then what comes."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_() -> Message:
        return messages.pop() if messages else await receive()

    return next_
