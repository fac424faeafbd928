"""The slow oracle: the same model with one SimPy process a handset and an event a transmission.

It shares the infrastructure's processes (they are SimPy already) and the draws, and nothing of the
kernels: phones react to cells that fail, return, go on air and transmit; messages wait in real
queues. Cell broadcast agrees with `engine.simulation` handset by handset. So does location-based
SMS, except for messages that reach a queue in the same microsecond: there the order of events
decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.base import Channel
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.engine.reference.cell_broadcast import Broadcast
from ewsim.engine.reference.location_based_sms import Messages
from ewsim.engine.reference.phones import Phones
from ewsim.engine.simulation import Setup, of_this_run, started
from ewsim.streams import Streams


@dataclass(frozen=True, slots=True)
class Heard:
    """What each handset received: arrays of one length [us], NEVER where nothing."""

    cb_received_us: NDArray[np.int64]
    cb_displayed_us: NDArray[np.int64]
    cb_copies: NDArray[np.int16]
    cb_displays: NDArray[np.int16]
    sms_received_us: NDArray[np.int64]


def simulate(setup: Setup, channels: Sequence[Channel], streams: Streams) -> Heard:
    """Run one replication the slow way.

    Parameters
    ----------
    setup, channels, streams
        As in `ewsim.engine.simulation.simulate`.
    """
    setup = of_this_run(setup, streams)
    world = started(setup, channels, streams)
    phones = Phones(setup, world)
    for channel in channels:
        if isinstance(channel, CellBroadcast):
            for number in range(len(channel.plan.messages)):
                Broadcast(phones, channel, number, setup.population.handsets)
        elif isinstance(channel, LocationBasedSms):
            Messages(phones, channel, setup)
    phones.start()
    world.run()
    return Heard(
        np.array(phones.cb_received, dtype=np.int64),
        np.array(phones.cb_displayed, dtype=np.int64),
        np.array(phones.cb_copies, dtype=np.int16),
        np.array(phones.cb_displays, dtype=np.int16),
        np.array(phones.sms_received, dtype=np.int64),
    )
