"""What a scenario may say about the cells and the phones that an alert is for."""

from typing import Literal, get_args

from pydantic import Field

from ewsim.scenario.spec.base import DurationS, Model, Path, Share


class GeofenceSpec(Model):
    """Phones compare their own position with the alert area (WEA 3.0); fails open."""

    capable_share: Share = Field(0.6, description="assumption: phones that can (range 0 to 0.95)")
    tolerance_m: float = Field(
        160.9, ge=0, le=100_000, description="shown up to this far outside [m]: 0.1 mile, FCC"
    )
    fix_error_outdoors_m: float = Field(
        15,
        ge=0,
        le=10_000,
        description="assumption: error east and north, standard deviation [m] (range 5 to 50)",
    )
    fix_error_indoors_m: float = Field(
        40, ge=0, le=10_000, description="assumption: the same indoors [m] (range 15 to 150)"
    )
    no_fix_outdoors_share: Share = Field(
        0.05, description="assumption: phones without a position; they show the message (range 0 to 0.2)"
    )
    no_fix_indoors_share: Share = Field(0.2, description="assumption: the same indoors (range 0.05 to 0.5)")
    fix_wait_s: DurationS = Field(
        30, description="assumption: those wait this long for a position first [s] (range 5 to 60)"
    )


Policy = Literal[
    "county", "site_in", "centroid_in", "intersect", "overlap", "population", "greedy", "tracking_areas"
]
POLICIES: tuple[str, ...] = get_args(Policy)


class CellChoiceSpec(Model):
    """How a broadcast centre finds the cells for an area."""

    policy: Policy = Field(
        "intersect",
        description="all cells in the admin areas that it touches; site in the area; centroid of "
        "the footprint in it; footprint touches it; share of the footprint in it; share of the "
        "people under the footprint in it; most people in it for the fewest outside; whole "
        "tracking areas that it touches",
    )
    footprint: Literal["nominal", "best_server"] = Field(
        "nominal",
        description="where a cell can be heard, or where it is the nearest of its operator and technology",
    )
    overlap_share: Share = Field(0.1, description="threshold of the policies `overlap` and `population`")
    overshoot_weight: float = Field(
        1, ge=0, le=1000, description="`greedy`: one person alerted outside outweighs this many inside"
    )
    buffer_m: float = Field(0, ge=0, le=100_000, description="widen the area first [m]")


class TargetingSpec(CellChoiceSpec):
    """Which cells carry the alert, and which phones show it."""

    admin_areas: Path | None = Field(
        None, description="GeoJSON of the areas of the policy `county` (path); absent: the gazetteer"
    )
    by_operator: dict[str, CellChoiceSpec] = Field(
        default={}, description="operators whose centre chooses otherwise, by name"
    )
    geofence: GeofenceSpec | None = Field(
        None, description="phones filter by their own position; absent: they show all they receive"
    )
