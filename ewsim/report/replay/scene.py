"""What a replay shows: its moments, and the counts at each.

Every count comes from `ewsim.metrics` for exactly the moment it stands at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.kinds import outages
from ewsim.ledger import seconds
from ewsim.metrics import infrastructure, reach
from ewsim.report.brief.story import inject_name
from ewsim.report.brief.where import place_table
from ewsim.report.maps import ground
from ewsim.report.maps.ground import MapGround, PeopleSquares, map_ground
from ewsim.report.replay import map as replay_map
from ewsim.report.replay.signal import lost_signal
from ewsim.report.speech import ENGLISH, Speech
from ewsim.result.record import Result
from ewsim.units import NEVER, US

Int64Array = NDArray[np.int64]

#: Moments of a replay at most, about; it also has each of its milestones.
MOST_MOMENTS = 400

#: Moments that a link may name exactly, if the run is so long [min].
_ROUND_MIN = (
    *range(1, 11),
    12,
    15,
    20,
    25,
    30,
    40,
    45,
    50,
    *(60 * h for h in (1, 2, 3, 4, 6, 9, 12, 18, 24, 48, 72)),
)

#: Part of the slider for what happened before the decision, where something did.
_BEFORE = 0.12

#: Moments of disturbances that can be gone to.
_MOST_INJECTS = 24

#: Places in the table beside the map.
_PLACES = 12

#: Names on the map, as far as they find room.
_LABELS = 30

#: One tenth of a second [us].
_TENTH = US // 10


# --- moments --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something worth going to: what, and when [us]."""

    text: str
    time_us: int


def milestones(result: Result) -> list[Milestone]:
    """The events a trainer would point at, in order of time."""
    events = result.events
    kinds = events["kind"].astype(str)
    cell = events["element"] == "cell"

    def first(rows: Any, text: str) -> list[tuple[float, str]]:
        times = events.loc[rows, "time_s"]
        return [(float(times.min()), text)] if len(times) else []

    curve = reach.reach_curve(result.ledger)
    found = [
        *_injects(result),
        *first(cell & kinds.isin(list(outages())), "First masts fail"),
        *first(cell & (kinds == "restored"), "First masts are back"),
        (0.0, "Decision to warn"),
        *first((events["element"] == "authority") & (kinds == "approved"), "Alert approved"),
        *first(cell & (kinds == "on_air"), "First cell on air"),
    ]
    if curve.people.size and curve.whole:
        found.append((float(curve.time_us[0] / US), "First people reached"))
        for wanted in (0.5, 0.9, 0.95):
            attained = reach.time_to_share(curve, wanted)
            if attained is not None:
                found.append((attained, f"{wanted:.0%} reached".replace("%", " %")))
    found = [row for row in found if row[0] <= result.horizon_s]
    found.append((result.horizon_s, "End of the run"))
    made = [Milestone(text, _tenth_up(time_s)) for time_s, text in found]
    return sorted(made, key=lambda m: m.time_us)


def _injects(result: Result) -> list[tuple[float, str]]:
    """When each disturbance began and was over, and what each hazard did, by name."""
    rows = result.events[result.events["element"].isin(["disturbance", "hazard"])]
    found = []
    for row in rows.head(_MOST_INJECTS).itertuples():
        text = str(row.detail)
        if row.element == "disturbance":
            text = ENGLISH.capital(inject_name(result, str(row.inject), ENGLISH))
            text = f"Over: {text}" if str(row.kind) == "over" else text
        found.append((float(row.time_s), text))  # type: ignore[arg-type]
    return found


