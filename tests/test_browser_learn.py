"""The tour in a real browser: by the keyboard from its first step to its last, at both widths."""

from recommender import Run
from recommender.page.words import learn as lessons
from recommender.tour import Question
from tests.test_browser import address, page  # noqa: F401


def test_the_keyboard_leads_through_the_tour(page, address, run_folder):  # noqa: F811
    run = Run.load(run_folder)
    question = Question.of(run.playlists, 0, others_by_plays=False)
    page.goto(f"{address}/?part=Learn")
    for step, title in enumerate(lessons.TITLES, 1):
        page.get_by_role("heading", name=lessons.TITLE.format(step=step, title=title)).wait_for()
        if step == 3:
            page.get_by_label("16 numbers of the products as bars", exact=False).first.wait_for()
        if step == 5:
            page.get_by_label("A rising curve", exact=False).first.wait_for()
            page.get_by_role("button", name=f"{run.catalogue[question.answer]}").press("Enter")
            page.get_by_text("Right").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        if step < len(lessons.TITLES):
            page.get_by_role("button", name="Next", exact=True).press("Enter")
            page.wait_for_url(f"**step={step + 1}")
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.get_by_role("heading", name=lessons.TITLES[-1]).wait_for()
    last = page.get_by_role("button", name="Next", exact=True)
    assert last.is_disabled()
    assert last.evaluate("button => getComputedStyle(button).color") == "rgb(165, 179, 176)"  # readable in the dark
    assert page.faults == []
