"""What all parts of a scenario are made of: numbers with their bounds, and areas."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
#: The longest time a scenario can say: 1e9 s is 31 years, and its microseconds fit an integer.
LONGEST_S = 1e9
PositiveS = Annotated[float, Field(gt=0, le=LONGEST_S)]
DurationS = Annotated[float, Field(ge=0, le=LONGEST_S)]
Rat = Literal["2G", "3G", "4G", "5G"]


def _one_of(*values: float) -> Any:
    """A number that the standard lets take these values only."""

    def check(value: float) -> float:
        if value not in values:
            raise ValueError(f"must be one of {', '.join(f'{v:g}' for v in values)}")
        return value

    return [AfterValidator(check), Field(json_schema_extra={"enum": list(values)})]


SiPeriodS = Annotated[float, *_one_of(0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12)]
PagingCycleS = Annotated[float, *_one_of(0.32, 0.64, 1.28, 2.56)]
LatLon = tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]


class Model(BaseModel):
    """Frozen, and an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


# --- places -------------------------------------------------------------------------------------


class CircleSpec(Model):
    """A disc."""

    centre: LatLon = Field(description="[latitude, longitude] in degrees (WGS 84)")
    radius_m: float = Field(gt=0, description="radius [m]")


class GeocodeSpec(Model):
    """Where the values of a CAP geocode stand in the gazetteer."""

    property: str = Field(min_length=1, description="the GeoJSON property that holds the value")
    prefix: str = Field(
        "", description="the message writes this before it (SAME: a 0 before a county's number)"
    )


class AreaSpec(Model):
    """An area: the union of its polygons and circles, less the holes."""

    polygons: tuple[Annotated[tuple[LatLon, ...], Field(min_length=3)], ...] = Field(
        (), description="rings of [latitude, longitude] in degrees; closed for you"
    )
    circles: tuple[CircleSpec, ...] = ()
    holes: tuple[Annotated[tuple[LatLon, ...], Field(min_length=3)], ...] = Field(
        (), description="rings of [latitude, longitude] in degrees that are not part of it"
    )

    @model_validator(mode="after")
    def _not_empty(self) -> AreaSpec:
        if not self.polygons and not self.circles:
            raise ValueError("an area needs at least one polygon or circle")
        return self
