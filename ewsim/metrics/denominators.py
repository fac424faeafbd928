"""Reach of fewer people than everybody: those old enough for a phone, and those who have one.

And how many people in the area read none of the message's languages, which is information beside
reach and no cause of missing it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.ledger import REACHED, Ledger
from ewsim.metrics.reach import in_area, share, weights
from ewsim.units import NEVER


def of_phone_age(ledger: Ledger, age_years: int) -> dict[str, Any]:
    """Reach of the people in the area whose age group begins at an age or later.

    Returns `age_years`, `in_area` (those people), `people` (of them, reached) and `share`.
    """
    return {"age_years": age_years, **_reached_of(ledger, of_age(ledger, age_years))}


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
    return _reached_of(ledger, owners(ledger))


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
    if languages is None:
        return None
    sent = _without(ledger, languages.sent) if languages.sent else None
    return {**_without(ledger, languages.message), "sent": sent}


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


def _without(ledger: Ledger, languages: tuple[str, ...]) -> dict[str, Any]:
    read = {_main(tag) for tag in languages}
    theirs = pd.Categorical(ledger.people["language"])
    by_language = {}
    for code, tag in enumerate(theirs.categories):
        if _main(str(tag)) not in read:
            found = _reached_of(ledger, theirs.codes == code)
            if found["in_area"]:
                by_language[str(tag)] = {"people": found["in_area"], "reached": found["people"]}
    people = sum(row["people"] for row in by_language.values())
    return {
        "languages": list(languages),
        "people": people,
        "share": float(share(people, int(weights(ledger)[in_area(ledger)].sum()))),
        "reached": sum(row["reached"] for row in by_language.values()),
        "by_language": by_language,
    }


def _reached_of(ledger: Ledger, who: NDArray[np.bool_]) -> dict[str, Any]:
    weight, inside = weights(ledger), in_area(ledger) & who
    whole = int(weight[inside].sum())
    reached = int(weight[inside & (ledger.cause == REACHED)].sum())
    return {"in_area": whole, "people": reached, "share": float(share(reached, whole))}


def _youngest(band: str) -> int:
    """The age at which a group begins: 18 of "18-34", 75 of "75+"."""
    found = re.match(r"\d+", band)
    if found is None:
        raise ValueError(f"{band!r} is no group of ages")
    return int(found[0])


def _main(tag: str) -> str:
    """The language of a tag, without its country or script."""
    return re.split("[-_]", tag)[0].casefold()
