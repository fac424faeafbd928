"""Camping: by hand, against brute force, and independent of order and chunks."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.geo import LocalFrame
from ewsim.network import radio
from ewsim.network.topology import CORE, Cells, Network, Sites
from ewsim.population import camping
from ewsim.population.camping import CANDIDATES, ROAMING_CANDIDATES, camp
from ewsim.population.people import Handsets, People
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, NEVER, NR, UMTS

SPREAD_M = 12_000.0


def network(sites, cells, operators=("A", "B")):
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
            tuple(f"s{i}" for i in range(count)), x, y, np.full(count, 30.0),
            np.full(count, CORE, dtype=np.int32), np.zeros(count, dtype=np.int32),
            np.ones(count), np.zeros(count),
        ),
        cells=Cells(
            tuple(f"c{i}" for i in range(len(cells))), np.array(site, dtype=np.int32),
            np.array(operator, dtype=np.int16), rat, np.array(azimuth, dtype=float),
            frequency[rat], eirp[rat], np.zeros(len(cells), dtype=np.int32),
        ),
        feeder_names=("f",),
        tracking_area_count=1,
    )  # fmt: skip


def crowd(x, y, best, operator, later=None, settlement=0):
    """People with one handset each; `later` (x, y): all move there."""
    x, y = np.array(x, dtype=float), np.array(y, dtype=float)
    n = x.size
    zero = np.zeros(n, dtype=np.int8)
    lx, ly = (x, y) if later is None else (np.array(v, dtype=float) for v in later)
    people = People(
        weight=np.ones(n, dtype=np.int32), x_m=x, y_m=y, later_x_m=lx, later_y_m=ly,
        moves_us=np.full(n, NEVER if later is None else 5, dtype=np.int64),
        indoors=np.zeros(n, dtype=np.bool_), age_band=zero, sex=zero, disability=zero,
        settlement=zero + settlement, language=zero, zone=zero.astype(np.int32),
        handset=np.arange(n, dtype=np.int32), languages=("en",), zone_names=("z",),
    )  # fmt: skip
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
    net = network(place, cells)
    at = [(s.uniform("t.at", np.arange(n), k) - 0.5) * 2 * SPREAD_M for k in range(4)]
    best = (s.uniform("t.best", np.arange(n)) * 4).astype(np.int64)
    people, handsets = crowd(
        at[0], at[1], best, np.arange(n) % 2, (at[2], at[3]) if movers else None
    )
    return net, people, handsets


@pytest.fixture
def no_shadow(monkeypatch):
    monkeypatch.setattr(camping, "SHADOWING_DB", (0.0, 0.0, 0.0))


@pytest.fixture
def ten_db_a_km(monkeypatch, no_shadow):
    """A signal to compute in one's head: 30 dB above the threshold at the mast, less 10 dB/km."""

    def level_db(net, cell, x, y, indoors):
        site = net.cells.site[cell]
        away = np.hypot(x - net.sites.x_m[site], y - net.sites.y_m[site])
        return 30.0 - away / 100.0 - np.where(indoors, 12.0, 0.0)

    monkeypatch.setattr(radio, "level_db", level_db)


NAN = float("nan")
#: Masts at 0, 1.5 and 2 km; the middle one 2G, the others 4G; all of operator A.
THREE = network(
    [(0, 0), (1_500, 0), (2_000, 0)], [(0, 0, LTE, NAN), (1, 0, GSM, NAN), (2, 0, LTE, NAN)]
)


def test_three_cells_by_hand(ten_db_a_km):
    people, handsets = crowd(
        x=[500, 1_600, 1_600, 500, 4_500, 9_000], y=[0] * 6,
        best=[LTE, LTE, GSM, LTE, LTE, LTE], operator=[0, 0, 0, 1, 0, 0],
    )  # fmt: skip
    found = camp(THREE, people, handsets, Streams(1), roaming=False)
    rows = [
        [(0, 25), (2, 15), (1, 20)],  # the newer technology before the stronger 2G
        [(2, 26), (0, 14), (1, 29)],
        [(1, 29)],  # a 2G phone
        [],  # another operator's
        [(2, 5), (1, 0)],  # the mast at 0 is 4.5 km away: no signal; 3 km: just
        [],
    ]
    for row, cells, levels in zip(rows, found.cell, found.level_db, strict=True):
        got = [(c, v) for c, v in zip(cells.tolist(), levels.tolist(), strict=True) if c >= 0]
        assert [c for c, _ in got] == [c for c, _ in row]
        assert [v for _, v in got] == pytest.approx([v for _, v in row], abs=1e-4)
    assert (found.moved_row == -1).all()
    assert found.later_cell.shape == (0, CANDIDATES)


