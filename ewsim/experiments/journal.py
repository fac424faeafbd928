"""What is finished of many runs, kept on disk as it comes: whoever kills the program loses no run.

A folder beside the output, `OUT.unfinished`, holds what the runs are of and one line for each that is
finished. The same command goes on from there; at the end the folder is removed.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from ewsim import files
from ewsim.errors import RunError, count_of
from ewsim.kernels import digest
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.variants import is_path, paths_in
from ewsim.version import __version__

_ABOUT, _LINES, _LOCK = "about.json", "finished.jsonl", "lock"


class Journal:
    """The runs that are finished, by name; on disk from the first on.

    Parameters
    ----------
    output
        The folder that the result goes to.
    about
        What the runs are of.
    """

    def __init__(self, output: Path, about: Mapping[str, Any]) -> None:
        self.finished: dict[str, Any] = {}
        self.folder = output.with_name(f"{output.absolute().name}.unfinished")
        self._about = json.dumps(about, sort_keys=True)
        self._lines: IO[str] | None = None
        self._lock: IO[str] | None = None

    def go_on(self, *, force: bool = False) -> None:
        """Keep the folder, and take what is finished of an earlier program; `force` gives up all else."""
        if not self.folder.is_dir():
            self._take()
            return
        if {item.name for item in self.folder.iterdir()} - {_ABOUT, _LINES, _LOCK}:
            raise RunError(f"{self.folder} is not a journal of ewsim. Choose another folder with -o.")
        self._take()
        about, lines = self.folder / _ABOUT, self.folder / _LINES
        if not about.is_file() or about.read_text(encoding="utf-8") != self._about:
            if lines.is_file() and not force:
                raise RunError(
                    f"{self.folder} holds finished runs of another scenario, setting or version of ewsim. "
                    "Choose another folder with -o, or begin again with --force."
                )
            lines.unlink(missing_ok=True)
            return
        text = lines.read_text(encoding="utf-8", errors="replace") if lines.is_file() else ""
        whole = text[: text.rfind("\n") + 1]
        if whole != text:  # the last line was cut when the program was killed
            os.truncate(lines, len(whole.encode()))
        for line in whole.splitlines():
            with suppress(ValueError, TypeError):
                name, row = json.loads(line)
                self.finished[name] = row
        if self.finished:
            self._keep()

    def add(self, name: str, row: Any) -> None:
        """Write down a finished run."""
        try:
            if self._lines is None:
                self._take()
                (self.folder / _ABOUT).write_text(self._about, encoding="utf-8")
                self._lines = (self.folder / _LINES).open("a", encoding="utf-8")
            self._lines.write(json.dumps([name, row], allow_nan=False) + "\n")
            self._lines.flush()
        except OSError as error:
            fix = f"{self._kept()}: make room, and run the same command again."
            raise self.unwritable(error, fix) from None
        self.finished[name] = row
        self._keep()

    def said(self) -> str:
        """That there are some already."""
        return f"{count_of(len(self.finished), 'finished runs are')} taken from {self.folder}."

    def unwritable(self, error: OSError, fix: str) -> RunError:
        """That the folder cannot be written, and what to do."""
        return RunError(f"{self.folder} cannot be written: {error.strerror or error}. {fix}")

    def close(self, *, done: bool) -> None:
        """Let go of the folder; it is removed when all is done, or nothing is in it."""
        if self._lines is not None:
            with suppress(OSError):  # the disk is full: what could not be written is made again
                self._lines.close()
        if self._lock is not None:
            if done or not self.finished:
                shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.close()
        files.let_go(self.folder)

    def _keep(self) -> None:
        files.keep(self.folder, f"{self._kept()} in {self.folder}: the same command goes on.")

    def _kept(self) -> str:
        return f"{count_of(len(self.finished), 'finished runs are')} kept"

    def _take(self) -> None:
        """Keep the folder to this program; the system lets go when the program ends, however it does."""
        if self._lock is not None:
            return
        with files.whole():
            new = not self.folder.is_dir()
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / _LOCK).open("w")
            if not _locked(self._lock):
                self._lock.close()
                self._lock = None
                raise RunError(
                    f"another ewsim is writing to {self.folder}. "
                    "Wait until it ends, or choose another folder with -o."
                )
            if new:
                files.begin(self.folder)


def _locked(file: IO[str]) -> bool:
    """Whether this program has the lock of a file now."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def unfinished(
    output: Path | None, about: Mapping[str, Any], *, force: bool = False
) -> Iterator[Journal | None]:
    """The journal of runs whose result goes to `output`; None without an output.

    It is removed when what is inside ends well, and kept where it does not.

    Parameters
    ----------
    output
        The folder of the result.
    about
        What the runs are of; a journal of anything else is refused.
    force
        Replace a journal of something else.

    Raises
    ------
    RunError
        Another program is writing there, or the journal is of something else.
    """
    if output is None:
        yield None
        return
    journal, done = Journal(output, about), False
    try:
        try:
            journal.go_on(force=force)
        except OSError as error:
            raise journal.unwritable(error, "Choose another folder with -o.") from None
        yield journal
        done = True
    finally:
        journal.close(done=done)


def identity(loaded: LoadedScenario, **settings: Any) -> dict[str, Any]:
    """What runs of a scenario are of: the scenario, its files, this version, and settings that matter."""
    named = [
        loaded.resolve(path)
        for keys, path in paths_in(loaded.spec.model_dump(mode="json"))
        if isinstance(path, str) and is_path(keys, path)
    ]
    return {
        "version": __version__,
        "models": digest(),
        "scenario": loaded.sha256,
        "arm": loaded.arm,
        "files": [files.sha256(path) for path in named if files.is_file(path)],
        **settings,
    }
