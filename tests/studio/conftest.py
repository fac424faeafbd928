"""A session on a tiny scenario, without a server."""

import importlib

import pytest
from studios import Running, tiny_session

from ewsim.studio import actions, server

for _room in server.ROOMS:
    importlib.import_module(_room)


@pytest.fixture
def session(tmp_path):
    """A session with the tiny scenario open."""
    return tiny_session(tmp_path / "studio")


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
