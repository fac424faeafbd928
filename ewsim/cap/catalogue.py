"""Every rule of CAP itself, from `rules.toml`; the module that checks a rule says its id.

The page of rules in the documentation, SARIF's table and the tests' samples are made from `RULES`.
A profile brings rules of its own.
"""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal

from ewsim.errors import Severity

Layer = Literal["well_formed", "schema", "spec", "profiles", "signature", "deliverable", "thread"]
#: The layers of one file, in the order they are judged; `thread` compares files.
LAYERS: Final[tuple[Layer, ...]] = ("well_formed", "schema", "spec", "profiles", "signature", "deliverable")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a message must or should be.

    `requires` is the demand in one sentence, `section` its clause in CAP 1.2 or in the document it
    names. `lenient`: many real feeds break the rule, so `--lenient` makes it a warning. `stops`: a
    message that breaks the rule cannot be read, so the simulator refuses it. An `id` never changes.
    """

    id: str
    layer: Layer
    severity: Severity
    section: str
    requires: str
    fix: str
    lenient: bool = False
    stops: bool = False


_TABLE: Final = tomllib.loads((resources.files("ewsim.cap") / "rules.toml").read_text("utf-8"))
_ALL: Final = tuple(Rule(name, **row) for name, row in _TABLE.items())

#: The rules of one message, in the order of the layers.
RULES: Final[dict[str, Rule]] = {rule.id: rule for rule in _ALL if rule.layer != "thread"}
#: Rules between messages: `ewsim cap thread` applies them to many files.
THREAD_RULES: Final[dict[str, Rule]] = {rule.id: rule for rule in _ALL if rule.layer == "thread"}
