"""How answering a file of playlists on Spark grows with its lines, beside one process: seconds and memory.

    scripts/bench spark-answers [1e4 1e5 1e6] [--engines local,spark] [--master local[2]]

75,262 songs with made-up vectors of 64 numbers; five songs a line, 100 answers. The whole of a command, Spark's start
included, in a process of its own; its memory is that of all its processes together. The numbers go to
tests/data/spark_answers.json and stay there until measured again; .github/SPARK.md has them as a table.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender.report_text import table
from tests.bench import made_up
from tests.bench.spark import NAMES, PAGE, kept, measure_each, seconds
from tests.made import ROOT, put

RESULTS = ROOT / "tests" / "data" / "spark_answers.json"
START, END = "<!-- made by scripts/bench spark-answers -->\n", "<!-- end of spark-answers -->\n"
N_SONGS, K = 75_262, 100
SIZES = (10**4, 10**5, 10**6)


def answering(engine: str, n_lists: int, master: str) -> dict[str, Any]:
    """What answering takes in this process, from opening the run on."""
    from recommender import Run
    from recommender.batch import answer_file
    from recommender.spark import answers
    from recommender.spark.session import session

    with tempfile.TemporaryDirectory() as folder:
        run, asked, out = (str(Path(folder, name)) for name in ("run", "asked", "answers.jsonl"))
        made_up.run("spectral", N_SONGS).save(run)
        with Path(asked).open("w") as lines:
            lines.writelines(f"{' '.join(map(str, songs))}\n" for songs in made_up.queries(n_lists, N_SONGS))
        start = time.perf_counter()
        if engine == "local":
            answer_file(Run.load(run), asked, out, K)
        else:
            with session(master) as spark:
                answers.answer_file(spark, run, asked, out, K)
        return {"lists": n_lists, "seconds": time.perf_counter() - start}


def lines(results: Mapping[str, Mapping[str, Any]]) -> str:
    """The table of the page."""
    rows = [
        [f"{one['lists']:,}", NAMES[engine], seconds(one["seconds"]), f"{one['GB']:.1f} GB"]
        for size in sorted(results, key=int)
        for engine, one in results[size].items()
    ]
    return table(["playlists", "", "seconds", "memory"], rows)


def main(arguments: Sequence[str]) -> None:
    if measure_each("spark-answers", answering, SIZES, ("local", "spark"), RESULTS, arguments):
        put(PAGE, START, lines(kept(RESULTS)), END)
