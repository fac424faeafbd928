"""Power, backhaul and sites lost and restored: what is down, when, and by whose fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ewsim.disturbances import outages, timeline
from ewsim.disturbances.spec import (
    BackhaulCutSpec,
    ElementLossSpec,
    PowerLossSpec,
    SiteDestroyedSpec,
    WhereSpec,
)
from ewsim.engine import benchmark_world
from ewsim.kinds import outages as outage_kinds
from ewsim.network.additions import with_core, with_substations
from ewsim.network.rollout import backhaul
from ewsim.network.topology import CORE, Network
from ewsim.scenario.spec import AreaSpec, CircleSpec, DisturbanceSpec, TransportSpec
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import Element, World

HOUR = 3600


def world(*disturbances: DisturbanceSpec, horizon_s: int = HOUR) -> World:
    network = benchmark_world.setup(10, 60).network
    w = World(network, Streams(3), horizon_s * US, timeline.starts_us(disturbances))
    timeline.start(w, disturbances)
    w.run()
    return w


def site_windows(w: World, site: int) -> list[tuple[float, float, str]]:
    """(from, to, kind) of a site's first cell, in seconds."""
    cell = w.cells_of[site][0]
    names = list(outage_kinds())
    return [(a / US, b / US, names[k]) for c, a, b, k in w.down_windows().tolist() if c == cell]


def sites(*names: str) -> WhereSpec:
    return WhereSpec(sites=names)


def test_a_site_off_the_grid_runs_on_its_battery_first() -> None:
    w = world(PowerLossSpec(kind="power_loss", at_s=100, restored_at_s=3000, where=sites("S0")))
    battery = w.network.sites.battery_s[0]
    assert site_windows(w, 0) == [(round((100 + battery) * US) / US, 3000, "down_power")]


def test_a_battery_that_outlasts_the_loss_keeps_the_site_up() -> None:
    w = world(PowerLossSpec(kind="power_loss", at_s=100, restored_at_s=101, where=sites("S0")))
    assert site_windows(w, 0) == []


def test_a_cut_link_takes_the_subtree_and_only_it() -> None:
    w = world(BackhaulCutSpec(kind="backhaul_cut", at_s=10, restored_at_s=20, where=sites("S1")))
    parent = w.network.sites.parent
    behind = {1}
    for site in range(len(parent)):
        if parent[site] in behind:
            behind.add(site)
    assert len(behind) == 3
    for site in range(len(parent)):
        expected = [(10, 20, "down_backhaul")] if site in behind else []
        assert site_windows(w, site) == expected


def test_a_relay_without_power_cuts_those_behind_it() -> None:
    w = world(PowerLossSpec(kind="power_loss", at_s=0, where=sites("S0")))
    assert site_windows(w, 0)[0][2] == "down_power"
    assert site_windows(w, 3)[0][2] == "down_relay_power"
    assert site_windows(w, 4) == []
    assert w.network.sites.parent[4] == CORE


def test_what_failed_first_is_named_and_the_site_is_back_when_the_last_is_over() -> None:
    w = world(
        BackhaulCutSpec(kind="backhaul_cut", at_s=10, restored_at_s=100, where=sites("S4")),
        SiteDestroyedSpec(kind="site_destroyed", at_s=50, restored_at_s=200, where=sites("S4")),
    )
    assert site_windows(w, 4) == [(10, 100, "down_backhaul"), (100, 200, "destroyed")]
    rows = [row for row in w.events if row[1] == "cell" and row[4] == w.cells_of[4][0]]
    assert [(row[0] / US, row[2], row[7]) for row in rows] == [
        (10, "down_backhaul", "link of S4 since 10 s"),
        (100, "destroyed", "damage of S4 since 50 s"),
        (200, "restored", ""),
    ]


def test_what_failed_first_on_the_way_is_the_root_of_the_outage() -> None:
    w = world(
        SiteDestroyedSpec(kind="site_destroyed", at_s=10, restored_at_s=100, where=sites("S0")),
        BackhaulCutSpec(kind="backhaul_cut", at_s=50, restored_at_s=200, where=sites("S3")),
    )
    assert site_windows(w, 0) == [(10, 100, "destroyed")]
    assert site_windows(w, 3) == [(10, 100, "down_relay_destroyed"), (100, 200, "down_backhaul")]


