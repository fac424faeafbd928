"""A good message, and a way to spoil it, for the tests of the CAP room."""

from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "cap" / "corpus"
SCHEMAS = CORPUS.parent / "xsd"

GOOD = """\
<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>EX-2026-001</identifier>
  <sender>warnings@met.example</sender>
  <sent>2026-11-20T10:00:00-00:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <language>en-GB</language>
    <category>Met</category>
    <event>Cyclone</event>
    <responseType>Shelter</responseType>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Observed</certainty>
    <eventCode><valueName>local</valueName><value>CYC</value></eventCode>
    <effective>2026-11-20T10:00:00-00:00</effective>
    <onset>2026-11-20T12:00:00-00:00</onset>
    <expires>2026-11-20T22:00:00-00:00</expires>
    <senderName>Island Met Service</senderName>
    <headline>Cyclone warning for the north coast</headline>
    <description>Winds of 180 km/h are expected from noon.</description>
    <instruction>Go to the nearest shelter now.</instruction>
    <web>https://met.example/alerts/1</web>
    <contact>+00 555 0100</contact>
    <parameter><valueName>wind</valueName><value>180</value></parameter>
    <area>
      <areaDesc>North coast</areaDesc>
      <polygon>17.1,-61.9 17.1,-61.7 17.0,-61.7 17.0,-61.9 17.1,-61.9</polygon>
      <circle>17.05,-61.8 5.5</circle>
      <geocode><valueName>ISO3166-2</valueName><value>AG-04</value></geocode>
      <altitude>0</altitude>
      <ceiling>3000</ceiling>
    </area>
  </info>
</alert>
"""


def good_with(*changes, text=GOOD):
    """The good message with (old, new) put in; every change must change something."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def corpus(folder="*"):
    """Documents of the shared corpus as test parameters; one visible skip without it."""
    paths = sorted(CORPUS.glob(f"{folder}/*.xml"))
    if not paths:
        skip = pytest.mark.skip(reason=f"no corpus at {CORPUS}")
        return [pytest.param(None, id="corpus", marks=skip)]
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]
