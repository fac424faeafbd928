"""A tiny scenario for tests of the studio: 600 people on an island of 60 km2."""

from datetime import UTC, datetime

from ewsim.scenario.starting.starter import alert_text

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
