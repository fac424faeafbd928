"""What a channel must do, and what all channels share about the crowd.

A channel has two halves. `start` starts SimPy processes, which emit windows (this cell is on air
from a to b, this centre serves at this rate from a to b); when the clock has stopped, `deliver`
works out from those windows and the crowd's presence what happened to every handset.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ewsim.kinds import outages
from ewsim.ledger import CAUSE_CODE, Chain, ChannelOutcome
from ewsim.population.people import LACKS, Population
from ewsim.population.presence.windows import Presence, last_begun
from ewsim.units import NEVER
from ewsim.world import World


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people's side of a run, the same for every channel."""

    population: Population
    presence: Presence
    down_windows: NDArray[np.int64]  # as World.down_windows


class Channel(Protocol):
    """A way to carry the alert."""

    name: str

    def start(self, world: World) -> None:
        """Start this channel's processes."""

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """What happened to every person, after the clock has stopped."""


@runtime_checkable
class Queueing(Protocol):
    """A channel with a queue over everybody, where people are delivered to a shard at a time."""

    def waiting(self, world: World, crowd: Crowd) -> Any:
        """What the queue must know of a shard of people."""

    def serve(self, world: World, parts: Sequence[Any]) -> Sequence[Any]:
        """What the queue did for each shard, of what it knows of all; it is written down as events."""

    def deliver_served(self, world: World, crowd: Crowd, served: Any) -> ChannelOutcome:
        """As `Channel.deliver`, for a shard.

        Parameters
        ----------
        world, crowd
            The world as it ended, and the people of the shard.
        served
            What the queue did for the shard.
        """


def absence(
    crowd: Crowd, who: NDArray[np.int64], from_us: NDArray[np.int64], to_us: NDArray[np.int64]
) -> NDArray[np.int8]:
    """Why handsets were nowhere on the network for a time, as cause codes.

    The cause is the root of the outage of the cell it prefers, at the beginning of that time, or when it is
    on and its owner there; where it has no signal then, when its owner first comes to a place with one. Who
    has none all the time lacks it for the reason of the beginning. Use it only for handsets that camped
    nowhere then.

    Parameters
    ----------
    crowd
        The people's side of the run.
    who
        Rows of the handsets, shape (who,).
    from_us, to_us
        The time [us], shape (who,).
    """
    handsets, people, empty = crowd.population.handsets, crowd.population.people, crowd.population.empty
    from_us = np.maximum(from_us, np.minimum(handsets.on_from_us[who], to_us))
    if people.arrives_us is not None:
        from_us = np.maximum(from_us, people.arrives_us[handsets.owner[who]])
    if len(empty):
        last = last_begun(empty, who, from_us)
        from_us = np.where(last >= 0, np.maximum(from_us, empty[last, 2]), from_us)
    camping = crowd.population.camping
    preferred, from_us, lacking = camping.first_preferred(who, from_us, to_us)
    codes = np.array([CAUSE_CODE[name] for name in LACKS], dtype=np.int8)
    cause = codes[lacking]
    down = crowd.down_windows
    if len(down):
        last = last_begun(down, preferred, from_us)
        ailing = last >= 0
        causes = np.array([CAUSE_CODE[name] for name in outages().values()], dtype=np.int8)
        cause[ailing] = causes[down[last[ailing], 3]]
    off = (from_us >= to_us) | (handsets.on_to_us[who] <= from_us)
    cause[off] = CAUSE_CODE["device_off"]
    cause[~people.there(to_us - 1, handsets.owner[who])] = CAUSE_CODE["not_arrived"]
    return cause


def for_people(
    population: Population,
    sent_us: NDArray[np.int64],
    received_us: NDArray[np.int64],
    displayed_us: NDArray[np.int64],
    copies: NDArray[np.int16],
    displays: NDArray[np.int16],
    cause: NDArray[np.int8],
    chain: Chain | None = None,
    *,
    same_text_once: bool = False,
) -> ChannelOutcome:
    """Handset arrays to person arrays; who carries no handset has no device.

    What a phone's second SIM got is its first one's too: the earlier counts, and copies add up.

    Parameters
    ----------
    population
        The people with their handsets.
    sent_us, received_us, displayed_us
        When each handset's message was sent, received and shown [us], NEVER: not, shape (handsets,).
    copies, displays
        How often it was received and shown, shape (handsets,).
    cause
        Why it was not shown, 0 where it was, shape (handsets,).
    chain
        The stages before it was sent, a row a handset; it comes back with a row a person.
    same_text_once
        A phone that has shown a text for one SIM does not show it for the other, as Android does.
    """
    two = np.flatnonzero(population.handsets.second >= 0)
    if two.size:
        other = population.handsets.second[two]
        earlier = displayed_us[other] < displayed_us[two]
        first, second = np.where(earlier, other, two), np.where(earlier, two, other)
        counted = copies.copy(), displays.copy(), cause.copy()
        copies, displays, cause = counted
        copies[two] += copies[other]
        displays[two] = displays[first] if same_text_once else displays[first] + displays[second]
        cause[two] = np.minimum(cause[two], cause[other])
        sent_us, received_us, displayed_us = (
            _with(times, two, first) for times in (sent_us, received_us, displayed_us)
        )
        if chain is not None:
            chain = replace(chain, row=_with(chain.row, two, first))
    handset = population.people.handset.astype(np.int64)

    def spread(values: NDArray[Any], absent: int) -> NDArray[Any]:
        return np.append(values, values.dtype.type(absent))[handset]  # -1 is the last

    return ChannelOutcome(
        sent_us=spread(sent_us, NEVER),
        received_us=spread(received_us, NEVER),
        displayed_us=spread(displayed_us, NEVER),
        copies=spread(copies.astype(np.int16), 0),
        displays=spread(displays.astype(np.int16), 0),
        cause=spread(cause.astype(np.int8), CAUSE_CODE["no_device"]),
        chain=None if chain is None else replace(chain, row=spread(chain.row.astype(np.int32), -1)),
    )


def _with(values: NDArray[Any], at: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[Any]:
    """A copy with the values of other rows in some."""
    out = values.copy()
    out[at] = values[of]
    return out
