"""Fitting models; song2vec beside gensim called directly, from memory and from a file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from recommender import make
from recommender.playlists import Playlists
from tests.bench import made_up
from tests.bench.harness import Case, Work

PLAYS = (10**4, 10**5, 10**6, 10**7)
WORDS = {"dim": 64, "epochs": 1, "start": "random", "sample": 0.0}


def fitting(name: str, n: int, _: Path) -> Work:
    plays, n_songs, model = made_up.plays(n), made_up.songs_of(n), make(name)
    return Work(lambda: model.fit(plays, n_songs), plays.n_plays)


def word2vec(workers: int, n: int, _: Path) -> Work:
    """One epoch, from random numbers, which is what gensim does."""
    plays, n_songs = made_up.plays(n), made_up.songs_of(n)
    model = make("song2vec", WORDS | {"workers": workers})
    return Work(lambda: model.fit(plays, n_songs), plays.n_plays, gensim(sentences(plays), workers))


def from_file(workers: int, n: int, folder: Path) -> Work:
    lists = sentences(made_up.plays(n))
    (folder / "corpus").write_text("".join(f"{' '.join(words)}\n" for words in lists), encoding="ascii")
    timed = gensim(None, workers, corpus_file=str(folder / "corpus"))
    return Work(timed, sum(map(len, lists)), gensim(lists, workers))


def sentences(plays: Playlists) -> list[list[str]]:
    return [list(map(str, songs.tolist())) for songs in plays if len(songs) > 1]


def gensim(lists: list[list[str]] | None, workers: int, **source: str) -> Callable[[], object]:
    """gensim called directly, with what song2vec would tell it."""
    from gensim.models import Word2Vec

    model = make("song2vec", WORDS)
    options = {"vector_size": model.dim, "min_count": 1, "shrink_windows": False, "workers": workers}
    options |= {name: getattr(model, name) for name in ("window", "epochs", "negative", "ns_exponent", "alpha", "sg")}
    return lambda: Word2Vec(lists, **source, **options, sample=0)


def case(name: str, prepare: Callable[[int, Path], Work], sizes: tuple[int, ...], against: str = "") -> Case:
    return Case(name, "plays", "plays", sizes, prepare, against, tuple(n for n in PLAYS if n > sizes[-1]))


CASES = [
    *(case(f"fit {name}", partial(fitting, name), PLAYS) for name in ("markov", "session_knn", "vstan")),
    *(case(f"fit {name}", partial(fitting, name), PLAYS[:3]) for name in ("item_knn", "spectral")),
    case("fit song2vec", partial(word2vec, 1), PLAYS[:3], "gensim"),
    case("fit song2vec by 2 workers", partial(word2vec, 2), PLAYS[:3], "gensim"),
    case("gensim from a file", partial(from_file, 1), PLAYS[1:3], "gensim from memory"),
    case("gensim from a file by 2 workers", partial(from_file, 2), PLAYS[1:3], "gensim from memory"),
]
