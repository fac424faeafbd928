"""Groups reproduce the shares they are drawn from, by zone and together; days and flows move."""

import numpy as np
import pytest
import shapely
from support import first_moves

from ewsim.errors import DataError
from ewsim.geography.plane import LocalFrame, contains
from ewsim.population.handsets import make_handsets, together, visitors_roam
from ewsim.population.movement.flows import at_key, with_flows
from ewsim.population.people import AGE_BANDS, ROAMS, ROAMS_SILENT
from ewsim.population.synthesis import make_people
from ewsim.scenario.spec import FlowSpec, HandsetSpec, OperatorSpec, PopulationSpec
from ewsim.settlement.pattern import settle
from ewsim.streams import Streams
from ewsim.units import LTE, NEVER, US

ISLAND = shapely.Point(0, 0).buffer(17_000)
FRAME = LocalFrame(14.6, -61.0)
HORIZON_US = 3_600 * US


def make(table=None, handsets=None, seed=1, **values):
    spec = PopulationSpec.model_validate(
        {"people_count": 60_000, "settlement_count": 3, "rural_share": 0, **values}
    )
    streams = Streams(seed)
    settlements = settle(spec, None, ISLAND, FRAME, streams)
    people = make_people(spec, settlements, ISLAND, streams, HORIZON_US, table)
    phones, carried = make_handsets(
        HandsetSpec.model_validate(handsets or {}), (OperatorSpec(name="A"),), people, streams
    )
    return people, phones, carried


def near(flags, share):
    """Within five standard errors of a share of Bernoulli draws."""
    return abs(flags.mean() - share) <= 5 * np.sqrt(share * (1 - share) / flags.size) + 1e-12


def test_shares_by_zone_are_those_of_the_table_and_elsewhere_the_scenarios(tmp_path):
    table = tmp_path / "shares.csv"
    table.write_text(
        "zone;female;hearing;poor;visitor;language_es;age_75\n"
        "place_1;0.3;0.2;0.5;0.25;3;\n"
        "place_2;;;;;;0.94\n"
    )
    people, _, _ = make(
        table,
        languages=[{"tag": "en", "share": 1}, {"tag": "es", "share": 1}],
        poverty_share=0.1,
        visitors_share=0.02,
    )
    one, two, three = (people.zone == zone for zone in range(3))
    for where, female, hearing, poor, visitor, spanish in (
        (one, 0.3, 0.2, 0.5, 0.25, 0.75),
        (two, 0.5, 0.05, 0.1, 0.02, 0.5),
        (three, 0.5, 0.05, 0.1, 0.02, 0.5),
    ):
        assert near(people.sex[where] == 0, female)
        assert near(people.disability[where] == 1, hearing)
        assert near(people.poverty[where] == 1, poor)
        assert near(people.residence[where] == 1, visitor)
        assert near(people.language[where] == 1, spanish)
    assert near(people.age_band[two] == 6, 0.94 / (0.94 + 0.94))
    assert near(people.age_band[three] == 6, 0.06)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("zone,female\nplace_1,1.2\n", 2, 2, "not a share"),
        ('zone,female\nplace_1,"0,5"\n', 2, 2, "decimal comma"),
        ("zone,female\nplace_9,0.5\n", 2, 1, "no zone 'place_9'"),
        ("zone,female\nplace_1,0.5\nplace_1,0.6\n", 3, 1, "already on line 2"),
        ("zone,tall\nplace_1,0.5\n", 1, 2, "is not a share"),
        ("area,female\nplace_1,0.5\n", 1, 1, "no column zone"),
        ("zone,female\nplace_1\n", 2, 1, "1 value"),
    ],
)
def test_a_wrong_table_of_shares_says_where(tmp_path, text, line, column, words):
    table = tmp_path / "shares.csv"
    table.write_text(text)
    with pytest.raises(DataError) as caught:
        make(table)
    fault = caught.value.diagnostics[0]
    assert (fault.line, fault.column) == (line, column)
    assert words in fault.message


def test_ownership_by_group_has_the_ratios_and_the_whole_keeps_its_share():
    rules = [
        {"sex": "female", "ownership_ratio": 0.8},
        {"poverty": "poor", "ownership_ratio": 0.5, "smartphone_ratio": 0.25},
    ]
    people, phones, carried = make(
        poverty_share=0.4,
        handsets={"ownership_share": 0.6, "ratios": rules, "rat_shares": {"3G": 0.5, "4G": 0.5}},
    )
    grown = people.age_band > 0
    has = carried >= 0
    assert near(has[grown], 0.6)
    # c (0.5 + 0.5 * 0.8) (0.6 + 0.4 * 0.5) = 0.6
    rich_man = 0.6 / (0.9 * 0.8)
    for sex, poor, ratio in ((1, 0, 1), (0, 0, 0.8), (1, 1, 0.5), (0, 1, 0.4)):
        group = grown & (people.sex == sex) & (people.poverty == poor)
        assert near(has[group], rich_man * ratio)
    smart = phones.rats >= 2**LTE
    poor_owner = people.poverty[phones.owner] == 1
    assert near(smart, 0.5)
    assert smart[poor_owner].mean() / smart[~poor_owner].mean() == pytest.approx(0.25, abs=0.02)


