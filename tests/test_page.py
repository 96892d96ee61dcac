"""The page's logic, on a real run, without a browser."""

import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from recommender import Run
from recommender.catalogue import Song
from recommender.page.discover import starting
from recommender.page.parts import described, escaped, played
from recommender.page.view import View
from recommender.shaping import Shape
from recommender.training import train
from tests.conftest import ROOT, catalogue_of


@pytest.fixture
def page(monkeypatch, run_folder):
    """The page of a run, opened with the given songs in its address."""

    def open_(songs="", folder=run_folder, **address):
        monkeypatch.setattr(sys, "argv", ["app.py", *([str(folder)] if folder else [])])
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        if songs:
            app.query_params["songs"] = songs
        for name, value in address.items():
            app.query_params[name] = value
        app.session_state["shape"] = True  # the dials are unfolded
        app.run()
        assert not app.exception
        return app

    return open_


def keys(app, prefix):
    return [button.key for button in app.button if (button.key or "").startswith(prefix)]


def chosen(app):
    return address(app)["songs"][0]


def address(app):
    return {name: value if isinstance(value, list) else [value] for name, value in app.query_params.items()}


def answers(run, view):
    return [f"next-{song.id}" for song, _ in run.recommend(view.songs, 10, taste=view.taste, shape=view.shape)]


def typed(app, key, text):
    """The page after this was typed in a box; a component keeps what was typed under its key."""
    app.session_state[key] = {"text": text}
    app.run()
    assert not app.exception
    return app


def texts(app):
    return " ".join(element.value for kind in ("markdown", "caption") for element in app.get(kind))


def test_a_folder_that_is_no_run_is_said_in_a_sentence(page, tmp_path):
    assert "is not a run" in page(folder=tmp_path).error[0].value


def test_at_first_the_songs_played_most_are_offered(page, run_folder):
    catalogue = Run.load(run_folder).catalogue
    assert keys(page(), "most-")[0] == f"most-{catalogue.ids[catalogue.plays.argmax()]}"
    assert not keys(page("7"), "most-")


def test_a_song_to_start_with_is_added_by_a_press(page, small):
    first = starting(small.catalogue)[0]
    app = page()
    app.button(key=f"start-{first.id}").click().run()
    assert chosen(app) == str(first.id)


def test_songs_to_start_with_have_no_tag_in_common_and_those_played_more_come_first():
    tags = [("rock",), ("pop", "80s"), ("rock", "90s"), ("pop", "jazz"), ("jazz", "swing")]
    plays = np.array([9, 5, 4, 3, 2])
    catalogue = replace(catalogue_of(5), tags=tags, plays=plays)
    assert [song.id for song in starting(catalogue)] == [1, 2, 4]


def test_searching_and_adding_shows_what_comes_next_and_what_is_alike(page, run_folder):
    run = Run.load(run_folder)
    app = typed(page(), "search", run.catalogue.titles[7])
    app.button(key="hit-7").click().run()
    assert chosen(app) == "7"
    assert keys(app, "next-") == [f"next-{song.id}" for song, _ in run.recommend([7], 10)]
    assert keys(app, "like-") == [f"like-{song.id}" for song, _ in run.similar(7, 10)]


def test_a_song_that_was_found_and_added_shows_so_and_is_taken_out_by_the_same_button(page, run_folder):
    title = Run.load(run_folder).catalogue.titles[7]
    app = typed(page("9"), "search", title)
    assert app.button(key="hit-7").icon == ":material/add:"
    app.button(key="hit-7").click().run()
    assert (chosen(app), keys(app, "hit-")) == ("9,7", [])  # the box is empty, and the playlist in view
    typed(app, "search", title)
    assert app.button(key="hit-7").icon == ":material/check:"
    app.button(key="hit-7").click().run()
    assert (chosen(app), app.button(key="hit-7").icon) == ("9", ":material/add:")


def test_songs_of_the_playlist_are_not_among_those_that_are_alike(page):
    other = keys(page("7"), "like-")[0].removeprefix("like-")
    assert f"like-{other}" not in keys(page(f"{other},7"), "like-")


def test_an_answer_can_be_added_and_a_song_removed(page):
    app = page("7,9")
    first = keys(app, "next-")[0]
    app.button(key=first).click().run()
    assert chosen(app) == f"7,9,{first.removeprefix('next-')}"
    app.button(key="chosen-0-7").click().run()
    assert chosen(app).startswith("9,")
    assert "chosen-0-7" not in keys(app, "chosen-")  # a second press finds no button, and removes no other song


