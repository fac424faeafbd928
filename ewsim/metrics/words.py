"""Numbers in words: the answer of a summary as sentences, rounded to what can be believed.

Published counts have two significant figures; tables beside them keep every digit.
"""

import re
from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any

from ewsim.kinds import Lazy, causes, kinds_of

#: What each channel is called in a sentence.
CHANNELS: Mapping[str, str] = Lazy(
    lambda: {"any": "any channel", **{name: kind.title for name, kind in kinds_of("channel").items()}}
)

#: Each cause as a reason: "missed because ..."
CAUSES: Mapping[str, str] = Lazy(lambda: {name: cause.words for name, cause in causes().items()})


def source_in_words(name: str) -> str:
    """Where somebody first knew of the alert from: a channel, another source, a person."""
    more = {"word_of_mouth": "word of mouth", "other_sources": "television, radio and others"}
    return more.get(name) or CHANNELS.get(name, name)


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
    """A time in words, about two digits: "8.3 s", "2 min 10 s", "1 h"; None is "never"."""
    if seconds is None:
        return "never"
    if seconds == 0:
        return "0 s"
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


def within(seconds: float | None, horizon_s: float) -> str:
    """The time to a share in words; for None, the simulated time in which it did not come."""
    return f"not in {duration(horizon_s)}" if seconds is None else duration(seconds)


def unbroken(text: str) -> str:
    """Text in which a line never breaks between a number and its unit."""
    return re.sub(r"(?<=\d) (?=%|(?:s|min|h|km)\b)", "\u00a0", text)


def answer(summary: Mapping[str, Any], horizon_s: float) -> list[str]:
    """Who was reached, when, who was missed and why: a sentence or two each."""
    reach, whole = summary["reach"], summary["in_area"]
    if not whole:
        return ["Nobody was in the alert area."]
    when = _when(summary, horizon_s) if reach["people"] else []
    return [
        f"{_reached(reach, whole)} {_chance(summary)}",
        *_of_others(reach),
        *when,
        *_before_the_hazard(summary),
        *_missed(summary),
        *_not_reading(summary),
        *_outside(summary),
    ]


def _of_others(reach: Mapping[str, Any]) -> list[str]:
    """The same reach of those who could have a phone, and of those who have one."""
    found = [f"of {name} {percent(of['share'])}" for name, of in others(reach)]
    if not found:
        return []
    found[0] += " were reached"
    age = reach["of_phone_age"]["age_years"]
    young = {0: "", 10: ", also children under 10"}.get(age, f", also people under {age}")
    return [f"Everybody counts in that share{young}. {capital(', '.join(found))}."]


