"""People and handsets reproduce the shares they are drawn from, and depend on nothing else."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from support import first_moves

from ewsim.geography.plane import LocalFrame, contains
from ewsim.population.handsets import make_handsets
from ewsim.population.people import CB_LEVELS, DISABILITIES
from ewsim.population.synthesis import make_people
from ewsim.scenario.spec import HandsetSpec, OperatorSpec, PopulationSpec
from ewsim.settlement.pattern import settle
from ewsim.streams import Streams
from ewsim.units import LTE, NEVER, US

ISLAND = shapely.Point(0, 0).buffer(17_000).difference(shapely.Point(6_000, 0).buffer(5_000))
FRAME = LocalFrame(14.6, -61.0)
HORIZON_US = 3_600 * US
OPERATORS = (OperatorSpec(name="A", share=3), OperatorSpec(name="B", share=1))


def make(seed=1, replication=0, handsets=None, **values):
    spec = PopulationSpec.model_validate({"people_count": 60_000, **values})
    streams = Streams(seed, replication)
    settlements = settle(spec, None, ISLAND, FRAME, streams)
    people = make_people(spec, settlements, ISLAND, streams, HORIZON_US)
    phones, carried = make_handsets(HandsetSpec.model_validate(handsets or {}), OPERATORS, people, streams)
    return people, phones, carried


def within_sampling_error(flags, share):
    """A share of Bernoulli draws within five standard errors."""
    error = np.sqrt(share * (1 - share) / flags.size)
    return abs(flags.mean() - share) <= 5 * error + 1e-12


@given(count=st.integers(1, 50_000), weight=st.integers(1, 5_000))
@settings(max_examples=40, deadline=None)
def test_weights_add_up_to_the_people(count, weight):
    people, _, _ = make(people_count=count, weight=weight, settlement_count=5)
    assert people.weight.sum() == count
    assert len(people) == -(-count // weight)
    assert (people.weight[:-1] == weight).all()
    assert people.weight[-1] >= 1


def test_a_sample_has_the_settlements_of_the_whole():
    whole, _, _ = make(people_count=100_000, weight=1)
    sample, _, _ = make(people_count=100_000, weight=10)
    by_zone = np.bincount(whole.zone, minlength=40)
    sampled = np.bincount(sample.zone, weights=sample.weight, minlength=40)
    # At most one person a settlement boundary falls to the neighbour; hamlets have many of them.
    assert np.abs(by_zone - sampled).max() < 0.02 * 100_000


def test_shares_are_those_of_the_scenario():
    people, phones, carried = make(
        female_share=0.4,
        indoors_share=0.7,
        languages=[{"tag": "es", "share": 3}, {"tag": "en", "share": 1}],
        disability_shares={"hearing": 0.1, "sight": 0.02, "mobility": 0.07},
        handsets={"ownership_share": 0.75, "child_ownership_share": 0.2, "on_share": 0.9},
    )
    assert within_sampling_error(people.sex == 0, 0.4)
    assert within_sampling_error(people.indoors, 0.7)
    assert within_sampling_error(people.language == 0, 0.75)
    for name, share in (("hearing", 0.1), ("sight", 0.02), ("mobility", 0.07), ("none", 0.81)):
        assert within_sampling_error(people.disability == DISABILITIES.index(name), share)
    for band, share in enumerate((0.12, 0.12, 0.25, 0.20, 0.17, 0.08, 0.06)):
        assert within_sampling_error(people.age_band == band, share)
    child = people.age_band == 0
    assert within_sampling_error(carried[~child] >= 0, 0.75)
    assert within_sampling_error(carried[child] >= 0, 0.2)
    assert within_sampling_error(phones.operator == 0, 0.75)
    assert within_sampling_error(phones.on_from_us == -NEVER, 0.9)


def test_phones_by_technology():
    _, phones, _ = make(
        handsets={
            "rat_shares": {"2G": 1, "3G": 2, "4G": 4, "5G": 3},
            "cb_capable_share": 0.9,
            "cb_received_3g_share": 0.3,
            "cb_capable_2g_share": 0.4,
        }
    )
    capable = (0.4, 0.3, 0.9, 0.9)
    for best, share in enumerate((0.1, 0.2, 0.4, 0.3)):
        has = phones.rats == 2 ** (best + 1) - 1  # this one and every older
        assert within_sampling_error(has, share)
        assert within_sampling_error(phones.cb_capable[has], capable[best])
        assert (phones.smartphone[has] == (best >= LTE)).all()


def test_level_one_cannot_be_switched_off_and_levels_go_together():
    _, phones, _ = make(handsets={"enabled_share": 0.6, "test_enabled_share": 0.25})
    on = {name: (phones.channels >> n & 1).astype(bool) for n, name in enumerate(CB_LEVELS)}
    assert on["level_1"].all()
    for name in ("level_2", "level_3", "level_4", "amber", "info"):
        assert (on[name] == on["level_2"]).all()
    assert (on["test"] == on["exercise"]).all()
    assert within_sampling_error(on["level_3"], 0.6)
    assert within_sampling_error(on["test"], 0.25)


def test_phones_that_are_off_come_on_after_exponential_times_or_never():
    _, phones, _ = make(handsets={"on_share": 0.2, "switch_on_share": 0.7, "switch_on_mean_s": 600})
    off = phones.on_from_us != -NEVER
    never = phones.on_from_us == NEVER
    assert within_sampling_error(never[off], 0.3)
    after_s = phones.on_from_us[off & ~never] / US
    assert after_s.min() >= 0
    assert after_s.mean() == pytest.approx(600, rel=5 / np.sqrt(after_s.size))
    assert (phones.on_to_us == NEVER).all()


def test_owner_and_handset_point_at_each_other():
    people, phones, carried = make()
    has = np.flatnonzero(carried >= 0)
    assert (phones.owner[carried[has]] == has).all()
    assert len(phones) == has.size
    assert (people.handset == -1).all()  # build() puts the handsets in their hands


def test_movers_move_during_the_run_to_another_place_on_land():
    people, _, _ = make(movers_share=0.3)
    moves_us, later_x, later_y = first_moves(people)
    moves = moves_us < NEVER
    assert within_sampling_error(moves, 0.3)
    assert moves_us[moves].min() >= 0
    assert moves_us[moves].max() <= HORIZON_US
    assert moves_us[moves].mean() == pytest.approx(HORIZON_US / 2, rel=0.02)
    assert (later_x[moves] != people.x_m[moves]).all()
    assert contains(ISLAND, people.x_m, people.y_m).all()
    assert contains(ISLAND, later_x, later_y).all()


def test_people_work_where_more_people_live():
    people, _, _ = make(movers_share=1.0, settlement_count=20)
    spec = PopulationSpec.model_validate({"people_count": 60_000, "settlement_count": 20})
    towns = settle(spec, None, ISLAND, FRAME, Streams(1))
    centres = np.column_stack([towns.x_m[:20], towns.y_m[:20]])

    def near_largest(x, y):
        return (np.hypot(x - centres[0, 0], y - centres[0, 1]) < 2_000).mean()

    assert near_largest(*first_moves(people)[1:]) > near_largest(people.x_m, people.y_m)


def test_the_same_seed_gives_the_same_people_in_every_replication():
    a, phones_a, _ = make(seed=4, replication=0)
    b, phones_b, _ = make(seed=4, replication=9)
    c, _, _ = make(seed=5)
    assert all((getattr(a, f) == getattr(b, f)).all() for f in ("x_m", "age_band"))
    assert (a.journeys.at_us == b.journeys.at_us).all()
    assert (phones_a.channels == phones_b.channels).all()
    assert (a.x_m[: len(c)] != c.x_m[: len(a)]).any()


def test_another_share_does_not_redraw_the_rest():
    alike = {"ratios": []}  # no group owns phones more often than another
    a, _, carried_a = make(movers_share=0.0, handsets=alike)
    b, _, carried_b = make(movers_share=1.0, female_share=0.9, handsets=alike)
    assert (a.x_m == b.x_m).all()
    assert (a.age_band == b.age_band).all()
    assert (carried_a == carried_b).all()
    assert a.sex.sum() > b.sex.sum()


def test_nobody_has_a_phone_that_is_too_old_for_their_operator():
    people, _, _ = make()
    operators = (OperatorSpec(name="A", rats=("2G", "4G")), OperatorSpec(name="B", rats=("4G", "5G")))
    phones, _ = make_handsets(HandsetSpec(), operators, people, Streams(1))
    best = np.array([int(rats).bit_length() - 1 for rats in phones.rats])
    assert (best[phones.operator == 0] < LTE).any()
    assert (best[phones.operator == 1] >= LTE).all()