def test_only_the_part_that_is_open_is_sent(page):
    assert not keys(page("7,9"), "playlist-")
    assert not keys(page("7,9", part="Playlist"), "next-")


def test_an_address_of_no_part_opens_the_first(page):
    assert keys(page("7,9", part="Nonsense"), "next-")


def test_a_link_opens_the_same_playlist(page):
    assert keys(page("7,9"), "chosen-") == ["chosen-0-7", "chosen-1-9"]


def test_an_unknown_song_in_the_address_is_said_and_left_out(page):
    app = page("7,4000,x")
    assert "4000, x" in app.warning[0].value
    assert keys(app, "chosen-") == ["chosen-0-7"]


def test_of_a_long_playlist_the_last_songs_are_shown(page):
    app = page(",".join(str(song) for song in range(60)))
    assert keys(app, "chosen-") == [f"chosen-{place}-{place}" for place in range(48, 60)]
    assert any("48 earlier songs count too" in caption.value for caption in app.caption)


def test_no_match_is_said(page):
    app = typed(page(), "search", "qqqq")
    assert "No song matches" in app.warning[0].value


def test_a_misspelt_title_finds_what_comes_near_and_says_so(page, run_folder):
    title = Run.load(run_folder).catalogue.titles[7]
    app = typed(page(), "search", f"{title[:2]}x{title[2:]}")
    assert "No song matches exactly" in texts(app)
    assert "hit-7" in keys(app, "hit-")


def test_likes_and_dislikes_change_what_comes_next(page, run_folder):
    run = Run.load(run_folder)
    app = page("7")
    first, second = (int(key.removeprefix("next-")) for key in keys(app, "next-")[:2])
    app.button(key=f"up-next-{first}").click().run()
    assert keys(app, "next-") == answers(run, View((7,), (first,)))
    app.button(key=f"down-next-{second}").click().run()
    assert address(app) == {"songs": ["7"], "like": [str(first)], "dislike": [str(second)]}
    assert keys(app, "next-") == answers(run, View((7,), (first,), (second,)))
    app.button(key=f"forget-{first}").click().run()
    assert keys(app, "next-") == answers(run, View((7,), (), (second,)))


def test_a_disliked_song_is_not_among_those_that_are_alike(page):
    first = keys(page("7"), "like-")[0].removeprefix("like-")
    assert f"like-{first}" not in keys(page("7", dislike=first), "like-")


def test_a_like_alone_is_asked(page, run_folder):
    assert keys(page(like="7"), "next-") == answers(Run.load(run_folder), View(like=(7,)))


@pytest.mark.parametrize(
    ("kind", "key", "value", "asked", "parameter"),
    [
        ("selectbox", "dial-per_artist", 1, {"max_per_artist": 1}, "per_artist"),
        ("number_input", "dial-spacing", 3, {"artist_spacing": 3}, "spacing"),
        ("slider", "dial-popularity", -1.0, {"popularity": -1.0}, "popularity"),
        ("slider", "dial-variety", 0.5, {"variety": 0.5}, "variety"),
        ("toggle", "dial-one_version", True, {"collapse_versions": True}, "one_version"),
        ("multiselect", "choice-no_tags", ["TAG"], {"without_tags": ["TAG"]}, "no_tags"),
    ],
)
def test_a_dial_changes_both_lists_and_stands_in_the_address(page, run_folder, kind, key, value, asked, parameter):
    run = Run.load(run_folder)
    tag = next(iter(run.catalogue.tag_songs))
    named = lambda some: [tag] if some == ["TAG"] else some  # noqa: E731
    shape = Shape(**{field: named(some) for field, some in asked.items()})
    app = page("7,9")
    getattr(app, kind)(key=key).set_value(named(value)).run()
    assert set(address(app)) == {"songs", parameter}
    assert app.slider(key="dial-popularity").label == "Popularity: rare ← → hits"
    assert keys(app, "next-") == answers(run, View((7, 9), shape=shape))
    assert keys(app, "like-") == [
        f"like-{song.id}" for song, _ in run.similar(9, 10, shape=replace(shape, without=(7, 9)))
    ]
    again = page("7,9", **{parameter: address(app)[parameter]})
    assert keys(again, "next-") == keys(app, "next-")
    assert getattr(again, kind)(key=key).value == named(value)


