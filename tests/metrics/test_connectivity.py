"""Where a phone has a signal follows from the cells heard there and from what the events say of them."""

from __future__ import annotations

import builtins
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from support import make_result

from ewsim.cli import run
from ewsim.country.signal.squares import signal_squares
from ewsim.engine import benchmark_world
from ewsim.errors import DataError
from ewsim.ledger import EVENT_COLUMNS
from ewsim.metrics.protection import signal as connectivity
from ewsim.metrics.protection.signal import SignalSquares
from ewsim.network.signal.maps import signals
from ewsim.report.maps import connectivity as maps
from ewsim.report.maps import connectivity_files
from ewsim.report.maps.ground import map_ground
from ewsim.report.replay.signal import lost_signal
from ewsim.result.record import Result

HOUR = 3600.0


def squares(heard, people, west=-61.0, columns=2):
    """Squares in rows of two, with the cells that each hears."""
    cell = np.array([c for cells in heard for c in cells], dtype=np.int64)
    return SignalSquares(
        west_deg=west,
        south_deg=14.0,
        wide_deg=0.02,
        high_deg=0.01,
        step_m=1000.0,
        rows=-(-len(heard) // columns),
        columns=columns,
        number=np.arange(len(heard)),
        people=np.array(people),
        first=np.cumsum([0, *map(len, heard)]),
        cell=cell,
    )


CELLS = pd.DataFrame({"operator": ["A", "A", "B"], "rat": ["4G", "2G", "4G"]})
#: Square 0 hears all cells, 1 only the first, 2 the last two, 3 none.
FOUR = squares([[0, 1, 2], [0], [1, 2], []], [10, 20, 30, 40])


def events(*rows):
    """Rows (hour, kind, cell)."""
    return pd.DataFrame(
        [(h * HOUR, "cell", kind, "", cell, 0, "", "", "") for h, kind, cell in rows],
        columns=list(EVENT_COLUMNS),
    )


STORM = events((-1, "down_power", 0), (1, "down_backhaul", 1), (1, "down_power", 2), (3, "restored", 2))


def test_a_place_loses_its_signal_with_the_last_cell_heard_there():
    moments = connectivity.moments_of(STORM, 4 * HOUR)
    series = connectivity.series_of(FOUR, CELLS, STORM, moments)
    assert series.baseline.tolist() == [True, True, True, False]
    at = dict(zip((series.time_s / HOUR).tolist(), series.lost.tolist(), strict=True))
    assert at[-1] == at[0.5] == [False, True, False, False]
    assert at[1] == at[2.75] == [True, True, True, False]
    assert at[3] == at[4] == [False, True, False, False]
    assert (series.lost_s() / HOUR).tolist()[:3] == [1, -1, 1]
    assert (series.back_s() / HOUR).tolist()[:3] == [3, np.inf, 3]
    assert np.isnan(series.lost_s()[3])
    assert series.time_s[series.worst] == HOUR
    assert list(connectivity.in_words(series)) == [
        "Before anything failed 40 of 100 people lived where there was no signal.",
        "Most people had lost it 1 h after the decision: 60 (60%).",
        "At the end 20 are still without it; 40 of 60 who lost it have it back.",
    ]
    assert connectivity.state_of(series, -1).tolist() == [1, 1, 1, 0]
    assert connectivity.state_of(series, series.worst).tolist() == [2, 2, 2, 0]


def test_the_maps_show_the_worst_moment_and_how_it_ends():
    slow = events((0, "down_power", 0), (0, "down_power", 1), (0, "down_power", 2), (9, "restored", 0))
    series = connectivity.series_of(FOUR, CELLS, slow, np.arange(12) * HOUR)
    assert connectivity.panels_of(series, most=1)[-1] == 11
    assert connectivity.panels_of(series)[0] == series.worst
    stays = connectivity.series_of(FOUR, CELLS, slow.iloc[:3], np.arange(12) * HOUR)
    assert connectivity.panels_of(stays) == [stays.worst]  # the end is as bad


def test_a_cell_that_is_brought_in_is_no_part_of_the_baseline():
    brought = events((-1, "away", 0), (2, "deployed", 0))
    series = connectivity.series_of(FOUR, CELLS, brought, np.array([0.0, 2 * HOUR]))
    assert series.baseline.tolist() == [True, False, True, False]
    assert series.signal.tolist() == [[True, False, True, False], [True, True, True, False]]
    assert not series.lost.any()
    table = connectivity.by_hour(FOUR, CELLS, brought, series.time_s)
    assert table["people_without"].tolist()[:2] == [60, 40]


def test_the_table_has_each_operator_and_technology_and_adds_up():
    table = connectivity.by_hour(FOUR, CELLS, STORM, np.array([0.0, HOUR, 4 * HOUR]))
    assert (table["people_signal"] + table["people_without"] == 100).all()
    one = table.set_index(["operator", "rat", "time_s"])["people_lost"].sort_index()
    assert one["any", "any"].tolist() == [20, 60, 20]
    assert one["A", "any"].tolist() == [20, 60, 60]
    assert one["any", "4G"].tolist() == [20, 60, 20]
    assert one["A", "4G"].tolist() == [30, 30, 30]
    assert one["B", "4G"].tolist() == [0, 40, 0]
    assert ("B", "2G", 0.0) not in one.index


def test_the_moments_are_few_whatever_the_length():
    for hours in (1, 4, 30, 200, 5000):
        moments = connectivity.moments_of(STORM, hours * HOUR)
        assert moments[0] == -HOUR or hours > 100
        assert moments[-1] == hours * HOUR
        assert 4 <= moments.size <= 52
        assert 0.0 in moments


def test_more_failures_never_give_a_place_a_signal():
    rng = np.random.default_rng(5)
    many = squares([rng.choice(30, rng.integers(0, 8), replace=False) for _ in range(200)], [1] * 200)
    working = np.ones(30, dtype=bool)
    before = many.heard(working)
    for cell in rng.permutation(30):
        working[cell] = False
        after = many.heard(working)
        assert not (after & ~before).any()
        before = after
    assert not before.any()


def test_the_squares_of_a_country_hear_what_its_signal_map_hears():
    setup = benchmark_world.setup(400, 60)
    made = signal_squares(setup.network, setup.population.people)
    assert made.people.sum() == setup.population.people.weight.sum()
    column, row = made.number % made.columns, made.number // made.columns
    x, y = setup.network.frame.to_xy(
        made.south_deg + (row + 0.5) * made.high_deg, made.west_deg + (column + 0.5) * made.wide_deg
    )
    everything = np.ones(len(setup.network.cells), dtype=bool)
    assert np.array_equal(made.heard(everything), signals(setup.network, x, y).covered())
    some = setup.network.cells.operator == 0
    assert np.array_equal(made.heard(some), signals(setup.network, x, y).covered(0))


# --- files --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result():
    """A made-up run whose squares hear one cell each."""
    made = make_result()
    heard = [[cell] for cell in range(64)]
    return replace(made, squares=squares(heard, [7] * 64, columns=8, west=-61.08))


def test_a_result_keeps_its_squares(result, tmp_path):
    result.save(tmp_path / "out")
    back = Result.load(tmp_path / "out").squares
    for name in SignalSquares.__slots__:
        assert np.array_equal(getattr(back, name), getattr(result.squares, name)), name
    document = json.loads((tmp_path / "out" / "run.json").read_text())
    document["squares"]["columns"] = 2
    (tmp_path / "out" / "run.json").write_text(json.dumps(document))
    with pytest.raises(DataError, match=r"squares.parquet has squares off its grid"):
        Result.load(tmp_path / "out")


def test_the_report_and_the_replay_show_the_same_people(result):
    series = maps.series_of(result)
    lost = lost_signal(result, map_ground(result), np.array([0, 300_000_000, 2_100_000_000]))
    at = connectivity.series_of(result.squares, result.cells, result.events, np.array([0.0, 300, 2100]))
    assert lost["people"] == [at.people(mask) for mask in at.lost]
    assert lost["people"][1] > lost["people"][2] > 0
    assert "When it came back" in maps.figure(result, series)


def test_the_command_writes_maps_and_says_the_table(result, tmp_path, capsys):
    result.save(tmp_path / "out")
    assert run(["network", "connectivity", str(tmp_path / "out"), "-o", str(tmp_path / "maps")]) == 0
    said = capsys.readouterr().out
    assert "people lived where there was no signal" in said
    names = sorted(p.name for p in (tmp_path / "maps").iterdir())
    assert names == ["rasters", "signal.csv", "signal.geojson", "signal.png"]
    found = json.loads((tmp_path / "maps" / "signal.geojson").read_text())
    lost = [f for f in found["features"] if f["properties"]["kind"] == "lost"]
    table = pd.read_csv(tmp_path / "maps" / "signal.csv")
    every = table[(table["operator"] == "any") & (table["rat"] == "any") & (table["people_lost"] > 0)]
    assert [f["properties"]["people"] for f in lost] == every["people_lost"].tolist()
    assert all(shapely.geometry.shape(f["geometry"]).is_valid for f in lost)
    assert run(["network", "connectivity", str(tmp_path / "out"), "--json", "--operator", "A"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "ewsim.connectivity/1"
    assert run(["network", "connectivity", str(tmp_path / "out"), "--operator", "C"]) == 2
    assert "the network has no 'C'. There are: A, B." in capsys.readouterr().err
    assert run(["network", "connectivity", str(tmp_path / "out"), "-o", str(tmp_path / "maps")]) == 2


def test_a_run_in_which_nothing_fails_says_so(tmp_path, capsys):
    make_result().save(tmp_path / "out")
    assert run(["network", "connectivity", str(tmp_path / "out")]) == 0
    assert "No cell failed" in capsys.readouterr().out


def test_a_raster_has_its_states_where_the_squares_are(monkeypatch):
    state = np.array([1, 2, 2, 0], dtype=np.int8)
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("rasterio"):
            raise ImportError(name)
        return real(name, *rest)

    rasterio = pytest.importorskip("rasterio")
    ending, octets = connectivity_files.raster(FOUR, state)
    with rasterio.open(io.BytesIO(octets)) as file:
        assert (ending, file.crs.to_epsg(), file.nodata) == ("tif", 4326, 255)
        places = [(-61.0 + 0.01, 14.005), (-60.97, 14.005), (-60.99, 14.015), (-60.97, 14.015)]
        assert [int(v[0]) for v in file.sample(places)] == state.tolist()
    monkeypatch.setattr(builtins, "__import__", without)
    ending, octets = connectivity_files.raster(FOUR, state)
    assert ending == "asc"
    assert octets.decode().splitlines()[-2:] == ["2 0", "1 2"]


def test_areas_are_cut_at_the_antimeridian():
    far = squares([[0], [0], [0], [0]], [1] * 4, west=179.97, columns=4)
    series = connectivity.series_of(far, CELLS, events((0, "down_power", 0)), np.array([0.0]))
    found = json.loads(connectivity_files.geojson(series))
    (area,) = [f["geometry"] for f in found["features"] if f["properties"]["kind"] == "lost"]
    shape = shapely.geometry.shape(area)
    assert len(shape.geoms) == 2
    west, _, east, _ = shape.bounds
    assert (west, east) == (-180, 180)
    assert abs(shape.area - 4 * 0.02 * 0.01) < 1e-9
