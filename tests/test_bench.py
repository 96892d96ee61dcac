"""The bench: a case of each family, figures kept and read again, and tables and marks worked by hand."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tests.bench import __main__ as bench
from tests.bench import service
from tests.bench.harness import FAMILIES, ROOT, Case, Work, cases, measure, measured, of_family
from tests.bench.tables import compared, number, shown, span

TINY = {
    "data": ("load", 2000),
    "training": ("fit song2vec", 2000),
    "answers": ("recommend by spectral 64", 300),
    "evaluation": ("evaluate markov", 300),
    "search": ("search whole words", 300),
    "index": ("ask an index", 6000),
    "startup": ("recommender recommend", 300),
    "service": ("serve 16 callers", 300),
    "page": ("use the page", 300),
}


def middle(median, low=None, high=None):
    return {"median": median, "low": low or median, "high": high or median}


def figure(seconds, ratio=None, **more):
    told = {"unit": "plays", "of": "plays", "done": 1000, "seconds": seconds, "MB": 12.3, "told": {}} | more
    return told | ({"ratio": ratio, "against": "reading its lines", "limit": 0.5} if ratio else {})


@pytest.mark.parametrize("family", FAMILIES)
def test_a_case_of_each_family_is_measured(family, monkeypatch):
    monkeypatch.setattr(service, "REQUESTS", 64)
    name, size = TINY[family]
    [case] = [case for case in of_family(family) if case.name == name]
    found = measure(case, size, 0.01)
    assert found["seconds"]["low"] <= found["seconds"]["median"] <= found["seconds"]["high"]
    assert found["done"] > 0
    assert ("ratio" in found) == bool(case.against)
    assert json.loads(json.dumps(found)) == found


def test_every_case_has_a_name_of_its_own_and_sizes_that_grow():
    every = [case for family in FAMILIES for case in of_family(family)]
    assert len(cases()) == len(every)
    for case in every:
        sizes = [*case.sizes, *case.larger]
        assert sizes
        assert sizes == sorted(set(sizes)), case.name
        assert not {case.name} & {*FAMILIES}


def test_the_middle_of_the_calls_is_told_without_the_first_and_the_ratio_is_of_neighbours(monkeypatch):
    clock, slept = [0.0], iter([10, 1, 2, *[3] * 99])

    def sleep(seconds):
        clock[0] += seconds

    monkeypatch.setattr("tests.bench.harness.time", SimpleNamespace(perf_counter=lambda: clock[0]))
    work = Work(lambda: sleep(next(slept)), 7, lambda: sleep(1), lambda: {"MB": 5, "kept": 0.5})
    found = measure(Case("sleep", "songs", "songs", (1,), lambda *_: work, "a nap"), 1, 50)
    assert found["repeats"] == 2 + 11  # the first eleven threes, and naps beside, end 49 s after the warm call
    assert found["seconds"] == found["ratio"] == middle(3)
    assert (found["done"], found["MB"], found["told"]) == (7, 5, {"kept": 0.5})


def test_memory_is_what_the_call_adds_at_its_most():
    if sys.platform != "linux":
        pytest.skip("only Linux forgets the most that a process has held")
    held = np.ones(20_000_000)  # 160 MB, before
    case = Case("hold", "songs", "songs", (1,), lambda *_: Work(lambda: np.ones(10_000_000).sum(), 1))
    assert measure(case, 1, 0.01)["MB"] == pytest.approx(76, abs=8)
    assert len(held)


def test_a_case_that_fails_says_why_and_others_go_on():
    broken = Case("load", "plays", "plays", (), None)
    assert measured("data", broken, -50, 0.1)["failed"].startswith("ValueError: negative dimensions")


def test_the_table_tells_rates_growth_and_what_failed():
    figures = {
        "load": {"10": figure(middle(2), middle(4)), "100": figure(middle(20))},
        "import": {"10": {"of": "plays", "failed": "MemoryError"}},
    }
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in shown(figures, dict.fromkeys(figures, "data")).splitlines()
    ]
    assert rows[2][0] == "**data**"
    assert rows[3] == ["load", "10 plays", "2 s", "500 plays", "", "4", "reading its lines", "12.3", ""]
    assert rows[4] == ["load", "100 plays", "20 s", "50 plays", "1.00", "", "", "12.3", ""]
    assert rows[5] == ["import", "10 plays", "failed", "", "", "", "", "", "MemoryError"]


def test_a_change_is_marked_beyond_the_noise_by_the_ratio_where_there_is_one(tmp_path, capsys):
    old = {
        "load": {
            "10": figure(middle(2), middle(4, 3.9, 4.1)),
            "100": figure(middle(20), middle(4, 3, 5)),
            "1000": figure(middle(200)),
            "10000": figure(middle(1)),
        }
    }
    new = {
        "load": {
            "10": figure(middle(1), middle(2, 1.9, 2.1)),  # 2.2 at most, 3.6 at least
            "100": figure(middle(40), middle(6, 4.5, 7)),  # twice the time on a busy machine, the ratios overlap
            "1000": figure(middle(250)),  # no ratio: 225 at least, 220 at most
            "10000": {"of": "plays", "failed": "MemoryError"},
        }
    }
    for name, figures in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"figures": figures}))
    bench.main(["compare", str(tmp_path / "old.json"), str(tmp_path / "new.json")])
    text = capsys.readouterr().out
    assert text == compared(old, new)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]
    assert rows == [
        ["load", "10", "2 s", "1 s", "0.50", "4", "2", "0.50", "faster"],
        ["load", "100", "20 s", "40 s", "2.00", "4", "6", "1.50", ""],
        ["load", "1,000", "200 s", "250 s", "1.25", "", "", "", "slower"],
        ["load", "10,000", "", "failed", "", "", "", "", ""],
    ]


def test_what_is_measured_again_takes_the_place_of_what_stood_there_and_is_found_by_its_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "KEPT", tmp_path)
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()
    first, second = figure(middle(2)), figure(middle(1))
    bench.Kept(f"{head}-dirty").keep("load", 10, first)
    again = bench.Kept(f"{head}-dirty")
    again.keep("load", 100, second)
    assert again.figures == {"load": {"100": second}}
    assert bench.read("HEAD-dirty") == {"load": {"10": first, "100": second}}
    assert json.loads((tmp_path / f"{head}-dirty.json").read_text())["commit"] == f"{head}-dirty"
    with pytest.raises(SystemExit, match="HEAD was not measured here; check it out"):
        bench.read("HEAD")
    with pytest.raises(SystemExit, match="'nowhere' is neither a file nor a commit"):
        bench.read("nowhere")


def test_cases_are_chosen_by_name_or_family_and_an_unknown_one_is_told():
    assert [(case.name, size) for _, case, size in bench.chosen(["map"])] == [("map", 3_168), ("map", 9_775)]
    assert [size for _, _, size in bench.chosen(["map"], largest=True)] == [3_168, 9_775, 75_262]
    assert {family for family, _, _ in bench.chosen(["search"])} == {"search"}
    assert not [case for _, case, _ in bench.chosen([]) if not case.sizes]
    with pytest.raises(SystemExit, match="no case 'lod'"):
        bench.chosen(["lod"])


def test_another_commit_is_checked_out_with_the_tests_of_this_one():
    with bench.checkout(bench.named("HEAD")) as folder:
        assert (folder / "recommender" / "__init__.py").is_file()
        assert (folder / "tests" / "bench" / "harness.py").read_bytes() == (
            ROOT / "tests" / "bench" / "harness.py"
        ).read_bytes()


def test_the_bench_as_a_command_prints_and_keeps(tmp_path):
    command = [sys.executable, "-m", "tests.bench", "recommender --help", "--json", str(tmp_path / "out.json")]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert (done.stdout.count("recommender --help"), done.stderr) == (1, "")
    assert [*json.loads((tmp_path / "out.json").read_text())["figures"]["recommender --help"]] == ["75262"]


def test_numbers_are_short():
    assert [number(value) for value in (1234.5, 12.345, 0.5)] == ["1,234", "12.3", "0.5"]
    assert [span(value) for value in (1.5, 0.0015, 0.0000015)] == ["1.5 s", "1.5 ms", "1.5 µs"]
