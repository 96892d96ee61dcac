"""Song recommendations learnt from playlists.

What a program needs is here; each name is imported when it is first used.

    >>> from recommender import load, train
    >>> run = train(load("toy"), "markov")
    >>> [(song, score)] = run.recommend([0], k=1)
"""

import importlib
from typing import Any

_HOMES = {
    "asking": ("Taste",),
    "blind": ("Votes",),
    "catalogue": ("Catalogue", "Song"),
    "client": ("Client",),
    "cleaning": ("Cleaning", "Removed", "clean"),
    "comparison": ("compare_models", "compare_runs"),
    "datasets": ("Dataset", "Imported", "download", "import_playlists", "load"),
    "datasets.songlists": ("SongList", "read_playlist", "suggestions"),
    "duplicates": ("first_of_each", "nearest"),
    "editing": ("Tag", "continued", "filled", "misfits", "most_alike", "reordered", "tags"),
    "errors": ("DataError", "DownloadError", "ParameterError", "RecommenderError", "UnknownSongError"),
    "evaluation": ("evaluate", "fit", "likelihoods"),
    "export": ("EXPORTS", "links", "write_playlist"),
    "exposure": ("coverage", "entropy", "gini", "intra_list_diversity", "novelty", "popularity_lift"),
    "layout": ("Layout", "lay_out"),
    "likelihood": ("Calibration", "calibrate", "log_likelihoods", "transitions"),
    "metrics": (
        "METRICS",
        "average_precision",
        "clicks",
        "hit_rate",
        "mrr",
        "ndcg",
        "precision",
        "r_precision",
        "recall",
    ),
    "models": ("MODELS", "make"),
    "ordering": ("cheap_order",),
    "paths": ("Path", "path"),
    "pictures": ("draw",),
    "playlists": ("Playlists",),
    "protocol": ("Recommender",),
    "radio": ("Radio",),
    "ranking": ("NO_SONG", "Ranked", "rank", "recommend", "top_k"),
    "questions": ("PROTOCOLS",),
    "reasons": ("Evidence", "Reason"),
    "report": ("Report",),
    "run": ("Run",),
    "shaping": ("Shape",),
    "significance": ("bootstrap", "holm", "randomisation"),
    "split": ("Split", "hold_out", "last_song", "next_song", "random_half", "second_half"),
    "steps": ("Rotation", "along", "places"),
    "stats": ("describe",),
    "training": ("train", "with_index", "with_map"),
    "tuning": ("tune",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
__all__ = [*_HOME]  # noqa: PLE0604


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'recommender' has no attribute {name!r}")
    return getattr(importlib.import_module(f"recommender.{_HOME[name]}"), name)
