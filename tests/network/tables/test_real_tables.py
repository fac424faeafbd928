"""The tables in ../shared/data agree with their README: rows, operators, outliers, traps."""

from pathlib import Path

import numpy as np
import pytest

from ewsim.errors import count_of
from ewsim.geography.plane import contains
from ewsim.network.tables.check import check_table
from ewsim.network.tables.conversion import convert
from ewsim.network.tables.reader import read_rows
from ewsim.network.tables.standalone import open_network
from ewsim.settlement.places import read_places
from ewsim.settlement.rasters import people_of_raster

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")

#: Rows, rows by operator as the table has them, people: the README's figures where it has any.
TABLES = {
    "puerto_rico/cells.csv": (2_626, {"330-110": 2_302, "330-120": 324}, 2_349_459),
    "dominica/cells.csv": (92, {"366-110": 92}, 46_262),
    "haiti/cells.csv": (802, {"372-03": 802}, 5_362_003),
    "fiji/cells.csv": (406, {"542-01": 223, "542-02": 181, "542-03": 2}, 390_358),
    # One row of Vodacom is of no known cell and left out.
    "lesotho/opencellid.csv": (1_936, {"651-01": 1_057, "651-02": 878}, 941_312),
    "ibiza/cell-sites.csv": (100, {}, 146_416),
}

#: What lies off the land by more than so many metres, and rows at the coordinates of another.
#: Puerto Rico's 39 rows outside are those outside its municipios, Lesotho's 10 those beyond 50 km,
#: Ibiza's site off the coast the one beyond 500 m.
OUTSIDE = {
    "puerto_rico/cells.csv": ({0: 62, 500: 24, 30_000: 14, 50_000: 14}, 12),
    "puerto_rico/cells.csv municipios": ({0: 39, 500: 19, 30_000: 14, 50_000: 14}, 12),
    "dominica/cells.csv": ({0: 17, 500: 10, 30_000: 2, 50_000: 0}, 0),
    "haiti/cells.csv": ({0: 18, 500: 10, 30_000: 0, 50_000: 0}, 1),
    "fiji/cells.csv": ({0: 96, 500: 67, 30_000: 3, 50_000: 3}, 0),
    "lesotho/opencellid.csv": ({0: 200, 500: 179, 30_000: 18, 50_000: 10}, 437),
    "ibiza/cell-sites.csv": ({0: 3, 500: 1, 30_000: 0, 50_000: 0}, 0),
}
PAGE = Path(__file__).parents[3] / "docs" / "guides" / "data.md"


def land(name):
    return DATA / name.split("/")[0] / "land.geojson"


@pytest.mark.parametrize("name", TABLES)
def test_rows_and_operators_and_people_are_those_of_the_readme(name):
    done = check_table(DATA / name)
    rows, operators, people = TABLES[name]
    assert not done.failed
    assert done.row_count == rows
    assert done.operators == operators
    if name.startswith("ibiza"):
        pytest.importorskip("rasterio", reason="the extra geo is not installed")
        found = people_of_raster(DATA / "ibiza/population.tif").people.sum()
        assert round(found) == people
    else:
        assert read_places(DATA / name.split("/")[0] / "places.csv").people.sum() == people


@pytest.mark.parametrize("name", OUTSIDE)
def test_rows_off_the_land_and_shared_coordinates_are_those_of_the_readme(name):
    table, _, other = name.partition(" ")
    done = check_table(DATA / table, land(table).with_stem(other or "land"))
    off_land, repeats = OUTSIDE[name]
    assert done.off_land == off_land
    assert done.repeat_count == repeats
    text = " ".join(d.message for d in done.findings)
    assert f"{off_land[0]:,} rows lie off the land" in text
    assert f"{off_land[30_000]:,} by more than 30 km (left out)" in text or not off_land[30_000]
    assert count_of(repeats, "rows repeat") in text or not repeats


