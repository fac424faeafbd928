"""Rasters and points with people, read as `Homes`.

Rasters (WorldPop, GHS-POP and the like) are GeoTIFF with people a pixel, in any CRS that PROJ
knows. They need the extra `geo` and are read in blocks of rows, so that memory holds only the pixels
with people. Points are a table.
"""

import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.errors import DataError, count_of
from ewsim.files import is_file
from ewsim.geography.formats import what_is
from ewsim.geography.plane import FloatArray
from ewsim.geography.table import HeadedTable, number
from ewsim.settlement.homes import Homes

Ints = NDArray[np.int32]

#: A world of 1 km has 650 million pixels; those with people take memory, the others do not.
_PIXELS_MAX = 1_000_000_000
_PEOPLED_MAX = 50_000_000
_BLOCK_PIXELS, _STRIP_MAX = 4_000_000, 150_000_000
_BAND = 64  # rows of squares that are joined at a time
#: Assumption: more pixels with people than this are joined to rectangles of neighbours, which saves memory:
#: of 20 million pixels of 100 m squares of 400 m, smaller than what a cell covers.
_JOINED_MAX = 2_000_000
#: Values that stand for no data where no tag says so: any from the first on, and the others where so many
#: pixels have it and the next smaller value is less than half of it.
_SENTINEL, _SENTINEL_SHARE = 1e30, 0.001
_SENTINELS = (255.0, 9999.0, 32767.0, 65535.0, 99999.0, 999999.0, 2147483647.0, 4294967295.0)
OCTETS_MAX = 200_000_000
PEOPLE_MAX = 1_000_000_000
#: More people than this in a pixel or at a point is a mistake of units.
_PEOPLE_HERE_MAX = 1_000_000.0
#: Names of the column with everyone in Meta's High Resolution Settlement Layer (HRSL), by version
#: (https://data.humdata.org/organization/meta); its other tables are of groups: women, children.
_HRSL = re.compile(r"population_\d{4}|[a-z]{3}_general_\d{4}|hrsl_[a-z]{3}_pop|population_count")
#: Columns of numbers that are no people.
NO_PEOPLE = frozenset(
    (
        *("id", "fid", "gid", "ogc_fid", "objectid", "osm_id", "code", "zip", "postcode"),
        *("x", "y", "z", "elevation", "altitude", "dem", "height", "year"),
    )
)


def people_of_raster(path: Path) -> Homes:
    """People a pixel from a GeoTIFF; nodata, negative and missing values have nobody.

    Raises
    ------
    DataError
        It cannot be read, has no CRS, nobody or far too many.
    """
    kind = what_is(path)
    if kind.read_as != "raster" and is_file(path):
        fix = "Give a GeoTIFF." if "raster" not in kind.fix else kind.fix
        raise DataError.at(path, f"the file is {kind.name}, not a GeoTIFF.", fix)
    try:
        import rasterio
        from rasterio.errors import RasterioError
    except ImportError:
        raise DataError.at(path, "rasters need rasterio.", "Install it: pip install rasterio.") from None
    try:
        # Only GeoTIFF: other drivers may open further files, or a network.
        with rasterio.open(path, driver="GTiff") as source:
            if source.width * source.height > _PIXELS_MAX:
                raise DataError.at(path, f"the raster has more than {_PIXELS_MAX:,} pixels.", "Cut it.")
            if source.crs is None:
                raise DataError.at(path, "the raster has no CRS.", "Write it with its CRS.")
            if source.width * source.block_shapes[0][0] > _STRIP_MAX:
                fix = "Write it in tiles (gdal_translate -co TILED=YES)."
                raise DataError.at(path, "the raster is written in one piece, too large to read.", fix)
            read, notes = list(_blocks(path, source)), _notes(source)
            pixels = tuple(np.concatenate([part[k] for part in read]) for k in range(3))
            empty = sum(part[3] for part in read)
            del read
            row, column, people = pixels
            if source.nodata is None and (top := _untagged(people)):
                row, column, people = (part[people < top] for part in pixels)
                empty += pixels[2].size - people.size
                notes.append(f"The raster states no no-data value; its largest, {top:g}, is taken as such.")
            del pixels
            count = people.size
            plausible(path, people)
            box, people = _joined(row, column, people)
            corner = _corners(box, source)
    except (RasterioError, ValueError, MemoryError) as error:
        raise DataError.at(path, f"the raster cannot be read: {error}.", "Give a GeoTIFF.") from None
    some = f"{people.sum():,.0f} people in {count_of(int(count), 'pixels')}"
    notes.insert(0, f"{some}; {count_of(int(empty), 'pixels have')} no data.")
    if people.size < count:
        notes.append(
            f"The raster has more than {_JOINED_MAX:,} pixels with people: they are joined to "
            f"{people.size:,} rectangles of neighbours, people evenly in each."
        )
    on_earth(path, corner)
    return Homes(str(path), corner, False, people, np.full(people.size, -1, np.int32), (), tuple(notes))


