"""Scenarios to begin with, each gathered with the files that it names, so that one folder holds it all."""

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from ewsim.country.drafting.draft import PlannersFiles, draft_country
from ewsim.country.drafting.invented import alert_around, invent
from ewsim.errors import DataError, Diagnostic, EwsimError, KeyFault, ScenarioError
from ewsim.result import folder as results
from ewsim.result.record import Result
from ewsim.scenario import document as documents
from ewsim.scenario.faults import placed
from ewsim.scenario.load import load_scenario
from ewsim.scenario.presets import PRESETS, preset, validated
from ewsim.scenario.starting.starter import Start, write_starter
from ewsim.studio.named import file_values
from ewsim.studio.offers import Offered

#: Octets of one file that a scenario names, which is copied into the studio's folder.
MOST_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Beginning:
    """A scenario to begin with: its data, and the files that it names, by the names that it has for them.

    `notes` is what there is to say of the files it came from.
    """

    scenario: dict[str, Any]
    files: dict[str, bytes]
    source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Startable:
    """A row of the list to choose from: a scenario file, the folder of a finished run, or a preset.

    `group` is under which heading it stands.
    """

    path: Path
    title: str
    about: str
    group: str = "scenarios"
    preset: str = ""


# --- files that are there -------------------------------------------------------------------------


def startables(folders: Sequence[Path]) -> list[Startable]:
    """The scenarios and finished runs in some folders."""
    return [one for folder in folders for one in _in_folder(folder)]


def shipped() -> list[Startable]:
    """What ewsim brings: its scenarios, lessons and reconstructions, and countries to begin with."""
    package = Path(str(resources.files("ewsim")))
    home = next((one for one in (package / "shipped", package.parent / "scenarios") if one.is_dir()), None)
    groups = {"scenarios": ".", "lessons": "lessons", "reconstructions": "reconstructions"}
    there = {} if home is None else {group: home / name for group, name in groups.items()}
    found = [replace(one, group=group) for group, folder in there.items() for one in _in_folder(folder)]
    for name in PRESETS:
        data = preset(name, 1)
        found.append(Startable(Path(), data["title"], data["description"], "countries", name))
    return found


def _in_folder(folder: Path) -> Iterator[Startable]:
    for path in [*sorted(folder.glob("*.yaml")), *sorted(folder.glob("*/run.json"))]:
        try:
            if path.name == "run.json":
                data: Mapping[str, Any] = results.read_json(path.parent / "scenario.json")
            else:
                data = documents.read(path).data
        except EwsimError:
            continue
        if str(data.get("format", "")).startswith("ewsim.scenario/"):
            title = str(data.get("title") or data.get("name") or path.stem)[:200]
            if path.name == "run.json":
                yield Startable(path.parent, f"{title} ({path.parent.name})", "")
            else:
                yield Startable(path, title, str(data.get("description") or "")[:600])


def gathered(path: Path) -> Beginning:
    """A scenario file, or the folder of a finished run, with everything that it names.

    Raises
    ------
    InputError
        It cannot be read, or a file that it names is not there.
    """
    if path.is_dir():
        return _of_run(path)
    load_scenario(path)  # its faults stand at their lines in this file
    document = documents.read(path)
    return _with_files(document, path.name, lambda name, most: _read(path.parent / name, most))


def _of_run(path: Path) -> Beginning:
    """The scenario of a finished run, whose files are beside it, above it, or in the current folder."""
    spec = Result.load(path).scenario
    data = spec.model_dump(mode="json")
    short = {"format": data["format"], **spec.model_dump(mode="json", exclude_defaults=True)}
    try:
        same = validated(short) == spec
    except ValueError:
        same = False
    text = json.dumps(short if same else data)
    document = documents.parse(text, str(path / "scenario.json"))
    above = [path, path.absolute().parent, *path.absolute().parent.parents[:2], Path(), Path("scenarios")]
    wanted = [name for _, name, _ in file_values(document.data)]
    home = next((one for one in above if all((one / name).is_file() for name in wanted)), None)
    if home is None:
        missing = next((n for n in wanted if not any((one / n).is_file() for one in above)), "its files")
        fix = "Start with the scenario file of this run instead: ewsim studio SCENARIO."
        raise results.fault(path, f"the run names {missing[:80]!r}, which is not beside it", fix)
    return _with_files(document, path.name, lambda name, most: _read(home / name, most))


