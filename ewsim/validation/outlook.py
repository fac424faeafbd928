"""Sites off after past disasters: each predicted from its customers and its roads, fitted to the others.

A row is one disaster: the mean of its reported days. The interval is the mean of the 80 % bands, not of 95 %.
"""

from collections.abc import Iterator

import numpy as np

from ewsim.disturbances.outlook.fit import Miss, error_of, left_out
from ewsim.validation.rows import Row

#: How far off the mean of a disaster may be (half of a usual band), and how many days the bands must hold.
_TOLERANCE, _HELD_LEAST = 0.15, 20
_AUTHORITY = "FCC, docomo: sites off"


def rows(*, only: str | None = None) -> Iterator[Row]:
    """Every comparison, or those with this word in their id or authority."""
    if only is not None and not any(only.lower() in text for text in ("sites_off", _AUTHORITY.lower())):
        return
    misses = list(left_out("access"))
    for event in dict.fromkeys(miss.event for miss in misses):
        yield _event_row(event, [miss for miss in misses if miss.event == event])
    held = error_of(misses).band_held_count
    yield Row(
        id="sites_off_band_held",
        authority=_AUTHORITY,
        metric=f"Days of {len(misses)} that an 80 % band holds",
        unit="",
        published=_HELD_LEAST,
        simulated=held,
        low=held,
        high=held,
        tolerance=0,
        kind="predicted",
        bound="at_least",
    )


def _event_row(event: str, misses: list[Miss]) -> Row:
    reported, low, median, high = np.mean([(m.reported, m.low, m.median, m.high) for m in misses], axis=0)
    return Row(
        id=f"sites_off_{event.split(maxsplit=1)[0].lower()}",
        authority=_AUTHORITY,
        metric=f"Sites off, {event}, mean of {len(misses)} day{'s' * (len(misses) > 1)}",
        unit="share",
        published=float(reported),
        simulated=float(median),
        low=float(low),
        high=float(high),
        tolerance=_TOLERANCE,
        kind="predicted",
        note="fitted to the six other disasters; the interval is the mean of the 80 % bands",
    )
