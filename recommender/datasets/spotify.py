"""Spotify: slices of the Million Playlist Dataset, and the `Playlist*.json` of an account's own export.

    {"info": {…}, "playlists": [{"name": …, "tracks": [{"pos": 0, "track_name": …, "artist_name": …}]}]}
    {"playlists": [{"name": …, "items": [{"track": {"trackName": …, "artistName": …}}]}]}

Both are read a playlist at a time. Podcasts and local files of an export have no track and are rejected.
Source: Chen et al., RecSys Challenge 2018, doi:10.1145/3240323.3240342.
"""

import re
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, TextIO

from recommender.datasets.formats import Format, JsonStream, Playlist, Reject, Track

_PLAYLISTS = re.compile(r'"playlists"\s*:\s*\[')


def sniff(head: str, name: str) -> bool:
    """By the list called playlists."""
    return head.lstrip().startswith("{") and bool(_PLAYLISTS.search(head))


def read(text: TextIO, columns: Mapping[str, str], reject: Reject) -> Iterator[Playlist]:
    """The playlists of the file, their tracks by `pos` where all have one."""
    for number, playlist in enumerate(JsonStream(text).elements("playlists"), 1):
        match playlist:
            case {"tracks": [*tracks]}:
                yield f"playlist {number}", [_of_dataset(track) for track in _in_order(tracks)]
            case {"items": [*items]}:
                yield f"playlist {number}", [_of_export(item) for item in items]
            case _:
                reject(f"playlist {number}", 'has neither "tracks" nor "items"')


def _in_order(tracks: list[Any]) -> list[Any]:
    try:
        return sorted(tracks, key=itemgetter("pos"))
    except (KeyError, TypeError):
        return tracks


def _of_dataset(track: object) -> Track:
    return Track(track.get("track_name"), track.get("artist_name")) if isinstance(track, dict) else Track(track)


def _of_export(item: object) -> Track:
    track = item.get("track") if isinstance(item, dict) else item
    return Track(track.get("trackName"), track.get("artistName")) if isinstance(track, dict) else Track(track)


SPOTIFY = Format((".json",), sniff, read)
