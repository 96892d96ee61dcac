"""Foreign formats: what each holds, that what is written in one comes back, and that any bytes are survived."""

import csv
import io
import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.datasets import formats
from recommender.datasets.formats import FormatError, JsonStream
from recommender.datasets.importing import import_playlists
from recommender.datasets.matching import key
from recommender.datasets.reading import FORMATS
from recommender.datasets.yes_com import read_folder
from recommender.errors import DataError

SUN, SEA = ("Here Comes the Sun", "The Beatles"), ("La Mer", "Charles Trenet")
A_SLICE = {
    "info": {"slice": "0-999", "version": "v1"},
    "playlists": [
        {
            "name": "Throwbacks",
            "pid": 0,
            "num_tracks": 2,
            "tracks": [
                {"pos": 0, "track_name": SUN[0], "artist_name": SUN[1], "track_uri": "spotify:track:1"},
                {"pos": 1, "track_name": SEA[0], "artist_name": SEA[1], "track_uri": "spotify:track:2"},
            ],
        },
        {"name": "One", "pid": 1, "tracks": [{"pos": 0, "track_name": SEA[0], "artist_name": SEA[1]}]},
    ],
}
AN_EXPORT = {
    "playlists": [
        {
            "name": "Meine",
            "lastModifiedDate": "2024-01-01",
            "items": [
                {"track": {"trackName": SUN[0], "artistName": SUN[1], "albumName": "Abbey Road"}, "episode": None},
                {"track": {"trackName": SEA[0], "artistName": SEA[1]}, "addedDate": "2024-01-01"},
            ],
        }
    ]
}


def playlists_in(folder: Path) -> list[list[tuple[str, str]]]:
    """The playlists of a dataset as titles and artists."""
    catalogue, train, _ = read_folder(folder)
    return [[(catalogue.titles[song], catalogue.artists[song]) for song in songs] for songs in train]


@pytest.fixture
def playlists(tmp_path):
    """The playlists that a file of this name and text imports to, and the summary."""

    def read(name: str, text: str | bytes, **options):
        source = tmp_path / name
        source.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = import_playlists(source, tmp_path / "dataset", **options)
        return playlists_in(tmp_path / "dataset"), done

    return read


@pytest.mark.parametrize(
    ("name", "text", "format", "expected"),
    [
        ("a.csv", "title,artist\nHere Comes the Sun,The Beatles\nLa Mer,Charles Trenet\n", "csv", [[SUN, SEA]]),
        ("a.tsv", "Track Name\tArtist Name(s)\nLa Mer\tCharles Trenet\n", "csv", [[SEA]]),
        ("a.txt", "Song;Performer;Year\rLa Mer;Charles Trenet;1946\r", "csv", [[SEA]]),
        (
            "a.csv",
            "playlist,pos,title,artist\nb,2,La Mer,Charles Trenet\na,1,La Mer,Charles Trenet\n"
            "b,1,Here Comes the Sun,The Beatles\n",
            "csv",
            [[SUN, SEA], [SEA]],
        ),
        (
            "a.csv",
            "title,artist,time\nLa Mer,Charles Trenet,2011-05-02 10:00\nHere Comes the Sun,The Beatles,2011-05-02\n",
            "csv",
            [[SUN, SEA]],
        ),
        (
            "itunes.txt",
            "Name\tArtist\tAlbum\tTime\tTrack Number\nLa Mer\tCharles Trenet\tX\t217\t9\n"
            "Here Comes the Sun\tThe Beatles\tAbbey Road\t185\t7\n",
            "csv",
            [[SEA, SUN]],
        ),
        ("a.jsonl", '{"name": "x", "tracks": [{"title": "La Mer", "artist": "Charles Trenet"}]}\n', "jsonl", [[SEA]]),
        (
            "a.json",
            '{"playlist":"x","songs":["The Beatles - Here Comes the Sun"]}\n\n'
            '{"songs":[{"track_name":"La Mer","artist_name":"Charles Trenet"}]}',
            "jsonl",
            [[SUN], [SEA]],
        ),
        (
            "a.json",
            json.dumps(
                {"name": "x", "tracks": [{"title": SUN[0], "artist": SUN[1]}, "Charles Trenet - La Mer"]}, indent=2
            ),
            "json",
            [[SUN, SEA]],
        ),
        ("mpd.slice.0-999.json", json.dumps(A_SLICE), "spotify", [[SUN, SEA], [SEA]]),
        ("mpd.slice.0-999.json", json.dumps(A_SLICE, indent=4), "spotify", [[SUN, SEA], [SEA]]),
        ("Playlist1.json", json.dumps(AN_EXPORT), "spotify", [[SUN, SEA]]),
        (
            "a.m3u",
            "#EXTM3U\n#PLAYLIST:Mine\n#EXTINF:185,The Beatles - Here Comes the Sun\nsun.mp3\n"
            '#EXTINF:-1 tvg-id="a,b",Charles Trenet - La Mer\nC:\\Music\\sea.mp3\n',
            "m3u",
            [[SUN, SEA]],
        ),
        (
            "a.m3u8",
            "/music/La Mer.mp3\nhttp://x.org/La%20Mer.ogg?id=1\n#EXTINF:9,\r\nOther.flac\n",
            "m3u",
            [[("La Mer", "-")] * 2 + [("Other", "-")]],
        ),
        (
            "shared.m3u",
            "#EXTINF:1,The Beatles – Here Comes the Sun\n#EXTINF:1,Charles Trenet - La Mer\n",
            "m3u",
            [[SUN, SEA]],
        ),
        (
            "a.jspf",
            '{"playlist": {"title": "x", "track": [{"title": "La Mer", "creator": "Charles Trenet", "album": ""}]}}',
            "jspf",
            [[SEA]],
        ),
    ],
)
def test_a_format_is_told_and_read(playlists, name, text, format, expected):
    found, done = playlists(name, text)
    assert (found, dict(done.formats), done.rejected) == (expected, {format: 1}, 0)


