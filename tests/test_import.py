"""Importing playlists of one's own: which spellings are one song, what is read, what is said, what is written."""

import json
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.datasets import load, sources
from recommender.datasets.importing import import_playlists
from recommender.datasets.matching import key
from recommender.datasets.yes_com import read_folder
from recommender.errors import DataError, RecommenderError

HEADER = "title,artist\n"


def one_song(one: tuple[str, str], other: tuple[str, str], **options: bool) -> bool:
    return key(*one, **options) == key(*other, **options)


def songs_in(folder) -> list[str]:
    catalogue, _, _ = read_folder(folder)
    return [str(song) for song in catalogue]


# Which spellings are one song


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Crazy in Love", "Beyoncé"), ("CRAZY IN LOVE", "BEYONCE")),
        (("Déjà Vu", "x"), ("Deja\u0300 Vu", "x")),
        (("Don't Stop Believin'", "Journey"), ("Dont Stop Believin’", "Journey")),
        (("Hip-Hop!", "x"), ("hip hop", "x")),
        (("What's Going On?", "x"), ("What´s Going On", "x")),
        (("Cecilia", "Simon & Garfunkel"), ("Cecilia", "Simon and Garfunkel")),
        (("Glósóli", "Sigur Rós"), ("Glosoli", "Sigur Ros")),
        (("Eple", "Röyksopp"), ("Eple", "Røyksopp")),
        (("ＦＵＬＬ", "x"), ("full", "x")),
        (("ｶﾞｰﾙ", "x"), ("ガール", "x")),
        (("Чёрный", "Кино"), ("черный", "КИНО")),
        (("Umbrella (feat. JAY-Z)", "Rihanna"), ("Umbrella", "Rihanna")),
        (("Umbrella", "Rihanna ft. Jay-Z"), ("Umbrella", "Rihanna")),
        (("Umbrella [featuring Jay-Z]", "Rihanna"), ("Umbrella ft Jay-Z", "Rihanna")),
        (("Umbrella w/ Jay-Z", "Rihanna"), ("Umbrella (w/ Jay-Z)", "Rihanna")),
        (("Umbrella feat. Jay-Z (Live)", "Rihanna"), ("Umbrella (Live)", "Rihanna")),
        (("Umbrella feat Jay-Z - Live", "Rihanna"), ("Umbrella - Live", "Rihanna")),
        (("Umbrella (Live feat. Jay-Z)", "Rihanna"), ("Umbrella (Live)", "Rihanna")),
    ],
)
def test_spellings_of_one_song(one, other):
    assert one_song(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Hello", "Adele"), ("Hello", "Lionel Richie")),
        (("???", "x"), ("!!!", "x")),
        (("+", "Ed Sheeran"), ("=", "Ed Sheeran")),
        (("?", "x"), ("??", "x")),
        (("🔥", "x"), ("💧", "x")),
        (("I ♥ You", "x"), ("I You", "x")),
        (("夜に駆ける", "x"), ("群青", "x")),
        (("かき", "x"), ("がき", "x")),
        (("की", "x"), ("कि", "x")),
        (("กิน", "x"), ("กัน", "x")),
        (("Мой", "x"), ("Мои", "x")),
        (("بحبك", "x"), ("حبيبي", "x")),
        (("Track 1 1", "x"), ("Track 11", "x")),
        (("Another Brick in the Wall (Part 1)", "x"), ("Another Brick in the Wall (Part 2)", "x")),
        (("Angie (Live)", "x"), ("Angie", "x")),
        (("50 Ft Queenie", "PJ Harvey"), ("50", "PJ Harvey")),
        (("Me w/o You", "x"), ("Me", "x")),
        (("Feat. Nobody", "x"), ("Feat. Somebody", "x")),
        (("(feat. A)", "x"), ("(feat. B)", "x")),
        (("Draft Day", "x"), ("Draft Night", "x")),
        (("x", "!!!"), ("x", "???")),
    ],
)
def test_spellings_of_two_songs(one, other):
    assert not one_song(one, other)


