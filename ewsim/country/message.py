"""The message of a scenario, and the policy that decides how it is broadcast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ewsim.cap.acceptance import scenario_alert, scenario_policy
from ewsim.cap.alert import Alert
from ewsim.cap.broadcast.policy import BroadcastPolicy
from ewsim.errors import KeyFault, ScenarioError
from ewsim.scenario.load import LoadedScenario

if TYPE_CHECKING:
    from ewsim.result.fields import AlertSummary


@dataclass(frozen=True, slots=True)
class AcceptedAlert:
    """A CAP message that the scenario lets pass; `notes` are what was found in it all the same."""

    alert: Alert
    notes: tuple[str, ...]
    policy: BroadcastPolicy


def message_of(loaded: LoadedScenario) -> AcceptedAlert:
    """The message of a scenario; raises its faults."""
    alert, notes = scenario_alert(loaded)
    check_languages(loaded, alert)
    return AcceptedAlert(alert, notes, scenario_policy(loaded))


def check_languages(loaded: LoadedScenario, alert: Alert) -> None:
    """Refuse channels that send a language which the message does not have; raises ScenarioError."""
    have = [info.language for info in alert.infos]
    known = {language.casefold() for language in have}
    asked: list[tuple[tuple[str | int, ...], str | None]] = []
    for name, spec in loaded.spec.channels.given().items():
        asked.append((("channels", name, "language"), getattr(spec, "language", None)))
        for number, version in enumerate(getattr(spec, "messages", ())):
            asked.append((("channels", name, "messages", number, "language"), version.language))
    wrong = [
        KeyFault(keys, f"the message has no <info> in {language!r}.", f"It has: {', '.join(have)}.", True)
        for keys, language in asked
        if language is not None and language.casefold() not in known
    ]
    if wrong:
        raise ScenarioError([loaded.placed(fault) for fault in wrong])


def summary_of(alert: Alert) -> AlertSummary:
    """What a result says of its message."""
    from ewsim.result.fields import AlertSummary  # loads pandas, which a check does not need

    first = alert.infos[0]
    return AlertSummary(
        identifier=alert.identifier,
        sender=alert.sender,
        sent=alert.sent.isoformat(),
        event=first.event,
        headline=first.headline or first.event,
        severity=first.severity,
        urgency=first.urgency,
        certainty=first.certainty,
        language=first.language,
    )
