"""The session: the one state of a studio, which all pages see.

It holds one scenario that is worked on (`work.Work`), and what is looked at (`view`). Actions change it
one after another, in one thread. A session needs no server: tests make one with a folder alone, and then
long work is done at once and news are kept in `sent`.
"""

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any, Final, TypeVar

from ewsim.country.build import CheckedParts, Country, build_country
from ewsim.country.ground import BuiltGround
from ewsim.errors import InputError, ScenarioError, UsageError
from ewsim.files import write_file
from ewsim.population.people import Population
from ewsim.scenario.load import LoadedScenario, load_scenario
from ewsim.scenario.presets import as_yaml
from ewsim.studio.named import foreign_files
from ewsim.studio.offers import Offered, Offers
from ewsim.studio.work import SCENARIO, Version, Work

#: Who may be at a page; the lead may do everything.
ROLES: Final = ("lead", "authority", "operator", "observer")
#: The scenario that is looked at before it is kept.
_CHECKED = ".scenario.check.yaml"

Out = TypeVar("Out")


@dataclass(slots=True)
class Asker:
    """A page that is connected: its number, the name and role of who is there, and its language."""

    id: str
    name: str = ""
    role: str = "lead"
    language: str = "en"


class StudioSession:
    """One scenario, its versions, and what is looked at.

    Parameters
    ----------
    folder
        The studio's folder: each work has a folder in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work: Work | None = None
        self.view: dict[str, Any] = {}
        self.revision = 0
        self.askers: dict[str, Asker] = {}
        self.asker = Asker("")
        #: The revision that whoever asks has seen, and who made the last; None: it does not matter.
        self.seen: int | None = None
        self._last_by = ""
        self.offers = Offers()
        #: The addresses at which others join; none where the studio is not shared.
        self.links: list[str] = []
        #: Scenarios to begin with (`beginnings.Startable`), and the map that pages see now.
        self.choices: list[Any] = []
        self.scene: Mapping[str, Any] | None = None
        self.sent: list[tuple[str, Any, tuple[str, ...] | None]] = []
        #: How news leave and long work is done; the server puts its own here.
        self.send: Callable[[str, Any, tuple[str, ...] | None], None] = lambda *news: self.sent.append(news)
        self.run_later: Callable[[str, Callable[[], Any], Callable[[Any], None], bool], None] = self._at_once
        self._loaded: LoadedScenario | None = None
        self._country: tuple[Version, Country] | None = None
        self._parts = CheckedParts()
        self._building = RLock()

    # --- the scenario -----------------------------------------------------------------------------

    @property
    def version(self) -> Version:
        """The current version; raises UsageError where no scenario is open."""
        return self._opened().version

    def draft(self) -> dict[str, Any]:
        """The data of the scenario, as a copy that may be changed and kept."""
        return copy.deepcopy(dict(self.version.scenario))

    def begin(
        self, scenario: Mapping[str, Any], files: Mapping[str, bytes], source: str = "a new scenario"
    ) -> None:
        """Start work on a scenario in a folder of its own; raises ScenarioError with its faults.

        Parameters
        ----------
        scenario
            The data of scenario.yaml.
        files
            The files that it names, by name.
        source
            What it begins from, in words.
        """
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", str(scenario.get("name") or "")).strip("_")[:40] or "scenario"
        folder, number = self.folder / name, 1
        while folder.exists():
            number += 1
            folder = self.folder / f"{name}_{number}"
        first = Version("start.begin", copy.deepcopy(dict(scenario)), dict(files))
        self.folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".check-", dir=self.folder) as place:
            self._checked(first, Path(place))
        self._go_on(Work.begin(folder, source, first), {})

    def open(self, name: str) -> None:
        """Go on with the work of a folder; raises DataError where it cannot be read."""
        if name not in self.works():
            raise UsageError("There is no such work in the studio's folder. Choose one of the list.")
        work = Work.open(self.folder / name)
        self._go_on(work, _read_view(work.folder))

    def works(self) -> list[str]:
        """The names of the folders with work, those of the last change first."""
        found = [path for path in self.folder.glob("*/.studio/journal") if path.is_file()]
        found.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [path.parent.parent.name for path in found]

    def resume(self) -> None:
        """Go on with what was open when the last studio of this folder ended, if anything was."""
        try:
            name = json.loads((self.folder / ".studio.json").read_bytes())["open"]
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return
        if isinstance(name, str) and name in self.works():
            self.open(name)

    def close(self) -> None:
        """Leave the scenario; its work stays in its folder."""
        self.work, self.view, self._loaded, self._country = None, {}, None, None
        self._remember()
        self._new_revision()

    def keep(self, what: str, scenario: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> None:
        """Make a new version, check it and save it; raises ScenarioError with its faults, and keeps nothing.

        Parameters
        ----------
        what
            The action that makes it.
        scenario
            The data of scenario.yaml.
        files
            The files that are new or other than before, by name.
        """
        work = self._opened()
        self._unchanged_by_others()
        version = Version(what, copy.deepcopy(dict(scenario)), {**self.version.files, **(files or {})})
        loaded = self._checked(version, work.folder)
        work.keep(version)
        self._loaded = loaded
        self._new_revision()

    def go(self, steps: int) -> None:
        """Undo (-1) or redo (1)."""
        self._unchanged_by_others()
        self._opened().go(steps)
        self._loaded = None
        self._new_revision()

    def loaded(self) -> LoadedScenario:
        """The scenario of the current version, as `ewsim run` loads it."""
        if self._loaded is None:
            self._loaded = load_scenario(self._opened().path)
        return self._loaded

    def country(self) -> Country:
        """The country of the current version, built once; what did not change is used again.

        Any thread may ask for it; one builds it, and the others wait.
        """
        version, loaded = self.version, self.loaded()
        with self._building:
            if self._country is None or self._country[0] is not version:
                self._country = (version, build_country(loaded, self._parts))
            return self._country[1]

    def variant(self, sets: Iterable[str], arm: str | None) -> Country:
        """The country of the current version with changes; what they leave as it is is used again.

        Parameters
        ----------
        sets
            Changes as `--set` takes them.
        arm
            An arm of the scenario.
        """
        loaded = load_scenario(self._opened().path, tuple(sets), arm)
        with self._building:
            return build_country(loaded, self._parts)

    def inhabited(self) -> tuple[BuiltGround, Population]:
        """Ground and people of the current version, whatever its message is; any thread may ask."""
        loaded = self.loaded()
        with self._building:
            return self._parts.inhabited(loaded)

    def _new_revision(self) -> None:
        self.revision += 1
        self._last_by = self.asker.id

    def _unchanged_by_others(self) -> None:
        """Refuse a change that was made to an older state than that which others have made meanwhile."""
        if self.seen is not None and self.seen < self.revision and self._last_by != self.asker.id:
            other = self.askers.get(self._last_by)
            name = f"{other.name} has" if other is not None and other.name else "Somebody else has"
            raise UsageError(f"{name} changed the scenario meanwhile. Look at it, and do yours again.")

    def _opened(self) -> Work:
        if self.work is None:
            raise UsageError("No scenario is open. Choose one at Start.")
        return self.work

    def _go_on(self, work: Work, view: dict[str, Any]) -> None:
        self.work, self.view, self._loaded, self._country = work, view, None, None
        self._parts, self.scene = CheckedParts(), None
        self._remember()
        self._new_revision()

    def _remember(self) -> None:
        name = None if self.work is None else self.work.folder.name
        write_file(self.folder / ".studio.json", json.dumps({"open": name}).encode(), force=True)

    def _checked(self, version: Version, folder: Path) -> LoadedScenario:
        """A version as a scenario, before it is kept: files that are new are written, others stay."""
        path = folder / _CHECKED
        for name, content in version.files.items():
            if not (folder / name).exists():
                write_file(folder / name, content)
        text = as_yaml(dict(version.scenario))
        if foreign := foreign_files(text, SCENARIO, version.scenario, version.files):
            raise ScenarioError(foreign)
        try:
            write_file(path, text.encode(), force=True)
            loaded = load_scenario(path)
        except InputError as error:
            found = (
                replace(one, file=Path(one.file).name.replace(_CHECKED, SCENARIO))
                for one in error.diagnostics
            )
            raise ScenarioError(found) from None
        finally:
            path.unlink(missing_ok=True)
        kept = folder / SCENARIO
        return replace(loaded, path=kept, document=replace(loaded.document, file=str(kept)))

    # --- what is looked at ------------------------------------------------------------------------

    def look(self, **changes: Any) -> None:
        """Change what is looked at; it is saved with the work, and no part of the scenario."""
        self.view.update(changes)
        if self.work is not None:
            write_file(self.work.folder / ".studio" / "view.json", json.dumps(self.view).encode(), force=True)
        self.changed()

    def changed(self) -> None:
        """Send the state to all pages again."""
        self.send("state", None, None)

    def show(self, scene: Mapping[str, Any]) -> None:
        """Put a scene on the map of all pages, and of those that come later."""
        self.scene = scene
        self.news("scene", scene)

    def news(self, kind: str, document: Any, to: Iterable[str] | None = None) -> None:
        """Send something larger than the state, to all pages or to some.

        Parameters
        ----------
        kind
            The name that the page listens to.
        document
            What is sent, as plain data.
        to
            The numbers of the askers; None: all.
        """
        self.send(kind, document, None if to is None else tuple(to))

    def offer(self, name: str, content: bytes, kind: str = "application/octet-stream") -> str:
        """Offer a file to the page; the address at which it is downloaded.

        Parameters
        ----------
        name
            What the file is called there.
        content
            Its bytes.
        kind
            Its media type.
        """
        return f"/out/{self.offers.add(Offered(name, content, kind))}"

    def uploaded(self, token: str) -> Offered:
        """The file that a page has uploaded; raises UsageError where it is no longer there."""
        return self.offers.take(token)

    def later(
        self, key: str, compute: Callable[[], Out], done: Callable[[Out], None], *, alone: bool = True
    ) -> None:
        """Compute in the background, then go on with the result in the session's own thread.

        Parameters
        ----------
        key
            The sort of work. Newer work of a sort replaces older that still waits.
        compute
            Long work, which may ask this session only for its country.
        done
            Takes the result. It is not called where `compute` fails: then the news "faults" says why.
        alone
            Whether no other such work may run meanwhile, since compiled models share their threads; work in
            processes of its own need not wait.
        """
        self.run_later(key, compute, done, alone)

    def _at_once(
        self, key: str, compute: Callable[[], Any], done: Callable[[Any], None], alone: bool
    ) -> None:
        del key, alone
        done(compute())


def _read_view(folder: Path) -> dict[str, Any]:
    try:
        view = json.loads((folder / ".studio" / "view.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return view if isinstance(view, dict) else {}
