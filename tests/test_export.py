"""Export and import back: every format, every alphabet, and what a person can do wrong."""

import csv
import json
import re
import urllib.parse
from pathlib import Path
from tempfile import TemporaryDirectory

import jsonschema
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recommender import EXPORTS, Run, Song, links, read_playlist, suggestions, write_playlist
from recommender.catalogue import Catalogue
from recommender.cli import cli
from recommender.datasets import load
from recommender.datasets.importing import import_playlists
from recommender.errors import DataError, RecommenderError
from tests.test_import_formats import playlists_in

# Every value that is an address is one by RFC 3986; written after https://www.xspf.org/spec and https://www.xspf.org/jspf
URI = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$"}
TEXT = {"type": "string"}
PAIRS = {"type": "array", "items": {"type": "object", "minProperties": 1, "maxProperties": 1}}
EXTENSION = {"type": "object", "propertyNames": URI, "additionalProperties": {"type": "array"}}
EVERYWHERE = {
    **dict.fromkeys(("title", "creator", "annotation"), TEXT),
    **dict.fromkeys(("info", "image"), URI),
    **dict.fromkeys(("link", "meta"), PAIRS),
    "extension": EXTENSION,
}
TRACK = {
    "type": "object",
    "additionalProperties": False,
    "properties": EVERYWHERE
    | {
        **{name: {"type": "array", "items": URI} for name in ("location", "identifier")},
        **{name: {"type": "integer", "minimum": 0} for name in ("trackNum", "duration")},
        "album": TEXT,
    },
}
JSPF = {
    "type": "object",
    "required": ["playlist"],
    "additionalProperties": False,
    "properties": {
        "playlist": {
            "type": "object",
            "required": ["track"],
            "additionalProperties": False,
            "properties": EVERYWHERE
            | {
                **dict.fromkeys(("location", "identifier", "license"), URI),
                "date": TEXT,
                "attribution": PAIRS,
                "track": {"type": "array", "items": TRACK},
            },
        }
    },
}


def catalogue_with(songs: list[tuple[str, str]], plays: list[int] | None = None) -> Catalogue:
    """Songs of these titles and artists; their ids are 10, 17, 24, …"""
    titles, artists = zip(*songs, strict=True)
    ids = np.arange(len(songs)) * 7 + 10
    return Catalogue(ids, titles, artists, [()] * len(songs), np.array(plays or [0] * len(songs)))


def read(folder: Path, name: str, text: str | bytes, catalogue: Catalogue):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_playlist(folder / name, catalogue)


# Round trips

MARKS = [
    " - ",
    "-",
    " – ",
    '"',
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "#",
    "<b>",
    "/",
    "\\",
    "&",
    "'",
    "{",
    "%2F",
    " feat. ",
    "(Live)",
]
LETTERS = [
    "a",
    "A",
    "é",
    "e\u0301",
    "ß",
    "夜",
    "שלום",
    "مرحبا",
    "\u202e",
    "Ж",
    "ไทย",
    "👩‍🎤",
    "🎵",
    "1",
    "\ufeff",
    "\u2028",
]
NAMES = st.just("-") | st.lists(st.sampled_from(MARKS + LETTERS) | st.text(max_size=4), min_size=1, max_size=5).map(
    "".join
)
CATALOGUES = st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=6).flatmap(
    lambda songs: st.lists(st.sampled_from(songs), min_size=1, max_size=8)  # several of one title and artist
)


def written_and_read(catalogue: Catalogue, rows: list[int], ending: str, name: str):
    with TemporaryDirectory() as folder:
        path = Path(folder, f"list{ending}")
        write_playlist(path, [catalogue[row] for row in rows], name)
        return read_playlist(path, catalogue)


@pytest.mark.parametrize("ending", [ending for ending in EXPORTS if ending != ".txt"])
@settings(max_examples=100)
@given(CATALOGUES, st.data(), NAMES)
@example([("-", "-"), ("-", "-")], None, "-")
@example([("T", "A - B"), ("B - T", "A")], None, "")
@example([("-", "- -"), ("-", "-")], None, "")
def test_what_is_exported_imports_again_to_the_same_songs(ending, songs, data, name):
    catalogue = catalogue_with(songs)
    places = st.integers(0, len(songs) - 1)
    rows = data.draw(st.lists(places, min_size=1, max_size=10)) if data else [1, 0, 1]
    found = written_and_read(catalogue, rows, ending, name)
    assert (list(found.rows), found.missing, found.rejections) == (rows, (), ())


