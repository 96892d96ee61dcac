"""First visit: where there is no run yet, one is trained from here, and whoever comes meanwhile sees how far it is."""

from pathlib import Path

import streamlit as st

from recommender.datasets import found
from recommender.page.first.job import Desk, Job
from recommender.page.parts import escaped
from recommender.page.words import frame as words

_DATA, _MODEL = "first-data", "first-model"


def first(runs: Path) -> None:
    """Ask what to train, or show the training that is under way; the run will be among `runs`."""
    desk = _desk()
    if desk.job and desk.job.running:
        _progress(desk.job)
        return
    if desk.job and desk.job.cancelled:
        st.info(words.CANCELLED)
    elif desk.job and desk.job.failed:
        st.error(words.FAILED.format(error=escaped(desk.job.error) or words.DIED))
    _ask(desk, runs)
    _own()


@st.cache_resource
def _desk() -> Desk:
    """The server's only one."""
    return Desk()


def _ask(desk: Desk, runs: Path) -> None:
    st.markdown(words.NO_RUN)
    data, model = st.columns(2, gap="large")
    datasets = {"toy": words.TOY} | {str(folder): words.DATASET_IN.format(folder=folder) for folder in found()}
    with data:
        st.radio(
            words.PLAYLISTS,
            [*datasets],
            format_func=lambda name: escaped(Path(name).name),
            captions=[escaped(about) for about in datasets.values()],
            key=_DATA,
            persist_state="session",
        )
    with model:
        st.radio(words.MODEL, [*words.MODELS], captions=[*words.MODELS.values()], key=_MODEL, persist_state="session")
    st.button(words.TRAIN, type="primary", key="first-train", on_click=_train, args=[desk, runs])


def _train(desk: Desk, runs: Path) -> None:
    """Train what is chosen now, which may be more than the page that the button is on has seen."""
    desk.start(st.session_state[_DATA], st.session_state[_MODEL], runs)


@st.fragment(run_every=1.0)
def _progress(job: Job) -> None:
    """What the training is at; when it is over, the whole page is drawn anew."""
    if not job.running:
        st.rerun()
    with st.container(border=True):
        st.subheader(words.TRAINING.format(run=escaped(job.folder.name)), anchor=False)
        what, share = job.step
        stage = words.STAGES.get(what, words.MEASURING.format(what=escaped(what)))
        st.progress(share, words.STEP.format(stage=stage, share=share) if what else stage)
        st.caption(words.ELAPSED.format(seconds=job.seconds))
        st.button(words.CANCEL, key="first-cancel", on_click=job.cancel, help=words.CANCEL_HELP)
        st.caption(words.SAME_COMMAND)
        st.code(" ".join(("recommender", *job.arguments)), language=None, wrap_lines=True)


def _own() -> None:
    with st.expander(words.OWN):
        st.markdown(words.OWN_HOW)
        st.code(words.OWN_COMMAND, language=None, wrap_lines=True)
        st.markdown(words.REAL_HOW)
        st.code(words.REAL_COMMAND, language=None, wrap_lines=True)
