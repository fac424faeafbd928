"""Which cells carry the alert under each policy."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from masts import chosen, masts, random_masts

from ewsim import targeting
from ewsim.network.signal import radio
from ewsim.network.signal.maps import signals
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams
from ewsim.targeting.fit import Camped
from ewsim.targeting.footprints import cell_footprints
from ewsim.targeting.standing import PeopleByCell, Standing


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


# --- best-server footprints ---------------------------------------------------------------------


def hexagonal(rho, reach, shift=(0.0, 0.0)):
    """Masts all around on a hexagonal grid of cells with circumradius rho, out to a distance."""
    count = int(reach / rho) + 3
    i, j = (v.ravel() for v in np.meshgrid(np.arange(-count, count + 1), np.arange(-count, count + 1)))
    x, y = np.sqrt(3) * rho * (i + j / 2), 1.5 * rho * j
    near = np.hypot(x, y) < reach + 3 * rho
    return masts(x[near] + shift[0], y[near] + shift[1], azimuths=(float("nan"),))


def test_on_a_hexagonal_grid_best_servers_are_hexagons():
    rho = 0.4 * float(radio.footprint_radius_m(masts([0], [0], azimuths=(float("nan"),)))[0])
    network = hexagonal(rho, 6 * rho)
    inner = np.hypot(network.sites.x_m, network.sites.y_m) < 4 * rho
    cells = cell_footprints(network, "best_server")[inner]
    assert shapely.area(cells) == pytest.approx(1.5 * np.sqrt(3) * rho**2)
    assert (shapely.get_num_coordinates(cells) >= 7).all()
    assert shapely.union_all(cells).area == pytest.approx(shapely.area(cells).sum())


@pytest.mark.parametrize("ratio", [1.0, 2.0, 5.0])
def test_the_overshoot_of_hexagonal_cells_is_the_ring_within_its_error(ratio):
    """On average over where the grid lies, the chosen ground is the Minkowski sum of disc and
    hexagon: pi R^2 + 6 rho R + 1.5 sqrt(3) rho^2. The ring ((R + rho) / R)^2 - 1 takes the
    hexagon for its circumscribed disc and is at most a tenth above (exact: perimeter 6 of 2 pi).
    """
    rho = 0.4 * float(radio.footprint_radius_m(masts([0], [0], azimuths=(float("nan"),)))[0])
    big = ratio * rho
    luck = Streams(7).uniform("t.shift", np.arange(60)).reshape(30, 2)
    disc = shapely.Point(0, 0).buffer(big, quad_segs=64)
    grown = []
    for u, v in luck:
        shift = (np.sqrt(3) * rho * (u + v / 2), 1.5 * rho * v)
        network = hexagonal(rho, big, shift)
        hit = chosen(network, disc, "intersect", footprint="best_server")
        grown.append(hit.sum() * 1.5 * np.sqrt(3) * rho**2 / (np.pi * big**2) - 1)
    exact = 6 / (np.pi * ratio) + 1.5 * np.sqrt(3) / (np.pi * ratio**2)
    error = 4 * np.std(grown) / np.sqrt(len(grown))
    assert np.mean(grown) == pytest.approx(exact, abs=error)
    ring = (1 + 1 / ratio) ** 2 - 1
    assert 0.88 * ring < exact < ring


def minkowski(big, polygon):
    """Area and perimeter of a polygon grown by a disc (Steiner): A + P R + pi R^2."""
    return polygon.area + polygon.length * big + np.pi * big**2


@pytest.mark.parametrize("ratio", [1.0, 2.0, 5.0])
def test_nominal_footprints_of_hexagonal_cells_overshoot_by_the_ring_of_their_own_radius(ratio):
    """Cells overlap: each is heard out to rho, and its phones camp in a hexagon within it.

    Chosen are the masts within R + rho, and their phones live in their hexagons; so, on average
    over where the grid lies, people alerted are ((R + rho) / R)^2 of those in the area: the ring
    formula with the nominal radius. The footprint is drawn as a 36-gon: Steiner's formula says by
    how much less, at most 0.6 %. The ground where the alert can be heard reaches another rho out.
    """
    rho = float(radio.footprint_radius_m(masts([0], [0], azimuths=(float("nan"),)))[0])
    small = 0.4 * rho  # circumradius of the hexagon that a phone camps in
    hexagon = 1.5 * np.sqrt(3) * small**2
    big = ratio * rho
    disc = shapely.Point(0, 0).buffer(big, quad_segs=64)
    luck = Streams(8).uniform("t.shift", np.arange(80)).reshape(40, 2)
    grown, ground = [], []
    for u, v in luck:
        shift = (np.sqrt(3) * small * (u + v / 2), 1.5 * small * v)
        network = hexagonal(small, big + 2 * rho, shift)
        where = cell_footprints(network)
        hit = chosen(network, disc, "intersect")
        grown.append(hit.sum() * hexagon)
        ground.append(shapely.union_all(where[hit]).area)
    exact = minkowski(big, where[0])
    error = 4 * np.std(grown) / np.sqrt(len(grown))
    assert np.mean(grown) == pytest.approx(exact, abs=error)
    assert error < 0.03 * exact
    ring = np.pi * (big + rho) ** 2
    assert 0.994 * ring < exact < ring
    # No point that near is without a mast that is chosen and heard: one lies within `small` of any.
    least = 0.99 * np.pi * (big + 2 * rho - 2 * small) ** 2
    assert least < min(ground) <= max(ground) < np.pi * (big + 2 * rho) ** 2


def test_sectors_of_a_site_share_the_ground_that_is_nearest_to_it():
    network = masts([0, 4_000], [0, 0])
    cells = cell_footprints(network, "best_server")
    assert shapely.union_all(cells[:3]).area == pytest.approx(shapely.area(cells[:3]).sum(), rel=1e-9)
    assert shapely.union_all(cells[:3]).intersection(shapely.union_all(cells[3:])).area < 1
    assert cells[0].contains(shapely.Point(0, 500))
    for cell, azimuth in enumerate((0.0, 120.0, 240.0)):
        ahead = shapely.Point(900 * np.sin(np.radians(azimuth)), 900 * np.cos(np.radians(azimuth)))
        assert [bool(c.contains(ahead)) for c in cells[:3]] == [cell == k for k in range(3)]


# --- admin areas, people, greedy, operators -----------------------------------------------------


def people_on_a_grid(step=2_000.0, half=30_000.0):
    line = np.arange(-half, half + 1, step)
    x, y = (v.ravel() for v in np.meshgrid(line, line))
    return Demand(x, y, 1 + 50 * Streams(2).uniform("t.people", np.arange(x.size)), np.ones(x.size))


def test_county_takes_all_masts_of_the_admin_areas_that_the_alert_touches():
    network = masts([-500, 500, 1_500, 5_000], [0, 0, 0, 0])  # the last stands at sea
    counties = [shapely.box(k * 1_000, -1_000, (k + 1) * 1_000, 1_000) for k in (-1, 0, 1)]
    ground = targeting.PolicyInputs(admin_areas=counties)
    west = shapely.box(-900, -100, 0, 100)  # its border is the next county's border
    assert chosen(network, west, "county", ground).reshape(-1, 3)[:, 0].tolist() == [1, 0, 0, 0]
    both = shapely.box(-100, -100, 100, 100)
    assert chosen(network, both, "county", ground).reshape(-1, 3)[:, 0].tolist() == [1, 1, 0, 0]
    east = shapely.box(1_900, 0, 1_950, 50)
    assert chosen(network, east, "county", ground).reshape(-1, 3)[:, 0].tolist() == [0, 0, 1, 1]
    with pytest.raises(ValueError, match="admin areas"):
        chosen(network, west, "county")


def test_population_weighs_people_and_not_ground():
    network = masts([0], [0], azimuths=(float("nan"),))
    half = shapely.box(0, -50_000, 50_000, 50_000)
    east = Demand(np.array([500.0, -500.0]), np.zeros(2), np.array([90.0, 10.0]), np.ones(2))
    assert chosen(network, half, "population", targeting.PolicyInputs(east), overlap_share=0.89).all()
    assert not chosen(network, half, "population", targeting.PolicyInputs(east), overlap_share=0.91).any()
    nobody = Demand(np.array([1e6]), np.zeros(1), np.ones(1), np.ones(1))
    assert chosen(network, half, "population", targeting.PolicyInputs(nobody), overlap_share=0.49).all()
    assert not chosen(network, half, "population", targeting.PolicyInputs(nobody), overlap_share=0.51).any()


@given(seed=st.integers(0, 10_000), price=st.floats(0.1, 4))
@settings(max_examples=10, deadline=None)
def test_greedy_is_the_best_of_all_subsets(seed, price):
    """Of one operator and technology, where each place has one strongest cell."""
    network, luck = random_masts(seed, 3), Streams(seed)
    x, y = (20_000 * luck.uniform(name, np.arange(300)) - 10_000 for name in ("t.x", "t.y"))
    demand = Demand(x, y, 1 + 9 * luck.uniform("t.people", np.arange(300)), np.ones(300))
    area = shapely.Point(1_000, 2_000).buffer(7_000)
    layers = signals(network, x, y).cell.reshape(-1, 300)
    value = np.where(shapely.contains_xy(area, x, y), 1.0, -price) * demand.people
    greedy = chosen(network, area, "greedy", targeting.PolicyInputs(demand), overshoot_weight=price)
    for layer in layers:
        some = np.unique(layer[layer >= 0])

        def worth(cells, layer=layer):
            return value[np.isin(layer, cells)].sum()

        subsets = itertools.chain.from_iterable(itertools.combinations(some, n) for n in range(some.size + 1))
        best = max(map(worth, map(list, subsets)), default=0.0)
        assert worth(some[greedy[some]]) == pytest.approx(best)


@pytest.mark.parametrize("policy", ["population", "greedy", "overlap", "intersect", "tracking_areas"])
@pytest.mark.parametrize("footprint", ["nominal", "best_server"])
def test_what_stands_changes_no_choice(policy, footprint):
    network, demand = random_masts(5, 60), people_on_a_grid(1_500.0)
    luck, ids = Streams(5), np.arange(3_000)
    x, y = (60_000 * luck.uniform(name, ids) - 30_000 for name in ("s.x", "s.y"))
    cell = np.floor(luck.uniform("s.cell", ids) * 50).astype(np.int64) - 1
    camped = Camped(x, y, np.ones(ids.size), cell)
    known = Standing(network, demand, camped)
    for radius_m in (50, 4_000, 20_000, 90_000):
        area = shapely.Point(-2_000, 3_000).buffer(radius_m)
        each = [
            chosen(network, area, policy, inputs, footprint=footprint)
            for inputs in (targeting.PolicyInputs(demand, [], camped, kept) for kept in (None, known))
        ]
        assert (each[0] == each[1]).all()


@given(
    seed=st.integers(0, 100),
    x=st.floats(-9_000, 9_000),
    radius_m=st.floats(1, 20_000),
    rows=st.integers(0, 900),
)
@settings(max_examples=20, deadline=None)
def test_people_by_cell_count_who_is_in_an_area(seed, x, radius_m, rows):
    luck, ids = Streams(seed), np.arange(rows)
    places = [np.round(20_000 * luck.uniform(name, ids) - 10_000, -2) for name in ("c.x", "c.y")]
    cell = np.floor(luck.uniform("c.cell", ids) * 9).astype(np.int64) - 1
    weight = np.floor(luck.uniform("c.weight", ids) * 5)
    by_cell = PeopleByCell.of(Camped(*places, weight, cell), 8)
    for area in (shapely.Point(x, 0).buffer(radius_m), shapely.box(-5_000, x - radius_m, 5_000, x)):
        inside = shapely.contains_xy(area, *places)
        wanted = np.bincount(np.where(cell < 0, 8, cell)[inside], weight[inside], 9)
        assert (by_cell.inside(area) == wanted).all()
    assert by_cell.people.sum() == weight.sum()
    assert by_cell.rows.sum() == rows


@pytest.mark.parametrize("seed", range(5))
def test_greedy_is_worth_more_than_every_other_policy(seed):
    """Each person counts under the strongest cell of their place."""
    network, demand = random_masts(seed, 250), people_on_a_grid(1_000.0)
    ground = targeting.PolicyInputs(demand)
    area = shapely.Point(2_000, -3_000).buffer(9_000)
    value = np.where(shapely.contains_xy(area, demand.x_m, demand.y_m), 1.0, -1.0) * demand.people
    cell = signals(network, demand.x_m, demand.y_m).cell.max(axis=(0, 1))

    def worth_of(policy, **values):
        hit = chosen(network, area, policy, ground, **values)
        return value[(cell >= 0) & hit[cell]].sum()

    best = worth_of("greedy")
    assert best > 0
    for policy in ("site_in", "centroid_in", "intersect", "overlap", "population", "tracking_areas"):
        assert worth_of(policy) <= best + 1e-9
    assert worth_of("greedy", overshoot_weight=100) <= best


def test_an_operator_can_choose_otherwise():
    network = random_masts(3)
    area = shapely.Point(0, 0).buffer(6_000)
    assert network.operators == ("A",)
    own = {"A": {"policy": "site_in"}, "nobody": {"policy": "tracking_areas"}}
    assert (chosen(network, area, "intersect", by_operator=own) == chosen(network, area, "site_in")).all()
