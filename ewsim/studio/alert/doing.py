"""What a page can do to the alert: each action is a change of the scenario, of its message, or of both."""

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from ewsim.cap.acceptance import scenario_policy
from ewsim.cap.alert import Alert
from ewsim.cap.tools.writing import write_alert
from ewsim.cap.yaml_files import is_file
from ewsim.errors import CapError, UsageError
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec.targeting import POLICIES
from ewsim.studio.actions import EVERYONE, action, part, sentences
from ewsim.studio.alert import area as areas
from ewsim.studio.alert import message as messages
from ewsim.studio.alert.area import Drawing
from ewsim.studio.alert.cells import Choosing, choosing_key
from ewsim.studio.alert.preview import judged
from ewsim.studio.given import GivenFields
from ewsim.studio.session import StudioSession
from ewsim.studio.work import Version

_AUTHORITY: Final = ("authority",)
#: Actions after which the message is a file as somebody made it.
_ORIGINS: Final = ("start.begin", "alert.open", "alert.template")
#: The country that cells are chosen in, and what was last said of a version, by session.
_choosing: WeakKeyDictionary[StudioSession, Choosing] = WeakKeyDictionary()
_said: WeakKeyDictionary[StudioSession, tuple[Version, dict[str, Any]]] = WeakKeyDictionary()


# --- what is there ----------------------------------------------------------------------------------


def _file(session: StudioSession) -> str:
    return str(session.version.scenario["alert"]["path"])


def _message(session: StudioSession) -> Alert:
    """The message of the current version; raises UsageError where it cannot be read."""
    try:
        return messages.open_message(session.version.files[_file(session)], _file(session))
    except CapError as error:
        first = sentences(error)[0]
        raise UsageError(
            f"The message cannot be read: {first} Open another one, or start from a template."
        ) from None


def _not_kept(session: StudioSession) -> dict[str, Any]:
    """What the file that was opened has and a change here takes away, and whether that has happened."""
    name, work = _file(session), session.work
    assert work is not None
    first = session.version
    for first in reversed(work.until_now):
        if first.what in _ORIGINS:
            break
    source, now = first.files.get(name, b""), session.version.files[name]
    return {"of": messages.unwritten(source), "gone": source != now}


def _drawn(session: StudioSession) -> Drawing:
    """The area of the current version: that of the scenario where it gives one, else of the message."""
    override = session.loaded().spec.alert.area_override
    return areas.of_message(_message(session)) if override is None else areas.of_scenario(override)


def _profiles(loaded: LoadedScenario) -> tuple[str, ...]:
    given = loaded.spec.alert.profiles
    return ("core", *(str(loaded.resolve(name)) if is_file(name) else name for name in given))


def _previewed(session: StudioSession, source: bytes) -> dict[str, Any]:
    loaded = session.loaded()
    return judged(source, _profiles(loaded), scenario_policy(loaded))


@part("alert")
def alert_state(session: StudioSession) -> dict[str, Any]:
    """The area, the message, what becomes of it on the air, its faults, and the rules for cells."""
    if session.work is None:
        return {}
    version = session.version
    known = _said.get(session)
    if known is None or known[0] is not version:
        known = version, _alert_of(session)
        _said[session] = known
    return known[1]


def _alert_of(session: StudioSession) -> dict[str, Any]:
    spec = session.loaded().spec
    source = session.version.files[_file(session)]
    override = spec.alert.area_override
    broadcast = spec.channels.given().get("cell_broadcast")
    said: dict[str, Any] = {
        "own_area": override is not None,
        "holes": 0 if override is None else len(override.holes),
        "targeting": spec.targeting.model_dump(
            mode="json", exclude={"geofence", "by_operator", "admin_areas"}
        ),
        "by_operator": sorted(spec.targeting.by_operator),
        "then": [one.model_dump(mode="json") for one in getattr(broadcast, "then", ())],
        "templates": messages.kinds(),
        "choices": messages.choices(),
        "languages": [one.tag for one in spec.population.languages],
        "not_kept": _not_kept(session),
        **_previewed(session, source),
    }
    try:
        said["message"] = messages.as_json(_message(session))
        drawn = _drawn(session)
    except UsageError as error:
        return {**said, "message": None, "area": None, "faults": [str(error)]}
    too_many = drawn.corner_count > areas.MOST_CORNERS
    shown = drawn.thinned() if too_many else drawn
    return {**said, "area": shown.as_json(), "corners": drawn.corner_count, "editable": not too_many}


