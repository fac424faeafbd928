"""Path loss: the sanity table, hand-over between models, line of sight, buildings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from path_loss import free_space_db, hata_db, los_share, model_db

from ewsim.network.signal import propagation, radio
from ewsim.network.signal.propagation import horizon_m, path_loss_db

KM = (0.5, 1.0, 5.0, 10.0, 20.0, 30.0)
#: Computed by hand from the formulas, 800 MHz: rural masts 35 m, urban 25 m, Hata 30 m.
TABLE = {
    "RMa LOS": (85.8, 93.6, 121.5, 133.5, 145.6, 152.6),
    "RMa NLOS": (106.0, 117.6, 144.6, 156.2, 167.9, 174.7),
    "UMa NLOS": (117.1, 128.8, 156.2, 167.9, 179.7, 186.6),
    "open": (86.5, 97.1, 121.7, 132.3, 142.9, 150.7),
    "suburban": (104.8, 115.4, 140.1, 150.7, 161.3, 169.1),
    "urban": (114.5, 125.1, 149.7, 160.3, 170.9, 178.8),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_sanity_table_at_800_mhz(name):
    d = np.array(KM) * 1000
    if name in ("open", "suburban", "urban"):
        loss = hata_db(800, d, 30, name)
    else:
        environment, sight = name.split()
        height = 35 if environment == "RMa" else 25
        loss = model_db(environment, 800, d, height, line_of_sight=sight == "LOS")
    assert loss == pytest.approx(TABLE[name], abs=0.1)


def test_cost_231_above_1500_mhz():
    # By hand: 46.3 + 33.9 log 1800 - 13.82 log 30 - a + (44.9 - 6.55 log 30) log 5, a = 0.0434.
    assert hata_db(1800, 5000, 30, "urban") == pytest.approx(160.82, abs=0.01)
    assert hata_db(1800, 5000, 30, "metropolitan") == pytest.approx(163.82, abs=0.01)


def test_the_rural_models_agree_where_they_hand_over():
    d = 5000
    assert abs(model_db("RMa", 800, d, 35, line_of_sight=True) - hata_db(800, d, 30, "open")) < 1
    nlos = model_db("RMa", 800, d, 35, line_of_sight=False)
    assert 3 < nlos - hata_db(800, d, 30, "suburban") < 7


heights = st.floats(8, 80)
carriers = st.sampled_from([450.0, 700.0, 800.0, 900.0, 1800.0, 2600.0, 3500.0])


@given(carriers, heights, st.booleans())
@settings(deadline=None)
def test_loss_grows_with_distance_without_jumps_and_ends_at_the_horizon(f, height, sight):
    d = np.geomspace(1, 60_000, 4_000)
    loss = path_loss_db(f, d, height, line_of_sight=sight)
    near = d <= horizon_m(height)
    assert np.isinf(loss[~near]).all()
    step = np.diff(loss[near])
    assert (step >= -1e-9).all()
    # TR 38.901's breakpoints jump: rural by the height of the mast, urban by the 1 m at which
    # UMa and UMi join their pieces.
    assert step.max() < 1.6
    assert (loss[near] >= free_space_db(f, np.maximum(d[near], 10)) - 1e-9).all()
    assert (path_loss_db(f, d, height) >= loss - 1e-9).all()


@given(carriers, heights, st.floats(0, 1))
@settings(deadline=None)
def test_a_link_that_is_not_seen_loses_at_least_its_floor(f, height, share):
    rows = propagation.coefficient_rows(np.array([f]), np.array([height]))
    d = share * float(horizon_m(height))
    floor = propagation.floors_db(rows)[0, int(np.sqrt(d))]
    assert floor < path_loss_db(f, d, height)
    assert d < 1_000 or path_loss_db(f, d, height) < floor + 3  # near enough to spare work


def test_arrays_of_carriers_and_heights_are_what_each_gives_alone():
    rng = np.random.default_rng(1)
    f = rng.choice([700.0, 900.0, 1800.0], 300)
    h, d = rng.uniform(8, 60, 300), rng.uniform(1, 40_000, 300)
    alone = [float(path_loss_db(*link)) for link in zip(f, d, h, strict=True)]
    assert path_loss_db(f, d, h).tolist() == alone
    assert path_loss_db(f[:, None], 2_000.0, h[:5]).shape == (300, 5)
    assert path_loss_db(800, 2_000, 30).shape == ()


def test_line_of_sight_has_the_probability_of_the_table():
    assert los_share("RMa", [5, 10, 1010]) == pytest.approx([1, 1, np.exp(-1)])
    by_hand = [1, 18 / 100 + np.exp(-100 / 63) * 0.82, 18 / 500 + np.exp(-500 / 63) * (1 - 0.036)]
    assert los_share("UMa", [18, 100, 500]) == pytest.approx(by_hand)
    assert los_share("UMi", [100]) == pytest.approx([18 / 100 + np.exp(-100 / 36) * 0.82])


def test_buildings_take_what_the_table_says_at_800_mhz():
    assert propagation.entry_loss_db(800) == pytest.approx(10.4, abs=0.05)
    assert propagation.entry_loss_db(800, high=True) == pytest.approx(18.1, abs=0.05)


@given(carriers, heights, st.integers(0, 3), st.floats(20, 60))
@settings(deadline=None)
def test_the_reach_is_where_the_median_meets_the_threshold(f, height, rat, eirp):
    reach = float(radio.reach_m(f, eirp, height, rat))
    allowed = eirp - radio.BODY_LOSS_DB - radio.THRESHOLD_DBM[rat]
    limit = min(float(horizon_m(height)), radio.GSM_LIMIT_M if rat == 0 else np.inf)
    if reach > 11:
        assert path_loss_db(f, reach, height) <= allowed + 1e-6
    if reach < limit - 1:
        assert path_loss_db(f, reach + 1, height) > allowed


#: Published radii [km] of one cell, computed with the same budget: outdoors, no margin.
RADII = (
    ("RMa", 700.0, 32.2, 35.0, 2, 7.2),
    ("UMa", 800.0, 32.2, 25.0, 2, 3.5),
    ("UMa", 1800.0, 30.7, 25.0, 2, 2.1),
)


@pytest.mark.parametrize(("environment", "f", "eirp", "height", "rat", "km"), RADII)
def test_cells_are_as_large_as_the_link_budget_says(environment, f, eirp, height, rat, km):
    # The table is for -118 dBm and has no body loss.
    eirp += radio.BODY_LOSS_DB + radio.THRESHOLD_DBM[rat] + 118
    reach = float(radio.reach_m(f, eirp, height, rat)) / 1000
    # Beyond 5 km the table goes on with TR 38.901, ewsim with Hata's gentler slope.
    assert reach == pytest.approx(km, abs=0.1) if km < 5 else km < reach < 1.1 * km
