"""Camping: by hand, against brute force, and independent of order and chunks."""

from dataclasses import fields, replace

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from path_loss import los_share, shadows

from ewsim.geography.plane import LocalFrame
from ewsim.network.coverage import Coverage, Raster
from ewsim.network.signal import propagation, radio, shadowing
from ewsim.network.topology import CORE, Cells, Network, Sites
from ewsim.population.camping.choice import CANDIDATES, ROAMING_CANDIDATES, camp
from ewsim.population.journeys import Journeys, Moves
from ewsim.population.people import LACKS, Handsets, People
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams, philox, purpose_code
from ewsim.units import GSM, LTE, NEVER, NR, UMTS

SPREAD_M = 12_000.0
#: Dense on the east, open land on the west.
TOWNS = Demand(*np.array([[-1.0, 1.0], [0, 0], [1, 1], [1499, 1500]]))
NAN = float("nan")


def network(sites, cells, operators=("A", "B"), height=30.0):
    """`sites`: (x, y); `cells`: (site, operator, rat, azimuth)."""
    x, y = np.array(sites, dtype=float).reshape(-1, 2).T
    count = len(sites)
    site, operator, rat, azimuth = zip(*cells, strict=True) if cells else ((), (), (), ())
    frequency = np.array([900.0, 2_100.0, 800.0, 700.0])
    eirp = np.array([57.0, 47.0, 32.0, 32.0])
    rat = np.array(rat, dtype=np.int8)
    return Network(
        frame=LocalFrame(0, 0),
        operators=operators,
        sites=Sites(
            tuple(f"s{i}" for i in range(count)),
            x,
            y,
            np.zeros(count) + height,
            np.full(count, CORE, dtype=np.int32),
            np.zeros(count, dtype=np.int32),
            np.ones(count),
            np.zeros(count),
        ),
        cells=Cells(
            tuple(f"c{i}" for i in range(len(cells))),
            np.array(site, dtype=np.int32),
            np.array(operator, dtype=np.int16),
            rat,
            np.array(azimuth, dtype=float),
            frequency[rat],
            eirp[rat],
            np.zeros(len(cells), dtype=np.int32),
        ),
        feeder_names=("f",),
        tracking_area_count=1,
    )


def crowd(x, y, best, operator, later=None, settlement=0):
    """People with one handset each; `later` (x, y): all move there."""
    x, y = np.array(x, dtype=float), np.array(y, dtype=float)
    n = x.size
    zero = np.zeros(n, dtype=np.int8)
    moves = []
    if later is not None:
        later_x, later_y = (np.array(v, dtype=float) for v in later)
        moves = [Moves.away(np.arange(n), np.full(n, 5), later_x, later_y)]
    people = People(
        weight=np.ones(n, dtype=np.int32),
        x_m=x,
        y_m=y,
        journeys=Journeys.of(n, moves),
        indoors=np.zeros(n, dtype=np.bool_),
        age_band=zero,
        sex=zero,
        disability=zero,
        settlement=zero + settlement,
        language=zero,
        zone=zero.astype(np.int32),
        handset=np.arange(n, dtype=np.int32),
        languages=("en",),
        zone_names=("z",),
    )
    best = np.broadcast_to(best, n)
    handsets = Handsets(
        owner=np.arange(n, dtype=np.int32),
        operator=np.broadcast_to(operator, n).astype(np.int16),
        rats=((2 << best) - 1).astype(np.uint8),
        smartphone=best >= LTE,
        cb_capable=np.ones(n, dtype=np.bool_),
        channels=np.full(n, 255, dtype=np.uint16),
        on_from_us=np.full(n, -NEVER, dtype=np.int64),
        on_to_us=np.full(n, NEVER, dtype=np.int64),
    )
    return people, handsets


def some_country(seed, n=300, sites=7, movers=False):
    """Random masts with three sectors of some technologies, and people around them."""
    s = Streams(seed)
    place = (s.uniform("t.site", np.arange(2 * sites)).reshape(-1, 2) - 0.5) * SPREAD_M
    has = s.uniform("t.has", np.arange(sites * 8)).reshape(sites, 2, 4) < 0.45
    cells = [
        (site, operator, rat, azimuth)
        for site, operator, rat in np.argwhere(has).tolist()
        for azimuth in (0.0, 120.0, 240.0)
    ]
    # Micro, urban and rural masts.
    net = network(place, cells, height=np.array([10.0, 25.0, 45.0])[np.arange(sites) % 3])
    at = [(s.uniform("t.at", np.arange(n), k) - 0.5) * 2 * SPREAD_M for k in range(4)]
    best = (s.uniform("t.best", np.arange(n)) * 4).astype(np.int64)
    people, handsets = crowd(at[0], at[1], best, np.arange(n) % 2, (at[2], at[3]) if movers else None)
    people = replace(
        people,
        indoors=s.uniform("t.indoors", np.arange(n)) < 0.5,
        settlement=(np.arange(n) % 3).astype(np.int8),
    )
    return net, people, handsets


