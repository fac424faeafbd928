"""The replay as a trainer uses it: the slider's count is the ledger's, and everything has a key."""

import time

import pytest
from support import make_result

from ewsim.report.replay import page as replay

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def result():
    return make_result()


@pytest.fixture(scope="module")
def file(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("replay") / "replay.html"
    replay.write(result, path)
    return path


@pytest.fixture
def page(file, look):
    opened = look(file)
    yield opened.page
    assert opened.quiet()


def number(text):
    return int(text.split(" (")[0].replace(",", ""))


def shown(page, name):
    return number(page.locator(name).inner_text())


def moment(page):
    return float(page.locator("#reached").get_attribute("data-time-s"))


def slide(page, place):
    page.locator("#slider").fill(str(place))


def wait(page, done):
    """Until the slider's place is as wanted; the page's policy lets no string be evaluated."""
    until = time.monotonic() + 60
    while not done(int(page.locator("#slider").input_value())):
        assert time.monotonic() < until
        page.wait_for_timeout(30)


def test_the_count_is_the_ledgers_wherever_the_slider_stands(page, result):
    people = result.people
    inside = people[people["in_area"]]
    last = int(page.locator("#slider").get_attribute("max"))
    for place in [0, last, *range(7, last, 29)]:
        slide(page, place)
        time_s = moment(page)
        for where, column in (
            ("#reached", "reached_s"),
            ('[data-count="cell_broadcast"]', "cell_broadcast_displayed_s"),
            ('[data-count="location_based_sms"]', "location_based_sms_displayed_s"),
        ):
            expected = inside.loc[inside[column] <= time_s, "weight"].sum()
            assert shown(page, where) == expected
        assert shown(page, "#waiting") == inside["weight"].sum() - shown(page, "#reached")
        outside = people[~people["in_area"]]
        assert shown(page, "#outside") == outside.loc[outside["reached_s"] <= time_s, "weight"].sum()
        place = page.locator("#places tbody tr").first
        rows = inside[inside["zone"] == place.locator("th").inner_text()]
        reached = rows.loc[rows["reached_s"] <= time_s, "weight"].sum()
        assert number(place.locator("td").nth(1).inner_text()) == reached
    slide(page, last)
    assert shown(page, "#reached") == result.summary()["reach"]["people"]


def test_the_clock_shows_the_moment_that_is_counted(page):
    slide(page, 120)
    hours, minutes, seconds = page.locator("#clock").inner_text().split(":")
    assert int(hours) * 3600 + int(minutes) * 60 + float(seconds) == pytest.approx(moment(page))


def test_play_goes_on_by_itself_and_pause_holds(page):
    play = page.get_by_role("button", name="Play", exact=True)
    page.locator("#speed").select_option("fast")
    play.click()
    wait(page, lambda place: place > 5)
    page.get_by_role("button", name="Pause").click()
    held = int(page.locator("#slider").input_value())
    page.wait_for_timeout(200)
    assert int(page.locator("#slider").input_value()) == held
    page.get_by_role("button", name="Play", exact=True).click()
    wait(page, lambda place: place > held)


def test_at_the_end_it_stops_and_can_be_played_again(page):
    last = int(page.locator("#slider").get_attribute("max"))
    page.locator("#speed").select_option("fast")
    slide(page, last - 2)
    page.locator("#play").click()
    again = page.get_by_role("button", name="Play again")
    again.wait_for()
    assert page.locator("#slider").input_value() == str(last)
    again.click()
    wait(page, lambda place: place < last)


def test_the_keyboard_is_enough(page):
    page.keyboard.press("Space")
    wait(page, lambda place: place > 0)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    slider = page.get_by_role("slider", name="Time since the decision to warn")
    slider.focus()
    before = int(slider.input_value())
    page.keyboard.press("ArrowRight")
    assert int(slider.input_value()) == before + 1
    page.keyboard.press("End")
    assert "reached" in slider.get_attribute("aria-valuetext")
    assert slider.get_attribute("aria-valuetext").startswith(page.locator("#clock").inner_text())
    page.keyboard.press("Home")
    assert int(slider.input_value()) == 0
    page.locator("#map").focus()
    page.keyboard.press("+")
    assert page.get_by_role("button", name="Zoom out").is_enabled()
    page.keyboard.press("ArrowLeft")
    assert int(slider.input_value()) == 0, "on the map the arrows move the map"
    # every control can be come to with the tabulator, and what has the focus can be seen
    page.locator("body").click(position={"x": 1, "y": 1})
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert {"map", "nearer", "slider", "play", "on", "speed", "show-people", "show-masts"} <= seen


def test_a_milestone_goes_to_its_moment(page, result):
    row = page.locator("#milestones tr", has_text="50 % reached")
    row.get_by_role("button").click()
    assert moment(page) == pytest.approx(result.summary()["time_to_share_s"]["0.5"], abs=0.1)
    assert shown(page, "#reached") == number(row.locator("td").nth(1).inner_text())
    assert page.get_by_role("status").inner_text() != ""


def pixels(page):
    """How often each colour of the legend stands in the map."""
    return page.evaluate(
        """() => {
          const canvas = document.getElementById("map");
          const copy = new OffscreenCanvas(canvas.width, canvas.height);
          const pen = copy.getContext("2d", { willReadFrequently: true });
          pen.drawImage(canvas, 0, 0);
          const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
          const count = {};
          for (let i = 0; i < data.length; i += 4) {
            const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
            count[colour] = (count[colour] || 0) + 1;
          }
          return count;
        }"""
    )


WAITING, REACHED, DOWN = "203,109,0", "0,58,99", "163,32,10"


def test_the_map_fills_and_masts_fail(page):
    slide(page, 0)
    first = pixels(page)
    assert first[WAITING] > 1000
    assert REACHED not in first
    slide(page, page.locator("#slider").get_attribute("max"))
    final = pixels(page)
    assert final[REACHED] > 1000
    assert final[WAITING] < first[WAITING]
    assert final.get(DOWN, 0) > first.get(DOWN, 0)
    page.locator("#show-masts").uncheck()
    assert DOWN not in pixels(page)
    page.locator("#show-people").uncheck()
    assert REACHED not in pixels(page)


def test_zoom_enlarges_and_a_drag_moves(page):
    whole = pixels(page)
    page.get_by_role("button", name="Zoom in").click()
    near = pixels(page)
    assert near != whole
    box = page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 40)
    page.mouse.up()
    assert pixels(page) != near
    page.get_by_role("button", name="Zoom out").click()
    assert pixels(page) == whole


