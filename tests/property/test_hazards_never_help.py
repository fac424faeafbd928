"""A stronger hazard, fewer ways and more cuts never raise cell broadcast; a deployable never lowers it.

Every cell is addressed, luck is shared, and signal and phones are those of `test_more_outage`. Batteries are
nearly empty, so that a lost feeder counts within the run. Nothing comes back: repairs wait until a hazard has
left, and a stronger one leaves later.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.disturbances.hazards.spec import CycloneSpec, EarthquakeSpec, FloodSpec, WildfireSpec
from tests.property.test_more_outage import WORLD, sites
from tests.property.test_recovery_never_harms import cows, losses, places, seconds
from tests.property.test_recovery_never_harms import reached as shown

NETWORK = WORLD.network
SITES = len(NETWORK.sites)
LAT, LON = (float(v[0]) for v in NETWORK.frame.to_latlon(np.zeros(1), np.zeros(1)))

ways = st.lists(st.tuples(st.integers(0, SITES - 1), st.integers(-1, SITES - 1)), max_size=6)
strengths = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted)
offsets = st.floats(-0.1, 0.1)


def hazard(kind, strength, at_s, north_deg):
    """A hazard near the middle, from one that breaks hardly anything to one that breaks most."""
    centre = [LAT + north_deg, LON]
    circle = {"area": {"circles": [{"centre": centre, "radius_m": 4000}]}, "from_s": 0}
    keys = {"kind": kind, "at_s": at_s, "restoration": None}
    if kind == "earthquake":
        return EarthquakeSpec.model_validate({**keys, "magnitude": 5 + 4 * strength, "epicentre": centre})
    if kind == "flood":
        return FloodSpec.model_validate({**keys, "areas": [{**circle, "depth_m": 0.05 + 5 * strength}]})
    if kind == "wildfire":
        circle["area"]["circles"][0]["radius_m"] = 100 + 10_000 * strength
        return WildfireSpec.model_validate({**keys, "areas": [circle]})
    fixes = [
        {"time_s": time_s, "centre": [centre[0], LON + east], "max_wind_m_s": 20 + 70 * strength}
        for time_s, east in ((0, 1.5), (7200, -1.5))
    ]
    return CycloneSpec.model_validate({**keys, "track": fixes})


def reached(pairs, wrong, helped=()) -> set[int]:
    """People whom cell broadcast shows the alert, with these second ways and hardly any reserves."""
    second = np.array([pair for pair in pairs if pair[0] != pair[1]], dtype=np.int32).reshape(-1, 2)
    plain = replace(NETWORK.sites, ways=second, battery_s=NETWORK.sites.battery_s * 0.01)
    return shown(wrong, helped, replace(NETWORK, sites=replace(plain, generator_s=plain.generator_s * 0)))


@settings(max_examples=3, deadline=None)
@given(
    ways,
    st.sampled_from(["earthquake", "flood", "wildfire", "cyclone"]),
    strengths,
    st.integers(-1500, 600),
    offsets,
    sites,
    sites,
    places,
    seconds,
)
def test_what_is_worse_never_raises_reach(pairs, kind, both, at_s, north_deg, cut, more, where, brought_s):
    weak, strong = (hazard(kind, strength, at_s, north_deg) for strength in both)
    wrong = losses(cut, set(), set(), at_s)
    some = reached(pairs, (*wrong, weak))
    assert reached(pairs, (*wrong, strong)) <= some <= reached(pairs, wrong)
    assert reached(pairs, (*losses(cut | more, set(), set(), at_s), weak)) <= some
    assert reached(pairs[: len(pairs) // 2], (*wrong, weak)) <= some
    assert some <= reached(pairs, (*wrong, weak), cows(where, brought_s))
