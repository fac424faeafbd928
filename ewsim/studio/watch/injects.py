"""Injects: what is placed on the map and the time line becomes entries of the scenario's disturbances.

`ewsim run` of the scenario's data has the same inject at the same time. Times are seconds after the decision,
as pages show them.
"""

import copy
import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from shapely import Point

from ewsim.country.build import Country
from ewsim.country.disturbed import OFF_M
from ewsim.disturbances.elements import named
from ewsim.disturbances.hazards.spec import HazardSpec
from ewsim.disturbances.outages import matching
from ewsim.disturbances.recovery.spec import PRESETS
from ewsim.disturbances.spec import ElementLossSpec, OutageSpec, RoadCutSpec
from ewsim.errors import UsageError
from ewsim.geography.plane import near
from ewsim.metrics.words import duration
from ewsim.scenario.spec import DisturbanceSpec
from ewsim.studio.watch import moving
from ewsim.world import Element

#: Injects of one scenario at most.
MOST_INJECTS: Final = 200
#: A mast is meant where it stands so near to the place that was pointed at [m].
NEAR_M: Final = 3_000.0


class Placement(NamedTuple):
    """What is placed: an item of the palette, when [s], and where.

    `place` is latitude and longitude [degree]; `mast` a site's name, in place of `place`; `radius_m` the size
    of what hits an area [m]. `of` is the id of what is restored, or of the hazard that moves; `flood` and
    `wildfire` are new hazards. `unit` is the type of a deployable, `setup_s` how long it is set up [s].
    """

    item: str
    at_s: float
    place: tuple[float, float] | None = None
    mast: str = ""
    of: str = ""
    radius_m: float = 3_000.0
    unit: str = "colt"
    setup_s: float | None = None


class PlacedInject(NamedTuple):
    """The scenario's data with an inject, and the id of its entry."""

    scenario: dict[str, Any]
    name: str


def place_inject(
    scenario: Mapping[str, Any], country: Country, inject: Placement, now_s: float = -np.inf
) -> PlacedInject:
    """Place an inject.

    Parameters
    ----------
    scenario
        The scenario's data.
    country
        Its country.
    inject
        What is placed.
    now_s
        The moment that is shown, before which nothing can be placed [s].

    Raises
    ------
    UsageError
        It is before that moment or after the run, off the network, or on something that is not there.
    """
    check_time(country, inject.at_s, now_s)
    draft = copy.deepcopy(dict(scenario))
    entries = draft["disturbances"] = list(draft.get("disturbances") or ())
    if len(entries) >= MOST_INJECTS:
        raise UsageError(f"The scenario has {MOST_INJECTS} injects, the most that there may be. Undo some.")
    if inject.place is not None:
        _check_place(country, inject.place)
    return PlacedInject(draft, PALETTE[inject.item](draft, country, inject, now_s))


def check_time(country: Country, at_s: float, now_s: float) -> None:
    """Refuse a moment before the one that is shown, or after the run; raises UsageError.

    Parameters
    ----------
    country
        The country, for the end of the run.
    at_s, now_s
        The moment, and the one that is shown [s].
    """
    if at_s < now_s:
        raise UsageError(
            f"{duration(at_s)} is before the moment that is shown ({duration(now_s)}), and what has happened "
            "stays. Choose a later moment, or step back first."
        )
    end_s = country.loaded.spec.horizon_s
    if at_s >= end_s:
        raise UsageError(f"The run ends at {duration(end_s)}. Choose an earlier moment.")


def _check_place(country: Country, place: tuple[float, float]) -> None:
    sites, people = country.network.built.sites, country.population.people
    at = Point(*(float(part) for part in country.network.frame.to_xy(*place)))
    if not near(at, sites.x_m, sites.y_m, OFF_M) and not near(at, people.x_m, people.y_m, OFF_M):
        raise UsageError(
            f"This place is more than {OFF_M / 1000:g} km from every mast and every home. Choose one in the "
            "country."
        )


# --- losses -------------------------------------------------------------------------------------------


