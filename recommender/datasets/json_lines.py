"""JSON Lines: a playlist a line.

    {"name": "Morning", "tracks": [{"title": "Here Comes the Sun", "artist": "The Beatles"}, "Queen - Innuendo"]}

The list may be called songs, a title track_name or name, an artist artist_name; a text is "Artist - Title".
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from recommender.datasets.formats import Format, Playlist, Reject, Track, lines, split_artist

_LISTS, _TITLES, _ARTISTS = ("tracks", "songs"), ("title", "track_name", "name"), ("artist", "artist_name")
_TRACKS = re.compile(r'"(?:tracks|songs)"\s*:\s*\[')


def sniff(head: str, name: str) -> bool:
    """By its name or by a first line that is an object with tracks."""
    first = head.lstrip().partition("\n")[0]
    return name.lower().endswith((".jsonl", ".ndjson")) or (first.startswith("{") and bool(_TRACKS.search(first)))


def read(text: TextIO, columns: Mapping[str, str], reject: Reject) -> Iterator[Playlist]:
    """A playlist a line."""
    for number, line in lines(text):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            playlist = json.loads(line)
        except (ValueError, RecursionError) as error:
            reject(where, f"is no JSON: {getattr(error, 'msg', 'nested too deeply, or a number of too many digits')}")
            continue
        tracks = _first(playlist, _LISTS) if isinstance(playlist, dict) else None
        if isinstance(tracks, list):
            yield where, [_track(track) for track in tracks]
        else:
            reject(where, 'is no playlist: {"tracks": […]} is expected')


def _track(track: object) -> Track:
    if isinstance(track, dict):
        return _first(track, _TITLES), _first(track, _ARTISTS)
    return split_artist(track) if isinstance(track, str) else (track, None)


def _first(values: dict[str, Any], names: Sequence[str]) -> object:
    return next((values[name] for name in names if values.get(name) is not None), None)


JSON_LINES = Format((".jsonl", ".ndjson", ".json"), sniff, read)
