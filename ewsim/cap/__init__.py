"""CAP messages: what they say, how they are read, what is wrong with them.

Each folder and file imports only those before it: `alert` and `findings`, `xml`, `marks`, `rules`,
`reader`, `signature`, `broadcast`, `catalogue`, `profiles`, `validator`, `acceptance`, `tools`.
"""

from ewsim.cap.reader import parse_alert as parse
from ewsim.cap.validator import validate

__all__ = ["parse", "validate"]
