"""The key `warn_earlier_s`: the same day, with the decision to warn so much earlier.

Times of a scenario count from the decision, so everything that happens in the world comes later by as
much: disturbances, hazards, arrivals, journeys and the surge of calls. What the authority does after its
decision stays where it is, and so does the end of the run.
"""

import copy
from typing import Any

from ewsim.kinds import kinds_of
from ewsim.scenario.spec.base import LONGEST_S

#: Keys of times that count from the decision, in whatever the world does; a hazard's others count from its
#: own clock, which at_s places.
_TIMES = ("at_s", "restored_at_s", "leaves_s", "ends_s", "landfall_s", "start_s", "end_s")
#: Where `end_s` is without a value [s].
_END_S = 3600.0


def decided_earlier(data: dict[str, Any]) -> dict[str, Any]:
    """The data with `warn_earlier_s` carried out and left out; anything odd stays, to be refused."""
    by_s = data.get("warn_earlier_s")
    if isinstance(by_s, bool) or not isinstance(by_s, int | float) or not 0 < by_s <= LONGEST_S:
        return data
    data = {**copy.deepcopy(data), "warn_earlier_s": 0}
    people = data.get("population")
    people = people if isinstance(people, dict) else {}
    kinds = kinds_of("disturbance")
    for one in _rows(data.get("disturbances")):
        kind = kinds.get(str(one.get("kind")))
        needs = kind is None or kind.spec.model_fields["at_s"].is_required()
        _shift(one, by_s, {} if needs else {"at_s": 0.0})
        restoration = one.get("restoration")
        for stage in _rows(restoration.get("stages") if isinstance(restoration, dict) else None):
            _shift(stage, by_s, {})
    for name in ("flows", "arrivals"):
        for one in _rows(people.get(name)):
            _shift(one, by_s, {"start_s": 0.0, "end_s": _END_S})
    day = people.get("day")
    if isinstance(day, dict) and isinstance(day.get("hour"), int | float):
        day["hour"] = (day["hour"] - by_s / 3600) % 24
    channels = data.get("channels")
    for channel in channels.values() if isinstance(channels, dict) else ():
        surge = channel.get("surge") if isinstance(channel, dict) else None
        if isinstance(surge, dict):
            _shift(surge, by_s, {"at_s": 0.0})
    return data


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _shift(one: dict[str, Any], by_s: float, absent: dict[str, float]) -> None:
    for key in _TIMES:
        time = one.get(key, absent.get(key))
        if isinstance(time, int | float) and not isinstance(time, bool):
            one[key] = time + by_s
