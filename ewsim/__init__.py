"""ewsim: this alert, over this network, on this day: who was reached, when, who was missed, why.

    loaded = ewsim.load_scenario("scenarios/island_cyclone.yaml")
    result = ewsim.run_scenario(loaded)
    ewsim.report.write(result, "report.html")

The names are imported when they are first used, so that `import ewsim` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ewsim import kinds
from ewsim.version import __version__

if TYPE_CHECKING:
    from ewsim import cap, report
    from ewsim.experiments.replications import run_scenario
    from ewsim.result.record import Result
    from ewsim.scenario.load import load_scenario

__all__ = ["Result", "__version__", "cap", "load_scenario", "report", "run_scenario"]

kinds.built_in(
    "ewsim.channels.cell_broadcast.kind:KIND",
    "ewsim.channels.location_based_sms.kind:KIND",
    "ewsim.channels.siren.kind:KIND",
    "ewsim.channels.app_push.kind:KIND",
    "ewsim.channels.satellite.kind:KIND",
    "ewsim.channels.community_relay.kind:KIND",
    "ewsim.disturbances.kind:POWER_LOSS",
    "ewsim.disturbances.kind:BACKHAUL_CUT",
    "ewsim.disturbances.kind:SITE_DESTROYED",
)

_WHERE = {
    "Result": "ewsim.result.record",
    "load_scenario": "ewsim.scenario.load",
    "run_scenario": "ewsim.experiments.replications",
}


def __getattr__(name: str) -> Any:
    """A name of the interface, from the module where it lives."""
    from importlib import import_module

    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    if name in __all__:
        return import_module(f"ewsim.{name}")
    raise AttributeError(f"module 'ewsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The names of the interface."""
    return __all__
