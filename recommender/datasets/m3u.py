"""M3U and M3U8: a playlist a file, a song a line.

`#EXTINF:seconds,Artist - Title` names the song of the path below it; one without a path counts as well.
A path without it is called by its file name, its artist is unknown. Other directives are passed over.
For a path, `song:3822` stands for the song of that id (see `recommender.export`).
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import TextIO
from urllib.parse import unquote

from recommender.datasets.formats import Format, Playlist, Reject, Track, lines, song_of, split_artist

_ENDINGS = (".m3u", ".m3u8")
_INFO = "#EXTINF"
_NAMED = re.compile(r'[^,"]*+(?:"[^"]*+"[^,"]*+)*+,(.*)')  # attributes may hold commas in quotation marks


def sniff(head: str, name: str) -> bool:
    """By its name or its first line."""
    return name.lower().endswith(_ENDINGS) or head.lstrip().startswith("#EXTM3U")


def read(text: TextIO, columns: Mapping[str, str], reject: Reject) -> Iterator[Playlist]:
    """The one playlist of the file."""
    tracks: list[Track] = []
    named: Track | None = None
    for number, line in lines(text):
        entry = line.strip()
        if entry.upper().startswith(_INFO):
            if named:
                tracks.append(named)
            match = _NAMED.match(entry)
            if not match:
                reject(f"line {number}", f"is {entry[:40]!r}, expected {_INFO}:seconds,Artist - Title")
            named = split_artist(match[1].strip()) if match and match[1].strip() else None
        elif entry and not entry.startswith("#"):
            tracks.append((named or Track(_file_name(entry)))._replace(id=song_of(entry)))
            named = None
    if named:
        tracks.append(named)
    yield "", tracks


def _file_name(path: str) -> str:
    r"""What a file is called, without its folder and its ending.

    >>> _file_name(r"C:\Music\99 Luftballons.mp3"), _file_name("http://radio.org/a/One%20Two.ogg?x=/1")
    ('99 Luftballons', 'One Two')
    """
    if "://" in path:
        path = unquote(path.partition("?")[0])
    return os.path.splitext(re.split(r"[/\\]", path)[-1])[0]


M3U = Format(_ENDINGS, sniff, read)
