"""From shown to acted: how many people are left at each stage, and from whom they first knew."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.ledger import Ledger
from ewsim.metrics.protection.warned import arrival_us
from ewsim.metrics.reach import curve_of, in_area, moments, share, time_to_share, weights
from ewsim.units import NEVER

#: Shares of everybody in the area whose time is given for each stage.
SHARES = (0.5, 0.9)


def _stages_us(ledger: Ledger) -> dict[str, NDArray[np.int64]]:
    """When each person came to each stage [us], NEVER where not; displayed alone without the response."""
    did = ledger.response
    times = {"displayed": ledger.reached_us}
    if did is not None:
        times |= {"noticed": did.noticed_us, "understood": did.understood_us, "acted": did.acted_us}
    return times


def response_stages(ledger: Ledger) -> dict[str, Any] | None:
    """The key `protection.funnel`: people of the area at each stage; None without the response layer.

    Returns
    -------
    dict
        `stages`: by name `people`, `share` (of everybody in the area), `time_to_share_s`. `first_source`:
        people by where they first knew it from. `informal_share`: of those who noticed, those who heard
        by a person first. `acted_before_hazard`: people whom a hazard reaches and who had acted before, and
        their share of all it reaches; None without a hazard.

    Notes
    -----
    A stage may have more people than the one before: somebody who heard of it was shown nothing.
    """
    counts = response_counts(ledger)
    whole = int(weights(ledger)[in_area(ledger)].sum())
    return None if counts is None else response_of(counts, whole)


def response_counts(ledger: Ledger) -> dict[str, Any] | None:
    """The counts of `response_stages`; None without the response layer."""
    did = ledger.response
    if did is None:
        return None
    inside, weight = in_area(ledger), weights(ledger)
    origin = did.noticed_from[inside]
    by_source = np.bincount(
        origin[origin >= 0], weights=weight[inside][origin >= 0], minlength=len(did.sources)
    ).astype(np.int64)
    stages = _stages_us(ledger)
    return {
        "stages": {name: moments(times[inside], weight[inside]) for name, times in stages.items()},
        "first": dict(zip(did.sources, by_source.tolist(), strict=True)),
        "acted": _acted_counts(ledger),
    }


def response_of(counts: Mapping[str, Any], whole: int) -> dict[str, Any]:
    """What `response_stages` says, from `response_counts`, of so many people in the area."""
    stages = {}
    for name, reached in counts["stages"].items():
        found = curve_of(reached, whole)
        people = int(found.people[-1]) if found.people.size else 0
        times = {f"{s:g}": time_to_share(found, s) for s in SHARES}
        stages[name] = {
            "people": people,
            "share": float(share(people, found.whole)),
            "time_to_share_s": times,
        }
    first = counts["first"]
    return {
        "stages": stages,
        "first_source": first,
        "informal_share": float(share(first.get("word_of_mouth", 0), sum(first.values()))),
        "acted_before_hazard": acted_before(counts),
    }


def acted_before(counts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """People whom a hazard reaches and who had acted before; None without a hazard or the response."""
    acted = None if counts is None else counts["acted"]
    return acted and {"people": acted["people"], "share": float(share(acted["people"], acted["hit"]))}


def _acted_counts(ledger: Ledger) -> dict[str, int] | None:
    arrives, weight, did = arrival_us(ledger), weights(ledger), ledger.response
    hit = arrives < NEVER
    if did is None or not hit.any():
        return None
    people = int(weight[hit & (did.acted_us < arrives)].sum())
    return {"people": people, "hit": int(weight[hit].sum())}
