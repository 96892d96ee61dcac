"""Questions: the protocols of an evaluation, what each asks, measures and means."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from recommender.errors import RecommenderError
from recommender.evaluation import COLD_METRICS, CONTINUATION_METRICS, LAST_METRICS, NEXT_METRICS
from recommender.playlists import Playlists
from recommender.split import Split, last_song, next_song, random_half, second_half

Splits = Iterator[tuple[str, Split]]


def _next(train: Playlists, held_out: Playlists, seed: int) -> Splits:
    yield "each next song that is new to its playlist", next_song(train, held_out, repeats=True)


def _last(train: Playlists, held_out: Playlists, seed: int) -> Splits:
    yield "the last song, where it is new to its playlist", last_song(train, held_out, repeats=True)


def _continuation(train: Playlists, held_out: Playlists, seed: int) -> Splits:
    yield "the second half of a playlist, given the first", second_half(train, held_out)
    yield "a random half of a playlist, given the rest", random_half(train, held_out, seed)


def _cold(train: Playlists, held_out: Playlists, seed: int) -> Splits:
    split = next_song(train, held_out)
    heard = np.isin(split.targets.songs, train.songs)
    if heard.any() and heard.all():
        raise RecommenderError("no held-out playlist asks for a song that was hidden; hold out more playlists")
    yield "each next song that no playlist learnt from has", split.take(~heard)
    if heard.any():
        yield "the other next songs, with which the new ones compete", split.take(heard)


def _no_lists(train: Playlists, held_out: Playlists, seed: int) -> Splits:
    yield from ()


@dataclass(frozen=True)
class Question:
    """What a protocol asks.

    asks : in words
    metrics : of the leaderboard, the main one first
    reading : what they mean
    splits : (train, held_out, seed) -> the queries, by what they ask in words; none where no list is asked for
    """

    asks: str
    metrics: tuple[str, ...]
    reading: str
    splits: Callable[[Playlists, Playlists, int], Splits]


_HITS = "hit_rate@10 is the share of the asked songs found among ten answers; mrr is the mean of 1 / place"
PROTOCOLS = {
    "next": Question(
        "each next song that is new to its playlist",
        NEXT_METRICS,
        f"{_HITS}; ndcg@10 counts places within ten, the first most; coverage@10 is the share of all played songs that "
        "are in any answer. Higher is better.",
        _next,
    ),
    "last": Question(
        "the last song, where it is new to its playlist", LAST_METRICS, f"{_HITS}. Higher is better.", _last
    ),
    "continuation": Question(
        "the hidden half of a playlist, given the other",
        CONTINUATION_METRICS,
        "r_precision is the share of the hidden songs among as many answers; ndcg@100 counts places within 100, the "
        "first most; recall@100 is the share of the hidden songs among 100 answers; map@100 the mean precision where "
        "each is found; precision@10 the share of ten answers that are hidden songs. clicks@500 is how often ten more "
        "are asked for until one is seen (51 if none is): the lower, the better.",
        _continuation,
    ),
    "likelihood": Question(
        "each transition, for its log-likelihood",
        ("given the song", "given the prefix"),
        "mean natural logarithm of the probability of the song that came next, given the song before it alone or all "
        "songs before it, over the whole catalogue. Closer to 0 is better; exp of it is a probability.",
        _no_lists,
    ),
    "cold": Question(
        "each next song that no playlist learnt from has: 30 % of the songs with tags are hidden before",
        COLD_METRICS,
        "hit_rate@100 is the share of the hidden songs asked for found among a hundred answers, for which known and "
        "hidden songs compete. A model --cold-start places the hidden songs by their artist and tags; popularity "
        "--cold-start takes the plays of the songs most like them. The others never name a song they did not hear. "
        "Higher is better.",
        _cold,
    ),
}
