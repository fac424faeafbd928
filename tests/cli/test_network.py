"""`ewsim network`, command by command, as a user meets it."""

import json
from types import SimpleNamespace

import pytest
from command import called

from ewsim.cli import run

TABLE = """site_id,lat,lon,operator,radio
a,14.60,-61.00,north,2G/4G
b,14.61,-61.02,north,4G
c,14.65,-61.05,south,3G
"""


def ewsim(*arguments, cwd):
    return called("network", *arguments, cwd=cwd)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sites.csv").write_text(TABLE)
    return tmp_path


def test_check_names_each_fault_with_its_line(folder):
    (folder / "bad.csv").write_text(TABLE + "d,61.0,-200,north,4G\ne,14.6,-61.1,north,6G\n")
    done = ewsim("check", "sites.csv", "bad.csv", "--json", cwd=folder)
    assert done.returncode == 3, done.stderr
    document = json.loads(done.stdout)
    assert document["format"] == "ewsim.network_check/1"
    assert {(f["file"], f["line"]) for f in document["findings"]} == {("bad.csv", 5), ("bad.csv", 6)}
    assert ewsim("check", "sites.csv", cwd=folder).returncode == 0


def test_check_counts_rows_off_the_land_by_distance(folder):
    square = [[-62, 14], [-61.05, 14], [-61.05, 15], [-62, 15], [-62, 14]]
    (folder / "l.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [square]}))
    words = ("check", "sites.csv", "--land", "l.geojson", "--max-offshore-m", "2000", "--json")
    done = ewsim(*words, cwd=folder)
    (table,) = json.loads(done.stdout)["files"]
    counts = {row["beyond_m"]: row["row_count"] for row in table["off_land"]}
    assert list(counts) == [0, 500, 2_000, 50_000]
    assert counts[0] >= counts[500] >= counts[2_000] > counts[50_000] == 0
    assert table["repeat_count"] == 0


def test_show_tells_operators_and_draws(folder):
    done = ewsim("show", "sites.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "north: 2 sites, cells: 1 2G, 2 4G" in done.stdout
    for name, start in (("n.png", b"\x89PNG"), ("n.svg", b"<?xml"), ("n.html", b"<!DOCTYPE html>")):
        assert ewsim("show", "sites.csv", "-o", name, cwd=folder).returncode == 0
        assert (folder / name).read_bytes().startswith(start)
    assert ewsim("show", "sites.csv", "-o", "n.gif", cwd=folder).returncode == 2


ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier>
<sender>s@example.org</sender><sent>2026-01-01T00:00:00+00:00</sent><status>Actual</status>
<msgType>Alert</msgType><scope>Public</scope><info><language>en</language>
<category>Met</category><event>Flood</event><urgency>Immediate</urgency>
<severity>Extreme</severity><certainty>Observed</certainty><headline>Flood</headline>
<area><areaDesc>here</areaDesc>
{place}</area></info></alert>
"""
CIRCLE = "<circle>14.605,-61.01 2</circle>"
CODE = "<geocode><valueName>SAME</valueName><value>01</value></geocode>"
DISTRICTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": 1, "label": "East"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[-61.03, 14.55], [-60.95, 14.55], [-60.95, 14.64], [-61.03, 14.64], [-61.03, 14.55]]
                ],
            },
        }
    ],
}


@pytest.fixture
def flood(folder):
    (folder / "alert.xml").write_text(ALERT.format(place=CIRCLE))
    (folder / "coded.xml").write_text(ALERT.format(place=CODE))
    (folder / "districts.geojson").write_text(json.dumps(DISTRICTS))
    return folder


@pytest.fixture
def here(flood, capsys, monkeypatch):
    """The command in this process: its code, and what it printed."""
    monkeypatch.chdir(flood)

    def call(*arguments):
        code = run(["network", *arguments])
        out, err = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=out, stderr=err)

    return call


def test_show_compares_policies_in_a_table_and_as_json(flood, here):
    done = here(
        "show",
        "sites.csv",
        "--alert",
        "alert.xml",
        "--policy",
        "site_in",
        "--policy",
        "overlap=0.3",
        "--policy",
        "intersect+2000",
        "--json",
        "-o",
        "p.png",
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["format"] == "ewsim.network_policies/1"
    rows = document["policies"]
    assert [row["policy"] for row in rows] == ["site_in", "overlap=0.3", "intersect+2000"]
    assert rows[0]["cell_count"] == 3
    assert rows[2]["cell_count"] == 4
    assert (flood / "p.png").read_bytes().startswith(b"\x89PNG")
    done = here("show", "sites.csv", "--alert", "alert.xml")
    assert done.returncode == 0, done.stderr
    assert "county" not in done.stdout
    assert "tracking_areas" in done.stdout


def test_show_looks_geocodes_up_and_knows_counties(flood, here):
    words = ("show", "sites.csv", "--alert", "coded.xml", "--policy", "county", "--json")
    areas = ("--admin-areas", "districts.geojson")
    done = here(*words, *areas, "--geocode", "SAME=0:code")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["area_km2"] == pytest.approx(86.1, rel=0.01)
    assert document["policies"][0]["cell_count"] == 4  # c stands in no district: the nearest
    done = here(*words, *areas, "--geocode", "SAME=code")
    assert done.returncode == 4
    assert "coded.xml:8:" in done.stderr
    assert "'01'" in done.stderr
    assert here(*words, *areas).returncode == 4


def test_show_prints_the_network_as_json(flood, here):
    document = json.loads(here("show", "sites.csv", "--json").stdout)
    text = here("show", "sites.csv").stdout
    assert document["format"] == "ewsim.network/1"
    assert all(row["operator"] in text for row in document["operators"])
    assert all(note in text for note in document["notes"])


@pytest.mark.parametrize(
    "words",
    [
        ("--policy", "site_in"),
        ("--places", "places.csv"),
        ("--alert", "alert.xml", "--policy", "nearest"),
        ("--alert", "alert.xml", "--policy", "county"),
        ("--alert", "alert.xml", "--policy", "overlap=2"),
        ("--alert", "alert.xml", "--policy", "site_in=0.3"),
        ("--alert", "alert.xml", "--geocode", "SAME=code"),
        ("--alert", "alert.xml", "--admin-areas", "districts.geojson", "--geocode", "SAME"),
    ],
)
def test_show_says_what_makes_no_sense(flood, here, words):
    done = here("show", "sites.csv", *words)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 12


@pytest.mark.parametrize(
    "words",
    [
        ("sites.csv", "--margin-db", "nan"),
        ("sites.csv", "--step-m", "nan"),
        ("scenario.yaml", "--land", "land.geojson"),
        ("scenario.yaml", "--places", "places.csv"),
    ],
)
def test_gaps_says_what_makes_no_sense(flood, here, words):
    done = here("gaps", *words)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr


def test_import_refuses_to_overwrite_before_it_says_anything(flood, here):
    (flood / "there.csv").write_text("")
    done = here("import", "sites.csv", "-o", "there.csv")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_gaps_gives_a_table_maps_and_geojson(flood, here):
    (flood / "points.csv").write_text("poi_id,lat,lon,poi_type\n1,14.6,-61.0,school\n")
    words = ("gaps", "sites.csv", "--districts", "districts.geojson", "--points", "points.csv")
    done = here(*words, "--district-name", "label", "--geojson", "g.geojson", "-o", "g.html", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["format"] == "ewsim.network_gaps/1"
    assert document["points_of_interest"] == [{"poi_type": "school", "count": 1, "without_count": 0}]
    assert [row["name"] for row in document["districts"]] == ["East"]
    without = sum(spot["people"] for spot in document["cold_spots"])
    assert without == pytest.approx(document["people_without"], abs=len(document["cold_spots"]))
    available = document["availability"][0]
    assert available["operator"] == "any"
    assert available["people_per_site"] is None
    assert 0 <= available["indoors_share"] <= available["outdoors_share"] <= 1
    kinds = {f["properties"]["kind"] for f in json.loads((flood / "g.geojson").read_text())["features"]}
    assert "coverage" in kinds
    assert "<svg" in (flood / "g.html").read_text()
    again = ("--geojson", "g.geojson", "--district-name", "label")
    assert here(*words, *again).returncode == 2
    assert here(*words, *again, "--force").returncode == 0
    assert document["in_area"] is None
    counted = json.loads(here("gaps", "sites.csv", "--alert", "alert.xml", "--json").stdout)
    assert 0 < counted["in_area"]["people"] <= counted["people"]
    done = here(*words)
    assert done.returncode == 3
    assert "They have: code, label" in done.stderr
    assert "operator" in here("gaps", "sites.csv").stdout
