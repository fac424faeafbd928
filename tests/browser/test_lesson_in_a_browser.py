"""Classroom, What would help and Take away in a real browser: three viewers, an arm beside, every file."""

import importlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from axe import faults
from studios import TINY, Running, alert_bytes

from ewsim import run_scenario
from ewsim.scenario.load import load_scenario
from ewsim.studio import server
from ewsim.studio.session import StudioSession

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

DARK = {
    "kind": "site_destroyed",
    "at_s": -3600,
    "where": {"area": {"circles": [{"centre": [20.0, -40.0], "radius_m": 2500}]}},
}


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """A shared studio on the tiny scenario with one arm."""
    for room in server.ROOMS:
        importlib.import_module(room)
    session = StudioSession(tmp_path_factory.mktemp("lesson") / "studio")
    arms = {"dark": {"title": "No <b>power</b>", "disturbances": [DARK]}}
    session.begin({**TINY, "arms": arms}, {"alert.xml": alert_bytes()}, "a test")
    one = Running(session, shared=True)
    session.links = [f"{one.origin}/?code={one.guard.codes['observer']}"]
    yield one
    one.stop()


@pytest.fixture
def come(lesson, visit):
    """Opens a page of the shared studio by the link of a role."""

    def come(role, width=1366, lang="en"):
        one = visit(lesson.origin, f"/?code={lesson.guard.codes[role]}", width=width)
        if lang != "en":
            one.page.goto(f"{lesson.origin}/?lang={lang}")
        one.page.locator("#nothing").wait_for(state="hidden")
        return one.page

    return come


def join(page, name):
    form = page.locator("#panel-class form.card")
    form.locator("input").fill(name)
    form.locator("button").click()
    page.locator("#panel-class tbody th", has_text=name).wait_for()


