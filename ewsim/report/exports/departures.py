"""When people leave, for models of evacuation traffic: plans of MATSim, trips and flows of SUMO.

Somebody leaves when they act (`acted_s`, the response layer). Time 0 is the decision to warn. Each goes to
the nearest safe place: one that is given, or the nearest point on land of the alert area's edge.

Assumptions: everybody who acts leaves, alone, from where they are at the decision, by car. How many sit in a
car, and the roads, are the business of the other model.

References
----------
.. [1] MATSim, population_v6.dtd.
.. [2] Eclipse SUMO, routes_file.xsd: `trip` and `flow` with `fromLonLat` and `toLonLat`, which need a network
   with a geographical projection.
"""

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ewsim.errors import UsageError
from ewsim.report.exports.layers import acted, wrapped
from ewsim.result.record import Result

FORMATS = ("matsim", "sumo", "sumo_flows")
#: People of one place who leave within this time are one flow [s].
_SLOT_S = 300


def departures_of(result: Result, form: str, safe: Sequence[tuple[float, float]] = ()) -> bytes:
    """Who leaves when, from where and where to, in a format of another program.

    Parameters
    ----------
    result
        A run with the response layer.
    form
        One of FORMATS.
    safe
        Safe places: latitude, longitude [degree].

    Raises
    ------
    UsageError
        The run has no response layer, or nobody acts in it.
    """
    if result.ledger.response is None:
        raise UsageError(
            f"{form} needs to know when people act. Run the scenario with --set response.preset=moderate."
        )
    who = acted(result)
    if who.empty:
        raise UsageError("nobody in the alert area acts in this run, so nobody leaves.")
    to = _nearest(result, who, safe)
    out = io.StringIO()
    xml = XMLGenerator(out, "utf-8", short_empty_elements=True)
    if form == "matsim":
        out.write('<?xml version="1.0" encoding="utf-8"?>\n')
        out.write('<!DOCTYPE population SYSTEM "http://www.matsim.org/files/dtd/population_v6.dtd">\n')
        _matsim(xml, who, to)
    else:
        xml.startDocument()
        _sumo(xml, _flows(who, to) if form == "sumo_flows" else _trips(who, to))
    return out.getvalue().encode()


def _nearest(result: Result, who: pd.DataFrame, safe: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """The safe place of each: longitude, latitude, shape (people, 2)."""
    edge = wrapped(result.area).boundary
    on_land = edge if result.land is None else shapely.intersection(edge, wrapped(result.land))
    edge = edge if on_land.is_empty else on_land
    if safe:
        edge = shapely.multipoints([(lon, lat) for lat, lon in safe])
    lat0 = np.cos(np.radians(float(who["lat"].mean())))  # a degree of longitude is shorter

    def flat(shape: Any) -> Any:
        return shapely.transform(shape, lambda xy: xy * [lat0, 1])

    here = flat(shapely.points(who["lon"], who["lat"]))
    line = shapely.shortest_line(here, flat(edge))
    return np.asarray(shapely.get_coordinates(shapely.get_point(line, 1)) / [lat0, 1])


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _matsim(xml: XMLGenerator, who: pd.DataFrame, to: NDArray[np.float64]) -> None:
    def attribute(name: str, kind: str, value: object) -> None:
        xml.startElement("attribute", AttributesImpl({"name": name, "class": f"java.lang.{kind}"}))
        xml.characters(str(value))
        xml.endElement("attribute")

    def single(name: str, **values: str) -> None:
        xml.startElement(name, AttributesImpl(values))
        xml.endElement(name)

    xml.startElement("population", AttributesImpl({"desc": "ewsim: departures after a warning"}))
    xml.startElement("attributes", AttributesImpl({}))
    attribute("coordinateReferenceSystem", "String", "EPSG:4326")
    xml.endElement("attributes")
    for row, (lon, lat) in zip(who.itertuples(), to, strict=True):
        xml.characters("\n")
        xml.startElement("person", AttributesImpl({"id": str(row.person_id)}))
        xml.startElement("attributes", AttributesImpl({}))
        attribute("weight", "Integer", row.weight)
        attribute("place", "String", row.zone)
        xml.endElement("attributes")
        xml.startElement("plan", AttributesImpl({"selected": "yes"}))
        leaves = _clock(float(row.acted_s))  # type: ignore[arg-type]
        single("activity", type="home", x=f"{row.lon:.6f}", y=f"{row.lat:.6f}", end_time=leaves)
        single("leg", mode="car")
        single("activity", type="safe", x=f"{lon:.6f}", y=f"{lat:.6f}")
        xml.endElement("plan")
        xml.endElement("person")
    xml.endElement("population")


def _pair(lon: float, lat: float) -> str:
    return f"{lon:.6f},{lat:.6f}"


def _trips(who: pd.DataFrame, to: NDArray[np.float64]) -> list[tuple[str, dict[str, str]]]:
    return [
        (
            "trip",
            {
                "id": str(row.person_id),
                "depart": f"{row.acted_s:.2f}",
                "fromLonLat": _pair(row.lon, row.lat),  # type: ignore[arg-type]
                "toLonLat": _pair(lon, lat),
            },
        )
        for row, (lon, lat) in zip(who.itertuples(), to, strict=True)
    ]


def _flows(who: pd.DataFrame, to: NDArray[np.float64]) -> list[tuple[str, dict[str, str]]]:
    """People of one place and five minutes together, from and to the middle of theirs."""
    slot = (who["acted_s"] // _SLOT_S).astype(int)
    table = who.assign(slot=slot, to_lon=to[:, 0], to_lat=to[:, 1])
    flows = []
    grouped: Any = table.groupby(["slot", "zone"], sort=True)
    for number, ((begin, _), rows) in enumerate(grouped):
        middle = {
            name: float(np.average(rows[name], weights=rows["weight"]))
            for name in ("lon", "lat", "to_lon", "to_lat")
        }
        values = {
            "id": f"f{number}",
            "begin": str(begin * _SLOT_S),
            "end": str((begin + 1) * _SLOT_S),
            "number": str(int(rows["weight"].sum())),
            "fromLonLat": _pair(middle["lon"], middle["lat"]),
            "toLonLat": _pair(middle["to_lon"], middle["to_lat"]),
        }
        flows.append(("flow", values))
    return flows


def _sumo(xml: XMLGenerator, rows: list[tuple[str, dict[str, str]]]) -> None:
    xml.startElement("routes", AttributesImpl({}))
    for name, values in rows:
        xml.characters("\n")
        xml.startElement(name, AttributesImpl(values))
        xml.endElement(name)
    xml.endElement("routes")
