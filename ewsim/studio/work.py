"""A scenario that is worked on, in a folder of its own: every version is saved as it is made.

The folder holds `scenario.yaml` and its files as `ewsim run` reads them, and under `.studio/` a journal with
a line for each version and each undo. A program that is killed loses nothing: the next one reads the
journal, and writes the current version again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ewsim.errors import DataError, RunError, UsageError
from ewsim.files import write_file
from ewsim.scenario.presets import as_yaml

FORMAT = "ewsim.studio/1"
SCENARIO = "scenario.yaml"
#: Versions that can be undone; older ones are forgotten.
MOST_VERSIONS = 300

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the work.

    `what` is the action that made it, `scenario` the data of scenario.yaml, and `files` the files beside it,
    by name.
    """

    what: str
    scenario: Mapping[str, Any]
    files: Mapping[str, bytes]

    def contents(self) -> dict[str, bytes]:
        """Every file as `ewsim run` reads it, by name: those that the scenario names first, then itself."""
        return {**self.files, SCENARIO: as_yaml(dict(self.scenario)).encode()}

    @contextmanager
    def written(self) -> Iterator[Path]:
        """The scenario file, in a folder that goes again."""
        with TemporaryDirectory(prefix="ewsim-") as folder:
            for name, content in self.contents().items():
                write_file(Path(folder, name), content)
            yield Path(folder, SCENARIO)


class Work:
    """The versions of one scenario, in a folder; `source` says what it began from.

    Parameters
    ----------
    folder
        Where it is kept.
    source
        What it began from, for the list of works.
    """

    def __init__(self, folder: Path, source: str) -> None:
        self.folder = folder
        self.source = source
        self._versions: list[Version] = []
        self._place = -1
        self._written: dict[str, bytes] = {}

    @classmethod
    def begin(cls, folder: Path, source: str, first: Version) -> Work:
        """New work in a new folder.

        Parameters
        ----------
        folder
            Where it is kept.
        source
            What it begins from.
        first
            Its first version.
        """
        work = cls(folder, source)
        try:
            work._hidden.mkdir(parents=True)
        except FileExistsError:
            raise UsageError(f"{folder} has work already. Open it, or choose another folder.") from None
        except OSError as error:
            raise RunError(f"{folder} cannot be written: {error.strerror}. Choose another folder.") from None
        work._append({"format": FORMAT, "source": source})
        work.keep(first)
        return work

    @classmethod
    def open(cls, folder: Path) -> Work:
        """The work of a folder as it was left; raises DataError for a journal that cannot be read."""
        journal = folder / ".studio" / "journal"
        try:
            lines = journal.read_bytes().split(b"\n")
            work = cls(folder, str(json.loads(lines[0])["source"]))
            for line in lines[1:-1]:  # what follows the last end of a line was not written whole
                work._replay(json.loads(line))
            work._place = range(len(work._versions))[work._place]
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            fix = "Move the folder away, and start again from the scenario."
            raise DataError.at(journal, f"this work cannot be opened: {error}.", fix) from None
        work._compact()
        work._write_out()
        return work

    @property
    def version(self) -> Version:
        """The current version."""
        return self._versions[self._place]

    @property
    def until_now(self) -> Sequence[Version]:
        """The versions up to the current one, the oldest first."""
        return self._versions[: self._place + 1]

    @property
    def path(self) -> Path:
        """The scenario file that `ewsim run` reads."""
        return self.folder / SCENARIO

    @property
    def undoes(self) -> str | None:
        """What undo would take back; None where there is nothing."""
        return self._versions[self._place].what if self._place > 0 else None

    @property
    def redoes(self) -> str | None:
        """What redo would do again; None where there is nothing."""
        return self._versions[self._place + 1].what if self._place + 1 < len(self._versions) else None

    def keep(self, version: Version) -> None:
        """Make a version the current one; those that were undone are forgotten."""
        for name in version.files:
            if not _NAME.fullmatch(name) or name == SCENARIO:
                raise UsageError(f"A file cannot be called {name[:60]!r}. Use letters, digits, - and _.")
        digests = {name: self._kept(content) for name, content in version.files.items()}
        self._append({"what": version.what, "scenario": version.scenario, "files": digests})
        self._add(version)
        self._write_out()

    def go(self, steps: int) -> None:
        """Undo (-1) or redo (1); raises UsageError where there is nothing."""
        if not 0 <= self._place + steps < len(self._versions):
            raise UsageError("There is nothing to undo." if steps < 0 else "There is nothing to do again.")
        self._append({"go": steps})
        self._place += steps
        self._write_out()

    # --- the journal ------------------------------------------------------------------------------

    @property
    def _hidden(self) -> Path:
        return self.folder / ".studio"

    def _append(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        try:
            with (self._hidden / "journal").open("ab") as journal:
                journal.write(text.encode() + b"\n")
        except OSError as error:
            raise RunError(f"{self.folder} cannot be written: {error.strerror}.") from None

    def _kept(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._hidden / digest
        if not path.exists():
            write_file(path, content)
        return digest

    def _add(self, version: Version) -> None:
        del self._versions[self._place + 1 :]
        self._versions.append(version)
        del self._versions[:-MOST_VERSIONS]
        self._place = len(self._versions) - 1

    def _replay(self, line: Mapping[str, Any]) -> None:
        if "go" in line:
            self._place += int(line["go"])
            return
        files = {}
        for name, digest in line["files"].items():
            if not _NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-f]{64}", digest):
                raise ValueError(f"it names a file {name[:60]!r}")
            known = (v.files[name] for v in self._versions[-1:] if name in v.files)
            content = next((c for c in known if hashlib.sha256(c).hexdigest() == digest), None)
            files[name] = (self._hidden / digest).read_bytes() if content is None else content
        self._add(Version(str(line["what"]), dict(line["scenario"]), files))

    def _compact(self) -> None:
        """Write the journal again with the versions that can still be reached, and drop other contents."""
        lines: list[Mapping[str, Any]] = [{"format": FORMAT, "source": self.source}]
        used = {"journal", "view.json"}
        for version in self._versions:
            digests = {name: hashlib.sha256(content).hexdigest() for name, content in version.files.items()}
            used |= set(digests.values())
            lines.append({"what": version.what, "scenario": version.scenario, "files": digests})
        if self._place + 1 < len(self._versions):
            lines.append({"go": self._place + 1 - len(self._versions)})
        text = "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in lines)
        write_file(self._hidden / "journal", text.encode(), force=True)
        for path in self._hidden.iterdir():
            if path.name not in used and re.fullmatch(r"[0-9a-f]{64}", path.name):
                path.unlink(missing_ok=True)

    def _write_out(self) -> None:
        """The current version as `ewsim run` reads it: its files first, then the scenario."""
        wanted = self.version.contents()
        for name, content in wanted.items():
            if self._written.get(name) != content:
                write_file(self.folder / name, content, force=True)
        self._written = wanted
