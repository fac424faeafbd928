"""What a scenario may say about the disaster: what is lost, where, and until when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ewsim.scenario.spec.base import AreaSpec, Model, Share


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


DisturbanceSpec = Annotated[PowerLossSpec | BackhaulCutSpec | SiteDestroyedSpec, Field(discriminator="kind")]
