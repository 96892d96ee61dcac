"""How long search takes and how large its index is, over made-up songs whose words are as uneven as those of real ones.

Titles have one to five words, artists one or two and eight songs each; how often a word is used falls with its place
(Zipf), which gives about as many distinct words as yes_complete has. Of each kind, queries come from drawn songs: two
words of title and artist, whole ("exact"), cut short ("beginning") or with a letter changed in each ("misspelt").
"open" is reading the saved index, "first" a search right after it, the other times are of later ones. Times are of the
processor, on one core: other work on the machine does not count.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np

from recommender.catalogue import Catalogue
from recommender.storage import read_index, write_index

SIZES = (75_262, 2_000_000)
CASE, QUERIES = "search index", 300
KINDS: dict[str, Callable[[str], str]] = {
    "exact": lambda word: word,
    "beginning": lambda word: word[:3],
    "misspelt": lambda word: word[: len(word) // 2] + "x" + word[len(word) // 2 + 1 :],
}
HEADER = ["case", "songs", "words", "build s", "index MB", "open ms", "first ms"]
HEADER += [f"{kind} {share} ms" for kind in KINDS for share in ("p50", "p95")] + ["peak MB"]


def made_up(n_songs: int) -> Catalogue:
    rng = np.random.default_rng(0)
    parts = ["".join(p) for p in product("bcdfghjklmnprstvwz", "aeiou", ["", "l", "n", "r", "s"])]
    words = np.array(
        [*parts, *("".join(p) for p in product(parts, parts)), *map("".join, rng.choice(parts, (10**5, 3)))]
    )
    words = words[np.argsort(np.char.str_len(words) + rng.normal(0, 2, len(words)))]  # short ones are used more

    def texts(n: int, least: int, most: int) -> list[str]:
        drawn = np.minimum(rng.zipf(1.25, (n, most)) - 1, 10**9) % len(words)
        return [" ".join(words[d[:k]]).title() for d, k in zip(drawn, rng.integers(least, most + 1, n), strict=True)]

    artists = texts(n_songs // 8, 1, 2)
    by = [artists[a] for a in rng.integers(len(artists), size=n_songs)]
    return Catalogue(np.arange(n_songs), texts(n_songs, 1, 5), by, [()] * n_songs, rng.zipf(1.5, n_songs))


def milliseconds(timed: Callable[[], object]) -> float:
    start = time.process_time()
    timed()
    return 1000 * (time.process_time() - start)


def measure(n_songs: int) -> list[str]:
    catalogue = made_up(n_songs)
    build = milliseconds(lambda: catalogue.index) / 1000
    with tempfile.TemporaryDirectory() as folder:
        write_index(Path(folder), catalogue.index)
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        opening = milliseconds(lambda: read_index(Path(folder), n_songs))
        opened = catalogue.indexed(read_index(Path(folder), n_songs))
        first = milliseconds(lambda: opened.search("hte nihgt"))
        times = []
        for spell in KINDS.values():
            rng = np.random.default_rng(1)
            for row in rng.integers(n_songs, size=QUERIES):
                words = f"{catalogue.titles[row]} {catalogue.artists[row]}".lower().split()
                text = " ".join(spell(word) for word in rng.choice(words, 2, replace=False))
                times.append(milliseconds(lambda text=text: opened.search(text)))
    shares = np.quantile(np.reshape(times, (len(KINDS), -1)), (0.5, 0.95), axis=1).T.ravel()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cells = [
        f"{build:.1f}",
        f"{size:.0f}",
        f"{opening:.0f}",
        f"{first:.0f}",
        *(f"{s:.1f}" for s in shares),
        f"{peak:.0f}",
    ]
    return [CASE, f"{n_songs:,}", f"{len(opened.index.words):,}", *cells]


def rows(largest: float) -> list[list[str]]:
    """A line for each number of songs, each measured in a process of its own."""
    asked = [sys.executable, "-m", "tests.bench_search"]
    sizes = [str(n) for n in SIZES if n <= largest]
    return [json.loads(subprocess.check_output([*asked, n], cwd=Path(__file__).parents[1])) for n in sizes]


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
