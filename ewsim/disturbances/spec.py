"""The keys of disturbances: what is lost, where, and until when."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ewsim.scenario.spec.base import AreaSpec, Model, Name, Share, TimeS
from ewsim.scenario.spec.disturbance import DisturbanceSpec


class WhereSpec(Model):
    """Which elements a disturbance hits: all, unless narrowed; every given condition must hold."""

    area: AreaSpec | None = Field(None, description="sites inside this area")
    feeders: tuple[Name, ...] | None = Field(None, description="sites on these grid feeders")
    sites: tuple[Name, ...] | None = Field(None, description="these sites")
    operators: tuple[Name, ...] | None = Field(None, description="sites with cells of these")
    share: Share = Field(1, description="this share of them, drawn with the seed")


class OutageSpec(DisturbanceSpec):
    """Something is lost at sites, and perhaps restored."""

    restored_at_s: TimeS | None = None
    where: WhereSpec = WhereSpec()


class PowerLossSpec(OutageSpec):
    """The grid fails at feeders; sites run on battery and generator, then go down."""

    kind: Literal["power_loss"]
    restored_at_s: TimeS | None = Field(None, description="grid back [s]; absent: not in this run")


class BackhaulCutSpec(OutageSpec):
    """Links towards the core are cut; each takes its whole subtree out of service."""

    kind: Literal["backhaul_cut"]
    restored_at_s: TimeS | None = Field(None, description="links back [s]; absent: not in this run")


class SiteDestroyedSpec(OutageSpec):
    """Sites are destroyed."""

    kind: Literal["site_destroyed"]
    restored_at_s: TimeS | None = Field(None, description="rebuilt [s]; absent: not in this run")


class RoadCutSpec(OutageSpec):
    """Roads to sites are cut; no crew gets there to refuel, repair or place a generator."""

    kind: Literal["road_cut"]
    restored_at_s: TimeS | None = Field(None, description="passable again [s]; absent: not in this run")
