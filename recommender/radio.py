"""Radio: an endless stream of songs drawn from a model; it remembers, keeps artists apart, takes + and − on the way.

A song is drawn with a chance in proportion to (1 / place) ** (1 / temperature), its place being that after the songs
played last, among those that may be played now (see `recommender.steps`). So one temperature means the same for every
model, and after an hour what it meant at first.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

from recommender.errors import ParameterError, RecommenderError, UnknownSongError
from recommender.playlists import Playlists
from recommender.protocol import Recommender
from recommender.ranking import every_place, ranks
from recommender.steps import Places, Rotation

TEMPERATURE, MEMORY = 0.5, 100
_CONTEXT = 50  # songs played last that the next one follows
_REACH = (
    100  # at temperature 1, liking a song doubles the odds of the one at this place after it; disliking halves them
)


class Radio(Iterator[int]):
    """Songs after those that it starts with, one at each `next`.

    songs : what it starts with; they count as played
    temperature : 0 plays the best song each time, 1 strays far (README tells how far)
    memory : a song is not played again within so many

    Raises UnknownSongError at the first song where the model knows none of what it starts with, RecommenderError
    where nothing is left that may be played.
    """

    def __init__(
        self,
        model: Recommender,
        songs: Sequence[int],
        rotation: Rotation,
        *,
        temperature: float = TEMPERATURE,
        memory: int = MEMORY,
        seed: int = 0,
    ) -> None:
        if not 0 <= temperature < np.inf or memory < 1:
            raise ParameterError(f"temperature must be at least 0, memory at least 1, got {temperature} and {memory}")
        self._model, self._rotation, self._temperature = model, rotation, temperature
        self._played = deque(songs, maxlen=max(memory, rotation.spacing, _CONTEXT))
        self._memory, self._random = memory, np.random.default_rng(seed)
        self._opinions: Places = np.zeros(len(rotation.artists))
        self._disliked: set[int] = set()
        self._started = False

    def like(self, song: int) -> Self:
        """Play more of what follows this song."""
        self._opinions += self._nearness(song)
        self._disliked.discard(song)
        return self

    def dislike(self, song: int) -> Self:
        """Play less of what follows this song, and never the song itself; takes back an earlier `like`."""
        self._opinions -= self._nearness(song)
        self._disliked.add(song)
        return self

    def __next__(self) -> int:
        chances = self.chances()
        song = int(self._random.choice(len(chances), p=chances))
        self._played.append(song)
        self._started = True
        return song

    def chances(self) -> Places:
        """(n_songs,) the chance of each to be played next; they sum to 1."""
        played = list(self._played)
        heard = min(_CONTEXT, self._memory) if self._started else _CONTEXT  # what is in it cannot be played
        place = self._places(played[-heard:])
        if not self._started and not np.isfinite(place).any():
            raise UnknownSongError("nothing is known of the songs to go on from; name one that was played more")
        barred = [*played[max(len(played) - self._memory, 0) :], *self._disliked]
        open_ = self._rotation.open(played) & np.isfinite(place)
        open_[barred] = False
        if not open_.any():
            raise RecommenderError(
                f"nothing is left to play after {len(played)} songs; take a memory below {self._memory}, less spacing, "
                "fewer filters, or dislike fewer songs"
            )
        appeal: Places = np.full(len(place), -np.inf)
        appeal[open_] = self._opinions[open_] - np.log(ranks(place[open_]))
        return self._shares(appeal)

    def _shares(self, appeal: Places) -> Places:
        """In proportion to exp(appeal / temperature); all for the first of the greatest at temperature 0."""
        appeal -= appeal.max()
        if not self._temperature:
            best: Places = np.zeros(len(appeal))
            best[appeal.argmax()] = 1
            return best
        with np.errstate(over="ignore"):  # of a temperature near 0
            shares: Places = np.exp(appeal / self._temperature)
        shares /= shares.sum()
        return shares

    def _nearness(self, song: int) -> Places:
        """(n_songs,) log of what liking the song makes of the odds of each: 1 + reach / place after it."""
        place = self._places([song])
        if not np.isfinite(place).any():
            raise UnknownSongError(
                "nothing is known of the song that is liked or disliked; name one that was played more"
            )
        nearness: Places = np.log1p(_REACH / place)
        return nearness

    def _places(self, seeds: Sequence[int]) -> Places:
        (place,) = every_place(self._model, Playlists.of([seeds]))
        return np.asarray(place)