def _notes(source: Any) -> list[str]:
    notes = []
    if source.count > 1:
        notes.append(f"The first of the raster's {source.count} bands is read.")
    scale, offset = source.scales[0], source.offsets[0]
    if (scale, offset) != (1.0, 0.0):
        notes.append(f"The raster's values are multiplied by {scale:g} and {offset:g} is added, as it says.")
    return notes


def _blocks(path: Path, source: Any) -> Iterator[tuple[Ints, Ints, FloatArray, int]]:
    """Of each block of rows the pixels with people (row, column, people); how many have no data."""
    from rasterio.windows import Window

    nodata, tile = source.nodata, source.block_shapes[0][0]
    scale, offset = source.scales[0], source.offsets[0]
    height = max(1, _BLOCK_PIXELS // source.width // tile) * tile  # no tile is unpacked twice
    found = 0
    for top in range(0, source.height, height):
        values = source.read(1, window=Window(0, top, source.width, min(height, source.height - top)))
        # People are less than this as written; the test needs no copy of a block in another type.
        outside = ~(values > -math.inf) | (values == nodata if nodata is not None else False)
        if scale != 1.0 or offset != 0.0:
            values = values * float(scale) + float(offset)
        outside |= ~(values >= 0) | ~(values < _SENTINEL)
        row, column = np.nonzero(~outside & (values > 0))
        people = values[row, column].astype(np.float64)
        found += people.size
        if found > _PEOPLED_MAX:
            what = f"more than {_PEOPLED_MAX:,} pixels have people."
            raise DataError.at(path, what, "Cut it to the country, or take one of 1 km.")
        yield (row + top).astype(np.int32), column.astype(np.int32), people, int(np.count_nonzero(outside))


def _untagged(people: FloatArray) -> float:
    """The largest value where it stands for no data though no tag says so; else 0."""
    top = float(people.max(initial=0.0))
    same = int((people == top).sum())
    rest = float(people[people < top].max(initial=0.0)) if same else 0.0
    common = same >= max(_SENTINEL_SHARE * people.size, 2)
    return top if top in _SENTINELS and common and top >= 2 * rest else 0.0


def _joined(row: Ints, column: Ints, people: FloatArray) -> tuple[Ints, FloatArray]:
    """Rectangles (first and last row, first and last column), shape (n, 4), and their people.

    A pixel each, or, of more than `_JOINED_MAX` pixels, the pixels with people of small squares.
    """
    side = math.ceil(math.sqrt(people.size / _JOINED_MAX))
    if side <= 1:
        return np.column_stack([row, row, column, column]), people
    boxes, persons = [], []
    bands = np.arange(0, int(row.max()) + 1 + _BAND * side, _BAND * side)
    for begin, end in itertools.pairwise(np.searchsorted(row, bands).tolist()):  # rows are in order
        if begin == end:
            continue
        y, x = row[begin:end], column[begin:end]
        key = (y // side).astype(np.int64) * (int(x.max()) // side + 1) + x // side
        order = np.argsort(key, kind="stable")
        start = np.flatnonzero(np.diff(key[order], prepend=-1))
        ends = [end_of.reduceat(part[order], start) for part in (y, x) for end_of in (np.minimum, np.maximum)]
        boxes.append(np.column_stack(ends))
        persons.append(np.add.reduceat(people[begin:end][order], start))
    return np.concatenate(boxes), np.concatenate(persons)


def _corners(box: Ints, source: Any) -> FloatArray:
    """Three corners of rectangles of pixels in degrees, shape (n, 3, 2)."""
    from rasterio.warp import transform as reproject

    affine, degrees = source.transform, source.crs.is_geographic
    corner = np.empty((len(box), 3, 2))
    for at, (down, right) in enumerate(((0, 2), (0, 3), (1, 2))):
        y, x = box[:, down] + float(down == 1), box[:, right] + float(right == 3)
        lon = affine.a * x + affine.b * y + affine.c
        lat = affine.d * x + affine.e * y + affine.f
        if not degrees:
            lon, lat = (np.asarray(v) for v in reproject(source.crs, "EPSG:4326", lon, lat))
        corner[:, at] = np.column_stack([lon, lat])
    return corner


def people_at_points(path: Path) -> Homes:
    """Points with people from a table: lat, lon and population (without further numbers: one each).

    Raises
    ------
    DataError
        Every fault of the table, with its line; or it has numbers that may be people under another name.
    """
    table = HeadedTable(path, OCTETS_MAX)
    lat_at, lon_at = table.column("lat", "latitude"), table.column("lon", "longitude", "lng", "long")
    if lat_at < 0 or lon_at < 0:
        table.must_have(("lat", "lon"))
        raise table.faults.error()
    people_at, notes = _column_of_people(table, {lat_at, lon_at})
    found: list[tuple[float, float, float]] = []
    numeric: dict[int, str] = {}
    for line, row in table:
        lat, lon = table.degrees(line, row, lat_at, 90), table.degrees(line, row, lon_at, 180)
        people = 1.0
        if people_at >= 0:
            people = table.people(line, row[people_at].strip(), people_at, _PEOPLE_HERE_MAX)
        elif not found:
            others = set(range(len(row))) - {lat_at, lon_at}
            numeric = {at: row[at] for at in sorted(others) if math.isfinite(number(row[at]))}
        if people > 0:
            found.append((lon, lat, people))
    unread = [table.header[at] for at in numeric if table.header[at] not in NO_PEOPLE]
    if unread:
        listed = ", ".join(repr(name[:40]) for name in unread[:10])
        what = f"the table has no column population, and numbers in {listed}."
        fix = "Call the one with people population; or remove them, and each point counts as one person."
        table.faults.add(1, table.header.index(unread[0]) + 1, what, fix)
    table.finish(len(found), "no point has people.", "Fill in population.")
    points = np.array(found)
    corner = np.repeat(points[:, None, :2], 3, axis=1)
    everyone = f"{points[:, 2].sum():,.1f}".removesuffix(".0")
    notes.insert(0, f"{everyone} people at {count_of(len(points), 'points')}.")
    if people_at < 0:
        notes.append("The table of points has no column population: each point is one person.")
    nowhere = np.full(len(points), -1, dtype=np.int32)
    return Homes(str(path), corner, False, points[:, 2], nowhere, (), tuple(notes))


def _column_of_people(table: HeadedTable, place: set[int]) -> tuple[int, list[str]]:
    """The column with people, -1 for none, and a note where its name is one of HRSL's."""
    at = table.column("population", "people", "pop", "pop_max")
    if at >= 0:
        return at, []
    named = [i for i, name in enumerate(table.header) if _HRSL.fullmatch(name) and i not in place]
    if len(named) != 1:
        return -1, []
    return named[0], [f"The column {table.header[named[0]]!r} of the table of points is read as people."]


def plausible(path: Path, people: FloatArray, *, here: bool = True) -> None:
    """Raise where there are nobody or too many people, in all or (`here`) at one place.

    Parameters
    ----------
    path
        The file, for messages.
    people
        People by place [1], shape (places,).
    here
        Whether a place is small, so that a million people there are too many.
    """
    if not people.size or people.sum() < 1:
        raise DataError.at(path, "nobody lives in it.", "Give people, not a density or an index.")
    if people.sum() > PEOPLE_MAX or (here and people.max() > _PEOPLE_HERE_MAX):
        what = f"{people.sum():,.0f} people, up to {people.max():,.0f} at one place, are too many."
        raise DataError.at(path, what, "Give people a pixel or zone, not another unit.")


def on_earth(path: Path, corner: NDArray[np.float64]) -> None:
    """Raise where corners are not degrees."""
    good = np.isfinite(corner).all() and np.abs(corner[..., 1]).max() <= 90.001
    if not good or np.abs(corner[..., 0]).max() > 360.001:
        fix = "Reproject it to WGS 84 (EPSG:4326), longitude first."
        raise DataError.at(path, "its coordinates are not degrees.", fix)
