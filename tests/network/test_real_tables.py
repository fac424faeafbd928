"""The tables in ../shared/data agree with their README: rows, operators, outliers, traps."""

from pathlib import Path

import numpy as np
import pytest

from ewsim.geo import contains
from ewsim.network.check import check
from ewsim.network.country import open_network
from ewsim.network.export import import_table
from ewsim.network.reader import read_rows

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")

#: Rows, rows by operator, technologies told or inferred.
TABLES = {
    "puerto_rico/cells.csv": (2_626, {"330-110": 2_302, "330-120": 324}),
    "dominica/cells.csv": (92, {"366-110": 92}),
    "haiti/cells.csv": (802, {"372-3": 802}),
    "fiji/cells.csv": (406, {"542-1": 223, "542-2": 181, "542-3": 2}),
    "lesotho/opencellid.csv": (1_936, None),
    "ibiza/cell-sites.csv": (100, {}),
}


def land(name):
    return DATA / name.split("/")[0] / "land.geojson"


@pytest.mark.parametrize("name", TABLES)
def test_rows_and_operators_are_those_of_the_readme(name):
    done = check(DATA / name)
    rows, operators = TABLES[name]
    assert not done.failed
    assert done.row_count == rows
    if operators is not None:
        assert done.operators == operators


@pytest.mark.parametrize("name", TABLES)
def test_an_imported_table_is_clean_and_the_same_network(tmp_path, name):
    done = import_table(DATA / name, land(name))
    path = tmp_path / "sites.csv"
    path.write_text(done.text)
    assert not check(path).failed
    again = open_network(path, land(name))
    first = done.network
    assert sorted(again.sites.name) == sorted(first.sites.name)
    assert len(again.cells) == len(first.cells)
    by_site = [
        sorted(zip(np.array(n.sites.name)[n.cells.site], n.cells.rat.tolist(), strict=True))
        for n in (first, again)
    ]
    assert by_site[0] == by_site[1]


def test_puerto_rico_s_outliers_abroad_are_told_and_dropped():
    done = check(DATA / "puerto_rico/cells.csv", land("puerto_rico/"))
    off = [d for d in done.findings if "off the land" in d.message and d.severity == "warning"]
    abroad = [d for d in off if "left out" in d.fix]
    # 39 rows lie outside the island; 14 of them further than 30 km off the coarse outline.
    assert len(abroad) == 14
    assert len(abroad) < 39 < len(off)
    far = open_network(DATA / "puerto_rico/cells.csv", land("puerto_rico/"))
    lat, lon = far.frame.to_latlon(far.sites.x_m, far.sites.y_m)
    assert lat.min() > 17.5
    assert lat.max() < 19
    assert lon.min() > -68.5
    assert lon.max() < -65


def test_lesotho_s_two_named_operators_and_renamed_columns():
    rows = read_rows(DATA / "lesotho/opencellid.csv")
    assert set(rows.names.values()) == {"Vodacom", "Econet"}
    done = check(DATA / "lesotho/opencellid.csv")
    # 437 with the one row of no known cell, which shares a point too.
    assert any("436 rows repeat the coordinates" in d.message for d in done.findings)
    bits = rows.columns.rats
    # 1,050 UMTS, 754 GSM, 132 LTE, of which one row is of no known cell.
    counts = [int(((bits >> rat) & 1).sum()) for rat in range(3)]
    assert sum(counts) == 1_935
    assert sorted(np.abs(np.subtract(counts, [754, 1_050, 132])).tolist()) == [0, 0, 1]
    network = open_network(DATA / "lesotho/opencellid.csv", land("lesotho/"))
    assert set(network.operators) == {"Vodacom", "Econet"}
    assert len(network.cells) == 1_936 - 1 - 18  # ten outside the country, eight just beyond 30 km
    assert len(network.sites) < len(network.cells) - 400  # shared coordinates are one mast


def test_fiji_is_one_country_across_the_antimeridian():
    network = open_network(DATA / "fiji/cells.csv", land("fiji/"))
    lon = network.frame.to_latlon(network.sites.x_m, network.sites.y_m)[1]
    assert (lon > 0).any()
    assert (lon < 0).any()
    assert np.ptp(network.sites.x_m) < 400_000
    near = network.land.buffer(5_000)
    assert contains(near, network.sites.x_m, network.sites.y_m).mean() > 0.95


def test_dominica_s_code_is_heard_in_its_neighbours_and_they_are_dropped():
    done = check(DATA / "dominica/cells.csv", land("dominica/"))
    assert [d.line for d in done.findings if "left out" in d.fix] == [2, 60]


def test_ibiza_s_empty_columns_are_assumed_and_its_heights_read():
    network = open_network(DATA / "ibiza/cell-sites.csv", land("ibiza/"))
    assert (len(network.sites), len(network.cells)) == (100, 100)
    assert network.operators == ("A",)
    assert network.sites.height_m.min() >= 10
    done = check(DATA / "ibiza/cell-sites.csv", land("ibiza/"))
    assert sum("off the land" in d.message for d in done.findings) >= 1  # a site off the coast
