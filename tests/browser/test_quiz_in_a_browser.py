"""The quiz of an exercise, answered: it grades right and wrong answers, offline."""

from pathlib import Path

import pytest

from ewsim.experiments.lesson import make_lesson
from ewsim.report.exercise import quiz
from ewsim.report.speech import ENGLISH

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


@pytest.fixture(scope="module")
def lesson():
    return make_lesson(ISLAND, sets=["population.people_count=3000"], count=3)


@pytest.fixture
def opened(lesson, look, tmp_path):
    path = tmp_path / "quiz.html"
    path.write_bytes(quiz.page(quiz.questions_of(lesson, ENGLISH), "<b>Island</b> & sea", ENGLISH))
    return look(path, width=390)


def test_right_answers_are_right_and_a_wrong_one_is_not(lesson, opened):
    asked = quiz.questions_of(lesson, ENGLISH)
    page = opened.page
    for number, one in enumerate(asked[:-1]):
        page.locator(f"#question-{number} input").nth(one.right).check()
    page.get_by_role("button", name="Check my answers").click()
    score = page.locator("#score")
    score.get_by_text(f"{len(asked) - 1} of {len(asked)} right. 1 not answered yet.").wait_for()
    last, wrong = len(asked) - 1, (asked[-1].right + 1) % len(asked[-1].answers)
    page.locator(f"#question-{last} input").nth(wrong).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.locator(f"#question-{last} .mark", has_text="Not right").wait_for()
    assert score.inner_text() == f"{len(asked) - 1} of {len(asked)} right."
    assert opened.quiet()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("h1").inner_text() == "Quiz: <b>Island</b> & sea"
