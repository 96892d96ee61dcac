"""What many tests share: a small made-up dataset as a folder, a fitted run, and the real data where it is."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from recommender.catalogue import Catalogue
from recommender.cli import main
from recommender.datasets import Dataset
from recommender.datasets.toy import toy
from recommender.datasets.yes_com import write_folder
from recommender.training import train

settings.register_profile("project", deadline=None)  # machines are shared, a slow example is no fault
settings.load_profile("project")

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


def catalogue_of(n: int) -> Catalogue:
    """A catalogue of `n` songs called "Song 0", "Song 1", … by "Artist"."""
    return Catalogue(np.arange(n), [f"Song {i}" for i in range(n)], ["Artist"] * n, [()] * n, np.zeros(n, np.int64))
