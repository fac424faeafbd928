"""Winds around a cyclone: closed forms, motion, radii of a best track, decay, rain; tracks from files."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ewsim.disturbances.hazards.cyclone import wind
from ewsim.disturbances.hazards.cyclone.best_track import read_track, track_of_spec
from ewsim.disturbances.hazards.cyclone.track import winds_and_rain
from ewsim.disturbances.hazards.footprint import footprint_of
from ewsim.disturbances.hazards.spec import KNOT_M_S, CycloneSpec
from ewsim.errors import DataError

SHARED = Path(__file__).parents[4] / "shared" / "data" / "puerto_rico"
DECIDED = datetime(2017, 9, 20, 12, 15, tzinfo=UTC)
RADII = np.array([[50, 45, 35, 40], [70, 80, 60, 70], [130, 110, 100, 110]]) * 1852.0
needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are absent")


def cyclone(**keys):
    return CycloneSpec.model_validate({"kind": "cyclone", **keys})


def test_the_profile_is_hollands_closed_form():
    """Holland 1980: v = sqrt(b dp / rho (R/r)**b exp(-(R/r)**b)), with the b that gives the largest wind."""
    top, radius, deficit = 60.0, 30_000.0, 80.0
    b = float(wind.holland_b(top, deficit))
    r = np.linspace(5_000, 300_000, 50)
    ratio = (radius / r) ** b
    expected = np.sqrt(b * 100 * deficit / wind.AIR_KG_M3 * ratio * np.exp(-ratio))
    assert wind.holland(r, top, radius, b) == pytest.approx(expected, rel=1e-12)
    assert wind.holland(np.array([radius]), top, radius, b) == pytest.approx(top)


@pytest.mark.parametrize("southern", [False, True])
def test_motion_makes_one_side_stronger_and_the_largest_wind_is_the_tracks(southern):
    x, y = (a.ravel() for a in np.meshgrid(*[np.arange(-80e3, 80e3, 1000.0)] * 2))
    blows = wind.moving(x, y, (60.0, 20_000.0, 1.5), (0.0, 6.0), southern=southern)
    assert blows.max() == pytest.approx(60, rel=0.005)
    assert (x[blows.argmax()] > 0) != southern  # to the right of the motion north of the equator


def test_winds_pass_through_the_radii_of_a_best_track():
    for bearing, quadrant in ((45, 0), (135, 1), (225, 2), (315, 3)):
        far = RADII[:, quadrant]
        at = np.radians(bearing)
        found = wind.through_radii(far * np.sin(at), far * np.cos(at), (69.4, 21_000.0, 1.7), RADII)
        assert found / KNOT_M_S == pytest.approx([64, 50, 34], rel=1e-3)


def test_a_quadrant_without_a_radius_has_no_such_wind():
    radii = RADII.copy()
    radii[0, 2] = 0  # no 64 kt in the south-west
    far = np.arange(1, 300) * 1000.0
    at = np.radians(225)
    found = wind.through_radii(far * np.sin(at), far * np.cos(at), (69.4, 21_000.0, 1.7), radii)
    assert found.max() <= 64 * KNOT_M_S * 1.0001


def test_wind_decays_inland_to_the_background():
    """Kaplan and DeMaria 1995: 26.7 kt remain; 0.9 of the wind at landfall crosses the coast."""
    found = wind.inland(np.full(3, 60.0), np.array([0.0, 1e-9, 1000.0]))
    assert found == pytest.approx([60, 54, 26.7 * KNOT_M_S], rel=1e-6)


def test_rain_falls_off_beyond_its_ring():
    """R-CLIPER (Tuleya et al. 2007) at 35 kt: 3.2 in/day at 51.5 km, less inside and outside."""
    top = 3.2 * 25.4 / 24
    found = wind.rain_mm_h(np.array([0, 51_500, 51_500 + 134_000.0]), 35 * KNOT_M_S)
    assert found == pytest.approx([2.86 * 25.4 / 24, top, top / np.e], rel=1e-6)


def test_a_storm_that_passes_over_a_place_has_an_eye():
    track = [
        {"time_s": t, "centre": [15.0, -45 + d], "max_wind_m_s": 50, "central_pressure_hpa": 950}
        for t, d in ((-36_000, 2), (36_000, -2))
    ]
    spec = cyclone(track=track)
    found = winds_and_rain(track_of_spec(spec), spec, np.array([15.0]), np.array([-45.0]))["gust_m_s"]
    gusts = found.values[:, 0]
    middle = int(np.abs(found.times_s[:, 0]).argmin())
    assert gusts[middle] < 0.3 * gusts.max()
    assert gusts[:middle].max() > 45
    assert gusts[middle:].max() > 45
    assert found.reached_s(17.5)[0] < 0


def test_a_track_goes_on_across_the_antimeridian():
    track = [
        {"time_s": 0, "centre": [-17.0, 178.0], "max_wind_m_s": 50},
        {"time_s": 72_000, "centre": [-17.0, -178.0], "max_wind_m_s": 50},
    ]
    spec = cyclone(track=track)
    lon = np.array([-179.0, 0.0])
    peak = winds_and_rain(track_of_spec(spec), spec, np.full(2, -17.0), lon)["gust_m_s"].peak
    assert peak[0] > 45
    assert peak[1] == 0


# --- files ----------------------------------------------------------------------------------------

HURDAT2 = """AL012030, ALPHA, 3,
20300916, 1200,  , HU, 12.2N, 49.7W,  80, -999, 70, 60, 40, 60, 30, 20, 0, 20, 15, 0, 0, 10,
20300916, 1800, L, HU, 12.4N, 51.7W,  90,  970, 70, 60, 40, 60, 30, 20, 0, 20, 15, 0, 0, 10, 25
20300917, 0000,  , HU, 12.6N, 53.7W,  85,  975, NONE
AL022030, BETA, 2,
20300916, 1200,  , TS, 12.2S, 179.5E,  60,  990
20300916, 1800,  , TS, 12.3S, 179.5W,  60,  990
""".replace("NONE", ", ".join(["-999"] * 13))


def track_in(tmp_path, text, **keys):
    file = tmp_path / "track.txt"
    file.write_text(text, encoding="utf-8")
    when = {"decided_at": datetime(2030, 9, 16, 12, tzinfo=UTC)}
    return read_track(file, cyclone(path=str(file), **{**when, **keys}))


def test_a_hurdat2_file_has_knots_west_longitudes_and_missing_values(tmp_path):
    track = track_in(tmp_path, HURDAT2, storm="AL012030")
    assert track.times_s.tolist() == [0, 21_600, 43_200]
    assert track.lon_deg.tolist() == [-49.7, -51.7, -53.7]
    assert track.max_wind_m_s == pytest.approx(np.array([80, 90, 85]) * 1852 / 3600)
    assert np.isnan(track.pressure_hpa).tolist() == [True, False, False]
    assert track.radius_m[1] == pytest.approx(25 * 1852)
    assert np.isnan(track.radius_m[[0, 2]]).all()
    assert track.radii_m[0, 0] / 1852 == pytest.approx([15, 0, 0, 10])  # 64 kt, north-east first
    assert np.isnan(track.radii_m[2]).all()


def test_a_row_of_a_best_track_without_wind_and_pressure_is_passed_over(tmp_path):
    file = """SH072030, HAROLD, 3