def test_the_page_tells_of_each_table_what_is_in_it():
    text = PAGE.read_text(encoding="utf-8")
    for name, (off_land, repeats) in OUTSIDE.items():
        table, _, other = name.partition(" ")
        rows, operators, people = TABLES[table]
        country = table.split("/")[0].replace("_", " ").title() + f", {other}" * bool(other)
        figures = (rows, len(operators), *off_land.values(), repeats, people)
        assert f"| {country} | {' | '.join(f'{n:,}' for n in figures)} |" in text


@pytest.mark.parametrize("name", TABLES)
def test_an_imported_table_is_clean_and_the_same_network(tmp_path, name):
    done = convert(DATA / name, land(name))
    path = tmp_path / "sites.csv"
    path.write_text(done.text)
    assert not check_table(path).failed
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
    done = check_table(DATA / "puerto_rico/cells.csv", land("puerto_rico/"))
    off = [d for d in done.findings if "off the land." in d.message and d.severity == "warning"]
    abroad = [d for d in off if "left out" in d.fix]
    assert len(abroad) == 14  # Bogotá, New York, ...; the next row lies 14 km off the coast
    far = open_network(DATA / "puerto_rico/cells.csv", land("puerto_rico/"))
    lat, lon = far.frame.to_latlon(far.sites.x_m, far.sites.y_m)
    assert lat.min() > 17.5
    assert lat.max() < 19
    assert lon.min() > -68.5
    assert lon.max() < -65


def test_lesotho_s_two_named_operators_and_renamed_columns():
    rows = read_rows(DATA / "lesotho/opencellid.csv")
    assert set(rows.names.values()) == {"Vodacom", "Econet"}
    bits = rows.columns.rats
    # 1,050 UMTS, 754 GSM, 132 LTE, of which one row is of no known cell.
    counts = [int(((bits >> rat) & 1).sum()) for rat in range(3)]
    assert sum(counts) == 1_935
    assert sorted(np.abs(np.subtract(counts, [754, 1_050, 132])).tolist()) == [0, 0, 1]
    network = open_network(DATA / "lesotho/opencellid.csv", land("lesotho/"))
    assert set(network.operators) == {"Vodacom", "Econet"}
    assert len(network.cells) == 1_936 - 1 - 18  # ten beyond 50 km, eight from 30 km on
    assert len(network.sites) < len(network.cells) - 400  # shared coordinates are one mast


def test_who_knows_how_far_a_country_is_heard_may_keep_those_rows():
    table = DATA / "lesotho/opencellid.csv"
    for metres, dropped in ((30_000.0, 18), (50_000.0, 10)):
        done = convert(table, land("lesotho/"), max_offshore_m=metres)
        assert done.dropped_count == dropped + 1  # and the cell that is not known


def test_fiji_is_one_country_across_the_antimeridian():
    network = open_network(DATA / "fiji/cells.csv", land("fiji/"))
    lon = network.frame.to_latlon(network.sites.x_m, network.sites.y_m)[1]
    assert (lon > 0).any()
    assert (lon < 0).any()
    assert np.ptp(network.sites.x_m) < 400_000
    near = network.land.buffer(5_000)
    assert contains(near, network.sites.x_m, network.sites.y_m).mean() > 0.95


@pytest.mark.parametrize("name", TABLES)
def test_a_table_without_technology_has_it_inferred_and_says_so(name):
    inferred = any(d.message.startswith("Technology was inferred") for d in check_table(DATA / name).findings)
    assert inferred == name.endswith("/cells.csv")  # the other two have a column for it


def test_dominica_s_code_is_heard_in_its_neighbours_and_they_are_dropped():
    done = check_table(DATA / "dominica/cells.csv", land("dominica/"))
    assert [d.line for d in done.findings if "left out" in d.fix] == [2, 60]


def test_ibiza_s_empty_columns_are_assumed_and_its_heights_read():
    network = open_network(DATA / "ibiza/cell-sites.csv", land("ibiza/"))
    assert (len(network.sites), len(network.cells)) == (100, 100)
    assert network.operators == ("A",)
    assert network.sites.height_m.min() >= 10
