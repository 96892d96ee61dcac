"""Examples: the playlists that a model did best and worst on, in songs' names, for people to judge."""

from typing import Any

import numpy as np

from recommender.catalogue import Catalogue
from recommender.protocol import Recommender
from recommender.ranking import NO_SONG, recommend
from recommender.report import Report
from recommender.split import Split

_HOW_MANY, _LEAST_QUERIES, _SONGS, _ANSWERS = 3, 5, 12, 10  # ten, so that a hit of hit_rate@10 is seen


def examples(report: Report, name: str, model: Recommender, split: Split, catalogue: Catalogue) -> dict[str, Any]:
    """The best and the worst held-out playlists of a model by the main metric, each with one query and its answers.

    split : the queries of the report

    Only playlists with five queries or more take part, the one with more queries first; of the best the query shown
    is the first hit, of the worst the first miss. Empty where there is no such playlist.
    """
    playlists, means, counts = report.by_playlist(name, report.metrics[0])
    enough = np.flatnonzero(counts >= _LEAST_QUERIES)
    worst = enough[np.lexsort((-counts[enough], means[enough]))][:_HOW_MANY]
    best = enough[np.lexsort((-counts[enough], -means[enough]))][:_HOW_MANY]
    if not len(enough):
        return {}
    values = report.values[name][report.metrics[0]]
    found: dict[str, Any] = {"model": name, "metric": report.metrics[0]}
    for kind, places, wanted in (("best", best, np.argmax), ("worst", worst, np.argmin)):
        found[kind] = []
        for place in places.tolist():
            queries = np.flatnonzero(split.owners == playlists[place])
            query = int(queries[wanted(values[queries])])
            told = {"value": float(means[place]), "queries": int(counts[place])}
            found[kind].append(told | _told(query, model, split, catalogue))
    return found


def _told(query: int, model: Recommender, split: Split, catalogue: Catalogue) -> dict[str, Any]:
    answers, _ = recommend(model, split.seeds.take(np.array([query])), _ANSWERS)
    songs = split.held_out[int(split.owners[query])]
    return {
        "songs": [str(catalogue[song]) for song in songs[:_SONGS]],
        "more": max(len(songs) - _SONGS, 0),
        "after": str(catalogue[split.seeds[query][-1]]),
        "asked": str(catalogue[split.targets[query][0]]),
        "answers": [str(catalogue[song]) for song in answers[0] if song != NO_SONG],
    }
