"""Sirens: heard as far as their sound stands out of the noise, at the speed of sound.

The level falls by 10 dB each time the distance doubles, from the rated one at 100 feet, and
70 dB(C) is the edge of the effective range (FEMA CPG 1-17, 1980; Outdoor Warning Systems, 2006).
That gives a radius outdoors and, less what walls take off, one indoors.

Assumptions: level ground, no wind, sirens with their own battery; those of the alert area sound
and no other; everybody who hears one is reached, people with a hearing disability hear none, and
nobody learns from it what to do.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.channels.base import Crowd
from ewsim.channels.crowd import Starter, outcome_of
from ewsim.channels.siren.kind import SirenSpec
from ewsim.channels.wiring import Made, Wiring
from ewsim.geography import plane
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.population.people import DISABILITIES, People
from ewsim.units import NEVER, US
from ewsim.world import World

#: Where a siren's level is rated: 100 feet [m].
RATED_AT_M = 30.48
#: Speed of sound in air at 15 degrees Celsius [m/s].
SOUND_M_PER_S = 340.0


def radius_m(spec: SirenSpec, *, indoors: bool) -> float:
    """How far a siren is heard [m]."""
    spare_db = spec.level_db - spec.outdoor_level_db - (spec.wall_loss_db if indoors else 0.0)
    return float(RATED_AT_M * 2.0 ** (spare_db / spec.doubling_loss_db))


def grid(
    people: People, area: BaseGeometry, spacing_m: float, least: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A siren at the mean place of the people of each square of a grid where enough live.

    Parameters
    ----------
    people
        The people.
    area
        The alert area, outside of which there are none [m].
    spacing_m
        Side of the squares [m].
    least
        People that a square needs for a siren.
    """
    inside = np.flatnonzero(plane.contains(area, people.x_m, people.y_m) & people.there(0))
    x, y, weight = people.x_m[inside], people.y_m[inside], people.weight[inside]
    keys = np.floor(np.column_stack([x, y]) / spacing_m)
    _, square = np.unique(keys, axis=0, return_inverse=True)
    count = np.bincount(square.ravel(), weights=weight)
    mean_x = np.bincount(square.ravel(), weights=weight * x) / count
    mean_y = np.bincount(square.ravel(), weights=weight * y) / count
    return mean_x[count >= least], mean_y[count >= least]


class Siren:
    """The channel.

    Parameters
    ----------
    x_m, y_m
        Where the sirens of the alert area stand [m].
    """

    name = "siren"

    def __init__(self, spec: SirenSpec, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> None:
        self.spec = spec
        self.x_m, self.y_m = x_m, y_m
        self._starter = Starter()

    def start(self, world: World) -> None:
        """Start the process that sets the sirens off."""
        self._starter.run(world, self.name, self.spec.start_delay_s)

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Who heard the nearest siren that worked, and when."""
        people, begin = crowd.population.people, self._starter.begin_us
        received = np.full(len(people), NEVER, dtype=np.int64)
        cause = np.full(len(people), CAUSE_CODE["no_channel"], dtype=np.int8)
        luck = world.streams.uniform("siren.works", np.arange(self.x_m.size))
        works = luck < self.spec.works_share
        if begin < NEVER and works.any():
            x, y = people.at(begin)
            tree = cKDTree(np.column_stack([self.x_m[works], self.y_m[works]]))
            away_m, _ = tree.query(np.column_stack([x, y]))
            reach_m = np.where(
                people.indoors, radius_m(self.spec, indoors=True), radius_m(self.spec, indoors=False)
            )
            heard = away_m <= reach_m
            deaf = people.disability == DISABILITIES.index("hearing")
            cause[heard & deaf] = CAUSE_CODE["not_accessible_format"]
            heard &= ~deaf
            absent = ~people.there(begin)
            cause[absent] = CAUSE_CODE["not_arrived"]
            heard &= ~absent
            travel_us = np.rint(away_m / SOUND_M_PER_S * US).astype(np.int64)
            received[heard] = begin + travel_us[heard]
            world.log(
                "channel", "served", at_us=begin, detail=f"siren: {int(works.sum())} of {works.size} sound"
            )
        sent = np.full(len(people), begin, dtype=np.int64)
        return outcome_of(sent, received, cause, world.horizon_us)


def make(wiring: Wiring, spec: SirenSpec) -> Made:
    """The sirens of a scenario: those it names in the alert area, or a grid."""
    notes: tuple[str, ...] = ()
    if spec.positions is None:
        x, y = grid(wiring.population.people, wiring.area, spec.spacing_m, spec.people_each_count)
        notes = ("The sirens of the alert area are placed on a grid, not read.",)
    else:
        lat, lon = np.array(spec.positions, dtype=np.float64).reshape(-1, 2).T
        x, y = wiring.network.frame.to_xy(lat, lon)
        inside = plane.contains(wiring.area, x, y)
        x, y = x[inside], y[inside]
    if not x.size:
        raise wiring.fault(
            "channels.siren",
            "no siren stands in the alert area",
            "Give positions in it, or a smaller people_each_count.",
        )
    return Made(Siren(spec, x, y), notes=notes)
