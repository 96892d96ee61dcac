"""The Quality tab: the report, models side by side, blind tests and cards, without a browser."""

import csv
import io
import shutil
from dataclasses import replace

import pytest

from recommender import Playlists, Run, Votes, make
from recommender.blind import drawn
from recommender.comparison import measured
from recommender.page.database import kept_beside
from recommender.page.parts import brief, escaped
from recommender.page.quality.outcome import leader, verdict
from recommender.page.quality.rivals import QUICK, answers, rivals
from recommender.page.quality.votes import Vote, as_csv, cast, counted
from recommender.page.words import quality as words
from recommender.training import train
from tests.conftest import opened_app

PAIR = ("fitted/popularity", "mine")
VOTE = Vote("2026", *PAIR, 7, "1 2 3", "mine", "mine", "2026-01-01")


@pytest.fixture
def own(small, run_folder, tmp_path):
    """A run of one's own, called "mine", with another of the same songs beside it."""
    shutil.copytree(run_folder, tmp_path / "mine")
    train(small, "markov").save(tmp_path / "other")
    return tmp_path / "mine"


@pytest.fixture
def page(monkeypatch, own):
    """The Quality tab, opened with what stands in the address."""

    def open_(view, folder=own, **address):
        return opened_app(monkeypatch, folder, part="Quality", quality=view, **address)

    return open_


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def keys(app, prefix):
    return [button.key for button in app.button if (button.key or "").startswith(prefix)]


def texts(app):
    kinds = ("markdown", "caption", "success", "info", "warning", "error")
    return "\n".join(element.value for kind in kinds for element in app.get(kind))


def named(app):
    """The lists that are shown, a heading and lines each, without what marks a shared song."""
    shown = [text.value for text in app.markdown if text.value.startswith("1. ")]
    return [[line.partition(" :")[0].strip() for line in text.splitlines()] for text in shown]


def lines(run, songs):
    return [
        f"1. **{brief(run.catalogue.titles[song])}** · {brief(run.catalogue.artists[song])}".strip() for song in songs
    ]


def votes(app_folder, pair=PAIR):
    return counted(app_folder, Run.load(app_folder).card["made"], pair)


# the report


def test_a_run_that_was_not_measured_says_how_to(page):
    assert any("--hold-out" in code.value for code in page(words.REPORT).code)


def test_the_report_is_shown_and_a_name_in_it_is_text(page, small, tmp_path):
    named = replace(small, name="<script>alert(1)</script>")
    measured(train(named, "markov", held_out=0.2), named).save(tmp_path / "measured")
    app = page(words.REPORT, tmp_path / "measured")
    (frame,) = app.get("iframe")
    shown = frame.proto.srcdoc
    assert shown.count('<span class="model">markov</span>') > 1
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown
    assert len(shown) < 150_000
    assert "recommender evaluate DATASET --models markov,popularity,session_knn" in [code.value for code in app.code]


def test_of_a_large_report_a_part_is_sent(page, small, tmp_path):
    run = measured(train(small, "markov", held_out=0.2), small)
    many = {metric: pairs * 500 for metric, pairs in run.metrics["comparisons"].items()}
    replace(run, metrics={**run.metrics, "comparisons": many}).save(tmp_path / "measured")
    app = page(words.REPORT, tmp_path / "measured")
    assert words.REPORT_IN_PART in texts(app)
    assert len(app.get("iframe")[0].proto.srcdoc) < 190_000


# what there is to compare


def test_runs_beside_it_with_the_same_songs_are_at_hand_and_no_others(small, own):
    half = replace(small, catalogue=replace(small.catalogue, ids=small.catalogue.ids + 1))
    train(half, "markov").save(own.with_name("songs-of-others"))
    own.with_name("damaged").mkdir()
    own.with_name("damaged").joinpath("card.json").write_text("{")
    found = rivals(Run.load(own), own)
    assert [key for key in found if "/" not in key] == ["mine", "other"]
    assert found["other"].label == "other (markov)"


