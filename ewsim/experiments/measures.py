"""What could help: measures to try on a scenario, each as changes of its keys, or why it cannot be tried.

A measure is made from a finished run: backup goes to the sites whose loss of power left most people
without the alert, a language is added that people read. Nobody's costs are assumed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.country.build import Country
from ewsim.kinds import kinds_of
from ewsim.ledger import CAUSE_CODE, Ledger
from ewsim.metrics.denominators import Languages, not_reading
from ewsim.metrics.reach import in_area, weights
from ewsim.metrics.words import duration

#: Sites that the measure `backup_power` equips.
BACKUP_SITES = 10
#: How much earlier the measure `earlier_decision` decides [s].
EARLIER_S = 1800.0
#: By how much the measure `wider_area` widens the area [m].
WIDER_M = 2000.0
#: How long batteries last in the measure `longer_batteries` [s]: 8 h, PTSFS 2015:2 for larger sites.
LONGER_BATTERY_S = 8 * 3600.0


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: its name, what it is in words, and its changes as `--set` takes them."""

    name: str
    words: str
    sets: tuple[str, ...] = ()
    reason: str = ""  # why it cannot be tried


@dataclass(frozen=True, slots=True)
class BaseRun:
    """The run without any measure, and over all replications the sites that lost power."""

    country: Country
    ledger: Ledger
    languages: Languages | None
    dark_sites: Mapping[str, int]  # people missed for want of power there, by site (see `without_power`)

    def missed(self, *causes: str) -> int:
        """People in the area who were missed for one of these causes."""
        codes = [CAUSE_CODE[cause] for cause in causes]
        who = in_area(self.ledger) & np.isin(self.ledger.cause, codes)
        return int(weights(self.ledger)[who].sum())


def measures_for(base: BaseRun) -> list[Measure]:
    """Every measure that ewsim knows, in their order; those with a `reason` cannot be tried."""
    return [
        _backup(base),
        _batteries(base),
        _roaming(base),
        *_channels(base),
        _earlier(base),
        _prompt(base),
        _longer(base),
        _oftener(base),
        _sms_rate(base),
        *_targeting(base),
        *_language(base),
    ]


def _set(key: str, value: object) -> str:
    return f"{key}={json.dumps(value)}"


# --- power ----------------------------------------------------------------------------------------


def _backup(base: BaseRun) -> Measure:
    name, dark = "backup_power", base.dark_sites
    found = sorted(dark, key=lambda site: (-dark[site], site))[:BACKUP_SITES]
    if not found:
        return Measure(name, "backup power at the sites that matter most", reason=_NOBODY_WITHOUT_POWER)
    sites = f"site {found[0]}" if len(found) == 1 else f"these {len(found)} sites: {', '.join(found)}"
    given = [*base.country.loaded.spec.network.power.independent_sites, *found]
    return Measure(
        name, f"backup power for the whole run at {sites}", (_set("network.power.independent_sites", given),)
    )


_NOBODY_WITHOUT_POWER = "Nobody is missed because a mast lost power."


def without_power(ledger: Ledger, cell: NDArray[np.int32]) -> dict[str, int]:
    """People in the area who were missed because a site had no power, by that site.

    Where a mast was down because the site on which it hangs had no power, that site counts.

    Parameters
    ----------
    ledger
        What happened to whom.
    cell
        The cell that each person's phone prefers, -1 for none, shape (people,).
    """
    who = in_area(ledger) & (ledger.cause == CAUSE_CODE["site_down_power"])
    roots, found = _roots_of_cells(ledger), dict[str, int]()
    for number, weight in zip(cell[who].tolist(), weights(ledger)[who].tolist(), strict=True):
        if number in roots:
            found[roots[number]] = found.get(roots[number], 0) + weight
    return found


def preferred_cell(country: Country) -> NDArray[np.int32]:
    """The cell that each person's phone prefers, -1 for none, shape (people,)."""
    handset, cell = country.population.people.handset, country.population.camping.cell[:, 0]
    found = np.full(handset.size, -1, dtype=np.int32)
    found[handset >= 0] = cell[handset[handset >= 0]]
    return found


def _roots_of_cells(ledger: Ledger) -> dict[int, str]:
    """The site whose loss of power took each cell out of service."""
    events = ledger.events
    rows = events[(events["element"] == "cell") & (events["kind"] == "down_power")]
    root = rows["detail"].astype(str).str.extract(r"^power of (.*) since -?\d+ s$")[0]
    known = root.notna()
    return dict(zip(rows["cell_id"][known].tolist(), root[known].tolist(), strict=True))


def _batteries(base: BaseRun) -> Measure:
    name, words = "longer_batteries", f"batteries of {duration(LONGER_BATTERY_S)} at every mast"
    power = base.country.loaded.spec.network.power
    if not base.missed("site_down_power"):
        return Measure(name, words, reason=_NOBODY_WITHOUT_POWER)
    if power.battery_median_s >= LONGER_BATTERY_S:
        return Measure(name, words, reason=f"They last {duration(power.battery_median_s)} already.")
    return Measure(name, words, (_set("network.power.battery_median_s", LONGER_BATTERY_S),))


# --- network and channels -------------------------------------------------------------------------


def _roaming(base: BaseRun) -> Measure:
    name, words = "national_roaming", "national roaming: phones may use any operator's masts"
    network = base.country.loaded.spec.network
    if network.national_roaming:
        return Measure(name, words, reason="The scenario has it already.")
    if len(base.country.network.operators) < 2:
        return Measure(name, words, reason="There is one operator only.")
    return Measure(name, words, (_set("network.national_roaming", True),))


