"""Reach of fewer people than everybody: those old enough for a phone, and those who have one.

And how many people in the area read none of the message's languages, which is information beside
reach and no cause of missing it.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.ledger import Ledger
from ewsim.metrics.reach import Groups, group_counts, in_area, share, weights
from ewsim.units import NEVER


def of_phone_age(ledger: Ledger, age_years: int) -> dict[str, Any]:
    """Reach of the people in the area whose age group begins at an age or later.

    Returns `age_years`, `in_area` (those people), `people` (of them, reached) and `share`.
    """
    return phone_age_of(group_counts(ledger, "age_band"), age_years)


def phone_age_of(bands: Groups, age_years: int) -> dict[str, Any]:
    """What `of_phone_age` says, from the counts of age groups."""
    old = {band: row for band, row in bands.items() if _youngest(band) >= age_years}
    return {"age_years": age_years, **_reached_of(old)}


def of_age(ledger: Ledger, age_years: int) -> NDArray[np.bool_]:
    """Whether the age group of each row begins at an age or later."""
    bands = pd.Categorical(ledger.people["age_band"])
    old_enough = [_youngest(str(band)) >= age_years for band in bands.categories]
    return np.asarray(np.array([*old_enough, False])[bands.codes], dtype=np.bool_)


def owners(ledger: Ledger) -> NDArray[np.bool_]:
    """Whether each row has a phone, its own or one that it shares."""
    return np.asarray(ledger.people["operator"] != "none", dtype=np.bool_)


def of_owners(ledger: Ledger) -> dict[str, Any]:
    """Reach of the people in the area with a phone, their own or one that they share.

    Returns `in_area` (those people), `people` (of them, reached) and `share`.
    """
    return owners_of(group_counts(ledger, "operator"))


def owners_of(operators: Groups) -> dict[str, Any]:
    """What `of_owners` says, from the counts of operators."""
    return _reached_of({name: row for name, row in operators.items() if name != "none"})


class Languages(NamedTuple):
    """The tags of languages (RFC 3066): those that the message has, and those of the texts sent."""

    message: tuple[str, ...]
    sent: tuple[str, ...]


def not_reading(ledger: Ledger, languages: Languages | None) -> dict[str, Any] | None:
    """People in the area who read none of the languages of the message, or of what is sent of it.

    Returns
    -------
    dict
        `languages`, `people`, `share` (of everybody in the area), `reached` (of those people, shown
        the alert all the same) and `by_language` with `people` and `reached`; under `sent` the same
        for the languages of the texts that channels send, None where no channel sends a text. None
        where it is not known what people read.

    Notes
    -----
    Assumption: who reads a language reads it as written in every country (es-PR, es-MX).
    """
    inside = int(weights(ledger)[in_area(ledger)].sum())
    return not_reading_of(group_counts(ledger, "language"), inside, languages)


def not_reading_of(read: Groups, inside: int, languages: Languages | None) -> dict[str, Any] | None:
    """What `not_reading` says, from counts.

    Parameters
    ----------
    read
        The counts of the languages that people read.
    inside
        Everyone in the area [people].
    languages
        As in `not_reading`.
    """
    if languages is None:
        return None
    sent = _without(read, inside, languages.sent) if languages.sent else None
    return {**_without(read, inside, languages.message), "sent": sent}


def readers(ledger: Ledger, sent: Mapping[str, tuple[str, ...]]) -> int:
    """People in the area who were shown a text in a language that they read.

    `sent` has the languages of each channel's texts, by its name; a siren has none.
    """
    theirs = pd.Categorical(ledger.people["language"])
    main = [_main(str(tag)) for tag in theirs.categories]
    shown = np.zeros(len(ledger.people), dtype=np.bool_)
    for name, tags in sent.items():
        reads = np.array([*(tag in {_main(t) for t in tags} for tag in main), False])
        shown |= reads[theirs.codes] & (ledger.outcomes[name].displayed_us < NEVER)
    return int(weights(ledger)[shown & in_area(ledger)].sum())


def _without(read: Groups, inside: int, languages: tuple[str, ...]) -> dict[str, Any]:
    known = {_main(tag) for tag in languages}
    by_language = {}
    for tag, row in read.items():
        if _main(tag) not in known:
            found = _reached_of({tag: row})
            if found["in_area"]:
                by_language[tag] = {"people": found["in_area"], "reached": found["people"]}
    people = sum(row["people"] for row in by_language.values())
    return {
        "languages": list(languages),
        "people": people,
        "share": float(share(people, inside)),
        "reached": sum(row["reached"] for row in by_language.values()),
        "by_language": by_language,
    }


def _reached_of(groups: Groups) -> dict[str, Any]:
    whole, reached = (sum(int(row[place]) for row in groups.values()) for place in (1, 3))
    return {"in_area": whole, "people": reached, "share": float(share(reached, whole))}


def _youngest(band: str) -> int:
    """The age at which a group begins: 18 of "18-34", 75 of "75+"."""
    found = re.match(r"\d+", band)
    if found is None:
        raise ValueError(f"{band!r} is not an age group")
    return int(found[0])


def _main(tag: str) -> str:
    """The language of a tag, without its country or script."""
    return re.split("[-_]", tag)[0].casefold()
