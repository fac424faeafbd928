"""Every rule of CAP itself, read from `rules.toml`; a rule's check stands in the module that uses it.

The page of rules in the documentation, SARIF's table and the tests' samples are made from `RULES`.
A profile brings rules of its own.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Final

from ewsim.cap.findings import Rule

_TABLE: Final = tomllib.loads((resources.files("ewsim.cap") / "rules.toml").read_text("utf-8"))
_ALL: Final = tuple(Rule(name, **row) for name, row in _TABLE.items())

#: The rules of one message, in the order of the layers.
RULES: Final[dict[str, Rule]] = {rule.id: rule for rule in _ALL if rule.layer != "thread"}
#: Rules between messages: `ewsim cap thread` applies them to many files.
THREAD_RULES: Final[dict[str, Rule]] = {rule.id: rule for rule in _ALL if rule.layer == "thread"}
