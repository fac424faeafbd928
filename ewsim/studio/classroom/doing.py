"""The actions of the classroom: join, give roles, lead, ask and answer."""

from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from ewsim.errors import UsageError
from ewsim.report.speech import languages, speech_of
from ewsim.studio.actions import EVERYONE, action, farewell, follower, greeter, part
from ewsim.studio.classroom import questions
from ewsim.studio.classroom.members import GIVEN, MOST_NAME, Members, Participant
from ewsim.studio.classroom.questions import (
    MOST_ANSWER,
    MOST_CHOICES,
    MOST_QUESTIONS,
    MOST_WORDS,
    LessonQuestion,
)
from ewsim.studio.given import GivenFields
from ewsim.studio.guard import recent, write_recent
from ewsim.studio.session import Asker, StudioSession

#: The panels that pages can be led to.
_PANELS = ("alert", "watch", "help", "class")
#: Who is there, in the studio's folder, for a restart.
_KEPT = ".studio.class"


class Classroom:
    """Who is there, what the lead looks at, and the questions of the open work."""

    def __init__(self) -> None:
        self.members = Members()
        self.look: dict[str, Any] | None = None
        self.asked: list[LessonQuestion] = []
        self.of_work: object = None


_rooms: WeakKeyDictionary[StudioSession, Classroom] = WeakKeyDictionary()


def classroom_of(session: StudioSession) -> Classroom:
    """The classroom of a session, with the questions of the work that is open."""
    room = _rooms.get(session)
    if room is None:
        room = _rooms[session] = Classroom()
        room.members.read(recent(session.folder / _KEPT))
    if room.of_work is not session.work:
        room.of_work = session.work
        room.asked = questions.read(session.view.get("questions", []))
    return room


# --- what pages see -------------------------------------------------------------------------------


@part("class")
def class_state(session: StudioSession) -> dict[str, Any]:
    """Who is there, and the question that is open or was closed last."""
    room = classroom_of(session)
    shown = [questions.shown(n, one) for n, one in enumerate(room.asked) if one.state in ("open", "closed")]
    now = [one for one in shown if one["state"] == "open"] or shown[-1:]
    return {
        "people": [{"here": bool(one.pages), "name": one.name, "role": one.role} for one in room.members],
        "shared": bool(session.links),
        "question": now[0] if now else None,
    }


def _for_leads(session: StudioSession) -> None:
    """Send leads what only they see: the link, all questions, and who answered what."""
    leads = [one.id for one in session.askers.values() if one.role == "lead"]
    if leads:
        asked = questions.written(classroom_of(session).asked)
        session.news("class.lead", {"links": session.links, "questions": asked}, leads)


@greeter
def greet(session: StudioSession, asker: Asker) -> None:
    """Show a page that has come what the lead looks at."""
    room = classroom_of(session)
    if room.look is not None:
        session.news("class.look", room.look, (asker.id,))
    _for_leads(session)


@farewell
def see_off(session: StudioSession, asker: Asker) -> None:
    """A page has gone; whoever was there may come back with their token."""
    classroom_of(session).members.gone(asker.id)


@follower
def follow_work(session: StudioSession) -> None:
    """Other work has other questions."""
    _for_leads(session)


# --- who is there ---------------------------------------------------------------------------------


@action("class.join", who=EVERYONE)
def join(session: StudioSession, fields: GivenFields) -> dict[str, Any]:
    """Come in with a name, or come back with the token of before; `if_away`: unless another page has it."""
    room, asker = classroom_of(session), session.asker
    member = room.members.at(asker.id)
    token = fields.text("token") if "token" in fields else ""
    if member is None and token:
        member = room.members.back(asker.id, token, if_away="if_away" in fields)
    if member is None:
        if "name" not in fields:
            return {"name": ""}
        member, token = room.members.join(asker.id, fields.text("name", 10 * MOST_NAME), asker.role)
        write_recent(session.folder / _KEPT, room.members.written())
    if asker.role == "lead":
        member.role = "lead"
    _take_role(session, asker, member)
    session.changed()
    return {"name": member.name, "role": member.role, "token": token}


def _take_role(session: StudioSession, asker: Asker, member: Participant) -> None:
    """A page has the name and role of who is there; the code of the lead is never given away so."""
    asker.name = member.name
    if asker.role != "lead":
        asker.role = "observer" if member.role == "lead" else member.role
    session.news("you", {"id": asker.id, "role": asker.role, "name": asker.name}, (asker.id,))


@action("class.leave", who=EVERYONE)
def leave_room(session: StudioSession, fields: GivenFields) -> None:
    """Be nobody at this page, so that somebody else can come in with it."""
    del fields
    asker = session.asker
    classroom_of(session).members.gone(asker.id)
    asker.name = ""
    if asker.role != "lead":
        asker.role = "observer"
    session.news("you", {"id": asker.id, "role": asker.role, "name": ""}, (asker.id,))
    session.changed()


@action("class.remove_away")
def remove_away(session: StudioSession, fields: GivenFields) -> None:
    """Take somebody who is away from the list."""
    members = classroom_of(session).members
    members.remove(fields.text("name"))
    write_recent(session.folder / _KEPT, members.written())
    session.changed()


