"""What a scenario may say about the cell network."""

from __future__ import annotations

import re

from pydantic import Field, field_validator, model_validator

from ewsim.scenario.spec.base import Model, Path, Rat, RelativeShare, Share
from ewsim.scenario.spec.power import PowerSpec


class OperatorSpec(Model):
    """A mobile operator."""

    name: str = Field(min_length=1, max_length=40)
    share: RelativeShare = Field(1, description="share of subscribers, relative to the others")
    rats: tuple[Rat, ...] = Field(("2G", "3G", "4G"), min_length=1, description="technologies on air")
    mcc_mnc: str | None = Field(
        None, pattern=r"^\d{3}-\d{1,3}$", description="network code in a cells file, e.g. 330-110 or 429-01"
    )

    @field_validator("mcc_mnc", mode="before")
    @classmethod
    def _with_a_dash(cls, code: object) -> object:
        """What to write for a code in another form, which YAML may have made a number of."""
        found = None if isinstance(code, bool) else re.fullmatch(r"(\d{3})[^\d-]?(\d{1,3})", str(code))
        if found:
            raise ValueError(f"write {found[1]}-{found[2]}")
        return code


class CoverageTargetSpec(Model):
    """Shares of people that a technology is to cover outdoors, by where they live."""

    urban_target: Share = Field(1.0, description="share of people in urban settlements")
    rural_target: Share = Field(1.0, description="share of people in rural and remote ones")


class SynthesisSpec(Model):
    """How sites are placed when no cells file is given: by people, until a coverage target."""

    coverage_target: Share = Field(
        0.95,
        description="share of people to cover outdoors; siting stops there and leaves the gaps "
        "(ITU Facts and Figures gives regional figures)",
    )
    coverage_targets: dict[Rat, CoverageTargetSpec] = Field(
        default={},
        description="technologies with targets of their own, e.g. {4G: {urban_target: 0.95, "
        "rural_target: 0.4}}; the others are on every mast (5G where it is dense)",
    )
    indoor_share: Share = Field(
        0.98,
        description="assumption: share of people in covered towns (300 people/km2 and more) for whom "
        "operators add masts until they have the plan's signal behind 12 dB of walls (range 0.9 to 0.99; "
        "0: nobody plans for indoors)",
    )
    min_density_per_km2: float = Field(
        5,
        ge=0,
        le=1_000_000,
        description="assumption: no site below this density [people/km2] (range 1 to 20)",
    )
    site_sharing_share: Share = Field(
        0.4, description="assumption: share of sites that further operators also use (range 0.1 to 0.8)"
    )
    cells_per_tracking_area: int = Field(
        100, ge=1, le=1_000_000, description="assumption: cells in one tracking area (range 30 to 300)"
    )
    fibre_share: Share = Field(
        0.4, description="assumption: sites with fibre, those with the most people around (range 0.1 to 0.9)"
    )
    feeder_count: int = Field(12, ge=1, le=1000, description="assumption: grid feeders (range 4 to 40)")
    substation_count: int = Field(
        3,
        ge=1,
        le=1000,
        description="assumption: substations, each above neighbouring feeders (range 1 to 8)",
    )


class CoverageSpec(Model):
    """A raster of the signal that somebody measured or planned, in place of the radio model."""

    path: Path = Field(
        description="GeoTIFF of the signal of the best cell outdoors [dBm], relative to the "
        "scenario file; a pixel without data has no signal (needs rasterio)"
    )
    operator: str | None = Field(None, description="of this operator; absent: of each")
    rat: Rat | None = Field(None, description="of this technology; absent: of all")


class TransportSpec(Model):
    """Rings, core sites, a submarine cable, and satellite terminals for when they fail."""

    ring_site_count: int = Field(
        0,
        ge=0,
        le=1000,
        description="assumption: sites with fibre on one ring (5 to 30), which survives one cut; 0: each "
        "has a protected way of its own to the core (range 0 to 30)",
    )
    core_count: int = Field(
        0,
        ge=0,
        le=1000,
        description="core sites to which the sites connect, and that can fail (2 to 10 in small networks, "
        "tens in large ones); 0: the core does not fail",
    )
    cable: bool = Field(
        False, description="the broadcast centres are at the other end of a submarine cable, which can fail"
    )
    satellite_share: Share = Field(
        0, description="assumption: sites linked to the core that have a satellite terminal (range 0 to 0.5)"
    )
    satellite_site_count: int = Field(
        5,
        ge=1,
        le=1000,
        description="assumption: sites that one terminal carries, its own and those behind it (range 1 to "
        "30)",
    )


class NetworkSpec(Model):
    """The cell network: read from a table of sites or cells, or synthesised."""

    path: Path | None = Field(
        None,
        description="a cells or sites table (OpenCelliD, lacells, ITU sites, plain CSV), relative "
        "to the scenario file; absent: the network is synthesised",
    )
    land: Path | None = Field(
        None,
        description="coastline (GeoJSON, Shapefile, GeoPackage, KML), relative to the scenario file; absent: "
        "around the cells and people of files, else synthesised",
    )
    max_offshore_m: float = Field(
        30_000,
        ge=0,
        le=20_100_000,
        description="cells of the table further than this off the land are dropped [m]",
    )
    operators: tuple[OperatorSpec, ...] = Field(
        (OperatorSpec(name="A", share=0.6), OperatorSpec(name="B", share=0.4)), min_length=1, max_length=100
    )
    national_roaming: bool = Field(
        False, description="phones camp on other operators' cells when their own has none"
    )
    backhaul: Path | None = Field(
        None,
        description="links between sites and to the core, CSV (from, to) or GeoJSON lines, "
        "relative to the scenario file; sites without one keep an assumed link",
    )
    coverage: tuple[CoverageSpec, ...] = Field(
        (), max_length=200, description="rasters of the signal; where two are of one technology, the later"
    )
    site_sharing: bool = Field(
        True, description="cells of several operators at one place of the table stand on one mast"
    )
    synthesis: SynthesisSpec = SynthesisSpec()
    power: PowerSpec = PowerSpec()
    transport: TransportSpec = TransportSpec()

    @model_validator(mode="after")
    def _names(self) -> NetworkSpec:
        names = [o.name for o in self.operators]
        if len(set(names)) < len(names):
            raise ValueError("two operators have the same name")
        return self
