"""Cell broadcast as a kind of channel."""

from collections.abc import Iterable, Mapping
from typing import Any

from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.errors import KeyFault
from ewsim.kinds import Cause, Kind, lazily
from ewsim.scenario.faults import unknown_operators
from ewsim.scenario.spec import Scenario

CAUSES = (
    Cause("not_broadcast", 105, "the rules or the sender kept it off cell broadcast", "sending"),
    Cause("operator_failure", 130, "their cell was on the list but did not send the alert", "sending"),
    Cause("duplicate_suppressed_wrongly", 190, "their phone took the alert for an old one", "phone"),
    Cause("after_last_broadcast", 200, "they arrived too late for a whole message", "sending"),
)


def check(spec: CellBroadcastSpec, scenario: Scenario) -> Iterable[KeyFault]:
    """Operators that the network does not have."""
    key = ("single_message_operators",)
    return unknown_operators(scenario, ((key, name) for name in spec.single_message_operators), of_value=True)


def describe(sent: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the broadcast centres sent, for a report."""
    if "not_sent" in sent:
        return [("not sent", sent["not_sent"])]
    return [
        ("message identifier", str(sent["message_identifier"])),
        ("level", sent["level"]),
        ("serial number", str(sent["serial_number"])),
        ("pages", f"{sent['page_count']} ({sent['alphabet']})"),
        ("text", sent["text"]),
    ]


KIND = Kind(
    "cell_broadcast",
    "channel",
    "cell broadcast",
    CellBroadcastSpec,
    lazily("ewsim.channels.cell_broadcast.writing:make"),
    check,
    describe,
    CAUSES,
    default_on=True,
    notice="alarm",
)
