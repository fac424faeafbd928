"""Plain networks for tests: masts where a test wants them, all alike."""

import numpy as np

from ewsim import targeting
from ewsim.geography.plane import LocalFrame
from ewsim.network.topology import CORE, Cells, Network, Sites
from ewsim.scenario.spec import TargetingSpec
from ewsim.streams import Streams
from ewsim.units import LTE

FRAME = LocalFrame(0.0, 0.0)


def masts(x, y, azimuths=(0.0, 120.0, 240.0), tracking_area=None):
    n, s = len(x), len(azimuths)
    site = np.repeat(np.arange(n), s)
    areas = np.zeros(n, dtype=int) if tracking_area is None else np.asarray(tracking_area)
    return Network(
        frame=FRAME,
        operators=("A",),
        sites=Sites(
            tuple(map(str, range(n))),
            np.asarray(x, dtype=float),
            np.asarray(y, dtype=float),
            np.full(n, 30.0),
            np.full(n, CORE, dtype=np.int32),
            np.zeros(n, dtype=np.int32),
            np.ones(n),
            np.zeros(n),
        ),
        cells=Cells(
            tuple(map(str, range(n * s))),
            site.astype(np.int32),
            np.zeros(n * s, dtype=np.int16),
            np.full(n * s, LTE, dtype=np.int8),
            np.tile(np.asarray(azimuths, dtype=float), n),
            np.full(n * s, 800.0),
            np.full(n * s, 32.2),
            areas[site].astype(np.int32),
        ),
        feeder_names=("f",),
        tracking_area_count=int(areas.max(initial=0)) + 1,
    )


def random_masts(seed, count=60):
    u = Streams(seed).uniform("t.mast", np.arange(2 * count)).reshape(2, -1)
    x, y = (u - 0.5) * 60_000
    return masts(x, y, tracking_area=np.floor((x + 30_000) / 10_000))


def chosen(network, area, policy, ground=targeting.policies.NO_INPUTS, **values):
    spec = TargetingSpec.model_validate({"policy": policy, **values})
    return targeting.broadcast_cells(network, area, spec, ground)
