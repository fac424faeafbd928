"""What a scenario file may say, as frozen models. Units are in the names; behaviour is elsewhere.

Every default without a published source says `assumption:` in its description and stands in
docs/assumptions.md. Areas are in `spec_base`, targeting and channels in `spec_channels`; everything
is imported from here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ewsim.scenario.spec_base import (
    AreaSpec,
    CircleSpec,
    DurationS,
    LatLon,
    Model,
    PositiveS,
    Rat,
    Share,
)
from ewsim.scenario.spec_channels import (
    CellBroadcastSpec,
    ChannelsSpec,
    LocationBasedSmsSpec,
    TargetingSpec,
)

__all__ = [
    "AlertSpec",
    "AreaSpec",
    "BackhaulCutSpec",
    "CellBroadcastSpec",
    "ChannelsSpec",
    "CircleSpec",
    "DisturbanceSpec",
    "HandsetSpec",
    "IslandSpec",
    "LanguageSpec",
    "LatLon",
    "LocationBasedSmsSpec",
    "Model",
    "NetworkSpec",
    "OperatorSpec",
    "PopulationSpec",
    "PowerLossSpec",
    "PowerSpec",
    "Rat",
    "Scenario",
    "SiteDestroyedSpec",
    "SynthesisSpec",
    "TargetingSpec",
    "WhereSpec",
]


# --- the alert ----------------------------------------------------------------------------------


class AlertSpec(Model):
    """The CAP message, and how long people and gateways take before a broadcast centre has it."""

    path: str = Field(description="the CAP file, relative to the scenario file")
    area_override: AreaSpec | None = Field(
        None, description="use this area instead of the message's own (says so in the report)"
    )
    decision_delay_s: DurationS = Field(
        0, description="decision to warn until authoring begins [s]"
    )
    authoring_delay_s: DurationS = Field(0, description="authoring and approval [s]")
    gateway: Literal["direct", "wea"] = Field(
        "direct",
        description="the way to the broadcast centre: direct (national CBC) or wea (aggregator and "
        "gateway); medians 2 s and 8.5 s; assumption: direct unfitted, wea fitted to the 13 s "
        "field median of San Diego 2019",
    )


# --- the network --------------------------------------------------------------------------------


class OperatorSpec(Model):
    """A mobile operator."""

    name: str = Field(min_length=1, max_length=40)
    share: float = Field(1, gt=0, description="share of subscribers, relative to the others")
    rats: tuple[Rat, ...] = Field(
        ("2G", "3G", "4G"), min_length=1, description="technologies on air"
    )
    mcc_mnc: str | None = Field(
        None, pattern=r"^\d{3}-\d{2,3}$", description="network code in a cells file, e.g. 330-110"
    )


class SynthesisSpec(Model):
    """How sites are placed when no cells file is given: by people, until a coverage target."""

    coverage_target: Share = Field(
        0.95,
        description="share of people to cover outdoors; siting stops there and leaves the gaps "
        "(ITU Facts and Figures gives regional figures)",
    )
    min_density_per_km2: float = Field(
        5, ge=0, description="assumption: no site below this density [people/km2]"
    )
    site_sharing_share: Share = Field(
        0.4, description="assumption: share of sites that further operators also use"
    )
    cells_per_tracking_area: int = Field(
        100, ge=1, description="assumption: cells in one tracking area"
    )
    feeder_count: int = Field(12, ge=1, le=1000, description="assumption: grid feeders")


class PowerSpec(Model):
    """What a site does when the grid is out."""

    battery_median_s: PositiveS = Field(
        4 * 3600, description="battery autonomy, median of a lognormal [s] (Japan 3 h, Vodacom 4 h)"
    )
    battery_sigma: float = Field(
        0.5, ge=0, le=3, description="assumption: standard deviation of ln(autonomy)"
    )
    battery_works_share: Share = Field(
        0.9, description="assumption: backup that works when it is needed"
    )
    generator_share: Share = Field(
        0.2, description="assumption: sites with a generator (0.4 urban, 0.2 rural)"
    )
    generator_s: DurationS = Field(48 * 3600, description="assumption: generator fuel [s]")


class NetworkSpec(Model):
    """The cell network: read from a table of sites or cells, or synthesised."""

    path: str | None = Field(
        None,
        description="a cells or sites table (OpenCelliD, lacells, ITU sites, plain CSV), relative "
        "to the scenario file; absent: the network is synthesised",
    )
    land: str | None = Field(
        None, description="coastline as GeoJSON, relative to the scenario file; absent: synthesised"
    )
    max_offshore_m: float = Field(
        30_000,
        ge=0,
        description="cells of the table further than this off the land are dropped [m]",
    )
    operators: tuple[OperatorSpec, ...] = Field(
        (OperatorSpec(name="A", share=0.6), OperatorSpec(name="B", share=0.4)), min_length=1
    )
    national_roaming: bool = Field(
        False, description="phones camp on other operators' cells when their own has none"
    )
    synthesis: SynthesisSpec = SynthesisSpec()
    power: PowerSpec = PowerSpec()

    @model_validator(mode="after")
    def _names(self) -> NetworkSpec:
        names = [o.name for o in self.operators]
        if len(set(names)) < len(names):
            raise ValueError("two operators have the same name")
        return self


# --- people -------------------------------------------------------------------------------------


class LanguageSpec(Model):
    """People who read a language."""

    tag: str = Field(min_length=2, max_length=35, description="RFC 3066 tag, e.g. es or en-US")
    share: float = Field(1, gt=0, description="share of people, relative to the others")


class IslandSpec(Model):
    """A synthetic coastline: an island around a point."""

    centre: LatLon = (14.6, -61.0)
    area_km2: float = Field(900, gt=1, le=100_000, description="land area [km2]")


class HandsetSpec(Model):
    """Who carries which phone, and how it is set."""

    ownership_share: Share = Field(
        0.80, description="people of 10 and over with a phone (ITU Facts and Figures 2024: world)"
    )
    child_ownership_share: Share = Field(
        0.1, description="assumption: people under 10 with a phone"
    )
    rat_shares: dict[Rat, float] = Field(
        default={"2G": 0.08, "3G": 0.12, "4G": 0.62, "5G": 0.18},
        description="best technology of the phone, relative shares; a phone can use all older ones "
        "(assumption)",
    )
    cb_capable_share: Share = Field(
        0.972,
        description="smartphones whose system and operator profile show warnings "
        "(Denmark: 0.684 at launch in 2023, 0.951 in 2024, 0.972 in 2025)",
    )
    cb_capable_2g_share: Share = Field(
        0.5, description="assumption: 2G phones that show warnings at all"
    )
    cb_received_3g_share: Share = Field(
        0.333, description="3G phones that get warnings (FCC 2021: 66.7 % missed)"
    )
    enabled_share: Share = Field(
        0.93, description="assumption: phones with levels 2, 3 and 4 switched on"
    )
    test_enabled_share: Share = Field(
        0.03, description="assumption: phones with test and exercise channels switched on"
    )
    on_share: Share = Field(
        0.97, description="assumption: phones on and not in flight mode at the decision (day)"
    )
    switch_on_share: Share = Field(
        0.5, description="assumption: phones that were off and come on during the run"
    )
    switch_on_mean_s: PositiveS = Field(
        3600, description="assumption: mean time until those come on [s], exponential"
    )


class PopulationSpec(Model):
    """The people: how many, where, in which groups, with which phones."""

    people_count: int | None = Field(
        None, ge=1, le=100_000_000, description="people; absent: the sum of the places table"
    )
    places: str | None = Field(
        None,
        description="places with people (GeoNames columns), relative to the scenario file; absent: "
        "synthesised",
    )
    weight: int = Field(
        1,
        ge=1,
        le=100_000,
        description="people a simulated person stands for; 1 simulates everyone",
    )
    island: IslandSpec = IslandSpec()
    settlement_count: int = Field(40, ge=1, le=100_000)
    zipf_exponent: float = Field(
        1.07, gt=0, le=3, description="size of the settlement of rank r goes as r to minus this"
    )
    rural_share: Share = Field(0.15, description="assumption: people living outside settlements")
    age_shares: Annotated[tuple[float, ...], Field(min_length=7, max_length=7)] = Field(
        (0.12, 0.12, 0.25, 0.20, 0.17, 0.08, 0.06),
        description="relative shares of ages 0-9, 10-17, 18-34, 35-49, 50-64, 65-74, 75+ "
        "(assumption)",
    )
    female_share: Share = 0.5
    disability_shares: dict[Literal["hearing", "sight", "mobility"], Share] = Field(
        default={"hearing": 0.05, "sight": 0.03, "mobility": 0.06},
        description="assumption: people with a disabling difficulty (hearing 5 %: WHO)",
    )
    languages: tuple[LanguageSpec, ...] = Field((LanguageSpec(tag="en"),), min_length=1)
    indoors_share: Share = Field(0.8, description="assumption: people indoors (0.95 at night)")
    movers_share: Share = Field(
        0.05, description="assumption: people who change place during the run (home to work)"
    )
    handsets: HandsetSpec = HandsetSpec()


# --- disturbances -------------------------------------------------------------------------------


class WhereSpec(Model):
    """Which elements a disturbance hits: all, unless narrowed; every given condition must hold."""

    area: AreaSpec | None = Field(None, description="sites inside this area")
    feeders: tuple[str, ...] | None = Field(None, description="sites on these grid feeders")
    sites: tuple[str, ...] | None = Field(None, description="these sites")
    operators: tuple[str, ...] | None = Field(None, description="sites with cells of these")
    share: Share = Field(1, description="this share of them, drawn with the seed")


class PowerLossSpec(Model):
    """The grid fails at feeders; sites run on battery and generator, then go down."""

    kind: Literal["power_loss"]
    at_s: float = Field(description="after the decision [s]; negative: before it")
    restored_at_s: float | None = Field(None, description="grid back [s]; absent: not in this run")
    where: WhereSpec = WhereSpec()


class BackhaulCutSpec(Model):
    """Links towards the core are cut; each takes its whole subtree out of service."""

    kind: Literal["backhaul_cut"]
    at_s: float = Field(description="after the decision [s]; negative: before it")
    restored_at_s: float | None = Field(None, description="links back [s]; absent: not in this run")
    where: WhereSpec = WhereSpec()


class SiteDestroyedSpec(Model):
    """Sites are destroyed."""

    kind: Literal["site_destroyed"]
    at_s: float = Field(description="after the decision [s]; negative: before it")
    restored_at_s: float | None = Field(None, description="rebuilt [s]; absent: not in this run")
    where: WhereSpec = WhereSpec()


DisturbanceSpec = Annotated[
    PowerLossSpec | BackhaulCutSpec | SiteDestroyedSpec, Field(discriminator="kind")
]


# --- the whole ----------------------------------------------------------------------------------


class Scenario(Model):
    """A scenario file."""

    format: Literal["ewsim.scenario/1"]
    name: str = Field(pattern=r"^[a-z0-9_]+$", max_length=60)
    title: str = ""
    description: str = ""
    seed: int = Field(1, ge=0, le=2**32 - 1)
    horizon_s: float = Field(
        3600, gt=0, le=30 * 86400, description="the run ends this long after the decision [s]"
    )
    alert: AlertSpec
    network: NetworkSpec = NetworkSpec()
    population: PopulationSpec = PopulationSpec()
    targeting: TargetingSpec = TargetingSpec()
    channels: ChannelsSpec = ChannelsSpec()
    disturbances: tuple[DisturbanceSpec, ...] = ()
    arms: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], dict[str, Any]] = Field(
        default={},
        description="named variants: each a partial scenario laid over this one "
        "(mappings merge, everything else is replaced, null switches off)",
    )
