"""CAP messages: what they say, how they are read, what is wrong with them.

`parse` and `validate` are here the functions that most callers want; the modules of the same names
are imported from by their full names.
"""

from ewsim.cap.parse import parse_alert as parse
from ewsim.cap.validate import validate

__all__ = ["parse", "validate"]
