"""Each request of a centre, and what a controller or an MME answers."""

import numpy as np
import pytest

from ewsim.peers.dialogue import answer
from ewsim.wire.places import WireCell, cell_list, lte_area
from ewsim.wire.protocols import cbsp
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.protocols.sabp import SABP
from ewsim.wire.protocols.sbcap import SBCAP
from ewsim.wire.speaking import WireWarning

WARNING = WireWarning(4371, 0x4010, "Water is rising. Go up.", repetition_period_s=20)
NOWHERE = WireCell(9, 60_000, 60_000)


class Centre:
    """Asks, moves the clock, and reads the answers."""

    def __init__(self, air, protocol):
        self.air, self.protocol = air, protocol
        self.cells = [air.directory.cells[c] for c in air.directory.by_protocol[protocol]]
        self.said = []

    def ask(self, utterance, seconds=60):
        self.said.clear()
        octets = utterance if isinstance(utterance, bytes) else utterance.octets
        self.line = answer(self.air, self.protocol, octets, self.said.append)
        self.wait(seconds)
        return [self.read(each.octets) for each in self.said]

    def wait(self, seconds):
        self.air.world.env.run(until=self.air.world.env.now + int(seconds * 1e6))

    def read(self, octets):
        decode = {"CBSP": cbsp.decode, "SABP": SABP.decode, "SBc-AP": SBCAP.decode}[self.protocol]
        return decode(octets)


@pytest.fixture
def bsc(air):
    return Centre(air, "CBSP")


@pytest.fixture
def rnc(air):
    return Centre(air, "SABP")


@pytest.fixture
def mme(air):
    return Centre(air, "SBc-AP")


def cause(protocol, text):
    return CAUSES[protocol].index(text)


def test_a_write_is_complete_when_every_cell_has_it(bsc):
    [(name, fields)] = bsc.ask(WARNING.cbsp(bsc.cells))
    assert name == "WRITE-REPLACE COMPLETE"
    assert {c.octets for c in fields["cells"]} == {c.cgi for c in bsc.cells}
    assert len(fields["cells"]) == len(bsc.cells)


def test_every_way_to_name_cells_names_the_same(bsc):
    everything = WARNING.cbsp(bsc.cells)
    values = {**everything.values, "cells": (cbsp.Cell(cbsp.ALL_CELLS),)}
    [(_, fields)] = bsc.ask(cbsp.encode("WRITE-REPLACE", values))
    assert len(fields["cells"]) == len(bsc.cells)
    here = bsc.cells[0]
    lac = here.cgi[:2]
    for serial, cell in enumerate(
        [
            cbsp.Cell(0, here.plmn + here.cgi),
            cbsp.Cell(1, here.cgi),
            cbsp.Cell(4, here.plmn + lac),
            cbsp.Cell(5, lac),
        ]
    ):
        values = {**everything.values, "serial_number": 0x4020 + serial, "cells": (cell,)}
        bsc.ask(cbsp.encode("RESET", {"cells": (cbsp.Cell(cbsp.ALL_CELLS),)}))
        [(name, fields)] = bsc.ask(cbsp.encode("WRITE-REPLACE", values))
        assert name == "WRITE-REPLACE COMPLETE"
        want = 1 if cell.kind in (0, 1) else sum(c.cgi[:2] == lac for c in bsc.cells)
        assert len(fields["cells"]) == want


def test_a_cell_that_is_not_there_or_is_off_is_in_the_failure_list(bsc):
    down = bsc.air.directory.by_protocol["CBSP"][0]
    site = int(bsc.air.world.network.cells.site[down])
    bsc.air.world.set_site(site, powered=False)
    [(name, fields)] = bsc.ask(WARNING.cbsp([*bsc.cells, NOWHERE]))
    assert name == "WRITE-REPLACE FAILURE"
    why = {cell.octets: cell.said for cell in fields["failures"]}
    assert why[NOWHERE.cgi] == cause("CBSP", "cell identity not valid")
    assert why[bsc.air.directory.cells[down].cgi] == cause("CBSP", "cell broadcast not operational")
    assert len(fields["cells"]) + len(why) == len(bsc.cells) + 1


def test_the_same_reference_is_used_once(bsc):
    bsc.ask(WARNING.cbsp(bsc.cells[:2]))
    [(name, fields)] = bsc.ask(WARNING.cbsp(bsc.cells[:3]))
    assert name == "WRITE-REPLACE FAILURE"
    assert {c.said for c in fields["failures"]} == {cause("CBSP", "message reference already used")}
    assert len(fields["failures"]) == 2
    assert len(fields["cells"]) == 1


