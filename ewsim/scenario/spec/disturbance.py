"""What every disturbance says; the kinds of disturbances add their own keys."""

from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import Field

from ewsim.scenario.spec.base import AreaSpec, Model, TimeS

InjectId = Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=60)]


class FalseMessage(NamedTuple):
    """A false message that people may see: when [s], where (None: in the alert's cells), and its end.

    `stopped_after_s`: until its broadcast ends [s], if not with its correction. `caught_share`: how often
    it is stopped before. `station`: a false base station shows it to its phones, and only the correction
    is broadcast.
    """

    at_s: float
    area: AreaSpec | None
    message_identifier: int
    corrected_after_s: float | None
    stopped_after_s: float | None = None
    caught_share: float = 0.0
    station: bool = False


class DisturbanceSpec(Model):
    """Something goes wrong; a kind narrows `kind` to its own name."""

    #: Whether it can take a cell off the air; some only load or deceive the network.
    breaks: ClassVar[bool] = True

    kind: str
    id: InjectId | None = Field(
        None, description="what ledger, report and replay call it; absent: its kind and its number"
    )
    at_s: TimeS = Field(description="after the decision [s]; negative: before it")

    def from_folder(self, folder: Path) -> Self:  # noqa: ARG002 - those with files need it
        """The same, its files found from a folder; most have none."""
        return self

    def false_message(self) -> FalseMessage | None:
        """What people see of it that is false; most have nothing."""
        return None

    def name(self, index: int) -> str:
        """Its id, by its number in the list, which counts from 0."""
        return self.id or f"{self.kind}_{index + 1}"
