"""Tables of cells and sites as people write them: what is read, reported and dropped."""

import csv
import gzip
import io
import json
import tracemalloc
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peak import run_measured

from ewsim.errors import DataError
from ewsim.network.tables import reader
from ewsim.network.tables.check import check_table
from ewsim.network.tables.conversion import convert
from ewsim.network.tables.formats import ITU_COLUMNS
from ewsim.network.tables.reader import read_rows, scan
from ewsim.network.tables.standalone import open_network
from ewsim.network.topology import CORE

HEADER = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"
ROWS = """GSM,330,110,1,11,0,-66.10,18.40,1000,5,1,1,1,0
UMTS,330,110,1,70000,0,-66.11,18.41,1000,5,1,1,1,0
LTE,330,120,2,70001,0,-66.12,18.42,1000,5,1,1,1,0
NR,330,120,2,70002,0,-66.13,18.43,1000,5,1,1,1,0
CDMA,330,120,2,70003,0,-66.14,18.44,1000,5,1,1,1,0
"""
SITES = """site_id,lat,lon,operator,radio,azimuth,backhaul_type,power_source,height_m,eirp_dbm
a,18.40,-66.10,north,4G,0,fibre,grid,40,60
a,18.40,-66.10,north,4G,120,fibre,grid,40,60
b,18.50,-66.20,north,4G,,microwave,solar,,
c,18.60,-66.30,south,2G/4G,,satellite,,25,
"""


def write(tmp_path, text, name="t.csv", **options):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(**options))
    return path


def found_in(path, **options):
    return [(d.severity, d.line, str(d)) for d in check_table(path, **options).findings]


@pytest.mark.parametrize("header", [HEADER + "\n", ""])
@pytest.mark.parametrize("packed", [False, True])
def test_opencellid_with_or_without_header_packed_or_not(tmp_path, header, packed):
    text = (header + ROWS).encode()
    rows = read_rows(write(tmp_path, gzip.compress(text) if packed else text))
    assert rows.columns.rats.tolist() == [1, 2, 4, 8]  # the fifth technology has no broadcast here
    assert "1 row of technology CDMA was left out." in rows.notes
    assert rows.codes == ("330-110", "330-120")
    assert rows.columns.line.tolist() == ([2, 3, 4, 5] if header else [1, 2, 3, 4])


def test_columns_of_itu_tables_reach_the_network(tmp_path):
    network = open_network(write(tmp_path, SITES))
    sites, cells = network.sites, network.cells
    by_name = {name: i for i, name in enumerate(sites.name)}
    a, b, c = (by_name[n] for n in "abc")
    assert sites.parent[a] == CORE
    assert sites.parent[c] == CORE  # a satellite needs no other site
    assert sites.parent[b] in (a, c)  # a radio link does
    assert sites.height_m[[a, c]].tolist() == [40, 25]
    assert sites.battery_s[b] == 30 * 86_400  # its own power
    assert sorted(cells.azimuth_deg[cells.site == a].tolist()) == [0, 120]
    assert cells.eirp_dbm[cells.site == a].tolist() == pytest.approx([60 - 27.8] * 2)
    assert cells.rat[cells.site == c].tolist() == [0, 2]


def test_running_times_that_the_table_tells_replace_those_drawn(tmp_path):
    header = "site_id,lat,lon,operator,radio,power_source,battery_s,generator_s\n"
    rows = (
        "a,18.40,-66.10,north,4G,grid,7200,0\n"
        "a,18.40,-66.10,north,2G,grid,,\n"
        "b,18.50,-66.20,north,4G,solar,3600,\n"
        "c,18.60,-66.30,north,2G,,,5400.5\n"
    )
    path = write(tmp_path, header + rows)
    plain = write(tmp_path, "\n".join(r.rsplit(",", 2)[0] for r in (header + rows).split()), "p.csv")
    stated, drawn = open_network(path), open_network(plain)
    a, b, c = (stated.sites.name.index(n) for n in "abc")
    assert stated.sites.battery_s[[a, b]].tolist() == [7200, 3600]
    assert stated.sites.battery_s[c] == drawn.sites.battery_s[c]
    assert stated.sites.generator_s[[a, c]].tolist() == [0, 5400.5]
    assert stated.sites.generator_s[b] == drawn.sites.generator_s[b]
    assert any("battery of 2 cells is assumed" in n for n in stated.notes)
    assert any("battery of 3 cells is assumed" in n for n in drawn.notes)
    again = open_network(write(tmp_path, convert(path).text, "clean.csv"))
    assert again.sites.name == stated.sites.name
    assert again.sites.battery_s.tolist() == stated.sites.battery_s.tolist()
    assert again.sites.generator_s.tolist() == stated.sites.generator_s.tolist()


