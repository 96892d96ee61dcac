"""When, with what and by which code something was made."""

import os
import platform
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from recommender.provenance import commit, machine, now, peak_memory, versions
from tests.conftest import ROOT

STATUS = Path("/proc/self/status")


def test_now_is_the_time_with_its_zone_to_the_second():
    told = datetime.fromisoformat(now())
    assert (told.utcoffset(), told.microsecond) == (timedelta(0), 0)
    assert abs(datetime.now(UTC) - told) < timedelta(seconds=60)


def test_the_versions_are_those_of_python_and_of_what_models_learn_with():
    libraries = ("playlist-recommender", "gensim", "numpy", "scipy")
    assert versions() == {"python": platform.python_version()} | {name: version(name) for name in libraries}


def test_the_machine_is_told_with_its_cores():
    assert machine().endswith(f"{os.cpu_count()} cores")


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux tells in another way, too")
def test_the_peak_memory_is_what_the_system_tells_in_megabytes():
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
    assert peak_memory() == pytest.approx(int(kilobytes) * 1024 / 1e6, rel=0.02)


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="there is no checkout")
def test_the_commit_is_the_one_checked_out():
    head = subprocess.check_output(["git", "-C", ROOT, "rev-parse", "HEAD"], text=True).strip()
    assert commit() in (head, f"{head} + changes")


def test_without_git_there_is_no_commit(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit() is None
