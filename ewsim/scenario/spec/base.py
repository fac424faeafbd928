"""What all parts of a scenario are made of: numbers with their bounds, and areas."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast, get_args

import numpy as np
import shapely
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from shapely import Polygon


def _number(value: Any) -> Any:
    """Refuse true and false, which pydantic would read as 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "Input should be a valid number")
    return value


Number = Annotated[float, BeforeValidator(_number)]
Share = Annotated[Number, Field(ge=0, le=1)]
#: Shares that count beside each other, in any unit: 0.55 and 0.45, or 55 and 45.
RelativeShare = Annotated[Number, Field(gt=0, le=1_000_000)]
RelativeShareOrNone = Annotated[Number, Field(ge=0, le=1_000_000)]
#: The longest time a scenario can say: 1e9 s is 31 years, and its microseconds fit an integer.
LONGEST_S = 1e9
PositiveS = Annotated[Number, Field(gt=0, le=LONGEST_S)]
DurationS = Annotated[Number, Field(ge=0, le=LONGEST_S)]
#: Standard deviation of the natural logarithm of a lognormal time; at 3 the spread is a factor of 400.
Sigma = Annotated[Number, Field(ge=0, le=3)]
#: A time after the decision; before it where it is negative.
TimeS = Annotated[Number, Field(ge=-LONGEST_S, le=LONGEST_S)]
Path = Annotated[str, Field(max_length=1000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
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
LatLon = tuple[Annotated[Number, Field(ge=-90, le=90)], Annotated[Number, Field(ge=-180, le=180)]]


def _encloses(ring: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Refuse a ring whose sides cross, or that encloses nothing."""
    lat, lon = np.array(ring).T
    lon = lon[0] + np.concatenate([[0.0], np.cumsum(np.mod(np.diff(lon) + 180, 360) - 180)])
    polygon = Polygon(np.column_stack([lon, lat]))
    if shapely.area(shapely.make_valid(polygon)) == 0:
        raise ValueError("it encloses nothing; give at least three corners that are not on one line")
    if not polygon.is_valid:
        points = shapely.get_coordinates(polygon)
        sides = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
        if shapely.STRtree(list(np.atleast_1d(cast("Any", sides)))).query(sides, predicate="crosses").size:
            raise ValueError("its sides cross; give the corners in order around the area")
    return ring


Ring = Annotated[tuple[LatLon, ...], Field(min_length=3, max_length=10_000), AfterValidator(_encloses)]


class Model(BaseModel):
    """Frozen, and an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, data: Any) -> Any:
        """Make true and false text where a number is wanted, so that they are refused."""
        if not isinstance(data, dict):
            return data
        wrong = [k for k, v in data.items() if isinstance(v, bool) and cls._wants_number(k)]
        return {**data, **{key: str(data[key]).lower() for key in wrong}} if wrong else data

    @classmethod
    def _wants_number(cls, key: str) -> bool:
        field = cls.model_fields.get(key)
        wanted = () if field is None else get_args(field.annotation) or (field.annotation,)
        return (int in wanted or float in wanted) and bool not in wanted


# --- places -------------------------------------------------------------------------------------


class CircleSpec(Model):
    """A disc."""

    centre: LatLon = Field(description="[latitude, longitude] in degrees (WGS 84)")
    radius_m: Number = Field(gt=0, le=20_100_000, description="radius [m]")


class GeocodeSpec(Model):
    """Where the values of a CAP geocode stand in the gazetteer."""

    property: Name = Field(description="the GeoJSON property that holds the value")
    prefix: str = Field(
        "",
        max_length=200,
        description="the message writes this before it (SAME: a 0 before a county's number)",
    )


class AreaSpec(Model):
    """An area: the union of its polygons and circles, less the holes."""

    polygons: tuple[Ring, ...] = Field(
        (), description="rings of [latitude, longitude] in degrees; closed for you"
    )
    circles: tuple[CircleSpec, ...] = ()
    holes: tuple[Ring, ...] = Field(
        (), description="rings of [latitude, longitude] in degrees that are not part of it"
    )

    @model_validator(mode="after")
    def _not_empty(self) -> AreaSpec:
        if not self.polygons and not self.circles:
            raise ValueError("an area needs at least one polygon or circle")
        return self
