"""For tests of the studio: a tiny scenario of 600 people on 60 km2, and a studio that runs."""

import http.client
import json
import threading
from datetime import UTC, datetime

from websockets.sync.client import connect

from ewsim.scenario.starting.starter import alert_text
from ewsim.studio.guard import Guard
from ewsim.studio.server import Site, listen, server_of
from ewsim.studio.session import StudioSession

TINY = {
    "format": "ewsim.scenario/1",
    "name": "tiny",
    "title": "A tiny island",
    "seed": 1,
    "horizon_s": 900,
    "alert": {"path": "alert.xml"},
    "network": {"operators": [{"name": "A", "share": 1, "rats": ["4G"]}]},
    "population": {
        "people_count": 600,
        "island": {"centre": [20.0, -40.0], "area_km2": 60},
        "settlement_count": 4,
    },
    "channels": {"cell_broadcast": {"text": "full", "message_identifier": 4371}},
    "disturbances": [],
}


def alert_bytes():
    """A CAP message for a circle of 3 km in the middle of the island."""
    sent = datetime(2026, 1, 1, tzinfo=UTC)
    return alert_text("tiny", "The middle", (20.0, -40.0), 3.0, sent).encode()


def tiny_session(folder):
    """A session in a folder, with the tiny scenario open."""
    made = StudioSession(folder)
    made.begin(TINY, {"alert.xml": alert_bytes()}, "a test")
    return made


class Running:
    """A studio that answers on loopback, in a thread of this process, until it is stopped."""

    def __init__(self, session, *, shared=False, port=0):
        self.listening = listen(port)
        self.guard = Guard(["127.0.0.1", "localhost"], self.listening.port, shared=shared)
        self.site = Site(session, self.guard)
        self.server = server_of(self.site.app)
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": self.listening.sockets}, daemon=True
        )
        self.thread.start()
        self.origin = f"http://127.0.0.1:{self.listening.port}"

    def stop(self):
        """End it."""
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.thread.is_alive()
        self.site.live.close()

    def ask(self, path, method="GET", body=None, **headers):
        """An answer: its status, headers and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.listening.port, timeout=60)
        try:
            connection.request(method, path, body, {"Host": self.origin[7:], **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace")
        finally:
            connection.close()

    def page(self, code=None, lang="en", **headers):
        """A page that is connected, as a context."""
        return Page(self, code, headers, lang)


class Page:
    """One page of a studio that runs: it asks, and hears."""

    def __init__(self, running, code=None, headers=(), lang="en"):
        given = dict(headers)
        if code is not None:
            given["Cookie"] = f"{running.guard.cookie}={code}"
        origin = given.pop("Origin", running.origin)
        url = f"{running.origin.replace('http', 'ws')}/live?lang={lang}"
        self.connection = connect(
            url, origin=origin, additional_headers=given, open_timeout=60, max_size=None, proxy=None
        )
        self.heard = []
        self.number = 0

    def __enter__(self):
        self.socket = self.connection.__enter__()
        return self

    def __exit__(self, *error):
        self.connection.__exit__(*error)

    def hear(self, wanted):
        """The next message for which `wanted` is true; those before it are remembered."""
        while True:
            message = json.loads(self.socket.recv(60))
            self.heard.append(message)
            if wanted(message):
                return message

    def ask(self, name, /, **fields):
        """The answer to an action."""
        self.number += 1
        self.socket.send(json.dumps({"do": name, "fields": fields, "id": self.number}))
        return self.hear(lambda message: message.get("answer") == self.number)
