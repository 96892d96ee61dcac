"""Time, throughput and peak memory of all that can be slow, how they grow, and how near they come to a limit.

    scripts/bench [CASE or FAMILY ...] [--largest] [--json FILE]
    scripts/bench compare OLD NEW       two runs, each a file or a commit
    scripts/bench against COMMIT [CASE or FAMILY ...]
    scripts/bench peers [--help]        our models beside those of other projects, by quality and cost
    scripts/bench page [--help]         the page at length: what it sends, and ten people at once
    scripts/bench growth [--help]       how fitting grows to ten million plays, drawn
    scripts/bench spark 1e5 1e6         the same on Spark, with what is shuffled
    scripts/bench spark-answers 1e5     answering playlists on Spark

A case is measured in a process of its own, at several sizes. "time" is the median of a call, "growth" the exponent of
the size in it (1: in proportion), "× limit" its time against that of a limit or a peer called in turn with it, "MB"
what the first call added to memory at its most. Every run is kept as .bench/COMMIT.json (-dirty, where the checkout has
changes); what is measured again takes the place of what stood there. `against` checks the commit out beside this one
and measures both in turn, by the cases of this one.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from tqdm import tqdm

from recommender.provenance import commit, machine, now, versions
from tests.bench import tables
from tests.bench.harness import FAMILIES, ROOT, Case, cases, measure, measured, of_family

KEPT = ROOT / ".bench"
LONG = {"page": "long_page", "spark-answers": "spark_answers"} | {word: word for word in ("peers", "growth", "spark")}
SECONDS = 1.0  # of calls, at each size of a case
Chosen = list[tuple[str, Case, int]]


def chosen(names: Sequence[str], *, largest: bool = False) -> Chosen:
    """Family, case and size of what is asked; a case without sizes of its own has its larger ones if it is named."""
    known = cases()
    if unknown := [name for name in names if name not in known and name not in FAMILIES]:
        raise SystemExit(f"error: no case {unknown[0]!r}; `scripts/bench --help` names them")
    return [
        (family, case, size)
        for name, (family, case) in known.items()
        if not names or name in names or family in names
        for size in (*case.sizes, *(case.larger if largest or (name in names and not case.sizes) else ()))
    ]


class Kept:
    """The figures of a commit in its file, where what is measured again takes the place of what stood there."""

    def __init__(self, commit: str, file: Path | None = None) -> None:
        self.file = file or KEPT / f"{commit}.json"
        self.figures: dict[str, dict[str, Any]] = {}  # of this time
        before = json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {"figures": {}}
        about = {"commit": commit, "made": now(), "machine": machine(), "versions": versions()}
        self._all = about | {"figures": before["figures"]}

    def keep(self, name: str, size: int, figure: dict[str, Any]) -> None:
        for figures in (self.figures, self._all["figures"]):
            figures.setdefault(name, {})[str(size)] = figure
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps(self._all, indent=1) + "\n", encoding="utf-8")


def run(todo: Chosen, checkouts: Sequence[tuple[Path, Kept]]) -> None:
    """Measure case by case, each in every checkout in turn."""
    for family, case, size in (bar := tqdm(todo, leave=False, disable=None)):
        bar.set_description(f"{case.name}, {size:,} {case.of}")
        for root, kept in checkouts:
            kept.keep(case.name, size, measured(family, case, size, SECONDS, root))


def here() -> str:
    """The commit of this checkout."""
    return (commit() or "no commit").replace(" + changes", "-dirty")


def named(name: str) -> str:
    """The whole commit, by any name that git knows."""
    found = subprocess.run(
        ["git", "rev-parse", "--verify", f"{name}^{{commit}}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if found.returncode:
        raise SystemExit(f"error: {name!r} is neither a file nor a commit")
    return found.stdout.strip()


def read(name: str) -> dict[str, Any]:
    """The figures of a file, or of a commit (with "-dirty" after it: of its checkout with changes)."""
    file = Path(name)
    if not file.is_file():
        clean = name.removesuffix("-dirty")
        file = KEPT / f"{named(clean)}{name.removeprefix(clean)}.json"
    if not file.is_file():
        raise SystemExit(f"error: {name} was not measured here; check it out and call `scripts/bench`")
    return json.loads(file.read_text(encoding="utf-8"))["figures"]


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """A folder with that commit, but for the tests, which are those of this checkout."""
    archive = subprocess.check_output(["git", "archive", commit], cwd=ROOT)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        shutil.rmtree(Path(folder, "tests"))
        shutil.copytree(ROOT / "tests", Path(folder, "tests"))
        yield Path(folder)


def against(arguments: Sequence[str]) -> None:
    if not arguments:
        raise SystemExit("error: scripts/bench against COMMIT [CASE or FAMILY ...]")
    commit, *names = arguments
    todo, old, new = chosen(names), Kept(named(commit)), Kept(here())
    with checkout(named(commit)) as root:
        run(todo, [(root, old), (ROOT, new)])
    print(tables.compared(old.figures, new.figures), end="")


def listed() -> str:
    """All cases by family, with their sizes; the larger ones in brackets."""
    lines = []
    for family in FAMILIES:
        lines.append(f"{family}:")
        for case in of_family(family):
            larger = f" ({', '.join(f'{n:,}' for n in case.larger)})" if case.larger else ""
            lines.append(f"  {case.name:<38} {', '.join(f'{n:,}' for n in case.sizes)}{larger} {case.of}")
    return "\n".join(lines)


def measure_all(arguments: Sequence[str]) -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("scripts/bench", description=__doc__, epilog=listed(), formatter_class=raw)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="or a family of them (default: all)")
    parser.add_argument(
        "--largest", action="store_true", help="the sizes in brackets, too, which take long or much memory"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    given = parser.parse_args(arguments)
    todo, kept = chosen(given.cases, largest=given.largest), Kept(here(), given.json)
    run(todo, [(ROOT, kept)])
    print(tables.shown(kept.figures, {case.name: family for family, case, _ in todo}), end="")
    if failed := [name for name, sizes in kept.figures.items() if any("failed" in figure for figure in sizes.values())]:
        raise SystemExit(f"error: {', '.join(failed)} failed")


def main(arguments: Sequence[str]) -> None:
    word, *rest = arguments or [""]
    if word == "--one":
        family, name, size, budget = rest
        [case] = [case for case in of_family(family) if case.name == name]
        print(json.dumps(measure(case, int(size), float(budget))))
    elif word == "compare" and len(rest) == 2:
        print(tables.compared(*map(read, rest)), end="")
    elif word == "against":
        against(rest)
    elif word in LONG:
        import_module(f"tests.bench.{LONG[word]}").main(rest)
    else:
        measure_all(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
