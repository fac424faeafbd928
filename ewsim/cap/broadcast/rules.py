"""Rules of broadcasting: whether a message can be sent by cell broadcast, and with which text."""

from __future__ import annotations

from typing import Final

from ewsim.cap.catalogue import RULES

GATE: Final = RULES["DELIVER-GATE"]
SWITCH: Final = RULES["DELIVER-SWITCH"]
THRESHOLD: Final = RULES["DELIVER-THRESHOLD"]
EXPIRED: Final = RULES["DELIVER-EXPIRED"]
NO_TEXT: Final = RULES["DELIVER-TEXT"]
TRUNCATED: Final = RULES["DELIVER-TRUNCATED"]
TEMPLATE: Final = RULES["DELIVER-TEMPLATE"]
UCS2: Final = RULES["DELIVER-UCS2"]
NO_AREA: Final = RULES["DELIVER-AREA"]