def test_what_is_quick_to_fit_is_fitted_on_what_the_run_learnt_from(own):
    run = Run.load(own)
    seeds = Playlists.of([[7, 9]])
    for name in QUICK:
        again = Run(make(name).fit(run.learnt_from, 120), run.catalogue, run.card)
        assert answers(run, own, f"fitted/{name}", (7, 9)) == again.lists(seeds, 10)[0][0].tolist()


def test_members_of_a_blend_are_at_hand_and_not_fitted_again(small, tmp_path):
    run = train(small, "blend", {"members": "markov,item_knn"})
    run.save(tmp_path / "blend")
    found = rivals(run, tmp_path / "blend")
    assert {"member/markov", "member/item_knn"} < found.keys()
    assert "fitted/markov" not in found
    alone = train(small, "item_knn")
    answer = [song.id for song, _ in alone.recommend([7, 9])]
    assert answers(run, tmp_path / "blend", "member/item_knn", (7, 9)) == answer


def test_the_models_of_a_run_without_its_playlists_are_its_own(own):
    run = replace(Run.load(own), playlists=None)
    assert [*rivals(run, own)] == ["mine", "other"]


def test_a_model_is_not_fitted_beside_itself(small, tmp_path):
    train(small, "markov").save(tmp_path / "markov")
    assert "fitted/markov" not in rivals(Run.load(tmp_path / "markov"), tmp_path / "markov")


# side by side


def test_a_link_reopens_a_comparison(page, own):
    run = Run.load(own)
    app = page(words.SIDE_BY_SIDE, compare="fitted/vstan,other,mine", seed="7", songs="9,11")
    assert named(app) == [lines(run, answers(run, own, key, (7,))) for key in ("fitted/vstan", "other", "mine")]


def test_the_playlist_is_asked_about_where_no_song_is(page, own):
    run = Run.load(own)
    app = page(words.SIDE_BY_SIDE, compare="other,mine", songs="9,11")
    assert named(app) == [lines(run, answers(run, own, key, (9, 11))) for key in ("other", "mine")]


def test_what_two_lists_share_is_counted_and_marked(page, own):
    run = Run.load(own)
    shared = {*answers(run, own, "other", (7,))} & {*answers(run, own, "mine", (7,))}
    app = page(words.SIDE_BY_SIDE, compare="other,mine", seed="7")
    assert f"share **{len(shared)} of 10** songs" in texts(app)
    assert texts(app).count(words.SHARED_BY[2, 2]) == 2 * len(shared)


def test_a_song_is_found_and_asked_about_and_stands_in_the_address(page, own):
    run = Run.load(own)
    app = page(words.SIDE_BY_SIDE, songs="9")
    app.session_state["quality-search"] = {"text": run.catalogue.titles[7]}
    app.run()
    press(app, "quality-hit-7")
    assert "7" in app.query_params["seed"]
    assert named(app)[0] == lines(run, answers(run, own, "mine", (7,)))
    press(app, "quality-playlist")
    assert named(app)[0] == lines(run, answers(run, own, "mine", (9,)))


def test_models_that_are_chosen_stand_in_the_address(page):
    app = page(words.SIDE_BY_SIDE)
    app.multiselect(key="quality-models").set_value(["mine", "fitted/markov"]).run()
    assert "mine,fitted/markov" in app.query_params["compare"]


def test_what_this_run_does_not_know_of_an_address_is_said_and_dropped(page):
    app = page(words.SIDE_BY_SIDE, compare="mine,no<b>", seed="9" * 5000)
    assert [warning.value.count("left out") for warning in app.warning] == [1, 1]
    assert r"no\<b\>" in app.warning[0].value
    assert len(named(app)) == 1


def test_a_run_beside_it_that_is_damaged_is_said_in_a_sentence(page, own):
    for array in own.with_name("other").glob("*.npy"):
        array.write_bytes(b"")
    assert "damaged" in page(words.SIDE_BY_SIDE, compare="other,mine").error[0].value


