"""The registry of kinds: what a scenario can name under `channels` and `disturbances`.

A kind is a name, the model of its keys, and a few functions. Those that come with ewsim and those of
other packages are registered by the same call: each is named by an entry point of the group
`ewsim.kinds` (or in `BUILT_IN`), which is loaded and passed to `register` when a kind is first asked
for. Nobody who asks needs to import a kind.

    kinds_of("channel")["siren"].spec
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ewsim.errors import KeyFault, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from pydantic import BaseModel

Family = Literal["channel", "disturbance"]
T = TypeVar("T")

#: The entry point group; an entry point names a `Kind`.
GROUP = "ewsim.kinds"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why somebody was not reached.

    Parameters
    ----------
    name
        Its name in tables and JSON; never changed once published.
    rank
        Its place in the order of precedence: of several causes the lowest rank counts.
    words
        What follows "missed because" in a report.
    part
        Where it belongs: to people and their phones, to the network, or to sending the alert.
    outage
        The kind of a cell's event that begins an outage with this cause; empty for a cause that is
        no outage.
    """

    name: str
    rank: int
    words: str
    part: Literal["phone", "network", "sending"]
    outage: str = ""


#: The causes that belong to no kind, or to several. Ranks leave room for the kinds' own.
CORE_CAUSES: tuple[Cause, ...] = (
    Cause("no_device", 10, "they have no phone", "phone"),
    Cause("device_off", 20, "their phone was switched off", "phone"),
    Cause("no_coverage", 30, "no network covers the place", "network"),
    Cause("no_coverage_indoors", 35, "there is signal outside but not inside the building", "network"),
    Cause(
        "network_generation_unsupported",
        70,
        "their phone is too old for alerts or for the network there",
        "phone",
    ),
    Cause("handset_unsupported", 80, "their phone could not take the alert", "phone"),
    Cause("opted_out", 90, "they had switched this kind of alert off", "phone"),
    Cause("roaming_not_supported", 100, "visitors' phones get no alert on this network", "phone"),
    Cause("cell_not_targeted", 120, "their cell was not on the list for the alert", "sending"),
    Cause("radio_loss", 160, "their signal was too weak for the whole message", "sending"),
    Cause("in_call_or_busy", 170, "they were in a call, or their cell was busy", "phone"),
    Cause("outside_polygon_filtered", 180, "their phone placed itself outside the area", "phone"),
    Cause("not_arrived", 210, "they arrived after the alert had ended", "phone"),
    Cause("displayed_not_noticed", 220, "they did not notice the alert", "phone"),
    Cause("not_understood_language", 230, "they do not read the language of the alert", "phone"),
    Cause("not_accessible_format", 240, "they cannot hear or read this form of alert", "phone"),
    Cause("no_channel", 250, "no channel carried the alert to them", "sending"),
)


def _nothing(*_: Any) -> Iterable[KeyFault]:
    return ()


