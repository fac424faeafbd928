"""From a scenario file to a `Scenario`: every fault at once, at its line and column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ewsim.errors import Diagnostic, KeyFault, ScenarioError, Severity, expect
from ewsim.files import is_file
from ewsim.scenario import document as documents
from ewsim.scenario import words
from ewsim.scenario.checks import cross_faults
from ewsim.scenario.document import Document, Key
from ewsim.scenario.earlier import decided_earlier
from ewsim.scenario.faults import faults_of, is_of, placed, without_disturbances, without_faults
from ewsim.scenario.model import scenario_model
from ewsim.scenario.spec import Scenario
from ewsim.scenario.variants import (
    PATH_KEYS,
    Change,
    applied,
    is_path,
    parse_change,
    paths_in,
    with_arm,
    with_arm_file,
)

#: Faults of one file that are listed; nobody reads more at once.
MOST_FAULTS = 200


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario with the file it came from; `written` is `spec` with the paths as they were given.

    `waiting` are faults that are raised together with those that only the built country shows.
    """

    spec: Scenario
    path: Path
    arm: str | None
    written: Scenario
    document: Document
    waiting: tuple[Diagnostic, ...] = ()

    def __repr__(self) -> str:
        arm = f", arm {self.arm}" if self.arm else ""
        return f"<LoadedScenario {self.spec.name}{arm} from {self.path}>"

    @property
    def sha256(self) -> str:
        """Of the resolved scenario, arm and changes included, as canonical JSON: everywhere the same."""
        text = json.dumps(self.written.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def resolve(self, relative: str) -> Path:
        """A path of the scenario, which counts from the scenario's folder."""
        return self.path.parent / relative

    def fault(self, key: str, message: str, fix: str) -> ScenarioError:
        """An error at a key of the file.

        Parameters
        ----------
        key
            The dotted key.
        message
            What is wrong, without a full stop.
        fix
            What to write.
        """
        return ScenarioError.at(self.path, f"{message}.", fix, *self.position(key))

    def placed(self, fault: KeyFault, severity: Severity = "error") -> Diagnostic:
        """A finding at its line and column, in the arm where the arm says it.

        Parameters
        ----------
        fault
            What was found.
        severity
            How bad it is.
        """
        in_arm = ("arms", self.arm, *fault.keys) if self.arm is not None else ()
        keys = in_arm if in_arm and self.document.has(in_arm) else fault.keys
        file, line, column = self.document.locate(keys, of_value=fault.of_value)
        file = str(self.path) if file == self.document.file else file
        return Diagnostic(file, line, column, fault.message, fault.fix, severity)

    def position(self, key: str) -> tuple[int, int]:
        """Line and column of a dotted key in the file, or of what is nearest above it.

        The key is looked for in the arm first; items of a list are numbers.
        """
        keys: list[Key] = [int(k) if k.isdigit() else k for k in key.split(".")]
        found = self.placed(KeyFault(tuple(keys), ""))
        return found.line, found.column


def load_scenario(path: Path | str, sets: Sequence[str] = (), arm: str | None = None) -> LoadedScenario:
    """Read and check a scenario.

    Parameters
    ----------
    path
        The YAML file.
    sets
        Changes `KEY=VALUE`; paths in them count from the current folder.
    arm
        The variant to lay over the scenario: its name, or a YAML file with it. Changes come after it.

    Raises
    ------
    ScenarioError
        With every fault of the file, its arms, the changes, and the files it names.
    """
    expect(path, Path | str, "load_scenario takes a scenario file")
    expect(arm, str | None, "arm takes the name of an arm")
    if isinstance(sets, str) or not all(isinstance(text, str) for text in sets):
        raise TypeError('sets takes a list of changes as text: ["population.people_count=3000"]')
    path = Path(path)
    document = documents.read(path)
    if arm is not None and arm.endswith((".yaml", ".yml")):
        document, arm = with_arm_file(document, Path(arm))
    changes = [parse_change(text) for text in sets]
    checker = _Checker(document, arm, changes)
    spec = checker.checked()
    for other in _arms(document):
        if other != arm and len(checker.faults) <= MOST_FAULTS:  # no more would be shown
            checker.check_arm(other)
    return _loaded(checker, spec, path)


def load_in_spite(
    path: Path, sets: Sequence[str] = ()
) -> tuple[LoadedScenario, list[tuple[Key, ...]]] | None:
    """A scenario that has faults, with something harmless in place of what is wrong, and the keys of that.

    None where nothing can stand in its place.

    Raises
    ------
    ScenarioError
        It is no YAML.
    """
    checker = _Checker(documents.read(path), None, [parse_change(text) for text in sets])
    checker.checked()
    if checker.rest is None:
        return None
    rest = _from_here(checker.rest, checker.changes)
    return LoadedScenario(rest, path, None, checker.rest, checker.document), checker.wrong


def load_arms(path: Path | str, sets: Sequence[str] = ()) -> Iterator[LoadedScenario]:
    """A scenario and each of its arms, one after another, read once; as `load_scenario` for each.

    Raises
    ------
    ScenarioError
        With every fault of the file, its arms, the changes, and the files it names.
    """
    first = load_scenario(path, sets)
    changes = [parse_change(text) for text in sets]
    yield first
    for arm in first.spec.arms:
        checker = _Checker(first.document, arm, changes)
        yield _loaded(checker, checker.checked(first.spec.arms), first.path)


def load_changed(first: LoadedScenario, sets: Sequence[str]) -> LoadedScenario:
    """A scenario that was loaded before, with these changes only, without reading and checking all again.

    Raises
    ------
    ScenarioError
        With every fault that the changes make.
    """
    checker = _Checker(first.document, first.arm, [parse_change(text) for text in sets])
    return _loaded(checker, checker.checked(first.spec.arms), first.path)


def _loaded(checker: _Checker, spec: Scenario | None, path: Path) -> LoadedScenario:
    """What was checked; raises its faults."""
    found = sorted({*checker.faults, *checker.waiting}, key=lambda d: (d.line, d.column))
    if checker.faults or spec is None:
        raise ScenarioError(most_of(found))
    here = _from_here(spec, checker.changes)
    return LoadedScenario(here, path, checker.arm, spec, checker.document, tuple(found))


def most_of(found: list[Diagnostic]) -> list[Diagnostic]:
    """The first faults of a file, and how many more there are."""
    more = len(found) - MOST_FAULTS
    if more <= 0:
        return found
    last = found[MOST_FAULTS]
    message = f"{more:,} more faults from here on."
    return [*found[:MOST_FAULTS], Diagnostic(last.file, last.line, last.column, message, "Fix these first.")]


def _arms(document: Document) -> list[str]:
    named = document.data.get("arms")
    return [arm for arm, over in named.items() if isinstance(over, dict)] if isinstance(named, dict) else []


def _from_here(spec: Scenario, changes: Sequence[Change]) -> Scenario:
    """Paths given by changes made absolute: they count from the current folder."""
    for room, key in PATH_KEYS:
        given = any(c.keys[:2] == (room, key) or c.keys == (room,) for c in changes)
        value = getattr(getattr(spec, room), key)
        if given and value is not None and is_path((room, key), value):
            part = getattr(spec, room).model_copy(update={key: str(Path(value).absolute())})
            spec = spec.model_copy(update={room: part})
    rooms = [[("disturbances", n, "path")[:k] for k in (1, 2, 3)] for n in range(len(spec.disturbances))]
    given_here = [any(c.keys in keys for c in changes) for keys in rooms]
    if any(given_here):
        pairs = zip(spec.disturbances, given_here, strict=True)
        moved = tuple(one.from_folder(Path.cwd()) if here else one for one, here in pairs)
        spec = spec.model_copy(update={"disturbances": moved})
    return spec


class _Checker:
    """Collects faults of one file."""

    def __init__(self, document: Document, arm: str | None, changes: Sequence[Change]) -> None:
        self.document = document
        self.arm = arm
        self.changes = list(changes)
        self.faults: list[Diagnostic] = []
        self.waiting: list[Diagnostic] = []
        #: The keys at fault, and the scenario with something else in place of them, where that is one.
        self.wrong: list[tuple[Key, ...]] = []
        self.rest: Scenario | None = None

    def validated(self, data: dict[str, Any]) -> Scenario | None:
        """The scenario, or None with its faults collected."""
        model = scenario_model()
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for fault in faults_of(error, model, data):
                self._say(fault)
            self._look_further(*without_faults(error, data))
            return None

    def _look_further(self, data: dict[str, Any], wrong: list[tuple[Key, ...]]) -> None:
        """Faults between keys that are there whatever stands in place of wrong values."""
        spec = self.rest = without_disturbances(data)
        if spec is None:
            return
        for fault in cross_faults(spec):
            if not is_of(fault, wrong):
                self._say(fault)

    def checked(self, arms: dict[str, Any] | None = None) -> Scenario | None:
        """The scenario with its arm and changes, or None; every fault is collected.

        `arms` are those of the file where they are known to be right: looking at all of them again for each
        of them would take the square of their number.
        """
        data = self.document.data if self.arm is None else with_arm(self.document, self.arm)
        for place, change in enumerate(self.changes):
            data, self.changes[place] = applied(data, change, self.arm)
        if arms is not None:
            data = {key: value for key, value in data.items() if key != "arms"}
        data = decided_earlier(data)
        spec = self.validated(data)
        self.rest = spec or self.rest
        if spec is not None and arms:
            spec = spec.model_copy(update={"arms": arms})
        self.check_files(data, Path(self.document.file).parent)
        if spec is not None:
            self.cross_check(spec)
            self.check_thousands(spec)
        return spec

    def check_thousands(self, spec: Scenario) -> None:
        """Whole numbers that were written as 250.000: nobody means 250 with it."""
        for keys, read in self.document.thousands():
            own = keys[2:] if keys[:2] == ("arms", self.arm) else keys
            node: Any = spec
            key: Any
            for key in own:
                try:
                    node = node[key] if isinstance(node, tuple | dict) else getattr(node, str(key), None)
                except (LookupError, TypeError):
                    node = None
            if isinstance(node, int) and node == read:
                fix = f"Write {read}000, or {read}."
                self._say(KeyFault(own, f"{own[-1]} is {read}.000.", fix, of_value=True))

    def check_arm(self, arm: str) -> None:
        """Faults that only another arm has."""
        checker = _Checker(self.document, arm, ())
        checker.checked({})
        self.faults += checker.faults
        self.waiting += checker.waiting

    def check_files(self, data: dict[str, Any], folder: Path) -> None:
        """Files that are not there."""
        for keys, value in paths_in(data):
            if not isinstance(value, str) or not is_path(keys, value):
                continue
            here = any(keys[: len(c.keys)] == c.keys for c in self.changes)
            if not is_file(Path(value) if here else folder / value):
                base = "the current folder" if here else "the scenario's folder"
                fix = f"Check the path; it counts from {base}."
                self._say(KeyFault(keys, f"there is no file {words.shown(value)}.", fix, of_value=True))

    def cross_check(self, spec: Scenario) -> None:
        """Faults between keys."""
        for fault in cross_faults(spec):
            self._say(fault)

    def _in_file(self, keys: Sequence[Key]) -> bool:
        return self.document.has(tuple(keys)) or self._in_arm(keys)

    def _in_arm(self, keys: Sequence[Key]) -> bool:
        return self.arm is not None and self.document.has(("arms", self.arm, *keys))

    def _say(self, fault: KeyFault) -> None:
        faults = self.waiting if fault.waits else self.faults
        self.wrong.append(fault.keys)
        for change in self.changes:
            made = change.keys[: len(fault.keys)] == fault.keys and not self._in_file(fault.keys)
            if made or fault.keys[: len(change.keys)] == change.keys:
                where = ".".join(str(k) for k in fault.keys)
                message = f"{where}: {fault.message}"
                faults.append(Diagnostic(f"--set {change.text}", 0, 0, message, fault.fix))
                return
        full = fault.below("arms", self.arm) if self._in_arm(fault.keys) and self.arm else fault
        faults.append(placed(full, self.document))
