"""What a channel is made from, and what its kind's `make` gives: for ours and for other packages'."""

import json
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
from ewsim.kinds import kinds_of
from ewsim.network.topology import Network
from ewsim.population.people import Population
from ewsim.scenario.spec import Scenario

#: Makes an error at a key of the scenario file: (key, what is wrong, what to write).
FaultAt = Callable[[str, str, str], EwsimError]


@dataclass(frozen=True, slots=True)
class Wiring:
    """The scenario, message and country that every channel of a run is made from.

    `area` is the alert area in the network's metres, `targeted` the cells of the warning area
    list, shape (cells,); `policy` selects the message identifier. None of it may be changed.
    """

    scenario: Scenario
    alert: Alert
    area: BaseGeometry
    network: Network
    population: Population
    targeted: NDArray[np.bool_]
    fault: FaultAt
    policy: BroadcastPolicy = field(default_factory=lambda: read_policy("default"))

    def info(self, language: str | None) -> Info:
        """The <info> in a language; where none is asked for, the first that has not expired when sent."""
        if language is None:
            sent, infos = self.alert.sent, self.alert.infos
            return next((i for i in infos if i.expires is None or i.expires > sent), infos[0])
        for info in self.alert.infos:
            if info.language.casefold() == language.casefold():
                return info
        have = ", ".join(info.language for info in self.alert.infos)
        raise self.fault("alert", f"the message has no <info> in {language!r}", f"It has: {have}.")


@dataclass(frozen=True, slots=True)
class Made:
    """A channel ready to run.

    `sent` is what it sends, for the result: names with values that JSON can hold. `notes` are
    sentences that every report prints. `languages` are those of the texts that it sends.
    """

    channel: Channel
    sent: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def make_channels(wiring: Wiring) -> list[Made]:
    """New channels for one run: those that the scenario has switched on, in their order.

    Raises
    ------
    EwsimError
        What a channel sends cannot be written as JSON: a defect of that channel.
    """
    made = []
    for name, kind in kinds_of("channel").items():
        spec = getattr(wiring.scenario.channels, name)
        if spec is None:
            continue
        one: Made = kind.make(wiring, spec)
        try:
            json.dumps(dict(one.sent), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise EwsimError(f"What the channel {name} has sent cannot be written: {error}.") from None
        made.append(one)
    return made


def message_text(info: Info, what: str) -> str:
    """The text that is sent: one of the <info>'s elements, or all of them."""
    parts = {
        "headline": [info.headline or info.event],
        "description": [info.description or info.headline or info.event],
        "instruction": [info.instruction or info.headline or info.event],
        "full": [info.headline or info.event, info.description or "", info.instruction or ""],
    }[what]
    return " ".join(" ".join(part.split()) for part in parts if part.strip())
