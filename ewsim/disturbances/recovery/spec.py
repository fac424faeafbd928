"""The keys of recovery: deployable cells, and crews that repair."""

from typing import Literal, NamedTuple

from pydantic import Field

from ewsim.scenario.spec.base import LONGEST_S, DurationS, LatLon, Model, Name, Number, PositiveS, Rat, TimeS
from ewsim.scenario.spec.disturbance import DisturbanceSpec

#: Way on roads beside the straight line; assumption: 1.3 (1.2 to 1.6).
DETOUR = 1.3

Type = Literal["cow", "colt", "drone", "ship", "haps", "satellite_terminal"]


class UnitType(NamedTuple):
    """What a type of deployable is, where the scenario does not say: see `DeployableSpec`."""

    speed_m_s: float
    setup_s: float
    range_m: float
    height_m: float
    power_db: float
    capacity_count: int
    autonomy_s: float
    resupply_s: float
    by_road: bool


_HOUR = 3600.0
PRESETS: dict[str, UnitType] = {
    "cow": UnitType(14, 4 * _HOUR, 4_000, 20, -3, 1_500, 72 * _HOUR, 600, by_road=True),
    "colt": UnitType(17, 1 * _HOUR, 3_800, 15, -3, 600, 24 * _HOUR, 600, by_road=True),
    "drone": UnitType(17, 1 * _HOUR, 5_700, 61, -10, 600, 24 * _HOUR, 1800, by_road=True),
    "ship": UnitType(7, 1 * _HOUR, 10_000, 30, 0, 3_000, 168 * _HOUR, 3600, by_road=False),
    "haps": UnitType(25, 0, 50_000, 20_000, 0, 10_000, 720 * _HOUR, 3600, by_road=False),
    "satellite_terminal": UnitType(17, 2 * _HOUR, 0, 0, 0, 0, 720 * _HOUR, 0, by_road=True),
}


class DeployableSpec(DisturbanceSpec):
    """Deployable cells are sent to places; each carries the alert to the phones that camp on it."""

    breaks = False
    kind: Literal["deployable"]
    type: Type = Field(
        "cow",
        description="cell on wheels (trailer), cell on a light truck, tethered drone, ship, stratospheric "
        "platform (HAPS, HIBS), or a satellite terminal that replaces a site's link",
    )
    at_s: TimeS = Field(description="when they set out, after the decision [s]")
    places: tuple[LatLon, ...] = Field(
        (), max_length=1000, description="where each goes, [latitude, longitude] in degrees, in this order"
    )
    sites: tuple[Name, ...] = Field(
        (),
        max_length=1000,
        description="satellite_terminal: the sites whose links they replace, in this order",
    )
    stock: int | None = Field(
        None, ge=1, le=1000, description="how many there are; absent: one for each place"
    )
    depot: LatLon | Name | None = Field(
        None,
        description="where they wait: [latitude, longitude], or the name of a site; absent: at their place, "
        "with no way to go",
    )
    speed_m_s: Number | None = Field(
        None,
        gt=0,
        le=1000,
        description="on the way, along 1.3 of the straight line on roads [m/s]; assumption: absent: cow 14, "
        "colt, drone and satellite_terminal 17, ship 7, haps 25 (half to twice as much)",
    )
    setup_s: DurationS | None = Field(
        None,
        description="from arrival to service [s]; assumption: absent: cow 4 h (2 to 12), colt, drone, ship "
        "1 h (0.5 to 3), satellite_terminal 2 h (1 to 6), haps 0",
    )
    range_m: PositiveS | None = Field(
        None,
        description="furthest phone that it serves, by the ground [m]; the signal may end before. Absent: "
        "drone 5,700 (AT&T's of 2017: up to 40 square miles), cow 4,000 and colt 3,800 (a fifth or sixth of "
        "the 100 square miles of FirstNet's blimp of 2020); assumption: haps 50,000 (25,000 to 100,000), "
        "ship 10,000",
    )
    height_m: Number | None = Field(
        None,
        gt=0,
        le=30_000,
        description="of its antenna [m]; absent: drone 61 (200 ft, AT&T 2017), haps 20,000 (18,000 to "
        "25,000, ITU); assumption: cow 20, colt 15, ship 30",
    )
    power_db: Number | None = Field(
        None,
        ge=-60,
        le=30,
        description="power beside that of a mast's coverage layer [dB]; assumption: absent: cow and colt -3, "
        "drone -10, ship and haps 0 (6 dB either way)",
    )
    capacity_count: int | None = Field(
        None,
        ge=1,
        le=10_000_000,
        description="phones that it can serve at once with calls and data; cell broadcast has no such limit, "
        "and an event says how many people camped on it. assumption: absent: cow 1,500, colt and drone 600, "
        "ship 3,000, haps 10,000 (a third to three times)",
    )
    autonomy_s: Number | None = Field(
        None,
        ge=60,
        le=LONGEST_S,
        description="service without fuel or relief [s]; assumption: absent: cow 72 h, colt and drone (power "
        "over the tether) 24 h, ship 7 days, haps and satellite_terminal 30 days (half to twice as long)",
    )
    resupply_s: DurationS | None = Field(
        None,
        description="out of service for fuel or relief after that [s]; assumption: absent: cow and colt 10 "
        "min, drone 30 min, ship and haps 1 h, satellite_terminal 0",
    )
    resupplied: bool = Field(True, description="whether fuel and relief come; else it ends after autonomy_s")
    leaves_s: TimeS | None = Field(
        None, description="taken away, after the decision [s]; absent: it stays to the end of the run"
    )
    cost: Number | None = Field(
        None, ge=0, le=1e12, description="of one, in any unit, for a budget (ewsim optimise)"
    )
    operators: tuple[Name, ...] | None = Field(
        None, min_length=1, max_length=100, description="whose phones it serves; absent: every operator's"
    )
    rats: tuple[Rat, ...] | None = Field(
        None, min_length=1, description="technologies on air; absent: 4G, and 2G where the network has it"
    )

    def value(self, key: str) -> float:
        """A number as given, or that of its type."""
        given = getattr(self, key)
        return float(getattr(PRESETS[self.type], key) if given is None else given)

    @property
    def by_road(self) -> bool:
        """Whether it comes by road."""
        return PRESETS[self.type].by_road

    @property
    def targets(self) -> tuple[LatLon | str, ...]:
        """Where each goes: places, or the sites of satellite terminals."""
        return self.sites if self.type == "satellite_terminal" else self.places

    def unit_name(self, index: int, number: int) -> str:
        """What one of them is called: the inject's id, with its number where there are several."""
        own = self.name(index)
        return own if len(self.targets) == 1 else f"{own} {number + 1}"


