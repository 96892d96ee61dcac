"""The playlist's tab: what each button makes of the playlist, without a browser."""

import json
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recommender import EXPORTS, Radio, Rotation, Run, continued, filled, misfits, most_alike, path, reordered, tags
from recommender.page.address import MOST
from recommender.training import train
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def run(run_folder):
    return Run.load(run_folder)


@pytest.fixture
def page(monkeypatch, run_folder):
    """The page, opened with the given songs in its address."""

    def open_(*songs, folder=run_folder, **address):
        monkeypatch.setattr(sys, "argv", ["app.py", str(folder)])
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.query_params.update(address | {"part": "Playlist"})
        if songs:
            app.query_params["songs"] = ",".join(map(str, songs))
        app.run()
        assert not app.exception
        return app

    return open_


UP = {"song": 11, "from": 2, "to": 1}


def press(app, name):
    app.button(key=f"playlist-{name}").click().run()
    assert not app.exception
    return app


def ask(app, **asked):
    """What the rows of the order send when a song is moved or removed."""
    rows = order(app)
    states = app._tree.get_widget_states()
    trigger = states.widgets.add(id=f"$$STREAMLIT_INTERNAL_KEY_{rows.proto.id}__events")
    trigger.json_trigger_value = json.dumps([{"event": "asked", "value": asked}])
    app._run(states)
    assert not app.exception
    return app


def rows(app):
    """What the rows of the order show."""
    return json.loads(order(app).proto.json)


def order(app):
    [rows] = [one for one in app.get("bidi_component") if one.proto.component_name.endswith("order")]
    return rows


def turn_to(app, part):
    app.session_state["part"] = app.query_params["part"] = part
    app.run()


def songs(app):
    value = app.query_params["songs"]  # a list only as the test itself set it
    return [int(song) for song in (value if isinstance(value, str) else value[0]).split(",") if song]


def play(app, n):
    app.number_input(key="playlist-drawn").set_value(n)
    return press(app, "play")


def told(app):
    return "\n".join(text.value for text in app.markdown).replace("\\", "")


def paste(app, text, how="replace"):
    app.text_area(key="playlist-pasted").set_value(text)
    return press(app, how)


def test_a_song_is_moved_and_removed(page):
    app = ask(page(7, 9, 11), **{"song": 11, "from": 2, "to": 1})
    assert songs(app) == [7, 11, 9]
    assert songs(ask(app, **{"song": 7, "from": 0})) == [11, 9]
    assert songs(press(app, "clear")) == []


def test_what_is_asked_of_a_song_that_is_elsewhere_by_now_is_passed_over(page):
    app = ask(page(7, 9, 11), **{"song": 9, "from": 2, "to": 0})
    assert songs(app) == [7, 9, 11]
    assert rows(app)["done"] == 1


def test_a_song_is_moved_to_where_it_is_not_shown(page):
    app = page(*range(60))
    assert songs(ask(app, **{"song": 49, "from": 49, "to": 50}))[49:52] == [50, 49, 51]


def test_undo_takes_back_one_change_after_another(page):
    app = press(ask(page(7, 9, 11), **UP), "clear")
    assert songs(press(app, "undo")) == [7, 11, 9]
    assert songs(press(app, "undo")) == [7, 9, 11]
    assert app.button(key="playlist-undo").disabled


def test_undo_is_asked_by_keys_in_the_list_too(page):
    app = ask(ask(page(7, 9, 11), **UP), undo=True)
    assert songs(app) == [7, 9, 11]
    assert rows(app)["done"] == 2
    assert ask(app, undo=True).toast[0].value == "Nothing changed"


def test_undo_takes_back_what_another_tab_added(page):
    app = page(7, 9)
    turn_to(app, "Discover")
    app.button(key=next(button.key for button in app.button if (button.key or "").startswith("next-"))).click().run()
    turn_to(app, "Playlist")
    assert len(songs(app)) == 3
    assert songs(press(app, "undo")) == [7, 9]


