"""`ewsim network gaps`: planned coverage, availability, and who is outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from ewsim.cli.numbers import Finite
from ewsim.cli.options import file_option, json_option, places_option
from ewsim.errors import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapely.geometry.base import BaseGeometry

    from ewsim.country.gaps import Gaps

#: Rows of the printed tables of districts and cold spots.
_ROWS = 10


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@file_option("--land", kind="FILE.geojson", words="Coastline, for a table of cells.")
@places_option
@file_option(
    "--districts", kind="FILE.geojson", words="Rank these districts by their people outside planned coverage."
)
@click.option(
    "--district-name",
    default="name",
    show_default=True,
    metavar="PROPERTY",
    help="The property that names a district.",
)
@file_option("--points", kind="FILE.csv", words="Schools, hospitals: poi_id, lat, lon, poi_type.")
@file_option(
    "--alert", kind="FILE.xml", words="Also count the people outside planned coverage in this message's area."
)
@click.option(
    "--step-m",
    type=Finite(10, 100_000),
    metavar="METRES",
    help="Size of a pixel; default: about 60,000 on the land.",
)
@click.option(
    "--margin-db",
    type=Finite(0, 60),
    default=0.0,
    show_default=True,
    help="Margin above the weakest usable signal [dB]; operators plan with 8.8.",
)
@file_option("-o", "--output", kind="FILE.png|FILE.svg|FILE.html", words="Draw maps.")
@file_option("--geojson", kind="FILE.geojson", words="Write coverage, cold spots and points for a GIS.")
@file_option("--geotiff", kind="FILE.tif", words="Write the signal as a raster (needs the extra geo).")
@json_option
@click.option("--force", is_flag=True, help="Replace the files it writes.")
def gaps(
    file: Path,
    land: Path | None,
    places: Path | None,
    districts: Path | None,
    district_name: str,
    points: Path | None,
    alert: Path | None,
    step_m: float | None,
    margin_db: float,
    output: Path | None,
    geojson: Path | None,
    geotiff: Path | None,
    as_json: bool,
    force: bool,
) -> None:
    """Planned coverage and availability by operator and technology; cold spots by district.

    FILE is a scenario, or a table of cells or sites.

    \b
    ewsim network gaps scenario.yaml -o gaps.png
    ewsim network gaps cells.csv --land land.geojson --places places.csv --geojson gaps.geojson
    """
    from ewsim.cli.network.show import draw, must_be_drawable
    from ewsim.country import gaps_export
    from ewsim.country import survey as planning
    from ewsim.country.gaps import find_gaps
    from ewsim.errors import UsageError
    from ewsim.files import write_file
    from ewsim.geography.points import read_points
    from ewsim.report.maps import gaps as gap_map

    must_be_drawable(output, force=force)
    for path in (geojson, geotiff):
        if path is not None and path.exists() and not force:
            raise UsageError(f"{path} is there already; name another file, or add --force.")
    survey = planning.open_survey(file, land, places, alert)
    area, notes = survey.area, list(survey.notes)
    if area is None and alert is not None:
        area = planning.alert_area(alert, survey.network, None, {})
    if alert is not None and area is not None:
        planning.must_be_near(alert, area, survey.network)
    named = None
    if districts is not None:
        named = planning.districts_of(districts, district_name, survey)
    read = None
    if points is not None:
        read = read_points(points)
        notes += planning.far_points(read, survey.network)
    found = find_gaps(survey.network, survey.demand, named, read, step_m, margin_db)
    rows, warnings = planning.network_figures(survey, found.on_people)
    notes += warnings
    if output is not None:
        draw(output, survey.network, gap_map.panels(found), force=force)
    if geojson is not None:
        write_file(geojson, gaps_export.geojson(found), force=force)
    if geotiff is not None:
        write_file(geotiff, gaps_export.geotiff(found), force=force)
    if as_json:
        document = _document(file, found, rows, area, [*notes, *survey.network.notes])
        click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        click.echo("\n".join([*_lines(found, rows, area), *notes]))


def _document(
    file: Path, found: Gaps, rows: list[dict[str, Any]], area: BaseGeometry | None, notes: list[str]
) -> dict[str, Any]:
    frame = found.network.frame
    places = [frame.to_latlon(spot.x_m, spot.y_m) for spot in found.spots]
    return {
        "format": "ewsim.network_gaps/1",
        "network": str(file),
        "people": round(found.people),
        "people_without": round(found.people_without),
        "crowd_sourced": found.network.crowd_sourced,
        "in_area": None if area is None else _exposed(found, area),
        "step_m": found.grid.step_m,
        "margin_db": found.margin_db,
        "coverage": [
            {"operator": o, "rat": r, "people_share": float(p), "land_share": float(g)}
            for o, r, p, g in found.coverage()
        ],
        "availability": rows,
        "districts": [
            {"name": n, "people": round(p), "people_without": round(w)} for n, p, w in found.by_district()
        ],
        "cold_spots": [
            {
                "number": spot.number,
                "district": spot.district,
                "people": round(spot.people),
                "area_km2": round(spot.area_km2, 3),
                "lat": round(float(lat), 5),
                "lon": round(float(lon), 5),
            }
            for spot, (lat, lon) in zip(found.spots, places, strict=True)
        ],
        "uninhabited_km2": round(found.uninhabited_km2, 3),
        "points_of_interest": [
            {"poi_type": kind, "count": count, "without_count": without}
            for kind, count, without in found.points_by_kind()
        ],
        "notes": [*([doubt] if (doubt := found.doubt()) else []), *notes],
    }


def _exposed(found: Gaps, area: BaseGeometry) -> dict[str, int]:
    people, without = found.exposed_in(area)
    return {"people": round(people), "people_without": round(without)}


def _lines(found: Gaps, rows: list[dict[str, Any]], area: BaseGeometry | None) -> Iterator[str]:
    from ewsim.metrics import network

    if found.margin_db:
        yield f"Planned coverage with {found.margin_db:g} dB to spare, and availability."
        yield ""
    yield from network.lines(rows)
    yield ""
    yield network.MEANING
    yield ""
    yield "Planned coverage of the land:"
    for operator, rat, _, land in found.coverage():
        yield f"{operator:<20} {rat:<4} {100 * land:>6.1f} %"
    yield ""
    where = " in the table" if found.network.crowd_sourced else ""
    yield f"Outside planned coverage{where}: {found.people_without:,.0f} of {found.people:,.0f} people"
    if doubt := found.doubt():
        yield doubt
    outdoors, indoors = rows[0]["outdoors_share"], rows[0]["indoors_share"]
    if outdoors is not None and indoors is not None:
        yield f"Not available: {1 - outdoors:.1%} of people with a phone outdoors, {1 - indoors:.1%} indoors"
    if area is not None:
        people, without = found.exposed_in(area)
        yield f"In the alert area: {without:,.0f} of {people:,.0f} people"
    districts = [row for row in found.by_district() if row[2] >= 0.5]
    if len(found.districts.name) > 1:
        yield f"{'district':<28} {'people':>11} {'without':>11} {'share':>8}"
        for name, people, without in districts[:_ROWS]:
            share = f"{100 * without / people:.1f} %"
            yield f"{name[:28]:<28} {people:>11,.0f} {without:>11,.0f} {share:>8}"
        if len(districts) > _ROWS:
            yield f"... and {len(districts) - _ROWS} more districts"
    if found.spots:
        yield ""
        yield f"{'cold spot':<10} {'people':>11} {'km2':>9}   place"
    for spot in found.spots[:_ROWS]:
        lat, lon = found.network.frame.to_latlon(spot.x_m, spot.y_m)
        place = f"{float(lat):.3f}, {float(lon):.3f}"
        if len(found.districts.name) > 1:
            place += f"  {spot.district}"
        yield f"{spot.number:<10} {spot.people:>11,.0f} {spot.area_km2:>9,.1f}   {place}"
    if len(found.spots) > _ROWS:
        yield f"... and {len(found.spots) - _ROWS} more"
    if found.uninhabited_km2 >= 0.05:
        yield f"Outside planned coverage lie also {found.uninhabited_km2:,.1f} km2 where nobody lives"
    for kind, count, without in found.points_by_kind():
        yield f"{kind}: {count_of(count, 'points')}, {without:,} of them outside planned coverage"
