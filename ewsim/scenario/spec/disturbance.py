"""What every disturbance says; the kinds of disturbances add their own keys."""

from __future__ import annotations

from pydantic import Field

from ewsim.scenario.spec.base import Model, TimeS


class DisturbanceSpec(Model):
    """Something goes wrong; a kind narrows `kind` to its own name."""

    kind: str
    at_s: TimeS = Field(description="after the decision [s]; negative: before it")
