"""The registry of actions: everything that a page can do to the session goes through here.

How to plug in: write a module with functions like these, and add its name to `server.ROOMS`.

    @action("alert.area", who=("authority",))
    def set_area(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
        scenario = session.draft()                       # a copy to change
        scenario["alert"]["area_override"] = {"polygon": fields.points("corners")}
        session.keep("alert.area", scenario)             # checked, saved, undone by undo
        return None                                      # or an answer for whoever asked

    @part("alert")
    def alert_state(session: StudioSession) -> dict[str, Any]:
        return {"area": ...}                             # small: every page gets it after every change

    @follower                                            # after every new version, undo, redo and opening
    def rerun(session: StudioSession) -> None: ...

`@greeter` and `@farewell` functions `f(session, asker)` are called when a page comes and when it has gone.
An action raises an `EwsimError` for a fault of what it was given: its sentences go to whoever asked, and the
state stays. The lead may do everything; `who` names the other roles that may (`EVERYONE` for all). Large
answers are news (`session.news`), long work goes to `session.later`.
"""

import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ewsim.errors import EwsimError, InputError, UsageError
from ewsim.studio.given import GivenFields
from ewsim.studio.session import ROLES, Asker, StudioSession

#: For `who`: everybody, observers too.
EVERYONE: Final = ROLES

#: Folders for a while (`ewsim-...`, `.check-...`), with all that leads to them.
_OWN_FOLDERS: Final = re.compile(r"[^\s'\"]*[/\\](ewsim-|\.check-)[^\s/\\'\"]+[/\\]")

Acts = Callable[[StudioSession, GivenFields], dict[str, Any] | None]
Shows = Callable[[StudioSession], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Registered:
    """What an action does, and the roles that may do it besides the lead."""

    acts: Acts
    who: tuple[str, ...]


_actions: dict[str, Registered] = {}
_parts: dict[str, Shows] = {}
_followers: list[Callable[[StudioSession], None]] = []
_greeters: list[Callable[[StudioSession, Asker], None]] = []
_farewells: list[Callable[[StudioSession, Asker], None]] = []


def action(name: str, who: tuple[str, ...] = ()) -> Callable[[Acts], Acts]:
    """Register a function as an action under a dotted name."""

    def register(function: Acts) -> Acts:
        _actions[name] = Registered(function, who)
        return function

    return register


def part(name: str) -> Callable[[Shows], Shows]:
    """Register a function that gives one part of the state of all pages."""

    def register(function: Shows) -> Shows:
        _parts[name] = function
        return function

    return register


def follower(function: Callable[[StudioSession], None]) -> Callable[[StudioSession], None]:
    """Register a function that is called after every new version, undo, redo and opening."""
    _followers.append(function)
    return function


def greeter(function: Callable[[StudioSession, Asker], None]) -> Callable[[StudioSession, Asker], None]:
    """Register a function that is called when a page has come, before it gets the state."""
    _greeters.append(function)
    return function


def farewell(function: Callable[[StudioSession, Asker], None]) -> Callable[[StudioSession, Asker], None]:
    """Register a function that is called when a page has gone."""
    _farewells.append(function)
    return function


def follow(session: StudioSession) -> None:
    """Call those who follow new versions."""
    _all(_followers, session)


def joined(session: StudioSession, asker: Asker) -> None:
    """Call those who greet a page."""
    _all(_greeters, session, asker)


def left(session: StudioSession, asker: Asker) -> None:
    """Call those who see a page off."""
    _all(_farewells, session, asker)


def _all(functions: Sequence[Callable[..., None]], session: StudioSession, *values: Any) -> None:
    """Call each; the faults of one keep no other from its work."""
    for function in functions:
        try:
            function(session, *values)
        except EwsimError as error:
            session.news("faults", {"of": "", "faults": sentences(error)})
        except Exception as error:  # noqa: BLE001 - the server goes on
            session.news("faults", {"of": "", "faults": [defect(error)]})


def act(
    session: StudioSession, asker: Asker, name: object, fields: object, seen: object = None
) -> dict[str, Any]:
    """Do what a page asks for; its answer, or `{"faults": [sentence, ...]}`.

    Parameters
    ----------
    session
        The session.
    asker
        Who asks.
    name, fields
        The action and its fields, as they came.
    seen
        The revision that the page has seen.
    """
    session.asker = asker
    session.seen = seen if isinstance(seen, int) else None
    try:
        acts = _allowed(asker, name)
        return acts(session, GivenFields(fields if isinstance(fields, Mapping) else {})) or {}
    except Exception as error:  # noqa: BLE001 - the state is kept, and the server goes on
        return {"faults": faults_of(error)}


def _allowed(asker: Asker, name: object) -> Acts:
    """The action of a name, where this page may do it."""
    registered = _actions.get(name) if isinstance(name, str) else None
    if registered is None:
        raise UsageError("The page asks for something that the studio does not know. Reload the page.")
    if asker.role != "lead" and asker.role not in registered.who:
        raise UsageError(f"This is not for the role {asker.role}. Ask whoever leads to do it.")
    return registered.acts


def state_of(session: StudioSession) -> dict[str, Any]:
    """The whole small state: every part by its name."""
    return {name: _shown(session, shows) for name, shows in _parts.items()}


def _shown(session: StudioSession, shows: Shows) -> dict[str, Any]:
    try:
        return shows(session)
    except EwsimError as error:
        return {"faults": sentences(error)}
    except Exception as error:  # noqa: BLE001 - the other parts are shown all the same
        return {"faults": [defect(error)]}


def faults_of(error: Exception) -> list[str]:
    """What a page is shown of whatever went wrong."""
    if isinstance(error, EwsimError):
        return sentences(error)
    if isinstance(error, MemoryError):
        return ["There is too little memory for this. Choose a smaller scenario."]
    return [defect(error)]


def sentences(error: EwsimError) -> list[str]:
    """The faults of an error, each with its place, and without the folders of this machine."""
    texts = [str(error)]
    if isinstance(error, InputError):
        texts = [str(replace(one, file=Path(one.file).name)) for one in error.diagnostics]
    return [_OWN_FOLDERS.sub("", text) for text in texts]


def defect(error: Exception) -> str:
    """What is said of an error that should not be; its trace goes to the terminal."""
    traceback.print_exception(error, file=sys.stderr)
    return (
        f"A defect in ewsim, not in what you did: {type(error).__name__}. Nothing is lost. "
        "Please report it; the terminal shows where it happened."
    )
