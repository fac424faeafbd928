"""The message of a scenario, and the policy that decides how it is broadcast."""

from __future__ import annotations

from dataclasses import dataclass

from ewsim.cap.acceptance import scenario_alert, scenario_policy
from ewsim.cap.alert import Alert
from ewsim.cap.broadcast.policy import BroadcastPolicy
from ewsim.scenario.load import LoadedScenario


@dataclass(frozen=True, slots=True)
class AcceptedAlert:
    """A CAP message that the scenario lets pass; `notes` are what was found in it all the same."""

    alert: Alert
    notes: tuple[str, ...]
    policy: BroadcastPolicy


def message_of(loaded: LoadedScenario) -> AcceptedAlert:
    """The message of a scenario; raises its faults."""
    alert, notes = scenario_alert(loaded)
    return AcceptedAlert(alert, notes, scenario_policy(loaded))
