"""Which channels there are: ours in their order, then those of the user's packages by name."""

from __future__ import annotations

import numpy as np

from ewsim import coding
from ewsim.channels.app_push import AppPush
from ewsim.channels.cell_broadcast import writing
from ewsim.channels.community_relay import CommunityRelay
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.channels.satellite import Satellite
from ewsim.channels.siren import Siren, grid
from ewsim.channels.wiring import Kind, Made, Wiring, message_text
from ewsim.errors import UsageError
from ewsim.geography import plane
from ewsim.scenario.plugins import plugged
from ewsim.scenario.spec import (
    AppPushSpec,
    CellBroadcastSpec,
    CommunityRelaySpec,
    LocationBasedSmsSpec,
    SatelliteSpec,
    SirenSpec,
)


def make(wiring: Wiring) -> list[Made]:
    """The channels that a scenario has switched on, made anew, in their order."""
    made = []
    for name, kind in kinds().items():
        spec = getattr(wiring.scenario.channels, name, None)
        if spec is not None:
            made.append(kind.make(wiring, spec))
    return made


def kinds() -> dict[str, Kind]:
    """Every kind of channel by its key under `channels`."""
    plugins = plugged()
    for name, kind in plugins.items():
        if not isinstance(kind, Kind):
            raise UsageError(
                f"the channel {name!r} of an installed package is no channel: its entry point "
                f"names a {type(kind).__name__}, not an ewsim.channels.wiring.Kind."
            )
    return {**OURS, **plugins}


def _location_based_sms(wiring: Wiring, spec: LocationBasedSmsSpec) -> Made:
    sms = coding.sms_parts(message_text(wiring.info(spec.language), spec.text))
    notes = []
    if sms.truncated:
        notes.append(
            f"The SMS was cut after {coding.SMS_MAX_PARTS} parts: a message has no more "
            "(TS 23.040, 9.2.3.24.1)."
        )
    reach_s = np.cumsum(spec.retry_s)
    late = int((reach_s > spec.validity_s).sum())
    if late:
        notes.append(
            f"Of the {len(spec.retry_s)} retries of an SMS the last {late} would begin after its "
            f"validity period of {spec.validity_s:g} s and are never made (TS 23.040, 9.2.3.12)."
        )
    return Made(
        LocationBasedSms(spec, sms.parts, wiring.targeted),
        {"sms_parts": sms.parts, "sms_text": sms.text},
        tuple(notes),
    )


def _siren(wiring: Wiring, spec: SirenSpec) -> Made:
    notes: tuple[str, ...] = ()
    if spec.positions is None:
        x, y = grid(wiring.population.people, wiring.area, spec.spacing_m, spec.people_each_count)
        notes = (f"The {x.size} sirens of the alert area are placed on a grid, not read.",)
    else:
        lat, lon = np.array(spec.positions, dtype=np.float64).reshape(-1, 2).T
        x, y = wiring.network.frame.to_xy(lat, lon)
        inside = plane.contains(wiring.area, x, y)
        x, y = x[inside], y[inside]
    if not x.size:
        raise wiring.fault(
            "channels.siren",
            "no siren stands in the alert area",
            "Give positions in it, or a smaller people_each_count.",
        )
    return Made(Siren(spec, x, y), notes=notes)


#: The channels that come with ewsim, in the order in which they run.
OURS: dict[str, Kind] = {
    "cell_broadcast": Kind(CellBroadcastSpec, writing.make),
    "location_based_sms": Kind(LocationBasedSmsSpec, _location_based_sms),
    "siren": Kind(SirenSpec, _siren),
    "app_push": Kind(AppPushSpec, lambda wiring, spec: Made(AppPush(spec, wiring.area))),
    "satellite": Kind(SatelliteSpec, lambda _, spec: Made(Satellite(spec))),
    "community_relay": Kind(CommunityRelaySpec, lambda wiring, spec: Made(CommunityRelay(spec, wiring.area))),
}
