"""Outcome: what the votes of blind tests tell of two models, in numbers and in a sentence."""

from pathlib import Path

import streamlit as st

from recommender.blind import Votes
from recommender.page.parts import escaped
from recommender.page.quality.votes import Pair, as_csv, counted
from recommender.page.words import quality as words
from recommender.report_text import chance


def outcome(folder: Path, run: str, pair: Pair, labels: list[str]) -> None:
    """The votes, what they tell, how to read that, and all of them to be taken away."""
    votes = counted(folder, run, pair)
    st.header(words.OUTCOME, anchor=False)
    first, second = map(escaped, labels)
    counts = {"n_first": f"{votes.first:,}", "n_second": f"{votes.second:,}", "ties": f"{votes.ties:,}"}
    st.markdown(words.COUNTS.format(first=first, second=second, **counts))
    model, ahead = leader(votes, first, second)
    if votes.decided:
        st.markdown(words.VOTE_SHARE.format(model=model, n=f"{ahead.first:,}", decided=f"{ahead.decided:,}"))
    st.markdown(f"**{verdict(votes, first, second)}**")
    with st.expander(words.HOW_TO_READ):
        if votes.decided:
            low, share, high = (f"{100 * part:.0f}" for part in (ahead.interval[0], ahead.share, ahead.interval[1]))
            told = {"p": chance(votes.p), "always": chance(votes.p_always), "share": share}
            st.markdown(words.VOTE_SHARE_WORKED.format(model=model, low=low, high=high, **told))
        st.markdown(words.READ_VOTES)
        if votes.n:
            st.download_button(
                words.TAKE_VOTES,
                lambda: as_csv(folder, run, pair),
                "blind.csv",
                "text/csv",
                "listening-csv",
                on_click="ignore",
            )


def leader(votes: Votes, first: str, second: str) -> tuple[str, Votes]:
    """The model that more votes prefer, of equals the first, and the votes with it as the first."""
    return (second, Votes(votes.second, votes.first, votes.ties)) if votes.second > votes.first else (first, votes)


def verdict(votes: Votes, first: str, second: str) -> str:
    """The sentence that says which is better, or that nothing can be told yet, and how many votes it would take."""
    if votes.is_told:
        return words.BETTER.format(model=first if votes.first > votes.second else second)
    if not votes.decided:
        return words.NOTHING_YET.format(more=votes.more)
    return words.NOT_TOLD.format(more=f"{votes.more:,}") if votes.more else words.EVEN
