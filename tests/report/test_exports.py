"""A run as maps, tables and departures: read back by other programs' readers, with hostile names."""

import dataclasses
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from support import make_result
from tree import ROOT

from ewsim.cli import run
from ewsim.errors import UsageError
from ewsim.ledger import Response
from ewsim.report.exports import departures, formats, layers
from ewsim.units import NEVER, US

EVIL = "=cmd|'/c calc'!A1 <script>&\"]]>\x00\x1b[31m\u202e"
KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture(scope="module")
def result():
    made = make_result(people=800, sites=8)
    people = made.ledger.people
    people["zone"] = people["zone"].cat.rename_categories({"Town 1": EVIL})
    when = np.where(np.arange(800) % 3 == 0, (np.arange(800) + 60) * US, NEVER)
    did = Response(when, when, when, np.where(when < NEVER, 0, -1).astype(np.int8), ("cell_broadcast",))
    return dataclasses.replace(made, ledger=dataclasses.replace(made.ledger, response=did))


def test_geojson_has_the_layers_and_clean_text(result):
    document = json.loads(formats.map_file(result, "geojson", people=True))
    kinds = [f["properties"]["layer"] for f in document["features"]]
    inside = result.ledger.people["in_area"].sum()
    assert {k: kinds.count(k) for k in set(kinds)} == {"area": 1, "sites": 8, "places": 12, "people": inside}
    assert document["ewsim"]["format"] == "ewsim.export/1"
    places = [f["properties"] for f in document["features"] if f["properties"]["layer"] == "places"]
    assert sum(p["people"] for p in places) == 25 * inside
    (evil,) = (p["place"] for p in places if "cmd" in p["place"])
    assert evil == "=cmd|'/c calc'!A1 <script>&\"]]>[31m"
    for feature in document["features"]:
        assert shapely.geometry.shape(feature["geometry"]).is_valid


def test_kml_is_well_formed_and_kmz_holds_it(result):
    kml = formats.map_file(result, "kml")
    root = ET.fromstring(kml)
    names = [e.text for e in root.iter(f"{KML}name")]
    assert "=cmd|'/c calc'!A1 <script>&\"]]>[31m" in names
    assert [f.find(f"{KML}name").text for f in root.iter(f"{KML}Folder")] == ["area", "sites", "places"]
    kmz = formats.map_file(result, "kmz")
    with zipfile.ZipFile(io.BytesIO(kmz)) as archive:
        assert archive.namelist() == ["doc.kml"]
        assert len(list(ET.fromstring(archive.read("doc.kml")).iter(f"{KML}Placemark"))) == 21


def test_a_geopackage_has_a_layer_each(result, tmp_path):
    pyogrio = pytest.importorskip("pyogrio")
    (tmp_path / "x.gpkg").write_bytes(formats.map_file(result, "gpkg", people=True))
    names = [name for name, _ in pyogrio.list_layers(tmp_path / "x.gpkg")]
    assert names == ["area", "sites", "places", "people"]
    info = pyogrio.read_info(tmp_path / "x.gpkg", layer="people")
    assert info["features"] == result.ledger.people["in_area"].sum()
    assert info["crs"] == "EPSG:4326"


@pytest.mark.parametrize(("form", "package"), [("kml", "simplekml"), ("gpkg", "pyogrio")])
def test_a_missing_package_is_one_sentence(result, monkeypatch, form, package):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(UsageError, match=r"pip install 'ewsim\["):
        formats.map_file(result, form)


def test_tables_have_every_row_and_no_formula(result, tmp_path):
    csv = formats.table_files(result, "csv")
    assert set(csv) == {
        f"{n}.csv" for n in ["people", "places", "sites", "cells", "groups", "reach", "causes", "events"]
    }
    places = pd.read_csv(io.BytesIO(csv["places.csv"]))
    assert places["place"].str.startswith("'=cmd").sum() == 1
    assert len(pd.read_csv(io.BytesIO(csv["people.csv"]))) == 800
    for name, content in formats.table_files(result, "parquet").items():
        table = pq.read_table(io.BytesIO(content))
        assert table.schema.metadata[b"ewsim.format"] == b"ewsim.export/1", name
    people = pq.read_table(io.BytesIO(formats.table_files(result, "parquet")["people.parquet"]))
    assert people.schema.field("acted_s").metadata[b"unit"] == b"second since the decision to warn"
    assert people.num_rows == 800


def test_plans_and_trips_have_everybody_who_acts(result):
    who = result.ledger.people["in_area"].to_numpy() & (result.ledger.response.acted_us < NEVER)
    plans = ET.fromstring(departures.departures_of(result, "matsim"))
    people = list(plans.iter("person"))
    assert len(people) == who.sum()
    first = people[0].find("plan/activity")
    hours, minutes, seconds = map(int, first.get("end_time").split(":"))
    assert hours * 3600 + minutes * 60 + seconds == int(np.flatnonzero(who)[0]) + 60
    trips = ET.fromstring(departures.departures_of(result, "sumo", [(14.6, -61.0), (10.0, 0.0)]))
    departs = [float(t.get("depart")) for t in trips]
    assert len(departs) == who.sum()
    assert departs == sorted(departs)
    assert {t.get("toLonLat") for t in trips} == {"-61.000000,14.600000"}
    flows = ET.fromstring(departures.departures_of(result, "sumo_flows"))
    assert sum(int(f.get("number")) for f in flows) == 25 * who.sum()