def test_two_losses_of_one_element_overlap() -> None:
    cut = [
        BackhaulCutSpec(kind="backhaul_cut", at_s=a, restored_at_s=b, where=sites("S4"))
        for a, b in ((10, 50), (30, 80))
    ]
    assert site_windows(world(*cut), 4) == [(10, 80, "down_backhaul")]


def staged(*stages: tuple[float, float], **more) -> PowerLossSpec:
    restoration = {"stages": [{"at_s": at, "share": share} for at, share in stages], **more}
    return PowerLossSpec.model_validate({"kind": "power_loss", "at_s": 0, "restoration": restoration})


def test_the_grid_comes_back_in_stages_and_who_is_back_first_is_first_again() -> None:
    first = world(staged((1000, 0.5), (2000, 0.5), (3000, 1)), horizon_s=HOUR).grid_windows()
    half = world(staged((500, 0.5)), horizon_s=HOUR).grid_windows()
    feeder = benchmark_world.setup(10, 60).network.sites.feeder
    back = {f: {int(end) for site, _, end in first.tolist() if feeder[site] == f} for f in range(8)}
    assert all(len(ends) == 1 for ends in back.values())
    at_1500 = {f for f, (end,) in back.items() if end <= 1500 * US}
    assert at_1500 == {feeder[site] for site, _, end in half.tolist() if end <= 500 * US}
    assert 0 < len(at_1500) < 8
    assert not [end for (end,) in back.values() if 1000 * US < end <= 2000 * US or end > 3000 * US]


def test_what_is_lost_comes_back_at_random_after_a_mean_time() -> None:
    spec = {"kind": "site_destroyed", "at_s": 0, "restoration": {"by": "site", "tau_s": 100, "begins_s": 50}}
    ends = world(SiteDestroyedSpec.model_validate(spec)).down_windows()[:, 2] / US
    assert min(ends) > 50
    assert 100 < np.mean(ends) < 220


def test_a_substation_takes_its_feeders() -> None:
    network = with_substations(benchmark_world.setup(10, 60).network, 2)
    w = World(network, Streams(3), HOUR * US)
    w.fail(Element("substation", 0), "fire")
    off = [site for site in range(len(network.sites)) if not w.works(Element("mains", site))]
    assert off == np.flatnonzero(network.substation[network.sites.feeder] == 0).tolist()
    assert w.blamed(Element("mains", off[0])) == "fire"
    where = WhereSpec(substations=("substation_1",))
    assert outages.selected(where, network, Streams(3), 0).tolist() == off
    w.restore(Element("substation", 0), "fire")
    assert all(w.works(Element("mains", site)) for site in off)


def ringed(ring_sites: int = 10, **transport) -> Network:
    """The plain sites, all with fibre, on rings."""
    plain = benchmark_world.setup(10, 60).network
    parent = np.full(len(plain.sites), CORE, dtype=np.int32)
    hubs = np.arange(len(plain.sites))
    ways = backhaul.rings(plain.sites.x_m, plain.sites.y_m, hubs, parent, ring_sites)
    network = replace(plain, sites=replace(plain.sites, parent=parent, ways=ways))
    return with_core(network, TransportSpec(**transport), Streams(3))


def down_sites(w: World) -> set[int]:
    return {site for site in range(len(w.network.sites)) if w.root[site] is not None}


def test_a_ring_survives_one_cut_and_not_two() -> None:
    w = World(ringed(), Streams(3), HOUR * US)
    ends = [site for site in range(20) if w.network.sites.parent[site] == CORE]
    assert len(ends) == 4  # two rings
    w.fail(Element("link", ends[0]), "digger")
    assert down_sites(w) == set()
    for site in ends:
        w.fail(Element("link", site), "digger")
    assert down_sites(w) == set(range(20))
    w.repair(Element("link", ends[-1]))
    assert len(down_sites(w)) == 10


