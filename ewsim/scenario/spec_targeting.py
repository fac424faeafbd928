"""What a scenario may say about which cells carry the alert."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ewsim.scenario.spec_base import Model, Share


class TargetingSpec(Model):
    """Which cells carry the alert."""

    policy: Literal["site_in", "centroid_in", "intersect", "overlap", "tracking_areas"] = Field(
        "intersect",
        description="site in the area; centroid of the footprint in it; footprint touches it; "
        "share of the footprint in it; whole tracking areas that it touches",
    )
    overlap_share: Share = Field(0.1, description="threshold of the policy `overlap`")
    buffer_m: float = Field(0, ge=0, le=100_000, description="widen the area first [m]")