def test_tracks_of_a_slice_are_put_in_order_of_pos(playlists):
    tracks = A_SLICE["playlists"][0]["tracks"][::-1]
    assert playlists("a.json", json.dumps({"playlists": [{"tracks": tracks}]}))[0] == [[SUN, SEA]]


def test_columns_may_be_given(playlists):
    columns = {"playlist": "Liste", "title": "Titel", "artist": "INTERPRET", "position": "Nr"}
    text = "Titel,Interpret,Liste,Nr,name\nLa Mer,Charles Trenet,a,2,x\nHere Comes the Sun,The Beatles,a,1,y\n"
    assert playlists("a.csv", text, columns=columns)[0] == [[SUN, SEA]]


def test_a_column_that_is_not_there_is_named(playlists):
    with pytest.raises(DataError, match=r"line 1 has no column called 'Sänger' among 'title, artist'; .*--artist-colu"):
        playlists("a.csv", "title,artist\nLa Mer,Charles Trenet\n", columns={"artist": "Sänger"})


def test_a_table_without_an_artist_says_which_columns_it_has(playlists):
    with pytest.raises(
        DataError, match=r"line 2 has no column for the artist among 'title, Sänger'; name it with --artist-column"
    ):
        playlists("a.csv", "\ntitle,Sänger\nLa Mer,Charles Trenet\n")


def test_a_column_of_another_kind_is_the_programmers_fault(playlists):
    with pytest.raises(ValueError, match="columns may be of playlist, position, title, artist, got album"):
        playlists("a.csv", "title,artist\na,b\n", columns={"album": "x"})


def test_quotes_commas_and_line_ends_in_a_field_are_read(playlists):
    found, _ = playlists("a.csv", 'title,artist\r\n"Me, Myself ""and"" I",De La Soul\r\n"Two\r\nlines",X\r\n')
    assert found == [[('Me, Myself "and" I', "De La Soul"), ("Two lines", "X")]]


