"""An outlook in words and as a document: what was used, the table by day, and how far off to expect it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ewsim.disturbances.outlook.classes import ACCESS
from ewsim.disturbances.outlook.fit import EXPECTED, FIRST_DAY, ModeError, Tried
from ewsim.disturbances.outlook.forecast import DaySeries, Known, Outlook

_DAYS = (1, 2, 3, 4, 5, 7, 10, 14)
_LATER = (21, 30, 45, 60, 90, 120, 180)


def days_to_show(known: Known, reports: DaySeries) -> list[float]:
    """Days of a table: the usual ones, later ones while customers are known, and those of reports."""
    last = float(known.customers.day[-1]) if known.customers.day.size else 0.0
    usual = [day for day in (*_DAYS, *_LATER) if day <= max(last, _DAYS[-1])]
    return sorted({*map(float, usual), *(round(float(day), 3) for day in reports.day)})


def tried_as(known: Known) -> Tried:
    """Which of the modes that were tried on past disasters this is."""
    mode = known.mode
    if mode == "hazard":
        return mode
    if not known.customers.day.size:
        return "nowcast_without_customers"
    if known.customers.day[-1] > 1.5 * FIRST_DAY:
        return mode
    first: dict[str, Tried] = {
        "customers": "customers_first_day",
        "access": "access_first_day",
        "nowcast": "nowcast_first_day",
    }
    return first[mode]


#: From here on hardly a customer has mains [share].
_NEARLY_ALL = 0.9


def document(outlook: Outlook, known: Known, reports: DaySeries) -> dict[str, Any]:
    """The document of `--json`.

    Parameters
    ----------
    outlook
        The forecast.
    known
        What it is made from.
    reports
        All reports of sites off, also those that are only compared; shape (reports,).
    """
    expected = EXPECTED[tried_as(known)]
    lines = []
    for i, day in enumerate(outlook.day):
        reported = _reported(float(day), reports)
        lines.append(
            {
                "day": float(day),
                "customers_out_share": None if outlook.median is None else float(outlook.customers[i]),
                "sites_out_share": {
                    "low": float(outlook.low[i]),
                    "median": None if outlook.median is None else float(outlook.median[i]),
                    "high": float(outlook.high[i]),
                },
                "reported_sites_out_share": reported,
                "report_used": None if reported is None else _reported(float(day), known.reports) is not None,
            }
        )
    return {
        "format": "ewsim.outlook/1",
        "mode": outlook.mode,
        "band": 0.8,
        "known": {
            "hazard": known.hazard,
            "place": known.place,
            "hit_share": known.hit_share,
            "customers_day_count": known.customers.day.size,
            "access": known.access,
            "passable_day": known.passable_day,
            "extreme_zone_share": known.extreme_zone_share,
            "report_count": known.reports.day.size,
            "site_count": known.sites,
        },
        "access_shares": outlook.access_shares,
        "days": lines,
        "expected_error": {
            "mean_error_share": None if outlook.median is None else expected.mean_error_share,
            "band_held_count": expected.band_held_count,
            "day_count": expected.day_count,
            "event_count": 7,
        },
        "notes": list(_notes(outlook, known)),
    }


def text(outlook: Outlook, known: Known, reports: DaySeries) -> str:
    """The table for a terminal, with what was used and what to expect.

    Parameters
    ----------
    outlook, known, reports
        As for `document`.
    """
    is_point = outlook.median is not None
    head = "   day" + f"  {'customers out':>13}  {'sites off':>9}" * is_point + f"  {'80 % band':>15}"
    head += "  reported" * bool(reports.day.size)
    lines = ["Mobile sites off by day after the hazard has passed", f"Known: {_used(known)}.", "", head]
    missed, held = [], 0
    for i, day in enumerate(outlook.day):
        reported = _reported(float(day), reports)
        used = _reported(float(day), known.reports) is not None
        row = f"{day:6g}"
        if outlook.median is not None:
            row += f"  {100 * outlook.customers[i]:11.0f} %  {_percent(outlook.median[i]):>9}"
        band = f"{100 * outlook.low[i]:.1f} to {100 * outlook.high[i]:.1f} %"
        said = "" if reported is None else f"  {_percent(reported)}{' (used)' if used else ''}"
        lines.append(f"{row}  {band:>15}{said}")
        if reported is not None and not used and outlook.median is not None:
            missed.append(abs(outlook.median[i] - reported))
            held += bool(outlook.low[i] <= reported <= outlook.high[i])
    if not is_point:
        lines += ["", "There is no median, only a band: what a hazard does differs too much for one number."]
    lines += ["", _expected(EXPECTED[tried_as(known)], is_point)]
    if missed:
        lines.append(
            f"Reports that were not used: {len(missed)}. Their mean error is "
            f"{100 * float(np.mean(missed)):.1f} points; the band holds {held} of {len(missed)}."
        )
    return "\n".join([*lines, *_notes(outlook, known)])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _reported(day: float, reports: DaySeries) -> float | None:
    at = np.flatnonzero(np.abs(reports.day - day) < 1e-3)
    return float(reports.share[at[0]]) if at.size else None


def _used(known: Known) -> str:
    """What was used, in words."""
    parts = []
    if known.hazard:
        parts.append(
            {"blackout": "a blackout", "shutoff": "a planned shut-off"}.get(known.hazard, known.hazard)
        )
    if known.place:
        parts.append({"island": "a small island"}.get(known.place, known.place))
    if known.hit_share is not None:
        parts.append(f"{100 * known.hit_share:.0f} % of the people hit")
    if known.customers.day.size:
        days = known.customers.day
        span = f"day {days[0]:.3g}" if days.size == 1 else f"day {days[0]:.3g} to {days[-1]:.3g}"
        parts.append(f"customers without mains ({days.size} days, {span})".replace("(1 days", "(1 day"))
    if known.access:
        parts.append(next(way.words for way in ACCESS if way.name == known.access))
    if known.passable_day is not None:
        parts.append(f"roads passable on day {known.passable_day:g}")
    if known.extreme_zone_share is not None:
        parts.append(f"{100 * known.extreme_zone_share:.0f} % of the sites in the ruined zone")
    if count := known.reports.day.size:
        parts.append(f"{count} report{'s' * (count > 1)} of sites off")
    return ", ".join(parts) or "nothing; any hazard anywhere"


def _expected(error: ModeError, is_point: bool) -> str:
    mean = (
        f"this mode was off by {100 * error.mean_error_share:.1f} points on average, and its "
        if is_point
        else "its "
    )
    return (
        f"On seven past disasters, each left out of the fit in turn, {mean}80 % bands held "
        f"{error.band_held_count} of {error.day_count} reported days."
    )


def _notes(outlook: Outlook, known: Known) -> Sequence[str]:
    """What a reader should know about this forecast."""
    found = []
    if known.access is None:
        ways = [(outlook.access_shares[way.name], way.words) for way in ACCESS]
        words = ", ".join(
            f"{words} {100 * share:.0f} %" for share, words in sorted(ways, reverse=True) if share >= 0.005
        )
        found.append(f"Access is not given and was judged: {words}. If you know it, give --access.")
    days = known.customers.day
    if days.size and days[0] > 1.5:
        found.append(
            f"Customers are known from day {days[0]:g} on; the days before are guessed back from it."
        )
    if days.size and days[-1] < outlook.day[-1]:
        found.append(f"Customers are known to day {days[-1]:.3g}; later days continue the return of mains.")
    if days.size and known.customers.share.max() == 0:
        found.append("No customer is without mains in this table: only a ruined zone takes sites off.")
    whole = days.size > 0 and known.customers.share.max() >= _NEARLY_ALL and known.access != "island"
    if whole and not known.reports.day.size:
        found.append(
            "Nearly everything is without mains: what sites have in reserve decides then, and differs most. "
            "On the first day of Fiona in Puerto Rico (2022) 24 % were off, where this mode says 71 %. Give "
            "--report."
        )
    if outlook.median is None and known.hazard in (None, "storm", "flood"):
        where = "Where slides cut the fibre more may be off"
        found.append(f"{where} (mountains of North Carolina after Helene: 54 % on day 3).")
    if np.any(known.reports.day < 0.5):
        found.append("Reports of the first half day count for less: batteries still hide what has failed.")
    return found