def test_an_update_replaces_and_counts_the_broadcasts_of_the_old(bsc):
    bsc.ask(WARNING.cbsp(bsc.cells))
    bsc.wait(100)
    new = WireWarning(4371, 0x4011, "Stay up.", 20, old=0x4010)
    [(name, fields)] = bsc.ask(new.cbsp(bsc.cells), seconds=200)
    assert name == "WRITE-REPLACE COMPLETE"
    counts = [c.said >> 8 for c in fields["completed"]]
    # Every 20 s (11 slots of 1.883 s), on air since some seconds after the request 160 s ago.
    assert all(6 <= count <= 8 for count in counts)
    first = bsc.air.directory.by_protocol["CBSP"][0]
    assert bsc.air.on_air(first) == [1]


def test_kill_stops_and_status_says_so(bsc):
    bsc.ask(WARNING.cbsp(bsc.cells))
    query = {"message_identifier": 4371, "old_serial_number": 0x4010, "channel": 0}
    some = cell_list(bsc.cells[:3])
    [(name, fields)] = bsc.ask(cbsp.encode("MESSAGE STATUS QUERY", {**query, "cells": some}), 1)
    assert name == "MESSAGE STATUS QUERY COMPLETE"
    assert all(c.said >> 8 >= 1 for c in fields["completed"])
    [(name, fields)] = bsc.ask(WARNING.stop("CBSP", bsc.cells[:2]))
    assert name == "KILL COMPLETE"
    assert len(fields["cells"]) == len(fields["completed"]) == 2
    [(name, fields)] = bsc.ask(cbsp.encode("MESSAGE STATUS QUERY", {**query, "cells": some}), 1)
    assert name == "MESSAGE STATUS QUERY FAILURE"
    assert len(fields["failures"]) == 2
    assert len(fields["completed"]) == 1


def test_a_part_that_is_stopped_leaves_the_rest_in_force(bsc):
    bsc.ask(WARNING.cbsp(bsc.cells))
    bsc.ask(WARNING.stop("CBSP", bsc.cells[:2]))
    numbers = bsc.air.directory.by_protocol["CBSP"]
    assert [bool(bsc.air.on_air(c)) for c in numbers] == [False] * 2 + [True] * (len(numbers) - 2)
    bsc.ask(WARNING.stop("CBSP", bsc.cells[2:]))
    assert not any(bsc.air.on_air(c) for c in numbers)


@pytest.mark.parametrize("protocol", ["CBSP", "SABP"])
def test_a_message_that_was_never_written_cannot_be_stopped(air, protocol):
    centre = Centre(air, protocol)
    [(name, fields)] = centre.ask(WARNING.stop(protocol, centre.cells[:2]))
    assert name.casefold().endswith("failure")
    assert len(fields["failures"]) == 2


def test_reset_load_and_keep_alive(bsc):
    bsc.ask(WARNING.cbsp(bsc.cells))
    some = cell_list(bsc.cells[:1])
    [(name, fields)] = bsc.ask(cbsp.encode("LOAD QUERY", {"cells": some, "channel": 0}))
    assert name == "LOAD QUERY COMPLETE"
    assert 0 < fields["loads"][0].said >> 8 <= 100
    assert bsc.ask(cbsp.encode("KEEP-ALIVE", {"keep_alive_period": 10})) == [("KEEP-ALIVE COMPLETE", {})]
    [(name, _)] = bsc.ask(cbsp.encode("RESET", {"cells": (cbsp.Cell(cbsp.ALL_CELLS),)}))
    assert name == "RESET COMPLETE"
    assert not any(bsc.air.on_air(c) for c in bsc.air.directory.by_protocol["CBSP"])


def test_what_nobody_understands_gets_an_error_indication(bsc):
    [(name, fields)] = bsc.ask(bytes([99, 0, 0, 0]))
    assert (name, fields["cause"]) == ("ERROR INDICATION", cause("CBSP", "parameter value invalid"))
    assert bsc.line.startswith("ERROR CBSP")
    # An answer is not answered: two peers would answer each other for ever.
    assert bsc.ask(cbsp.encode("KEEP-ALIVE COMPLETE", {})) == []