@pytest.mark.parametrize(
    "version",
    [
        "Angie (Live)",
        "Angie - Live",
        "Angie [Remastered 2009]",
        "Angie - 2009 Remaster",
        "Angie – Radio Edit",
        "Angie (Live) - Remastered",
        "Angie - Live - 2009 Remaster",
        "Angie (Acoustic Version) (feat. Somebody)",
        "Angie - En Vivo",
    ],
)
def test_versions_are_one_song_on_request(version):
    assert one_song((version, "x"), ("Angie", "x"), ignore_versions=True)
    assert not one_song((version, "x"), ("Angie", "x"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wall (Part 1)", "Wall (Part 2)"),
        ("(I Can't Get No) Satisfaction", "Satisfaction"),
        ("Love - Hate", "Love"),
        ("(Live)", "(Remix)"),
        ("Live - Demo", "Demo"),
        ("Deliverance (Alive)", "Deliverance"),
    ],
)
def test_what_is_no_version_is_kept(one, other):
    assert not one_song((one, "x"), (other, "x"), ignore_versions=True)


@given(st.text(min_size=1), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_a_unicode_form_makes_no_other_song(text, form):
    assert one_song((text, text), (unicodedata.normalize(form, text), unicodedata.normalize(form, text)))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1), st.booleans())
def test_no_key_is_empty(text, ignore_versions):
    assert all(key(text, text, ignore_versions=ignore_versions))


@given(st.text(st.characters(categories=["P", "S", "Z"])), st.text(st.characters(categories=["P", "S", "Z"])))
def test_titles_of_signs_alone_are_told_apart(one, other):
    same = unicodedata.normalize("NFKC", one).split() == unicodedata.normalize("NFKC", other).split()
    alike = key(one, "x") == key(other, "x")
    assert same <= alike
    if not any(unicodedata.category(c) == "So" or c.isalnum() for c in unicodedata.normalize("NFKD", one + other)):
        bare = ["".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in (one, other)]
        assert alike == (bare[0] == bare[1])


# What is written