def _channels(base: BaseRun) -> Iterator[Measure]:
    given = base.country.loaded.spec.channels.given()
    for name, kind in kinds_of("channel").items():
        words = f"a further channel: {kind.title}, with the default assumptions"
        reason = "The scenario has it already." if name in given else ""
        yield Measure(f"channel_{name}", words, () if reason else (_set(f"channels.{name}", {}),), reason)


# --- the authority --------------------------------------------------------------------------------


def _earlier(base: BaseRun) -> Measure:
    name, words = "earlier_decision", f"the decision to warn {duration(EARLIER_S)} earlier"
    spec = base.country.loaded.spec
    if not spec.disturbances and spec.population.day is None:
        return Measure(name, words, reason="Nothing happens in the scenario that an earlier decision avoids.")
    return Measure(name, words, (_set("warn_earlier_s", EARLIER_S),))


def _prompt(base: BaseRun) -> Measure:
    name, words = "prompt_sending", "a prepared text and no wait after the decision"
    alert = base.country.loaded.spec.alert
    if not alert.decision_delay_s and not alert.authoring_delay_s:
        return Measure(name, words, reason="The scenario has no delay before sending.")
    return Measure(name, words, (_set("alert.decision_delay_s", 0), _set("alert.authoring_delay_s", 0)))


def _broadcast(base: BaseRun) -> CellBroadcastSpec | None:
    spec = base.country.loaded.spec.channels.given().get("cell_broadcast")
    return spec if isinstance(spec, CellBroadcastSpec) else None


_NO_BROADCAST = "The scenario has no cell broadcast."


def _longer(base: BaseRun) -> Measure:
    name, words = "longer_broadcast", "cell broadcast until the end of the run"
    horizon_s, spec = base.country.loaded.spec.horizon_s, _broadcast(base)
    if spec is None:
        return Measure(name, words, reason=_NO_BROADCAST)
    if (
        spec.number_of_broadcasts is None
        and spec.duration_s != "until_expiry"
        and spec.duration_s >= horizon_s
    ):
        return Measure(name, words, reason="It lasts until then already.")
    keys = {"duration_s": horizon_s, "number_of_broadcasts": None}
    return Measure(name, words, tuple(_set(f"channels.cell_broadcast.{k}", v) for k, v in keys.items()))


def _oftener(base: BaseRun) -> Measure:
    name, spec = "more_broadcasts", _broadcast(base)
    if spec is None:
        return Measure(name, "cell broadcast repeated twice as often", reason=_NO_BROADCAST)
    if spec.repetition_period_s < 4:
        return Measure(name, "cell broadcast repeated twice as often", reason="It is repeated at once.")
    half = spec.repetition_period_s / 2
    key = "channels.cell_broadcast.repetition_period_s"
    return Measure(name, f"cell broadcast repeated every {half:g} s", (_set(key, half),))


def _sms_rate(base: BaseRun) -> Measure:
    name, words = "faster_sms", "an SMS centre that is twice as fast"
    spec = base.country.loaded.spec.channels.given().get("location_based_sms")
    if not isinstance(spec, LocationBasedSmsSpec):
        return Measure(name, words, reason="The scenario has no location-based SMS.")
    return Measure(name, words, (_set("channels.location_based_sms.rate_per_s", 2 * spec.rate_per_s),))


# --- whom it is for -------------------------------------------------------------------------------


def _targeting(base: BaseRun) -> Iterator[Measure]:
    spec = base.country.loaded.spec.targeting
    choices = (
        (
            "wider_area",
            f"cells up to {WIDER_M / 1000:g} km around the area",
            "buffer_m",
            spec.buffer_m + WIDER_M,
        ),
        ("whole_tracking_areas", "whole tracking areas in place of single cells", "policy", "tracking_areas"),
    )
    for name, words, key, value in choices:
        reason = ""
        if getattr(spec, key) == value:
            reason = "The scenario has it already."
        elif not base.missed("cell_not_targeted", "not_in_location_register"):
            reason = "Nobody is missed because their cell was not chosen."
        yield Measure(name, words, () if reason else (_set(f"targeting.{key}", value),), reason)


def _language(base: BaseRun) -> Iterator[Measure]:
    """Languages that people read and no channel sends; it wins readers, not reach."""
    name, words = "further_language", "the message in a further language"
    found = not_reading(base.ledger, base.languages)
    if found is None:
        reason = "The scenario does not say what people read (population.languages)."
        yield Measure(name, words, reason=reason)
        return
    sent = found["sent"] or found
    if not sent["people"]:
        yield Measure(name, words, reason="Everybody in the area reads a language that is sent.")
        return
    have = [info.language for info in base.country.message.alert.infos]
    spec = _broadcast(base)
    for tag, of in sent["by_language"].items():
        text = next((h for h in have if h.split("-")[0].casefold() == tag.split("-")[0].casefold()), None)
        named = f"the message in {tag} too, on cell broadcast"
        if text is None:
            who = f"{of['people']:,} people in the area"
            reason = f"The message has no text in {tag}, which {who} read. Write one."
            yield Measure(f"language_{tag}", named, reason=reason)
        elif spec is None:
            yield Measure(f"language_{tag}", named, reason=_NO_BROADCAST)
        else:
            more = [*(m.model_dump(exclude_unset=True) for m in spec.messages), {"language": text}]
            yield Measure(f"language_{tag}", named, (_set("channels.cell_broadcast.messages", more),))
