"""The song table: what is written is what is read, whether a line is asked for or all are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue import Catalogue, Song
from recommender.song_table import read_songs, write_songs

TEXT = st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"]), max_size=5)
IDS = st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, min_size=1, max_size=5)


def catalogue_of(songs: list[Song]) -> Catalogue:
    ids, plays = (np.array([getattr(song, name) for song in songs], np.int64) for name in ("id", "plays"))
    titles, artists, tags = ([getattr(song, name) for song in songs] for name in ("title", "artist", "tags"))
    return Catalogue(ids, titles, artists, tags, plays)


@given(IDS, st.data())
def test_a_catalogue_is_read_as_it_was_written(tmp_path_factory, ids, data):
    path = tmp_path_factory.mktemp("table") / "songs.tsv"
    tags = st.lists(TEXT, max_size=3).map(tuple)
    songs = [Song(one, data.draw(TEXT), data.draw(TEXT), data.draw(tags), data.draw(st.integers(0, 99))) for one in ids]
    write_songs(path, catalogue_of(songs))
    assert list(read_songs(path, len(songs))) == songs


@pytest.fixture
def catalogue(tmp_path):
    songs = [Song(5, "One", "A", ("pop", "80s"), 3), Song(7, "Two", "B"), Song(6, "Three", "C", ("rock",), 1)]
    write_songs(tmp_path / "songs.tsv", catalogue_of(songs))
    return read_songs(tmp_path / "songs.tsv", 3)


def test_a_column_says_the_same_of_one_song_and_of_all(catalogue):
    alone = [catalogue.titles[row] for row in range(3)], catalogue.tags[0], catalogue.artists[-1]
    assert alone == (["One", "Two", "Three"], ("pop", "80s"), "C")
    assert (list(catalogue.titles), next(iter(catalogue.tags)), list(catalogue.artists)[-1]) == alone
    assert [catalogue.titles[row] for row in range(3)] == alone[0]
    assert catalogue.titles[1:] == ["Two", "Three"]
    assert "Two" in catalogue.titles
    with pytest.raises(IndexError):
        catalogue.artists[3]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("1\t0\ta\tb\n", "songs.tsv has not the 2 songs that the card states"),
        ("1\t0\ta\tb\n2\t0\ta\tb", "songs.tsv has not the 2 songs"),
        ("1\t0\ta\tb\n2\t0\ta\n", "songs.tsv has not the 2 songs"),
        ("1\t0\ta\tb\n\n", "songs.tsv has not the 2 songs"),
        ("1\t0\ta\tb\n1\t3\ta\tb\n", "songs.tsv has an id twice"),
        (f"1\t0\ta\tb\n{2**63}\t3\ta\tb\n", "songs.tsv has a number of more than 64 bits"),
        ("1\t0\ta\tb\nx\t3\ta\tb\n", "invalid literal for int.*'x'"),
        ("1\t0\ta\tb\n2\t\ta\tb\n", "invalid literal for int.*''"),
        ("1\t0\ta\tb\n#2\t1\ta\tb\n", "invalid literal for int.*'#2'"),
    ],
)
def test_a_damaged_table_is_told(tmp_path, table, message):
    (tmp_path / "songs.tsv").write_text(table)
    with pytest.raises(ValueError, match=message):
        read_songs(tmp_path / "songs.tsv", 2)


@pytest.mark.parametrize("title", ["a\tb", "a\nb"])
def test_a_title_that_would_break_a_line_is_refused(tmp_path, title):
    with pytest.raises(ValueError, match="a tab or a newline in Song"):
        write_songs(tmp_path / "songs.tsv", catalogue_of([Song(1, title, "x")]))
