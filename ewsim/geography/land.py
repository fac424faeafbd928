"""The coastline, read from a file of outlines. (Invented ones: `ewsim.geography.terrain`.)"""

from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError
from ewsim.geography import plane
from ewsim.geography.faults import Faults
from ewsim.geography.features import AREAS, Features, read_shapes
from ewsim.geography.plane import LocalFrame


def read_land_degrees(path: Path) -> BaseGeometry:
    """The union of all areas in a file of outlines, (longitude, latitude) in degrees, as written.

    Raises
    ------
    DataError
        Every fault of the file, with line and column where they are known.
    """
    return shapely.geometrycollections(_polygons(_read(path)))


def read_land(path: Path, frame: LocalFrame, notes: list[str] | None = None) -> BaseGeometry:
    """The land of a file of outlines in the frame's metres.

    Each ring is unwrapped and made valid by itself, so an outline across the antimeridian, which is
    no valid polygon in degrees, becomes one here.

    Parameters
    ----------
    path
        The file.
    frame
        The plane.
    notes
        Where to say what was left out, or is not as it is written.
    """
    found = _read(path)
    if notes is not None:
        notes += _notes(found, frame, path.name)
    return plane.union(frame.geometry(polygon) for polygon in _polygons(found))


def land_notes(path: Path, frame: LocalFrame) -> list[str]:
    """What was left out of a file of outlines, or is not as it is written."""
    return _notes(_read(path), frame, str(path))


def _notes(found: Features, frame: LocalFrame, name: str) -> list[str]:
    crossing = sum(not shapely.is_valid(frame.flat(polygon)) for polygon in _polygons(found))
    notes = [f"{note[:-1]}: {name}." for note in found.notes]
    if crossing:
        what = "outline crosses itself and is" if crossing == 1 else "outlines cross themselves and are"
        notes.append(f"{crossing:,} {what} read as the ground inside: {name}.")
    return notes


def _read(path: Path) -> Features:
    faults = Faults(str(path))
    found = read_shapes(path, faults)
    if faults:
        raise faults.error()
    if not _polygons(found):
        raise DataError.at(path, "there is no Polygon or MultiPolygon in it.", "Give areas of land.")
    return found


def _polygons(found: Features) -> list[BaseGeometry]:
    parts = [part for row in found.rows for part in shapely.get_parts(row.shape)]
    whole = [polygon for part in parts for polygon in shapely.get_parts(part)]
    return [polygon for polygon in whole if polygon.geom_type in AREAS and not polygon.is_empty]
