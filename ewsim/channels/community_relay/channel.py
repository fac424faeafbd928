"""Community relay: volunteers hear the alert by radio and tell people from door to door.

Each place either has a group or not. A group sets out after a while; its volunteers then tell the
people of the place who are in the alert area one after another, all at the same pace.

Assumptions: every number (no published rates of such groups were used); the group works whatever
the networks do; people hear it in a language and form they understand; an order drawn with the
seed; nobody passes it on; who arrives after the group has set out is missed.
"""

import numpy as np
from shapely.geometry.base import BaseGeometry

from ewsim.channels.base import Crowd
from ewsim.channels.community_relay.kind import CommunityRelaySpec
from ewsim.channels.crowd import Starter, outcome_of
from ewsim.channels.wiring import Made, Wiring
from ewsim.geography import plane
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.scenario.spec.base import LONGEST_S
from ewsim.units import NEVER, US
from ewsim.world import World


class CommunityRelay:
    """The channel; `area` is the alert area in the network's metres."""

    name = "community_relay"

    def __init__(self, spec: CommunityRelaySpec, area: BaseGeometry) -> None:
        self.spec = spec
        self.area = area
        self._starter = Starter()

    def start(self, world: World) -> None:
        """Start the process of the radio call."""
        self._starter.run(world, self.name, self.spec.start_delay_s)

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Whom the volunteers reached, and when."""
        spec, streams, begin = self.spec, world.streams, self._starter.begin_us
        people = crowd.population.people
        count, zones = len(people), len(people.zone_names)
        sent = np.full(count, NEVER, dtype=np.int64)
        received = np.full(count, NEVER, dtype=np.int64)
        cause = np.full(count, CAUSE_CODE["no_channel"], dtype=np.int8)
        if begin < NEVER:
            places = np.arange(zones)
            covered = streams.uniform("relay.covered", places) < spec.covered_share
            reply = streams.lognormal("relay.reply", places, spec.reply_median_s, spec.reply_sigma)
            out = begin + np.rint(np.minimum(reply, LONGEST_S) * US).astype(np.int64)
            here = plane.contains(self.area, people.x_m, people.y_m) & covered[people.zone]
            absent = here & ~people.there(out[people.zone])
            cause[absent] = CAUSE_CODE["not_arrived"]
            who = np.flatnonzero(here & ~absent)
            luck = streams.uniform("relay.order", who)
            who = who[np.lexsort((luck, people.zone[who]))]
            zone, weight = people.zone[who], people.weight[who].astype(np.int64)
            # How many of the place have heard it when it is this one's turn, themselves included.
            running = np.cumsum(weight)
            first = np.searchsorted(zone, zone, side="left")
            turn = running - (running[first] - weight[first])
            whole = np.bincount(zone, weights=weight, minlength=zones)
            volunteers = np.maximum(np.rint(whole / spec.people_each_volunteer_count), 1)
            pace_us = US / (volunteers * spec.told_per_s)
            sent[who] = out[zone]
            received[who] = out[zone] + np.rint(turn * pace_us[zone]).astype(np.int64)
            found = streams.uniform("relay.found", who) < spec.found_share
            received[who[~found]] = NEVER
            places_told = f"community_relay: {int(covered.sum())} of {zones} places"
            world.log("channel", "served", at_us=begin, detail=places_told)
        return outcome_of(sent, received, cause, world.horizon_us)


def make(wiring: Wiring, spec: CommunityRelaySpec) -> Made:
    """The channel of a scenario."""
    return Made(CommunityRelay(spec, wiring.area))
