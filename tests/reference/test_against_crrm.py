"""TR 38.901's models against CRRM, an implementation of its own (Briggs and Nur, MIT licence)."""

import numpy as np
import pytest
from path_loss import model_db

rma = pytest.importorskip("CRRM.RMa_pathloss_model_08")
uma = pytest.importorskip("CRRM.UMa_pathloss_model_06")
umi = pytest.importorskip("CRRM.UMi_pathloss_model_00")

D = np.array([12.0, 50, 120, 400, 900, 2_000, 5_000, 9_000])


@pytest.mark.parametrize("sight", [True, False])
@pytest.mark.parametrize("f", [0.7, 0.9, 1.8, 3.5])
@pytest.mark.parametrize("height", [10.0, 35.0, 45.0])
def test_rural_macro_to_a_tenth_of_a_decibel(f, height, sight):
    theirs = rma.RMa_pathloss_constant_height(fc_GHz=f, h_UT=1.5, h_BS=height, LOS=sight)
    expected = theirs.get_pathloss_dB(D, np.hypot(D, height - 1.5))
    found = model_db("RMa", f * 1000, D, height, line_of_sight=sight)
    assert found == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("sight", [True, False])
@pytest.mark.parametrize("f", [0.7, 0.9, 1.8, 3.5])
@pytest.mark.parametrize("height", [20.0, 25.0, 30.0])
def test_urban_macro_to_a_tenth_of_a_decibel(f, height, sight):
    d2 = D[None, :]
    there = np.array([[0.0, 0.0, 1.5]])
    masts = np.column_stack([D, 0 * D, 0 * D + height])
    theirs = uma.UMa_pathloss(fc_GHz=f, LOS=sight)
    expected = theirs.get_pathloss_dB(d2, np.hypot(d2, height - 1.5), there, masts)
    found = model_db("UMa", f * 1000, D, height, line_of_sight=sight)
    assert found == pytest.approx(expected[0], abs=0.1)


@pytest.mark.parametrize("sight", [True, False])
@pytest.mark.parametrize("f", [0.7, 0.9, 1.8, 3.5])
def test_urban_micro_to_a_tenth_of_a_decibel(f, sight):
    theirs = umi.UMi_pathloss_constant_height(fc_GHz=f, h_UT=1.5, h_BS=10.0, LOS=sight)
    expected = theirs.get_pathloss_dB(D, np.hypot(D, 8.5))
    found = model_db("UMi", f * 1000, D, 10.0, line_of_sight=sight)
    assert found == pytest.approx(expected, abs=0.1)
