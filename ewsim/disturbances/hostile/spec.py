"""The keys of hostile and human failure: what people see that is false, what does not get through.

Effects and defences only. Sources: docs/guides/hostile.md.
"""

from typing import Annotated, Literal

from pydantic import Field

from ewsim.scenario.spec.base import AreaSpec, DurationS, Name, PositiveS, Share, TimeS
from ewsim.scenario.spec.disturbance import DisturbanceSpec, FalseMessage

Identifier = Annotated[int, Field(ge=4352, le=6399)]
Check = Literal["signature", "replay", "expiry", "two_person"]
How = Literal["forged", "altered_area", "replayed", "expired", "wrong_template", "test_as_actual"]
#: What each kind of false alert is stopped by.
STOPPED_BY: dict[How, Check] = {
    "forged": "signature",
    "altered_area": "signature",
    "replayed": "replay",
    "expired": "expiry",
    "wrong_template": "two_person",
    "test_as_actual": "two_person",
}


class FalseAlertSpec(DisturbanceSpec):
    """A message that should not be sent goes out as a warning, until somebody corrects it."""

    breaks = False

    kind: Literal["false_alert"]
    how: How = Field(
        description="forged: a bad signature, or none; altered_area: the alert with another area, so the "
        "right people wait; replayed, expired: an old message; wrong_template, test_as_actual: a mistake"
    )
    at_s: TimeS = Field(0, description="when it reaches the gateway, after the decision [s]")
    area: AreaSpec | None = Field(
        None, description="cells on sites in it broadcast the message; absent: those of the alert"
    )
    message_identifier: Identifier = Field(4371, description="its message identifier (TS 23.041 9.4.1.2.2)")
    checks: tuple[Check, ...] = Field(
        (),
        max_length=4,
        description="defences: the gateway verifies signatures, remembers messages, compares times; a second "
        "person approves",
    )
    two_person_catches_share: Share = Field(
        0.9, description="assumption: mistakes that a second person catches (range 0.6 to 0.99)"
    )
    corrected_after_s: DurationS | None = Field(
        2280,
        description="until it is stopped and a correction is sent [s] (Hawaii, 13 January 2018: 38 min); "
        "null: never",
    )
    stopped_after_s: DurationS | None = Field(
        None,
        description="until it is cancelled, which ends the broadcast and informs nobody [s] (Hawaii: 6 min); "
        "absent: with the correction, 20 min at most",
    )
    resend_s: DurationS = Field(
        120,
        description="assumption: altered_area: until a refused alert is sent again as it was [s] "
        "(range 30 to 600)",
    )

    @property
    def caught_share(self) -> float:
        """How often its checks stop it."""
        if STOPPED_BY[self.how] not in self.checks:
            return 0.0
        return self.two_person_catches_share if STOPPED_BY[self.how] == "two_person" else 1.0

    def false_message(self) -> FalseMessage:
        """What is broadcast where nothing stops it."""
        return FalseMessage(
            self.at_s,
            self.area,
            self.message_identifier,
            self.corrected_after_s,
            self.stopped_after_s,
            self.caught_share,
        )


class FalseStationSpec(DisturbanceSpec):
    """A false base station covers an area: phones on it hear its message, and nothing of the network."""

    breaks = False

    kind: Literal["false_station"]
    at_s: TimeS = Field(description="when it begins, after the decision [s]")
    lasts_s: PositiveS = Field(3600, description="assumption: until it ends [s] (range 600 to 14400)")
    area: AreaSpec = Field(description="where its signal is the strongest")
    captured_share: Share = Field(
        0.9, description="phones with 4G or 5G there that it holds (Lee et al. 2019: 90 %)"
    )
    shows_message: bool = Field(True, description="whether it sends a message of its own")
    comparing_share: Share = Field(
        0,
        description="assumption: phones that compare with neighbour cells and do not show it; none today "
        "(range 0 to 1)",
    )
    corrected_after_s: DurationS | None = Field(
        None, description="until the network sends a correction to the area [s]; absent: never"
    )

    def false_message(self) -> FalseMessage | None:
        """What its phones are shown."""
        if not self.shows_message:
            return None
        return FalseMessage(self.at_s, self.area, 4371, self.corrected_after_s, station=True)


class CentreCutSpec(DisturbanceSpec):
    """The link from the authority's gateway to broadcast and message centres is down: alerts wait."""

    breaks = False

    kind: Literal["centre_cut"]
    restored_at_s: TimeS | None = Field(None, description="it works again [s]; absent: not in this run")
    operators: tuple[Name, ...] = Field((), max_length=100, description="to centres of these; absent: all")
    spare_link_after_s: DurationS | None = Field(
        None, description="defence: a second link takes over after [s]; absent: there is none"
    )


class OperatorRefusesSpec(DisturbanceSpec):
    """Operators do not carry the alert: they refuse, or nobody is there."""

    breaks = False

    kind: Literal["operator_refuses"]
    at_s: TimeS = Field(0, description="from when on, after the decision [s]")
    restored_at_s: TimeS | None = Field(None, description="they carry it from then on [s]; absent: never")
    operators: tuple[Name, ...] = Field(min_length=1, max_length=100, description="which")
