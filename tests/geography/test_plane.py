"""The local plane against the sphere, and areas against shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.geography import plane as geo
from ewsim.geography.plane import EARTH_RADIUS_M, LocalFrame


def great_circle_m(lat1, lon1, lat2, lon2):
    """Haversine distance on the sphere [m]."""
    lat1, lon1, lat2, lon2 = map(np.radians, (lat1, lon1, lat2, lon2))
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(h))


@given(
    lat0=st.floats(-20, 20),
    lon0=st.floats(-180, 180),
    bearing=st.floats(0, 2 * np.pi),
    radius_m=st.floats(1_000, 150_000),
)
@settings(max_examples=300, deadline=None)
def test_distance_from_the_reference_is_within_the_stated_bound(lat0, lon0, bearing, radius_m):
    frame = LocalFrame(lat0, lon0)
    lat, lon = frame.to_latlon(radius_m * np.sin(bearing), radius_m * np.cos(bearing))
    assert great_circle_m(lat0, lon0, lat, lon) == pytest.approx(radius_m, rel=0.01)


def test_distance_between_far_points_is_within_the_stated_bound():
    frame = LocalFrame(20, -66)
    rng = np.random.default_rng(1)
    r, a = rng.uniform(0, 150_000, (2, 4000)), rng.uniform(0, 2 * np.pi, (2, 4000))
    x, y = r * np.sin(a), r * np.cos(a)
    lat, lon = frame.to_latlon(x, y)
    plane = np.hypot(x[0] - x[1], y[0] - y[1])
    sphere = great_circle_m(lat[0], lon[0], lat[1], lon[1])
    far = plane > 10_000
    assert np.abs(plane[far] / sphere[far] - 1).max() < 0.01


@given(
    lat0=st.floats(-70, 70),
    lon0=st.floats(-180, 180),
    x=st.floats(-500_000, 500_000),
    y=st.floats(-500_000, 500_000),
)
@settings(max_examples=200, deadline=None)
def test_metres_to_degrees_and_back_is_the_same_place(lat0, lon0, x, y):
    frame = LocalFrame(lat0, lon0)
    back_x, back_y = frame.to_xy(*frame.to_latlon(x, y))
    assert back_x == pytest.approx(x, abs=1e-3)
    assert back_y == pytest.approx(y, abs=1e-3)


def test_a_country_across_the_antimeridian_is_one_piece():
    # Fiji: Suva, Labasa, Taveuni (east of 180 degrees on some islands), Lakeba.
    lat = np.array([-18.14, -16.43, -16.85, -18.23])
    lon = np.array([178.44, 179.36, -179.97, -178.80])
    frame = LocalFrame.around(lat, lon)
    x, y = frame.to_xy(lat, lon)
    assert np.ptp(x) < 310_000
    assert x[2] > x[1]
    sphere = great_circle_m(lat[:, None], lon[:, None], lat, lon)
    plane = np.hypot(x[:, None] - x, y[:, None] - y)
    assert np.allclose(plane, sphere, rtol=0.01)
    back_lat, back_lon = frame.to_latlon(x, y)
    assert np.allclose(back_lat, lat)
    assert np.allclose(back_lon, lon)


@given(st.lists(st.tuples(st.floats(-60, 60), st.floats(-5, 5)), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_a_frame_around_points_is_centred_wherever_the_cut_lies(points):
    lat, lon = np.array(points).T
    here = LocalFrame.around(lat, lon)
    x, y = here.to_xy(lat, lon)
    assert x.max() == pytest.approx(-x.min(), abs=1e-3)
    assert y.max() == pytest.approx(-y.min(), abs=1e-3)
    there = LocalFrame.around(lat, np.mod(lon + 180 + 180, 360) - 180)
    assert there.lat0_deg == pytest.approx(here.lat0_deg)
    assert abs(np.mod(there.lon0_deg - here.lon0_deg, 360) - 180) < 1e-6


@given(
    ring=st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=8, unique=True),
    seed=st.integers(0, 1000),
)
@settings(max_examples=100, deadline=None)
def test_contains_is_what_shapely_says_of_each_point(ring, seed):
    area = shapely.make_valid(shapely.Polygon(ring))
    x, y = np.random.default_rng(seed).uniform(-60, 60, (2, 300))
    expected = [area.contains(shapely.Point(a, b)) for a, b in zip(x, y, strict=True)]
    assert geo.contains(area, x, y).tolist() == expected


def test_nothing_lies_in_an_empty_area():
    assert not geo.contains(shapely.Polygon(), [0.0, 1.0], [0.0, 1.0]).any()


def test_a_self_crossing_ring_becomes_a_valid_area():
    bow_tie = LocalFrame(0, 0).polygon([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])
    assert bow_tie.is_valid
    # Two triangles of base 1 degree and height half a degree.
    degree = np.radians(1) * EARTH_RADIUS_M
    assert bow_tie.area == pytest.approx(degree**2 / 2, rel=1e-6)


def test_a_circle_is_a_disc_and_short_by_a_ten_thousandth():
    disc = LocalFrame(14.6, -61).circle(14.7, -61.1, 5_000)
    assert disc.area == pytest.approx(np.pi * 5_000**2, rel=1.1e-4)
    assert disc.area < np.pi * 5_000**2


def test_an_area_survives_geojson_and_back():
    frame = LocalFrame(-17, 180)
    area = frame.polygon([(-17.5, 179.5), (-17.5, -179.5), (-16.5, -179.5), (-16.5, 179.5)])
    again = frame.geometry(shapely.geometry.shape(geo.to_geojson(frame, area)))
    assert again.symmetric_difference(area).area < 1e-6 * area.area


def test_a_union_counts_shared_ground_once():
    squares = [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)]
    assert geo.union(squares).area == pytest.approx(6)


@pytest.mark.parametrize("lon0", [-170.0, -66.0, 0.0, 28.0, 178.0])
def test_a_map_of_the_whole_world_does_not_put_land_where_there_is_sea(lon0):
    """Continents as boxes; wherever the reference, points nearby are on land as in degrees."""
    boxes = [(-20, -35, 55, 70), (60, 0, 150, 75), (-130, -55, -35, 72), (113, -39, 154, -11)]
    world = shapely.multipolygons([shapely.box(*b) for b in boxes])
    frame = LocalFrame(-15.0, lon0)
    land = frame.geometry(world)
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(-40, 20, 2000), rng.uniform(-179.9, 179.9, 2000)
    near = np.abs(np.mod(lon - lon0 + 180, 360) - 180) < 60
    assert (
        geo.contains(land, *frame.to_xy(lat[near], lon[near]))
        == shapely.contains_xy(world, lon[near], lat[near])
    ).all()
    assert land.area == pytest.approx(sum(frame.geometry(shapely.box(*b)).area for b in boxes))


def test_a_hole_stays_in_its_polygon_on_the_far_side():
    ring, hole = shapely.box(60, 0, 150, 50), shapely.box(110, 10, 120, 20)
    frame = LocalFrame(10.0, -66.0)
    moved = frame.geometry(ring.difference(hole))
    assert moved.area == pytest.approx(frame.geometry(ring).area - frame.geometry(hole).area)


@given(lat0=st.floats(-65, 65), off=st.floats(-6, 6), lon=st.floats(-0.5, 0.5))
@settings(max_examples=100, deadline=None)
def test_the_stretch_of_the_plane_is_what_distances_along_a_parallel_are_wrong_by(lat0, off, lon):
    frame, lat = LocalFrame(lat0, 20.0), lat0 + off
    (x0, x1), _ = frame.to_xy([lat, lat], [20.0, 20.0 + (lon or 0.1)])
    sphere = great_circle_m(lat, 20.0, lat, 20.0 + (lon or 0.1))
    assert abs(x1 - x0) == pytest.approx(sphere * (1 + frame.stretch(lat)), rel=1e-4, abs=0.01)


def test_near_agrees_with_distances_in_every_chunk(monkeypatch):
    monkeypatch.setattr(geo, "_FIRST_POINTS", 3)
    monkeypatch.setattr(geo, "_MORE_POINTS", 4)
    rng = np.random.default_rng(3)
    for area in (shapely.box(0, 0, 10, 10), shapely.Point(4, 4), shapely.Polygon([(0, 0), (50, 1), (0, 2)])):
        for count in (0, 1, 3, 7, 40):
            x, y = rng.uniform(-60, 60, (2, count))
            away = shapely.distance(area, shapely.points(x, y))
            for off_m in (1.0, 15.0):
                assert geo.near(area, x, y, off_m) == bool((away <= off_m).any())