def test_the_last_twenty_changes_can_be_taken_back(page):
    app = page(7, 9)
    for _ in range(21):
        ask(app, **{"song": songs(app)[1], "from": 1, "to": 0})
    for _ in range(20):
        press(app, "undo")
    assert songs(app) == [9, 7]
    assert app.button(key="playlist-undo").disabled


def test_it_goes_on_to_so_many_songs(page, run):
    app = page(7, 9)
    app.number_input(key="playlist-n").set_value(6)
    assert songs(press(app, "continue")) == continued(run.model, [7, 9], 6, Rotation.of(run.catalogue, 2))


def test_numbers_stay_while_another_part_is_open(page):
    app = page(7, 9)
    for key, number in (("n", 6), ("spacing", 4), ("after", 2), ("gaps", 3), ("steps", 5), ("drawn", 7)):
        app.number_input(key=f"playlist-{key}").set_value(number)
    app.run()
    turn_to(app, "Learn")
    turn_to(app, "Playlist")
    kept = [
        app.number_input(key=f"playlist-{key}").value for key in ("n", "spacing", "after", "gaps", "steps", "drawn")
    ]
    assert kept == [6, 4, 2, 3, 5, 7]


def test_it_goes_on_as_the_lists_are_shaped(page, run):
    app = page(7, 9)
    app.selectbox(key="dial-per_artist").select(1).run()
    app.number_input(key="playlist-n").set_value(20)
    app.number_input(key="playlist-spacing").set_value(0)
    artists = [run.catalogue.artists[song] for song in songs(press(app, "continue"))]
    assert len(set(artists)) == len(artists) == 20


def test_going_on_to_fewer_songs_than_there_are_is_said_in_a_sentence(page):
    app = page(7, 9, 11)
    app.number_input(key="playlist-n").set_value(2)
    press(app, "continue")
    assert "has 3 songs already" in app.error[0].value.replace("\\", "")
    assert songs(app) == [7, 9, 11]


def test_what_was_wrong_is_said_once(page):
    app = page(7)
    press(app, "path")
    assert app.error[0].value.startswith("A path leads from one song to another")
    assert not press(app, "tags").error


def test_every_press_is_answered_wherever_one_is_on_the_page(page):
    def said(app):
        return [toast.value.replace("\\", "") for toast in app.toast]

    app = page(7, 9)
    assert said(play(app, 3)) == ["3 songs added"]
    assert said(press(app, "path")) == ["A path of 8 songs"]
    assert said(press(app, "tags")) == ["Tags: see below the button"]
    assert said(press(app, "undo")) == ["Taken back"]
    app.number_input(key="playlist-n").set_value(2)
    assert "5 songs already" in said(press(app, "continue"))[0]
    assert said(app.run()) == []


def test_songs_are_drawn_at_a_press_and_not_at_a_rerun(page):
    app = play(page(7, 9), 5)
    drawn = songs(app)
    assert len(set(drawn)) == 7
    assert songs(app.run()) == drawn


def test_another_press_draws_other_songs(page):
    app = play(page(7, 9), 5)
    first = songs(app)
    play(press(app, "undo"), 5)
    assert songs(app) != first


def test_at_temperature_0_the_best_songs_are_played(page, run):
    app = page(7, 9)
    app.slider(key="playlist-temperature").set_value(0.0)
    assert songs(play(app, 5)) == continued(run.model, [7, 9], 7, Rotation.of(run.catalogue, 2))


def test_plus_asks_for_more_like_it_and_minus_takes_it_out(page, run):
    app = play(page(7, 9), 2)
    [first, second] = songs(app)[2:]
    app.button(key=f"playlist-plus-{first}").click().run()
    app.button(key=f"playlist-minus-{second}").click().run()
    assert (songs(app), app.query_params["like"], app.query_params["dislike"]) == (
        [7, 9, first],
        str(first),
        str(second),
    )
    assert app.button(key=f"playlist-plus-{first}").disabled
    press(app, "undo")
    assert songs(app) == [7, 9, first, second]
    assert "dislike" not in app.query_params


