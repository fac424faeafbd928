"""The brief's two pages as values of its template."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.metrics import words
from ewsim.metrics.causes import by_part
from ewsim.metrics.comparison.advice import best_of
from ewsim.metrics.replications import FEW
from ewsim.report.brief import story, tables, where
from ewsim.report.maps import brief as maps
from ewsim.report.maps.ground import MapGround, map_ground
from ewsim.report.sections import reach
from ewsim.report.sections.causes import FAMILIES
from ewsim.report.speech import Speech
from ewsim.result.record import Result

_POINT = re.compile(r"-?\d+\.\d+, -?\d+\.\d+")
_POINTS = re.compile(rf"{_POINT.pattern}(?:, {_POINT.pattern})*")


def make_brief(result: Result, say: Speech) -> dict[str, Any]:
    """Everything that the template of the brief shows."""
    land = map_ground(result)
    near = maps.around_the_area(result, land)
    places = where.place_table(result, land, say)
    summary = result.summary()
    return {
        "answer": _answer(result, places, say),
        "steps": tables.steps(result, say),
        "headlines": tables.headlines(result, say),
        "chance": _chance(summary, say),
        "people_map": maps.people_map(result, near, places, say),
        "story": story.story_lines(result, land, say),
        "measures": _measures(result, land, places, say),
        "advised": result.advice is not None,
        "curve": reach.figure(result, say),
        "places": tables.places_table(result, places, say),
        "groups": tables.groups_table(result, say),
        "missed_maps": maps.missed_maps(result, near, _missed(result, say), say),
        "unread": _unread(summary, say),
    }


def _missed(result: Result, say: Speech) -> dict[str, NDArray[np.bool_]]:
    """Whom the small maps show: people missed by each part of the chain, then by group."""
    people, missed = result.ledger.people, by_part(result.ledger)
    found = {say(FAMILIES[name]): rows for name, rows in missed.items()}
    anyone = np.any([*missed.values()], axis=0)
    oldest = str(people["age_band"].cat.categories[-1])
    for column, name, rows in (
        ("age_band", f"{say('Age')} {say.isolated(oldest)}", people["age_band"] == oldest),
        ("disability", say("Disability"), people["disability"] != "none"),
        ("poverty", f"{say('Poverty')}: {say('poor')}", people["poverty"] == "poor"),
    ):
        if column not in result.not_modelled:
            found[name] = anyone & np.asarray(rows, dtype=np.bool_)
    return found


def _answer(result: Result, places: pd.DataFrame, say: Speech) -> list[str]:
    """Who was reached, who was missed, why and where: a sentence each."""
    summary = result.summary()
    whole, people = summary["in_area"], summary["reach"]["people"]
    if not whole:
        return [say("Nobody was in the alert area.")]
    share = say.percent(summary["reach"]["share"])
    first = say(
        "{share} of the people in the alert area were reached: {people} of {whole}.",
        share=share,
        people=say.count(people),
        whole=say.count(whole),
    )
    missed = whole - people
    if not missed:
        return [first, say("Nobody in the alert area was missed.")]
    causes = [*summary["causes"].items()][:3]
    why = "; ".join(f"{say(words.CAUSES[cause])} ({say.count(n)})" for cause, n in causes)
    lines = [
        first,
        say("{missed} were missed. Most often: {why}.", missed=say.capital(say.count(missed)), why=why),
    ]
    names = dict(zip(places["zone"], places["name"], strict=True))
    zones = result.by_zone()
    worst = zones[(zones["missed"] > 0) & ~zones["suppressed"]].head(3).to_dict("records")
    if worst:
        near = "; ".join(
            f"{names.get(row['group'], row['group'])} ({say.count(int(row['missed']))})" for row in worst
        )
        lines.append(say("Most of them are near {places}.", places=near))
    hazard = summary.get("hazard")
    if hazard and hazard["people"]:
        known = {name: say.count(hazard[key]) for name, key in (("n", "reached_before"), ("all", "people"))}
        known["share"] = say.percent(hazard["reached_before_share"])
        lines.append(
            say("Warned before the hazard came: {n} of {all} people whom it reaches ({share}).", **known)
        )
    return lines


def _chance(summary: Mapping[str, Any], say: Speech) -> str:
    """Where the ranges beside the headlines come from."""
    runs = summary.get("replications")
    if runs and runs["count"] < FEW:
        return say(
            "Ranges: the lowest and the highest of {n} runs that differ by chance. "
            "Errors of the assumptions come on top.",
            n=say.number(runs["count"]),
        )
    if runs:
        return say(
            "Ranges: 95 % of {n} runs that differ by chance. Errors of the assumptions come on top.",
            n=say.number(runs["count"]),
        )
    return say(
        "One run: its range of chance is not known. Run it with {command}.", command="--replications 30"
    )


def _measures(result: Result, land: MapGround, places: pd.DataFrame, say: Speech) -> list[tuple[str, str]]:
    """The best measures, each with the people it wins and the range of that; points are called by places."""
    rows = [] if result.advice is None else best_of(result.advice)
    made = []
    for row in rows:
        won = say("{n} more people reached", n=say.count(round(row["net_people"])))
        if row["low_people"] is not None:
            low, high = (say.number(row[name]) for name in ("low_people", "high_people"))
            won += " (" + say("{low} to {high}", low=low, high=high) + ")"
        made.append((say.capital(say.again(_named(str(row["words"]), land, places))), won))
    return made


def _named(text: str, land: MapGround, places: pd.DataFrame) -> str:
    """A text whose points (latitude, longitude) are called by the nearest places."""
    points = np.array([point.split(", ") for point in _POINT.findall(text)], dtype=np.float64)
    if not points.size or places.empty:
        return text
    x_km, y_km = (part / 1000 for part in land.frame.to_xy(*points.T))
    at = places[["x_km", "y_km"]].to_numpy()
    nearest = np.argmin(np.hypot(x_km[:, None] - at[:, 0], y_km[:, None] - at[:, 1]), axis=1)
    names = dict.fromkeys(places["name"].to_numpy()[nearest])
    return _POINTS.sub(lambda _: "; ".join(names), text)


def _unread(summary: Mapping[str, Any], say: Speech) -> str:
    """People who read no language of the message, in a sentence."""
    found = words.unread(summary)
    if found is None:
        return say("Which languages people read is not modelled in this run.")
    if not found["people"]:
        return say("Everybody in the area reads a language in which the message is sent.")
    return say(
        "{people} people ({share}) read none of the languages of the message as it is sent ({sent}): "
        "they read {theirs}. {shown} of them were shown it anyway.",
        people=say.capital(say.count(found["people"])),
        share=say.percent(found["share"]),
        sent=", ".join(found["languages"]),
        theirs=", ".join(found["by_language"]),
        shown=say.capital(say.count(found["reached"])),
    )
