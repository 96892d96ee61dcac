"""Discover: find songs, see what comes next and what is alike, and say what is liked and what is not.

Nothing is kept but the address: a button changes the view that stands there, and the page is drawn from it anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from recommender.catalogue import Catalogue, Song
from recommender.errors import RecommenderError
from recommender.export import links
from recommender.page.dials import dials
from recommender.page.parts import described, escaped, name, row
from recommender.page.view import PARAMETERS, View
from recommender.reasons import Reason
from recommender.run import Run

_HITS, _ANSWERS, _SHOWN, _OPINIONS = 8, 10, 12, 5  # rows: 50 at most, 8 + 12 + 2 * 5 + 2 * 10
_SEEDS = 5  # whose shares are told
_ACTS = (
    ("add", "", "Add", View.added, ""),
    ("thumb_up", "up-", "Like", View.liked, ": more of what follows it"),
    ("thumb_down", "down-", "Dislike", View.disliked, ": less of what follows it, and never the song itself"),
)
_STYLE = """<style>
.stMainBlockContainer { padding-top: 3rem; }
[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.8; }
[data-testid="stPopoverBody"] { min-width: 0; max-width: 28rem !important; padding: 1rem 1.25rem; }
.stProgress [data-testid="stProgressBarTrack"] { height: 4px; }
.stProgress div:has(> [data-testid="stMarkdownContainer"]:empty) { display: none; }
[class*="st-key-acts-"] button { min-width: 1.75rem; min-height: 1.75rem; justify-content: center; }
[class*="st-key-acts-"] .stButton [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
</style>"""  # the words of a row's buttons are for screen readers, their icons for eyes

More = Callable[[], None]


def discover(run: Run, folder: Path) -> None:
    """The tab: search and playlist on the left, answers on the right."""
    st.html(_STYLE)
    view, faults = _view(run.catalogue)
    for fault in faults:
        st.warning(escaped(fault))
    change = partial(_change, run.catalogue)
    left, right = st.columns([1, 2], gap="large")
    with left:
        _search(run.catalogue, view, change)
        _playlist(run.catalogue, view, change)
    with right:
        if not view.songs and not view.like:
            st.info("Find a song and add it: what comes next, and what is like it, appears here.")
            return
        dials(run.catalogue, view, change)
        following, alike = st.columns(2, gap="medium")
        with following:
            _comes_next(run, view, change)
        with alike:
            _is_alike(run, view, change)


def _view(catalogue: Catalogue) -> tuple[View, list[str]]:
    return View.read({name: st.query_params.get_all(name) for name in PARAMETERS}, catalogue)


def _change(catalogue: Catalogue, step: Callable[..., View], *args: object) -> None:
    """Write what the step makes of the view in the address; the rest of the address stays."""
    view, _ = _view(catalogue)
    written = step(view, *args).written()
    for parameter in PARAMETERS:
        if parameter in written:
            st.query_params[parameter] = written[parameter]
        else:
            st.query_params.pop(parameter, None)


def _search(catalogue: Catalogue, view: View, change: Callable[..., None]) -> None:
    text = st.text_input("Find a song", placeholder="title, artist, or what you remember of them", key="search")
    if text.strip():
        hits = catalogue.index.matching(text, _HITS)
        if not hits and (hits := catalogue.index.near(text, _HITS)):
            st.caption("No song matches exactly; these come near:")
        elif not hits:
            st.warning("No song matches. Try fewer words, or the beginning of a word.")
    elif not view.songs and not view.like:
        st.caption("Played most:")
        hits = [int(song) for song in catalogue.plays.argsort(kind="stable")[::-1][:_HITS]]
    else:
        return
    for hit in hits:
        _song(catalogue[hit], "hit", change)


def _playlist(catalogue: Catalogue, view: View, change: Callable[..., None]) -> None:
    st.subheader("Your playlist", anchor=False)
    if not view.songs:
        st.caption("Nothing in it yet.")
    if len(view.songs) > _SHOWN:
        st.caption(f"{len(view.songs) - _SHOWN} earlier songs count too, and are not shown.")
    for place, song in list(enumerate(_named(catalogue, view.songs)))[-_SHOWN:]:
        row(song, f"{place + 1}", "Remove", f"chosen-{place}", change, [View.removed, place])
    for title, opinions in (("Liked", view.like), ("Disliked", view.dislike)):
        if opinions:
            st.markdown(f"**{title}**" + (f", the last {_OPINIONS} of {len(opinions)}" * (len(opinions) > _OPINIONS)))
        for song in _named(catalogue, opinions)[-_OPINIONS:]:
            row(song, "", "Forget", f"forget-{song.id}", change, [View.forgotten, song.id])
    if view.songs or view.like or view.dislike:
        st.button("Clear", on_click=change, args=[View.cleared], help="Take all songs, likes and dislikes away")


def _named(catalogue: Catalogue, songs: Sequence[int]) -> list[Song]:
    return [catalogue[catalogue.row(song)] for song in songs]


def _comes_next(run: Run, view: View, change: Callable[..., None]) -> None:
    st.subheader("Comes next", anchor=False)
    st.caption("What the playlists would play after yours. A bar is a score's share of the best in this list.")
    answers = run.recommend(view.songs, _ANSWERS, taste=view.taste, shape=view.shape)
    if not answers:
        st.warning(
            _nothing(view, "nothing is known of these songs, as they were never played in training; add another")
        )
    for (song, score), share in zip(answers, shares([score for _, score in answers]), strict=True):
        _song(song, "next", change, share, partial(_why, run, view, song, score))


def _is_alike(run: Run, view: View, change: Callable[..., None]) -> None:
    song = _named(run.catalogue, view.songs[-1:] or view.like[-1:])[0]
    st.subheader("Is like it", anchor=False)
    st.caption(f"What plays the same role as {name(song)}. A bar is a cosine's share of the best in this list.")
    try:
        answers = run.similar(song.id, _ANSWERS, shape=replace(view.shape, without=view.dislike))
    except RecommenderError as error:
        st.info(escaped(str(error)))
        return
    if not answers:
        st.warning(_nothing(view, "nothing is known to be like it"))
    for (other, cosine), share in zip(answers, shares([cosine for _, cosine in answers]), strict=True):
        _song(other, "like", change, share, partial(_likeness, song, cosine))


def _nothing(view: View, otherwise: str) -> str:
    shaped = "no song is left by what you ask of the list: take a tag or an artist back"
    return f"Here is nothing: {otherwise if view.shape == View().shape else shaped}."


def shares(scores: Sequence[float]) -> list[float]:
    """Each score's share of the best, from 0 to 1; a score below 0 has none.

    >>> shares([2.0, 4.0, -1.0])
    [0.5, 1.0, 0.0]
    """
    best = max(scores, default=0)
    return [max(score, 0) / best if best > 0 else 0.0 for score in scores]


def _song(
    song: Song, where: str, change: Callable[..., None], share: float | None = None, more: More | None = None
) -> None:
    """A row of one song: its words, a bar, what can be done with it, and on demand more of it."""
    key = f"{where}-{song.id}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        words = st.container(width="stretch", gap="xsmall")
        words.markdown(described(song, f"{song.plays:,} plays"))
        if share is not None:
            words.progress(share)
        with st.container(horizontal=True, vertical_alignment="center", gap=None, width="content", key=f"acts-{key}"):
            _buttons(song, key, change)
            _popover(song, key, more)


def _buttons(song: Song, key: str, change: Callable[..., None]) -> None:
    for icon, mark, verb, step, effect in _ACTS:
        label, own = f"{verb} {name(song)}", f"{mark}{key}"
        st.button(label, own, label + effect, change, [step, song.id], type="tertiary", icon=f":material/{icon}:")


def _popover(song: Song, key: str, more: More | None) -> None:
    """What there is to say of the song, made when it is opened."""
    word, told = ("Why?", f"Why {name(song)} is here, and where to hear it") if more else ("Hear", f"Hear {name(song)}")
    with st.popover(word, help=told, type="tertiary", key=f"why-{key}", on_change="rerun") as opened:
        if opened.open:
            with st.container(gap="xsmall"):
                st.markdown(f"**{name(song)}**")
                if more:
                    more()
                _links(song)


def _why(run: Run, view: View, song: Song, score: float) -> None:
    """Why the song comes next: one sentence, and the share of each song that speaks for it."""
    try:
        (reason,) = run.explain(view.songs, [song.id], taste=view.taste)
    except RecommenderError as error:
        st.info(escaped(str(error)))
        return
    st.markdown(f"{escaped(reason.sentence[:1].upper() + reason.sentence[1:])}.")
    _share_of_each(reason)
    st.caption(f"Score {score:.3g}, which orders this list only.")


def _share_of_each(reason: Reason) -> None:
    speaking = [seed for seed in reason.seeds if seed.share > 0]
    if len(speaking) + bool(reason.earlier) > 1:
        st.caption("What speaks for it, by song:")
        for seed in speaking[:_SEEDS]:
            st.progress(seed.share, f"{seed.share:.0%} {name(seed.seed)}")
        if reason.earlier:
            st.progress(reason.earlier, f"{reason.earlier:.0%} all songs before these")


def _likeness(song: Song, cosine: float) -> None:
    st.markdown(
        f"Its vector has a cosine of {cosine:.2f} with that of {name(song)}; 1 is the same direction, 0 is none."
    )


def _links(song: Song) -> None:
    found = links(song)
    if found:
        st.caption("Search for it at " + " · ".join(f"[{service}](<{address}>)" for service, address in found.items()))
