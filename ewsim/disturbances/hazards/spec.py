"""The keys of hazards: their footprint, how strong things are, and how long repairs take."""

import tomllib
from importlib import resources
from pathlib import Path as FilePath
from typing import Any, ClassVar, Literal, Self

from pydantic import AwareDatetime, Field

from ewsim.scenario.spec.base import (
    AreaSpec,
    DurationS,
    LatLon,
    Model,
    Name,
    Number,
    Path,
    PositiveS,
    Share,
    TimeS,
)
from ewsim.scenario.spec.disturbance import DisturbanceSpec

#: One knot in metres a second (1,852 m in 3,600 s).
KNOT_M_S = 1852 / 3600


class CurveSpec(Model):
    """A lognormal fragility curve: half of the elements fail at the median."""

    median: Number = Field(gt=0, le=10_000, description="intensity at which half of them fail")
    sigma: Number = Field(ge=0, le=3, description="standard deviation of its natural logarithm")


_TABLE = tomllib.loads((resources.files("ewsim.disturbances.hazards") / "fragility.toml").read_text("utf-8"))


def _default(hazard: str, component: str) -> Any:
    """The field of a component, from `fragility.toml`: its curve, or the share that fails."""
    row = dict(_TABLE[hazard][component])
    words = row.pop("description")
    return Field(row["share"] if "share" in row else CurveSpec(**row), description=words)


class RepairSpec(Model):
    """When what failed is back: exponential times, counted from when the hazard has left."""

    access_delay_s: DurationS = Field(
        0,
        description="until roads are passable and work begins [s]; assumption: 0 (open roads; slides and "
        "floods 2 to 6 days, a ruined island 30 days and more) (range 0 to 30 d)",
    )
    feeder_mean_s: DurationS = Field(
        190_000,
        description="mean time until a feeder is back [s]; assumption: 2.2 days (Ida 2021 and Tohoku 2011 "
        "2.0 to 2.3, range 1 d to 5 d; Maria 2017 90 days)",
    )
    link_mean_s: DurationS = Field(
        690_000,
        description="mean time until a link is back [s]; assumption: 8 days (range 2 d to 11 d; Maria "
        "2017 85 days)",
    )
    site_mean_s: DurationS = Field(
        2_160_000,
        description="mean time until a site is rebuilt [s]; assumption: 25 days (range 3 d to 85 d)",
    )


class HazardSpec(DisturbanceSpec):
    """Something that moves over the ground, breaks what is too weak for it, and leaves."""

    #: By which measure each component of `fragility` fails.
    measures: ClassVar[dict[str, str]] = {}

    at_s: TimeS = Field(0, description="where the hazard's own clock has 0, after the decision [s]")
    label: str = Field("", max_length=100, description="its name, for reports")
    path: Path | None = Field(
        None, description="a file with its footprint, relative to the scenario file (docs/guides/hazards.md)"
    )
    restoration: RepairSpec | None = Field(
        RepairSpec(), description="how long repairs take; null: nothing is back in this run"
    )
    fragility: Model = Field(Model(), description="what fails at which strength")

    def from_folder(self, folder: FilePath) -> Self:
        """The same, its file found from a folder."""
        return self if self.path is None else self.model_copy(update={"path": str(folder / self.path)})


# --- cyclone --------------------------------------------------------------------------------------


class FixSpec(Model):
    """Where a cyclone's centre is at a moment, and how strong it is."""

    time_s: TimeS | None = Field(None, description="from the hazard's own 0 [s]; or time")
    time: AwareDatetime | None = Field(None, description="date and time with its zone; needs decided_at")
    centre: LatLon = Field(description="[latitude, longitude] in degrees (WGS 84), west is negative")
    max_wind_m_s: Number | None = Field(
        None, gt=0, le=300, description="largest 1-minute wind at 10 m [m/s] (1 knot is 0.514 m/s)"
    )
    central_pressure_hpa: Number | None = Field(None, ge=850, le=1050, description="in the centre [hPa]")
    radius_max_wind_m: Number | None = Field(
        None,
        ge=1_000,
        le=300_000,
        description="from the centre to the largest wind [m]; absent: Willoughby et al. 2006, eq. 7a",
    )


