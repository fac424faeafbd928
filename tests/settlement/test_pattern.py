"""Settlements: sums are exact, sizes follow Zipf, everyone is on land."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.errors import DataError
from ewsim.geography.plane import LocalFrame, contains
from ewsim.scenario.model import scenario_model
from ewsim.scenario.spec import PopulationSpec
from ewsim.settlement import demand as density
from ewsim.settlement.kinds import REMOTE, RURAL, URBAN
from ewsim.settlement.pattern import demand, frame_and_places, settle
from ewsim.settlement.places import Places
from ewsim.settlement.placing import apportion, scatter, to_land
from ewsim.streams import Streams

ISLAND = shapely.Point(0, 0).buffer(17_000)
#: A crescent: its bounding box is mostly sea, and the middle of a settlement may lie in the bay.
CRESCENT = ISLAND.difference(shapely.Point(8_000, 0).buffer(14_000))


FRAME = LocalFrame(14.6, -61.0)


def places_at(x, people, names=None):
    """Places on the east-west axis of the island."""
    lat, lon = FRAME.to_latlon(np.array(x, dtype=float), np.zeros(len(x)))
    names = names or tuple(f"p{i}" for i in range(len(x)))
    return Places("places.csv", np.arange(2, len(x) + 2), names, lat, lon, np.array(people))


def settled(streams, places=None, **values):
    return settle(spec(**values), places, ISLAND, FRAME, streams)


def spec(**values):
    return PopulationSpec.model_validate(values)


@given(weights=st.lists(st.floats(0.001, 1e6), min_size=1, max_size=50), total=st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_apportioning_adds_up_and_never_errs_by_a_whole(weights, total):
    parts = apportion(weights, total)
    assert parts.sum() == total
    exact = np.array(weights) / sum(weights) * total
    assert np.abs(parts - exact).max() < 1 + 1e-6 * total / len(weights)


@given(count=st.integers(1, 3_000_000), share=st.floats(0, 1), places=st.integers(1, 60))
@settings(max_examples=30, deadline=None)
def test_the_people_of_synthesised_settlements_add_up(count, share, places):
    made = settled(Streams(3), people_count=count, rural_share=share, settlement_count=places)
    assert made.people.sum() == count
    assert made.people[len(made.name) :].sum() == round(count * share)
    assert contains(ISLAND, made.x_m, made.y_m).all()
    assert made.zone.max() < places
    assert (made.zone[:places] == np.arange(places)).all()


def test_sizes_follow_zipf_by_rank():
    made = settled(Streams(1), people_count=2_000_000, rural_share=0, settlement_count=50, zipf_exponent=1.07)
    rank = np.arange(1, 51)
    slope = np.polyfit(np.log(rank), np.log(made.people), 1)[0]
    assert slope == pytest.approx(-1.07, abs=0.001)
    assert (np.diff(made.people) <= 0).all()


def test_settlements_keep_apart_and_like_the_coast():
    made = settled(Streams(1), people_count=500_000, rural_share=0)
    points = np.column_stack([made.x_m, made.y_m])
    gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    assert gaps[np.triu_indices(40, 1)].min() > 0.3 * np.sqrt(ISLAND.area / 40)
    coastal = ISLAND.boundary.distance(shapely.points(made.x_m, made.y_m)) < 3_000
    expected = 1 - (14_000 / 17_000) ** 2
    assert coastal.mean() > expected


def test_the_total_is_stated_or_summed_or_assumed():
    places = places_at([0, 9e3], [300, 900], ("A", "B"))
    everybody = settled(Streams(1), places)
    assert everybody.people.sum() == 1200
    assert "1,200 people of the places are everybody" in everybody.notes[0]
    scaled = settled(Streams(1), places, people_count=10_001, rural_share=0.1)
    assert scaled.people.sum() == 10_001
    assert "1,200 people, 12% of the 10,001 stated: 9,001 live in them" in scaled.notes[0]
    assert scaled.name == ("B", "A")  # largest first
    assert scaled.people[:2].tolist() == [6751, 2250]  # 9001 people as 3 to 1
    density = settled(Streams(1)).people.sum() / (ISLAND.area / 1e6)
    assert density == pytest.approx(100, rel=0.001)


def test_the_country_is_the_same_in_every_replication():
    a = settled(Streams(5, 0), people_count=10_000)
    b = settled(Streams(5, 7), people_count=10_000)
    other = settled(Streams(6, 0), people_count=10_000)
    assert (a.x_m == b.x_m).all()
    assert (a.people == b.people).all()
    assert (a.x_m != other.x_m).any()


def test_kinds_by_size_and_distance():
    places = places_at([0, 9_000, 16_000], [5_000, 4_999, 10])
    made = settled(Streams(1), places, rural_share=0)
    assert made.kind.tolist() == [URBAN, RURAL, REMOTE]


def test_places_of_another_country_are_refused_by_line():
    with pytest.raises(DataError) as caught:
        settled(Streams(1), places_at([0, 20_000, 70_000], [500, 400, 300]))
    (fault,) = caught.value.diagnostics  # 3 km off shore is a coarse coastline, 53 km is not
    assert (fault.file, fault.line) == ("places.csv", 4)
    assert "53 km" in fault.message


def test_points_in_the_sea_go_to_the_nearest_shore():
    square = shapely.box(0, 0, 10_000, 10_000)
    x, y = to_land(np.array([-500.0, 5_000.0, 12_000.0]), np.array([400.0, 5_000.0, 13_000.0]), square)
    assert (x[1], y[1]) == (5_000, 5_000)
    assert np.hypot(x[0] - 0, y[0] - 400) < 20
    assert np.hypot(x[2] - 10_000, y[2] - 10_000) < 20
    assert contains(square, x, y).all()


def test_density_falls_exponentially_from_a_centre():
    ids = np.arange(200_000)
    x, y = scatter(
        np.zeros(ids.size),
        np.zeros(ids.size),
        np.full(ids.size, 1_000.0),
        shapely.Point(0, 0).buffer(100_000),
        Streams(1),
        "test.scatter",
        ids,
    )
    r = np.hypot(x, y)
    # Two-dimensional density exp(-r/b) gives mean radius 2b, and 1 - 3 exp(-2) inside 2b.
    assert r.mean() == pytest.approx(2_000, rel=0.01)
    assert (r < 2_000).mean() == pytest.approx(1 - 3 * np.exp(-2), abs=0.005)
    assert abs(x.mean()) < 15
    assert abs(y.mean()) < 15


def test_everyone_is_on_land_even_around_a_centre_in_the_sea():
    ids = np.arange(5_000)
    centre = np.full(ids.size, 10_000.0), np.zeros(ids.size)
    assert not contains(CRESCENT, centre[0][:1], centre[1][:1]).any()
    x, y = scatter(*centre, np.full(ids.size, 300.0), CRESCENT, Streams(1), "test.bay", ids)
    assert contains(CRESCENT, x, y).all()


def test_demand_has_everyone_and_the_density_of_its_surroundings():
    made = settle(spec(people_count=400_000), None, CRESCENT, FRAME, Streams(2))
    points = demand(made, CRESCENT, Streams(2))
    assert points.people.sum() == pytest.approx(400_000)
    assert contains(CRESCENT, points.x_m, points.y_m).all()
    centre = np.argmin(np.hypot(points.x_m - made.x_m[0], points.y_m - made.y_m[0]))
    near = np.hypot(points.x_m - made.x_m[0], points.y_m - made.y_m[0]) < 846  # 2.25 km2
    counted = points.people[near].sum() / 2.25
    assert points.density_per_km2[centre] == pytest.approx(counted, rel=0.5)


def test_the_plane_lies_around_the_places_else_the_land_else_the_island(tmp_path):
    (tmp_path / "places.csv").write_text("name,latitude,longitude,population\nA,-17,179,5\nB,-16,-179,5\n")
    (tmp_path / "land.geojson").write_text(
        '{"type": "Polygon", "coordinates": [[[28, -30], [29, -30], [29, -29], [28, -30]]]}'
    )
    both = {"places": "places.csv"}, {"land": "land.geojson"}
    frames = []
    for population, network in (both, ({}, both[1]), ({}, {})):
        scenario = scenario_model().model_validate(
            {
                "format": "ewsim.scenario/1",
                "name": "s",
                "alert": {"path": "a.xml"},
                "population": population,
                "network": network,
            }
        )
        frame, places = frame_and_places(scenario, lambda name: tmp_path / name)
        frames.append((frame.lat0_deg, frame.lon0_deg))
        assert (places is not None) == bool(population)
    assert frames == [(-16.5, -180.0), (-29.5, 28.5), (14.6, -61.0)]


def test_density_is_the_same_however_far_apart_people_are(monkeypatch):
    rng = np.random.default_rng(2)
    x, y, people = rng.normal(0, 4_000, 500), rng.normal(0, 4_000, 500), rng.uniform(1, 9, 500)
    dense = density.density_per_km2(x, y, people)
    monkeypatch.setattr(density, "_DENSE", 0)
    np.testing.assert_allclose(density.density_per_km2(x, y, people), dense, rtol=1e-9, atol=1e-9)
    monkeypatch.undo()
    x, y, people = np.append(x, x.min() + 4e7), np.append(y, y.min() + 1e7), np.append(people, 9.0)
    far = density.density_per_km2(x, y, people)
    np.testing.assert_allclose(far[:-1], dense, rtol=1e-9, atol=1e-9)
    assert far[-1] == pytest.approx(9.0 / 1.5**2)
