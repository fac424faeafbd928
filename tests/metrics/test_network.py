"""The network in figures: every row is readable, and nobody is rounded away."""

from ewsim.metrics import network

ROW = {
    "operator": "Blue",
    "rat": "any",
    "sites": 1_200,
    "people_per_site": 2_551,
    "planned_coverage_share": 0.99999,
    "outdoors_share": 0.9,
    "indoors_share": None,
}


def test_a_row_never_says_everybody_or_nobody_by_rounding():
    assert network.cells(ROW) == ("Blue", "any", "1,200", "2,551", "over 99.9 %", "90.0 %", "")
    assert network.cells({**ROW, "outdoors_share": 1e-5})[5] == "under 0.1 %"
    assert network.cells({**ROW, "outdoors_share": 1.0, "indoors_share": 0.0})[5:] == ("100.0 %", "0.0 %")


def test_lines_are_as_wide_as_their_columns():
    head, line = network.lines([ROW])
    assert head.index("Outdoors") + len("Outdoors") == line.index("90.0 %") + len("90.0 %")


def test_a_row_is_read_back_with_its_types():
    assert network.typed({**ROW, "sites": "1200", "outdoors_share": "0.9"}) == ROW
