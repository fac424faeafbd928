"""Why people in the alert area were missed: one primary cause each, adding up to everyone."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim import kinds
from ewsim.errors import EwsimError
from ewsim.ledger import REACHED, Ledger, cause_names
from ewsim.metrics.denominators import of_age, owners
from ewsim.metrics.reach import SMALLEST_GROUP, in_area, weights
from ewsim.units import NEVER


def by_cause(ledger: Ledger, channel: str | None = None) -> pd.DataFrame:
    """People in the alert area not reached, by cause, most people first.

    Columns: cause, people, share (of everyone in the area). With a channel, why that channel
    missed them.

    Raises
    ------
    EwsimError
        Somebody is counted as reached without a display, or the other way round: a defect of ours.
    """
    return causes_table(cause_counts(ledger, channel))


def cause_counts(ledger: Ledger, channel: str | None = None) -> NDArray[np.int64]:
    """People in the area by the code of their cause, 0 for those reached; raises as `by_cause` does."""
    names = cause_names()
    outcome = None if channel is None else ledger.outcomes[channel]
    cause = ledger.cause if outcome is None else outcome.cause
    times_us = ledger.reached_us if outcome is None else outcome.displayed_us
    inside, weight = in_area(ledger), weights(ledger)
    wrong = (cause == REACHED) != (times_us < NEVER)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise EwsimError(
            f"the ledger contradicts itself: {int(wrong.sum())} people, the first in row {row}, "
            f"have the cause {names[cause[row]]!r} and a first display at {times_us[row]} us"
        )
    people = np.zeros(len(names), dtype=np.int64)
    np.add.at(people, cause[inside], weight[inside])
    return people


def causes_table(people: NDArray[np.int64]) -> pd.DataFrame:
    """The table of `by_cause`, from `cause_counts`."""
    whole = int(people.sum())
    missed = pd.DataFrame({"cause": cause_names()[1:], "people": people[1:]})
    missed["share"] = missed["people"] / whole if whole else 0.0
    missed = missed[missed["people"] > 0]
    return missed.sort_values("people", ascending=False, kind="stable").reset_index(drop=True)


#: The steps on the way of an alert to a person, in their order.
STEPS = (
    "in_area",
    "old_enough",
    "has_phone",
    "switched_on",
    "covered",
    "mast_up",
    "addressed",
    "shown",
    "reads",
)
_NOT_ADDRESSED = ("not_broadcast", "not_in_location_register", "cell_not_targeted")


def funnel(ledger: Ledger, own_phone_age_years: int, not_reading: int | None) -> dict[str, int | None]:
    """How many people in the area are left after each of `STEPS`; the last before `reads` are those reached.

    Each step takes away those whose primary cause belongs to it, so nobody is lost twice. A step is
    what is left of the one before it.

    Parameters
    ----------
    ledger
        What happened to whom.
    own_phone_age_years
        Who is younger and without a phone is lost at `old_enough`, not at `has_phone` [years].
    not_reading
        People who were shown the alert in no language that they read; None where that is not known.
    """
    registered = kinds.causes()
    names, inside, weight = cause_names(), in_area(ledger), weights(ledger)
    of_cause = np.bincount(ledger.cause[inside], weights=weight[inside], minlength=len(names)).astype(
        np.int64
    )
    lost = dict.fromkeys(STEPS, 0)
    for name, people in zip(names[1:], of_cause[1:].tolist(), strict=True):
        lost[_step_of(registered[name])] += people
    young = inside & ~of_age(ledger, own_phone_age_years) & (ledger.cause == names.index("no_device"))
    lost["old_enough"] = int(weight[young].sum())
    lost["has_phone"] -= lost["old_enough"]
    left, steps = int(weight[inside].sum()), dict[str, int | None]()
    for step in STEPS[:-1]:
        left -= lost[step]
        steps[step] = left
    return {**steps, "reads": None if not_reading is None else left - not_reading}


def _step_of(cause: kinds.Cause) -> str:
    """The step at which a cause loses people."""
    known = {"no_device": "has_phone", "device_off": "switched_on"}
    if cause.name in known:
        return known[cause.name]
    if cause.outage:
        return "mast_up"
    if cause.part == "network":
        return "covered"
    return "addressed" if cause.name in _NOT_ADDRESSED else "shown"


def by_part(ledger: Ledger) -> dict[str, NDArray[np.bool_]]:
    """Whether each row is in the area and was missed, by the part of the chain that its cause belongs to."""
    registered = kinds.causes()
    part = np.array(["", *(registered[name].part for name in cause_names()[1:])])
    inside = in_area(ledger)
    return {name: inside & (part == name)[ledger.cause] for name in ("phone", "network", "sending")}


def who_and_why(
    ledger: Ledger, column: str, own_phone_age_years: int, *, modelled: bool = True
) -> pd.DataFrame:
    """People in the area by a column of the people table: reach by denominator, and why the rest were missed.

    Columns: group, people, share (reached, of everybody), share_of_age (of those old enough), share_of_owners
    (of those with a phone), phone, network, sending (people missed, by the part of the chain), suppressed
    and modelled as in `reach.by_group`; what is not given is NaN. Groups of nobody are left out.

    Parameters
    ----------
    ledger
        What happened to whom.
    column
        A column of categories.
    own_phone_age_years
        The age from which people are counted as old enough for a phone of their own [years].
    modelled
        Whether the run treats these groups differently.
    """
    values, weight = pd.Categorical(ledger.people[column]), weights(ledger)
    inside = in_area(ledger) & (values.codes >= 0)
    count = len(values.categories)

    def people(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        some = inside & rows
        return np.bincount(values.codes[some], weight[some], count).astype(np.int64)

    everyone, reached = np.ones(inside.size, dtype=np.bool_), ledger.cause == REACHED
    table = pd.DataFrame({"group": [str(name) for name in values.categories]})
    table["people"] = people(everyone)
    rows = np.bincount(values.codes[inside], minlength=count)
    table["suppressed"], table["modelled"] = rows < SMALLEST_GROUP, modelled
    hidden = table["suppressed"] | (not modelled)
    whole = {
        "share": everyone,
        "share_of_age": of_age(ledger, own_phone_age_years),
        "share_of_owners": owners(ledger),
    }
    for name, among in whole.items():
        of = people(among)
        table[name] = np.where(hidden | (of == 0), np.nan, people(among & reached) / np.maximum(of, 1))
    for name, missed in by_part(ledger).items():
        table[name] = np.where(hidden, np.nan, people(missed))
    return table[table["people"] > 0].reset_index(drop=True)
