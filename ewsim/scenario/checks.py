"""Faults between the keys of a scenario that are each right by themselves."""

from collections.abc import Iterator

from ewsim.errors import KeyFault
from ewsim.kinds import kinds_of
from ewsim.scenario.document import Key
from ewsim.scenario.faults import unknown_operators
from ewsim.scenario.spec import Scenario
from ewsim.scenario.spec.population import time_of_day


def cross_faults(scenario: Scenario) -> Iterator[KeyFault]:
    """Every fault between keys, with those that the kinds in use find."""
    rasters = enumerate(scenario.network.coverage)
    named = [(("network", "coverage", n, "operator"), r.operator) for n, r in rasters]
    yield from unknown_operators(scenario, ((keys, name) for keys, name in named if name is not None))
    yield from _same_names(scenario)
    disturbances = kinds_of("disturbance")
    for index, disturbance in enumerate(scenario.disturbances):
        for fault in disturbances[disturbance.kind].check(disturbance, scenario):
            yield fault.below("disturbances", index)
    yield from _targeting(scenario)
    channels = kinds_of("channel")
    for name, spec in scenario.channels.given().items():
        for fault in channels[name].check(spec, scenario):
            yield fault.below("channels", name)
    profiles = ("population", "handsets", "operator_profile_shares")
    phones = scenario.population.handsets.operator_profile_shares
    yield from unknown_operators(scenario, ((profiles, name) for name in phones), of_value=True)
    word, day = scenario.population.time_of_day, scenario.population.day
    if word and day and (of_hour := time_of_day(day.hour)) != word:
        what = f"{day.hour:g} o'clock is {of_hour}, and time_of_day says {word}."
        yield KeyFault(("population", "day", "hour"), what, "Leave one of the two out.")
    if not scenario.channels.given():
        yield KeyFault(("channels",), "every channel is switched off.", "Leave one on.")


def _same_names(scenario: Scenario) -> Iterator[KeyFault]:
    """Disturbances that would have the id of another."""
    number: dict[str, int] = {}
    for index, disturbance in enumerate(scenario.disturbances):
        name = disturbance.name(index)
        first = number.setdefault(name, index)
        if first != index:
            given = index if disturbance.id is not None else first
            message = f"disturbance {(first if given == index else index) + 1} has the id {name!r} too."
            yield KeyFault(("disturbances", given, "id"), message, "Give each an id of its own.")


def _targeting(scenario: Scenario) -> Iterator[KeyFault]:
    rule, room = scenario.targeting, ("targeting", "by_operator")
    yield from unknown_operators(scenario, (((*room, name), name) for name in rule.by_operator))
    policies: list[tuple[tuple[Key, ...], str]] = [(("targeting", "policy"), rule.policy)]
    policies += [((*room, name, "policy"), own.policy) for name, own in rule.by_operator.items()]
    for keys, policy in policies:
        if policy == "county" and not (rule.admin_areas or scenario.alert.gazetteer):
            fix = "Name a GeoJSON file of them with targeting.admin_areas."
            yield KeyFault(keys, "the policy county needs admin areas.", fix)
    if scenario.alert.geocodes and scenario.alert.gazetteer is None:
        yield KeyFault(
            ("alert", "geocodes"),
            "there is no gazetteer to look geocodes up in.",
            "Name a GeoJSON file of areas with alert.gazetteer.",
        )
