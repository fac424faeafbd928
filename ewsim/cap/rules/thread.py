"""Rules between messages: what a set of them must be so that nobody acts on the wrong one."""

from __future__ import annotations

from typing import Final

from ewsim.cap.catalogue import THREAD_RULES

DUPLICATE: Final = THREAD_RULES["THREAD-DUPLICATE"]
IDENTIFIER: Final = THREAD_RULES["THREAD-IDENTIFIER"]
NO_REFERENCE: Final = THREAD_RULES["THREAD-NO-REFERENCE"]
FORMAT: Final = THREAD_RULES["THREAD-FORMAT"]
UNRESOLVED: Final = THREAD_RULES["THREAD-UNRESOLVED"]
SELF: Final = THREAD_RULES["THREAD-SELF"]
ORDER: Final = THREAD_RULES["THREAD-ORDER"]
SENDER: Final = THREAD_RULES["THREAD-SENDER"]
STALE: Final = THREAD_RULES["THREAD-STALE"]
STATUS: Final = THREAD_RULES["THREAD-STATUS"]
LATE: Final = THREAD_RULES["THREAD-LATE"]
