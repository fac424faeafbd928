"""The clock of all pages: the studio leads, pages compute the moment they show."""

import time
from collections.abc import Mapping
from typing import Any, Final

from ewsim.errors import UsageError

#: Scenario seconds a second, at least and at most.
SLOWEST, FASTEST = 1.0, 600.0
#: A clock that stands at the decision, and what it does at first when the alert is sent.
AT_START: Final = {"time_s": 0.0, "speed": 0.0, "at_s": 0.0}
FIRST_SPEED: Final = 60.0


def shown_s(clock: Mapping[str, Any], until_s: float, now_s: float | None = None) -> float:
    """The scenario's time that pages show [s].

    Parameters
    ----------
    clock
        The scenario's time [s] at a wall time `at_s` [s since 1970], and its speed.
    until_s
        The end of the run [s], where the clock stands still.
    now_s
        The wall time [s since 1970]; None: now.
    """
    passed = (time.time() if now_s is None else now_s) - float(clock["at_s"])
    return min(float(clock["time_s"]) + max(passed, 0.0) * float(clock["speed"]), until_s)


def set_to(time_s: float, speed: float, now_s: float | None = None) -> dict[str, float]:
    """A clock that shows a moment now, and runs.

    Parameters
    ----------
    time_s
        The scenario's time [s].
    speed
        Scenario seconds a second [1]; 0: it stands.
    now_s
        The wall time [s since 1970]; None: now.
    """
    if speed and not SLOWEST <= speed <= FASTEST:
        raise UsageError(f"Time runs at {SLOWEST:g} to {FASTEST:g} times. Choose a speed between them.")
    return {"time_s": time_s, "speed": speed, "at_s": time.time() if now_s is None else now_s}