@pytest.mark.parametrize(
    ("row", "title"), [('"Weird Al" Song', '"Weird Al" Song'), ('"Heroes', '"Heroes'), ('12" Mix', '12" Mix')]
)
def test_a_quotation_mark_that_breaks_the_rules_is_text_and_swallows_nothing(playlists, row, title):
    found, done = playlists("a.tsv", f'title\tartist\n{row}\tX\n"Y"\tZ\nLa Mer\tCharles Trenet\n')
    assert (found, done.rejected) == ([[(title, "X"), ("Y", "Z"), SEA]], 0)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "title,artist\nLa Mer\n", "line 2 has 1 fields, the header has 2"),
        ("a.csv", "title,artist\nMe, Myself and I,De La Soul\n", "line 2 has 3 fields, the header has 2"),
        ("a.csv", "title,artist\n ,Charles Trenet\n", "line 2 has no title"),
        ("a.csv", "pid,title,artist\n,La Mer,x\n", "line 2 has no playlist"),
        ("a.csv", "pos,title,artist\n3:45,La Mer,x\n", "line 2 has the position '3:45', a number or a date is expec"),
        ("a.csv", "pos,title,artist\n" + "1" * 101 + ",La Mer,x\n", "line 2 has the position '1111"),
        ("a.csv", "pos,title,artist\nnan,La Mer,x\n", "line 2 has the position 'nan'"),
        ("a.csv", "title,artist\n" + "x" * 2000 + ",x\n", "track 1 has a title of 2,000 characters, more than 1,000"),
        ("a.csv", "title,artist\n", "a.csv: has no playlists"),
        ("a.jsonl", '{"tracks": [\n', "line 1 is no JSON: Expecting value"),
        ("a.jsonl", '{"tracks": [' + "[" * 100_000 + "\n", "line 1 is no JSON: nested too deeply"),
        ("a.jsonl", '{"tracks": [' + "9" * 5000 + "]}\n", "a number of too many digits"),
        ("a.jsonl", '\n{"track": []}\n', 'line 2 is no playlist: {"tracks": […]} is expected'),
        ("a.jsonl", "7\n", "line 1 is no playlist"),
        ("a.jsonl", '{"tracks": []}\n', "line 1 has no songs"),
        ("a.jsonl", '{"tracks": [{"title": ["x"]}]}\n', "line 1, track 1 has a list for its title"),
        ("a.jsonl", '{"tracks": [null]}\n', "line 1, track 1 has no title"),
        ("a.jsonl", '{"tracks": [NaN]}\n', "line 1, track 1 has a float for its title"),
        ("a.jsonl", r'{"tracks": ["\ud83d"]}' + "\n", "track 1 has half a character (a lone surrogate) in its title"),
        ("a.json", '{"playlists": [{"name": "x"}]}', 'playlist 1 has neither "tracks" nor "items"'),
        ("a.json", '{"playlists": [{"items": [{"track": null}]}]}', "playlist 1, track 1 has no title"),
        ("a.json", '{"playlists": []}', "a.json: has no playlists"),
        ("a.json", '{"playlists": [' + "[" * 100_000, "line 1 is no JSON: nested too deeply"),
        ("a.json", '{"playlists": [' + "9" * 5000 + "]}", "line 1 is no JSON: a number of too many digits"),
        ("a.json", '{"playlists": [\n{"tracks": [}]}', "line 2 is no JSON: Expecting value"),
        ("a.json", '{"playlists": [\n\n{"tracks": ["', "line 3 is no JSON: Unterminated string starting at"),
        ("a.json", '{"a" 5, "playlists": []}', "line 1 is no JSON: : is expected"),
        ("a.json", '{"playlists": []} x', "line 1 is no JSON: more text after the end"),
        ("a.json", '{5: 6, "playlists": []}', "line 1 is no JSON: a name is expected"),
        ("a.jspf", '{"playlist": {"track": 5}}', 'a.jspf: is no JSPF: {"playlist": {"track": […]}} is expected'),
        ("a.jspf", '{"playlist": {"track": []}}', "a.jspf: has no songs"),
        ("a.jspf", '{"playlist": {"track": [[]]}}', "track 1 has a list for its title"),
        ("a.jspf", "", "line 1 is no JSON: Expecting value"),
        ("a.m3u", "#EXTM3U\n", "a.m3u: has no songs"),
        ("a.m3u", "#EXTINF:12 La Mer\n", "line 1 is '#EXTINF:12 La Mer', expected #EXTINF:seconds,Artist - Title"),
    ],
)
def test_what_is_wrong_is_said_by_file_and_place(playlists, name, text, said):
    with pytest.raises(DataError) as raised:
        playlists(name, text)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_title_that_json_has_as_a_number_is_a_title(playlists):
    found, _ = playlists("a.jsonl", '{"tracks": [{"title": 1979, "artist": "The Smashing Pumpkins"}]}')
    assert found == [[("1979", "The Smashing Pumpkins")]]


def test_playlists_before_broken_json_are_kept(playlists):
    found, done = playlists("a.json", json.dumps(A_SLICE)[:-30])
    assert (found, done.rejected) == ([[SUN, SEA]], 1)


def test_what_else_a_slice_holds_is_passed_over(playlists):
    text = '{"a": {"playlists": [1]}, "b": [], "playlists": ' + json.dumps(A_SLICE["playlists"]) + ', "c": -1.5e3}'
    assert playlists("a.json", text)[0] == [[SUN, SEA], [SEA]]


@settings(max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), st.lists))
def test_json_is_read_alike_in_pieces_of_any_size(value):
    text = json.dumps({"x": value, "playlists": [value, [value], value]})
    for piece in (1, 2, 7, 1000):
        stream = JsonStream(_Pieces(text, piece))
        assert list(stream.elements("playlists")) == [value, [value], value]