def fine(page, panel):
    """Nothing serious for people with a screen reader, and nothing wider than the screen."""
    page.locator(f"#tab-{panel}").click()
    assert not faults(page)
    size = page.viewport_size
    for width in (390, 820, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size(size)


def tabs(page):
    """The panels that a page has once it knows its role, which is not that of the lead."""
    page.locator("#tab-start").wait_for(state="hidden")
    return page.locator("[role=tab]:visible").evaluate_all("tabs => tabs.map((tab) => tab.id)")


class Wire:
    """The connection of one page, which a test can cut and give back."""

    def __init__(self, page):
        self.open, self.both = True, ()
        page.context.route_web_socket("**/live?*", self._come)

    def _come(self, socket):
        if self.open:
            self.both = (socket, socket.connect_to_server())
        else:
            socket.close()

    def cut(self):
        self.open = False
        for end in self.both:
            end.close()


def test_three_in_a_lesson(lesson, come):
    lead, omar = come("lead"), come("observer", 820, "ar")
    amal = come("observer", 390)
    wire = Wire(amal)
    amal.reload()
    assert tabs(amal) == tabs(omar) == ["tab-watch", "tab-class"]
    lead.locator("#tab-class").click()
    for page, name in ((lead, "Teacher"), (amal, "Amal"), (omar, "عمر")):
        join(page, name)  # the lead's panel is open at all pages
    lead.get_by_role("combobox", name="Role of Amal").select_option("authority")
    amal.locator("#tab-alert").wait_for()
    amal.locator("#panel-class").get_by_text("You are the authority").wait_for()
    assert tabs(omar) == ["tab-watch", "tab-class"]

    # following, looking around, and coming back
    lead.locator("#map").focus()
    lead.keyboard.press("+")
    for page in (amal, omar):
        page.locator("#map.far").wait_for()
    amal.locator("#tab-alert").click()
    lead.locator("#tab-watch").click()
    omar.locator("#panel-watch").wait_for()
    assert amal.locator("#panel-alert").is_visible()
    amal.get_by_role("button", name="Follow the lesson").click()
    amal.locator("#panel-watch").wait_for()
    amal.locator("#follow").wait_for(state="hidden")

    # a question to all
    lead.locator("#tab-class").click()
    lead.get_by_text("Write a question").click()
    lead.get_by_label("Question", exact=True).fill("Whom do you <call> first?")
    lead.get_by_label("Answers to choose from").fill("The operator\nNobody")
    lead.get_by_label("Right answer").fill("The operator")
    lead.get_by_role("button", name="Add the question").click()
    lead.get_by_role("button", name="Ask now").click()
    amal.get_by_role("heading", name="Whom do you <call> first?").wait_for()
    amal.get_by_role("button", name="The operator").click()
    omar.get_by_role("button", name="Nobody").click()
    lead.locator("summary", has_text="Answers: 2").click()
    lead.get_by_text("Amal: The operator").wait_for()
    lead.get_by_role("button", name="Close, and show the answers").click()
    for page in (amal, omar):
        page.locator("#panel-class section.card td.n").first.wait_for()
        assert page.locator("#panel-class section.card td.n").all_inner_texts() == ["1", "1"]

    # a connection that is lost, and found again at the moment of the lesson
    now = lead.locator("#panel-class tr", has_text="Amal").locator("td").last
    wire.cut()
    amal.locator("#connection").wait_for()
    now.filter(has_text="away").wait_for()
    lead.locator("#tab-watch").click()
    omar.locator("#panel-watch").wait_for()
    wire.open = True
    amal.locator("#panel-watch").wait_for()
    lead.locator("#tab-class").click()
    now.filter(has_text="here").wait_for()
    amal.locator("#tab-alert").wait_for()
    assert lead.locator("#panel-class td:nth-child(3)").count() == 3  # nobody is there twice
    amal.locator("#connection").wait_for(state="hidden")

    # a question that is asked by itself when its time comes
    ask_later(lead, "What has happened?", minutes=2)
    sent(lead)  # time runs to the end
    amal.get_by_role("heading", name="What has happened?").wait_for()
    amal.get_by_label("Your answer").fill("<b>Nothing</b>")
    amal.get_by_role("button", name="Give the answer").click()
    lead.locator("#tab-class").click()
    lead.locator("summary", has_text="Answers: 1").click()
    lead.get_by_text("Amal: <b>Nothing</b>").wait_for()

    fine(lead, "class")
    fine(omar, "class")


def sent(page):
    """Send the alert unless it is sent; the people who are reached in the end."""
    page.locator("#tab-watch").click()
    page.locator(":is(#send, #plan):visible").wait_for()
    if page.locator("#send").is_visible():
        page.locator("#send").click()
    page.locator("#reached[data-people]").wait_for()
    if page.locator("#play").inner_text() == "Pause":
        page.locator("#play").click()
    page.locator("#time").focus()
    page.keyboard.press("End")
    page.locator("#clock:text-is('0:15:00')").wait_for()
    return int(page.locator("#reached").get_attribute("data-people"))


def ask_later(lead, question, minutes):
    """Write a question without answers to choose from."""
    lead.get_by_label("Question", exact=True).fill(question)
    lead.get_by_label("Asked so many minutes after").fill(str(minutes))
    lead.get_by_role("button", name="Add the question").click()
    lead.locator("#panel-class ul.cards li", has_text=question).wait_for()


def test_an_arm_beside_the_scenario(lesson, come):
    page = come("lead")
    before = sent(page)
    dark = run_scenario(load_scenario(lesson.site.session.work.path, (), "dark")).summary()
    after = dark["reach"]["people"]
    whole = after + sum(dark["causes"].values())
    page.locator("#tab-help").click()
    page.get_by_role("button", name="Lay beside: No <b>power</b>").click()
    said = page.locator("#panel-help section.card p").first
    said.wait_for()
    beginning = f"{before} of {whole} people are reached as it stands, {after} with this:"
    assert said.inner_text().startswith(beginning)
    page.locator("#map").focus()
    page.keyboard.press("+")
    page.locator("#panel-help canvas.far").wait_for()
    fine(page, "help")
    fine(come("lead", 390, "ar"), "help")


def test_everything_can_be_taken_away(lesson, come, tmp_path):
    page = come("lead")
    reached = sent(page)
    page.locator("#tab-leave").click()
    taken = {}
    for title in ("Scenario", "Report", "Replay", "Pictures", "Exercise pack"):
        with page.expect_download() as waited:
            page.get_by_role("button", name=f"Make and save: {title}").click()
        taken[waited.value.suggested_filename] = Path(waited.value.path()).read_bytes()
    assert list(taken) == [
        "tiny.zip", "tiny_report.html", "tiny_replay.html", "tiny_pictures.zip", "tiny_exercise.zip"
    ]  # fmt: skip
    for name, content in taken.items():
        if name.endswith(".html"):
            assert content.lower().startswith(b"<!doctype html>")
        else:
            assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    zipfile.ZipFile(io.BytesIO(taken["tiny.zip"])).extractall(tmp_path)
    command = [sys.executable, "-m", "ewsim", "run", str(tmp_path / "tiny" / "scenario.yaml"), "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["reach"]["people"] == reached
    assert f"{reached}" in taken["tiny_report.html"].decode()
    fine(page, "leave")
    fine(come("lead", 390, "ar"), "leave")
