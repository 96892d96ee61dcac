"""Inverted lists: songs around centres, few of which a query looks into (Jégou et al. 2011, doi:10.1109/TPAMI.2010.57).

What a query finds there, by vectors of two bytes a number, are candidates: their scores are exact. Songs are in the
list of the centre that is least far, so that those of like lengths lie together, but a query takes the lists of the
centres with the greatest products: with one measure for both, half as many of the best are found (.github/LARGE.md has
the table). How many lists it takes is measured when they are made.

The library is faiss (Douze et al. 2024, arXiv:2401.08281), an extra that is imported here alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RecommenderError
from recommender.playlists import Playlists
from recommender.protocol import Rows, Scores, Vectors
from recommender.ranking import NO_SONG, top_k

FOUND = 0.99  # of the ten best songs, those that are to be found
_SPARE, _PER_SONG = 20, 2  # candidates beside the seeds: so many, and so many for each answer
_MOST = 1000  # candidates; to score all is quicker than to look for more
_SCANNED = 8  # songs looked at for each candidate, at least
_FARTHER = 3  # times as many lists where there is a filter
_SAMPLE = 64  # songs of a list that its centre is learnt from
_AT_ONCE = 2**16  # songs whose vectors are laid into lists, or scored, at a time
_CELLS = 2**22  # numbers of the candidates' vectors scored at once
_CLOSE, _TINY = 0.01, 1e-4  # of lengths, and a length beside them: products by two bytes a number err by less

Answers = tuple[NDArray[np.int32], Scores]


def library() -> Any:
    """faiss; raises RecommenderError where it is not installed."""
    try:
        import faiss
    except ImportError as error:
        raise RecommenderError("an index needs faiss: pip install 'playlist-recommender[index]'") from error
    return faiss


@dataclass(frozen=True, eq=False)
class Space:
    """Songs in lists.

    index : of faiss
    vectors : the exact vectors of songs, (n, dim)
    """

    index: Any
    vectors: Callable[[Rows], Vectors]

    @classmethod
    def of(cls, vectors: Callable[[Rows], Vectors], n_songs: int, seed: int = 0) -> Self:
        """Lay out the songs, without those that have NaN; the same seed gives the same bytes."""
        faiss, rng = library(), np.random.default_rng(seed)
        songs = np.arange(n_songs)
        known = songs[np.concatenate([~np.isnan(vectors(part)[:, 0]) for part in _parts(songs)])]
        if not len(known):
            raise RecommenderError("no song has a vector, so there is nothing to make an index of")
        n_lists = min(2 ** round(np.log2(4 * len(known) ** 0.5)), len(known))
        learnt = vectors(rng.permutation(known)[: _SAMPLE * n_lists])
        dim, kind = learnt.shape[1], (faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        near, greatest = faiss.IndexFlatL2(dim), faiss.IndexFlatIP(dim)
        index = faiss.IndexIVFScalarQuantizer(near, dim, n_lists, *kind)
        index.cp.seed, index.cp.niter, index.cp.max_points_per_centroid = seed % 2**31, 10, _SAMPLE
        index.cp.spherical, index.cp.min_points_per_centroid = False, 1  # it says on the screen where it has fewer
        index.train(learnt)
        for part in _parts(known):
            index.add_with_ids(vectors(part), part)
        greatest.add(near.reconstruct_n(0, n_lists))
        index.quantizer, index.referenced_objects = greatest, [greatest]
        return cls(index, vectors)

    @classmethod
    def read(cls, path: Path, vectors: Callable[[Rows], Vectors], n_songs: int) -> Self:
        """What `write` wrote, memory-mapped; raises ValueError for a damaged file, or one of other vectors."""
        faiss = library()
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise ValueError(f"{path.name} is no whole index of faiss") from error
        if not isinstance(index, faiss.IndexIVF) or not _is_of(index, vectors, n_songs):
            raise ValueError(f"{path.name} is not of the vectors of this run")
        return cls(index, vectors)

    def write(self, path: Path) -> None:
        library().write_index(self.index, str(path))

    def tuned(self, queries: Vectors, barred: Playlists, n_songs: int) -> float:
        """Make it look into as few lists as find the ten best of nearly all queries; the share that they find."""
        best = self._exact(queries, barred, 10, n_songs)
        self.index.nprobe = 4
        while (share := self._share(best, queries, barred)) < FOUND and self.index.nprobe < self.index.nlist:
            self.index.nprobe *= 2
        return share

    def _share(self, best: NDArray[np.int32], queries: Vectors, barred: Playlists) -> float:
        found = self.nearest(queries, barred, best.shape[1])[0]
        right = (best[:, :, None] == found[:, None, :]).any(axis=2) & (best != NO_SONG)
        return float(right.sum() / max((best != NO_SONG).sum(), 1))

    def _exact(self, queries: Vectors, barred: Playlists, k: int, n_songs: int) -> NDArray[np.int32]:
        """(n, k) the songs of the greatest products with each query, by scoring all; NO_SONG if it is NaN."""
        found, reached = [], []
        for part in _parts(np.arange(n_songs)):
            scores = queries @ self.vectors(part).T
            np.fmax(scores, np.float32(-np.inf), out=scores)
            here = np.isin(barred.songs, part)
            scores[barred.owners[here], barred.songs[here] - part[0]] = -np.inf
            columns, values = top_k(scores, k)
            found.append(columns + part[0])
            reached.append(values)
        columns, _ = top_k(np.hstack(reached), k)
        best = np.take_along_axis(np.hstack(found), columns, axis=1)
        return np.where(columns < 0, NO_SONG, best).astype(np.int32)

    def nearest(
        self, queries: Vectors, barred: Playlists, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], Scores, Rows]:
        """The `k` songs of the greatest products with each query, best first, padded with NO_SONG and -inf.

        queries : (n, dim); one that is NaN has no answer
        barred : n lists of songs that are no answers
        allowed : (n_songs,) the songs that may be answers; None for all

        Last the rows whose answers are too few: the lists looked into hold no more, or so many songs are asked for, or
        barred, that it was not tried.
        """
        songs, scores = np.full((len(queries), k), NO_SONG, np.int32), np.full((len(queries), k), -np.inf, np.float32)
        known, needed = ~np.isnan(queries[:, 0]), _PER_SONG * k + _SPARE + barred.lengths
        short = [np.flatnonzero(known & (needed > _MOST))]
        sizes = 2 ** np.ceil(np.log2(needed)).astype(np.int64)  # not those of the batch: an answer is its query's alone
        for m in np.unique(sizes[known & (needed <= _MOST)]).tolist():
            asked = np.flatnonzero(known & (needed <= _MOST) & (sizes == m))
            probes, step = self._probes(m, allowed), max(1, _CELLS // (m * queries.shape[1]))
            for start in range(0, len(asked), step):
                rows = asked[start : start + step]
                found = self._candidates(queries[rows], m, probes, allowed)
                songs[rows], scores[rows] = self._best(queries[rows], found, barred.take(rows), k)
            if probes < self.index.nlist:
                short.append(asked[songs[asked, -1] == NO_SONG])
        return songs, scores, np.concatenate(short)

    def _probes(self, m: int, allowed: NDArray[np.bool_] | None) -> int:
        """How many lists to look into for `m` candidates: the fewer songs are allowed, the more.

        Three times as many again for any filter, as it may leave out what is near.
        """
        share = 1.0 if allowed is None else max(float(allowed.mean()) / _FARTHER, 1e-9)
        needed = max(self.index.nprobe, m * _SCANNED * self.index.nlist / self.index.ntotal)
        return int(min(needed / share, self.index.nlist))

    def _candidates(self, queries: Vectors, m: int, probes: int, allowed: NDArray[np.bool_] | None) -> Rows:
        """(n, m) songs in ascending order, NO_SONG first."""
        faiss = library()
        bits = None if allowed is None else np.packbits(allowed, bitorder="little")
        some = {} if bits is None else {"sel": faiss.IDSelectorBitmap(bits)}
        asked = faiss.SearchParametersIVF(nprobe=probes, **some)
        found: Rows = np.sort(self.index.search(queries, m, params=asked)[1], axis=1)
        return found

    def _best(self, queries: Vectors, found: Rows, barred: Playlists, k: int) -> Answers:
        """The best of the candidates by their exact scores; as they ascend, a tie goes to the lower song number."""
        near = self.vectors(found.ravel()).reshape(*found.shape, -1)  # (n, m, dim)
        scores = (near @ queries[:, :, None])[:, :, 0]
        width = int(found.max(initial=0)) + 1
        keys = found + width * np.arange(len(found))[:, None]
        within = barred.songs < width
        seen = np.isin(keys, (barred.songs + width * barred.owners)[within])
        scores[seen | (found == NO_SONG)] = -np.inf
        columns, values = top_k(scores, k)
        return np.where(columns < 0, NO_SONG, np.take_along_axis(found, columns, axis=1)).astype(np.int32), values


def _is_of(index: Any, vectors: Callable[[Rows], Vectors], n_songs: int) -> bool:
    """Whether the songs that the index finds near its first centre have these vectors.

    To look at all songs would read the whole file, which is memory-mapped.
    """
    if index.ntotal > n_songs or index.d != vectors(np.arange(0)).shape[1]:
        return False
    centre = index.quantizer.reconstruct_n(0, 1)
    [scores], [songs] = index.search(centre, _SPARE)
    if songs.max() >= n_songs:
        return False
    exact, long = vectors(songs), np.linalg.norm(centre)
    error = np.abs(exact @ centre[0] - scores)
    close = error <= _CLOSE * long * (np.linalg.norm(exact, axis=1) + long + _TINY)  # kept is what a centre lacks
    return bool(close[songs != NO_SONG].all())


def _parts(songs: Rows) -> list[Rows]:
    return np.array_split(songs, max(1, -(-len(songs) // _AT_ONCE)))
