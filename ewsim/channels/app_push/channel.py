"""A warning app: push messages over the internet, through whatever cell the phone camps on.

The push service sends to one phone after another, in an order drawn with the seed, and keeps a
message for a phone that is not connected.

Assumptions: the app compares the phone's own position with the alert area, without error; a cell
that serves carries the message whatever its technology; no Wi-Fi (a phone without a cell is not
connected), and of two SIMs the first; the network's load does not slow it. Shares of installed
apps differ widely between countries: give your own.
"""

import numpy as np
from shapely.geometry.base import BaseGeometry

from ewsim.channels.app_push.kind import AppPushSpec
from ewsim.channels.base import Crowd, absence, for_people
from ewsim.channels.crowd import Starter, first_sims
from ewsim.channels.wiring import Made, Wiring
from ewsim.geography import plane
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.population.presence.kernel import reachable_us
from ewsim.scenario.spec.base import LONGEST_S
from ewsim.units import NEVER, US, to_us
from ewsim.world import World


class AppPush:
    """The channel; `area` is the alert area in the network's metres."""

    name = "app_push"

    def __init__(self, spec: AppPushSpec, area: BaseGeometry) -> None:
        self.spec = spec
        self.area = area
        self._starter = Starter()

    def start(self, world: World) -> None:
        """Start the process of the push service."""
        self._starter.run(world, self.name, self.spec.start_delay_s)

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Who got the push message, and when."""
        spec, streams, begin = self.spec, world.streams, self._starter.begin_us
        handsets = crowd.population.handsets
        count = len(handsets)
        ids = handsets.number
        sent = np.full(count, NEVER, dtype=np.int64)
        received = np.full(count, NEVER, dtype=np.int64)
        cause = np.full(count, CAUSE_CODE["no_channel"], dtype=np.int8)
        has = first_sims(handsets) & handsets.smartphone
        has &= streams.uniform("app.installed", ids) < spec.installed_share
        allows = streams.uniform("app.enabled", ids) < spec.enabled_share
        cause[has & ~allows] = CAUSE_CODE["opted_out"]
        who = np.flatnonzero(has & allows)
        if begin < NEVER and who.size:
            order = np.argsort(streams.uniform("app.order", ids[who]), kind="stable")
            weight = crowd.population.people.weight[handsets.owner[who]].astype(np.int64)
            before = np.empty_like(weight)
            before[order] = np.cumsum(weight[order]) - weight[order]
            sent[who] = begin + np.rint(before * (US / spec.rate_per_s)).astype(np.int64)
            until = np.minimum(sent[who] + to_us(spec.keep_s), world.horizon_us)
            there = reachable_us(who, sent[who], crowd.presence)
            connected = there <= until
            away = who[~connected]
            cause[away] = absence(crowd, away, sent[away], until[~connected])
            late = streams.lognormal("app.latency", ids[who], spec.latency_median_s, spec.latency_sigma)
            at = there + np.rint(np.minimum(late, LONGEST_S) * US).astype(np.int64)
            shown = connected & (at <= world.horizon_us)
            inside = np.zeros(who.size, dtype=np.bool_)
            owner = handsets.owner[who]
            inside[shown] = plane.contains(self.area, *crowd.population.people.at(at[shown], owner[shown]))
            cause[who[shown & ~inside]] = CAUSE_CODE["outside_polygon_filtered"]
            received[who[inside]] = at[inside]
            have = f"app_push: {weight.sum()} phones have the app and allow it"
            world.log("channel", "served", at_us=begin, detail=have)
        got = received < NEVER
        cause[got] = 0
        once = got.astype(np.int16)
        return for_people(crowd.population, np.where(got, sent, NEVER), received, received, once, once, cause)


def make(wiring: Wiring, spec: AppPushSpec) -> Made:
    """The channel of a scenario."""
    languages = tuple(info.language for info in wiring.alert.infos)
    return Made(AppPush(spec, wiring.area), languages=languages)
