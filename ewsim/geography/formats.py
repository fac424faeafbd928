"""What a file is, by its first octets, and what to do with it where it cannot be read here."""

import re
import shlex
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ewsim.errors import DataError
from ewsim.files import is_file

_HEAD = 4096
#: Unpacked, a file of more than this is refused [octets].
UNPACKED_MAX = 2_000_000_000
#: Assumption: a file in an archive that unpacks to so many times its size, and to so much, is a trap; a
#: table of one value in all rows stays below, and the most that packing can do is 1,032 times.
_BOMB_TIMES, _BOMB_OCTETS = 300, 100_000_000


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its name with an article, how it is read, and else the command that converts it."""

    name: str
    read_as: Literal["features", "workbook", "parquet", "geojson", "raster", "text", ""]
    fix: str = ""
    member: str = ""  # of a ZIP archive


_CSV = "Save it as CSV, UTF-8"
_SHEET = f"{_CSV}: soffice --headless --convert-to csv FILE."
_OGR = "Convert it: ogr2ogr -t_srs EPSG:4326 out.geojson FILE."
_LAYERS = "Give one layer to population.raster; gdalinfo FILE names them: gdal_translate LAYER people.tif."
#: Of formats with several layers one is named, for GeoJSON has one.
_LAYER = "Convert it: ogr2ogr out.geojson FILE"
_RASTER = "As people a pixel give it to population.raster: gdal_translate FILE people.tif."
_UNPACK = "Unpack it first"
TEXT = Format("text", "text")
_SHAPEFILE_PART = "Name the file that ends in .shp, beside it."

#: First octets of each.
_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"\xd0\xcf\x11\xe0", Format("an old workbook (XLS)", "", _SHEET)),
    (b"SQLite format 3\0", Format("a GeoPackage", "features")),
    (b"PAR1", Format("a Parquet file", "parquet")),
    (b"fgb\x03fgb", Format("a FlatGeobuf file", "", _OGR)),
    (b"II*\0", Format("a GeoTIFF", "raster", "It is a raster: give it to population.raster.")),
    (b"MM\0*", Format("a GeoTIFF", "raster", "It is a raster: give it to population.raster.")),
    (b"II+\0", Format("a GeoTIFF", "raster", "It is a raster: give it to population.raster.")),
    (b"\x89HDF", Format("an HDF5 or netCDF file", "", _LAYERS)),
    (b"CDF", Format("a netCDF file", "", _LAYERS)),
    (b"\xff\xfe", Format("UTF-16", "", f"{_CSV}.")),
    (b"\xfe\xff", Format("UTF-16", "", f"{_CSV}.")),
    (b"%PDF", Format("a PDF document", "", "Ask for the table itself, as CSV.")),
    (b"\x89PNG", Format("a picture", "", "Ask for the data of it.")),
    (b"\xff\xd8\xff", Format("a picture", "", "Ask for the data of it.")),
    (b"7z\xbc\xaf", Format("a 7z archive", "", f"{_UNPACK}: 7z x FILE.")),
    (b"Rar!", Format("a RAR archive", "", f"{_UNPACK}: unrar x FILE.")),
    (b"BZh", Format("packed with bzip2", "", f"{_UNPACK}: bunzip2 FILE.")),
    (b"\xfd7zXZ", Format("packed with xz", "", f"{_UNPACK}: unxz FILE.")),
    (b"\x28\xb5\x2f\xfd", Format("packed with zstd", "", f"{_UNPACK}: unzstd FILE.")),
)


def _root(name: bytes) -> re.Pattern[bytes]:
    """XML whose outermost element has this name."""
    before = rb"(\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>)*"
    return re.compile(before + rb"<(\w+:)?" + name + rb"\b", re.DOTALL)


#: Words in the beginning of a text, and what it is then.
_WORDS: tuple[tuple[re.Pattern[bytes], Format], ...] = (
    (_root(b"kml"), Format("KML", "features")),
    (_root(b"osm"), Format("OpenStreetMap XML", "", f"{_LAYER} points (for outlines: multipolygons).")),
    (_root(b"gpx"), Format("GPX", "", f"{_LAYER} waypoints.")),
    (_root(b"alert"), Format("a CAP message", "", "Name it under alert.")),
    (
        re.compile(rb"\s*<(!doctype )?html", re.IGNORECASE),
        Format("a web page", "", "Download the file itself."),
    ),
    (re.compile(rb"\s*<\?xml"), Format("XML", "", f"{_OGR[:-1]}; or save the table as CSV.")),
    (re.compile(rb"\s*ncols\s+\d+", re.IGNORECASE), Format("an ESRI ASCII grid", "", _RASTER)),
    (
        re.compile(rb"[A-Z]{2}\d{6},[^,\n]*,\s*\d+,"),
        Format("a best track (HURDAT2)", "", "Name it under disturbances: {kind: cyclone, path: FILE}."),
    ),
    (
        re.compile(rb"version https://git-lfs"),
        Format("a pointer of Git LFS", "", "Fetch the file: git lfs pull."),
    ),
    (re.compile(rb"\s*[\[{]"), Format("JSON", "geojson")),
)


def what_is(path: Path) -> Format:
    """The kind of a file; what is no file, such as a pipe, is text, and is not looked at.

    Raises
    ------
    DataError
        It cannot be read.
    """
    if not is_file(path):
        return TEXT
    kind = _look(path)
    return replace(kind, fix=kind.fix.replace("FILE", shlex.quote(path.name)))


def _look(path: Path) -> Format:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if head.startswith(b"PK\x03\x04"):
            return _archive(path)
    except OSError as error:
        what = f"the file cannot be read: {error.strerror or error}."
        raise DataError.at(path, what, "Check the path.") from None
    head = head.removeprefix(b"\xef\xbb\xbf")
    if head[4:16].find(b"OSMHeader") >= 0:
        return Format("OpenStreetMap data (PBF)", "", f"{_LAYER} points (for outlines: multipolygons).")
    if head.startswith(b"\x00\x00\x27\x0a"):  # the index of a Shapefile begins as its main file does
        index = path.suffix.lower() == ".shx"
        return (
            Format("the index of a Shapefile", "", _SHAPEFILE_PART)
            if index
            else Format("a Shapefile", "features")
        )
    if head[:1] in (b"\x03", b"\x83", b"\x8b") and _is_dbf(head):
        return Format("the table of a Shapefile (DBF)", "", _SHAPEFILE_PART)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return next((kind for words, kind in _WORDS if words.match(head)), TEXT)


def _is_dbf(head: bytes) -> bool:
    """Whether the month and the day of its last change are some."""
    return len(head) >= 32 and 1 <= head[2] <= 12 and 1 <= head[3] <= 31


def _archive(path: Path) -> Format:
    """What a ZIP archive holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, RuntimeError):
        return Format("a broken ZIP archive", "", "Pack it again.")
    if sum(member.file_size for member in members) > UNPACKED_MAX:
        what = f"unpacked it is larger than {UNPACKED_MAX / 1e9:.0f} GB."
        raise DataError.at(path, what, "Keep one country.")
    for member in members:
        if member.file_size > max(_BOMB_OCTETS, _BOMB_TIMES * member.compress_size):
            what = (
                f"{member.filename[:60]} in it unpacks to {member.file_size / 1e6:,.0f} MB, which no data do."
            )
            raise DataError.at(path, what, "Get the file again from where it was made.")
    names = [member.filename for member in members]
    if "xl/workbook.xml" in names:
        return Format("a workbook (XLSX)", "workbook")
    if "content.xml" in names and "mimetype" in names:
        return Format("a workbook (ODS)", "", _SHEET)
    for ending, kind in ((".shp", "a zipped Shapefile"), (".kml", "KMZ"), (".gpkg", "a zipped GeoPackage")):
        found = [name for name in names if name.lower().endswith(ending) and not name.startswith("__MACOSX")]
        if len(found) == 1 or (found and kind == "KMZ"):
            return Format(kind, "features", member=found[0])
        if found:
            listed = ", ".join(name[:60] for name in sorted(found)[:10])
            return Format(f"{kind} with several files ({listed})", "", "Keep one of them in it.")
    return Format("a ZIP archive", "", f"{_UNPACK}: unzip FILE.")
