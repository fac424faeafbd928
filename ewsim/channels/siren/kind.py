"""Sirens as a kind of channel: its keys, what is checked, how it is made."""

from pydantic import Field

from ewsim.kinds import Kind, lazily
from ewsim.scenario.spec.base import DurationS, LatLon, Model, Share


class SirenSpec(Model):
    """Sirens in the alert area, heard as far as their sound stands out of the noise."""

    start_delay_s: DurationS = Field(
        10, description="assumption: from the released alert until they sound [s] (range 1 to 60)"
    )
    positions: tuple[LatLon, ...] | None = Field(
        None, description="where they stand; absent: on a grid over the inhabited alert area"
    )
    spacing_m: float = Field(
        1500,
        ge=100,
        le=100_000,
        description="assumption: of the grid [m], where none are given (range 1 km to 3 km)",
    )
    people_each_count: int = Field(
        200,
        ge=1,
        le=100_000_000,
        description="assumption: a siren stands where at least so many people live (range 50 to 1000)",
    )
    level_db: float = Field(
        123,
        ge=60,
        le=150,
        description="assumption: sound level at 30.5 m (100 feet) [dB(C)] (range 115 to 130)",
    )
    doubling_loss_db: float = Field(
        10, ge=6, le=20, description="loss each time the distance doubles [dB] (FEMA CPG 1-17)"
    )
    outdoor_level_db: float = Field(
        70, ge=0, le=120, description="heard outdoors from this level on [dB(C)] (FEMA CPG 1-17)"
    )
    wall_loss_db: float = Field(
        20,
        ge=0,
        le=60,
        description="assumption: what walls and windows take off indoors [dB] (range 10 to 35)",
    )
    works_share: Share = Field(
        0.9, description="assumption: sirens that work when they are needed (range 0.6 to 0.98)"
    )


MAKE = lazily("ewsim.channels.siren.channel:make")
KIND = Kind("siren", "channel", "sirens", SirenSpec, MAKE, groups=("disability",), notice="signal")
