"""The alert of the studio in a real browser: drawn by mouse, keys and finger, typed, opened, in Arabic."""

import re
import subprocess
import sys

import pytest
from axe import faults
from ruamel.yaml import YAML
from studios import TINY, alert_bytes

from ewsim.cap.reader import parse_alert
from ewsim.studio.alert import area as areas

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

WAIT = 60_000


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A studio of its own on a tiny island: its address and its folder."""
    folder = tmp_path_factory.mktemp("studio")
    (folder / "alert.xml").write_bytes(alert_bytes())
    YAML().dump(TINY, folder / "tiny.yaml")
    command = [sys.executable, "-m", "ewsim", "studio", "tiny.yaml", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        try:
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+/", line)))
            yield address, folder / "studio"
        finally:
            server.terminate()
            server.stderr.read()


@pytest.fixture
def alert(studio, chromium):
    """Opens the panel of the alert; nothing else is asked for, and nothing is complained of."""
    contexts, complaints = [], []
    address, _ = studio

    def opened(width=1280, height=800, language="en", **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        own = (address, address.replace("http", "ws"), "data:", "blob:")
        page.on("request", lambda asked: asked.url.startswith(own) or complaints.append(asked.url))
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda box: (complaints.append(box.message), box.dismiss()))
        page.goto(f"{address}?lang={language}")
        page.locator("#tab-alert").click()
        page.locator("#panel-alert[data-took]").wait_for()
        page.locator("#nothing").wait_for(state="hidden")
        page.locator("#panel-alert canvas, #map.drawing").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def at(page, x, y):
    """A place of the map in pixels of the page, from parts of the map."""
    box = page.locator("#map").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def saved(studio):
    """The area of the message that the studio has saved, as `ewsim run` reads it."""
    (message,) = studio[1].glob("tiny/alert.xml")
    return areas.of_message(parse_alert(message.read_bytes(), message.name))


def corners(page, count):
    """Wait until the list has so many corners, and the studio has kept them."""
    page.locator(f"#panel-alert ol > li:nth-of-type({count})").first.wait_for(state="attached")
    page.locator("#undo:not(:disabled)").wait_for()


def clear(page):
    page.get_by_role("button", name="Remove the area").click()
    page.get_by_text("The area is empty. Draw a polygon or a circle.").wait_for()


def test_an_area_is_drawn_by_mouse_and_kept(alert, studio):
    page = alert()
    clear(page)
    page.get_by_role("button", name="Draw a polygon").click()
    for x, y in ((0.35, 0.35), (0.6, 0.3), (0.65, 0.6), (0.35, 0.65), (0.35, 0.35)):
        page.mouse.click(*at(page, x, y))
    corners(page, 4)
    drawn = page.locator("#panel-alert ol input").evaluate_all("all => all.map((one) => Number(one.value))")
    page.mouse.move(*at(page, 0.65, 0.6))
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(*at(page, 0.65 + 0.02 * step, 0.6))
    page.mouse.up()
    page.locator(f'#panel-alert [data-at="p0.2.1"]:not([value="{drawn[5]}"])').wait_for(state="attached")
    page.locator("#map").press("c")  # answers come in order: this one after the area is kept
    page.get_by_role("button", name="Undo").click()
    page.locator(f'#panel-alert [data-at="p0.2.1"][value="{drawn[5]}"]').wait_for(state="attached")
    ((ring,), circles) = (saved(studio).polygons, saved(studio).circles)
    assert [value for corner in ring for value in corner] == pytest.approx(drawn)
    assert circles == ()
    table = page.locator("#panel-alert tbody tr")
    assert table.count() == 8
    table.nth(1).get_by_role("radio").check()
    table.nth(1).get_by_role("button", name="Use").click()
    table.nth(1).get_by_role("button", name="Use").and_(page.locator(":disabled")).wait_for()


def test_an_area_is_drawn_by_keys_alone(alert, studio):
    page = alert()
    keys = page.keyboard
    clear(page)
    page.get_by_role("button", name="Draw a polygon").focus()
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "map"
    for arrow in ("ArrowUp", "ArrowRight", "ArrowDown"):
        for _ in range(6):
            keys.press(arrow)
        keys.press("Enter")
    keys.press("Enter")  # again on the last corner: finished
    corners(page, 3)
    page.get_by_role("button", name="Draw a circle").focus()
    keys.press("Enter")
    keys.press("Enter")
    for _ in range(5):
        keys.press("Shift+ArrowRight")
    keys.press("Enter")
    radius = page.locator('#panel-alert [data-at="c0.r"]')
    radius.wait_for(state="attached")
    page.get_by_text("Corners as a list").focus()
    keys.press("Enter")
    radius.focus()
    keys.press("Control+a")
    keys.type("1.5")
    keys.press("Tab")
    page.locator('#panel-alert [data-at="c0.r"][value="1.5"]').wait_for()
    latitude = page.locator('#panel-alert [data-at="p0.0.0"]')
    latitude.focus()
    keys.press("Control+a")
    keys.type("120")
    keys.press("Tab")
    page.get_by_text("Polygon 1, corner 1 has latitude 120").wait_for()
    page.get_by_role("button", name="Back to the last area").focus()
    keys.press("Enter")
    page.get_by_text("Polygon 1, corner 1 has latitude 120").wait_for(state="detached")
    kept = saved(studio)
    assert len(kept.polygons[0]) == 3
    assert kept.circles[0][2] == 1500
    page.locator("#map").focus()
    keys.press("c")
    keys.press("Delete")  # of three corners none can go: the polygon goes
    page.locator('#panel-alert [data-at="p0.0.0"]').wait_for(state="detached")


def test_a_finger_draws_a_circle_on_a_telephone(alert, studio):
    page = alert(width=390, height=844, has_touch=True)
    clear(page)
    page.get_by_role("button", name="Draw a circle").tap()
    page.touchscreen.tap(*at(page, 0.5, 0.5))
    page.locator('#panel-alert [data-at="c0.r"][value="5"]').wait_for(state="attached")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_texts_say_while_they_are_typed_what_becomes_of_them(alert, studio):
    page = alert()
    description = page.locator('#panel-alert [data-field="description"]').first
    description.fill("Leave low ground now. " * 70)
    page.get_by_text("Only the first 1395 characters are sent").wait_for()
    page.get_by_text("15 of 15 pages, 7-bit alphabet").wait_for()
    description.fill("<img src=x onerror=alert(1)> – غادروا")
    page.get_by_text("UCS-2 because of: – U+2013").wait_for()
    description.blur()
    page.locator("#undo:not(:disabled)").wait_for()
    page.get_by_text("As phones show it").first.click()
    page.locator(".phone", has_text="<img src=x onerror=alert(1)>").first.wait_for()


def test_files_are_opened_or_refused_with_a_sentence(alert, studio):
    page = alert()
    box = page.locator("#panel-alert input[type=file]")
    box.set_input_files({"name": "<b>x.kml", "mimeType": "text/xml", "buffer": b"<kml/>"})
    page.locator("#panel-alert > .faults").get_by_text("_b_x.kml").wait_for()
    moved = alert_bytes().replace(b"<areaDesc>The middle", b"<areaDesc>Elsewhere")
    box.set_input_files({"name": "mine.xml", "mimeType": "text/xml", "buffer": moved})
    page.locator("#panel-alert > .faults").wait_for(state="detached")
    (message,) = studio[1].glob("tiny/alert.xml")
    assert message.read_bytes() == moved


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_panel_has_no_serious_fault_and_fits(language, alert):
    page = alert(width=1366, language=language, bypass_csp=True)
    page.locator("#panel-alert summary").first.click()
    assert not faults(page)
    for width in (1920, 820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
