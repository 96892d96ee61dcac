"""Cornell's layout: what is read, and each kind of damage."""

import re

import numpy as np
import pytest

from recommender.catalogue import Catalogue
from recommender.datasets import load
from recommender.datasets.yes_com import read_folder, write_folder
from recommender.errors import DataError
from recommender.playlists import Playlists

GOOD = {
    "train.txt": "900 901 902 \n2 1 1 \n0 1 0 \n2 \n",
    "song_hash.txt": "0 \tMe \\/ You\tA\n1 \t-\t-\n2 \tU Got It \tUsher\n",
    "tags.txt": "0 1\n#\n1\n",
    "tag_hash.txt": "0, rock\n1, r&b, old",
}


@pytest.fixture
def dataset(tmp_path):
    """A folder of three songs and two playlists, and a way to damage one of its files."""
    for name, text in GOOD.items():
        (tmp_path / name).write_text(text)

    def damage(name: str, text: str | bytes):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return damage


def test_playlists_are_read_line_by_line(dataset):
    _, train, test = read_folder(dataset("train.txt", GOOD["train.txt"]))
    assert [songs.tolist() for songs in train] == [[0, 1, 0], [2]]
    assert test is None


def test_an_escaped_slash_is_a_slash_and_blanks_around_are_dropped(dataset):
    catalogue, _, _ = read_folder(dataset("train.txt", GOOD["train.txt"]))
    assert (catalogue.titles[0], catalogue.titles[2]) == ("Me / You", "U Got It")


def test_tags_are_named_and_a_hash_is_none(dataset):
    catalogue, _, _ = read_folder(dataset("train.txt", GOOD["train.txt"]))
    assert list(catalogue.tags) == [("rock", "r&b, old"), (), ("r&b, old",)]


def test_songs_are_placed_by_their_id_not_their_line(dataset):
    catalogue, _, _ = read_folder(dataset("song_hash.txt", "2\tC\tc\n0\tA\ta\n1\tB\tb\n"))
    assert list(catalogue.titles) == ["A", "B", "C"]


def test_windows_line_ends_and_a_missing_last_newline_are_read_alike(dataset):
    folder = dataset("train.txt", GOOD["train.txt"].replace("\n", "\r\n").rstrip())
    folder = dataset("song_hash.txt", GOOD["song_hash.txt"].replace("\n", "\r\n"))
    catalogue, train, _ = read_folder(folder)
    assert [songs.tolist() for songs in train] == [[0, 1, 0], [2]]
    assert catalogue.artists[2] == "Usher"


def test_an_empty_line_is_an_empty_playlist(dataset):
    _, train, _ = read_folder(dataset("train.txt", "900 901 902 \n2 1 1 \n0 1 0 \n\n2 \n"))
    assert train.lengths.tolist() == [3, 0, 1]


def test_a_test_file_is_held_out(dataset):
    _, _, test = read_folder(dataset("test.txt", "900 901 902 \n0 1 1 \n2 1 \n"))
    assert [songs.tolist() for songs in test] == [[2, 1]]


