"""The studio in a real browser: by mouse, by keyboard alone, for three, after a reload and a kill."""

import importlib
import subprocess
import sys

import pytest
from axe import faults
from studios import TINY, Running, tiny_session

from ewsim import run_scenario
from ewsim.scenario.load import load_scenario
from ewsim.studio import server
from ewsim.studio.helping import trying
from ewsim.studio.session import StudioSession

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

PANELS = list(server.PANELS)


@pytest.fixture
def running(tmp_path):
    """A studio with the tiny scenario open, in a thread."""
    for room in server.ROOMS:
        importlib.import_module(room)
    one = Running(tiny_session(tmp_path / "studio"))
    yield one
    one.stop()


class Program:
    """`ewsim studio` as a user starts it."""

    def __init__(self, folder):
        command = [sys.executable, "-m", "ewsim", "studio", "--no-browser", "--port", "0", "--folder", folder]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder.parent)
        line = self.process.stderr.readline()
        assert line.startswith("The studio is at http://127.0.0.1:"), line
        self.origin = line.split()[-1].rstrip("/")

    def kill(self):
        """End it as a crash would."""
        self.process.kill()
        self.process.wait(60)
        self.process.stderr.close()


def test_the_way_by_mouse_survives_a_reload_and_a_kill(visit, tmp_path):
    program = Program(tmp_path / "studio")
    try:
        first = visit(program.origin, visited=False)
        page = first.page
        page.locator("#guide-end").click()
        page.get_by_text("A new island", exact=True).click()
        page.get_by_label("People", exact=True).fill("400")
        page.get_by_label("Area of the island").fill("60")
        page.locator("details[open]").get_by_role("button", name="Begin", exact=True).click()
        first.title("My island")
        page.locator("#nothing").wait_for(state="hidden")
        page.locator("#tab-start").click()
        page.get_by_text("The scenario as text (YAML)").click()
        text = page.get_by_role("textbox", name="The scenario as text (YAML)")
        page.locator("#panel-start details[open] .note").wait_for()
        written = wait_for_text(page, text, "format:")
        text.fill(written.replace("title: My island", "title: <img src=x onerror=alert(1)>"))
        page.get_by_role("button", name="Take over").click()
        first.title("<img src=x onerror=alert(1)>")
        page.reload()
        first.title("<img src=x onerror=alert(1)>")
        page.locator("#undo").click()
        first.title("My island")
    finally:
        program.kill()
    page.close()
    first.complaints.clear()  # of the connection that the kill has broken
    program = Program(tmp_path / "studio")
    try:
        again = visit(program.origin)
        again.title("My island")
        again.page.locator("#redo:not([disabled])").click()
        again.title("<img")
        again.page.locator("#tab-watch").click()
        again.page.get_by_role("button", name="Send the alert").click()
        said = again.page.get_by_text("people in the area are reached in the end").first.inner_text()
        saved = tmp_path / "studio" / "my_island" / "scenario.yaml"
        assert load_scenario(saved).spec.title.startswith("<img")
        reach = run_scenario(saved).summary()["reach"]
        assert said.startswith(f"{reach['people']:,} of ")
        again.page.close()
    finally:
        program.kill()


def wait_for_text(page, box, start):
    """The text of a box once it begins like this."""
    for _ in range(600):
        if box.input_value().startswith(start):
            return box.input_value()
        page.wait_for_timeout(100)
    raise AssertionError("the text did not come")


