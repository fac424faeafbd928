"""Networks that nobody measured: sites where people are, until a coverage target is met.

Each operator builds where density is highest first, at the distance between sites that this density
asks for, and stops when the stated share of people has a signal outdoors. Whoever is left has none:
gaps are where few people live, as in real countries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geo import LocalFrame
from ewsim.network import radio
from ewsim.network.demand import Demand
from ewsim.network.infrastructure import infrastructure, tracking_areas
from ewsim.network.topology import Cells, Network, Sites
from ewsim.scenario.spec import NetworkSpec, OperatorSpec
from ewsim.streams import Streams
from ewsim.units import LTE, NR, RATS

FloatArray = NDArray[np.float64]

#: Density classes: from [people/km2], distance between sites [m], mast height [m], sectors (one:
#: omnidirectional). Assumption, after 3GPP deployments of 500 m and 1,732 m.
CLASSES = (
    (5000.0, 600.0, 25.0, 3),
    (1500.0, 1200.0, 25.0, 3),
    (300.0, 3000.0, 30.0, 3),
    (50.0, 8000.0, 45.0, 3),
    (0.0, 15000.0, 45.0, 1),
)
#: Assumption: capacity layers of 4G and any 5G are built from this density on [people/km2].
CAPACITY_DENSITY, NR_DENSITY = 1500.0, 300.0
#: Assumption: a shared mast is looked for within this share of the distance between sites.
SHARING_REACH = 0.5


@dataclass(slots=True)
class _Masts:
    """Masts as they are being built; lists of one length."""

    x_m: list[float]
    y_m: list[float]
    density: list[float]
    built: list[int]  # index into CLASSES


def synthesise(
    spec: NetworkSpec, streams: Streams, frame: LocalFrame, land: BaseGeometry, demand: Demand
) -> Network:
    """A network for these people.

    Parameters
    ----------
    demand
        Where people live; sites stand at such points.
    """
    streams = streams.country()
    masts = _Masts([], [], [], [])
    users: list[list[int]] = []
    notes = []
    for number, operator in enumerate(spec.operators):
        mine, covered = _build(masts, number, operator, spec, demand, streams)
        users.append(mine)
        target = spec.synthesis.coverage_target
        notes.append(
            f"Operator {operator.name}: {len(mine)} synthesised sites give {covered:.1%} of people "
            f"a signal outdoors (target {target:.1%})"
            + ("." if covered >= target else ": no place left above the least density.")
        )
    x, y = np.array(masts.x_m), np.array(masts.y_m)
    height = np.array([CLASSES[c][2] for c in masts.built])
    cells = _cells(masts, users, spec)
    site = np.array([c[0] for c in cells], dtype=np.int32)
    owner = np.array([c[1] for c in cells], dtype=np.int16)
    rat = np.array([c[2] for c in cells], dtype=np.int8)
    area, areas = tracking_areas(x, y, site, owner, rat, spec.synthesis.cells_per_tracking_area)
    hung = infrastructure(x, y, demand, spec, streams)
    width = len(str(x.size))
    names = tuple(f"site_{i + 1:0{width}d}" for i in range(x.size))
    return Network(
        frame=frame,
        operators=tuple(o.name for o in spec.operators),
        sites=Sites(
            names, x, y, height, hung.parent, hung.feeder, hung.battery_s, hung.generator_s
        ),
        cells=Cells(
            name=tuple(f"{names[c[0]]}_{spec.operators[c[1]].name}_{c[6]}" for c in cells),
            site=site,
            operator=owner,
            rat=rat,
            azimuth_deg=np.array([c[3] for c in cells]),
            frequency_mhz=np.array([c[4] for c in cells]),
            eirp_dbm=np.array([c[5] for c in cells]),
            tracking_area=area,
        ),
        feeder_names=hung.feeder_names,
        tracking_area_count=areas,
        land=land,
        notes=tuple(notes),
    )


def _build(
    masts: _Masts,
    number: int,
    operator: OperatorSpec,
    spec: NetworkSpec,
    demand: Demand,
    streams: Streams,
) -> tuple[list[int], float]:
    """An operator's masts, new and shared, and the share of people it covers outdoors."""
    points = np.column_stack([demand.x_m, demand.y_m])
    tree = cKDTree(points)
    kind = np.array([_class_of(d) for d in demand.density_per_km2])
    # Densest first; operators look at equally dense points in their own order.
    luck = streams.uniform("network.order", np.arange(len(points)), number)
    order = np.lexsort((luck, np.round(np.log(np.maximum(demand.density_per_km2, 1e-3)) * 2) * -1))
    share = streams.uniform("network.sharing", np.arange(len(points)), number)
    others = len(masts.x_m)
    shared = cKDTree(np.column_stack([masts.x_m, masts.y_m])) if others else None
    total = float(demand.people.sum())
    covered = np.zeros(len(points), dtype=np.bool_)
    blocked = np.zeros(len(points), dtype=np.bool_)
    taken = np.zeros(others, dtype=np.bool_)
    mine: list[int] = []
    for at in order:
        if covered @ demand.people >= spec.synthesis.coverage_target * total:
            break
        if blocked[at] or demand.density_per_km2[at] < spec.synthesis.min_density_per_km2:
            continue
        spacing = CLASSES[kind[at]][1]
        mast = -1
        if shared is not None and share[at] < spec.synthesis.site_sharing_share:
            away, near = shared.query(points[at])
            if away <= SHARING_REACH * spacing and not taken[near]:
                mast = int(near)
                taken[mast] = True
        if mast < 0:
            mast = len(masts.x_m)
            masts.x_m.append(float(points[at, 0]))
            masts.y_m.append(float(points[at, 1]))
            masts.density.append(float(demand.density_per_km2[at]))
            masts.built.append(int(kind[at]))
        mine.append(mast)
        here = (masts.x_m[mast], masts.y_m[mast])
        # A mast keeps others away as far as the denser of the two places asks for.
        for other in tree.query_ball_point(here, spacing):
            if np.hypot(*(points[other] - here)) < CLASSES[kind[other]][1]:
                blocked[other] = True
        blocked[at] = True
        covered |= _covers(masts, mast, operator, points, tree)
    return mine, float(covered @ demand.people) / total


