"""The one document that says how a run went; its keys are a promise (`ewsim.run/1`)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ewsim.ledger import Ledger
from ewsim.metrics.accuracy import false_alerts, false_counts, fit_counts, fit_of
from ewsim.metrics.causes import cause_counts, causes_table
from ewsim.metrics.combination import repeat_counts, set_counts, together_of
from ewsim.metrics.denominators import Languages, not_reading_of, owners_of, phone_age_of
from ewsim.metrics.infrastructure import fuel_burnt
from ewsim.metrics.latency import latencies, latency_of, lead_counts, lead_times_of
from ewsim.metrics.protection.connectivity import camped_counts
from ewsim.metrics.protection.document import protection_of
from ewsim.metrics.protection.funnel import response_counts
from ewsim.metrics.protection.warned import warned_counts
from ewsim.metrics.reach import (
    GROUPS,
    Groups,
    curve_of,
    group_counts,
    group_table,
    reach_moments,
    share,
    time_to_share,
    weights,
)

FORMAT = "ewsim.run/1"

#: Shares of everyone in the area whose time is given.
SHARES = (0.5, 0.9, 0.95)


def counts_of(ledger: Ledger) -> dict[str, Any]:
    """All that the document of a run counts about people.

    Those of several parts of the people become those of all with `ewsim.metrics.reach.merged`, exactly.
    """
    weight = weights(ledger)
    with_phone = (ledger.people["operator"] != "none").to_numpy(bool)
    return {
        "population": int(weight.sum()),
        "handsets": int(weight[with_phone].sum()),
        "fit": fit_counts(ledger),
        "causes": cause_counts(ledger),
        "moments": reach_moments(ledger),
        # the same as the moments by any channel where all are there from the beginning
        "latencies": latencies(ledger) if "arrived_s" in ledger.people else None,
        "groups": {column: group_counts(ledger, column) for column in GROUPS},
        "sets": set_counts(ledger),
        "hazard": lead_counts(ledger),
        "false": false_counts(ledger),
        "response": response_counts(ledger),
        "warned": warned_counts(ledger),
        "repeats": repeat_counts(ledger),
        "camped": camped_counts(ledger),
    }


def summarise(
    counts: Mapping[str, Any],
    events: pd.DataFrame,
    *,
    scenario: str,
    seed: int,
    version: str,
    arm: str | None = None,
    cell_count: int,
    horizon_s: float,
    own_phone_age_years: int = 10,
    languages: Languages | None = None,
    not_modelled: Sequence[str] = (),
) -> dict[str, Any]:
    """The document of `ewsim run --json` without what the run took and wrote.

    Counts are people, shares are of `in_area`.

    Parameters
    ----------
    counts
        What `counts_of` gives.
    events
        The events table.
    scenario, seed, version, arm
        What ran: the scenario's name, the seed, the version of ewsim, and the arm.
    cell_count
        Number of cells of the network.
    horizon_s
        The end of the run [s].
    own_phone_age_years
        The age from which `reach.of_phone_age` counts people [years].
    languages
        The languages of the message, for `not_reading`; None where it is not known what people read.
    not_modelled
        Columns of `GROUPS` whose groups the run treats alike: they have people and no reach.
    """
    fit = fit_of(counts["fit"])
    missed = causes_table(counts["causes"])
    any_channel, *channels = (
        (name, curve_of(found, fit.in_area)) for name, found in counts["moments"].items()
    )
    reached, groups, hazard, false = any_channel[1], counts["groups"], counts["hazard"], counts["false"]
    latency = counts["moments"][any_channel[0]] if counts["latencies"] is None else counts["latencies"]
    overall = float(share(fit.displayed_inside, fit.in_area))
    return {
        "format": FORMAT,
        "scenario": scenario,
        "seed": seed,
        "version": version,
        "population": counts["population"],
        "handsets": counts["handsets"],
        "in_area": fit.in_area,
        "reach": {
            "people": fit.displayed_inside,
            "share": overall,
            "by_channel": {
                name: float(share(int(c.people[-1]) if c.people.size else 0, c.whole)) for name, c in channels
            },
            "of_phone_age": phone_age_of(groups["age_band"], own_phone_age_years),
            "of_owners": owners_of(groups["operator"]),
            "by_group": {
                column: _groups(groups[column], overall, column not in not_modelled) for column in GROUPS
            },
        },
        "not_reading": not_reading_of(groups["language"], fit.in_area, languages),
        "combination": together_of(counts["sets"], [name for name, _ in channels]),
        "time_to_share_s": {f"{s:g}": time_to_share(reached, s) for s in SHARES},
        "latency_s": latency_of(latency),
        "accuracy": {
            "undershoot_share": fit.undershoot_share,
            "overshoot_share": fit.overshoot_share,
            "recall_share": fit.recall_share,
            "overshoot_p50_m": fit.overshoot_p50_m,
            "overshoot_p95_m": fit.overshoot_p95_m,
        },
        "causes": dict(zip(missed["cause"], missed["people"].tolist(), strict=True)),
        **({} if hazard is None else {"hazard": lead_times_of(hazard)}),
        **({} if false is None else {"false_alerts": false_alerts(false)}),
        **({} if (fuel := fuel_burnt(events)) is None else {"fuel": fuel}),
        "arm": arm,
        "protection": protection_of(
            counts, fit, events, cell_count=cell_count, horizon_s=horizon_s, not_modelled=not_modelled
        ),
    }


def _groups(groups: Groups, overall: float, modelled: bool) -> dict[str, dict[str, Any]]:
    table = group_table(groups, overall, modelled=modelled)
    known = {name: table[name].astype(object).where(table[name].notna(), None) for name in _KNOWN}
    rows = table[["people", "suppressed", "modelled"]].assign(**known).to_dict("records")
    return {str(group): row for group, row in zip(table["group"], rows, strict=True)}  # type: ignore[misc]


#: Columns of groups that may be unknown.
_KNOWN = ("reached", "share", "gap_ratio")
