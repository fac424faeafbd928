"""Networks that nobody measured: sites where people are, until a coverage target is met.

Each operator builds where density is highest first, at the distance between sites that this density
asks for, and stops when the stated share of people has a signal outdoors. Whoever is left has none:
gaps are where few people live, as in real countries. A technology with targets of its own goes on
those masts, towns first, until its share of the people of each kind of region is covered.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError
from ewsim.geography.plane import LocalFrame
from ewsim.network.rollout.backhaul import backhaul_and_power, tracking_areas
from ewsim.network.rollout.siting import CLASSES, PLANNING_MARGIN_DB, WALLS_DB, Layer, PlannedMasts, Planner
from ewsim.network.signal import radio
from ewsim.network.topology import Cells, Network
from ewsim.scenario.spec import NetworkSpec, OperatorSpec
from ewsim.settlement.demand import REGIONS, Demand
from ewsim.streams import Streams
from ewsim.units import LTE, NR, RATS

#: Assumption: capacity layers of 4G and any 5G are built from this density on [people/km2].
CAPACITY_DENSITY, NR_DENSITY = 1500.0, 300.0

#: Targets by region are met to this, in at most so many rounds.
_FINE, _ROUNDS = 0.005, 10

#: (operator, mast, technology): the reduction of the power of its cells there [dB].
_Plan = dict[tuple[int, int, int], float]


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell to be; `label` tells it from the others of its operator and site."""

    mast: int
    operator: int
    rat: int
    frequency_mhz: float
    label: str
    azimuth_deg: float
    eirp_dbm: float

    def key(self) -> tuple[int, int, int, float, str]:
        return self.mast, self.operator, self.rat, self.frequency_mhz, self.label


def synthesise(
    spec: NetworkSpec, streams: Streams, frame: LocalFrame, land: BaseGeometry, demand: Demand
) -> Network:
    """A network for these people.

    Parameters
    ----------
    spec
        Operators, their technologies and targets.
    streams
        Random numbers; the network is the same in every replication.
    frame, land
        The plane, and the land in it [m].
    demand
        Where people live; sites stand at such points.

    Raises
    ------
    DataError
        Nobody lives densely enough for a mast.
    """
    streams = streams.country()
    masts = PlannedMasts([], [], [], [])
    plan: _Plan = {}
    notes: list[str] = []
    for number, operator in enumerate(spec.operators):
        planner = Planner(
            number,
            masts,
            demand,
            streams,
            sharing=spec.synthesis.site_sharing_share,
            min_density_per_km2=spec.synthesis.min_density_per_km2,
        )
        notes += _roll_out(number, operator, spec, planner, plan)
    if not len(masts):
        fix = "Lower network.synthesis.min_density_per_km2, or raise coverage_target."
        raise DataError.at("network.synthesis", "no mast can be built.", fix)
    x, y = np.array(masts.x_m), np.array(masts.y_m)
    cells = sorted(_cells(masts, plan), key=_Cell.key)
    site = np.array([c.mast for c in cells], dtype=np.int32)
    owner = np.array([c.operator for c in cells], dtype=np.int16)
    rat = np.array([c.rat for c in cells], dtype=np.int8)
    area, areas = tracking_areas(x, y, site, owner, rat, spec.synthesis.cells_per_tracking_area)
    hung = backhaul_and_power(x, y, demand, spec, streams)
    width = len(str(x.size))
    names = tuple(f"site_{i + 1:0{width}d}" for i in range(x.size))
    return Network(
        frame=frame,
        operators=tuple(o.name for o in spec.operators),
        sites=hung.sites(names, x, y, np.array([CLASSES[c][2] for c in masts.built])),
        cells=Cells(
            name=tuple(f"{names[c.mast]}_{spec.operators[c.operator].name}_{c.label}" for c in cells),
            site=site,
            operator=owner,
            rat=rat,
            azimuth_deg=np.array([c.azimuth_deg for c in cells]),
            frequency_mhz=np.array([c.frequency_mhz for c in cells]),
            eirp_dbm=np.array([c.eirp_dbm for c in cells]),
            tracking_area=area,
        ),
        feeder_names=hung.feeder_names,
        tracking_area_count=areas,
        land=land,
        notes=tuple(notes),
    )


