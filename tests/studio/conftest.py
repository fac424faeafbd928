"""A session on a tiny scenario, without a server."""

import importlib

import pytest
from studios import TINY, alert_bytes

from ewsim.studio import server
from ewsim.studio.session import StudioSession

for _room in server.ROOMS:
    importlib.import_module(_room)


@pytest.fixture
def session(tmp_path):
    """A session with the tiny scenario open."""
    made = StudioSession(tmp_path / "studio")
    made.begin(TINY, {"alert.xml": alert_bytes()}, "a test")
    return made