def test_an_artist_is_found_and_left_out_and_let_in_again(page, run_folder):
    run = Run.load(run_folder)
    app = page("7")
    artist = run.recommend([7], 1)[0][0].artist
    before = keys(app, "next-")
    typed(app, "artist", artist)
    app.button(key="out-0").click().run()
    assert app.session_state["artist"]["text"] == ""
    assert keys(app, "next-") == answers(run, View((7,), shape=Shape(without_artists=[artist])))
    app.button(key="in-0").click().run()
    assert keys(app, "next-") == before


def test_clear_takes_songs_and_opinions_and_leaves_the_dials(page):
    app = page("7,9", like="11", dislike="13", variety="0.5")
    next(button for button in app.button if button.label == "Clear").click().run()
    assert address(app) == {"variety": ["0.5"]}


def test_all_dials_are_taken_back_at_once(page):
    app = page("7,9", variety="0.5", per_artist="1")
    next(button for button in app.button if button.label == "Take all back").click().run()
    assert address(app) == {"songs": ["7,9"]}


def test_bad_values_in_the_address_are_said_and_dropped(page):
    app = page("7", per_artist="99", variety="<b>", tags="no such tag", like="x")
    assert [warning.value.count("left out") for warning in app.warning] == [1, 1, 1, 1]
    assert keys(app, "next-") == keys(page("7"), "next-")


def test_a_song_both_liked_and_disliked_in_an_address_is_disliked(small):
    view, faults = View.read({"like": ["7,9"], "dislike": ["9"]}, small.catalogue)
    assert (view.like, view.dislike) == ((7,), (9,))
    assert "likes and dislikes song 9" in faults[0]


@pytest.mark.parametrize("word", ["", "nan", "inf", "-0.1", "1.1", "9" * 5000, "<b>", "\x00"])
def test_a_dial_that_is_no_number_of_its_range_is_said_and_dropped(small, word):
    view, faults = View.read({"variety": [word]}, small.catalogue)
    assert view == View()
    assert "variety must be a number from 0 to 1" in faults[0]
    assert len(faults[0]) < 200


@given(data=st.data())
def test_an_address_brings_back_the_view_that_was_written(small, data):
    songs = st.lists(st.sampled_from(small.catalogue.ids.tolist()), max_size=5)
    once = data.draw(st.lists(st.sampled_from(small.catalogue.ids.tolist()), max_size=6, unique=True))
    tags = st.sets(st.sampled_from([*small.catalogue.tag_songs]), max_size=3)
    shape = Shape(
        max_per_artist=data.draw(st.none() | st.integers(1, 10)),
        artist_spacing=data.draw(st.integers(0, 10)),
        only_tags=data.draw(tags),
        without_tags=data.draw(tags),
        without_artists=data.draw(st.sets(st.sampled_from([*small.catalogue.artist_plays]), max_size=3)),
        collapse_versions=data.draw(st.booleans()),
        popularity=data.draw(st.integers(-10, 10)) / 10,
        variety=data.draw(st.integers(0, 10)) / 10,
    )
    of = data.draw(st.none() | st.sampled_from(small.catalogue.ids.tolist()))
    view = View(tuple(data.draw(songs)), tuple(once[:3]), tuple(once[3:]), shape, of)
    assert View.read(view.written(), small.catalogue) == (view, [])


def test_a_filter_that_leaves_nothing_says_so(page, run_folder):
    every = [*Run.load(run_folder).catalogue.artist_plays]
    assert all("take a tag or an artist back" in warning.value for warning in page("7", no_artists=every).warning)


def test_why_shows_a_sentence_only_when_it_is_opened(page, run_folder):
    reason = Run.load(run_folder).explain([7, 9], k=1)[0]
    sentence = escaped(reason.sentence)[1:]
    app = page("7,9")
    assert sentence not in texts(app)
    app.session_state[f"why-next-{reason.song.id}"] = True
    app.run()
    assert sentence in texts(app)
    assert "www.deezer.com/search" in texts(app)


def test_why_it_is_alike_is_told_by_the_cosine(page, run_folder):
    ((song, cosine),) = Run.load(run_folder).similar(7, 1)
    app = page("7")
    app.session_state[f"why-like-{song.id}"] = True
    app.run()
    assert f"cosine of {cosine:.2f}" in texts(app)


def test_a_run_without_its_playlists_says_why_there_are_no_reasons(page, run_folder, tmp_path):
    run = Run.load(run_folder)
    replace(run, playlists=None).save(tmp_path / "run")
    app = page("7", tmp_path / "run")
    app.session_state[f"why-{keys(app, 'next-')[0]}"] = True
    app.run()
    assert "did not keep its playlists" in app.info[0].value


