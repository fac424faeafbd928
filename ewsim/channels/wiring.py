"""What a channel is made from, and what a kind of channel must offer: for ours and for plug-ins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.cap.alert import Alert, Info
from ewsim.cap.broadcast.policy import BroadcastPolicy, read_policy
from ewsim.channels.base import Channel
from ewsim.errors import EwsimError
from ewsim.network.topology import Network
from ewsim.population.people import Population
from ewsim.scenario.spec import Model, Scenario

#: Makes an error at a key of the scenario file: (key, what is wrong, how to mend it).
Fault = Callable[[str, str, str], EwsimError]


@dataclass(frozen=True, slots=True)
class Wiring:
    """The scenario, message and country that every channel of a run is made from.

    `area` is the alert area in the network's metres, `targeted` the cells of the warning area
    list, shape (cells,); `policy` says as what a message goes out. None of it may be changed.
    """

    scenario: Scenario
    alert: Alert
    area: BaseGeometry
    network: Network
    population: Population
    targeted: NDArray[np.bool_]
    fault: Fault
    policy: BroadcastPolicy = field(default_factory=lambda: read_policy("default"))

    def info(self, language: str | None) -> Info:
        """The <info> in a language, the first where none is asked for."""
        if language is None:
            return self.alert.infos[0]
        for info in self.alert.infos:
            if info.language.casefold() == language.casefold():
                return info
        have = ", ".join(info.language for info in self.alert.infos)
        raise self.fault("alert", f"the message has no <info> in {language!r}", f"It has: {have}.")


@dataclass(frozen=True, slots=True)
class Made:
    """A channel ready to run; what it sends (fields of `result.AlertSummary`); what to tell."""

    channel: Channel
    sent: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel: what the entry points of the group `ewsim.channels` name.

    `spec` is the model of its keys under `channels.<name>` of a scenario; `make` gives the channel
    anew for each replication. The entry point's name is the channel's.
    """

    spec: type[Model]
    make: Callable[[Wiring, Any], Made]


def message_text(info: Info, what: str) -> str:
    """The text that is sent: one of the <info>'s elements, or all of them."""
    parts = {
        "headline": [info.headline or info.event],
        "description": [info.description or info.headline or info.event],
        "instruction": [info.instruction or info.headline or info.event],
        "full": [info.headline or info.event, info.description or "", info.instruction or ""],
    }[what]
    return " ".join(" ".join(part.split()) for part in parts if part.strip())
