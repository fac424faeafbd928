"""Headers as operators write them: what is meant is named, and what is not read is said."""

import pytest

from ewsim.geography.table import meant
from ewsim.network.tables.check import check_table

PLAIN = "site_id,lat,lon"
ROW = "a,-1.5,36.5"


def found_in(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    return [(d.severity, f"{d.message} {d.fix}") for d in check_table(path).findings]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("latitud", "lat"),
        ("Latitude (°)", "lat"),
        ("LAT_WGS84", ""),
        ("gps lat", "lat"),
        ("@lon", "lon"),
        ("Längengrad", "lon"),
        ("خط الطول", "lon"),
        ("経度", "lon"),
        ("Código", "site_id"),
        ("Site Name", "site_id"),
        ("población", "population"),
        ("platform", ""),
        ("", ""),
        ("(m)", ""),
    ],
)
def test_a_name_in_another_language_or_with_a_unit_is_known(name, column):
    assert meant(name, ("lat", "lon", "site_id", "population")) == column


def test_columns_that_are_wanted_are_named_as_the_header_has_them(tmp_path):
    ((severity, said),) = found_in(tmp_path, f"Sitio;Latitud;Longitud\n{ROW.replace(',', ';')}\n")
    assert severity == "error"
    assert "Rename 'sitio' to site_id, 'latitud' to lat, 'longitud' to lon." in said


@pytest.mark.parametrize("above", ["Network inventory,,", "sep=,", "Export of 2026,,"])
def test_a_title_above_the_header_is_named(tmp_path, above):
    ((_, said),) = found_in(tmp_path, f"{above}\n{PLAIN}\n{ROW}\n")
    assert "Delete what is above the header." in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("Height (ft)", "'height (ft)' (if it is that, name it antenna_height, in metres)"),
        ("Opérateur", "'opérateur' (if it is that, name it operator)"),
        ("Tecnología", "'tecnología' (if it is that, name it radio)"),
        ("tilt", "Columns that are not read: 'tilt'."),
        ("unit", ""),
        ("antenna_height", ""),
        ("", ""),
    ],
)
def test_columns_that_are_not_read_are_said(tmp_path, more, said):
    notes = [text for _, text in found_in(tmp_path, f"{PLAIN},{more}\n{ROW},30\n")]
    assert [said in note for note in notes] == [True] * bool(said)


def test_a_second_column_of_a_kind_is_only_said(tmp_path):
    ((_, said),) = found_in(tmp_path, f"{PLAIN},operator,Opérateur\n{ROW},A,A\n")
    assert "'opérateur'." in said


@pytest.mark.parametrize(
    ("cell", "rounded"), [("1.00E+08", True), ("1e5", True), ("100001", False), ("1001.0", False)]
)
def test_an_identity_that_a_spreadsheet_rounded_is_named_as_such(tmp_path, cell, rounded):
    found = found_in(tmp_path, f"radio,mcc,net,area,cell,lon,lat\nLTE,639,2,300,{cell},36.5,-1.5\n")
    assert ["was rounded by a spreadsheet" in said for _, said in found] == [True] * rounded
