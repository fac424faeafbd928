"""The kinds of disturbances that come with ewsim."""

from collections.abc import Iterator
from dataclasses import replace

from ewsim.disturbances.spec import (
    BackhaulCutSpec,
    CongestionSpec,
    ElementLossSpec,
    OutageSpec,
    PowerLossSpec,
    RestorationSpec,
    RoadCutSpec,
    SiteDestroyedSpec,
)
from ewsim.errors import KeyFault
from ewsim.kinds import Cause, Kind, lazily
from ewsim.scenario.faults import unknown_operators
from ewsim.scenario.spec import Scenario


def check(spec: OutageSpec, scenario: Scenario) -> Iterator[KeyFault]:
    """Operators that the network does not have, and an end before the beginning."""
    key = ("where", "operators")
    for fault in unknown_operators(scenario, ((key, name) for name in spec.where.operators or ())):
        yield replace(fault, waits=True)  # for the sites and feeders that are unknown, too
    yield from _too_early(spec)
    if spec.restoration is not None:
        for fault in _out_of_order(spec, spec.restoration):
            yield fault.below("restoration")


def _too_early(spec: OutageSpec | ElementLossSpec, _: Scenario | None = None) -> Iterator[KeyFault]:
    """An end before the beginning."""
    if spec.restored_at_s is not None and spec.restored_at_s <= spec.at_s:
        yield KeyFault(
            ("restored_at_s",),
            f"restored_at_s ({spec.restored_at_s:g}) is not after at_s ({spec.at_s:g}).",
            "Give a later time, or leave it out.",
        )


def _out_of_order(spec: OutageSpec, restoration: RestorationSpec) -> Iterator[KeyFault]:
    """Stages before the loss, back in time, with falling shares, or beside a mean time."""
    before, share = spec.at_s, 0.0
    for number, stage in enumerate(restoration.stages):
        if stage.at_s <= before:
            what = "at_s" if number == 0 else "the stage before it"
            message = f"this stage ({stage.at_s:g} s) is not after {what} ({before:g} s)."
            yield KeyFault(("stages", number, "at_s"), message, "Give a later time.")
        if stage.share < share:
            message = f"the share falls from {share:g} to {stage.share:g}; what is back stays back."
            yield KeyFault(("stages", number, "share"), message, "Give shares that rise.")
        before, share = max(before, stage.at_s), max(share, stage.share)
    if restoration.stages and spec.restored_at_s is not None and spec.restored_at_s < before:
        message = f"the last stage ({before:g} s) is after restored_at_s ({spec.restored_at_s:g} s)."
        yield KeyFault(("stages",), message, "Leave that stage out, or give a later restored_at_s.")
    if restoration.stages and (restoration.tau_s is not None or restoration.begins_s):
        key = "tau_s" if restoration.tau_s is not None else "begins_s"
        yield KeyFault((key,), f"there are stages too, and {key} has no effect.", "Give one of the two.")


POWER_LOSS = Kind(
    "power_loss",
    "disturbance",
    "power cut",
    PowerLossSpec,
    lazily("ewsim.disturbances.outages:PowerLoss"),
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
    lazily("ewsim.disturbances.outages:BackhaulCut"),
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
    "road_cut", "disturbance", "cut road", RoadCutSpec, lazily("ewsim.disturbances.outages:RoadCut"), check
)
ELEMENT_LOSS = Kind(
    "element_loss",
    "disturbance",
    "failure",
    ElementLossSpec,
    lazily("ewsim.disturbances.elements:ElementLoss"),
    _too_early,
)


def check_operators(spec: CongestionSpec, scenario: Scenario) -> Iterator[KeyFault]:
    """Operators that the network does not have."""
    yield from unknown_operators(scenario, ((("operators",), name) for name in spec.operators))


CONGESTION = Kind(
    "congestion",
    "disturbance",
    "congestion",
    CongestionSpec,
    lazily("ewsim.disturbances.congestion:Congestion"),
    check_operators,
)