def test_long_tags_are_cut(page, small, tmp_path):
    catalogue = replace(small.catalogue, tags=[("x" * 10_000, "y" * 10_000)] * small.n_songs)
    train(replace(small, catalogue=catalogue), "popularity").save(tmp_path / "run")
    shown = [element.proto.body for element in page("7,9", tmp_path / "run").markdown]
    assert max(map(len, shown)) < 1000


def test_no_more_than_fifty_rows_are_sent(page):
    many = ",".join(map(str, range(20, 40)))
    app = page(many, like=",".join(map(str, range(40, 60))), dislike=",".join(map(str, range(60, 80))))
    typed(app, "search", "a")
    assert sum(len(keys(app, prefix)) for prefix in ("hit-", "most-", "chosen-", "forget-", "next-", "like-")) <= 50


def test_a_hostile_name_is_shown_as_it_stands_and_cut(page, small, tmp_path):
    title = "<script>x</script> **b** :red[x] $a$ [l](http://x)\u202e # h " + "y" * 10_000
    catalogue = replace(small.catalogue, titles=[title] * small.n_songs, artists=[title] * small.n_songs)
    train(replace(small, catalogue=catalogue), "markov").save(tmp_path / "run")
    app = page("7,9", tmp_path / "run", no_artists=title)
    shown = [
        element.proto.SerializeToString() for kind in ("markdown", "button", "caption") for element in app.get(kind)
    ]
    assert max(map(len, shown)) < 2_000
    harmful = re.compile(rb"(?<!\\)<script|(?<!\\)\*b|(?<!\\)\]\(http|(?<!\\)\$a|" + "\u202e".encode())
    assert not any(harmful.search(text) for text in shown)


@pytest.mark.parametrize("text", ["https://a.b", "WWW.a.b", "me@a.b", ":material/home:", ":streamlit:", "a -> b", "--"])
def test_what_streamlit_makes_of_text_after_markdown_is_kept_from_it(text):
    assert escaped(text).count("\u2060") == 1
    assert escaped(text).replace("\\", "").replace("\u2060", "") == text


@pytest.mark.parametrize("text", ["AC-DC", "12:30", "a: b", "K@", "wwww", "x-->y"])
def test_other_text_gets_no_joiner(text):
    assert escaped(text).replace("\\", "") == text


def test_which_song_others_are_like_can_be_chosen_and_stands_in_the_address(page, run_folder):
    run = Run.load(run_folder)
    app = page("7,9", like="11")
    assert keys(app, "like-") == [f"like-{song.id}" for song, _ in run.similar(9, 10, shape=Shape(without=(7, 9)))]
    assert app.selectbox(key="of").options == [str(run.catalogue[song]) for song in (9, 7, 11)]
    app.selectbox(key="of").set_value(7).run()
    assert address(app)["of"] == ["7"]
    assert keys(app, "like-") == [f"like-{song.id}" for song, _ in run.similar(7, 10, shape=Shape(without=(7, 9)))]
    assert keys(page("7,9", of="7"), "like-") == keys(app, "like-")
    app.selectbox(key="of").set_value(9).run()
    assert "of" not in address(app)


def test_the_song_that_others_are_like_is_the_last_where_none_is_chosen_or_it_was_removed():
    assert View((7, 9)).like_of == View((7, 9), of=11).like_of == 9
    assert View(like=(7, 9)).like_of == 9
    assert View((7, 9), (11,), of=11).like_of == 11


def test_the_year_is_told_apart_from_the_tags():
    song = Song(1, "Title", "Artist", ("rock", "1999", "90s"), 1)
    assert described(song, played(song)) == "**Title**  \nArtist  \n:small[1 play · 1999 · rock, 90s]"


def test_a_run_without_vectors_says_why_nothing_is_alike_and_what_to_choose(page, small, tmp_path):
    train(small, "markov").save(tmp_path / "run")
    told = page("7", tmp_path / "run").info[0].value
    assert "no song vectors" in told
    assert "Choose another run" in told


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "*a* _b_ [c](d) `e`", ":red[x] $x^2$ #h"])
def test_every_mark_in_a_name_is_escaped(text):
    assert re.sub(r"\\[\W_]", "", escaped(text)).translate(dict.fromkeys(map(ord, " ^/"))).isalnum()


def test_a_name_with_line_breaks_is_one_line():
    assert escaped("a\n# b\r\nc") == "a \\# b c"