#: A table, and what is said of it: (severity, line, words).
TRAPS = {
    "wrong delimiter": (HEADER.replace(",", "|") + "\n", "error", 1, "not '|'"),
    "decimal comma": ("site_id;lat;lon\na;18,4;-66,1\n", "error", 2, "decimal comma"),
    "unquoted decimal comma": ("site_id,lat,lon\na,18,4,-66,1\n", "error", 2, "5 values"),
    "missing columns": ("site_id,lat\na,18.4\n", "error", 1, "no column lon"),
    "microdegrees": ("site_id,lat,lon\na,18411548,-66231529\n", "error", 2, "1,000,000"),
    "metres": ("site_id,lat,lon\na,2040000,-7372000\n", "error", 2, "reference system"),
    "swapped": ("site_id,lat,lon\na,-95.1,18.4\n", "error", 2, "swapped"),
    "empty file": ("", "error", 0, "empty"),
    "header only": ("site_id,lat,lon\n", "error", 1, "no rows"),
    "duplicate": ("site_id,lat,lon\na,18.4,-66\na,18.4,-66\n", "error", 3, "already on line 2"),
    "moved site": (
        "site_id,lat,lon,radio\na,18.4,-66,4G\na,18.5,-66,2G\n",
        "error",
        3,
        "elsewhere on line 2",
    ),
    "two batteries": (
        "site_id,lat,lon,radio,battery_s\na,18.4,-66,4G,60\na,18.4,-66,2G,\na,18.4,-66,3G,90\n",
        "error",
        4,
        "battery_s 60 on line 2, here 90",
    ),
    "no number of seconds": (
        "site_id,lat,lon,generator_s\na,18.4,-66,2 d\n",
        "error",
        2,
        "'2 d' is not a number",
    ),
    "negative seconds": ("site_id,lat,lon,battery_s\na,18.4,-66,-1\n", "error", 2, "'-1' is not between 0"),
    "null island": ("site_id,lat,lon\na,0,0\nb,18,-66\n", "warning", 2, "0,0 is a placeholder"),
    "impossible range": (
        HEADER + "\n" + ROWS + "GSM,330,110,1,12,0,-66.10,18.40,9000000,5,1,1,1,0\n",
        "warning",
        7,
        "outside 0 to 100,000 m",
    ),
    "placeholder": (
        HEADER + "\n" + ROWS + "LTE,330,110,1,268435455,0,-66.1,18.4,1,5,1,1,1,0\n",
        "warning",
        7,
        "stands for none",
    ),
    "outlier": (
        "site_id,lat,lon\n" + "".join(f"s{i},18.{i:02d},-66\n" for i in range(40)) + "x,4.6,-74\n",
        "warning",
        42,
        "from the middle",
    ),
    "byte-order mark": ("\ufeffsite_id,lat,lon\na,18.4,-66\n", "info", 0, "byte order mark"),
    "no header": (ROWS, "info", 0, "no header line"),
    "several countries": (
        HEADER + "\n" + ROWS + "GSM,340,1,1,1,0,-66.1,18.4,1,5,1,1,1,0\n",
        "info",
        0,
        "330, 340",
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_every_trap_is_told_with_its_line(tmp_path, name):
    text, severity, line, words = TRAPS[name]
    found = found_in(write(tmp_path, text))
    assert any(s == severity and n == line and words in text for s, n, text in found), found
    assert check_table(tmp_path / "t.csv").failed == (severity == "error")


def test_a_table_in_another_encoding_says_so(tmp_path):
    found = found_in(write(tmp_path, "site_id,lat,lon\nA\u00f1o,18.4,-66\n", encoding="latin-1"))
    assert ("error", 2) in [(s, n) for s, n, _ in found]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"PK\x03\x04" + b"\0" * 60, "ZIP archive"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 60, "workbook"),
        ("site_id,lat,lon\na,1,2\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_table_of_text_is_called_by_its_name(tmp_path, content, word):
    ((severity, line, what),) = found_in(write(tmp_path, content))
    assert (severity, line) == ("error", 0)
    assert word in what


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("site_id|lat|lon\na|1|2\n", "not '|'"),
        ("site_id lat lon\na 1 2\n", "not ' '"),
        ("# made by hand\nsite_id,lat,lon\na,1,2\n", "header line with"),
        ('{"a": 1}\n', "with a header line"),
    ],
)
def test_another_separator_is_named_where_it_is_one(tmp_path, text, hint):
    ((finding),) = [f for f in check_table(write(tmp_path, text)).findings if f.severity == "error"]
    assert hint in finding.fix


