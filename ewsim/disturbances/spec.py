"""The keys of disturbances: what is lost, where, and until when."""

from typing import Literal

from pydantic import Field

from ewsim.scenario.spec.base import AreaSpec, DurationS, Model, Name, PositiveS, Share, TimeS
from ewsim.scenario.spec.disturbance import DisturbanceSpec


class WhereSpec(Model):
    """Which elements a disturbance hits: all, unless narrowed; every given condition must hold."""

    area: AreaSpec | None = Field(None, description="sites inside this area")
    feeders: tuple[Name, ...] | None = Field(None, description="sites on these grid feeders")
    substations: tuple[Name, ...] | None = Field(None, description="sites on the feeders of these")
    sites: tuple[Name, ...] | None = Field(None, description="these sites")
    operators: tuple[Name, ...] | None = Field(None, description="sites with cells of these")
    share: Share = Field(1, description="this share of them, drawn with the seed")


class StageSpec(Model):
    """How much is back at a time."""

    at_s: TimeS = Field(description="after the decision [s]")
    share: Share = Field(description="share of feeders (or sites) that are back by then")


class RestorationSpec(Model):
    """What was lost comes back bit by bit: in stages, or at random after a mean time."""

    stages: tuple[StageSpec, ...] = Field(
        (), max_length=1000, description="shares back by time; between them the share rises evenly"
    )
    begins_s: DurationS = Field(
        0, description="at random: from the loss until work begins, roads passable for example [s]"
    )
    tau_s: PositiveS | None = Field(
        None,
        description="at random: mean time from then on [s]; absent: 2.2 days for the grid (1 to 5), 11 days "
        "for links and masts (5 to 90)",
    )
    by: Literal["feeder", "site"] = Field(
        "feeder", description="what comes back at one time: all sites of a feeder, or each on its own"
    )


class OutageSpec(DisturbanceSpec):
    """Something is lost at sites, and perhaps restored."""

    restored_at_s: TimeS | None = None
    restoration: RestorationSpec | None = Field(
        None, description="bit by bit; what is not back by restored_at_s is back then"
    )
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


class ElementLossSpec(DisturbanceSpec):
    """Named elements fail: feeders, substations, core sites, cable, satellite, sites, links, roads."""

    kind: Literal["element_loss"]
    elements: tuple[Name, ...] = Field(
        min_length=1,
        max_length=100_000,
        description="their names: feeder_02, substation_1, core_1, cable, satellite, a site's name; "
        "link NAME and road NAME are those of a site",
    )
    restored_at_s: TimeS | None = Field(None, description="they work again [s]; absent: not in this run")


class CongestionSpec(DisturbanceSpec):
    """Calls, messages and data surge after the event, and decay exponentially; throttling holds them back."""

    breaks = False

    kind: Literal["congestion"]
    at_s: TimeS = Field(0, description="when it sets in, after the decision [s]; negative: before it")
    calls_factor: float = Field(
        60,
        ge=1,
        le=1000,
        description="assumption: calls that people try at the peak, of ordinary ones (range 5 to 60; "
        "up to 60 in Tohoku in 2011)",
    )
    barred_share: Share = Field(
        0.8, description="calls that throttling and access barring refuse (Japan 2011: 0.7 to 0.95)"
    )
    paging_load_share: Share = Field(
        0.5,
        description="assumption: of the paging capacity taken by calls and data at the peak, after barring "
        "(range 0.2 to 0.8)",
    )
    background_load_share: Share = Field(
        0.9, description="assumption: of the SMSC taken by ordinary messages at the peak (range 0.6 to 0.98)"
    )
    decay_s: float = Field(
        1800, ge=60, le=7 * 86400, description="assumption: time to fall to 1/e [s] (range 900 to 14400)"
    )
    operators: tuple[Name, ...] = Field((), max_length=100, description="only on these; absent: on all")
