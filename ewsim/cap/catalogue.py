"""Every rule of CAP itself, from the modules that declare them.

The page of rules in the documentation, SARIF's table and the tests' samples are made from `RULES`.
A profile brings rules of its own; those between messages are in `ewsim.cap.rules.thread`.
"""

from __future__ import annotations

from typing import Final

from ewsim.cap import reader
from ewsim.cap.broadcast import rules as broadcast
from ewsim.cap.findings import Rule
from ewsim.cap.rules import area, info, message, resource, shape, structure
from ewsim.cap.signature import rules as signature
from ewsim.cap.xml import text

#: In the order of the layers.
_MODULES: Final = (text, reader, structure, message, info, area, shape, resource, signature, broadcast)

RULES: Final[dict[str, Rule]] = {
    declared.id: declared
    for module in _MODULES
    for declared in vars(module).values()
    if isinstance(declared, Rule)
}
