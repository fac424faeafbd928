"""Cell broadcast of a message that is kept off it: no centre starts, and no phone gets anything."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from ewsim.cap.alert import Info
from ewsim.cap.broadcast.plan import plan_broadcast, says_expired
from ewsim.channels.base import Crowd, for_people
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.channels.wiring import Wiring
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.units import NEVER
from ewsim.world import World


def reasons(wiring: Wiring) -> tuple[str, ...]:
    """Why the message is not sent by cell broadcast, as `ewsim cap plan` says; nothing when it is."""
    planned = plan_broadcast(wiring.alert, policy=wiring.policy)
    if planned.action == "stop":
        return ("It is a Cancel: cells stop what is on air and send nothing new.",)
    return planned.reasons


def sent_infos(wiring: Wiring, spec: CellBroadcastSpec) -> Iterator[tuple[Info, str, int | None]]:
    """What is broadcast: each <info> that policy and time let pass, with the text and identifier asked for.

    An identifier in the scenario, or an ETWS warning, is sent whatever the policy says.
    """
    for info, text, identifier in _versions(wiring, spec):
        if _asked(spec, identifier) or not kept_back(wiring, info):
            yield info, text, identifier


def kept_infos(wiring: Wiring, spec: CellBroadcastSpec) -> tuple[int, list[tuple[Info, datetime]]]:
    """The others: how many <info> the policy keeps back, and each that has expired, with when."""
    refused, expired = 0, []
    for info, _, identifier in _versions(wiring, spec):
        if _asked(spec, identifier):
            continue
        if wiring.policy.refusal(wiring.alert.status, info):
            refused += 1
        elif info.expires is not None and says_expired(info, wiring.alert.sent):
            expired.append((info, info.expires))
    return refused, expired


def _versions(wiring: Wiring, spec: CellBroadcastSpec) -> Iterator[tuple[Info, str, int | None]]:
    yield wiring.info(spec.language), spec.text, spec.message_identifier
    for version in spec.messages:
        yield wiring.info(version.language or spec.language), version.text, version.message_identifier


def _asked(spec: CellBroadcastSpec, identifier: int | None) -> bool:
    return identifier is not None or spec.message_identifier is not None or spec.etws is not None


def kept_back(wiring: Wiring, info: Info) -> str:
    """Why one <info> is not broadcast though the message is; empty when it is."""
    refusal = wiring.policy.refusal(wiring.alert.status, info)
    return refusal.reason if refusal else says_expired(info, wiring.alert.sent)


class Withheld:
    """The channel; everyone with a phone is missed because the message was not sent."""

    name = "cell_broadcast"

    def start(self, world: World) -> None:
        """Nothing starts; the log says so."""
        world.log("cbc", "withheld", detail="kept off cell broadcast")

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Nobody receives anything."""
        del world
        count = crowd.population.handsets.number.size
        never, none = np.full(count, NEVER, dtype=np.int64), np.zeros(count, dtype=np.int16)
        cause = np.full(count, CAUSE_CODE["not_broadcast"], dtype=np.int8)
        return for_people(crowd.population, never, never, never, none, none, cause)
