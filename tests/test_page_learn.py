"""The tour's tab: its steps, and numbers that a plain count finds too."""

import re
from dataclasses import replace

import numpy as np
import pytest

from recommender import Playlists, Run
from recommender.comparison import measured
from recommender.page.words import learn as lessons
from recommender.tour import Question, both_questions, excerpt, n_pairs, shares_of_top, with_both
from recommender.training import train
from tests.conftest import opened_app

STEPS = range(1, len(lessons.TITLES) + 1)


@pytest.fixture(scope="module")
def run(run_folder):
    """A run of song2vec."""
    return Run.load(run_folder)


@pytest.fixture(scope="module")
def vstan(small, tmp_path_factory):
    """The folder of a run without vectors, measured beside popularity."""
    path = tmp_path_factory.mktemp("learn") / "vstan"
    measured(train(small, "vstan", held_out=0.1), small).save(path)
    return path


@pytest.fixture
def page(monkeypatch, run_folder):
    """The page, opened at a step."""

    def open_(step="", folder=run_folder, **address):
        return opened_app(monkeypatch, folder, part="Learn", step=str(step), **address)

    return open_


def press(app, name):
    app.button(key=f"learn-{name}").click().run()
    assert not app.exception
    return app


def title(app):
    return app.header[0].value


def told(app):
    return "\n".join(text.value for kind in ("markdown", "code", "info") for text in app.get(kind)).replace("\\", "")


def plain_pairs(playlists, window):
    """How many pairs a window gives, one by one."""
    return sum(0 < abs(i - j) <= window for songs in playlists for i in range(len(songs)) for j in range(len(songs)))


@pytest.mark.parametrize("kind", ["song2vec", "vstan"])
def test_next_leads_through_all_steps_and_back_to_the_first(page, run_folder, vstan, kind):
    app = page(folder=run_folder if kind == "song2vec" else vstan)
    seen = [title(app)] + [title(press(app, "next")) for _ in STEPS[1:]]
    assert seen == [lessons.TITLE.format(step=step, title=lessons.TITLES[step - 1]) for step in STEPS]
    assert app.button(key="learn-next").disabled
    assert [title(press(app, "back")) for _ in STEPS[1:]] == seen[-2::-1]
    assert app.button(key="learn-back").disabled


def test_the_last_step_ends_where_songs_are_found(page):
    assert "Played most" in [header.value for header in press(page(6), "done").header]


def test_the_step_stands_in_the_address(page):
    app = press(page(3), "next")
    assert app.query_params["step"] in ("4", ["4"])
    assert title(app).startswith("4")


@pytest.mark.parametrize("step", ["0", "7", "x", "1.5", "<b>"])
def test_an_address_of_no_step_opens_the_first(page, step):
    assert title(page(step)).startswith("1")


def test_the_first_step_counts_what_the_run_learnt_from(page, run):
    playlists, text = run.playlists, told(page(1))
    together = sum(len(songs) > 1 for songs in playlists)
    for count in (sum(map(len, playlists)), len({*playlists.songs.tolist()}), len(playlists), together):
        assert re.search(rf"\b{count:,}\b", text)


def test_a_playlist_is_shown_with_its_ids_and_then_another(page, run):
    app = page(1)
    for number in range(2):
        ids = run.catalogue.ids[excerpt(run.playlists, number)].tolist()
        assert app.code[0].value == str([str(song) for song in ids])
        press(app, "another")


def test_the_playlist_looked_at_is_one_that_was_learnt_from(run):
    known = {tuple(songs.tolist()) for songs in run.playlists}
    looked_at = [tuple(excerpt(run.playlists, number).tolist()) for number in range(20)]
    assert {*looked_at} <= known
    assert {len(songs) for songs in looked_at} <= {6, 7, 8, 9, 10}
    assert len({*looked_at}) > 10


def test_where_no_playlist_is_of_that_length_ten_songs_of_the_longest_are_looked_at():
    assert excerpt(Playlists.of([[3], [*range(12)], [4, 5]]), 7).tolist() == [*range(10)]