class RepairTimesSpec(Model):
    """How long crews work on each kind of element; null: these crews do not repair it."""

    feeder_s: DurationS | None = Field(
        4 * _HOUR, description="assumption: the grid at a feeder's sites [s] (range 1 h to 24 h)"
    )
    substation_s: DurationS | None = Field(
        24 * _HOUR, description="assumption: a substation [s] (range 8 h to 7 days)"
    )
    link_s: DurationS | None = Field(
        6 * _HOUR, description="assumption: a site's link [s] (range 2 h to 24 h)"
    )
    site_s: DurationS | None = Field(
        24 * _HOUR, description="assumption: a destroyed site, by a makeshift one [s] (range 8 h to 7 days)"
    )
    core_s: DurationS | None = Field(
        24 * _HOUR, description="assumption: a core site [s] (range 8 h to 7 days)"
    )
    road_s: DurationS | None = Field(
        None,
        description="assumption: clearing the road to a site [s] (range 1 h to 24 h); null: others do it",
    )


class RepairCrewsSpec(DisturbanceSpec):
    """Crews go from element to element and repair them, in an order."""

    breaks = False
    kind: Literal["repair_crews"]
    at_s: TimeS = Field(description="when they set out, after the decision [s]")
    count: int = Field(1, ge=1, le=10_000, description="how many crews")
    depot: LatLon | Name | None = Field(
        None,
        description="where they begin: [latitude, longitude], or the name of a site; absent: at the first "
        "element",
    )
    speed_m_s: Number = Field(
        11,
        gt=0,
        le=1000,
        description="assumption: on the way, along 1.3 of the straight line [m/s] (range 5 to 20)",
    )
    setup_s: DurationS = Field(
        1800, description="assumption: at each element before work [s] (range 10 min to 2 h)"
    )
    repair: RepairTimesSpec = Field(RepairTimesSpec(), description="work by kind of element")
    order: tuple[Name, ...] = Field(
        (),
        max_length=100_000,
        description="elements in the order of repair, by their names (feeder_02, link NAME, a site's name); "
        "the rest follows",
    )
    rest: Literal["most_sites", "nearest", "none"] = Field(
        "most_sites",
        description="what follows: elements on which most sites hang, those nearest to the crew, or nothing",
    )
    ends_s: TimeS | None = Field(None, description="they take no new work from then on [s]")
