"""The default differences between groups, against arithmetic written out group by group."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import shapely

from ewsim.geography.plane import LocalFrame
from ewsim.population.handsets import make_handsets
from ewsim.population.people import AGE_BANDS
from ewsim.population.synthesis import make_people
from ewsim.scenario.assumptions import assumed_values
from ewsim.scenario.spec import GroupRatioSpec, HandsetSpec, OperatorSpec, PopulationSpec
from ewsim.settlement.kinds import SETTLEMENTS
from ewsim.settlement.pattern import settle
from ewsim.streams import Streams
from ewsim.units import LTE

COUNT = 150_000

# Ownership, smartphones among owners, phones on among owners: beside men of 18 to 34 in a town,
# not poor and without a disability. Written down again, not read from the code.
AGED = {
    "0-9": (1, 1, 1),
    "10-17": (0.80, 1, 1),
    "18-34": (1, 1, 1),
    "35-49": (1, 0.99, 1),
    "50-64": (0.97, 0.92, 1),
    "65-74": (0.92, 0.82, 0.98),
    "75+": (0.81, 0.60, 0.95),
}
FEMALE, POOR, COUNTRY, DISABLED = (0.94, 0.95, 1), (0.90, 0.85, 1), (0.90, 0.85, 1), (0.80, 0.85, 1)


@pytest.fixture(scope="module")
def made():
    spec = PopulationSpec.model_validate(
        {"people_count": COUNT, "settlement_count": 8, "rural_share": 0.3, "poverty_share": 0.2}
    )
    land, streams = shapely.Point(0, 0).buffer(17_000), Streams(3)
    people = make_people(
        spec, settle(spec, None, land, LocalFrame(14.6, -61.0), streams), land, streams, 3_600_000_000
    )
    phones, carried = make_handsets(HandsetSpec(), (OperatorSpec(name="A"),), people, streams)
    return people, phones, carried


def near(flags, share):
    """Within five standard errors of a share of Bernoulli draws."""
    return abs(flags.mean() - share) <= 5 * np.sqrt(share * (1 - share) / flags.size) + 1e-12


def multiples(people, which):
    """Each person's multiple: the product of the groups' own."""
    aged = np.array([AGED[band][which] for band in AGE_BANDS])
    out = aged[people.age_band]
    out = np.where(people.sex == 0, FEMALE[which], 1) * out
    out = np.where(people.poverty == 1, POOR[which], 1) * out
    out = np.where(people.settlement != SETTLEMENTS.index("urban"), COUNTRY[which], 1) * out
    return np.where(people.disability > 0, DISABLED[which], 1) * out


def test_ownership_by_default_has_the_published_order_and_the_stated_share(made):
    people, _, carried = made
    has, grown = carried >= 0, people.age_band > 0
    assert near(has[grown], 0.80)
    assert near(has[~grown], 0.1)
    reference = 0.80 / multiples(people, 0)[grown].mean()  # of a man of 18 to 34 with none of it
    assert reference < 1
    for band, sex, poor in product(range(1, 7), (0, 1), (0, 1)):
        group = (people.age_band == band) & (people.sex == sex) & (people.poverty == poor)
        assert near(has[group], (reference * multiples(people, 0)[group]).mean()), AGE_BANDS[band]
    shares = [has[people.age_band == band].mean() for band in range(2, 7)]
    assert shares[0] > shares[2] > shares[3] > shares[4], "the older, the fewer"
    assert shares[4] / shares[0] == pytest.approx(0.81, abs=0.03)


def test_owners_have_smartphones_and_have_them_on_by_group_and_the_whole_stays(made):
    people, phones, _ = made
    owner = phones.owner
    smart, on = phones.rats >= 2**LTE, phones.on_from_us <= 0
    assert near(smart, 0.80)  # 4G 0.62 and 5G 0.18
    assert near(on, 0.97)
    for flags, which, share in ((smart, 1, 0.80), (on, 2, 0.97)):
        expected = capped(multiples(people, which)[owner], share)
        for band in range(7):
            group = people.age_band[owner] == band
            assert near(flags[group], expected[group].mean()), (which, AGE_BANDS[band])
        for column in (people.sex, people.poverty, people.settlement, people.disability):
            for code in np.unique(column):
                group = column[owner] == code
                assert near(flags[group], expected[group].mean()), which
    oldest, young = (people.age_band[owner] == band for band in (6, 2))
    assert smart[oldest].mean() / smart[young].mean() == pytest.approx(0.60, abs=0.05)
    assert on[oldest].mean() < on[people.age_band[owner] == 5].mean() < on[young].mean()


def capped(ratio, share):
    """Probabilities in these ratios, none over 1, with this mean: what is cut off goes to the rest."""
    full = np.zeros(ratio.size, dtype=bool)
    while True:
        scale = (share * ratio.size - full.sum()) / ratio[~full].sum()
        over = ~full & (scale * ratio > 1)
        if not over.any():
            return np.where(full, 1.0, scale * ratio)
        full |= over


def test_without_rules_groups_are_alike():
    spec = PopulationSpec.model_validate({"people_count": 60_000, "settlement_count": 3})
    land, streams = shapely.Point(0, 0).buffer(17_000), Streams(1)
    settlements = settle(spec, None, land, LocalFrame(14.6, -61.0), streams)
    people = make_people(spec, settlements, land, streams, 3_600_000_000)
    _, carried = make_handsets(
        HandsetSpec.model_validate({"ratios": []}), (OperatorSpec(name="A"),), people, streams
    )
    has = carried >= 0
    for band in range(1, 7):
        assert near(has[people.age_band == band], 0.80)
    assert near(has[(people.sex == 0) & (people.age_band > 0)], 0.80)


def test_a_rule_says_in_words_what_it_says():
    rule = {"sex": "female", "age_bands": ["65-74", "75+"], "on_ratio": 0.5}
    assert str(GroupRatioSpec.model_validate(rule)) == "sex female and age_bands 65-74, 75+: on 0.5"
    assert str(GroupRatioSpec()) == "everybody: as all"
    named = {a.key: a.value for a in assumed_values(HandsetSpec())}
    assert "age_bands 75+: ownership 0.81, smartphone 0.6, on 0.95" in named["ratios"]
    assert len(named["ratios"]) == 12
