"""What `ewsim optimise` is asked for, and the changes of a scenario that its choices are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ewsim.disturbances.recovery.spec import DeployableSpec, RepairCrewsSpec
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec.power import AddedPowerSpec

What = Literal["deployables", "batteries", "generators", "repairs"]


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked: what to choose, how many, for what; `unit` is the deployable or crew as its keys say."""

    what: What = "deployables"
    count: int = 5
    goal: Literal["hours", "people"] = "hours"
    unit: Mapping[str, Any] | None = None
    added_s: float | None = None  # running time of a battery or tank added
    candidates: int = 2000
    exact: bool = False
    check: bool = True


def unit_of(asked: Mapping[str, Any] | None, index: int) -> DeployableSpec:
    """The deployable that is asked for, without its places; by default a cell on a light truck."""
    keys = {"type": "colt", "at_s": 0, **(asked or {})}
    taken = {"kind": "deployable", "id": keys.get("id", f"planned_{index}"), **keys, "places": ((0.0, 0.0),)}
    return DeployableSpec.model_validate(taken)


def crews_of(asked: PlanRequest, order: tuple[str, ...]) -> RepairCrewsSpec:
    """The crews that are asked for, with the order of their repairs."""
    rest = "none" if order else "most_sites"
    keys = {"kind": "repair_crews", "at_s": 0, **(asked.unit or {}), "order": order, "rest": rest}
    return RepairCrewsSpec.model_validate({"id": "planned_crews", **keys})


def added_of(asked: PlanRequest, sites: Sequence[str]) -> AddedPowerSpec:
    """The batteries or generators that are asked for, at some sites."""
    generator = asked.what == "generators"
    lasts = asked.added_s or (48 * 3600.0 if generator else 8 * 3600.0)
    key = "generator_s" if generator else "battery_s"
    return AddedPowerSpec.model_validate({"sites": tuple(sites), key: lasts})


def arm_of(loaded: LoadedScenario, asked: PlanRequest, choices: list[dict[str, Any]]) -> dict[str, Any]:
    """The changes of the scenario that the choices are; its own disturbances and additions stay.

    Parameters
    ----------
    loaded
        The scenario.
    asked
        What was chosen.
    choices
        Rows of the plan, best first.
    """
    spec = loaded.written
    if asked.what in ("batteries", "generators"):
        names = [name for row in choices for name in row["names"]]
        new = [added_of(asked, names)] if names else []
        given = [one.model_dump(mode="json", exclude_unset=True) for one in (*spec.network.power.added, *new)]
        return {"network": {"power": {"added": given}}}
    kept = [one.model_dump(mode="json", exclude_unset=True) for one in spec.disturbances]
    if not choices:
        return {"disturbances": kept}
    taken = {one.get("id") for one in kept}
    if asked.what == "deployables":
        places = [[row["lat"], row["lon"]] for row in choices]
        index = next(n for n in range(1, len(kept) + 2) if f"planned_{n}" not in taken)
        made = unit_of(asked.unit, index).model_copy(update={"places": tuple(map(tuple, places))})
        more = made.model_dump(mode="json", exclude_unset=True) | {"places": places}
    else:
        order = tuple(name for row in choices for name in row["names"])
        more = crews_of(asked, order).model_dump(mode="json", exclude_unset=True)
    return {"disturbances": [*kept, more]}


def as_sets(changes: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The changes of an arm as `--set` takes them, those of the network's power by their own key."""
    if "network" in changes:
        return [("network.power.added", changes["network"]["power"]["added"])]
    return [("disturbances", changes["disturbances"])]
