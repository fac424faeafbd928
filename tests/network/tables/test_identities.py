"""Rows that no cell has: other technologies, impossible identities; whose they are, and where."""

import json

import numpy as np
import pytest
import shapely

from ewsim.errors import DataError
from ewsim.geography.plane import LocalFrame
from ewsim.network.tables.check import check_table
from ewsim.network.tables.conversion import convert
from ewsim.network.tables.countries import by_code
from ewsim.network.tables.identities import keep_near
from ewsim.network.tables.reader import read_rows
from ewsim.network.tables.standalone import open_network

HEADER = "radio,mcc,net,area,cell,lon,lat\n"
GOOD = "GSM,542,1,7,4001,178.4,-18.1\nUMTS,542,1,7,4194405,178.41,-18.1\nLTE,542,1,9,1024001,178.42,-18.1\n"
GOOD += "NR,542,1,70000,4294967000,178.43,-18.1\n"


def table(tmp_path, *rows, header=HEADER, good=GOOD):
    path = tmp_path / "cells.csv"
    path.write_text(header + good + "".join(f"{row}\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "row",
    [
        "CDMA,542,13568,11,428,178.45,-18.1",
        "CDMA,310,-5,x,,178.45,200",
        "NBIOT,,,,,,",
        "wifi/tetra,542,1,0,0,0,0",
    ],
)
def test_rows_of_another_technology_are_left_out_before_they_are_judged(tmp_path, row):
    done = check_table(table(tmp_path, row))
    assert not done.failed
    assert (done.row_count, done.used_count) == (5, 4)
    assert any(f"1 row of technology {row.split(',')[0]} was left out" in d.message for d in done.findings)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("GSM,542,1,7,65536,178.4,-18", "more bits"),
        ("UMTS,542,1,7,268435456,178.4,-18", "more bits"),
        ("LTE,542,1,7,268435456,178.4,-18", "more bits"),
        ("NR,542,1,7,68719476736,178.4,-18", "more bits"),
        ("NR,542,1,7,9223372036854775807,178.4,-18", "more bits"),
        (",542,1,7,268435456,178.4,-18", "more bits"),
        ("LTE,542,1,65536,100,178.4,-18", "more bits"),
        ("NR,542,1,16777216,100,178.4,-18", "more bits"),
        ("GSM,542,1,2147483647,100,178.4,-18", "more bits"),
        *((f"{radio},542,1,7,0,178.4,-18", "stands for none") for radio in ("GSM", "UMTS", "LTE", "NR")),
        ("GSM,542,1,7,65534,178.4,-18", "stands for none"),
        ("UMTS,542,1,7,4294967295,178.4,-18", "stands for none"),
        ("NR,542,1,7,68719476735,178.4,-18", "stands for none"),
        *((f"{radio},542,1,0,100,178.4,-18", "stands for none") for radio in ("GSM", "LTE", "NR")),
        *((f"{radio},542,1,65534,100,178.4,-18", "reserved") for radio in ("GSM", "UMTS", "LTE")),
        ("LTE,542,1,65535,100,178.4,-18", "stands for none"),
        ("NR,542,1,16777214,100,178.4,-18", "reserved"),
        ("LTE,542,1,7,4001,178.4,-18", "is a 2G cell on line 2"),
        ("UMTS,542,1,7,4001,178.4,-18", "is a 2G cell on line 2"),
    ],
)
def test_impossible_identities_are_warned_of_and_left_out(tmp_path, row, words):
    done = check_table(table(tmp_path, row))
    assert not done.failed
    (odd,) = [d for d in done.findings if d.severity == "warning"]
    assert (odd.line, words in odd.message) == (6, True)
    assert done.used_count == 4
    assert any("1 row with" in d.message and "left out" in d.message for d in done.findings)


@pytest.mark.parametrize(
    "row",
    [
        "LTE,542,1,7,65534,178.4,-18",
        "NR,542,1,65534,65536,178.4,-18",
        "NR,542,1,65535,268435456,178.4,-18",
        "LTE,542,1,8,4001,178.4,-18",
        "LTE,542,2,7,4001,178.4,-18",
        "GSM,542,1,65533,65533,178.4,-18",
    ],
)
def test_possible_identities_stay(tmp_path, row):
    assert check_table(table(tmp_path, row)).used_count == 5


