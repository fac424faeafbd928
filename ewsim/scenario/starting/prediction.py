"""A scenario that predicts a national test from what an authority knows before it.

Reach is a product: phones, switched on, capable, not opted out, with a network available. So an error of
an input goes straight into the answer; `docs/guides/national_test.md` says by how much.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ewsim.errors import UsageError
from ewsim.files import write_files
from ewsim.scenario.presets import as_yaml
from ewsim.scenario.spec.handsets import HandsetSpec
from ewsim.scenario.spec.population import NIGHT_ON_SHARE, is_night
from ewsim.scenario.starting.starter import channel_names, filled, name_of, operators_of, stamp

#: Message identifier of each level (TS 23.041, 9.4.1.2.2).
LEVELS = {"1": 4370, "2": 4371, "3": 4373, "4": 4396, "test": 4380}
#: People of the scenario at most; a larger country is a part of itself with the same density.
PEOPLE_MAX, SIMULATED_MAX = 600_000, 60_000
#: Assumption: people a settlement (Denmark 2023: 10,000).
PEOPLE_A_SETTLEMENT = 10_000
#: Assumption: rural people outside any settlement (Denmark 0.39, United Kingdom 0.29, Germany 0.26).
OUTSIDE_SHARE = 0.4
#: Assumption: of people with a phone those who can camp, also indoors (0.93 to 0.99); for the sum by hand.
AVAILABLE = 0.97
#: Assumption: people at work on a day of the weekend (0.1 to 0.3).
WEEKEND_WORK = 0.2


@dataclass(frozen=True, slots=True)
class Answers:
    """What an authority says: shares are of 1, `when` is local time.

    `capable_of` is phones, smartphones or people; `net_of` what the capable share leaves out already (off,
    opt_out); `operators` are A:0.4:4G+5G, with commas; `sure` is how far the capable share may be off.
    `channels` are names with commas.
    """

    people: int
    area_km2: float
    urban_share: float
    when: datetime
    ownership: float
    capable: float
    capable_of: str
    level: str
    operators: str
    of_age: int = 10
    opt_out: float = 0.0
    net_of: frozenset[str] = frozenset()
    generations: str = ""
    coverage: float = 0.98
    gateway: str = "direct"
    sure: float = 0.05
    channels: str = "cell_broadcast"


def national_test(name: str, said: Answers) -> tuple[dict[str, Any], float]:
    """The data of the scenario, and the share that a sum by hand gives for owners' age group.

    Raises
    ------
    UsageError
        The answers cannot be true together.
    """
    generations = _generations(said.generations)
    part = max(1, math.ceil(said.people / PEOPLE_MAX))
    people = round(said.people / part)
    hour = said.when.hour + said.when.minute / 60
    night, weekend = is_night(hour), said.when.weekday() >= 5
    by_hour = NIGHT_ON_SHARE if night else float(HandsetSpec.model_fields["on_share"].default)
    on = 1.0 if "off" in said.net_of else by_hour
    enabled = 1.0 if "opt_out" in said.net_of or said.level == "1" else 1 - said.opt_out
    phones = {
        "ownership_share": said.ownership,
        "own_phone_age_years": said.of_age,
        "rat_shares": generations,
        "cb_capable_share": _capable(said, said.capable, generations),
        "on_share": on,
        "switch_on_share": 0.0 if "off" in said.net_of else 0.2,
        "enabled_share": enabled,
    }
    if said.level == "test":
        phones["test_enabled_share"] = enabled
    low, high = (min(1.0, max(0.0, said.capable + by)) for by in (-said.sure, said.sure))
    arms = {
        f"capable_{word}": {
            "population": {"handsets": {"cb_capable_share": _capable(said, c, generations, clip=True)}}
        }
        for word, c in (("low", low), ("high", high))
    }
    day = {"hour": round(hour, 2)} | ({"work_share": WEEKEND_WORK, "school_share": 0.0} if weekend else {})
    data = {
        "format": "ewsim.scenario/1",
        "name": name,
        "title": f"National test, {name.replace('_', ' ')}",
        "seed": 1,
        "horizon_s": 2400,
        "alert": {"path": f"{name}.xml", "gateway": said.gateway, "authoring_delay_s": 0},
        "targeting": {"policy": "site_in"},
        "network": {
            "operators": operators_of(said.operators),
            "synthesis": {"coverage_target": said.coverage},
        },
        "population": {
            "people_count": people,
            "weight": max(1, math.ceil(people / SIMULATED_MAX)),
            "island": {"centre": [0, -30], "area_km2": round(max(2.0, said.area_km2 / part), 1)},
            "settlement_count": max(1, round(people / PEOPLE_A_SETTLEMENT)),
            "rural_share": round(OUTSIDE_SHARE * (1 - said.urban_share), 3),
            "day": day,
            "handsets": phones,
        },
        "channels": _channels(said),
        "arms": arms,
    }
    by_hand = said.ownership * on * _of_phones(said, said.capable) * enabled * AVAILABLE
    return data, by_hand


def write_national_test(file: Path, said: Answers, *, force: bool = False) -> tuple[list[Path], str]:
    """Write the scenario and its message; the paths, and the sum by hand in words.

    Parameters
    ----------
    file
        The scenario file.
    said
        The authority's answers.
    force
        Whether existing files are replaced.

    Raises
    ------
    UsageError
        The name does not end in .yaml, a file is there already, or the answers cannot be true together.
    """
    name = name_of(file, "national_test")
    data, by_hand = national_test(name, said)
    radius_km = math.ceil(2 * data["population"]["island"]["area_km2"] ** 0.5)
    data["alert"]["path"] = file.with_suffix(".xml").name
    times = {"sent": stamp(said.when), "expires": stamp(said.when + timedelta(hours=1))}
    alert = filled("national_test.xml", name=name, radius_km=radius_km, **times)
    phones = data["population"]["handsets"]
    words = (
        f"By hand, cell broadcast, of people of {said.of_age} and over: {said.ownership:g} have a phone x "
        f"{phones['on_share']:g} on x {_of_phones(said, said.capable):.3g} capable x "
        f"{phones['enabled_share']:g} not opted out x {AVAILABLE:g} available (assumption) = "
        f"{by_hand:.0%}."
    )
    written = {file: _text(data).encode(), file.with_suffix(".xml"): alert.encode()}
    write_files(written, force=force)
    return list(written), words


def _channels(said: Answers) -> dict[str, dict[str, Any] | None]:
    """The channels as the scenario has them; all but cell broadcast with their defaults."""
    named = channel_names(said.channels)
    broadcast = {"text": "headline", "message_identifier": LEVELS[said.level]}
    first = {"cell_broadcast": broadcast if "cell_broadcast" in named else None}
    return first | {name: {} for name in named if name != "cell_broadcast"}


def _of_phones(said: Answers, capable: float) -> float:
    """The capable share, of phones."""
    if said.capable_of != "people":
        return capable
    if capable > said.ownership:
        what = f"{capable:.0%} of people cannot have a capable phone if {said.ownership:.0%} have a phone"
        raise UsageError(
            f"--capable {capable:g} --capable-of people: {what}. Check --capable and --ownership."
        )
    return capable / said.ownership


def _capable(said: Answers, capable: float, generations: Mapping[str, float], *, clip: bool = False) -> float:
    """The capable share of 4G and 5G phones, from that of all phones and those of 2G and 3G phones."""
    if said.capable_of == "smartphones":
        return round(capable, 4)
    defaults, total = HandsetSpec(), sum(generations.values())
    old = (
        generations.get("2G", 0) * defaults.cb_capable_2g_share
        + generations.get("3G", 0) * defaults.cb_received_3g_share
    ) / total
    new = (generations.get("4G", 0) + generations.get("5G", 0)) / total
    phones = (
        capable
        if clip and said.capable_of == "phones"
        else _of_phones(said, min(capable, said.ownership) if clip else capable)
    )
    share = (phones - old) / new if new else math.inf
    if clip:
        return round(min(1.0, max(0.0, share)), 4)
    if not 0 <= share <= 1:
        raise UsageError(
            f"--capable {capable:g} does not fit --generations: 2G and 3G phones give {old:.3g} of all, and "
            f"4G and 5G phones are {new:.3g} of all, so {phones:.3g} of all would need {share:.3g} of them. "
            f"Give {old:.3g} to {old + new:.3g} of phones, or other generations."
        )
    return round(share, 4)


def _generations(text: str) -> dict[str, float]:
    """Shares by generation: 2G:0.1,4G:0.9; the defaults of a run for nothing."""
    if not text:
        return {str(rat): float(share) for rat, share in HandsetSpec().rat_shares.items()}
    found = {}
    for part in text.split(","):
        rat, _, share = part.strip().partition(":")
        if rat not in ("2G", "3G", "4G", "5G") or not re.fullmatch(r"\d*\.?\d+", share):
            raise UsageError(
                f"--generations {part.strip()!r} is not a share. Write for example 2G:0.1,4G:0.6,5G:0.3."
            )
        found[rat] = float(share)
    if not sum(found.values()):
        raise UsageError("--generations has only shares of 0. Write for example 4G:0.6,5G:0.4.")
    return found


_SAYS = {
    "people_count": "you said; a large country is a part of itself with the same density",
    "area_km2": "you said, for the same part",
    "rural_share": f"outside settlements: {OUTSIDE_SHARE:g} of the rural people (assumption, 0.25 to 0.4)",
    "settlement_count": "assumption: 10,000 people each",
    "hour": "you said; the weekend has fewer people at work",
    "ownership_share": "you said",
    "cb_capable_share": "from what you said: of 4G and 5G phones",
    "on_share": "assumption: by day 0.93 to 0.99, by night 0.8 to 0.95; 1: --capable leaves them out",
    "switch_on_share": "assumption (0 to 0.5)",
    "enabled_share": "you said",
    "test_enabled_share": "you said",
    "coverage_target": "outdoors, of people: asked, default 0.98 (0.95 to 0.999)",
    "gateway": "you said, or direct",
}


def _text(data: dict[str, Any]) -> str:
    lines = []
    for line in as_yaml(data).splitlines():
        key = re.match(r" *(\w+):", line)
        note = _SAYS.get(key[1], "") if key else ""
        lines.append(f"{line}  # {note}" if note else line)
    return filled("prediction.txt", lines="\n".join(lines))
