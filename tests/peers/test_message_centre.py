"""The message centre for a real SMPP client, and the client for a real centre, on loopback."""

import socket
import threading
from queue import Queue

import pytest

from ewsim.peers.centre import said_to, speak
from ewsim.peers.connection import address_of
from ewsim.peers.message_centre import MessageCentre, fates
from ewsim.wire.protocols import smpp
from ewsim.wire.speaking import sms
from ewsim.wire.transcript import spoken_in

TOOK_S = [1.0, None, 3.0]

# It waits for sockets; what is asked and answered is in test_controllers.
pytestmark = pytest.mark.heavy


@pytest.fixture
def centre():
    """A centre in a thread: its address, and what it has done at the end."""
    made = MessageCentre(TOOK_S, validity_s=5, speed=50)
    where = Queue()
    thread = threading.Thread(
        target=made.run,
        args=(address_of("127.0.0.1:0", "SMPP"), 20, lambda _, address: where.put(address)),
        daemon=True,
    )
    thread.start()
    made.address = where.get(timeout=60)
    made.thread = thread
    yield made
    thread.join(timeout=60)
    assert not thread.is_alive()


class Client:
    def __init__(self, address):
        self.socket = socket.create_connection((address.host, address.port), timeout=60)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, name, values=None, sequence=1):
        self.socket.sendall(smpp.encode(name, values or {}, sequence=sequence))

    def hear(self):
        while not (length := smpp.message_length(self.left)) or len(self.left) < length:
            some = self.socket.recv(65536)
            assert some, "the centre has closed the connection"
            self.left += some
        message, self.left = self.left[:length], self.left[length:]
        return smpp.decode(message)


def test_each_number_takes_the_fate_of_a_phone(centre):
    with Client(centre.address) as client:
        client.say("bind_transceiver", {"system_id": "gateway"})
        assert client.hear()[0] == "bind_transceiver_resp"
        names = {}
        for n, to in enumerate(("999001", "999002", "999003"), 2):
            client.socket.sendall(sms("Go up now.", to, sequence=n)[0].octets)
            name, fields = client.hear()
            assert (name, fields["sequence"], fields["status"]) == ("submit_sm_resp", n, 0)
            names[fields["message_id"]] = to
        got = {}
        for _ in range(3):
            name, fields = client.hear()
            assert name == "deliver_sm"
            identity, state = smpp.read_receipt(fields)
            assert names[identity] == fields["source_addr"]
            got[fields["source_addr"]] = state
            client.say("deliver_sm_resp", sequence=fields["sequence"])
        assert got == {"999001": "DELIVRD", "999002": "EXPIRED", "999003": "DELIVRD"}
        assert list(got) == ["999001", "999003", "999002"]  # in the order of their times
        client.say("enquire_link", sequence=9)
        assert client.hear()[0] == "enquire_link_resp"
        client.say("unbind", sequence=10)
        assert client.hear()[0] == "unbind_resp"
    centre.thread.join(timeout=60)
    assert list(centre.lines()) == [
        "3 numbers, 3 texts or parts",
        "  2 DELIVRD",
        "  1 EXPIRED",
        "  3 receipts taken by the client, 0 not due yet",
    ]


def test_a_long_text_is_one_fate_and_a_receipt_for_each_part(centre):
    with Client(centre.address) as client:
        client.say("bind_transmitter", {"system_id": "gateway"})
        client.hear()
        parts = sms("Water is rising. " * 20, "999001", sequence=2)
        assert len(parts) == 3
        for part in parts:
            client.socket.sendall(part.octets)
        heard = [client.hear() for _ in range(6)]
        assert [name for name, _ in heard].count("submit_sm_resp") == 3
        assert {smpp.read_receipt(f)[1] for name, f in heard if name == "deliver_sm"} == {"DELIVRD"}


def test_who_is_not_bound_or_says_nonsense_is_refused(centre):
    with Client(centre.address) as client:
        client.socket.sendall(sms("x", "999001")[0].octets)
        assert client.hear()[1]["status"] == 4  # ESME_RINVBNDSTS
        client.socket.sendall(bytes.fromhex("00000010 00000103 00000000 00000007"))  # data_sm
        name, fields = client.hear()
        assert (name, fields["sequence"]) == ("generic_nack", 7)
        client.socket.sendall(bytes.fromhex("00000012 00000004 00000000 00000008 0000"))  # cut short
        assert client.hear()[0] == "generic_nack"
        client.say("bind_receiver", {"system_id": "gateway"})
        client.hear()
        client.socket.sendall(bytes.fromhex("00000001"))  # no length: the stream cannot be read on
        assert client.socket.recv(100) == b""


def test_the_runs_own_gateway_gets_its_receipts(whole_run):
    took_s = fates(whole_run)
    people = whole_run.people
    tried = people["location_based_sms_sent_s"].notna()
    got = people.loc[tried, "location_based_sms_received_s"].notna()
    assert [t is not None for t in took_s] == got.tolist()
    made, where = MessageCentre(took_s, validity_s=3600, speed=1e5), Queue()
    thread = threading.Thread(
        target=made.run,
        args=(address_of("127.0.0.1:0", "SMPP"), 20, lambda _, address: where.put(address)),
        daemon=True,
    )
    thread.start()
    requests = said_to(spoken_in(whole_run, phones=20), "SMPP")
    heard = speak(requests, where.get(timeout=60), speed=1e4, answers_s=0.5)
    thread.join(timeout=60)
    submits = sum(smpp.decode(r.octets)[0] == "submit_sm" for r in requests)
    assert not heard.refusals
    assert heard.names["submit_sm_resp"] == submits
    assert heard.names["deliver_sm"] == submits
