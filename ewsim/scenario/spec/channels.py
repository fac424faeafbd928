"""The channels that carry the alert."""

from __future__ import annotations

from ewsim.scenario.spec.base import Model
from ewsim.scenario.spec.cell_broadcast import CellBroadcastSpec
from ewsim.scenario.spec.further_channels import AppPushSpec, CommunityRelaySpec, SatelliteSpec, SirenSpec
from ewsim.scenario.spec.location_based_sms import LocationBasedSmsSpec


class ChannelsSpec(Model):
    """The channels that carry the alert; null switches one off."""

    cell_broadcast: CellBroadcastSpec | None = CellBroadcastSpec()
    location_based_sms: LocationBasedSmsSpec | None = None
    siren: SirenSpec | None = None
    app_push: AppPushSpec | None = None
    satellite: SatelliteSpec | None = None
    community_relay: CommunityRelaySpec | None = None
