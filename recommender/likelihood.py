"""Likelihood: how probable a model finds the songs that came next, the measure of the LME papers.

That is the mean natural log of the probability of each transition of a held-out playlist, over the whole catalogue
with the seeds in it (Chen, Moore, Turnbull & Joachims 2012, doi:10.1145/2339530.2339643). Scores are only an order:
a calibration fitted on playlists that neither the model learnt from nor the test asks about makes them probabilities.
Language models, which need none, are the reference (see `language_models`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recommender.playlists import Excerpts, Lists, Playlists
from recommender.protocol import Recommender, Scores

GIVEN = ("song", "prefix")
LINKS = ("exp", "power")
Floats = NDArray[np.float64]
_BATCH = 64  # queries scored at once; a few arrays of their scores are in memory together
_COARSE: Floats = np.exp2(np.arange(-8, 3))  # temperatures tried first, times how far the best score is above the mean
_FINE: Floats = np.exp2(np.arange(-6, 7) / 6)  # … and then, times the best of those
_STEPS, _CLOSE = 1000, 1e-6  # EM ends after these steps, or when no weight moves further


def transitions(playlists: Playlists, given: str) -> tuple[Excerpts, NDArray[np.int32], NDArray[np.int64]]:
    """Every song of the playlists but the first of each, asked for given the song before it, or all before it.

    given : one of GIVEN
    Returns the seeds, the songs asked for (n,) and the playlist of each (n,).

    >>> seeds, targets, owners = transitions(Playlists.of([[5, 7, 5], [6, 5]]), "prefix")
    >>> [songs.tolist() for songs in seeds], targets.tolist(), owners.tolist()
    ([[5], [5, 7], [6]], [7, 5, 5], [0, 0, 1])
    """
    if given not in GIVEN:
        raise ValueError(f"given must be one of {', '.join(GIVEN)}, got {given!r}")
    plays = np.flatnonzero(playlists.positions > 0)
    owners = playlists.owners[plays]
    starts = plays - 1 if given == "song" else playlists.offsets[owners]
    return Excerpts(playlists.songs, starts, plays), playlists.songs[plays], owners


@dataclass(frozen=True)
class Calibration:
    """Probabilities from scores: a share of the model's own, of popularity and of all songs alike.

    link : the model's own are in proportion to exp(score / temperature), or to score ** (1 / temperature)
    temperature : above 1 flatter, below 1 sharper (Guo et al. 2017, arXiv:1706.04599)
    weights : of the model, of popularity and of all songs alike; they sum to 1

    Where nothing is known (all scores are -inf, or 0 with "power") the model's weight goes to the other two.

    >>> calibration = Calibration("power", 1.0, (0.5, 0.25, 0.25))
    >>> calibration.probabilities(np.float32([[1, 3]]), np.array([0.5, 0.5])).round(6).tolist()
    [[0.375, 0.625]]
    """

    link: str
    temperature: float
    weights: tuple[float, float, float]

    def __post_init__(self) -> None:
        if self.link not in LINKS:
            raise ValueError(f"link must be one of {', '.join(LINKS)}, got {self.link!r}")
        if not 1e-30 <= self.temperature <= 1e30:
            raise ValueError(f"temperature must be from 1e-30 to 1e+30, got {self.temperature}")
        if min(self.weights) < 0 or abs(sum(self.weights) - 1) > 1e-9:
            raise ValueError(f"weights must be at least 0 and sum to 1, got {self.weights}")

    def probabilities(self, scores: Scores, popularity: Floats) -> Floats:
        """(n, n_songs): rows sum to 1.

        scores : (n, n_songs), none below 0 but -inf if `link` is "power"
        popularity : (n_songs,) sums to 1
        """
        powers = np.exp(_logits(scores, self.link).astype(np.float64) / self.temperature)
        with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: nothing is known
            return self.mixed(powers / powers.sum(axis=1, keepdims=True), popularity, len(popularity))

    def mixed(self, model: Floats, popularity: Floats, n_songs: int) -> Floats:
        """Probabilities of songs that have these in the model and in popularity; NaN: nothing is known."""
        rest, left = self.weights[1] * popularity + self.weights[2] / n_songs, sum(self.weights[1:])
        alone = rest / left if left else 1 / n_songs
        return np.where(np.isnan(model), alone, self.weights[0] * model + rest)


def calibrate(
    model: Recommender, validation: Playlists, popularity: Floats, given: str, most: int = 5000, seed: int = 0
) -> Calibration:
    """The calibration under which a fitted model finds the transitions of `validation` most probable.

    validation : playlists that the model did not learn from
    popularity : (n_songs,) share of the plays in training
    most : transitions drawn, at most

    The temperature is the best of a grid, the weights at each temperature are those of an EM (Jelinek & Mercer 1980,
    "Interpolated estimation of Markov source parameters from sparse data") that is told of one transition more, made
    by all songs alike, so that nothing has probability 0. "power" is tried where no score is below 0.
    Raises ValueError where there is no transition.
    """
    seeds, targets, _ = transitions(validation, given)
    drawn = np.random.default_rng(seed).permutation(len(targets))[:most]
    if not len(drawn):
        raise ValueError(f"no transition to calibrate on: {len(validation)} playlists, at most {most} transitions")
    seeds, targets = seeds.take(drawn), targets[drawn]
    some = model.score(seeds.slice(0, min(_BATCH, len(seeds))))
    grids = {link: _spread(_logits(some, link)) * _COARSE for link in LINKS if _fits(some, link)}
    coarse = _fitted(model, seeds, targets, popularity, grids)
    fine = {link: best.temperature * _FINE for link, (_, best) in coarse.items()}
    _, best = max(_fitted(model, seeds, targets, popularity, fine).values(), key=lambda found: found[0])
    return best


def log_likelihoods(
    model: Recommender, calibration: Calibration, seeds: Lists, targets: NDArray[np.integer], popularity: Floats
) -> Floats:
    """(n,) log of the probability of each target after its seeds."""
    shares = np.empty(len(targets))
    for scores, rows, queries in _scored(model, seeds):
        logits = _logits(scores, calibration.link)
        shares[queries] = _log_shares(logits, rows, targets[queries], [calibration.temperature])[:, 0]
    with np.errstate(divide="ignore"):
        return np.log(calibration.mixed(np.exp(shares), popularity[targets], len(popularity)))


def _fits(scores: Scores, link: str) -> bool:
    return link != "power" or not ((scores < 0) & (scores > -np.inf)).any()


def _logits(scores: Scores, link: str) -> Scores:
    """What a temperature divides, the best of each row at 0; a row of nothing but -inf stays as it is."""
    if not _fits(scores, link):
        raise ValueError(f"the power link takes no score below 0, got {scores[np.isfinite(scores)].min()}")
    with np.errstate(divide="ignore", over="ignore"):  # log 0 and differences beyond float32 are -inf
        logits = np.log(np.maximum(scores, 0)) if link == "power" else scores
        best = logits.max(axis=1, keepdims=True)
        return np.subtract(logits, np.where(np.isneginf(best), 0, best), dtype=np.float32)


def _spread(logits: Scores) -> float:
    """How far the mean is below the best."""
    finite = logits[np.isfinite(logits)]
    return float(-finite.mean(dtype=np.float64)) or 1.0 if len(finite) else 1.0


def _log_shares(
    logits: Scores, rows: NDArray[np.integer], targets: NDArray[np.integer], temperatures: Sequence[float]
) -> Floats:
    """(len(rows), len(temperatures)): log of the target's share of its row; NaN where nothing is known."""
    out, buffer = np.empty((len(rows), len(temperatures))), np.empty_like(logits)
    goals = logits[rows, targets].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # -inf - log 0 is NaN
        for column, temperature in enumerate(temperatures):
            totals = np.exp(np.divide(logits, temperature, out=buffer), out=buffer).sum(axis=1)
            out[:, column] = goals / temperature - np.log(totals[rows], dtype=np.float64)
    return out


