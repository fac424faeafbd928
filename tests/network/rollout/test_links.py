"""Backhaul links that somebody wrote down become the tree they describe."""

import json
from itertools import pairwise

import numpy as np
import pytest
import shapely

from ewsim.errors import DataError
from ewsim.network.rollout.links import with_links
from ewsim.network.tables.standalone import open_network
from ewsim.network.topology import CORE

SITES = "site_id,lat,lon\n" + "".join(f"{n},18.{i}0,-66.0\n" for i, n in enumerate("abcde"))


@pytest.fixture
def network(tmp_path):
    (tmp_path / "sites.csv").write_text(SITES)
    return open_network(tmp_path / "sites.csv")


def parents(network):
    names = (*network.sites.name, "core")
    return {names[i]: names[p] for i, p in enumerate(network.sites.parent)}


def test_links_make_the_tree_whatever_their_direction(network, tmp_path):
    path = tmp_path / "links.csv"
    path.write_text("from,to,type\nb,a,fibre\nb,c,radio\ncore,a,fibre\nc,d,radio\n")
    found = with_links(network, path)
    assert {n: p for n, p in parents(found).items() if n != "e"} == {
        "a": "core",
        "b": "a",
        "c": "b",
        "d": "c",
    }
    assert any("1 site without a way to the core" in note for note in found.notes)
    # However e hangs, every chain ends at the core.
    for site in range(5):
        for _ in range(6):
            site = found.sites.parent[site] if site != CORE else CORE
        assert site == CORE


def test_a_ring_is_served_both_ways_round(network, tmp_path):
    path = tmp_path / "links.csv"
    path.write_text("from,to\ncore,a\na,b\nb,c\nc,d\nd,e\ne,core\n")
    found = parents(with_links(network, path))
    assert found.pop("c") in ("b", "d")  # in the middle of the ring
    assert found == {"a": "core", "b": "a", "d": "e", "e": "core"}


def test_what_is_not_the_first_way_takes_over(network, tmp_path):
    path = tmp_path / "links.csv"
    path.write_text("from,to\ncore,a\na,b\nb,c\nc,d\nd,e\ne,core\nb,core\nb,a\n")
    found = with_links(network, path)
    assert parents(found) == {"a": "core", "b": "core", "c": "b", "d": "e", "e": "core"}
    assert found.sites.ways.tolist() == [[0, 1], [2, 3]]
    assert any("Second ways, which take over when a first is cut: 2 of them." in note for note in found.notes)


def test_a_circle_that_no_link_connects_to_the_core_is_refused(network, tmp_path):
    path = tmp_path / "links.csv"
    path.write_text("from,to\ncore,a\nb,c\nc,d\nd,b\n")
    with pytest.raises(DataError, match=r"links\.csv:3:1: .*b, c and d form a circle.* the core"):
        with_links(network, path)


def test_lines_on_a_map_end_at_the_sites_they_touch(network, tmp_path):
    def line(*points):
        return {"type": "Feature", "geometry": {"type": "LineString", "coordinates": points}}

    named = {**line([0, 0], [1, 1]), "properties": {"from": "c", "to": "d"}}
    features = [
        line([-66.2, 18.0], [-66.001, 18.001]),  # from an exchange
        line([-66.0, 18.0], [-66.05, 18.05], [-66.0, 18.1]),
        line([-66.0, 18.2], [-66.0, 18.1]),
        named,
        line([-66.0, 18.4], [-66.0, 18.3]),
    ]
    path = tmp_path / "links.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert parents(with_links(network, path)) == {"a": "core", "b": "a", "c": "b", "d": "c", "e": "d"}


SHORT = '{"properties": {}, "geometry": {"type": "LineString", "coordinates": [[0, 1], [0, 1]]}}'


def features_of(*features):
    """A collection with each feature on a line of its own, the first on line 2."""
    return '{"features": [\n' + ",\n".join(features) + "]}"


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("l.csv", "from,to\na,z\n", 2, "no site 'z'"),
        ("l.csv", "from,to\na,b\n", 0, "no link leads to the core"),
        ("l.csv", "x,y\na,b\n", 1, "no column from, to"),
        ("l.csv", "", 0, "empty"),
        ("l.geojson", "{", 1, "not GeoJSON"),
        ("l.geojson", '{"features": [\n{"geometry": 3}]}', 2, "malformed"),
        ("l.geojson", '{"features": [\n3]}', 2, "not an object"),
        ("l.geojson", '{"features": 3}', 0, "not a FeatureCollection"),
        ("l.geojson", features_of(SHORT), 2, "both ends of feature 1 are at"),
        ("l.geojson", features_of(SHORT, SHORT.replace("[0, 1]", "[0, 999]")), 3, "not degrees"),
        ("l.geojson", features_of(SHORT.replace("LineString", "MultiPoint")), 2, "a MultiPoint, not a line"),
        (
            "l.geojson",
            features_of('{"geometry": null, "properties": {}}'),
            0,
            "no geometry, and no from and to",
        ),
        ("l.geojson", features_of(SHORT.replace("{}", '{"from": "a", "to": "z"}')), 2, "no site 'z'"),
    ],
)
def test_faults_are_told(network, tmp_path, name, text, line, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DataError) as error:
        with_links(network, path)
    assert any(d.line == line and words in d.message for d in error.value.diagnostics)
    assert np.isfinite(network.sites.x_m).all()


@pytest.mark.parametrize("ending", ["shp", "gpkg", "kml", "parquet", "xlsx"])
def test_links_are_read_from_every_format(network, tmp_path, ending):
    """A map gives them by the ends of its lines; the last names them. A table names all."""
    path, lines = tmp_path / f"links.{ending}", [[-66.2, 18.0], [-66.0, 18.0], [-66.0, 18.1], [-66.0, 18.2]]
    rows = [("core", "a"), ("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    if ending == "xlsx":
        book = pytest.importorskip("openpyxl").Workbook()
        for row in [("from", "to"), *rows]:
            book.active.append(row)
        book.save(path)
    elif ending == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"FROM": [a for a, _ in rows], "To": [b for _, b in rows]}), path)
    else:
        pyogrio = pytest.importorskip("pyogrio")
        shapes = [shapely.LineString(pair).wkb for pair in pairwise(lines)]
        named = [shapely.LineString([[0, 0], [1, 1]]).wkb] * 2
        ends = np.array([[None] * 2] * 3 + [list(row) for row in rows[3:]], dtype=object)
        pyogrio.raw.write(
            str(path),
            np.array([*shapes, *named], dtype=object),
            [ends[:, 0], ends[:, 1]],
            np.array(["from", "to"]),
            geometry_type="LineString",
            crs="EPSG:4326",
            driver={"shp": "ESRI Shapefile", "gpkg": "GPKG", "kml": "KML"}[ending],
        )
    assert parents(with_links(network, path)) == {"a": "core", "b": "a", "c": "b", "d": "c", "e": "d"}
