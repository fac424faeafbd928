"""What a studio begins with: shipped scenarios, finished runs, and one's own files.

A page names nothing but the number of a row of the list: the folders are those given at start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ewsim.errors import DataError, Diagnostic, EwsimError, UsageError
from ewsim.scenario import document
from ewsim.studio.actions import action, part
from ewsim.studio.given import GivenFields
from ewsim.studio.named import file_values
from ewsim.studio.session import StudioSession

#: Octets of one file that a scenario names, which is copied into the studio's folder.
MOST_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Beginning:
    """A scenario to begin with: its data, and the files that it names, by the names that it has for them."""

    scenario: dict[str, Any]
    files: dict[str, bytes]
    source: str


@dataclass(frozen=True, slots=True)
class Startable:
    """A row of the list of scenarios to begin with."""

    path: Path
    title: str
    about: str


def gathered(path: Path) -> Beginning:
    """A scenario file with everything that it names, as one folder holds it.

    Raises
    ------
    InputError
        The file cannot be read, or a file that it names is not there.
    """
    data, files = document.read(path).data, dict[str, bytes]()
    faults: list[Diagnostic] = []
    for keys, name, rename in file_values(data):
        try:
            rename(_take(path.parent / name, keys[-2:] == ("alert", "path"), files))
        except DataError as error:
            faults += error.diagnostics
    if faults:
        raise DataError(faults)
    return Beginning(data, files, path.name)


def _take(path: Path, is_alert: bool, files: dict[str, bytes]) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError.at(
                path, f"the file is larger than {MOST_BYTES // 1_000_000} MB.", "Use a smaller one."
            )
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError.at(path, f"cannot be read: {reason}.", "Check the path in the scenario.") from None
    wanted = (
        "alert.xml" if is_alert else re.sub(r"[^A-Za-z0-9_.-]+", "_", path.name).lstrip("._-")[-80:] or "file"
    )
    name, number = wanted, 1
    while files.get(name, content) != content:
        number += 1
        name = f"{number}_{wanted}"
    files[name] = content
    return name


def choices(folders: list[Path]) -> list[Startable]:
    """The scenarios of some folders."""
    found = []
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            try:
                data: Mapping[str, Any] = document.read(path).data
            except EwsimError:
                continue
            if str(data.get("format", "")).startswith("ewsim.scenario/"):
                title = str(data.get("title") or data.get("name") or path.stem)[:200]
                found.append(Startable(path, title, str(data.get("description") or "")[:600]))
    return found


@part("start")
def start_state(session: StudioSession) -> dict[str, Any]:
    """What can be begun with, and what is open."""
    work = session.work
    return {
        "choices": [{"title": one.title, "about": one.about} for one in session.choices],
        "works": session.works(),
        "open": None
        if work is None
        else {
            "name": work.folder.name,
            "title": str(work.version.scenario.get("title") or work.version.scenario.get("name") or ""),
            "source": work.source,
            "file": str(work.path),
            "undo": work.undoes,
            "redo": work.redoes,
        },
    }


@action("start.choose")
def choose(session: StudioSession, fields: GivenFields) -> None:
    """Begin with a scenario of the list."""
    listed = session.choices
    number = fields.whole("number", 0, max(len(listed) - 1, 0))
    if not listed:
        raise UsageError("There is no scenario to choose. Open your own files.")
    begin_with(session, gathered(listed[number].path))


def begin_with(session: StudioSession, beginning: Beginning) -> None:
    """Open a beginning as work of its own."""
    session.begin(beginning.scenario, beginning.files, beginning.source)


@action("start.open")
def open_work(session: StudioSession, fields: GivenFields) -> None:
    """Go on with work of the studio's folder."""
    session.open(fields.text("name"))


@action("start.leave")
def leave(session: StudioSession, fields: GivenFields) -> None:
    """Leave the scenario, to choose another."""
    del fields
    session.close()


@action("work.undo")
def undo(session: StudioSession, fields: GivenFields) -> None:
    """Take back the last change."""
    del fields
    session.go(-1)


@action("work.redo")
def redo(session: StudioSession, fields: GivenFields) -> None:
    """Do again what was taken back."""
    del fields
    session.go(1)
