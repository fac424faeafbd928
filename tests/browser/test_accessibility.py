"""Pages held against axe-core, the checker of the Web Content Accessibility Guidelines.

Nothing serious or critical may be found, at a laptop's width and at a phone's.
"""

from importlib.resources import files
from pathlib import Path

import pytest

from ewsim import report
from ewsim.experiments.comparison import compare_arms
from ewsim.experiments.lesson import make_lesson
from ewsim.report import exercise
from ewsim.report.comparison import page as comparison
from ewsim.report.replay import page as replay

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

AXE = files("axe_playwright_python") / "axe.min.js"
ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"
SMALL = ["population.people_count=5000"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    lesson = make_lesson(ISLAND, sets=SMALL, count=2)
    report.write(lesson.result, folder / "report.html")
    replay.write(lesson.result, folder / "replay.html")
    comparison.write(compare_arms(ISLAND, ["cb_only"], sets=SMALL), folder / "comparison.html")
    pack = exercise.files(lesson)
    for name in ("staff/book.html", "participants/book.html", "participants/quiz.html"):
        (folder / name.replace("/", "_")).write_bytes(pack[name])
    return folder


def violations(opened):
    """What axe finds that is serious: rule, what it says, where."""
    opened.page.evaluate(AXE.read_text("utf-8"))
    found = opened.page.evaluate("axe.run(document)")
    assert len(found["passes"]) > 5
    return [
        (rule["id"], rule["help"], node["target"], node["failureSummary"])
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("report.html", 1280),
        ("replay.html", 1280),
        ("replay.html", 390),
        ("comparison.html", 1280),
        ("staff_book.html", 1280),
        ("participants_book.html", 1280),
        ("participants_quiz.html", 390),
    ],
)
def test_axe_finds_nothing_serious(name, width, pages, look):
    assert violations(look(pages / name, width=width, bypass_csp=True)) == []


def test_axe_finds_a_fault_that_is_planted(pages, look):
    text = (pages / "participants_quiz.html").read_text(encoding="utf-8")
    wrong = pages / "wrong.html"
    wrong.write_text(text.replace("<main>", '<main><img src="data:,"><p style="color:#ccc">pale</p>', 1))
    assert {"image-alt", "color-contrast"} <= {rule for rule, *_ in violations(look(wrong, bypass_csp=True))}
