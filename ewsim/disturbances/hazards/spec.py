"""The keys of hazards: their footprint, how strong things are, and how long repairs take."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import ClassVar, Literal, Self

from pydantic import AwareDatetime, Field

from ewsim.scenario.spec.base import DurationS, LatLon, Model, Name, Number, Path, TimeS
from ewsim.scenario.spec.disturbance import DisturbanceSpec

#: One knot in metres a second (1,852 m in 3,600 s).
KNOT_M_S = 1852 / 3600


class CurveSpec(Model):
    """A lognormal fragility curve: half of the elements fail at the median."""

    median: Number = Field(gt=0, le=10_000, description="intensity at which half of them fail")
    sigma: Number = Field(ge=0, le=3, description="standard deviation of its natural logarithm")


def _curve(median: float, sigma: float, *, description: str) -> CurveSpec:
    default: CurveSpec = Field(CurveSpec(median=median, sigma=sigma), description=description)
    return default


class RestorationSpec(Model):
    """When what failed is back: exponential times, counted from when the hazard has left."""

    access_delay_s: DurationS = Field(
        0,
        description="until roads are passable and work begins [s]; assumption: 0 (open roads; slides and "
        "floods 2 to 6 days, a ruined island 30 days and more)",
    )
    feeder_mean_s: DurationS = Field(
        190_000,
        description="mean time until a feeder is back [s]; assumption: 2.2 days (Ida 2021 and Tohoku 2011 "
        "2.0 to 2.3, range 1 to 5; Maria 2017 90 days)",
    )
    link_mean_s: DurationS = Field(
        690_000,
        description="mean time until a link is back [s]; assumption: 8 days (2 to 11; Maria 2017 85 days)",
    )
    site_mean_s: DurationS = Field(
        2_160_000, description="mean time until a site is rebuilt [s]; assumption: 25 days (3 to 85)"
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
    restoration: RestorationSpec | None = Field(
        RestorationSpec(), description="how long repairs take; null: nothing is back in this run"
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
        gt=0,
        le=300_000,
        description="from the centre to the largest wind [m]; absent: Willoughby et al. 2006, eq. 7a",
    )


class CycloneFragilitySpec(Model):
    """What fails at which 3-second gust [m/s] or rain [mm]."""

    tower: CurveSpec = _curve(
        60.5,
        0.15,
        description="masts of 25 m and more [m/s]; assumption: the damage ratios of Miyamoto 2019 (as in "
        "open-rigbi) read as probabilities (55 to 65)",
    )
    rooftop: CurveSpec = _curve(
        65, 0.2, description="lower sites, on roofs and walls [m/s]; assumption: as their building (50 to 80)"
    )
    feeder: CurveSpec = _curve(
        38, 0.25, description="a feeder's lines, by the mean over its sites [m/s]; assumption (30 to 50)"
    )
    substation: CurveSpec = _curve(
        65, 0.2, description="what feeds a feeder, by the mean over its sites [m/s]; assumption (50 to 80)"
    )
    microwave: CurveSpec = _curve(
        50, 0.2, description="radio links, by the gust at the site [m/s]; assumption (40 to 60)"
    )
    fibre: CurveSpec = _curve(
        48, 0.25, description="fibre, mostly on poles, at the site [m/s]; assumption (38 to 60; buried 80)"
    )
    washout: CurveSpec = _curve(
        450, 0.5, description="fibre along roads that rain washes away [mm so far]; assumption (250 to 800)"
    )


class CycloneSpec(HazardSpec):
    """A tropical cyclone: a track, and winds and rain around it."""

    measures: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("tower", "rooftop", "feeder", "substation", "microwave", "fibre"), "gust_m_s"),
        "washout": "rain_mm",
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
        description="rain of R-CLIPER times this; assumption: 1 over flat land (mountains 2 to 4)",
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
