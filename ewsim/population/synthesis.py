"""People, drawn one by one from the shares that a scenario states for their zone.

Every draw is a pure function of the person's number and a purpose, so people do not change with
the order, the chunking or the disturbances of a run, nor from one arm to another. They are made in
chunks, so that memory holds the finished columns and little else.
"""

from pathlib import Path

import numpy as np
from shapely.geometry.base import BaseGeometry

from ewsim.population.journeys import Journeys, Moves
from ewsim.population.movement.moves import Days
from ewsim.population.people import People
from ewsim.population.shard import Shard
from ewsim.population.shares import drawn_groups, zone_shares
from ewsim.scenario.spec import PopulationSpec
from ewsim.settlement.pattern import Settlements
from ewsim.streams import Streams

#: People made at a time.
CHUNK = 500_000

_GROUPS = ("age_band", "sex", "disability", "language", "poverty", "residence")


def make_people(
    spec: PopulationSpec,
    settlements: Settlements,
    land: BaseGeometry,
    streams: Streams,
    horizon_us: int,
    zone_table: Path | None = None,
    shard: Shard | None = None,
    *,
    placed: bool = True,
) -> People:
    """Everyone who is there at the decision, before they carry handsets; or those of a shard.

    Row i stands for the people from i * weight on, counted through the settlements; the last row
    takes the remainder, so the weights add up to the people exactly. Within a zone disability, sex,
    language, poverty, visiting, staying indoors and moving are independent of age and of each other
    (assumption: no joint table).

    Parameters
    ----------
    spec
        The shares.
    settlements
        Where people live.
    land
        Where people can be [m].
    streams
        The random numbers.
    horizon_us
        The end of the run [us].
    zone_table
        The table that `spec.zone_shares` names.
    shard
        Whom to make; None: everyone.
    placed
        Whether to find out where they are, too: not where only their groups are counted.

    Raises
    ------
    DataError
        Every fault of that table.
    """
    first = 0 if shard is None else shard.begin
    streams = streams.country().from_row(first)
    shares = zone_shares(spec, settlements.name, zone_table)
    cumulative = np.cumsum(settlements.people)
    total = int(cumulative[-1])
    everyone = -(-total // spec.weight)
    count = everyone if shard is None else shard.end - first
    weight = np.full(count, spec.weight, dtype=np.int32)
    if count and first + count == everyone:
        weight[-1] = total - spec.weight * (everyone - 1)
    days = Days(spec, settlements, land, streams, horizon_us)
    x, y = np.zeros(count), np.zeros(count)
    moves: list[Moves] = []
    indoors = np.zeros(count, dtype=np.bool_)
    codes = {name: np.empty(count, dtype=np.int8) for name in (*_GROUPS, "settlement")}
    zone = np.empty(count, dtype=np.int32)
    indoors_share = days.indoors_share()
    for begin in range(0, count, CHUNK):
        ids = np.arange(begin, min(begin + CHUNK, count), dtype=np.int64)
        part = slice(begin, begin + ids.size)
        middle = (first + ids) * spec.weight + weight[part] // 2
        home = np.searchsorted(cumulative, middle, side="right")
        where = settlements.zone[home]
        zone[part] = where
        codes["settlement"][part] = settlements.kind[home]
        for name, values in drawn_groups(shares, ids, where, streams).items():
            codes[name][part] = values
        if not placed:
            continue
        indoors[part] = streams.uniform("population.indoors", ids) < indoors_share
        home_x, home_y = settlements.place(home, land, streams, "population.home", ids)
        x[part], y[part], more = days.of(ids, home, home_x, home_y, codes["age_band"][part])
        moves += more
    return People(
        weight=weight,
        x_m=x,
        y_m=y,
        journeys=Journeys.of(count, moves),
        indoors=indoors,
        zone=zone,
        handset=np.full(count, -1, dtype=np.int32),
        languages=tuple(language.tag for language in spec.languages),
        zone_names=settlements.name,
        arrives_us=None,
        first=first,
        **codes,
    )
