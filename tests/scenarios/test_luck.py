"""Luck and ignorance apart: what differs between runs of one country, and whom an outage is blamed on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ewsim import pipeline
from ewsim.channels.wiring import make_channels
from ewsim.country.build import Country, build_country
from ewsim.engine import simulation
from ewsim.kinds import outages
from ewsim.metrics.causes import by_cause
from ewsim.metrics.infrastructure import outage_roots
from ewsim.metrics.replications import headline
from ewsim.population.build import switched_on
from ewsim.scenario.assumptions import assumed_values
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"
#: The grid fails everywhere four hours before the decision, and no link is cut.
NO_LINK_CUT = "disturbances=[{kind: power_loss, at_s: -14400}]"
SMALL = ("population.weight=50", "horizon_s=3600", "channels.cell_broadcast.duration_s=3000", NO_LINK_CUT)


@pytest.fixture(scope="module")
def country() -> Country:
    return build_country(load_scenario(ISLAND, sets=SMALL))


def reach(country: Country, replication: int) -> float:
    return headline(pipeline.run(country, replication).ledger)["reach_share"]


@dataclass(frozen=True)
class Redrawn(Streams):
    """Replication 0 with the batteries and generators of another, and nothing else redrawn."""

    redraw: int = 0

    def key(self, purpose):
        own = purpose.startswith(("network.battery", "network.generator"))
        return Streams(self.seed, self.redraw if own else self.replication).key(purpose)


def reach_with_batteries(country: Country, redraw: int) -> float:
    setup = pipeline.setup_of(country)
    channels = [made.channel for made in make_channels(pipeline.wiring_of(country))]
    streams = Redrawn(country.loaded.spec.seed, 0, redraw)
    run = simulation.simulate(setup, channels, streams)
    return headline(simulation.ledger(setup, run))["reach_share"]


def test_the_range_of_replications_covers_that_of_redrawn_batteries(country) -> None:
    replications = [reach(country, r) for r in range(30)]
    redraws = [reach_with_batteries(country, r) for r in range(10)]
    assert np.ptp(redraws) > 0.03  # in this storm batteries matter
    assert min(replications) <= min(redraws) + 0.005
    assert max(replications) >= max(redraws) - 0.005


def test_the_country_stays_the_same_in_every_replication(country) -> None:
    runs = [pipeline.run(country, r).ledger.people for r in (0, 1)]
    for column in ("lat", "lon", "operator", "age_band", "in_area"):
        assert runs[0][column].equals(runs[1][column])


def test_who_has_a_phone_on_is_luck(country) -> None:
    spec = country.loaded.spec.population.handsets
    seed = country.loaded.spec.seed
    before = country.population.handsets
    again, other = (switched_on(spec, country.population, Streams(seed, r)) for r in (0, 3))
    assert (again.on_from_us == before.on_from_us).all()
    assert (again.on_to_us == before.on_to_us).all()
    off, off_now = (before.on_from_us > 0), (other.on_from_us > 0)
    assert off.mean() == pytest.approx(off_now.mean(), rel=0.3)
    assert (off != off_now).any()


def test_where_no_link_was_cut_none_is_blamed(country) -> None:
    ledger = pipeline.run(country).ledger
    causes = by_cause(ledger).set_index("cause")["people"]
    assert causes["relay_down_power"] > 0
    assert causes["site_down_power"] > 0
    assert "site_down_backhaul" not in causes
    whole = ledger.people["weight"][country.in_area].sum()
    reached = ledger.people["weight"][country.in_area & (ledger.cause == 0)].sum()
    assert causes.sum() + reached == whole
    details = ledger.events[ledger.events["kind"] == "down_relay_power"]["detail"]
    assert details.str.match(r"power of site_\d+ since -?\d+ s").all()
    roots = outage_roots(ledger.events)
    assert roots["root"].str.startswith("power of site_").all()
    assert roots["cells"].is_monotonic_decreasing
    assert (roots["sites"] > 1).any()  # relays
    down = ledger.events[ledger.events["kind"].isin(list(outages()))]
    assert roots["cells"].sum() >= down["cell_id"].nunique()


def test_the_assumptions_of_a_run_are_json(country) -> None:
    values = {row.key: row.value for row in assumed_values(country.loaded.spec)}
    assert json.loads(json.dumps(values))["network.power.relay.generator_share"] == 0.3
