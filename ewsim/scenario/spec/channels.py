"""The channels that carry the alert; each kind of channel adds its key (`ewsim.scenario.model`)."""

from __future__ import annotations

from ewsim.scenario.spec.base import Model


class ChannelsSpec(Model):
    """The channels that carry the alert; null switches one off."""

    def given(self) -> dict[str, Model]:
        """The keys of each channel that is switched on, by its name."""
        return {name: spec for name, spec in self if spec is not None}
