"""Steps from song to song: how good each is, and which the rotation of a radio would not take.

A step is measured by its place: how many songs the model would rather hear there, and one more. Of a model's scores
only the order within a row means anything, so a place is all that compares between rows, and between models.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.playlists import Lists, Playlists
from recommender.protocol import Recommender
from recommender.ranking import rank
from recommender.traits import Traits

Places = NDArray[np.float64]


def places(model: Recommender, seeds: Lists, songs: Sequence[int] | NDArray[np.integer]) -> Places:
    """(len(seeds), len(songs)): the place of each song after each list of seeds, 1 for the best.

    The seeds themselves are not counted. A tie counts as its expected place; inf: a seed, or cannot be recommended.
    """
    asked = Playlists.joined(np.tile(songs, len(seeds)), np.full(len(seeds), len(songs)))
    found = [np.zeros(0), *(part.places + 1 for part in rank(model, seeds, asked, 1))]
    return np.concatenate(found).reshape(len(seeds), len(songs))


def place_of_each(model: Recommender, seeds: Lists, songs: Sequence[int]) -> Places:
    """(len(seeds),) the place of each song after the seeds of its own, as `places` tells it."""
    found = [np.zeros(0), *(part.places + 1 for part in rank(model, seeds, singles(songs), 1))]
    return np.concatenate(found)


def between(model: Recommender, songs: Sequence[int]) -> Places:
    """(len(songs), len(songs)): the place of each song, by column, after each other alone."""
    return places(model, singles(songs), songs)


def along(model: Recommender, songs: Sequence[int]) -> Places:
    """(len(songs) - 1,) the place of each song but the first after the one before it alone."""
    return place_of_each(model, singles(songs[:-1]), songs[1:])


def singles(songs: Sequence[int]) -> Playlists:
    """Playlists of one song each."""
    return Playlists.of([[song] for song in songs])


@dataclass(frozen=True, eq=False)
class Rotation:
    """Which songs may be played, and when: of one artist, no two with fewer than `spacing` songs between them.

    artists : (n_songs,) equal for the songs of one artist
    spacing : songs
    allowed : (n_songs,) the songs that may be chosen; None for all. Songs that a person names are not asked about
    most : songs of one artist in all, those that a person names counted; None for any number
    """

    artists: NDArray[np.integer]
    spacing: int = 0
    allowed: NDArray[np.bool_] | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if self.spacing < 0:
            raise ValueError(f"spacing must be at least 0, got {self.spacing}")
        if self.most is not None and self.most < 1:
            raise ValueError(f"most must be at least 1, got {self.most}")

    @classmethod
    def of(cls, catalogue: Catalogue, spacing: int = 0, allowed: NDArray[np.bool_] | None = None) -> Self:
        """The rotation of a catalogue; songs without a known artist are of one artist each."""
        return cls(Traits(catalogue).artists, spacing, allowed)

    def open(
        self, before: Sequence[int], after: Sequence[int] = (), songs: Sequence[int] | None = None
    ) -> NDArray[np.bool_]:
        """(n_songs,) whether each may stand between these songs.

        songs : all that `most` counts; those before and after where not given
        """
        near = [*before[max(len(before) - self.spacing, 0) :], *after[: self.spacing]]
        closed = set(self.artists[near].tolist())
        if self.most is not None:
            counted = Counter(self.artists[[*before, *after] if songs is None else songs].tolist())
            closed |= {artist for artist, n in counted.items() if n >= self.most}
        fits = ~np.isin(self.artists, [*closed])
        return fits if self.allowed is None else fits & self.allowed