def _scored(model: Recommender, seeds: Lists) -> Iterator[tuple[Scores, NDArray[np.intp], NDArray[np.intp]]]:
    """Scores a batch at a time, with the rows and the queries they belong to; single seeds are scored once."""
    distinct, row_of = seeds, np.arange(len(seeds))
    if (seeds.lengths == 1).all():
        songs, row_of = np.unique(seeds.slice(0, len(seeds)).songs, return_inverse=True)
        distinct = Playlists.joined(songs, np.ones(len(songs), dtype=np.int64))
    order = np.argsort(row_of, kind="stable")
    asked = row_of[order]
    for start in tqdm(range(0, len(distinct), _BATCH), desc="likelihood", leave=False, disable=None):
        scores = model.score(distinct.slice(start, min(start + _BATCH, len(distinct))))
        if np.isnan(scores).any():
            raise ValueError(f"{model} scored NaN; what cannot be recommended is -inf")
        first, last = np.searchsorted(asked, [start, start + len(scores)])
        yield scores, asked[first:last] - start, order[first:last]


def _fitted(
    model: Recommender, seeds: Lists, targets: NDArray[np.integer], popularity: Floats, grids: Mapping[str, Floats]
) -> dict[str, tuple[float, Calibration]]:
    """The best calibration of each link over its grid of temperatures, with its likelihood."""
    shares = {link: np.empty((len(targets), len(grid))) for link, grid in grids.items()}
    for scores, rows, queries in _scored(model, seeds):
        for link in [link for link in shares if not _fits(scores, link)]:
            del shares[link]
        for link, found in shares.items():
            found[queries] = _log_shares(_logits(scores, link), rows, targets[queries], grids[link].tolist())
    return {link: _weighed(link, grids[link], np.exp(found), popularity, targets) for link, found in shares.items()}


def _weighed(
    link: str, grid: Floats, shares: Floats, popularity: Floats, targets: NDArray[np.integer]
) -> tuple[float, Calibration]:
    """The likelihood at the best temperature of the grid, each with its own weights, and the calibration."""
    likely, n_songs, tried = popularity[targets], len(popularity), []
    for temperature, model in zip(grid.tolist(), shares.T, strict=True):
        calibration = Calibration(link, temperature, _weights(model, likely, n_songs))
        tried.append((float(np.log(calibration.mixed(model, likely, n_songs)).mean()), calibration))
    return max(tried, key=lambda one: one[0])


def _weights(model: Floats, popularity: Floats, n_songs: int) -> tuple[float, float, float]:
    """EM over what songs have in the model (NaN: nothing is known), in popularity and in all alike."""
    known = np.count_nonzero(~np.isnan(model))
    parts = np.column_stack([np.nan_to_num(model), popularity, np.full(len(model), 1 / n_songs)])
    weights = np.full(3, 1 / 3)
    for _ in range(_STEPS):
        before, counts = weights, weights * (parts.T @ (1 / (parts @ weights)))
        counts[2] += 1
        own = counts[0] / (known + 1)
        weights = np.array([own, *(1 - own) * counts[1:] / counts[1:].sum()])
        if np.abs(weights - before).max() < _CLOSE:
            break
    return float(weights[0]), float(weights[1]), float(weights[2])
