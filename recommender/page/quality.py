"""Quality: how good the run's answers are, and what the run is."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from recommender.page import words
from recommender.page.parts import escaped
from recommender.report_text import in_table, ordered
from recommender.run import Run


def quality(run: Run, folder: Path) -> None:
    """The tab: the run's evaluation, and its card."""
    _evaluation(run)
    _card(run)


def _card(run: Run) -> None:
    card = run.card
    st.write(words.USE.format(use=escaped(card["intended_use"])))
    st.write(words.LIMITS.format(limits=escaped(card["limits"])))
    st.write(words.DATA.format(name=escaped(card["dataset"]["name"]), licence=escaped(card["dataset"]["licence"])))
    facts = {"model": card["model"], **card["parameters"], "made": card["made"], "seconds to fit": card["fit_seconds"]}
    st.table(pd.DataFrame({"value": {name: str(value) for name, value in facts.items()}}))


def _evaluation(run: Run) -> None:
    """The run's evaluation as a table, or how to get one."""
    if not run.metrics:
        st.info("This run was trained on all playlists, so there was none left to test it on.")
        st.write("To measure a run, let it keep some playlists aside:")
        st.code("recommender train DATASET RUN --hold-out 0.1", language="bash")
        return
    about, models = run.metrics["about"], run.metrics["models"]
    st.write(
        f"Asked for the next song {about['queries']:,} times in {about['playlists']:,} playlists kept aside, "
        f"over all {about['songs']:,} songs."
    )
    shown = in_table(run.metrics)
    table = {name: _cells(models[name]["metrics"], shown) for name in ordered(run.metrics)}
    frame = pd.DataFrame(table).T
    st.caption(escaped(about["how to read"]))
    st.table(frame.map(lambda value: value if isinstance(value, str) else f"{value:.3f}"))


def _cells(values: dict[str, Any], shown: list[str]) -> dict[str, Any]:
    first, *others = shown
    told = {first: values[first]["mean"], "95 %": f"{values[first]['low']:.3f}–{values[first]['high']:.3f}"}
    return told | {metric: values[metric]["mean"] for metric in others}