def test_the_radio_plays_by_what_discover_likes_and_dislikes(page, run):
    app = page(7, 9)
    app.query_params["dislike"] = "60"
    app.slider(key="playlist-temperature").set_value(0.0)
    radio = Radio(run.model, [7, 9], Rotation.of(run.catalogue, 2), temperature=0, memory=2 * MOST).dislike(60)
    assert songs(play(app, 5))[2:] == [next(radio) for _ in range(5)]


def test_a_gap_is_filled_with_what_fits_around_it(page, run):
    app = page(7, 9, 90)
    app.number_input(key="playlist-gaps").set_value(2)
    rotation = Rotation.of(run.catalogue, 2)
    assert songs(press(app, "fill")) == filled(run.model, [7, None, None, 9, 90], rotation)


def test_it_is_put_in_order(page, run):
    given = [7, 90, 9, 60, 11, 33]
    assert songs(press(page(*given), "reorder")) == reordered(run.model, given)


def test_it_is_put_in_order_after_the_first_song(page, run):
    given = [7, 90, 9, 60, 11, 33]
    app = page(*given)
    app.toggle(key="playlist-keep-first").set_value(True)
    assert songs(press(app, "reorder")) == reordered(run.model, given, keep_first=True)


def test_a_path_from_the_first_to_the_last_replaces_it_and_undo_brings_it_back(page, run):
    app = press(page(7, 9, 90), "path")
    assert songs(app) == path(run.model, 7, 90, 8, Rotation.of(run.catalogue, 2)).songs
    assert songs(press(app, "undo")) == [7, 9, 90]


def choose(app, run, end, song):
    """Search a song of a path's end, and press it."""
    app.session_state[f"playlist-{end}-search"] = {"text": str(run.catalogue[song])}
    return press(app.run(), f"{end}-{run.catalogue.ids[song]}")


def test_a_path_between_any_two_songs(page, run):
    app = choose(choose(page(7, 9), run, "start", 90), run, "end", 60)
    app.number_input(key="playlist-steps").set_value(5)
    assert songs(press(app, "path")) == path(run.model, 90, 60, 5, Rotation.of(run.catalogue, 2)).songs
    press(press(app, "end-none"), "start-none")
    app.number_input(key="playlist-steps").set_value(3)
    assert songs(press(app, "path"))[::2] == [90, 60]


def test_a_path_leads_on_from_the_last_song(page, run):
    app = press(page(7, 9), "lead-on")
    assert "no song to lead to" in app.error[0].value
    led = path(run.model, 9, 60, 8, Rotation.of(run.catalogue, 2)).songs
    assert songs(press(choose(app, run, "end", 60), "lead-on")) == [7, *led]


def test_a_path_leads_on_by_no_song_of_the_playlist(page, run):
    given = [*path(run.model, 9, 60, 8, Rotation.of(run.catalogue, 2)).songs[1:4], 9]
    longer = songs(press(choose(page(*given), run, "end", 60), "lead-on"))
    assert longer[:4] == given
    assert len(set(longer)) == len(longer) == 11


def test_what_takes_long_shows_how_far_it_is_and_can_be_stopped():
    def script():
        from time import sleep

        import streamlit as st

        from recommender.page.playlist.tools import watched

        for song in watched(iter([7, 9, 11]), 3):
            if song == 9:
                sleep(0.6)
            if song == 11:
                st.stop()

    app = AppTest.from_function(script).run()
    assert [button.label for button in app.button] == ["Stop"]
    assert [bar.proto.text for bar in app.get("progress")] == ["2 of 3 songs found"]
    assert not app.exception


MISFIT, FITTING = [7, 9, 11, 0], [75, 61, 100]  # with places beyond 100 of 120, and without


def test_only_what_does_not_fit_is_told_and_marked(page, run):
    app = press(page(*MISFIT), "misfits")
    remarks = [
        f"{place - 1:.0f} songs would fit better there" if place > 100 else "" for place in misfits(run.model, MISFIT)
    ]
    assert [row["remark"] for row in rows(app)["rows"]] == remarks
    assert {*re.findall(r"(?m)^(\d)\. ", told(app))} == {str(i + 1) for i in range(4) if remarks[i]}


