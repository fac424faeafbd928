"""Passing on: everybody who knows tells some others, who tell others.

Whom each person tells, and how long after they know it, is drawn for the person alone. So the people are
a fixed graph, and when somebody hears of it is the shortest way through it from those who know by
themselves. Nobody hears later because more people know at first; and the same seed gives two arms the same
graph.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtrik

from ewsim.kernels import kernel
from ewsim.population.people import People
from ewsim.scenario.spec.response import TellingSpec
from ewsim.streams import Streams, draw
from ewsim.units import NEVER, US

#: The most people whom one person tells.
MOST = 1000


@dataclass(frozen=True, slots=True)
class WordOfMouth:
    """When each person knows it, by themselves or informed, and whether they were informed first."""

    known_us: NDArray[np.int64]
    informed: NDArray[np.bool_]


def passed_on(
    spec: TellingSpec,
    known_us: NDArray[np.int64],
    people: People,
    streams: Streams,
    *,
    night: bool,
    horizon_us: int,
) -> WordOfMouth:
    """Who hears of it from others, and when.

    Parameters
    ----------
    spec
        How people tell others.
    known_us
        When each knows it without being informed [us], NEVER where not, shape (people,).
    people
        Who lives where; who has not arrived hears of it on arrival.
    streams
        The random numbers of this replication.
    night
        Whether it is night.
    horizon_us
        The end of the run [us].
    """
    count = known_us.size
    ids = np.arange(count)
    factor = spec.night_factor if night else 1.0
    if spec.informed_count is None:
        most = np.full(count, MOST if factor else 0, dtype=np.int64)
    else:
        mean = spec.informed_count * factor
        most = _poisson(mean, streams.uniform("response.informed", ids))
    start_s = (
        streams.lognormal("response.begins", ids, spec.start_median_s, spec.start_sigma)
        if spec.start_median_s
        else np.zeros(count)
    )
    start_us = np.rint(np.minimum(start_s, 1e9) * US).astype(np.int64)
    zone = people.zone.astype(np.int64)
    order = np.argsort(zone, kind="stable")
    first = np.searchsorted(zone[order], np.arange(len(people.zone_names) + 1))
    known, informed = known_us.copy(), np.zeros(count, dtype=np.bool_)
    sure = np.flatnonzero(known_us < NEVER)
    sure = sure[np.argsort(known_us[sure], kind="stable")]
    interval_us = spec.interval_mean_s * US
    if spec.informed_count is None and factor:
        interval_us /= factor
    arrives = np.zeros(0, dtype=np.int64) if people.arrives_us is None else people.arrives_us
    _spread(
        known,
        informed,
        sure,
        most,
        start_us,
        interval_us,
        spec.same_place_share,
        zone,
        order,
        first,
        arrives,
        horizon_us,
        streams.key("response.interval"),
        streams.key("response.contact"),
        streams.key("response.place"),
    )
    return WordOfMouth(known, informed)


def _poisson(mean: float, uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Poisson numbers by inversion."""
    if not mean:
        return np.zeros(uniform.size, dtype=np.int64)
    found = np.ceil(np.maximum(pdtrik(np.maximum(uniform, np.exp(-mean)), mean), 0) - 1e-9)
    return np.asarray(np.where(uniform <= np.exp(-mean), 0, found), dtype=np.int64)


@kernel
def _spread(
    known,
    informed,
    sure,
    most,
    start_us,
    interval_us,
    same_place,
    zone,
    order,
    first,
    arrives,
    horizon_us,
    interval_key,
    contact_key,
    place_key,
):
    """Dijkstra's shortest ways, from all who know by themselves; `known` and `informed` are filled in."""
    waiting = [(np.int64(0), np.int64(0))]
    waiting.pop()
    nxt = 0
    while nxt < sure.size or len(waiting) > 0:
        if nxt < sure.size and (len(waiting) == 0 or known[sure[nxt]] <= waiting[0][0]):
            who = sure[nxt]
            nxt += 1
            if informed[who]:
                continue  # they had heard of it before, and informed others then
            now = known[who]
        else:
            now, who = heapq.heappop(waiting)
            if now > known[who]:
                continue
        at = now + start_us[who]
        for k in range(most[who]):
            at += np.int64(-np.log(draw(interval_key, who, k)) * interval_us)
            if at > horizon_us:
                break
            u = draw(contact_key, who, k)
            if draw(place_key, who, k) < same_place:
                begin, end = first[zone[who]], first[zone[who] + 1]
                other = order[begin + np.int64(u * (end - begin))]
            else:
                other = np.int64(u * known.size)
            when = at if arrives.size == 0 else max(at, arrives[other])
            if when < known[other] and when <= horizon_us:
                known[other] = when
                informed[other] = True
                heapq.heappush(waiting, (when, np.int64(other)))