def on_one_line(text: str) -> str:
    return " ".join(re.sub("[\0-\x1f\x7f-\x9f\ufeff]", " ", text).split())


def as_text(song: tuple[str, str]) -> str:
    title, artist = map(on_one_line, song)
    line = f"{artist} - {title or '-'}" if artist not in ("", "-") else title or "-"
    return re.sub(" [–—] ", " - ", line).casefold()


@settings(max_examples=200)
@given(CATALOGUES, st.lists(st.integers(0, 9), min_size=8, max_size=8))
def test_a_line_of_text_is_the_song_played_most_of_those_written_so(songs, plays):
    catalogue = catalogue_with(songs, plays[: len(songs)])
    found = written_and_read(catalogue, list(range(len(songs))), ".txt", "")
    lines = [as_text(song) for song in songs]
    best = {line: min((-plays[row], row) for row, other in enumerate(lines) if other == line)[1] for line in lines}
    assert list(found.rows) == [best[line] for line in lines if line != "-"]
    assert found.missing == (("-", ""),) * lines.count("-")


@pytest.mark.parametrize("ending", [ending for ending in EXPORTS if ending != ".txt"])
def test_what_is_exported_is_a_dataset_of_those_songs(ending, tmp_path):
    songs = [
        ("La Mer", "Charles Trenet"),
        ("夜に駆ける", "YOASOBI"),
        ('Say "Hi", #1 / 2', "A <b> & C"),
        ("Untitled", "-"),
    ]
    write_playlist(tmp_path / f"list{ending}", list(catalogue_with(songs)), "mine")
    import_playlists(tmp_path / f"list{ending}", tmp_path / "dataset", strict=True)
    assert playlists_in(tmp_path / "dataset") == [songs]


@pytest.mark.parametrize("name", ["yes_small", "yes_big"])
@pytest.mark.parametrize("ending", EXPORTS)
def test_every_song_of_the_real_catalogues_comes_back(real, ending, name, tmp_path):
    catalogue = load(name, real).catalogue
    write_playlist(tmp_path / f"all{ending}", list(catalogue))
    found = read_playlist(tmp_path / f"all{ending}", catalogue)
    if ending != ".txt":
        assert found.rows == tuple(range(len(catalogue)))
    texts = [as_text((song.title, song.artist)) for song in catalogue]
    unknown = texts.count("-")
    assert [texts[row] for row in found.rows if texts[row] != "-"] == [text for text in texts if text != "-"]
    assert len(found.missing) == (unknown if ending == ".txt" else 0)


# What is written

TWO = [Song(3822, "Billie Jean", "Michael Jackson"), Song(7, "Untitled", "-")]


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (".csv", "song_id,title,artist\n3822,Billie Jean,Michael Jackson\n7,Untitled,\n"),
        (
            ".m3u8",
            "#EXTM3U\n#PLAYLIST:Two\n#EXTINF:-1,Michael Jackson - Billie Jean\nsong:3822\n"
            "#EXTINF:-1,Untitled\nsong:7\n",
        ),
        (".txt", "Michael Jackson - Billie Jean\nUntitled\n"),
    ],
)
def test_a_list_as_text(ending, text):
    assert EXPORTS[ending](TWO, "Two") == text


def test_a_list_as_json():
    assert json.loads(EXPORTS[".json"](TWO, "Two")) == {
        "name": "Two",
        "tracks": [
            {"id": 3822, "title": "Billie Jean", "artist": "Michael Jackson"},
            {"id": 7, "title": "Untitled", "artist": ""},
        ],
    }


def test_a_list_as_jspf():
    assert json.loads(EXPORTS[".jspf"](TWO, "Two")) == {
        "playlist": {
            "title": "Two",
            "track": [
                {"title": "Billie Jean", "creator": "Michael Jackson", "identifier": ["song:3822"]},
                {"title": "Untitled", "identifier": ["song:7"]},
            ],
        }
    }


@given(CATALOGUES, NAMES)
def test_jspf_keeps_to_its_schema(songs, name):
    jsonschema.validate(json.loads(EXPORTS[".jspf"](list(catalogue_with(songs)), name)), JSPF)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"playlist": {}},
        {"playlist": {"track": [{"identifier": "song:1"}]}},
        {"playlist": {"track": [{"identifier": ["1"]}]}},
    ],
)
def test_the_schema_of_jspf_refuses_what_is_wrong(wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, JSPF)


