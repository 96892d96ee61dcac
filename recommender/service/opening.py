"""Opening: the run in use, and the one that takes its place when the folder is replaced (`train --force`).

The new run is read and tried beside the old one, and put in its place by one assignment; who holds the old one ends
with it. A damaged one is told in the log, and the old one stays, until another stands on the disk: to go back, put the
earlier folder there again.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from recommender.errors import DataError, RecommenderError
from recommender.run import Run
from recommender.storage import Stamp, stamp

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Open:
    """A run that is open.

    name : of its card, to tell one run from another
    """

    run: Run
    name: str
    stamp: Stamp | None
    since: str

    @classmethod
    def of(cls, folder: Path) -> "Open":
        """The run in the folder, tried; raises RecommenderError for one that is damaged, or replaced meanwhile."""
        now = stamp(folder)
        run = Run.load(folder)
        try:
            card = (folder / "card.json").read_bytes()
        except OSError as error:
            raise DataError(f"{folder}: gone while it was read; start again") from error
        _try(run)
        if stamp(folder) != now:
            raise DataError(f"{folder}: replaced while it was read; start again")
        return cls(run, hashlib.sha256(card).hexdigest()[:12], now, datetime.now(UTC).isoformat(timespec="seconds"))


class Opening:
    """The run in use: `now`; `follow` keeps it the one on the disk."""

    def __init__(self, folder: Path, told: Callable[[str], None]) -> None:
        self._folder, self._told = folder, told
        self.now = Open.of(folder)
        self._seen = self.now.stamp
        self.refused = False

    async def follow(self, seconds: float) -> None:
        """Look for another run every so many seconds, for ever."""
        while True:
            await asyncio.sleep(seconds)
            there = stamp(self._folder)
            if there not in (self._seen, None):
                await self._take(there)

    async def _take(self, there: Stamp | None) -> None:
        try:
            self.now = await asyncio.to_thread(Open.of, self._folder)
            self._seen, self.refused = self.now.stamp, False
            _LOG.info("a new run is in use", extra={"run": self.now.name})
        except Exception as error:  # whatever a damaged run does, the old one goes on
            if stamp(self._folder) != there:
                return  # it was replaced again: look anew
            self._seen, self.refused = there, True
            _LOG.exception("the new run is refused, the old one goes on: %s", error, extra={"run": self.now.name})
        self._told("refused" if self.refused else "taken")


def _try(run: Run) -> None:
    """Ask what is asked most: it must be answered, and the next one who asks need not wait for what is made."""
    played = np.argsort(-run.catalogue.plays, kind="stable")[:2]
    songs = run.catalogue.ids[played].tolist()
    run.recommend(songs)
    run.catalogue.search("a")
    for ask in (lambda: run.explain(songs, songs), lambda: run.similar(songs[0])):
        try:
            ask()
        except RecommenderError:  # a model without vectors, a run without playlists: told to who asks for it
            continue
