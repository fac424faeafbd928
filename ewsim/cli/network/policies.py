"""What `ewsim network show --alert` prints: a table of policies, for people or as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

if TYPE_CHECKING:
    from ewsim.country.comparison import Chosen
    from ewsim.network.topology import Network
    from ewsim.report.maps.network import Panel

#: Keys of a row of the JSON document, in order; the numbers of `targeting.fit.Fit`.
_KEYS = (
    "cell_count",
    "in_area",
    "alerted_inside",
    "alerted_outside",
    "recall",
    "overshoot_share",
    "false_alert_share",
    "overshoot_p50_m",
    "overshoot_p95_m",
    "area_ratio",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `ewsim network show` that choose what is compared."""

    file: Path
    land: Path | None
    places: Path | None
    alert: Path | None
    policies: tuple[str, ...]
    footprint: str
    admin_areas: Path | None
    geocodes: tuple[str, ...]


def compare(asked: Asked, as_json: bool, draw: Callable[[Network, list[Panel]], None] | None) -> None:
    """Print how the policies do, and draw them.

    Parameters
    ----------
    asked
        The options of the command.
    as_json
        Print one JSON document instead of a table.
    draw
        Draws the maps; None: nothing is drawn.
    """
    from ewsim.country import comparison
    from ewsim.country import survey as planning
    from ewsim.errors import UsageError
    from ewsim.scenario.short_forms import geocode_of, policy_of
    from ewsim.scenario.spec.targeting import POLICIES

    names = asked.policies or [n for n in POLICIES if n != "county" or asked.admin_areas is not None]
    wanted = [(text, policy_of(text, asked.footprint)) for text in names]
    if asked.admin_areas is None and any(spec.policy == "county" for _, spec in wanted):
        raise UsageError("--policy county needs --admin-areas FILE.geojson.")
    schemes = dict(geocode_of(text) for text in asked.geocodes)
    if schemes and asked.admin_areas is None:
        raise UsageError("--geocode needs --admin-areas FILE.geojson to look geocodes up in.")
    survey = planning.open_survey(
        asked.file, asked.land, asked.places, alert=None if schemes else asked.alert
    )
    area = survey.area
    if area is None or schemes:
        assert asked.alert is not None
        area = planning.alert_area(asked.alert, survey.network, asked.admin_areas, schemes)
    if asked.alert is not None:
        planning.must_be_near(asked.alert, area, survey.network)
    districts = planning.shapes_of(asked.admin_areas, survey.network)
    chosen = comparison.compare_policies(survey, area, wanted, districts)
    if not asked.policies and not schemes:
        chosen = [*comparison.own_choice(survey), *chosen]
    if as_json:
        document = {
            "format": "ewsim.network_policies/1",
            "network": str(asked.file),
            "alert": None if asked.alert is None else str(asked.alert),
            "area_km2": area.area / 1e6,
            "policies": [_row(one) for one in chosen],
        }
        click.echo(json.dumps(document, indent=2, allow_nan=False))
    else:
        click.echo("\n".join(_table(chosen)))
        for note in survey.notes:
            click.echo(note)
    if draw is not None:
        from ewsim.report.maps import policy as policy_map

        maps = [(one.name, one.targeted, one.footprints, one.fit) for one in chosen]
        draw(survey.network, policy_map.panels(survey.network, area, maps))


def _row(one: Chosen) -> dict[str, Any]:
    numbers = {key: getattr(one.fit, key) for key in _KEYS}
    return {
        "policy": one.name,
        **{k: None if isinstance(v, float) and math.isnan(v) else v for k, v in numbers.items()},
    }


def _table(chosen: Sequence[Chosen]) -> list[str]:
    from ewsim.metrics.words import aligned

    def share(value: float) -> str:
        return "-" if math.isnan(value) else f"{100 * value:.1f} %"

    def km(value: float) -> str:
        return "-" if math.isnan(value) else f"{value / 1000:.1f}"

    head = ("policy", "cells", "recall", "overshoot", "alerted outside", "p50 km", "p95 km", "area ratio")
    rows = [
        (
            one.name,
            f"{one.fit.cell_count:,}",
            share(one.fit.recall),
            share(one.fit.overshoot_share),
            f"{one.fit.alerted_outside:,.0f}",
            km(one.fit.overshoot_p50_m),
            km(one.fit.overshoot_p95_m),
            f"{one.fit.area_ratio:.2f}",
        )
        for one in chosen
    ]
    return aligned([head, *rows])
