"""Octets that were changed: every decoder reads them or says one thing, and never takes long."""

import random
import time

import pytest
from messages import applications, cbsp_messages, radio_blocks, smpp_messages

from ewsim.errors import WireError
from ewsim.wire.protocols import cbsp, rrc, smpp


def decoders():
    """Each protocol's decoder and messages of its own."""
    found = {}
    for protocol, _, _, octets in applications():
        found.setdefault(protocol.name, (protocol.decode, []))[1].append(octets)
    for rat, _, octets in radio_blocks():
        decode = lambda o, rat=rat: rrc.decode_information(rat, o)  # noqa: E731
        found.setdefault(rat, (decode, []))[1].append(octets)
    found["CBSP"] = cbsp.decode, [octets for _, _, octets in cbsp_messages()]
    found["SMPP"] = smpp.decode, [octets for _, _, octets in smpp_messages()]
    return found


DECODERS = decoders()


def mutated(octets, luck):
    """Some octets changed, cut off, put in or said twice."""
    changed = bytearray(octets)
    for _ in range(luck.choice((1, 1, 2, 5))):
        at = luck.randrange(len(changed) + 1)
        match luck.randrange(5):
            case 0 if at < len(changed):
                changed[at] ^= 1 << luck.randrange(8)
            case 1 if at < len(changed):
                changed[at] = luck.choice((0, 0x7F, 0x80, 0xC4, 0xFF))
            case 2:
                changed = changed[:at] or changed
            case 3:
                changed[at:at] = luck.randbytes(luck.randrange(1, 9))
            case _:
                changed[at:at] = changed[at : at + luck.randrange(1, 20)]
    return bytes(changed)


def attack(name, count):
    decode, messages = DECODERS[name]
    luck = random.Random(name)
    said, slowest = [], 0.0
    for _ in range(count):
        octets = mutated(luck.choice(messages), luck)
        start = time.process_time()
        try:
            decode(octets)
        except WireError as error:
            said.append(str(error))
        slowest = max(slowest, time.process_time() - start)
    assert slowest < 10
    assert len(said) > count / 10
    assert all(name in each and "\n" not in each for each in said)


@pytest.mark.parametrize("name", DECODERS)
def test_changed_messages_are_read_or_refused(name):
    attack(name, 300)


@pytest.mark.heavy
@pytest.mark.parametrize("name", DECODERS)
def test_ten_thousand_changed_messages(name):
    attack(name, 10_000)


@pytest.mark.parametrize("name", DECODERS)
def test_every_message_cut_short_is_refused_or_read(name):
    decode, messages = DECODERS[name]
    for octets in messages[:20]:
        for end in range(0, len(octets), 1 + len(octets) // 40):
            with pytest.raises(WireError):
                decode(octets[:end])