@pytest.mark.parametrize("window", [1, 3, 10])
def test_the_window_gives_the_pairs_that_a_plain_count_finds(page, run, window):
    app = page(2)
    app.slider(key="learn-window").set_value(window).run()
    songs = excerpt(run.playlists, 0).tolist()
    ids, middle = run.catalogue.ids[songs].tolist(), (len(songs) + 1) // 2 - 1
    pairs = [f"{ids[middle]}→{ids[at]}" for at in range(len(ids)) if 0 < abs(at - middle) <= window]
    assert re.findall(r"\d+→\d+", told(app)) == pairs
    here = plain_pairs([songs], window)
    assert f"**{len(pairs)}** for this song, {here} with" in told(app)
    assert f"**{plain_pairs(run.playlists, window):,}** in all" in told(app)


def test_the_count_of_pairs_is_twice_the_pairs_themselves(run):
    for window in (1, 2, 7, 99):
        assert n_pairs(run.playlists, window) == 2 * len(run.playlists.pairs(window)[0])


def test_the_cosine_worked_out_is_that_of_is_like_it(page, run):
    app = page(3)
    song, other = (app.selectbox(key=f"learn-{name}").value for name in ("song", "other"))
    ((nearest, cosine),) = run.similar(run.catalogue[song].id, 1)
    assert run.catalogue.row(nearest.id) == other
    assert app.code[0].value.endswith(f"= {cosine:.3f}")


def test_fewer_numbers_give_the_cosine_of_those(page, run):
    app = page(3)
    app.select_slider(key="learn-numbers").set_value(5).run()
    one, other = (run.model.inputs_[app.selectbox(key=f"learn-{name}").value][:5] for name in ("song", "other"))
    assert app.code[0].value.endswith(f"= {one @ other / np.sqrt((one @ one) * (other @ other)):.3f}")


def test_a_vector_may_be_a_single_number(page, small, tmp_path):
    train(small, "spectral", {"dim": 1}).save(tmp_path / "run")
    assert re.search(r"= -?[01]\.\d{3}$", page(3, folder=tmp_path / "run").code[0].value)


def test_the_song_chosen_is_kept_from_one_step_to_the_next(page):
    app = page(3)
    song = app.selectbox(key="learn-song").options[5]
    app.selectbox(key="learn-song").select_index(5).run()
    press(app, "next")
    assert app.selectbox(key="learn-song").options[app.selectbox(key="learn-song").index] == song


def test_songs_of_the_playlist_come_first(page, run):
    app = page(4, songs="7,9")
    assert [option.rpartition("(")[2] for option in app.selectbox(key="learn-song").options[:2]] == ["7)", "9)"]


def test_both_lists_are_those_of_the_run_with_plain_counts_of_who_was_near(page, run):
    text = told(page(4, songs="7"))
    near = {
        other: sum(
            any(a == 7 and b == other and abs(i - j) <= 5 for i, a in enumerate(s) for j, b in enumerate(s))
            for s in map(np.ndarray.tolist, run.playlists)
        )
        for other in range(120)
    }
    for answers in (run.similar(7, 6), run.recommend([7], 6)):
        for place, (song, score) in enumerate(answers, 1):
            said = f"{place}. **{song.title}** · {song.artist}  \n    :small[:gray[{score:.2f} · {song.plays:,} plays"
            assert f"{said} · near it in {near[song.id]} playlist{'s' * (near[song.id] != 1)}" in text


def test_a_run_without_vectors_is_lent_those_of_spectral_and_says_so(page, vstan):
    run = Run.load(vstan)
    text = told(page(4, folder=vstan))
    assert lessons.LENT.format(model="vstan", lent="spectral") in text
    lent = with_both(run)
    assert lent.model.inputs_.shape == (120, 64)
    assert f"1. **{lent.recommend([7], 1)[0][0].title}**" in told(page(4, folder=vstan, songs="7"))


def test_a_blend_lends_the_vectors_of_its_first_member_that_has_both(small):
    blend = train(small, "blend", {"members": "vstan,spectral", "queries": 50})
    assert with_both(blend).model is [*blend.model.fitted.values()][1]


def test_for_too_many_songs_it_says_how_to_get_vectors(page, small, tmp_path, monkeypatch):
    monkeypatch.setattr("recommender.tour._MOST", 100)
    train(small, "markov").save(tmp_path / "run")
    app = page(3, folder=tmp_path / "run")
    assert "would take half a minute" in told(app)
    assert "--model spectral" in app.code[0].value
    assert title(press(app, "next")).startswith("4")


def test_shares_of_the_top_are_those_of_a_sorted_list(run):
    plays = run.playlists.counts(120)
    ordered = sorted(plays.tolist(), reverse=True)
    assert shares_of_top(plays, [1, 7, 500]) == pytest.approx(
        [ordered[0] / sum(ordered), sum(ordered[:7]) / sum(ordered), 1.0]
    )


