"""What a finished run's alert gateway and message centres say: texts, and receipts."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from ewsim.result.record import Result
from ewsim.units import to_us
from ewsim.wire.capture.writing import Spoken
from ewsim.wire.cast import events_of
from ewsim.wire.protocols import smpp
from ewsim.wire.speaking import sms

#: Country code 999 is nobody's (ITU-T E.164): the numbers of simulated phones begin with it.
_NOBODY: Final = 999_000_000_000
_GATEWAY: Final = {"system_id": "gateway", "interface_version": 0x34}


def texts_spoken(result: Result, phones: int) -> Iterator[Spoken]:
    """The texts that gateways give to message centres, and the receipts that come back."""
    sent = result.sent.get("location_based_sms")
    spec: Any = getattr(result.scenario.channels, "location_based_sms", None)
    if not sent or not phones or spec is None:
        return
    listed = {e.operator: e.at_us for e in events_of(result) if e.kind == "list_submitted"}
    people = result.people
    got = people["location_based_sms_received_s"].to_numpy(np.float64)
    tried = people["location_based_sms_sent_s"].notna().to_numpy()
    for operator, at_us in listed.items():
        names = ("alert gateway", f"{operator} SMSC")
        yield Spoken(at_us, *names, "SMPP", smpp.encode("bind_transceiver", _GATEWAY, sequence=1))
        yield _answer(at_us, names, "bind_transceiver_resp", {"system_id": "smsc"}, 1)
        mine = np.flatnonzero(tried & (people["operator"] == operator).to_numpy())[:phones]
        sequence = 2
        for person in mine.tolist():
            for part in sms(sent["text"], str(_NOBODY + person), sequence=sequence):
                name = f"{person}-{sequence}"
                yield Spoken(at_us, *names, "SMPP", part.octets)
                yield _answer(at_us, names, "submit_sm_resp", {"message_id": name}, sequence)
                if not np.isnan(got[person]):
                    done = {"esm_class": smpp.RECEIPT, "short_message": smpp.receipt(name)}
                    values = {**done, "source_addr": str(_NOBODY + person), "destination_addr": "ALERT"}
                    receipt_us = to_us(float(got[person]) + spec.core_routing_s)
                    octets = smpp.encode("deliver_sm", values, sequence=sequence)
                    yield Spoken(receipt_us, names[1], names[0], "SMPP", octets, caller=False)
                    again = smpp.encode("deliver_sm_resp", {}, sequence=sequence)
                    yield Spoken(receipt_us, *names, "SMPP", again)
                sequence += 1


def _answer(at_us: int, names: tuple[str, str], name: str, values: dict[str, Any], sequence: int) -> Spoken:
    octets = smpp.encode(name, values, sequence=sequence)
    return Spoken(at_us, names[1], names[0], "SMPP", octets, caller=False)
