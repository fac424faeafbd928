"""What `ewsim scenario new` starts somebody with: a scenario and a CAP message to edit."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ruamel.yaml import YAML

from ewsim.errors import UsageError
from ewsim.files import write_files
from ewsim.kinds import kinds_of

#: The middle of the Atlantic Ocean: no real place is meant.
_LAT, _LON = 20.0, -40.0


@dataclass(frozen=True, slots=True)
class Start:
    """What a new scenario begins with.

    `operators` are A:0.6:2G+4G, with commas; `channels` names with commas; `hazard` one of `hazards()`.
    """

    people: int = 50_000
    area_km2: float = 600.0
    operators: str = "A:0.6:2G+3G+4G+5G,B:0.4:2G+3G+4G"
    hazard: str = "power_cut"
    authoring_min: float | None = None
    channels: str = "cell_broadcast,location_based_sms"


@cache
def hazards() -> dict[str, dict[str, str]]:
    """Texts of the message and disturbances, by the hazard of a new scenario."""
    found: dict[str, dict[str, str]] = YAML(typ="safe").load(_template("hazards.yaml"))
    return found


def write_starter(file: Path, start: Start = Start(), *, force: bool = False) -> tuple[Path, Path]:
    """Write a scenario and, beside it, its message; both or none.

    Parameters
    ----------
    file
        The scenario's file; the message has its name and .xml.
    start
        What is in it.
    force
        Replace existing files.

    Raises
    ------
    UsageError
        The name does not end in .yaml, a file is there already (unless `force`), or an answer is no
        answer.
    RunError
        A file cannot be written.
    """
    name, alert = name_of(file, "scenario"), file.with_suffix(".xml")
    radius_km = min(10.0, 0.4 * start.area_km2**0.5)
    minutes = 5.0 if start.authoring_min is None else start.authoring_min
    words = {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "file": file.name,
        "alert": alert.name,
        "lat": _LAT,
        "lon": _LON,
        "people": start.people,
        "area_km2": start.area_km2,
        "authoring_s": minutes * 60,
        "authoring": f"{'assumption: ' if start.authoring_min is None else ''}"
        f"{minutes:g} minutes to write and approve it",
        "operators": "".join(
            f"    - {{name: {json.dumps(one['name'], ensure_ascii=False)}, share: {one['share']:g}, "
            f"rats: [{', '.join(one['rats'])}]}}\n"
            for one in operators_of(start.operators)
        ),
        "channels": _channels(start.channels),
        "disturbances": _disturbances(start.hazard),
    }
    where = "The middle of the island"
    texts = {
        alert: alert_text(name, where, (_LAT, _LON), radius_km, datetime.now(UTC), start.hazard),
        file: filled("scenario.yaml", **words),
    }
    write_files({path: text.encode() for path, text in texts.items()}, force=force)
    return file, alert


def operators_of(text: str) -> list[dict[str, Any]]:
    """Operators: A:0.4:4G+5G,B:0.6:2G+4G."""
    out = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*([^:]{1,40}):(\d*\.?\d+):([2-5]G(?:\+[2-5]G)*)\s*", part)
        if not found or not float(found[2]):
            raise UsageError(
                f"--operators {part.strip()!r} is not an operator. Write NAME:SHARE:4G+5G, with commas."
            )
        out.append({"name": found[1].strip(), "share": float(found[2]), "rats": found[3].split("+")})
    if len({o["name"] for o in out}) < len(out):
        raise UsageError(f"--operators {text!r} has a name twice.")
    return out


def channel_names(text: str) -> list[str]:
    """The names of channels in a text with commas; raises UsageError for one that there is not."""
    named, known = [name.strip() for name in text.split(",")], sorted(kinds_of("channel"))
    if unknown := [name for name in named if name not in known]:
        raise UsageError(f"--channels: there is no channel {unknown[0]!r}; write some of {', '.join(known)}.")
    return list(dict.fromkeys(named))


def _channels(text: str) -> str:
    names, lines = channel_names(text), []
    keys = {
        "cell_broadcast": "{text: full, message_identifier: 4371}",
        "location_based_sms": "{text: headline}",
    }
    if "cell_broadcast" in names:
        lines.append(
            "  # The message is an exercise, which few phones show; 4371 sends it as it would be in earnest."
        )
    else:
        keys["cell_broadcast"] = "null"
        names = ["cell_broadcast", *names]
    lines += [f"  {name}: {keys.get(name, '{}')}" for name in names]
    return "\n".join(lines) + "\n"


def _disturbances(hazard: str) -> str:
    found = _hazard(hazard)["disturbances"]
    if not found:
        return "disturbances: []\n"

    def degrees(match: re.Match[str]) -> str:
        return f"{(_LAT if match[1] == 'LAT' else _LON) + float(match[2] or 0):g}"

    lines = re.sub(r"(LAT|LON)([+-][\d.]+)?", degrees, found).splitlines()
    arm = "arms:\n  no_outage:\n    title: The same warning on a whole network\n    disturbances: []\n"
    return "disturbances:\n" + "".join(f"  {line}\n" for line in lines) + "\n" + arm


def _hazard(name: str) -> dict[str, str]:
    if name not in hazards():
        raise UsageError(f"--hazard {name!r} is not a hazard. There are: {', '.join(hazards())}.")
    return hazards()[name]


def name_of(file: Path, otherwise: str) -> str:
    """The name of a scenario from that of its file, which is YAML."""
    if file.suffix not in (".yaml", ".yml"):
        raise UsageError(f"{file} does not end in .yaml; write for example {file.stem}.yaml.")
    return re.sub(r"[^a-z0-9_]+", "_", file.stem.lower()).strip("_")[:60] or otherwise


def filled(template: str, **words: object) -> str:
    """A text of `templates/` with its words."""
    return _template(template).format(**words)


def _template(name: str) -> str:
    return (resources.files("ewsim.scenario.starting") / "templates" / name).read_text("utf-8")


def stamp(moment: datetime) -> str:
    """A CAP time of UTC: -00:00, never Z (CAP 1.2, 3.3.2)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S-00:00")


def alert_text(
    name: str,
    where: str,
    centre: tuple[float, float],
    radius_km: float,
    sent: datetime,
    hazard: str = "flood",
) -> str:
    """A CAP message for an exercise: a circle, for six hours.

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
    hazard
        One of `hazards()`.
    """
    texts = {key: escape(text) for key, text in _hazard(hazard).items()}
    return filled(
        "exercise.xml",
        **texts,
        name=escape(name),
        where=escape(where),
        lat=centre[0],
        lon=centre[1],
        radius_km=radius_km,
        sent=stamp(sent),
        expires=stamp(sent + timedelta(hours=6)),
    )
