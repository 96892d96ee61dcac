"""JSON Lines: a playlist a line; and JSON: one playlist over as many lines as it takes.

    {"name": "Morning", "tracks": [{"title": "Here Comes the Sun", "artist": "The Beatles"}, "Queen - Innuendo"]}

The list may be called songs, a title track_name or name, an artist artist_name; a text is "Artist - Title". A
song's `id` is that of the catalogue it was written from.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from recommender.datasets.formats import Format, FormatError, JsonStream, Playlist, Reject, Track, lines, split_artist

_LISTS, _TITLES, _ARTISTS = ("tracks", "songs"), ("title", "track_name", "name"), ("artist", "artist_name")
_EXPECTED = 'is no playlist: {"tracks": […]} is expected'
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
        tracks = _tracks(playlist)
        if tracks is None:
            reject(where, _EXPECTED)
        else:
            yield where, tracks


def sniff_whole(head: str, name: str) -> bool:
    """By an object with tracks."""
    return head.lstrip().startswith("{") and bool(_TRACKS.search(head))


def read_whole(text: TextIO, columns: Mapping[str, str], reject: Reject) -> Iterator[Playlist]:
    """The one playlist of the file."""
    tracks = _tracks(JsonStream(text).whole())
    if tracks is None:
        raise FormatError("", _EXPECTED)
    yield "", tracks


def _tracks(playlist: object) -> list[Track] | None:
    """The tracks of a playlist; None for what is no playlist."""
    tracks = _first(playlist, _LISTS) if isinstance(playlist, dict) else None
    return [_track(track) for track in tracks] if isinstance(tracks, list) else None


def _track(track: object) -> Track:
    if isinstance(track, dict):
        return Track(_first(track, _TITLES), _first(track, _ARTISTS), track.get("id"))
    return split_artist(track) if isinstance(track, str) else Track(track)


def _first(values: dict[str, Any], names: Sequence[str]) -> object:
    return next((values[name] for name in names if values.get(name) is not None), None)


JSON_LINES = Format((".jsonl", ".ndjson", ".json"), sniff, read)
JSON = Format((".json",), sniff_whole, read_whole)
