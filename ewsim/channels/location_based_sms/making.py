"""From the CAP message's words to the SMS that is sent."""

import numpy as np

from ewsim import coding
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.channels.wiring import Made, Wiring, message_text


def make(wiring: Wiring, spec: LocationBasedSmsSpec) -> Made:
    """The channel of a scenario, with its text and what a report must say of it."""
    info = wiring.info(spec.language)
    sms = coding.sms_parts(message_text(info, spec.text))
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
    channel = LocationBasedSms(spec, sms.parts, wiring.targeted, wiring.scenario.alert)
    return Made(channel, {"part_count": sms.parts, "text": sms.text}, tuple(notes), (info.language,))
