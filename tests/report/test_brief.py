"""The brief: its funnel, tables and story against the ledger, and what it says when things are not known."""

import dataclasses
import re
from itertools import pairwise

import numpy as np
import pytest
from support import make_result

from ewsim import report
from ewsim.ledger import CAUSE_CODE
from ewsim.metrics import causes, infrastructure
from ewsim.metrics.comparison.places import side
from ewsim.report.brief import page, story, tables, where
from ewsim.report.brief.page import make_brief
from ewsim.report.maps.ground import map_ground
from ewsim.report.speech import ENGLISH as SAY


@pytest.fixture(scope="module")
def result():
    return make_result()


@pytest.fixture(scope="module")
def brief(result):
    return make_brief(result, SAY)


def inside(result):
    people = result.people
    return people[people["in_area"]]


def test_the_funnel_only_narrows_and_ends_at_those_reached(result):
    found = causes.funnel(result.ledger, 10, 0)
    left = [*found.values()]
    assert list(found) == list(causes.STEPS)
    assert left == sorted(left, reverse=True)
    assert found["in_area"] == result.summary()["in_area"]
    assert found["shown"] == found["reads"] == result.summary()["reach"]["people"]


def test_each_step_of_the_funnel_loses_the_people_of_its_causes(result):
    people = inside(result)
    found = causes.funnel(result.ledger, 10, None)
    without = people[people["cause"] == "no_device"]
    young = without.loc[without["age_band"] == "0-9", "weight"].sum()
    lost = {"old_enough": young, "has_phone": without["weight"].sum() - young}
    for step, names in {
        "switched_on": ["device_off"],
        "covered": ["no_coverage"],
        "mast_up": ["site_down_power"],
        "addressed": [],
        "shown": ["opted_out", "radio_loss"],
    }.items():
        lost[step] = people.loc[people["cause"].isin(names), "weight"].sum()
    assert found["reads"] is None
    steps = [*causes.STEPS[:-1]]
    for before, step in pairwise(steps):
        assert found[before] - found[step] == lost[step], step


def test_every_registered_cause_belongs_to_a_step():
    for cause in CAUSE_CODE:
        if cause != "reached":
            assert causes._step_of(causes.kinds.causes()[cause]) in causes.STEPS


@pytest.mark.parametrize("column", ["zone", "sex", "age_band"])
def test_groups_add_up_to_everybody_and_their_shares_are_the_ledgers(result, column):
    table = causes.who_and_why(result.ledger, column, 10)
    people = inside(result)
    assert table["people"].sum() == people["weight"].sum()
    for row in table[~table["suppressed"]].to_dict("records"):
        rows = people[people[column] == row["group"]]
        reached = rows["cause"] == "reached"
        assert row["share"] == pytest.approx(rows.loc[reached, "weight"].sum() / rows["weight"].sum())
        with_phone = rows["operator"] != "none"
        assert row["share_of_owners"] == pytest.approx((reached & with_phone).sum() / with_phone.sum())
        missed = row["phone"] + row["network"] + row["sending"]
        assert missed == rows.loc[~reached, "weight"].sum()


def test_a_group_that_is_not_modelled_has_people_and_no_shares(result):
    table = causes.who_and_why(result.ledger, "sex", 10, modelled=False)
    assert table[["share", "share_of_age", "share_of_owners", "phone"]].isna().all(axis=None)
    one = dataclasses.replace(result, not_modelled=("sex",))
    row = next(row for row in tables.groups_table(one, SAY).rows if row[0] == "Sex")
    assert row[2:5] == ("not modelled",) * 3


def test_sites_that_fall_silent_are_those_of_the_events(result):
    land = map_ground(result)
    (row,) = infrastructure.silenced(result.events, land.site_of_cell).to_dict("records")
    down = result.events[result.events["kind"] == "down_power"]
    assert len(row["sites"]) == down["site_id"].nunique()
    assert (row["began_s"], row["last_s"]) == (300.0, 300.0)
    back = result.events.loc[result.events["kind"] == "restored", "site_id"].nunique()
    assert row["back"] == back