def _covers(
    masts: _Masts, mast: int, operator: OperatorSpec, points: FloatArray, tree: cKDTree
) -> NDArray[np.bool_]:
    """Which points have a median signal outdoors of an operator's coverage layers on a mast."""
    _, _, height, sectors = CLASSES[masts.built[mast]]
    here = np.array([masts.x_m[mast], masts.y_m[mast]])
    out = np.zeros(len(points), dtype=np.bool_)
    for rat, frequency, eirp in _layers(operator, masts.density[mast]):
        reach = float(radio.reach_m(frequency, eirp, height, rat))
        near = np.array(tree.query_ball_point(here, reach), dtype=np.int64)
        if not near.size:
            continue
        dx, dy = points[near, 0] - here[0], points[near, 1] - here[1]
        loss = radio.path_loss_db(frequency, np.hypot(dx, dy), height) + radio.BODY_LOSS_DB
        if sectors > 1:
            step = 360 / sectors
            bearing = np.degrees(np.arctan2(dx, dy))
            loss = loss + radio.sector_loss_db(np.mod(bearing + step / 2, step) - step / 2)
        out[near[eirp - loss >= radio.THRESHOLD_DBM[rat]]] = True
    return out


def _class_of(density: float) -> int:
    return next(i for i, c in enumerate(CLASSES) if density >= c[0])


def _layers(operator: OperatorSpec, density: float) -> list[tuple[int, float, float]]:
    """(technology, frequency, EIRP) of the layers an operator builds at this density."""
    layers = []
    for name in operator.rats:
        rat = RATS.index(name)
        if rat == NR and density < NR_DENSITY:
            continue
        layers.append((rat, *radio.COVERAGE_LAYER[rat]))
        if rat >= LTE and density >= CAPACITY_DENSITY:
            layers.append((rat, *radio.CAPACITY_LAYER[rat]))
    return layers


def _cells(
    masts: _Masts, users: list[list[int]], spec: NetworkSpec
) -> list[tuple[int, int, int, float, float, float, str]]:
    """(site, operator, technology, azimuth, frequency, EIRP, label) of every cell, by site."""
    cells = []
    for number, mine in enumerate(users):
        for mast in mine:
            sectors = CLASSES[masts.built[mast]][3]
            for rat, frequency, eirp in _layers(spec.operators[number], masts.density[mast]):
                for sector in range(sectors):
                    azimuth = sector * 360 / sectors if sectors > 1 else float("nan")
                    label = f"{RATS[rat]}_{frequency:.0f}_{sector + 1}"
                    cells.append((mast, number, rat, azimuth, frequency, eirp, label))
    cells.sort(key=lambda c: (c[0], c[1], c[2], c[4], c[6]))
    return cells
