"""What differs between disasters and no series of customers shows: hazard, place and access.

The numbers are medians and spreads of what nobody knows before: how long crews wait, how much is
destroyed, how fast mains come back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

AccessName = Literal["no_damage", "open", "blocked", "island"]
HazardName = Literal["storm", "earthquake", "tsunami", "flood", "wildfire", "blackout", "shutoff"]
PlaceName = Literal["mainland", "island"]


@dataclass(frozen=True, slots=True)
class Access:
    """How crews, fuel and portable power get to sites.

    Every pair is a median and the standard deviation of its logarithm (of the log-odds for shares).
    `half` is the time until half of the customers have mains again [day], where half of the area lost
    them; `delay` the wait until roads are passable [day]; `extreme` the share of sites in the zone where
    masts and roads are gone, if all mains are lost; `repair` the mean time to rebuild there [day].
    """

    name: AccessName
    words: str
    half: tuple[float, float]
    delay: tuple[float, float]
    extreme: tuple[float, float]
    repair: tuple[float, float]
    transport_factor: float = 1.0


#: Assumption: the four ways. Delays and repair times are the ranges that fitted past disasters (open roads 0
#: days, slides and floods 2 to 6, a ruined island 30 and more; repair 3 days on a mainland, 85 on the island
#: of Maria). Without damage a fifth of the links fail: 7 of 160 sites off in Marin county, 2019 (FCC).
ACCESS = (
    Access("no_damage", "no damage", (0.8, 1.2), (0.0, 0.0), (0.0, 0.0), (3.0, 0.5), 0.2),
    Access("open", "open roads", (4.0, 0.7), (0.0, 0.0), (0.12, 0.9), (3.0, 0.7)),
    Access("blocked", "slides or floods", (5.0, 0.9), (3.5, 0.5), (0.15, 1.0), (8.0, 0.8), 1.2),
    Access("island", "a ruined island", (60.0, 0.8), (45.0, 0.5), (0.7, 1.2), (85.0, 0.5)),
)
NAMES = tuple(access.name for access in ACCESS)
ISLAND = NAMES.index("island")
NO_DAMAGE = NAMES.index("no_damage")
#: Rebuilding of a shore that a tsunami took: mean time [day]. Assumption, from Tohoku 2011.
TSUNAMI_REPAIR_DAYS = 25.0

#: Hazards that take mains and nothing else: the grid fails, or is switched off on purpose before a storm.
MAINS_ONLY: tuple[HazardName, ...] = ("blackout", "shutoff")
#: A planned cut lasts as long as the weather, a failure of the grid hours: so many standard deviations more.
SHUTOFF_LONGER = 1.2

#: How probable each way but the ruined island is for a hazard on a mainland. Assumption.
_ON_MAINLAND: Mapping[HazardName, tuple[float, float, float]] = MappingProxyType(
    {
        "storm": (0.05, 0.75, 0.2),
        "earthquake": (0.05, 0.6, 0.35),
        "tsunami": (0.0, 0.6, 0.4),
        "flood": (0.05, 0.45, 0.5),
        "wildfire": (0.15, 0.6, 0.25),
        "blackout": (1.0, 0.0, 0.0),
        "shutoff": (1.0, 0.0, 0.0),
    }
)
_UNKNOWN_HAZARD = (0.1, 0.67, 0.23)
#: How probable a ruined island is, by what is known of the place. Assumption.
_RUINED = {"mainland": 0.0, "island": 0.5, None: 0.1}


def access_odds(hazard: HazardName | None, place: PlaceName | None) -> tuple[float, ...]:
    """How probable each way of access is before anything is reported; shape (4,)."""
    ways = _ON_MAINLAND[hazard] if hazard else _UNKNOWN_HAZARD
    ruined = 0.0 if hazard in MAINS_ONLY else _RUINED[place]
    return (*(share * (1 - ruined) for share in ways), ruined)
