"""The actions of the start: choose, open one's own files, go on, leave, undo, edit the text.

A page names nothing but the number of a row of the list, or the token of a file that it has sent.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from ewsim.errors import UsageError
from ewsim.scenario import document as documents
from ewsim.scenario.presets import as_yaml
from ewsim.scenario.starting.starter import Start, hazards
from ewsim.studio.actions import action, part
from ewsim.studio.given import GivenFields
from ewsim.studio.offers import Offered
from ewsim.studio.session import StudioSession
from ewsim.studio.starting import beginnings
from ewsim.studio.starting.beginnings import Beginning
from ewsim.studio.work import SCENARIO

#: Files that can be opened together.
_MOST_FILES = 20


@part("start")
def start_state(session: StudioSession) -> dict[str, Any]:
    """What can be begun with, and what is open."""
    work = session.work
    return {
        "choices": [{"title": one.title, "about": one.about, "group": one.group} for one in session.choices],
        "works": session.works(),
        "hazards": list(hazards()),
        "notes": session.view.get("notes", []),
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


def begin_with(session: StudioSession, beginning: Beginning) -> None:
    """Open a beginning as work of its own."""
    session.begin(beginning.scenario, beginning.files, beginning.source)
    if beginning.notes:
        session.look(notes=list(beginning.notes))


@action("start.choose")
def choose(session: StudioSession, fields: GivenFields) -> None:
    """Begin with a scenario, a finished run or a country of the list."""
    if not session.choices:
        raise UsageError("There is no scenario to choose. Open your own files.")
    number = fields.whole("number", 0, len(session.choices) - 1)
    chosen = session.choices[number]
    if chosen.preset:
        _begin_later(session, partial(beginnings.of_preset, chosen.preset))
    else:
        begin_with(session, beginnings.gathered(chosen.path))


@action("start.new")
def begin_new(session: StudioSession, fields: GivenFields) -> None:
    """Begin with an invented island."""
    start = Start(
        people=fields.whole("people", 100, 1_000_000),
        area_km2=fields.number("area_km2", 10, 100_000),
        hazard=fields.choice("hazard", list(hazards())),
    )
    begin_with(session, beginnings.new(fields.text("name", 60) or "my_island", start))


@action("start.files")
def begin_files(session: StudioSession, fields: GivenFields) -> None:
    """Begin with a scenario that a page has sent, and the files that it names."""
    sent = [session.uploaded(row.text("upload")) for row in fields.rows("files", _MOST_FILES)]
    begin_with(session, beginnings.of_uploads(sent))


@action("start.country")
def begin_country(session: StudioSession, fields: GivenFields) -> None:
    """Begin with a country of a planner's files; the news "begun" says when it is open."""

    def file(name: str) -> Offered | None:
        return session.uploaded(fields.text(name)) if name in fields else None

    cells, land, homes = file("cells"), file("land"), file("homes")
    if cells is None and land is None and homes is None:
        raise UsageError("There is no file. Give cells, land or places; one is enough.")
    people = fields.whole("people", 1, 100_000_000) if "people" in fields else None
    name = (fields.text("name", 60) if "name" in fields else "") or "my_country"
    _begin_later(session, partial(beginnings.of_planners_files, name, cells, land, homes, people))


def _begin_later(session: StudioSession, compute: Callable[[], Beginning]) -> None:
    """Begin with what takes some seconds to make."""

    def done(beginning: Beginning) -> None:
        begin_with(session, beginning)
        session.news("begun", {"notes": list(beginning.notes)})

    session.later("start.country", compute, done)


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


@action("work.text")
def text(session: StudioSession, fields: GivenFields) -> dict[str, Any]:
    """The scenario as text, for who wants to edit it."""
    del fields
    return {"text": as_yaml(dict(session.version.scenario))}


@action("work.edit")
def edit(session: StudioSession, fields: GivenFields) -> None:
    """Take the scenario from edited text; its faults stand at their lines."""
    written = fields.text("text", documents.MAX_OCTETS // 4)
    session.keep("work.edit", documents.parse(written, SCENARIO).data)
