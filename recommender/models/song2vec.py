"""song2vec: songs are words, playlists are sentences, and Word2Vec gives every song two vectors.

Skip-gram with negative sampling drives `input(a) . output(b)` towards log P(b near a) - log noise(b), up to
a constant (Levy & Goldberg 2014, NeurIPS 27). So the cosine of two input vectors says how alike two songs
are, and input . output plus the log of the noise says what is played near a song: `vectors_` is for the
first question, `score` answers the second.

gensim, which trains the vectors, is imported by `fit` alone. Surprises of gensim that are dealt with here: integer
keys that are unknown return another song's vector (the keys are strings, the matrices copied out), songs that
never stand beside another keep random vectors (they get NaN), and of a long playlist the end is cut off (it comes
in pieces; reading a corpus file would lose the end of the file too).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recommender.playlists import Playlists
from recommender.protocol import MOST_SEED, Scores, check_limits, masked, recency

Vectors = NDArray[np.float32]
_LONGEST = 10_000  # songs of a playlist that gensim reads; it cuts off the rest without a word
_LIMITS = {
    "dim": (1, 10**9),
    "window": (1, _LONGEST // 2),
    "epochs": (1, 10**6),
    "negative": (1, 10**4),
    "seed": (0, MOST_SEED),
}


@dataclass
class Song2Vec:
    """Word2Vec (skip-gram) over playlists, asked for what comes next: input . output, recent seeds first.

    Mikolov et al. 2013, arXiv:1310.4546.

    dim : length of the vectors
    window : songs on either side that count as context, all alike
    epochs : times the playlists are read
    negative : noise songs drawn for each true one
    ns_exponent : noise songs are drawn by plays ** ns_exponent; below 0 the rare ones come more often
    alpha : learning rate at the start, falling linearly to almost 0
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    noise_weight : of log noise in a score; 1 gives log P(next) as trained, less brings rarer songs
    workers : threads; more train faster, but the same seed then no longer gives the same bytes
    seed : of the random numbers
    """

    dim: int = 64
    window: int = 5
    epochs: int = 30
    negative: int = 20
    ns_exponent: float = 0.25
    alpha: float = 0.025
    context: int = 20
    decay: float = 0.9
    noise_weight: float = 0.5
    workers: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        check_limits(self, **_LIMITS, alpha=(0, 1), ns_exponent=(-9, 9), noise_weight=(-9, 9))
        check_limits(self, context=(1, 10**9), decay=(0, 1), workers=(1, 256))

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        options = {"sg": 1, "shrink_windows": False, "sample": 0, "ns_exponent": self.ns_exponent, "alpha": self.alpha}
        inputs, outputs = _word2vec(self, playlists, n_songs, options)
        plays = playlists.take(playlists.lengths > 1).counts(n_songs)
        vars(self).pop("_with_noise", None)
        self.inputs_, self.outputs_ = inputs, outputs
        self.log_noise_: NDArray[np.float32] = np.log(np.maximum(plays, 1.0) ** self.ns_exponent).astype(np.float32)
        return self

    @property
    def vectors_(self) -> Vectors:
        """(n_songs, dim) unit rows, NaN for a song that never stood beside another."""
        return _unit(self.inputs_)

    def score(self, seeds: Playlists) -> Scores:
        known = ~np.isnan(self.inputs_[:, 0])
        query = recency(seeds.keep(known[seeds.songs]), self.context, self.decay, len(known))
        query.data /= np.repeat(query.sum(axis=1), np.diff(query.indptr))
        weight = np.full((len(seeds), 1), self.noise_weight, np.float32)
        return masked(np.hstack([query @ self.inputs_, weight]) @ self._with_noise.T, seeds, known)

    @cached_property
    def _with_noise(self) -> Vectors:
        """(n_songs, dim + 1): the output vectors with log noise as one dimension more, so that one product scores."""
        return np.column_stack([self.outputs_, self.log_noise_])


@dataclass
class Book:
    """The recipe of Hands-On Large Language Models, chapter 2: Word2Vec with cosine to the last song.

    The numbers below are the book's, all else is gensim's default. The book calls it skip-gram; the default is CBOW.

    dim : length of the vectors
    window : songs on either side that may count as context
    epochs : times the playlists are read
    negative : noise songs drawn for each true one
    seed : of the random numbers
    """

    dim: int = 32
    window: int = 20
    epochs: int = 5
    negative: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        check_limits(self, **_LIMITS)

    def fit(self, playlists: Playlists, n_songs: int) -> Self:
        inputs, _ = _word2vec(self, playlists, n_songs, {})
        self.vectors_: Vectors = _unit(inputs)
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = ~np.isnan(self.vectors_[:, 0])
        last = seeds.keep(known[seeds.songs]).last(1)
        scores = np.zeros((len(seeds), len(known)), np.float32)
        scores[last.lengths > 0] = self.vectors_[last.songs] @ self.vectors_.T
        return masked(scores, seeds, known)


@dataclass(frozen=True)
class _Sentences:
    """Playlists as gensim reads them, again for each epoch: lists of words, none longer than it reads whole.

    A longer playlist comes in pieces, each of which begins with the last `window` songs of the one before.
    """

    playlists: Playlists
    window: int

    def __iter__(self) -> Iterator[list[str]]:
        for songs in self.playlists:
            for start in range(0, max(len(songs) - self.window, 1), _LONGEST - self.window):
                yield list(map(str, songs[start : start + _LONGEST].tolist()))


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _word2vec(
    model: Song2Vec | Book, playlists: Playlists, n_songs: int, options: dict[str, Any]
) -> tuple[Vectors, Vectors]:
    """Input and output vectors, each (n_songs, dim), NaN for songs that never stand beside another."""
    together = playlists.take(playlists.lengths > 1)
    inputs, outputs = np.full((2, n_songs, model.dim), np.nan, np.float32)
    if not len(together):
        return inputs, outputs
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    class Progress(CallbackAny2Vec):  # type: ignore[misc]
        def on_epoch_end(self, _: Word2Vec) -> None:
            bar.update()

    with tqdm(total=model.epochs, desc="epochs", leave=False, disable=None) as bar:
        trained = Word2Vec(
            _Sentences(together, model.window),
            vector_size=model.dim,
            window=model.window,
            epochs=model.epochs,
            negative=model.negative,
            min_count=1,
            seed=model.seed,
            workers=getattr(model, "workers", 1),
            callbacks=[Progress()],
            **options,
        )
    songs = np.array([int(song) for song in trained.wv.index_to_key])
    inputs[songs], outputs[songs] = trained.wv.vectors, trained.syn1neg
    return inputs, outputs
