"""Finding: a box that tells what is typed in it as it is typed, and parts of the page that are drawn anew alone.

The box keeps its text under its key, as `{"text": …}` in the session.
"""

from collections.abc import Callable

import streamlit as st

from recommender.page.components import component

_FIND = component("find")
_ANNOUNCE = component("announce")


def find(label: str, placeholder: str, key: str) -> str:
    """What is typed in a search box, as it is typed."""
    text = (st.session_state.get(key) or {}).get("text") or ""
    told = {"label": label, "placeholder": placeholder, "text": text, "emptied": st.session_state.get(_times(key), 0)}
    return str(_FIND(key=key, data=told, on_text_change=_stay).text or "")


def empty(key: str) -> None:
    """Empty a box, in what a button does."""
    st.session_state[key] = {"text": ""}
    st.session_state[_times(key)] = st.session_state.get(_times(key), 0) + 1


def announce(text: str, key: str) -> None:
    """Have screen readers say the text, where it is another than before; nobody sees it."""
    _ANNOUNCE(key=key, data=text)


def by_itself(show: Callable[[], None]) -> None:
    """Show what is drawn anew alone when something is done in it; when that changed the address, all the page is."""
    before = _address()

    @st.fragment
    def shown() -> None:
        if _address() != before:
            st.rerun()
        show()

    shown()


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _times(key: str) -> str:
    return f"{key}-emptied"


def _stay() -> None:
    """A component has the state that it is given a callback for."""
