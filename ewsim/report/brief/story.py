"""The disaster in words: what went wrong when and where, what was false, how many masts fell silent."""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.kinds import kinds_of
from ewsim.metrics import accuracy, infrastructure
from ewsim.metrics.comparison.places import side
from ewsim.report.maps.ground import MapGround
from ewsim.report.speech import Speech
from ewsim.result.record import Result

#: Lines of a story on the first page.
_LINES = 6
#: What a list of disturbances says; other kinds are called by their title.
_WHAT = {
    "power_loss": "the grid fails",
    "backhaul_cut": "links are cut",
    "site_destroyed": "masts are destroyed",
    "road_cut": "roads are cut",
}
#: Sites of more than this share of the network are not on one side of it.
_EVERYWHERE = 0.6


class StoryLine(NamedTuple):
    """A line of the story: the time of day, the time from the decision, and what happened."""

    clock: str
    since: str
    text: str


def story_lines(result: Result, land: MapGround, say: Speech) -> list[StoryLine]:
    """What happened to the network, in order of time; empty where nothing did.

    Parameters
    ----------
    result, land
        A run, and its geography.
    say
        The language.
    """
    rows = [*_hazards(result, say), *_false(result, say), *_outages(result, land, say)]
    kept = sorted(rows, key=lambda row: round(row[0]))
    more = len(kept) - _LINES
    lines = [_line(result, time_s, text, say) for time_s, text in kept[: _LINES if more <= 0 else _LINES - 1]]
    if more > 0:
        lines.append(StoryLine("", "", say("{n} further events are in the annex.", n=say.number(more + 1))))
    return lines


def _outages(result: Result, land: MapGround, say: Speech) -> list[tuple[float, str]]:
    points = land.sites[["x_km", "y_km"]].to_numpy()
    rows = []
    for inject, began_s, last_s, sites, back in infrastructure.silenced(
        result.events, land.site_of_cell
    ).itertuples(index=False):
        known = {
            "what": inject_name(result, str(inject), say),
            "where": _where(points[sites], points, say),
            "down": say.number(len(sites)),
            "all": say.number(len(points)),
        }
        if last_s - began_s < 1:
            text = say("{what} {where}: {down} of {all} sites go silent at once.", **known)
        else:
            known["span"] = say.duration(last_s - began_s)
            text = say("{what} {where}: {down} of {all} sites go silent within {span}.", **known)
        if back:
            text += " " + say("{n} of them are back by the end.", n=say.number(int(back)))
        rows.append((float(began_s), say.capital(text)))
    return rows


def inject_name(result: Result, inject: str, say: Speech) -> str:
    """What a disturbance is called: by its label, or by its kind.

    Parameters
    ----------
    result
        A run.
    inject
        The disturbance's id.
    say
        The language.
    """
    for number, one in enumerate(result.scenario.disturbances):
        if one.name(number) == inject:
            if label := getattr(one, "label", ""):
                return say("{what} strikes", what=label)
            return say(_WHAT.get(one.kind, kinds_of("disturbance")[one.kind].title))
    return say("masts fail") if not inject else inject.replace("_", " ")


def _where(some: NDArray[np.float64], points: NDArray[np.float64], say: Speech) -> str:
    """Where some sites lie among all: on a side, or here and there."""
    part = np.ptp(some, axis=0) / np.maximum(np.ptp(points, axis=0), 1e-9)
    if (part > _EVERYWHERE).all():
        return say("across the network")
    where = side(some, points)
    if where == "centre" and (part > _EVERYWHERE / 2).any():
        return say("in several places")
    return say("in the {side}", side=say(where))


def _hazards(result: Result, say: Speech) -> list[tuple[float, str]]:
    rows = result.events[result.events["element"] == "hazard"]
    found = zip(rows["time_s"], rows["detail"], strict=True)
    return [(float(time_s), say.again(f"{text}.")) for time_s, text in found]


def _false(result: Result, say: Speech) -> list[tuple[float, str]]:
    """What false messages did; a message that was stopped too."""
    events, people = result.events, result.ledger.people
    stopped = events.loc[events["kind"] == "false_alert_stopped", "time_s"]
    rows = [(float(t), say("A false alert is stopped before anybody sees it.")) for t in stopped]
    found = accuracy.false_counts(result.ledger)
    if found is None or not found["people"]:
        return rows
    seen = say("A false message is shown; by the end {n} people see it.", n=say.number(found["people"]))
    rows.append((float(people["false_alert_s"].min()), seen))
    if found["corrected"]:
        late = say("Its correction is shown; {n} of them see that.", n=say.number(found["corrected"]))
        rows.append((float(people["corrected_s"].min()), late))
    return rows


def _line(result: Result, time_s: float, text: str, say: Speech) -> StoryLine:
    if abs(time_s) < 1:
        since = say("at the decision")
    elif time_s < 0:
        since = say("{time} before the decision", time=say.duration(time_s))
    else:
        since = say("{time} after the decision", time=say.duration(time_s))
    return StoryLine(clock(result, time_s, say), since, text)


def clock(result: Result, time_s: float, say: Speech) -> str:
    """The time of day of a moment, if the message says when it was sent; another day has its date.

    Parameters
    ----------
    result
        A run.
    time_s
        The moment, from the decision to warn [s].
    say
        The language.
    """
    try:
        decision = datetime.fromisoformat(result.alert.sent)
        moment = decision + timedelta(seconds=time_s)
    except (ValueError, OverflowError):
        return ""
    return say.pattern(moment, "HH:mm" if moment.date() == decision.date() else "d MMM HH:mm")