class CycloneFragilitySpec(Model):
    """What fails at which 3-second gust [m/s] or rain [mm]."""

    tower: CurveSpec = _default("cyclone", "tower")
    rooftop: CurveSpec = _default("cyclone", "rooftop")
    feeder: CurveSpec = _default("cyclone", "feeder")
    substation: CurveSpec = _default("cyclone", "substation")
    microwave: CurveSpec = _default("cyclone", "microwave")
    fibre: CurveSpec = _default("cyclone", "fibre")
    washout: CurveSpec = _default("cyclone", "washout")
    road: CurveSpec = _default("cyclone", "road")


class CycloneSpec(HazardSpec):
    """A tropical cyclone: a track, and winds and rain around it."""

    measures: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("tower", "rooftop", "feeder", "substation", "microwave", "fibre"), "gust_m_s"),
        "washout": "rain_mm",
        "road": "rain_mm",
    }

    kind: Literal["cyclone"]
    track: tuple[FixSpec, ...] = Field((), max_length=2000, description="the track, in place of a file")
    storm: Name | None = Field(
        None, description="its identifier in a HURDAT2 file of several storms, e.g. AL152017"
    )
    decided_at: AwareDatetime | None = Field(
        None, description="date and time of the decision to warn, where the track has dates"
    )
    environment_pressure_hpa: Number = Field(
        1010, ge=950, le=1050, description="around the storm [hPa] (1005 to 1016)"
    )
    gust_factor: Number = Field(
        1.11, ge=1, le=2, description="3-second gust over 1-minute wind; at sea (WMO/TD-No. 1555, table 1.1)"
    )
    rain_factor: Number = Field(
        1.0,
        ge=0,
        le=20,
        description="rain of R-CLIPER times this; assumption: 1 over flat land (mountains 2 to 4; range 1 "
        "to 4)",
    )
    landfall_s: TimeS | None = Field(
        None,
        description="from here on the wind decays inland (Kaplan and DeMaria 1995) [s]; absent: "
        "as the track says (best tracks have it)",
    )
    arrival_wind_m_s: Number = Field(
        34 * KNOT_M_S, gt=0, le=100, description="people are hit from this wind on [m/s] (34 kt, as NHC)"
    )
    fragility: CycloneFragilitySpec = Field(
        CycloneFragilitySpec(), description="what fails at which wind and rain"
    )


# --- water and fire: areas with times -------------------------------------------------------------


class CoveredAreaSpec(Model):
    """An area that the hazard covers from a time on."""

    area: AreaSpec
    from_s: TimeS = Field(description="from the hazard's own 0 [s]")
    until_s: TimeS | None = Field(None, description="until then [s]; absent: to the end")


class WetAreaSpec(CoveredAreaSpec):
    """An area under water from a time on."""

    depth_m: Number = Field(gt=0, le=100, description="of the water above the ground [m]")


class AreasSpec(HazardSpec):
    """A hazard of areas with times, in the scenario or in a file."""

    areas: tuple[CoveredAreaSpec, ...] = Field(
        (), max_length=5000, description="the areas, in place of a file"
    )
    decided_at: AwareDatetime | None = Field(
        None, description="date and time of the decision to warn, where the file has dates"
    )


class WaterFragilitySpec(Model):
    """What fails at which depth of water [m]."""

    shelter: CurveSpec = _default("water", "shelter")
    tower: CurveSpec = _default("water", "tower")
    rooftop: CurveSpec = _default("water", "rooftop")
    feeder: CurveSpec = _default("water", "feeder")
    fibre: CurveSpec = _default("water", "fibre")
    road: CurveSpec = _default("water", "road")


