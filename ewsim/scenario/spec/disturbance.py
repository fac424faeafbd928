"""What every disturbance says; the kinds of disturbances add their own keys."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field

from ewsim.scenario.spec.base import Model, TimeS


class DisturbanceSpec(Model):
    """Something goes wrong; a kind narrows `kind` to its own name."""

    kind: str
    at_s: TimeS = Field(description="after the decision [s]; negative: before it")

    def from_folder(self, folder: Path) -> Self:  # noqa: ARG002 - those with files need it
        """The same, its files found from a folder; most have none."""
        return self
