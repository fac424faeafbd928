"""What comes over a socket is not trusted: lengths, halves of messages, floods, noise."""

import asyncio
import contextlib
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ewsim.errors import RunError, UsageError
from ewsim.peers import connection
from ewsim.peers.connection import Address, address_of
from ewsim.peers.serving import Endpoints, run_whole, serve
from ewsim.wire.protocols import cbsp
from ewsim.wire.speaking import WireWarning

ALIVE = cbsp.encode("KEEP-ALIVE", {"keep_alive_period": 10})
ALIVE_ANSWER = cbsp.encode("KEEP-ALIVE COMPLETE", {})

# It waits for sockets; what is asked and answered is in test_controllers.
pytestmark = pytest.mark.heavy


def connect(playing, protocol="CBSP"):
    address = playing.where[protocol]
    opened = socket.create_connection((address.host, address.port), timeout=60)
    opened.settimeout(60)
    return opened


def read_all(opened):
    found = b""
    while some := opened.recv(65536):
        found += some
    return found


def read(opened, octets):
    found = b""
    while len(found) < octets and (some := opened.recv(65536)):
        found += some
    return found


@pytest.fixture(scope="module")
def serving(play):
    playing = play("CBSP", "SBc-AP", seconds=60)
    yield playing
    with connect(playing) as opened:  # one warning and a closed connection end the session
        here = playing.session._of().directory
        warning = WireWarning(4371, 0x4010, "x").cbsp([here.cells[here.by_protocol["CBSP"][0]]])
        opened.sendall(warning.octets)
        opened.recv(65536)
    playing.ended()


def test_noise_lengths_and_halves_end_one_connection_and_nothing_else(serving, monkeypatch):
    with connect(serving) as opened:  # a message in three pieces is one message
        for piece in (ALIVE[:2], ALIVE[2:5], ALIVE[5:]):
            opened.sendall(piece)
            time.sleep(0.05)
        assert opened.recv(100) == ALIVE_ANSWER
    with connect(serving) as opened:  # two in one piece are two
        opened.sendall(ALIVE + ALIVE)
        assert read(opened, 2 * len(ALIVE_ANSWER)) == 2 * ALIVE_ANSWER
    with connect(serving) as opened:  # 16 million octets are said to come
        opened.sendall(b"\x01\xff\xff\xff")
        assert read_all(opened) == b""
    monkeypatch.setattr(connection, "PATIENCE_S", 0.3)
    with connect(serving) as opened:  # half a message and silence
        opened.sendall(ALIVE[:5])
        assert read_all(opened) == b""
    monkeypatch.undo()
    with connect(serving) as opened:  # half a message and the end
        opened.sendall(ALIVE[:5])
    with connect(serving, "SBc-AP") as opened:
        opened.sendall(b"\x00\x00\x00\xc9" + bytes(100))
        assert read_all(opened) == b""
    noise = random.Random(1)
    for _ in range(20):
        with connect(serving) as opened:
            opened.sendall(noise.randbytes(noise.randrange(1, 400)))
    with connect(serving) as opened:
        opened.sendall(ALIVE)
        assert opened.recv(100) == ALIVE_ANSWER
    said = "\n".join(serving.lines)
    assert "400000 are read" in said
    assert "had not ended" in said
    assert "the connection ended inside a message" in said
    assert "Traceback" not in said


def test_a_flood_is_answered_message_by_message(serving):
    with connect(serving) as opened:
        opened.sendall(ALIVE * 2000)
        found = b""
        while len(found) < 2000 * len(ALIVE_ANSWER):
            found += opened.recv(65536)
    assert found == 2000 * ALIVE_ANSWER


def test_connections_are_bounded(serving):
    held = [connect(serving) for _ in range(connection.MOST_CONNECTIONS)]
    held[-1].sendall(ALIVE)
    assert held[-1].recv(100) == ALIVE_ANSWER
    with connect(serving) as one_more, contextlib.suppress(ConnectionResetError):
        assert one_more.recv(100) == b""
    for opened in held:
        opened.close()


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", ("127.0.0.1", 48049)),
        (":1", ("127.0.0.1", 1)),
        ("localhost", ("localhost", 48049)),
        ("10.0.0.1:65535", ("10.0.0.1", 65535)),
        ("[::1]:7", ("::1", 7)),
        ("[::1]", ("::1", 48049)),
    ],
)
def test_addresses(text, want):
    assert address_of(text, "CBSP")[:2] == want
    assert not address_of(text, "CBSP", tcp=False).sctp
    assert address_of(text, "SBc-AP", tcp=False).sctp


@pytest.mark.parametrize("text", ["a:b", ":65536", ":-1", "h:1x", "h:٣"])
def test_bad_addresses_say_what_to_write(text):
    with pytest.raises(UsageError, match="Write HOST:PORT"):
        address_of(text, "CBSP")


def test_an_address_that_is_taken_and_one_where_nobody_is(play):
    from ewsim.peers.centre import speak
    from ewsim.wire.capture.writing import Spoken

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = Address("127.0.0.1", taken.getsockname()[1])

        async def handle(reader, writer):
            del reader, writer

        with pytest.raises(RunError, match="cannot be listened on"):
            run_whole(connection.listen(address, "CBSP", handle))
    with pytest.raises(RunError, match="nobody answers"):
        speak([Spoken(0, "A CBC", "A BSC", "CBSP", ALIVE)], address)


def test_a_session_runs_where_a_loop_runs_already():
    async def answer():
        return 42

    async def as_in_a_notebook():
        return run_whole(answer())

    assert run_whole(as_in_a_notebook()) == 42


class Ending:
    """Ends the session once somebody is connected, with more to say than the peer reads."""

    def take(self, link, octets):
        pass

    def tick(self, links):
        for link in links:
            link.writer.write(bytes(32 << 20))
        return not links


def test_a_session_that_ends_while_a_peer_does_not_read_says_nothing_of_it(caplog):
    async def session():
        met = asyncio.get_running_loop().create_future()
        where = Endpoints(listen=[("CBSP", Address("127.0.0.1", 0))])
        ends = asyncio.ensure_future(serve(Ending(), where, 60, opened=lambda _, at: met.set_result(at)))
        address = await met
        with socket.create_connection((address.host, address.port)):
            await ends

    with ThreadPoolExecutor(1) as apart:  # a browser's test may have left a loop in this thread
        apart.submit(asyncio.run, session()).result()
    assert not caplog.records