def _as_it_is(sent: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key.replace("_", " "), str(value)) for key, value in sent.items()]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel or disturbance.

    Parameters
    ----------
    name
        The key under `channels`, or the value of `kind` in a disturbance.
    family
        What it is a kind of.
    title
        What a sentence calls it: "location-based SMS".
    spec
        The pydantic model of its keys.
    make
        A channel: from `channels.wiring.Wiring` and a spec to `Made`. A disturbance: from its number
        in the scenario and a spec to a `disturbances.timeline.Disturbance`.
    check
        From a spec and the whole scenario to faults; their keys count from the kind's own place.
    describe
        From what a channel has sent (`Made.sent`) to rows of a report: label, value.
    causes
        The causes that it can give besides those of `CORE_CAUSES`.
    groups
        A channel: the columns of people whose groups it treats differently, `disability` for example.
    default_on
        Whether a scenario that does not name the channel has it.
    notice
        A channel, for the response layer: an `alarm` whatever the phone's settings, a `message` among
        others, a `signal` without words that is heard, or `spoken` to the person.
    """

    name: str
    family: Family
    title: str
    spec: type[BaseModel]
    make: Callable[[Any, Any], Any]
    check: Callable[[Any, Any], Iterable[KeyFault]] = _nothing
    describe: Callable[[Mapping[str, Any]], list[tuple[str, str]]] = _as_it_is
    causes: tuple[Cause, ...] = ()
    groups: tuple[str, ...] = ()
    default_on: bool = False
    notice: Literal["alarm", "message", "signal", "spoken"] = "message"


class Lazy(Mapping[str, T]):
    """A mapping that is made when it is used, so that importing it loads no kind."""

    def __init__(self, make: Callable[[], Mapping[str, T]]) -> None:
        self._make = make

    def __getitem__(self, key: str) -> T:
        return self._make()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make())

    def __len__(self) -> int:
        return len(self._make())


def lazily(where: str) -> Callable[[Any, Any], Any]:
    """The function at `module:name`, imported when it is called, so that a kind is cheap to import."""

    def call(first: Any, second: Any) -> Any:
        module, _, name = where.partition(":")
        return getattr(import_module(module), name)(first, second)

    return call


# --- the registry ---------------------------------------------------------------------------------


#: The kinds that come with ewsim, in the order in which they run.
BUILT_IN = (
    "ewsim.channels.cell_broadcast.kind:KIND",
    "ewsim.channels.location_based_sms.kind:KIND",
    "ewsim.channels.siren.kind:KIND",
    "ewsim.channels.app_push.kind:KIND",
    "ewsim.channels.satellite.kind:KIND",
    "ewsim.channels.community_relay.kind:KIND",
    "ewsim.disturbances.kind:POWER_LOSS",
    "ewsim.disturbances.kind:BACKHAUL_CUT",
    "ewsim.disturbances.kind:SITE_DESTROYED",
    "ewsim.disturbances.kind:ROAD_CUT",
    "ewsim.disturbances.kind:ELEMENT_LOSS",
    "ewsim.disturbances.kind:CONGESTION",
    "ewsim.disturbances.hostile.kind:CENTRE_CUT",
    "ewsim.disturbances.hostile.kind:OPERATOR_REFUSES",
    "ewsim.disturbances.hostile.kind:FALSE_ALERT",
    "ewsim.disturbances.hostile.kind:FALSE_STATION",
    "ewsim.disturbances.observed.kind:OUTAGE_TABLE",
    "ewsim.disturbances.hazards.kind:CYCLONE",
    "ewsim.disturbances.hazards.kind:EARTHQUAKE",
    "ewsim.disturbances.hazards.kind:TSUNAMI",
    "ewsim.disturbances.hazards.kind:FLOOD",
    "ewsim.disturbances.hazards.kind:WILDFIRE",
    "ewsim.disturbances.recovery.kind:DEPLOYABLE",
    "ewsim.disturbances.recovery.kind:REPAIR_CREWS",
)


class _Registry:
    """The kinds by family and name, in the order in which they were registered."""

    def __init__(self) -> None:
        self.kinds: dict[tuple[Family, str], Kind] = {}
        self.published: frozenset[tuple[Family, str]] = frozenset()
        self.loaded = False

    def add(self, kind: Kind) -> None:
        if not isinstance(kind, Kind):  # an entry point can name anything
            raise UsageError(f"a kind must be an ewsim.kinds.Kind, not a {type(kind).__name__}.")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", kind.name):
            raise UsageError(f"{kind.name!r} is not a name: use small letters, digits and underscores.")
        if (kind.family, kind.name) in self.kinds:
            raise UsageError(f"there is already a {kind.family} named {kind.name!r}. Rename the new one.")
        taken = {cause.name for cause in self.causes()} | {"reached"}
        for cause in kind.causes:
            if cause.name in taken:
                raise UsageError(
                    f"there is already a cause named {cause.name!r}. Rename that of {kind.name}."
                )
        self.kinds[kind.family, kind.name] = kind

    def causes(self) -> list[Cause]:
        every = [*CORE_CAUSES, *(cause for kind in self.kinds.values() for cause in kind.causes)]
        return sorted(every, key=lambda cause: (cause.rank, cause.name))

    def load(self) -> None:
        """Register our kinds, then those of installed packages."""
        from importlib.metadata import EntryPoint, entry_points

        if self.loaded:
            return
        self.loaded = True
        try:
            for where in BUILT_IN:
                self.add(EntryPoint("", where, GROUP).load())
            self.published = frozenset(self.kinds)
            for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
                self._add_point(point)
        except BaseException:
            self.kinds.clear()
            self.loaded = False
            raise

    def _add_point(self, point: EntryPoint) -> None:
        where = f"The kind {point.name!r} of an installed package ({point.value})"
        try:
            kind = point.load()
        except Exception as error:
            raise UsageError(f"{where} cannot be loaded: {error}. Correct or uninstall it.") from error
        try:
            self.add(kind)
        except UsageError as error:
            raise UsageError(f"{where} cannot be used: {error}") from None


_REGISTRY = _Registry()


def register(kind: Kind) -> None:
    """Add a kind; packages name it in an entry point instead, and it is passed to the same check.

    Raises
    ------
    UsageError
        It is not a `Kind`, its name or one of its causes is taken, or the name has other signs.
    """
    _REGISTRY.load()
    _REGISTRY.add(kind)


def kinds_of(family: Family, *, published: bool = False) -> dict[str, Kind]:
    """The kinds of a family by name: ours in the order in which they run, then those of packages.

    Raises
    ------
    UsageError
        A package's kind cannot be loaded or registered. `published`: only ours are given.
    """
    _REGISTRY.load()
    return {
        name: kind
        for (of, name), kind in _REGISTRY.kinds.items()
        if of == family and (not published or (of, name) in _REGISTRY.published)
    }


def causes() -> dict[str, Cause]:
    """Every cause by name, in the order of precedence: of several the first counts."""
    _REGISTRY.load()
    return {cause.name: cause for cause in _REGISTRY.causes()}


def outages() -> dict[str, str]:
    """The cause of every outage, by the kind of the cell's event, in the order of precedence."""
    return {cause.outage: cause.name for cause in causes().values() if cause.outage}
