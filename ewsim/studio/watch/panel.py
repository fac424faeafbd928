"""The panel "Send and watch": its actions, its part of the state, and a run after every change."""

import time
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from ewsim.disturbances.hazards.spec import HazardSpec
from ewsim.disturbances.recovery.spec import PRESETS, DeployableSpec
from ewsim.disturbances.spec import ElementLossSpec, OutageSpec
from ewsim.errors import UsageError
from ewsim.kinds import kinds_of
from ewsim.scenario.spec import DisturbanceSpec
from ewsim.studio import ground
from ewsim.studio.actions import action, faults_of, follower, greeter, part
from ewsim.studio.given import GivenFields
from ewsim.studio.session import Asker, StudioSession
from ewsim.studio.watch import injects, moments, moving, sending
from ewsim.studio.watch.answer import Watched, Watcher

#: What the role operator may place; the lead places everything.
_OPERATORS: Final = ("restored", "deployable")
#: The state has so many injects, and so many places of each, at most.
_MOST_SHOWN, _MOST_PLACES = 200, 20


class WatchRoom:
    """What a session watches: the last run, and how many were asked for and are done."""

    def __init__(self) -> None:
        self.watcher = Watcher()
        self.shown: Watched | None = None
        self.faults: list[str] = []
        self.asked = 0
        self.done = 0
        self.clock_of: object = None


_rooms: WeakKeyDictionary[StudioSession, WatchRoom] = WeakKeyDictionary()


def room_of(session: StudioSession) -> WatchRoom:
    """What a session watches."""
    return _rooms.setdefault(session, WatchRoom())


def watched(session: StudioSession) -> Watched | None:
    """The run that was watched last, of whatever version; None where there is none."""
    return room_of(session).shown


# --- the run ------------------------------------------------------------------------------------------


def is_sent(session: StudioSession) -> bool:
    """Whether the alert is sent, so that every change is followed by a run."""
    return session.work is not None and bool(session.view.get("sent"))


@follower
def run_again(session: StudioSession) -> None:
    """Run the current version in the background, if the alert is sent."""
    room = room_of(session)
    if not is_sent(session):
        room.shown, room.faults = None, []
        return
    room.asked += 1
    number = room.asked
    session.loaded()
    session.later("watch", lambda: _tried(session, room), lambda found: _take(session, number, found))
    session.changed()


def _tried(session: StudioSession, room: WatchRoom) -> Watched | list[str]:
    """The run of the current version, or why there is none."""
    try:
        return room.watcher.watch(session.country())
    except MemoryError:
        return ["There is too little memory for this run. Give population.weight a larger number."]
    except Exception as error:  # noqa: BLE001 - the server goes on
        return faults_of(error)


def _take(session: StudioSession, number: int, found: Watched | list[str]) -> None:
    room = room_of(session)
    room.done = max(room.done, number)
    if not is_sent(session):
        return
    if isinstance(found, list):
        room.faults = found
    else:
        room.shown, room.faults = found, []
        session.show(found.scene)
        session.news("watch.figures", found.figures)
        if session.view.get("starts"):
            session.view["starts"] = False
            session.view["clock"] = moments.set_to(0.0, moments.FIRST_SPEED)
    session.look()


@greeter
def show_figures(session: StudioSession, asker: Asker) -> None:
    """Send the figures to a page that has come; after a restart, run first."""
    room = room_of(session)
    if room.shown is not None:
        session.news("watch.figures", room.shown.figures, (asker.id,))
    elif is_sent(session) and room.asked == room.done:
        run_again(session)


# --- the state ----------------------------------------------------------------------------------------


@part("watch")
def watch_state(session: StudioSession) -> dict[str, Any]:
    """Whether the alert is sent, the clock, and the injects."""
    if session.work is None:
        return {"sent": False, "injects": []}
    room, spec = room_of(session), session.loaded().spec
    rows = [_row(one, n) for n, one in enumerate(spec.disturbances[:_MOST_SHOWN])]
    channel = spec.channels.given().get("cell_broadcast")
    return {
        "sent": is_sent(session),
        "running": room.asked > room.done,
        "faults": room.faults,
        "clock": _clock(session),
        "now_s": time.time(),
        "horizon_s": spec.horizon_s,
        "injects": rows,
        "later": [one.model_dump() for one in getattr(channel, "then", ())],
        "updates": channel is not None,
        "units": list(PRESETS),
        "hazards": [row["id"] for row in rows if row["moves"]] + list(moving.NEW),
    }


