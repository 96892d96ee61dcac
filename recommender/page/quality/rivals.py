"""Rivals: the models that stand beside the run's own, by what they are called in the address.

mine             a run beside this one, or this one, by its folder; its songs are those of this run
member/vstan     a member of this run's blend
fitted/markov    a model that is quick to fit, fitted on the playlists that this run learnt from
"""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from recommender.errors import RecommenderError
from recommender.models import make
from recommender.models.blend import Blend
from recommender.page.opening import number
from recommender.page.words import quality as words
from recommender.playlists import Playlists
from recommender.protocol import Scorer
from recommender.ranking import NO_SONG, recommend
from recommender.run import Run
from recommender.storage import Stamp, glance, stamp

QUICK = ("popularity", "markov", "session_knn", "vstan")  # to fit: .7 s at most for 1.5 million plays, 75,262 songs
MEMBER, FITTED = "member/", "fitted/"
_NEWEST = 30  # runs that are looked at


@dataclass(frozen=True)
class Rival:
    """A model that can be asked.

    label : what it is called on the page
    made : when its run was made, "" for what this run has itself
    apart : whether it learnt from other playlists than this run, and so may know those that are asked about
    """

    label: str
    made: str = ""
    apart: bool = False


def rivals(run: Run, folder: Path) -> dict[str, Rival]:
    """All there are by key, this run first, then those beside it, what is quick to fit, and its members."""
    model, own = run.card["model"], folder.resolve()
    found = {own.name: Rival(words.THIS_RUN.format(model=model))}
    found |= dict(_beside(own))
    members = [*run.model.fitted] if isinstance(run.model, Blend) else []
    quick = [name for name in QUICK if name not in members and make(name) != run.model] if run.playlists else []
    found |= {FITTED + name: Rival(words.FITTED.format(model=name)) for name in quick}
    return found | {MEMBER + name: Rival(words.MEMBER.format(model=name)) for name in members}


def answers(run: Run, folder: Path, key: str, songs: tuple[int, ...], k: int = 10) -> list[int]:
    """The `k` songs that the model of this key puts after these, as rows; fewer, or none, where it knows no more."""
    rows, _ = recommend(_model(run, folder.resolve(), key), Playlists.of([songs]), min(k, len(run.catalogue)))
    return [song for song in rows[0].tolist() if song != NO_SONG]


def _model(run: Run, own: Path, key: str) -> Scorer:
    if key == own.name:
        return run.model
    if key.startswith(MEMBER) and isinstance(run.model, Blend):
        return run.model.fitted[key.removeprefix(MEMBER)]
    if key.startswith(FITTED):
        return _fitted(key.removeprefix(FITTED), number(run), run)
    return _opened(str(own.with_name(key)), stamp(own.with_name(key)))


def _beside(own: Path) -> list[tuple[str, Rival]]:
    """The newest other runs of its folder with the same songs; a comma would part a name in the address."""
    mine, found = _glance(str(own), stamp(own)), []
    others = [card.parent for card in own.parent.glob("*/card.json") if "," not in card.parent.name]
    for other in sorted(others, key=lambda other: stamp(other) or (0, 0), reverse=True)[:_NEWEST]:
        seen = _glance(str(other), stamp(other))
        if seen and mine and seen[2] == mine[2] and other.resolve() != own:
            label = words.OTHER_RUN.format(name=other.name, model=seen[0])
            found.append((other.name, Rival(label, seen[1], apart=seen[3] != mine[3])))
    return found


@st.cache_data(max_entries=200, show_spinner=False)
def _glance(folder: str, now: Stamp | None) -> tuple[str, str, int, str] | None:
    """Of a run its model, when it was made, a number of its songs' ids, what it learnt from; None for what is none."""
    try:
        card, ids = glance(Path(folder))
        learnt = card["dataset"]["digests"], card["held_out"], card["cleaning"]
        return str(card["model"]), str(card["made"]), hash(ids), str(learnt)
    except (RecommenderError, KeyError, TypeError):
        return None


@st.cache_resource(max_entries=4, show_spinner=words.OPENING)
def _opened(folder: str, now: Stamp | None) -> Scorer:
    return Run.load(folder).model


@st.cache_resource(max_entries=8, show_spinner=words.FITTING)
def _fitted(name: str, run: int, _run: Run) -> Scorer:
    return make(name).fit(_run.learnt_from, len(_run.catalogue))