class WaterSpec(AreasSpec):
    """Water over the ground."""

    measures: ClassVar[dict[str, str]] = dict.fromkeys(WaterFragilitySpec.model_fields, "depth_m")

    areas: tuple[WetAreaSpec, ...] = Field(
        (), max_length=5000, description="the areas under water, in place of a file"
    )
    arrival_depth_m: Number = Field(
        0.1, gt=0, le=10, description="assumption: people are hit from this depth on [m] (range 0.05 to 0.5)"
    )
    fragility: WaterFragilitySpec = Field(WaterFragilitySpec(), description="what fails at which depth")


class FloodSpec(WaterSpec):
    """A flood of rivers, rain or a broken dam: areas under water with depth and times."""

    kind: Literal["flood"]
    from_s: TimeS | None = Field(None, description="when the water of a raster of depths comes [s]")
    until_s: TimeS | None = Field(None, description="when the water of a raster goes [s]; absent: not at all")


class TsunamiSpec(WaterSpec):
    """A tsunami: areas it floods, or pieces of coast with its height; each with the time of arrival."""

    kind: Literal["tsunami"]
    stays_s: PositiveS = Field(
        6 * 3600.0,
        description="assumption: how long water stays where no end is given, with the later waves [s] "
        "(range 2 h to 24 h)",
    )
    roughness: Number = Field(
        0.03,
        gt=0.005,
        le=0.2,
        description="Manning's n of the ground behind a coast (0.015 mud, 0.03 built-up, 0.07 forest; Hills "
        "and Mader 1997)",
    )


class FireFragilitySpec(Model):
    """Shares of what the front passes that fail."""

    tower: Share = _default("wildfire", "tower")
    rooftop: Share = _default("wildfire", "rooftop")
    feeder: Share = _default("wildfire", "feeder")
    fibre: Share = _default("wildfire", "fibre")
    microwave: Share = _default("wildfire", "microwave")
    road: Share = _default("wildfire", "road")


class WildfireSpec(AreasSpec):
    """A wildfire: where its front has been by when."""

    measures: ClassVar[dict[str, str]] = dict.fromkeys(FireFragilitySpec.model_fields, "burnt")

    kind: Literal["wildfire"]
    fragility: FireFragilitySpec = Field(FireFragilitySpec(), description="shares that fail where it passes")


# --- earthquake -----------------------------------------------------------------------------------


class EarthquakeFragilitySpec(Model):
    """What fails at which peak ground acceleration [g]."""

    tower: CurveSpec = _default("earthquake", "tower")
    rooftop: CurveSpec = _default("earthquake", "rooftop")
    shelter: CurveSpec = _default("earthquake", "shelter")
    feeder: CurveSpec = _default("earthquake", "feeder")
    substation: CurveSpec = _default("earthquake", "substation")
    microwave: CurveSpec = _default("earthquake", "microwave")
    fibre: CurveSpec = _default("earthquake", "fibre")
    road: CurveSpec = _default("earthquake", "road")


class EarthquakeSpec(HazardSpec):
    """An earthquake: a ShakeMap's contours, stations or grid, or magnitude, place and depth."""

    measures: ClassVar[dict[str, str]] = dict.fromkeys(EarthquakeFragilitySpec.model_fields, "pga_g")

    kind: Literal["earthquake"]
    epicentre: LatLon | None = Field(None, description="[latitude, longitude] in degrees (WGS 84)")
    magnitude: Number | None = Field(None, ge=3, le=9.7, description="moment magnitude, in place of a file")
    hypocentre_depth_m: Number = Field(
        10_000,
        ge=1000,
        le=700_000,
        description="assumption: depth of the source [m] (range 5 km to 20 km in the crust)",
    )
    s_wave_m_s: Number = Field(
        3500, ge=1000, le=6000, description="assumption: speed of the shaking [m/s] (range 3000 to 4000)"
    )
    arrival_mmi: Number = Field(
        5, ge=1, le=10, description="assumption: people are hit from this intensity (MMI) on (range 4 to 6)"
    )
    fragility: EarthquakeFragilitySpec = Field(
        EarthquakeFragilitySpec(), description="what fails at which acceleration"
    )