def signals(net, people, seed):
    """Every cell's level at every person [dB], the long way: (people, cells)."""
    cells, sites = net.cells, net.sites
    levels = np.full((len(people), len(cells)), -np.inf)
    for site in range(len(sites)):
        here = np.flatnonzero(cells.site == site)
        height = sites.height_m[site]
        kind = 2 if height >= 35 else 1 if height >= 15 else 0
        environment = ("UMi", "UMa", "RMa")[kind]
        dx, dy = people.x_m - sites.x_m[site], people.y_m - sites.y_m[site]
        d = np.hypot(dx, dy)
        mast = np.full(len(people), site)
        shadow, luck = shadows(Streams(seed), len(sites), mast, people.x_m, people.y_m, environment)
        seen = luck < los_share(environment, d)
        sigma = np.where(people.indoors, (7, 7, 8)[kind], np.where(seen, (4, 4, 6)[kind], (7.82, 6, 8)[kind]))
        for cell in here:
            f = cells.frequency_mhz[cell]
            loss = np.where(
                seen,
                propagation.path_loss_db(f, d, height, line_of_sight=True),
                propagation.path_loss_db(f, d, height),
            )
            off = np.degrees(np.arctan2(dx, dy)) - cells.azimuth_deg[cell]
            loss = loss + radio.sector_loss_db(off) + radio.BODY_LOSS_DB
            loss = loss + [building(people, i, f, seed) for i in range(len(people))]
            threshold = radio.CAMPING_DBM[cells.rat[cell]]
            levels[:, cell] = cells.eirp_dbm[cell] - loss + sigma * shadow - threshold
    return levels


def building(people, person, f, seed):
    """What a person's building takes [dB]."""
    if not people.indoors[person]:
        return 0.0
    words = philox(person, 0, purpose_code("camping.building"), 0, seed, 0)
    kind, *depths, spread = ((w + 0.5) / 2**32 for w in words)
    city = people.x_m[person] > 0  # as TOWNS has it
    high = city and kind >= 0.65
    shell = float(propagation.entry_loss_db(f, high=high))
    depth = min(depths) * (25 if city else 10)
    return shell + 0.5 * depth + (6.5 if high else 4.4) * shadowing.normal_of(spread)


def row_of(found, h=0):
    return [c for c in found.cell[h].tolist() if c >= 0]


@given(seed=st.integers(0, 10_000), roaming=st.booleans())
@settings(max_examples=20, deadline=None)
def test_rows_are_what_brute_force_finds(seed, roaming):
    net, people, handsets = some_country(seed, n=40)
    found = camp(net, people, handsets, Streams(seed), roaming, TOWNS)
    cells, every = net.cells, np.arange(len(net.cells))
    levels = signals(net, people, seed)
    for h in range(len(handsets)):
        level = levels[handsets.owner[h]]
        best = {}
        for c in every.tolist():
            own = bool(cells.operator[c] == handsets.operator[h])
            supported = handsets.rats[h] >> cells.rat[c] & 1
            key = (own, int(cells.site[c]), int(cells.rat[c]))
            # All sectors of a mast share the operator's antenna; another operator's differ.
            if supported and level[c] >= 0 and (own or roaming):
                best[key] = max(best.get(key, c), c, key=lambda i: level[i])
        order = sorted(
            best.values(), key=lambda c: (cells.operator[c] != handsets.operator[h], -cells.rat[c], -level[c])
        )
        row = [c for c in found.cell[h].tolist() if c >= 0]
        assert row == [c for c in order if c in row]  # in the order of preference
        assert len(row) == min(CANDIDATES, len(order))
        assert row[:1] == order[:1]
        np.testing.assert_allclose(found.level_db[h, : len(row)], level[row], atol=2e-3)
        masts = {int(cells.site[c]) for c in order}
        assert len({int(cells.site[c]) for c in row}) == min(CANDIDATES, len(masts))


