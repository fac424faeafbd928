"""What the studio's page does without websockets, without its server, and in a second tab."""

import pytest
from studios import Running, tiny_session

from ewsim.studio.session import StudioSession

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

WAIT = 60_000
#: More than a second passes.
FRAMES = "new Promise((go) => { let n = 99; const f = () => (n-- ? requestAnimationFrame(f) : go()); f(); })"


@pytest.fixture
def session(tmp_path):
    return tiny_session(tmp_path / "studio")


@pytest.fixture
def context(chromium):
    made = chromium.new_context(viewport={"width": 1366, "height": 768})
    made.set_default_timeout(WAIT)
    made.add_init_script("localStorage.setItem('visited', 'true')")
    yield made
    made.close()


def test_without_websockets_a_sentence_says_what_to_do(session, context):
    running = Running(session)
    try:
        context.add_init_script("delete window.WebSocket")
        page, wrong = context.new_page(), []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{running.origin}/?lang=ar")
        page.locator("#trouble", has_text="WebSocket").wait_for()
        assert not page.locator("#tabs").is_visible()
        assert not page.locator("main").is_visible()
        assert not wrong
    finally:
        running.stop()


def test_a_closed_tab_comes_back_as_oneself_and_a_second_one_is_somebody_else(session, context):
    running = Running(session)
    try:
        first = context.new_page()
        first.goto(running.origin)
        join(first, "Ana")
        second = context.new_page()
        second.goto(running.origin)
        join(second, "Ben")
        second.close()
        first.get_by_role("button", name="Remove: Ben").click()
        first.get_by_role("button", name="Remove: Ben").wait_for(state="detached")
        again = context.new_page()  # while Ana's tab is open; Ben is not known any more
        again.goto(running.origin)
        again.locator("#tab-class").click()
        again.get_by_label("Your name").wait_for()
        first.reload()
        first.locator("#tab-class").click()
        first.get_by_text("You are here as Ana.").wait_for()
        first.get_by_role("button", name="I am somebody else").click()
        join(first, "Cem")
        first.close()
        back = context.new_page()
        back.goto(running.origin)
        back.locator("#tab-class").click()
        back.get_by_text("You are here as Cem.").wait_for()
        again.close()
        back.close()
    finally:
        running.stop()


def join(page, name):
    page.locator("#tab-class").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join").click()
    page.get_by_text(f"You are here as {name}.").wait_for()


def test_time_stands_while_the_studio_is_away_and_goes_on_from_there(session, context):
    running = Running(session)
    try:
        page = context.new_page()
        page.goto(running.origin)
        page.locator("#tab-watch").click()
        page.locator("#send").click()
        page.locator("#reached[data-people]").wait_for()
        page.select_option("#speed", "1")
        page.locator("#clock:not(:text-is('0:00:00'))").wait_for()
    finally:
        running.stop()
    page.get_by_text("Time stands until the studio is back.").wait_for()
    stood = page.locator("#clock").inner_text()
    page.evaluate(FRAMES)
    assert page.locator("#clock").inner_text() == stood
    assert page.locator("#play").is_disabled()
    opened = StudioSession(session.folder)
    opened.resume()
    running = Running(opened, port=running.listening.port)
    try:
        page.get_by_text("Time stands until the studio is back.").wait_for(state="detached")
        page.locator("#play:text-is('Pause')").wait_for()
        minutes, seconds = (int(part) for part in stood.split(":")[1:])
        assert opened.view["clock"]["time_s"] == pytest.approx(60 * minutes + seconds, abs=1)
        page.close()
    finally:
        running.stop()
