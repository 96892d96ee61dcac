"""The picture of real answers, and README's text of them."""

from recommender import load
from tests.conftest import ROOT
from tests.gallery import TOLD, Answers, draw


def test_readme_has_the_answers_of_today(real):
    answers = Answers.of(load(real / "yes_small"))
    assert f"```text\n{answers.text()}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_picture_has_a_bar_for_each_share_and_a_number_for_each_step(real):
    answers = Answers.of(load(real / "yes_small"))
    left, right = draw(answers.mapped, answers.path.songs, answers.reasons, answers.seeds).axes
    numbers = [text.get_text() for text in left.texts]
    assert numbers[:-1] == [str(i + 1) for i in range(len(answers.path.songs))]
    drawn = sum(bar.get_width() for bar in right.patches)
    assert round(drawn, 6) == len(answers.reasons) > TOLD
