"""Recommenders of other projects, each fitted and asked in a process of its own, with their own Python.

    python tests/peers.py FOLDER PEER SETTINGS

FOLDER holds what is learnt from and what is asked, as plain arrays (`songs[offsets[i]:offsets[i + 1]]` is a list):

    train_songs.npy, train_offsets.npy, query_songs.npy, query_offsets.npy, asked.json {"n_songs", "k"}

Answers go to PEER.npy, (n_queries, k) songs, best first, none of the seeds, padded with -1; what it cost is printed as
JSON: processor seconds of all threads to fit and to answer, seconds on the clock, peak memory, version. Libraries are
imported before the clock starts, but are part of the memory. Nothing of `recommender` is imported here.

A peer gets what its library asks for: playlists are users, and a query is a new user, folded in the way that the
library offers. Matrices tell whether a song is in a playlist, not how often; sequences keep repeats.
"""

import importlib
import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

_LEAST = -1e30  # libraries fill up with songs of the lowest score there is


@dataclass(frozen=True)
class Lists:
    """Lists of songs in two arrays."""

    songs: np.ndarray
    offsets: np.ndarray

    @classmethod
    def load(cls, folder: Path, name: str) -> "Lists":
        return cls(np.load(folder / f"{name}_songs.npy"), np.load(folder / f"{name}_offsets.npy"))

    def save(self, folder: Path, name: str) -> None:
        np.save(folder / f"{name}_songs.npy", self.songs)
        np.save(folder / f"{name}_offsets.npy", self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> np.ndarray:
        return self.songs[self.offsets[i] : self.offsets[i + 1]]

    @property
    def owners(self) -> np.ndarray:
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def matrix(self, n_songs: int) -> sp.csr_matrix:
        """(len, n_songs): 1 where the list has the song."""
        found = sp.csr_matrix((np.ones(len(self.songs), np.float32), (self.owners, self.songs)), (len(self), n_songs))
        found.data[:] = 1  # a song twice was summed
        return found

    def pieces(self, length: int) -> "Lists":
        """The lists cut into pieces of at most `length`."""
        ends = [np.append(np.arange(a, b, length)[1:], b) for a, b in pairwise(self.offsets)]
        return Lists(self.songs, np.concatenate([[0], *ends]))


Answer = Callable[[Lists, int], np.ndarray]  # (queries, k) -> (n_queries, k)
Fit = Callable[..., Answer]  # (train, n_songs, **settings)


@dataclass(frozen=True)
class Peer:
    """A model of another project.

    package : whose version is told
    modules : imported before the clock starts
    grid : settings that are tried on validation playlists; the first one where nothing was tried
    """

    package: str
    modules: Sequence[str]
    fit: Fit
    grid: Sequence[dict[str, Any]] = field(default_factory=lambda: [{}])


def padded(rows: Sequence[Sequence[int]], k: int) -> np.ndarray:
    out = np.full((len(rows), k), -1, np.int32)
    for row, songs in zip(out, rows, strict=True):
        row[: len(songs[:k])] = songs[:k]
    return out


# --- implicit


def _implicit_answers(model: Any, n_songs: int, least: float = _LEAST, **how: Any) -> Answer:
    def answer(queries: Lists, k: int) -> np.ndarray:
        songs, scores = model.recommend(np.arange(len(queries)), queries.matrix(n_songs), N=k, **how)
        return np.where(scores > least, songs, -1)

    return answer


def implicit_als(train: Lists, n_songs: int, **settings: Any) -> Answer:
    """The query's factors are solved for, as those of a playlist were in training."""
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(num_threads=1, random_state=0, **settings)
    model.fit(train.matrix(n_songs), show_progress=False)
    return _implicit_answers(model, n_songs, recalculate_user=True)


def implicit_bpr(train: Lists, n_songs: int, **settings: Any) -> Answer:
    """Its BPR folds no new user in: a query's factors are the mean of its songs', the last of them 1."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(num_threads=1, random_state=0, **settings)
    model.fit(train.matrix(n_songs), show_progress=False)
    recommend = _implicit_answers(model, n_songs)

    def answer(queries: Lists, k: int) -> np.ndarray:
        asked = queries.matrix(n_songs)
        model.user_factors = asked @ model.item_factors / asked.sum(axis=1).A1[:, None]
        model.user_factors[:, -1] = 1
        return recommend(queries, k)

    return answer


def implicit_item_knn(train: Lists, n_songs: int, *, kind: str, **settings: Any) -> Answer:
    from implicit import nearest_neighbours

    model = getattr(nearest_neighbours, f"{kind}Recommender")(num_threads=1, **settings)
    model.fit(train.matrix(n_songs), show_progress=False)
    return _implicit_answers(model, n_songs, 0.0)  # seeds come last, with 0


# --- RecTools


def _interactions(lists: Lists) -> Any:
    import pandas as pd

    seconds = np.arange(len(lists.songs))  # play order is all that counts
    columns = {
        "user_id": lists.owners,
        "item_id": lists.songs,
        "weight": 1.0,
        "datetime": pd.to_datetime(seconds, unit="s"),
    }
    return pd.DataFrame(columns)


def _rectools_answers(model: Any, to_dataset: Callable[[Lists], Any]) -> Answer:
    def answer(queries: Lists, k: int) -> np.ndarray:
        told = {"dataset": to_dataset(queries), "k": k, "filter_viewed": True, "on_unsupported_targets": "ignore"}
        found = model.recommend(users=np.arange(len(queries)), **told)
        out = np.full((len(queries), k), -1, np.int32)
        out[found["user_id"], found["rank"] - 1] = found["item_id"]
        return out

    return answer


def rectools_ease(train: Lists, n_songs: int, **settings: Any) -> Answer:
    """New playlists are told by the dataset that is given with the question."""
    import pandas as pd
    from rectools.dataset import Dataset, IdMap, Interactions
    from rectools.models import EASEModel

    known = np.unique(train.songs)
    songs = IdMap.from_values(known)
    every = _interactions(Lists(known, np.array([0, len(known)]))).assign(user_id=-1)

    def to_dataset(plays: Any) -> Any:
        once = plays[plays["item_id"].isin(known)].drop_duplicates(["user_id", "item_id"])
        users = IdMap.from_values(once["user_id"])
        return Dataset(users, songs, Interactions.from_raw(once, users, songs))

    def to_ask(lists: Lists) -> Any:  # a user with every song, lest the matrix end at the last song that is asked with
        return to_dataset(pd.concat([_interactions(lists), every]))

    model = EASEModel(recommend_n_threads=1, **settings).fit(to_dataset(_interactions(train)))
    return _rectools_answers(model, to_ask)


def rectools_sasrec(train: Lists, n_songs: int, *, session_max_len: int, **settings: Any) -> Answer:
    """Playlists longer than its sessions are cut into several: it would learn from their ends alone."""
    import pytorch_lightning
    from rectools.dataset import Dataset
    from rectools.models import SASRecModel

    pytorch_lightning.seed_everything(0)
    model = SASRecModel(session_max_len=session_max_len, deterministic=True, **settings)
    model.fit(Dataset.construct(_interactions(train.pieces(session_max_len + 1))))
    return _rectools_answers(model, lambda queries: Dataset.construct(_interactions(queries)))


# --- LensKit


def _lenskit(module: str, kind: str) -> Fit:
    def fit(train: Lists, n_songs: int, **settings: Any) -> Answer:
        from lenskit import recommend
        from lenskit.data import ItemList, RecQuery, from_interactions_df
        from lenskit.pipeline import topn_pipeline

        plays = _interactions(train)[["user_id", "item_id"]].drop_duplicates()
        scorer = getattr(importlib.import_module(module), kind)(**settings)
        model = topn_pipeline(scorer)
        model.train(from_interactions_df(plays))

        known = np.unique(train.songs)  # a query with any other song is refused

        def nearest(seeds: np.ndarray, k: int) -> Sequence[int]:
            seeds = np.intersect1d(seeds, known)
            return recommend(model, RecQuery(history_items=ItemList(item_ids=seeds)), n=k).ids() if len(seeds) else []

        def answer(queries: Lists, k: int) -> np.ndarray:
            return padded([nearest(queries[i], k) for i in range(len(queries))], k)

        return answer

    return fit


# --- gensim


def _word2vec(train: Lists, **settings: Any) -> Any:
    from gensim.models import Word2Vec

    lists = [[str(song) for song in train[i]] for i in range(len(train))]
    return Word2Vec(lists, min_count=1, **settings).wv


def gensim(train: Lists, n_songs: int, *, last: int, **settings: Any) -> Answer:
    """The nearest songs, by gensim's `most_similar`, to the last `last` songs of the query."""
    vectors = _word2vec(train, **settings)

    def answer(queries: Lists, k: int) -> np.ndarray:
        return padded([_nearest(vectors, queries[i], last, k) for i in range(len(queries))], k)

    return answer


def _nearest(vectors: Any, seeds: np.ndarray, last: int, k: int) -> list[int]:
    known = [str(song) for song in seeds if str(song) in vectors][-last:]
    if not known:
        return []
    found = vectors.most_similar(positive=known, topn=k + len(seeds))
    out = set(seeds.tolist())
    return [int(song) for song, _ in found if int(song) not in out]


_BOOK = {"vector_size": 32, "window": 20, "negative": 50, "workers": 4, "seed": 1}
_LONGER = {**_BOOK, "vector_size": 64, "window": 5, "epochs": 20}
_RECSYS_18 = {"window": 3, "epochs": 110, "sample": 1e-5, "ns_exponent": -0.5, "vector_size": 64}  # arXiv 1804.04212
_NET = {"n_factors": 64, "n_blocks": 2, "n_heads": 2, "dropout_rate": 0.3, "session_max_len": 10}
_NET |= {"batch_size": 64, "lr": 2e-3}
_GBCE = {"loss": "gBCE", "n_negatives": 128, "gbce_t": 0.75}  # arXiv 2308.07192
PEERS = {
    "gensim, book": Peer("gensim", ["gensim.models"], gensim, [{"last": 1, **_BOOK}]),
    "gensim, tuned": Peer(
        "gensim",
        ["gensim.models"],
        gensim,
        [{"last": last, **how, "workers": 1} for how in (_BOOK, _RECSYS_18, _LONGER) for last in (5, 20)],
    ),
    "implicit ALS": Peer(
        "implicit",
        ["implicit.cpu.als"],
        implicit_als,
        [
            {"factors": factors, "regularization": regularization, "alpha": alpha, "iterations": 15}
            for factors in (64, 128)
            for regularization in (0.01, 1.0, 10.0)
            for alpha in (1.0, 10.0)
        ],
    ),
    "implicit BPR": Peer(
        "implicit",
        ["implicit.cpu.bpr"],
        implicit_bpr,
        [
            {"factors": 64, "regularization": regularization, "learning_rate": rate, "iterations": 100}
            for regularization in (0.001, 0.01)
            for rate in (0.003, 0.01, 0.02)
        ],
    ),
    "implicit item kNN": Peer(
        "implicit",
        ["implicit.nearest_neighbours"],
        implicit_item_knn,
        [{"kind": kind, "K": k} for kind in ("Cosine", "TFIDF", "BM25") for k in (20, 100, 500)],
    ),
    "RecTools EASE": Peer(
        "rectools",
        ["rectools.models"],
        rectools_ease,
        [{"regularization": value} for value in (30.0, 100.0, 300.0, 1000.0)],
    ),
    "RecTools SASRec": Peer(
        "rectools",
        ["rectools.models", "pytorch_lightning"],
        rectools_sasrec,
        [{**_NET, "epochs": 15}, {**_NET, **_GBCE, "epochs": 15}],
    ),
    "LensKit item kNN": Peer(
        "lenskit",
        ["lenskit.knn"],
        _lenskit("lenskit.knn", "ItemKNNScorer"),
        [{"feedback": "implicit", "max_nbrs": n} for n in (20, 100)],
    ),
    "LensKit user kNN": Peer(
        "lenskit",
        ["lenskit.knn"],
        _lenskit("lenskit.knn", "UserKNNScorer"),
        [{"feedback": "implicit", "max_nbrs": n} for n in (5, 10, 20, 50)],
    ),
    "LensKit SLIM": Peer(
        "lenskit",
        ["lenskit.knn"],
        _lenskit("lenskit.knn", "SLIMScorer"),
        [
            {"l1_reg": l1, "l2_reg": l2}
            for l1, l2 in ((0.1, 10.0), (1.0, 10.0), (1.0, 100.0), (3.0, 100.0), (3.0, 300.0))
        ],
    ),
    "LensKit implicit MF": Peer(
        "lenskit",
        ["lenskit.als"],
        _lenskit("lenskit.als", "ImplicitMFScorer"),
        [
            {"embedding_size": 64, "regularization": regularization, "weight": weight}
            for regularization in (0.1, 10.0)
            for weight in (1.0, 10.0)
        ],
    ),
}


def measured(folder: Path, name: str, fit: Fit, settings: dict[str, Any]) -> dict[str, Any]:
    """Fit and ask; answers go to the folder. Seconds are of the processor, all threads together."""
    train, queries = Lists.load(folder, "train"), Lists.load(folder, "query")
    asked = json.loads((folder / "asked.json").read_text())
    times = [(time.process_time(), time.perf_counter())]
    answer = fit(train, asked["n_songs"], **settings)
    times.append((time.process_time(), time.perf_counter()))
    answers = answer(queries, asked["k"])
    times.append((time.process_time(), time.perf_counter()))
    np.save(folder / f"{name}.npy", answers.astype(np.int32))
    (fit_cpu, fit_clock), (answer_cpu, answer_clock) = np.diff(times, axis=0).tolist()
    seconds = {"fit": fit_cpu, "fit clock": fit_clock, "answer": answer_cpu, "answer clock": answer_clock}
    return {"seconds": seconds, "peak MB": peak_memory()}


def peak_memory() -> float:
    """Most memory that this process has held, in MB.

    On Linux `getrusage` tells at least what the process that started this one held.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def main() -> None:
    folder, name, settings = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    peer, told = PEERS[name], os.dup(1)
    os.dup2(2, 1)  # what libraries print is not ours
    warnings.simplefilter("ignore")
    for module in peer.modules:
        importlib.import_module(module)
    figures = measured(folder, name, peer.fit, settings) | {"version": version(peer.package)}
    os.write(told, json.dumps(figures).encode())


if __name__ == "__main__":
    main()