# blind


def test_a_vote_is_counted_once_and_there_in_a_new_session(page, own):
    app = page(words.BLIND_TEST, compare=",".join(PAIR))
    assert words.NOTHING_YET.format(more=8) in texts(app)
    press(app, "listening-0")
    assert keys(app, "listening-") == ["listening-next"]
    assert votes(own).decided == 1
    assert "such a difference may be chance" in texts(page(words.BLIND_TEST, compare=",".join(PAIR)))


def test_which_was_which_is_told_after_the_vote_only(page, own):
    run = Run.load(own)
    app = page(words.BLIND_TEST, compare=",".join(PAIR))
    a, _ = named(app)
    assert "A was" not in texts(app)
    press(app, "listening-2")
    told = next(element.value for element in app.success)
    seeds = tuple(map(int, next(csv.DictReader(io.StringIO(as_csv(own, run.card["made"], PAIR))))["songs"].split()))
    was = "mine" if a == lines(run, answers(run, own, "mine", seeds)) else "fitted/popularity"
    assert f"A was {escaped(rivals(run, own)[was].label)};" in told
    assert votes(own) == Votes(0, 0, 1)


def test_a_vote_goes_to_the_model_whose_list_it_was(page, own):
    run = Run.load(own)
    app = page(words.BLIND_TEST, compare=",".join(PAIR))
    press(app, "listening-1")
    (row,) = csv.DictReader(io.StringIO(as_csv(own, run.card["made"], PAIR)))
    assert {row["a"], row["better"]} == {*PAIR}
    assert votes(own) == (Votes(1, 0) if row["better"] == PAIR[0] else Votes(0, 1))


def test_the_seed_of_a_vote_brings_its_question_back(page, own):
    run = Run.load(own)
    press(page(words.BLIND_TEST, compare=",".join(PAIR)), "listening-0")
    (row,) = csv.DictReader(io.StringIO(as_csv(own, run.card["made"], PAIR)))
    asked = drawn(run.learnt_from, int(row["seed"]))
    assert run.catalogue.ids[[*asked.songs]].tolist() == [*map(int, row["songs"].split())]
    assert row["a"] == PAIR[asked.swapped]


def test_a_question_stays_until_it_is_answered_or_skipped(page):
    app = page(words.BLIND_TEST)
    first = named(app)
    assert named(app.run()) == first
    assert named(press(app, "listening-next")) != first
    assert keys(app, "listening-0")


def test_ones_own_playlist_is_asked_about_and_counted_once(page, own):
    for _ in range(2):
        app = page(words.BLIND_TEST, compare=",".join(PAIR), songs="7,9,11")
        app.segmented_control(key="listening-source").set_value(words.SOURCES[1]).run()
        press(app, "listening-0")
        assert not keys(app, "listening-")
    assert "answered before" in texts(app)
    assert votes(own).n == 1


def test_models_that_answer_alike_are_not_asked_about(page, own):
    shutil.copytree(own, own.with_name("twin"))
    app = page(words.BLIND_TEST, compare="mine,twin")
    assert words.LISTS_ALIKE in texts(app)
    assert not keys(app, "listening-")


def test_songs_are_of_playlists_that_the_run_did_not_learn_from_where_they_are_at_hand(page, tmp_path, monkeypatch):
    from recommender import load

    train(load("toy"), "markov", held_out=0.1).save(tmp_path / "toy-run")
    assert words.UNSEEN in texts(page(words.BLIND_TEST, tmp_path / "toy-run"))
    assert words.SEEN in texts(page(words.BLIND_TEST))


def test_a_run_that_may_have_learnt_from_what_is_asked_about_is_named(page, small, own):
    assert "learnt from other playlists" not in texts(page(words.BLIND_TEST, compare="mine,other"))
    train(small, "markov", held_out=0.5).save(own.with_name("half"))
    assert "half (markov) learnt from other playlists" in texts(page(words.BLIND_TEST, compare="mine,half")).replace(
        "\\", ""
    )


