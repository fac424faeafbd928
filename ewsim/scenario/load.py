"""From a scenario file to a `Scenario`: every fault at once, at its line and column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ewsim.errors import Diagnostic, ScenarioError
from ewsim.scenario import document as documents
from ewsim.scenario.document import Document, Key
from ewsim.scenario.faults import faults_of
from ewsim.scenario.plugins import scenario_model
from ewsim.scenario.spec import Scenario
from ewsim.scenario.variants import PATH_KEYS, Change, applied, is_path, parse_change, with_arm


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario with the file it came from.

    `sha256` is that of the resolved scenario (arm and changes included) as canonical JSON, with
    paths as they were written, so it is the same on every machine.
    """

    spec: Scenario
    path: Path
    arm: str | None
    sha256: str
    document: Document

    def resolve(self, relative: str) -> Path:
        """A path of the scenario, which counts from the scenario's folder."""
        return self.path.parent / relative

    def position(self, key: str) -> tuple[int, int]:
        """Line and column of a dotted key in the file, or of what is nearest above it.

        The key is looked for in the arm first; items of a list are numbers.
        """
        keys: list[Key] = [int(k) if k.isdigit() else k for k in key.split(".")]
        in_arm = ["arms", self.arm, *keys] if self.arm is not None else []
        return self.document.place(in_arm if self.document.has(in_arm) and in_arm else keys)


