"""The web page: find songs, build playlists, look at the map, see how good the answers are, and learn why.

What is chosen stands in the address (`?songs=3822,2172&part=Playlist`), so a link opens the same view (see
`page.view`); only the part that is open is computed and sent. Searching happens on the server, and no more than 50
rows are ever sent.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from recommender.errors import RecommenderError
from recommender.page.address import remember
from recommender.page.crossing import cross
from recommender.page.discover import discover
from recommender.page.first import first
from recommender.page.learn import learn
from recommender.page.map import song_map
from recommender.page.opening import choices, label, opened
from recommender.page.parts import escaped
from recommender.page.playlist import playlist
from recommender.page.quality import quality
from recommender.page.words import frame as words
from recommender.run import Run

PARTS: dict[str, Callable[[Run, Path], None]] = {
    "Discover": discover,
    "Playlist": playlist,
    "Map": song_map,
    "Quality": quality,
    "Learn": learn,
}
"""By its name in the address and on its tab: what shows the part of a run, and the folder that the run is in."""
_TABS = ("part", "quality", "step")  # what is open, whatever the run
_CROSSED = "crossed"


def main() -> None:
    """Show the page for the run named on the command line, else one of those under ./runs, else how to get one."""
    st.set_page_config(words.TITLE, words.ICON, layout="wide")
    st.html(Path(__file__).with_name("frame.css"))
    runs = choices()
    folder = _header(runs)
    try:
        if folder is None:
            first(Path("runs"))
        else:
            _parts(opened(folder), folder)
    except RecommenderError as error:
        st.error(escaped(str(error)))
    except Exception:
        with st.container(key="unexpected"):  # in place of Streamlit's own words (see frame.css); its log has the rest
            st.error(words.UNEXPECTED)
        raise


def _header(runs: list[Path]) -> Path | None:
    """The title, and beside it, where there are several, the run: the one in the address, else the newest."""
    asked = st.query_params.get("run", "") if len(runs) > 1 else ""
    named = {run.name: run for run in runs}
    folder = named.get(asked) or next(iter(runs), None)
    with st.container(horizontal=True, vertical_alignment="bottom", key="header"):
        st.title(words.TITLE, anchor=False, width="stretch")
        if folder and len(runs) > 1:
            st.session_state["run-chosen"] = folder.name
            st.selectbox(
                words.RUN,
                [*named],
                format_func=lambda name: label(named[name]),
                key="run-chosen",
                on_change=_choose,
                args=[named, folder],
                label_visibility="collapsed",
                width=320,
            )
    if asked and asked not in named:
        st.warning(words.NO_SUCH_RUN.format(name=escaped(asked)))
    return folder


def _choose(named: Mapping[str, Path], before: Path) -> None:
    """Put the run that was chosen in the address, with the songs that it has of those there, and say how many it has.

    What else was of the other run is forgotten: what is saved is beside a run.
    """
    name = st.session_state["run-chosen"]
    told = cross(before, named[name])
    for parameter in ("list", "version"):
        st.query_params.pop(parameter, None)
    for key in [key for key in st.session_state if key not in _TABS]:
        del st.session_state[key]
    st.query_params["run"] = name
    st.session_state[_CROSSED] = told


def _parts(run: Run, folder: Path) -> None:
    """What the run is, and the part of it that is open."""
    st.caption(escaped(run.summary))
    if told := st.session_state.pop(_CROSSED, ""):
        st.info(told)
    remember()
    tabs = st.tabs([*PARTS], key="part", bind="query-params")
    for tab, show in zip(tabs, PARTS.values(), strict=True):
        if tab.open:
            with tab:
                show(run, folder)