def test_the_share_of_the_most_played_songs_follows_the_dial(page, run):
    app = page(5)
    app.select_slider(key="learn-top").set_value(10).run()
    ordered = sorted(run.playlists.counts(120).tolist(), reverse=True)
    assert f"have **{sum(ordered[:10]) / sum(ordered):.1%}** of the plays" in told(app)


def test_popularity_stands_beside_the_model_as_both_were_measured(page, vstan):
    models, text = Run.load(vstan).metrics["models"], told(page(5, folder=vstan))
    for name in ("vstan", "popularity"):
        rate = models[name]["metrics"]["hit_rate@10"]
        assert f"{name} **{rate['mean']:.3f}** (95 % interval {rate['low']:.3f} to {rate['high']:.3f})" in text


def test_a_run_that_was_not_measured_says_so(page):
    assert lessons.NO_METRICS in told(page(5))


@pytest.mark.parametrize("by_plays", [False, True])
def test_a_question_is_a_place_of_a_playlist(run, by_plays):
    lists = [songs.tolist() for songs in run.playlists]
    for number in range(30):
        question = Question.of(run.playlists, number, others_by_plays=by_plays)
        heard = [*question.before, question.answer]
        assert any(songs[at : at + len(heard)] == heard for songs in lists for at in range(len(songs)))
        assert len({*question.choices}) == 4
        assert question.answer in question.choices
        assert not {*question.choices} & {*question.before}


def test_where_too_few_songs_are_played_there_is_no_question():
    assert Question.of(Playlists.of([[0, 1], [0]]), 0, others_by_plays=False) is None
    assert Question.of(Playlists.of([]), 0, others_by_plays=False) is None


def test_a_guess_is_counted_beside_those_of_popularity_and_the_model(page, run):
    app, plays = page(5), run.playlists.counts(120)
    right = {"you": 0, "popularity": 0, "model": 0}
    for number in range(3):
        question = Question.of(run.playlists, number, others_by_plays=False)
        scores = run.model.score(Playlists.of([question.before]))[0]
        guesses = {
            "you": question.choices[0],
            "popularity": max(question.choices, key=lambda song: plays[song]),
            "model": max(question.choices, key=lambda song: scores[song]),
        }
        right = {who: right[who] + (guess == question.answer) for who, guess in guesses.items()}
        press(app, "guess-0")
        assert run.catalogue[question.answer].title in (app.success or app.error)[0].value.replace("\\", "")
        assert lessons.TALLY.format(name="song2vec", asked=number + 1, **right) in told(app)
        press(app, "again")


def test_other_choices_make_another_question(page, run):
    app = page(5)
    app.button_group(key="learn-kind").set_value("plays").run()
    question = Question.of(run.playlists, 1, others_by_plays=True)
    labels = [app.button(key=f"learn-guess-{place}").label for place in range(4)]
    for song, label in zip(question.choices, labels, strict=True):
        assert run.catalogue[song].title in label.replace("\\", "")


def test_names_are_never_markup_in_any_step(page, small, tmp_path):
    hostile = "<img src=x onerror=alert(1)> **bold** :red[x] $a$ `c` [l](http://x) | {0} \u202e" + "long " * 2000
    catalogue = replace(small.catalogue, titles=[hostile] * small.n_songs, artists=[hostile] * small.n_songs)
    train(replace(small, catalogue=catalogue), "spectral", {"dim": 8}).save(tmp_path / "run")
    for step in STEPS:
        app = page(step, folder=tmp_path / "run")
        texts = [text.value for kind in ("markdown", "caption") for text in app.get(kind)]
        for text in [*texts, *(button.label for button in app.button)]:
            assert not re.search(r"(?<!\\)<img|(?<!\\):red|(?<!\\)\[l|\u202e", text)
            assert len(text) < 10_000


def test_without_playlists_the_tour_says_what_it_lacks(page, small, tmp_path):
    replace(train(small, "markov"), playlists=None).save(tmp_path / "run")
    assert lessons.NO_PLAYLISTS in told(page(folder=tmp_path / "run"))


def test_both_questions_are_asked_of_the_model_lent(run):
    like, following = both_questions(with_both(run), run._plays, 7, 3)
    assert [answer.song for answer in like] == [song for song, _ in run.similar(7, 3)]
    assert [answer.song for answer in following] == [song for song, _ in run.recommend([7], 3)]
