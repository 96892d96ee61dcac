"""Cards: what the run is and what it learnt from, for a reader who has to decide whether to trust it.

After Mitchell et al. 2019, arXiv:1810.03993, and Gebru et al. 2021, arXiv:1803.09010, as far as the run's card goes.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from recommender.models import MODELS, describe
from recommender.page.parts import escaped
from recommender.page.words import quality as words
from recommender.run import Run


def cards(run: Run, folder: Path) -> None:
    """The model's card and the data's, one after the other."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header(words.MODEL_CARD, anchor=False)
        _model(run.card)
    with right:
        st.header(words.DATA_CARD, anchor=False)
        _data(run.card)
    st.caption(words.CARDS_AFTER)


def _model(card: Mapping[str, Any]) -> None:
    summary, remarks = describe(card["model"]) if card["model"] in MODELS else ("", {})
    _told(
        {
            words.WHAT: f"{card['model']}: {summary}",
            words.USE: card["intended_use"],
            words.LIMITS: card["limits"],
            words.LEARNT: words.LEARNT_FROM.format(**card["learnt"]),
            words.TESTED: _tested(card),
            words.COST: _cost(card),
            words.MADE: _made(card),
        }
    )
    st.caption(words.MISUSE)
    with st.expander(words.PARAMETERS):
        for name, value in card["parameters"].items():
            st.markdown(f"**{escaped(name)}** = {escaped(str(value))}  \n{escaped(remarks.get(name, ('', ''))[1])}")
    with st.expander(words.VERSIONS):
        commit = {words.COMMIT: card.get("commit")} if card.get("commit") else {}
        st.markdown(_lines({**card.get("versions", {}), **commit}))


def _data(card: Mapping[str, Any]) -> None:
    data, removed = card["dataset"], card["cleaning"].get("removed") or [words.NOTHING_REMOVED]
    counts = {key: data.get(key, 0) for key in ("songs", "playlists", "plays")}
    _told(
        {
            words.NAME: data["name"],
            words.HOLDS: words.HOLDS_COUNTS.format(**counts),
            words.CLEANED: "; ".join(removed),
            words.ASIDE: _aside(card),
            words.TERMS: data["licence"],
        }
    )
    st.caption(words.DATA_LIMITS)
    if data["digests"]:
        with st.expander(words.DIGESTS):
            st.markdown(_lines(data["digests"]))


def _told(facts: Mapping[str, str]) -> None:
    st.markdown("\n\n".join(f"**{label}**  \n{escaped(fact)}" for label, fact in facts.items()))


def _lines(facts: Mapping[str, Any]) -> str:
    return "  \n".join(f"**{escaped(str(name))}** {escaped(str(value))}" for name, value in facts.items())


def _tested(card: Mapping[str, Any]) -> str:
    return words.TESTED_ON.format(n=card["held_out"]["playlists"]) if card["held_out"]["playlists"] else words.UNTESTED


def _aside(card: Mapping[str, Any]) -> str:
    aside = card["held_out"]
    return words.ASIDE_SEED.format(n=aside["playlists"], **aside) if aside["playlists"] else words.NONE_ASIDE


def _cost(card: Mapping[str, Any]) -> str:
    memory = card.get("peak_memory_mb")
    return words.COST_SECONDS.format(seconds=card["fit_seconds"]) + (
        words.COST_MEMORY.format(memory=memory) if memory else ""
    )


def _made(card: Mapping[str, Any]) -> str:
    try:
        return f"{datetime.fromisoformat(card['made']):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return str(card["made"])
