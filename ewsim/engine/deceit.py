"""False base stations and false messages: whom they hold, who sees them, whom they keep from the alert.

Assumptions: a station holds its share of the phones with 4G or 5G that are in its area and on the network
when it begins, for as long as it lasts, wherever their owners go; a phone that it holds shows its
message within 45 s, the time of about five attempts to attach [1]_.

References
----------
.. [1] G. Lee et al., "This is your president speaking", MobiSys 2019; CACM 64(10), 2021.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.base import Crowd
from ewsim.channels.cell_broadcast.false import Deceived, FalseBroadcast
from ewsim.geography import plane
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.population.presence.windows import Presence, without
from ewsim.units import LTE, NEVER, NR, US
from ewsim.world import Capture, World

_ATTACH_US = 45 * US
#: Channels that need the network, and what a capture explains in them.
_NETWORK = ("cell_broadcast", "location_based_sms")
_EXPLAINED = (
    *("no_coverage", "no_coverage_indoors", "radio_loss", "in_call_or_busy", "after_last_broadcast"),
    *("paging_loss", "smsc_queue_expired", "not_in_location_register", "operator_failure"),
)


def captured(world: World, crowd: Crowd) -> tuple[Crowd, NDArray[np.bool_], dict[str, NDArray[np.int64]]]:
    """The crowd without the phones that false stations hold, while they hold them.

    Returns
    -------
    tuple
        The crowd; whose phone was held, shape (people,); by the name of each station when it showed its
        message to each person [us].
    """
    people, handsets = crowd.population.people, crowd.population.handsets
    held, shown = np.zeros(len(people), dtype=np.bool_), {}
    presence = crowd.presence
    modern = (handsets.rats & np.uint8((1 << LTE) | (1 << NR))) != 0
    for capture in world.captures:
        x_m, y_m = people.at(np.full(len(handsets), capture.from_us), handsets.owner)
        luck = world.streams.uniform("hostile.captured", handsets.number, capture.number)
        mine = modern & plane.contains(capture.area, x_m, y_m) & (luck < capture.share)
        mine &= _there(presence, capture)
        who = np.flatnonzero(mine)
        times = np.broadcast_to([capture.from_us, capture.until_us], (who.size, 2))
        presence = without(presence, np.column_stack([who, times]))
        held[handsets.owner[mine]] = True
        luck = world.streams.uniform("hostile.shown", handsets.number, capture.number)
        sees = mine & handsets.cb_capable & (luck < capture.shows_share)
        when = capture.from_us + np.rint(luck / max(capture.shows_share, 1e-9) * _ATTACH_US).astype(np.int64)
        seen = np.full(len(people), NEVER, dtype=np.int64)
        np.minimum.at(seen, handsets.owner[sees], when[sees])
        shown[capture.name] = np.where(seen > world.horizon_us, NEVER, seen)
    return replace(crowd, presence=presence), held, shown


def _there(presence: Presence, capture: Capture) -> NDArray[np.bool_]:
    """Which handsets camp on a cell when it begins, shape (handsets,)."""
    there = np.zeros(presence.first.size - 1, dtype=np.bool_)
    rows = np.flatnonzero((presence.from_us <= capture.from_us) & (presence.to_us > capture.from_us))
    there[np.searchsorted(presence.first, rows, side="right") - 1] = True
    return there


def explain(outcomes: Mapping[str, ChannelOutcome], held: NDArray[np.bool_]) -> None:
    """Name the false station as the cause where it explains why somebody was missed."""
    explained = [CAUSE_CODE[name] for name in _EXPLAINED]
    for name in _NETWORK:
        if name in outcomes and held.any():
            cause = outcomes[name].cause
            cause[held & np.isin(cause, explained)] = CAUSE_CODE["false_station"]


def deceived(
    false: Iterable[FalseBroadcast], world: World, crowd: Crowd, shown: Mapping[str, NDArray[np.int64]]
) -> Deceived | None:
    """When each person first saw a false message, and was corrected; None where there is none.

    Parameters
    ----------
    false
        The false messages of the run.
    world, crowd
        The run's, when the clock has stopped.
    shown
        By the name of each false station when it showed its message [us], shape (people,) each.
    """
    every = [one.deceived(world, crowd, shown.get(one.name)) for one in false]
    if not every:
        return None
    seen_us = np.min([one.seen_us for one in every], axis=0)
    # Of several false messages, whoever saw one needs the correction of each: the last counts.
    needed = [np.where(one.seen_us < NEVER, one.corrected_us, -NEVER) for one in every]
    corrected_us = np.max(needed, axis=0)
    return Deceived(seen_us, np.where(corrected_us == -NEVER, NEVER, corrected_us))
