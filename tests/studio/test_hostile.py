"""Thousands of hostile messages and files for a studio: each gets a sentence, and nothing else happens."""

import itertools
import json
import random

import pytest
from studios import TINY, alert_bytes

from ewsim.studio import actions, live

#: What may stand in any field.
VALUES = [
    *(None, True, False, 0, -1, 1, 3, 1e9, -1e308, 0.5, 10**30, "", "x", "alert.xml", "scenario.yaml"),
    *("../../secret.txt", "/etc/passwd", "C:\\boot.ini", "\x00", "\u202e", "<script>alert(1)</script>"),
    *(
        "file:///etc/passwd",
        "%2e%2e%2f",
        "\U0001f3dd" * 20,
        "\ud800",
        "__proto__",
        "NaN",
        "& & *a",
        "a" * 3000,
    ),
    *([], {}, [[]], [{}], [[20.0, -40.0]] * 3, [[20, -40], [20.1, -40], [20, -40.1]], [[0, 0]] * 501),
    *([[1e9, 1e9]], [None], {"__proto__": {}}, [{"upload": "x"}]),
    [[20, -40], [20.1, -40.1], [20.1, -40], [20, -40.1]],
]
#: Names of fields that actions ask for, and others.
NAMES = [
    *("number", "name", "text", "files", "cells", "land", "homes", "people", "area_km2", "hazard", "corners"),
    *(
        "circles",
        "polygon",
        "radius_km",
        "radius_m",
        "lat",
        "lon",
        "centre",
        "index",
        "at_s",
        "time_s",
        "speed",
    ),
    *(
        "kind",
        "where",
        "target",
        "role",
        "upload",
        "language",
        "headline",
        "policy",
        "id",
        "what",
        "on",
        "event",
    ),
    *(
        "document",
        "template",
        "channel",
        "share",
        "feeders",
        "sites",
        "link",
        "info",
        "infos",
        "value",
        "key",
    ),
]
FILES = [
    *(b"", b"\0" * 100, b"<alert/>", b"{" * 2000, b"[" * 2000, b"a: &a [*a]\n", b"%PDF-1.7", b"GIF89a"),
    *(
        b"lat,lon\nx,y\n",
        b"\xff\xfe" * 50,
        b"lat,lon,operator,rat\n20,-40,A,4G\n",
        b"\x89PNG\r\n",
        b"- " * 5000,
    ),
    *(
        b"a: 1\n" * 20000,
        b"\x1f\x8b\x08\0" + b"\0" * 50,
        b"PK\x03\x04" + b"\0" * 60,
        b"SQLite format 3\0" * 9,
    ),
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>',
    b"name,lat,lon,population\nA,20,-40,1e400\n",
    b'{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null}]}',
    b"a: !!python/object/apply:os.system ['true']\n",
]
UPLOADED = ["x.yaml", "x.csv", "x.geojson", "x.xml", "x.zip", "x.tif", "..%2F..%2Fx.yaml", "%00", "a" * 300]
SECRET = "the content of a foreign file"


def messages(count):
    """Messages to every action, with hostile fields; some are broken as JSON."""
    dice = random.Random(7)
    names = [*sorted(set(actions._actions) - {"work.undo"}), "none", "", 5, None]
    for number in range(1, count + 1):
        fields = {dice.choice(NAMES): dice.choice(VALUES) for _ in range(dice.randrange(6))}
        seen = dice.choice([0, 9, "x"])
        text = json.dumps({"do": dice.choice(names), "fields": fields, "id": number, "revision": seen})
        if dice.random() < 0.1:
            cut = dice.randrange(len(text))
            text = text[:cut] + dice.choice(["", "\x00", "}", '"', "\\"]) + text[cut + 1 :]
        yield text


def answered(page, texts, together=20):
    """Every answer, with no more messages under way than the studio takes at once."""
    texts = iter(texts)
    while batch := list(itertools.islice(texts, together)):
        for text in batch:
            page.socket.send(text)
        for _ in batch:
            yield page.hear(lambda message: "answer" in message)


@pytest.fixture
def open_house(studio, session, monkeypatch):
    """A studio without a limit on messages, beside a file that is not its own."""
    monkeypatch.setattr(live, "BURST", 1e9)
    (session.folder.parent / "secret.txt").write_text(SECRET)
    return studio(session)


def check(running, session, answers):
    """Nothing of ours is broken, nothing foreign was read or written, and the studio goes on."""
    answers = list(answers)
    said = [sentence for one in answers for sentence in one.get("faults", ())]
    assert all(isinstance(sentence, str) and sentence for sentence in said)
    assert not [sentence for sentence in said if "defect" in sentence or "Traceback" in sentence]
    whole = json.dumps(answers)
    assert SECRET not in whole
    assert "root:" not in whole
    assert {path.name for path in session.folder.parent.iterdir()} <= {"studio", "secret.txt"}
    with running.page() as page:
        session.askers.clear()
        assert "faults" not in page.ask("start.new", people=300, area_km2=60, hazard="none", name="after")
    return answers


def test_hostile_messages_to_every_action_get_sentences(open_house, session):
    with open_house.page() as page:
        check(open_house, session, answered(page, messages(60)))


def hostile_files(running, page, count):
    """Answers to actions that are given hostile files."""
    dice = random.Random(3)
    for number in range(count):
        content = dice.choice(FILES)
        if dice.random() < 0.3:
            good = dice.choice([alert_bytes(), json.dumps(TINY).encode()])
            cut = dice.randrange(len(good))
            content = good[:cut] + content[:200] + good[cut + dice.randrange(30) :]
        own = {"Origin": running.origin, "X-Name": dice.choice(UPLOADED)}
        status, _, text = running.ask("/upload", "POST", content, **own)
        assert status == 200, text
        token = json.loads(text)["upload"]
        fields = dice.choice([{"files": [{"upload": token}]}, {"cells": token}, {"land": token}])
        yield page.ask("start.files" if "files" in fields else "start.country", **fields)
        takers = [one for one in sorted(actions._actions) if not one.startswith(("start.", "work."))]
        yield page.ask(dice.choice(takers), upload=token, file=token, document=token, number=number)


@pytest.mark.heavy
def test_five_thousand_hostile_messages_and_files_change_nothing_foreign(open_house, session, monkeypatch):
    monkeypatch.setattr("ewsim.studio.guard.REQUEST_BURST", 1e9)
    with open_house.page() as page:
        check(open_house, session, answered(page, messages(4_250)))
        check(open_house, session, hostile_files(open_house, page, 250))
