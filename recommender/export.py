"""Export: a list of songs as CSV, JSON, M3U8, JSPF or plain text, and links that search for a song.

What is written is read again by `recommender.read_playlist`, and as a dataset by `recommender import`. A song's id
goes along wherever the format has a place for it: `song_id` in CSV, `id` in JSON; M3U8 has `song:3822` where the path
of a file would be, JSPF has it as the track's identifier. An M3U8 names songs and holds no music. In plain text songs
of one title and artist cannot be told apart.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from recommender.catalogue import UNKNOWN, Song
from recommender.datasets.formats import dashed, named, one_line, song_uri
from recommender.errors import RecommenderError
from recommender.files import adding

_SERVICES = {
    "spotify": "https://open.spotify.com/search/",
    "youtube": "https://www.youtube.com/results?search_query=",
    "apple": "https://music.apple.com/search?term=",
    "deezer": "https://www.deezer.com/search/",
    "musicbrainz": "https://musicbrainz.org/search?type=recording&query=",
}


def _csv(songs: Sequence[Song], name: str) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["song_id", "title", "artist"])
    table.writerows([song.id, *_named(song)] for song in songs)
    return out.getvalue()


def _json(songs: Sequence[Song], name: str) -> str:
    tracks = [{"id": song.id} | dict(zip(("title", "artist"), _named(song), strict=True)) for song in songs]
    return _dumped(({"name": one_line(name)} if name else {}) | {"tracks": tracks})


def _m3u8(songs: Sequence[Song], name: str) -> str:
    entries = [f"#EXTINF:-1,{dashed(*_named(song))}\n{song_uri(song.id)}\n" for song in songs]
    return "".join(["#EXTM3U\n", f"#PLAYLIST:{one_line(name)}\n" if name else "", *entries])


def _jspf(songs: Sequence[Song], name: str) -> str:
    tracks = []
    for song in songs:
        title, artist = _named(song)
        creator = {"creator": artist} if artist else {}
        tracks.append({"title": title} | creator | {"identifier": [song_uri(song.id)]})
    title_ = {"title": one_line(name)} if name else {}
    return _dumped({"playlist": title_ | {"track": tracks}})


def _text(songs: Sequence[Song], name: str) -> str:
    return "".join(f"{dashed(*_named(song))}\n" for song in songs)


EXPORTS: Mapping[str, Callable[[Sequence[Song], str], str]] = {
    ".csv": _csv,
    ".json": _json,
    ".m3u8": _m3u8,
    ".jspf": _jspf,
    ".txt": _text,
}
"""By the ending of a file's name, what makes its text of songs and the name of their list, which may be ""."""


def write_playlist(path: str | os.PathLike[str], songs: Sequence[Song], name: str = "", *, force: bool = False) -> None:
    """Write songs as the ending of the path says (see `EXPORTS`), as UTF-8, whole or not at all.

    force : replace a file that is there

    Raises RecommenderError where it may not or cannot be written.
    """
    place = Path(path)
    check_export(place, force=force)
    with adding(place.resolve().parent) as new:
        (new / place.resolve().name).write_bytes(EXPORTS[place.suffix.lower()](songs, name).encode(errors="replace"))


def check_export(path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Raise RecommenderError if songs may not be written there; worth asking before a long answer."""
    place = Path(path)
    if place.suffix.lower() not in EXPORTS:
        raise RecommenderError(f"{place}: its ending says no known format; end it in {', '.join(EXPORTS)}")
    if not place.parent.is_dir():
        raise RecommenderError(f"{place}: there is no folder {place.parent}; make it, or choose another place")
    if place.is_dir():
        raise RecommenderError(f"{place} is a folder; give the name of a file")
    if place.exists() and not force:
        raise RecommenderError(f"{place} is there already; give another name, or --force to replace it")


def links(song: Song) -> dict[str, str]:
    """An address by service that searches for the song there; {} for one without title and artist.

    >>> links(Song(0, "Déjà Vu / 夜", "AC&DC"))["deezer"]
    'https://www.deezer.com/search/AC%26DC%20D%C3%A9j%C3%A0%20Vu%20%2F%20%E5%A4%9C'
    """
    title, artist = _named(song)
    words = quote(" ".join(text for text in (artist, title) if text not in ("", UNKNOWN)), safe="")
    return {service: address + words for service, address in _SERVICES.items()} if words else {}


def _named(song: Song) -> tuple[str, str]:
    return named(song.title, song.artist)


def _dumped(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