def test_walls_take_their_share(ten_db_a_km):
    people, handsets = crowd([500, 2_500], [0, 0], LTE, 0)
    people = replace(people, indoors=np.array([True, True]))
    found = camp(THREE, people, handsets, Streams(1), roaming=False)
    assert found.level_db[0, 0] == pytest.approx(13)
    assert found.cell[1].tolist() == [2, 1, -1, -1, -1, -1]


def test_national_roaming_comes_after_the_own_cells(ten_db_a_km):
    people, handsets = crowd([500], [0], LTE, 1)
    assert camp(THREE, people, handsets, Streams(1), roaming=True).cell[0, :3].tolist() == [0, 2, 1]
    masts = [(i * 100, 0) for i in range(8)]
    both = network(
        masts, [(i, 0, GSM, NAN) for i in range(7)] + [(i, 1, NR, NAN) for i in range(8)]
    )
    people, handsets = crowd([0], [0], NR, 0)
    (row,) = camp(both, people, handsets, Streams(1), roaming=True).cell.tolist()
    # Four own 2G cells, nearest first; then others' at masts where it has none yet.
    assert row == [0, 1, 2, 3, 7 + 4, 7 + 5]
    assert CANDIDATES - ROAMING_CANDIDATES == 4
    (row,) = camp(both, people, handsets, Streams(1), roaming=False).cell.tolist()
    assert row == [0, 1, 2, 3, 4, 5]


def test_six_cells_stand_on_as_many_masts_as_have_signal(ten_db_a_km):
    masts = [(i * 300, 0) for i in range(8)]
    rich = network(masts, [(i, 0, rat, NAN) for i in range(8) for rat in (GSM, UMTS, LTE, NR)])
    people, handsets = crowd([0], [0], NR, 0)
    (row,) = camp(rich, people, handsets, Streams(1), roaming=False).cell.tolist()
    assert row == [3, 7, 11, 15, 19, 23]  # the 5G cell of each of six masts
    poor = network(masts[:2], [(i, 0, rat, NAN) for i in range(2) for rat in (GSM, UMTS, LTE, NR)])
    (row,) = camp(poor, people, handsets, Streams(1), roaming=False).cell.tolist()
    assert row == [3, 7, 2, 6, 1, 5]  # two masts: their older technologies fill the rest


def test_the_sector_that_points_at_the_phone(ten_db_a_km):
    mast = network([(0, 0)], [(0, 0, LTE, azimuth) for azimuth in (0.0, 120.0, 240.0)])
    bearing = np.radians([10.0, 59.0, 61.0, 130.0, 179.0, 181.0, 250.0, 355.0])
    people, handsets = crowd(1_000 * np.sin(bearing), 1_000 * np.cos(bearing), LTE, 0)
    found = camp(mast, people, handsets, Streams(1), roaming=False)
    assert found.cell[:, 0].tolist() == [0, 0, 1, 1, 1, 2, 2, 0]
    assert (found.cell[:, 1:] == -1).all()


