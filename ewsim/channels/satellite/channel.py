"""Direct-to-device satellite: the warning from above, to phones that find no cell.

A wireless emergency alert was first sent by a satellite to an ordinary phone in September 2024; it
took seconds. A phone turns to the satellite when it has been without a cell for a while, and then
hears the next of the warnings that the satellite repeats.

Assumptions: the satellites cover the place all the time and reach nobody indoors; the beam is much
wider than the alert area, and phones show what they hear; a phone keeps its sky view.
"""

import numpy as np

from ewsim.channels.base import Crowd, for_people
from ewsim.channels.crowd import Starter, first_sims
from ewsim.channels.satellite.kind import SatelliteSpec
from ewsim.channels.wiring import Made, Wiring
from ewsim.kernels import kernel
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.population.presence.windows import beside
from ewsim.units import NEVER, US, to_us
from ewsim.world import World


@kernel
def _heard(who, wait, begin, end, search, first, since, until, on_from, on_to):
    """When each of `who` has been without a cell long enough for its wait [us], NEVER: not."""
    found = np.full(who.size, NEVER, np.int64)
    for i in range(who.size):
        h = who[i]
        free = on_from[h]  # since when it has no cell
        for row in range(first[h], first[h + 1] + 1):
            last = row == first[h + 1]
            gone = on_to[h] if last else min(since[row], on_to[h])
            heard = max(begin, free + search) + wait[i]
            if heard < min(gone, end):
                found[i] = heard
                break
            if not last:
                free = max(free, min(until[row], on_to[h]))
    return found


class Satellite:
    """The channel."""

    name = "satellite"

    def __init__(self, spec: SatelliteSpec) -> None:
        self.spec = spec
        self._starter = Starter()

    def start(self, world: World) -> None:
        """Start the process of the satellite's operator."""
        self._starter.run(world, self.name, self.spec.start_delay_s)

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Who heard it from the satellite, and when."""
        spec, streams, begin = self.spec, world.streams, self._starter.begin_us
        people, handsets = crowd.population.people, crowd.population.handsets
        where = beside(crowd.presence, crowd.population.empty)  # an empty phone hears nothing
        count = len(handsets)
        ids = handsets.number
        received = np.full(count, NEVER, dtype=np.int64)
        cause = np.full(count, CAUSE_CODE["no_channel"], dtype=np.int8)
        able = first_sims(handsets) & handsets.smartphone
        able &= streams.uniform("satellite.capable", ids) < spec.capable_share
        sky = ~people.indoors[handsets.owner]
        sky &= streams.uniform("satellite.sky", ids) < spec.sky_view_share
        who = np.flatnonzero(able & sky)
        if begin < NEVER and who.size:
            wait = streams.uniform("satellite.wait", ids[who]) * spec.period_s * US
            received[who] = _heard(
                who,
                np.rint(wait).astype(np.int64),
                begin,
                min(begin + to_us(spec.duration_s), world.horizon_us + 1),
                to_us(spec.search_s),
                where.first,
                where.from_us,
                where.to_us,
                handsets.on_from_us,
                handsets.on_to_us,
            )
            came = people.there(min(begin + to_us(spec.duration_s), world.horizon_us))
            cause[who[~came[handsets.owner[who]]]] = CAUSE_CODE["not_arrived"]
        got = received < NEVER
        sent = np.where(got, begin, NEVER)
        cause[got] = 0
        once = got.astype(np.int16)
        return for_people(crowd.population, sent, received, received, once, once, cause)


def make(wiring: Wiring, spec: SatelliteSpec) -> Made:
    """The satellites of a scenario."""
    return Made(Satellite(spec), languages=(wiring.info(None).language,))
