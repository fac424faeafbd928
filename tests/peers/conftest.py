import threading
from pathlib import Path
from queue import Queue

import pytest

from ewsim.channels.cell_broadcast.commanded import CommandedBroadcast
from ewsim.country.build import build_country, cells_table
from ewsim.engine import simulation
from ewsim.experiments.replications import run_scenario
from ewsim.peers.air import Air
from ewsim.peers.connection import address_of
from ewsim.peers.directory import Directory
from ewsim.peers.radio import Session
from ewsim.peers.serving import Endpoints
from ewsim.pipeline import setup_of
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams

SCENARIO = Path(__file__).parents[2] / "scenarios/island_cyclone.yaml"
SETS = ("population.people_count=4000", "population.island.area_km2=60", "population.settlement_count=4")


@pytest.fixture(scope="session")
def loaded():
    return load_scenario(SCENARIO, sets=(*SETS, "disturbances=[]"))


@pytest.fixture(scope="session")
def country(loaded):
    return build_country(loaded)


@pytest.fixture(scope="session")
def whole_run(loaded):
    """The scenario as it is: its own centre, no disaster."""
    return run_scenario(loaded)


@pytest.fixture
def air(country):
    """The cells of a run whose clock the test moves."""
    spec = country.loaded.spec
    channel = CommandedBroadcast(spec.channels.cell_broadcast, len(country.network.cells), None, spec.alert)
    world = simulation.started(setup_of(country), [channel], Streams(1))
    return Air(world, channel.infrastructure, Directory(cells_table(country.network, country.targeted)))


class Playing:
    """A session in a thread: its addresses by protocol, its lines, and the result at the end."""

    def __init__(self, country, endpoints, **options):
        self.addresses, self.lines = Queue(), []
        self.session = Session(
            country,
            endpoints,
            report=self.lines.append,
            opened=lambda protocol, address: self.addresses.put((protocol, address)),
            **options,
        )
        self.result = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self.where = dict(self.addresses.get(timeout=60) for _ in endpoints.listen)

    def _run(self):
        self.result = self.session.run()

    def ended(self):
        self.thread.join(timeout=60)
        assert not self.thread.is_alive()
        return self.result


@pytest.fixture(scope="session")
def play(country):
    def start(*protocols, **options):
        listens = [(name, address_of("127.0.0.1:0", name)) for name in protocols]
        return Playing(country, Endpoints(listen=listens), **{"seconds": 30, "speed": 100, **options})

    return start