@given(seed=st.integers(0, 10_000), roaming=st.booleans(), data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_row_does_not_depend_on_the_other_handsets(seed, roaming, data):
    net, people, handsets = some_country(seed, n=200, movers=True)
    whole = camp(net, people, handsets, Streams(seed), roaming, TOWNS)
    some = np.array(data.draw(st.lists(st.integers(0, 199), min_size=1, unique=True)))
    fewer = Handsets(*(getattr(handsets, f.name)[some] for f in fields(Handsets)))
    part = camp(net, people, fewer, Streams(seed), roaming, TOWNS)
    assert (part.cell == whole.cell[some]).all()
    assert (part.level_db == whole.level_db[some]).all()
    assert (part.later_cell[part.move_row] == whole.later_cell[whole.move_row[some]]).all()


def test_threads_and_replications_change_nothing():
    net, people, handsets = some_country(3, movers=True)
    whole = camp(net, people, handsets, Streams(3, 0), roaming=True)
    numba.set_num_threads(1)
    try:
        again = camp(net, people, handsets, Streams(3, 5), roaming=True)
    finally:
        numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
    for name in whole._fields:
        assert (getattr(whole, name) == getattr(again, name)).all()
    other = camp(net, people, handsets, Streams(4), roaming=True)
    assert (other.cell != whole.cell).any()


def test_movers_camp_where_they_go():
    net, people, handsets = some_country(5, movers=True)
    found = camp(net, people, handsets, Streams(1), roaming=False)
    there = replace(people, x_m=people.journeys.x_m, y_m=people.journeys.y_m)
    then = camp(net, there, handsets, Streams(1), roaming=False)
    assert (found.move_row == np.arange(len(handsets))).all()
    assert (found.later_cell == then.cell).all()  # the place decides the shadow, not the time
    assert (found.later_cell != found.cell).any()


def test_the_newest_technology_comes_first_and_then_the_strongest():
    masts = network([(0, 0), (400, 0), (800, 0)], [(0, 0, LTE, NAN), (1, 0, GSM, NAN), (2, 0, LTE, NAN)])
    people, handsets = crowd([100, 100, 100], [0] * 3, [LTE, GSM, LTE], [0, 0, 1])
    found = camp(masts, people, handsets, Streams(1), roaming=False)
    level = signals(masts, people, 1)[0]
    assert level.min() > 0
    assert row_of(found, 0) == ([0, 2, 1] if level[0] > level[2] else [2, 0, 1])
    assert row_of(found, 1) == [1]  # a 2G phone
    assert row_of(found, 2) == []  # another operator's


def test_walls_take_their_share():
    people, handsets = crowd(np.linspace(50, 9_000, 200), np.zeros(200), LTE, 0)
    mast = network([(0, 0)], [(0, 0, LTE, NAN)])
    outdoors = camp(mast, people, handsets, Streams(1), roaming=False)
    people = replace(people, indoors=np.ones(200, dtype=np.bool_))
    inside = camp(mast, people, handsets, Streams(1), roaming=False)
    assert (inside.cell[:, 0] >= 0).sum() < 0.8 * (outdoors.cell[:, 0] >= 0).sum()


def test_national_roaming_comes_after_the_own_cells():
    masts = [(i * 100, 0) for i in range(8)]
    both = network(masts, [(i, 0, GSM, NAN) for i in range(7)] + [(i, 1, NR, NAN) for i in range(8)])
    people, handsets = crowd([0], [0], NR, 0)
    level = signals(both, people, 1)[0]
    assert level.min() > 0
    own = sorted(range(7), key=lambda c: -level[c])
    row = row_of(camp(both, people, handsets, Streams(1), roaming=True))
    # Four own 2G cells, the strongest; then others' at masts where it has none yet.
    assert row[:4] == own[:4]
    taken = set(own[:4])
    others = [c for c in sorted(range(7, 15), key=lambda c: -level[c]) if c - 7 not in taken]
    assert row[4:] == others[:2]
    assert CANDIDATES - ROAMING_CANDIDATES == 4
    assert row_of(camp(both, people, handsets, Streams(1), roaming=False)) == own[:6]
    people, handsets = crowd([500], [0], LTE, 1)
    three = network([(0, 0), (400, 0)], [(0, 0, LTE, NAN), (1, 0, GSM, NAN)])
    assert row_of(camp(three, people, handsets, Streams(1), roaming=True)) == [0, 1]


def test_six_cells_stand_on_as_many_masts_as_have_signal():
    masts = [(i * 100, 0) for i in range(8)]
    rich = network(masts, [(i, 0, rat, NAN) for i in range(8) for rat in (GSM, UMTS, LTE, NR)])
    people, handsets = crowd([0], [0], NR, 0)
    level = signals(rich, people, 1)[0]
    row = row_of(camp(rich, people, handsets, Streams(1), roaming=False))
    assert row == sorted(range(3, 32, 4), key=lambda c: -level[c])[:6]  # 5G, of each of six masts
    poor = network(masts[:2], [(i, 0, rat, NAN) for i in range(2) for rat in (GSM, UMTS, LTE, NR)])
    row = row_of(camp(poor, people, handsets, Streams(1), roaming=False))
    # Two masts: their older technologies fill the rest, newest first.
    assert [rich.cells.rat[c] for c in row] == [NR, NR, LTE, LTE, UMTS, UMTS]


def test_the_sector_that_points_at_the_phone():
    mast = network([(0, 0)], [(0, 0, LTE, azimuth) for azimuth in (0.0, 120.0, 240.0)])
    bearing = np.radians([10.0, 59.0, 61.0, 130.0, 179.0, 181.0, 250.0, 355.0])
    people, handsets = crowd(400 * np.sin(bearing), 400 * np.cos(bearing), LTE, 0)
    found = camp(mast, people, handsets, Streams(1), roaming=False)
    assert found.cell[:, 0].tolist() == [0, 0, 1, 1, 1, 2, 2, 0]
    assert (found.cell[:, 1:] == -1).all()


def test_a_raster_says_how_strong_the_best_cell_is():
    net, people, handsets = some_country(8, n=200)
    people = replace(people, indoors=np.zeros(200, dtype=np.bool_))
    # One pixel a half: west no signal, east -90 dBm; 4G of operator 0.
    column = np.full((2, 4), -1, dtype=np.int32)
    column[0, LTE] = 0
    signal = np.array([[np.nan, -90.0]], dtype=np.float32)
    raster = Raster(signal, (1.0, 0.0, 1.0, 0.0, 1.0, 1.0 - 0.5))
    plain = camp(net, people, handsets, Streams(8), roaming=False)
    found = camp(replace(net, coverage=Coverage((raster,), column)), people, handsets, Streams(8), False)
    ours = (handsets.operator == 0) & (handsets.rats >> LTE & 1 == 1)
    on_4g = found.cell >= 0
    on_4g &= net.cells.rat[found.cell] == LTE
    west = people.x_m < 0
    assert not on_4g[ours & west].any()
    assert on_4g[ours & ~west, :].any(axis=1).all()
    first = np.where(on_4g, found.level_db, -np.inf).max(axis=1)[ours & ~west]
    assert first == pytest.approx(-90 - radio.CAMPING_DBM[LTE], abs=1e-3)
    assert (found.cell[handsets.operator == 1] == plain.cell[handsets.operator == 1]).all()


def test_nobody_and_no_cells():
    people, handsets = crowd([], [], LTE, 0)
    assert camp(network([(0, 0)], []), people, handsets, Streams(1), roaming=False).cell.shape == (
        0,
        CANDIDATES,
    )
    people, handsets = crowd([0.0], [0.0], LTE, 0)
    found = camp(network([(0, 0)], []), people, handsets, Streams(1), roaming=True)
    assert (found.cell == -1).all()


def test_an_empty_row_says_what_it_lacks():
    far = 60_000.0
    # A 4G mast; beside it a phone of 3G; a 4G phone where it hears it outside and not inside; one far off.
    net = network([(0, 0)], [(0, 0, LTE, NAN)], height=45.0)
    people, handsets = crowd([100] + 400 * [8000.0] + [far], [0.0] * 402, np.array([UMTS] + 401 * [LTE]), 0)
    outside = camp(net, people, handsets, Streams(1), False)
    people = replace(people, indoors=np.ones(402, dtype=np.bool_))
    inside = camp(net, people, handsets, Streams(1), False)
    lost = (inside.cell[:, 0] < 0) & (outside.cell[:, 0] >= 0)
    assert lost.any()
    everyone = np.arange(402)
    said = np.array(LACKS)[inside.lacking(everyone, 0)]
    assert said[0] == "network_generation_unsupported"
    assert (said[lost] == "no_coverage_indoors").all()
    neither = (inside.cell[1:, 0] < 0) & (outside.cell[1:, 0] < 0)
    assert (said[1:][neither] == "no_coverage").all()
    assert said[-1] == "no_coverage"