def test_a_unicode_line_separator_in_a_title_ends_no_line(dataset):
    catalogue, _, _ = read_folder(dataset("song_hash.txt", "0\tA\u2028B\ta\n1\tB\tb\n2\tC\x85D\tc\n"))
    assert catalogue.titles[0] == "A\u2028B"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("train.txt", "", "train.txt: ends in line 1"),
        ("train.txt", "900 901 902 \n2 1 1", "train.txt: ends in line 2"),
        ("train.txt", "900 901 902 \n2 1 \n0 1 0 \n2 \n", "line 1 has 3 songs, line 2 has 2 counts"),
        ("train.txt", "900 901 902 \n2 1 1 \n0 1 0 \n", "line 2 states 4 plays, the playlists have 3"),
        ("train.txt", "900 901 902 \n2 1 1 \n0 1 1 \n2 \n", "line 2 states 2 plays of song 0, the playlists have 1"),
        ("train.txt", "900 901 902 \n2 1 1 \n0 1 0 \n3 \n", "line 4 plays song 3, ids end at 2"),
        ("train.txt", "900 901 902 \n2 1 1 \n0 1 0 \n2 x7 \n", "line 4 has 'x7' where a number is expected"),
        ("train.txt", "900 901 902 \n2 1 1 \n0 -1 0 \n2 \n", "line 3 has '-1' where a number is expected"),
        ("train.txt", "900 901 902 \n2 one 1 \n0 1 0 \n2 \n", "line 2 has 'one' where a number is expected"),
        ("train.txt", "900 901 902 \n2 1 1 \n0 1 0 \n99999999999 \n", "line 4 has '99999999999' where"),
        ("train.txt", b"900 901 902 \n2 1 1 \n0 \x00\xff 0 \n2 \n", "line 3 has"),
        ("test.txt", "900 901 \n0 1 \n1 \n", "test.txt: line 1 has 2 songs, train.txt has 3"),
        ("song_hash.txt", "0\tA\ta\n1\tB\tb\n", "song_hash.txt: 2 songs, train.txt has 3"),
        ("song_hash.txt", "0\tA\ta\n1\tB\n2\tC\tc\n", "line 2 has 2 fields, expected id, title and artist"),
        ("song_hash.txt", "0\tA\ta\n0\tB\tb\n2\tC\tc\n", "line 2 has the id '0'; each id from 0 to 2"),
        ("song_hash.txt", "0\tA\ta\nx\tB\tb\n2\tC\tc\n", "line 2 has the id 'x'; each id from 0 to 2"),
        ("song_hash.txt", b"0\tA\ta\n1\t\xe9\tb\n2\tC\tc\n", "line 2 is not UTF-8"),
        ("tags.txt", "0 1\n#\n", "tags.txt: 2 lines, one a song is expected, train.txt has 3 songs"),
        ("tags.txt", "0 9\n#\n1\n", "line 1 has the tag '9', which tag_hash.txt does not name"),
        ("tag_hash.txt", "0 rock\n1, pop\n", "tag_hash.txt: line 1 is '0 rock', expected `number, name`"),
    ],
)
def test_damage_is_named_by_file_and_line(dataset, name, text, message):
    with pytest.raises(DataError, match=re.escape(message)):
        read_folder(dataset(name, text))


@pytest.mark.parametrize("name", ["train.txt", "song_hash.txt", "tag_hash.txt"])
def test_a_missing_file_is_named(dataset, name):
    folder = dataset("train.txt", GOOD["train.txt"])
    (folder / name).unlink()
    with pytest.raises(DataError, match=name):
        read_folder(folder)


def test_without_tags_files_no_song_has_tags(dataset):
    folder = dataset("train.txt", GOOD["train.txt"])
    (folder / "tags.txt").unlink()
    (folder / "tag_hash.txt").unlink()
    assert set(read_folder(folder)[0].tags) == {()}


@pytest.mark.parametrize("cut", range(0, 42, 3))
def test_a_train_file_cut_short_is_never_taken_for_whole(dataset, cut):
    whole = GOOD["train.txt"].rstrip()
    with pytest.raises(DataError, match="train"):
        read_folder(dataset("train.txt", whole[: min(cut, len(whole) - 1)]))


def test_what_is_written_is_read_back(folder, small):
    dataset = load(folder)
    assert np.array_equal(dataset.train.songs, small.train.songs)
    assert np.array_equal(dataset.train.offsets, small.train.offsets)
    assert list(dataset.catalogue.titles) == list(small.catalogue.titles)
    assert list(dataset.catalogue.tags) == list(small.catalogue.tags)


def test_what_the_layout_cannot_hold_is_written_as_spaces_and_dashes(tmp_path):
    catalogue = Catalogue(np.arange(2), ["a\tb\nc / d", ""], ["  x  ", "-"], [(), ()], np.ones(2, np.int64))
    write_folder(tmp_path, catalogue, Playlists.of([[0, 1]]))
    read, _, _ = read_folder(tmp_path)
    assert (list(read.titles), list(read.artists)) == (["a b c / d", "-"], ["x", "-"])


def test_a_name_is_looked_for_in_the_data_folder(folder):
    assert load("small", folder.parent).n_songs == 120


def test_a_folder_called_toy_does_not_hide_the_built_in_toy(tmp_path, monkeypatch):
    (tmp_path / "toy").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load("toy").n_songs == 2000


def test_the_data_folder_may_come_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("RECOMMENDER_DATA", str(folder.parent))
    assert load("small").name == "small"


@pytest.mark.parametrize(
    ("name", "way_on"),
    [("yes_big", "recommender download yes_big"), ("nonsense", "give a folder, `toy`, or one of yes_small")],
)
def test_an_unknown_dataset_says_the_way_on(tmp_path, name, way_on):
    with pytest.raises(DataError, match=f"no dataset '{name}' .*{way_on}"):
        load(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "songs", "playlists", "plays"), [("yes_small", 3168, 41480, 175911), ("yes_big", 9775, 18139, 190649)]
)
def test_the_real_playlists_have_the_published_counts(real, name, songs, playlists, plays):
    dataset = load(real / name)
    assert (dataset.n_songs, len(dataset.train), dataset.train.n_plays) == (songs, playlists, plays)
