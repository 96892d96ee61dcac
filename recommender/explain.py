"""Explain: why a song was recommended: the share of each seed, asked of the model itself, and the playlists' evidence.

Scores order the songs of one row and mean nothing besides, so what is explained is a song's lead: its score less the
mean score of all songs that were ever played. (What cannot be recommended counts as a score of 0, or as the least where
some are below.) A seed's drop is what the lead loses where another song takes the seed's place: the mean over a few
songs that have nothing to do with the answers. Were the seed left out instead, all songs before it would move nearer to
the end, and in a model that takes the mean of seeds about half of them would always speak against the answer. A seed's
share is its drop in the sum of all drops above 0.

This is the first order of the Shapley values of Štrumbelj & Kononenko 2014, doi:10.1007/s10115-013-0679-x (Lundberg &
Lee 2017, arXiv:1705.07874), and where seeds add up in the scores it is all of them: the drops of all seeds sum to the
drop where all give way at once.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import UNKNOWN, Catalogue
from recommender.evidence import Plays
from recommender.playlists import Playlists
from recommender.protocol import Scorer, Scores, blocks
from recommender.reasons import Evidence, Reason

Numbers = NDArray[np.float64]
_ALONE = 10  # latest seeds that are explained one by one, the earlier ones together
_ROWS, _MOST = 10, 4  # queries asked besides the list itself, if there are not more seeds; songs that take one's place
_DRAWN = 50  # plays drawn to find these songs
_CELLS = 2**22  # scores of seeds asked about at once: 17 MB
_NOISE = 1e-6  # of the greatest score: what rounding may make of a drop


def explain(
    model: Scorer,
    plays: Plays,
    catalogue: Catalogue,
    seeds: Sequence[int],
    answers: Sequence[int],
    spoken: int = 0,
) -> list[Reason]:
    """A reason for each answer, whether or not the model would give it.

    plays : of the playlists that the model learnt from
    seeds, answers : rows of the catalogue; ValueError where a song is twice among the answers
    spoken : how many of the first seeds nobody named (they stand for an artist or a tag), so that they may be answered
    """
    if len(set(answers)) < len(answers):
        raise ValueError(f"an answer is explained once, got {list(answers)}")
    latest = list(dict.fromkeys(seeds[::-1]))
    alone, earlier = latest[:_ALONE], latest[_ALONE:]
    groups = [[seed] for seed in alone] + [earlier] * bool(earlier)
    scores, leads, drops = _asked(model, plays, seeds, groups, answers)
    places = _places(scores, seeds[spoken:], answers)
    shares, counts = shared(drops), plays.count(alone, answers)
    songs, reasons = [catalogue[seed] for seed in alone], []
    for j, answer in enumerate(answers):
        song, found = catalogue[answer], []
        for i, seed in enumerate(songs):
            tags = tuple(tag for tag in song.tags if tag in seed.tags)
            same = song.artist == seed.artist and song.artist.strip() not in ("", UNKNOWN)
            numbers = int(counts.near[i, j]), int(counts.together[i, j]), float(counts.expected[i, j])
            found.append(Evidence(seed, float(shares[i, j]), float(drops[i, j]), *numbers, same, tags))
        found.sort(key=lambda evidence: -evidence.share)
        popularity = 1 + int((catalogue.plays > song.plays).sum())
        rest = float(shares[len(alone) :, j].sum())
        reasons.append(Reason(song, places[j], float(leads[j]), popularity, len(catalogue), tuple(found), rest))
    return reasons


def shared(drops: Numbers) -> Numbers:
    """(n_groups, n_answers) each group's share of an answer's drops above 0; all 0 where none is.

    >>> shared(np.array([[3.0, -1.0], [1.0, 0.0], [-2.0, 0.0]])).tolist()
    [[0.75, 0.0], [0.25, 0.0], [0.0, 0.0]]
    """
    speaking = np.maximum(drops, 0)
    total = speaking.sum(axis=0)
    shares: Numbers = speaking / np.where(total > 0, total, 1)
    return shares


def _asked(
    model: Scorer, plays: Plays, seeds: Sequence[int], groups: Sequence[Collection[int]], answers: Sequence[int]
) -> tuple[Scores, Numbers, Numbers]:
    """The scores after the seeds (n_songs,), each answer's lead (n_answers,), its drop (n_groups, n_answers)."""
    silent = _silent(model, plays, seeds)
    others = _others(plays, seeds, answers, min(max(_ROWS // max(len(groups), 1), 1), _MOST))
    changed = [replaced(seeds, {*group} - silent, other) for group in groups for other in others]
    scores = model.score(Playlists.of([seeds, *changed]))
    leads = lead(scores, plays, answers)
    drops = leads[0] - leads[1:].reshape(len(groups), len(others), len(answers)).mean(axis=1)
    rounding = _NOISE * np.abs(scores[0][np.isfinite(scores[0])]).max(initial=0)
    drops[np.abs(drops) <= rounding] = 0
    return scores[0], leads[0], drops


def lead(scores: Scores, plays: Plays, answers: Sequence[int]) -> Numbers:
    """(len(scores), n_answers) by how much each answer's score is above the mean of all songs that were ever played."""
    least = np.where(np.isneginf(scores), 0, scores).min(axis=1, keepdims=True, initial=0)
    filled = np.maximum(scores, least)
    leads: Numbers = (filled[:, list(answers)] - (filled @ plays.each)[:, None]).astype(np.float64)
    return leads


def replaced(seeds: Sequence[int], gone: Collection[int], other: Sequence[int]) -> list[int]:
    """The seeds, the other song (or none) in place of each that is gone."""
    return [song for seed in seeds for song in (other if seed in gone else [seed])]


def _silent(model: Scorer, plays: Plays, seeds: Sequence[int]) -> set[int]:
    """The seeds that tell the model of no other song; it is asked about those that never stood beside another."""
    doubtful = Playlists.of([[seed] for seed in dict.fromkeys(seeds) if not plays.met(seed)])
    silent = set[int]()
    for some in blocks(len(doubtful), plays.n_songs, _CELLS):
        asked = doubtful.slice(some.start, some.stop)
        scores = model.score(asked)
        scores[np.arange(len(asked)), asked.songs] = -np.inf
        silent |= set(asked.songs[np.isneginf(scores).all(axis=1)].tolist())
    return silent


def _others(plays: Plays, seeds: Sequence[int], answers: Sequence[int], n: int) -> list[list[int]]:
    """Lists of one song each, `n` at most, that may take a seed's place; an empty one where there is no such song.

    Those that stand near the answers as often as chance would have them: they say least for or against them.
    """
    drawn = plays.draw(_DRAWN, np.random.default_rng(0)).tolist()
    free = [song for song in dict.fromkeys(drawn) if song not in {*seeds, *answers}]
    near = plays.near(answers).counts(plays.n_songs)
    chance = [near.sum() * len(plays.of(song)) / plays.playlists.n_plays for song in free]
    order = np.argsort(np.abs(near[np.array(free, dtype=np.int64)] - chance), kind="stable").tolist()
    return [[free[i]] for i in order[:n]] or [[]]


def _places(scores: Scores, seeds: Sequence[int], answers: Sequence[int]) -> list[int | None]:
    """Each answer's place among all songs but the seeds, 1 for the best; equal scores go to the lower song number."""
    rivals = scores.copy()
    rivals[list(seeds)] = -np.inf
    before = [(rivals > scores[song]).sum() + (rivals[:song] == scores[song]).sum() for song in answers]
    return [None if np.isneginf(scores[song]) else 1 + int(n) for song, n in zip(answers, before, strict=True)]
