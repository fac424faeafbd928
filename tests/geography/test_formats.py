"""Files of planners: named by their first octets, and read where a library for them is there."""

import gzip
import json
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from ewsim.errors import DataError
from ewsim.geography.faults import Faults
from ewsim.geography.features import read_features, read_shapes
from ewsim.geography.formats import what_is
from ewsim.geography.land import read_land_degrees
from ewsim.geography.lines import lines_of
from ewsim.geography.points import read_points
from ewsim.network.tables.reader import read_rows
from ewsim.settlement.places import read_places
from ewsim.settlement.rasters import people_of_raster
from ewsim.settlement.zones import read_zones

#: First octets, what the file is then, and a word of what to do.
OCTETS = {
    "old.xls": (b"\xd0\xcf\x11\xe0" + bytes(60), "an old workbook", "soffice"),
    "t.shx": (b"\x00\x00\x27\x0a" + bytes(90), "the index of a Shapefile", ".shp"),
    "t.dbf": (b"\x03\x7e\x0b\x1d" + bytes(60), "the table of a Shapefile", ".shp"),
    "a b.osm": (b'<?xml version="1.0"?>\n<!-- x --><osm version="0.6">', "OpenStreetMap XML", "'a b.osm'"),
    "o.pbf": (b"\0\0\0\x0d\n\tOSMHeader", "OpenStreetMap data (PBF)", "ogr2ogr"),
    "g.asc": (b"NCOLS 4\nNROWS 2\n", "an ESRI ASCII grid", "gdal_translate g.asc"),
    "h.txt": (b"EP152022,   ORLENE,     38,\n", "a best track", "disturbances"),
    "n.nc": (b"CDF\x01" + bytes(20), "a netCDF file", "gdal_translate"),
    "h.h5": (b"\x89HDF\r\n\x1a\n", "an HDF5 or netCDF file", "gdal_translate"),
    "f.fgb": (b"fgb\x03fgb\0", "a FlatGeobuf file", "ogr2ogr"),
    "r.tif": (b"II*\0" + bytes(20), "a GeoTIFF", "population.raster"),
    "p.pdf": (b"%PDF-1.7", "a PDF document", "CSV"),
    "w.htm": (b"\n<!DOCTYPE html><html>", "a web page", "file itself"),
    "c.xml": (b'<?xml version="1.0"?><alert xmlns="x">', "a CAP message", "alert"),
    "l.csv": (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS", "git lfs pull"),
    "z.7z": (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "7z x z.7z"),
    "b.bz2": (b"BZh91AY", "packed with bzip2", "bunzip2"),
    "u.csv": ("a,b\n".encode("utf-16"), "UTF-16", "CSV"),
    "bad.zip": (b"PK\x03\x04" + bytes(60), "a broken ZIP archive", "again"),
}


@pytest.mark.parametrize("name", OCTETS)
def test_a_file_is_named_by_its_first_octets_wherever_it_is_given(tmp_path, name):
    octets, words, fix = OCTETS[name]
    path = tmp_path / name
    path.write_bytes(octets)
    readers = [read_rows, read_places, read_land_degrees, read_zones]
    for read in (*readers, *([] if name == "r.tif" else [people_of_raster])):
        with pytest.raises(DataError) as caught:
            read(path)
        (found,) = caught.value.diagnostics
        assert words in found.message
        if read is not people_of_raster:
            assert fix in found.fix


@pytest.mark.parametrize(
    ("text", "read_as"),
    [("a,b\n", "text"), ("\ufeff {}", "geojson"), ("", "text"), ("<kml>", "features"), ("Cdf,a\n", "text")],
)
def test_text_is_text(tmp_path, text, read_as):
    path = tmp_path / "f"
    path.write_text(text)
    assert what_is(path).read_as == read_as


@pytest.mark.parametrize("ending", ["xlsx", "ods", "csv", "two.shp"])
def test_an_archive_is_named_by_what_it_holds(tmp_path, ending):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        names = {"xlsx": ["xl/workbook.xml"], "ods": ["mimetype", "content.xml"], "csv": ["a.csv"]}
        for name in names.get(ending, ["one.shp", "two.shp"]):
            archive.writestr(name, "x")
    words = {"xlsx": "XLSX", "ods": "ODS", "csv": "a ZIP archive"}
    assert words.get(ending, "several files (one.shp, two.shp)") in what_is(path).name


@pytest.mark.parametrize("name", ["xl/workbook.xml", "doc.kml", "a.shp"])
def test_an_archive_that_unpacks_to_far_more_than_data_do_is_refused_unread(tmp_path, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as file:
        for _ in range(101):
            file.write(bytes(1_000_000))
    with pytest.raises(DataError, match=f"{name} in it unpacks to 101 MB, which no data do"):
        what_is(path)


# --- tables ---------------------------------------------------------------------------------------

PLACES = [("name", "latitude", "longitude", "population"), ("Ä", -18.1, 178.4, 300), ("B", -18, 179.5, 20)]


def check_places(path):
    places = read_places(path)
    assert places.name == ("Ä", "B")
    assert places.people.tolist() == [300, 20]
    assert places.lat_deg.tolist() == [-18.1, -18]


def test_a_parquet_table_is_a_table(tmp_path):
    columns = {name: [row[k] for row in PLACES[1:]] for k, name in enumerate(PLACES[0])}
    pq.write_table(pa.table({**columns, "empty": [None, None]}), tmp_path / "p.parquet")
    check_places(tmp_path / "p.parquet")
    (tmp_path / "broken.parquet").write_bytes((tmp_path / "p.parquet").read_bytes()[:200])
    with pytest.raises(DataError, match="as Parquet"):
        read_places(tmp_path / "broken.parquet")


def test_a_workbook_is_a_table(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="the extra office is not installed")
    book = openpyxl.Workbook()
    for row in ([], *PLACES, [None, None]):
        book.active.append(row)
    book.create_sheet("empty")
    book.save(tmp_path / "p.xlsx")
    check_places(tmp_path / "p.xlsx")
    book.active.append(("C", 95, 0, 1))
    book.save(tmp_path / "wrong.xlsx")
    with pytest.raises(DataError, match="not between") as caught:
        read_places(tmp_path / "wrong.xlsx")
    assert (caught.value.diagnostics[0].line, caught.value.diagnostics[0].column) == (6, 2)
    book["empty"].append(["notes"])
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(DataError, match="several sheets with rows: 'Sheet', 'empty'"):
        read_places(tmp_path / "two.xlsx")


def test_a_damaged_workbook_is_refused(tmp_path):
    pytest.importorskip("openpyxl", reason="the extra office is not installed")
    with zipfile.ZipFile(tmp_path / "p.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(DataError, match="the workbook cannot be read"):
        read_places(tmp_path / "p.xlsx")


# --- features -------------------------------------------------------------------------------------

AREAS = [({"NAME": "West", "Population": 70}, shapely.box(177, -19, 178, -18))]
AREAS += [({"NAME": "Öst", "Population": 30}, shapely.box(178, -19, 179, -18))]
POINTS = [({"name": "Ä", "population": 300}, shapely.Point(178.4, -18.1))]
POINTS += [({"name": "B", "population": 20}, shapely.Point(179.5, -18))]
ENDINGS = ["shp", "gpkg", "kml", "shp.zip", "kmz"]


def write(path, rows, crs="EPSG:4326", ending="shp"):
    """Features in a format of OGR's, with the extra geo."""
    pyogrio = pytest.importorskip("pyogrio", reason="the extra geo is not installed")
    first = path / f"f.{ending.split('.')[0].replace('kmz', 'kml')}"
    shapes = np.array([shapely.to_wkb(shape) for _, shape in rows], dtype=object)
    columns = [np.array([row[key] for row, _ in rows]) for key in rows[0][0]]
    columns = [column.astype(object) if column.dtype.kind == "U" else column for column in columns]
    kind = rows[0][1].geom_type
    names = list(rows[0][0])
    driver = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".kml": "LIBKML"}[first.suffix]
    options = {"driver": driver, "geometry_type": kind, "crs": crs, "encoding": "UTF-8"}
    pyogrio.raw.write(first, shapes, columns, names, **options)
    if ending not in ("shp.zip", "kmz"):
        return first
    packed = path / f"f.{ending.split('.')[-1]}"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in sorted(path.glob("f.*")):
            if part not in (packed,):
                archive.write(part, f"in/{part.name}")
    return packed


@pytest.mark.parametrize("ending", ENDINGS)
def test_outlines_are_land_districts_and_zones(tmp_path, ending):
    path = write(tmp_path, AREAS, ending=ending)
    assert read_land_degrees(path).area == pytest.approx(2)
    assert [row.text("NAME") or row.text("Name") for row in read_features(path).rows] == ["West", "Öst"]
    homes = read_zones(path)
    assert homes.people.sum() == pytest.approx(100)
    assert homes.zone_names == ("West", "Öst")


@pytest.mark.parametrize("ending", ENDINGS)
def test_features_at_points_are_a_table(tmp_path, ending):
    check_places(write(tmp_path, POINTS, ending=ending))


def test_points_of_geojson_are_a_table(tmp_path):
    schools = [{"poi_id": k, "poi_type": "school"} for k in range(2)]
    shapes = [shapely.geometry.mapping(point) for _, point in POINTS]
    features = [
        {"type": "Feature", "properties": properties, "geometry": shape}
        for properties, shape in zip(schools, shapes, strict=True)
    ]
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    read = read_points(path)
    assert read.name == ("0", "1")
    assert read.lon_deg.tolist() == [178.4, 179.5]
    features[1]["geometry"] = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(DataError, match="feature 2 is a LineString, not a point"):
        read_points(path)


@pytest.mark.parametrize("ending", ["shp", "gpkg", "shp.zip"])
def test_projected_outlines_become_degrees(tmp_path, ending):
    warp = pytest.importorskip("rasterio.warp", reason="the extra geo is not installed")
    corner = warp.transform("EPSG:32760", "EPSG:4326", [500_000.0], [8_000_000.0])
    path = write(tmp_path, [({"n": 1}, shapely.box(5e5, 8e6, 5.1e5, 8.1e6))], crs="EPSG:32760", ending=ending)
    found = read_shapes(path, Faults(str(path)))
    near = shapely.get_coordinates(found.rows[0].shape)
    assert np.hypot(*(near - np.ravel(corner)).T).min() < 1e-6
    assert any("converted from" in note for note in found.notes)


def test_metres_without_a_reference_system_are_refused(tmp_path):
    path = write(tmp_path, [({"n": 1}, shapely.box(5e5, 8e6, 5.1e5, 8.1e6))], crs="EPSG:32760")
    path.with_suffix(".prj").unlink()
    with pytest.raises(DataError, match="does not say of which reference system"):
        read_land_degrees(path)


def test_a_geopackage_of_several_layers_is_refused(tmp_path):
    pyogrio = pytest.importorskip("pyogrio", reason="the extra geo is not installed")
    path = write(tmp_path, AREAS, ending="gpkg")
    shapes = np.array([shapely.to_wkb(shapely.Point(1, 1))], dtype=object)
    pyogrio.raw.write(path, shapes, [], [], geometry_type="Point", crs="EPSG:4326", layer="more", append=True)
    with pytest.raises(DataError, match="several layers: f, more"):
        read_land_degrees(path)


def test_broken_outlines_and_entities_are_refused(tmp_path):
    pytest.importorskip("pyogrio", reason="the extra geo is not installed")
    (tmp_path / "b.gpkg").write_bytes(b"SQLite format 3\0" + bytes(3000))
    with pytest.raises(DataError, match=r"cannot be read as a GeoPackage.*"):
        read_land_degrees(tmp_path / "b.gpkg")
    (tmp_path / "e.kml").write_text('<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>')
    with pytest.raises(DataError, match="entities of its own"):
        read_land_degrees(tmp_path / "e.kml")


def test_a_geoparquet_file_is_outlines(tmp_path):
    path = tmp_path / "z.parquet"
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    columns = {key: [row[key] for row, _ in AREAS] for key in AREAS[0][0]}
    columns["geometry"] = [shapely.to_wkb(shape) for _, shape in AREAS]
    pq.write_table(pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)}), path)
    assert read_land_degrees(path).area == 2
    assert read_zones(path).people.sum() == pytest.approx(100)


def test_a_packed_table_stays_a_table(tmp_path):
    path = tmp_path / "p.csv.gz"
    text = "\n".join(",".join(str(value) for value in row) for row in PLACES)
    path.write_bytes(gzip.compress(text.encode()))
    check_places(path)


def test_near_names_of_columns_are_offered(tmp_path):
    path = tmp_path / "stops.txt"
    path.write_text("stop_id,stop_name,stop_lat,stop_lon\n1,A,27.7,85.3\n")
    with pytest.raises(DataError) as caught:
        read_rows(path)
    assert "'stop_lat' to lat, 'stop_lon' to lon" in caught.value.diagnostics[0].fix


def test_a_packed_table_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"site_id,lat,lon\n" + b"a,1,1\n" * 4_000_000))
    with pytest.raises(DataError, match="unpacks to more than 50 times its size"):
        for _ in lines_of(path, Faults(str(path)), 2_000_000_000):
            pass
