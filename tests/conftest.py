"""What many tests share: a small made-up dataset as a folder, a fitted run, and the real data where it is."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from playwright.sync_api import Error, sync_playwright
from streamlit.testing.v1 import AppTest

from recommender.catalogue import Catalogue
from recommender.cli import main
from recommender.datasets import Dataset
from recommender.datasets.toy import toy
from recommender.datasets.yes_com import write_folder
from recommender.report import Report
from recommender.spark.session import session
from recommender.training import train

settings.register_profile("project", deadline=None)  # machines are shared, a slow example is no fault
settings.load_profile("project")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
JAVA = shutil.which("java") or os.environ.get("JAVA_HOME")
ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "data"


@pytest.fixture
def real():
    """The folder with the real playlists, which are not part of the project."""
    if not (REAL / "yes_small" / "train.txt").exists():
        pytest.skip(f"the real playlists are not in {REAL}")
    return REAL


@pytest.fixture(scope="session")
def small():
    """A toy small enough to fit every model in a moment."""
    catalogue, playlists = toy(n_songs=120, n_playlists=600, seed=1)
    return Dataset("small", catalogue, playlists, None, "made up")


@pytest.fixture(scope="session")
def folder(small, tmp_path_factory):
    """The small toy as a folder in Cornell's layout."""
    path = tmp_path_factory.mktemp("data") / "small"
    path.mkdir()
    write_folder(path, small.catalogue, small.train)
    return path


@pytest.fixture(scope="session")
def run_folder(small, tmp_path_factory):
    """A run of song2vec on the small toy."""
    path = tmp_path_factory.mktemp("runs") / "small"
    train(small, "song2vec", {"epochs": 3, "dim": 16}).save(path)
    return path


@pytest.fixture
def command(monkeypatch, capsys):
    """The command line: its exit code, standard output and standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["recommender", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            main()
        out, err = capsys.readouterr()
        return int(exit_.value.code or 0), out, err

    return call


def opened_app(monkeypatch: pytest.MonkeyPatch, folder: Path, **address: str) -> AppTest:
    """The page of a run, without a browser, opened with what stands in the address."""
    monkeypatch.setattr(sys, "argv", ["app.py", str(folder)])
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in address.items():
        if value:
            app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def catalogue_of(n: int) -> Catalogue:
    """A catalogue of `n` songs called "Song 0", "Song 1", … by "Artist"."""
    return Catalogue(np.arange(n), [f"Song {i}" for i in range(n)], ["Artist"] * n, [()] * n, np.zeros(n, np.int64))


@pytest.fixture
def two_models():
    """The better one last; each playlist has one query."""
    return Report(
        {
            "poor": {"mrr": np.array([0.25, 0.25]), "ndcg@10": np.array([0.5, 1.0])},
            "good": {"mrr": np.array([1.0, 1.0]), "ndcg@10": np.array([0.0, 0.25])},
        },
        owners=np.array([4, 9]),
        totals={
            "poor": {"coverage@10": 0.5, "fit seconds": 2.0, "gini@10": 0.25},
            "good": {"coverage@10": 0.0625, "fit seconds": 12.34},
        },
        about={"dataset": "made up"},
        shown=["mrr", "ndcg@10"],
    )


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 100 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Error as error:
            if "Executable doesn't exist" in str(error):
                pytest.skip("there is no Chromium here; scripts/test installs it")
            raise
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """Spark on two cores, started where no copy of the package lies about."""
    if not JAVA:
        pytest.skip("there is no Java here; scripts/test installs it")
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            place = tmp_path_factory.mktemp("spark")
            (place / "spark-defaults.conf").write_text(
                "spark.ui.retainedStages 5\nspark.sql.codegen.wholeStage false\n"
            )
            patch.setenv("SPARK_CONF_DIR", str(place))
            patch.chdir(place)
            patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # for a life of seconds
            started = stack.enter_context(session("local[2]"))
        started.conf.set("spark.sql.shuffle.partitions", 2)
        yield started
