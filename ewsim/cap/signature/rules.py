"""Rules of signatures (CAP 1.2, 3.3.4.1)."""

from __future__ import annotations

from typing import Final

from ewsim.cap.catalogue import RULES

BROKEN: Final = RULES["SIGNATURE-BROKEN"]
SCOPE: Final = RULES["SIGNATURE-SCOPE"]
UNVERIFIED: Final = RULES["SIGNATURE-UNVERIFIED"]
UNTRUSTED: Final = RULES["SIGNATURE-UNTRUSTED"]
EXPIRED: Final = RULES["SIGNATURE-EXPIRED"]
WEAK: Final = RULES["SIGNATURE-WEAK"]
SEVERAL: Final = RULES["SIGNATURE-SEVERAL"]
PARALLEL: Final = RULES["SIGNATURE-PARALLEL"]
