"""Opening: the runs that a visitor may choose from, and one of them as it stands on the disk now.

A run may be replaced at any moment (`train --force`), by renaming folders. What is open stays usable, as its files are
mapped; the next interaction opens the new one. One that was read while it was replaced could be part old, part new,
and is read again.
"""

import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import streamlit as st
from threadpoolctl import threadpool_limits

from recommender.errors import RecommenderError
from recommender.page.words import frame as words
from recommender.run import Run
from recommender.storage import Stamp, stamp

_PATIENCE, _PAUSE = 1.0, 0.02  # seconds; a folder that is replaced is gone for as long as two renames take
_TURN = 0.0005  # seconds of a thread while others wait; who sends a message gives its turn up, and a view has hundreds
_NUMBERS: WeakKeyDictionary[Run, int] = WeakKeyDictionary()
_COUNT = count()


def choices() -> list[Path]:
    """The run named on the command line, else those under ./runs, the newest first."""
    if len(sys.argv) > 1:
        return [Path(sys.argv[1])]
    stamps = {card.parent: stamp(card.parent) for card in Path("runs").glob("*/card.json")}
    return sorted(stamps, key=lambda folder: stamps[folder] or (0, 0), reverse=True)


def opened(folder: Path) -> Run:
    """The run that is in the folder now; raises RecommenderError where there is none, or a damaged one."""
    end = time.monotonic() + _PATIENCE
    while True:
        now = stamp(folder)
        try:
            return _load(str(folder), now)
        except RecommenderError:
            if (now and now == stamp(folder)) or time.monotonic() > end:
                raise
        time.sleep(_PAUSE)


@st.cache_resource(max_entries=4, show_spinner=words.OPENING)
def _load(folder: str, now: Stamp | None) -> Run:
    """The run; `now` makes one that was replaced open anew."""
    sys.setswitchinterval(_TURN)
    threadpool_limits(1, "blas")  # people ask side by side; the threads of one product would wait for one another
    run = Run.load(folder)
    if stamp(Path(folder)) != now:
        raise RecommenderError(words.REPLACED.format(folder=folder))
    return run


def number(run: Run) -> int:
    """What tells apart all runs that were opened, those of one folder within one second, too."""
    return _NUMBERS.setdefault(run, next(_COUNT))


def label(folder: Path) -> str:
    """A run's name, with its model and its dataset where its card tells them and the name does not."""
    model, dataset = facts(folder)
    if model in folder.name and dataset in folder.name:  # or the card tells neither
        return folder.name
    return words.RUN_CHOICE.format(name=folder.name, model=model, dataset=dataset)


def facts(folder: Path) -> tuple[str, str]:
    """A run's model and dataset, "" where its card does not tell them."""
    try:
        return _facts(str(folder), stamp(folder))
    except (OSError, ValueError, LookupError, TypeError):
        return "", ""


@st.cache_data(max_entries=200, show_spinner=False)
def _facts(folder: str, now: Stamp | None) -> tuple[str, str]:
    card: Any = json.loads(Path(folder, "card.json").read_text(encoding="utf-8"))
    return str(card["model"]), str(card["dataset"]["name"])
