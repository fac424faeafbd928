"""The kinds of hostile and human failure."""

from collections.abc import Iterator

from ewsim.disturbances.hostile.spec import (
    STOPPED_BY,
    CentreCutSpec,
    FalseAlertSpec,
    FalseStationSpec,
    OperatorRefusesSpec,
)
from ewsim.errors import KeyFault
from ewsim.kinds import Cause, Kind, lazily
from ewsim.scenario.faults import unknown_operators
from ewsim.scenario.spec import Scenario


def check_ways(spec: CentreCutSpec | OperatorRefusesSpec, scenario: Scenario) -> Iterator[KeyFault]:
    """Operators that the network does not have, and an end before the beginning."""
    yield from unknown_operators(scenario, ((("operators",), name) for name in spec.operators))
    if spec.restored_at_s is not None and spec.restored_at_s <= spec.at_s:
        message = f"restored_at_s ({spec.restored_at_s:g}) is not after at_s ({spec.at_s:g})."
        yield KeyFault(("restored_at_s",), message, "Give a later time, or leave it out.")


def check_broadcast(spec: FalseAlertSpec | FalseStationSpec, scenario: Scenario) -> Iterator[KeyFault]:
    """No cell broadcast to be deceived by, and an altered area that is none."""
    channels = scenario.channels
    if getattr(channels, "cell_broadcast", None) is None:
        message = f"a {spec.kind} is seen by cell broadcast, and the scenario has none."
        yield KeyFault(("kind",), message, "Add channels.cell_broadcast, or leave it out.")
    if isinstance(spec, FalseAlertSpec) and spec.how == "altered_area" and spec.area is None:
        yield KeyFault(("how",), "nothing says which area the alert is given.", "Give area.")
    idle = [c for c in getattr(spec, "checks", ()) if c not in STOPPED_BY.values()]
    if idle:
        yield KeyFault(("checks",), f"{idle[0]} stops nothing.", "Leave it out.")


CENTRE_CUT = Kind(
    "centre_cut",
    "disturbance",
    "cut link to the centres",
    CentreCutSpec,
    lazily("ewsim.disturbances.hostile.gates:CentreCut"),
    check_ways,
    causes=(Cause("centre_cut", 104, "the link to their operator's centre was down", "sending"),),
)
OPERATOR_REFUSES = Kind(
    "operator_refuses",
    "disturbance",
    "refusing operator",
    OperatorRefusesSpec,
    lazily("ewsim.disturbances.hostile.gates:OperatorRefuses"),
    check_ways,
    causes=(Cause("operator_refused", 103, "their operator did not carry the alert", "sending"),),
)
FALSE_ALERT = Kind(
    "false_alert",
    "disturbance",
    "false alert",
    FalseAlertSpec,
    lazily("ewsim.disturbances.hostile.gates:FalseAlert"),
    check_broadcast,
    causes=(Cause("alert_altered", 102, "the alert was changed on its way and held back", "sending"),),
)
FALSE_STATION = Kind(
    "false_station",
    "disturbance",
    "false base station",
    FalseStationSpec,
    lazily("ewsim.disturbances.hostile.gates:FalseStation"),
    check_broadcast,
    causes=(Cause("false_station", 68, "a false base station held their phone", "network"),),
)
