"""What a scenario may say about the way from the sites to the broadcast centres."""

from __future__ import annotations

from pydantic import Field

from ewsim.scenario.spec.base import Model, Share


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
