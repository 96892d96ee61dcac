"""README and the pages beside it keep their word: commands run, links lead on, the map of modules is complete."""

import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

import recommender
from recommender import fetch
from recommender.cli import cli
from recommender.models import MODELS
from tests.bench.__main__ import LONG
from tests.bench.harness import FAMILIES, cases
from tests.conftest import JAVA, ROOT
from tests.page_server import free_port
from tests.test_architecture import MODULES
from tests.test_mirrors import published, server  # noqa: F401

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / ".github" / "GUIDE.md"]  # in the order in which they are read
PAGES += sorted({*(ROOT / ".github").glob("*.md")} - {*PAGES})
DOCS = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", DOCS, re.DOTALL)
SHELL = dict.fromkeys(line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines() if line.strip())
SERVED = {"recommender app": "_stcore/health", "streamlit run": "_stcore/health", "recommender serve": "health"}


def words(line: str) -> list[str]:
    return shlex.split(line, comments=True)


@pytest.fixture
def home(tmp_path, monkeypatch, published, server, small):  # noqa: F811
    """An empty folder to follow README in, with a mirror on this machine, over plain http, for the real ones."""
    made = fetch._session
    monkeypatch.setattr(fetch, "_session", lambda http: made(True))
    (tmp_path / "my-music").mkdir()
    for number, songs in enumerate(small.train.take(np.arange(200))):
        lines = [
            f"#EXTINF:180,{small.catalogue[song].artist} - {small.catalogue[song].title}\n{song}.mp3" for song in songs
        ]
        (tmp_path / "my-music" / f"{number}.m3u8").write_text("\n".join(["#EXTM3U", *lines]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RECOMMENDER_DATA", raising=False)
    return tmp_path


def test_every_recommender_command_runs_as_written(home, command):
    lines = [line for line in SHELL if line.startswith("recommender ") and not line.startswith((*SERVED,))]
    assert len(lines) >= 8
    for line in lines:
        if "--engine spark" in line and not JAVA:
            continue
        if "--playlists" in line:
            (home / "queries.txt").write_text("1 2 3\n4\n")
        code, _, err = command(*words(line)[1:])
        assert (code, err) == (0, ""), line


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith((*SERVED,))])
def test_every_command_that_serves_does_so(line, tmp_path, run_folder):
    port = free_port()
    (tmp_path / "runs").mkdir()
    asked = words(line)
    health = SERVED[" ".join(asked[:2])]
    (tmp_path / asked[-1]).symlink_to(run_folder)
    option = ["--server.port", str(port)] if asked[0] == "streamlit" else ["--port", str(port)]
    asked = (
        [sys.executable, "-m", *asked[:2], str(ROOT / "app.py"), *option, *asked[3:]]
        if asked[0] == "streamlit"
        else [sys.executable, "-m", *asked, *option]
    )
    env = os.environ | {"STREAMLIT_SERVER_HEADLESS": "true"}
    with subprocess.Popen(
        asked, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server_:
        try:
            for _ in range(300):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{health}") as answer:
                        assert answer.status == 200
                    return
                except OSError:
                    time.sleep(0.1)
            pytest.fail(f"{line} serves nothing")
        finally:
            server_.terminate()


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("scripts/")])
def test_every_script_is_there_and_is_a_program(line):
    assert os.access(ROOT / words(line)[0], os.X_OK)


def test_every_case_of_the_bench_that_is_named_is_there():
    calls = re.findall(r"(?:^|`)scripts/bench ([^`\n]+)", DOCS, re.MULTILINE)
    named = [words(call) for call in calls if words(call)[0] not in ("compare", "against", *LONG)]
    assert len(named) >= 3
    assert {name for call in named for name in call if not name.startswith("--")} <= {*cases(), *FAMILIES}


def test_the_demo_script_runs_to_its_report(tmp_path):
    env = {**os.environ, "RECOMMENDER_DATA": str(tmp_path)}
    command = [ROOT / "scripts" / "demo", "--no-app", "--dataset", "toy"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report, *_ = (tmp_path / "runs" / "demo-toy" / "report.md").read_text().split("\n## ")
    assert report in done.stdout


def test_no_shell_line_is_left_untested():
    known = ("recommender ", "streamlit run", "scripts/", "git clone", "cd ", "source ")
    assert not [line for line in SHELL if not line.startswith(known)]


def test_python_examples_run_and_print(monkeypatch, home, command, capsys):
    command("train", "toy", "runs/first", "--set", "epochs=1", "--set", "dim=8")
    examples = [block for kind, block in BLOCKS if kind == "python"]
    for block in examples:
        exec(compile(block, "README.md", "exec"), {})
        assert capsys.readouterr().out
    assert len(examples) == 3


def test_every_model_is_in_the_tables():
    for name in MODELS:
        assert len(re.findall(rf"^\| `?{name}`? +\|", DOCS, re.MULTILINE)) >= 2, name


def test_no_placeholder_is_left():
    assert not re.findall(r"^[A-Z]{4,}$", DOCS, re.MULTILINE)


def test_every_path_in_a_checkout_that_is_named_is_there():
    named = re.findall(r"`((?:notebooks|scripts|recommender|tests)/[\w./]+)`", DOCS)
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_page_or_a_heading_leads_somewhere(page):
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        assert target.is_file(), link
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if heading else []
        assert not heading or heading in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}, (
            link
        )


def test_every_module_is_in_the_map():
    (plan,) = re.findall(r"## Module map\n.*?```text\n(.*?)```", README, re.DOTALL)
    for module in MODULES:
        name = module.rpartition(".")[2]
        assert re.search(rf"\b{name}\b", plan), module


def test_every_command_is_named():
    assert all(f"recommender {name}" in DOCS for name in cli.commands)


def test_the_version_is_one():
    assert f'version = "{recommender_version()}"' in (ROOT / "pyproject.toml").read_text()


def recommender_version() -> str:
    from importlib.metadata import version

    return version("playlist-recommender")


def test_no_line_names_a_public_name_that_is_gone():
    used = re.findall(r"from recommender import ([\w, ]+)", DOCS)
    names = {name.strip() for names in used for name in names.split(",")}
    assert names <= set(recommender.__all__)