class _Pieces(io.StringIO):
    """A text that gives no more than a few characters at a time."""

    def __init__(self, text: str, size: int) -> None:
        super().__init__(text)
        self._size = size

    def read(self, size: int | None = -1, /) -> str:
        return super().read(self._size)


def test_a_text_may_be_long_but_not_a_value_or_a_line(monkeypatch):
    monkeypatch.setattr(formats, "LONGEST", 1000)
    monkeypatch.setattr(formats, "_CHUNK", 100)
    text = json.dumps({"playlists": ["x" * 500] * 50})
    assert len(list(JsonStream(io.StringIO(text)).elements("playlists"))) == 50
    with pytest.raises(FormatError, match="a value of more than 1,000 characters"):
        JsonStream(io.StringIO('"' + "x" * 5000)).whole()
    with pytest.raises(FormatError, match="is longer than 1,000 characters"):
        list(formats.lines(io.StringIO("x" * 5000)))


# Round trips

_LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
TITLES = st.text(_LETTERS, min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool)
ARTISTS = (TITLES | st.just("")).filter(lambda text: not any(dash in text for dash in "-–—"))


def key_of(song: tuple[str, str]) -> tuple[str, str]:
    return key(*song)


SONGS = st.lists(st.tuples(TITLES, ARTISTS), min_size=1, max_size=8, unique_by=key_of)


def fits(song: tuple[str, str], writer: str) -> bool:
    """A title alone must not look like artist and title where both are one text."""
    title, artist = song
    return bool(artist) or not (writer in ("m3u", "json lines of texts") and any(dash in title for dash in "-–—"))


@st.composite
def several_playlists(draw, writer: str) -> list[list[tuple[str, str]]]:
    """Playlists over a few songs that are all different and that a format can hold."""
    songs = draw(SONGS.map(lambda songs: [song for song in songs if fits(song, writer)]).filter(bool))
    return draw(st.lists(st.lists(st.sampled_from(songs), min_size=1, max_size=6), min_size=1, max_size=5))


def dashed(title: str, artist: str) -> str:
    return f"{artist} - {title}" if artist else title


def as_table(playlists, delimiter, line_end):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(["Artist", "PID", "Title", "Position"])
    rows = [(n, p, track) for p, tracks in enumerate(playlists) for n, track in enumerate(tracks)]
    rows = [row for row in rows if not row[0]] + [row for row in rows[::-1] if row[0]]  # all but the first upside down
    writer.writerows([artist, f"p{p}", title, n] for n, p, (title, artist) in rows)
    return {"a.csv": out.getvalue()}


def as_tables(playlists):
    return {
        f"{p}.csv": "title,artist\n" + "".join(f'"{_quoted(t)}","{_quoted(a)}"\n' for t, a in tracks)
        for p, tracks in enumerate(playlists)
    }


def _quoted(text):
    return text.replace('"', '""')


def as_m3u(playlists):
    head = "#EXTM3U\n#PLAYLIST:Mine\n"
    return {
        f"{p}.m3u8": head + "".join(f"#EXTINF:{n},{dashed(*track)}\n{n}.mp3\n" for n, track in enumerate(tracks))
        for p, tracks in enumerate(playlists)
    }


def as_json_lines(playlists, texts):
    tracks = [[dashed(*track) if texts else {"title": track[0], "artist": track[1]} for track in p] for p in playlists]
    return {"a.jsonl": "".join(json.dumps({"playlist": "x", "tracks": t}, ensure_ascii=texts) + "\n" for t in tracks)}


def as_slice(playlists):
    tracks = [[{"pos": n, "track_name": t, "artist_name": a} for n, (t, a) in enumerate(p)] for p in playlists]
    value = {"info": {}, "playlists": [{"pid": n, "tracks": t} for n, t in enumerate(tracks)]}
    return {"a.json": json.dumps(value, indent=2)}


def as_export(playlists):
    items = [[{"track": {"trackName": t, "artistName": a}, "episode": None} for t, a in p] for p in playlists]
    return {"a.json": json.dumps({"playlists": [{"name": "x", "items": i} for i in items]}, ensure_ascii=False)}


def as_jspf(playlists):
    return {
        f"{p}.jspf": json.dumps({"playlist": {"track": [{"title": t, "creator": a} for t, a in tracks]}})
        for p, tracks in enumerate(playlists)
    }