def test_nobody_owns_more_than_surely_and_the_rest_make_up_for_it():
    rules = [{"age_bands": ["18-34"], "ownership_ratio": 10}]
    people, _, carried = make(handsets={"ownership_share": 0.9, "ratios": rules})
    young = people.age_band == AGE_BANDS.index("18-34")
    assert (carried[young] >= 0).all()
    assert near((carried >= 0)[people.age_band > 0], 0.9)


def test_who_shares_a_phone_is_with_its_owner():
    people, phones, carried = make(
        handsets={"ownership_share": 0.5, "shared_phone_share": 0.6, "ratios": []}, movers_share=0.3
    )
    people = together(people, phones, carried)
    own = np.zeros(len(people), dtype=bool)
    own[phones.owner] = True
    without = ~own & (people.age_band > 0)
    assert near(carried[without] >= 0, 0.6)
    sharer = np.flatnonzero(without & (carried >= 0))
    owner = phones.owner[carried[sharer]]
    assert (people.handset == carried).all()
    moves_us, later_x, _ = first_moves(people)
    for column in (people.x_m, people.y_m, people.zone, moves_us, later_x):
        assert (column[sharer] == column[owner]).all()
    assert near(moves_us[sharer] < NEVER, 0.3)


def elsewhere(people, night):
    return (people.x_m != night.x_m) | (people.y_m != night.y_m)


def day(hour, **values):
    return {"hour": hour, "spread_hours": 0.5, **values}


def test_at_night_all_are_home_and_at_noon_workers_and_pupils_are_not():
    night, _, _ = make(day=day(3.0))
    noon, _, _ = make(day=day(12.0, work_share=0.7, school_share=0.9))
    away = elsewhere(noon, night)
    worker = np.isin(noon.age_band, (2, 3, 4))
    assert near(away[worker], 0.7)
    assert near(away[noon.age_band == 1], 0.9)
    assert near(away[noon.age_band == 0], 0.45)
    assert not away[noon.age_band >= 5].any()
    assert not night.journeys.at_us.size
    assert near(night.indoors, 0.95)
    assert near(noon.indoors, 0.8)


def test_commuters_travel_when_their_hour_comes():
    # One hour from 7:30, the mean of leaving, with half an hour of deviation: 0 to 2 sigma late.
    people, _, _ = make(day=day(7.5, work_share=1.0))
    worker = np.isin(people.age_band, (2, 3, 4))
    moves_us, later_x, _ = first_moves(people)
    travels = moves_us < NEVER
    assert near(travels[worker], 0.9772499 - 0.5)
    assert moves_us[travels].max() <= HORIZON_US
    home, _, _ = make(day=day(3.0))
    assert not elsewhere(people, home)[travels].any()  # they are still at home
    assert (later_x[travels] != people.x_m[travels]).all()
    back, _, _ = make(day=day(17.0, work_share=1.0))
    moves_us, later_x, _ = first_moves(back)
    returns = (moves_us < NEVER) & worker
    assert near(returns[worker], 0.9772499 - 0.5)
    assert (later_x[returns] == home.x_m[returns]).all()


def test_evacuees_leave_the_origin_between_two_moments_for_the_destination():
    people, _, _ = make(settlement_count=30, rural_share=0.5, movers_share=0)
    circle = {"radius_m": 9_000.0}
    flow = {
        "origin": {"circles": [{"centre": FRAME.to_latlon(-5_000, 0), **circle}]},
        "destination": {"circles": [{"centre": FRAME.to_latlon(14_000, 0), **circle}]},
        "share": 0.4,
        "start_s": 600,
        "end_s": 1_200,
    }
    at = np.hypot(people.x_m + 5_000, people.y_m) < 9_000
    people = with_flows((FlowSpec.model_validate(flow),), people, FRAME, ISLAND, Streams(1), at_key)
    moves_us, later_x, later_y = first_moves(people)
    goes = moves_us < NEVER
    assert not goes[~at].any()
    assert near(goes[at], 0.4)
    assert (moves_us[goes] >= 600 * US).all()
    assert (moves_us[goes] <= 1_200 * US).all()
    assert goes.sum() > 3_000
    assert moves_us[goes].mean() == pytest.approx(900 * US, rel=0.02)
    assert (np.hypot(later_x[goes] - 14_000, later_y[goes]) < 9_001).all()
    assert contains(ISLAND, later_x, later_y).all()
    flow["destination"]["circles"][0]["centre"] = (-40.0, 0.0)
    with pytest.raises(DataError, match="no land"):
        with_flows((FlowSpec.model_validate(flow),), people, FRAME, ISLAND, Streams(1), at_key)


def test_phones_of_visitors_roam():
    people, phones, _ = make(visitors_share=0.3)
    spec = HandsetSpec(visitor_roaming_share=0.8, roaming_received_share=0.75)
    sim = visitors_roam(spec, people, phones, Streams(1)).sim
    visits = people.residence[phones.owner] == 1
    assert near(np.isin(sim[visits], (ROAMS, ROAMS_SILENT)), 0.8)
    assert near(sim[visits] == ROAMS, 0.6)
    assert not sim[~visits].any()