def _read(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise DataError.at(path, f"is larger than {most // 1_000_000} MB.", "Use a smaller one.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError.at(path, f"cannot be read: {reason}.", "Check the path in the scenario.") from None


def _with_files(document: documents.Document, source: str, read: Callable[[str, int], bytes]) -> Beginning:
    """A document whose files are read, and have names without folders; every fault at its key."""
    data, files = document.data, dict[str, bytes]()
    faults: list[Diagnostic] = []
    for keys, name, rename in file_values(data):
        try:
            content = read(name, MOST_BYTES)
        except DataError as error:
            message = f"{name[:80]!r} {error.diagnostics[0].message}"
            fault = KeyFault(keys, message, error.diagnostics[0].fix, of_value=True)
            faults.append(placed(fault, document))
            continue
        rename(_named(name, keys[-2:] == ("alert", "path"), content, files))
    if faults:
        raise ScenarioError(faults)
    return Beginning(data, files, source)


def _named(name: str, is_alert: bool, content: bytes, files: dict[str, bytes]) -> str:
    """The name under which a file is kept: its own, as far as every system takes it."""
    wanted = "alert.xml" if is_alert else safe_name(name)
    free, number = wanted, 1
    while files.get(free, content) != content:
        number += 1
        free = f"{number}_{wanted}"
    files[free] = content
    return free


def safe_name(name: str) -> str:
    """A name of a file without folders and special signs."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", last).lstrip("._-")[-80:] or "file"


def of_preset(name: str) -> Beginning:
    """A scenario on the country of a preset, with a message around its largest place."""
    data = preset(name, 1)
    country = invent(validated(data), Path)
    return Beginning(data, {"alert.xml": alert_around(country, name).encode()}, str(data["title"]))


# --- files that a page sends ------------------------------------------------------------------------


def of_uploads(uploads: Sequence[Offered]) -> Beginning:
    """A scenario among files that were sent, with those that it names; raises its faults."""
    scenarios = [one for one in uploads if one.name.lower().endswith((".yaml", ".yml"))]
    others = {safe_name(one.name): one.content for one in uploads if one not in scenarios}
    if len(scenarios) != 1:
        said = "more than one scenario" if scenarios else "no scenario"
        fix = "Open one file that ends in .yaml, and the files that it names."
        raise DataError.at("the files", f"there is {said} among them.", fix)
    with _room_for(scenarios) as (path,):
        document = documents.read(path)

        def read(name: str, _most: int) -> bytes:
            if safe_name(name) not in others:
                raise DataError.at(name, "was not opened with it.", "Open it together with the scenario.")
            return others[safe_name(name)]

        wanted = [name for _, name, _ in file_values(document.data)]
        beginning = _with_files(replace(document, file=path.name), path.name, read)
        _check_as_written(path, {name: read(name, MOST_BYTES) for name in wanted})
        return beginning


def _check_as_written(path: Path, files: Mapping[str, bytes]) -> None:
    """Raise the faults of a scenario at their lines; one that names files outside its folder waits."""
    places = {(path.parent / name).resolve(): content for name, content in files.items()}
    if not all(place.is_relative_to(path.parent.resolve()) for place in places):
        return
    for place, content in places.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.write_bytes(content)
    load_scenario(path)


def of_planners_files(
    name: str, cells: Offered | None, land: Offered | None, homes: Offered | None, people: int | None
) -> Beginning:
    """A scenario of a country from what a planner has, with the notes of the readers.

    Parameters
    ----------
    name
        What the scenario is called.
    cells, land, homes
        A table of cells, a coastline, and where people live; each may be absent.
    people
        People in the country; None: as the file says.
    """
    given = [one for one in (cells, land, homes) if one is not None]
    with _room_for(given) as paths:
        left = iter(paths)
        table, coast, places = (None if one is None else next(left) for one in (cells, land, homes))
        folder, sent = paths[0].parent, datetime.now(UTC).replace(microsecond=0)
        files = PlannersFiles(table, coast, places, people)
        drafted = draft_country(safe_name(name).lower(), files, folder, sent)
        for made, content in drafted.files.items():
            (folder / made).write_bytes(content)
        beginning = gathered(folder / "scenario.yaml")
    return replace(beginning, source=" + ".join(one.name for one in given), notes=drafted.notes)


def new(name: str, start: Start) -> Beginning:
    """An invented island and a message, as `ewsim scenario new` writes them."""
    with tempfile.TemporaryDirectory(prefix="ewsim-") as folder:
        path, _ = write_starter(Path(folder) / f"{safe_name(name)}.yaml", start)
        return replace(gathered(path), source="a new scenario")


@contextmanager
def _room_for(files: Sequence[Offered]) -> Iterator[list[Path]]:
    """Files in a folder of their own, each under a safe name."""
    with tempfile.TemporaryDirectory(prefix="ewsim-") as folder:
        paths = []
        for number, one in enumerate(files):
            path = Path(folder) / safe_name(one.name)
            if path in paths or path.name in ("scenario.yaml", "alert.xml", "land.geojson"):
                path = path.with_name(f"{number}_{path.name}")
            path.write_bytes(one.content)
            paths.append(path)
        yield paths
