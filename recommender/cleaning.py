"""Cleaning: a dataset without what is in the way of learning, and an account of what left.

All is off unless asked for. What `stats` counts, cleaning removes, by the same definitions. Songs keep their ids
while their rows are numbered anew. Test playlists undergo the same changes of songs, but none is dropped, not even
one left empty, and they decide nothing. A training playlist that loses its last song leaves.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.datasets import Dataset, load
from recommender.datasets.yes_com import write_folder
from recommender.duplicates import first_of_each
from recommender.errors import DataError, ParameterError
from recommender.files import replacing
from recommender.playlists import Playlists
from recommender.stats import first_rows
from recommender.traits import unknown_songs


@dataclass(frozen=True)
class Cleaning:
    """What to clean, in the order in which it is done.

    drop_unknown : songs whose title or artist is "-" or empty leave
    merge_ids : rows of one title and artist become one song, with the first one's id and the tags of all
    collapse_repeats : in a playlist, only the first play of a song stays
    near_duplicates : a playlist leaves if its Jaccard similarity with one kept before it is above this
    min_plays : songs with fewer plays in the training playlists leave

    The last two undo one another's work, so they take turns until neither finds anything: in what is left, no two
    playlists are too near, and every song is played often enough. Cleaning again changes nothing.
    """

    drop_unknown: bool = False
    merge_ids: bool = False
    collapse_repeats: bool = False
    near_duplicates: float | None = None
    min_plays: int = 0

    def __post_init__(self) -> None:
        if self.near_duplicates is not None and not 0 <= self.near_duplicates < 1:
            raise ParameterError(f"near_duplicates must be at least 0 and below 1, got {self.near_duplicates}")
        if self.min_plays < 0:
            raise ParameterError(f"min_plays must be at least 0, got {self.min_plays}")


@dataclass(frozen=True)
class Removed:
    """How much one kind of cleaning took out; `plays` and `playlists` are of training, `test_plays` of test."""

    what: str
    songs: int
    plays: int
    playlists: int
    test_plays: int

    def __str__(self) -> str:
        counts = {name.replace("_", " "): n for name, n in asdict(self).items() if name != "what"}
        words = [f"{n:,} {name if n > 1 else name[:-1]}" for name, n in counts.items() if n]
        return f"{self.what}: {', '.join(words) or 'none'}"


def clean(dataset: Dataset, cleaning: Cleaning) -> tuple[Dataset, list[Removed]]:
    """The cleaned dataset, and what each kind of cleaning asked for removed, in the order of `Cleaning`.

    Raises DataError where no play would be left.
    """
    removed: dict[str, NDArray[np.int64]] = {}
    first, in_turn = _steps(cleaning)
    for what, step in first:
        dataset = _step(dataset, what, step, removed)
    while True:
        before = _counts(dataset)
        for what, step in in_turn:
            dataset = _step(dataset, what, step, removed)
        if len(in_turn) < 2 or (_counts(dataset) == before).all():
            return dataset, [Removed(what, *counts.tolist()) for what, counts in removed.items()]


def clean_folder(folder: Path, cleaning: Cleaning) -> list[Removed]:
    """Clean the dataset in a folder and write it anew, whole or not at all; ids become rows. What was removed."""
    if cleaning == Cleaning():
        return []
    cleaned, removed = clean(load(folder), cleaning)
    with replacing(folder) as new:
        write_folder(new, cleaned.catalogue, cleaned.train)
    return removed


_Step = tuple[str, Callable[[Dataset], Dataset]]


def _steps(cleaning: Cleaning) -> tuple[list[_Step], list[_Step]]:
    """What is done once, and then in turn."""
    first: list[_Step] = []
    in_turn: list[_Step] = []
    if cleaning.drop_unknown:
        first.append(("songs with unknown title or artist", drop_unknown))
    if cleaning.merge_ids:
        first.append(("songs that repeat another's title and artist", merge_ids))
    if cleaning.collapse_repeats:
        first.append(("plays of a song already in the playlist", collapse_repeats))
    if (threshold := cleaning.near_duplicates) is not None:
        what = f"playlists near an earlier one (Jaccard above {threshold})"
        in_turn.append((what, lambda dataset: drop_near_duplicates(dataset, threshold)))
    if cleaning.min_plays:
        what = f"songs with fewer than {cleaning.min_plays} plays"
        in_turn.append((what, lambda dataset: drop_rare(dataset, cleaning.min_plays)))
    return first, in_turn


def _step(
    dataset: Dataset, what: str, step: Callable[[Dataset], Dataset], removed: dict[str, NDArray[np.int64]]
) -> Dataset:
    cleaned = step(dataset)
    if not cleaned.train.n_plays:
        raise DataError(f"{dataset.name}: without {what} no play is left; ask for less cleaning")
    removed[what] = removed.get(what, 0) + _counts(dataset) - _counts(cleaned)
    return cleaned


def _counts(dataset: Dataset) -> NDArray[np.int64]:
    """Songs, plays, playlists and test plays."""
    test_plays = dataset.test.n_plays if dataset.test is not None else 0
    return np.array([dataset.n_songs, dataset.train.n_plays, len(dataset.train), test_plays])


def drop_unknown(dataset: Dataset) -> Dataset:
    """The dataset without songs whose title or artist is unknown."""
    return _keep_songs(dataset, ~unknown_songs(dataset.catalogue))


def drop_rare(dataset: Dataset, min_plays: int) -> Dataset:
    """The dataset without songs of fewer than `min_plays` plays in the training playlists.

    Once is enough: a song that leaves takes no other's plays with it.
    """
    return _keep_songs(dataset, dataset.train.counts(dataset.n_songs) >= min_plays)


def merge_ids(dataset: Dataset) -> Dataset:
    """The dataset with one row for each title and artist: the first, with the tags of all of them."""
    firsts = first_rows(dataset.catalogue)
    tags: dict[int, dict[str, None]] = {}
    for row, first in enumerate(firsts.tolist()):
        tags.setdefault(first, {}).update(dict.fromkeys(dataset.catalogue.tags[row]))
    all_tags = [tuple(tags.get(row, ())) for row in range(dataset.n_songs)]
    tagged = replace(dataset, catalogue=replace(dataset.catalogue, tags=all_tags))
    one_id = _everywhere(tagged, lambda playlists: _renamed(playlists, firsts))
    return _keep_songs(one_id, firsts == np.arange(len(firsts)))


def collapse_repeats(dataset: Dataset) -> Dataset:
    """The dataset with each song once in a playlist, where it is first played."""
    return _with_plays(_everywhere(dataset, lambda playlists: playlists.keep(~playlists.repeats)))


def drop_near_duplicates(dataset: Dataset, threshold: float) -> Dataset:
    """The dataset without training playlists whose Jaccard similarity with one kept before is above `threshold`."""
    return _with_plays(replace(dataset, train=dataset.train.take(first_of_each(dataset.train, threshold))))


def _keep_songs(dataset: Dataset, keep: NDArray[np.bool_]) -> Dataset:
    """The dataset with the marked songs only, numbered anew, without the training playlists that this empties."""
    numbers, rows = np.cumsum(keep) - 1, np.flatnonzero(keep).tolist()
    kept = _everywhere(dataset, lambda playlists: _renamed(playlists.keep(keep[playlists.songs]), numbers))
    train = kept.train.take((kept.train.lengths > 0) | (dataset.train.lengths == 0))
    old = dataset.catalogue
    titles, artists = ([column[row] for row in rows] for column in (old.titles, old.artists))
    catalogue = Catalogue(old.ids[keep], titles, artists, [old.tags[row] for row in rows], old.plays[keep])
    return _with_plays(replace(kept, catalogue=catalogue, train=train))


def _everywhere(dataset: Dataset, change: Callable[[Playlists], Playlists]) -> Dataset:
    """The dataset with training and test playlists changed."""
    test = None if dataset.test is None else change(dataset.test)
    return replace(dataset, train=change(dataset.train), test=test)


def _renamed(playlists: Playlists, numbers: NDArray[np.int64]) -> Playlists:
    """The playlists with the number of each song for the song."""
    return Playlists(numbers[playlists.songs].astype(np.int32), playlists.offsets)


def _with_plays(dataset: Dataset) -> Dataset:
    """The dataset whose catalogue counts the plays of its training playlists."""
    plays = dataset.train.counts(dataset.n_songs)
    return replace(dataset, catalogue=replace(dataset.catalogue, plays=plays))
