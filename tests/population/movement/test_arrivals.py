"""People who come during the run, and people who move more than once."""

import numpy as np
import pytest
import shapely
from support import first_moves

from ewsim.errors import DataError
from ewsim.geography.plane import LocalFrame, contains
from ewsim.population.handsets import make_handsets, together
from ewsim.population.movement.arrivals import counted, not_before, with_arrivals
from ewsim.population.movement.flows import at_key, with_flows
from ewsim.population.synthesis import make_people
from ewsim.scenario.spec import FlowSpec, HandsetSpec, OperatorSpec, PopulationSpec
from ewsim.settlement.pattern import settle
from ewsim.streams import Streams
from ewsim.units import NEVER, US

ISLAND = shapely.Point(0, 0).buffer(17_000)
FRAME = LocalFrame(14.6, -61.0)
HOUR_US = 3_600 * US


def at(x, y):
    return [float(v) for v in FRAME.to_latlon(x, y)]


def disc(x, y, radius_m):
    return {"circles": [{"centre": at(x, y), "radius_m": radius_m}]}


def make(arrivals=(), flows=(), horizon_us=HOUR_US, **values):
    spec = PopulationSpec.model_validate(
        {
            "people_count": 20_000,
            "settlement_count": 5,
            "movers_share": 0,
            "arrivals": arrivals,
            "flows": flows,
            **values,
        }
    )
    streams = Streams(1)
    settlements = settle(spec, None, ISLAND, FRAME, streams)
    people = make_people(spec, settlements, ISLAND, streams, horizon_us)
    people = with_arrivals(spec, people, settlements, FRAME, ISLAND, streams, horizon_us, at_key)
    return with_flows(spec.flows, people, FRAME, ISLAND, streams, at_key)


def coming(people):
    return people.arrives_us > -NEVER


def test_arrivals_are_as_many_as_stated_evenly_in_time_and_visitors():
    pier = {"entry_points": [at(-16_000, 0), at(0, 16_000)], "start_s": 600, "end_s": 3000}
    people = make([{"people_count": 8_000, **pier}, {"share": 0.1, "residence": "resident"}])
    new = coming(people)
    assert new.sum() == 8_000 + 2_000
    assert not new[:20_000].any()  # those who are there come first
    first = np.arange(20_000, 28_000)
    arrives_s = people.arrives_us[first] / US
    assert arrives_s.min() >= 600
    assert arrives_s.max() <= 3000
    assert arrives_s.mean() == pytest.approx(1800, rel=0.02)
    assert (people.residence[first] == 1).all()
    assert (people.residence[28_000:] == 0).all()
    west = np.hypot(people.x_m[first] + 16_000, people.y_m[first]) < 1
    north = np.hypot(people.x_m[first], people.y_m[first] - 16_000) < 1
    assert (west ^ north).all()
    assert west.mean() == pytest.approx(0.5, abs=0.03)


def test_who_is_there_is_the_same_person_whoever_else_comes():
    without, people = make(movers_share=0.5), make([{"people_count": 500}], movers_share=0.5)
    for column in ("x_m", "age_band", "sex", "zone", "indoors"):
        assert (getattr(without, column) == getattr(people, column)[:20_000]).all()
    for one, other in zip(first_moves(without), first_moves(people), strict=True):
        assert (one == other[:20_000]).all()
    assert without.arrives_us is None


def test_the_border_is_entered_anywhere_alike_and_an_area_within_it():
    people = make([{"people_count": 4_000}, {"people_count": 4_000, "entry": disc(9e3, 0, 3_000)}])
    edge, area = np.arange(20_000, 24_000), np.arange(24_000, 28_000)
    away = np.hypot(people.x_m, people.y_m)
    assert away[edge] == pytest.approx(17_000, rel=0.003)
    angle = np.degrees(np.arctan2(people.y_m[edge], people.x_m[edge]))
    quarters = np.histogram(angle, [-180, -90, 0, 90, 180])[0] / edge.size
    assert quarters == pytest.approx(0.25, abs=0.04)
    assert (np.hypot(people.x_m[area] - 9_000, people.y_m[area]) < 3_001).all()


def test_they_go_on_to_their_destination_after_the_transfer():
    flow = {"people_count": 3_000, "entry_points": [at(-16_000, 0)], "end_s": 1_000}
    people = make([{**flow, "destination": disc(8e3, 0, 4_000), "transfer_s": 900}])
    new = np.flatnonzero(coming(people))
    moves_us, x, y = first_moves(people)
    assert (moves_us[new] - people.arrives_us[new] == 900 * US).all()
    assert (np.hypot(x[new] - 8_000, y[new]) < 4_001).all()
    nearest = people.zone[new]
    assert nearest.max() < len(people.zone_names)


