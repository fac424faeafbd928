"""The actions of "What would help": measures, one beside the scenario, its range, taking it over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from ewsim.errors import UsageError
from ewsim.report.speech import languages, speech_of
from ewsim.studio.actions import action, faults_of, follower, greeter, part
from ewsim.studio.given import GivenFields
from ewsim.studio.helping import trying
from ewsim.studio.helping.trying import Pair, Variant
from ewsim.studio.session import Asker, StudioSession
from ewsim.studio.watch.panel import watched
from ewsim.studio.work import Version


class HelpRoom:
    """What is known of one version: its measures, and the variant that is beside it."""

    def __init__(self, version: Version | None = None) -> None:
        self.version = version
        self.document: dict[str, Any] | None = None
        self.shown: dict[str, Any] | None = None
        self.pair: Pair | None = None
        self.range: dict[str, Any] | None = None
        self.busy = ""


@dataclass(frozen=True, slots=True)
class _Faults:
    """Why there is no answer."""

    sentences: list[str]


Out = TypeVar("Out")
_rooms: WeakKeyDictionary[StudioSession, HelpRoom] = WeakKeyDictionary()


def room_of(session: StudioSession) -> HelpRoom:
    """What is known of the current version; of another nothing."""
    version = session.version if session.work is not None else None
    room = _rooms.get(session)
    if room is None or room.version is not version:
        room = _rooms[session] = HelpRoom(version)
    return room


@part("help")
def help_state(session: StudioSession) -> dict[str, Any]:
    """The measures and arms to try, and what is known of them."""
    if session.work is None:
        return {"arms": [], "measures": None, "busy": ""}
    room = room_of(session)
    document = room.document or {}
    return {
        "arms": [{"name": n, "words": t} for n, t in trying.titles_of_arms(session.version.scenario)],
        "measures": document.get("measures"),
        "not_tried": document.get("not_tried", []),
        "busy": room.busy,
        "range": room.range,
    }


@follower
def forget(session: StudioSession) -> None:
    """A new version: what was known is of the one before."""
    room_of(session)
    session.news("help.beside", None)


@greeter
def show_newcomer(session: StudioSession, asker: Asker) -> None:
    """Send what is beside the scenario to a page that has come."""
    if session.work is not None and room_of(session).shown is not None:
        session.news("help.beside", room_of(session).shown, (asker.id,))


@action("help.measures")
def find_measures(session: StudioSession, fields: GivenFields) -> None:
    """Try every measure of `ewsim advise` in the background."""
    del fields
    room, version = room_of(session), session.version
    session.loaded()

    def done(document: dict[str, Any]) -> None:
        room.document = document

    _later(session, "measures", partial(trying.measures_of, version), done, alone=False)


@action("help.words")
def say_measures(session: StudioSession, fields: GivenFields) -> dict[str, Any]:
    """What is said of the measures, in the reader's language: by its English text."""
    say = speech_of(fields.choice("language", list(languages())))
    document = room_of(session).document or {}
    rows = [*document.get("measures", ()), *document.get("not_tried", ())]
    texts = {str(row[key]) for row in rows for key in ("words", "reason") if row.get(key)}
    return {"texts": {text: say.again(text) for text in sorted(texts)}}


@action("help.beside")
def lay_beside(session: StudioSession, fields: GivenFields) -> None:
    """Run a measure or an arm beside the scenario; the news "help.beside" has its film."""
    room, variant, run = room_of(session), _variant(session, fields), watched(session)

    def laid() -> tuple[dict[str, Any], Pair]:
        pair = Pair(session.country(), session.variant(variant.sets, variant.arm))
        known = run.finished if run is not None and run.country is pair.first else None
        return trying.beside(pair, variant.name, known), pair

    def done(found: tuple[dict[str, Any], Pair]) -> None:
        (room.shown, room.pair), room.range = found, None
        if room_of(session) is room:
            session.news("help.beside", room.shown)

    _later(session, "beside", laid, done)


@action("help.range")
def find_range(session: StudioSession, fields: GivenFields) -> None:
    """Work out the range of the variant that is beside the scenario, over pairs of runs."""
    del fields
    room = room_of(session)
    if room.pair is None or room.shown is None:
        raise UsageError("Nothing is beside the scenario. Choose a measure first.")
    name, pair = room.shown["name"], room.pair

    def heard(count: int) -> None:
        session.news("help.progress", {"name": name, "done": count, "of": trying.RUNS})

    def done(found: Mapping[str, Any]) -> None:
        if room.pair is pair:
            room.range = {"name": name, "runs": trying.RUNS, **found}

    _later(session, "range", partial(trying.range_of, pair, heard, trying.RUNS), done, alone=False)


@action("help.take")
def take_over(session: StudioSession, fields: GivenFields) -> None:
    """Take a measure or an arm into the scenario: a new version, which undo takes back."""
    session.keep("help.take", trying.taken_over(session.draft(), _variant(session, fields)))


def _later(
    session: StudioSession,
    what: str,
    compute: Callable[[], Out],
    done: Callable[[Out], None],
    *,
    alone: bool = True,
) -> None:
    """Compute in the background for the current version; whatever comes of it, nothing is busy after it."""
    room = room_of(session)

    def tried() -> Out | _Faults:
        try:
            return compute()
        except Exception as error:  # noqa: BLE001 - the server goes on
            return _Faults(faults_of(error))

    def finished(found: Out | _Faults) -> None:
        room.busy = ""
        if isinstance(found, _Faults):
            session.news("faults", {"of": f"help.{what}", "faults": found.sentences})
        else:
            done(found)
        session.changed()

    room.busy = what
    session.changed()
    session.later(f"help.{what}", tried, finished, alone=alone)


def _variant(session: StudioSession, fields: GivenFields) -> Variant:
    """The measure or arm that a page names, of those that there are."""
    name = fields.text("name")
    if fields.choice("of", ("measures", "arms")) == "arms":
        if name in dict(trying.titles_of_arms(session.version.scenario)):
            return Variant(name, arm=name)
        raise UsageError("The scenario has no such arm. Choose one of the list.")
    document = room_of(session).document
    rows = [] if document is None else document["measures"]
    row = next((one for one in rows if one["name"] == name), None)
    if row is None:
        raise UsageError("This measure is of an earlier version. Look for measures again.")
    return Variant(name, tuple(row["sets"]))