def test_a_link_can_name_a_moment(file, look):
    page = look(file, fragment="#t=600").page
    assert moment(page) == 600
    assert page.locator("#clock").inner_text() == "0:10:00.0"
    page.locator("#back").click()
    assert moment(page) < 600


def test_on_a_telephone_count_map_and_play_are_seen_without_scrolling(file, look):
    page = look(file, width=390, height=844, device_scale_factor=3, has_touch=True).page
    for name in ("#clock", "#reached", "#map", "#slider", "#play"):
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= 844, name
    assert page.locator("#play").bounding_box()["height"] >= 36


def test_on_a_desk_everything_that_moves_is_seen_without_scrolling(page):
    for name in ("#clock", "#reached", "#on-air", "#map", "#slider", "#play"):
        box = page.locator(name).bounding_box()
        assert box["y"] + box["height"] <= 800, name


def test_without_scripts_the_tables_are_there(file, look):
    page = look(file, java_script_enabled=False).page
    assert page.locator("noscript p").is_visible()
    assert page.locator("#causes tbody tr").count() > 3


def test_a_mast_tells_its_story_under_the_pointer_and_from_the_keyboard(page):
    page.locator("#map").focus()
    page.keyboard.press("n")
    said = page.locator("#story").inner_text()
    assert said.startswith("s0 (A, 2 cells)")
    assert "0:05:00.0 out of service: their mast lost power" in said
    assert "0:33:20.0 in service" in said
    assert said.split("\n")[1] in page.locator("#status").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#story").is_hidden()
    page.keyboard.press("b")
    assert page.locator("#story").inner_text().startswith("s39 ")
    page.keyboard.press("Escape")
    box = page.locator("#map").bounding_box()
    for part in range(5, 95):
        page.mouse.move(box["x"] + box["width"] * part / 100, box["y"] + box["height"] / 2)
        if page.locator("#story").is_visible():
            break
    assert "cells)" in page.locator("#story").inner_text()


