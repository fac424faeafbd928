"""Coverage and gaps as files for a GIS: GeoJSON, and GeoTIFF with the extra `geo`."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.country.gaps import Gaps
from ewsim.errors import UsageError
from ewsim.geography.plane import EARTH_RADIUS_M, to_geojson
from ewsim.units import RATS

#: No data in the raster [dB].
NO_SIGNAL_DB = -999.0


def geojson(gaps: Gaps) -> bytes:
    """A FeatureCollection: coverage by operator and technology, cold spots, points of interest.

    `kind` tells them apart: `coverage`, `cold_spot`, `uninhabited` (outside coverage, where nobody lives),
    `point_of_interest`. Areas that reach across the antimeridian are cut there (RFC 7946, 3.1.9).
    """
    document: dict[str, Any] = {"type": "FeatureCollection", "features": list(_features(gaps))}
    if doubt := gaps.doubt():
        document["description"] = doubt
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def _features(gaps: Gaps) -> Iterator[dict[str, Any]]:
    network, grid = gaps.network, gaps.grid
    for operator, name in enumerate(network.operators):
        for rat, kind in enumerate(RATS):
            covered = gaps.on_grid.covered(operator, rat)
            if covered.any():
                shape = grid.shape_of(grid.mask(covered))
                area = float(covered.sum() * grid.pixel_km2)
                yield _area(gaps, shape, kind="coverage", operator=name, rat=kind, area_km2=round(area, 3))
    for spot in gaps.spots:
        mask = grid.mask(gaps.spot == spot.number)
        yield _area(
            gaps,
            grid.shape_of(mask),
            kind="cold_spot",
            number=spot.number,
            district=spot.district,
            people=round(spot.people),
            area_km2=round(spot.area_km2, 3),
        )
    if gaps.uninhabited_km2:
        shape = grid.shape_of(grid.mask(gaps.spot > len(gaps.spots)))
        yield _area(gaps, shape, kind="uninhabited", people=0, area_km2=round(gaps.uninhabited_km2, 3))
    if gaps.points is not None and gaps.on_points is not None and gaps.nearest_site_m is not None:
        best = _newest(gaps)
        for at, name in enumerate(gaps.points.name):
            yield {
                "type": "Feature",
                "properties": {
                    "kind": "point_of_interest",
                    "poi_id": name,
                    "poi_type": gaps.points.kind[at],
                    "covered": best[at] >= 0,
                    "rat": RATS[best[at]] if best[at] >= 0 else None,
                    "nearest_site_m": round(float(gaps.nearest_site_m[at])),
                },
                "geometry": {
                    "type": "Point",
                    "coordinates": [float(gaps.points.lon_deg[at]), float(gaps.points.lat_deg[at])],
                },
            }


def _newest(gaps: Gaps) -> list[int]:
    """The newest technology at each point of interest, -1 for none."""
    assert gaps.on_points is not None
    heard = (gaps.on_points.level_db >= 0).any(axis=0)
    newest = np.where(heard, np.arange(heard.shape[0])[:, None], -1).max(axis=0)
    return [int(rat) for rat in np.atleast_1d(newest)]


def _area(gaps: Gaps, shape: BaseGeometry, **properties: Any) -> dict[str, Any]:
    frame = gaps.network.frame
    scale = np.pi / 180 * EARTH_RADIUS_M * np.cos(np.radians(frame.lat0_deg))
    # The line lies where the longitude, unwrapped around the frame, is 180 or -180 degrees.
    line = (np.copysign(180.0, frame.lon0_deg) - frame.lon0_deg) * scale
    west, south, east, north = shape.bounds
    parts = [shape]
    if west < line < east:
        gap = 1e-3  # so that no point lies on the line itself and changes side
        parts = [
            shapely.intersection(shape, shapely.box(west, south, line - gap, north)),
            shapely.intersection(shape, shapely.box(line + gap, south, east, north)),
        ]
    shapes = [shapely.geometry.shape(to_geojson(frame, part)) for part in parts]
    polygons = [p for s in shapes for p in shapely.get_parts(s) if p.geom_type == "Polygon"]
    whole = shapely.set_precision(shapely.multipolygons(polygons), 1e-7)
    return {"type": "Feature", "properties": properties, "geometry": dict(shapely.geometry.mapping(whole))}


def geotiff(gaps: Gaps) -> bytes:
    """The best signal above the threshold [dB], a band for each operator and technology.

    The plane is linear in degrees, so the pixels are exact in WGS 84 (EPSG:4326); longitudes run
    beyond 180 where a country crosses the antimeridian.

    Raises
    ------
    UsageError
        rasterio is not installed.
    """
    try:
        from rasterio.io import MemoryFile
        from rasterio.transform import Affine
    except ImportError:
        raise UsageError("a GeoTIFF needs rasterio: pip install rasterio, or leave out --geotiff.") from None
    grid, frame = gaps.grid, gaps.network.frame
    per_degree = np.pi / 180 * EARTH_RADIUS_M
    across = per_degree * np.cos(np.radians(frame.lat0_deg))
    rows, columns = grid.land.shape
    north = frame.lat0_deg + (grid.south_m + rows * grid.step_m) / per_degree
    corner = (frame.lon0_deg + grid.west_m / across, north)
    level = np.where(np.isfinite(gaps.on_grid.level_db), gaps.on_grid.level_db, NO_SIGNAL_DB)
    bands = [
        (f"{name} {kind}", level[operator, rat])
        for operator, name in enumerate(gaps.network.operators)
        for rat, kind in enumerate(RATS)
        if gaps.on_grid.covered(operator, rat).any()
    ]
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=columns,
            height=rows,
            count=max(len(bands), 1),
            dtype="float32",
            crs="EPSG:4326",
            nodata=NO_SIGNAL_DB,
            compress="deflate",
            transform=Affine(grid.step_m / across, 0.0, corner[0], 0.0, -grid.step_m / per_degree, corner[1]),
        ) as file:
            for band, (name, values) in enumerate(bands, 1):
                raster = grid.raster(values.astype(np.float32), NO_SIGNAL_DB)
                file.write(raster[::-1], band)  # row 0 of the file is the north
                file.set_band_description(band, name)
        return bytes(memory.read())
