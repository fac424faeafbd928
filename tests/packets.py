"""One message of each kind in packets, and what is heard in them."""

from messages import applications, cbsp_messages, smpp_messages

from ewsim.wire.capture import writing
from ewsim.wire.capture.listening import Listener
from ewsim.wire.capture.writing import Packer, Spoken

NOW = 1_700_000_000_000_000


def conversation():
    """One message of each kind, in both directions."""
    octets = [("CBSP", o) for _, _, o in cbsp_messages()] + [("SMPP", o) for _, _, o in smpp_messages()]
    octets += [(p.name, o) for p, _, _, o in applications()]
    return [Spoken(NOW + n, "a", "b", p, o, True) for n, (p, o) in enumerate(octets)]


def packed(spoken, size):
    """Packets of at most so many octets of each message."""
    before, writing._PIECE_OCTETS = writing._PIECE_OCTETS, size
    try:
        packer = Packer()
        return [packet for each in spoken for packet in packer.pack(each)]
    finally:
        writing._PIECE_OCTETS = before


def listened(packets, ports=None):
    listener = Listener(ports)
    heard = [(s.protocol, s.octets) for packet in packets for s in listener.hear(packet)]
    heard += [(s.protocol, s.octets) for s in listener.finish(0)]
    return heard, listener.faults


SPOKEN = conversation()
SAID = sorted((s.protocol, s.octets) for s in SPOKEN)
