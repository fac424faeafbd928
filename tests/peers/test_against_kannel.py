"""Our message centre against Kannel, an SMS gateway, on loopback."""

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from queue import Queue

import pytest

from ewsim.peers.connection import address_of
from ewsim.peers.message_centre import MessageCentre

pytestmark = [pytest.mark.heavy]

WHY = "needs the package kannel"
PHONES = 100
#: Every third phone is never reached, the others after 1 to 20 s of the run.
TOOK_S = [None if n % 3 == 2 else 1.0 + n % 20 for n in range(PHONES)]

CONFIG = """group = core
admin-port = {admin}
admin-password = secret
smsbox-port = {box}
box-allow-ip = 127.0.0.1

group = smsc
smsc = smpp
smsc-id = ewsim
host = 127.0.0.1
port = {smsc}
smsc-username = gateway
smsc-password = secret
system-type = VMA
transceiver-mode = true

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}

group = sendsms-user
username = planner
password = secret
max-messages = 10
concatenation = true
"""


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


@pytest.fixture
def centre():
    made, where = MessageCentre(TOOK_S, validity_s=60, speed=20), Queue()
    thread = threading.Thread(
        target=made.run,
        args=(address_of("127.0.0.1:0", "SMPP"), 90, lambda _, address: where.put(address)),
        daemon=True,
    )
    thread.start()
    made.address = where.get(timeout=20)
    yield made
    thread.join(timeout=100)
    assert not thread.is_alive()


@pytest.fixture
def kannel(centre, tmp_path):
    """Kannel with our centre as its only message centre; the port that takes texts."""
    paths = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    programs = [shutil.which(name, path=paths) for name in ("bearerbox", "smsbox")]
    if not all(programs):
        if os.environ.get("EWSIM_REQUIRE_PEERS"):
            pytest.fail(f"a real SMPP client is wanted here: {WHY}")
        centre.run_out = True
        socket.create_connection(centre.address[:2]).close()
        pytest.skip(WHY)
    ports = dict(zip(("admin", "box", "send"), free_ports(3), strict=True))
    config = tmp_path / "kannel.conf"
    config.write_text(CONFIG.format(smsc=centre.address.port, **ports))
    with contextlib.ExitStack() as running:
        log = running.enter_context((tmp_path / "kannel.log").open("w"))
        for program, port in zip(programs, (ports["box"], ports["send"]), strict=True):
            process = subprocess.Popen([program, str(config)], stdout=log, stderr=log)
            running.callback(process.wait)
            running.callback(process.kill)
            until = time.monotonic() + 20
            while time.monotonic() < until:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
        yield ports["send"]


def send(port, to, text):
    values = {"username": "planner", "password": "secret", "from": "ALERT", "to": to, "text": text}
    asks = urllib.parse.urlencode({**values, "dlr-mask": 31, "dlr-url": "http://127.0.0.1:9/"})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/cgi-bin/sendsms?{asks}", timeout=10) as answer:
        return answer.status


def test_a_hundred_texts_and_their_receipts(centre, kannel):
    text = "Water is rising: go up now."
    for n in range(PHONES):
        assert send(kannel, f"999{n:06d}", text) == 202
    wanted = {"DELIVRD": sum(t is not None for t in TOOK_S), "EXPIRED": sum(t is None for t in TOOK_S)}
    until = time.monotonic() + 40
    while time.monotonic() < until and (centre.states != wanted or centre.waiting):
        time.sleep(0.2)
    assert centre.states == wanted
    assert centre.waiting == 0  # all receipts were sent
    assert centre.acknowledged == PHONES
    assert centre.texts == {text: PHONES}


def test_a_long_text_arrives_whole(centre, kannel):
    send(kannel, "999000001", "Water is rising: leave the valley, go up, stay there. " * 6)
    until = time.monotonic() + 40
    while time.monotonic() < until and (len(centre.texts) < 3 or not centre.acknowledged):
        time.sleep(0.2)
    parts = "".join(text.partition(": ")[2] for text in sorted(centre.texts))
    assert parts == ("Water is rising: leave the valley, go up, stay there. " * 6)
    assert centre.acknowledged >= 1  # it asks for the receipt of the last part alone
