"""JSPF, the JSON of XSPF: `{"playlist": {"title": …, "track": [{"title": …, "creator": …}]}}`, a playlist a file.

Source: https://www.xspf.org/jspf
"""

import re
from collections.abc import Iterator, Mapping
from typing import TextIO

from recommender.datasets.formats import Format, FormatError, JsonStream, Playlist, Reject

_PLAYLIST = re.compile(r'"playlist"\s*:\s*\{')


def sniff(head: str, name: str) -> bool:
    """By its name or by the object called playlist."""
    return name.lower().endswith(".jspf") or (head.lstrip().startswith("{") and bool(_PLAYLIST.search(head)))


def read(text: TextIO, columns: Mapping[str, str], reject: Reject) -> Iterator[Playlist]:
    """The one playlist of the file."""
    match JsonStream(text).whole():
        case {"playlist": {"track": [*tracks]}}:
            yield "", [(t.get("title"), t.get("creator")) if isinstance(t, dict) else (t, None) for t in tracks]
        case _:
            raise FormatError("", 'is no JSPF: {"playlist": {"track": […]}} is expected')


JSPF = Format((".jspf", ".json"), sniff, read)