@given(CATALOGUES)
def test_a_csv_is_read_by_any_reader_of_csv(songs):
    rows = list(csv.reader(EXPORTS[".csv"](list(catalogue_with(songs)), "").splitlines()))
    assert [len(row) for row in rows] == [3] * (len(songs) + 1)


@given(CATALOGUES, NAMES)
def test_an_m3u8_has_two_lines_a_song(songs, name):
    _, *lines = EXPORTS[".m3u8"](list(catalogue_with(songs)), name)[:-1].split("\n")
    lines = lines[1:] if lines[0].startswith("#PLAYLIST:") else lines
    assert all(line.startswith("#EXTINF:-1,") for line in lines[::2])
    assert lines[1::2] == [f"song:{7 * row + 10}" for row in range(len(songs))]


# Links


@given(NAMES, NAMES)
def test_a_link_asks_for_artist_and_title(title, artist):
    words = " ".join(text for text in map(on_one_line, (artist, title)) if text not in ("", "-"))
    for service, address in links(Song(0, title, artist)).items():
        assert re.fullmatch(URI["pattern"], address)
        parts = urllib.parse.urlsplit(address)
        asked = parts.query.rpartition("=")[2] if parts.query else parts.path.rpartition("/")[2]
        assert urllib.parse.unquote(asked) == words, service


def test_every_service_is_linked():
    assert links(Song(0, "夜 & Day", "Ж/")) == {
        "spotify": "https://open.spotify.com/search/%D0%96%2F%20%E5%A4%9C%20%26%20Day",
        "youtube": "https://www.youtube.com/results?search_query=%D0%96%2F%20%E5%A4%9C%20%26%20Day",
        "apple": "https://music.apple.com/search?term=%D0%96%2F%20%E5%A4%9C%20%26%20Day",
        "deezer": "https://www.deezer.com/search/%D0%96%2F%20%E5%A4%9C%20%26%20Day",
        "musicbrainz": "https://musicbrainz.org/search?type=recording&query=%D0%96%2F%20%E5%A4%9C%20%26%20Day",
    }


def test_a_song_without_title_and_artist_has_no_links():
    assert links(Song(0, "-", "-")) == {}


# Files from elsewhere

SUN, SEA = ("Here Comes the Sun", "The Beatles"), ("La Mer", "Charles Trenet")


@pytest.mark.parametrize(
    "line",
    [
        "The Beatles - Here Comes the Sun",
        "the beatles – HERE COMES THE SUN!",
        "The Beatles - Here Comes The Sun - Remastered 2009",
        "The Beatles feat. Nobody - Here Comes the Sun",
    ],
)
def test_a_song_is_found_by_title_and_artist(line, tmp_path):
    assert read(tmp_path, "a.txt", line, catalogue_with([SEA, SUN])).rows == (1,)


def test_what_is_written_just_so_is_preferred(tmp_path):
    songs = [("Help!", "The Beatles"), ("Help", "The Beatles"), ("Help (Live)", "The Beatles")]
    text = "The Beatles - Help\nThe Beatles - Help!\nThe Beatles - Help - Live"
    assert read(tmp_path, "a.txt", text, catalogue_with(songs, [9, 1, 1])).rows == (1, 0, 2)


def test_an_id_of_another_catalogue_is_not_believed(tmp_path):
    text = "song_id,title,artist\n10,La Mer,Charles Trenet\n10,Innuendo,Queen\n10,Here Comes The Sun,Beatles The\n"
    found = read(tmp_path, "a.csv", text, catalogue_with([SUN, SEA]))
    assert (found.rows, found.missing) == ((1,), (("Innuendo", "Queen"), ("Here Comes The Sun", "Beatles The")))


@pytest.mark.parametrize("number", [True, 10.0, "ten", "²", "9" * 30, -1, None, [10], 11])
def test_an_id_that_is_none_leaves_title_and_artist(number, tmp_path):
    text = json.dumps({"tracks": [{"id": number, "title": SUN[0], "artist": SUN[1]}]})
    assert read(tmp_path, "a.json", text, catalogue_with([SEA, SUN])).rows == (1,)


def test_identifiers_of_others_are_passed_over(tmp_path):
    tracks = [
        {"title": SUN[0], "creator": SUN[1], "identifier": uris}
        for uris in ("https://musicbrainz.org/recording/1", [5, "isrc:1", "song:17"], "song:17", {})
    ]
    catalogue = catalogue_with([SUN, SUN], [1, 0])
    assert read(tmp_path, "a.jspf", json.dumps({"playlist": {"track": tracks}}), catalogue).rows == (0, 1, 1, 0)