@pytest.mark.parametrize("header", ["lat,lat,lon", "lat,latitude,lon", "lat,lon,lng"])
def test_two_columns_that_say_one_thing_are_refused_not_chosen_from(tmp_path, header):
    found = found_in(write(tmp_path, f"site_id,{header}\na,14.6,15.6,-61\n"))
    assert [(severity, line) for severity, line, _ in found] == [("error", 1)]


def test_digits_that_only_python_groups_are_no_number(tmp_path):
    found = found_in(write(tmp_path, "site_id,lat,lon\na,1_4.6,-61\nb,14.6,-61\n"))
    assert [(severity, line) for severity, line, _ in found] == [("error", 2)]


def test_names_that_a_spreadsheet_would_run_are_kept_as_text_and_told(tmp_path):
    rows = 'site_id,lat,lon,operator\n"=cmd|1",14.6,-61,@sum\n-5,14.7,-61.1,-2+3\n'
    done = convert(write(tmp_path, rows))
    lines = list(csv.DictReader(io.StringIO(done.text)))
    assert {row["ict_id"] for row in lines} == {"'=cmd|1", "-5"}  # a number is no formula
    assert {row["operator_name"] for row in lines} == {"'@sum", "'-2+3"}
    assert any("formula" in note for note in done.notes)
    again = convert(write(tmp_path, done.text, "clean.csv"))
    assert {row["ict_id"] for row in csv.DictReader(io.StringIO(again.text))} == {"'=cmd|1", "-5"}
    assert not any("formula" in note for note in again.notes)


def test_rows_abroad_and_in_the_sea_are_told_apart(tmp_path):
    square = '{"type":"Polygon","coordinates":[[[-67,18],[-66,18],[-66,19],[-67,19],[-67,18]]]}'
    land = write(tmp_path, square, "land.geojson")
    inside = "".join(f"s{i},18.5,-66.{i + 10}\n" for i in range(9))
    path = write(tmp_path, f"site_id,lat,lon\n{inside}sea,18.5,-65.9\nfar,18.5,-60\n")
    found = found_in(path, land=land)
    assert [n for s, n, text in found if "in the sea or abroad" in text] == [11]
    assert [n for s, n, text in found if "left out" in text and s == "warning"] == [12]
    swapped = write(tmp_path, "site_id,lon,lat\n" + inside, "swapped.csv")
    assert any("swapped" in text for _, _, text in found_in(swapped, land=land))


def test_import_drops_and_tells_and_what_it_writes_is_clean(tmp_path):
    bad = "GSM,330,110,1,11,0,-66.10,18.40,1,5,1,1,1,0\nGSM,330,110,x,12,0,-66.1,18.4,1,5,1,1,1,0\n"
    path = write(tmp_path, HEADER + "\n" + ROWS + bad)
    done = convert(path)
    assert "3 of 7 rows were dropped." in done.notes  # the fifth technology, a repeat, a fault
    assert any("2 faults" in note for note in done.notes)
    with pytest.raises(DataError):
        convert(path, strict=True)
    clean = write(tmp_path, done.text, "clean.csv")
    assert done.text.splitlines()[0] == ",".join(ITU_COLUMNS)
    assert not check_table(clean).failed
    assert len(read_rows(clean)) == 4


def test_import_keeps_sites_sectors_and_tracking_areas(tmp_path):
    rows = "".join(
        f"LTE,330,110,{1 + i // 30},{70000 + i},0,{-66.1 + (i // 3) * 0.02:.4f},18.4,1,5,1,1,1,0\n"
        for i in range(60)
    )
    path = write(tmp_path, HEADER + "\n" + rows)
    first = open_network(path)
    again = open_network(write(tmp_path, convert(path).text, "clean.csv"))
    assert first.sites.name == again.sites.name
    for name in ("site", "operator", "rat", "azimuth_deg", "tracking_area"):
        assert (getattr(first.cells, name) == getattr(again.cells, name)).all()
    lines = list(csv.DictReader(io.StringIO(convert(path).text)))
    assert [row["tracking_area"] for row in lines] == ["1"] * 30 + ["2"] * 30  # as the operator has
    assert first.cells.azimuth_deg[:3].tolist() == [0, 120, 240]  # inferred: three at one point
    assert first.sites.x_m == pytest.approx(again.sites.x_m, abs=0.1)