WRITERS = {
    "comma": lambda playlists: as_table(playlists, ",", "\n"),
    "tab": lambda playlists: as_table(playlists, "\t", "\r\n"),
    "semicolon": lambda playlists: as_table(playlists, ";", "\r"),
    "a table each": as_tables,
    "m3u": as_m3u,
    "json lines of objects": lambda playlists: as_json_lines(playlists, texts=False),
    "json lines of texts": lambda playlists: as_json_lines(playlists, texts=True),
    "slice": as_slice,
    "export": as_export,
    "jspf": as_jspf,
}


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=60)
@given(st.data(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
def test_playlists_written_in_a_format_come_back(writer, data, encoding, zipped):
    written = data.draw(several_playlists(writer))
    with TemporaryDirectory() as scratch:
        source = Path(scratch, "playlists")
        files = {name: text.encode(encoding) for name, text in WRITERS[writer](written).items()}
        if zipped:
            with zipfile.ZipFile(source, "w") as archive:
                for name, content in files.items():
                    archive.writestr(name, content)
        else:
            source.mkdir()
            for name, content in files.items():
                (source / name).write_bytes(content)
        done = import_playlists(source, Path(scratch, "dataset"), strict=True)
        expected = [[(title, artist or "-") for title, artist in tracks] for tracks in written]
        assert playlists_in(Path(scratch, "dataset")) == expected
    assert (done.playlists, done.plays, done.rejected) == (len(written), sum(map(len, written)), 0)


# Any bytes at all

SAMPLES = [text.encode() for w in WRITERS.values() for text in w([[SUN, SEA], [SEA]]).values()]
NAMES = ("a", "a.csv", "a.tsv", "a.jsonl", "a.json", "a.jspf", "a.m3u", "a.zip")
BYTES = b'\0 \xff\xfe \xef\xbb\xbf \xd8\x3d " \' \n \r \t , { [ } ] NaN 1e999 null #EXTINF: "\\ud83d"'.split(b" ")
LONG = [b"[" * 3000, b"9" * 5000, b"\xcc\x81" * 50, b"x" * 200_000]


@st.composite
def damaged(draw) -> bytes:
    """A sound file with a few bytes exchanged, cut off, or repeated."""
    content = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
        end = min(end, start + draw(st.sampled_from([0, 1, 20, 10_000])))
        content = (
            content[:start]
            + draw(st.sampled_from(BYTES + LONG) | st.binary(max_size=10) | st.just(content[start:end] * 2))
            + content[end:]
        )
    return content


def survives(name: str, content: bytes, **options) -> None:
    """An import ends in a sound dataset or in a DataError of one line that can be printed."""
    with TemporaryDirectory() as scratch:
        source, target = Path(scratch, name), Path(scratch, "dataset")
        source.write_bytes(content)
        try:
            done = import_playlists(source, target, **options)
        except DataError as error:
            said = [str(error)]
            assert not target.exists()
        else:
            said = [str(rejection) for rejection in done.rejections]
            catalogue, train, _ = read_folder(target)
            assert (len(catalogue), len(train), train.n_plays) == (done.songs, done.playlists, done.plays)
        assert all(text.isprintable() for text in said)
        assert {path.name for path in Path(scratch).iterdir()} <= {name, "dataset"}


@pytest.mark.parametrize("format", [*FORMATS, None])
@settings(max_examples=100)
@given(content=damaged() | st.binary(max_size=300), name=st.sampled_from(NAMES), strict=st.booleans())
def test_damaged_files_are_survived(format, content, name, strict):
    survives(name, content, format=format, strict=strict)


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(SUN[0]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["playlists", "playlist", "tracks", "track", "items", "songs", "title", "track_name", "pos"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    ),
    st.sampled_from(["jspf", "spotify", "jsonl", None]),
)
def test_json_of_any_shape_is_survived(value, format):
    survives("a.json", json.dumps(value).encode(), format=format)


@settings(max_examples=100)
@given(damaged(), st.sampled_from(["latin-1", "utf-16", "shift_jis", "utf-7", "idna", "undefined", "hex", "a\0b", "ä"]))
def test_any_declared_encoding_is_survived(content, encoding):
    survives("a.csv", content, encoding=encoding)


@settings(max_examples=150)
@given(st.data())
def test_damaged_zips_are_survived(data):
    out = io.BytesIO()
    with zipfile.ZipFile(
        out, "w", data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA]))
    ) as archive:
        for number, content in enumerate(SAMPLES[:3]):
            archive.writestr(f"{number}.csv", content)
    content = bytearray(out.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    survives("a.zip", bytes(content[: data.draw(st.integers(4, len(content)))]))
