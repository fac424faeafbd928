"""What a comparison says, in words: a verdict of two sentences for each run beside the first."""

from collections.abc import Iterable, Mapping
from typing import Any

from ewsim.metrics.words import CAUSES, count, duration, percent

#: How a share is named in a sentence.
_WHO = {0.5: "Half of everyone", 0.9: "90 % of everyone", 0.95: "95 % of everyone"}
_LONGEST_VALUE = 80

#: What a comparison calls the scenario without an arm.
AS_WRITTEN = "as_written"


def label(run: Mapping[str, Any]) -> str:
    """What a run is called in a sentence."""
    return "the scenario as written" if run["name"] == AS_WRITTEN else str(run["name"])


def verdict_of(document: Mapping[str, Any], pair: Mapping[str, Any]) -> list[str]:
    """Two sentences on one run beside the first: people won and lost, then times and chance."""
    runs = {run["name"]: run for run in document["runs"]}
    first, run = document["runs"][0], runs[pair["name"]]
    return [_people(first, run, pair), _times(first, run, pair)]


def _people(first: Mapping[str, Any], run: Mapping[str, Any], pair: Mapping[str, Any]) -> str:
    won, lost, net = pair["won_people"], pair["lost_people"], pair["net_people"]
    name = label(run)
    if not won and not lost:
        return f"{name} reaches exactly the people whom {label(first)} reaches."
    before, after = shares_apart(first["reach"]["share"], run["reach"]["share"])
    if net:
        noun = "person" if abs(net) == 1 else "people"
        much = f"{count(abs(net))} {'more' if net > 0 else 'fewer'} {noun} than {label(first)}"
        text = f"{name} reaches {much} ({after} of everyone in the area, not {before})"
    else:
        text = f"{name} reaches as many people as {label(first)} ({before}), but others"
    said = []
    if won:
        cause, people = next(iter(pair["won_by_cause"].items()))
        said.append(f"{count(won)} won, {_most(people, won)} missed before because {CAUSES[cause]}")
    else:
        said.append("nobody is won")
    if lost:
        cause, people = next(iter(pair["lost_by_cause"].items()))
        said.append(f"{count(lost)} lost, {_most(people, lost)} missed now because {CAUSES[cause]}")
    else:
        said.append("nobody is lost")
    return f"{text}: {'; '.join(said)}."


def _most(part: int, whole: int) -> str:
    if part == whole:
        return "all"
    return "most" if 2 * part > whole else f"{percent(part / whole)} of them"


def shares_apart(before: float, after: float) -> tuple[str, str]:
    """Two shares in words, with as many digits as show that they differ."""
    words = percent(before), percent(after)
    if before == after or words[0] != words[1]:
        return words
    for digits in (1, 2, 3):
        words = (f"{100 * before:.{digits}f} %", f"{100 * after:.{digits}f} %")
        if words[0] != words[1]:
            break
    return words


def _times(first: Mapping[str, Any], run: Mapping[str, Any], pair: Mapping[str, Any]) -> str:
    """The time to the highest share that tells something, and the range over runs of other luck."""
    said = _time_to_share(first["time_to_share_s"], run["time_to_share_s"])
    if not said:
        moved = pair["sooner"]["people"] or pair["later"]["people"]
        never = not any(first["time_to_share_s"].values()) and not any(run["time_to_share_s"].values())
        said = "Neither reaches half of everyone" if never else "Times to 50, 90 and 95 % stay the same"
        if not moved:
            said = "All others have the alert at the same time as before"
    luck = pair.get("replications")
    if not luck:
        return f"{said}."
    row = luck["net_people"]
    spread = f"{signed(row['low'])} to {signed(row['high'])} people"
    if row["low"] == row["high"]:
        spread = f"{signed(row['low'])} people in each"
    doubt = ", so chance alone can turn it" if row["low"] < 0 < row["high"] else ""
    return f"{said}; over {luck['count']} pairs of runs with the same luck the difference is {spread}{doubt}."


def _time_to_share(before: Mapping[str, float | None], after: Mapping[str, float | None]) -> str:
    for share, time in sorted(after.items(), reverse=True):
        old, who = before[share], _WHO.get(float(share), f"{percent(float(share))} of everyone")
        if old is None and time is not None:
            return f"{who} has the alert after {duration(time)}, otherwise not by the end"
        if old is not None and time is None:
            return f"{who} does not have the alert by the end, otherwise after {duration(old)}"
        if old is not None and time is not None and old != time:
            apart = f"{duration(abs(time - old))} {'earlier' if time < old else 'later'}"
            after_both = duration(time), duration(old)
            if after_both[0] == after_both[1]:
                return f"{who} has the alert {apart} (after about {after_both[0]})"
            return f"{who} has the alert {apart} (after {after_both[0]}, not {after_both[1]})"
    return ""


def signed(number: float) -> str:
    """A count with its sign: "+1,200", "-3", "0"."""
    return f"{round(number):+,}" if round(number) else "0"


def signed_time(before: float | None, after: float | None) -> str:
    """How much later a time is, in words: "-2 min 10 s", "same"; of one that only one run has, when."""
    if after is None:
        return "never" if before is None else "not by the end"
    if before is None:
        return f"after {duration(after)}"
    if abs(after - before) < 0.05:
        return "same"
    return f"{'+' if after > before else '-'}{duration(abs(after - before))}"


def value_text(key: str, value: Any) -> str:
    """A value of a scenario for a table: short, without brackets where it can be."""
    if key.startswith("channels.") and key.count(".") == 1:
        return "off" if value is None else "on"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        given = (f"{k}: {value_text(k, v)}" for k, v in value.items() if v not in (None, [], {}))
        return _shortened(", ".join(given) or "none")
    if isinstance(value, list):
        return _shortened(_listed(value))
    return _shortened(f"{value:,.10g}" if isinstance(value, int | float) else str(value))


def _listed(values: Iterable[Any]) -> str:
    said = [str(v.get("kind") or v.get("name") or "…") if isinstance(v, Mapping) else str(v) for v in values]
    return ", ".join(said) or "none"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
