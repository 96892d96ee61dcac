"""The search for songs by text and the ways to name one."""

import numpy as np
import pytest

from recommender.catalogue import Catalogue, Song
from recommender.errors import UnknownSongError

SONGS = [
    Song(7, "Love Me Do", "The Beatles", ("60s", "rock"), 5),
    Song(3, "Lovely Rita", "The Beatles", (), 50),
    Song(99, "Crazy In Love", "Beyoncé", ("pop",), 9),
    Song(12, "1979", "The Smashing Pumpkins", (), 4),
    Song(1, "99 Problems", "JAY-Z", (), 3),
    Song(6, "Don't Stop Believin'", "Journey", (), 6),
    Song(5, "Группа крови", "Кино", (), 2),
]


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue(
        np.array([song.id for song in SONGS]),
        [song.title for song in SONGS],
        [song.artist for song in SONGS],
        [song.tags for song in SONGS],
        np.array([song.plays for song in SONGS]),
    )


@pytest.mark.parametrize("text", ["12", " 12\n"])
def test_an_id_means_its_song(catalogue, text):
    assert catalogue.find(text) == 3


def test_an_id_goes_before_the_same_digits_in_a_title(catalogue):
    assert catalogue.find("99") == 2


@pytest.mark.parametrize(("text", "row"), [("1979", 3), ("99 problems", 4)])
def test_digits_that_are_no_id_are_words(catalogue, text, row):
    assert catalogue.find(text) == row


def test_words_mean_their_best_hit(catalogue):
    assert catalogue.find("love") == 2


@pytest.mark.parametrize("text", ["zzz", "4711", "", "-7"])
def test_a_text_that_finds_no_song_is_an_error(catalogue, text):
    with pytest.raises(UnknownSongError, match=f"no song matches {text!r}; try fewer words"):
        catalogue.find(text)


def test_more_digits_than_python_reads_as_a_number_are_words(catalogue):
    with pytest.raises(UnknownSongError, match="no song matches '999"):
        catalogue.find("9" * 5000)


def test_a_row_is_found_by_id(catalogue):
    assert catalogue.row(99) == 2


def test_the_row_of_an_unknown_id_is_an_error(catalogue):
    with pytest.raises(UnknownSongError, match="no song has the id 4711; search for its title"):
        catalogue.row(4711)


def test_the_songs_come_back_as_they_went_in(catalogue):
    assert list(catalogue) == SONGS


def test_a_song_reads_as_title_and_artist():
    assert str(SONGS[0]) == "Love Me Do · The Beatles"


def test_columns_must_be_of_one_length():
    with pytest.raises(ValueError, match=r"columns must be of one length, got \[2, 1, 2, 2, 2\]"):
        Catalogue(np.array([1, 2]), ["a"], ["b"] * 2, [()] * 2, np.array([0, 0]))


def test_a_catalogue_may_be_empty():
    assert Catalogue(np.zeros(0, np.int64), [], [], [], np.zeros(0, np.int64)).search("love") == []


def test_a_misspelt_title_gets_a_suggestion(catalogue):
    with pytest.raises(UnknownSongError, match=r"no song matches 'lovly ritta'; did you mean Lovely Rita"):
        catalogue.find("lovly ritta")


def described(tags: list[tuple[str, ...]], artists: list[str]) -> dict[str, list[list[float]]]:
    n = len(tags)
    features = Catalogue(np.arange(n), ["x"] * n, artists, tags, np.zeros(n, np.int64)).features()
    return {name: matrix.toarray().tolist() for name, matrix in features.items()}


def test_a_song_has_its_tags_as_features_each_once():
    tags = [("rock", "60s", "rock"), (), ("60s",)]
    assert described(tags, ["A", "A", "A"])["tag"] == [[1, 1], [0, 0], [0, 1]]


def test_a_song_has_its_artist_as_a_feature_unless_unknown():
    assert described([()] * 5, ["A", "B", "-", " ", "A"])["artist"] == [[1, 0], [0, 1], [0, 0], [0, 0], [1, 0]]


def test_songs_without_tags_have_no_features():
    assert described([(), ()], ["A", "B"])["tag"] == [[], []]


def test_tags_are_counted_by_songs_and_artists_by_plays(catalogue):
    assert catalogue.tag_songs == {"60s": 1, "rock": 1, "pop": 1}
    assert [*catalogue.artist_plays.items()][:2] == [("The Beatles", 55), ("Beyoncé", 9)]


def test_the_unknown_artist_is_none():
    assert Catalogue(np.array([1]), ["a"], ["-"], [()], np.array([1])).artist_plays == {}


@pytest.mark.parametrize("text", ["beatles", "the bea", "beetles"])
def test_an_artist_is_found_by_beginnings_and_misspelt(catalogue, text):
    assert catalogue.search_artists(text) == ["The Beatles"]
