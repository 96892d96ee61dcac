"""song2vec: songs are words, playlists are sentences, and Word2Vec gives every song two vectors.

Skip-gram with negative sampling drives `input(a) . output(b)` towards log P(b near a) - log noise(b), up to
a constant (Levy & Goldberg 2014, NeurIPS 27). So the cosine of two input vectors says how alike two songs
are, and input . output plus the log of the noise says what is played near a song: `vectors_` is for the
first question, `score` answers the second. Since it is known what training drives at, it need not begin at random
numbers: it starts from the truncated SVD of that matrix (see `spectral`), and a third of the epochs does.

gensim, which trains the vectors, is imported by `fit` alone. Surprises of gensim that are dealt with here: integer
keys that are unknown return another song's vector (the keys are strings, the matrices copied out), songs that
never stand beside another keep random vectors (they get NaN), and of a long playlist the end is cut off (it comes
in pieces; reading a corpus file would lose the end of the file too).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recommender.models.spectral import Spectral
from recommender.models.vectors import mean_vector, products, unit, where_known
from recommender.playlists import Playlists
from recommender.protocol import MOST_SEED, Rows, Scores, Vectors, check_choice, check_limits, masked

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
    sample : songs with a greater share of the plays are passed over now and then; 0 for none
    alpha : learning rate at the start, falling linearly to almost 0
    sg : 1 for skip-gram, 0 for CBOW
    start : vectors to begin with, "spectral" or "random"
    context : how many of the latest seeds count
    decay : weight of a seed against the one after it
    noise_weight : of log noise in a score; 1 gives log P(next) as trained, less brings rarer songs
    workers : threads; more train faster, but the same seed then no longer gives the same bytes
    seed : of the random numbers
    """

    dim: int = 320
    window: int = 5
    epochs: int = 5
    negative: int = 5
    ns_exponent: float = 0.5
    sample: float = 0.0
    alpha: float = 0.0125
    sg: int = 1
    start: str = "spectral"
    context: int = 50
    decay: float = 0.95
    noise_weight: float = 0.3
    workers: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        check_limits(self, **_LIMITS, alpha=(0, 1), ns_exponent=(-9, 9), noise_weight=(-9, 9), sample=(0, 1), sg=(0, 1))
        check_limits(self, context=(1, 10**9), decay=(0, 1), workers=(1, 256))
        check_choice(self, start=("spectral", "random"))

    def fit(self, playlists: Playlists, n_songs: int, on_epoch: Callable[[Self], None] | None = None) -> Self:
        """Learn; `on_epoch` is called after each epoch with the model as it then is, and ends the fit by raising."""
        named = ("sg", "sample", "ns_exponent", "alpha")
        options = {name: getattr(self, name) for name in named} | {"shrink_windows": False}
        plays = playlists.take(playlists.lengths > 1).counts(n_songs)
        self.log_noise_: NDArray[np.float32] = np.log(np.maximum(plays, 1.0) ** self.ns_exponent).astype(np.float32)

        def told(inputs: Vectors, outputs: Vectors) -> None:
            self._keep(inputs, outputs)
            if on_epoch:
                on_epoch(self)

        start = partial(self._start, playlists, n_songs) if self.start == "spectral" and self.dim > 1 else None
        self._keep(*_word2vec(self, playlists, n_songs, options, start, told if on_epoch else None))
        return self

    def _start(self, playlists: Playlists, n_songs: int) -> tuple[Vectors, Vectors]:
        """Input and output vectors in closed form; the last number of each makes up for the log of `negative`."""
        spectral = Spectral(
            self.dim - 1, self.window, falloff=1.0, smoothing=max(self.ns_exponent, 0.0), shift=0.0, seed=self.seed
        )
        spectral.fit(playlists, n_songs)
        offset = np.full((n_songs, 1), np.log(self.negative) ** 0.5, np.float32)
        return np.hstack([spectral.inputs_, offset]), np.hstack([spectral.outputs_, -offset])

    def _keep(self, inputs: Vectors, outputs: Vectors) -> None:
        self.inputs_, self.outputs_ = inputs, outputs

    @property
    def vectors_(self) -> Vectors:
        """(n_songs, dim) unit rows, NaN for a song that never stood beside another."""
        return self.placed(slice(None))

    def placed(self, songs: Rows | slice) -> Vectors:
        return unit(self.inputs_[songs])

    def targets(self, songs: Rows) -> Vectors:
        return np.column_stack([self.outputs_[songs], self.log_noise_[songs]])

    def query(self, seeds: Playlists) -> Vectors:
        weight = np.full((len(seeds), 1), self.noise_weight, np.float32)
        return np.hstack([mean_vector(seeds, self.inputs_, self.context, self.decay), weight])

    def score(self, seeds: Playlists) -> Scores:
        scores = products(mean_vector(seeds, self.inputs_, self.context, self.decay), self.outputs_)
        scores += np.float32(self.noise_weight) * self.log_noise_
        return where_known(scores)


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
        self.vectors_: Vectors = unit(inputs)
        return self

    def score(self, seeds: Playlists) -> Scores:
        known = ~np.isnan(self.vectors_[:, 0])
        last = seeds.keep(known[seeds.songs]).last(1)
        scores = np.zeros((len(seeds), len(known)), np.float32)
        scores[last.lengths > 0] = self.vectors_[last.songs] @ self.vectors_.T
        return masked(scores, seeds, known)


