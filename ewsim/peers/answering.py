"""What every peer does with a request: find its cells, do it or refuse it, answer; or misbehave in a test."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ewsim.peers.air import Air
from ewsim.peers.directory import Named
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.speaking import Utterance, said

#: Sends an answer on the connection that the request came on.
Say: TypeAlias = Callable[[Utterance], None]

UNRECOGNISED: Final = "unrecognised message"


@dataclass(frozen=True)
class Conduct:
    """What a peer does in place of what the standard says; by the names of messages.

    Parameters
    ----------
    deaf
        Requests that it does not hear.
    late_s
        Answers that come so long after the request [s].
    refuses
        Requests that it does not do: the name of its answer and what that says beside the two numbers.
    says
        Elements of what it says, in place of its own.
    """

    deaf: frozenset[str] = frozenset()
    late_s: Mapping[str, float] = field(default_factory=dict)
    refuses: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    says: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def refusal(self, protocol: str, name: str, fields: Mapping[str, Any]) -> Utterance | None:
        """The answer in place of doing what a request asks; None: it is done.

        Parameters
        ----------
        protocol, name
            The request's.
        fields
            Its elements.
        """
        if name not in self.refuses:
            return None
        answer, values = self.refuses[name]
        head = {key: fields[key] for key in ("message_identifier", "serial_number")}
        return said(protocol, answer, {**head, **values})

    def spoken(self, utterance: Utterance) -> tuple[float, Utterance]:
        """What is really said, and how much later [s]."""
        odd = self.says.get(utterance.name)
        if odd is not None:
            utterance = said(utterance.protocol, utterance.name, {**utterance.values, **odd})
        return self.late_s.get(utterance.name, 0.0), utterance


class Request(NamedTuple):
    """A request with the cells that it names, shape (cells,), and the entries that name none."""

    name: str
    fields: dict[str, Any]
    cells: NDArray[np.int64]
    unknown: list[Any]


def error_name(protocol: str) -> str:
    """What a protocol calls the report of an error."""
    return "ERROR INDICATION" if protocol == "CBSP" else "Error-Indication"


class Peer(ABC):
    """What the peers have in common."""

    protocol = ""

    def __init__(self, air: Air, say: Say) -> None:
        self.air, self.say = air, say

    def take(self, name: str, fields: dict[str, Any]) -> str:
        """Do what a message asks; what it was."""
        method = self.methods().get(name)
        if method is None:
            if not name.casefold().endswith(("complete", "response", "indication", "failure")):
                self.send(error_name(self.protocol), {"cause": self.cause_code(UNRECOGNISED)})
            return name
        found = self.named(fields)
        method(Request(name, fields, found.cells, found.unknown))
        missing = f", {len(found.unknown)} unknown entries" if found.unknown else ""
        return f"{name}: {found.cells.size} cells{missing}"

    @abstractmethod
    def methods(self) -> dict[str, Callable[[Request], None]]:
        """What answers each request."""

    @abstractmethod
    def named(self, fields: dict[str, Any]) -> Named:
        """The cells that a message names."""

    def cause_code(self, text: str) -> int:
        """The number of a cause."""
        return CAUSES[self.protocol].index(text)

    def send(self, name: str, values: dict[str, Any]) -> None:
        """Send an answer."""
        self.say(said(self.protocol, name, values))