#: What MATSim's population_v6.dtd and SUMO's routes_file.xsd let each element hold that is written here: its
#: children in their order, attributes that it must have, and others that it may have.
MATSIM = {
    "population": (["attributes", "person"], set(), {"desc"}),
    "person": (["attributes", "plan"], {"id"}, set()),
    "attributes": (["attribute"], set(), set()),
    "attribute": ([], {"name", "class"}, set()),
    "plan": (["activity", "leg"], set(), {"selected", "score", "type"}),
    "activity": (
        ["attributes"],
        {"type"},
        {"x", "y", "link", "facility", "start_time", "end_time", "max_dur"},
    ),
    "leg": (["attributes", "route"], {"mode"}, {"dep_time", "trav_time"}),
}
SUMO = {
    "routes": (["trip", "flow"], set(), set()),
    "trip": ([], {"id", "depart", "fromLonLat", "toLonLat"}, set()),
    "flow": ([], {"id", "begin", "end", "number", "fromLonLat", "toLonLat"}, set()),
}


@pytest.mark.parametrize(("form", "rules"), [("matsim", MATSIM), ("sumo", SUMO), ("sumo_flows", SUMO)])
def test_departures_follow_the_published_schema(form, rules, result):
    root = ET.fromstring(departures.departures_of(result, form))
    for element in root.iter():
        children, must, may = rules[element.tag]
        assert must <= set(element.keys()) <= must | may
        tags = [child.tag for child in element]
        assert set(tags) <= set(children)
        if element.tag in ("population", "person"):
            assert tags == sorted(tags, key=children.index)
            assert tags.count("attributes") == 1
        if element.tag == "person":
            assert element.get("id").isdigit()  # "unsigned integer"
        if element.tag == "activity":  # a point or a link; ours are points
            assert {"x", "y"} <= set(element.keys())
        if element.tag == "plan":  # activities with exactly one leg between two; the first says when it ends
            assert tags == ["activity", "leg", "activity"]
            assert re.fullmatch(r"\d{2,}:[0-5]\d:[0-5]\d", element[0].get("end_time"))
        for name in {"fromLonLat", "toLonLat"} & set(element.keys()):
            lon, lat = map(float, element.get(name).split(","))
            assert -180 <= lon <= 180
            assert -90 <= lat <= 90
    ids = [element.get("id") for element in root if element.get("id")]
    assert len(ids) == len(set(ids)) > 0


def test_a_run_without_the_response_layer_has_no_departures(result):
    plain = dataclasses.replace(result, ledger=dataclasses.replace(result.ledger, response=None))
    with pytest.raises(UsageError, match=r"response\.preset"):
        departures.departures_of(plain, "sumo")
    never = np.full(800, NEVER)
    nobody = Response(never, never, never, np.full(800, -1, dtype=np.int8), ())
    with pytest.raises(UsageError, match="nobody"):
        departures.departures_of(
            dataclasses.replace(result, ledger=dataclasses.replace(result.ledger, response=nobody)), "matsim"
        )


def test_an_area_across_the_antimeridian_is_cut():
    ring = [[179, -17], [181, -17], [181, -16], [179, -16], [179, -17]]
    shape = layers.wrapped({"type": "Polygon", "coordinates": [ring]})
    assert shape.bounds == (-180, -17, 180, -16)
    assert shape.area == pytest.approx(2)
    assert layers.cleaned(pd.DataFrame({"lon": [181.0, -61.0]}))["lon"].tolist() == [-179.0, -61.0]


def test_the_command_writes_and_refuses(result, tmp_path, capsys):
    result.save(tmp_path / "out")
    folder = str(tmp_path / "out")
    assert run(["export", folder, "--format", "geojson", "-o", str(tmp_path / "a.geojson")]) == 0
    assert run(["export", folder, "--format", "geojson", "-o", str(tmp_path / "a.geojson")]) == 2
    assert run(["export", folder, "--format", "csv"]) == 0
    assert run(["export", folder, "--format", "csv", "--force", "--json"]) == 0
    assert run(["export", folder, "--format", "sumo", "--to", "95,0"]) == 2
    assert run(["export", folder, "--format", "kml", "--to", "5,0"]) == 2
    assert run(["export", str(tmp_path), "--format", "kml"]) not in (0, 1)
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert json.loads(said.out.splitlines()[-1])["format"] == "ewsim.exported/1"


def test_the_guide_names_every_column(result):
    page = (ROOT / "docs/guides/exports.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| an? [^|]*\| (.*) \|$", page, re.MULTILINE))
    for name, table in layers.tables(result).items():
        if name not in ("people", "events"):
            said = re.findall(r"`([a-z_]+)`", rows[name])
            assert said == list(table.columns), name
