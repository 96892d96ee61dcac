"""Saved playlists: no tab loses what another one saved, and songs that a run does not know stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import RecommenderError, Run
from recommender.page.database import kept_beside
from recommender.page.playlist.kept import OtherVersionError, find, keep, newest, remove, rename, with_unknown
from recommender.training import train
from tests.test_page_playlist import UP, ask, page, press, run, songs, told  # noqa: F401


@pytest.fixture
def home(run, tmp_path):  # noqa: F811
    """A run of its own, so that what is saved is not seen by others."""
    run.save(tmp_path / "mine")
    return tmp_path / "mine"


def test_what_is_saved_is_found_whatever_the_case(tmp_path):
    kept = keep(tmp_path, " Late  Night ", [3, 1, 3], None)
    assert (kept.name, kept.songs) == ("Late Night", (3, 1, 3))
    assert find(tmp_path, "late NIGHT") == kept
    assert find(tmp_path, "later") is None


def test_a_version_that_was_not_seen_is_not_written_over(tmp_path):
    first = keep(tmp_path, "Mine", [1], None)
    second = keep(tmp_path, "mine", [2], first.version)
    for seen in (first.version, None):
        with pytest.raises(OtherVersionError, match="since you opened it; nothing was changed") as refused:
            keep(tmp_path, "Mine", [3], seen)
        assert refused.value.there == second
    assert find(tmp_path, "Mine") == second


def test_what_was_deleted_meanwhile_is_not_written_anew_unasked(tmp_path):
    first = keep(tmp_path, "Mine", [1], None)
    assert remove(tmp_path, "mine") == first
    with pytest.raises(OtherVersionError, match="not among the saved playlists any more"):
        keep(tmp_path, "Mine", [1, 2], first.version)
    with pytest.raises(OtherVersionError, match="not among the saved playlists any more"):
        remove(tmp_path, "Mine")
    again = keep(tmp_path, "Mine", [1], None)
    with pytest.raises(OtherVersionError, match="since you opened it"):
        keep(tmp_path, "Mine", [1, 2], first.version)
    assert again.version != first.version


def test_a_renamed_playlist_stays_the_version_it_is(tmp_path):
    kept = keep(tmp_path, "Mine", [1], None)
    keep(tmp_path, "Yours", [2], None)
    rename(tmp_path, "Mine", "MINE")
    with pytest.raises(RecommenderError, match="there is a saved playlist yours already"):
        rename(tmp_path, "Mine", "yours")
    rename(tmp_path, "Mine", "Ours")
    assert find(tmp_path, "Ours").version == kept.version
    with pytest.raises(OtherVersionError, match="deleted or renamed"):
        rename(tmp_path, "Mine", "Theirs")


@pytest.mark.parametrize("name", ["", " \n", "x" * 81])
def test_a_name_has_a_length(tmp_path, name):
    with pytest.raises(RecommenderError, match="a name has 1 to 80 characters, this one has"):
        keep(tmp_path, name, [1], None)


def test_the_newest_are_listed_first_and_the_others_counted(tmp_path):
    for name in ("One", "Two", "100 %", "Three"):
        keep(tmp_path, name, [1], None)
    found, n = newest(tmp_path, 2)
    assert ([kept.name for kept in found], n) == (["Three", "100 %"], 4)
    found, n = newest(tmp_path, 2, "%")
    assert ([kept.name for kept in found], n) == (["100 %"], 1)
    assert newest(tmp_path / "elsewhere" / "run", 2) == ([], 0)


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True))
def test_songs_that_are_not_known_stay_and_the_others_are_as_they_are_now(before, now):
    unknown = {song for song in before if song >= 5}
    now = [song for song in now if song < 5]
    whole = with_unknown(now, before, unknown)
    assert [song for song in whole if song < 5] == now
    assert {song for song in whole if song >= 5} == unknown
    assert with_unknown([song for song in before if song < 5], before, unknown) == before


def name(app, text):
    app.text_input(key="playlist-name").set_value(text)
    return app


def status(app):
    return " ".join(caption.value for caption in app.caption)


def test_a_playlist_is_saved_changed_cleared_and_opened_again(page, home):  # noqa: F811
    app = page(7, 9, 11, folder=home)
    assert "Not saved yet" in status(app)
    press(name(app, "Late"), "save")
    assert "Saved as **Late**" in status(app)
    ask(app, **UP)
    assert "changes that are not saved" in status(app)
    assert find(home, "late").songs == (7, 9, 11)
    press(app, "save")
    assert find(home, "late").songs == (7, 11, 9)
    press(app, "clear")
    assert "Not saved yet" in status(app)
    assert songs(press(app, "open")) == [7, 11, 9]
    assert "Saved as **Late**" in status(app)


def test_a_reload_goes_on_with_the_open_playlist(page, home):  # noqa: F811
    app = press(name(page(7, 9, 11, folder=home), "Late"), "save")
    other = page(7, 11, folder=home, **{key: app.query_params[key] for key in ("list", "version")})
    assert "**Late** is open, with changes that are not saved" in status(other)
    press(other, "save")
    assert find(home, "Late").songs == (7, 11)


def test_two_tabs_do_not_lose_each_others_work(page, home):  # noqa: F811
    first = press(name(page(7, 9, 11, folder=home), "Late"), "save")
    second = press(page(folder=home), "open")
    press(ask(second, **UP), "save")
    ask(first, **{"song": 7, "from": 0})
    assert "saved with other songs elsewhere" in status(first)
    press(first, "save")
    assert "since you opened it; nothing was changed" in first.warning[0].value.replace("\\", "")
    assert find(home, "Late").songs == (7, 11, 9)
    press(first, "anyway")
    assert find(home, "Late").songs == (9, 11)
    assert not first.warning
    press(second, "save")
    assert songs(press(second, "theirs")) == [9, 11]
    assert "Saved as **Late**" in status(second.run())


def test_a_deleted_playlist_is_brought_back(page, home):  # noqa: F811
    app = press(press(name(page(7, 9, folder=home), "Late"), "save"), "delete")
    assert find(home, "Late") is None
    assert "**Late** was deleted" in status(app)
    press(app, "bring-back")
    assert find(home, "Late").songs == (7, 9)


def test_a_playlist_is_renamed(page, home):  # noqa: F811
    app = press(name(page(7, 9, folder=home), "Late"), "save")
    press(name(app, "Early").run(), "rename")
    assert "Saved as **Early**" in status(app)
    assert find(home, "late") is None


def test_saving_is_not_undone(page, home):  # noqa: F811
    app = ask(press(name(page(7, 9, 11, folder=home), "Late"), "save"), **UP)
    press(press(app, "save"), "undo")
    press(app, "save")
    assert find(home, "Late").songs == (7, 9, 11)


def test_saving_for_the_first_time_is_not_undone_either(page, home):  # noqa: F811
    app = press(name(ask(page(7, 9, 11, folder=home), **UP), "Late"), "save")
    press(press(app, "undo"), "save")
    assert "Saved as **Late**" in status(app)
    assert not app.warning
    assert find(home, "Late").songs == (7, 9, 11)


def test_renaming_and_deleting_are_not_undone(page, home):  # noqa: F811
    app = ask(press(name(page(7, 9, 11, folder=home), "Late"), "save"), **UP)
    press(press(name(app, "Early").run(), "rename"), "undo")
    assert (songs(app), find(home, "late")) == ([7, 9, 11], None)
    assert "**Early**" in status(app)
    press(press(ask(app, **UP), "delete"), "undo")
    assert "Not saved yet" in status(app)


def test_songs_that_the_run_does_not_know_are_told_and_stay(page, home):  # noqa: F811
    keep(home, "Wide", [5000, 7, 6000, 9], None)
    app = press(page(folder=home), "open")
    assert songs(app) == [7, 9]
    assert "2 of the songs of **Wide** are not in this run" in app.warning[0].value
    press(ask(app, **{"song": 9, "from": 1, "to": 0}), "save")
    assert find(home, "Wide").songs == (5000, 9, 7, 6000)


def test_what_is_saved_outlives_the_run(page, home, small):  # noqa: F811
    app = press(name(page(7, 9, folder=home), "Late"), "save")
    train(small, "markov").save(home, force=True)
    assert songs(press(press(app, "clear"), "open")) == [7, 9]
    assert Run.load(home).card["model"] == "markov"


def test_a_damaged_file_is_said_and_the_rest_of_the_page_goes_on(page, home):  # noqa: F811
    kept_beside(home).write_bytes(b"no database " * 99)
    app = page(7, 9, folder=home)
    assert "it is damaged" in app.error[0].value
    assert len(songs(press(app, "play"))) == 3


def test_a_name_is_never_markup(page, home):  # noqa: F811
    app = press(name(page(7, 9, folder=home), "<b>*x*</b> :red[y]"), "save")
    assert r"Saved as **\<b\>\*x\*\</b\> \:red\[y\]**" in status(app)


def test_of_many_saved_playlists_fifty_are_listed(page, home):  # noqa: F811
    for number in range(51):
        keep(home, f"Number {number}", [7], None)
    app = page(7, folder=home)
    assert len(app.selectbox(key="playlist-saved").options) == 50
    assert "1 older ones are not listed" in status(app)
    app.text_input(key="playlist-find").set_value("number 0").run()
    assert [option.split(" · ")[0] for option in app.selectbox(key="playlist-saved").options] == ["Number 0"]
