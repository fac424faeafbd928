"""Every page held against axe-core, the checker of the accessibility guidelines WCAG, in a real browser.

Nothing serious or critical may be found, on a laptop and on a phone, in English and in Arabic.
"""

from pathlib import Path

import pytest
from axe import faults
from support import make_result

import ewsim
from ewsim import report
from ewsim.experiments.lesson import make_lesson
from ewsim.report import exercise
from ewsim.report.comparison import page as comparison
from ewsim.report.replay import page as replay
from ewsim.report.speech import speech_of

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


@pytest.fixture(scope="module")
def pages():
    result = make_result(people=600)
    other = make_result(people=600, reach={"cell_broadcast": 0.3})
    lesson = make_lesson(ISLAND, sets=["population.people_count=3000"], count=2)
    packs = {tag: exercise.files(lesson, speech_of(tag)) for tag in ("en", "ar")}
    return {
        "report": report.render(result),
        "report in Arabic": report.render(result, speech_of("ar")),
        "comparison": comparison.render(ewsim.compare(result, result)),
        "comparison in Arabic": comparison.render(ewsim.compare(result, result), speech_of("ar")),
        "replay": replay.render(result),
        "replay in Arabic": replay.render(result, say=speech_of("ar")),
        "two replays": replay.render_pair(result, other),
        "staff book": packs["en"]["staff/book.html"].decode(),
        "participants' book": packs["en"]["participants/book.html"].decode(),
        "quiz": packs["en"]["participants/quiz.html"].decode(),
        "quiz in Arabic": packs["ar"]["participants/quiz.html"].decode(),
    }


@pytest.mark.parametrize(("width", "some"), [(1280, None), (390, ("report in Arabic", "replay", "quiz"))])
def test_no_page_has_a_serious_fault(width, some, pages, look, tmp_path):
    found = {}
    for name in some or pages:
        path = tmp_path / "page.html"
        path.write_text(pages[name], encoding="utf-8")
        for rule, where in faults(look(path, width=width, bypass_csp=True).page).items():
            found[name, rule] = where
    assert not found, "\n".join(f"{key}: {value}" for key, value in found.items())


def test_a_fault_that_is_planted_is_found(pages, look, tmp_path):
    wrong = pages["quiz"].replace("<main>", '<main><img src="data:,"><p style="color:#ccc">pale</p>', 1)
    path = tmp_path / "wrong.html"
    path.write_text(wrong, encoding="utf-8")
    assert {"image-alt", "color-contrast"} <= faults(look(path, bypass_csp=True).page).keys()
