"""Rules of broadcasting: whether a message can be sent by cell broadcast, and with which text."""

from __future__ import annotations

from typing import Final

from ewsim.cap.findings import Rule

GATE: Final = Rule(
    "DELIVER-GATE",
    "deliverable",
    "info",
    "3.2.1",
    "A message that is to be broadcast is public, actual (or a test, an exercise), and an alert, "
    "update or cancel.",
    "Nothing to do if the message is not meant for broadcast.",
)
SWITCH: Final = Rule(
    "DELIVER-SWITCH",
    "deliverable",
    "info",
    "the policy",
    "A message that is to be broadcast is not kept off cell broadcast by its sender.",
    "Remove the parameter if the message is meant for phones.",
)
THRESHOLD: Final = Rule(
    "DELIVER-THRESHOLD",
    "deliverable",
    "info",
    "the policy",
    "A message that is to be broadcast is above the country's threshold, or is of a class that it sends.",
    "Nothing to do if that is meant; location-based SMS and information channels can carry it.",
)
EXPIRED: Final = Rule(
    "DELIVER-EXPIRED",
    "deliverable",
    "info",
    "3.2.2",
    "A message that is to be broadcast has not expired.",
    "Send an update with a later <expires>.",
)
NO_TEXT: Final = Rule(
    "DELIVER-TEXT",
    "deliverable",
    "warning",
    "3.2.2",
    "Each <info> that is to be broadcast has a text to show.",
    "Write a <headline> and an <instruction>.",
)
TRUNCATED: Final = Rule(
    "DELIVER-TRUNCATED",
    "deliverable",
    "warning",
    "3GPP TS 23.041 9.4.1.2",
    "The text fits 15 pages (1395 characters of the GSM alphabet, 615 of UCS-2), and the length that the "
    "country's policy sets.",
    "Shorten the text; the rest is cut off.",
)
TEMPLATE: Final = Rule(
    "DELIVER-TEMPLATE",
    "deliverable",
    "info",
    "47 CFR 10.430",
    "A message has the text for phones that the country's gateway looks for.",
    "Write the parameter (CMAMlongtext and CMAMtext in the United States).",
)
UCS2: Final = Rule(
    "DELIVER-UCS2",
    "deliverable",
    "info",
    "3GPP TS 23.038 6.2.1",
    "A text that is almost all of the GSM alphabet is not sent as UCS-2 for a few characters.",
    "Replace those characters; the text then takes less than half the pages.",
)
NO_AREA: Final = Rule(
    "DELIVER-AREA",
    "deliverable",
    "warning",
    "3.2.4",
    "Each <info> that is to be broadcast has an area that is drawn: a polygon or a circle.",
    "Add a <polygon> or <circle>; codes and names alone choose no cells.",
)