def _words(playlists: Playlists) -> list[str]:
    """(n_plays,) a song's word is one and the same string wherever it comes: none is made, or hashed, twice."""
    names = np.array([str(song) for song in range(playlists.songs.max(initial=-1) + 1)], object)
    words: list[str] = names[playlists.songs].tolist()
    return words


def _sentences(words: list[str], offsets: NDArray[np.int64], window: int) -> list[list[str]]:
    """Playlists as gensim reads them, in each epoch again: lists of words, none longer than it reads whole.

    A longer playlist comes in pieces, each of which begins with the last `window` songs of the one before.
    """
    step = _LONGEST - window
    return [
        words[at : min(at + _LONGEST, stop)]
        for start, stop in pairwise(offsets.tolist())
        for at in range(start, max(stop - window, start + 1), step)
    ]


def _word2vec(
    model: Song2Vec | Book,
    playlists: Playlists,
    n_songs: int,
    options: dict[str, Any],
    start: Callable[[], tuple[Vectors, Vectors]] | None = None,
    on_epoch: Callable[[Vectors, Vectors], None] | None = None,
) -> tuple[Vectors, Vectors]:
    """Input and output vectors, each (n_songs, dim), NaN for songs that never stand beside another."""
    together = playlists.take(playlists.lengths > 1)
    if not len(together):
        nothing = np.full((2, n_songs, model.dim), np.nan, np.float32)
        return nothing[0], nothing[1]
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    class Progress(CallbackAny2Vec):  # type: ignore[misc]
        def on_epoch_end(self, trained: Word2Vec) -> None:
            bar.update()
            if on_epoch:
                on_epoch(*_rows(trained, n_songs))

    words = _words(together)
    sentences = _sentences(words, together.offsets, model.window)
    trained = Word2Vec(
        vector_size=model.dim,
        window=model.window,
        epochs=model.epochs,
        negative=model.negative,
        min_count=1,
        seed=model.seed,
        workers=getattr(model, "workers", 1),
        **options,
    )
    trained.build_vocab_from_freq(Counter(words))
    if start:
        songs = np.array(trained.wv.index_to_key, int)
        for vectors, into in zip(start(), (trained.wv.vectors, trained.syn1neg), strict=True):
            np.take(vectors, songs, axis=0, out=into, mode="clip")  # which makes no copy
    with tqdm(total=model.epochs, desc="epochs", leave=False, disable=None) as bar:
        trained.train(sentences, total_examples=len(sentences), epochs=model.epochs, callbacks=[Progress()])
    return _rows(trained, n_songs)


def _rows(trained: Any, n_songs: int) -> tuple[Vectors, Vectors]:
    """The vectors that gensim learnt, each in the row of its song."""
    inputs, outputs = np.full((2, n_songs, trained.vector_size), np.nan, np.float32)
    songs = np.array(trained.wv.index_to_key, int)
    inputs[songs], outputs[songs] = trained.wv.vectors, trained.syn1neg
    return inputs, outputs