def test_weighted_arrivals_add_up_and_who_comes_after_the_run_does_not_come():
    people = make([{"people_count": 1_003, "end_s": 1_000}], weight=10)
    assert sorted(people.weight[coming(people)].tolist()) == [3] + [10] * 100
    late = make([{"people_count": 10_000, "end_s": 7_200}])
    assert coming(late).sum() == pytest.approx(5_000, abs=250)
    assert late.arrives_us.max() <= HOUR_US


def test_who_arrives_counts_where_they_come_within_the_run():
    area = shapely.box(0, -20_000, 20_000, 20_000)
    flow = {"people_count": 2_000, "start_s": 0, "end_s": 3_600, "transfer_s": 1_800}
    west, east = [at(-9_000, 0)], [at(9_000, 0)]
    people = make(
        [
            {**flow, "entry_points": east, "destination": disc(-8e3, 0, 4_000)},
            {**flow, "entry_points": west, "destination": disc(8e3, 0, 4_000)},
            {**flow, "entry_points": west},
        ]
    )
    counts = counted(people, area, HOUR_US)
    assert (counts[:20_000] == contains(area, people.x_m, people.y_m)[:20_000]).all()
    assert counts[20_000:22_000].all()  # they were there, if only for half an hour
    in_time = people.arrives_us[22_000:24_000] <= HOUR_US // 2
    assert (counts[22_000:24_000] == in_time).all()
    assert not counts[24_000:].any()


def test_phones_are_off_until_their_owners_arrive_and_sharers_arrive_together():
    people = make([{"people_count": 5_000}])
    spec = HandsetSpec(ownership_share=0.5, shared_phone_share=0.8)
    phones, carried = make_handsets(spec, (OperatorSpec(name="A"),), people, Streams(1))
    people = together(people, phones, carried)
    phones = not_before(phones, people)
    assert (phones.on_from_us >= people.arrives_us[phones.owner]).all()
    own = np.zeros(len(people), dtype=bool)
    own[phones.owner] = True
    sharer = np.flatnonzero(~own & (carried >= 0))
    owner = phones.owner[carried[sharer]]
    assert (people.arrives_us[sharer] == people.arrives_us[owner]).all()
    assert ((sharer < 20_000) == (owner < 20_000)).all()
    assert (sharer >= 20_000).sum() > 500


def test_arrivals_at_sea_are_refused():
    for key in ("entry", "destination"):
        with pytest.raises(DataError, match="no land"):
            make([{"people_count": 5, key: disc(90_000, 0, 1_000)}])
    with pytest.raises(DataError, match=r"entry_points.1.*km off the land"):
        make([{"people_count": 5, "entry_points": [at(0, 0), at(0, 0)[::-1]]}])


@pytest.mark.parametrize(
    "flow",
    [
        {},
        {"people_count": 5, "share": 0.1},
        {"share": 0.1, "start_s": 9, "end_s": 5},
        {"share": 0.1, "entry": disc(0, 0, 9), "entry_points": [at(0, 0)]},
    ],
)
def test_a_flow_that_contradicts_itself_is_no_scenario(flow):
    with pytest.raises(ValueError, match=r"give one of|before start_s"):
        PopulationSpec.model_validate({"arrivals": [flow]})


# --- more than one move ---------------------------------------------------------------------------


def places_by_hour(people, hours):
    return np.array([people.at(round(h * 3600) * US) for h in hours])


def test_a_day_takes_everybody_there_and_back_again_and_the_next_day_too():
    day = {
        "hour": 3.0,
        "spread_hours": 0.0,
        "leave_hour": 8,
        "return_hour": 17,
        "school_return_hour": 14,
        "work_share": 1.0,
        "school_share": 1.0,
    }
    people = make(day=day, horizon_us=48 * HOUR_US)
    worker = np.isin(people.age_band, (2, 3, 4))
    # Hours since the decision at 3 o'clock: home, work, home, work the next day, home.
    x = places_by_hour(people, [0, 9, 20, 33, 47])[:, 0]
    assert (x[1][worker] != x[0][worker]).all()
    assert (x[2] == x[0]).all()
    assert (x[3] == x[1]).all()
    assert (x[4] == x[0]).all()
    assert (np.diff(people.journeys.first)[worker] == 4).all()
    # The hour of the decision only cuts another piece of the same days.
    noon = make(day={**day, "hour": 12.0}, horizon_us=36 * HOUR_US)
    assert (places_by_hour(noon, [0, 11, 24])[:, 0] == x[[1, 2, 3]]).all()


