"""The account of every preset: to how many figures it was fitted, with how many parameters.

`fitted.csv` has a line for each parameter: where its value stands (in the preset, or a default of
ewsim), and the published number that it was fitted to. With as many parameters as figures the fitted
rows agree by construction; only the predicted ones say something about the model.
"""

import csv
from collections.abc import Collection
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any, Literal, NamedTuple, cast

from ewsim.validation.field import published


class Fitted(NamedTuple):
    """A parameter that was fitted: a line of `fitted.csv`."""

    preset: str
    parameter: str
    place: Literal["preset", "default"]
    number: str


@dataclass(frozen=True, slots=True)
class Account:
    """A preset, its fitted parameters, and how many of its figures were fitted and predicted."""

    preset: str
    parameters: tuple[str, ...]
    fitted_count: int
    predicted_count: int

    def __str__(self) -> str:
        """The account in words."""
        if not self.parameters:
            return f"{self.preset}: nothing fitted; {self.predicted_count} predicted"
        names = ", ".join(dict.fromkeys(key.rpartition(".")[2] for key in self.parameters))
        return (
            f"{self.preset}: {self.fitted_count} fitted with {len(self.parameters)} "
            f"parameter{'s' * (len(self.parameters) > 1)} ({names}); {self.predicted_count} predicted"
        )


def fitted() -> list[Fitted]:
    """Every parameter that was fitted."""
    file = resources.files("ewsim.validation") / "fitted.csv"
    lines = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return [Fitted(**cast("Any", line)) for line in lines]


def accounts(only: Collection[str] | None = None) -> list[Account]:
    """The account of every preset, or of those that have one of these published numbers."""
    numbers = [p for p in published() if only is None or p.id in only]
    parameters = fitted()
    return [
        Account(
            preset,
            tuple(f.parameter for f in parameters if f.preset == preset),
            sum(p.kind == "calibrated" for p in mine),
            sum(p.kind == "predicted" for p in mine),
        )
        for preset in dict.fromkeys(p.presets[0].name for p in numbers)
        if (mine := [p for p in numbers if p.presets[0].name == preset])
    ]


def document(found: Collection[Account]) -> list[dict[str, Any]]:
    """The key `fitted` of `ewsim validate --json`."""
    return [asdict(one) for one in found]


def text(found: Collection[Account]) -> str:
    """The accounts for a terminal."""
    return "\n".join(["Figures of each preset:", *(f"  {one}" for one in found)])


def markdown(found: Collection[Account]) -> str:
    """The accounts for a page, with their sums."""
    head = ("Preset", "Figures fitted", "Parameters fitted", "Which", "Figures predicted")
    rows = [
        (
            f"`{one.preset}`",
            str(one.fitted_count),
            str(len(one.parameters)),
            ", ".join(f"`{key}`" for key in one.parameters),
            str(one.predicted_count),
        )
        for one in found
    ]
    sums = [str(sum(int(row[i]) for row in rows)) for i in (1, 2, 4)]
    total = ("all", sums[0], sums[1], "", sums[2])
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ("---",) * 5, *rows, total))