def test_a_path_that_is_called_by_artist_and_title_is_found(tmp_path):
    assert read(tmp_path, "a.m3u", "C:\\Music\\Charles Trenet - La Mer.mp3\r\n", catalogue_with([SUN, SEA])).rows == (
        1,
    )


def test_an_old_m3u_is_latin_1(tmp_path):
    text = "#EXTINF:9,Björk - Jóga\na.mp3\n".encode("latin-1")
    assert read(tmp_path, "a.m3u", text, catalogue_with([("Jóga", "Björk")])).rows == (0,)


def test_what_recommend_prints_as_json_is_read(tmp_path):
    answer = {"seeds": [vars(TWO[0])], "songs": [vars(Song(17, *SEA)) | {"score": 0.5}]}
    assert read(tmp_path, "a.json", json.dumps(answer, indent=2), catalogue_with([SUN, SEA])).rows == (1,)


def test_lines_and_tracks_that_are_no_songs_are_said(tmp_path):
    text = '{"tracks": [{"title": 5.5}, {"id": 10}, "Charles Trenet - La Mer"]}'
    found = read(tmp_path, "a.json", text, catalogue_with([SUN, SEA]))
    assert found.rows == (1,)
    assert [f"{rejection.where} {rejection.reason}" for rejection in found.rejections] == [
        "line 1, track 1 has a float for its title",
        "line 1, track 2 has no title",
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.xyz", "x", r"no file is of a known format \(m3u, .*, txt\); give it the ending of one of them"),
        ("a.txt", "a\0b", "no file is of a known format"),
        ("a.csv", "song_id\n5\n", "nothing could be imported; .*line 1 has no column for the title"),
        ("a.json", '{\n"tracks": 5}', "no file is of a known format"),
        ("a.json", '{\n"tracks": []}', "nothing could be imported; .*a.json: has no songs"),
        ("a.json", '{\n"tracks": [}', "line 2 is no JSON"),
        ("a.json", '{\n"a": {"tracks": []}}', r'is no playlist: \{"tracks"'),
        ("a.txt", "\n", "nothing could be imported; .*a.txt: has no songs"),
    ],
)
def test_a_file_without_a_song_is_an_error(name, text, said, tmp_path):
    with pytest.raises(DataError, match=said):
        read(tmp_path, name, text, catalogue_with([SUN]))


def test_suggestions_go_from_the_song_to_its_artist():
    catalogue = catalogue_with([SUN, SEA, ("Boum!", "Charles Trenet"), ("La Mer", "Nobody")], [3, 2, 1, 0])
    assert suggestions(catalogue, "la mer", "trenet") == [1]
    assert suggestions(catalogue, "la mer", "Debussy") == [1, 3]
    assert suggestions(catalogue, "Douce France", "Charles Trenet") == [1, 2]
    assert suggestions(catalogue, "Innuendo", "Queen") == []


# Writing


