"""What a scenario may say about people and their handsets."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from ewsim.scenario.spec.base import (
    AreaSpec,
    DurationS,
    LatLon,
    Model,
    Name,
    Path,
    PositiveS,
    Rat,
    RelativeShare,
    RelativeShareOrNone,
    Share,
    TimeS,
)
from ewsim.scenario.spec.groups import OWN_PHONE_AGES, RATIOS, GroupRatioSpec
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


class SystemSpec(Model):
    """An operating system of phones."""

    share: RelativeShare = Field(description="share of smartphones, relative to the others")
    cb_capable_share: Share = Field(description="those whose version shows warnings")


class HandsetSpec(Model):
    """Who carries which phone, and how it is set."""

    ownership_share: Share = Field(
        0.80, description="people of 10 and over with a phone (ITU Facts and Figures 2024: world)"
    )
    child_ownership_share: Share = Field(
        0.1, description="assumption: people under 10 with a phone (range 0.02 to 0.3)"
    )
    own_phone_age_years: int = Field(
        10,
        description="people from this age on are old enough for a phone of their own; reach is also given "
        "for them: 0, 10 or 18 (10: whom ITU asks about owning one, Facts and Figures 2024)",
    )
    ratios: tuple[GroupRatioSpec, ...] = Field(
        RATIOS,
        description="groups that own phones, own smartphones or have them on more or less often than "
        "others; ratios multiply, and the shares over everyone stay as stated; [] for none. "
        "Ages: INSEE Focus 259 (2021) and Pew 2021; women: ITU Facts and Figures 2024 and "
        "GSMA Mobile Gender Gap 2024; poor: Findex 2017 and Pew 2021; rural: INSEE and Pew "
        "2021. assumption: smartphones since then (75+ 0.47 to 0.78), phones on at 65 and "
        "over (0.9 to 1; that old people have theirs off more often is published, no share "
        "is), one value for each disability (0.45 to 0.93, GSMA 2020), remote as rural (0.75 "
        "to 0.97) (range [] or default)",
    )
    shared_phone_share: Share = Field(
        0.0, description="people of 10 and over without a phone who use one of their household"
    )
    rat_shares: Annotated[dict[Rat, RelativeShareOrNone], AfterValidator(someone)] = Field(
        default={"2G": 0.08, "3G": 0.12, "4G": 0.62, "5G": 0.18},
        description="best technology of the phone, relative shares; a phone can use all older ones "
        "(assumption) (range 2G 0.02 to 0.3, 5G 0.05 to 0.4)",
    )
    cb_capable_share: Share = Field(
        0.972,
        description="smartphones whose system and operator profile show warnings "
        "(Denmark: 0.684 at launch in 2023, 0.951 in 2024, 0.972 in 2025)",
    )
    cb_capable_2g_share: Share = Field(
        0.5, description="assumption: 2G phones that show warnings at all (range 0.1 to 0.9)"
    )
    cb_received_3g_share: Share = Field(
        0.333, description="3G phones that get warnings (FCC 2021: 66.7 % missed)"
    )
    systems: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], SystemSpec] = Field(
        default={},
        description="operating systems by name, each with its share and its cb_capable_share, in "
        "place of cb_capable_share; absent: all alike",
    )
    operator_profile_shares: dict[str, Share] = Field(
        default={},
        description="by operator: phones whose profile of it shows warnings; an operator that is "
        "not named: all, within cb_capable_share",
    )
    level_enabled_shares: dict[
        Literal["level_2", "level_3", "level_4", "amber", "test", "exercise", "info"], Share
    ] = Field(
        default={"amber": 0.85},
        description="assumption: by level, phones with it switched on, where it is not enabled_share or "
        "test_enabled_share (range amber 0.7 to 0.93)",
    )
    dual_sim_share: Share = Field(
        0.0,
        description="assumption: smartphones with a second SIM of another operator; none, as the surveys "
        "that cb_capable_share is fitted to do not tell them apart (range 0 to 0.4)",
    )
    roaming_share: Share = Field(
        0.0, description="assumption: phones of visitors, with a SIM from abroad (range 0 to 0.1)"
    )
    visitor_roaming_share: Share = Field(
        1.0,
        description="assumption: phones of people who visit (visitors_share) with such a SIM (range 0.5 "
        "to 1)",
    )
    roaming_received_share: Share = Field(
        0.9, description="assumption: visitors' phones that show warnings here (range 0.5 to 1)"
    )
    no_sim_share: Share = Field(
        0.0,
        description="assumption: phones without a SIM; they hear broadcasts and get no SMS (range 0 to 0.02)",
    )
    wifi_only_share: Share = Field(
        0.0, description="assumption: phones on Wi-Fi only, off the network (range 0 to 0.05)"
    )
    battery_life_s: PositiveS | None = Field(
        86_400.0,
        description="assumption: how long a full battery lasts where the grid is out [s]; null: for ever "
        "(range 8 h to 48 h)",
    )
    enabled_share: Share = Field(
        0.93, description="assumption: phones with levels 2, 3 and 4 switched on (range 0.8 to 0.99)"
    )
    test_enabled_share: Share = Field(
        0.03,
        description="assumption: phones with test and exercise channels switched on (range 0.005 to 0.1)",
    )
    on_share: Share = Field(
        0.97,
        description="assumption: phones on and not in flight mode at the decision (day) (range 0.9 to 0.99)",
    )
    switch_on_share: Share = Field(
        0.5, description="assumption: phones that were off and come on during the run (range 0.1 to 0.9)"
    )
    switch_on_mean_s: PositiveS = Field(
        3600, description="assumption: mean time until those come on [s], exponential (range 15 min to 4 h)"
    )

    @field_validator("own_phone_age_years")
    @classmethod
    def _edge_of_a_band(cls, years: int) -> int:
        if years not in OWN_PHONE_AGES:
            raise ValueError("must be 0, 10 or 18: people have an age group (0-9, 10-17, 18-34), not an age")
        return years


#: What `time_of_day` sets where the scenario does not say it: the hour of `day`, and phones that are on.
#: Assumption: 0.88 of phones are on from 22 to 6 o'clock (0.75 to 0.95), `handsets.on_share` by day.
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
