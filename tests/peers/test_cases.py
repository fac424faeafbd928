"""The cases of the test plan: triggers that are sound, captures with the messages that each case is about."""

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from ewsim import cap
from ewsim.cli import run as ewsim
from ewsim.errors import UsageError
from ewsim.peers.answering import Conduct
from ewsim.peers.cases.catalogue import cases, cases_named
from ewsim.peers.cases.folder import case_files, triggers
from ewsim.peers.dialogue import answer
from ewsim.scenario.load import load_scenario
from ewsim.wire.capture.file import read_capture, write_capture
from ewsim.wire.capture.listening import Listener
from ewsim.wire.capture.writing import Packer, Spoken
from ewsim.wire.findings import Findings
from ewsim.wire.reading import read_message
from ewsim.wire.speaking import WireWarning

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "wire_cases.md"
WRITE, STOP = "Write-Replace-Warning", "Stop-Warning"
FEW = ("START-9", "STOP-9", "FAILRESTART-R", "ERROR-4")

#: What a capture of a case has, by kind of message, where counting them says what the case is.
SAYS = {
    "START-1": {f"{WRITE}-Request": 1, f"{WRITE}-Response": 1},
    "START-3": {f"{WRITE}-Request": 1, f"{WRITE}-Response": 1, f"{WRITE}-Indication": 1},
    "START-6": {f"{WRITE}-Request": 2, f"{WRITE}-Response": 2, f"{WRITE}-Indication": 2},
    "START-8": {f"{WRITE}-Request": 1, f"{WRITE}-Response": 1},
    "START-13": {f"{WRITE}-Request": 2, f"{WRITE}-Response": 1},
    "STOP-9": {f"{STOP}-Request": 1, f"{STOP}-Response": 1, f"{STOP}-Indication": 1},
    "UPDATE-1": {f"{WRITE}-Request": 2, f"{STOP}-Request": 1},
    "UPDATE-5": {f"{WRITE}-Request": 2, f"{STOP}-Request": 1},
    "CONCURRENCY-3": {f"{WRITE}-Request": 2, f"{STOP}-Request": 2},
    "CONCURRENCY-4": {f"{WRITE}-Request": 3, f"{STOP}-Request": 3},
    "FAILRESTART-3": {f"{WRITE}-Request": 1, "PWS-Failure-Indication": 2},
    "FAILRESTART-4": {f"{WRITE}-Request": 1, "PWS-Failure-Indication": 4},
    "FAILRESTART-R": {f"{WRITE}-Request": 2, "PWS-Restart-Indication": 1},
    "ERROR-1": {f"{WRITE}-Request": 1, f"{WRITE}-Response": 1, f"{WRITE}-Indication": 0},
    "ERROR-4": {f"{STOP}-Indication": 1, "Error-Indication": 1},
    "TIMEOUT-1": {f"{WRITE}-Request": 1, f"{WRITE}-Response": 0},
    "TIMEOUT-2": {f"{STOP}-Request": 1, f"{STOP}-Response": 0},
}


def heard(octets):
    findings = Findings()
    packets = list(read_capture(octets, names := {}))
    findings.read(packets, names)
    return findings


def spoken_in(octets):
    listener = Listener()
    return [spoken for packet in read_capture(octets, {}) for spoken in listener.hear(packet)]


def names_in(findings):
    every = [findings.general, *(warning.said for warning in findings.warnings.values())]
    found = Counter()
    for said in every:
        for (_, name), each in said.items():
            found[name] += each.count
    return found


def look_at(case):
    files, counts = case_files(case)
    assert set(counts) == set(case.protocols)
    for protocol in case.protocols:
        findings = heard(files[f"{protocol}.pcapng"])
        names = names_in(findings)
        assert findings.messages == sum(names.values()) == counts[protocol]
        assert not findings.faults
        odd = case.name in ("ERROR-3", "ERROR-4")  # a serial number that nobody has sent
        assert odd or not [w.faults for w in findings.warnings.values() if w.faults], case.name
        texts = [text for warning in findings.warnings.values() for text in warning.texts]
        written = sum(len(step.tags) for step in case.steps if step.does in ("start", "text"))
        assert len(texts) == written, case.name
        if protocol == "SBc-AP":
            wanted = SAYS.get(case.name, {})
            assert {name: names[name] for name in wanted} == wanted, case.name
            for does in (WRITE, STOP):
                unheard = f"{does}-Request" in case.conduct.deaf
                assert unheard or names[f"{does}-Request"] == names[f"{does}-Response"], case.name
        assert f"## {protocol}" in files["README.md"].decode()
    return files


@pytest.mark.parametrize("case", cases_named(FEW), ids=lambda case: case.name)
def test_a_case_has_its_messages(case):
    look_at(case)