def test_a_file_that_is_there_is_kept_without_force(tmp_path):
    path = tmp_path / "a.TXT"
    write_playlist(path, TWO)
    with pytest.raises(RecommenderError, match="is there already; give another name, or --force"):
        write_playlist(path, TWO[:1])
    assert path.read_text().count("\n") == 2
    write_playlist(path, TWO[:1], force=True)
    assert path.read_text() == "Michael Jackson - Billie Jean\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.xls", r"ending says no known format; end it in \.csv, \.json, \.m3u8, \.jspf, \.txt"),
        ("a", "ending says no known format"),
        ("none/a.csv", "there is no folder .*none; make it"),
        ("folder.csv", "folder.csv is a folder; give the name of a file"),
    ],
)
def test_a_place_that_cannot_be_written_is_said(name, said, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(RecommenderError, match=said):
        write_playlist(tmp_path / name, TWO, force=True)


def test_a_link_to_a_file_stays_a_link(tmp_path):
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    write_playlist(tmp_path / "link.txt", TWO)
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text().count("\n") == 2


# The command line


@pytest.mark.parametrize("ending", EXPORTS)
def test_an_answer_is_saved_and_asked_again(command, run_folder, ending, tmp_path):
    saved = tmp_path / f"next{ending}"
    code, out, err = command("recommend", run_folder, 5, 7, "--k", 3, "--save", saved)
    assert (code, err) == (0, "")
    assert out.endswith(f"\nsaved in {saved}\n")
    run = Run.load(run_folder)
    answers = [song.id for song, _ in run.recommend([5, 7], 3)]
    _, out, err = command("recommend", run_folder, 5, "--from", saved, "--json")
    answer = json.loads(out)
    assert [song["id"] for song in answer["seeds"]] == [*answers, 5]
    assert [song["id"] for song in answer["songs"]] == [song.id for song, _ in run.recommend([*answers, 5])]
    assert err == ""


def test_what_is_alike_is_saved(command, run_folder, tmp_path):
    saved = tmp_path / "alike.m3u8"
    assert command("similar", run_folder, 5, "--k", 4, "--save", saved)[0] == 0
    assert saved.read_text().count("#EXTINF") == 4


def test_with_json_only_json_is_printed(command, run_folder, tmp_path):
    _, out, _ = command("recommend", run_folder, 5, "--json", "--save", tmp_path / "a.csv", "--links", "deezer")
    assert all(song["link"].startswith("https://www.deezer.com/search/") for song in json.loads(out)["songs"])


@pytest.mark.parametrize("service", links(TWO[0]))
def test_links_stand_under_their_songs(command, run_folder, service):
    code, out, _ = command("similar", run_folder, 5, "--k", 2, "--links", service)
    addresses = [links(song)[service] for song, _ in Run.load(run_folder).similar(5, 2)]
    assert code == 0
    assert [line.strip() for line in out.splitlines()[3::2]] == addresses


def test_help_names_every_ending_and_service(command):
    out = command("recommend", "--help")[1]
    assert all(ending in out for ending in EXPORTS)
    (choices,) = [option.type.choices for option in cli.commands["recommend"].params if option.name == "service"]
    assert list(choices) == list(links(TWO[0]))


def test_songs_that_are_not_found_are_said_and_the_others_used(command, run_folder, small, tmp_path):
    song = small.catalogue[5]
    lines = [f"{song.artist} - {song.title}", f"{song.artist} - Qqq", *[f"Xxx - {n}" for n in range(6)]]
    (tmp_path / "a.txt").write_text("\n".join(lines))
    code, out, err = command("recommend", run_folder, "--from", tmp_path / "a.txt", "--json")
    assert (code, [seed["id"] for seed in json.loads(out)["seeds"]]) == (0, [5])
    first, *_, last = err.splitlines()
    assert first.startswith(f"not found: Qqq · {song.artist} (did you mean ")
    assert last == "not found: 2 more"


def test_lines_that_are_no_songs_are_said(command, run_folder, small, tmp_path):
    song = small.catalogue[5]
    (tmp_path / "a.csv").write_text(f'title,artist\n"{song.title}","{song.artist}"\n,x\n')
    code, _, err = command("recommend", run_folder, "--from", tmp_path / "a.csv")
    assert (code, err) == (0, f"left out: {tmp_path / 'a.csv'}: line 3 has no title\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["5", "--save", "{tmp}/a.doc"], "a.doc: its ending says no known format; end it in .csv"),
        (["5", "--save", "{tmp}/list.txt"], "list.txt is there already; give another name, or --force to replace it"),
        (["--from", "{tmp}/list.txt"], "not one of its songs (1) is in the catalogue of the run; Qqq · Xxx"),
        (["--from", "{tmp}/none.txt"], "none.txt: there is no such file"),
        (["--playlists", "{tmp}/list.txt", "--from", "{tmp}/list.txt"], "or --playlists FILE"),
        (["--playlists", "{tmp}/list.txt", "--save", "{tmp}/b.txt"], "--save and --links go with SONG... or --from"),
        (["5", "--links", "napster"], "'napster' is not one of 'spotify'"),
    ],
)
def test_what_a_person_can_do_wrong_is_one_line(command, run_folder, tmp_path, arguments, said):
    (tmp_path / "list.txt").write_text("Xxx - Qqq\n")
    code, out, err = command("recommend", run_folder, *[word.format(tmp=tmp_path) for word in arguments])
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("error: ")
    assert said in err


def test_a_full_disk_leaves_the_old_file(command, run_folder, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("mine\n")

    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    code, _, err = command("recommend", run_folder, 5, "--save", tmp_path / "a.txt", "--force")
    assert (code, err) == (1, f"error: {tmp_path}: cannot be written: No space left on device; try another place\n")
    assert (tmp_path / "a.txt").read_text() == "mine\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