def test_rows_abroad_do_not_move_the_plane_and_all_commands_keep_the_same(tmp_path):
    """Three tenths of the rows far in the north: the plane is that of the others."""
    at_home = [f"LTE,542,1,9,{2000 + i},{177.5 + i / 50:.3f},{-18 - i % 7 / 10:.1f}" for i in range(70)]
    abroad = [f"LTE,542,1,9,{9000 + i},{151 + i / 50:.3f},-33.8" for i in range(30)]
    near_limit = [f"LTE,542,1,9,{9500 + i},{178.95 + i / 100:.3f},-18" for i in range(60)]
    path = table(tmp_path, *at_home, *abroad, *near_limit, good="")
    land = tmp_path / "land.geojson"
    square = shapely.geometry.mapping(shapely.box(177, -19, 179, -17.5))
    land.write_text(json.dumps(square))
    checked, imported, shown = check_table(path, land), convert(path, land), open_network(path, land)
    assert checked.used_count == len(imported.network.cells) == len(shown.cells)
    assert shown.frame == imported.network.frame
    assert abs(shown.frame.lat0_deg + 18.3) < 0.1
    alone, whole = read_rows(path), read_rows(path)
    for rows, frame in ((alone, LocalFrame(0, 178)), (whole, LocalFrame(-60, 100))):
        keep_near(rows, 30_000, frame, frame.geometry(shapely.box(177, -19, 179, -17.5)))
    assert len(alone) == len(whole) == checked.used_count


def test_without_a_coastline_all_commands_leave_out_the_same_rows(tmp_path):
    rows = [f"LTE,542,1,9,{2000 + i},178.{i:02d},-18" for i in range(40)]
    path = table(tmp_path, *rows, "LTE,542,1,9,9000,151.2,-33.8", good="")
    counts = (check_table(path).used_count, len(convert(path).network.cells), len(open_network(path).cells))
    assert counts == (40, 40, 40)


LAND = {"type": "Polygon", "coordinates": [[[177, -19], [179, -19], [179, -17], [177, -17], [177, -19]]]}
KENYA = [[36, -2], [38, -2], [38, 0], [36, 0], [36, -2]]


@pytest.mark.parametrize(
    ("mcc", "ring", "points", "swap_land", "words"),
    [
        (639, KENYA, [(-1.3, 36.8), (-1.2, 37.0)], True, "lie in Kenya, as their country code says"),
        (639, KENYA, [(36.8, -1.3), (37.0, -1.2)], False, "the rows are of Kenya. Swap them in the table"),
        (901, KENYA, [(36.8, -1.3), (37.0, -1.2)], False, "in the table or in the land"),
    ],
)
def test_the_country_code_says_which_side_is_swapped(tmp_path, mcc, ring, points, swap_land, words):
    rows = [f"LTE,{mcc},1,9,{2000 + i},{lon},{lat}" for i, (lat, lon) in enumerate(points)]
    path = table(tmp_path, *rows, good="")
    ring = [point[::-1] for point in ring] if swap_land else ring
    land = tmp_path / "land.geojson"
    land.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    with pytest.raises(DataError, match=words) as caught:
        open_network(path, land)
    assert caught.value.diagnostics[0].file == str(land if swap_land else path)
    assert check_table(path, land).findings[0].file == str(land if swap_land else path)


@pytest.mark.parametrize("with_land", [False, True])
def test_the_country_code_says_that_all_is_swapped(tmp_path, with_land):
    path = table(tmp_path, "LTE,639,1,9,2000,-1.3,36.8", "LTE,639,1,9,2001,-1.2,37.0", good="")
    land = tmp_path / "land.geojson" if with_land else None
    if land is not None:
        ring = [point[::-1] for point in KENYA]
        land.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    words = "rows are of Kenya, and lie there .* swapped. Swap them in the table"
    with pytest.raises(DataError, match=words + (" and in .*land.geojson" if with_land else "")):
        open_network(path, land)
    assert check_table(path, land).findings[0].line == 2


def test_country_codes_have_a_place():
    rows = by_code()
    assert len(rows) > 220
    assert all(len(mcc) == 3 and mcc.isdecimal() and "200" < mcc < "800" for mcc in rows)
    assert np.abs([row[1:] for row in rows.values()]).max(axis=0).tolist() <= [90, 180]


@pytest.mark.parametrize(
    ("header", "crowd"),
    [
        (HEADER, False),
        (HEADER.replace("lat", "lat,samples"), True),
        (HEADER.replace("lat", "lat,range"), True),
    ],
)
def test_a_table_of_volunteers_is_known_by_its_measurements(tmp_path, header, crowd):
    good = GOOD.replace("-18.1\n", "-18.1,5\n") if crowd else GOOD
    network = open_network(table(tmp_path, header=header, good=good))
    assert network.crowd_sourced == crowd
    assert any("of volunteers" in note for note in network.notes) == crowd
