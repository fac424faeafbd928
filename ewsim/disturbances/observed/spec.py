"""The keys of an outage table."""

from pathlib import Path as FilePath
from typing import Literal, Self

from pydantic import AwareDatetime, Field

from ewsim.scenario.spec.base import Name, Path, TimeS
from ewsim.scenario.spec.disturbance import DisturbanceSpec

#: Why a site is off, as an outage table may say.
ObservedCause = Literal["power", "transport", "damage", "unknown"]


class OutageTableSpec(DisturbanceSpec):
    """Sites are off as a table says: outages with begin and end, or shares of sites by time."""

    kind: Literal["outage_table"]
    at_s: TimeS = Field(0, description="where the table's own clock has 0, after the decision [s]")
    path: Path = Field(
        description="a table or outlines, relative to the scenario file (docs/guides/outages.md)"
    )
    decided_at: AwareDatetime | None = Field(
        None, description="date and time of the decision to warn, where the table has dates"
    )
    districts: Path | None = Field(
        None, description="outlines of the areas that the table names, relative to the scenario file"
    )
    district_name: Name = Field("name", description="the property of the outlines that names an area")
    event: Name | None = Field(None, description="which event, where the table has several")
    cause: ObservedCause = Field("unknown", description="of rows without a cause of their own")
    from_s: TimeS | None = Field(None, description="when the sites in a raster mask go off [s]")
    until_s: TimeS | None = Field(None, description="when they are on again [s]; absent: not in this run")
    by: Literal["site", "feeder"] = Field(
        "site",
        description="who goes off first where there are shares: single sites, or all sites of a feeder",
    )

    def from_folder(self, folder: FilePath) -> Self:
        """The same, its files found from a folder."""
        districts = None if self.districts is None else str(folder / self.districts)
        return self.model_copy(update={"path": str(folder / self.path), "districts": districts})
