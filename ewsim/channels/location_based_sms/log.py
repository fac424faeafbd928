"""What an operator of location-based SMS writes down: head-counts, attempts, receipts, failures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.location_based_sms.drain import SmsDelivery
from ewsim.channels.location_based_sms.kernel import ALERTS, DISCARDED, PAGES, REFUSED
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.units import NEVER, to_us
from ewsim.world import World


@dataclass(frozen=True, slots=True)
class OperatorBook:
    """One operator's list: when it was submitted [us], and how many people each handset stands for.

    `parts` is the number of SMS parts of the text; `people` are those of the whole list, of which `weight`
    may leave out whom the centre never took up.
    """

    operator: int
    listed_us: int
    parts: int
    weight: NDArray[np.int32]
    people: int


def log_head_counts(
    world: World, spec: LocationBasedSmsSpec, listed_us: Mapping[int, int], counts: NDArray[np.int64]
) -> None:
    """Log how many are on the list, by tracking area.

    Parameters
    ----------
    world
        Where it is logged.
    spec
        Says below which count no head-count is given.
    listed_us
        The time of each operator's list [us].
    counts
        The people on the list in each, shape (tracking areas,).
    """
    cells = world.network.cells
    areas, any_cell = np.unique(cells.tracking_area, return_index=True)
    some = counts[areas] > 0
    for area, at in zip(areas[some].tolist(), any_cell[some].tolist(), strict=True):
        count, operator = int(counts[area]), int(cells.operator[at])
        world.log(
            "smsc",
            "head_count",
            operator=world.network.operators[operator],
            at_us=listed_us[operator],
            detail=f"tracking area {area}: {_head(spec, count)} subscribers",
        )


def log_drained(
    world: World,
    spec: LocationBasedSmsSpec,
    book: OperatorBook,
    delivery: SmsDelivery,
    listed: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None:
    """Log what the operator knows in the end: its list, its receipts (one a part), its failures.

    Parameters
    ----------
    world
        Where it is logged.
    spec
        Validity, routing delay, and below which count no head-count is given.
    book
        The operator's list.
    delivery
        When each handset was tried and served.
    listed
        The handsets of the list, shape (listed,).
    counts
        What the drain counted, by the indices of `kernel`, shape (counts,).
    """
    name, weight = world.network.operators[book.operator], book.weight
    end = min(book.listed_us + to_us(spec.validity_s), world.horizon_us)
    heads = _head(spec, book.people)
    world.log("smsc", "listed", operator=name, at_us=book.listed_us, detail=f"{heads} subscribers")
    taken = delivery.taken_us[listed]
    got = delivery.received_us[listed]
    tried = taken < NEVER
    if tried.any():
        world.log(
            "smsc",
            "first_attempts_done",
            operator=name,
            at_us=int(taken[tried].max()),
            detail=f"{_head(spec, int(weight[tried].sum()))} of {heads} tried",
        )
    routing_us = to_us(spec.core_routing_s)
    reported = (got < NEVER) & (got <= world.horizon_us - routing_us)
    if reported.any():
        receipts = _head(spec, int(weight[reported].sum()) * book.parts)
        world.log(
            "smsc",
            "last_receipt",
            operator=name,
            at_us=int(got[reported].max()) + routing_us,
            detail=f"{receipts} receipts for messages of {book.parts} parts",
        )
    pages, lost = int(counts[PAGES]), int(counts[DISCARDED])
    if lost:
        world.log("pager", "discarded", operator=name, at_us=end, detail=f"{lost} of {pages} pages")
    if refused := int(counts[REFUSED]):
        detail = f"{refused} requests of 2G phones"
        world.log("pager", "no_channel_free", operator=name, at_us=end, detail=detail)
    if alerts := int(counts[ALERTS]):
        detail = f"{alerts} returns of absent phones"
        world.log("smsc", "alerted", operator=name, at_us=end, detail=detail)


def _head(spec: LocationBasedSmsSpec, count: int) -> str:
    """A count of people as the operator may give it."""
    least = spec.suppress_below_count
    return f"fewer than {least}" if count < least else str(count)
