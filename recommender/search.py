"""Search: songs by the words of title and artist, by beginnings of words, and by misspelt ones.

A word index. Few words are distinct (33,526 in 75,262 songs). Sorted, those that begin alike stand together, and so do
the songs that hold them. A misspelt word is compared with words, never with songs: by shared pairs of letters
with all of them, and letter by letter with those that share most.

In the index songs are numbered by plays, the most played first, so that a list in order is in order of plays.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_NOISE = frozenset({"the", "and", "feat", "ft", "featuring", "w"})  # asked for, they count only if there is no more
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LONGEST = 1000  # characters of a text that count; the longest title known has 865
_MOST = 16  # words of a text without a match that count
_CLOSEST = 60  # words that are compared letter by letter
_ALIKE, _JOINED = 0.6, 0.8  # least similarity of a misspelt word, and of two that stand for one
_HELD = 0.5  # least share of a text that a song near to it holds
_BEGUN = 90  # closeness of a word that begins as the one asked for, of 100


@dataclass(frozen=True, eq=False)
class Index:
    """The words of all songs and the songs that hold each.

    words : distinct, sorted
    starts : (n_words + 1,) where each word's songs start in `songs`
    songs : numbers of songs, ascending within a word
    names : (3, n_songs) CRC-32 of title, title without brackets, and artist
    rows : (n_songs,) each song's row in the catalogue
    """

    words: Sequence[str]
    starts: NDArray[np.int64]
    songs: NDArray[np.int32]
    names: NDArray[np.uint32]
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, titles: Sequence[str], artists: Sequence[str], plays: NDArray[np.integer]) -> Self:
        """The index of these songs."""
        rows = np.argsort(-plays, kind="stable").astype(np.int32)
        numbers: dict[str, int] = {}
        held, counts, names = array("i"), array("i"), array("I")
        for title, artist in ((titles[row], artists[row]) for row in rows.tolist()):
            found = {*_words(title), *_words(artist)}
            held.extend([numbers.setdefault(word, len(numbers)) for word in found])
            counts.append(len(found))
            names.extend((_name(title), _name(_BRACKETS.sub(" ", title)) or _name(title), _name(artist)))
        words = sorted(numbers)
        place = np.argsort([numbers[word] for word in words])
        places = place[np.frombuffer(held, np.int32)] if held else np.zeros(0, np.int64)
        songs = np.repeat(np.arange(len(rows), dtype=np.int32), np.array(counts))
        starts = np.cumsum([0, *np.bincount(places, minlength=len(words))])
        crcs = np.array(names, np.uint32).reshape(-1, 3).T.copy()
        return cls(words, starts, songs[np.argsort(places, kind="stable")], crcs, rows)

    def search(self, text: str, limit: int) -> list[int]:
        """Rows of the songs that match `text` or, where none does, of those near to it; best first."""
        return self.matching(text, limit) or self.near(text, limit)

    def matching(self, text: str, limit: int) -> list[int]:
        """Rows of the songs that hold, for each word of `text`, a word that begins so; best first.

        A song of just that title comes first, brackets aside, then the songs of just that artist, then more whole
        words; among equals, the song played more often, then the lower row.
        """
        asked = _asked(text)
        ranges = [(word, *self._range(word)) for word in dict.fromkeys(asked)]
        if not ranges or any(first == end for _, first, end in ranges):
            return []
        rarest, *others = sorted(ranges, key=lambda r: int(self.starts[r[2]] - self.starts[r[1]]))
        holds = self._holds(*rarest)
        found = np.flatnonzero(holds)
        wholes = holds[found].astype(np.int64)
        for word in others:
            holds = self._holds(*word)[found]
            found, wholes = found[holds > 0], (wholes + holds)[holds > 0]
        title, bare, artist = self.names[:, found] == _crc(asked)
        return self._best(found, wholes + (2 * len(ranges)) * np.where(title | bare, 2, artist), limit)

    def near(self, text: str, limit: int) -> list[int]:
        """Rows of the songs that hold at least half of `text`, most first; misspelt and parted words count in part.

        A word counts by how rare the songs are that hold it, or what is closest to it.
        """
        asked = _asked(text)[:_MOST]
        if not asked or not self.words:
            return []
        closeness = [self._closeness(word) for word in asked]
        for i, pair in enumerate(pairwise(asked)):
            joined = self._closeness("".join(pair), _JOINED)
            for j in (i, i + 1):
                closeness[j] = np.maximum(closeness[j], joined)
        weights = [_rarity(close) for close in closeness]
        held = np.zeros(len(self.rows), np.float32)
        for close, weight in zip(closeness, weights, strict=True):
            held += np.float32(weight / sum(weights)) * close
        found = np.flatnonzero(held >= 100 * _HELD)
        return self._best(found, np.round(held[found]).astype(np.int64), limit)

    def _best(self, found: NDArray[np.int64], quality: NDArray[np.int64], limit: int) -> list[int]:
        """Rows of the `limit` best; among equals those of lower numbers, which are played more."""
        order = found - quality * len(self.rows)
        if limit < len(found):
            order = np.partition(order, limit)[:limit]
        best: list[int] = self.rows[np.sort(order) % len(self.rows)].tolist()
        return best

    def _range(self, word: str) -> tuple[int, int]:
        """Of the words that begin with this: the first, and the one after the last."""
        return bisect_left(self.words, word), bisect_left(self.words, word + "\U0010ffff")

    def _of(self, first: int, end: int) -> NDArray[np.int32]:
        return self.songs[self.starts[first] : self.starts[end]]

    def _holds(self, word: str, first: int, end: int) -> NDArray[np.uint8]:
        """(n_songs,) 2 where a song holds the word, 1 where it holds another of those that begin so, else 0."""
        holds = np.zeros(len(self.rows), np.uint8)
        holds[self._of(first, end)] = 1
        if self.words[first] == word:
            holds[self._of(first, first + 1)] = 2
        return holds

    def _closeness(self, word: str, least: float = _ALIKE) -> NDArray[np.uint8]:
        """(n_songs,) how close each song has a word to this one: 100 the same, 0 none."""
        ranges = [(round(100 * alike), number, number + 1) for number, alike in self._alike(word, least)]
        close = np.zeros(len(self.rows), np.uint8)
        for percent, first, end in sorted([*ranges, (_BEGUN, *self._range(word))]):
            close[self._of(first, end)] = percent
        return close

    def _alike(self, word: str, least: float) -> Iterator[tuple[int, float]]:
        """The numbers of words like this one, with the share of letters that they have in common, in order."""
        owners, starts, sizes = self._pairs
        pairs = np.unique(_pair_numbers(f"\n{word}\n")).tolist()
        owners = np.concatenate([owners[starts[pair] : starts[pair + 1]] for pair in pairs])
        shared = np.minimum(np.bincount(owners, minlength=len(sizes)), len(word) + 1)
        common = 2 * shared / (len(word) + 1 + sizes)  # Dice's coefficient
        close = np.flatnonzero(common >= _ALIKE - 0.2)
        if len(close) > _CLOSEST:
            close = close[np.argsort(-common[close], kind="stable")[:_CLOSEST]]
        matcher = SequenceMatcher(autojunk=False, b=word)
        for number in close.tolist():
            matcher.set_seq1(self.words[number])
            if matcher.quick_ratio() >= least and (ratio := matcher.ratio()) >= least:
                yield number, ratio

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        """The word of each pair of letters by the pair's number, where each number starts, how many a word has."""
        text = "\n" + "\n".join(self.words) + "\n"
        numbers = _pair_numbers(text)
        owners = (np.cumsum(_codes(text)[:-1] == ord("\n")) - 1).astype(np.int32)
        order = np.argsort(numbers, kind="stable")
        starts = np.searchsorted(numbers[order], np.arange(2**16 + 1))
        return owners[order], starts, np.bincount(owners, minlength=len(self.words))