@given(seed=st.integers(0, 10_000), roaming=st.booleans())
@settings(max_examples=20, deadline=None)
def test_rows_are_what_brute_force_finds(seed, roaming):
    net, people, handsets = some_country(seed, n=40)
    found = camp(net, people, handsets, Streams(seed), roaming)
    cells, count = net.cells, len(net.cells)
    every = np.arange(count)
    for h in range(len(handsets)):
        owner = int(handsets.owner[h])
        x, y = np.full(count, people.x_m[owner]), np.full(count, people.y_m[owner])
        median = radio.level_db(net, every, x, y, np.zeros(count, dtype=np.bool_))
        shadow = Streams(seed).normal(
            "camping.shadowing", owner * len(net.sites) + np.arange(len(net.sites))
        )
        level = median + 6.0 * shadow[cells.site]
        best = {}
        for c in every.tolist():
            own = bool(cells.operator[c] == handsets.operator[h])
            supported = handsets.rats[h] >> cells.rat[c] & 1
            key = (own, int(cells.site[c]), int(cells.rat[c]))
            # All sectors of a mast share the operator's antenna; another operator's differ.
            if supported and level[c] >= 0 and (own or roaming):
                best[key] = max(best.get(key, c), c, key=lambda i: level[i])
        order = sorted(best.values(), key=lambda c: (
            cells.operator[c] != handsets.operator[h], -cells.rat[c], -level[c]
        ))  # fmt: skip
        row = [c for c in found.cell[h].tolist() if c >= 0]
        assert row == [c for c in order if c in row]  # in the order of preference
        assert len(row) == min(CANDIDATES, len(order))
        assert row[:1] == order[:1]
        np.testing.assert_allclose(found.level_db[h, : len(row)], level[row], atol=1e-3)
        masts = {int(cells.site[c]) for c in order}
        assert len({int(cells.site[c]) for c in row}) == min(CANDIDATES, len(masts))


@given(seed=st.integers(0, 10_000), roaming=st.booleans(), data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_row_does_not_depend_on_the_other_handsets(seed, roaming, data):
    net, people, handsets = some_country(seed, n=200, movers=True)
    whole = camp(net, people, handsets, Streams(seed), roaming)
    some = np.array(data.draw(st.lists(st.integers(0, 199), min_size=1, unique=True)))
    fewer = Handsets(*(getattr(handsets, f.name)[some] for f in fields(Handsets)))
    part = camp(net, people, fewer, Streams(seed), roaming)
    assert (part.cell == whole.cell[some]).all()
    assert (part.level_db == whole.level_db[some]).all()
    assert (part.later_cell[part.moved_row] == whole.later_cell[whole.moved_row[some]]).all()


def test_chunks_and_replications_change_nothing(monkeypatch):
    net, people, handsets = some_country(3, movers=True)
    whole = camp(net, people, handsets, Streams(3, 0), roaming=True)
    monkeypatch.setattr(camping, "_CHUNK", 7)
    again = camp(net, people, handsets, Streams(3, 5), roaming=True)
    for f in fields(whole):
        assert (getattr(whole, f.name) == getattr(again, f.name)).all()
    other = camp(net, people, handsets, Streams(4), roaming=True)
    assert (other.cell != whole.cell).any()


def test_movers_camp_where_they_go(no_shadow):
    net, people, handsets = some_country(5, movers=True)
    found = camp(net, people, handsets, Streams(1), roaming=False)
    there = replace(people, x_m=people.later_x_m, y_m=people.later_y_m)
    then = camp(net, there, handsets, Streams(1), roaming=False)
    assert (found.moved_row == np.arange(len(handsets))).all()
    assert (found.later_cell == then.cell).all()
    assert (found.later_cell != found.cell).any()


@pytest.mark.parametrize(("settlement", "sigma"), [(0, 6.0), (1, 8.0), (2, 8.0)])
def test_shadowing_has_the_spread_of_its_surroundings(monkeypatch, settlement, sigma):
    monkeypatch.setattr(radio, "level_db", lambda net, cell, x, y, indoors: np.full(x.size, 60.0))
    n = 20_000
    people, handsets = crowd(np.zeros(n), np.zeros(n), LTE, 0, settlement=settlement)
    two = network([(0, 0), (500, 0)], [(i, 0, LTE, NAN) for i in (0, 1)])
    found = camp(two, people, handsets, Streams(1), roaming=False)
    first = np.argsort(found.cell[:, :2], axis=1)
    level = np.take_along_axis(found.level_db[:, :2], first, axis=1)
    assert level.mean() == pytest.approx(60, abs=0.2)
    assert level.std() == pytest.approx(sigma, rel=0.02)
    assert abs(np.corrcoef(level.T)[0, 1]) < 0.03  # masts are independent


def test_nobody_and_no_cells():
    people, handsets = crowd([], [], LTE, 0)
    assert camp(THREE, people, handsets, Streams(1), roaming=False).cell.shape == (0, CANDIDATES)
    people, handsets = crowd([0.0], [0.0], LTE, 0)
    found = camp(network([(0, 0)], []), people, handsets, Streams(1), roaming=True)
    assert (found.cell == -1).all()
