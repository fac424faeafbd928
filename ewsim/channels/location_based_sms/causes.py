"""Why people were missed by location-based SMS."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.base import Crowd, absence
from ewsim.channels.location_based_sms.kernel import (
    ABSENT,
    NEVER_TRIED,
    NO_CHANNEL_FREE,
    NO_SUBSCRIPTION,
    NOT_LISTED,
    NOT_MEANT,
    OPTED_OUT,
    PAGE_LOST,
    ROAMER_REFUSED,
    UNDELIVERABLE,
)
from ewsim.ledger import CAUSE_CODE
from ewsim.population.presence.kernel import camped_between, rows_at
from ewsim.world import World


class KnownLists(NamedTuple):
    """When each operator's list was submitted [us], the cells it is of, and how long messages live [us]."""

    listed_us: Mapping[int, int]
    targeted: NDArray[np.bool_]
    validity_us: int


def causes_of(
    world: World, crowd: Crowd, who: NDArray[np.int64], failure: NDArray[np.int8], lists: KnownLists
) -> NDArray[np.int8]:
    """Why handsets were missed, as cause codes.

    Parameters
    ----------
    world
        The world as it ended.
    crowd
        The people.
    who
        Rows of the handsets, shape (who,).
    failure
        Why each did not get it, a code of `kernel`, shape (who,).
    lists
        The operators' lists.
    """
    cause = np.full(who.size, CAUSE_CODE["radio_loss"], dtype=np.int8)
    for code, name in (
        (NEVER_TRIED, "smsc_queue_expired"),
        (PAGE_LOST, "paging_loss"),
        (ABSENT, "paging_loss"),
        (NO_CHANNEL_FREE, "in_call_or_busy"),
        (ROAMER_REFUSED, "roaming_not_supported"),
        (OPTED_OUT, "opted_out"),
        (NOT_MEANT, "no_channel"),
        (UNDELIVERABLE, "handset_unsupported"),
        (NOT_LISTED, "not_in_location_register"),
        (NO_SUBSCRIPTION, "not_in_location_register"),
    ):
        cause[failure == code] = CAUSE_CODE[name]
    untried = np.isin(failure, (NOT_LISTED, NEVER_TRIED))
    if not lists.listed_us:  # the run ended before the lookup
        cause[failure == NOT_LISTED] = CAUSE_CODE["smsc_queue_expired"]
        _withheld(world, crowd, who, cause, untried)
        return cause
    begin = np.full(who.size, min(lists.listed_us.values()), dtype=np.int64)
    end = np.minimum(begin + lists.validity_us, world.horizon_us)
    camped = camped_between(who, begin, end, crowd.presence)
    away = ~camped & np.isin(failure, (ABSENT, NOT_LISTED, NEVER_TRIED))
    cause[away] = absence(crowd, who[away], begin[away], end[away])
    elsewhere = (failure == NOT_LISTED) & camped
    cause[elsewhere] = np.where(
        _on_targeted(lists.targeted, crowd, who[elsewhere], begin[elsewhere]),
        CAUSE_CODE["not_in_location_register"],
        CAUSE_CODE["cell_not_targeted"],
    )
    there = crowd.population.people.there(begin, crowd.population.handsets.owner[who])
    _withheld(world, crowd, who, cause, untried & camped)
    cause[elsewhere & ~there] = CAUSE_CODE["not_arrived"]
    return cause


def _withheld(
    world: World, crowd: Crowd, who: NDArray[np.int64], cause: NDArray[np.int8], asked: NDArray[np.bool_]
) -> None:
    """Operators that never had the alert: why, for those of `who` that are asked."""
    operator = crowd.population.handsets.operator[who]
    for number, why in world.withheld.items():
        cause[asked & (operator == number)] = CAUSE_CODE[why]


def _on_targeted(
    targeted: NDArray[np.bool_], crowd: Crowd, who: NDArray[np.int64], at_us: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether handsets `who` camped on a cell of the list at the time of the lookup."""
    rows = rows_at(who, at_us, crowd.presence)
    known = rows >= 0
    on = np.zeros(who.size, dtype=np.bool_)
    on[known] = targeted[crowd.presence.cell[rows[known]]]
    return on