def test_the_story_says_when_where_and_how_many(result):
    line, *more = story.story_lines(result, map_ground(result), SAY)
    assert not more
    assert re.search(r"10 of 40 sites go silent at once\. 5 of them are back by the end\.", line.text)
    assert line.since.replace("\u00a0", " ") == "5 min after the decision"


def test_a_run_without_outages_says_so(result):
    quiet = make_result(outages=False)
    assert story.story_lines(quiet, map_ground(quiet), SAY) == []
    assert (
        story.clock(dataclasses.replace(result, alert=dataclasses.replace(result.alert, sent="")), 0, SAY)
        == ""
    )


@pytest.mark.parametrize(
    ("points", "where_it_is"),
    [([[0, 9]], "north"), ([[9, -9]], "south-east"), ([[0, 0]], "centre"), ([[-9, 0], [-8, 1]], "west")],
)
def test_sides_of_a_country(points, where_it_is):
    corners = np.array([[-10, -10], [10, 10]], dtype=float)
    assert side(np.array(points, dtype=float), corners) == where_it_is


def test_invented_places_are_called_by_rank_and_side_and_real_ones_by_their_names(result):
    land = map_ground(result)
    assert set(where.place_table(result, land, SAY)["name"]) == {f"Town {i}" for i in range(12)}
    invented = make_result()
    zone = invented.ledger.people["zone"].cat
    invented.ledger.people["zone"] = zone.rename_categories(lambda name: f"place_{name.split()[1]}")
    table = where.place_table(invented, land, SAY)
    assert all(re.fullmatch(r"(Town|Village) \d+ \([a-z-]+\)", name) for name in table["name"])
    assert "place_" not in str(tables.places_table(invented, table, SAY).rows)


def test_a_name_on_a_map_is_short_and_printable():
    assert where._shortened("Saint-\x00Vincent-sur-la-Rivière-Longue") == "Saint-Vincent-sur-la-Ri…"


def test_points_of_a_measure_are_called_by_the_nearest_places(result):
    land = map_ground(result)
    places = where.place_table(result, land, SAY)
    lat, lon = land.frame.to_latlon(1000 * places["x_km"].to_numpy(), 1000 * places["y_km"].to_numpy())
    points = ", ".join(f"{lat[i]:.3f}, {lon[i]:.3f}" for i in (3, 0, 3))
    said = page._named(f"3 cells, set out at the decision: {points}", land, places)
    assert said == f"3 cells, set out at the decision: {places['name'][3]}; {places['name'][0]}"
    assert page._named("batteries of 8 h, 2.5 km", land, places) == "batteries of 8 h, 2.5 km"


def test_headlines_have_ranges_where_there_are_several_runs(brief, result):
    assert {figure.spread for figure in brief["headlines"]} == {""}
    assert "--replications 30" in brief["chance"]
    rows = {"count": 12, "reach_share": {"low": 0.5, "high": 0.7, "median": 0.6, "attained": 12}}
    several = make_result()
    several.__dict__["_summary"] = {**result.summary(), "replications": rows}
    figures = tables.headlines(several, SAY)
    assert figures[0].spread.replace("\u00a0", " ") == "50 % to 70 %"
    assert figures[1].spread == "range not known"


def test_without_advice_the_brief_names_the_command_and_the_page_all_its_sections(brief, result):
    assert brief["measures"] == []
    page = report.render(result)
    assert "--advise" in page
    for name in re.findall(r'<a href="#([a-z]+)">', page):
        assert page.count(f'id="{name}"') == 1, name


@pytest.mark.parametrize(
    "options", [{"in_area_share": 0}, {"reach": {"cell_broadcast": 1.0}, "land": False}, {"people": 1}]
)
def test_odd_runs_have_a_brief_too(options):
    assert make_brief(make_result(**options), SAY)["answer"]