def test_it_is_said_that_all_songs_fit(page, run):
    worst = misfits(run.model, FITTING).max()
    assert f"All songs fit: the one that fits least is at place {worst:.0f} of" in told(
        press(page(*FITTING), "misfits")
    )


def test_what_was_told_goes_when_the_playlist_changes(page):
    app = press(page(7, 9, 90, 11), "misfits")
    assert "Fits least" not in told(ask(app, **{"song": 90, "from": 2, "to": 1}))


def test_what_was_told_goes_when_it_is_dismissed(page):
    app = press(press(page(7, 9, 90, 11), "misfits"), "untold")
    assert "Fits least" not in told(app)
    assert {row["remark"] for row in rows(app)["rows"]} == {""}


def test_its_tags_are_told(page, run):
    given = [song for song in range(120) if run.catalogue.tags[song] == run.catalogue.tags[7]][:5]
    [first, *_] = tags(run.catalogue, given)
    assert f"**{first.name}**: {first.songs} of {first.of} songs" in told(press(page(*given), "tags"))


def test_the_playlists_most_like_it_are_told(page, run):
    [(number, share), *_] = most_alike(run.learnt_from, [7, 9])
    length = len(set(run.learnt_from[number].tolist()))
    assert f"**{share:.0%}** of {length} songs, with" in told(press(page(7, 9), "alike"))


def test_a_run_that_did_not_keep_its_playlists_says_so(page, run, tmp_path):
    replace(run, playlists=None).save(tmp_path / "run")
    app = press(page(7, 9, folder=tmp_path / "run"), "alike")
    assert "did not keep its playlists" in app.error[0].value


def test_what_was_saved_last_is_the_chosen_one_with_its_number_of_songs(page, run, tmp_path):
    run.save(tmp_path / "run")
    app = page(7, 9, folder=tmp_path / "run")
    for name in "BA":
        app.text_input(key="playlist-name").set_value(name)
        press(play(press(app, "save"), 1), "save")
        chosen = app.selectbox(key="playlist-saved")
        assert chosen.value == name
    assert [option[:11] for option in chosen.options] == ["A · 4 songs", "B · 3 songs"]


def test_there_is_a_download_for_every_format(page):
    labels = [button.label for button in page(7, 9).get("download_button")]
    assert labels == [ending.removeprefix(".").upper() for ending in EXPORTS]


@pytest.mark.parametrize("ending", EXPORTS)
def test_what_was_exported_is_the_same_playlist_when_pasted(page, run, ending):
    given = [7, 90, 9, 60]
    text = EXPORTS[ending]([run.catalogue[song] for song in given], "Mine")
    assert songs(paste(page(1, 2), text)) == given


def test_a_list_is_added_to_what_is_there(page, run):
    title, artist = run.catalogue.titles[9], run.catalogue.artists[9]
    app = paste(page(7), f"{artist} - {title}", "append")
    assert songs(app) == [7, 9]
    assert app.text_area(key="playlist-pasted").value == ""


def test_a_file_is_read_by_its_ending(page, run):
    app = page()
    content = EXPORTS[".csv"]([run.catalogue[9]], "").encode()
    app.file_uploader(key="playlist-file-0").set_value(("mine.csv", content, "text/csv"))
    assert songs(press(app, "append")) == [9]


def test_a_song_that_is_not_found_is_shown_with_one_that_may_have_been_meant(page, run):
    title, artist = run.catalogue.titles[9], run.catalogue.artists[9]
    app = paste(page(7), f"{artist}x - {title[:-1]}", "replace")
    assert f"Not found: **{title[:-1]}** · {artist}x; did you mean" in told(app)
    assert songs(app) == [7]
    press(app, "meant-0-9")
    assert songs(app) == [7, 9]
    assert "Not found" not in told(app)


