"""Synthesised networks: coverage targets are met within a point, measured link by link."""

import numpy as np
import pytest
import shapely

from ewsim.errors import DataError
from ewsim.geography.plane import LocalFrame
from ewsim.network.rollout.siting import CAPACITY_FROM_PER_KM2, CLASSES, PLANNING_MARGIN_DB, WALLS_DB
from ewsim.network.rollout.synthesis import synthesise
from ewsim.network.signal import radio
from ewsim.scenario.spec import NetworkSpec, PopulationSpec
from ewsim.settlement.demand import Demand
from ewsim.settlement.pattern import demand, settle
from ewsim.streams import Streams
from ewsim.units import RATS

LAND = shapely.Point(0, 0).buffer(30_000)
FRAME = LocalFrame(14.6, -61.0)


def people_at(points):
    spec = PopulationSpec.model_validate({"people_count": 300_000, "rural_share": 0.5})
    with pytest.MonkeyPatch.context() as fewer:
        fewer.setattr("ewsim.settlement.pattern._DEMAND_POINTS", points)
        return demand(settle(spec, None, LAND, FRAME, Streams(1)), LAND, Streams(1))


@pytest.fixture(scope="module")
def people():
    return people_at(10_000)


def network_of(people, seed=1, **synthesis):
    spec = NetworkSpec.model_validate({"synthesis": synthesis})
    return synthesise(spec, Streams(seed), FRAME, LAND, people)


def covered(network, people, operator, rats=RATS):
    """Which points have the planned median signal outdoors: every cell against every point."""
    out = np.zeros(len(people), dtype=bool)
    cells = network.cells
    for cell in np.flatnonzero(cells.operator == operator):
        # The layer that carries coverage; capacity layers add nothing to it.
        if RATS[cells.rat[cell]] in rats and cells.frequency_mhz[cell] < 1000:
            many = np.full(len(people), cell)
            level = radio.level_db(network, many, people.x_m, people.y_m)
            out |= level >= PLANNING_MARGIN_DB
    return out


def share(flags, people, where=slice(None)):
    return flags[where] @ people.people[where] / people.people[where].sum()


@pytest.mark.parametrize("target", [0.5, 0.8, 0.95, 1.0])
def test_every_operator_covers_the_stated_share_within_a_point(people, target):
    network = network_of(people, coverage_target=target, min_density_per_km2=0)
    for operator in range(2):
        assert share(covered(network, people, operator), people) == pytest.approx(target, abs=0.01)


def test_a_technology_covers_its_share_of_towns_and_of_the_country(people):
    targets = {"urban_target": 0.9, "rural_target": 0.35}
    network = network_of(people, coverage_target=0.9, coverage_targets={"4G": targets}, min_density_per_km2=0)
    urban = people.region == 0
    for operator in range(2):
        lte = covered(network, people, operator, ("4G",))
        assert share(lte, people, urban) == pytest.approx(0.9, abs=0.01)
        assert share(lte, people, ~urban) == pytest.approx(0.35, abs=0.01)
        old = covered(network, people, operator, ("2G", "3G"))
        assert share(old, people) == pytest.approx(0.9, abs=0.01)


def test_gaps_are_where_few_people_live(people):
    network = network_of(people, coverage_target=0.8)
    without = ~covered(network, people, 0)
    assert np.median(people.density_per_km2[without]) < np.median(people.density_per_km2[~without])


def test_masts_of_one_operator_keep_their_distance_but_where_a_gap_is_filled(people):
    network = network_of(people, coverage_target=0.8, site_sharing_share=0)
    cells, sites = network.cells, network.sites
    mine = np.unique(cells.site[cells.operator == 0])
    xy = np.column_stack([sites.x_m[mine], sites.y_m[mine]])
    gaps = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min() >= CLASSES[0][1]


def test_where_nobody_may_build_the_shortfall_is_said(people):
    network = network_of(people, coverage_target=1.0, min_density_per_km2=500)
    assert "no place left above the least density" in network.notes[0]
    with pytest.raises(DataError, match="no mast can be built"):
        network_of(people, min_density_per_km2=1e6)


def test_a_seed_is_a_network(people):
    one, same, other = (network_of(people, seed) for seed in (1, 1, 2))
    assert (one.sites.x_m == same.sites.x_m).all()
    assert one.cells.name == same.cells.name
    assert one.sites.x_m.size != other.sites.x_m.size or (one.sites.x_m != other.sites.x_m).any()


def test_a_point_is_urban_by_its_density_where_no_region_is_stated():
    points = Demand(np.zeros(2), np.zeros(2), np.ones(2), np.array([299.0, 300.0]))
    assert points.region.tolist() == [1, 0]


def test_towns_are_planned_for_indoors_and_coverage_outdoors_stays(people):
    plain = network_of(people, coverage_target=0.9, indoor_share=0)
    planned = network_of(people, coverage_target=0.9, indoor_share=0.95)
    assert len(planned.sites) > len(plain.sites)
    towns = people.density_per_km2 >= CAPACITY_FROM_PER_KM2

    def inside(network, operator):
        """Of the people in covered towns, who has the plan's signal behind the walls."""
        best = np.full(len(people), -np.inf)
        cells = network.cells
        for cell in np.flatnonzero((cells.operator == operator) & (cells.frequency_mhz < 1000)):
            level = radio.level_db(network, np.full(len(people), cell), people.x_m, people.y_m)
            best = np.maximum(best, level)
        where = towns & (best >= PLANNING_MARGIN_DB)
        return share(best >= PLANNING_MARGIN_DB + WALLS_DB, people, where)

    for operator in range(2):
        assert share(covered(planned, people, operator), people) == pytest.approx(0.9, abs=0.01)
        assert inside(planned, operator) >= 0.94 > inside(plain, operator)
    assert "behind 12 dB" in " ".join(planned.notes)


def test_an_operator_whose_technologies_all_have_targets_is_planned_for_indoors_too():
    people = people_at(20_000)
    each = {"urban_target": 0.9, "rural_target": 0.5}
    targets = {"coverage_targets": {"2G": each, "4G": each}, "min_density_per_km2": 0}
    operators = ({"name": "A", "rats": ["2G", "4G"]},)

    def network(indoor_share):
        spec = NetworkSpec.model_validate(
            {"operators": operators, "synthesis": {**targets, "indoor_share": indoor_share}}
        )
        return synthesise(spec, Streams(1), FRAME, LAND, people)

    plain, planned = network(0), network(0.95)
    assert len(planned.sites) > len(plain.sites)
    assert "behind 12 dB" in " ".join(planned.notes)
    assert "behind 12 dB" not in " ".join(plain.notes)
    urban = people.region == 0
    for where, share_wanted in ((urban, 0.9), (~urban, 0.5)):
        assert share(covered(planned, people, 0, ["2G"]), people, where) == pytest.approx(
            share_wanted, abs=0.02
        )