def test_the_loss_of_a_core_site_or_the_cable_takes_all_that_hang_on_it() -> None:
    network = ringed(0, core_count=2, cable=True)
    spec = ElementLossSpec(kind="element_loss", at_s=10, elements=("core_1",), restored_at_s=20)
    w = World(network, Streams(3), HOUR * US)
    later = {"elements": ("cable",), "at_s": 30, "restored_at_s": 40}
    timeline.start(w, (spec, spec.model_copy(update=later)))
    w.run()
    both = [(10, 20, "down_backhaul"), (30, 40, "down_backhaul")]
    assert [site_windows(w, site) for site in range(20)] == [both[network.core[site] :] for site in range(20)]
    assert {row[7] for row in w.events if row[2] == "down_backhaul"} == {
        "loss of core_1 since 10 s",
        "loss of cable since 30 s",
    }


def test_a_satellite_terminal_carries_so_many_sites_when_the_cable_is_cut() -> None:
    plain = benchmark_world.setup(10, 60).network  # chains of four sites
    spec = TransportSpec(cable=True, satellite_share=1, satellite_site_count=2)
    w = World(with_core(plain, spec, Streams(3)), Streams(3), HOUR * US)
    w.fail(Element("cable", 0), "volcano")
    assert down_sites(w) == {site for site in range(20) if site % 4 > 1}
    w.fail(Element("satellite", 0), "sun")
    assert down_sites(w) == set(range(20))
    w.repair(Element("cable", 0))
    assert down_sites(w) == set()


def test_events_name_the_disturbance_that_they_come_from() -> None:
    loss = PowerLossSpec(kind="power_loss", id="storm", at_s=0, restored_at_s=3000, where=sites("S0"))
    w = world(loss, BackhaulCutSpec(kind="backhaul_cut", at_s=10, where=sites("S8")))
    by = {(row[1], row[2], row[8]) for row in w.events}
    assert {("disturbance", "began", "storm"), ("disturbance", "over", "storm")} <= by
    assert {("cell", "down_power", "storm"), ("cell", "restored", "storm")} <= by
    assert {("link", "cut", "backhaul_cut_2"), ("cell", "down_backhaul", "backhaul_cut_2")} <= by


def test_time_before_the_decision_is_simulated() -> None:
    w = world(SiteDestroyedSpec(kind="site_destroyed", at_s=-500, where=sites("S2")))
    assert w.start_us == -500 * US
    assert site_windows(w, 2) == [(-500, HOUR + 1e-6, "destroyed")]


def test_where_narrows_by_every_condition() -> None:
    network: Network = benchmark_world.setup(10, 60).network
    streams = Streams(3)

    def hit(**where) -> list[int]:
        return outages.selected(WhereSpec(**where), network, streams, 0).tolist()

    everything = list(range(len(network.sites)))
    assert hit() == everything
    assert hit(feeders=("feeder_0",)) == np.flatnonzero(network.sites.feeder == 0).tolist()
    assert hit(operators=("A",)) == [s for s in everything if s % 2 == 0]
    assert hit(sites=("S3", "S5"), operators=("B",)) == [3, 5]
    lat, lon = network.frame.to_latlon(network.sites.x_m[7], network.sites.y_m[7])
    near = AreaSpec(circles=(CircleSpec(centre=(float(lat), float(lon)), radius_m=100),))
    assert hit(area=near) == [7]
    half = hit(share=0.5)
    assert set(half) < set(everything)
    assert half == hit(share=0.5)
    assert set(hit(share=0.3)) <= set(half)


def test_elements_fail_and_return_by_name() -> None:
    w = World(benchmark_world.setup(10, 60).network, Streams(3), HOUR * US)
    timeline.start(w, ())
    feeder, link = Element("feeder", 0), Element("link", 4)

    def story():
        w.fail(feeder, "storm")
        w.fail(link, "storm")
        w.fail(link, "flood")
        yield w.env.timeout(10 * US)
        w.restore(link, "storm")
        assert not w.works(link)
        yield w.env.timeout(10 * US)
        w.repair(link)
        w.restore(link, "flood")  # says so late: it works already
        w.restore(feeder, "storm")

    w.env.process(story())
    w.run()
    assert w.works(link)
    assert w.works(feeder)
    assert site_windows(w, 4) == [(0, 20, "down_backhaul")]
    on = np.flatnonzero(w.network.sites.feeder == 0)
    assert w.grid_windows().tolist() == [[site, 0, 20 * US] for site in on.tolist()]
