"""Sites off after past disasters: each predicted from its customers and its roads, fitted to the others.

A row is a reported day, or the mean of a disaster's days. The interval is the 80 % band, not of 95 %.
"""

from collections.abc import Iterator

import numpy as np

from ewsim.disturbances.outlook.fit import Miss, error_of, left_out
from ewsim.validation.rows import Row

#: How far off the mean of a disaster may be (half of a usual band) and a day (as forecasts are counted), and
#: how many days the bands must hold.
_TOLERANCE, _DAY_TOLERANCE, _HELD_LEAST = 0.15, 0.10, 20
_KNOWN = {"sites_off_maria_day_29": "no other disaster says how quickly an island comes back"}
_AUTHORITY = "FCC, docomo: sites off"


def rows(*, only: str | None = None) -> Iterator[Row]:
    """Every comparison, or those with this word in their id or authority."""
    if only is not None and not any(only.lower() in text for text in ("sites_off", _AUTHORITY.lower())):
        return
    misses = list(left_out("access"))
    for event in dict.fromkeys(miss.event for miss in misses):
        mine = [miss for miss in misses if miss.event == event]
        yield _row(mine, f"mean of {len(mine)} day{'s' * (len(mine) > 1)}", "")
        if len(mine) > 1:
            yield from (_row([miss], f"day {miss.day:g}", f"_day_{miss.day:g}") for miss in mine)
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


def _row(misses: list[Miss], words: str, suffix: str) -> Row:
    event = misses[0].event
    name = f"sites_off_{event.split(maxsplit=1)[0].lower()}{suffix}"
    reported, low, median, high = np.mean([(m.reported, m.low, m.median, m.high) for m in misses], axis=0)
    return Row(
        id=name,
        authority=_AUTHORITY,
        metric=f"Sites off, {event}, {words}",
        unit="share",
        published=float(reported),
        simulated=float(median),
        low=float(low),
        high=float(high),
        tolerance=_DAY_TOLERANCE if suffix else _TOLERANCE,
        kind="predicted",
        note="fitted to the six other disasters; the interval is the 80 % band",
        known=_KNOWN.get(name, ""),
    )
