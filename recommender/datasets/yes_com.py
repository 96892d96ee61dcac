r"""Cornell's layout of the Yes.com playlists, and its damage, told by file and line.

A folder holds

    train.txt       line 1: an outside id a song; line 2: how often each song is played below;
                    then a playlist a line: song ids in play order, a space after each
    test.txt        the same for held-out playlists (may be absent)
    song_hash.txt   id TAB title TAB artist, a line a song (yes_complete has a space after the id)
    tags.txt        tag numbers of a song, a line a song in id order, `#` for none (may be absent)
    tag_hash.txt    number, name (goes with tags.txt)

Song ids run from 0 to n_songs - 1. `\/` stands for `/`. Line 2 must agree with the playlists, so a file
that was cut short or altered is noticed. Source: Chen et al., KDD 2012, doi:10.1145/2339530.2339643.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import UNKNOWN, Catalogue
from recommender.errors import DataError
from recommender.playlists import Playlists

NO_TAGS = "#"
_NEWLINE, _SPACE, _RETURN = b"\n \r"
_AGAIN = "download or make it again"


def read_folder(folder: Path) -> tuple[Catalogue, Playlists, Playlists | None]:
    """Catalogue, training playlists and held-out playlists (None where there are none) of a folder.

    Raises DataError naming file and line for anything that is missing or does not fit together.
    """
    if not (folder / "train.txt").is_file():
        raise DataError(f"{folder / 'train.txt'} is missing; a dataset is a folder with train.txt and song_hash.txt")
    n_songs, train = read_playlists(folder / "train.txt")
    titles, artists = _read_songs(folder / "song_hash.txt", n_songs)
    tags = _read_tags(folder, n_songs)
    test = None
    if (folder / "test.txt").exists():
        n_test, test = read_playlists(folder / "test.txt")
        if n_test != n_songs:
            raise DataError(f"{folder / 'test.txt'}: line 1 has {n_test} songs, train.txt has {n_songs}; {_AGAIN}")
    catalogue = Catalogue(np.arange(n_songs), titles, artists, tags, train.counts(n_songs))
    return catalogue, train, test


def write_folder(folder: Path, catalogue: Catalogue, train: Playlists) -> None:
    """Write a dataset in this layout into a folder that is there; song ids become the rows of the catalogue.

    White space in a title or an artist becomes single spaces, an empty one "-": the layout holds no other.
    """
    header = (" ".join(map(str, line)) + " " for line in (catalogue.ids, train.counts(len(catalogue))))
    lines = (" ".join(map(str, songs.tolist())) + " " for songs in train)
    _write_lines(folder / "train.txt", (*header, *lines))
    _write_lines(
        folder / "song_hash.txt", (f"{i}\t{_field(s.title)}\t{_field(s.artist)}" for i, s in enumerate(catalogue))
    )
    names = {name: number for number, name in enumerate(dict.fromkeys(tag for tags in catalogue.tags for tag in tags))}
    _write_lines(folder / "tag_hash.txt", (f"{number}, {_field(name)}" for name, number in names.items()))
    rows = (" ".join(str(names[tag]) for tag in tags) or NO_TAGS for tags in catalogue.tags)
    _write_lines(folder / "tags.txt", rows)


def _field(text: str) -> str:
    return " ".join(text.split()).replace("/", "\\/") or UNKNOWN


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def read_playlists(path: Path) -> tuple[int, Playlists]:
    """Number of songs and the playlists of a train.txt or test.txt, checked against its own line 2."""
    content = _bytes(path)
    head = content.split(b"\n", 2)
    if len(head) < 3:
        raise DataError(f"{path}: ends in line {len(head)}; two header lines and the playlists are expected; {_AGAIN}")
    n_songs, body = len(head[0].split()), np.frombuffer(head[2], dtype=np.uint8)
    stated = _numbers(path, np.frombuffer(head[1], dtype=np.uint8), first_line=2)
    if len(stated.songs) != n_songs:
        raise DataError(f"{path}: line 1 has {n_songs} songs, line 2 has {len(stated.songs)} counts; {_AGAIN}")
    playlists = _numbers(path, body, first_line=3)
    if (wrong := playlists.songs >= n_songs).any():
        play = int(wrong.argmax())
        line = 3 + int(playlists.owners[play])
        raise DataError(f"{path}: line {line} plays song {playlists.songs[play]}, ids end at {n_songs - 1}; {_AGAIN}")
    _check_counts(path, stated.songs, playlists.counts(n_songs))
    return n_songs, playlists


def _check_counts(path: Path, stated: NDArray[np.integer], found: NDArray[np.integer]) -> None:
    if stated.sum() != found.sum():
        raise DataError(f"{path}: line 2 states {stated.sum()} plays, the playlists have {found.sum()}; {_AGAIN}")
    if (differ := stated != found).any():
        song = int(differ.argmax())
        raise DataError(
            f"{path}: line 2 states {stated[song]} plays of song {song}, the playlists have {found[song]}; {_AGAIN}"
        )


def _numbers(path: Path, text: NDArray[np.uint8], first_line: int) -> Playlists:
    """The numbers of each line, parsed at C speed; the last line may lack its newline."""
    if len(text) and text[-1] != _NEWLINE:
        text = np.append(text, np.uint8(_NEWLINE))
    digit = (text >= ord("0")) & (text <= ord("9"))
    blank = (text == _SPACE) | (text == _NEWLINE) | (text == _RETURN)
    ends = np.flatnonzero(digit & ~np.append(digit[1:], False)) + 1
    starts = np.flatnonzero(digit & ~np.insert(digit[:-1], 0, False)) if len(text) else ends
    bad = np.append(np.flatnonzero(~(digit | blank)), starts[ends - starts > 9])
    if len(bad):
        line = first_line + int((text[: bad[0]] == _NEWLINE).sum())
        word = bytes(text[_word(text, int(bad[0]))]).decode(errors="replace")
        raise DataError(f"{path}: line {line} has {word!r} where a number is expected; {_AGAIN}")
    numbers = np.fromstring(text.tobytes().decode("ascii") if len(starts) else "", dtype=np.int32, sep=" ")
    newlines = np.flatnonzero(text == _NEWLINE)
    return Playlists(numbers, np.append(0, np.searchsorted(starts, newlines)))


def _word(text: NDArray[np.uint8], at: int) -> slice:
    blanks = np.flatnonzero((text == _SPACE) | (text == _NEWLINE))
    left, right = blanks[blanks < at], blanks[blanks > at]
    return slice(int(left[-1]) + 1 if len(left) else 0, min(int(right[0]), at + 20))


def _read_songs(path: Path, n_songs: int) -> tuple[list[str], list[str]]:
    titles, artists = [""] * n_songs, [""] * n_songs
    lines = _lines(path)
    if len(lines) != n_songs:
        raise DataError(f"{path}: {len(lines)} songs, train.txt has {n_songs}; {_AGAIN}")
    seen = np.zeros(n_songs, dtype=bool)
    for number, line in enumerate(lines, 1):
        fields = [field.strip() or UNKNOWN for field in line.replace("\\/", "/").split("\t")]
        if len(fields) != 3:
            raise DataError(
                f"{path}: line {number} has {len(fields)} fields, expected id, title and artist with tabs between"
            )
        song = int(fields[0]) if fields[0].isdecimal() and len(fields[0]) < 10 else n_songs
        if song >= n_songs or seen[song]:
            raise DataError(
                f"{path}: line {number} has the id {fields[0]!r}; each id from 0 to {n_songs - 1} is expected once"
            )
        seen[song] = True
        titles[song], artists[song] = fields[1:]
    return titles, artists


def _read_tags(folder: Path, n_songs: int) -> list[tuple[str, ...]]:
    path = folder / "tags.txt"
    if not path.exists():
        return [()] * n_songs
    names = _read_tag_names(folder / "tag_hash.txt")
    lines = _lines(path)
    if len(lines) != n_songs:
        raise DataError(f"{path}: {len(lines)} lines, one a song is expected, train.txt has {n_songs} songs; {_AGAIN}")
    tags = []
    for number, line in enumerate(lines, 1):
        words = [] if line.strip() == NO_TAGS else line.split()
        try:
            tags.append(tuple(names[word] for word in words))
        except KeyError as error:
            raise DataError(f"{path}: line {number} has the tag {error}, which tag_hash.txt does not name") from error
    return tags


def _read_tag_names(path: Path) -> dict[str, str]:
    names = {}
    for number, line in enumerate(_lines(path), 1):
        tag, comma, name = line.partition(",")
        if not comma or not tag.strip().isdecimal():
            raise DataError(f"{path}: line {number} is {line!r}, expected `number, name`")
        names[tag.strip()] = " ".join(name.split())
    return names


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing; a dataset is a folder with train.txt and song_hash.txt") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error


def _lines(path: Path) -> list[str]:
    """Lines of a UTF-8 file; only a newline ends one, unlike str.splitlines."""
    content = _bytes(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}: line {line} is not UTF-8; save the file as UTF-8") from error
    return text.removesuffix("\n").split("\n") if text else []