def test_events_by_name_jump_and_keep_the_map_in_view(page):
    page.get_by_role("button", name="50 % reached", exact=True).click()
    assert moment(page) > 0
    page.locator("#milestones button").last.click()
    assert moment(page) == 3600
    assert page.locator("#map").bounding_box()["y"] >= -1
    names = page.locator(".events button").all_inner_texts()
    assert {"First masts fail", "First masts are back", "Decision to warn", "End of the run"} <= set(names)


def test_a_presenter_goes_from_event_to_event(page):
    page.keyboard.press("Home")
    seen = [moment(page)]
    for _ in range(4):
        page.keyboard.press("PageDown")
        seen.append(moment(page))
    assert seen == sorted(set(seen))
    page.keyboard.press("PageUp")
    assert moment(page) == seen[-2]
    before = int(page.locator("#slider").input_value())
    page.keyboard.press("ArrowRight")
    assert int(page.locator("#slider").input_value()) == before + 1


def test_the_classroom_has_large_type_and_f_ends_it(page):
    size = "getComputedStyle(document.getElementById('clock')).fontSize"
    small = float(page.evaluate(size)[:-2])
    page.keyboard.press("f")
    page.wait_for_timeout(150)
    assert float(page.evaluate(size)[:-2]) > 1.3 * small
    assert not page.locator("#milestones").is_visible()
    page.keyboard.press("f")
    page.wait_for_timeout(150)
    assert page.locator("#milestones").is_visible()


def test_nothing_jumps_while_the_slider_moves(page):
    last = int(page.locator("#slider").get_attribute("max"))
    names = ("#map", "#slider", "#play", ".events", "#clock", "#reached", ".legend", "#milestones")
    places = set()
    for place in (0, last // 3, last // 2, last):
        slide(page, place)
        boxes = [page.locator(name).bounding_box() for name in names]
        places.add(tuple((box["x"], box["y"]) for box in boxes))
    assert len(places) == 1


def test_who_wants_less_motion_sees_event_after_event(file, look):
    page = look(file, reduced_motion="reduce").page
    slide(page, 0)
    page.locator("#play").click()
    page.wait_for_timeout(400)
    assert int(page.locator("#slider").input_value()) == 0


def test_shares_are_those_of_the_report(page, result):
    slide(page, page.locator("#slider").get_attribute("max"))
    assert page.locator("#share").inner_text() == f"{result.summary()['reach']['share'] * 100:.2f} %"


@pytest.mark.heavy
def test_two_runs_follow_one_slider(result, look, tmp_path):
    path = tmp_path / "pair.html"
    other = make_result(reach={"cell_broadcast": 0.2})
    path.write_text(replay.render_pair(result, other), encoding="utf-8")
    opened = look(path)
    last = opened.page.locator("#slider").get_attribute("max")
    opened.page.wait_for_timeout(500)
    for place in (0, int(last) // 2, int(last)):
        slide(opened.page, place)
        opened.page.wait_for_timeout(300)
        for frame, of in zip(opened.page.frames[1:], (result, other), strict=True):
            time_s = float(frame.locator("#reached").get_attribute("data-time-s"))
            people = of.people[of.people["in_area"]]
            expected = people.loc[people["reached_s"] <= time_s, "weight"].sum()
            assert number(frame.locator("#reached").inner_text()) == expected
        assert frame.locator("#clock").text_content() == opened.page.locator("#clock").inner_text()
    assert opened.quiet()
