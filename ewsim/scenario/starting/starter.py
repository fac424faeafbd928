"""What `ewsim scenario new` starts somebody with: a scenario and a CAP message to edit."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from ewsim.errors import UsageError
from ewsim.files import write_files

_SCENARIO = """\
# {title}. All keys with their defaults: docs/guides/scenario_keys.md; check with
#   ewsim scenario check {file}

format: ewsim.scenario/1
name: {name}
title: {title}
seed: 1
horizon_s: 3600  # one hour from the decision to warn

alert:
  path: {alert}  # the CAP message, beside this file
  authoring_delay_s: 300  # assumption: five minutes to write and approve it

network:
  # path: sites.csv  # a real network (docs/guides/data.md); without one, sites are synthesised
  operators:
    - {{name: A, share: 0.6, rats: [2G, 3G, 4G, 5G]}}
    - {{name: B, share: 0.4, rats: [2G, 3G, 4G]}}

population:
  # places: places.csv  # real places; without them, settlements are synthesised
  people_count: 50000
  island: {{centre: [{lat}, {lon}], area_km2: 600}}

channels:
  # The message is an exercise, which few phones show; 4371 sends it as it would be in earnest.
  cell_broadcast: {{text: full, message_identifier: 4371}}
  location_based_sms: {{text: headline}}

disturbances:
  - kind: power_loss
    at_s: -7200  # two hours before the decision; sites run on battery and generator
    where: {{share: 0.5}}

arms:
  no_outage:
    title: The same warning on a whole network
    disturbances: []
"""

_ALERT = """\
<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{name}.1</identifier>
  <sender>warnings@example.org</sender>
  <sent>{sent}</sent>
  <status>Exercise</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <note>An exercise; nothing is flooded.</note>
  <info>
    <language>en</language>
    <category>Met</category>
    <event>Flood</event>
    <responseType>Evacuate</responseType>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <expires>{expires}</expires>
    <senderName>Warning service (exercise)</senderName>
    <headline>Flood: leave low ground and go to high ground now.</headline>
    <description>The river is over its banks and still rising.</description>
    <instruction>Go to high ground on foot. Do not drive through water.</instruction>
    <area>
      <areaDesc>{where}</areaDesc>
      <circle>{lat:g},{lon:g} {radius_km:g}</circle>
    </area>
  </info>
</alert>
"""

#: The middle of the Atlantic Ocean: no real place is meant.
_LAT, _LON = 20.0, -40.0


def write_starter(file: Path, *, force: bool = False, now: datetime | None = None) -> tuple[Path, Path]:
    """Write a scenario and, beside it, its message; both or none.

    Parameters
    ----------
    file
        The scenario file.
    force
        Whether existing files are replaced.
    now
        When the message is sent; absent: now.

    Raises
    ------
    UsageError
        The name does not end in .yaml, or a file is there already (unless `force`).
    RunError
        A file cannot be written.
    """
    if file.suffix not in (".yaml", ".yml"):
        raise UsageError(f"{file} does not end in .yaml; write for example {file.stem}.yaml.")
    name = re.sub(r"[^a-z0-9_]+", "_", file.stem.lower()).strip("_")[:60] or "scenario"
    alert = file.with_suffix(".xml")
    sent = (now or datetime.now(UTC)).replace(microsecond=0)
    title = name.replace("_", " ").capitalize()
    texts = {
        alert: alert_text(name, "The middle of the island", (_LAT, _LON), 10, sent),
        file: _SCENARIO.format(name=name, title=title, file=file.name, alert=alert.name, lat=_LAT, lon=_LON),
    }
    write_files({path: text.encode() for path, text in texts.items()}, force=force)
    return file, alert


def alert_text(name: str, where: str, centre: tuple[float, float], radius_km: float, sent: datetime) -> str:
    """A CAP message for an exercise: a flood in a circle, for six hours.

    Parameters
    ----------
    name
        Beginning of its identifier.
    where
        Description of the area.
    centre
        Latitude and longitude of the circle [degrees].
    radius_km
        Radius of the circle [km].
    sent
        When it is sent.
    """
    return _ALERT.format(
        name=escape(name),
        where=escape(where),
        lat=centre[0],
        lon=centre[1],
        radius_km=radius_km,
        sent=_stamp(sent),
        expires=_stamp(sent + timedelta(hours=6)),
    )


def _stamp(moment: datetime) -> str:
    """A CAP time of UTC: -00:00, never Z (CAP 1.2, 3.3.2)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S-00:00")