def test_a_radio_network_controller_takes_and_stops(rnc):
    [(name, fields)] = rnc.ask(WARNING.sabp([*rnc.cells, NOWHERE]))
    assert name == "Write-Replace-Failure"
    assert [f["cause"] for f in fields["failures"]] == [cause("SABP", "service area identity not valid")]
    assert len(fields["completed"]) == len(rnc.cells)
    [(name, fields)] = rnc.ask(WARNING.stop("SABP", rnc.cells))
    assert name == "Kill-Complete"
    assert all(done["broadcasts"] >= 1 for done in fields["completed"])
    [(name, fields)] = rnc.ask(SABP.encode("Load-Query", {"areas": [rnc.cells[0].sai]}))
    assert (name, len(fields["loads"])) == ("Load-Query-Complete", 1)
    [(name, _)] = rnc.ask(SABP.encode("Reset", {"areas": [rnc.cells[0].sai]}))
    assert name == "Reset-Complete"


def test_an_mme_answers_at_once_and_indicates_later(mme):
    answers = mme.ask(WARNING.sbcap(mme.cells), seconds=0.001)
    assert [name for name, _ in answers] == ["Write-Replace-Warning-Response"]
    assert answers[0][1]["cause"] == 0
    mme.wait(120)
    name, fields = mme.read(mme.said[-1].octets)
    assert name == "Write-Replace-Warning-Indication"
    assert len(fields["scheduled"]["cells"]) == len(mme.cells)
    answers = mme.ask(WARNING.stop("SBc-AP", mme.cells))
    assert [name for name, _ in answers] == ["Stop-Warning-Response", "Stop-Warning-Indication"]
    made = answers[1][1]["cancelled"]["cells"]
    assert len(made) == len(mme.cells)
    assert all(each["broadcasts"] >= 1 for each in made)


def test_an_mme_names_unknown_tracking_areas(mme):
    wrong = WARNING.sbcap([*mme.cells, NOWHERE], by_area=True)
    [(_, fields), *_] = mme.ask(wrong)
    assert fields["cause"] == 0
    assert [u["tracking_area"]["tac"] for u in fields["unknown_tracking_areas"]] == [NOWHERE.tai(2)["tac"]]
    [(_, fields)] = mme.ask(WireWarning(4371, 0x7770, "x").stop("SBc-AP", mme.cells))
    assert fields["cause"] == cause("SBc-AP", "valid message not identified")


def test_a_warning_without_the_concurrent_indicator_replaces_and_with_it_adds(mme):
    first = mme.air.directory.by_protocol["SBc-AP"][0]
    mme.ask(WARNING.sbcap(mme.cells))
    other = WireWarning(4373, 0x4020, "A second danger.", 20)
    mme.ask(other.beside().sbcap(mme.cells), seconds=120)
    assert mme.air.on_air(first) == [0, 1]
    third = WireWarning(4374, 0x4030, "A third danger.", 20)
    mme.ask(third.sbcap(mme.cells), seconds=120)
    assert mme.air.on_air(first) == [2]
    stop = SBCAP.encode(
        "Stop-Warning-Request", {**third.head, "warning_area": lte_area(mme.cells), "stop_all": "true"}
    )
    mme.ask(stop, seconds=120)
    assert mme.air.on_air(first) == []


@pytest.mark.parametrize(
    ("number", "period_s", "accepted"),
    [(0, 20, True), (5, 20, True), (1, 0, True), (0, 0, False), (3, 0, False)],
)
def test_number_and_period_mean_what_the_standard_says(mme, number, period_s, accepted):
    odd = WireWarning(4371, 0x4440, "Up.", period_s, broadcasts=number)
    [(_, fields), *_] = mme.ask(odd.sbcap(mme.cells), seconds=300)
    assert (fields["cause"] == 0) is accepted
    first = mme.air.directory.by_protocol["SBc-AP"][0]
    assert bool(mme.air.on_air(first)) is (accepted and number == 0)  # the others have ended


def test_5g_follows_4g_only_where_it_is_asked_for(mme):
    asked = np.array(mme.air.directory.by_protocol["SBc-AP"][:3])
    assert mme.air.with_new_radio(asked) is asked
    mme.air.new_radio = True
    more = mme.air.with_new_radio(asked)
    sites = {mme.air.directory.cells[c].site for c in asked.tolist()}
    assert {mme.air.directory.cells[c].site for c in more.tolist()} == sites
    assert more.size > asked.size
