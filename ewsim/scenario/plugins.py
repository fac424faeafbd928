"""Channels of the user's own packages: found by entry point, checked like ours.

A package names an `ewsim.channels.wiring.Kind` in the entry point group `ewsim.channels`; the
entry point's name is then a key under `channels` of every scenario on that machine. The published
JSON Schema is that of the channels that come with ewsim.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from pydantic import create_model

from ewsim.errors import UsageError
from ewsim.scenario.spec import ChannelsSpec, Scenario

#: The entry point group.
GROUP = "ewsim.channels"


@cache
def plugged() -> dict[str, Any]:
    """What the installed packages' entry points name, in the order of their names."""
    found: dict[str, Any] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        where = f"the channel {point.name!r} of an installed package ({point.value})"
        if point.name in ChannelsSpec.model_fields or point.name in found:
            raise UsageError(f"{where} has the name of another channel. Rename its entry point.")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", point.name):
            raise UsageError(f"{where} needs a name of small letters, digits and underscores.")
        try:
            found[point.name] = point.load()
        except Exception as error:
            raise UsageError(f"{where} cannot be loaded: {error}. Mend or uninstall it.") from error
    return found


@cache
def scenario_model() -> type[Scenario]:
    """`Scenario` with a key under `channels` for each plugged-in channel, off unless given."""
    plugins = plugged()
    if not plugins:
        return Scenario
    keys: dict[str, Any] = {name: (kind.spec | None, None) for name, kind in plugins.items()}
    channels = create_model("PluggedChannels", __base__=ChannelsSpec, __module__=__name__, **keys)
    return create_model(
        "PluggedScenario", __base__=Scenario, __module__=__name__, channels=(channels, channels())
    )


def __getattr__(name: str) -> Any:
    """The models made above, by name, so that worker processes can unpickle a scenario."""
    if name == "PluggedScenario":
        return scenario_model()
    if name == "PluggedChannels":
        return scenario_model().model_fields["channels"].annotation
    raise AttributeError(name)
