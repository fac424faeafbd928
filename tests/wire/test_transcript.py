"""What a run's machines say: an invented run in which everything happens once."""

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from support import make_result

from ewsim.errors import WireError
from ewsim.ledger import EVENT_COLUMNS
from ewsim.scenario.model import scenario_model
from ewsim.wire.capture.file import read_capture, write_capture
from ewsim.wire.capture.writing import Packer
from ewsim.wire.findings import Findings
from ewsim.wire.reading import read_message
from ewsim.wire.transcript import spoken_in

FIRST, SECOND = "4370/0x4010", "4370/0x4011"
TEXTS = {FIRST: "The river rises: leave the bank now.", SECOND: "Stay away: it still rises. Ελλάδα"}
RATS = ("2G", "3G", "4G", "5G")


def happened():
    """Written to two cells of each generation, one refuses; updated; fails; returns; stopped."""
    rows = [(60.0, "cbc", "accepted", "A", -1, -1, FIRST, "8 cells")]
    rows += [(60.1 + n, "peer", "accepted", "A", -1, -1, FIRST, p) for n, p in enumerate(PEERS)]
    rows += [(65.0, "cell", "rejected", "A", 2 * n, n, FIRST, "not operational") for n in range(4)]
    rows += [(66.0, "cell", "on_air", "A", 2 * n + 1, n, FIRST, "") for n in range(4)]
    rows += [(70.0 + n, "peer", "confirmed", "A", -1, -1, FIRST, "1 of 2 cells") for n in range(4)]
    rows += [(99.0, "cell", "failure_indicated", "A", 2 * n + 1, n, FIRST, "") for n in range(4)]
    rows += [(199.0, "cell", "reloaded", "A", 2 * n, n, FIRST, "") for n in range(4)]
    rows += [(300.0, "cbc", "accepted", "A", -1, -1, SECOND, "8 cells")]
    rows += [(300.1 + n, "peer", "accepted", "A", -1, -1, SECOND, p) for n, p in enumerate(PEERS)]
    rows += [(306.0, "cell", "on_air", "A", n, n // 2, SECOND, "") for n in range(8)]
    rows += [(310.0 + n, "peer", "confirmed", "A", -1, -1, SECOND, "2 of 2 cells") for n in range(4)]
    rows += [(600.0, "cbc", "stopped", "A", -1, -1, SECOND, "8 cells")]
    rows += [(600.1 + n, "peer", "accepted", "A", -1, -1, SECOND, p) for n, p in enumerate(PEERS)]
    rows += [(606.0, "cell", "off_air", "A", n, n // 2, SECOND, "stopped") for n in range(8)]
    rows += [(70.0, "smsc", "list_submitted", "A", -1, -1, "", "100.0 parts/s")]
    return pd.DataFrame([(*row, "") for row in rows], columns=list(EVENT_COLUMNS))


PEERS = ("BSC", "RNC", "MME", "AMF")


@pytest.fixture(scope="module")
def run():
    result = make_result(people=50)
    scenario = scenario_model().model_validate(
        result.scenario.model_dump(mode="json")
        | {"channels": {"cell_broadcast": {"number_of_broadcasts": 9}, "location_based_sms": {}}}
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"c{n}" for n in range(8)],
            "site_id": [f"s{n // 2}" for n in range(8)],
            "operator": "A",
            "rat": [rat for rat in RATS for _ in range(2)],
            "tracking_area": [n // 2 for n in range(8)],
            "targeted": True,
        }
    )
    messages = [{"message": label, "kind": "warning", "text": text} for label, text in TEXTS.items()]
    sent = {**result.sent, "cell_broadcast": {**result.sent["cell_broadcast"], "messages": messages}}
    ledger = replace(result.ledger, events=happened())
    return replace(result, scenario=scenario, cells=cells, sent=sent, ledger=ledger)


@pytest.fixture(scope="module")
def heard(run):
    return spoken_in(run, phones=5)


def read(heard, protocol):
    """Time since the message was sent, name and fields of each message of a protocol."""
    start_us = heard[0].time_us - 60_080_000
    return [
        ((s.time_us - start_us) / 1e6, name, fields)
        for s in heard
        if s.protocol == protocol
        for name, fields in read_message(protocol, s.octets)
    ]


def names(heard, protocol):
    return [name for _, name, _ in read(heard, protocol)]


def test_each_protocol_says_what_happened(heard):
    assert names(heard, "CBSP") == [
        "WRITE-REPLACE",
        "WRITE-REPLACE FAILURE",
        "FAILURE",
        "RESTART",
        "WRITE-REPLACE",
        "WRITE-REPLACE",
        "WRITE-REPLACE COMPLETE",
        "KILL",
        "KILL COMPLETE",
    ]
    assert Counter(names(heard, "SABP")) == {
        "Write-Replace": 3,
        "Write-Replace-Failure": 1,
        "Write-Replace-Complete": 1,
        "Failure": 1,
        "Restart": 1,
        "Kill": 1,
        "Kill-Complete": 1,
    }
    assert Counter(names(heard, "SBc-AP")) == {
        "Write-Replace-Warning-Request": 3,
        "Write-Replace-Warning-Response": 2,
        "Write-Replace-Warning-Indication": 2,
        "PWS-Failure-Indication": 1,
        "PWS-Restart-Indication": 1,
        "Stop-Warning-Request": 1,
        "Stop-Warning-Response": 1,
    }
    radio = {"Failure": 1, "Restart": 1}
    for protocol, stop in (("S1AP", "Kill"), ("NGAP", "PWSCancel")):
        said = Counter(names(heard, protocol))
        assert said[f"{stop}Request"] == said[f"{stop}Response"] == 1
        assert said["WriteReplaceWarningRequest"] == said["WriteReplaceWarningResponse"] == 3
        assert {k: said[f"PWS{k}Indication"] for k in radio} == radio
    assert len(names(heard, "SMPP")) == len({s.octets for s in heard if s.protocol == "SMPP"})


def test_times_are_those_of_the_run(run, heard):
    when = {name: at_s for at_s, name, _ in read(heard, "CBSP")}
    assert when["WRITE-REPLACE FAILURE"] == pytest.approx(70.0)
    assert when["WRITE-REPLACE COMPLETE"] == pytest.approx(310.0)
    assert when["KILL COMPLETE"] == pytest.approx(600.1)
    assert [s.time_us for s in heard] == sorted(s.time_us for s in heard)


def test_an_update_names_what_it_replaces(heard):
    writes = [fields for _, name, fields in read(heard, "CBSP") if name == "WRITE-REPLACE"]
    assert [w.get("old_serial_number") for w in writes] == [None, None, 0x4010]
    assert all(w["broadcasts"] == 9 for w in writes)


def test_the_capture_of_the_run_says_the_same(run, heard):
    packer = Packer()
    packets = [packet for each in heard for packet in packer.pack(each)]
    found = Findings()
    found.read(read_capture(write_capture(packets, packer.names)))
    assert not found.faults
    said = {f"{w.message_identifier}/{w.serial_number:#06x}": w for w in found.warnings.values()}
    for label, text in TEXTS.items():
        assert set(said[label].texts) == {text}
        assert said[label].texts[text] == {"CBSP", "SABP", "SBc-AP", "S1AP", "NGAP", "2G", "4G", "5G"}
        assert not said[label].faults
    [sms] = found.sms.values()
    assert sms.text == run.sent["location_based_sms"]["text"]


def test_older_results_have_one_text(run):
    sent = {
        **run.sent,
        "cell_broadcast": {k: v for k, v in run.sent["cell_broadcast"].items() if k != "messages"},
    }
    heard = spoken_in(replace(run, sent=sent), phones=0)
    assert names(heard, "CBSP").count("WRITE-REPLACE") == 2
    assert not names(heard, "SMPP")


@pytest.mark.parametrize(
    "messages", ["x", [{}], [{"message": "a/b", "text": ""}], [{"message": "99999/0x1", "text": ""}], [1]]
)
def test_a_damaged_result_is_named(run, messages):
    sent = {**run.sent, "cell_broadcast": {**run.sent["cell_broadcast"], "messages": messages}}
    with pytest.raises(WireError, match="cannot be read"):
        spoken_in(replace(run, sent=sent))


def test_a_tsunami_warning_has_both_notifications(run):
    """Both have the same numbers: one request says both, and CBSP has a message for each."""
    label = "4353/0x4010"
    messages = [
        {"message": label, "kind": "warning", "text": "Run uphill."},
        {"message": label, "kind": "etws_primary", "text": ""},
    ]
    rows = [(60.0, "cbc", "accepted", "A", -1, -1, label, "8 cells")] * 2
    rows += [(60.1 + n, "peer", "accepted", "A", -1, -1, label, p) for n, p in enumerate(PEERS)] * 2
    rows += [(t, "cell", "on_air", "A", n, n // 2, label, "") for t in (61.0, 62.0) for n in range(8)]
    rows += [(70.0 + n, "peer", "confirmed", "A", -1, -1, label, "2 of 2 cells") for n in range(8)]
    rows += [(80.0, "cbc", "stopped", "A", -1, -1, label, "8 cells")] * 2
    rows += [(80.1 + n, "peer", "accepted", "A", -1, -1, label, p) for n, p in enumerate(PEERS)] * 2
    rows += [(t, "cell", "off_air", "A", n, n // 2, label, "stopped") for t in (81.0, 82.0) for n in range(8)]
    events = pd.DataFrame([(*row, "") for row in rows], columns=list(EVENT_COLUMNS))
    sent = {"cell_broadcast": {**run.sent["cell_broadcast"], "messages": messages}}
    ours = spoken_in(replace(run, sent=sent, ledger=replace(run.ledger, events=events)), phones=0)

    first, second = [fields for _, name, fields in read(ours, "CBSP") if name == "WRITE-REPLACE"]
    assert first["warning_type"] == 0x0380
    assert "pages" in second
    assert Counter(names(ours, "CBSP")) == {
        "WRITE-REPLACE": 2,
        "WRITE-REPLACE COMPLETE": 2,
        "KILL": 2,
        "KILL COMPLETE": 2,
    }
    kills = [fields for _, name, fields in read(ours, "CBSP") if name == "KILL"]
    assert ["channel" in fields for fields in kills] == [False, True]
    for protocol in ("SABP", "SBc-AP", "S1AP", "NGAP"):
        writes, stops = (
            [fields for _, name, fields in read(ours, protocol) if name in wanted]
            for wanted in (
                {"Write-Replace", "Write-Replace-Warning-Request", "WriteReplaceWarningRequest"},
                {"Kill", "Stop-Warning-Request", "KillRequest", "PWSCancelRequest"},
            )
        )
        assert len(writes) == len(stops) == 1
        assert writes[0]["warning_type"] == b"\x03\x80"
        assert writes[0]["broadcasts"] == 9
    assert names(ours, "4G") == ["SIB10", "SIB11"]
    assert names(ours, "5G") == ["SIB6", "SIB7"]
    assert len([s for s in ours if s.protocol == "2G"]) == 4  # blocks of one page


@pytest.mark.parametrize(("period_s", "number", "said"), [(0, None, 1), (30, None, 0), (30, 7, 7)])
def test_a_message_is_broadcast_as_often_as_in_the_run(run, period_s, number, said):
    own = {"repetition_period_s": period_s, "number_of_broadcasts": number}
    scenario = run.scenario.model_dump(mode="json") | {"channels": {"cell_broadcast": own}}
    again = replace(run, scenario=scenario_model().model_validate(scenario))
    for protocol in ("CBSP", "SABP", "SBc-AP", "S1AP", "NGAP"):
        asked = [fields for _, _, fields in read(spoken_in(again, phones=0), protocol) if "coding" in fields]
        assert {fields["broadcasts"] for fields in asked} == {said}