def load_scenario(path: Path | str, sets: Sequence[str] = (), arm: str | None = None) -> LoadedScenario:
    """Read and check a scenario.

    Parameters
    ----------
    path
        The YAML file.
    sets
        Changes `KEY=VALUE`; paths in them count from the current folder.
    arm
        The named variant to lay over the scenario; changes come after it.

    Raises
    ------
    ScenarioError
        With every fault of the file, its arms, the changes, and the files it names.
    """
    path = Path(path)
    document = documents.read(path)
    changes = [parse_change(text) for text in sets]
    data = document.data if arm is None else with_arm(document, arm)
    for change in changes:
        data = applied(data, change)
    checker = _Checker(document, arm, changes)
    spec = checker.validated(data)
    checker.check_files(data, path.parent)
    if spec is not None:
        checker.cross_check(spec)
    for other in _arms(document):
        if other != arm:
            checker.check_arm(other)
    if checker.faults or spec is None:
        raise ScenarioError(sorted(set(checker.faults), key=lambda d: (d.line, d.column)))
    text = json.dumps(spec.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return LoadedScenario(_from_here(spec, changes), path, arm, sha256, document)


def _arms(document: Document) -> list[str]:
    named = document.data.get("arms")
    return list(named) if isinstance(named, dict) else []


def _from_here(spec: Scenario, changes: Sequence[Change]) -> Scenario:
    """Paths given by changes made absolute: they count from the current folder."""
    for room, key in PATH_KEYS:
        given = any(c.keys[:2] == (room, key) or c.keys == (room,) for c in changes)
        value = getattr(getattr(spec, room), key)
        if given and value is not None and is_path((room, key), value):
            part = getattr(spec, room).model_copy(update={key: str(Path(value).absolute())})
            spec = spec.model_copy(update={room: part})
    return spec


class _Checker:
    """Collects faults of one file."""

    def __init__(self, document: Document, arm: str | None, changes: Sequence[Change]) -> None:
        self.document = document
        self.arm = arm
        self.changes = changes
        self.faults: list[Diagnostic] = []

    def validated(self, data: dict[str, Any]) -> Scenario | None:
        """The scenario, or None with its faults collected."""
        model = scenario_model()
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for one in faults_of(error, model, data):
                self._say(one.keys, one.message, one.fix, of_value=one.of_value)
            return None

    def check_arm(self, arm: str) -> None:
        """Faults that only another arm has."""
        checker = _Checker(self.document, arm, ())
        data = with_arm(self.document, arm)
        spec = checker.validated(data)
        checker.check_files(data, Path(self.document.file).parent)
        if spec is not None:
            checker.cross_check(spec)
        self.faults += checker.faults

    def check_files(self, data: dict[str, Any], folder: Path) -> None:
        """Files that are not there."""
        for keys in PATH_KEYS:
            room = data.get(keys[0])
            value = room.get(keys[1]) if isinstance(room, dict) else None
            if not isinstance(value, str) or not is_path(keys, value):
                continue
            here = any(c.keys[:2] == keys or c.keys == keys[:1] for c in self.changes)
            if not (Path(value) if here else folder / value).is_file():
                base = "the current folder" if here else "the scenario's folder"
                self._say(
                    keys,
                    f"there is no file {value!r}.",
                    f"Check the path; it counts from {base}.",
                    of_value=True,
                )

    def cross_check(self, spec: Scenario) -> None:
        """Faults between keys."""
        names = [o.name for o in spec.network.operators]
        for index, raster in enumerate(spec.network.coverage):
            if raster.operator is not None and raster.operator not in names:
                self._say(
                    ("network", "coverage", index, "operator"),
                    f"there is no operator {raster.operator!r}.",
                    f"There are: {', '.join(names)}.",
                )
        for index, disturbance in enumerate(spec.disturbances):
            for operator in disturbance.where.operators or ():
                if operator not in names:
                    self._say(
                        ("disturbances", index, "where", "operators"),
                        f"there is no operator {operator!r}.",
                        f"There are: {', '.join(names)}.",
                    )
            back = disturbance.restored_at_s
            if back is not None and back <= disturbance.at_s:
                self._say(
                    ("disturbances", index, "restored_at_s"),
                    f"restored_at_s ({back:g}) is not after at_s ({disturbance.at_s:g}).",
                    "Give a later time, or leave it out.",
                )
        self._targeting(spec, names)
        self._sms(spec, names)
        self._phones(spec, names)
        if all(channel is None for _, channel in spec.channels):
            self._say(("channels",), "every channel is switched off.", "Leave one on.")

    def _sms(self, spec: Scenario, names: list[str]) -> None:
        sms = spec.channels.location_based_sms
        if sms is None:
            return
        room = ("channels", "location_based_sms")
        for operator in sms.operator_rates_per_s:
            if operator not in names:
                self._say(
                    (*room, "operator_rates_per_s", operator),
                    f"there is no operator {operator!r}.",
                    f"There are: {', '.join(names)}.",
                )
        if sms.paging_tries_count > 1 and sms.paging_repeat_s < sms.paging_discard_s:
            self._say(
                (*room, "paging_repeat_s"),
                f"a phone would be paged again after {sms.paging_repeat_s:g} s while its page "
                f"still waits, for {sms.paging_discard_s:g} s at most.",
                "Give paging_discard_s or more, or paging_tries_count: 1.",
                of_value=True,
            )

    def _phones(self, spec: Scenario, names: list[str]) -> None:
        cb, phones = spec.channels.cell_broadcast, spec.population.handsets
        one = ("channels", "cell_broadcast", "single_message_operators")
        profiles = ("population", "handsets", "operator_profile_shares")
        named = [(one, operator) for operator in (cb.single_message_operators if cb else ())]
        for keys, operator in [*named, *((profiles, o) for o in phones.operator_profile_shares)]:
            if operator not in names:
                self._say(
                    keys,
                    f"there is no operator {operator!r}.",
                    f"There are: {', '.join(names)}.",
                    of_value=True,
                )

    def _targeting(self, spec: Scenario, names: list[str]) -> None:
        rule = spec.targeting
        for operator in rule.by_operator:
            if operator not in names:
                self._say(
                    ("targeting", "by_operator", operator),
                    f"there is no operator {operator!r}.",
                    f"There are: {', '.join(names)}.",
                )
        rules: list[tuple[tuple[Key, ...], str]] = [(("targeting", "policy"), rule.policy)]
        for operator, own in rule.by_operator.items():
            rules.append((("targeting", "by_operator", operator, "policy"), own.policy))
        for keys, policy in rules:
            if policy == "county" and not (rule.admin_areas or spec.alert.gazetteer):
                self._say(
                    keys,
                    "the policy county needs admin areas.",
                    "Name a GeoJSON file of them with targeting.admin_areas.",
                )
        if spec.alert.geocodes and spec.alert.gazetteer is None:
            self._say(
                ("alert", "geocodes"),
                "there is no gazetteer to look geocodes up in.",
                "Name a GeoJSON file of areas with alert.gazetteer.",
            )

    def _in_arm(self, keys: Sequence[Key]) -> bool:
        return self.arm is not None and self.document.has(("arms", self.arm, *keys))

    def _say(self, keys: Sequence[Key], message: str, fix: str, *, of_value: bool = False) -> None:
        for change in self.changes:
            if tuple(keys[: len(change.keys)]) == change.keys:
                where = ".".join(str(k) for k in keys)
                self.faults.append(Diagnostic(f"--set {change.text}", 0, 0, f"{where}: {message}", fix))
                return
        full = ("arms", self.arm, *keys) if self._in_arm(keys) and self.arm else tuple(keys)
        line, column = self.document.place(full, of_value=of_value)
        self.faults.append(Diagnostic(self.document.file, line, column, message, fix))