def test_a_song_keeps_its_most_frequent_spelling(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + "hello,ADELE\nHello,Adele\nHello (feat. X),Adele\nHello,Adele\n")
    done = import_playlists(tmp_path / "a.csv", tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["Hello · Adele"]
    assert (done.songs, done.spellings, done.plays) == (1, 3, 4)


def test_of_equally_frequent_spellings_the_first_is_kept(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + "hello,ADELE\nHello,Adele\nHello,Adele\nhello,ADELE\n")
    import_playlists(tmp_path / "a.csv", tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["hello · ADELE"]


def test_songs_are_matched_across_formats_and_numbered_as_they_appear(tmp_path):
    source = tmp_path / "mine"
    source.mkdir()
    (source / "1.m3u").write_text("#EXTINF:1,Adele - Hello\nx.mp3\n#EXTINF:1,Queen - Innuendo\ny.mp3\n")
    (source / "2.jsonl").write_text('{"tracks": ["queen - INNUENDO", "Abba - SOS"]}\n')
    done = import_playlists(source, tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["Hello · Adele", "Innuendo · Queen", "SOS · Abba"]
    assert [songs.tolist() for songs in load(tmp_path / "out").train] == [[0, 1], [1, 2]]
    assert (done.files, dict(done.formats), done.playlists) == (2, {"m3u": 1, "jsonl": 1}, 2)


def test_versions_are_merged_only_on_request(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + "Hello,Adele\nHello - Live,Adele\n")
    assert import_playlists(tmp_path / "a.csv", tmp_path / "apart").songs == 2
    assert import_playlists(tmp_path / "a.csv", tmp_path / "merged", ignore_versions=True).songs == 1


def test_white_space_and_control_characters_become_single_spaces(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"tracks": [{"title": " a\0 b\u2028\x1fc ", "artist": "d\te"}]}))
    import_playlists(tmp_path / "a.jsonl", tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["a b c · d e"]


def test_an_unknown_artist_is_a_dash(tmp_path):
    (tmp_path / "a.m3u").write_text("Hello.mp3\n")
    import_playlists(tmp_path / "a.m3u", tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["Hello · -"]


def test_what_is_there_is_replaced_only_by_force(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + "Hello,Adele\n")
    (tmp_path / "b.csv").write_text(HEADER + "SOS,Abba\n")
    import_playlists(tmp_path / "a.csv", tmp_path / "out")
    with pytest.raises(DataError, match="out is there already; give another folder, or --force to replace it"):
        import_playlists(tmp_path / "b.csv", tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["Hello · Adele"]
    import_playlists(tmp_path / "b.csv", tmp_path / "out", force=True)
    assert songs_in(tmp_path / "out") == ["SOS · Abba"]


def test_a_folder_that_is_no_dataset_is_never_replaced(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + "Hello,Adele\n")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    with pytest.raises(DataError, match="photos is there and is not a dataset; give another folder"):
        import_playlists(tmp_path / "a.csv", tmp_path / "photos", force=True)
    assert (tmp_path / "photos" / "cat.jpg").exists()


def test_a_source_is_never_replaced_by_what_is_made_of_it(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + "Hello,Adele\n")
    import_playlists(tmp_path / "a.csv", tmp_path / "out")
    (tmp_path / "out" / "mine.csv").write_text(HEADER + "SOS,Abba\n")
    for source in (tmp_path / "out", tmp_path / "out" / "mine.csv"):
        with pytest.raises(DataError, match=r"lies in .*out, which would be replaced"):
            import_playlists(source, tmp_path / "out", force=True)


def test_a_fault_leaves_nothing_and_what_was_there_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text(HEADER + "Hello,Adele\n")
    import_playlists(tmp_path / "a.csv", tmp_path / "out")
    (tmp_path / "b.csv").write_bytes(HEADER.encode() + b"SOS,Abba\n\xe9,x\n")
    with pytest.raises(DataError):
        import_playlists(tmp_path / "b.csv", tmp_path / "out", force=True)
    (tmp_path / "wall").touch()
    with pytest.raises(RecommenderError, match="cannot be written"):
        import_playlists(tmp_path / "a.csv", tmp_path / "wall" / "new")
    assert songs_in(tmp_path / "out") == ["Hello · Adele"]
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "b.csv", "out", "wall"}


# What is left out

FAULTY = HEADER + "Hello,Adele\n" + ",Adele\n" * 3 + "SOS\n" + "a,b,c\n" * 3


def test_rejections_are_counted_and_the_first_are_kept(tmp_path):
    (tmp_path / "a.csv").write_text(FAULTY)
    done = import_playlists(tmp_path / "a.csv", tmp_path / "out")
    assert (done.plays, done.rejected, len(done.rejections)) == (1, 7, 5)
    assert str(done.rejections[0]) == f"{tmp_path}/a.csv: line 3 has no title"
    assert [rejection.where for rejection in done.rejections] == [f"line {n}" for n in range(3, 8)]


def test_a_strict_import_ends_at_the_first(tmp_path):
    (tmp_path / "a.csv").write_text(FAULTY)
    with pytest.raises(DataError, match=r"a\.csv: line 3 has no title; mend it, or import without --strict"):
        import_playlists(tmp_path / "a.csv", tmp_path / "out", strict=True)
    assert not (tmp_path / "out").exists()


def test_where_nothing_is_left_the_first_fault_is_said(tmp_path):
    (tmp_path / "a.csv").write_text(FAULTY.replace("Hello,Adele\n", ""))
    with pytest.raises(DataError, match=r"nothing could be imported; the first of 7 faults: .*line 2 has no title"):
        import_playlists(tmp_path / "a.csv", tmp_path / "out")


def test_a_file_that_is_broken_does_not_spoil_the_others(tmp_path):
    source = tmp_path / "mine"
    source.mkdir()
    (source / "1.jspf").write_text("{")
    (source / "2.m3u").write_text("Hello.mp3\n")
    done = import_playlists(source, tmp_path / "out")
    assert (done.playlists, done.rejected, done.rejections[0].file) == (1, 1, f"{source}/1.jspf")


# Sources

MIXES = {
    "b.m3u": "#EXTINF:1,Adele - Hello\nx.mp3\n",
    "a/z.csv": HEADER + "SOS,Abba\n",
    "c/1.jsonl": '{"tracks": ["Queen - Innuendo"]}\n',
    ".hidden.csv": HEADER + "Hidden,x\n",
    "a/.git/x.csv": HEADER + "Hidden,x\n",
    "__MACOSX/._b.csv": HEADER + "Hidden,x\n",
    "cover.jpg": "\xff\xd8\xff\0",
    "README.md": "# My mixes\n",
}


def zipped(path, files, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def unpacked(path, files):
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def test_a_folder_and_a_zip_of_it_are_the_same(tmp_path):
    results = []
    for source in (
        unpacked(tmp_path / "mixes", MIXES),
        zipped(tmp_path / "mixes.zip", dict(reversed(MIXES.items())), compression=zipfile.ZIP_DEFLATED),
    ):
        target = tmp_path / f"of {source.name}"
        done = import_playlists(source, target, strict=True)
        results.append((songs_in(target), dict(done.formats), done.passed_over))
    assert results[0] == results[1]
    assert results[0] == (
        ["SOS · Abba", "Hello · Adele", "Innuendo · Queen"],
        {"csv": 1, "m3u": 1, "jsonl": 1},
        2,
    )


def test_nothing_of_a_zip_is_unpacked_to_disk(tmp_path):
    source = zipped(tmp_path / "a.zip", {"../../evil.csv": HEADER + "Hello,Adele\n", "/etc/evil.m3u": "SOS.mp3\n"})
    before = set(tmp_path.parent.rglob("*"))
    assert import_playlists(source, tmp_path / "out").songs == 1  # a name with ".." is a hidden one
    assert {
        path for path in set(tmp_path.parent.rglob("*")) - before if tmp_path / "out" not in (path, *path.parents)
    } == set()


def test_a_format_asked_for_takes_the_files_with_its_endings(tmp_path):
    done = import_playlists(unpacked(tmp_path / "mixes", MIXES), tmp_path / "out", format="m3u", strict=True)
    assert (dict(done.formats), done.passed_over) == ({"m3u": 1}, 4)


def test_a_file_alone_is_read_in_the_format_asked_for_whatever_it_is_called(tmp_path):
    (tmp_path / "mix.dat").write_text("Hello.mp3\n")
    with pytest.raises(DataError, match=r"mix.dat: no file is of a known format \(m3u, jspf, .*name it with --format"):
        import_playlists(tmp_path / "mix.dat", tmp_path / "out")
    assert import_playlists(tmp_path / "mix.dat", tmp_path / "out", format="m3u").plays == 1


def test_an_unknown_format_names_the_known(tmp_path):
    with pytest.raises(
        DataError, match="there is no format 'xspf'; known are m3u, jspf, spotify, jsonl, json, csv, tsv"
    ):
        import_playlists(tmp_path, tmp_path / "out", format="xspf")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "there is no such file; give a file, a folder or a zip"),
        (lambda path: path.mkdir(), "there are no files in it; put playlists there"),
        (lambda path: unpacked(path, {".hidden": "x", "__MACOSX/a.csv": HEADER}), "there are no files in it"),
        (lambda path: unpacked(path, {"a.jpg": "\0"}), "no file is of a known format"),
        (lambda path: path.write_text(""), "no file is of a known format"),
        (lambda path: path.write_bytes(b"PK\3\4 cut off"), "not a whole zip: File is not a zip file; get it again"),
        (lambda path: zipped(path, {}), "there are no files in it"),
    ],
)
def test_a_source_without_playlists_says_why(tmp_path, make, message):
    make(tmp_path / "source")
    with pytest.raises(DataError, match=f"source: {message}"):
        import_playlists(tmp_path / "source", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_name_of_any_bytes_can_be_said(tmp_path):
    source = tmp_path / "mixes\n\udcff\x1b[31m"
    source.mkdir()
    with pytest.raises(DataError) as raised:
        import_playlists(source, tmp_path / "out")
    assert str(raised.value).isprintable()


def test_a_zip_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_HARMLESS", 1 << 20)
    source = zipped(tmp_path / "a.zip", {"a.csv": HEADER + "x" * (2 << 20)}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match=r"a\.zip: unpacks to 2,097,165 bytes, more than 100 times its size"):
        import_playlists(source, tmp_path / "out")


@pytest.mark.parametrize("limit", ["MOST_FILES", "MOST_BYTES"])
def test_a_zip_of_too_much_is_refused(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(sources, limit, 1)
    with pytest.raises(DataError, match=r"2 files of 8 bytes are too many; unpack it yourself"):
        import_playlists(zipped(tmp_path / "a.zip", {"a.m3u": "a.mp", "b.m3u": "b.mp"}), tmp_path / "out")


def test_an_encrypted_zip_is_named(tmp_path):
    source = zipped(tmp_path / "a.zip", {"a.m3u": "a.mp3"})
    content = bytearray(source.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag in the list of files
    source.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.zip: a\.m3u is encrypted; unpack it and give the folder"):
        import_playlists(source, tmp_path / "out")


def test_a_damaged_file_of_a_zip_is_named(tmp_path):
    source = zipped(tmp_path / "a.zip", {"a.m3u": "Hello.mp3\n" * 100, "b.m3u": "SOS.mp3\n"})
    source.write_bytes(source.read_bytes().replace(b"Hello", b"Jello", 1))
    done = import_playlists(source, tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["SOS · -"]
    assert str(done.rejections[0]) == f"{source}/a.m3u: cannot be read: damaged: Bad CRC-32 for file 'a.m3u'"


@pytest.mark.parametrize(("at", "byte"), [(b"PK\1\2", 10), (b"PK\3\4", 30)])
def test_a_file_of_a_zip_that_cannot_be_opened_is_named(tmp_path, at, byte):
    source = zipped(tmp_path / "a.zip", {"a.m3u": "Hello.mp3\n", "b.m3u": "SOS.mp3\n"})
    content = bytearray(source.read_bytes())
    content[content.index(at) + byte] = 99  # a way of packing that is unknown; another name than in the list
    source.write_bytes(content)
    done = import_playlists(source, tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["SOS · -"]
    assert str(done.rejections[0]).startswith(f"{source}/a.m3u: cannot be read: damaged: ")


def test_a_file_of_a_zip_without_a_name_is_passed_over(tmp_path):
    source = zipped(tmp_path / "a.zip", {"a.m3u": "Hello.mp3\n", "b.m3u": "SOS.mp3\n"})
    source.write_bytes(source.read_bytes().replace(b"b.m3u", b"\0.m3u"))
    assert import_playlists(source, tmp_path / "out").songs == 1


def test_a_zip_of_another_age_is_refused(tmp_path):
    source = zipped(tmp_path / "a.zip", {"a.m3u": "Hello.mp3\n"})
    content = bytearray(source.read_bytes())
    content[content.index(b"PK\1\2") + 6] = 99
    source.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.zip: not a whole zip: zip file version 9\.9; get it again"):
        import_playlists(source, tmp_path / "out")


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def locked(path):
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "mixes").mkdir()
    monkeypatch.setattr("os.scandir", locked)
    with pytest.raises(DataError, match="mixes: cannot be read: Permission denied"):
        import_playlists(tmp_path / "mixes", tmp_path / "out")


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def locked(path):
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "a.m3u").write_text("Hello.mp3\n")
    monkeypatch.setattr(sources.Path, "open", lambda path, mode: locked(path))
    with pytest.raises(DataError, match=r"a\.m3u: cannot be read: Permission denied"):
        import_playlists(tmp_path / "a.m3u", tmp_path / "out")


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", HEADER + "Glósóli 🎵,Sigur Rós\n"),
        ("a.jsonl", '{"tracks": ["Sigur Rós - Glósóli 🎵"]}\n'),
        ("a.json", '{"playlists": [{"tracks": [{"track_name": "Glósóli 🎵", "artist_name": "Sigur Rós"}]}]}\n'),
        ("a.m3u", "#EXTINF:1,Sigur Rós - Glósóli 🎵\n"),
        ("a.jspf", '{"playlist": {"track": [{"title": "Glósóli 🎵", "creator": "Sigur Rós"}]}}'),
    ],
)
def test_utf_8_and_what_a_mark_declares_is_read(tmp_path, name, text, encoding):
    (tmp_path / name).write_text(text, encoding=encoding)
    import_playlists(tmp_path / name, tmp_path / "out")
    assert songs_in(tmp_path / "out") == ["Glósóli 🎵 · Sigur Rós"]


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
@pytest.mark.parametrize("far", [1, 20_000])
def test_another_encoding_is_an_error_with_its_line_until_it_is_declared(tmp_path, name, far):
    (tmp_path / name).write_text(HEADER + "SOS,Abba\n" * far + "Glósóli,Sigur Rós\n", encoding="latin-1")
    with pytest.raises(
        DataError, match=rf"{name}: line {far + 2} is not UTF-8; declare what it is, like --encoding latin-1"
    ):
        import_playlists(tmp_path / name, tmp_path / "out")
    import_playlists(tmp_path / name, tmp_path / "out", encoding="latin-1")
    assert songs_in(tmp_path / "out")[1] == "Glósóli · Sigur Rós"


def test_a_declared_encoding_is_for_the_files_that_are_not_utf_8(tmp_path):
    source = tmp_path / "mixes"
    source.mkdir()
    (source / "1.m3u").write_text("Glósóli.mp3\n", encoding="latin-1")
    (source / "2.m3u").write_text("Hoppípolla.mp3\n", encoding="utf-8")
    (source / "3.m3u").write_text("Sæglópur.mp3\n", encoding="utf-16")
    import_playlists(source, tmp_path / "out", encoding="latin-1")
    assert songs_in(tmp_path / "out") == ["Glósóli · -", "Hoppípolla · -", "Sæglópur · -"]


def test_utf_16_without_a_mark_may_be_declared(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + "Hello,Adele\n", encoding="utf-16-le")
    import_playlists(tmp_path / "a.csv", tmp_path / "out", encoding="utf-16-le")
    assert songs_in(tmp_path / "out") == ["Hello · Adele"]


def test_a_text_that_is_neither_utf_8_nor_as_declared_is_named(tmp_path):
    (tmp_path / "a.m3u").write_bytes(b"Hello.mp3\n\xff\xff.mp3\n")
    with pytest.raises(DataError, match=r"a\.m3u: line 2 is not UTF-8 nor shift_jis; declare what it is"):
        import_playlists(tmp_path / "a.m3u", tmp_path / "out", encoding="shift_jis")


def test_a_text_that_is_not_as_its_mark_says_is_named(tmp_path):
    (tmp_path / "a.m3u").write_bytes("SOS\nHello.mp3\n".encode("utf-16") + b"\0")
    with pytest.raises(DataError, match=r"a\.m3u: line 3 is not utf-16, as its first bytes say; save it as UTF-8"):
        import_playlists(tmp_path / "a.m3u", tmp_path / "out")


@pytest.mark.parametrize("encoding", ["latin-99", "hex", "undefined", "a\0b", ""])
def test_an_encoding_that_does_not_exist_is_named(tmp_path, encoding):
    with pytest.raises(DataError, match=r"there is no text encoding .*; give one like latin-1, cp1252 or utf-16"):
        import_playlists(tmp_path, tmp_path / "out", encoding=encoding)


def test_progress_is_for_terminals_alone(tmp_path, capfd):
    (tmp_path / "a.m3u").write_text("Hello.mp3\n")
    import_playlists(tmp_path / "a.m3u", tmp_path / "out")
    assert capfd.readouterr().err == ""