def flow(counted, x, to, share=1.0, start_s=3_600):
    return {
        "origin": disc(x, 0, 9_000),
        "destination": disc(to, 0, 3_000),
        "share": share,
        "start_s": start_s,
        "end_s": start_s + 1_800,
        "counted": counted,
    }


def test_commuters_and_arrivals_are_evacuated_from_where_they_have_come_to():
    day = {"hour": 7.0, "spread_hours": 0.1, "work_share": 1.0, "return_hour": 9.5}
    ferry = {
        "people_count": 2_000,
        "end_s": 1_800,
        "entry_points": [at(-16_000, 0)],
        "destination": disc(8e3, 0, 4_000),
        "transfer_s": 600,
    }
    evacuation = flow("at_start", 9_000, -10_000)
    keys = {"day": day, "horizon_us": 4 * HOUR_US, "settlement_count": 30, "rural_share": 0.5}
    before, people = make([ferry], **keys), make([ferry], [evacuation], **keys)
    x, y = before.at(HOUR_US)
    goes = contains(FRAME.circle(*at(9_000, 0), 9_000), x, y)
    moved = np.hypot(before.x_m - 9_000, before.y_m) >= 9_000
    assert (goes & moved)[20_000:].sum() == 2_000  # all of the ferry
    assert (goes & moved)[:20_000].sum() > 500  # and who has come to work
    x, y = people.at(4 * HOUR_US)
    assert (np.hypot(x + 10_000, y)[goes] < 3_001).all()  # they do not go home at half past nine
    there = people.at(HOUR_US)
    assert (np.array(there) == np.array(before.at(HOUR_US))).all()
    twice = np.diff(people.journeys.first)
    assert (twice[goes & moved] == 2).all()
    stay = np.array(people.at(4 * HOUR_US)) == np.array(before.at(4 * HOUR_US))
    assert stay[:, ~goes].all()


def test_counted_at_the_decision_a_flow_takes_the_place_of_a_journey():
    day = {"hour": 7.0, "spread_hours": 0.1, "work_share": 1.0}
    people = make(
        [{"people_count": 2_000, "entry_points": [at(9_000, 0)], "end_s": 60}],
        [flow("at_decision", 9_000, -10_000)],
        day=day,
        horizon_us=4 * HOUR_US,
    )
    goes = contains(FRAME.circle(*at(9_000, 0), 9_000), people.x_m, people.y_m)
    goes[20_000:] = False  # those who come later were not in the origin
    moves_us, x, y = first_moves(people)
    assert (np.diff(people.journeys.first)[goes] == 1).all()
    assert (moves_us[goes] >= HOUR_US).all()
    assert (np.hypot(x[goes] + 10_000, y[goes]) < 3_001).all()
    assert (moves_us[20_000:] == NEVER).all()


def test_two_evacuations_one_after_the_other():
    people = make(flows=[flow("at_decision", -9_000, 0), flow("at_start", 0, 14_000, 0.5, 7_200)])
    origin = np.hypot(people.x_m + 9_000, people.y_m) < 8_999
    count = np.diff(people.journeys.first)
    assert count[origin].min() == 1
    share = (count[origin] == 2).mean()
    assert share == pytest.approx(0.5, abs=0.05)
    at_us = people.journeys.at_us
    for p in np.flatnonzero(count == 2)[:50]:
        one, two = at_us[people.journeys.first[p] : people.journeys.first[p + 1]]
        assert HOUR_US <= one <= 1.5 * HOUR_US
        assert 2 * HOUR_US <= two <= 2.5 * HOUR_US


def test_holes_of_an_origin_stay_where_they_are():
    ring = [at(x, y) for x, y in ((-20e3, -20e3), (20e3, -20e3), (20e3, 20e3), (-20e3, 20e3))]
    hole = [at(x, y) for x, y in ((0, -20e3), (20e3, -20e3), (20e3, 20e3), (0, 20e3))]
    away = FlowSpec.model_validate(
        {"origin": {"polygons": [ring], "holes": [hole]}, "destination": disc(0, 0, 500), "share": 1}
    )
    people = with_flows((away,), make(), FRAME, ISLAND, Streams(1), at_key)
    goes = np.diff(people.journeys.first) > 0
    assert (goes == (people.x_m < 0)).all()
