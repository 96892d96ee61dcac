"""Problems: what went wrong, as application/problem+json (RFC 9457, doi:10.17487/RFC9457).

No answer holds a path, a traceback or a value that was sent: the log has what is to be known of a fault here.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from recommender.errors import RecommenderError, UnknownSongError

AGAIN = {"Retry-After": "1"}
_MOST_FAULTS = 10  # of a question that are told
_LONGEST = 500  # characters


class Fault(BaseModel):
    """A part of the question that is not as it must be."""

    where: str = Field(description="The part, such as `body.songs.3`.")
    what: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """What went wrong, and what to do next (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["no song has the id 7; search for its title instead of giving a number"])
    faults: list[Fault] | None = Field(
        default=None, description="Of a question that has not the form that is asked for."
    )


class ProblemAnswer(JSONResponse):
    """A problem; all but ASCII is escaped, as what was sent need not be text that UTF-8 can hold."""

    media_type = "application/problem+json"

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        super().__init__(content | more, status, headers)

    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode("ascii")


class Refused(HTTPException):
    """A question that is not answered now: too many others, or it takes too long."""

    def __init__(self, detail: str) -> None:
        super().__init__(HTTPStatus.SERVICE_UNAVAILABLE, detail, AGAIN)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: these answers are problems."""
    content = {ProblemAnswer.media_type: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def handle(app: FastAPI) -> None:
    """Let the app answer all that goes wrong with a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(RecommenderError, _asked_wrongly)


async def _http(request: Request, error: Exception) -> ProblemAnswer:
    assert isinstance(error, HTTPException)
    return ProblemAnswer(error.status_code, str(error.detail), error.headers)


async def _invalid(request: Request, error: Exception) -> ProblemAnswer:
    assert isinstance(error, RequestValidationError)
    if any(fault["type"] == "json_invalid" for fault in error.errors()):
        return ProblemAnswer(HTTPStatus.BAD_REQUEST, "the body is no JSON")
    faults = [_fault(fault) for fault in error.errors()[:_MOST_FAULTS]]
    detail = f"{faults[0]['where']}: {faults[0]['what']}"
    return ProblemAnswer(HTTPStatus.UNPROCESSABLE_ENTITY, detail, faults=faults)


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    where, what = ".".join(map(str, fault["loc"])), str(fault["msg"])
    return {"where": where[:_LONGEST], "what": what[:_LONGEST]}


async def _asked_wrongly(request: Request, error: Exception) -> ProblemAnswer:
    unknown = isinstance(error, UnknownSongError) and request.method == "GET"  # the address names the song
    return ProblemAnswer(HTTPStatus.NOT_FOUND if unknown else HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
