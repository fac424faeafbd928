"""A centre outside speaks to a scenario's controllers and MME, on loopback."""

import threading
import time

import pytest

from ewsim.peers.cases.catalogue import cases_named
from ewsim.peers.centre import said_to, speak
from ewsim.wire.protocols import cbsp
from ewsim.wire.protocols.sbcap import SBCAP
from ewsim.wire.transcript import spoken_in

# It waits for sockets; what is asked and answered is in test_controllers.
pytestmark = pytest.mark.heavy


def reach(result):
    return result.summary()["reach"]["by_channel"]["cell_broadcast"]


def let_speak(playing, spoken, protocols, change=lambda protocol, requests: requests):
    """Every centre of a run speaks at once, one protocol each."""
    heard = {}

    def one(protocol):
        requests = change(protocol, said_to(spoken, protocol))
        heard[protocol] = speak(requests, playing.where[protocol], speed=100, answers_s=0.4)

    threads = [threading.Thread(target=one, args=(protocol,)) for protocol in protocols]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return heard


PROTOCOLS = ("CBSP", "SABP", "SBc-AP")


@pytest.fixture(scope="module")
def spoken(whole_run):
    return spoken_in(whole_run, phones=0)


def test_the_runs_own_centre_reaches_as_many_from_outside(play, whole_run, spoken):
    playing = play(*PROTOCOLS, new_radio=True)
    heard = let_speak(playing, spoken, PROTOCOLS)
    result = playing.ended()
    assert heard["CBSP"].names["WRITE-REPLACE COMPLETE"] == 2  # two operators
    assert heard["SBc-AP"].names["Write-Replace-Warning-Indication"] == 2
    assert not any(h.refusals or h.partial for h in heard.values())
    assert reach(result) == pytest.approx(reach(whole_run), abs=0.01)
    assert result.sent["cell_broadcast"]["text"] == whole_run.sent["cell_broadcast"]["text"]
    assert result.cells["targeted"].sum() == whole_run.cells["targeted"].sum()
    # Reached plus causes is everybody in the area, as in every run.
    summary = result.summary()
    assert summary["reach"]["people"] + sum(summary["causes"].values()) == summary["in_area"]


def test_half_of_the_cells_reach_fewer_and_the_rest_were_not_on_the_list(play, whole_run, spoken):
    def half(protocol, requests):
        if protocol != "SBc-AP":
            return requests[:0]
        made = []
        for request in requests:
            name, fields = SBCAP.decode(request.octets)
            kind, entries = fields["warning_area"]
            fields["warning_area"] = (kind, entries[: len(entries) // 2])
            made.append(request._replace(octets=SBCAP.encode(name, fields)))
        return made

    playing = play("SBc-AP")
    let_speak(playing, spoken, ["SBc-AP"], half)
    result = playing.ended()
    assert 0 < reach(result) < reach(whole_run)
    assert any("5G cells got nothing" in note for note in result.notes)


def test_our_centre_waits_for_answers_and_no_longer(play, spoken):
    playing = play("SBc-AP")
    requests = said_to(spoken, "SBc-AP")
    began = time.monotonic()
    heard = speak(requests, playing.where["SBc-AP"], speed=100, answers_s=100)
    assert time.monotonic() - began < 60
    assert heard.answers == len(requests)
    assert heard.later == len(requests)  # the indications too
    playing.ended()


def test_peers_that_do_not_hear_and_that_answer_late(play, spoken):
    late, deaf = cases_named(["TIMEOUT-1", "START-12"])
    playing = play("SBc-AP", case=deaf, seconds=5)
    assert not let_speak(playing, spoken, ["SBc-AP"])["SBc-AP"].answers
    assert reach(playing.ended()) == 0
    playing = play("SBc-AP", case=late)  # 40 s at a speed of 100
    assert let_speak(playing, spoken, ["SBc-AP"])["SBc-AP"].answers
    assert reach(playing.ended()) > 0


def test_a_centre_that_says_nothing_reaches_nobody(play):
    playing = play("CBSP", seconds=0.3)
    result = playing.ended()
    assert reach(result) == 0
    assert result.sent["cell_broadcast"] == {"not_sent": "The centre sent no warning."}


def test_a_cell_that_fails_is_reported_and_is_not_loaded_again(air):
    from ewsim.peers.dialogue import answer, indications

    said, reported = [], []
    air.infrastructure.when_indicated = lambda cell, failed: reported.append((cell, failed))
    mine = air.directory.by_protocol["CBSP"]
    warning = write(air, mine)
    answer(air, "CBSP", warning, said.append)
    run(air, 60)
    cell = mine[0]
    site = int(air.world.network.cells.site[cell])
    air.world.set_site(site, linked=False)
    run(air, 10)
    assert not air.on_air(cell)
    air.world.set_site(site, linked=True)
    run(air, 60)
    assert (cell, False) in reported
    assert not air.on_air(cell)  # only the centre loads it
    [restart] = indications(air, "CBSP", [cell], failed=False)
    assert restart.name == "RESTART"
    answer(air, "CBSP", write(air, [cell]), said.append)
    run(air, 60)
    assert air.on_air(cell)
    assert [cbsp.decode(each.octets)[0] for each in said] == ["WRITE-REPLACE COMPLETE"] * 2


# --- requests -------------------------------------------------------------------------------------


def write(air, cells, serial=0x4010, identifier=4371, text="Water is rising. Go up.", **more):
    from ewsim.wire.speaking import WireWarning

    warning = WireWarning(identifier, serial, text, **more)
    return warning.cbsp([air.directory.cells[c] for c in cells]).octets


def run(air, seconds):
    air.world.env.run(until=air.world.env.now + int(seconds * 1e6))
