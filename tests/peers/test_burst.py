"""A centre's burst to 5,000 cells is answered at once."""

import time

import pytest

from ewsim.channels.cell_broadcast.commanded import CommandedBroadcast
from ewsim.country.build import build_country, cells_table
from ewsim.engine import simulation
from ewsim.peers.air import Air
from ewsim.peers.cases.catalogue import cases_named
from ewsim.peers.cases.folder import case_files
from ewsim.peers.dialogue import answer
from ewsim.peers.directory import Directory
from ewsim.pipeline import setup_of
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.wire.speaking import WireWarning

pytestmark = pytest.mark.heavy
CELLS = 5000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A network of as many cells of 2G and of 4G, with the keys of a test case."""
    here = tmp_path_factory.mktemp("burst") / "case"
    here.mkdir()
    for name, octets in case_files(*cases_named(["START-1"]))[0].items():
        (here / name).write_bytes(octets)
    rows = ["site_id,lat,lon,operator,radio_type,tracking_area,backhaul_type,power_source"]
    rows += [
        f"s{n},{44.92 + row * 0.0022:.4f},{-30.34 + column * 0.002:.4f},Test,2G/4G,{1 + n // 200},fibre,grid"
        for n in range(CELLS)
        for row, column in [divmod(n, 70)]
    ]
    (here.parent / "sites.csv").write_text("\n".join(rows))
    return build_country(load_scenario(here / "scenario.yaml"))


@pytest.mark.parametrize(
    ("protocol", "requests"), [("CBSP", 1), ("SBc-AP", 1), ("CBSP", 1000), ("SBc-AP", 100)]
)
def test_five_thousand_cells_are_answered_at_once(large, protocol, requests):
    spec = large.loaded.spec
    channel = CommandedBroadcast(spec.channels.cell_broadcast, len(large.network.cells), None, spec.alert)
    world = simulation.started(setup_of(large), [channel], Streams(1))
    air = Air(world, channel.infrastructure, Directory(cells_table(large.network, large.targeted)))
    cells = [air.directory.cells[c] for c in air.directory.by_protocol[protocol]]
    assert len(cells) == CELLS
    warning, each, said = WireWarning(4371, 0x4010, "Go up.", 20, concurrent=True), CELLS // requests, []
    make = warning.cbsp if protocol == "CBSP" else warning.sbcap
    asked = [make(cells[at : at + each]).octets for at in range(0, CELLS, each)]
    start = time.process_time()
    for octets in asked:
        answer(air, protocol, octets, said.append)
    world.env.run(until=60_000_000)
    assert time.process_time() - start < 5  # 0.1 to 0.4 s on a free core; a busy one takes longer
    assert len(said) == requests * (1 if protocol == "CBSP" else 2)