# --- the area -----------------------------------------------------------------------------------------


@action("alert.area", who=_AUTHORITY)
def set_area(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Make a drawing the alert area, in the message; in the scenario where its own area has holes."""
    drawing, faults = areas.read_drawing(fields.plain)
    if faults := faults or _off_network(session, drawing):
        return {"faults": faults}
    scenario, alert = session.draft(), _message(session)
    override = session.loaded().spec.alert.area_override
    if override is not None and override.holes:
        kept = Drawing(drawing.polygons, drawing.circles, areas.of_scenario(override).holes)
        scenario["alert"]["area_override"] = kept.as_spec()
        session.keep("alert.area", scenario)
        return None
    scenario["alert"].pop("area_override", None)
    name = next((area.description for area in alert.areas), "Alert area")
    new = messages.with_area(alert, drawing.as_cap(name))
    session.keep("alert.area", scenario, {_file(session): write_alert(new)})
    return None


def _off_network(session: StudioSession, drawing: Drawing) -> list[str]:
    """Why an area cannot be kept: no cell is heard there."""
    return areas.off_network(drawing, session.inhabited()[0].network)


@action("alert.cells", who=EVERYONE)
def count_cells(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Count the cells of each policy for a drawing, or for the area as it is: the news `alert.cells`.

    `number` is given back with them, so that a page knows which drawing they are of.
    """
    number = fields.whole("number", 0, 2**53) if "number" in fields else 0
    drawing, faults = (_drawn(session), []) if "as_it_is" in fields else areas.read_drawing(fields.plain)
    if faults:
        return {"faults": faults}
    asker, loaded = session.asker.id, session.loaded()

    def counted() -> dict[str, Any]:
        began = time.perf_counter()
        choosing = _country_of(session, loaded)
        found = cells_of(choosing, drawing, loaded)
        return {**found, "number": number, "took_ms": round((time.perf_counter() - began) * 1000, 1)}

    def done(found: dict[str, Any]) -> None:
        session.news("alert.cells", found, (asker,))

    known = _choosing.get(session)  # only to build a country keeps others waiting
    alone = known is None or known.key != choosing_key(loaded)
    session.later(f"alert.cells {asker}", counted, done, alone=alone)
    return None


def cells_of(choosing: Choosing, drawing: Drawing, loaded: LoadedScenario) -> dict[str, Any]:
    """The cells and people of each policy for a drawing, or why there are none.

    Parameters
    ----------
    choosing
        The country.
    drawing
        The area, without faults.
    loaded
        The scenario, for its rules.
    """
    area = drawing.shape(choosing.ground.frame)
    return {
        "rows": choosing.rows(area, loaded.spec.targeting),
        "area_km2": choosing.area_km2(area),
        "faults": areas.off_network(drawing, choosing.ground.network),
    }


@action("alert.masts", who=EVERYONE)
def send_masts(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Send the places of the cells: the news `alert.masts`."""
    del fields
    asker, loaded = session.asker.id, session.loaded()

    def done(found: dict[str, Any]) -> None:
        session.news("alert.masts", found, (asker,))

    session.later(f"alert.masts {asker}", lambda: _country_of(session, loaded).masts(), done)
    return None


def _country_of(session: StudioSession, loaded: LoadedScenario) -> Choosing:
    """The country that cells are chosen in, kept while its ground and people stay."""
    known = _choosing.get(session)
    if known is None or known.key != choosing_key(loaded):
        known = Choosing.of(loaded, *session.inhabited())
        _choosing[session] = known
    return known


@action("alert.policy", who=("authority", "operator"))
def set_policy(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Let the broadcast centres choose their cells in another way."""
    scenario = session.draft()
    rules = scenario.get("targeting") or {}
    rules["policy"] = fields.choice("policy", POLICIES)
    if "footprint" in fields:
        rules["footprint"] = fields.choice("footprint", ("nominal", "best_server"))
    for name, most in (("overlap_share", 1.0), ("buffer_m", 100_000.0), ("overshoot_weight", 1000.0)):
        if name in fields:
            rules[name] = fields.number(name, 0.0, most)
    scenario["targeting"] = rules
    session.keep("alert.policy", scenario)
    return None


# --- the message --------------------------------------------------------------------------------------


@action("alert.preview", who=EVERYONE)
def preview_texts(session: StudioSession, fields: GivenFields) -> dict[str, Any]:
    """What would become of the message with texts that are being typed; nothing is changed."""
    new, faults = messages.edited(_message(session), fields.plain)
    return {"faults": faults} if faults else _previewed(session, write_alert(new))


@action("alert.text", who=_AUTHORITY)
def set_texts(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Change the texts, languages, words or times of the message."""
    new, faults = messages.edited(_message(session), fields.plain)
    if faults:
        return {"faults": faults}
    _keep(session, "alert.text", write_alert(new))
    return None


@action("alert.open", who=_AUTHORITY)
def open_file(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Take an uploaded CAP file as the message, byte for byte; its area becomes the alert area."""
    offered = session.uploaded(fields.text("upload"))
    alert = messages.open_message(offered.content, offered.name)
    drawing = areas.of_message(alert)
    if drawing.corner_count:
        if faults := areas.faults_of(drawing) or _off_network(session, drawing):
            return {"faults": faults}
        scenario = session.draft()
        scenario["alert"].pop("area_override", None)
        session.keep("alert.open", scenario, {_file(session): offered.content})
        return None
    _keep(session, "alert.open", offered.content)
    return {"notes": ["The file has no polygon and no circle. Draw its area."]}


@action("alert.template", who=_AUTHORITY)
def begin_from_template(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Start the message from a template, for the area that is drawn."""
    kind = fields.choice("kind", list(messages.kinds()))
    tags = [row.text("tag", 35) for row in fields.rows("languages", messages.MOST_LANGUAGES)]
    drawing, name = Drawing(), "Alert area"
    try:
        drawing = _drawn(session)
        name = next((area.description for area in _message(session).areas), name)
    except UsageError:
        pass
    if not drawing.corner_count:
        middle = session.inhabited()[0].frame
        drawing = Drawing(circles=((round(middle.lat0_deg, 4), round(middle.lon0_deg, 4), 5000.0),))
    source = messages.from_template(
        kind, tags, sent=datetime.now(UTC), identifier=f"ewsim.{uuid.uuid4()}", area=drawing.as_cap(name)
    )
    _keep(session, "alert.template", source)
    return None


def _keep(session: StudioSession, what: str, source: bytes, changes: Mapping[str, Any] | None = None) -> None:
    scenario = {**session.draft(), **(changes or {})}
    session.keep(what, scenario, {_file(session): source})


@action("alert.take", who=EVERYONE)
def take_message(session: StudioSession, fields: GivenFields) -> dict[str, Any]:
    """Offer the message as a file: the alert itself, or the update or cancel that would follow it."""
    kind = fields.choice("kind", ("alert", "update", "cancel"))
    if kind == "alert":
        source = session.version.files[_file(session)]
    else:
        identifier = f"ewsim.{uuid.uuid4()}"
        source = messages.follow_up(_message(session), kind, sent=datetime.now(UTC), identifier=identifier)
    return {"path": session.offer(f"{kind}.xml", source, "application/xml"), **_previewed(session, source)}


# --- what follows -------------------------------------------------------------------------------------


@action("alert.follow_up", who=_AUTHORITY)
def add_follow_up(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Let the authority update, stop or cancel the message at a time of the run."""
    one: dict[str, Any] = {"do": fields.choice("do", ("update", "stop", "cancel"))}
    one["at_s"] = fields.number("at_s", 0.0, session.loaded().spec.horizon_s)
    if "text" in fields and (text := fields.text("text", messages.MOST_CHARACTERS).strip()):
        one["text"] = text
    scenario = session.draft()
    actions = _then(scenario)
    actions.append(one)
    actions.sort(key=lambda each: each["at_s"])
    session.keep("alert.follow_up", scenario)
    return None


@action("alert.no_follow_up", who=_AUTHORITY)
def drop_follow_up(session: StudioSession, fields: GivenFields) -> dict[str, Any] | None:
    """Take a follow-up back, by its number from 0."""
    scenario = session.draft()
    actions = _then(scenario)
    if not actions:
        raise UsageError("Nothing follows the message. Add an update or a cancel.")
    del actions[fields.whole("number", 0, len(actions) - 1)]
    session.keep("alert.no_follow_up", scenario)
    return None


def _then(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    """What follows the message by cell broadcast, to be changed; raises UsageError without that channel."""
    channels = scenario.get("channels") or {}
    if "cell_broadcast" not in channels:
        raise UsageError("Updates and cancels go by cell broadcast, which the scenario does not use. Add it.")
    channel = channels["cell_broadcast"] = channels["cell_broadcast"] or {}
    channel["then"] = actions = list(channel.get("then") or ())
    return actions
