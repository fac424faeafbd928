"""`ewsim wire`: what each command prints, refuses and exits with."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from support import make_result

from ewsim.cli import run as ewsim
from ewsim.scenario.model import scenario_model
from ewsim.wire.reading import pages_in, read_message, scheme_of, text_of
from ewsim.wire.speaking import PROTOCOLS

ROOT = Path(__file__).parents[2]
SPANISH = ROOT / "cap_samples" / "full" / "wildfire_spanish.xml"


def call(capsys, *arguments):
    """Exit code, standard output, standard error."""
    code = ewsim(["wire", *map(str, arguments)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


def checked(capsys, *arguments):
    code, out, _ = call(capsys, "check", *arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_check_says_a_message_in_every_protocol(capsys):
    document = checked(capsys, SPANISH, "--policy", "es")
    assert document["format"] == "ewsim.wire_check/1"
    assert document["action"] == "broadcast"
    assert set(PROTOCOLS) == {message["protocol"] for message in document["messages"]}


def test_check_names_the_protocols_that_there_are():
    from ewsim.cli.wire import check

    assert check.PROTOCOLS == PROTOCOLS


def test_the_same_text_is_in_every_protocol(capsys):
    from ewsim.cap.broadcast.plan import plan_broadcast
    from ewsim.cap.reader import parse_alert

    first = plan_broadcast(parse_alert(SPANISH.read_bytes(), "x")).texts[0]
    text, found = first.sent, {}
    for message in checked(capsys, SPANISH)["messages"]:
        if message["language"] != first.language:
            continue
        octets = bytes.fromhex(message["octets"])
        [(name, fields)] = read_message(message["protocol"], octets)
        assert name == message["protocol"] == "2G" or name == message["name"]
        if pages := pages_in(fields):
            page_text = text_of(scheme_of(fields), pages)
            found[message["protocol"]] = found.get(message["protocol"], "") + page_text
    assert {*found} == {"CBSP", "SABP", "SBc-AP", "S1AP", "NGAP", "2G"}
    assert all(re.sub("\r+", "", each) == text for each in found.values())


def test_check_shows_fields_and_octets(capsys):
    code, out, _ = call(capsys, "check", SPANISH, "--policy", "es", "--protocol", "cbsp", "--code", 7)
    assert code == 0
    assert "CBSP WRITE-REPLACE" in out
    assert "0x4070: plmn, message code 7, update 0" in out
    assert re.search(r"^  0000  01 00 ", out, re.MULTILINE)
    assert "NGAP" not in out


@pytest.fixture
def thread(tmp_path, capsys):
    """A flood warning, and what cancels it."""
    first, cancel = tmp_path / "flood.xml", tmp_path / "cancel.xml"
    area = ["--area", "Old town", "--circle", "15.35,-61.30 3"]
    assert ewsim(["cap", "new", "flood", *area, "-o", str(first)]) == 0
    assert ewsim(["cap", "new", "cancel", "--references", str(first), "-o", str(cancel)]) == 0
    capsys.readouterr()
    return first, cancel


def test_a_cancel_is_what_stops_the_warning(capsys, thread):
    document = checked(capsys, thread[1], "--code", "9", "--update", "2")
    assert document["action"] == "stop"
    assert [m["name"] for m in document["messages"]] == [
        "KILL",
        "Kill",
        "Stop-Warning-Request",
        "KillRequest",
        "PWSCancelRequest",
    ]
    assert document["messages"][0]["values"]["old_serial_number"] == 0x4092


def test_what_is_not_broadcast_has_no_octets(capsys):
    code, out, _ = call(capsys, "check", ROOT / "cap_samples" / "full" / "exercise.xml", "--policy", "us")
    document = checked(capsys, ROOT / "cap_samples" / "full" / "exercise.xml", "--policy", "us")
    assert code == 0
    assert bool(document["messages"]) == (not document["reasons"])
    assert all(reason in out for reason in document["reasons"])


def test_check_refuses_what_is_no_cap_file(capsys, tmp_path):
    bad = tmp_path / "bad.xml"
    bad.write_text("<alert>")
    assert call(capsys, "check", bad)[0] == 4
    assert call(capsys, "check", SPANISH, "--code", "1024")[0] == 2
    assert call(capsys, "check", SPANISH, "--protocol", "GTP")[0] == 2


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run with one warning by cell broadcast and one by SMS."""
    folder = tmp_path_factory.mktemp("finished") / "out"
    result = make_result(people=50)
    events = result.events.assign(message="4370/0x4010")
    document = result.scenario.model_dump(mode="json") | {"channels": {"cell_broadcast": {}}}
    scenario = scenario_model().model_validate(document)
    replace(result, scenario=scenario, ledger=replace(result.ledger, events=events)).save(folder)
    return folder


def test_a_run_is_written_and_read_again(capsys, finished, tmp_path):
    path = tmp_path / "run.pcap"
    code, out, _ = call(capsys, "pcap", finished, "-o", path)
    assert code == 0
    assert out.endswith(f"{path}\n")
    code, out, _ = call(capsys, "show", path)
    assert code == 0
    assert "Warning 4370 (0x1112), level 1" in out
    assert "Cyclone: go to a shelter now & stay <inside>." in out
    assert "S1AP WriteReplaceWarningRequest" in out
    code, out, _ = call(capsys, "show", path, "--json")
    document = json.loads(out)
    assert document["format"] == "ewsim.wire_show/1"
    assert document["faults"] == []
    assert document["warnings"][0]["message_identifier"] == 4370


def test_an_existing_capture_is_kept_unless_forced(capsys, finished, tmp_path):
    path = tmp_path / "run.pcap"
    path.write_text("mine")
    code, _, err = call(capsys, "pcap", finished, "-o", path)
    assert (code, path.read_text()) == (2, "mine")
    assert "--force" in err
    assert call(capsys, "pcap", finished, "-o", path, "--force")[0] == 0


def test_show_says_what_is_wrong_with_a_file(capsys, tmp_path):
    assert call(capsys, "show", tmp_path / "none.pcap")[0] == 3
    code, _, err = call(capsys, "show", SPANISH)
    assert code == 3
    assert "it is not a capture file" in err
    (tmp_path / "empty.pcap").write_bytes(bytes.fromhex("d4c3b2a1") + bytes(20))
    code, out, _ = call(capsys, "show", tmp_path / "empty.pcap")
    assert code == 0
    assert "There is no warning in it." in out


def test_pcap_refuses_what_is_neither_a_run_nor_a_scenario(capsys, tmp_path, finished):
    (tmp_path / "empty").mkdir()
    assert call(capsys, "pcap", tmp_path / "empty", "-o", tmp_path / "x.pcap")[0] == 3
    assert call(capsys, "pcap", SPANISH, "-o", tmp_path / "x.pcap")[0] == 3
    assert call(capsys, "pcap", finished, "--arm", "y", "-o", tmp_path / "x.pcap")[0] == 2


@pytest.mark.parametrize("given", ["CBSP", "CBSP=0", "CBSP=70000", "X=1", "SMPP=-1", "=5", "SABP=1.5"])
def test_show_says_what_a_port_is(capsys, given, tmp_path):
    capture = tmp_path / "empty.pcap"
    capture.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    assert call(capsys, "show", capture, "--port", "cbsp=48050")[0] == 0
    code, _, err = call(capsys, "show", capture, "--port", given)
    assert code == 2
    assert "such as CBSP=48050" in err
