"""A table of places: what it may look like, and every fault at its line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.errors import DataError
from ewsim.settlement.pattern import _added_up
from ewsim.settlement.places import read_places

SHARED = Path(__file__).parents[2] / "../shared/data"
HEADER = "geonameid,name,latitude,longitude,population\n"


def read(tmp_path, content, name="places.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_places(path)


def faults(tmp_path, content):
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    return caught.value.diagnostics


def test_reads_names_positions_and_people(tmp_path):
    places = read(tmp_path, HEADER + '1,"San, Juan",18.5,-66.1,418140\n\n2,Empty,18,-66,0\n3,P,1,2,5\n')
    assert places.name == ("San, Juan", "P")
    assert places.people.tolist() == [418140, 5]
    assert places.lat_deg.tolist() == [18.5, 1]
    assert places.line.tolist() == [2, 5]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_line_ends_and_byte_order_marks(tmp_path, separator, end, mark):
    text = mark + "Name,LATITUDE,longitude,population\nA,1,2,3\nB,4,5,6\n"
    places = read(tmp_path, text.replace(",", separator).replace("\n", end))
    assert places.name == ("A", "B")
    assert places.people.tolist() == [3, 6]


def test_the_second_place_of_a_name_is_numbered(tmp_path):
    places = read(tmp_path, HEADER + "1,Palmas,1,1,5\n2,Palmas,1,1.5,5\n")
    assert places.name == ("Palmas", "Palmas (2)")


def test_every_fault_is_told_at_its_place(tmp_path):
    found = faults(
        tmp_path,
        HEADER
        + "1,A,91,0,5\n"  # 2
        + "2,,0,0,5\n"  # 3
        + "3,C,x,181,5\n"  # 4, twice
        + "4,D,0,0,1.5\n"  # 5
        + "5,E,0,0\n"  # 6
        + "6,F,nan,0,-1\n"  # 7, twice
        + "7,good,0,0,9\n",
    )
    assert [(f.line, f.column) for f in found] == [
        (2, 3),
        (3, 2),
        (4, 3),
        (4, 4),
        (5, 5),
        (6, 1),
        (7, 3),
        (7, 5),
    ]
    assert all(f.file == str(tmp_path / "places.csv") and f.fix for f in found)


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        (b"", 0, "empty"),
        (b"\n \n", 0, "empty"),
        (b"name,latitude\nA,1\n", 1, "longitude, population"),
        (HEADER.encode(), 1, "no place has people"),
        (HEADER.encode() + b"1,A,0,0,0\n", 1, "no place has people"),
        (HEADER.encode() + b"1,A\0,0,0,1\n", 2, "NUL"),
        (HEADER.encode() + b"1,Bayam\xf3n,0,0,1\n", 2, "UTF-8"),
        (HEADER.encode() + b'1,"A,0,0,1\n2,B,0,0,1\n', 2, "quotation"),
    ],
)
def test_unusable_tables(tmp_path, content, line, word):
    (fault,) = faults(tmp_path, content)
    assert fault.line == line
    assert word in fault.message + fault.fix


def test_missing_files_and_folders_are_told_without_a_traceback(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read_places(path)


def test_many_faults_are_cut_short(tmp_path):
    found = faults(tmp_path, HEADER + "1,A,x,0,5\n" * 500)
    assert len(found) == 51
    assert "450 more" in found[-1].message


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "p.csv"
    path.write_bytes(b"name,latitude,longitude,population\n" + content)
    try:
        places = read_places(path)
    except DataError:
        return
    assert places.people.min() > 0
    assert np.abs(places.lat_deg).max() <= 90


@pytest.mark.parametrize(
    ("country", "count", "people"),
    [("puerto_rico", 227, 2_349_459), ("dominica", 20, None), ("fiji", 14, None)],
)
def test_real_tables(country, count, people):
    path = SHARED / country / "places.csv"
    if not path.exists():
        pytest.skip("no shared data here")
    places = read_places(path)
    assert len(places.name) == count == len(set(places.name))
    assert people is None or places.people.sum() == people


# --- the forms of gazetteers ----------------------------------------------------------------------

#: A dump of GeoNames: tabs, no header line, quotation marks that mean nothing.
ROWS = (
    (1, 'Alofi "town', -19.05, -169.92, "P", "PPLC", 624),
    (2, 'Hakupu"', -19.11, -169.84, "P", "PPL", 147),
    (3, "Niue", -19.03, -169.87, "A", "PCLI", 1600),
    (4, "Alofi South", -19.07, -169.93, "P", "PPLX", 427),
)
PART = "part of another place or no longer lived in"
FULL = "geonameid\tname\tasciiname\tothers\tlatitude\tlongitude\tfeature_class\tfeature_code\tcc\tcc2"
FULL += "\ta1\ta2\ta3\ta4\tpopulation\televation\tdem\ttimezone\tmodified\n"


def dump(*rows):
    tail = ("", 9, "Z", "2020-01-01")
    lines = [(i, n, n, 'x,"y', a, o, c, k, "NU", *[""] * 5, p, *tail) for i, n, a, o, c, k, p in rows]
    return "".join("\t".join(str(v) for v in line) + "\n" for line in lines)


@pytest.mark.parametrize("header", ["", FULL, FULL.replace("_", " ")])
def test_a_dump_of_geonames_counts_populated_places_only(tmp_path, header):
    places = read(tmp_path, header + dump(*ROWS), "NU.txt")
    assert places.name == ('Alofi "town', 'Hakupu"')
    assert places.people.sum() == 624 + 147
    assert [note for note in places.notes if "feature c" in note] == [
        "Left out: 1 row of feature class A, no populated places, with 1,600 people.",
        f"Left out: 1 row of feature code PPLX, {PART}, with 427 people.",
    ]


def test_a_place_that_is_there_twice_counts_once_and_is_named(tmp_path):
    rows = "1,Alofi,-19.05,-169.92,600\n2,ALOFI,-19.051,-169.92,624\n3,Alofi,-19.2,-169.9,30\n"
    places = read(tmp_path, HEADER + rows)
    assert places.people.tolist() == [624, 30]
    assert places.name == ("ALOFI", "Alofi")
    assert "600 people fewer): Alofi on line 2 is line 3" in places.notes[0]


@pytest.mark.parametrize(("km", "named"), [(1.6, True), (12, False)])
def test_a_place_inside_a_larger_one_is_named(tmp_path, km, named):
    rows = f"1,City,0,0,937700\n2,Quarter,0,{km / 111.195},583958\n3,Hut,0,0.001,12\n"
    places = read(tmp_path, HEADER + rows)
    assert places.people.sum() == 937_700 + 583_958 + 12
    said = [note for note in places.notes if "Quarter (583,958) lies 1.6 km from City (937,700)" in note]
    assert bool(said) == named
    assert not any("Hut" in note for note in places.notes)


def test_people_of_towns_that_are_scaled_up_are_said(tmp_path):
    assert "4 times the people that the table gives it" in _added_up(
        read(tmp_path, HEADER + "1,A,0,0,50\n"), 200, 0
    )
