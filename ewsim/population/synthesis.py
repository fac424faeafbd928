"""People, drawn one by one from the shares that a scenario states for their zone.

Every draw is a pure function of the person's number and a purpose, so people do not change with
the order, the chunking or the disturbances of a run, nor from one arm to another. They are made in
chunks, so that memory holds the finished columns and little else.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geo import FloatArray
from ewsim.population.handsets import make_handsets
from ewsim.population.moves import Moves
from ewsim.population.people import People
from ewsim.population.settlement import Settlements
from ewsim.population.shares import zone_shares
from ewsim.scenario.spec import PopulationSpec
from ewsim.streams import Streams
from ewsim.units import NEVER

__all__ = ["make_handsets", "make_people"]

#: People made at a time.
CHUNK = 500_000


def make_people(
    spec: PopulationSpec,
    settlements: Settlements,
    land: BaseGeometry,
    streams: Streams,
    horizon_us: int,
    zone_table: Path | None = None,
) -> People:
    """Everyone, before they carry handsets.

    Row i stands for the people from i * weight on, counted through the settlements; the last row
    takes the remainder, so the weights add up to the people exactly. Within a zone disability, sex,
    language, poverty, visiting, staying indoors and moving are independent of age and of each other
    (assumption: no joint table).

    Parameters
    ----------
    zone_table
        The table that `spec.zone_shares` names.

    Raises
    ------
    DataError
        Every fault of that table.
    """
    streams = streams.country()
    shares = zone_shares(spec, settlements.name, zone_table)
    cumulative = np.cumsum(settlements.people)
    total = int(cumulative[-1])
    count = -(-total // spec.weight)
    weight = np.full(count, spec.weight, dtype=np.int32)
    weight[-1] = total - spec.weight * (count - 1)
    moves = Moves(spec, settlements, land, streams, horizon_us)
    x, y = np.empty(count), np.empty(count)
    later_x, later_y = np.empty(count), np.empty(count)
    moves_us = np.full(count, NEVER, dtype=np.int64)
    indoors = np.empty(count, dtype=np.bool_)
    codes = {
        name: np.empty(count, dtype=np.int8)
        for name in ("age", "sex", "disability", "kind", "language", "poverty", "residence")
    }
    zone = np.empty(count, dtype=np.int32)
    indoors_share = moves.indoors_share()
    for begin in range(0, count, CHUNK):
        ids = np.arange(begin, min(begin + CHUNK, count), dtype=np.int64)
        part = slice(begin, begin + ids.size)
        middle = ids * spec.weight + weight[part] // 2
        home = np.searchsorted(cumulative, middle, side="right")
        where = settlements.zone[home]
        zone[part] = where
        codes["kind"][part] = settlements.kind[home]
        for name, purpose, table in (
            ("age", "population.age", shares.age),
            ("disability", "population.disability", shares.disability),
            ("language", "population.language", shares.language),
        ):
            codes[name][part] = _choice(streams, purpose, ids, table, where)
        for name, purpose, one in (
            ("poverty", "population.poverty", shares.poor),
            ("residence", "population.visits", shares.visitor),
        ):
            codes[name][part] = streams.uniform(purpose, ids) < one[where]
        codes["sex"][part] = streams.uniform("population.sex", ids) >= shares.female[where]
        indoors[part] = streams.uniform("population.indoors", ids) < indoors_share
        home_x, home_y = settlements.place(home, land, streams, "population.home", ids)
        x[part], y[part], later_x[part], later_y[part], moves_us[part] = moves.of(
            ids, home, home_x, home_y, codes["age"][part]
        )
    return People(
        weight=weight,
        x_m=x,
        y_m=y,
        later_x_m=later_x,
        later_y_m=later_y,
        moves_us=moves_us,
        indoors=indoors,
        age_band=codes["age"],
        sex=codes["sex"],
        disability=codes["disability"],
        settlement=codes["kind"],
        language=codes["language"],
        zone=zone,
        handset=np.full(count, -1, dtype=np.int32),
        languages=tuple(language.tag for language in spec.languages),
        zone_names=settlements.name,
        poverty=codes["poverty"],
        residence=codes["residence"],
    )


def _choice(
    streams: Streams,
    purpose: str,
    ids: NDArray[np.int64],
    shares: FloatArray,
    zone: NDArray[np.int32],
) -> NDArray[np.int8]:
    """A kind for each id, by the shares of its zone (zones, kinds)."""
    u = streams.uniform(purpose, ids)
    edges = np.cumsum(shares, axis=1)
    out = np.zeros(ids.size, dtype=np.int8)
    for kind in range(shares.shape[1] - 1):
        out += u >= edges[zone, kind]
    return out
