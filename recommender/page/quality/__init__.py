"""Quality: how good the run's answers are, beside those of others, by figures and by ear, and what the run is."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from recommender.page.opening import number
from recommender.page.quality.cards import cards
from recommender.page.quality.compare import compare
from recommender.page.quality.listening import listening
from recommender.page.words import quality as words
from recommender.report_html import inset, page
from recommender.run import Run

_MOST = 180_000  # characters
_LEFT_OUT = ("comparisons", "beside")


def quality(run: Run, folder: Path) -> None:
    """The tab, in four of its own, of which the address names the one that is open."""
    tabs = st.tabs([*VIEWS], key="quality", bind="query-params")
    for tab, show in zip(tabs, VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                show(run, folder)


def _evaluation(run: Run, folder: Path) -> None:
    """The run's evaluation, or how to get one."""
    if not run.metrics:
        st.info(words.NOT_MEASURED)
        st.write(words.TO_MEASURE)
        st.code("recommender train DATASET RUN --hold-out 0.1", language=None, wrap_lines=True)
        return
    st.markdown(words.READ_REPORT)
    whole, shown = _pages(number(run), run.metrics)
    st.download_button(words.TAKE_REPORT, whole, "report.html", "text/html", on_click="ignore", key="quality-report")
    if shown != whole:
        st.caption(words.REPORT_IN_PART)
    st.iframe(inset(shown, dark=st.context.theme.type == "dark"), alt=words.REPORT_FRAME)
    st.caption(words.COMPARE_MORE)
    st.code(
        f"recommender evaluate DATASET --models {run.card['model']},popularity,session_knn",
        language=None,
        wrap_lines=True,
    )


@st.cache_data(max_entries=4, show_spinner=words.DRAWING)
def _pages(run: int, _metrics: Mapping[str, Any]) -> tuple[str, str]:
    """The report of a run, and as much of it as may be sent at once.

    It is drawn anew, as what stands in the run's folder may be of somebody else's making.
    """
    whole = page(_metrics)
    return whole, whole if len(whole) <= _MOST else page({k: v for k, v in _metrics.items() if k not in _LEFT_OUT})


VIEWS: dict[str, Callable[[Run, Path], None]] = {
    words.REPORT: _evaluation,
    words.SIDE_BY_SIDE: compare,
    words.BLIND_TEST: listening,
    words.CARDS: cards,
}
