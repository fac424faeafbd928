"""What channels that do not go through a cell share: how they begin, and their outcome."""

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.population.people import Handsets
from ewsim.units import NEVER, to_us
from ewsim.world import World


def first_sims(handsets: Handsets) -> NDArray[np.bool_]:
    """Rows of handsets that are no second SIM of another."""
    first = np.ones(len(handsets), dtype=np.bool_)
    first[handsets.second[handsets.second >= 0]] = False
    return first


def outcome_of(
    sent_us: NDArray[np.int64], received_us: NDArray[np.int64], cause: NDArray[np.int8], horizon_us: int
) -> ChannelOutcome:
    """The outcome of a channel that is noticed as it arrives.

    Parameters
    ----------
    sent_us
        When the element that reaches each person began to send [us], shape (people,).
    received_us
        When it reached them [us], NEVER: not, shape (people,). Later than the horizon is never.
    cause
        Why not, for those with a `received_us` of NEVER, shape (people,). Who would have had it
        after the horizon had no channel in time.
    horizon_us
        The end of the run [us].
    """
    late = (received_us > horizon_us) & (received_us < NEVER)
    received = np.where(late, NEVER, received_us)
    got = received < NEVER
    why = np.where(got, np.int8(0), cause).astype(np.int8)
    why[late] = CAUSE_CODE["no_channel"]
    once = got.astype(np.int16)
    return ChannelOutcome(
        sent_us=np.where(got, sent_us, NEVER),
        received_us=received,
        displayed_us=received.copy(),
        copies=once,
        displays=once.copy(),
        cause=why,
    )


class Starter:
    """A process that waits for the alert and its channel's delay, and notes when it began.

    `begin_us` is NEVER while it has not.
    """

    begin_us: int = NEVER

    def run(self, world: World, element: str, delay_s: float) -> None:
        """Start the process; it writes the event `started` of the channel's element.

        Parameters
        ----------
        world
            The world, whose alert it waits for.
        element
            What the event names.
        delay_s
            How long after the alert it begins [s].
        """
        world.env.process(self._wait(world, element, delay_s))

    def _wait(self, world: World, element: str, delay_s: float) -> Generator[simpy.Event, Any, None]:
        yield world.alert_released
        yield world.env.timeout(to_us(delay_s))
        self.begin_us = world.env.now
        world.log("channel", "started", detail=element)