def test_two_models_are_needed(page):
    assert words.CHOOSE_TWO in texts(page(words.BLIND_TEST, compare="mine"))


def test_votes_are_of_the_run_as_it_was_made_and_of_a_pair(tmp_path):
    run = tmp_path / "mine"
    other = replace(VOTE, run="2027"), replace(VOTE, second="theirs", better="theirs"), replace(VOTE, seed=8, better="")
    assert [cast(run, vote) for vote in (VOTE, VOTE, *other)] == [True, False, True, True, True]
    assert counted(run, "2026", PAIR) == Votes(0, 1, 1)
    assert counted(run, "2027", PAIR) == Votes(0, 1)
    assert counted(run, "2028", PAIR) == Votes(0, 0)


def test_all_votes_can_be_taken_away(tmp_path):
    cast(tmp_path / "mine", VOTE)
    head, line = as_csv(tmp_path / "mine", "2026", PAIR).splitlines()
    assert head == "run,first,second,seed,songs,a,better,at"
    assert line == "2026,fitted/popularity,mine,7,1 2 3,mine,mine,2026-01-01"


def test_votes_on_a_run_beside_it_begin_anew_where_that_is_trained_anew(page, small, own):
    press(page(words.BLIND_TEST, compare="mine,other"), "listening-2")
    assert "as good **1**" in texts(page(words.BLIND_TEST, compare="mine,other"))
    again = train(small, "markov")
    replace(again, card=dict(again.card) | {"made": "2030-01-01"}).save(own.with_name("other"), force=True)
    assert "as good **0**" in texts(page(words.BLIND_TEST, compare="mine,other"))


@pytest.fixture
def full(small_disk):
    """What fills a disk."""
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "junk").write_bytes(b"x" * 200_000)
    return small_disk / "junk"


def test_a_full_disk_is_a_sentence_and_the_vote_can_be_given_again(page, own, full):
    kept_beside(own).symlink_to(full.with_name("kept"))
    app = press(page(words.BLIND_TEST, compare=",".join(PAIR)), "listening-0")
    assert "disk may be full" in app.error[0].value
    full.unlink()
    press(app, "listening-0")
    assert not app.error
    assert votes(own).decided == 1


def test_a_damaged_database_is_a_sentence(page, own):
    kept_beside(own).write_bytes(b"not a database " * 1000)
    assert "not a database" in page(words.BLIND_TEST, compare=",".join(PAIR)).error[0].value


@pytest.mark.parametrize(
    ("votes", "sentence"),
    [
        (Votes(0, 0), "no vote prefers one. The fewest that can tell are 8"),
        (Votes(6, 0), "about 2 more votes"),
        (Votes(5, 5), "the votes are even"),
        (Votes(8, 0), "x is better, beyond chance"),
        (Votes(0, 8), "y is better, beyond chance"),
    ],
)
def test_a_sentence_says_what_is_told(votes, sentence):
    assert sentence in verdict(votes, "x", "y")


def test_votes_are_told_from_the_side_of_the_model_that_leads():
    assert leader(Votes(1, 3, 2), "x", "y") == ("y", Votes(3, 1, 2))
    assert leader(Votes(2, 2), "x", "y") == ("x", Votes(2, 2))


# cards


def test_the_cards_tell_use_limits_terms_and_cost_in_words(page, own):
    run = Run.load(own)
    shown = texts(page(words.CARDS))
    learnt = words.LEARNT_FROM.format(**run.card["learnt"])
    for told in (run.card["intended_use"], run.card["limits"], run.card["dataset"]["licence"], learnt, words.UNTESTED):
        assert escaped(told) in shown


def test_a_card_is_text(page, small, tmp_path):
    train(replace(small, name="<b>x</b>", licence="[l](http://x)"), "markov").save(tmp_path / "hostile")
    shown = texts(page(words.CARDS, tmp_path / "hostile"))
    assert r"\<b\>x" in shown
    assert "](http" not in shown
