"""How long the map of all songs takes, by catalogue size: seconds of one core, memory, and the neighbours it keeps.

Made-up unit vectors of 64 numbers around 300 directions, as unevenly many around each as songs of a kind. "kept" is the
share of the ten nearest by vectors that are among the fifty nearest on the map, of a sample of 1,000 songs.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from recommender.catalogue import Catalogue
from recommender.layout import kept, lay_out

CASE = "map"
HEADER = ["case", "songs", "seconds", "peak MB", "kept"]
_SIZES, _DIM, _KINDS = (3_168, 9_775, 75_262), 64, 300


def measure(n: int) -> list[float]:
    """Seconds, megabytes and the share kept, in this process."""
    rng = np.random.default_rng(0)
    kinds = (rng.random(n) ** 2 * _KINDS).astype(int)
    vectors = rng.standard_normal((_KINDS, _DIM))[kinds] + rng.standard_normal((n, _DIM))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    tags = [(f"tag {kind}",) for kind in kinds]
    catalogue = Catalogue(np.arange(n), ["Song"] * n, ["Artist"] * n, tags, np.ones(n, np.int64))
    with threadpool_limits(1):
        start = time.process_time()
        layout = lay_out(vectors, catalogue)
        seconds = time.process_time() - start
    return [seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, kept(vectors, layout)]


def rows() -> list[list[str]]:
    """A line a size, each measured in a process of its own."""
    found = []
    for n in _SIZES:
        asked = [sys.executable, "-m", "tests.bench_layout", str(n)]
        seconds, memory, share = json.loads(subprocess.check_output(asked, cwd=Path(__file__).parents[1]))
        found.append([CASE, f"{n:,}", f"{seconds:.1f}", f"{memory:.0f}", f"{share:.2f}"])
    return found


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
