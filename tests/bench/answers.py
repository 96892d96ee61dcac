"""Answers of a run: one, many, a file of them, shaped, explained; paths and radio."""

from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from recommender import Run, Shape
from recommender.batch import answer_lines
from recommender.models.spectral import Spectral
from recommender.paths import path
from recommender.radio import Radio
from recommender.ranking import recommend
from recommender.steps import Rotation
from tests.bench import made_up
from tests.bench.harness import Case, Work

SONGS = (9_775, 75_262)
K, SEEDS, MANY, BATCH = 10, 5, 1024, 256


def one(name: str, dim: int, n: int, _: Path) -> Work:
    """A list after another five songs at each call; products with one query read all vectors once."""
    run = made_up.run(name, n, dim)
    asked = cycle([songs.tolist() for songs in made_up.queries(200, n, SEEDS)])
    members = getattr(run.model, "fitted", {"": run.model}).values()
    vectors = [member.outputs_ for member in members if hasattr(member, "outputs_")]
    query = np.ones(dim, np.float32)
    limit = (lambda: [array @ query for array in vectors]) if vectors else None
    return Work(lambda: run.recommend(next(asked), K), 1, limit)


def many(name: str, dim: int, n: int, _: Path) -> Work:
    plays = made_up.plays(10 * n, n)
    model, asked = made_up.fitted(name, plays, n, dim), made_up.queries(MANY, n, SEEDS)
    limit = bare_products(MANY, n, dim) if isinstance(model, Spectral) else None
    return Work(lambda: recommend(model, asked, K), MANY, limit)


def bare_products(n_queries: int, n_songs: int, dim: int) -> Callable[[], object]:
    """The products of so many queries with all songs in float32, 256 at a time, on all cores."""
    rng = np.random.default_rng(0)
    queries, songs = (rng.standard_normal((n, dim), dtype=np.float32) for n in (BATCH, n_songs))
    scores = np.empty((BATCH, n_songs), np.float32)
    return lambda: [np.matmul(queries, songs.T, out=scores) for _ in range(-(-n_queries // BATCH))]


def of_file(n: int, _: Path) -> Work:
    run, asked = made_up.run("spectral", n), made_up.queries(MANY, n, SEEDS)
    lines = [" ".join(map(str, songs)) for songs in asked]
    return Work(lambda: [*answer_lines(run, enumerate(lines, 1), K, {})], MANY, lambda: run.lists(asked, K))


def filters(run: Run) -> dict[str, object]:
    """All of them, of which one song in two is let through."""
    artist = run.catalogue.artists[0]
    return {
        "max_per_artist": 2,
        "artist_spacing": 3,
        "only_tags": [f"tag {i}" for i in range(5, 250)],
        "without_tags": ["tag 6"],
        "without_artists": [artist],
        "without": range(0, len(run.catalogue), 9),
        "collapse_versions": True,
        "hide_unknown": True,
    }


SHAPES: dict[str, Callable[[Run], Shape]] = {
    "caps and spacing": lambda _: Shape(max_per_artist=2, artist_spacing=3),
    "all filters": lambda run: Shape(**filters(run)),
    "all filters and dials": lambda run: Shape(**filters(run), popularity=-0.5, variety=0.3),
}


def shaped(shape: str, n_queries: int, n: int, _: Path) -> Work:
    """Lists after 20 songs."""
    run = made_up.run("song2vec", n)
    asked, wanted = made_up.queries(8 * n_queries, n, 20), SHAPES[shape](run)
    run.lists(asked, K, shape=wanted)  # what is computed once, is
    turns = cycle([asked.slice(start, start + n_queries) for start in range(0, len(asked), n_queries)])
    again = cycle([asked.slice(start, start + n_queries) for start in range(0, len(asked), n_queries)])
    return Work(lambda: run.lists(next(turns), K, shape=wanted), n_queries, lambda: run.lists(next(again), K))


def explained(n: int, _: Path) -> Work:
    run = made_up.run("vstan", n)
    lists = [run.catalogue.ids[songs[:5]].tolist() for songs in run.playlists.slice(0, 100) if len(songs) > 4][:10]
    asked = [(songs, [song.id for song, _ in run.recommend(songs, K)]) for songs in lists]
    return Work(lambda: [run.explain(*each) for each in asked], K * len(asked))


def leading(n: int, _: Path) -> Work:
    run = made_up.run("spectral", n)
    return Work(lambda: path(run.model, 0, 1, 8, Rotation.of(run.catalogue, 2)), 8)


def broadcasting(n: int, _: Path) -> Work:
    run = made_up.run("spectral", n)
    return Work(lambda: [*islice(Radio(run.model, [0], Rotation.of(run.catalogue, 2)), 30)], 30)


def case(name: str, prepare: Callable[[int, Path], Work], against: str = "", **more: object) -> Case:
    return Case(name, **{"unit": "lists", "of": "songs", "sizes": SONGS} | more, prepare=prepare, against=against)


LARGE = {"sizes": SONGS[1:]}
CASES = [
    case("recommend by spectral 64", partial(one, "spectral", 64), "reading vectors", sizes=(*SONGS, 10**6)),
    case("recommend by spectral 320", partial(one, "spectral", 320), "reading vectors"),
    case("recommend by vstan", partial(one, "vstan", 64)),
    case("recommend by blend", partial(one, "blend", 320), "reading vectors"),
    case("batch by spectral 64", partial(many, "spectral", 64), "bare product", larger=(10**6,)),
    case("batch by spectral 320", partial(many, "spectral", 320), "bare product"),
    case("batch by vstan", partial(many, "vstan", 64)),
    case("answer a file", of_file, "the lists alone"),
    *(case(f"a list with {name}", partial(shaped, name, 1), "a plain list", **LARGE) for name in SHAPES),
    *(case(f"batch with {name}", partial(shaped, name, BATCH), "plain lists", **LARGE) for name in SHAPES),
    case("explain by vstan", explained, unit="reasons"),
    case("path of 8 songs", leading, unit="songs"),
    case("radio of 30 songs", broadcasting, unit="songs"),
]
