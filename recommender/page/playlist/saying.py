"""Saying: what a press came to, in a short sentence that is shown wherever one is on the page, in the run after it."""

from collections.abc import Callable

import streamlit as st

from recommender.page.address import change, fault, faults_kept, songs_in_address
from recommender.page.parts import escaped
from recommender.page.words import playlist as words
from recommender.run import Run

_SAID = "playlist-said"


def say(sentence: str) -> None:
    """Have this Markdown told when the page is shown next."""
    st.session_state[_SAID] = sentence


def pressed(run: Run, edit: Callable[[list[int]], list[int]], done: str) -> None:
    """What a button does: change the playlist and say `done`, or that nothing changed, or keep why not for `tell`.

    done : may name {n}, the songs there are now; "" says how many more that is than there were
    """
    with faults_kept(), st.spinner(words.WORKING):
        before = songs_in_address(run)
        change(run, edit)
        after = songs_in_address(run)
        say((done.format(n=len(after)) or added(len(after) - len(before))) if after != before else words.SAME)


def added(n: int) -> str:
    """That so many songs were added."""
    return (words.ADDED_ONE if n == 1 else words.ADDED).format(n=n)


def sentence(text: str) -> str:
    """The text with a capital letter, where it begins with a word and not with a file or a command.

    >>> sentence("a path has two ends"), sentence("runs/mine: not there")
    ('A path has two ends', 'runs/mine: not there')
    """
    return text[:1].upper() + text[1:] if text.split(" ", 1)[0].isalpha() else text


def tell() -> None:
    """Show what the last press came to, once: a toast, and of what went wrong a sentence that stays, too."""
    said = st.session_state.pop(_SAID, "")
    if message := fault():
        st.error(told := escaped(sentence(message)))
        st.toast(told, icon=":material/error:", duration="long")
    elif said:
        st.toast(said)
