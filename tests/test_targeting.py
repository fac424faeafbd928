"""The alert area, and which cells carry the alert under each policy."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim import targeting
from ewsim.cap.alert import Alert, Area, Circle, Geocode, Info, Polygon, Position
from ewsim.errors import CapError, ScenarioError
from ewsim.geo import EARTH_RADIUS_M, LocalFrame
from ewsim.network import radio
from ewsim.network.topology import CORE, Cells, Network, Sites
from ewsim.scenario.spec import AreaSpec, TargetingSpec
from ewsim.streams import Streams
from ewsim.units import LTE

FRAME = LocalFrame(0.0, 0.0)
SQUARE = ((0.0, 0.0), (0.0, 0.1), (0.1, 0.1), (0.1, 0.0), (0.0, 0.0))
FAR_SQUARE = tuple((lat, lon + 0.5) for lat, lon in SQUARE)


def alert(*areas, languages=("en",)):
    infos = tuple(
        Info(language, ("Met",), "Flood", "Immediate", "Extreme", "Observed", areas=areas,
             position=Position(9, 3))
        for language in languages
    )  # fmt: skip
    return Alert(
        "1.2", "id", "warnings@example.org", datetime(2026, 1, 1, tzinfo=UTC), "Actual", "Alert",
        "Public", infos=infos, file="alert.xml", position=Position(2, 1),
    )  # fmt: skip


def polygon(points, line=20):
    return Area("somewhere", polygons=(Polygon(tuple(points), Position(line, 7)),))


def square_degree_m2(size_deg):
    return (np.radians(size_deg) * EARTH_RADIUS_M) ** 2


# --- the area -----------------------------------------------------------------------------------


def test_polygons_circles_and_areas_are_one_union():
    square = square_degree_m2(0.1)
    both = (polygon(SQUARE), polygon(FAR_SQUARE))
    assert targeting.area_of(alert(*both), FRAME).area == pytest.approx(2 * square)
    twice = alert(polygon(SQUARE), languages=("es", "en"))
    assert targeting.area_of(twice, FRAME).area == pytest.approx(square)
    disc = Area("a disc", circles=(Circle(1.0, 1.0, 3.0),))
    with_disc = targeting.area_of(alert(polygon(SQUARE), disc), FRAME)
    assert with_disc.area == pytest.approx(square + np.pi * 3_000**2, rel=1e-3)
    x, y = FRAME.to_xy(0.05, 0.05)  # latitude first
    assert with_disc.contains(shapely.Point(float(x), float(y)))


def test_geocodes_beside_a_polygon_are_not_needed():
    coded = Area("a", polygon(SQUARE).polygons, geocodes=(Geocode("UGC", "PRC001"),))
    assert targeting.area_of(alert(coded), FRAME).area > 0


def test_an_override_replaces_whatever_the_message_says():
    override = AreaSpec.model_validate({"circles": [{"centre": [0.5, 0.5], "radius_m": 2_000}]})
    nowhere = alert(Area("a", geocodes=(Geocode("SAME", "072001"),)))
    area = targeting.area_of(nowhere, FRAME, override)
    assert area.area == pytest.approx(np.pi * 2_000**2, rel=1e-3)
    open_ring = AreaSpec.model_validate({"polygons": [SQUARE[:-1]]})
    assert targeting.area_of(nowhere, FRAME, open_ring).area == pytest.approx(square_degree_m2(0.1))
    line = AreaSpec.model_validate({"polygons": [[(0, 0), (0, 1), (0, 2)]]})
    with pytest.raises(ScenarioError, match=r"alert\.area_override: the area encloses nothing"):
        targeting.area_of(nowhere, FRAME, line)


@pytest.mark.parametrize(
    ("points", "word"),
    [
        (((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), "crosses itself"),
        (((0, 0), (2, 2), (1, 0), (0, 1), (0, 0)), "crosses itself"),
        (((0, 0), (0, 1), (0, 2), (0, 0)), "on one line"),
        (((0, 0), (0, 1), (0, 0)), "three different points"),
        ((), "three different points"),
        (((0, 0), (0, 1), (91, 1), (0, 0)), "not a place"),
        (((0, 0), (0, float("nan")), (1, 1), (0, 0)), "not a place"),
    ],
)
def test_a_polygon_that_is_no_area_is_refused_at_its_place(points, word):
    with pytest.raises(CapError) as caught:
        targeting.area_of(alert(polygon(SQUARE), polygon(points, line=31)), FRAME)
    (fault,) = caught.value.diagnostics
    assert (fault.file, fault.line, fault.column) == ("alert.xml", 31, 7)
    assert word in fault.message
    assert fault.fix


def test_every_bad_polygon_is_told():
    bad = ((0, 0), (0, 1), (0, 2), (0, 0))
    with pytest.raises(CapError) as caught:
        targeting.area_of(alert(polygon(bad, 11), polygon(SQUARE), polygon(bad[:2], 13)), FRAME)
    assert [d.line for d in caught.value.diagnostics] == [11, 13]


def test_geocodes_alone_need_an_override():
    codes = (Geocode("SAME", "072001", Position(40, 5)), Geocode("UGC", "PRC001", Position(41, 5)))
    with pytest.raises(CapError, match="area_override") as caught:
        targeting.area_of(alert(Area("a", geocodes=codes)), FRAME)
    (fault,) = caught.value.diagnostics
    assert (fault.line, fault.column) == (40, 5)
    assert "SAME, UGC" in fault.message


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (alert(Area("only words", position=Position(15, 5))), 15),
        (alert(), 9),
        (alert(languages=()), 2),
    ],
)
def test_a_message_without_an_area_is_refused(message, line):
    with pytest.raises(CapError, match="no polygon and no circle") as caught:
        targeting.area_of(message, FRAME)
    assert caught.value.diagnostics[0].line == line


# --- the cells ----------------------------------------------------------------------------------


def masts(x, y, azimuths=(0.0, 120.0, 240.0), tracking_area=None):
    n, s = len(x), len(azimuths)
    site = np.repeat(np.arange(n), s)
    areas = np.zeros(n, dtype=int) if tracking_area is None else np.asarray(tracking_area)
    return Network(
        frame=FRAME,
        operators=("A",),
        sites=Sites(
            tuple(map(str, range(n))), np.asarray(x, dtype=float), np.asarray(y, dtype=float),
            np.full(n, 30.0), np.full(n, CORE, dtype=np.int32), np.zeros(n, dtype=np.int32),
            np.ones(n), np.zeros(n),
        ),
        cells=Cells(
            tuple(map(str, range(n * s))), site.astype(np.int32),
            np.zeros(n * s, dtype=np.int16), np.full(n * s, LTE, dtype=np.int8),
            np.tile(np.asarray(azimuths, dtype=float), n), np.full(n * s, 800.0),
            np.full(n * s, 32.2), areas[site].astype(np.int32),
        ),
        feeder_names=("f",),
        tracking_area_count=int(areas.max(initial=0)) + 1,
    )  # fmt: skip


def random_masts(seed, count=60):
    u = Streams(seed).uniform("t.mast", np.arange(2 * count)).reshape(2, -1)
    x, y = (u - 0.5) * 60_000
    return masts(x, y, tracking_area=np.floor((x + 30_000) / 10_000))


def chosen(network, area, policy, **values):
    spec = TargetingSpec.model_validate({"policy": policy, **values})
    return targeting.broadcast_cells(network, area, spec)


@given(
    seed=st.integers(0, 1_000),
    x=st.floats(-25_000, 25_000),
    y=st.floats(-25_000, 25_000),
    radius_m=st.floats(100, 20_000),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
)
@settings(max_examples=40, deadline=None)
def test_policies_contain_each_other(seed, x, y, radius_m, shares):
    network, area = random_masts(seed), shapely.Point(x, y).buffer(radius_m)
    intersect = chosen(network, area, "intersect")
    areas = chosen(network, area, "tracking_areas")
    for policy in ("site_in", "centroid_in"):
        assert (chosen(network, area, policy) <= intersect).all()
    assert (intersect <= areas).all()
    loose, tight = (chosen(network, area, "overlap", overlap_share=s) for s in shares)
    assert (tight <= loose).all()
    assert (loose <= intersect).all()
    assert (chosen(network, area, "overlap", overlap_share=0) == intersect).all()
    wider = chosen(network, area, "intersect", buffer_m=3_000)
    assert (intersect <= wider).all()
    reached = np.unique(network.cells.tracking_area[intersect])
    assert (areas == np.isin(network.cells.tracking_area, reached)).all()


def test_a_sector_is_chosen_where_it_shines():
    network = masts([0], [0])
    reach = float(radio.footprint_radius_m(network)[0])
    north = shapely.Point(0, 0.8 * reach).buffer(0.1 * reach)
    assert chosen(network, north, "intersect").tolist() == [True, False, False]
    assert not chosen(network, north, "site_in").any()
    around = shapely.Point(0, 0).buffer(0.05 * reach)
    assert chosen(network, around, "site_in").all()
    assert not chosen(network, around, "centroid_in").any()
    assert not chosen(network, shapely.Point(0, 3 * reach).buffer(100), "intersect").any()


def test_overlap_is_the_share_of_the_footprint():
    network = masts([0], [0], azimuths=(float("nan"),))
    reach = float(radio.footprint_radius_m(network)[0])
    half = shapely.box(0, -2 * reach, 2 * reach, 2 * reach)
    assert chosen(network, half, "overlap", overlap_share=0.49).all()
    assert not chosen(network, half, "overlap", overlap_share=0.51).any()


def test_a_buffer_widens_the_area():
    network = masts([0], [0])
    area = shapely.Point(5_000, 0).buffer(1_000)
    assert not chosen(network, area, "site_in", buffer_m=3_990).any()
    assert chosen(network, area, "site_in", buffer_m=4_010).all()


@pytest.mark.parametrize("ratio", [1.0, 2.0, 5.0])
def test_the_overshoot_of_intersecting_a_disc_follows_the_ring_formula(ratio):
    """Discs of radius rho on a fine grid, area of radius R: overshoot ((R + rho) / R)^2 - 1.

    The masts chosen are those within R + rho, so each stands for its piece of the plane.
    """
    rho = float(radio.footprint_radius_m(masts([0], [0], azimuths=(float("nan"),)))[0])
    big = ratio * rho
    step = (big + rho) / 40
    grid = np.arange(-45, 46) * step
    x, y = (v.ravel() for v in np.meshgrid(grid, grid))
    network = masts(x, y, azimuths=(float("nan"),))
    hit = chosen(network, shapely.Point(0, 0).buffer(big, quad_segs=64), "intersect")
    overshoot = hit.sum() * step**2 / (np.pi * big**2) - 1
    expected = ((big + rho) / big) ** 2 - 1
    # The footprint is a 36-gon: at most 0.4 % short of its radius.
    assert overshoot == pytest.approx(expected, rel=0.02)
    inside = chosen(network, shapely.Point(0, 0).buffer(big, quad_segs=64), "site_in")
    assert inside.sum() * step**2 / (np.pi * big**2) == pytest.approx(1, rel=0.02)
