"""Asking: what a query holds besides a playlist: songs liked and disliked, whole artists, tags.

All become one playlist, which the model is asked as any other: liked songs stand before those played, and before them
the most played songs of an artist or a tag, which may be answered, as nobody named them. Asking each song alone and
combining what is said was never better and mostly worse (.github/DIALS.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommender.playlists import Playlists, Songs
from recommender.protocol import Scorer, Scores, as_shares
from recommender.ranking import every_place
from recommender.traits import Traits

SPEAKERS = 25  # songs that speak for an artist or a tag, at most
REACH = 10  # the song at this place after a disliked one has half of its share left


@dataclass(frozen=True)
class Taste:
    """What a query holds besides a playlist; nothing, unless said.

    like, dislike : ids of songs; none of them is answered
    artists, tags : names, whose songs may be answered
    """

    like: Sequence[int] = ()
    dislike: Sequence[int] = ()
    artists: Sequence[str] = ()
    tags: Sequence[str] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            if isinstance(given, str):
                raise ValueError(f"{field.name} must be several, such as [{given!r}], got {given!r}")
            object.__setattr__(self, field.name, tuple(given))


@dataclass(frozen=True, eq=False)
class Steered:
    """A model that hears of a taste with every playlist.

    before : rows put before each playlist
    away : rows of disliked songs, which are never answered

    With disliked songs a score is the song's share of the playlist's scores, from 0 to 1, divided by 1 + REACH / place,
    its best place after a disliked song: what follows one at once falls far, what is not near one keeps its score, and
    nothing vanishes but the song itself. A place means the same for every model, a share of scores does not: taken off
    the shares of a model of vectors, a disliked song took all of its kind along.
    """

    model: Scorer
    before: Songs
    away: Songs

    def score(self, seeds: Playlists) -> Scores:
        asked = after(self.before, seeds)
        asked = asked.keep(~np.isin(asked.songs, self.away))  # what is disliked does not speak
        scores = self.model.score(asked)
        if not len(self.away):
            return scores
        none = np.isneginf(scores)
        steered = as_shares(scores, asked) / self._repelled
        steered[none] = -np.inf
        steered[:, self.away] = -np.inf
        return steered

    @cached_property
    def _repelled(self) -> NDArray[np.float32]:
        """(n_songs,) what each song's share is divided by."""
        alone = Playlists.of([[song] for song in self.away.tolist()])
        nearest: NDArray[np.float64] = every_place(self.model, alone).min(axis=0)
        return (1 + REACH / nearest).astype(np.float32)


def speakers(traits: Traits, artists: Iterable[str] = (), tags: Iterable[str] = ()) -> Songs:
    """Rows of the most played songs of each artist and each tag, the most played last, as the last counts most.

    Raises ParameterError for an artist or a tag that no song has.
    """
    groups = [*(traits.by([name]) for name in artists), *(traits.tagged([name]) for name in tags)]
    plays = traits.catalogue.plays
    spoken = [rows[np.argsort(plays[rows], kind="stable")][-SPEAKERS:] for rows in map(np.flatnonzero, groups)]
    return np.concatenate([np.zeros(0, np.int32), *spoken]).astype(np.int32)


def after(before: Songs, seeds: Playlists) -> Playlists:
    """Each playlist with the same songs put before it.

    >>> [songs.tolist() for songs in after(np.array([7, 8]), Playlists.of([[1], []]))]
    [[7, 8, 1], [7, 8]]
    """
    if not len(before):
        return seeds
    songs = np.insert(seeds.songs, np.repeat(seeds.offsets[:-1], len(before)), np.tile(before, len(seeds)))
    return Playlists.joined(songs, seeds.lengths + len(before))
