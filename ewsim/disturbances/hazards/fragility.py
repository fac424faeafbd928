"""What a hazard breaks, and when: each element has a strength, and fails when the hazard reaches it.

The strength is drawn once for each element and component, whatever the hazard's strength and place in
the scenario. So a stronger hazard breaks what a weaker one breaks, and more, and no later.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ewsim.disturbances.hazards.exposure import Exposure
from ewsim.disturbances.hazards.spec import CurveSpec
from ewsim.geography.plane import FloatArray
from ewsim.network.topology import CORE, Network
from ewsim.scenario.spec import Model
from ewsim.streams import Streams
from ewsim.world import ElementKind

#: Assumption: lower sites stand on roofs, poles and walls, the others on masts of their own [m].
MAST_M = 25.0
#: What fails when a component does; the power of a site is its feeder's, or its own connection.
FAILS: dict[str, ElementKind] = {
    "tower": "site",
    "rooftop": "site",
    "shelter": "site",
    "feeder": "mains",
    "substation": "mains",
    "microwave": "link",
    "fibre": "link",
    "washout": "link",
    "road": "road",
}
#: Measures that act on a feeder's whole length; the others on each site's own connection.
_OVER_FEEDERS = ("gust_m_s", "pga_g")
#: A feeder whose sites lie further apart than this fails in parts, squares of this side: its lines are
#: sectioned by switches, and a hazard at one end leaves the other end alone; assumption [m].
LONG_M, PART_M = 50_000.0, 25_000.0


@dataclass(frozen=True, slots=True)
class Failure:
    """What fails of one component: a kind of elements, their numbers, and when [s].

    `together` numbers those that are repaired at one time; None: each has its own.
    """

    component: str
    kind: ElementKind
    number: NDArray[np.int64]
    at_s: FloatArray
    together: NDArray[np.int64] | None = None


def _strengths(
    curve: CurveSpec | float, component: str, measure: str, streams: Streams, count: int
) -> FloatArray:
    """The intensity at which each element fails, inf for never, shape (count,)."""
    luck = streams.uniform(f"hazard.{component}.{measure}", np.arange(count))
    if isinstance(curve, CurveSpec):
        return np.asarray(curve.median * np.exp(curve.sigma * ndtri(luck)))
    return np.where(luck < curve, 0.5, np.inf)


def failures(
    fragility: Model,
    measures: dict[str, str],
    exposures: dict[str, Exposure],
    network: Network,
    streams: Streams,
) -> Iterator[Failure]:
    """Every component's failures.

    Parameters
    ----------
    fragility
        The curves by component.
    measures
        By which measure each component fails.
    exposures
        Each measure at the sites.
    network
        The network as built.
    streams
        This replication's randomness.
    """
    sites = network.sites
    for component, measure in measures.items():
        curve, exposure = getattr(fragility, component), exposures[measure]
        kind, there = FAILS[component], _has(component, network)
        if kind == "mains" and measure in _OVER_FEEDERS:
            kind, group, count = "feeder", sites.feeder, len(network.feeder_names)
            if component == "substation" and network.substation.size:
                kind, count = "substation", len(network.substation_names)
                group = network.substation[sites.feeder]
            else:
                part = _parts(network)
                if (part >= 0).any():
                    yield _in_parts(curve, measure, exposure, part, streams)
                group = np.where(part < 0, group, -1)
            exposure, there = exposure.over(group, count), np.bincount(group[group >= 0], minlength=count) > 0
        at_s = exposure.reached_s(_strengths(curve, component, measure, streams, there.size))
        number = np.flatnonzero(there & np.isfinite(at_s))
        yield Failure(component, kind, number, at_s[number])


def _parts(network: Network) -> NDArray[np.int64]:
    """The part of a long feeder that each site is on, -1 on other feeders, shape (sites,)."""
    sites = network.sites
    places = np.column_stack([sites.x_m, sites.y_m])
    low = np.full((len(network.feeder_names), 2), np.inf)
    high = -low
    np.minimum.at(low, sites.feeder, places)
    np.maximum.at(high, sites.feeder, places)
    long = np.flatnonzero((np.hypot(*(high - low).T) > LONG_M)[sites.feeder])
    part = np.full(len(sites), -1, dtype=np.int64)
    if long.size:
        square = np.floor((places[long] - low[sites.feeder[long]]) / PART_M).astype(np.int64)
        key = np.column_stack([sites.feeder[long], square])
        part[long] = np.unique(key, axis=0, return_inverse=True)[1].ravel()
    return part


def _in_parts(
    curve: CurveSpec | float, measure: str, exposure: Exposure, part: NDArray[np.int64], streams: Streams
) -> Failure:
    """Parts of long feeders that fail: their sites lose the grid."""
    count = int(part.max()) + 1
    strength = _strengths(curve, "feeder_part", measure, streams, count)
    at_s = exposure.over(part, count).reached_s(strength)
    site = np.flatnonzero((part >= 0) & np.isfinite(at_s[part]))
    return Failure("feeder_part", "mains", site, at_s[part[site]], part[site])


def _has(component: str, network: Network) -> NDArray[np.bool_]:
    """Which sites have a component.

    Assumption: a site that is connected to the core itself has fibre, one that hangs on another a
    microwave link.
    """
    sites = network.sites
    if component in ("tower", "rooftop"):
        return np.asarray((sites.height_m >= MAST_M) == (component == "tower"))
    if component in ("fibre", "washout", "microwave"):
        return np.asarray((sites.parent == CORE) == (component != "microwave"))
    return np.ones(len(sites), dtype=np.bool_)