def test_an_outline_that_crosses_itself_is_told(tmp_path):
    ring = [[-66.3, 18.1], [-65.8, 18.6], [-65.8, 18.1], [-66.3, 18.6], [-66.3, 18.1]]
    path = write(tmp_path, "site_id,lat,lon\na,18.2,-66.25\nb,18.5,-66.2\n")

    def notes(coordinates):
        shape = {"type": "Polygon", "coordinates": [coordinates]}
        land = write(tmp_path, json.dumps(shape), "land.geojson")
        return [one.message for one in check_table(path, land).findings if one.severity == "info"]

    assert any("1 outline crosses itself" in note for note in notes(ring))
    square = [ring[0], ring[2], ring[1], ring[3], ring[0]]
    assert not any("crosses itself" in note for note in notes(square))


@pytest.mark.parametrize(("north", "stated"), [(59.0, False), (71.0, True)])
def test_a_country_too_long_for_one_flat_map_is_reported(tmp_path, north, stated):
    rows = "".join(f"s{k},{58 + k * (north - 58) / 20:.3f},{10 + k / 5},4G\n" for k in range(21))
    network = open_network(write(tmp_path, "site_id,lat,lon,radio\n" + rows))
    assert any("one flat map" in note for note in network.notes) == stated


def test_a_table_without_any_row_of_use_is_refused(tmp_path):
    path = write(tmp_path, HEADER + "\nCDMA,330,120,2,7,0,-66.14,18.44,1,5,1,1,1,0\n")
    for use in (read_rows, open_network, convert):
        with pytest.raises(DataError, match="1 row of technology CDMA"):
            use(path)
    nothing = write(tmp_path, "site_id,lat,lon\n,18,-66\n", "nameless.csv")
    with pytest.raises(DataError, match="no site_id"):
        convert(nothing)


PIECES = st.lists(
    st.sampled_from(
        [
            "site_id",
            "lat",
            "lon",
            "mcc",
            "mnc",
            "lac",
            "cid",
            "radio",
            "range",
            "18.4",
            "-66",
            "1",
            "330",
            "GSM",
            "6G",
            "nan",
            "inf",
            "-1e308",
            "1e999",
            "\x00",
            '"',
            "\n",
            "\r\n",
            ",",
            ",",
            ";",
            "\ufeff",
            "\u0664",
            "1_0",
            " ",
            "'",
            "=1+1",
        ]
    ),
    max_size=80,
)


@given(st.one_of(st.binary(max_size=300), PIECES.map(lambda p: "".join(p).encode())))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_bytes_are_findings_come_and_no_crash(tmp_path, content):
    for text in (content, (HEADER + "\n" + ROWS).encode() + content):
        done = check_table(write(tmp_path, text, "any.csv"))
        assert done.failed or done.used_count
        json.dumps([asdict(d) for d in done.findings])


def test_faults_beyond_fifty_are_counted(tmp_path):
    path = write(tmp_path, "site_id,lat,lon\n" + "".join(f"s{i},99,0\n" for i in range(200)))
    found = found_in(path)
    assert sum(s == "error" for s, _, _ in found) == 51
    assert any("150 more" in text for _, _, text in found)


def test_pieces_change_nothing(tmp_path, monkeypatch):
    path = write(tmp_path, HEADER + "\n" + ROWS + ROWS)
    whole = scan(path)
    monkeypatch.setattr(reader, "_CHUNK", 2)
    parts = scan(path)
    assert whole.notes == parts.notes
    assert [str(d) for d in whole.faults.listed()] == [str(d) for d in parts.faults.listed()]
    assert (whole.columns.line == parts.columns.line).all()


def big(tmp_path, count):
    path = tmp_path / "big.csv"
    with path.open("w") as file:
        file.write(HEADER + "\n")
        for begin in range(0, count, 10_000):
            file.writelines(
                f"LTE,330,110,{1 + i % 97},{i + 70000},0,{-66.5 + (i % 9973) * 1e-4:.6f},"
                f"{18.1 + (i % 3001) * 1e-4:.6f},1000,5,1,1,1,0\n"
                for i in range(begin, begin + 10_000)
            )
    return path


def test_a_row_takes_little_memory(tmp_path):
    path = big(tmp_path, 100_000)
    tracemalloc.start()
    rows = scan(path)
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 100_000
    assert now / 100_000 < 200
    assert peak < 150e6  # a piece of text at a time, whatever the size of the table


@pytest.mark.heavy
def test_ten_million_rows_are_checked_in_bounded_memory(tmp_path):
    path = big(tmp_path, 10_000_000)
    program = (
        "import pathlib, sys; from ewsim.network.tables.check import check_table; "
        "print(check_table(pathlib.Path(sys.argv[1])).used_count)"
    )
    done, peak = run_measured(program, path, timeout=600)
    assert done.stdout == "10000000\n", done.stderr
    assert peak < 4_000  # MB
