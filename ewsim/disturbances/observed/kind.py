"""The kind of disturbance that replays an outage table."""

from ewsim.disturbances.observed.spec import OutageTableSpec
from ewsim.kinds import Cause, Kind, lazily

OUTAGE_TABLE = Kind(
    "outage_table",
    "disturbance",
    "outage table",
    OutageTableSpec,
    lazily("ewsim.disturbances.observed.outages:ObservedOutages"),
    causes=(
        Cause(
            "site_down_unknown",
            55,
            "their mast was off, and the table of outages does not say why",
            "network",
            "down_unknown",
        ),
    ),
)