def _tenth_up(time_s: float) -> int:
    """The first tenth of a second at or after a time, so that what happened then has happened."""
    return -(-round(time_s * US) // _TENTH) * _TENTH


def moments(result: Result, marks: list[Milestone]) -> Int64Array:
    """The moments of the slider [us], ascending, on tenths of a second.

    They lie close where much happens: near the decision, and where many people are reached or many
    cells change, so that a burst of two seconds can be watched and six quiet hours are not waited
    for.
    """
    end = _tenth_up(result.horizon_s)
    start = min(0, *(m.time_us for m in marks))
    after = MOST_MOMENTS if start == 0 else round(MOST_MOMENTS * (1 - _BEFORE))
    round_us = np.array(_ROUND_MIN) * 60 * US
    round_us = round_us[round_us < end]
    grid = np.linspace(0, 1, after // 2 - round_us.size) ** 3 * end
    before = np.linspace(start, 0, MOST_MOMENTS - after, endpoint=False)
    reached = reach.displayed_us(result.ledger)
    changes = infrastructure.cell_changes(result.events)["time_s"].to_numpy() * US
    chosen = [
        grid,
        round_us,
        before,
        _quantiles(reached[reached < NEVER], after // 3),
        _quantiles(changes[changes > 0], after // 6),
    ]
    tenths = np.ceil(np.concatenate(chosen) / _TENTH).astype(np.int64) * _TENTH
    known = np.array([m.time_us for m in marks], dtype=np.int64)
    return np.unique(np.concatenate([np.clip(tenths, start, end), known]))


def _quantiles(times: NDArray[Any], count: int) -> NDArray[np.float64]:
    if not times.size:
        return np.empty(0)
    found = np.quantile(times, np.linspace(0, 1, count), method="inverted_cdf")
    return np.asarray(found, dtype=np.float64)


# --- counts ---------------------------------------------------------------------------------------


def counts(result: Result, times_us: Int64Array) -> dict[str, Any]:
    """People reached and cells in service and on air, at each moment and exactly."""
    ledger = result.ledger
    curves = reach.reach_curves(ledger)
    outside = ~reach.in_area(ledger)
    overshoot = reach.curve(reach.displayed_us(ledger)[outside], reach.weights(ledger)[outside]).at(times_us)
    changes = infrastructure.cell_changes(result.events)
    steps, serving, on_air = infrastructure.cell_counts(changes, len(result.cells))
    at = np.maximum(np.searchsorted(_us(steps), times_us, side="right") - 1, 0)
    return {
        "reached": {name: curve.at(times_us).tolist() for name, curve in curves.items()},
        "outside": overshoot.tolist(),
        "serving": serving[at].tolist(),
        "on_air": on_air[at].tolist(),
    }


def _us(times_s: NDArray[np.float64]) -> Int64Array:
    return np.rint(times_s * US).astype(np.int64)


def places(result: Result, times_us: Int64Array, table: pd.DataFrame) -> list[dict[str, Any]]:
    """The places with most people in the area: name, people, and reached at each moment.

    Parameters
    ----------
    result
        A run.
    times_us
        The moments of the slider [us], ascending, shape (moments,).
    table
        What `brief.where.place_table` gives.
    """
    ledger = result.ledger
    inside = reach.in_area(ledger)
    zone = pd.Categorical(ledger.people["zone"])
    code, codes = {str(name): n for n, name in enumerate(zone.categories)}, zone.codes[inside]
    times, weight = reach.displayed_us(ledger)[inside], reach.weights(ledger)[inside]
    return [
        {
            "name": place.name,
            "people": place.inside,
            "reached": reach.curve(times[who], weight[who]).at(times_us).tolist(),
        }
        for place in table[table["inside"] > 0].head(_PLACES).itertuples(index=False)
        for who in [codes == code[str(place.zone)]]
    ]


def labels(land: MapGround, table: pd.DataFrame) -> list[tuple[str, float, float]]:
    """Names on the map and where, from its south-west corner [km]; most people first."""
    west, south, *_ = land.bounds_km
    rows = table.sort_values("people", ascending=False, kind="stable").head(_LABELS)
    return [
        (str(row.short), round(float(row.x_km) - west, 2), round(float(row.y_km) - south, 2))  # type: ignore[arg-type]
        for row in rows.itertuples()
    ]


class Backdrop(NamedTuple):
    """What a scene has whatever happens in the run: the ground, its places, and the squares of its people."""

    land: MapGround
    table: pd.DataFrame
    squares: PeopleSquares


def backdrop_of(result: Result, say: Speech = ENGLISH) -> Backdrop:
    """The backdrop of a run; that of another run of the same people, masts and area is the same."""
    land = map_ground(result)
    return Backdrop(land, place_table(result, land, say), ground.squares(result, land))


def make_scene(
    result: Result, marks: list[Milestone], times_us: Int64Array, backdrop: Backdrop | None = None
) -> Mapping[str, Any]:
    """Everything the replay's script needs; the same result gives the same scene.

    Parameters
    ----------
    result
        A run.
    marks
        Its milestones; each of their times is a moment.
    times_us
        The moments of the slider [us], ascending, shape (moments,).
    backdrop
        That of the run, where it is known.
    """
    land, table, made = backdrop_of(result) if backdrop is None else backdrop
    index = {int(t): i for i, t in enumerate(times_us)}
    return {
        "time_s": [round(float(t), 1) for t in seconds(times_us)],
        "whole": reach.reach_curve(result.ledger).whole,
        "cells": len(result.cells),
        "counts": counts(result, times_us),
        "places": places(result, times_us, table),
        "labels": labels(land, table),
        "milestones": [index[m.time_us] for m in marks],
        "map": replay_map.shapes(land),
        "squares": replay_map.squares(result, land, times_us, made),
        "masts": replay_map.masts(result, land, times_us),
        "signal": lost_signal(result, land, times_us),
    }
