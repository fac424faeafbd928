"""Numbers in words: the answer of a summary as sentences, rounded to what can be believed.

Published counts have two significant figures; tables beside them keep every digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10
from typing import Any

#: What each channel is called in a sentence.
CHANNELS: Mapping[str, str] = {
    "any": "any channel",
    "cell_broadcast": "cell broadcast",
    "location_based_sms": "location-based SMS",
    "siren": "sirens",
    "app_push": "warning app",
    "satellite": "satellite",
    "community_relay": "community relay",
}

#: Each cause as a clause: "people ..."
CAUSES: Mapping[str, str] = {
    "no_device": "carry no phone",
    "device_off": "had their phone switched off",
    "no_coverage": "are where no network reaches even on a good day",
    "site_down_power": "lost their cell to the power cut",
    "site_down_backhaul": "lost their cell because its link to the core was cut",
    "site_destroyed": "lost their cell because its site was destroyed",
    "network_generation_unsupported": "have an older phone (2G or 3G) that shows no warnings",
    "handset_unsupported": "have a phone whose system or profile shows no warnings",
    "opted_out": "had switched this kind of alert off",
    "roaming_not_supported": "were roaming without this service",
    "not_in_location_register": "were in the area without the register knowing it",
    "cell_not_targeted": "were on a cell that was not told to send the alert",
    "operator_failure": "were on a cell that was told to send the alert and never did",
    "smsc_queue_expired": "were still waiting in the SMS queue at the end",
    "paging_loss": "could not be paged for their SMS",
    "radio_loss": "had too weak a signal to receive the whole message",
    "in_call_or_busy": "were in a call, or their cell had no channel free",
    "outside_polygon_filtered": "had a phone that thought itself outside the area",
    "duplicate_suppressed_wrongly": "had a phone that took the alert for an old one",
    "after_last_broadcast": "came on a cell too late to hear the whole message",
    "not_arrived": "came when the alert was no longer sent",
    "displayed_not_noticed": "did not notice the alert",
    "not_understood_language": "do not read the language of the alert",
    "not_accessible_format": "cannot perceive the form of the alert",
    "no_channel": "had no channel that carried the alert",
}


def count(number: int) -> str:
    """A count to two significant figures: "about 180,000"; small ones as they are."""
    if number < 100:
        return str(number)
    rounded = int(round(number, 1 - floor(log10(number))))
    return f"{rounded:,}" if rounded == number else f"about {rounded:,}"


def percent(share: float) -> str:
    """A share to two significant figures, never rounded to nobody or everybody."""
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    if share < 0.01:
        return "under 1 %"
    if share > 0.99:
        return "over 99 %"
    return f"{share * 100:.0f} %"


def duration(seconds: float | None) -> str:
    """A time in words, some two figures: "8.3 s", "2 min 10 s", "1 h"; None: not attained."""
    if seconds is None:
        return "not attained"
    if seconds < 0:
        return f"{duration(-seconds)} before the decision"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds / 5) * 5 if seconds < 600 else round(seconds), 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(round(seconds / 300) * 5, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def answer(summary: Mapping[str, Any]) -> list[str]:
    """Who was reached, when, who was missed and why: a sentence each."""
    reach, whole = summary["reach"], summary["in_area"]
    if not whole:
        return ["Nobody was in the alert area."]
    return [_reached(reach, whole), _when(summary), *_missed(summary), *_outside(summary)]


def _reached(reach: Mapping[str, Any], whole: int) -> str:
    if reach["people"] == 0:
        return f"Nobody of the {count(whole)} people in the alert area was reached."
    if reach["people"] == whole:
        text = f"All {count(whole)} people in the alert area were reached"
    else:
        text = (
            f"{_capital(count(reach['people']))} of {count(whole)} people in the alert area were "
            f"reached ({percent(reach['share'])})"
        )
    channels = reach["by_channel"]
    if len(channels) > 1:
        each = [f"{CHANNELS.get(n, n)} {percent(s)}" for n, s in channels.items()]
        text += ": " + ", ".join(each)
    return text + "."


def _when(summary: Mapping[str, Any]) -> str:
    if not summary["reach"]["people"]:
        return "So there is no time to report."
    parts = []
    for name, seconds in summary["time_to_share_s"].items():
        share = percent(float(name))
        if seconds is None:
            parts.append(f"{share} was not attained")
        else:
            parts.append(f"{share} of everyone in the area had the alert after {duration(seconds)}")
    p50, p95 = summary["latency_s"]["p50"], summary["latency_s"]["p95"]
    return (
        f"After the decision to warn, {'; '.join(parts)}. Half of those reached had it within "
        f"{duration(p50)}, 95 % of them within {duration(p95)}."
    )


def _missed(summary: Mapping[str, Any]) -> list[str]:
    missed = summary["in_area"] - summary["reach"]["people"]
    if not missed:
        return []
    first = list(summary["causes"].items())[:3]
    reasons = ", ".join(f"{count(n)} {CAUSES[cause]}" for cause, n in first)
    more = len(summary["causes"]) - len(first)
    tail = "" if more < 1 else f"; {more} further cause{'s' if more > 1 else ''} are in the table"
    if more == 1:
        tail = "; one further cause is in the table"
    head = f"{_capital(count(missed))} were missed ({percent(missed / summary['in_area'])})"
    return [f"{head}: {reasons}{tail}."]


def _outside(summary: Mapping[str, Any]) -> list[str]:
    overshoot = summary["accuracy"]["overshoot_share"]
    if not overshoot:
        return []
    return [f"Of all who saw the alert, {percent(overshoot)} were outside the alert area."]


def kilometres(distance_m: float) -> str:
    """A distance as words."""
    return f"{distance_m / 1000:.1f} km"


def key_figures(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures that stand at the top: name, value in words."""
    times = summary["time_to_share_s"]
    return [
        ("People in the alert area", f"{summary['in_area']:,}"),
        ("Reached", f"{summary['reach']['people']:,} ({percent(summary['reach']['share'])})"),
        *(
            (f"Reached by {CHANNELS.get(name, name)}", percent(share))
            for name, share in summary["reach"]["by_channel"].items()
        ),
        *((f"Time to {percent(float(n))}", duration(t)) for n, t in times.items()),
        ("Latency, median of those reached", duration(summary["latency_s"]["p50"])),
        ("Missed", f"{summary['in_area'] - summary['reach']['people']:,}"),
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
