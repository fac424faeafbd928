"""Osmocom's broadcast centre writes a warning to a scenario's controllers and MME, which say whom it reaches.

On demand: the centre is in newer distributions only, and does not start on a system without SCTP.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request

import pytest

from ewsim.peers.connection import Address
from ewsim.peers.radio import Session
from ewsim.peers.serving import Endpoints

pytestmark = pytest.mark.heavy

CONFIG = """cbc
 unknown-peers accept
 ecbe
  local-ip 127.0.0.1
  local-port {rest}
 cbsp
  local-ip 127.0.0.1
  local-port {cbsp}
 sbcap
  local-ip 127.0.0.1
  local-port {sbcap}
"""
TEXT = "Water is rising. Go up."


def _has_sctp():
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132).close()
    except OSError:
        return False
    return True


def _free_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


@pytest.fixture
def centre(tmp_path):
    """The ports of a running centre."""
    if not shutil.which("osmo-cbc") or not _has_sctp():
        missing = "osmo-cbc and a kernel with SCTP"
        if os.environ.get("EWSIM_REQUIRE_OSMO_CBC"):
            pytest.fail(f"{missing} are wanted here")
        pytest.skip(f"needs {missing}: apt-get install osmo-cbc, modprobe sctp")
    ports = {name: _free_port() for name in ("rest", "cbsp", "sbcap")}
    config = tmp_path / "cbc.cfg"
    config.write_text(CONFIG.format(**ports))
    log = (tmp_path / "cbc.log").open("w")
    running = subprocess.Popen(["osmo-cbc", "-c", config], stdout=log, stderr=subprocess.STDOUT, cwd=tmp_path)
    time.sleep(1)
    assert running.poll() is None, (tmp_path / "cbc.log").read_text()
    yield ports
    running.terminate()
    running.wait(timeout=10)
    log.close()


def write(port):
    """Give the centre a warning by its own interface."""
    document = {
        "cbe_name": "ewsim",
        "category": "normal",
        "repetition_period": 5,
        "num_of_bcast": 100,
        "scope": {"scope_plmn": {}},
        "smscb_message": {
            "message_id": 4371,
            "serial_nr": {"serial_nr_decoded": {"geo_scope": "plmn_wide", "msg_code": 1, "update_nr": 0}},
            "payload": {"payload_decoded": {"character_set": "gsm", "data_utf8": TEXT}},
        },
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/ecbe/v1/message",
        json.dumps(document).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status < 300


@pytest.mark.parametrize("protocol", ["CBSP", "SBc-AP"])
def test_its_warning_reaches_people(centre, country, protocol):
    port = centre["cbsp" if protocol == "CBSP" else "sbcap"]
    address = Address("127.0.0.1", port, sctp=protocol == "SBc-AP")
    lines = []
    session = Session(
        country, Endpoints(call=[(protocol, address)]), seconds=8, speed=100, report=lines.append
    )
    threading.Timer(2, write, [centre["rest"]]).start()
    result = session.run()
    assert result.sent["cell_broadcast"]["text"].startswith(TEXT), lines
    assert result.summary()["reach"]["by_channel"]["cell_broadcast"] > 0
