"""What can fail, and what an outage has at its root."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

#: The kind of a cell's event, and what is so at its site, while a deployable is not there: no outage.
AWAY = "away"
#: What can fail at a site, and the kind of a cell's event when that is the root of its outage: at the
#: cell's own site, and at a relay on the way. An outage is only ever seen (`Conditions.observe`).
FAILURES = {
    "away": (AWAY, AWAY),
    "damage": ("destroyed", "down_relay_destroyed"),
    "power": ("down_power", "down_relay_power"),
    "link": ("down_backhaul", "down_backhaul"),
    "outage": ("down_unknown", "down_unknown"),  # somebody saw it, and does not know why
}


ElementKind: TypeAlias = Literal[
    "site", "link", "mains", "road", "feeder", "substation", "core", "cable", "satellite"
]


class Element(NamedTuple):
    """Something that can fail: what kind of thing, and its number among the things of its kind.

    A `site` is damaged; a `link` is a site's way towards the core, `mains` its connection to the grid,
    `road` the way of crews to it, and each has the site's number; a `feeder` is the grid at its sites,
    a `substation` that of its feeders. A `core` site connects sites, a `cable` the core sites and the
    broadcast centres, a `satellite` the terminals.
    """

    kind: ElementKind
    number: int


#: The element whose failure each of them is.
OF_WHAT: Mapping[str, ElementKind] = {"damage": "site", "power": "mains", "link": "link"}


class Root(NamedTuple):
    """What failed first on the way from a site to the core: since when [us], where, what, and by whom."""

    since_us: int
    site: int
    what: str
    by: str

    def kind(self, site: int) -> str:
        """The kind of event that an outage of this root is for the cells of a site."""
        own, relay = FAILURES[self.what]
        return own if site == self.site else relay
