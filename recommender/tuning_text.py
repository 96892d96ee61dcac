"""What a search for parameters found, as text for a terminal: the best trials, the defaults, and what mattered."""

from collections.abc import Mapping
from typing import Any

from recommender.report_text import chance, share, signed, span, table

_LEVEL = 0.05
_OPTIMISM = (
    "The best of many trials is partly luck: expect less of it on other playlists. An honest number needs playlists\n"
    "that no trial saw: --hold-out 0.1 keeps some aside, `recommender evaluate` asks the test playlists of a dataset."
)


def summary(told: Mapping[str, Any]) -> str:
    """Tables and sentences about "tuning" in the card of a run that `tune` made."""
    return "\n".join([_trials(told), _verdict(told), _parameters(told)])


def _name(trial: Mapping[str, Any]) -> str:
    return f"trial {trial['trial']}" if trial["trial"] else "defaults"


def _trials(told: Mapping[str, Any]) -> str:
    rows = [
        [
            _name(one),
            share(one["hit_rate@10"]["mean"]),
            span(one["hit_rate@10"]["low"], one["hit_rate@10"]["high"]),
            share(one["mrr"]["mean"]),
            f"{one['seconds']:.1f}",
        ]
        for one in told["best"]
    ]
    return table([f"{told['trials']:,} trials", "hit_rate@10", "95 % interval", "mrr", "fit seconds"], rows)


def _verdict(told: Mapping[str, Any]) -> str:
    """Whether the best trial is told apart from the defaults."""
    asked = "{queries:,} validation queries of {playlists:,} playlists".format(**told["validation"])
    stopped = f"Stopped early, as far behind: {told['stopped']:,} of the trials.\n" if told["stopped"] else ""
    if "difference" not in told:
        return f"{stopped}No trial did better than the defaults, over {asked}.\n"
    gap, chosen = told["difference"], told["trials"] - told["stopped"]
    apart = "better" if gap["p_holm"] < _LEVEL else "not distinguishable from the defaults"
    return (
        f"{_name(told['best'][0])} − defaults: {signed(gap['mean'])} (95 % interval {span(gap['low'], gap['high'])})\n"
        f"over the same {asked}; p {chance(gap['p_holm'])}\n"
        f"after correction for the {chosen:,} trials that it was chosen from: {apart}.\n{stopped}{_OPTIMISM}\n"
    )


def _parameters(told: Mapping[str, Any]) -> str:
    """What was searched, how much each mattered, and the values of the trials shown."""
    weights = told["importances"]
    names = sorted(told["space"], key=lambda name: -weights.get(name, 0.0))
    header = ["parameter", *(["importance"] if weights else []), "searched", *map(_name, told["best"])]
    rows = [
        [
            name,
            *([f"{weights[name]:.2f}"] if weights else []),
            told["space"][name].removesuffix(" (log)"),
            *(_cell(one["values"][name]) for one in told["best"]),
        ]
        for name in names
    ]
    return table(header, rows)


def _cell(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
