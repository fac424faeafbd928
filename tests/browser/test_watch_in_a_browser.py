"""Send and watch in a real browser: time, figures and injects by mouse and by keyboard, for several pages."""

import copy

import pytest
from axe import faults
from studios import TINY, Running, alert_bytes

from ewsim.experiments.replications import run_scenario
from ewsim.scenario.load import load_scenario
from ewsim.studio.session import StudioSession

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

POWER = {"battery_median_s": 60, "generator_share": 0, "portable": {"share": 0}}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    session = StudioSession(tmp_path_factory.mktemp("watch"))
    scenario = copy.deepcopy(TINY)
    scenario["network"]["power"] = POWER
    scenario["horizon_s"] = 3600
    session.begin(scenario, {"alert.xml": alert_bytes()}, "a test")
    one = Running(session)
    yield one
    one.stop()


@pytest.fixture
def watch(running, chromium):
    """Opens pages of the studio at the panel; nothing may be asked of anybody else, or complained of."""
    contexts, wrong = [], []

    def opened(lang="en", width=1366, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("request", lambda asked: None if _own(asked.url, running) else wrong.append(asked.url))
        page.on("console", lambda said: wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{running.origin}/?lang={lang}")
        page.click("#tab-watch")
        page.wait_for_selector("#nothing", state="hidden")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def _own(url, running):
    return url.startswith((running.origin, running.origin.replace("http", "ws"), "data:"))


def sent(page):
    """Send the alert unless it is sent, and stop the time at the decision."""
    if page.locator("#send").is_visible():
        page.click("#send")
    page.wait_for_selector("#plan")
    page.wait_for_selector(".busy:empty", state="attached")
    page.wait_for_selector("#reached[data-people]")
    if page.inner_text("#play") == "Pause":
        page.click("#play")
    page.wait_for_selector("#play:text-is('Play')")
    page.click("[title='To the decision']")
    page.wait_for_selector("#clock:text-is('0:00:00')")


def to_the_end(page):
    page.locator("#time").focus()
    page.keyboard.press("End")
    page.wait_for_selector("#clock:text-is('1:00:00')")


def number(text):
    return int(text.replace(",", ""))


def same_as_the_file(page, running):
    """The page at the end has the numbers of `ewsim run` of the saved file."""
    summary = run_scenario(load_scenario(running.site.session.work.path)).summary()
    page.wait_for_selector(".busy:empty", state="attached")
    to_the_end(page)
    page.wait_for_selector(f"#reached[data-people='{summary['reach']['people']}']")
    causes = page.locator(".figures td.n").evaluate_all("cells => cells.map((cell) => cell.textContent)")
    assert {f"{people:,}" for people in summary["causes"].values()} <= set(causes)
    assert number(page.inner_text("#coming")) == 0


def test_by_mouse(running, watch):
    page = watch()
    sent(page)
    first = int(page.get_attribute("#reached", "data-people"))
    assert first == 0
    page.click("#inject-lat")
    box = page.locator("#map").bounding_box()
    page.check("#item-power_off")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.input_value("#inject-lat").startswith(("20.", "19."))
    page.fill("#inject-radius", "8")
    page.fill("#inject-when", "2")
    page.click("#palette button[type=submit]")
    page.wait_for_selector(".injects :text('power_off_1')")
    same_as_the_file(page, running)
    page.click("[title='A minute back']")
    page.wait_for_selector("#clock:text-is('0:59:00')")
    page.click("#undo")
    page.wait_for_selector(".injects :text('Nothing so far.')")


def test_by_keyboard_alone(running, watch):
    page = watch()
    sent(page)
    keys = page.keyboard
    page.locator("#item-power_off").focus()
    for _ in range(2):
        keys.press("ArrowDown")
    assert page.locator("#item-mast_lost").is_checked()
    page.locator("#map").focus()
    keys.press("+")
    keys.press("ArrowUp")
    keys.press("Enter")
    assert page.input_value("#inject-lat")
    page.locator("#inject-mast").focus()
    keys.press("Control+A")
    keys.type(running.site.session.country().network.built.sites.name[0])
    keys.press("Enter")
    page.wait_for_selector(".injects :text('mast_lost_1')")
    page.locator("[aria-label='Restore now: mast_lost_1']").focus()
    page.locator("[title='A minute on']").focus()
    keys.press("Enter")
    page.wait_for_selector("#clock:text-is('0:01:00')")
    page.locator("[aria-label='Restore now: mast_lost_1']").focus()
    keys.press("Enter")
    page.wait_for_selector(".injects :text('over at 0:01:00')")
    same_as_the_file(page, running)
    page.locator("#inject-when").focus()
    keys.type("1")
    keys.press("Enter")
    page.wait_for_selector("#palette .faults :text('before the moment that is shown')")
    keys.press("Control+A")
    keys.press("Delete")
    page.locator("#map").focus()
    keys.press("Control+z")
    page.wait_for_selector("[aria-label='Restore now: mast_lost_1']")
    keys.press("Control+z")
    page.wait_for_selector(".injects :text('Nothing so far.')")


def test_all_pages_show_one_moment_and_a_reload_comes_back_to_it(watch):
    one, other = watch(), watch(lang="fr")
    sent(one)
    other.wait_for_selector("#clock:text-is('0:00:00')")
    one.click("[title='A minute on']")
    other.wait_for_selector("#clock:text-is('0:01:00')")
    assert one.get_attribute("#reached", "data-people") == other.get_attribute("#reached", "data-people")
    other.reload()
    other.wait_for_selector("#reached[data-people]", state="attached")
    other.wait_for_selector("#clock:text-is('0:01:00')")
    one.select_option("#speed", "600")
    one.click("#play")
    for page in (one, other):
        page.wait_for_selector("#clock:text-is('1:00:00')")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_no_serious_fault_and_no_width_too_narrow(lang, watch):
    page = watch(lang, bypass_csp=True)
    if page.locator("#send").is_visible():
        page.click("#send")
    page.wait_for_selector("#reached[data-people]")
    assert not faults(page)
    for width in (390, 820, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