20300916, 0000,  , TD, 14.0S, 168.0E, -99, -999,
20300916, 0600,  , TS, 14.5S, 170.0E,  60, -999,
20300916, 1200,  , HU, 15.0S, 185.0E, -99,  950,
"""
    track = track_in(tmp_path, file)
    assert track.lat_deg.tolist() == [-14.5, -15]
    assert track.lon_deg.tolist() == [170, 185]
    assert np.isnan(track.max_wind_m_s).tolist() == [False, True]


def test_a_file_of_several_storms_needs_a_name(tmp_path):
    with pytest.raises(DataError, match=r"track.txt:1:1: the file has 2 storms. Name one with storm: AL"):
        track_in(tmp_path, HURDAT2)
    with pytest.raises(DataError, match="no storm 'AL992030'"):
        track_in(tmp_path, HURDAT2, storm="AL992030")
    assert track_in(tmp_path, HURDAT2, storm="AL022030").lon_deg.tolist() == [179.5, -179.5]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("12.4N", "12.4", ":3:5: '12.4' is not a latitude. Write it like 18.0N and 65.9W."),
        ("51.7W", "-51.7", ":3:6: '-51.7' is not a longitude."),
        ("1800, L", "2500, L", ":3:1: 20300916, 2500 is not a date and time."),
        ("  90,", "  xx,", ":3:7: 'xx' is not a wind, pressure or radius."),
        ("  90,", " 290,", ":3:1: no storm has had 290 kt (the strongest: 185 kt, Patricia 2015). Copy"),
        ("1800, L", "1200, L", ":3:1: this fix is not later than the one before."),
        ("ALPHA, 3", "ALPHA, 4", ":1:1: the storm has 1 row fewer than its header says."),
    ],
)
def test_every_fault_of_a_hurdat2_file_has_its_line(tmp_path, before, after, said):
    with pytest.raises(DataError) as error:
        track_in(tmp_path, HURDAT2.replace(before, after, 1), storm="AL012030")
    assert said in str(error.value)


def test_dates_need_the_date_of_the_decision(tmp_path):
    with pytest.raises(DataError, match=":2:1: the track has dates, and nothing says when the decision is"):
        track_in(tmp_path, HURDAT2, storm="AL012030", decided_at=None)


def test_a_table_has_its_units_in_its_header(tmp_path):
    table = "time_s,lat,lon,max_wind_m_s,pressure_hpa\n0,12,-50,40,970\n3600,12,-50.2,41,969\n"
    assert track_in(tmp_path, table).max_wind_m_s.tolist() == [40, 41]
    with pytest.raises(DataError, match=r":2:1: 80 m/s is too much for a centre of 970 hPa. If it is"):
        track_in(tmp_path, table.replace(",40,", ",80,"))
    with pytest.raises(DataError, match=r":1:1: the track has no times"):
        track_in(tmp_path, table.replace("time_s", "number"))
    with pytest.raises(DataError, match="neither winds nor pressures"):
        track_in(tmp_path, "time_s,lat,lon\n0,12,-50\n")


def test_a_fault_of_a_row_hides_none_between_rows(tmp_path):
    table = "time_s,lat,lon,wind_kt\n9,12,-50,-80\n9,95,-50,80\n5,12,-50,80\n20,12,-50,\n"
    with pytest.raises(DataError) as error:
        track_in(tmp_path, table)
    found = [(fault.line, fault.column) for fault in error.value.diagnostics]
    assert found == [(2, 4), (3, 1), (3, 2), (4, 1), (5, 1)]


@needs_data
def test_both_files_of_maria_give_one_track():
    spec = cyclone(path="x", decided_at=DECIDED)
    one, other = (read_track(SHARED / f, spec) for f in ("maria-hurdat2.txt", "maria-track.csv"))
    for name in ("times_s", "lat_deg", "lon_deg", "max_wind_m_s", "pressure_hpa", "radii_m"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True), name


@needs_data
def test_maria_has_its_published_winds_at_landfall():
    """135 kt (155 mph) at 18.0N 65.9W, 2017-09-20 10:15 UTC; 64 kt to 50 nmi in the north-east."""
    spec = cyclone(path=str(SHARED / "maria-hurdat2.txt"), decided_at=DECIDED, gust_factor=1)
    track = read_track(SHARED / "maria-hurdat2.txt", spec)
    landfall = int(np.abs(track.times_s + 7200).argmin())
    assert track.times_s[landfall] == -7200
    assert track.max_wind_m_s[landfall] / 0.44704 == pytest.approx(155, abs=1)  # mph
    lat, lon = np.meshgrid(np.arange(17.5, 19, 0.03), np.arange(-66.5, -65, 0.03))
    found = winds_and_rain(track, spec, lat.ravel(), lon.ravel())["gust_m_s"]
    now = found.values[int(np.abs(found.times_s[:, 0] + 7200).argmin())]
    assert now.max() == pytest.approx(69.4, rel=0.01)
    east, north = (lon.ravel() + 65.9) * np.cos(np.radians(18)) * 60, (lat.ravel() - 18) * 60  # nmi
    far, north_east = np.hypot(east, north), np.abs(np.degrees(np.arctan2(east, north)) - 45) < 5
    edge = north_east & (np.abs(far - 50) < 1.5)
    assert now[edge] / KNOT_M_S == pytest.approx(64, abs=1.5)


B_DECK = """SH, 12, 2030020500,,BEST,0, 152S, 1795E, 90, 965, TY,  34, NEQ, 120, 110, 100, 130, 1005, 200, 20,
SH, 12, 2030020500,,BEST,0, 152S, 1795E, 90, 965, TY,  64, AAA,  30,   0,   0,   0, 1005, 200, 20,
SH, 12, 2030020506, 30, BEST, 0, 158S, 1794W,   0,    0, TD,   0,    ,   0,   0,   0,   0,
SH, 12, 2030020512,   , BEST,   0, 164S, 1783W,  70,    0, TY
"""


def test_a_b_deck_of_the_south_crosses_the_antimeridian_with_its_radii(tmp_path):
    when = {"decided_at": datetime(2030, 2, 5, tzinfo=UTC)}
    track = track_in(tmp_path, B_DECK, **when)
    assert track.times_s.tolist() == [0, 43_200]
    assert track.lat_deg.tolist() == [-15.2, -16.4]
    assert track.lon_deg.tolist() == [179.5, -178.3]
    assert track.max_wind_m_s == pytest.approx(np.array([90, 70]) * 1852 / 3600)
    assert track.radii_m[0] / 1852 == pytest.approx(np.array([[30] * 4, [0] * 4, [120, 110, 100, 130]]))
    assert track.radius_m[0] / 1852 == pytest.approx(20)
    assert np.isnan(track.pressure_hpa[1])
    spec = cyclone(path=str(tmp_path / "track.txt"), **when)
    peak = footprint_of(spec).at(np.array([-15.8, -15.8]), np.array([-179.4, 0.0]))["gust_m_s"].peak
    assert peak[0] > 30
    assert peak[1] == 0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "BEST",
            "OFCL",
            "1:5: the row is of 'OFCL', a forecast or a fix, not of the best track. Give the storm's b-deck",
        ),
        ("SH, 12, 2030020512", "SH, 13, 2030020512", "4:1: the file has SH12 and SH13. Give one storm."),
        ("2030020512", "2030023012", "4:3: 2030023012 is not an hour."),
        ("164S", "964S", "4:7: '964S' is not a latitude. Write it like 180N and 659W."),
        ("SH, 12, 2030020512", "2030020512", "4:1: the row is not one of a b-deck."),
    ],
)
def test_every_fault_of_a_b_deck_has_its_line(tmp_path, before, after, said):
    with pytest.raises(DataError) as error:
        track_in(tmp_path, B_DECK.replace(before, after), decided_at=datetime(2030, 2, 5, tzinfo=UTC))
    assert said in str(error.value)


IBTRACS = """HEAD
 ,Year, , , ,degrees_north,degrees_east,kts,mb, , ,kts,mb,nmile,nmile,nmile,nmile,nmile