@pytest.mark.heavy
def test_every_case_has_its_messages_and_wireshark_reads_them(tmp_path):
    tshark, asked = shutil.which("tshark"), os.environ.get("EWSIM_REQUIRE_TSHARK") == "1"
    if not tshark and not asked:
        pytest.skip("tshark is not installed: apt-get install tshark")
    packer, packets, counts = Packer(), [], Counter()
    for case in cases():
        for name, octets in look_at(case).items():
            if name.endswith(".pcapng"):
                for spoken in spoken_in(octets):  # each case with addresses of its own, in one file
                    ends = (f"{case.name} {end}" for end in (spoken.sender, spoken.receiver))
                    packets += packer.pack(Spoken(spoken.time_us, *ends, spoken.protocol, spoken.octets))
                    counts[spoken.protocol] += 1
    path = tmp_path / "whole.pcapng"
    path.write_bytes(write_capture(packets, packer.names))

    def seen(which):
        words = [tshark, "-r", path, "-Y", which]
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
        return len(done.stdout.splitlines())

    assert seen("sbcap") == counts["SBc-AP"] > 300
    assert seen("cbsp") == counts["CBSP"] > 90
    assert seen("_ws.malformed") == 0


def test_triggers_are_sound_and_refer_to_each_other():
    for case in cases_named(FEW):
        made = triggers(case)
        assert [name for name, _ in made] == sorted(name for name, _ in made)
        for (name, octets), step in zip(made, case.steps, strict=True):
            report = cap.validate(octets, name)
            assert not [f for f in report.findings if f.severity == "error"], (case.name, name)
            assert (b"<references>" in octets) == (step.does != "start")


@pytest.mark.heavy
def test_a_list_of_one_base_station_less_and_of_half_the_area():
    """What only the lists of cells say."""

    def cells_of(case, name):
        octets = case_files(cases_named([case])[0])[0]["SBc-AP.pcapng"]
        read = [read_message(spoken.protocol, spoken.octets)[0] for spoken in spoken_in(octets)]
        return [fields for said, fields in read if said == name]

    [asked] = cells_of("START-10", f"{WRITE}-Request")
    [scheduled] = cells_of("START-10", f"{WRITE}-Indication")
    assert len(asked["warning_area"][1]) == 6
    assert len(scheduled["scheduled"]["cells"]) == 4
    [stopped] = cells_of("STOP-9", f"{STOP}-Request")
    [everywhere] = cells_of("STOP-9", f"{WRITE}-Request")
    assert len(stopped["warning_area"][1]) == len(everywhere["warning_area"][1]) / 2


def test_a_peer_behaves_as_its_case_has_it(air):
    said = []
    air_cells = [air.directory.cells[c] for c in air.directory.by_protocol["SBc-AP"]][:2]
    request = WireWarning(4371, 0x4010, "x", 20).sbcap(air_cells)
    for case in cases_named(["TIMEOUT-1", "ERROR-1"]):
        answer(air, "SBc-AP", request.octets, said.append, case.conduct)
    assert [each.name for each in said] == [f"{WRITE}-Response"]
    assert said[0].values["cause"] == 1
    assert not air.texts  # nothing was written
    late, _ = cases_named(["START-12"])[0].conduct.spoken(said[0])
    assert late == 40
    assert Conduct().spoken(said[0]) == (0, said[0])


def test_scenarios_run_and_stations_are_those_of_the_table(tmp_path, capsys):
    out = tmp_path / "cases"
    assert ewsim(["wire", "cases", "failrestart-r", "-o", str(out)]) == 0
    assert "FAILRESTART-R" in capsys.readouterr().out
    loaded = load_scenario(out / "FAILRESTART-R" / "scenario.yaml")
    assert loaded.spec.disturbances[0].where.sites == ("west_2",)
    assert ewsim(["wire", "cases", "stop-9", "-o", str(out)]) == 2
    assert "Name a new folder" in capsys.readouterr().err


def test_a_case_that_is_not_there_says_which_there_are(capsys):
    assert len(cases()) == 57
    assert len({case.name for case in cases()}) == 57
    assert [c.name for c in cases_named(["timeout", " Stop-9 "])] == ["STOP-9", "TIMEOUT-1", "TIMEOUT-2"]
    with pytest.raises(UsageError, match=r"START-99, X.*START, STOP"):
        cases_named(["START-99", "x", "STOP"])
    assert ewsim(["wire", "cases", "stop"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 9


def test_the_page_lists_every_case():
    rows = "".join(f"| {case.name} | {', '.join(case.protocols)} | {case.shows} |\n" for case in cases())
    text = PAGE.read_text(encoding="utf-8")
    head, _, _ = text.partition("| START-1 |")
    if os.environ.get("EWSIM_RENEW"):
        PAGE.write_text(head + rows, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == head + rows, "EWSIM_RENEW=1 pytest tests/peers/test_cases.py"