def test_everything_can_be_reached_by_keyboard_alone(running, visit):
    one = visit(running.origin)
    page = one.page
    one.title(TINY["title"])
    page.keyboard.press("Tab")
    assert one.text(":focus") == "Skip to the tools"
    one.tab_to("#contrast")
    page.keyboard.press("Enter")
    page.locator("html.contrast").wait_for(state="attached")
    one.tab_to("#tab-start")
    for name in [*PANELS[1:], PANELS[0]]:
        page.keyboard.press("ArrowRight")
        assert page.locator(":focus").get_attribute("id") == f"tab-{name}"
        page.locator(f"#panel-{name}").wait_for(state="visible" if name == "start" else "attached")
    page.locator("#nothing").wait_for(state="hidden")
    one.tab_to("#map")
    page.keyboard.press("+")
    page.locator("#map.far").wait_for()
    one.tab_to("#panel-start summary")
    page.keyboard.press("Enter")
    one.tab_to("#panel-start textarea")
    text = page.locator("#panel-start textarea")
    written = wait_for_text(page, text, "format:")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(written.replace("title: A tiny island", "title: By keyboard"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    one.title("By keyboard")
    page.keyboard.press("Control+z")
    one.title(TINY["title"])


def test_the_whole_way_by_keyboard_alone(visit, tmp_path):
    running = Running(StudioSession(tmp_path / "studio"))
    try:
        one = visit(running.origin)
        page, keys = one.page, one.page.keyboard
        one.tab_to("#panel-start summary:has-text('A new island')")
        keys.press("Enter")
        for number in ("400", "60"):
            one.tab_to("#panel-start details[open] input")
            keys.press("Control+a")
            keys.type(number)
        keys.press("Enter")
        one.title("My island")
        page.locator("#tab-alert:focus").wait_for()
        page.locator("#nothing").wait_for(state="hidden")
        keys.press("ArrowRight")
        one.tab_to("#send")
        keys.press("Enter")
        page.locator("#reached[data-people]").wait_for()
        one.tab_to("#item-power_off")
        one.tab_to("#map", "Shift+Tab")
        keys.press("Enter")
        one.tab_to("#inject-radius")
        keys.press("Control+a")
        keys.type("8")
        keys.press("Enter")
        page.locator(".injects", has_text="power_off_1").wait_for()
        page.locator(".busy:empty").wait_for(state="attached")
        one.tab_to("#time", "Shift+Tab")
        keys.press("End")
        reach = run_scenario(running.site.session.work.path).summary()["reach"]
        page.locator(f"#reached[data-people='{reach['people']}']").wait_for()
        one.tab_to("#tab-watch", "Shift+Tab")
        keys.press("End")
        one.tab_to("#panel-leave button")
        with page.expect_download() as taken:
            keys.press("Enter")
        assert taken.value.suggested_filename == "my_island.zip"
        page.close()  # before the studio, whose end would be complained of
    finally:
        running.stop()


def test_a_measure_is_laid_beside_its_chance_is_worked_out_and_it_is_taken_over(running, visit, monkeypatch):
    power = {"name": "backup", "words": "Backup power at every site", "sets": ["horizon_s=800"]}
    rows = [{**power, "net_people": 12, "low_people": 3, "high_people": 20}]
    reason = {"words": "National roaming", "reason": "The scenario has it already."}
    document = {"measures": rows, "not_tried": [reason]}
    monkeypatch.setattr(trying, "measures_of", lambda version: document)
    monkeypatch.setattr(trying, "RUNS", 2)
    here = lambda shared, work, calls, *_, **__: ((call, work(shared, call)) for call in calls)  # noqa: E731
    monkeypatch.setattr(trying.crew, "each_done", here)  # no processes of its own
    one = visit(running.origin)
    page = one.page
    one.title(TINY["title"])
    page.locator("#tab-watch").click()
    page.locator("#send").click()
    page.locator("#reached[data-people]").wait_for()
    page.locator("#tab-help").click()
    page.get_by_role("button", name="Look for what would help").click()
    page.get_by_text("+12 people (+3 to +20)").wait_for()
    page.get_by_role("button", name="Lay beside: Backup power at every site").click()
    page.get_by_text("people are reached as it stands").first.wait_for()
    assert page.locator("#panel-help canvas").evaluate("(map) => map.width") > 0
    page.get_by_role("button", name="How much of this is chance?").click()
    page.get_by_text("In 2 pairs of runs it wins").wait_for()
    page.get_by_role("button", name="Take it into the scenario: Backup").click()
    page.get_by_text("Take it into the scenario").first.wait_for(state="detached")
    assert running.site.session.version.scenario["horizon_s"] == 800
    page.locator("#undo").click()
    page.locator("#redo:not([disabled])").wait_for()
    assert running.site.session.version.scenario["horizon_s"] == 900


def test_a_fault_stands_at_its_line_and_the_state_is_kept(running, visit):
    one = visit(running.origin)
    page = one.page
    one.title(TINY["title"])
    page.get_by_text("The scenario as text (YAML)").click()
    text = page.locator("#panel-start textarea")
    written = wait_for_text(page, text, "format:")
    text.fill(written.replace("horizon_s: 900", "horizon_s: soon"))
    page.get_by_role("button", name="Take over").click()
    fault = page.locator("#panel-start .faults li")
    assert fault.inner_text().startswith("scenario.yaml:")
    fault.click()
    line = page.evaluate(
        "(() => { const box = document.activeElement;"
        " return box.value.slice(box.selectionStart, box.selectionEnd); })()"
    )
    assert line == "horizon_s: soon"
    one.title(TINY["title"])


def test_three_see_what_one_does(running, visit):
    three = [visit(running.origin, width=width) for width in (390, 820, 1366)]
    for one in three:
        one.title(TINY["title"])
    three[0].page.get_by_role("button", name="Close").first.click()
    for one in three:
        one.title("Studio")
        one.page.locator("#nothing").wait_for()


@pytest.mark.parametrize(("path", "width"), [("/", 1366), ("/?lang=ar", 390)])
def test_no_panel_has_a_serious_fault(path, width, running, visit):
    one = visit(running.origin, path, width=width, visited=False)
    one.page.locator("#nothing").wait_for(state="hidden")
    one.page.locator("#help-mode").click()
    one.page.locator("#meaning").wait_for()
    found = {}
    for name in PANELS:
        one.page.locator(f"#tab-{name}").click()
        found |= {f"{name}: {rule}": why for rule, why in faults(one.page).items()}
    assert not found
    wide = one.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


def test_faults_and_meanings_are_in_the_language_of_the_page(running, visit):
    one = visit(running.origin, "/?lang=ar")
    page = one.page
    one.title(TINY["title"])
    page.locator("#help-mode").click()
    page.locator("#tab-alert").click()
    page.locator("#panel-alert th.n", has_text="غير المشمولين").hover()
    meaning = page.locator("#meaning dt", has_text="غير المشمولين").first
    meaning.wait_for()
    assert meaning.locator("[lang=en]").inner_text() == "undershoot"
    page.keyboard.press("Escape")
    page.locator("#tab-start").click()
    editor = page.locator("#panel-start details:has(textarea[dir=ltr])")
    editor.locator("summary").click()
    text = editor.locator("textarea")
    written = wait_for_text(page, text, "format:")
    text.fill(written.replace("horizon_s: 900", "horizon_s: soon"))
    editor.locator("button").click()
    assert page.locator("#panel-start .faults li[lang=en][dir=ltr]").inner_text().startswith("scenario.yaml:")
    assert "بالإنجليزية" in one.text("#panel-start .faults .lead")


def test_help_says_what_a_word_means(running, visit):
    one = visit(running.origin)
    page = one.page
    one.title(TINY["title"])
    page.locator("#all-terms").click()
    page.locator("#terms-wanted").fill("undershoot")
    page.locator("#terms dt", has_text="undershoot").first.wait_for()
    page.locator("#terms-close").click()
    page.locator("#help-mode").click()
    page.locator("figcaption summary").click()
    page.locator("#layers label", has_text="Hazard").hover()
    page.locator("#meaning dt", has_text="hazard").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("#meaning").wait_for(state="hidden")