def test_of_many_that_are_not_found_ten_are_shown(page):
    app = paste(page(7), "\n".join(f"Qqqq - Zzzz{number}" for number in range(15)))
    assert told(app).count("Not found") == 10
    assert any("5 more were not found" in caption.value for caption in app.caption)
    assert "Not found" not in told(press(app, "dismiss"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A - B\n" * 5001, "longer than 5,000 lines"),
        ("  ", "There is no list yet"),
        ('{"tracks": []}', "Nothing could be imported"),
        ("[" * 100_000, "Nothing could be imported"),
    ],
    ids=["long", "empty", "no songs", "nested"],
)
def test_a_list_that_cannot_be_read_is_said_in_a_sentence(page, text, message):
    app = paste(page(7), text)
    assert message in app.error[0].value.replace("\\", "")
    assert "/tmp" not in app.error[0].value
    assert songs(app) == [7]


def test_a_zip_is_not_unpacked(page):
    app = page(7)
    app.file_uploader(key="playlist-file-0").set_value(("mine.csv", b"PK\3\4", "text/csv"))
    assert "is a zip" in press(app, "append").error[0].value


def test_a_pasted_list_and_a_file_are_taken_one_after_the_other_and_let_go_of(page, run):
    app = page(7)
    line = "{0.artist} - {0.title}".format
    app.file_uploader(key="playlist-file-0").set_value(("mine.txt", line(run.catalogue[11]).encode(), "text/plain"))
    assert songs(paste(app, line(run.catalogue[9]), "append")) == [7, 9, 11]
    assert app.file_uploader(key="playlist-file-1").value is None
    assert "There is no list yet" in press(app, "append").error[0].value


def test_a_playlist_has_a_greatest_length(page, run):
    text = EXPORTS[".json"]([run.catalogue[9]] * (MOST + 1), "")
    assert f"at most {MOST} songs" in paste(page(7), text).error[0].value


def test_of_a_long_playlist_some_songs_are_shown_and_the_others_counted(page):
    app = page(*range(60))
    assert [row["id"] for row in rows(app)["rows"]] == [*range(50)]
    app.selectbox(key="playlist-from").set_value(50).run()
    assert [row["id"] for row in rows(app)["rows"]] == [*range(50, 60)]
    assert any("50 more songs are in the playlist" in caption.value for caption in app.caption)


def test_an_unknown_song_of_the_address_is_left_out(page):
    assert songs(ask(page(7, 4000, 9), **{"song": 9, "from": 1, "to": 0})) == [9, 7]


def test_what_was_told_of_a_run_goes_with_the_run(page, run, small, tmp_path):
    run.save(tmp_path / "run")
    app = press(page(7, 9, folder=tmp_path / "run"), "alike")
    paste(app, f"Nobody - {run.catalogue.titles[119]}x")
    assert "Playlists it learnt" in told(app)
    assert "Not found" in told(app)
    fewer = replace(train(small, "markov"), playlists=small.train.take(np.arange(2)))
    fewer.save(tmp_path / "run", force=True)
    assert not app.run().exception
    assert "Playlists it learnt" not in told(app)
    assert "Not found" not in told(app)


def test_names_are_never_markup(page, small, tmp_path):
    title = "<b>x</b> *a* :red[x] `c` [l](http://x)\u202e" + "y" * 10_000
    catalogue = replace(small.catalogue, titles=[title] * small.n_songs, plays=np.ones(small.n_songs, np.int64))
    train(replace(small, catalogue=catalogue), "markov").save(tmp_path / "run")
    app = press(page(7, 9, 11, folder=tmp_path / "run"), "misfits")
    own = [text.value for text in app.markdown if re.match(r"\d\\\.|\*\*Fits", text.value)]
    press(app, "play")
    own += [button.help for button in app.button if (button.key or "").startswith(("playlist-plus", "playlist-minus"))]
    assert len(own) == 3
    for text in own:
        assert not re.search(r"(?<!\\)(<b|\[l|:red|`)|\u202e", text)
        assert len(text) < 1500
