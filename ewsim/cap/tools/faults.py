"""Faults to plant in a good message: each changes one thing, and the validator must name it."""

import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from ewsim.cap.findings import Finding
from ewsim.cap.validator import validate


@dataclass(frozen=True, slots=True)
class ExerciseFault:
    """One change of a text: the first match of `find` becomes `put`; `rule` is what it breaks.

    `effect` is what comes of it on the way to the phone.
    """

    rule: str
    title: str
    effect: str
    find: str
    put: str


@dataclass(frozen=True, slots=True)
class Planted:
    """A message with one fault, and every finding that the good message does not have."""

    fault: ExerciseFault
    text: str
    findings: tuple[Finding, ...] = field(compare=False)


_TABLE: Final = tomllib.loads((resources.files("ewsim.cap.tools") / "faults.toml").read_text("utf-8"))
FAULTS: Final = tuple(ExerciseFault(**row) for row in _TABLE["fault"])


def plant(text: str, fault: ExerciseFault, file: str = "alert.xml") -> Planted | None:
    """Put one fault into a good message; None where it has no place or nothing new is found.

    Parameters
    ----------
    text
        The good message.
    fault
        The fault.
    file
        What messages call it.
    """
    wrong, made = re.subn(fault.find, fault.put, text, count=1)
    if not made:
        return None
    good = {_what(f) for f in validate(text.encode(), file).findings}
    new = [f for f in validate(wrong.encode(), file).findings if _what(f) not in good]
    found = tuple(f for f in new if f.rule == fault.rule or f.severity != "info")
    return Planted(fault, wrong, found) if any(f.rule == fault.rule for f in found) else None


def _what(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.xpath, finding.message