2030001S15170,2030,GITA,2030-02-05 00:00:00,TS,-15.2,179.5, ,970,main,SH122030,90, ,120,110,100,130,20
2030001S15170,2030,GITA,2030-02-05 03:00:00,NR,-15.5,180.4, , ,main,SH122030, , , , , , ,
2030001S15170,2030,GITA,2030-02-05 06:00:00,TS,-15.8,181.4, ,975,main,SH122030,85,980, , , , ,
2030001S15170,2030,GITA,2030-02-05 06:00:00,TS,-10.0,150.0, ,975,spur-other,SH122030,85,980, , , , ,
""".replace(
    "HEAD",
    "SID,SEASON,NAME,ISO_TIME,NATURE,LAT,LON,WMO_WIND,WMO_PRES,TRACK_TYPE,USA_ATCF_ID,USA_WIND,USA_PRES,"
    "USA_R34_NE,USA_R34_SE,USA_R34_SW,USA_R34_NW,USA_RMW",
)


def test_ibtracs_is_read_with_its_row_of_units_blanks_and_spurs(tmp_path):
    when = {"decided_at": datetime(2030, 2, 5, tzinfo=UTC)}
    track = track_in(tmp_path, IBTRACS, **when)
    assert track.times_s.tolist() == [0, 21_600]
    assert track.pressure_hpa.tolist() == [970, 980]
    assert track.max_wind_m_s == pytest.approx(np.array([90, 85]) * 1852 / 3600)
    assert track.radius_m[0] / 1852 == pytest.approx(20)
    another = IBTRACS + IBTRACS.splitlines()[2].replace("2030001S15170", "2030002S15170").replace(
        "GITA", "HOLA"
    )
    with pytest.raises(
        DataError, match=r"the table has 2 storms\. Name one with storm: 2030001S15170 SH122030 GITA"
    ):
        track_in(tmp_path, another, **when)
    assert track_in(tmp_path, another, storm="GITA", **when).times_s.tolist() == [0, 21_600]


def test_a_best_track_may_cross_greenwich_and_be_packed(tmp_path):
    text = """AL012030, ALPHA, 2,
20300916, 1200,  , HU, 42.2N,   1.0W,  80,  970,
20300916, 1800, L, HU, 42.4N,   1.5E,  70,  975,
"""
    (tmp_path / "track.txt.gz").write_bytes(gzip.compress(text.encode()))
    spec = cyclone(path=str(tmp_path / "track.txt.gz"), decided_at=datetime(2030, 9, 16, 12, tzinfo=UTC))
    peak = footprint_of(spec).at(np.full(2, 42.3), np.array([0.2, 180.0]))["gust_m_s"].peak
    assert peak[0] > 30
    assert peak[1] == 0
