"""Links and roads are cut."""

from ewsim.disturbances.outages import Outage


class BackhaulCut(Outage):
    """Links towards the core are cut."""

    fails = "link"


class RoadCut(Outage):
    """Roads to sites are cut."""

    fails = "road"
