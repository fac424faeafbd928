"""ewsim: this alert, over this network, on this day: who was reached, when, who was missed, why.

    loaded = ewsim.load_scenario("scenarios/island_cyclone.yaml")
    result = ewsim.run_scenario(loaded)
    ewsim.report.write(result, "report.html")

The names are imported when they are first used, so that `import ewsim` costs nothing.
"""

from __future__ import annotations

from ewsim.version import __version__

TYPE_CHECKING = False  # as in typing, whose import would cost more than all of this
if TYPE_CHECKING:
    from ewsim import cap, report
    from ewsim.experiments.comparison import compare
    from ewsim.experiments.replications import run_scenario
    from ewsim.result.record import Result
    from ewsim.scenario.load import load_scenario

__all__ = ["Result", "__version__", "cap", "compare", "load_scenario", "report", "run_scenario"]

_WHERE = {
    "compare": "ewsim.experiments.comparison",
    "Result": "ewsim.result.record",
    "load_scenario": "ewsim.scenario.load",
    "run_scenario": "ewsim.experiments.replications",
}


def __getattr__(name: str) -> object:
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
