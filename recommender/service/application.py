"""Application: the parts of the service, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Response, Security
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST

from recommender.service import Settings
from recommender.service.desk import Desk
from recommender.service.guard import Guard
from recommender.service.metrics import Metrics
from recommender.service.opening import Opening
from recommender.service.problems import Problem, documented, handle
from recommender.service.routes import state, v1

_ABOUT = """Song recommendations learnt from playlists.

A song is its id, the integer of the dataset; `/v1/search` finds it. What goes wrong is told as
`application/problem+json` (RFC 9457). Where too much is asked at once, 503 comes after a moment, with `Retry-After`.
`X-Request-ID` is taken over, or made.
"""


def application(folder: Path, settings: Settings) -> FastAPI:
    """The service of the run in the folder; raises RecommenderError if there is none, or a damaged one."""
    metrics = Metrics()
    opening = Opening(folder, metrics.reloaded)
    desk = Desk(settings.at_work, settings.waiting, settings.seconds)
    metrics.watch(lambda: desk.here)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(opening.follow(settings.every))
        yield
        following.cancel()
        desk.close()

    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Playlist recommender",
        description=_ABOUT,
        version=version("playlist-recommender"),
        lifespan=life,
    )
    app.state.opening, app.state.desk = opening, desk
    key = [Security(HTTPBearer(auto_error=False, description="A key of the service."))] if settings.keys else []
    app.include_router(v1, dependencies=key)
    app.include_router(state)

    @app.get("/metrics", tags=["state"], dependencies=key, responses=documented(401), response_class=_PlainMetrics)
    async def read_metrics() -> Response:
        """The service's numbers, for Prometheus."""
        return _PlainMetrics(metrics.text())

    handle(app)
    app.add_middleware(Guard, settings=settings, metrics=metrics, desk=desk)
    if settings.origins:  # around the guard, so that a page may read what it says
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )
    _describe(app)
    return app


class _PlainMetrics(Response):
    media_type = CONTENT_TYPE_LATEST


def _describe(app: FastAPI) -> None:
    """Put the form of problems into OpenAPI, and take out that of FastAPI's own, which are not sent."""
    schemas = app.openapi()["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    told = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= told.pop("$defs") | {"Problem": told}
