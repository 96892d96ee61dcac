"""JSPF, the JSON of XSPF: `{"playlist": {"title": …, "track": [{"title": …, "creator": …}]}}`, a playlist a file.

Source: https://www.xspf.org/jspf
"""

import re
from collections.abc import Iterator, Mapping
from typing import TextIO

from recommender.datasets.formats import Format, FormatError, JsonStream, Playlist, Reject, Track, song_of

_PLAYLIST = re.compile(r'"playlist"\s*:\s*\{')


def sniff(head: str, name: str) -> bool:
    """By its name or by the object called playlist."""
    return name.lower().endswith(".jspf") or (head.lstrip().startswith("{") and bool(_PLAYLIST.search(head)))


def read(text: TextIO, columns: Mapping[str, str], reject: Reject) -> Iterator[Playlist]:
    """The one playlist of the file."""
    match JsonStream(text).whole():
        case {"playlist": {"track": [*tracks]}}:
            yield "", [_track(track) for track in tracks]
        case _:
            raise FormatError("", 'is no JSPF: {"playlist": {"track": […]}} is expected')


def _track(track: object) -> Track:
    if not isinstance(track, dict):
        return Track(track)
    named = track.get("identifier")
    ids = (song_of(uri) for uri in (named if isinstance(named, list) else [named]))
    return Track(track.get("title"), track.get("creator"), next((song for song in ids if song is not None), None))


JSPF = Format((".jspf", ".json"), sniff, read)
