"""The replay's numbers are the ledger's, at every moment of its slider, and its file is bounded."""

import base64
import json
import re

import numpy as np
import pandas as pd
import pytest
from support import make_result

from ewsim.metrics import infrastructure
from ewsim.report import style
from ewsim.report.maps import connectivity
from ewsim.report.maps.ground import map_ground
from ewsim.report.replay import map as replay_map
from ewsim.report.replay import page as replay
from ewsim.report.replay import scene
from ewsim.units import US


@pytest.fixture(scope="module")
def result():
    return make_result()


@pytest.fixture(scope="module")
def html(result):
    return replay.render(result)


@pytest.fixture(scope="module")
def film(html):
    return film_of(html)


def film_of(html):
    return json.loads(re.search(r'id="film">(.*?)</script>', html)[1])


def unpacked(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


# --- moments and counts ---------------------------------------------------------------------------


def test_the_counts_at_every_moment_are_those_of_the_people_table(result, film):
    people = result.people
    inside = people[people["in_area"]]
    columns = {
        "any": "reached_s",
        "cell_broadcast": "cell_broadcast_displayed_s",
        "location_based_sms": "location_based_sms_displayed_s",
    }
    assert set(film["counts"]["reached"]) == set(columns)
    for name, column in columns.items():
        expected = [int(inside.loc[inside[column] <= moment, "weight"].sum()) for moment in film["time_s"]]
        assert film["counts"]["reached"][name] == expected
    outside = people[~people["in_area"]]
    assert film["counts"]["outside"] == [
        int(outside.loc[outside["reached_s"] <= m, "weight"].sum()) for m in film["time_s"]
    ]
    assert film["whole"] == inside["weight"].sum()


def test_the_last_moment_is_the_summary_and_the_first_is_nobody(result, film):
    assert film["time_s"][-1] == result.horizon_s
    assert film["counts"]["reached"]["any"][-1] == result.summary()["reach"]["people"]
    assert film["counts"]["reached"]["any"][0] == 0


def test_cells_in_service_and_on_air_are_those_of_the_events(result, film):
    changes = infrastructure.cell_changes(result.events)
    for i in range(0, len(film["time_s"]), 17):
        serves, on_air = infrastructure.cells_at(changes, len(result.cells), film["time_s"][i])
        assert film["counts"]["serving"][i] == serves.sum()
        assert film["counts"]["on_air"][i] == on_air.sum()


def test_moments_ascend_and_are_few_and_a_burst_gets_many_of_them(result, film):
    times = film["time_s"]
    assert times == sorted(set(times))
    assert len(times) <= scene.MOST_MOMENTS + 12
    assert all(t == round(t, 1) for t in times), "what the clock shows is what is counted"
    # half of the moments would be 1,800 s apart from 0 if they were spread evenly
    first_half = [t for t in times if t <= 300]
    assert len(first_half) > len(times) / 2


def test_the_first_person_reached_is_reached_at_their_milestone(result, html, film):
    marks = scene.milestones(result)
    texts = [m.text for m in marks]
    assert texts[-1] == "End of the run"
    first = film["milestones"][texts.index("First people reached")]
    assert film["counts"]["reached"]["any"][first] > 0
    half = film["milestones"][texts.index("50 % reached")]
    assert film["counts"]["reached"]["any"][half] * 2 >= film["whole"]
    assert film["time_s"][half] == pytest.approx(result.summary()["time_to_share_s"]["0.5"], abs=0.1)
    for text in texts:
        assert f">{text}<" in html


def test_a_share_that_is_not_attained_is_no_milestone():
    few = make_result(reach={"cell_broadcast": 0.3})
    assert "50 % reached" not in [m.text for m in scene.milestones(few)]


def test_what_happened_before_the_decision_is_on_the_slider():
    result = make_result()
    early = result.events.copy()
    early.loc[early["kind"] == "down_power", "time_s"] = -900.0
    early = early.sort_values("time_s", kind="stable", ignore_index=True)
    object.__setattr__(result.ledger, "events", early)
    film = film_of(replay.render(result))
    assert film["time_s"][0] == -900
    assert film["counts"]["serving"][0] < len(result.cells)
    assert film["counts"]["reached"]["any"][film["time_s"].index(0)] == 0
    assert sum(t < 0 for t in film["time_s"]) < len(film["time_s"]) / 4


def test_the_places_are_the_largest_and_their_counts_the_ledgers(result, film):
    people = result.people
    inside = people[people["in_area"]]
    whole = inside.groupby("zone", observed=True)["weight"].sum()
    assert [p["people"] for p in film["places"]] == sorted(whole, reverse=True)[:12]
    for place in film["places"][:3]:
        rows = inside[inside["zone"] == place["name"]]
        for i in (0, 90, 200, len(film["time_s"]) - 1):
            reached = rows["reached_s"] <= film["time_s"][i]
            assert place["reached"][i] == rows.loc[reached, "weight"].sum()


# --- the map --------------------------------------------------------------------------------------


def test_squares_hold_everybody_and_fill_when_their_people_are_reached(result, film):
    land = map_ground(result)
    squares = film["squares"]
    people = unpacked(squares["people"], "<u4").astype(int)
    outside = unpacked(squares["outside"], "<u1")
    levels = unpacked(squares["level"], "<u2").reshape(-1, squares["levels"])
    table = result.people
    assert people.sum() == table["weight"].sum()
    assert people[outside == 0].sum() == table.loc[table["in_area"], "weight"].sum()

    # by hand: people of the square, and how many sixteenths of them are reached at each moment
    west, south, east, north = land.bounds_km
    side = max(east - west, north - south) / 150
    table = table.assign(
        x=np.floor((land.people_x_km - west) / side).astype(int),
        y=np.floor((land.people_y_km - south) / side).astype(int),
    )
    x, y = unpacked(squares["x"], "<u2"), unpacked(squares["y"], "<u2")
    groups = {(gx, gy, not g): rows for (gx, gy, g), rows in table.groupby(["x", "y", "in_area"])}
    assert len(groups) == people.size
    for i in range(0, people.size, 23):
        group = groups[x[i], y[i], bool(outside[i])]
        assert group["weight"].sum() == people[i]
        for moment in (0, 60, 150, 300, len(film["time_s"]) - 1):
            reached = group.loc[group["reached_s"] <= film["time_s"][moment], "weight"].sum()
            assert (levels[i] <= moment).sum() == reached * 16 // people[i]


def test_masts_show_what_their_cells_do(result, film):
    land = map_ground(result)
    masts = film["masts"]
    changes = infrastructure.cell_changes(result.events)
    site, moment, state = (
        unpacked(masts[name], kind) for name, kind in (("site", "<u4"), ("moment", "<u2"), ("state", "<u1"))
    )
    assert unpacked(masts["x"], "<i4").size == len(land.sites)
    for at in (0, 40, 120, 250, len(film["time_s"]) - 1):
        serves, on_air = infrastructure.cells_at(changes, len(result.cells), film["time_s"][at])
        shown = np.ones(len(land.sites), dtype=int)
        for s, m, new in zip(site, moment, state, strict=True):
            if m <= at:
                shown[s] = new
        for s in range(len(land.sites)):
            cells = land.site_of_cell == s
            expected = 2 if on_air[cells].any() else 1 if serves[cells].any() else 0
            assert shown[s] == expected


def test_the_file_does_not_grow_with_the_people():
    small, large = (replay.render(make_result(people=n)) for n in (3_000, 60_000))
    assert len(large) < 4 * len(small), "twenty times the people"
    assert len(large) < 1_000_000


def test_people_with_a_weight_fill_squares_by_people_not_by_rows():
    square = np.zeros(3, dtype=np.int64)
    weight = np.array([14, 1, 1])
    reached = np.array([5, 1, 9]) * US
    times = np.arange(12) * US
    levels = replay_map._levels(square, weight, reached, np.array([16]), times)
    assert (levels[0] == [1, *[5] * 14, 9]).all()


# --- the page -------------------------------------------------------------------------------------


def test_the_same_result_gives_the_same_bytes(html):
    assert replay.render(make_result()) == html


def test_text_of_others_cannot_become_markup_or_script():
    bad = '</script><script>alert("x")</script><img src=x onerror=alert(1)>'
    result = make_result(title=bad)
    zone = result.ledger.people["zone"].cat.rename_categories(lambda name: bad + str(name))
    result.ledger.people["zone"] = zone
    html = replay.render(result)
    assert html.count("<script") == 2
    assert html.count("</script>") == 2
    assert "<img" not in html
    assert film_of(html)["places"][0]["name"].startswith(bad)


def test_nothing_in_the_page_names_another_file(html):
    assert not re.search(r"(?:src|href)\s*=|@import|url\(", html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize(
    "options",
    [
        {"reach": {}},
        {"in_area_share": 0},
        {"reach": {"cell_broadcast": 0.0}},
        {"outages": False},
        {"land": False},
        {"people": 1},
        {"reach": {"cell_broadcast": 1.0}, "in_area_share": 1},
    ],
)
def test_odd_runs_have_a_replay_too(options):
    film = film_of(replay.render(make_result(**options)))
    assert film["time_s"][-1] == 3600


def test_a_run_with_no_cells_at_all_has_a_replay():
    result = make_result()
    object.__setattr__(result.ledger, "events", result.events.iloc[:0])
    object.__setattr__(result, "cells", result.cells.iloc[:0])
    result.ledger.people["camped_cell"] = np.int32(-1)
    film = film_of(replay.render(result))
    assert set(film["counts"]["serving"]) == {0}


@pytest.mark.parametrize(
    ("time_s", "text"),
    [(0, "0:00:00.0"), (59.96, "0:01:00.0"), (-7200, "\u22122:00:00.0"), (90061.5, "25:01:01.5")],
)
def test_the_clock(time_s, text):
    assert replay.clock(time_s) == text


def test_events_between_two_moments_are_not_lost():
    """A cell that goes down and up again between two moments stands as it ends."""
    result = make_result(outages=False)
    rows = [(100.01, "down_power"), (100.02, "restored")]
    more = pd.DataFrame(
        [(t, "cell", kind, "A", 0, 0, "", "", "") for t, kind in rows], columns=result.events.columns
    )
    events = pd.concat([result.events, more]).sort_values("time_s", kind="stable")
    object.__setattr__(result.ledger, "events", events.reset_index(drop=True))
    film = film_of(replay.render(result))
    assert film["counts"]["serving"][-1] == len(result.cells)


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_marks_stand_out_from_their_ground_and_from_each_other_in_grey(html):
    marks = {style.MISSED, style.REACHED, style.REACHED_OUTSIDE, "#a03f7f", "#8b0f5c", "#a3200a", "#1a1a1a"}
    for mark in marks:
        assert mark in html
        for ground in ("#f4f1ea", "#eaf2f8", "#f7f5f0", "#ffffff"):
            assert contrast(mark, ground) >= 3, (mark, ground)
    assert contrast(style.MISSED, style.REACHED) >= 3
    assert contrast(style.MISSED, style.REACHED_OUTSIDE) >= 2.5  # they lie on the two sides of a line
    assert all(contrast(line.colour, "#ffffff") >= 3 for line in style._LINES)
    never, signal, lost = connectivity._COLOURS
    assert contrast(never, signal) > 1.7
    assert contrast(signal, lost) >= 2.5


def test_round_times_are_moments_of_the_slider(film):
    assert {60, 120, 300, 600, 900, 1800} <= set(film["time_s"])


def test_the_hazard_comes_to_a_square_with_its_first_people():
    result = make_result(people=500)
    arrival = np.where(np.arange(500) % 2, 900.0, np.nan)
    result.ledger.people["hazard_arrival_s"] = arrival
    film = film_of(replay.render(result))
    come = unpacked(film["squares"]["arrival"], "<u2")
    made = replay_map.ground.squares(result, map_ground(result))
    with_some = np.unique(made.of_person[~np.isnan(arrival)])
    assert set(np.flatnonzero(come != 0xFFFF)) == set(with_some)
    assert {film["time_s"][i] for i in come[with_some]} == {900}