def normalised(text: str) -> str:
    """Lower-case letters and digits of any alphabet, words one space apart, accents dropped.

    >>> normalised("Beyoncé — Crazy In Love (w/ JAY-Z)")
    'beyonce crazy in love w jay z'
    >>> normalised("Don't Stop Believin'")
    'dont stop believin'
    """
    letters = unicodedata.normalize("NFKD", text).casefold().replace("'", "").replace("’", "")
    plain = letters if letters.isascii() else "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def _plain(text: str) -> list[str]:
    """The normalised words, "&" as "and" and "$" in a word as "s" (Ke$ha)."""
    if "$" in text:
        text = re.sub(r"(?<=\w)\$", "s", text)
    return normalised(text.replace("&", " and ")).split()


def _words(text: str) -> Iterator[str]:
    """The words that find a text; what punctuation parts also as one (AC/DC: ac, dc, acdc)."""
    yield from _plain(text)
    for chunk in text.split():
        if not chunk.isalnum() and len(parts := _plain(chunk)) > 1:
            yield "".join(part for part in parts if part != "and")


def _asked(text: str) -> list[str]:
    words = _plain(text[:_LONGEST])
    return [word for word in words if word not in _NOISE] or words


def _crc(words: Sequence[str]) -> int:
    return crc32(" ".join(words).encode())


def _name(text: str) -> int:
    return _crc(_asked(text))


def _rarity(close: NDArray[np.uint8]) -> float:
    """How much a word says: ln(1 + songs / songs that hold what is closest to it)."""
    closest = np.count_nonzero(close == close.max()) if close.any() else 1
    return float(np.log1p(len(close) / closest))


def _codes(text: str) -> Any:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _pair_numbers(text: str) -> Any:
    """A number for each two letters in a row; two pairs may have one, which costs nothing but a look."""
    codes = _codes(text)
    return (codes[:-1] * np.uint32(31) + codes[1:]).astype(np.uint16)
