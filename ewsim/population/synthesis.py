"""People and their handsets, drawn one by one from the shares that a scenario states.

Every draw is a pure function of the person's number and a purpose, so people do not change with
the order, the chunking or the disturbances of a run, nor from one arm to another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.population.people import CB_LEVELS, DISABILITIES, Handsets, People
from ewsim.population.placing import scatter
from ewsim.population.settlement import Settlements
from ewsim.scenario.spec import HandsetSpec, OperatorSpec, PopulationSpec
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, NEVER, RATS, UMTS, US

#: Assumption: work places stand closer together than homes: their radius, as a share.
WORK_RADIUS_SHARE = 0.5
#: Assumption: a mover works in the own place or in one of so many nearest larger ones, alike.
WORK_PLACES = 3

_TEST_LEVELS = ("test", "exercise")


def make_people(
    spec: PopulationSpec,
    settlements: Settlements,
    land: BaseGeometry,
    streams: Streams,
    horizon_us: int,
) -> People:
    """Everyone, before they carry handsets.

    Row i stands for the people from i * weight on, counted through the settlements; the last row
    takes the remainder, so the weights add up to the people exactly. Disability, sex, language,
    staying indoors and moving are independent of age and of each other (assumption: no joint
    table).
    """
    streams = streams.country()
    cumulative = np.cumsum(settlements.people)
    total = int(cumulative[-1])
    count = -(-total // spec.weight)
    ids = np.arange(count, dtype=np.int64)
    weight = np.full(count, spec.weight, dtype=np.int32)
    weight[-1] = total - spec.weight * (count - 1)
    middle = ids * spec.weight + weight // 2
    home = np.searchsorted(cumulative, middle, side="right")

    x, y = scatter(
        settlements.x_m[home],
        settlements.y_m[home],
        settlements.radius_m[home],
        land,
        streams,
        "population.home",
        ids,
    )
    moves_us, later_x, later_y = _moves(spec, settlements, home, x, y, land, streams, horizon_us)
    impaired = [spec.disability_shares.get(d, 0.0) for d in DISABILITIES[1:]]  # type: ignore[call-overload]
    none = max(0.0, 1.0 - sum(impaired))
    return People(
        weight=weight,
        x_m=x,
        y_m=y,
        later_x_m=later_x,
        later_y_m=later_y,
        moves_us=moves_us,
        indoors=streams.uniform("population.indoors", ids) < spec.indoors_share,
        age_band=streams.choice("population.age", ids, spec.age_shares).astype(np.int8),
        sex=(streams.uniform("population.sex", ids) >= spec.female_share).astype(np.int8),
        disability=streams.choice("population.disability", ids, [none, *impaired]).astype(np.int8),
        settlement=settlements.kind[home],
        language=streams.choice(
            "population.language", ids, [language.share for language in spec.languages]
        ).astype(np.int8),
        zone=settlements.zone[home],
        handset=np.full(count, -1, dtype=np.int32),
        languages=tuple(language.tag for language in spec.languages),
        zone_names=settlements.name,
    )


def make_handsets(
    spec: HandsetSpec, operators: tuple[OperatorSpec, ...], people: People, streams: Streams
) -> tuple[Handsets, NDArray[np.int32]]:
    """The handsets, and for each person the number of the handset carried (-1: none).

    Nobody carries two. A phone can use its best technology and all older ones; with 4G or 5G it is
    a smartphone (assumption). Levels 2, 3, 4, amber and info are switched on or off together, and
    so are test and exercise (assumption); level 1 cannot be switched off.
    """
    streams = streams.country()
    everyone = np.arange(len(people), dtype=np.int64)
    ownership = np.where(people.age_band == 0, spec.child_ownership_share, spec.ownership_share)
    owner = np.flatnonzero(streams.uniform("population.owns", everyone) < ownership)
    carried = np.full(everyone.size, -1, dtype=np.int32)
    carried[owner] = np.arange(owner.size, dtype=np.int32)

    best = streams.choice(
        "population.rat",
        owner,
        [spec.rat_shares.get(rat, 0.0) for rat in RATS],
    )
    capable = np.full(len(RATS), spec.cb_capable_share)
    capable[GSM], capable[UMTS] = spec.cb_capable_2g_share, spec.cb_received_3g_share
    enabled = streams.uniform("population.enabled", owner) < spec.enabled_share
    tests = streams.uniform("population.test_enabled", owner) < spec.test_enabled_share
    on_from, on_to = _switched_on(spec, owner, streams)
    handsets = Handsets(
        owner=owner.astype(np.int32),
        operator=streams.choice(
            "population.operator", owner, [operator.share for operator in operators]
        ).astype(np.int16),
        rats=((1 << (best + 1)) - 1).astype(np.uint8),
        smartphone=best >= LTE,
        cb_capable=streams.uniform("population.cb_capable", owner) < capable[best],
        channels=_channels(enabled, tests),
        on_from_us=on_from,
        on_to_us=on_to,
    )
    return handsets, carried


def _channels(enabled: NDArray[np.bool_], tests: NDArray[np.bool_]) -> NDArray[np.uint16]:
    bits = np.zeros(enabled.size, dtype=np.uint16)
    for n, level in enumerate(CB_LEVELS):
        on = np.ones_like(enabled) if n == 0 else tests if level in _TEST_LEVELS else enabled
        bits |= on.astype(np.uint16) << np.uint16(n)
    return bits


def _switched_on(
    spec: HandsetSpec, owner: NDArray[np.int64], streams: Streams
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    on_from = np.full(owner.size, -NEVER, dtype=np.int64)
    on_to = np.full(owner.size, NEVER, dtype=np.int64)
    off = np.flatnonzero(streams.uniform("population.on", owner) >= spec.on_share)
    who = owner[off]
    comes = streams.uniform("population.switches_on", who) < spec.switch_on_share
    after = streams.exponential("population.switch_on_time", who) * (spec.switch_on_mean_s * US)
    on_from[off] = np.where(comes, np.rint(after).astype(np.int64), NEVER)
    return on_from, on_to


def _moves(
    spec: PopulationSpec,
    settlements: Settlements,
    home: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    land: BaseGeometry,
    streams: Streams,
    horizon_us: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """When people move (NEVER: stay), uniform over the run, and where they are from then on."""
    ids = np.arange(home.size, dtype=np.int64)
    who = np.flatnonzero(streams.uniform("population.moves", ids) < spec.movers_share)
    moves_us = np.full(home.size, NEVER, dtype=np.int64)
    at = streams.uniform("population.move_time", who) * horizon_us
    moves_us[who] = np.rint(at).astype(np.int64)
    choice = streams.uniform("population.work_choice", who) * (1 + WORK_PLACES)
    work = _work_places(settlements)[home[who], choice.astype(np.int64)]
    later_x, later_y = x.copy(), y.copy()
    later_x[who], later_y[who] = scatter(
        settlements.x_m[work],
        settlements.y_m[work],
        settlements.radius_m[work] * WORK_RADIUS_SHARE,
        land,
        streams,
        "population.work",
        who,
    )
    return moves_us, later_x, later_y


def _work_places(settlements: Settlements) -> NDArray[np.int64]:
    """For each settlement its own place and the nearest larger ones, shape (n, 1 + WORK_PLACES).

    Where fewer are larger among the 32 nearest, the own place (for a hamlet: its zone) stands in.
    """
    places = len(settlements.name)
    points = np.column_stack([settlements.x_m, settlements.y_m])
    reach = min(32, places)
    _, near = cKDTree(points[:places]).query(points, k=range(1, reach + 1))
    larger = settlements.people[near] > settlements.people[:, None]
    nearest_larger_first = np.argsort(~larger, axis=1, kind="stable")[:, :WORK_PLACES]
    chosen = np.take_along_axis(near, nearest_larger_first, axis=1)
    is_larger = np.take_along_axis(larger, nearest_larger_first, axis=1)
    own = settlements.zone.astype(np.int64)
    table = np.tile(own[:, None], (1, 1 + WORK_PLACES))
    table[:, 1 : 1 + chosen.shape[1]] = np.where(is_larger, chosen, own[:, None])
    return table