def _row(spec: DisturbanceSpec, index: int) -> dict[str, Any]:
    where = getattr(spec, "where", None)
    area = getattr(where, "area", None)
    places = list(spec.places) if isinstance(spec, DeployableSpec) else []
    return {
        "id": spec.name(index),
        "words": getattr(spec, "label", "") or kinds_of("disturbance")[spec.kind].title,
        "kind": spec.kind,
        "at_s": spec.at_s,
        "over_s": getattr(spec, "restored_at_s", None),
        "ends": isinstance(spec, OutageSpec | ElementLossSpec),
        "moves": isinstance(spec, HazardSpec) and spec.path is None and spec.kind != "earthquake",
        "masts": list(getattr(where, "sites", None) or getattr(spec, "sites", None) or ())[:_MOST_PLACES],
        "circles": [[*one.centre, one.radius_m] for one in (area.circles if area else ())][:_MOST_PLACES],
        "places": [list(place) for place in places[:_MOST_PLACES]],
    }


def _clock(session: StudioSession) -> Mapping[str, Any]:
    """The clock of the open work; in work that is opened again it stands where it was set last."""
    clock = session.view.get("clock")
    if not isinstance(clock, dict) or not clock.keys() >= moments.AT_START.keys():
        clock = dict(moments.AT_START)
    room = room_of(session)
    if room.clock_of is not session.work:
        room.clock_of = session.work
        if clock["speed"]:
            clock = session.view["clock"] = {**clock, "speed": 0.0, "restarted": True}
    return clock


def _shown_s(session: StudioSession) -> float:
    """The moment that pages show [s]; before the alert is sent there is none that is past."""
    return moments.shown_s(_clock(session), session.loaded().spec.horizon_s) if is_sent(session) else -np.inf


# --- sending and the clock ----------------------------------------------------------------------------


@action("watch.send", who=("authority",))
def send_alert(session: StudioSession, fields: GivenFields) -> None:
    """Send the alert: from now on every change is followed by a run, and time runs from the decision."""
    del fields
    session.loaded()
    room_of(session).clock_of = session.work
    session.view.update(sent=True, starts=True, clock=dict(moments.AT_START))
    run_again(session)
    session.look()


@action("watch.plan", who=("authority",))
def plan_on(session: StudioSession, fields: GivenFields) -> None:
    """Take the sending back, and plan on: the map shows the country again."""
    del fields
    session.look(sent=False, starts=False, clock=dict(moments.AT_START))
    room_of(session).shown = None
    ground.show_country(session)


@action("watch.play")
def play(session: StudioSession, fields: GivenFields) -> None:
    """Let time run at a speed from the moment that is shown, or from one that is given."""
    speed = fields.number("speed", moments.SLOWEST, moments.FASTEST)
    _set_clock(session, fields, speed)


@action("watch.pause")
def pause(session: StudioSession, fields: GivenFields) -> None:
    """Stop time, at the moment that is shown or at one that is given."""
    _set_clock(session, fields, 0.0)


def _set_clock(session: StudioSession, fields: GivenFields, speed: float) -> None:
    if not is_sent(session):
        raise UsageError("Nothing is sent so far. Send the alert first.")
    end_s = session.loaded().spec.horizon_s
    at_s = fields.number("time_s", -1e9, end_s) if "time_s" in fields else _shown_s(session)
    session.look(starts=False, clock=moments.set_to(at_s, speed))


@action("watch.later", who=("authority",))
def send_later(session: StudioSession, fields: GivenFields) -> None:
    """Update or end the alert."""
    do, text = fields.choice("do_what", sending.LATER), fields.text("text", 5000) if "text" in fields else ""
    at_s, now_s = _when(session, fields), _shown_s(session)
    draft = sending.send_later(session.version.scenario, session.country(), do, at_s, text, now_s)
    session.keep(f"watch.{do}", draft)


@action("watch.inject", who=("operator",))
def place(session: StudioSession, fields: GivenFields) -> dict[str, Any]:
    """Place an item of the palette on the map and the time line."""
    item = fields.choice("item", tuple(injects.PALETTE))
    if session.asker.role == "operator" and item not in _OPERATORS:
        raise UsageError("This is not for the role operator. Ask whoever leads to do it.")
    at = None
    if "lat" in fields:
        at = (fields.number("lat", -90, 90), fields.number("lon", -180, 180))
    inject = injects.Placement(
        item,
        _when(session, fields),
        at,
        fields.text("mast", 200) if "mast" in fields else "",
        fields.text("of", 200) if "of" in fields else "",
        fields.number("radius_m", 100, 500_000) if "radius_m" in fields else 3_000.0,
        fields.text("unit", 40) if "unit" in fields else "colt",
        fields.number("setup_s", 0, 30 * 86400) if "setup_s" in fields else None,
    )
    found = injects.place_inject(session.version.scenario, session.country(), inject, _shown_s(session))
    session.keep(f"watch.{item}", found.scenario)
    return {"id": found.name}


def _when(session: StudioSession, fields: GivenFields) -> float:
    """The moment that is given, or the one that is shown, on a whole second after it [s]."""
    if "at_s" in fields:
        return fields.number("at_s", -1e9, 1e9)
    return float(np.ceil(max(_shown_s(session), 0.0)))
