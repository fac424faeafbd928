"""What a scenario may say about people and their handsets."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ewsim.scenario.spec.base import (
    AreaSpec,
    DurationS,
    LatLon,
    Model,
    Name,
    Path,
    PositiveS,
    RelativeShareOrNone,
    Share,
    TimeS,
)
from ewsim.scenario.spec.handsets import HandsetSpec
from ewsim.scenario.spec.shares import LanguageSpec, at_most_everyone, once, someone


class DaySpec(Model):
    """Where people are by the hour: at home, at work, at school; and who travels during the run.

    Workers leave home and return at normally distributed hours, every day alike; pupils likewise.
    """

    hour: float = Field(ge=0, lt=24, description="local hour at the decision, e.g. 8.5")
    work_share: Share = Field(
        0.6, description="assumption: people of 18 to 64 who work away from home that day (range 0.4 to 0.75)"
    )
    school_share: Share = Field(
        0.8, description="assumption: people of 5 to 17 at school that day (range 0.6 to 0.95)"
    )
    leave_hour: float = Field(
        7.5, ge=0, lt=24, description="assumption: mean hour of leaving home (range 6 to 9)"
    )
    return_hour: float = Field(
        17, ge=0, lt=24, description="assumption: workers' mean return (range 15.5 to 19)"
    )
    school_return_hour: float = Field(
        14, ge=0, lt=24, description="assumption: pupils' mean return (range 12 to 16)"
    )
    spread_hours: float = Field(
        0.75, ge=0, le=6, description="assumption: standard deviation of these [h] (range 0.3 to 1.5)"
    )
    night_indoors_share: Share = Field(
        0.95, description="assumption: people indoors from 22 to 6 o'clock (range 0.85 to 0.99)"
    )


class _TimedSpec(Model):
    """Something that happens evenly between two moments."""

    start_s: TimeS = Field(0, description="the first leave [s after the decision]")
    end_s: TimeS = Field(3600, description="the last leave; evenly in between [s]")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError("end_s is before start_s")
        return self


class FlowSpec(_TimedSpec):
    """People who leave an area for another during the run: evacuees, or visitors on an outing."""

    origin: AreaSpec
    destination: AreaSpec
    share: Share = Field(description="people in the origin who go")
    counted: Literal["at_decision", "at_start"] = Field(
        "at_decision",
        description="who is in the origin: those there at the decision, who then do nothing else, "
        "or those there at start_s, wherever they came from (home, work, abroad) by then",
    )


class ArrivalSpec(_TimedSpec):
    """People who come during the run: visitors who land, people who return, relief workers."""

    people_count: int | None = Field(None, ge=1, le=100_000_000, description="how many come")
    share: float | None = Field(
        None, gt=0, le=10, description="how many come, as a share of everyone there at the decision"
    )
    start_s: DurationS = Field(0, description="the first arrives [s after the decision]")
    end_s: DurationS = Field(
        3600, description="the last arrives; evenly in between, after the run nobody [s]"
    )
    entry_points: tuple[LatLon, ...] = Field(
        (), description="where they come in, alike: [latitude, longitude] of piers, airports, roads"
    )
    entry: AreaSpec | None = Field(
        None, description="the area in which they come in; neither: on the border of the land"
    )
    destination: AreaSpec | None = Field(
        None, description="where they go from there; absent: they stay where they came in"
    )
    transfer_s: PositiveS = Field(
        1800, description="assumption: from the entry to the destination [s] (range 10 min to 2 h)"
    )
    residence: Literal["visitor", "resident"] = "visitor"

    @model_validator(mode="after")
    def _one_of_each(self) -> ArrivalSpec:
        if (self.people_count is None) == (self.share is None):
            raise ValueError("give one of people_count, share")
        if self.entry is not None and self.entry_points:
            raise ValueError("give one of entry, entry_points")
        return self


class IslandSpec(Model):
    """Invented ground: a coastline or a border around a point, and the terrain inside."""

    centre: LatLon = (14.6, -61.0)
    area_km2: float = Field(900, gt=1, le=1_000_000, description="land area [km2]")
    shape: Literal["island", "archipelago", "coast", "inland"] = Field(
        "island", description="one island, several, a country with one coast, or one without"
    )
    island_count: int = Field(12, ge=1, le=200, description="islands of an archipelago")
    mountain_share: Share = Field(
        0.15, description="assumption: land that is mountain; few people live there (range 0 to 0.4)"
    )
    hill_share: Share = Field(0.3, description="assumption: land that is hill (range 0.1 to 0.5)")


_TIMES_OF_DAY = {"day": 11.0, "evening": 19.5, "night": 2.0}
NIGHT_ON_SHARE = 0.88


def is_night(hour: float) -> bool:
    """Whether people are indoors as by night, and switch phones off."""
    return hour >= 22 or hour < 6


def time_of_day(hour: float) -> str:
    """The word of `population.time_of_day` for an hour: the evening begins at 18."""
    return "night" if is_night(hour) else "evening" if hour >= 18 else "day"


class PopulationSpec(Model):
    """The people: how many, where, in which groups, with which phones."""

    time_of_day: Literal["day", "evening", "night"] | None = Field(
        None,
        description="the hour at the decision in a word: `day.hour` 11, 19.5 or 2, and by night 0.88 of "
        "phones on (assumption, 0.75 to 0.95); an hour that is given must be of it, other keys count",
    )
    people_count: int | None = Field(
        None, ge=1, le=100_000_000, description="people; absent: the sum of the places table"
    )
    places: Path | None = Field(
        None,
        description="places with people (GeoNames columns), relative to the scenario file; absent: "
        "synthesised",
    )
    raster: Path | None = Field(
        None,
        description="people a pixel (GeoTIFF: WorldPop, GHS-POP), relative to the scenario file; "
        "needs the extra geo",
    )
    zones: Path | None = Field(
        None,
        description="zones as GeoJSON polygons with `name` and `population`, or with people from zone_people",
    )
    zone_people: Path | None = Field(
        None,
        description="a table of people for `zones` that do not say: a row a zone, with a column "
        "named as zone_key and `population`",
    )
    zone_key: Name = Field(
        "zone", description="the property of `zones` that the column of the same name in zone_people means"
    )
    points: Path | None = Field(None, description="a table of points with people: `lat`, `lon`, `population`")
    weight: int = Field(
        1, ge=1, le=100_000, description="people a simulated person stands for; 1 simulates everyone"
    )
    island: IslandSpec = IslandSpec()
    settlement_count: int = Field(40, ge=1, le=100_000)
    zipf_exponent: float = Field(
        1.07, gt=0, le=3, description="size of the settlement of rank r goes as r to minus this"
    )
    rural_share: Share = Field(
        0.15, description="assumption: people living outside settlements (range 0.05 to 0.4)"
    )
    age_shares: Annotated[
        tuple[RelativeShareOrNone, ...], Field(min_length=7, max_length=7), AfterValidator(someone)
    ] = Field(
        (0.12, 0.12, 0.25, 0.20, 0.17, 0.08, 0.06),
        description="relative shares of ages 0-9, 10-17, 18-34, 35-49, 50-64, 65-74, 75+ (assumption) "
        "(range item 0 0.08 to 0.3, item 6 0.02 to 0.12)",
    )
    female_share: Share = 0.5
    disability_shares: Annotated[
        dict[Literal["hearing", "sight", "mobility"], Share], AfterValidator(at_most_everyone)
    ] = Field(
        default={"hearing": 0.05, "sight": 0.03, "mobility": 0.06},
        description="assumption: people with a disabling difficulty (hearing 5 %: WHO) (range hearing "
        "0.02 to 0.08, sight 0.01 to 0.06, mobility 0.03 to 0.12)",
    )
    languages: Annotated[
        tuple[LanguageSpec, ...], Field(min_length=1, max_length=100), AfterValidator(once)
    ] = (LanguageSpec(tag="en"),)
    poverty_share: Share = Field(0.1, description="assumption: poor people (range 0.02 to 0.5)")
    visitors_share: Share = Field(0.0, description="people who visit, a group of its own")
    zone_shares: Path | None = Field(
        None,
        description="a table with a row a zone (`zone`) and shares there instead of those above: "
        "`female`, `age_0_9` ... `age_75`, `hearing`, `sight`, `mobility`, `poor`, `visitor`, "
        "`language_<tag>`",
    )
    indoors_share: Share = Field(
        0.8, description="assumption: people indoors (0.95 at night) (range 0.6 to 0.95)"
    )
    movers_share: Share = Field(
        0.05,
        description="assumption: people who change place during the run (home to work); not with `day` "
        "(range 0 to 0.2)",
    )
    day: DaySpec | None = Field(None, description="absent: everyone is at home at the decision")
    flows: tuple[FlowSpec, ...] = Field((), max_length=1000)
    arrivals: tuple[ArrivalSpec, ...] = Field((), max_length=1000)
    handsets: HandsetSpec = HandsetSpec()

    @model_validator(mode="before")
    @classmethod
    def _at_that_hour(cls, data: Any) -> Any:
        """`time_of_day` as the keys that it stands for; a wrong one is left to its own check."""
        given = data.get("time_of_day") if isinstance(data, dict) else None
        if not isinstance(given, str) or given not in _TIMES_OF_DAY:
            return data
        hour, day, phones = _TIMES_OF_DAY[given], data.get("day") or {}, data.get("handsets") or {}
        if isinstance(day, dict):
            data = {**data, "day": {"hour": hour, **day}}
        if isinstance(phones, dict) and is_night(hour):
            data = {**data, "handsets": {"on_share": NIGHT_ON_SHARE, **phones}}
        return data

    @model_validator(mode="after")
    def _one_source(self) -> PopulationSpec:
        given = [k for k in ("places", "raster", "zones", "points") if getattr(self, k) is not None]
        if len(given) > 1:
            raise ValueError(f"give one of {', '.join(given)}")
        if self.zone_people is not None and self.zones is None:
            raise ValueError("zone_people needs zones, the outlines")
        return self
