"""Reading on Spark: songs in their order, and what is damaged refused with its name."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender import load
from recommender.errors import DataError
from recommender.spark.reading import load as read


def rows(**columns):
    return lambda path: pq.write_table(pa.table(columns), path)


def lines(*values):
    return lambda path: path.write_text("\n".join(map(json.dumps, values)))


def text(words):
    return lambda path: path.write_text(words)


def playlists(dataset):
    return [dataset.catalogue.ids[songs].tolist() for songs in dataset.train]


def test_lists_without_ids_stay_whole_in_the_order_of_names_and_rows(spark, tmp_path):
    folder = tmp_path / "a b+%20ü#,"
    folder.mkdir()
    lines(*({"songs": [song, 9]} for song in (7, 6, 5) for _ in range(20)))(folder / "b ü.jsonl")  # the largest first
    lines({"songs": [1, 2, 3]}, {"songs": [3, 1]})(folder / "b .jsonl")
    lines({"songs": [8]})(folder / "a.jsonl")
    found = [[8], [1, 2, 3], [3, 1], *([song, 9] for song in (7, 6, 5) for _ in range(20))]
    assert playlists(read(spark, folder)) == found


def test_plays_without_positions_are_in_the_order_of_names_and_rows(spark, tmp_path):
    rows(playlist_id=[1] * 900, song_id=[*range(900)][::-1])(tmp_path / "b.parquet")
    rows(playlist_id=[1, 2], song_id=[901, 900])(tmp_path / "a.parquet")
    rows(playlist_id=[1] * 3, song_id=[3, 1, 2])(tmp_path / "c.parquet")
    assert playlists(read(spark, tmp_path)) == [[901, *range(900)[::-1], 3, 1, 2], [900]]


def test_whole_doubles_are_ids_and_positions_that_are_text_are_numbers(spark, tmp_path):
    rows(pid=["x"] * 3, pos=["10", "9", "2"], song_id=[3.0, 5.0, 4.0])(tmp_path / "x.parquet")
    assert playlists(read(spark, tmp_path / "x.parquet")) == [[4, 5, 3]]


def test_json_is_read_by_lines_where_the_first_is_whole(spark, tmp_path):
    """Of a value over many lines Spark would take the first and leave out the rest untold."""
    lists = [{"pid": 2, "songs": [5, 7]}, {"pid": 1, "songs": [8]}]
    by_line = "\n".join(map(json.dumps, lists))
    texts = {"lines": by_line, "after a gap": f"\n{by_line}", "marked": f"\ufeff{by_line}"}
    for indent in (None, 1):
        texts |= {f"slice {indent}": json.dumps({"playlists": lists}, indent=indent)}
        texts |= {f"array {indent}": json.dumps(lists, indent=indent)}
    for name, text in texts.items():
        (tmp_path / f"{name}.JSON").write_text(text, encoding="utf-8")
        assert playlists(read(spark, tmp_path / f"{name}.JSON")) == [[8], [5, 7]], name
    assert playlists(read(spark, f"file://{tmp_path}/lines.JSON/")) == [[8], [5, 7]]


def test_lists_of_either_name_in_any_file_are_read(spark, tmp_path):
    rows(pid=[1], songs=[[5, 7]])(tmp_path / "a.parquet")
    rows(pid=[2, 3], tracks=[[6], []])(tmp_path / "b.parquet")
    assert playlists(read(spark, tmp_path)) == [[5, 7], [6]]


def test_an_id_is_a_songs_only_in_its_list(spark, tmp_path):
    rows(id=[1, 2, 3], playlist_id=[1, 1, 2], song=[7, 7, 8])(tmp_path / "plays.parquet")
    assert playlists(read(spark, tmp_path / "plays.parquet")) == [[7, 7], [8]]
    lines({"id": 4, "playlist_id": 1, "songs": [{"id": 7}, {"id": 8}]})(tmp_path / "lists.jsonl")
    assert playlists(read(spark, tmp_path / "lists.jsonl")) == [[7, 8]]


def test_whole_numbers_in_text_are_ids_and_other_texts_are_numbered(spark, tmp_path):
    rows(pid=[1] * 3, track_uri=["10", "9", "2"], **{"track.name": ["x"] * 3})(tmp_path / "a.parquet")
    found = read(spark, tmp_path / "a.parquet")
    assert playlists(found) == [[10, 9, 2]]
    assert found.catalogue.titles == ["-"] * 3
    rows(pid=[1] * 2, track_uri=["1234567890123456789", "5"])(tmp_path / "large.parquet")
    assert playlists(read(spark, tmp_path / "large.parquet")) == [[1234567890123456789, 5]]
    rows(pid=[1] * 3, track_uri=["10", "09", "2"])(tmp_path / "b.parquet")
    found = read(spark, tmp_path / "b.parquet")
    assert (playlists(found), found.catalogue.titles) == ([[1, 0, 2]], ["09", "10", "2"])


def test_a_title_is_one_that_is_known(spark, tmp_path):
    rows(pid=[1] * 4, song_id=[5] * 4, title=["", "-", " B  side ", None])(tmp_path / "x.parquet")
    assert read(spark, tmp_path / "x.parquet").catalogue.titles == ["B side"]


def test_plays_with_one_position_are_in_the_order_of_rows(spark, tmp_path):
    rows(pid=[1] * 3, pos=[0] * 3, song_id=[7, 5, 6])(tmp_path / "x.parquet")
    assert playlists(read(spark, tmp_path / "x.parquet")) == [[7, 5, 6]]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {
                "a.jsonl": lines({"pid": 1, "songs": [1]}),
                "b.jsonl": text('{"pid":1,"songs":[1'),
            },
            r"/b\.jsonl cannot be read: Unexpected end-of-input: expected close marker for Array; mend it",
        ),
        ({"a.parquet": text("never")}, r"a\.parquet cannot be read: .* is not a Parquet file"),
        (
            {"a.parquet": rows(pid=[1, None, None], song_id=[1, 2, None], pos=["1", "2", "x"])},
            "cannot be used: 2 with no playlist, 1 with no song, 1 with no position; songs are text or whole numbers",
        ),
        ({"a.jsonl": lines({"pid": 1, "songs": [1, None, 2]})}, "cannot be used: 1 with no song; songs are"),
        ({"a.parquet": rows(pid=[1.0, float("nan")], song_id=[1.5, 2.0])}, "1 with no playlist, 1 with no song;"),
        (
            {"a.parquet": rows(pid=[1, 1, 1], title=["A", None, " "], artist=["B", None, None])},
            "cannot be used: 2 with no song; songs are",
        ),
        ({"a.parquet": rows(pid=[1], song_id=[True])}, "songs are of the type boolean; give ids that are whole"),
        (
            {"a.jsonl": lines({}), "b.parquet": rows(pid=[1])},
            r"a\.jsonl and b\.parquet are of two kinds; give one, or a folder of each",
        ),
        ({"a.json": text('{"pid": 1}'), "b.json": text('{"pid":\n1}')}, r"a\.json and b\.json are of two kinds"),
        ({"a.json": text('{"pid": 1,\n"songs": [5]}\n{"pid": 2, "songs": [6]}')}, "over many lines without a list `pl"),
        ({"a.jsonl": lines({}), "b.jsonl.gz": text("")}, r"a\.jsonl and b\.jsonl\.gz are of two kinds"),
        ({"a.jsonl": lines({"pid": 1, "songs": [5]}, {"pid": 2, "song": [6]})}, "cannot be used: 1 with no song"),
        ({"a.jsonl": lines({"pid": 1, "songs": [5]}, {"pid": 2, "song_id": 6})}, "cannot be used: 1 with no song"),
        ({"a.json": lines({"playlists": [{"pid": 1, "tracks": [5]}, {"pid": 2}]})}, "cannot be used: 1 with no song"),
        (
            {"a.parquet": rows(pid=["1", " "], song_id=["5", ""], pos=[0.0, float("nan")])},
            "1 with no playlist, 1 with no song, 1 with no position",
        ),
        ({"a.parquet": rows(pid=[1, 1], song_id=[-1, 5])}, "has the song -1; ids are whole numbers from 0 on"),
        ({"a.parquet": lambda path: path.mkdir()}, r"a\.parquet is a folder in it; give that one, or put all"),
        ({"a[1].parquet": rows(pid=[1])}, r"a\[1\]\.parquet: Spark takes '\[' in a name as part of a pattern"),
    ],
)
def test_what_is_damaged_is_refused_and_told(spark, tmp_path, files, words):
    for name, write in files.items():
        write(tmp_path / name)
    with pytest.raises(DataError, match=words):
        read(spark, tmp_path)


def test_what_spark_reads_is_evaluated_as_the_same_playlists_in_a_folder(spark, folder, tmp_path, command):
    lists = [{"pid": i, "songs": songs} for i, songs in enumerate(playlists(load(folder))) if songs]
    lines(*lists)(tmp_path / "lists.jsonl")
    asked = ["--models", "popularity", "--queries", 50]
    here = command("evaluate", folder, *asked)
    there = command("evaluate", tmp_path / "lists.jsonl", *asked, "--engine", "spark")
    assert (here[0], there[0], there[2]) == (0, 0, "")
    assert here[1].splitlines()[2].split("|")[:8] == there[1].splitlines()[2].split("|")[:8]