def _power_off(draft: dict[str, Any], country: Country, inject: Placement, now_s: float) -> str:
    del now_s
    place = _place(inject)
    site, away_m = _nearest(country, place)
    if away_m > inject.radius_m:
        raise UsageError(
            f"No mast stands within {inject.radius_m / 1000:g} km of this place; the nearest, {site}, is "
            f"{away_m / 1000:.1f} km away. Choose a wider circle, or a place nearer to it."
        )
    where = {"area": {"circles": [moving.circle(place, inject.radius_m)]}}
    return _add(draft, country, inject, {"kind": "power_loss", "where": where})


def _link_cut(draft: dict[str, Any], country: Country, inject: Placement, now_s: float) -> str:
    del now_s
    where = {"sites": [_mast(country, inject)]}
    return _add(draft, country, inject, {"kind": "backhaul_cut", "where": where})


def _mast_lost(draft: dict[str, Any], country: Country, inject: Placement, now_s: float) -> str:
    del now_s
    where = {"sites": [_mast(country, inject)]}
    return _add(draft, country, inject, {"kind": "site_destroyed", "where": where})


# --- help ---------------------------------------------------------------------------------------------


def _deployable(draft: dict[str, Any], country: Country, inject: Placement, now_s: float) -> str:
    del now_s
    if inject.unit not in PRESETS:
        raise UsageError(f"There is no deployable {inject.unit!r}. There are: {', '.join(PRESETS)}.")
    if inject.unit == "satellite_terminal":
        entry: dict[str, Any] = {"sites": [_mast(country, inject)]}
    else:
        entry = {"places": [[round(part, 5) for part in _place(inject)]]}
    if inject.setup_s is not None:
        entry["setup_s"] = inject.setup_s
    return _add(draft, country, inject, {"kind": "deployable", "type": inject.unit, **entry})


def _restored(draft: dict[str, Any], country: Country, inject: Placement, now_s: float) -> str:
    """An end for what has failed, at all of it."""
    del now_s
    index = _failed(country, inject)
    spec = country.loaded.spec.disturbances[index]
    entry, name = draft["disturbances"][index], spec.name(index)
    if inject.at_s <= spec.at_s:
        raise UsageError(
            f"{name} begins at {duration(spec.at_s)}, and cannot be over at {duration(inject.at_s)}. "
            "Choose a later moment."
        )
    over_s = getattr(spec, "restored_at_s", None)
    if over_s is not None and over_s <= inject.at_s:
        raise UsageError(
            f"{name} is over at {duration(over_s)} already. Choose an earlier moment, or another one."
        )
    entry["id"], entry["restored_at_s"] = name, inject.at_s - _earlier_s(draft)
    restoration = entry.get("restoration")
    if isinstance(restoration, dict) and restoration.get("stages"):
        until = entry["restored_at_s"]
        restoration["stages"] = [one for one in restoration["stages"] if one["at_s"] <= until]
        if not restoration["stages"]:
            del entry["restoration"]
    return name


def _failed(country: Country, inject: Placement) -> int:
    """The entry that is meant: by its id, or the last that took the mast at the place."""
    specs = country.loaded.spec.disturbances
    ending = [n for n, spec in enumerate(specs) if isinstance(spec, OutageSpec | ElementLossSpec)]
    if inject.of:
        found = [n for n in ending if specs[n].name(n) == inject.of]
        if not found:
            have = ", ".join(specs[n].name(n) for n in ending[:20]) or "none so far"
            raise UsageError(f"There is no loss {inject.of!r} that can end. There are: {have}.")
        return found[0]
    mast = _mast(country, inject)
    begun = [n for n in ending if specs[n].at_s < inject.at_s and _takes(specs[n], country, mast)]
    going = [n for n in begun if (specs[n].restored_at_s or np.inf) > inject.at_s]  # type: ignore[attr-defined]
    if not going:
        raise UsageError(f"Nothing has failed at {mast} by {duration(inject.at_s)} that could be restored.")
    return max(going, key=lambda n: (specs[n].at_s, n))


