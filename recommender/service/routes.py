"""Routes: what can be asked."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from recommender.paths import path as find_path
from recommender.playlists import Playlists
from recommender.run import Run
from recommender.service import answers, questions
from recommender.service.desk import Desk
from recommender.service.opening import Open
from recommender.service.problems import documented

_SONG = Path(ge=-(2**63), lt=2**63, description="A song's id.", examples=[29])
_TEXT = Query(min_length=1, max_length=300, description="Words of title and artist.", examples=["billie jean"])
v1 = APIRouter(prefix="/v1", responses=documented(400, 401, 422, 503))
_POSTED = documented(408, 413, 415)


def _now(request: Request) -> tuple[Open, Desk]:
    """The run that answers this request, whatever is opened meanwhile, and where it is worked on."""
    return request.app.state.opening.now, request.app.state.desk


@v1.post("/recommend", responses=_POSTED, tags=["songs"])
async def recommend(question: questions.Recommend, request: Request) -> answers.Ranking:
    """The songs that best come after these, best first.

    Scores order the songs of one answer. The last digits of them may change with what else is asked at the moment, as
    questions that wait are computed together.
    """
    open_, desk = _now(request)
    run, catalogue = open_.run, open_.run.catalogue
    rows = [catalogue.row(song) for song in question.songs]
    wanted = question.taste.taste(), question.shape.shape(), question.allow_repeats

    def lists(asked: list[list[int]]) -> Sequence[Any]:
        taste, shape, repeats = wanted
        seeds = Playlists.of(asked)
        return list(zip(*run.lists(seeds, question.k, taste=taste, shape=shape, allow_repeats=repeats), strict=True))

    songs, scores = await desk.ask_together((run, question.k, *wanted), rows, lists)
    return answers.Ranking.of(open_.name, run.named(songs, scores))


@v1.post("/similar", responses=_POSTED, tags=["songs"])
async def similar(question: questions.Similar, request: Request) -> answers.Ranking:
    """The songs that play the same role as this one, by the cosine of their vectors; not what comes next."""
    open_, desk = _now(request)
    found = await desk.ask(lambda: open_.run.similar(question.song, question.k, shape=question.shape.shape()))
    return answers.Ranking.of(open_.name, found)


@v1.post("/path", responses=_POSTED, tags=["songs"])
async def path(question: questions.Lead, request: Request) -> answers.Path:
    """Songs that lead from one to another, each a likely step after the one before it."""
    open_, desk = _now(request)
    return await desk.ask(lambda: _path(open_, question))


def _path(open_: Open, question: questions.Lead) -> answers.Path:
    run, row = open_.run, open_.run.catalogue.row
    rotation = run.rotation(question.spacing, question.shape.shape())
    led = find_path(run.model, row(question.start), row(question.end), question.songs, rotation)
    return answers.Path(run=open_.name, songs=_known(run, led.songs), places=led.places)


@v1.post("/explain", responses=_POSTED, tags=["songs"])
async def explain(question: questions.Explain, request: Request) -> answers.Reasons:
    """Why each answer comes after these songs: the share of each, and what the training playlists bear out."""
    open_, desk = _now(request)
    asked = question.songs, question.answers, question.k
    reasons = await desk.ask(lambda: open_.run.explain(*asked, taste=question.taste.taste()))
    return answers.Reasons(run=open_.name, reasons=[answers.Why.of(reason) for reason in reasons])


@v1.get("/search", tags=["catalogue"])
async def search(
    request: Request, q: Annotated[str, _TEXT], limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> answers.Songs:
    """The songs whose title and artist hold every word or, where none does, come near; best first."""
    open_, desk = _now(request)
    rows = await desk.ask(lambda: open_.run.catalogue.search(q, limit))
    return answers.Songs(run=open_.name, songs=_known(open_.run, rows))


@v1.get("/songs/{id}", responses=documented(404), tags=["catalogue"])
async def song(request: Request, id: Annotated[int, _SONG]) -> answers.Known:
    """What is known of a song."""
    catalogue = _now(request)[0].run.catalogue
    return answers.Known.of(catalogue[catalogue.row(id)])


@v1.get("/model", tags=["model"])
async def model(request: Request) -> answers.Card:
    """The model card: what it is, what it learnt from, what it is for, and its limits."""
    open_, _ = _now(request)
    run = open_.run
    return answers.Card(run=open_.name, summary=run.summary, card=run.card, metrics=run.metrics)


def _known(run: Run, rows: Sequence[int]) -> list[answers.Known]:
    return [answers.Known.of(run.catalogue[row]) for row in rows]


state = APIRouter(tags=["state"])


@state.get("/health")
async def health() -> answers.Alive:
    """Whether the process answers."""
    return answers.Alive()


@state.get("/ready")
async def ready(request: Request) -> answers.Ready:
    """Which run is open, and whether a newer one was refused."""
    opening = request.app.state.opening
    now: Open = opening.now
    return answers.Ready(
        run=now.name,
        model=now.run.card["model"],
        songs=len(now.run.catalogue),
        since=now.since,
        refused=opening.refused,
    )
