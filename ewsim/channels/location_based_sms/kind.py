"""Location-based SMS as a kind of channel."""

from collections.abc import Iterator, Mapping
from typing import Any

from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.errors import KeyFault
from ewsim.kinds import Cause, Kind, lazily
from ewsim.scenario.faults import unknown_operators
from ewsim.scenario.spec import Scenario

CAUSES = (
    Cause("not_in_location_register", 110, "the network did not know where their phone was", "sending"),
    Cause("smsc_queue_expired", 140, "their SMS was still in the queue at the end", "sending"),
    Cause("paging_loss", 150, "the network could not page their phone", "sending"),
)


def check(spec: LocationBasedSmsSpec, scenario: Scenario) -> Iterator[KeyFault]:
    """Operators that the network does not have, and pages that overtake each other."""
    named = ((("operator_rates_per_s", name), name) for name in spec.operator_rates_per_s)
    yield from unknown_operators(scenario, named)
    if spec.paging_tries_count > 1 and spec.paging_repeat_s < spec.paging_discard_s:
        yield KeyFault(
            ("paging_repeat_s",),
            f"a phone would be paged again after {spec.paging_repeat_s:g} s while its page "
            f"still waits, for {spec.paging_discard_s:g} s at most.",
            "Give paging_discard_s or more, or paging_tries_count: 1.",
            of_value=True,
        )


def describe(sent: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the SMS centres sent, for a report."""
    return [("parts", str(sent["part_count"])), ("text", sent["text"])]


KIND = Kind(
    "location_based_sms",
    "channel",
    "location-based SMS",
    LocationBasedSmsSpec,
    lazily("ewsim.channels.location_based_sms.making:make"),
    check,
    describe,
    CAUSES,
)
