"""`ewsim country new`: a scenario from a planner's files checks and runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ewsim.cli import run as ewsim
from ewsim.geography.land import read_land
from ewsim.geography.plane import LocalFrame
from ewsim.scenario.load import load_scenario

#: An OpenCelliD file without header line: two operators, one stray row of a third, one abroad.
CELL = "{radio},640,{net},{area},{cell},0,{lon:.5f},{lat:.5f},1500,4,1,1459700000,1459800000,0\n"
GEONAMES = (
    "{id}\t{name}\t{name}\t\t{lat}\t{lon}\t{kind}\t{code}\tTZ\t\t01\t\t\t\t{people}\t"
    "\t10\tAfrica/Dodoma\t2020-01-01\n"
)


def box(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


@pytest.fixture
def given(tmp_path):
    """A country of 40 x 40 km with the town of Bondeni, and a neighbour east of it."""
    rng = np.random.default_rng(1)
    lat, lon = -6.0 + rng.uniform(-0.15, 0.15, 240), 35.0 + rng.uniform(-0.15, 0.15, 240)
    rows = [
        CELL.format(
            radio="LTE" if n % 2 else "GSM", net=2 if n % 3 else 5, area=100, cell=n + 300, lat=y, lon=x
        )
        for n, (y, x) in enumerate(zip(lat, lon, strict=True))
    ]
    rows.append(CELL.format(radio="LTE", net=99, area=100, cell=700, lat=-6.0, lon=35.0))
    rows.append(CELL.format(radio="LTE", net=2, area=100, cell=701, lat=-6.0, lon=39.0))
    (tmp_path / "640.csv").write_text("".join(rows))
    places = [
        ("Bondeni", -6.05, 35.05, "P", "PPLC", 60_000),
        ("Kilimani", -5.9, 34.9, "P", "PPL", 8_000),
        ("Region", -6.0, 35.0, "A", "ADM1", 90_000),
    ]
    text = [
        GEONAMES.format(id=n, name=p[0], lat=p[1], lon=p[2], kind=p[3], code=p[4], people=p[5])
        for n, p in enumerate(places)
    ]
    (tmp_path / "TZ.txt").write_text("".join(text))
    world = [("AAA", box(34.8, -6.2, 35.2, -5.8)), ("BBB", box(35.2, -6.2, 42.0, -5.8))]
    features = [
        {
            "type": "Feature",
            "properties": {"ADM0_A3": a},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for a, ring in world
    ]
    (tmp_path / "world.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return tmp_path


def new(folder, *words, **files):
    options = [part for name, file in files.items() for part in (f"--{name}", str(folder / file))]
    return ewsim(["country", "new", *options, *words, "-o", str(folder / "made")])


def test_what_is_written_checks_and_runs(given, capsys):
    assert new(given, "--people", "100000", cells="640.csv", land="world.geojson", places="TZ.txt") == 0
    said = capsys.readouterr()
    assert "99" in said.err
    assert "AAA" in said.err
    loaded = load_scenario(given / "made" / "scenario.yaml")
    operators = loaded.spec.network.operators
    assert [o.mcc_mnc for o in operators] == ["640-02", "640-05"]
    assert [round(o.share, 2) for o in operators] == [0.67, 0.33]
    assert operators[0].rats == ("2G", "4G")
    assert loaded.spec.population.rural_share == pytest.approx(0.32)
    assert not Path(loaded.spec.population.places).is_absolute()
    frame = LocalFrame(-6.0, 35.0)
    land = read_land(given / "made" / "land.geojson", frame)
    assert land.area / 1e6 == pytest.approx(44.2 * 44.5, rel=0.01)
    alert = (given / "made" / "alert.xml").read_text()
    assert "<areaDesc>Around Bondeni</areaDesc>" in alert
    assert ewsim(["scenario", "check", str(loaded.path)]) == 0
    capsys.readouterr()
    few = ["--set", "population.weight=50", "--set", "horizon_s=900"]
    assert ewsim(["run", str(loaded.path), *few, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["reach"]["people"] > 10_000


def test_the_same_code_has_one_form(given, capsys):
    """The codes that are written are those that `network show` prints, and that a scenario takes."""
    assert new(given, cells="640.csv", land="world.geojson") == 0
    written = {o.mcc_mnc for o in load_scenario(given / "made" / "scenario.yaml").spec.network.operators}
    capsys.readouterr()
    assert ewsim(["network", "show", str(given / "640.csv")]) == 0
    shown = capsys.readouterr().out
    assert all(code in shown for code in written)


@pytest.mark.parametrize("files", [{"cells": "640.csv"}, {"places": "TZ.txt"}, {"places": "points.csv"}])
def test_without_land_the_ground_around_the_data_is_land(given, capsys, files):
    (given / "points.csv").write_text("lat,lon,population\n-6.0,35.0,900\n-6.1,35.1,200\n")
    assert new(given, **files) == 0
    assert "No coastline is given" in capsys.readouterr().err
    assert ewsim(["scenario", "check", str(given / "made" / "scenario.yaml")]) == 0


def test_without_people_the_alert_is_where_the_sites_are(given):
    """Settlements are invented then, and may be far from every site of a large country."""
    ring = box(33.0, -7.0, 37.0, -5.0)
    (given / "big.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    assert new(given, "--people", "100000", cells="640.csv", land="big.geojson") == 0
    alert = (given / "made" / "alert.xml").read_text()
    assert "<areaDesc>Where the most sites are</areaDesc>" in alert
    lat, lon = (float(text) for text in alert.partition("<circle>")[2].split()[0].split(","))
    assert np.hypot(lat + 6, lon - 35) < 0.2


@pytest.mark.parametrize(
    ("properties", "said", "km"),
    [
        (("name", "Kenya", "Uganda"), "Of 2 countries in other.geojson, Kenya holds", 44.5),
        (("featurecla", "Land", "Land"), "goes around the world", 255.0),
    ],
)
def test_one_country_is_taken_whatever_its_name_is_called(given, capsys, properties, said, km):
    key, *names = properties
    boxes = (box(34.8, -6.2, 35.2, -5.8), box(-170.0, -40.0, 30.0, 60.0))
    if key == "featurecla":
        boxes = (box(20.0, -60.0, 160.0, 60.0), boxes[1])
    features = [
        {"type": "Feature", "properties": {key: name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for name, ring in zip(names, boxes, strict=True)
    ]
    world = json.dumps({"type": "FeatureCollection", "features": features})
    (given / "other.geojson").write_text(world)
    assert new(given, "--people", "90000", cells="640.csv", land="other.geojson") == 0
    assert said in capsys.readouterr().err
    land = read_land(given / "made" / "land.geojson", LocalFrame(-6.0, 35.0))
    assert land.area == pytest.approx((km * 1000) ** 2, rel=0.02)


def test_districts_of_one_country_stay_together(given):
    names = ("Kaskazini", "Kusini")
    rings = (box(34.8, -6.2, 35.2, -6.0), box(34.8, -6.0, 35.2, -5.0))
    features = [
        {"type": "Feature", "properties": {"name": n}, "geometry": {"type": "Polygon", "coordinates": [r]}}
        for n, r in zip(names, rings, strict=True)
    ]
    (given / "adm1.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert new(given, cells="640.csv", land="adm1.geojson") == 0
    assert not (given / "made" / "land.geojson").exists()


def test_zones_say_where_people_live(given):
    zone = {"type": "Polygon", "coordinates": [box(34.8, -6.2, 35.2, -5.8)]}
    feature = {"type": "Feature", "properties": {"name": "North", "population": 50_000}, "geometry": zone}
    document = {"type": "FeatureCollection", "features": [feature]}
    (given / "zones.geojson").write_text(json.dumps(document))
    assert new(given, places="zones.geojson", land="zones.geojson") == 0
    spec = load_scenario(given / "made" / "scenario.yaml").spec
    assert str(spec.population.zones).endswith("zones.geojson")


def test_a_terminal_is_asked_for_the_people(given, monkeypatch):
    class Terminal:
        @staticmethod
        def isatty():
            return True

    asked = []
    monkeypatch.setattr("sys.stdin", Terminal)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("rich_click.prompt", lambda _, default, **__: asked.append(default) or 70_000)
    assert new(given, places="TZ.txt") == 0
    assert asked == [68_000]
    assert load_scenario(given / "made" / "scenario.yaml").spec.population.people_count == 70_000


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        ({}, 2, "at least one of --cells, --land, --places"),
        ({"cells": "none.csv"}, 3, "none.csv"),
        ({"cells": "bad.csv"}, 3, "bad.csv:2:"),
        ({"places": "TZ.txt", "land": "elsewhere.geojson"}, 3, "in any of its areas"),
    ],
)
def test_faults_leave_no_folder(given, capsys, files, code, words):
    (given / "bad.csv").write_text("site_id,lat,lon\na,190,0\n")
    world = (given / "world.geojson").read_text().replace("-6.2", "56.2").replace("-5.8", "56.9")
    (given / "elsewhere.geojson").write_text(world)
    assert new(given, **files) == code
    assert words in capsys.readouterr().err
    assert not (given / "made").exists()
    assert not list(given.glob("*.part"))