def others(reach: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Reach of fewer people than everybody: who they are in words, and the figures."""
    if "of_phone_age" not in reach:
        return []
    age = reach["of_phone_age"]["age_years"]
    old_enough = [(f"people of {age} and over", reach["of_phone_age"])] if age else []
    return [*old_enough, ("people with a phone", reach["of_owners"])]


def _reached(reach: Mapping[str, Any], whole: int) -> str:
    if reach["people"] == 0:
        return f"Nobody of the {count(whole)} people in the alert area was reached."
    if reach["people"] == whole:
        text = f"All {count(whole)} people in the alert area were reached"
    else:
        text = (
            f"{capital(count(reach['people']))} of {count(whole)} people in the alert area were "
            f"reached ({percent(reach['share'])})"
        )
    channels = reach["by_channel"]
    if len(channels) > 1:
        each = [f"{percent(s)} by {CHANNELS.get(n, n)}" for n, s in channels.items()]
        text += ": " + ", ".join(each)
    return text + "."


def _chance(summary: Mapping[str, Any]) -> str:
    """How much of the reach is chance: over several runs, or that one run cannot tell."""
    runs = summary.get("replications")
    if not runs:
        return "This is one run; run more with --replications 30."
    row = runs["reach_share"]
    low, high, median = (percent(row[name]) for name in ("low", "high", "median"))
    return (
        f"Over {runs['count']} runs that differ by chance it is {low} to {high}, half of them above {median}."
    )


def replicated(runs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What several runs gave: metric, median and range of 95 % of the runs, in words."""
    names = {"reach_share": "reached"}
    for metric in runs:
        if metric.startswith("reach_") and metric.endswith("_share"):
            channel = metric.removeprefix("reach_").removesuffix("_share")
            names.setdefault(metric, f"reached by {CHANNELS.get(channel, channel)}")
        elif metric.startswith("time_to_"):
            share = float(metric.removeprefix("time_to_").removesuffix("_s"))
            names[metric] = f"time to {percent(share)}"
        elif metric.startswith("latency_p"):
            part = metric.removeprefix("latency_p").removesuffix("_s")
            names[metric] = f"{part} % of those reached within"
    names |= {f"{stage}_share": stage for stage in ("noticed", "understood", "acted")}
    names["overshoot_share"] = "shown outside the area"
    return _spreads(runs, names)


def replicated_causes(runs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """People missed in several runs: cause, median and range of 95 % of the runs; most people first."""
    causes = [metric for metric in runs if metric.startswith("cause_")]
    causes.sort(key=lambda metric: -runs[metric]["median"])
    words = (metric.removeprefix("cause_").removesuffix("_people") for metric in causes)
    return _spreads(runs, {metric: CAUSES[cause] for metric, cause in zip(causes, words, strict=True)})


def _spreads(runs: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    rows = []
    for metric, name in names.items():
        row = runs.get(metric)
        if row:
            say = percent if metric.endswith("share") else _people if metric.endswith("people") else duration
            spread = f"{say(row['low'])} to {say(row['high'])}" if row["attained"] else ""
            if row["attained"] < runs["count"]:
                spread += f" (in {row['attained']} of the runs)"
            rows.append((name, say(row["median"]), spread))
    return rows


def _people(number: float) -> str:
    return f"{number:,.0f}"


def _when(summary: Mapping[str, Any], horizon_s: float) -> list[str]:
    times = summary["time_to_share_s"].items()
    attained = [(_part(float(share)), duration(t)) for share, t in times if t is not None]
    missing = [_part(float(share)) for share, t in times if t is None]
    said = ""
    if attained:
        (first, time), *others = attained
        said = f"{capital(first)} of everyone in the area had the alert {time} after the decision to warn"
        said += "".join(f", {share} after {t}" for share, t in others)
    if missing:
        said += "; fewer" if said else "Fewer"
        said += f" than {missing[0]} had it by the end of the {_spelled(horizon_s)} simulated"
    p50, p95 = summary["latency_s"]["p50"], summary["latency_s"]["p95"]
    return [f"{said}. Of those reached, half had it within {duration(p50)}, 95 % within {duration(p95)}."]


def _before_the_hazard(summary: Mapping[str, Any]) -> list[str]:
    """Who was warned before the hazard came, where there is one."""
    found = summary.get("hazard")
    if not found or not found["people"]:
        return []
    if found["there_at_decision"] == found["people"]:
        return ["The hazard was there before the decision to warn, wherever people were in the area."]
    who = f"{count(found['people'])} people in the area whom the hazard reaches"
    if not found["reached_before"]:
        return [f"Nobody of {who} was warned before it came."]
    said = f"{capital(count(found['reached_before']))} of {who} were warned before it came"
    lead = duration(found["lead_time_s"]["p50"])
    return [f"{said} ({percent(found['reached_before_share'])}), half of them {lead} before or earlier."]


def _part(share: float) -> str:
    return "half" if share == 0.5 else percent(share)


def _spelled(seconds: float) -> str:
    """A duration with its units in full: "2 hours", "1 hour 30 minutes"."""
    text = duration(seconds)
    for unit, word in (("h", "hour"), ("min", "minute"), ("s", "second")):
        text = re.sub(rf" {unit}\b", f" {word}s", text)
    return re.sub(r"\b1 (hour|minute|second)s", r"1 \1", text)


def _missed(summary: Mapping[str, Any]) -> list[str]:
    missed = summary["in_area"] - summary["reach"]["people"]
    if not missed:
        return []
    first = list(summary["causes"].items())[:3]
    reasons = ", ".join(f"{count(n)} because {CAUSES[cause]}" for cause, n in first)
    more = len(summary["causes"]) - len(first)
    tail = f" {more} further cause{'s are' if more > 1 else ' is'} in the table." if more > 0 else ""
    head = f"{capital(count(missed))} were missed ({percent(missed / summary['in_area'])})"
    return [f"{head}: {reasons}.{tail}"]


def unread(summary: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """People who read none of the languages that are sent; without a text sent, of the message's."""
    found = summary.get("not_reading")
    return found and (found["sent"] or found)


def _not_reading(summary: Mapping[str, Any]) -> list[str]:
    found = unread(summary)
    if not found or not found["people"]:
        return []
    who = f"{capital(count(found['people']))} people in the area ({percent(found['share'])})"
    theirs, tags = ", ".join(found["by_language"]), ", ".join(found["languages"])
    text = f"{who} read none of the message's languages as it is sent ({tags}): they read {theirs}. "
    text += f"{capital(count(found['reached']))} of them were shown it anyway."
    more = [tag for tag in summary["not_reading"]["languages"] if tag not in found["languages"]]
    if more:
        text += f" The message also has {', '.join(more)}, which no channel sends."
    return [text]


def _outside(summary: Mapping[str, Any]) -> list[str]:
    overshoot = summary["accuracy"]["overshoot_share"]
    if not overshoot:
        return []
    return [f"{percent(overshoot)} of all people whose phone showed the alert were outside the alert area."]


def kilometres(distance_m: float) -> str:
    """A distance [m] in words."""
    return f"{distance_m / 1000:.1f} km"


def key_figures(summary: Mapping[str, Any], horizon_s: float) -> list[tuple[str, str]]:
    """The figures at the top of the report: name, value in words."""
    times = summary["time_to_share_s"]
    return [
        ("People in the alert area", f"{summary['in_area']:,}"),
        ("Reached, of everybody", f"{summary['reach']['people']:,} ({percent(summary['reach']['share'])})"),
        *(
            (f"Reached by {CHANNELS.get(name, name)}", percent(share))
            for name, share in summary["reach"]["by_channel"].items()
        ),
        *((f"Reached, of {name}", percent(of["share"])) for name, of in others(summary["reach"])),
        *((f"Time to {percent(float(n))}", within(t, horizon_s)) for n, t in times.items()),
        ("Median time, of those reached", duration(summary["latency_s"]["p50"])),
        ("Missed", f"{summary['in_area'] - summary['reach']['people']:,}"),
    ]


def aligned(rows: Sequence[tuple[str, ...]], left: int = 1) -> list[str]:
    """Rows of text as lines of a terminal: the first `left` columns on the left, values on the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            word.rjust(width) if i >= left else word.ljust(width)
            for i, (word, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def capital(text: str) -> str:
    """A text that begins a line or a sentence."""
    return text[:1].upper() + text[1:]
