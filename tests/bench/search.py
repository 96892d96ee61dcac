"""Searching songs by words, beside SQLite's full-text search, which is in the standard library.

Queries are two words of the title and the artist of a drawn song: whole, cut short, or with a letter changed in each.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np

from recommender.catalogue import Catalogue
from recommender.storage import read_index, write_index
from tests.bench import made_up
from tests.bench.harness import Case, Work

SONGS = (9_775, 75_262)
LARGER = (2_000_000,)
KINDS: dict[str, Callable[[str], str]] = {
    "whole words": lambda word: word,
    "beginnings": lambda word: word[:3],
    "misspelt": lambda word: word[: len(word) // 2] + "x" + word[len(word) // 2 + 1 :],
}


def building(n: int, folder: Path) -> Work:
    songs = made_up.catalogue(n)
    write_index(folder, songs.index)
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    return Work(
        lambda: type(songs.index).of(songs.titles, songs.artists, songs.plays), n, told=lambda: {"MB on disk": size}
    )


def searching(kind: str, n: int, folder: Path) -> Work:
    songs, rng = made_up.catalogue(n), np.random.default_rng(1)
    write_index(folder, songs.index)
    opened, texts = songs.indexed(read_index(folder, n)), []
    for row in rng.integers(n, size=300):
        words = f"{songs.titles[row]} {songs.artists[row]}".lower().replace("(live)", "").split()
        texts.append(" ".join(KINDS[kind](word) for word in rng.choice(words, 2, replace=False)))
    turns, again = cycle(texts), cycle(texts)
    asked = full_text(songs)
    return Work(lambda: opened.search(next(turns)), 1, None if kind == "misspelt" else lambda: asked(next(again)))


def full_text(songs: Catalogue) -> Callable[[str], object]:
    """The same by SQLite's FTS5, which knows beginnings of words, too."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table songs using fts5(title, artist)")
    database.executemany("insert into songs values (?, ?)", zip(songs.titles, songs.artists, strict=True))
    query = "select rowid from songs where songs match ? order by rank limit 20"
    return lambda text: database.execute(query, [" ".join(f'"{word}"*' for word in text.split())]).fetchall()


CASES = [
    Case("build the search index", "songs", "songs", SONGS, building, larger=LARGER),
    *(
        Case(f"search {kind}", "searches", "songs", SONGS, partial(searching, kind), "SQLite's FTS5", LARGER)
        for kind in KINDS
    ),
]
