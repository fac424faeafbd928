"""Who and what a finished run has: cells as lists name them, messages, events.

Networks are numbered 001-01 and on, base stations and cells in the order of the table of cells.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ewsim.errors import WireError
from ewsim.result.record import Result
from ewsim.units import US
from ewsim.wire.places import WireCell, wire_cells
from ewsim.wire.speaking import WireWarning


class RunEvent(NamedTuple):
    """A row of the events table; the time in microseconds."""

    at_us: int
    element: str
    kind: str
    operator: str
    cell: int
    message: str
    detail: str


def events_of(result: Result) -> list[RunEvent]:
    """The rows of the events table."""
    frame = result.events
    times = np.rint(frame["time_s"].to_numpy(np.float64) * US).astype(np.int64).tolist()
    columns = ("element", "kind", "operator", "cell_id", "message", "detail")
    return list(map(RunEvent, times, *(frame[name].tolist() for name in columns)))


class Cast:
    """The cells and the messages of a run's cell broadcast."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.sent = result.sent.get("cell_broadcast", {})
        self.spec: Any = getattr(result.scenario.channels, "cell_broadcast", None)

    @cached_property
    def cells(self) -> list[WireCell]:
        """Each row of the table of cells, as lists name it."""
        return wire_cells(self.result.cells)

    @cached_property
    def warnings(self) -> dict[str, WireWarning]:
        """The messages of the run by what events call them; WireError where the result was damaged."""
        try:
            return self._warnings()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            found = f"what the result says was sent cannot be read ({error!r})"
            raise WireError(f"{found}. Run the scenario again.") from None

    def _warnings(self) -> dict[str, WireWarning]:
        sent = self.sent
        first = f"{sent['message_identifier']}/{sent['serial_number']:#06x}"
        rows = sent.get("messages") or [{"message": first, "text": sent["text"]}]
        primary = {row["message"] for row in rows if row.get("kind") == "etws_primary"}
        texts = dict.fromkeys(primary, "")
        texts |= {row["message"]: row["text"] for row in rows if row.get("kind") != "etws_primary"}
        made: dict[str, WireWarning] = {}
        for label, text in texts.items():
            identifier, _, serial = label.partition("/")
            number = int(serial, 16)
            if not (0 <= int(identifier) < 1 << 16 and 0 <= number < 1 << 16):
                raise ValueError(label)
            before = f"{identifier}/{number - 1:#06x}"
            made[label] = WireWarning(
                int(identifier),
                number,
                text,
                self.spec.repetition_period_s,
                self.spec.number_of_broadcasts or int(not self.spec.repetition_period_s),  # 0 s: once
                old=number - 1 if number & 0xF and before in texts else None,
                segment_octets=self.spec.segment_octets,
                etws="both" if label in primary and text else "primary" if label in primary else "secondary",
            )
        return made

    @cached_property
    def written_us(self) -> dict[int, int]:
        """When a base station was asked, by when it was on air; only where anybody received from it."""
        people = self.result.people
        names = ("cell_broadcast_sent_s", "cell_broadcast_written_s")
        if not set(names) <= set(people.columns):
            return {}
        there = people[list(names)].dropna().to_numpy(np.float64)
        on_air, written = np.rint(there.T * US).astype(np.int64).tolist()
        return dict(zip(on_air, written, strict=True))

    @cached_property
    def targeted(self) -> dict[tuple[str, str], list[int]]:
        """The cells of the warning area, by operator and generation."""
        frame = self.result.cells
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for cell, (operator, rat, wanted) in enumerate(
            zip(frame["operator"], frame["rat"], frame["targeted"], strict=True)
        ):
            if wanted:
                found[operator, rat].append(cell)
        return found

    def of(self, cells: Sequence[int]) -> list[WireCell]:
        """Cells as lists name them."""
        return [self.cells[cell] for cell in cells]
