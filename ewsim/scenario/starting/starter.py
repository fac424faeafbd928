"""What `ewsim scenario new` starts somebody with: a scenario and a CAP message to edit."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from xml.sax.saxutils import escape

from ewsim.errors import UsageError
from ewsim.files import write_files

#: The middle of the Atlantic Ocean: no real place is meant.
_LAT, _LON = 20.0, -40.0


def write_starter(file: Path, *, force: bool = False) -> tuple[Path, Path]:
    """Write a scenario and, beside it, its message; both or none. `force` replaces existing files.

    Raises
    ------
    UsageError
        The name does not end in .yaml, or a file is there already (unless `force`).
    RunError
        A file cannot be written.
    """
    name, alert = name_of(file, "scenario"), file.with_suffix(".xml")
    title = name.replace("_", " ").capitalize()
    words = {"name": name, "title": title, "file": file.name, "alert": alert.name, "lat": _LAT, "lon": _LON}
    texts = {
        alert: alert_text(name, "The middle of the island", (_LAT, _LON), 10, datetime.now(UTC)),
        file: filled("scenario.yaml", **words),
    }
    write_files({path: text.encode() for path, text in texts.items()}, force=force)
    return file, alert


def name_of(file: Path, otherwise: str) -> str:
    """The name of a scenario from that of its file, which is YAML."""
    if file.suffix not in (".yaml", ".yml"):
        raise UsageError(f"{file} does not end in .yaml; write for example {file.stem}.yaml.")
    return re.sub(r"[^a-z0-9_]+", "_", file.stem.lower()).strip("_")[:60] or otherwise


def filled(template: str, **words: object) -> str:
    """A text of `templates/` with its words."""
    text = (resources.files("ewsim.scenario.starting") / "templates" / template).read_text("utf-8")
    return text.format(**words)


def stamp(moment: datetime) -> str:
    """A CAP time of UTC: -00:00, never Z (CAP 1.2, 3.3.2)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S-00:00")


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
    return filled(
        "exercise.xml",
        name=escape(name),
        where=escape(where),
        lat=centre[0],
        lon=centre[1],
        radius_km=radius_km,
        sent=stamp(sent),
        expires=stamp(sent + timedelta(hours=6)),
    )