def _roll_out(
    number: int, operator: OperatorSpec, spec: NetworkSpec, planner: Planner, plan: _Plan
) -> Iterator[str]:
    """Plan an operator's cells; what is reached, in sentences.

    Technologies without targets of their own go on every mast until the overall target is met (5G
    where it is dense enough); each of the others follows on its own.
    """
    demand, targets = planner.demand, spec.synthesis.coverage_targets
    everyone = np.ones(len(demand), dtype=np.bool_)
    rats = sorted(RATS.index(name) for name in operator.rats)
    base = [rat for rat in rats if RATS[rat] not in targets]
    covered = np.zeros(len(demand), dtype=np.bool_)
    layers = [_coverage_layer(rat) for rat in base if rat != NR or len(base) == 1]
    wanted = spec.synthesis.coverage_target
    built = planner.roll_out(layers, everyone, wanted, covered)
    if layers:
        built += [(mast, 0.0) for mast in planner.densify(layers, covered)]
    if layers:
        added, indoors = _indoors(operator, spec, planner, layers, built, covered)
        built += added
    for mast, less in built:
        for rat in base:
            if rat != NR or len(base) == 1 or planner.masts.density[mast] >= NR_DENSITY:
                plan[number, mast, rat] = less
    if base:
        yield _note(operator, "people", len(planner.mine), covered, demand.people, wanted)
    if layers:
        yield from indoors
    widest: tuple[float, int, dict[int, float], NDArray[np.bool_]] | None = None
    for rat in (r for r in rats if RATS[r] in targets):
        target = targets[RATS[rat]]
        wants = (target.urban_target, target.rural_target)
        used, mine = _by_region(planner, rat, wants)
        plan |= {(number, mast, rat): less for mast, less in used.items()}
        if widest is None or mine @ demand.people > widest[0]:
            widest = float(mine @ demand.people), rat, used, mine
        for where, region, share in zip(_regions(demand), ("towns", "the country"), wants, strict=True):
            if where.any():
                what = f"people in {region} with {RATS[rat]}"
                yield _note(operator, what, len(used), mine[where], demand.people[where], share)
    if not layers and widest is not None:
        # Where every technology has targets of its own, the one that covers most people goes indoors.
        _, rat, used, mine = widest
        added, indoors = _indoors(operator, spec, planner, [_coverage_layer(rat)], list(used.items()), mine)
        plan |= {(number, mast, rat): less for mast, less in added}
        yield from indoors


def _indoors(
    operator: OperatorSpec,
    spec: NetworkSpec,
    planner: Planner,
    layers: list[Layer],
    built: list[tuple[int, float]],
    covered: NDArray[np.bool_],
) -> tuple[list[tuple[int, float]], list[str]]:
    """Masts for people indoors in covered towns, and what they reach in a sentence."""
    wanted = spec.synthesis.indoor_share
    if wanted <= 0 or not built:
        return [], []
    added, inside = planner.for_indoors(layers, built, covered, wanted)
    note = (
        f"Operator {operator.name}: {inside:.1%} of people in covered towns have the plan's signal "
        f"behind {WALLS_DB:g} dB of walls (indoor_share {wanted:.1%}); one site for "
        f"{planner.demand.people.sum() / len(planner.mine):,.0f} people."
    )
    return [(mast, 0.0) for mast in added], [note]


def _regions(demand: Demand) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which points are urban, and which are not."""
    urban = demand.region == REGIONS.index("urban")
    return urban, ~urban


def _by_region(
    planner: Planner, rat: int, wants: tuple[float, float]
) -> tuple[dict[int, float], NDArray[np.bool_]]:
    """Put a technology on masts until towns and country each have their share.

    PlannedMasts of one reach into the other, so what each is given alone is corrected until both are met
    (or towns alone give the country more than it is to have).
    """
    demand, start = planner.demand, planner.state()
    goals = list(wants)
    for turn in range(_ROUNDS):
        if turn:
            planner.restore(start)
        covered = np.zeros(len(demand), dtype=np.bool_)
        used: dict[int, float] = {}
        for where, goal in zip(_regions(demand), goals, strict=True):
            for mast, less in planner.roll_out([_coverage_layer(rat)], where, goal, covered):
                used[mast] = min(less, used.get(mast, less))
        excess = [
            float(covered[where] @ demand.people[where] / demand.people[where].sum()) - want
            if where.any()
            else 0.0
            for where, want in zip(_regions(demand), wants, strict=True)
        ]
        if max(excess) <= _FINE:
            break
        corrected = [min(1.0, max(0.0, g - e)) for g, e in zip(goals, excess, strict=True)]
        if corrected == goals:
            break
        goals = corrected
    return used, covered


def _note(
    operator: OperatorSpec,
    what: str,
    sites: int,
    covered: NDArray[np.bool_],
    people: NDArray[np.float64],
    target: float,
) -> str:
    share = float(covered @ people / people.sum())
    met = share >= target - _FINE
    return (
        f"Operator {operator.name}: {sites} synthesised sites give {share:.1%} of {what} a signal "
        f"{PLANNING_MARGIN_DB:g} dB above the planning threshold (target {target:.1%})"
        f"{'.' if met else ': no place left above the least density.'}"
    )


def _coverage_layer(rat: int) -> Layer:
    """The coverage layer of a technology."""
    return (rat, *radio.COVERAGE_LAYER[rat])


def _cells(masts: PlannedMasts, plan: _Plan) -> Iterator[_Cell]:
    """Every sector of every layer; 4G and 5G have a capacity layer where it is dense."""
    for (operator, mast, rat), less in plan.items():
        sectors = CLASSES[masts.built[mast]][3]
        layers = [_coverage_layer(rat)]
        if rat >= LTE and masts.density[mast] >= CAPACITY_DENSITY:
            layers.append((rat, *radio.CAPACITY_LAYER[rat]))
        for _, frequency, eirp in layers:
            for sector in range(sectors):
                azimuth = sector * 360 / sectors if sectors > 1 else float("nan")
                label = f"{RATS[rat]}_{frequency:.0f}_{sector + 1}"
                yield _Cell(mast, operator, rat, frequency, label, azimuth, eirp - less)