def _takes(spec: DisturbanceSpec, country: Country, mast: str) -> bool:
    """Whether a loss can take something from a mast."""
    network = country.network.built
    number = network.sites.name.index(mast)
    if isinstance(spec, OutageSpec):
        return not isinstance(spec, RoadCutSpec) and bool(matching(spec.where, network)[number])
    if not isinstance(spec, ElementLossSpec):
        return False
    feeder = int(network.sites.feeder[number])
    known, of = named(network), [Element("site", number), Element("link", number), Element("feeder", feeder)]
    if feeder >= 0 and network.substation.size:
        of.append(Element("substation", int(network.substation[feeder])))
    return any(known[name] in of for name in spec.elements)


# --- hazards ------------------------------------------------------------------------------------------


def _hazard(draft: dict[str, Any], country: Country, inject: Placement, now_s: float) -> str:
    place, specs = _place(inject), country.loaded.spec.disturbances
    hazards = {spec.name(n): n for n, spec in enumerate(specs) if isinstance(spec, HazardSpec)}
    if inject.of in moving.NEW:
        entry = moving.new_hazard(inject.of, place, inject.radius_m)
        return _add(draft, country, inject, entry)
    if inject.of not in hazards:
        have = ", ".join((*hazards, *moving.NEW))
        raise UsageError(f"There is no hazard {inject.of!r}. Choose from {have}.")
    index = hazards[inject.of]
    entry, spec = draft["disturbances"][index], specs[index]
    assert isinstance(spec, HazardSpec)
    entry["id"] = spec.name(index)
    moving.move(entry, spec, moving.Aim(place, inject.at_s, inject.radius_m), now_s)
    return inject.of


# --- all ----------------------------------------------------------------------------------------------

#: The palette: what each item does with the data; it gives the id of the entry.
PALETTE: Final[dict[str, Callable[[dict[str, Any], Country, Placement, float], str]]] = {
    "power_off": _power_off,
    "link_cut": _link_cut,
    "mast_lost": _mast_lost,
    "restored": _restored,
    "deployable": _deployable,
    "hazard": _hazard,
}


def _add(draft: dict[str, Any], country: Country, inject: Placement, entry: dict[str, Any]) -> str:
    specs = country.loaded.spec.disturbances
    taken, number = {spec.name(n) for n, spec in enumerate(specs)}, 1
    while (name := f"{inject.item}_{number}") in taken:
        number += 1
    at_s = inject.at_s - _earlier_s(draft)
    draft["disturbances"].append({"id": name, "kind": entry.pop("kind"), "at_s": at_s, **entry})
    return name


def _earlier_s(draft: Mapping[str, Any]) -> float:
    """How much earlier the times in the data are than those that pages show (`warn_earlier_s`)."""
    return float(draft.get("warn_earlier_s") or 0)


def _place(inject: Placement) -> tuple[float, float]:
    if inject.place is None:
        raise UsageError("Choose a place on the map first.")
    return inject.place


def _nearest(country: Country, place: tuple[float, float]) -> tuple[str, float]:
    """The mast nearest to a place, and how far away it stands [m]."""
    sites = country.network.built.sites
    x_m, y_m = country.network.frame.to_xy(*place)
    away_m = np.hypot(sites.x_m - x_m, sites.y_m - y_m)
    site = int(np.argmin(away_m))
    return sites.name[site], float(away_m[site])


def _mast(country: Country, inject: Placement) -> str:
    """The mast that is named, or that stands at the place."""
    names = country.network.built.sites.name
    if inject.mast:
        if inject.mast not in names:
            close = difflib.get_close_matches(inject.mast, names, n=1)
            hint = f"Did you mean {close[0]}?" if close else "Choose one on the map."
            raise UsageError(f"The network has no mast {inject.mast[:60]!r}. {hint}")
        return inject.mast
    site, away_m = _nearest(country, _place(inject))
    if away_m > NEAR_M:
        raise UsageError(
            f"No mast stands at this place; the nearest, {site}, is {away_m / 1000:.1f} km away. "
            "Point at a mast."
        )
    return site
