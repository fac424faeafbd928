"""Rules between messages: what a set of them must be so that nobody acts on the wrong one.

They have a table of their own, because `ewsim cap thread` applies them to many files.
"""

from __future__ import annotations

from typing import Final

from ewsim.cap.findings import Rule
from ewsim.errors import Severity


def _rule(name: str, severity: Severity, requires: str, fix: str) -> Rule:
    return Rule(name, "thread", severity, "3.2.1", requires, fix)


DUPLICATE: Final = _rule(
    "THREAD-DUPLICATE", "warning", "Each message is in the set once.", "Keep one of them."
)
IDENTIFIER: Final = _rule(
    "THREAD-IDENTIFIER",
    "error",
    "A sender gives each message an identifier of its own.",
    "Give each message its own <identifier>.",
)
NO_REFERENCE: Final = _rule(
    "THREAD-NO-REFERENCE",
    "error",
    "An Update, Cancel, Ack or Error refers to a message.",
    "Add <references> with sender,identifier,sent of what it is about.",
)
FORMAT: Final = _rule(
    "THREAD-FORMAT",
    "error",
    "A reference is sender,identifier,sent.",
    "Write the three values of the earlier message, with commas.",
)
UNRESOLVED: Final = _rule(
    "THREAD-UNRESOLVED",
    "warning",
    "The messages that are referred to are in the set.",
    "Add its file, or correct the reference (sent must be the same moment).",
)
SELF: Final = _rule(
    "THREAD-SELF", "error", "A message does not refer to itself.", "Refer to the earlier message."
)
ORDER: Final = _rule(
    "THREAD-ORDER", "error", "A message refers to earlier ones.", "Correct <sent>, or the reference."
)
SENDER: Final = _rule(
    "THREAD-SENDER",
    "warning",
    "A message is updated or cancelled by the sender that sent it.",
    "Ask the sender of the first message whether this one may speak for it.",
)
STALE: Final = _rule(
    "THREAD-STALE",
    "warning",
    "An Update or Cancel is about the latest message of its thread.",
    "Refer to the latest message of the thread.",
)
STATUS: Final = _rule(
    "THREAD-STATUS",
    "warning",
    "An actual message is updated or cancelled by an actual one.",
    "Send it with <status>Actual</status>, or refer to a message of the exercise or test.",
)
LATE: Final = _rule(
    "THREAD-LATE",
    "info",
    "A Cancel comes before the message it is about has expired.",
    "A new alert says more to people.",
)

THREAD_RULES: Final[dict[str, Rule]] = {
    rule.id: rule
    for rule in (
        *(DUPLICATE, IDENTIFIER, NO_REFERENCE, FORMAT, UNRESOLVED, SELF, ORDER),
        *(SENDER, STALE, STATUS, LATE),
    )
}
