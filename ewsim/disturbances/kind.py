"""The kinds of disturbances that come with ewsim."""

from __future__ import annotations

from collections.abc import Iterator

from ewsim.disturbances.spec import BackhaulCutSpec, OutageSpec, PowerLossSpec, RoadCutSpec, SiteDestroyedSpec
from ewsim.errors import KeyFault
from ewsim.kinds import Cause, Kind, lazily
from ewsim.scenario.faults import unknown_operators
from ewsim.scenario.spec import Scenario


def check(spec: OutageSpec, scenario: Scenario) -> Iterator[KeyFault]:
    """Operators that the network does not have, and an end before the beginning."""
    key = ("where", "operators")
    yield from unknown_operators(scenario, ((key, name) for name in spec.where.operators or ()))
    if spec.restored_at_s is not None and spec.restored_at_s <= spec.at_s:
        yield KeyFault(
            ("restored_at_s",),
            f"restored_at_s ({spec.restored_at_s:g}) is not after at_s ({spec.at_s:g}).",
            "Give a later time, or leave it out.",
        )


POWER_LOSS = Kind(
    "power_loss",
    "disturbance",
    "power cut",
    PowerLossSpec,
    lazily("ewsim.disturbances.power.loss:PowerLoss"),
    check,
    causes=(
        Cause("site_down_power", 40, "their mast lost power", "network", "down_power"),
        Cause(
            "relay_down_power",
            45,
            "a relay mast that connects their mast lost power",
            "network",
            "down_relay_power",
        ),
    ),
)
BACKHAUL_CUT = Kind(
    "backhaul_cut",
    "disturbance",
    "cut link",
    BackhaulCutSpec,
    lazily("ewsim.disturbances.transport.cut:BackhaulCut"),
    check,
    causes=(
        Cause(
            "site_down_backhaul",
            50,
            "a link between their mast and the network was cut",
            "network",
            "down_backhaul",
        ),
    ),
)
SITE_DESTROYED = Kind(
    "site_destroyed",
    "disturbance",
    "destroyed site",
    SiteDestroyedSpec,
    lazily("ewsim.disturbances.outages:SiteDestroyed"),
    check,
    causes=(
        Cause("site_destroyed", 60, "their mast was destroyed", "network", "destroyed"),
        Cause(
            "relay_destroyed",
            65,
            "a relay mast that connects their mast was destroyed",
            "network",
            "down_relay_destroyed",
        ),
    ),
)
ROAD_CUT = Kind(
    "road_cut",
    "disturbance",
    "cut road",
    RoadCutSpec,
    lazily("ewsim.disturbances.transport.cut:RoadCut"),
    check,
)
