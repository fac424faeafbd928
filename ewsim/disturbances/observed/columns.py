"""The columns of an outage table: what each is called, and where it is."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ewsim.disturbances.observed.spec import ObservedCause
from ewsim.disturbances.outlook.series import COLUMNS
from ewsim.geography.faults import Faults

_UNITS = {
    **dict.fromkeys(("s", "seconds"), 1.0),
    **dict.fromkeys(("min", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
}


def _timed(*names: str) -> dict[str, float]:
    """Names of columns of times, and the seconds of one; 0 for dates."""
    return {f"{name}_{unit}": one for name in names for unit, one in _UNITS.items()} | dict.fromkeys(
        names, 0.0
    )


_START = _timed("start", "from", "begin", "down", "off")
_END = _timed("end", "until", "to", "restored", "up", "back")
_TIME = (
    {name: one for name, one in _UNITS.items() if len(name) > 1}
    | _timed("time")
    | dict.fromkeys(("date", "datetime", "timestamp"), 0.0)
)
SUBJECTS = {
    "site": ("site", "site_id", "site_name", "cell_site"),
    "feeder": ("feeder", "feeder_id"),
    "area": ("area", "district", "municipality", "municipio", "county", "region", "province"),
    "operator": ("operator",),
}
_OTHERS = {"cause": ("cause", "reason"), "event": ("event",), "series": ("series",)}
SHARES = COLUMNS["sites"] | {
    **dict.fromkeys(("share", "out_share"), "share"),
    **dict.fromkeys(("percent", "pct_cell_sites_out"), "percent"),
    **dict.fromkeys(("out", "sites_reported_out"), "out"),
    **dict.fromkeys(("total", "cell_sites_reporting"), "total"),
}
#: What tables call each cause.
CAUSES: dict[str, ObservedCause] = {
    **dict.fromkeys(("power", "mains", "grid", "electricity", "battery", "no power"), "power"),
    **dict.fromkeys(("transport", "backhaul", "link", "fibre", "fiber", "transmission"), "transport"),
    **dict.fromkeys(("damage", "damaged", "destroyed", "site damage"), "damage"),
    **dict.fromkeys(("unknown", "other", "not reported"), "unknown"),
}
NOT_KNOWN = ("", "-", "na", "n/a", "nan", "null", "none")


class ColumnPlaces(NamedTuple):
    """Where each thing is, from 0; -1 where it is not."""

    start: tuple[int, float]
    end: tuple[int, float]
    time: tuple[int, float]
    at: dict[str, int]
    names: list[str]


def places_of(header: list[str], faults: Faults) -> ColumnPlaces:
    """Where each thing is in a header in small letters; raises where it is no outage table."""
    names = [re.sub(r"[^a-z0-9%]+", "_", name).strip("_") for name in header]

    def first(wanted: Sequence[str]) -> int:
        return next((names.index(name) for name in wanted if name in names), -1)

    def timed(wanted: dict[str, float]) -> tuple[int, float]:
        name = next((name for name in wanted if name in names), "")
        return (names.index(name), wanted[name]) if name else (-1, 0.0)

    at = {key: first(wanted) for key, wanted in (SUBJECTS | _OTHERS).items()}
    for name, role in SHARES.items():
        if name in names:
            at.setdefault(role, names.index(name))
    columns = ColumnPlaces(timed(_START), timed(_END), timed(_TIME), at, header)
    has_share = bool({"share", "percent", "out"} & at.keys())
    if columns.start[0] < 0 and (columns.time[0] < 0 or not has_share):
        seen = ", ".join(repr(name[:40]) for name in header[:20])
        fix = (
            "For outages write site (or area) with start and end; for shares write day (or hours, or date) "
            "and sites_out_share, with area where there are several."
        )
        raise faults.fail(1, 1, f"the table says not when sites were off; it has {seen}.", fix)
    return columns
