"""Channels together: against every subset and every order, tried one by one."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations, permutations

import pytest
from support import make_ledger, make_result

from ewsim.ledger import Ledger
from ewsim.metrics import combination
from ewsim.units import NEVER

REACH = {"cell_broadcast": 0.6, "location_based_sms": 0.5, "siren": 0.2, "app_push": 0.1}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return make_ledger(people=700, reach=REACH)[0]


def reached(ledger: Ledger, channels: tuple[str, ...]) -> int:
    """Person by person."""
    people = ledger.people
    return sum(
        int(people["weight"][i])
        for i in range(len(people))
        if people["in_area"][i] and any(ledger.outcomes[c].displayed_us[i] < NEVER for c in channels)
    )


def channels_of_each(ledger: Ledger) -> list[tuple[str, ...]]:
    """The channels that reached each person in the area, a person at a time."""
    people = ledger.people
    return [
        tuple(name for name, outcome in ledger.outcomes.items() if outcome.displayed_us[i] < NEVER)
        for i in range(len(people))
        if people["in_area"][i]
        for _ in range(people["weight"][i])
    ]


def test_the_reach_of_every_set_of_channels(ledger: Ledger) -> None:
    counts, names = combination.set_counts(ledger), list(ledger.outcomes)
    for size in range(len(REACH) + 1):
        for channels in combinations(REACH, size):
            bits = sum(1 << names.index(name) for name in channels)
            found = sum(people for kind, people in counts.items() if kind & bits)
            assert found == reached(ledger, channels)


def test_a_part_is_the_mean_of_what_a_channel_adds_over_all_orders(ledger: Ledger) -> None:
    value = {frozenset(c): reached(ledger, c) for size in range(5) for c in combinations(REACH, size)}
    found = combination.shapley(ledger)
    for channel in REACH:
        added = []
        for order in permutations(REACH):
            before = frozenset(order[: order.index(channel)])
            added.append(value[before | {channel}] - value[before])
        assert found[channel] == Fraction(sum(added), len(added))
    assert sum(found.values()) == value[frozenset(REACH)]


def test_the_exact_sets_add_up_and_agree_with_the_other_tables(ledger: Ledger) -> None:
    table = combination.reached_by(ledger)
    assert table["people"].sum() == ledger.people.loc[ledger.people["in_area"], "weight"].sum()
    assert table["share"].sum() == pytest.approx(1)
    each = channels_of_each(ledger)
    assert dict(zip(table["channels"], table["people"], strict=True)) == Counter(each)
    found = combination.channels_together(ledger)
    by_count = Counter(map(len, each))
    assert found["by_count"] == {str(n): by_count[n] for n in range(len(REACH) + 1)}
    assert found["only"] == {name: each.count((name,)) for name in REACH}


def test_the_document_tells_the_same(ledger: Ledger) -> None:
    found = combination.channels_together(ledger)
    result = make_result(people=700, reach=REACH)
    assert result.summary()["combination"] == found
    assert sum(found["shapley_share"].values()) == pytest.approx(result.summary()["reach"]["share"])
    for name in REACH:
        others = tuple(c for c in REACH if c != name)
        assert found["without"][name] == reached(ledger, others)
        assert found["only"][name] == reached(ledger, tuple(REACH)) - reached(ledger, others)
    assert sum(row["people"] for row in found["exactly"]) == sum(found["by_count"].values())
    assert "Shapley" in result.text()


def test_without_people_or_channels_nothing_breaks() -> None:
    empty = make_ledger(people=30, reach=REACH, in_area_share=0.0)[0]
    assert combination.channels_together(empty)["shapley_share"] == dict.fromkeys(REACH, 0.0)
    none = make_ledger(people=30, reach={})[0]
    assert combination.channels_together(none)["exactly"][0]["channels"] == []
    alone = make_result(people=300, reach={"siren": 0.5})
    assert "Shapley" not in alone.text()
