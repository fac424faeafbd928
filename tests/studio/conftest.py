"""A session on a tiny scenario, without a server."""

import importlib

import pytest
from studios import TINY, Running, alert_bytes

from ewsim.studio import actions, server
from ewsim.studio.session import StudioSession

for _room in server.ROOMS:
    importlib.import_module(_room)


@pytest.fixture
def session(tmp_path):
    """A session with the tiny scenario open."""
    made = StudioSession(tmp_path / "studio")
    made.begin(TINY, {"alert.xml": alert_bytes()}, "a test")
    return made


@pytest.fixture
def studio(monkeypatch):
    """Runs studios in threads, and ends them; nothing is built and run behind the state."""
    monkeypatch.setattr(actions, "_followers", [])
    running = []

    def run(session, **settings):
        running.append(Running(session, **settings))
        return running[-1]

    yield run
    for one in running:
        one.stop()
