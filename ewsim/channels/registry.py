"""Which channels there are: ours in their order, then those of the user's packages by name."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from ewsim import coding
from ewsim.channels.cb_plan import CbMessage
from ewsim.channels.cell_broadcast import CellBroadcast
from ewsim.channels.location_based_sms import LocationBasedSms
from ewsim.channels.wiring import Kind, Made, Wiring, message_text
from ewsim.errors import UsageError
from ewsim.scenario.plugins import plugged
from ewsim.scenario.spec import CellBroadcastSpec, LocationBasedSmsSpec
from ewsim.targeting import Geofence
from ewsim.units import to_us


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


def _cell_broadcast(wiring: Wiring, spec: CellBroadcastSpec) -> Made:
    alert, info = wiring.alert, wiring.info(spec.language)
    encoded = coding.encode_cb(message_text(info, spec.text))
    identifier = (
        spec.message_identifier
        if spec.message_identifier is not None
        else coding.message_identifier(alert.status, info.severity, info.urgency, info.certainty)
    )
    serial = coding.serial_number(spec.geographical_scope, spec.message_code, spec.update_number)
    message = CbMessage(
        message_identifier=identifier,
        serial_number=serial,
        page_count=len(encoded.pages),
        contents_octets=coding.warning_contents_octets(len(encoded.pages)),
        level=coding.level_of(identifier),
        duration_us=to_us(_duration_s(wiring, info.expires, spec.duration_s)),
    )
    sent = {
        "cb_message_identifier": identifier,
        "cb_serial_number": serial,
        "cb_pages": len(encoded.pages),
        "cb_alphabet": encoded.alphabet,
        "cb_text": encoded.text,
    }
    fence = wiring.scenario.targeting.geofence
    geofence = None if fence is None else Geofence(fence, wiring.area)
    return Made(CellBroadcast(spec, message, wiring.targeted, geofence), sent)


def _duration_s(wiring: Wiring, expires: datetime | None, duration_s: float | str) -> float:
    if not isinstance(duration_s, str):
        return duration_s
    if expires is None:
        raise wiring.fault(
            "alert",
            "the broadcast lasts until the message expires, and the message does not say when",
            "Add <expires> to its <info>, or give channels.cell_broadcast.duration_s in seconds.",
        )
    return max((expires - wiring.alert.sent).total_seconds(), 1.0)


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


#: The channels that come with ewsim, in the order in which they run.
OURS: dict[str, Kind] = {
    "cell_broadcast": Kind(CellBroadcastSpec, _cell_broadcast),
    "location_based_sms": Kind(LocationBasedSmsSpec, _location_based_sms),
}