@action("class.role")
def give_role(session: StudioSession, fields: GivenFields) -> None:
    """Give somebody a role."""
    role, name = fields.choice("role", list(GIVEN)), fields.text("name")
    member = classroom_of(session).members.named(name)
    if member.role == "lead":
        raise UsageError("Whoever leads keeps that role.")
    member.role = role
    write_recent(session.folder / _KEPT, classroom_of(session).members.written())
    for asker in session.askers.values():
        if asker.id in member.pages:
            _take_role(session, asker, member)
    session.changed()


@action("class.look")
def lead_looks(session: StudioSession, fields: GivenFields) -> None:
    """Show all others what the lead looks at: a panel, and a part of the map."""
    look = {
        name: fields.number(name, low, high)
        for name, low, high in (("x", 0, 1), ("y", 0, 1), ("zoom", 1, 1_000))
    }
    room = classroom_of(session)
    room.look = {**look, "panel": fields.choice("panel", list(_PANELS)) if "panel" in fields else None}
    session.news("class.look", room.look, [page for page in session.askers if page != session.asker.id])


# --- questions ------------------------------------------------------------------------------------


def _keep(session: StudioSession) -> None:
    session.look(questions=questions.written(classroom_of(session).asked))
    _for_leads(session)


def _question(session: StudioSession, fields: GivenFields) -> LessonQuestion:
    asked = classroom_of(session).asked
    if not asked:
        raise UsageError("There is no question. Write one.")
    return asked[fields.whole("number", 0, len(asked) - 1)]


@action("class.write")
def write(session: StudioSession, fields: GivenFields) -> None:
    """Write a question for a moment of the lesson."""
    asked = classroom_of(session).asked
    session.loaded()  # questions are kept with the work
    if len(asked) >= MOST_QUESTIONS:
        raise UsageError(f"A lesson has at most {MOST_QUESTIONS} questions. Remove one.")
    choices = (
        [row.text("text", MOST_ANSWER) for row in fields.rows("choices", MOST_CHOICES)]
        if "choices" in fields
        else []
    )
    words = fields.text("words", MOST_WORDS)
    if not words.strip():
        raise UsageError("Write the question.")
    expected = fields.text("expected", MOST_WORDS) if "expected" in fields else ""
    if choices and expected not in choices:
        raise UsageError("The right answer is not among the answers. Write it as it stands there.")
    asked.append(LessonQuestion(words, choices, expected, fields.number("at_s", -1e7, 1e7)))
    _keep(session)


@action("class.exercise")
def take_exercise(session: StudioSession, fields: GivenFields) -> None:
    """Take the questions of the scenario's exercise; the news "class.taken" says how many."""
    say = speech_of(fields.choice("language", list(languages())))
    to, work = (session.asker.id,), session.work

    def done(found: list[LessonQuestion]) -> None:
        room = classroom_of(session)
        if session.work is work:
            have = {one.words for one in room.asked}
            room.asked += [one for one in found if one.words not in have][: MOST_QUESTIONS - len(room.asked)]
            _keep(session)
        session.news("class.taken", {"count": len(found)}, to)

    session.later("class.exercise", partial(questions.of_exercise, session.version, say), done)


def _each(
    does: Callable[[StudioSession, LessonQuestion], None],
) -> Callable[[StudioSession, GivenFields], None]:
    """An action on one question."""

    def act(session: StudioSession, fields: GivenFields) -> None:
        does(session, _question(session, fields))
        _keep(session)

    return act


def _open(session: StudioSession, asked: LessonQuestion) -> None:
    for one in classroom_of(session).asked:
        if one.state == "open":
            one.state = "closed"
    asked.state = "open"


def _due(session: StudioSession, asked: LessonQuestion) -> None:
    """Its time has come: it is asked now, or after those that are asked before it."""
    if asked.state == "waiting":
        asked.state = "due"
        _next(session)


def _next(session: StudioSession) -> None:
    """Where no question is open, ask the earliest whose time has come."""
    asked = classroom_of(session).asked
    due = [one for one in asked if one.state == "due"]
    if due and all(one.state != "open" for one in asked):
        min(due, key=lambda one: one.at_s).state = "open"


def _close(session: StudioSession, asked: LessonQuestion) -> None:
    asked.state = "closed"
    _next(session)


def _remove(session: StudioSession, asked: LessonQuestion) -> None:
    classroom_of(session).asked.remove(asked)
    _next(session)


action("class.ask")(_each(_open))
action("class.due")(_each(_due))
action("class.close")(_each(_close))
action("class.remove")(_each(_remove))


@action("class.answer", who=EVERYONE)
def give_answer(session: StudioSession, fields: GivenFields) -> dict[str, Any]:
    """Answer the question that is open."""
    asked, text = _question(session, fields), fields.text("text", MOST_ANSWER)
    if not session.asker.name:
        raise UsageError("Give your name first, at Classroom.")
    questions.answer(asked, session.asker.name, text)
    _keep(session)
    return {"text": text}
