"""Which differences between groups a run does not model, so that no table shows them as equal."""

from dataclasses import fields
from pathlib import Path

import numpy as np

from ewsim.kinds import kinds_of
from ewsim.population.people import People
from ewsim.population.shares import zone_shares
from ewsim.scenario.spec import GroupRatioSpec, HandsetSpec, Scenario

#: Columns of people, by the shares that a table may give by zone. Where people live always matters.
_COLUMNS = {
    "female": "sex",
    "age": "age_band",
    "disability": "disability",
    "language": "language",
    "poor": "poverty",
    "visitor": "residence",
}


def not_modelled(spec: Scenario, people: People, zone_table: Path | None) -> tuple[str, ...]:
    """The columns of people that change nothing in a run, sorted.

    A column matters where a rule of `handsets.ratios` names it with a ratio other than 1, where the
    day, the phones or a channel treat its groups differently, or where their shares differ by place.

    Parameters
    ----------
    spec
        The scenario.
    people
        Its people.
    zone_table
        The table that `population.zone_shares` names.
    """
    phones = spec.population.handsets
    matter = {column for rule in phones.ratios for column in _named(rule)}
    for name, kind in kinds_of("channel").items():
        if getattr(spec.channels, name, None) is not None:
            matter |= set(kind.groups)
    if spec.population.day is not None or _children_differ(phones):
        matter.add("age_band")
    if people.residence.any() and (phones.visitor_roaming_share > 0 or spec.population.arrivals):
        matter.add("residence")
    if zone_table is not None:
        shares = zone_shares(spec.population, people.zone_names, zone_table)
        differs = [f.name for f in fields(shares) if np.ptp(getattr(shares, f.name), axis=0).any()]
        matter |= {_COLUMNS[name] for name in differs}
    return tuple(sorted(set(_COLUMNS.values()) - matter))


def _named(rule: GroupRatioSpec) -> set[str]:
    """The columns that a rule names, if it changes anything."""
    if rule.ownership_ratio == rule.smartphone_ratio == rule.on_ratio == 1:
        return set()
    named = {"age_band"} if rule.age_bands else set()
    others = ("sex", "disability", "poverty", "residence")
    return named | {name for name in others if getattr(rule, name) is not None}


def _children_differ(phones: HandsetSpec) -> bool:
    return phones.child_ownership_share != phones.ownership_share or phones.shared_phone_share > 0
