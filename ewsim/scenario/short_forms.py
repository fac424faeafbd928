"""Parts of a scenario in one word of a command line: `overlap=0.3+1000`, `SAME=0:GEOID`."""

import re
from typing import Any

from pydantic import ValidationError

from ewsim.errors import UsageError
from ewsim.scenario.spec.base import GeocodeSpec
from ewsim.scenario.spec.targeting import POLICIES, CellChoiceSpec

_POLICY = re.compile(r"([a-z_]+)(?:=(\d+(?:\.\d+)?))?(?:\+(\d+(?:\.\d+)?))?")
_GEOCODE = re.compile(r"([^=]+)=(?:([^:=]*):)?([^:=]+)")

#: What a policy's number stands for.
_NUMBER = {"overlap": "overlap_share", "population": "overlap_share", "greedy": "overshoot_weight"}


def policy_of(text: str, footprint: str) -> CellChoiceSpec:
    """A policy from NAME[=NUMBER][+METRES].

    Raises
    ------
    UsageError
        There is no such policy, or its number makes no sense.
    """
    match = _POLICY.fullmatch(text)
    if match is None or match[1] not in POLICIES:
        have = ", ".join(POLICIES)
        raise UsageError(f"--policy {text}: there is no such policy. There are: {have}.")
    name, number, buffer = match.groups()
    values: dict[str, Any] = {"policy": name, "footprint": footprint}
    if number is not None:
        if name not in _NUMBER:
            raise UsageError(f"--policy {text}: {name} takes no number.")
        values[_NUMBER[name]] = float(number)
    if buffer is not None:
        values["buffer_m"] = float(buffer)
    try:
        return CellChoiceSpec.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"--policy {text}: {error.errors()[0]['msg']}.") from None


def geocode_of(text: str) -> tuple[str, GeocodeSpec]:
    """A scheme and where its values stand, from SCHEME=[PREFIX:]PROPERTY.

    Raises
    ------
    UsageError
        It is not of that form.
    """
    match = _GEOCODE.fullmatch(text)
    if match is None:
        raise UsageError(f"--geocode {text}: write for example SAME=0:GEOID.")
    return match[1], GeocodeSpec(property=match[3], prefix=match[2] or "")
